"""Outcomes and risk sets: what each counts as an exit, what it leaves out, and that a vintage sees nothing later."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.etl import build as compiler
from exeunt.panel import build
from exeunt.panel.outcomes import (
    LEFT_OUT_OF_CORE,
    OUTCOMES,
    _Documented,
    _endings,
    _unmatched,
    documented_exits,
    exits_of,
    outcome_counts,
    raw_steps,
)
from exeunt.panel.outcomes import (
    _borne_out as borne_out,
)
from exeunt.panel.outcomes import (
    _outcome as outcome,
)
from exeunt.panel.risk import MEMBER, MISSING, NOT_IN_SYSTEM, OUTSIDE, Cube, cube, exit_risk, join_risk, joins_of
from exeunt.panel.tables import at_risk
from exeunt.record.counts import documented as is_documented
from exeunt.record.store import Record
from tiny import ROOT, STATES, random_cube, tiny_record, tiny_tables

SEEDS = range(5)
ORIGINS = (1970, 1990, 2005, 2014, 2016)
# The sources' README, V4: from 1970 on it differs from the rule V2 by the bodies left out and by nothing else.
V4 = {(1970, 1979): 89, (1980, 1989): 90, (1990, 1999): 82, (2000, 2009): 92, (2010, 2014): 24}


@pytest.fixture(scope="module")
def coded(record: Record) -> Cube:
    return cube(record)


@pytest.fixture(scope="module")
def counts(record: Record) -> pl.DataFrame:
    return outcome_counts(record)


def one_pair(*status: int, first: int = 2000, expelled: tuple[int, ...] = ()) -> Cube:
    """Lay out one body with a state of the given statuses and a second that is always a member, to 2018."""
    years = np.arange(first, 2019)
    cells = np.full((len(years), 2, 1), MEMBER, np.int8)
    cells[:, 0, 0] = [*status, *[status[-1]] * (len(years) - len(status))]
    return replace(
        random_cube(0), years=years, states=np.arange(1, 3), bodies=("b",), status=cells, carried=cells == 9,
        founded=np.array([first]), notice_years=np.zeros(1, np.int64),
        expelled=np.array([(y - first, 0, 0) for y in expelled], np.int64).reshape(-1, 3),
    )  # fmt: skip


def years_of(c: Cube, cells: NDArray[np.bool_]) -> list[int]:
    """Give the years in which the first state of the first body has a cell."""
    return [int(y) for y in c.years[cells[:, 0, 0]]]


# --- the names -------------------------------------------------------------------------------------------------------


def test_what_an_outcome_needs_is_asked_for(coded: Cube) -> None:
    with pytest.raises(UnknownNameError, match="clean"):
        exits_of(coded, "clean")
    for name, origin in (("cleaned_vintage", None), ("cleaned", 2000), ("raw", 2000)):
        with pytest.raises(UsageError, match="origin"):
            exits_of(coded, name, origin)
    with pytest.raises(UsageError, match="documented"):
        exits_of(coded, "verified")
    for origin in (1946, 2027):
        with pytest.raises(UsageError, match=str(origin)):
            exits_of(coded, "cleaned_vintage", origin)


# --- vintages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("origin", ORIGINS)
def test_a_vintage_is_what_plain_loops_give_that_stop_at_the_origin(seed: int, origin: int) -> None:
    c = random_cube(seed, states=12, bodies=11)
    last = c.index(origin)
    steps = {
        (y, i, j) for y in range(last) for i in range(12) for j in range(11)
        if c.status[y, i, j] == 1 and c.status[y + 1, i, j] == 0
    }  # fmt: skip
    end = min(last, c.index(2014))
    final = {j: max((y for y in range(end + 1) if (c.status[y, :, j] != -1).any()), default=0) for j in range(11)}
    kept = set()
    for y, i, j in steps:
        if c.years[y] >= 2014:
            kept.add((y, i, j))
            continue
        same_body = sum((y, k, j) in steps for k in range(12))
        members = sum(c.status[y, k, j] == 1 for k in range(12))
        mass = (same_body >= 5 and same_body >= members / 4) or sum((y, i, k) in steps for k in range(11)) >= 8
        back = y + 2 <= last and c.status[y + 2, i, j] == 1
        terminal = final[j] < end and final[j] - (y + 1) <= 1
        if not mass and not back and not terminal and c.years[y] != 1964:
            kept.add((y, i, j))
    found = exits_of(c, "cleaned_vintage", origin)
    assert {tuple(p) for p in np.argwhere(found.exits).tolist()} == kept
    assert not found.row_ok[last:].any() and not found.seen[last:].any()
    assert kept or origin == 1970


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("origin", ORIGINS)
def test_nothing_after_the_origin_changes_a_vintage(seed: int, origin: int) -> None:
    """`cleaned` does change: otherwise this would prove nothing."""
    c = random_cube(seed)
    status = c.status.copy()
    later = status[c.index(origin) + 1 :]
    other = random_cube(seed + 100).status[c.index(origin) + 1 :]
    status[c.index(origin) + 1 :] = np.where((later >= 0) & (other >= 0), other, later)
    changed = replace(c, status=status)
    one, two = (exits_of(x, "cleaned_vintage", origin) for x in (c, changed))
    for name in ("exits", "row_ok", "seen"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name
    assert not np.array_equal(exits_of(c, "cleaned").exits, exits_of(changed, "cleaned").exits)


def test_the_last_vintage_of_the_coded_years_is_the_cleaned_outcome(coded: Cube) -> None:
    last, whole = exits_of(coded, "cleaned_vintage", 2014), exits_of(coded, "cleaned")
    stop = coded.index(2014)
    assert np.array_equal(last.exits[:stop], whole.exits[:stop])
    assert np.array_equal(last.seen[:stop], whole.seen[:stop])
    early = exits_of(coded, "cleaned_vintage", 1990).exits
    # Before a return or the end of a body is seen, the step counts.
    assert (whole.exits[: coded.index(1990)] & ~early[: coded.index(1990)]).sum() == 0
    assert early.sum() > whole.exits[: coded.index(1990)].sum()


def test_the_rows_of_a_vintage_end_before_its_origin(record: Record) -> None:
    panel = build.exit_panel(record, "cleaned_vintage", terms=["log_size"], origin=1995)
    years = panel.cube.years[panel.year]
    assert years.max() == 1994 and panel.event.sum() > 300
    assert "dropped.after:1994" in panel.dropped


# --- core ------------------------------------------------------------------------------------------------------------


def test_core_without_its_bodies_has_the_published_counts(record: Record) -> None:
    c = cube(record, upstream=True)
    assert set(LEFT_OUT_OF_CORE) <= set(c.columns) and len(LEFT_OUT_OF_CORE) == 21
    found = exits_of(c, "core")
    first_out = c.years + 1
    per_year = found.exits.sum(axis=(1, 2))
    assert {k: int(per_year[(first_out >= k[0]) & (first_out <= k[1])].sum()) for k in V4} == V4
    whole = exits_of(c, "cleaned").exits
    gone = {c.columns[j] for j in np.unique(np.argwhere(whole & ~found.exits)[:, 2])}
    assert gone <= set(LEFT_OUT_OF_CORE) and not (found.exits & ~whole).any()


def test_rows_of_the_bodies_left_out_fall_out(record: Record) -> None:
    panel = build.exit_panel(record, "core", terms=["log_size"])
    columns = {panel.cube.columns[j] for j in np.unique(panel.body)}
    assert not columns & set(LEFT_OUT_OF_CORE) and len(columns) > 400
    assert panel.dropped["dropped.not_core"] > 10_000


# --- documented exits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "year", "back", "event", "unused"),
    [
        ((1, 1, 1, 1, 1, 0), 2004, 2030, [2004], []),  # coded as documented
        ((1, 1, 1, 1, 1, 0), 2002, 2030, [2002], [2003, 2004]),  # coded two years late
        ((1, 1, 1, 1, 1, 0), 2005, 2030, [2004], []),  # coded a year early
        ((1, 1, 1, 1, 1, 0), 2007, 2030, [], [2004]),  # three years apart: another exit, or none
        ((1, 1, 1, 1, 1, 1), 2004, 2030, [2004], list(range(2005, 2019))),  # never coded
        ((1, 1, 1, 1, 1, 1), 2004, 2008, [2004], [2005, 2006, 2007]),  # never coded, and back in 2008
        ((0, 0, 0, 0, 0, 0), 2004, 2030, [], []),  # never a coded member
        ((1, 1, 0, 1, 1, 0), 2004, 2030, [2004], [2001]),  # an undocumented step beside it
    ],
)
def test_documented_exits_are_laid_on_the_cells(
    status: tuple[int, ...], year: int, back: int, event: list[int], unused: list[int]
) -> None:
    c = one_pair(*status)
    cells = np.array([(c.index(year), 0, 0, min(c.index(back), len(c.years)))])
    found = exits_of(c, "verified", documented=cells)
    assert years_of(c, found.exits) == event
    assert sorted({y for cells in found.unused.values() for y in years_of(c, cells)}) == unused


def test_a_documented_exit_bears_out_steps_of_two_years_around_it() -> None:
    for year, expected in ((2002, [2004]), (2006, [2004]), (2001, []), (2007, [])):
        c = one_pair(1, 1, 1, 1, 1, 0)
        assert years_of(c, borne_out(c, _Documented(np.array([(c.index(year), 0, 0, 99)]), ("e",), 0))) == expected


def sourced(tmp_path: Path) -> Record:
    """Give the tiny world with a source for BBB's exit from alpha, and DDD's exit from beta documented in 1970."""
    tables = tiny_tables()
    ddd = {"episode": "ddd-beta", "state": "DDD", "body": "beta", "direction": "leaving"}
    tables["episodes"] = pl.concat([tables["episodes"], pl.DataFrame([ddd])], how="diagonal").with_columns(
        pl.lit("https://example.org/paper").alias("sources"),
        pl.col("episode").is_in(["bbb-alpha", "ddd-beta"]).alias("counts_as_exit"),
    )
    act = {"act_id": "ddd-beta-0", "episode": "ddd-beta", "state": "DDD", "body": "beta", "act": "effective",
           "date": "1970-06-01", "claimed_by": "state", "contested": "no", "counts_as_exit": True,
           "recorded": "2026-11-23"}  # fmt: skip
    tables["acts"] = pl.concat([tables["acts"], pl.DataFrame([act])], how="diagonal")
    compiler._write(tables, tmp_path / "facts", ROOT / "data" / "licences.toml")
    return Record(tmp_path / "facts")


def test_the_verified_outcome_of_the_tiny_world(tmp_path: Path) -> None:
    tiny = sourced(tmp_path)
    c, found = outcome(tiny, "verified")
    names = [(STATES[int(c.states[i])], c.bodies[j], int(c.years[y])) for y, i, j in np.argwhere(found.exits).tolist()]
    # COW codes DDD's last year as 1969; the document says June 1970, when the cell is already 0.
    assert names == [("DDD", "beta", 1969), ("BBB", "alpha", 2017)]
    undocumented = found.unused["dropped.undocumented"]
    dropped = {
        (STATES[int(c.states[i])], c.bodies[j], int(c.years[y])) for y, i, j in np.argwhere(undocumented).tolist()
    }
    assert dropped == {
        ("CCC", "beta", 1973), ("BBB", "gamma", 1998), ("CCC", "alpha", 1989), ("EEE", "beta", 1964)
    }  # fmt: skip
    panel = build.exit_panel(tiny, "verified", terms=["log_size"], last_year=2020)
    assert panel.event.sum() == 2 and panel.dropped["dropped.undocumented"] == 4
    assert _unmatched(tiny) == []


def test_documented_exits_have_a_day_and_a_source(record: Record, coded: Cube) -> None:
    found = documented_exits(record, coded)
    episodes = {e["episode"]: e for e in record.table("episodes").iter_rows(named=True)}
    assert len(found.episodes) == len(found.cells) > 90 and len(set(found.episodes)) == len(found.episodes)
    for name in found.episodes:
        assert episodes[name]["counts_as_exit"] and is_documented(episodes[name]["sources"])
    verified = outcome(record, "verified")[1]
    # Each is an event once, but for those whose membership the source does not know, and two that share a cell.
    assert int(verified.exits.sum()) <= len(found.episodes) - len(_unmatched(record))
    assert int(verified.exits.sum()) >= len(found.episodes) - len(_unmatched(record)) - 3


# --- competing endings -----------------------------------------------------------------------------------------------


def test_an_expulsion_after_the_source_is_no_exit_and_stays_at_risk() -> None:
    """In the coded years it stands, for the rule of the published counts knows no acts; `endings` tells it."""
    status = [1] * 17 + [0]  # the last year of membership is 2016
    c = one_pair(*status, expelled=(2016,))
    assert years_of(c, exits_of(c, "raw").exits) == [2016]
    assert years_of(c, exits_of(c, "cleaned").exits) == []
    assert years_of(c, exits_of(replace(c, expelled=c.expelled[:0]), "cleaned").exits) == [2016]
    risk = exit_risk(c, 2016)
    assert (c.index(2016), 0, 0) in set(zip(risk.year.tolist(), risk.state.tolist(), risk.body.tolist(), strict=True))
    assert years_of(c, _endings(c)["expelled"]) == [2016]
    early = one_pair(1, 1, 1, 0, expelled=(2002,))
    assert years_of(early, exits_of(early, "cleaned").exits) == [2002]
    assert years_of(early, _endings(early)["expelled"]) == [2002]
    assert years_of(early, exits_of(early, "verified", documented=np.empty((0, 4), np.int64)).exits) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_every_membership_goes_on_or_ends_in_one_way(seed: int) -> None:
    c = random_cube(seed)
    now, following = c.members[:-1], c.status[1:]
    ends = _endings(c)
    ways = [raw_steps(c)[:-1], ends["body_ended"][:-1], ends["state_ended"][:-1], now & (following == MISSING),
            now & np.isin(following, (MEMBER, 2, 3))]  # fmt: skip
    assert np.array_equal(np.sum(ways, axis=0), now.astype(int))
    alive = (c.status != NOT_IN_SYSTEM).any(axis=2)
    for y, i, _ in np.argwhere(ends["state_ended"]).tolist():
        assert alive[y, i] and not alive[y + 1, i]
    assert ends["body_ended"].sum() > 0


def test_russia_did_not_leave_the_council_of_europe_by_itself(record: Record, coded: Cube) -> None:
    i, j, y = int(np.flatnonzero(coded.states == 365)[0]), coded.bodies.index("coe"), coded.index(2022)
    assert raw_steps(coded)[y, i, j] and _endings(coded)["expelled"][y, i, j]
    assert not exits_of(coded, "cleaned").exits[y, i, j]


# --- risk sets after the coded source --------------------------------------------------------------------------------


def test_risk_sets_reach_the_year_before_the_last(coded: Cube) -> None:
    whole, short = exit_risk(coded, 2025), exit_risk(coded)
    assert coded.years[whole.year].max() == 2025 and coded.years[short.year].max() == 2013
    assert np.array_equal(whole.year[: len(short.year)], short.year)
    for make in (exit_risk, join_risk):
        with pytest.raises(UsageError, match="2026"):
            make(coded, 2026)


def test_memberships_of_unknown_beginning_are_no_joins(record: Record, coded: Cube) -> None:
    """In 2014 → 2015 only a dated act is a join; dues and rosters tell that a state is in, not since when."""
    spells = record.table("memberships").filter(pl.col("status") == "member")
    opaque = spells.filter(
        (pl.col("precision") == "start_unknown")
        | ((pl.col("first_year") == 2015) & pl.col("reading").is_in(["dues", "roster"]))
    )
    at = {b: j for j, b in enumerate(coded.bodies)}
    fresh = [
        (first, int(np.searchsorted(coded.states, cow)), at[body])
        for cow, body, first in opaque.select("cow", "body", "first_year").iter_rows()
        if cow in coded.states
        and coded.status[coded.index(first) - 1, np.searchsorted(coded.states, cow), at[body]] == OUTSIDE
    ]
    assert len(fresh) >= 30
    joins, risk = joins_of(coded), join_risk(coded, 2025)
    at_risk_cells = np.zeros(coded.status.shape, np.bool_)
    at_risk_cells[risk.year, risk.state, risk.body] = True
    for year, i, j in fresh:
        assert not joins[coded.index(year) - 1, i, j] and not at_risk_cells[coded.index(year) - 1, i, j]
    panel = build.join_panel(record, terms=["log_size"], last_year=2025)
    late = (panel.event == 1) & (panel.cube.years[panel.year] == 2014)
    assert set(panel.known(ahead=1)[late]) <= {"act"}
    # Up to the end of the source nothing changes.
    stop = coded.index(2014)
    steps = (coded.status[:stop] == OUTSIDE) & (coded.status[1 : stop + 1] == MEMBER)
    assert np.array_equal(joins[:stop], steps)


def test_unknown_by_dues_is_missing_and_no_exit(record: Record, coded: Cube) -> None:
    unknown = record.table("memberships").filter((pl.col("status") == "unknown") & (pl.col("reading") == "dues"))
    assert unknown.height >= 5
    exits, risk = exits_of(coded, "cleaned").exits, exit_risk(coded, 2025)
    rows = set(zip(risk.year.tolist(), risk.state.tolist(), risk.body.tolist(), strict=True))
    for cow, body, first in unknown.select("cow", "body", "first_year").iter_rows():
        cell = (coded.index(first) - 1, int(np.searchsorted(coded.states, cow)), coded.bodies.index(body))
        assert coded.status[cell] == MEMBER and not exits[cell] and cell not in rows


def test_rows_say_how_their_cells_are_known(record: Record) -> None:
    frame = at_risk(record, "exit", "cleaned", ["log_size"], 2025)
    early, late = (frame.filter((pl.col("year") <= 2014) == which) for which in (True, False))
    assert set(early["reading"]) == {"observed"}
    assert set(late["reading"]) == {"carried_forward", "dues", "act", "roster"}
    events = late.filter(pl.col("event") == 1)
    assert events.height >= 15 and set(events["reading_after"]) == {"act"}


# --- counts ----------------------------------------------------------------------------------------------------------


def test_decades_and_regions_each_add_up(counts: pl.DataFrame, record: Record) -> None:
    total = counts.filter(pl.col("by") == "all").row(0, named=True)
    for by in ("decade", "region"):
        part = counts.filter(pl.col("by") == by)
        for name in (*OUTCOMES, "body_ended", "state_ended", "expelled"):
            assert part[name].sum() == total[name], (by, name)
    for name in ("raw", "cleaned", "core", "verified"):
        assert total[name] == int(outcome(record, name)[1].exits.sum())
    assert total["raw"] > total["cleaned"] > total["core"] > total["verified"] > 50


def test_the_documented_share_is_that_of_cleaned_steps(counts: pl.DataFrame, record: Record, coded: Cube) -> None:
    steps = exits_of(coded, "cleaned").exits & borne_out(coded, documented_exits(record, coded))
    decades = Counter(int(coded.years[y] + 1) // 10 * 10 for y, _, _ in np.argwhere(steps).tolist())
    for key, cleaned, share in (
        counts.filter(pl.col("by") == "decade").select("key", "cleaned", "documented_share").iter_rows()
    ):
        assert share == round(decades[int(key[:-1])] / cleaned, 3)
    # Documents are scarce for early steps: why `verified` serves no levels.
    shares = dict(counts.filter(pl.col("by") == "decade").select("key", "documented_share").iter_rows())
    assert shares["1950s"] < 0.1 < shares["2010s"] < shares["2020s"]


def test_the_tiny_world_has_no_documented_exit_without_sources(tmp_path: Path) -> None:
    tiny = tiny_record(tmp_path / "facts")
    assert documented_exits(tiny, cube(tiny)).episodes == ()
    assert not outcome(tiny, "verified")[1].exits.any()
