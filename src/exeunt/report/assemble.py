"""Record, fits and worlds → the plain values of a report. Every number is computed in the rooms to the left."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

import exeunt
from exeunt.errors import FitError, UnknownNameError, UsageError
from exeunt.explain.attribute import Attribution, attribute, shared
from exeunt.explain.by_rival import Rivals, sentence
from exeunt.explain.cached import cached_fit
from exeunt.explain.explanations import EXPLANATIONS, RIVALS, owner
from exeunt.explain.fit import Fit, design
from exeunt.explain.hazard import EFFECTS, probabilities
from exeunt.panel.build import Covariates, Panel, covariates, exit_panel, join_panel
from exeunt.progress import Progress
from exeunt.record.cards import all_cards
from exeunt.record.cases import Case, case, statuses
from exeunt.record.identity import cow_of, state_codes
from exeunt.record.status import Act, Status
from exeunt.record.store import Record
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
)  # fmt: skip
from exeunt.simulate.dynamics import estimate
from exeunt.simulate.run import How, add_up
from exeunt.simulate.setting import Opened
from exeunt.simulate.tally import Histogram, Tally
from exeunt.simulate.world import start

OUTCOME = "cleaned"
WORLDS, YEARS = 1000, 10
FIRST_OBSERVED_YEAR = 1990
FIRST_EXPLAINED = 1948
"""First year whose covariates, a year and the longest notice before it, are in the cube."""
NOTHING = (0.0, 0.0, 0.0)
LEAVEABLE_MEMBERSHIP = ("membership", "treaty")
USED_SOURCES = (
    "exeunt_curated", "cow_igo", "cow_states", "unga_ideal", "cow_nmc", "vdem_simple", "wdi", "maddison", "mia",
    "unicode_cldr",
)  # fmt: skip


@dataclass(frozen=True)
class Models:
    """Everything estimated that reports share."""

    cov: Covariates
    exits: Panel
    exit_fit: Fit
    join_fit: Fit
    join_training: tuple[float, float]


def models(record: Record, progress: Progress, outcome: str = OUTCOME) -> Models:
    """Build the panels and fit both hazards, from the cache where they are there."""
    with progress.step("panel of memberships"):
        cov = covariates(record, outcome)
        exits = exit_panel(record, outcome, cov)
        joins = join_panel(record, outcome, cov)
    with progress.step("exit hazard", 40):
        exit_fit, _ = cached_fit(exits, record.version)
    with progress.step("join hazard", 25):
        join_fit, _ = cached_fit(joins, record.version)
    rows, _ = design(joins)
    expected = float(rows.weight @ probabilities(rows, join_fit.phi))
    return Models(cov, exits, exit_fit, join_fit, (expected, float(joins.event.sum())))


def assemble(
    record: Record, name: str, as_of: date | None, seed: int, progress: Progress, known_by: date | None = None
) -> ReportData:
    """Compute everything that the report on a case shows.

    Raises
    ------
    UnknownNameError, for an unknown case.
    """
    chosen = case(record, name)
    day = as_of or record.closing_day
    on_the_day = statuses(record, chosen, day, known_by)
    found = models(record, progress)
    why = explain(record, chosen, found, seed)
    ahead = look_ahead(record, found, seed, progress)
    state = chosen.states[0]
    english, chinese = record.state_names()[state]
    return ReportData(
        case=chosen.case,
        title_en=chosen.title_en,
        title_zh=chosen.title_zh,
        state=state,
        state_name_en=english,
        state_name_zh=chinese or english,
        case_day=chosen.valid_from,
        listed_un=chosen.listed("listed_un"),
        listed_other=chosen.listed("listed_other"),
        note=chosen.note,
        case_sources=chosen.sources,
        as_of=day.isoformat(),
        closing_day=record.closing_day.isoformat(),
        beyond_record=day > record.closing_day,
        record_version=record.version,
        code_version=exeunt.__version__,
        seed=seed,
        bodies=tuple(body_rows(record, chosen, on_the_day)),
        why=why,
        next=ahead,
        sources=tuple(source_rows()),
    )


def body_rows(record: Record, chosen: Case, on_the_day: list[Status]) -> list[BodyRow]:
    """One row a listed body, in the order of the list."""
    names = record.body_names()
    kinds = dict(record.table("bodies").select("body", "kind").iter_rows())

    def latest(acts: tuple[Act, ...], wanted: Callable[[Act], bool]) -> str | None:
        dates = [str(a.date) for a in acts if wanted(a)]
        return dates[-1] if dates else None

    rows = []
    for entry, s in zip(chosen.bodies.iter_rows(named=True), on_the_day, strict=True):
        recent = tuple(a for a in s.acts if str(a.date) >= chosen.valid_from[:4])
        english, chinese = names[entry["body"]]
        sources = dict.fromkeys((entry["sources"] or "").split())
        sources.update(dict.fromkeys(u for a in recent for u in a.sources))
        rows.append(
            BodyRow(
                key=entry["body"],
                number=entry["id"],
                listed=entry["list"],
                name_en=english,
                name_zh=chinese,
                kind=kinds[entry["body"]] or "other",
                what=s.leaveable,
                status=s.status,
                since=s.since,
                until=s.until,
                rule=s.rule,
                contested=s.contested,
                announced=latest(recent, lambda a: a.act == "announced"),
                notified=latest(recent, lambda a: a.act == "notified"),
                effective=latest(recent, lambda a: a.act in {"effective", "effective_claimed"}),
                sources=tuple(sources),
            )
        )
    return rows


def explain(record: Record, chosen: Case, found: Models, seed: int) -> Why:
    """The explanations of a case, for the bodies that have membership rows."""
    fitted = found.exit_fit
    year = int(chosen.valid_from[:4])
    cow = cow_of(state_codes(record.table("states")), chosen.states[0], year)
    covered: list[Attribution] = []
    missing: list[tuple[str, str]] = []
    for body, what in chosen.bodies.select("body", "what").iter_rows():
        if what not in LEAVEABLE_MEMBERSHIP:
            missing.append((body, what))
            continue
        answer = attribute(found.cov, fitted, cow or -1, body, year, seed)
        if isinstance(answer, str):
            missing.append((body, answer))
        else:
            covered.append(answer)
    tidy = fitted.tidy().filter(pl.col("effect") == "fixed")
    years = found.exits.cube.years[found.exits.year]
    check = fitted.calibration
    bounds: list[tuple[str, float, float, float]] = []
    if check:
        bounds.append(("total", check.total[0], check.predicted_total, check.predicted_total))
        bounds += [(n, *getattr(check, n)) for n in ("largest_state_year", "largest_body_year")]
    order = [e.name for e in EXPLANATIONS]
    return Why(
        outcome=fitted.outcome,
        first_year=int(years.min()),
        last_year=int(years.max()),
        rows=fitted.rows,
        events=fitted.events,
        rows_dropped=tuple(fitted.dropped.items()),
        criterion=fitted.criterion,
        fit_status=fitted.status,
        claims=tuple((e.name, e.claim) for e in EXPLANATIONS),
        terms=tuple(
            TermEstimate(r["term"], owner(r["term"]), r["estimate"], r["conf.low"], r["conf.high"])
            for r in tidy.iter_rows(named=True)
        ),
        standard_deviations=tuple(zip(EFFECTS, fitted.sd.tolist(), strict=True)),
        calibration=tuple(bounds),
        covered=tuple(
            BodyHazard(
                a.body,
                a.year,
                *a.hazard,
                a.typical[0],
                tuple(_factor(name, a.factors[name]) for name in (*order, "common", "state")),
                a.oldest_covariate_years,
            )
            for a in covered
        ),
        not_covered=tuple(missing),
        summary=tuple(_factor(n, v) for n, v in shared(covered, found.cov, fitted, seed).items() if n in order),
    )


def _factor(name: str, triple: tuple[float, float, float]) -> Factor:
    return Factor(name, *triple)


def look_ahead(record: Record, found: Models, seed: int, progress: Progress) -> Next:
    """Observed exits and joins by year, then those of the simulated worlds."""
    s = start(found.cov, YEARS)
    observed = {kind: _observed(found, kind) for kind in ("exit", "join")}
    plain = Next(
        worlds=WORLDS,
        years=YEARS,
        seed=seed,
        start_year=s.year - 1,
        exits=observed["exit"],
        joins=observed["join"],
        total_exits=NOTHING,
        total_joins=NOTHING,
        cells=int(s.members.sum()),
        cells_carried_forward=int(s.carried.sum()),
        join_training=found.join_training,
    )
    try:
        setting = Opened(
            s, found.exit_fit, found.join_fit, estimate(record, found.cov), found.cov, record.version
        ).setting(seed, rated=0)
        with progress.step(f"{WORLDS:,} worlds of {YEARS} years", 20):
            made = add_up(Tally(s), setting, WORLDS, How(workers=1), Progress(quiet=True))
    except FitError as error:
        return replace(plain, refused=str(error))
    return replace(
        plain,
        exits=plain.exits + _bands(made.by_year["exits"], s.year),
        joins=plain.joins + _bands(made.by_year["joins"], s.year),
        total_exits=made.totals["exits"].band(),
        total_joins=made.totals["joins"].band(),
    )


def _bands(of: Histogram, first: int) -> tuple[YearBand, ...]:
    out = []
    for k in range(of.columns):
        low, median, high = of.band(k)
        out.append(YearBand(first + k, median, low, high, False))
    return tuple(out)


def _observed(found: Models, kind: str) -> tuple[YearBand, ...]:
    """Counts of the coded years, exits by last year of membership and joins by last year outside."""
    c = found.cov.cube
    rows = range(c.index(FIRST_OBSERVED_YEAR), c.index(found.exits.cube.years[found.exits.year].max()) + 1)
    out = []
    for row in rows:
        if kind == "exit":
            n = float(found.cov.exits.exits[row].sum())
        else:
            n = float(((c.status[row] == 0) & (c.status[row + 1] == 1)).sum())
        out.append(YearBand(int(c.years[row]), n, n, n, True))
    return tuple(out)


def explained(
    record: Record, target: str, body: str | None, year: int | None, seed: int, progress: Progress
) -> list[dict[str, Any]]:
    """Rows of `exeunt explain`: one for each body of a case, or one for a state in a body.

    Raises
    ------
    UnknownNameError, for an unknown case, state or body; UsageError, for a year outside the record.
    """
    if body is None:
        chosen = _case_or_hint(record, target)
        state, when = chosen.states[0], year or int(chosen.valid_from[:4])
        bodies, name = chosen.bodies["body"].to_list(), chosen.case
    else:
        state, when, bodies, name = (
            record.state(target),
            year or record.closing_day.year,
            [record.body(body)],
            None,
        )
    if not FIRST_EXPLAINED <= when <= record.closing_day.year:
        raise UsageError(
            f"the year {when} is outside {FIRST_EXPLAINED}-{record.closing_day.year}; name a year in between."
        )
    found = models(record, progress)
    apart = Rivals(record, RIVALS, progress.say)
    fitted, c = found.exit_fit, found.cov.cube
    cow = cow_of(state_codes(record.table("states")), state, when)
    years = c.years[found.exits.year]
    rows: list[dict[str, Any]] = []
    covered: list[Attribution] = []
    for key in bodies:
        what = record.what_there_is_to_leave(state, key)
        answer = attribute(found.cov, fitted, cow or -1, key, when, seed) if what in LEAVEABLE_MEMBERSHIP else what
        row: dict[str, Any] = {
            "state": state, "body": key, "year": when, "case": name, "covered": not isinstance(answer, str),
            "reason": answer if isinstance(answer, str) else None, "outcome": fitted.outcome,
            "span": f"{years.min()}-{years.max()}", "rows": fitted.rows, "events": fitted.events,
            "hazard_per_year": None, "typical_hazard_per_year": None, "factors": [], "shared": [], "rivals": [], "says": None,
        }  # fmt: skip
        if what in LEAVEABLE_MEMBERSHIP:
            each = apart.of(cow or -1, key, when, seed)
            row["rivals"] = [one.as_dict() for one in each]
            row["says"] = sentence(each)
        if not isinstance(answer, str):
            covered.append(answer)
            row["hazard_per_year"] = answer.hazard[0]
            row["typical_hazard_per_year"] = answer.typical[0]
            row["factors"] = [
                {"explanation": n, "factor": v[0], "low": v[1], "high": v[2]} for n, v in answer.factors.items()
            ]
        rows.append(row)
    if body is None:
        together = shared(covered, found.cov, fitted, seed)
        for row in rows:
            row["shared"] = [{"explanation": n, "factor": v[0], "low": v[1], "high": v[2]} for n, v in together.items()]
    return rows


def _case_or_hint(record: Record, target: str) -> Case:
    try:
        return case(record, target)
    except UnknownNameError:
        try:
            state = record.state(target)
        except UsageError:
            pass
        else:
            raise UsageError(
                f"{target} is the state {state}; name a body too, as in `explain {state} unesco`."
            ) from None
        raise


def source_rows() -> list[SourceRow]:
    """Cards of the sources that the report's numbers rest on, with the class that their licence has here."""
    path = _licences()
    classes = {source: name for name, entry in path.items() for source in entry["sources"]}
    cards = all_cards()
    return [
        SourceRow(key, c.title, c.producer, c.version, c.licence, classes[key], c.citation, c.url)
        for key, c in ((key, cards[key]) for key in USED_SOURCES)
    ]


def _licences() -> dict[str, dict[str, list[str]]]:
    from exeunt.record.store import FACTS

    return tomllib.loads((FACTS / "licences.toml").read_text(encoding="utf-8"))
