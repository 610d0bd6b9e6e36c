"""Why: the hazard of the pairs of a case, factored by explanation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.core.progress import Progress
from exeunt.explain.attribute import Attribution, Rivals, attribute, shared, summed_up
from exeunt.explain.estimates import cached_fit
from exeunt.explain.explanations import EXPLANATIONS, RIVALS, owner
from exeunt.explain.fit import Fit, design
from exeunt.explain.hazard import EFFECTS, probabilities
from exeunt.panel.build import Covariates, Panel, covariates, exit_panel, join_panel, why_dropped
from exeunt.panel.risk import MEMBER
from exeunt.record.cases import Case, case
from exeunt.record.identity import code_in_year, cow_of, state_codes
from exeunt.record.store import Record
from exeunt.report.data import _BodyHazard, _Factor, _TermEstimate, _Why

OUTCOME: Final = "cleaned"
LEAVEABLE_MEMBERSHIP: Final = ("membership", "treaty")
FIRST_EXPLAINED: Final = 1948
"""First year whose covariates, a year and the longest notice before it, are in the cube."""


@dataclass(frozen=True)
class _Models:
    """Everything estimated that reports share."""

    cov: Covariates
    exits: Panel
    exit_fit: Fit
    join_fit: Fit
    join_training: tuple[float, float]


def _models(record: Record, progress: Progress, outcome: str = OUTCOME) -> _Models:
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
    return _Models(cov, exits, exit_fit, join_fit, (expected, float(joins.event.sum())))


def _explain(record: Record, chosen: Case, found: _Models, seed: int) -> _Why:
    """The explanations of a case, for the pairs that have membership rows.

    Of a case, in the year of its first day; on a page of a state or a body, of its memberships of today.
    """
    fitted = found.exit_fit
    codes = state_codes(record.table("states"))
    whole = chosen.kind in ("state", "body")
    year = record.closing_day.year if whole else int(chosen.valid_from[:4])
    several = len(chosen.states) > 1
    covered: list[Attribution] = []
    keys: list[str] = []
    missing: list[tuple[str, str]] = []
    for state, body in _members_now(record, chosen, found) if whole else chosen.pairs:
        key = f"{state}:{body}" if several else body
        what = record.what_there_is_to_leave(state, body)
        if what not in LEAVEABLE_MEMBERSHIP:
            missing.append((key, what))
            continue
        if not FIRST_EXPLAINED <= year <= record.closing_day.year:
            missing.append((key, "outside_span"))
            continue
        answer = attribute(found.cov, fitted, cow_of(codes, state, year) or -1, body, year, seed)
        if isinstance(answer, str):
            missing.append((key, answer))
        else:
            covered.append(answer)
            keys.append(key)
    tidy = fitted.tidy().filter(pl.col("effect") == "fixed")
    years = found.exits.cube.years[found.exits.year]
    check = fitted.calibration
    bounds: list[tuple[str, float, float, float]] = []
    if check:
        bounds.append(("total", check.total[0], check.predicted_total, check.predicted_total))
        bounds += [(n, *getattr(check, n)) for n in ("largest_state_year", "largest_body_year")]
    order = [e.name for e in EXPLANATIONS]
    return _Why(
        outcome=fitted.outcome,
        first_year=int(years.min()),
        last_year=int(years.max()),
        rows=fitted.rows,
        events=fitted.events,
        rows_dropped=tuple((why_dropped(reason), rows) for reason, rows in fitted.dropped.items()),
        criterion=fitted.criterion,
        fit_status=fitted.status,
        claims=tuple((e.name, e.claim) for e in EXPLANATIONS),
        terms=tuple(
            _TermEstimate(r["term"], owner(r["term"]), r["estimate"], r["conf.low"], r["conf.high"])
            for r in tidy.iter_rows(named=True)
        ),
        standard_deviations=tuple(zip(EFFECTS, fitted.sd.tolist(), strict=True)),
        calibration=tuple(bounds),
        covered=tuple(
            _BodyHazard(
                key,
                a.year,
                *a.hazard,
                a.typical[0],
                tuple(_factor(name, a.factors[name]) for name in (*order, "common", "state")),
                a.oldest_covariate_years,
            )
            for key, a in zip(keys, covered, strict=True)
        ),
        not_covered=tuple(missing),
        # Over all members of one body the factors average to nothing: each is held against their median.
        summary=tuple(
            _factor(n, v)
            for n, v in ({} if chosen.kind == "body" else shared(covered, found.cov, fitted, seed)).items()
            if n in order
        ),
    )


def _members_now(record: Record, chosen: Case, found: _Models) -> list[tuple[str, str]]:
    """Pairs of the coded memberships that the state, or the body, of a page has on the closing day."""
    c, codes = found.cov.cube, state_codes(record.table("states"))
    row = c.index(record.closing_day.year)
    inside = c.status[row] == MEMBER
    if chosen.kind == "state":
        cow = cow_of(codes, chosen.states[0], record.closing_day.year)
        at = np.flatnonzero(c.states == cow)
        return [(chosen.states[0], c.bodies[j]) for i in at for j in np.flatnonzero(inside[i])]
    body = chosen.bodies["body"][0]
    if body not in c.bodies:
        return []
    held = np.flatnonzero(inside[:, c.bodies.index(body)])
    return [(code_in_year(codes, int(c.states[i]), record.closing_day.year), body) for i in held]


def _factor(name: str, triple: tuple[float, float, float]) -> _Factor:
    return _Factor(name, *triple)


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
        when, pairs, name = year or int(chosen.valid_from[:4]), chosen.pairs, chosen.case
    else:
        when, name = year or record.closing_day.year, None
        pairs = ((record.state(target), record.body(body)),)
    if not FIRST_EXPLAINED <= when <= record.closing_day.year:
        raise UsageError(
            f"the year {when} is outside {FIRST_EXPLAINED}-{record.closing_day.year}; name a year in between."
        )
    found = _models(record, progress)
    apart = Rivals(record, RIVALS, progress.say)
    fitted, c = found.exit_fit, found.cov.cube
    codes = state_codes(record.table("states"))
    years = c.years[found.exits.year]
    rows: list[dict[str, Any]] = []
    covered: list[Attribution] = []
    for state, key in pairs:
        cow = cow_of(codes, state, when)
        what = record.what_there_is_to_leave(state, key)
        answer = attribute(found.cov, fitted, cow or -1, key, when, seed) if what in LEAVEABLE_MEMBERSHIP else what
        row: dict[str, Any] = {
            "state": state, "body": key, "year": when, "case": name, "covered": not isinstance(answer, str),
            "reason": answer if isinstance(answer, str) else None, "outcome": fitted.outcome,
            "span": f"{years.min()}-{years.max()}", "rows": fitted.rows, "events": fitted.events,
            "hazard_per_year": None, "typical_hazard_per_year": None, "factors": [], "shared": [], "rivals": [], "says": [],
        }  # fmt: skip
        if what in LEAVEABLE_MEMBERSHIP:
            each = apart.of(cow or -1, key, when, seed)
            row["rivals"] = [one.as_dict() for one in each]
            row["says"] = [one.as_dict() for one in summed_up(each)]
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
