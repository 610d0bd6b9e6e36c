"""Record, fits and worlds → the plain values of a report. Every number is computed in the rooms to the left."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import exeunt
from exeunt.core.cache import path_of, read_json, write_json
from exeunt.core.errors import FitError
from exeunt.core.progress import Progress
from exeunt.record.cards import all_cards
from exeunt.record.cases import Case
from exeunt.record.store import Record
from exeunt.report.data import _Next, _ReportData, _SourceRow, _YearBand
from exeunt.report.reasons import _explain, _Models, _models
from exeunt.report.rows import _act_rows, _body_rows, _clock_rows, _follows, _paid_of, _pair_names
from exeunt.report.summaries import _compared, _fed_back, _futures, argued, arguments
from exeunt.simulate.dynamics import estimate
from exeunt.simulate.runs import How, add_up
from exeunt.simulate.setting import Opened
from exeunt.simulate.start import start
from exeunt.simulate.store import Histogram, Tally

WORLDS, YEARS = 1000, 10
AHEAD = ("measures", "panel", "explain", "simulate", "report")
"""Folders whose code the worlds of a report rest on."""
FIRST_OBSERVED_YEAR = 1990
NOTHING = (0.0, 0.0, 0.0)
USED_SOURCES = (
    "exeunt_curated", "cow_igo", "cow_states", "unga_ideal", "cow_nmc", "vdem_simple", "wdi", "maddison", "mia",
    "unicode_cldr",
)  # fmt: skip
LEDGER_SOURCES = ("un_ceb", "un_scale", "un_regular_budget")


def assemble(
    record: Record, chosen: Case, as_of: date | None, seed: int, progress: Progress, known_by: date | None = None,
    labels: str = "common",
) -> _ReportData:  # fmt: skip
    """Compute everything that the report on a case shows."""
    day = as_of or record.closing_day
    with progress.step("acts and rules"):
        rows = _body_rows(record, chosen, day, known_by, labels)
        acts, clocks = _act_rows(record, chosen, day, known_by), _clock_rows(record, chosen, day, known_by)
    with progress.step("consequences", 8):
        after = _follows(record, chosen, day, labels)
        money, called = _paid_of(record, chosen, labels)
    found = _models(record, progress)
    with progress.step("explanations"):
        why = _explain(record, chosen, found, seed)
    ahead = _look_ahead(record, found, seed, progress)
    names = record.state_names(labels)
    states = tuple((s, names[s][0], names[s][1] or names[s][0]) for s in chosen.states)
    return _ReportData(
        case=chosen.case,
        title_en=chosen.title_en,
        title_zh=chosen.title_zh,
        state=chosen.states[0],
        state_name_en=states[0][1],
        state_name_zh=states[0][2],
        case_day=chosen.valid_from,
        listed_un=chosen.entry().listed_un,
        listed_other=chosen.entry().listed_other,
        note=chosen.note,
        note_zh=chosen.note_zh,
        case_sources=chosen.sources,
        as_of=day.isoformat(),
        closing_day=record.closing_day.isoformat(),
        beyond_record=day > record.closing_day,
        record_version=record.version,
        code_version=exeunt.__version__,
        seed=seed,
        bodies=rows,
        why=why,
        next=ahead,
        sources=tuple(_source_rows(LEDGER_SOURCES if money and money.known else ())),
        kind=chosen.kind,
        states=states,
        span=(chosen.valid_from, chosen.valid_to),
        names=_pair_names(record, [h.key for h in why.covered] + [key for key, _ in why.not_covered], labels),
        acts=acts,
        clocks=clocks,
        compared=_compared(),
        follows=after,
        fed_back=_fed_back(),
        futures=_futures(),
        paid=money,
        called=called,
        argued=argued(chosen.case),
        arguments=arguments(),
    )


def _look_ahead(record: Record, found: _Models, seed: int, progress: Progress) -> _Next:
    """Observed exits and joins by year, then those of the simulated worlds."""
    s = start(found.cov, YEARS)
    observed = {kind: _observed(found, kind) for kind in ("exit", "join")}
    plain = _Next(
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
    path = path_of("ahead", AHEAD, record=record.version, seed=seed, worlds=WORLDS, years=YEARS)
    kept = _read(path)
    if kept is not None:
        return _with(plain, kept)
    try:
        setting = Opened(
            s, found.exit_fit, found.join_fit, estimate(record, found.cov), found.cov, record.version
        ).setting(seed, rated=0)
        with progress.step(f"{WORLDS:,} worlds of {YEARS} years", 20):
            made = add_up(Tally(s), setting, WORLDS, How(workers=1), Progress(quiet=True))
    except FitError as error:
        return replace(plain, refused=str(error))
    ahead = (
        _bands(made.by_year["exits"], s.year),
        _bands(made.by_year["joins"], s.year),
        made.totals["exits"].band(),
        made.totals["joins"].band(),
    )
    write_json(path, [[asdict(band) for band in bands] for bands in ahead[:2]] + [list(total) for total in ahead[2:]])
    return _with(plain, ahead)


Ahead = tuple[tuple[_YearBand, ...], tuple[_YearBand, ...], tuple[float, float, float], tuple[float, float, float]]


def _with(plain: _Next, ahead: Ahead) -> _Next:
    exits, joins, total_exits, total_joins = ahead
    return replace(
        plain, exits=plain.exits + exits, joins=plain.joins + joins, total_exits=total_exits, total_joins=total_joins
    )


def _read(path: Path | None) -> Ahead | None:
    """What the worlds came to, from the cache; None where it is not there or no longer fits."""
    found = read_json(path)
    try:
        exits, joins = (tuple(_YearBand(**row) for row in rows) for rows in found[:2])
        (a, b, c), (d, e, f) = found[2:]
    except (TypeError, ValueError, KeyError):
        return None
    return exits, joins, (a, b, c), (d, e, f)


def _bands(of: Histogram, first: int) -> tuple[_YearBand, ...]:
    out = []
    for k in range(of.columns):
        low, median, high = of.band(k)
        out.append(_YearBand(first + k, median, low, high, False))
    return tuple(out)


def _observed(found: _Models, kind: str) -> tuple[_YearBand, ...]:
    """Counts of the coded years, exits by last year of membership and joins by last year outside."""
    c = found.cov.cube
    rows = range(c.index(FIRST_OBSERVED_YEAR), c.index(found.exits.cube.years[found.exits.year].max()) + 1)
    out = []
    for row in rows:
        if kind == "exit":
            n = float(found.cov.exits.exits[row].sum())
        else:
            n = float(((c.status[row] == 0) & (c.status[row + 1] == 1)).sum())
        out.append(_YearBand(int(c.years[row]), n, n, n, True))
    return tuple(out)


def _source_rows(more: tuple[str, ...] = ()) -> list[_SourceRow]:
    """Cards of the sources that the report's numbers rest on, with the class that their licence has here.

    Parameters
    ----------
    more : keys of cards beside those that every report rests on
    """
    path = _licences()
    classes = {source: name for name, entry in path.items() for source in entry["sources"]}
    cards = all_cards()
    return [
        _SourceRow(key, c.title, c.producer, c.version, c.licence, classes[key], c.citation, c.url)
        for key, c in ((key, cards[key]) for key in (*USED_SOURCES, *more))
    ]


def _licences() -> dict[str, dict[str, list[str]]]:
    from exeunt.record.store import FACTS

    return tomllib.loads((FACTS / "licences.toml").read_text(encoding="utf-8"))
