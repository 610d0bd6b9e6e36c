"""A realistic report for tests: the 66 bodies of the first case, with made-up model results."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

from exeunt.answers import Message
from exeunt.consequence.revenue import Paid
from exeunt.consequence.summary import KeyFigure
from exeunt.record.exits import OUTCOMES
from exeunt.report.data import (
    _ActRow as ActRow,
)
from exeunt.report.data import (
    _BodyHazard as BodyHazard,
)
from exeunt.report.data import (
    _BodyRow as BodyRow,
)
from exeunt.report.data import (
    _ClockRow as ClockRow,
)
from exeunt.report.data import (
    _Factor as Factor,
)
from exeunt.report.data import (
    _Follows as Follows,
)
from exeunt.report.data import (
    _Next as Next,
)
from exeunt.report.data import (
    _ReportData as ReportData,
)
from exeunt.report.data import (
    _SourceRow as SourceRow,
)
from exeunt.report.data import (
    _TermEstimate as TermEstimate,
)
from exeunt.report.data import (
    _Why as Why,
)
from exeunt.report.data import (
    _YearBand as YearBand,
)
from exeunt.report.summaries import _compared as compared
from exeunt.report.summaries import _fed_back as fed_back
from exeunt.report.summaries import _futures as futures
from exeunt.report.summaries import argued, arguments

CURATED = Path(__file__).resolve().parents[1] / "data" / "curated"
COVERED = ("colombo_plan", "iccrom", "icac_cotton", "ilzsg", "irena", "itto", "paigh")
CLAIMS = (
    (
        "Constraint",
        "States leave bodies that bind them away from what they want, the more so the stronger they are.",
    ),
    ("Decline", "States leave as their relative capability and standing fall."),
    ("Diffusion", "States leave because others left."),
)
HOSTILE = '<script>alert("x")</script>&"\'{{ 7 * 7 }}'
LONG = "Extraordinarily-long-name-without-a-single-break-" * 6


def _read(name: str) -> list[dict[str, str]]:
    with (CURATED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _bodies() -> tuple[BodyRow, ...]:
    known = {row["body"]: row for row in _read("bodies")}
    rows = []
    for row in _read("case_bodies"):
        body, what = known[row["body"]], row["what"]
        member = what in ("membership", "treaty")
        rows.append(
            BodyRow(
                key=row["body"],
                number=row["id"],
                listed=row["list"],
                name_en=body["name_en"],
                name_zh=body["name_zh"] or None,
                kind=body["kind"],
                what=what,
                status="member_announced_only" if member else "no_membership",
                since="2026-01-07" if member else None,
                until=None,
                rule=Message(code="rule.announced", values={"day": "2026-01-07"})
                if member
                else Message(code="rule.no_membership", values={"what": what}),
                contested=False,
                announced="2026-01-07",
                notified=None,
                effective=None,
                sources=tuple(row["sources"].split()),
            )
        )
    return tuple(rows)


def _factors(i: int) -> tuple[Factor, ...]:
    shift = 0.12 * math.sin(1.7 * i)
    return (
        Factor("Constraint", 2.41 + shift, 1.32 + shift / 2, 4.4 + 2 * shift),
        Factor("Decline", 1.08 + shift / 3, 0.71, 1.66 + shift),
        Factor("Diffusion", 0.94 - shift / 3, 0.58, 1.51),
        Factor("common", 0.83 + shift / 3, 0.69, 0.99 + shift / 3),
        Factor("state", 1.52, 0.61, 3.68),
    )


def _why(bodies: tuple[BodyRow, ...]) -> Why:
    covered = tuple(
        BodyHazard(
            key,
            2014,
            0.0041 + 0.0006 * i,
            0.0018,
            0.0094 + 0.001 * i,
            0.0021,
            _factors(i),
            2 if i == 3 else i % 2,
        )
        for i, key in enumerate(COVERED)
    )
    missing = tuple(
        (b.key, b.what if b.what not in ("membership", "treaty") else "not_in_coded_data")
        for b in bodies
        if b.key not in COVERED
    )
    return Why(
        outcome="cleaned",
        first_year=1946,
        last_year=2013,
        rows=384_211,
        events=666,
        rows_dropped=(
            (Message(code="dropped.seam"), 5_120),
            (Message(code="dropped.span", values={"term": "capability"}), 9_433),
            (Message(code="dropped.state", values={"term": "distance"}), 21_804),
        ),
        criterion="laplace",
        fit_status="ok",
        claims=CLAIMS,
        terms=(
            TermEstimate("distance", "Constraint", 0.214, 0.081, 0.347),
            TermEstimate("capability", "Constraint", 0.102, -0.061, 0.265),
            TermEstimate("distance_x_capability", "Constraint", 0.076, -0.012, 0.164),
            TermEstimate("capability_change10", "Decline", -0.031, -0.118, 0.056),
            TermEstimate("exits_from_body3", "Diffusion", 0.052, -0.071, 0.175),
            TermEstimate("own_exits3", "Diffusion", -0.018, -0.126, 0.09),
            TermEstimate("log_tenure", "common", -0.412, -0.533, -0.291),
            TermEstimate("log_size", "common", -0.187, -0.301, -0.073),
        ),
        standard_deviations=(("state", 0.74), ("body", 1.31), ("year", 0.52)),
        calibration=(
            ("total", 666.0, 608.0, 741.0),
            ("largest_state_year", 7.0, 3.0, 9.0),
            ("largest_body_year", 11.0, 4.0, 14.0),
        ),
        covered=covered,
        not_covered=missing,
        summary=_factors(0),
    )


def _next() -> Next:
    observed = [YearBand(y, v, v, v, True) for y, v in ((y, float(9 + (y * 7) % 13)) for y in range(1985, 2015))]
    drawn = [YearBand(y, 11.0 + 0.1 * i, 4.0, 23.0 + 0.4 * i, False) for i, y in enumerate(range(2015, 2036))]
    joins = [YearBand(y, 61.0, 42.0, 88.5, False) for y in range(2015, 2036)]
    return Next(
        worlds=1000,
        years=21,
        seed=20260107,
        start_year=2014,
        exits=(*observed, *drawn),
        joins=tuple(joins),
        total_exits=(148.0, 252.0, 417.0),
        total_joins=(980.0, 1284.0, 1702.0),
        cells=14_206,
        cells_carried_forward=1_311,
        join_training=(4_702.0, 4_655.0),
    )


def _acts(bodies: tuple[BodyRow, ...]) -> tuple[ActRow, ...]:
    """One announcement a body, one for the list, and a chain with every mark on the first."""
    rows = [ActRow("0", "USA", None, "announced", "2026-01-07", "state", False, None, "high", (), 2026.016, 2026.019)]
    rows += [
        ActRow(str(n), "USA", b.key, "announced", "2026-01-07", "state", False, None, "high", b.sources, 2026.016, 2026.019)
        for n, b in enumerate(bodies, 1)
    ]  # fmt: skip
    key, source = bodies[0].key, bodies[0].sources[:1]
    for act, date, contested, start, end in (
        ("notified", "2026-03", False, 2026.164, 2026.249), ("effective_claimed", "2026-05-01", True, 2026.329, 2026.332),
        ("organ_position", "2026-05-04", False, 2026.337, 2026.34), ("notice_rescinded", "2026-07/", False, 2026.496, 2026.6),
        ("rejoined", "2026-09-01", False, 2026.666, 2026.668), ("review_ordered", "2025", False, 2025.0, 2026.0),
    ):  # fmt: skip
        rows.append(ActRow("1", "USA", key, act, date, "organization", contested, None, "medium", source, start, end))
    return tuple(rows)


CLOCKS = (
    ClockRow("USA", "unfccc", "25", "UNFCCC", False, "P1Y", "2026-01-07", False, "2027-01-07", None, ("paris",), None, None,
             "clause_text", ()),
    ClockRow("USA", "irena", None, "IRENA", True, None, None, False, None, None, (), None, None, None, ()),
)  # fmt: skip


FOLLOWS = Follows(
    figures=(
        KeyFigure(question="money", what=Message(code="figure.bodies", values={"status": "figures"}), value=2, unit="bodies",
                  command="exeunt money usa-2026-01"),
        KeyFigure(question="money", what=Message(code="figure.bodies", values={"status": "regular_budget"}), value=14,
                  unit="bodies", command="exeunt money usa-2026-01"),
        KeyFigure(question="money", what=Message(code="figure.gap", values={"ledger": "voluntary"}), value=1.488e8, low=0.0,
                  high=4.649e8, unit="USD", command="exeunt money usa-2026-01 --view refill"),
    ),
    gaps=(
        {"body": "unfpa", "state": "USA", "ledger": "voluntary", "currency": "USD", "year": 2026, "amount": 1.488e8, "low": 0.0,
         "high": 4.649e8},
        {"body": "unfccc", "state": "USA", "ledger": "assessed", "currency": "USD", "year": 2028, "amount": 8.05e6,
         "low": 4.97e6, "high": 1.113e7},
    ),
    owed=({"body": "unfccc", "state": "USA", "what": "owed", "year": 2026, "as_of": "2026-01-22", "amount": 3.4e6, "low": 3.4e6,
           "high": 3.4e6, "currency": "USD", "source": "https://example.org/owed"},),
    payers=({"rule": "pro_rata", "payer": "FRA", "body": "unfpa", "amount": 9.1e6, "low": 0.0, "high": 2.8e7, "currency": "USD",
             "rise": 0.41},),
    rates=(
        {"definition": "main", "years": 3, "events": 119, "rate": 0.89, "low": 0.82, "high": 0.94, "without_a_fall_rate": 0.81},
        {"definition": "assessed", "years": 3, "events": 14, "rate": 0.29, "low": 0.12, "high": 0.55,
         "without_a_fall_rate": None},
    ),
    areas=({"area": "climate", "bodies": 6, "left": 1, "mean_before": 0.41, "mean_now": 0.41, "mean_after": 0.409,
            "leaver_before": 3, "leaver_after": 2},),
    covered={"with_area": 158, "bodies": 309},
    standing=({"state": "USA", "measure": "bodies", "when": "after", "value": 80.0, "rank": 35, "of": 195},),
    ends=({"body": "unfccc", "kind": "protocol", "what": "kyoto", "states": [], "number": None},
          {"body": "unfpa", "kind": "only_seat", "what": "health", "states": ["FRA"], "number": 1}),
    names=(("FRA", "France", "法國"),),
    things=(("kyoto", "Kyoto Protocol", "京都議定書"),),
)  # fmt: skip


def sample() -> ReportData:
    """Build the plain case: everything announced, nothing notified."""
    bodies = _bodies()
    case = _read("cases")[0] if (CURATED / "cases.csv").exists() else {}
    return ReportData(
        case="usa-2026-01",
        title_en="United States, memorandum of 7 January 2026: 66 bodies",
        title_zh="美國，2026年1月7日備忘錄：66個機構",
        state="USA",
        state_name_en="United States",
        state_name_zh="美國",
        case_day="2026-01-07",
        listed_un=31,
        listed_other=35,
        note=case.get("note") or None,
        note_zh=case.get("note_zh") or None,
        case_sources=tuple(case.get("sources", "").split()),
        as_of="2026-11-23",
        closing_day="2026-11-23",
        beyond_record=False,
        record_version="2026.11.23+06e77470",
        code_version="0.1.0",
        seed=20260107,
        bodies=bodies,
        why=_why(bodies),
        next=_next(),
        sources=(
            SourceRow(
                "cow_igo",
                "Intergovernmental Organizations data",
                "Correlates of War Project",
                "3.0",
                "free for academic use with citation",
                "ship_derived",
                'Pevehouse, Nordstrom, McManus and Jamison. 2020. "Tracking Organizations in the World." '
                "Journal of Peace Research 57(3): 492-503.",
                "https://correlatesofwar.org/data-sets/IGOs/",
            ),
            SourceRow(
                "exeunt_curated",
                "Curated facts on joining and leaving international bodies",
                "The exeunt contributors",
                "2026-11-23",
                "CC BY 4.0",
                "ship",
                "The exeunt contributors. 2026. Curated facts on joining and leaving international bodies.",
                "",
            ),
        ),
        states=(("USA", "United States", "美國"),),
        span=("2026-01-07", None),
        acts=_acts(bodies),
        clocks=CLOCKS,
        compared=compared(),
        follows=FOLLOWS,
        fed_back=fed_back(),
        futures=futures(),
        argued=argued("usa-2026-01"),
        arguments=arguments(),
    )


def single() -> ReportData:
    """Build the report on one exit that was followed by a return, of a thin record."""
    data = sample()
    row = replace(
        data.bodies[1], number="1", listed="", what="membership", status="member", since="2003-10-01",
        rule=Message(code="rule.rejoined", values={"day": "2003-10-01"}), announced=None,
        notified="1983-12-28", effective="1984-12-31", state="USA", state_en="United States",
        state_zh="美國", outcome="left", back="2003-10-01", confidence="medium", positions=1,
    )  # fmt: skip
    acts = tuple(
        ActRow("1", "USA", row.key, act, date, "state", False, None, "medium", row.sources[:1], at, at + 0.003)
        for act, date, at in (("notified", "1983-12-28", 1983.99), ("effective", "1984-12-31", 1984.997),
                              ("rejoined", "2003-10-01", 2003.748))
    )  # fmt: skip
    why = replace(data.why, covered=data.why.covered[:1], not_covered=())
    return replace(data, case="usa-colombo-1984", listed_un=0, listed_other=0, bodies=(row,), acts=acts, why=why,
                   clocks=(replace(CLOCKS[0], body=row.key, notice_established=True),), note=None, argued=None,
                   follows=replace(FOLLOWS, gaps=(), owed=(), payers=()))  # fmt: skip


def page() -> ReportData:
    """Build the page of a body that several states set out to leave, with every outcome."""
    data = sample()
    states = (("USA", "United States", "美國"), ("FRA", "France", "法國"), ("IDN", "Indonesia", "印尼"))
    rows = tuple(
        replace(
            data.bodies[1], number=str(n), listed="", what="membership", state=states[n % 3][0], state_en=states[n % 3][1],
            state_zh=states[n % 3][2], outcome=outcome, announced=f"{1960 + n}", effective=f"{1961 + n}-06-30",
        )
        for n, outcome in enumerate(OUTCOMES, 1)
    )  # fmt: skip
    acts = tuple(
        ActRow(str(n), row.state, row.key, "announced", f"{1960 + n}", "state", False, None, "low", row.sources[:1], 1960.0 + n,
               1961.0 + n)
        for n, row in enumerate(rows, 1)
    )  # fmt: skip
    covered = tuple(replace(data.why.covered[0], key=f"{code}:{rows[0].key}") for code, _, _ in states)
    names = tuple((f"{code}:{rows[0].key}", english, chinese) for code, english, chinese in states)
    why = replace(data.why, covered=covered, not_covered=(), summary=())
    return replace(data, case="body-colombo_plan", kind="body", listed_un=0, listed_other=0, bodies=rows, acts=acts,
                   states=states, names=names, why=why, note=None, follows=None, argued=None, paid=PAID,
                   called=(("colombo_plan", "Colombo Plan", None), *states))  # fmt: skip


PAID = Paid(
    years=tuple(
        {"year": year, "assessed": 2.5e6, "core": 0.0, "earmarked": 1234.0, "parties": 40, "largest": "USA",
         "largest_amount": 5e5, "share": 0.2, "dues": True, "sources": ["https://example.org/1", "no address"]}
        for year in (2023, 2024)
    ),
    latest=tuple(
        {"key": "USA" if n == 0 else f"S{n:02}", "year": 2024, "assessed": 5e5 / (n + 1), "share": 0.2 / (n + 1), "core": 0.0,
         "earmarked": 0.0}
        for n in range(40)
    ),
    scale=({"first_year": 1946, "last_year": 1949, "rate_pct": 39.89}, {"first_year": 2025, "last_year": 2027,
                                                                        "rate_pct": 22.0}),
    others=({"body": "colombo_plan", "state": "USA", "year": 2025, "period": None, "as_of": "2025-07", "ledger": "owed",
             "amount": 600000.0, "currency": "USD", "sources": ["https://example.org/2"]},),
)  # fmt: skip


def refused() -> ReportData:
    """Build a report whose fit may not feed a simulation."""
    data = sample()
    empty = replace(
        data.next,
        worlds=0,
        exits=(),
        joins=(),
        total_exits=(0.0, 0.0, 0.0),
        total_joins=(0.0, 0.0, 0.0),
        cells=0,
        cells_carried_forward=0,
        refused="not_calibrated",
    )
    return replace(data, next=empty, why=replace(data.why, fit_status="not_calibrated"))


def beyond() -> ReportData:
    """Build a report asked for a day after the record closed."""
    return replace(sample(), as_of="2027-06-01", beyond_record=True)


def mixed() -> ReportData:
    """Build a report with every step: announced, notified, effective, contested, imprecise dates."""
    data = sample()
    changed = {
        "unfccc": {
            "status": "member_notice_running",
            "notified": "2026-02-27",
            "until": "2027-02-27",
            "rule": Message(code="rule.notified", values={"day": "2026-02-27"}),
        },
        "irena": {
            "status": "not_member",
            "notified": "2026-01",
            "effective": "2026-06-30",
            "rule": Message(code="rule.effect", values={"day": "2026-06-30"}),
            "since": "2026-06-30",
        },
        "iucn": {
            "status": "left_claimed_disputed",
            "effective": "2026-03",
            "contested": True,
            "rule": Message(code="rule.effect_claimed", values={"by": "state", "day": "2026-03"}),
            "since": "2026-03",
        },
        "idlo": {"effective": "2026-12-31"},
        "paigh": {"announced": "2025/2026", "earlier": Message(code="rule.notified", values={"day": "1950"})},
    }
    bodies = tuple(replace(body, **changed.get(body.key, {})) for body in data.bodies)
    return replace(data, bodies=bodies)


def hostile() -> ReportData:
    """Build a report with markup, formulas and endless words where names belong."""
    data = sample()
    first, second, third, *others = data.bodies
    bodies = (
        replace(first, name_en=HOSTILE, name_zh=None, sources=("javascript:alert(1)", "https://a.example/?q=<b>")),
        replace(second, name_en=LONG, name_zh="名" * 220),
        replace(third, name_en="=HYPERLINK(1)", name_zh=""),
        *others,
    )
    source = replace(data.sources[0], title=HOSTILE, citation="{" + HOSTILE + "}", url="javascript:alert(1)")
    why = replace(data.why, outcome=HOSTILE, fit_status=HOSTILE)
    return replace(data, bodies=bodies, title_en=HOSTILE, title_zh=HOSTILE, note=HOSTILE, sources=(source,), why=why)


def uncovered() -> ReportData:
    """Build a report on a case of which the model covers nothing, and no explanation is settled."""
    data = sample()
    keys = tuple((body.key, "not_in_coded_data") for body in data.bodies)
    return replace(data, why=replace(data.why, covered=(), summary=(), not_covered=keys))


VARIANTS = {
    "sample": sample,
    "refused": refused,
    "beyond": beyond,
    "mixed": mixed,
    "hostile": hostile,
    "uncovered": uncovered,
    "single": single,
    "page": page,
}
