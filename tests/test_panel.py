"""The panel: who is at risk, what counts as an exit, and terms that know nothing of what comes later.

`FAILURE_RATE` is the chance that a statistical test here fails although the code is right; seeds are fixed, so a test that
passes once passes always. `EXACT` and `CLOSE` are relative tolerances: sums of at most a few hundred numbers of one size
in another order, about 1e-15 each; and single logarithms.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from exeunt.core.arrays import FloatArray
from exeunt.core.errors import UnknownNameError
from exeunt.measures.membership import connection, distance_to_others, sizes, totals
from exeunt.panel import build
from exeunt.panel import terms as t
from exeunt.panel.outcomes import exits_of, raw_steps
from exeunt.panel.registry import BASE, RIVAL_TERMS
from exeunt.panel.risk import MEMBER, MISSING, OUTSIDE, Cube, cube, exit_risk, join_risk
from exeunt.record.cards import all_cards
from exeunt.record.opened import open_record
from exeunt.record.store import Record
from tiny import CLEANED_EXITS, RAW_EXITS, SOURCES, STATES, position, random_cube, tiny_record

FAILURE_RATE = 1e-5
EXACT = 1e-12
CLOSE = 1e-12
DECADES = {
    # first year out: (from, to): raw, cleaned, accessions, full-member state-years (shared/sources/README.md, section 2)
    (1946, 1949): (27, 11, 243, 6258),
    (1950, 1959): (102, 82, 539, 23442),
    (1960, 1969): (306, 77, 1229, 38854),
    (1970, 1979): (147, 119, 1114, 54375),
    (1980, 1989): (177, 148, 1015, 74864),
    (1990, 1999): (299, 191, 1936, 97584),
    (2000, 2009): (260, 204, 1457, 116752),
    (2010, 2014): (65, 54, 388, 62162),
}
TOTALS = (1383, 886, 7921, 474291)


@pytest.fixture(scope="module")
def record() -> Record:
    return open_record()


@pytest.fixture(scope="module")
def upstream(record: Record) -> Cube:
    return cube(record, upstream=True)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return tiny_record(tmp_path_factory.mktemp("tiny") / "facts")


def by_decade(c: Cube, cells: NDArray[np.bool_]) -> list[int]:
    """Count cells indexed by the year before the first year out."""
    first_out = c.years[: len(cells)] + 1
    per_year = cells.sum(axis=(1, 2))
    return [int(per_year[(first_out >= a) & (first_out <= b)].sum()) for a, b in DECADES]


# --- against the published counts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outcome", "column"), [("raw", 0), ("cleaned", 1)])
def test_exits_by_decade_are_those_published(upstream: Cube, outcome: str, column: int) -> None:
    coded = upstream.index(2014)
    counts = by_decade(upstream, exits_of(upstream, outcome).exits[:coded])
    assert counts == [row[column] for row in DECADES.values()]
    assert sum(counts) == TOTALS[column]


def test_accessions_by_decade_are_those_published(upstream: Cube) -> None:
    coded = upstream.index(2014)
    now, following = upstream.status[:coded], upstream.status[1 : coded + 1]
    counts = by_decade(upstream, (now == OUTSIDE) & (following == MEMBER))
    assert counts == [row[2] for row in DECADES.values()]
    assert sum(counts) == TOTALS[2]


def test_exposure_by_decade_is_that_published(record: Record, upstream: Cube) -> None:
    """Full members of the year before, where the state is still in the system."""
    coded = upstream.index(2014)
    here = np.zeros(upstream.status.shape[:2], np.bool_)
    pairs = record.table("system_years").select("year", "cow").to_numpy()
    here[pairs[:, 0] - int(upstream.years[0]), np.searchsorted(upstream.states, pairs[:, 1])] = True
    at_risk = upstream.members[:coded] & here[1 : coded + 1, :, None]
    counts = by_decade(upstream, at_risk)
    assert counts == [row[3] for row in DECADES.values()]
    assert sum(counts) == TOTALS[3]


@pytest.mark.refresh
def test_the_flags_of_every_step_are_those_of_the_source(record: Record, upstream: Cube) -> None:
    """The table beside the source was made by another program: the same steps, and the same of them kept (V2)."""
    path = SOURCES / "cow_igo" / "exits_coded_1946_2014.csv"
    if not path.is_file():
        pytest.skip(f"no {path}")
    keys = dict(record.table("bodies").filter(pl.col("cow_igo").is_not_null()).select("cow_igo", "body").iter_rows())
    theirs = pl.read_csv(path).with_columns(pl.col("igo").str.to_lowercase().replace_strict(keys).alias("body"))
    for outcome, kept in (("raw", theirs), ("cleaned", theirs.filter("v2"))):
        year, state, body = np.nonzero(exits_of(upstream, outcome).exits[: upstream.index(2014)])
        ours = {
            (int(upstream.states[i]), upstream.bodies[j], int(upstream.years[y]) + 1)
            for y, i, j in zip(year, state, body, strict=True)
        }
        assert ours == set(kept.select("ccode", "body", "year").iter_rows())


def test_corrections_change_only_what_they_name(record: Record, upstream: Cube) -> None:
    mended = cube(record)
    year, state, body = np.nonzero(mended.status != upstream.status)
    assert {int(s) for s in upstream.states[state]} == {2}
    found = {
        b: sorted({int(y) for y in upstream.years[year[body == j]]})
        for j, b in enumerate(upstream.bodies)
        if (body == j).any()
    }
    assert {b: (y[0], y[-1], len(y)) for b, y in found.items()} == {
        "commonwealth": (1965, 1968, 4), "euratom": (1960, 1964, 5), "unesco": (2003, 2014, 12), "unido": (1966, 1996, 31),
    }  # fmt: skip
    # The exits that never were are gone, the two that were are there.
    exits = exits_of(mended, "cleaned").exits
    i = int(np.flatnonzero(mended.states == 2)[0])
    last = {b: [int(y) for y in mended.years[exits[:, i, mended.bodies.index(b)]]] for b in found}
    assert last == {"commonwealth": [], "euratom": [], "unesco": [1984, 2018], "unido": [1996]}


# --- risk sets and outcomes against plain loops ----------------------------------------------------------------------

SEEDS = range(5)


@pytest.mark.parametrize("seed", SEEDS)
def test_risk_sets_are_those_of_a_triple_loop(seed: int) -> None:
    c = random_cube(seed, states=5, bodies=4)
    leaving, joining = [], []
    for y, year in enumerate(c.years):
        if year > 2013:
            break
        for i in range(5):
            for j in range(4):
                now, following = int(c.status[y, i, j]), int(c.status[y + 1, i, j])
                if now == MEMBER and following != MISSING:
                    leaving.append((y, i, j))
                if now == OUTSIDE and following in (0, 1, 2, 3):
                    joining.append((y, i, j))
    for risk, expected in ((exit_risk(c), leaving), (join_risk(c), joining)):
        assert list(zip(risk.year.tolist(), risk.state.tolist(), risk.body.tolist(), strict=True)) == expected
    assert len(leaving) > 100 and len(joining) > 100


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fast_outcomes_are_those_of_plain_loops(seed: int) -> None:
    """Terminal: within a year of a dead body's last row. Mass: five and a quarter leave a body, or eight leave by one state."""
    c = random_cube(seed, states=12, bodies=11)
    steps = {
        (y, i, j)
        for y in range(len(c.years) - 1) for i in range(12) for j in range(11)
        if c.status[y, i, j] == 1 and c.status[y + 1, i, j] == 0
    }  # fmt: skip
    last_row = {}
    for j in range(11):
        last_row[j] = max(
            int(c.years[y]) for y in range(len(c.years)) if c.years[y] <= 2014 and (c.status[y, :, j] != -1).any()
        )
    kept = set()
    for y, i, j in steps:
        first_out = int(c.years[y]) + 1
        if c.years[y] >= 2014:
            kept.add((y, i, j))
            continue
        same_body = sum((y, k, j) in steps for k in range(12))
        same_state = sum((y, i, k) in steps for k in range(11))
        members = sum(c.status[y, k, j] == 1 for k in range(12))
        terminal = last_row[j] < 2014 and last_row[j] - first_out <= 1
        mass = (same_body >= 5 and same_body >= members / 4) or same_state >= 8
        back = y + 2 < len(c.years) and c.status[y + 2, i, j] == 1
        if not terminal and not mass and not back and first_out != 1965:
            kept.add((y, i, j))
    raw, cleaned = exits_of(c, "raw"), exits_of(c, "cleaned")
    assert {tuple(p) for p in np.argwhere(raw.exits).tolist()} == steps
    assert {tuple(p) for p in np.argwhere(cleaned.exits).tolist()} == kept
    assert 0 < len(kept) < len(steps)
    assert raw.row_ok.all() and c.years[~cleaned.row_ok].tolist() == [1964]


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_leaves_before_joining_and_every_exit_was_at_risk(seed: int) -> None:
    c = random_cube(seed)
    risk = exit_risk(c)
    at_risk = np.zeros(c.status.shape, np.bool_)
    at_risk[risk.year, risk.state, risk.body] = True
    for outcome in ("raw", "cleaned"):
        exits = exits_of(c, outcome).exits[: c.index(2014)]
        assert not (exits & ~at_risk[: len(exits)]).any()
    # Exposure is conserved: every membership-year is at risk, or is followed by a missing one.
    members = c.members[: c.index(2014)]
    missing_next = members & (c.status[1 : c.index(2014) + 1] == MISSING)
    assert len(risk.year) == members.sum() - missing_next.sum()


def test_an_unknown_outcome_is_refused(upstream: Cube) -> None:
    with pytest.raises(UnknownNameError, match="imagined"):
        exits_of(upstream, "imagined")


# --- measures against brute force ------------------------------------------------------------------------------------


def loop_distance(members: NDArray[np.bool_], where: FloatArray) -> FloatArray:
    out = np.full(members.shape, np.nan)
    for i in range(members.shape[0]):
        for j in range(members.shape[1]):
            others = [
                where[k] for k in range(members.shape[0]) if k != i and members[k, j] and not math.isnan(where[k])
            ]
            if others and not math.isnan(where[i]):
                out[i, j] = abs(where[i] - math.fsum(others) / len(others))
    return out


def loop_connection(members: NDArray[np.bool_]) -> FloatArray:
    states, bodies = members.shape
    out = np.zeros(members.shape)
    for i in range(states):
        for j in range(bodies):
            others = [m for m in range(states) if m != i and members[m, j]]
            shared = [sum(members[i, b] and members[m, b] for b in range(bodies) if b != j) for m in others]
            out[i, j] = sum(shared) / len(others) if others else 0.0
    return out


@st.composite
def matrices(draw: st.DrawFn) -> tuple[NDArray[np.bool_], FloatArray]:
    states, bodies = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    cells = draw(st.lists(st.booleans(), min_size=states * bodies, max_size=states * bodies))
    value = st.one_of(st.just(math.nan), st.floats(-3, 3))
    where = draw(st.lists(value, min_size=states, max_size=states))
    return np.array(cells, np.bool_).reshape(states, bodies), np.array(where)


@settings(deadline=None)
@given(matrices())
def test_measures_are_those_of_plain_loops(drawn: tuple[NDArray[np.bool_], FloatArray]) -> None:
    members, where = drawn
    # Differences of positions of size 3: an absolute error of 1e-14 is rounding.
    np.testing.assert_allclose(
        distance_to_others(members, where), loop_distance(members, where), rtol=EXACT, atol=1e-14
    )
    np.testing.assert_allclose(connection(members), loop_connection(members), rtol=EXACT)
    assert sizes(members).tolist() == [sum(column) for column in members.T.tolist()]
    assert totals(members).tolist() == [sum(row) for row in members.tolist()]


@settings(deadline=None)
@given(matrices(), st.randoms(use_true_random=False))
def test_measures_do_not_depend_on_the_order_of_states(
    drawn: tuple[NDArray[np.bool_], FloatArray], random: object
) -> None:
    members, where = drawn
    order = list(range(len(where)))
    random.shuffle(order)  # type: ignore[attr-defined]
    np.testing.assert_allclose(
        distance_to_others(members[order], where[order]),
        distance_to_others(members, where)[order],
        rtol=EXACT,
        atol=1e-14,
    )
    np.testing.assert_allclose(connection(members[order]), connection(members)[order], rtol=EXACT)


# --- carrying forward ------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-5, 5)), min_size=1, max_size=25))
def test_the_last_value_serves_at_most_four_years(observed: list[float | None]) -> None:
    years = np.arange(1990, 1990 + len(observed))
    triples = np.array([(7, 1990 + k, v) for k, v in enumerate(observed) if v is not None], dtype=np.float64).reshape(
        -1, 3
    )
    found = t.carry(years, np.array([5, 7]), triples)
    assert np.isnan(found.value[:, 0]).all() and (found.age[:, 0] == -1).all()
    for k in range(len(observed)):
        known = [n for n in range(k, -1, -1) if observed[n] is not None]
        if known and k - known[0] <= 4:
            assert found.value[k, 1] == observed[known[0]]
            assert found.age[k, 1] == k - known[0]
        else:
            assert math.isnan(found.value[k, 1])
            assert found.age[k, 1] == -1


def test_a_value_of_nobody_or_of_another_time_is_left_out() -> None:
    triples = np.array([(9, 1991, 1.0), (7, 1980, 2.0), (7, 2050, 3.0)])
    found = t.carry(np.arange(1990, 1995), np.array([7]), triples)
    assert np.isnan(found.value).all()


def test_the_decade_before_starts_with_the_state() -> None:
    years = np.arange(1960, 1985)
    value = np.full((len(years), 1), np.nan)
    value[5:, 0] = np.arange(5.0, len(years))
    value[8, 0] = np.nan
    found = t.decade_before(t.Carried(value, np.zeros(value.shape, np.int64)))[:, 0]
    assert np.isnan(found[:5]).all() and np.isnan(found[8])
    assert found[5] == found[9] == found[15] == 5.0
    assert found[18] == 9.0  # ten years before is missing: the next known year stands in
    assert found[24] == 14.0


def test_windows_and_tenure_by_hand() -> None:
    events = np.array([1, 0, 1, 1, 0, 0, 0, 1], np.bool_)
    assert t.window_sum(events).tolist() == [1, 1, 2, 2, 2, 1, 0, 1]
    status = np.array([1, 1, 0, 1, -9, 1, 2, 1], np.int8).reshape(-1, 1, 1)
    c = replace(random_cube(0), years=np.arange(2000, 2008), status=status)
    assert t.tenure(c).ravel().tolist() == [1, 2, 0, 1, 0, 1, 0, 1]


# --- a term knows nothing of what comes later ------------------------------------------------------------------------

PERTURBED_AFTER = (1958, 1975, 1999)


def few_bodies(record: Record, number: int = 70) -> Record:
    """Give the record with the bodies that most states have left, so that it is quick and eventful."""
    steps = raw_steps(cube(record, upstream=True)).sum(axis=(0, 1))
    names = cube(record).bodies
    chosen = [names[j] for j in np.argsort(-steps, kind="stable")[:number]]
    out = open_record()
    for name in ("memberships", "body_years", "bodies"):
        out._tables[name] = record.table(name).filter(pl.col("body").is_in(chosen))
    return out


@pytest.fixture(scope="module")
def eventful(record: Record) -> Record:
    return few_bodies(record)


def other_memberships(record: Record, year: int) -> Record:
    """Give the same record with everything about memberships after a year changed."""
    out = few_copy(record)
    spells = record.table("memberships")
    rng = np.random.Generator(np.random.Philox(year))
    cut = pl.Series(rng.random(spells.height) < 0.5)
    changed = spells.with_columns(cut.alias("cut")).filter(pl.col("first_year") <= year)
    ends_late = pl.col("last_year").is_null() | (pl.col("last_year") > year)
    out._tables["memberships"] = changed.with_columns(
        pl.when(ends_late & pl.col("cut")).then(pl.lit(year)).otherwise(pl.col("last_year")).alias("last_year")
    ).drop("cut")
    founded = pl.col("coded_from")
    out._tables["bodies"] = record.table("bodies").with_columns(
        pl.when(founded > year).then(founded + 2).otherwise(founded).alias("coded_from")
    )
    return out


def few_copy(record: Record) -> Record:
    out = open_record()
    out._tables.update(record._tables)
    return out


def other_series(record: Record, year: int) -> Record:
    """Give the same record with every measure after a year changed."""
    out = few_copy(record)
    later = pl.col("year") > year
    out.__dict__["all_series"] = record.all_series.with_columns(
        pl.when(later).then(pl.col("value") * 0.5 + 0.01).otherwise(pl.col("value")).alias("value")
    )
    out._tables["body_measures"] = record.table("body_measures").with_columns(
        pl.when(later).then(pl.col("value") * 0.5 + 0.01).otherwise(pl.col("value")).alias("value")
    )
    rate = pl.col("rate_pct")
    out._tables["ledger"] = record.table("ledger").with_columns(
        pl.when(pl.col("first_year") > year).then(rate * 0.5 + 1).otherwise(rate).alias("rate_pct")
    )
    pacts = record.table("alliances").filter(pl.col("first_year") <= year)
    # Every second pact that outlasts the year ends with it; the others run on, so that the source reaches as far.
    cut = (pl.col("last_year") > year) & (pl.int_range(pl.len()) % 2 == 0)
    out._tables["alliances"] = pacts.with_columns(
        pl.when(cut).then(pl.lit(year)).otherwise(pl.col("last_year")).alias("last_year")
    )
    return out


def terms_to(cov: build.Covariates, rows: tuple[NDArray[np.int64], ...], kind: str) -> dict[str, FloatArray]:
    if kind == "exit":
        return build.raw_terms(cov, (*t.EXIT_TERMS, *RIVAL_TERMS), *rows, build.exit_lag(cov.cube))[0]
    return build.raw_terms(cov, (*t.JOIN_TERMS, *RIVAL_TERMS), *rows, np.ones(len(cov.cube.bodies), np.int64))[0]


RIVALS = tuple(term.name for term in RIVAL_TERMS)
LEADS = tuple(term.name for term in RIVAL_TERMS if term.lead)


def assert_same_terms(
    record: Record, changed: Record, outcome: str, kind: str, last_year: int, apart: tuple[str, ...] = LEADS
) -> None:
    """Terms of the rows up to a year are the same in both records, to the last bit; leads stand apart."""
    one, two = (build.covariates(r, outcome, terms=RIVALS) for r in (record, changed))
    risk = exit_risk(one.cube) if kind == "exit" else join_risk(one.cube)
    upto = one.cube.years[risk.year] <= last_year
    step = max(1, int(upto.sum()) // 20_000)  # every nth row is enough
    rows = tuple(a[upto][::step] for a in (risk.year, risk.state, risk.body))
    assert len(rows[0]) > 500
    before, after = terms_to(one, rows, kind), terms_to(two, rows, kind)
    wrong = {
        name: int((~((before[name] == after[name]) | (np.isnan(before[name]) & np.isnan(after[name])))).sum())
        for name in before
        if name not in apart
    }
    assert not any(wrong.values()), f"of {len(rows[0])} rows up to {last_year} these changed: {wrong}"


@pytest.mark.parametrize("kind", ["exit", "join"])
@pytest.mark.parametrize("year", PERTURBED_AFTER)
def test_terms_of_a_year_use_no_later_measure(eventful: Record, kind: str, year: int) -> None:
    """Lagged by a year at least: a measure of year Y first shows in the rows of year Y + 1."""
    assert_same_terms(eventful, other_series(eventful, year - 1), "cleaned", kind, year)


@pytest.mark.parametrize("kind", ["exit", "join"])
@pytest.mark.parametrize("outcome", ["raw", "cleaned"])
@pytest.mark.parametrize("year", PERTURBED_AFTER)
def test_terms_of_a_year_use_no_later_membership(eventful: Record, outcome: str, kind: str, year: int) -> None:
    """The outcome of a row is read in the year after it; nothing from that year on may enter its terms."""
    assert_same_terms(eventful, other_memberships(eventful, year), outcome, kind, year)


def test_the_perturbed_records_do_differ(eventful: Record) -> None:
    """Otherwise the tests above would prove nothing: every term but the products changes with one or the other."""
    changed: set[str] = set()
    for change in (other_series, other_memberships):
        for kind in ("exit", "join"):
            with pytest.raises(AssertionError, match="these changed") as told:
                assert_same_terms(eventful, change(eventful, 1974), "raw", kind, 1985, apart=())
            changed |= {name for name, rows in re.findall(r"'(\w+)': (\d+)", str(told.value)) if rows != "0"}
    formed = {term.name for term in (*t.EXIT_TERMS, *RIVAL_TERMS) if term.product}
    # Those founded before the year do not move, and these bodies' founding is of their own.
    assert {term.name for term in (*t.EXIT_TERMS, *t.JOIN_TERMS, *RIVAL_TERMS)} - formed - changed <= {"log_age"}


def test_a_lead_does_know_what_comes_later(eventful: Record) -> None:
    for name in LEADS:
        rest = tuple(other for other in (*BASE, *RIVALS) if other != name)
        with pytest.raises(AssertionError, match=name):
            assert_same_terms(eventful, other_series(eventful, 1974), "cleaned", "exit", 1975, apart=rest)


# --- the panels ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cov(record: Record) -> build.Covariates:
    return build.covariates(record, "cleaned")


@pytest.fixture(scope="module")
def exit_panel(record: Record, cov: build.Covariates) -> build.Panel:
    return build.exit_panel(record, "cleaned", cov)


@pytest.fixture(scope="module")
def join_panel(record: Record, cov: build.Covariates) -> build.Panel:
    return build.join_panel(record, "cleaned", cov)


@pytest.fixture(scope="module")
def all_joins(record: Record, cov: build.Covariates) -> build.Panel:
    return build.join_panel(record, "cleaned", cov, per_join=None)


def test_rows_are_kept_or_dropped_for_a_reason(
    cov: build.Covariates, exit_panel: build.Panel, all_joins: build.Panel
) -> None:
    assert len(exit_panel.year) + sum(exit_panel.dropped.values()) == len(exit_risk(cov.cube).year)
    assert len(all_joins.year) + sum(all_joins.dropped.values()) == len(join_risk(cov.cube).year)
    for panel in (exit_panel, all_joins):
        assert all(reason and number > 0 for reason, number in panel.dropped.items())
        assert np.isfinite(panel.terms).all()
        assert (panel.weight == 1).all()
        years = panel.cube.years[panel.year]
        assert years.min() >= 1946 and years.max() == 2013 and 1964 not in years


def test_an_event_of_the_panel_is_an_exit_of_the_outcome(cov: build.Covariates, exit_panel: build.Panel) -> None:
    p = exit_panel
    assert np.array_equal(p.event == 1, cov.exits.exits[p.year, p.state, p.body])
    assert set(np.unique(p.event)) == {0.0, 1.0}
    rows = exit_risk(cov.cube)
    lost = cov.exits.exits[rows.year, rows.state, rows.body].sum() - p.event.sum()
    assert 0 < lost < 100  # exits in rows for which a measure is missing


def test_terms_are_standardised_and_can_be_taken_back(exit_panel: build.Panel, join_panel: build.Panel) -> None:
    for panel in (exit_panel, join_panel):
        w = panel.weight / panel.weight.sum()
        for k, name in enumerate(panel.names):
            if name == "distance_x_capability":
                product = (
                    panel.terms[:, panel.names.index("distance")] * panel.terms[:, panel.names.index("capability")]
                )
                np.testing.assert_allclose(panel.terms[:, k], product, rtol=EXACT, atol=EXACT)
                continue
            mean = float((w * panel.terms[:, k]).sum())
            assert abs(mean) < 1e-9  # half a million roundings of 1e-16, at worst
            assert float((w * panel.terms[:, k] ** 2).sum()) == pytest.approx(1, rel=1e-9)


def test_every_join_is_kept_and_the_weights_make_up_for_the_rest(
    join_panel: build.Panel, all_joins: build.Panel
) -> None:
    key = ["cow", "body", "year"]
    kept, whole = (p.frame().filter(pl.col("event") == 1).select(key).sort(key) for p in (join_panel, all_joins))
    assert kept.equals(whole)
    assert (join_panel.weight[join_panel.event == 1] == 1).all()
    rest = join_panel.weight[join_panel.event == 0]
    assert len(np.unique(rest)) == 1 and rest[0] > 1
    # Each of n rows is kept with chance f and weighs 1/f: the sum has a standard deviation of sqrt(n (1 − f) / f).
    number = int((all_joins.event == 0).sum())
    fraction = 1 / float(rest[0])
    spread = math.sqrt(number * (1 - fraction) / fraction)
    tolerance = NormalDist().inv_cdf(1 - FAILURE_RATE / 2) * spread
    assert abs(float(rest.sum()) - number) < tolerance
    assert tolerance < 0.02 * number


def test_twenty_rows_are_kept_for_each_join(cov: build.Covariates, join_panel: build.Panel) -> None:
    """Before rows without a measure fall out, which join and stay away alike."""
    risk = join_risk(cov.cube)
    used = cov.exits.row_ok[risk.year] & (cov.cube.years[risk.year] >= 1946)
    joins = int((cov.cube.status[risk.year + 1, risk.state, risk.body][used] == MEMBER).sum())
    weight = float(join_panel.weight.max())
    assert weight == pytest.approx((used.sum() - joins) / (20 * joins), rel=EXACT)


@pytest.mark.parametrize("make", [build.exit_panel, build.join_panel])
def test_panels_are_the_same_each_time(
    record: Record, exit_panel: build.Panel, join_panel: build.Panel, make: Callable[..., build.Panel]
) -> None:
    one, two = (exit_panel if make is build.exit_panel else join_panel), make(record)
    for name in ("year", "state", "body", "terms", "event", "weight", "carried"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=EXACT, atol=EXACT, err_msg=name)
    assert one.dropped == two.dropped
    np.testing.assert_allclose(one.scaling.centre, two.scaling.centre, rtol=EXACT, atol=EXACT)


def test_another_seed_draws_other_rows(record: Record, cov: build.Covariates, join_panel: build.Panel) -> None:
    other = build.join_panel(record, "cleaned", cov, seed=2)
    assert not np.array_equal(other.year, join_panel.year)
    assert other.event.sum() == join_panel.event.sum()


def test_carried_values_are_marked(exit_panel: build.Panel) -> None:
    """There were no votes in 1964: rows whose covariates are of that year stand on the year before, and say so."""
    p = exit_panel
    assert p.carried.min() >= 0 and p.carried.max() <= 4
    at = p.cube.years[p.year] - build.exit_lag(p.cube)[p.body]
    assert (p.carried[at == 1964] >= 1).all() and (at == 1964).any()
    assert (p.carried[at == 1990] == 0).mean() > 0.9


@pytest.mark.parametrize("kind", ["exit", "join"])
def test_every_term_has_its_codebook_entry(kind: str) -> None:
    book = build.codebook(kind)
    chosen = t.EXIT_TERMS if kind == "exit" else t.JOIN_TERMS
    assert book["term"].to_list() == [term.name for term in chosen]
    assert set(book.columns) == {"term", "meaning", "unit", "lag", "span", "sources", "licence_class", "explanation"}
    for row in book.iter_rows(named=True):
        assert all(row.values()), row
        assert set(row["sources"].split()) <= set(all_cards())


# --- a tiny world, by hand -------------------------------------------------------------------------------------------


def name_rows(c: Cube, cells: NDArray[np.bool_]) -> set[tuple[str, str, int]]:
    return {(STATES[int(c.states[i])], c.bodies[j], int(c.years[y])) for y, i, j in np.argwhere(cells).tolist()}


def test_the_exits_of_the_tiny_world(tiny: Record) -> None:
    c = cube(tiny)
    assert c.bodies == ("alpha", "beta", "gamma") and c.notice_years.tolist() == [0, 1, 0]
    coded = c.index(2014)
    assert name_rows(c, exits_of(c, "raw").exits[:coded]) == RAW_EXITS
    assert name_rows(c, exits_of(c, "cleaned").exits[:coded]) == CLEANED_EXITS
    after = {(s, b, y + 2014) for s, b, y in {("BBB", "alpha", 3)}}
    for outcome in ("raw", "cleaned"):
        exits = exits_of(c, outcome).exits
        exits[:coded] = False
        assert name_rows(c, exits) == after


def test_carried_cells_of_the_tiny_world_are_marked(tiny: Record) -> None:
    c = cube(tiny)
    assert not c.carried[: c.index(2014) + 1].any()
    assert (c.status[c.index(2015) :, :, 2] == -1).all()  # gamma has died
    aaa, ccc, beta = 0, 2, 1
    assert c.carried[c.index(2015) :, aaa, beta].all()
    assert c.status[c.index(2019), ccc, beta] == MEMBER and not c.carried[c.index(2019), ccc, beta]
    assert date(2026, 11, 23) == tiny.closing_day and c.years[-1] == 2026


def test_the_panel_of_the_tiny_world(tiny: Record) -> None:
    panel = build.exit_panel(tiny)
    c = panel.cube
    assert len(panel.year) + sum(panel.dropped.values()) == len(exit_risk(c).year)
    rows = panel.frame()
    assert name_rows(c, exits_of(c, "cleaned").exits) >= {
        (STATES[s], b, y) for s, b, y in rows.filter(pl.col("event") == 1).select("cow", "body", "year").iter_rows()
    }
    assert rows["event"].sum() == 2
    assert rows.filter((pl.col("cow") == 906) & (pl.col("body") == "beta") & (pl.col("year") == 1994)).is_empty()


@pytest.mark.parametrize(
    ("term", "state", "body", "year", "expected"),
    [
        # beta asks for a year of notice: the covariate year is two years before the last year of membership.
        ("exits_from_body3", "AAA", "beta", 1970, 0.0),  # covariates of 1968: DDD's exit of 1969 is not known
        ("exits_from_body3", "AAA", "beta", 1971, math.log(2)),
        ("exits_from_body3", "AAA", "beta", 1973, math.log(2)),
        ("exits_from_body3", "AAA", "beta", 1974, 0.0),
        ("own_exits3", "DDD", "alpha", 1970, math.log(2)),  # alpha asks for none: covariates of 1969
        ("own_exits3", "DDD", "alpha", 1969, 0.0),
        ("own_exits3", "DDD", "alpha", 1972, math.log(2)),
        ("own_exits3", "DDD", "alpha", 1973, 0.0),
        ("log_tenure", "AAA", "beta", 1959, math.log(10)),
        ("log_tenure", "DDD", "beta", 1986, math.log(2)),  # counted anew after the readmission
        ("log_size", "AAA", "alpha", 1981, math.log(6)),  # FFF joined in 1981, a year too late to count
        ("log_size", "AAA", "alpha", 1982, math.log(7)),
        ("log_age", "AAA", "beta", 1960, math.log(1 + 9)),
        ("log_memberships", "AAA", "alpha", 1961, math.log(1 + 3)),
        ("capability", "CCC", "alpha", 1980, math.log(0.03)),
        ("capability", "AAA", "alpha", 1980, math.log(0.01) + 34 * math.log(1.01)),
        ("capability_change10", "CCC", "alpha", 1980, 0.0),
        ("capability_change10", "AAA", "alpha", 1980, 10 * math.log(1.01)),
        ("capability_change10", "AAA", "alpha", 1950, 3 * math.log(1.01)),  # since its first year, 1946
        ("distance", "AAA", "gamma", 1958, math.nan),  # alone in 1957
        ("distance", "AAA", "gamma", 1960, abs(position(901, 1959) - position(902, 1959))),
    ],
)
def test_terms_of_the_tiny_world(tiny: Record, term: str, state: str, body: str, year: int, expected: float) -> None:
    found = build.covariates(tiny, "cleaned")
    c = found.cube
    at = tuple(np.array([k]) for k in (c.index(year), list(STATES.values()).index(state), c.bodies.index(body)))
    raw, _ = build.raw_terms(found, t.EXIT_TERMS, *at, build.exit_lag(c))
    assert raw[term][0] == pytest.approx(expected, rel=CLOSE, abs=1e-12, nan_ok=True)
