"""The summary that `exeunt report` prints: at most 25 lines, each number with what it covers."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from pathlib import Path

from exeunt.report.data import Factor, ReportData

LONGEST = 25
TO_END = ("membership", "treaty")


def text(data: ReportData, path: Path) -> str:
    """The summary as text."""
    lines = [f"{data.title_en}, as of {data.as_of} (the record closes on {data.closing_day})"]
    if data.beyond_record:
        lines.append("  The day lies after the closing day: what happened in between is not known here.")
    kinds = Counter(b.what for b in data.bodies)
    to_end = sum(kinds[k] for k in TO_END)
    lines += [
        f"  listed: {len(data.bodies)} bodies ({data.listed_other} outside the United Nations, {data.listed_un} in it, "
        "as the list counts them)",
        f"  to leave: {to_end} ({kinds['membership']} memberships, {kinds['treaty']} treaties); taking part only "
        f"{kinds['participation_only']}, paying only {kinds['funding_only']}, nothing to leave {kinds['nothing_to_leave']}",
        _acts(data),
    ]
    why = data.why
    left = sum(1 for b in data.bodies if b.what in TO_END)
    lines.append(
        f"why: the model covers {len(why.covered)} of the {left} that can be left, of {len(data.bodies)} listed; the "
        "others have no coded membership rows or no membership"
    )
    lines.append(
        f"  outcome {why.outcome}, {why.first_year}-{why.last_year}, {why.rows:,} membership-years, {why.events} exits; "
        f"fit: {why.fit_status} ({why.criterion})"
    )
    for factor in why.summary:
        lines.append(f"  {factor.explanation:<11}{_factor(factor)}")
    if why.covered:
        oldest = max(b.oldest_covariate_years for b in why.covered)
        lines.append(
            "  factors on the yearly hazard against the median member of the same bodies, 95 % intervals; covariates up to "
            f"{oldest} years old"
        )
    for explanation, _ in why.claims:
        ratios = [
            f"{t.term} × {math.exp(t.estimate):.2f} ({math.exp(t.low):.2f} to {math.exp(t.high):.2f})"
            for t in why.terms
            if t.explanation == explanation
        ]
        lines.append(f"  all members, {explanation}: {', '.join(ratios)} per standard deviation")
    ahead = data.next
    if ahead.refused:
        lines.append(f"next: nothing simulated; {ahead.refused}")
    else:
        low, median, high = ahead.total_exits
        first, last = ahead.start_year + 1, ahead.start_year + ahead.years
        lines += [
            f"next: {median:.0f} exits expected worldwide in {first}-{last} (95 % of {ahead.worlds} worlds: {low:.0f} to "
            f"{high:.0f}), if the model is right",
            f"  joins {ahead.total_joins[1]:.0f} ({ahead.total_joins[0]:.0f} to {ahead.total_joins[2]:.0f}); "
            f"{ahead.cells_carried_forward:,} of {ahead.cells:,} memberships at the start are carried forward",
        ]
    lines.append(f"report: {path}")
    return "\n".join(lines[:LONGEST])


def _acts(data: ReportData) -> str:
    statuses = Counter(b.status for b in data.bodies)
    disputed = sum(1 for b in data.bodies if b.contested)
    announced = [b for b in data.bodies if b.announced is not None]
    of_these = sum(1 for b in announced if b.what in TO_END)
    notified = sum(b.notified is not None for b in data.bodies)
    effective = sum(b.effective is not None for b in data.bodies)
    return (
        f"  on the day: announced {len(announced)} ({of_these} of a membership or treaty), notified {notified}, "
        f"effective {effective}; still a member with leaving announced {statuses['member_announced_only']}, notice "
        f"running {statuses['member_notice_running']}; contested {disputed}"
    )


def _factor(factor: Factor) -> str:
    if factor.no_difference:
        return f"× {factor.factor:.2f}  the state does not differ from the median member here"
    settled = "" if factor.low > 1 or factor.high < 1 else "  not settled: the interval holds 1"
    return f"× {factor.factor:.2f}  ({factor.low:.2f} to {factor.high:.2f}){settled}"


def print_json(data: ReportData, path: Path, lang: str, seconds: float, size: int) -> None:
    """Print the object that `docs/design.md` promises for `report`."""
    payload = {
        "path": str(path),
        "case": data.case,
        "lang": lang,
        "as_of": data.as_of,
        "seconds": round(seconds, 2),
        "bytes": size,
    }
    sys.stdout.write(json.dumps(payload, ensure_ascii=False) + "\n")
