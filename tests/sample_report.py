"""A realistic report for tests: the 66 bodies of the first case, with made-up model results."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

from exeunt.report.data import (
    BodyHazard,
    BodyRow,
    Factor,
    Next,
    ReportData,
    SourceRow,
    TermEstimate,
    Why,
    YearBand,
)

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
    known = {row["key"]: row for row in _read("bodies")}
    rows = []
    for row in _read("case_bodies"):
        body, what = known[row["key"]], row["leaveable_for_usa"]
        member = what in ("membership", "treaty")
        rows.append(
            BodyRow(
                key=row["key"],
                number=row["id"],
                listed="listed_other" if row["list"] == "2(a)" else "listed_un",
                name_en=body["name_en"],
                name_zh=body["name_zh"] or None,
                kind=body["kind"],
                what=what,
                status="member_announced_only" if member else "no_membership",
                since="2026-01-07" if member else None,
                until=None,
                rule="announced on 2026-01-07, no notice established"
                if member
                else f"there is no membership here to end: {what}",
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
        rows_dropped=(("seam of 1965", 5_120), ("no capability", 9_433), ("no distance", 21_804)),
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
    )


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
    data = sample()
    tail = "; the record closes on 2026-11-23, later days are not known"
    bodies = tuple(replace(body, rule=body.rule + tail) for body in data.bodies)
    return replace(data, as_of="2027-06-01", beyond_record=True, bodies=bodies)


def mixed() -> ReportData:
    """Build a report with every step: announced, notified, effective, contested, imprecise dates."""
    data = sample()
    changed = {
        "unfccc": {
            "status": "member_notice_running",
            "notified": "2026-02-27",
            "until": "2027-02-27",
            "rule": "notice given on 2026-02-27",
        },
        "irena": {
            "status": "not_member",
            "notified": "2026-01",
            "effective": "2026-06-30",
            "rule": "took effect on 2026-06-30",
            "since": "2026-06-30",
        },
        "iucn": {
            "status": "left_claimed_disputed",
            "effective": "2026-03",
            "contested": True,
            "rule": "claimed by the state to have taken effect on 2026-03",
            "since": "2026-03",
        },
        "idlo": {"effective": "2026-12-31"},
        "paigh": {"announced": "2025/2026", "rule": "a wording that nobody foresaw"},
    }
    bodies = tuple(replace(body, **changed.get(body.key, {})) for body in data.bodies)
    return replace(data, bodies=bodies)


def hostile() -> ReportData:
    """Build a report with markup, formulas and endless words where names belong."""
    data = sample()
    first, second, third, *others = data.bodies
    bodies = (
        replace(first, name_en=HOSTILE, name_zh=None, sources=("javascript:alert(1)", "https://a.example/?q=<b>")),
        replace(second, name_en=LONG, name_zh="名" * 220, rule=HOSTILE),
        replace(third, name_en="=HYPERLINK(1)", name_zh=""),
        *others,
    )
    source = replace(data.sources[0], title=HOSTILE, citation="{" + HOSTILE + "}", url="javascript:alert(1)")
    why = replace(data.why, outcome=HOSTILE, fit_status=HOSTILE, rows_dropped=((HOSTILE, 3),))
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
}
