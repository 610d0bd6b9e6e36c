"""The terms of the rivals: against plain loops, in a tiny world by hand, and that none but a lead knows what comes later.

`EXACT` is a relative tolerance: sums of a few hundred numbers of one size in another order.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exeunt.core.arrays import BoolArray, FloatArray
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.etl import build as compiler
from exeunt.etl.checks import check
from exeunt.etl.sources import series
from exeunt.measures.membership import closer_joins, overlap, standing
from exeunt.panel import build, registry, yearly_covariates
from exeunt.panel import terms as t
from exeunt.panel.registry import RIVAL_TERMS
from exeunt.record.cards import CLASSES, all_cards, licence_class
from exeunt.record.identity import StateCode
from exeunt.record.schema import LAST_CODED_YEAR, MEASURES
from exeunt.record.store import Record
from exeunt.simulate import reference
from tiny import ROOT, SOURCES, STATES, code, tiny_tables

EXACT = 1e-9
BASE = tuple(term.name for term in t.EXIT_TERMS)
PLAIN = tuple(term.name for term in RIVAL_TERMS if term.product is None)


@st.composite
def systems(draw: st.DrawFn) -> tuple[BoolArray, FloatArray, BoolArray]:
    """Memberships, positions and presence of a few states."""
    states, bodies = draw(st.integers(2, 7)), draw(st.integers(1, 6))
    cells = draw(st.lists(st.booleans(), min_size=states * bodies, max_size=states * bodies))
    where = draw(
        st.lists(
            st.one_of(st.just(math.nan), st.integers(-30, 30).map(lambda k: k / 10)), min_size=states, max_size=states
        )
    )
    present = np.array(draw(st.lists(st.booleans(), min_size=states, max_size=states)), np.bool_)
    members = np.array(cells, np.bool_).reshape(states, bodies) & present[:, None]
    return members, np.array(where), present


# --- measures against brute force ------------------------------------------------------------------------------------


def loop_standing(members: BoolArray, position: FloatArray, present: BoolArray) -> FloatArray:
    """Take each body out of the matrix, count shared memberships, and standardise anew."""
    states, bodies = members.shape
    out = np.full(members.shape, np.nan)
    known = [i for i in range(states) if present[i] and not math.isnan(position[i])]
    if len(known) < 2:
        return out
    here = [i for i in range(states) if present[i]]

    def standardised(values: dict[int, float]) -> dict[int, float]:
        mean = math.fsum(values.values()) / len(values)
        spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values.values()) / len(values))
        return {i: (v - mean) / spread if spread > 1e-9 else 0.0 for i, v in values.items()}

    near = standardised({i: abs(position[i] - np.mean([position[k] for k in known if k != i])) for i in known})
    for j in range(bodies):
        shared = {
            i: float(sum(members[i, b] and members[m, b] for b in range(bodies) if b != j for m in here if m != i))
            for i in here
        }
        central = standardised(shared)
        for i in known:
            out[i, j] = (central[i] - near[i]) / 2
    return out


@settings(deadline=None)
@given(systems())
def test_standing_is_that_of_plain_loops(drawn: tuple[BoolArray, FloatArray, BoolArray]) -> None:
    # Differences of counts of at most a hundred: 1e-7 is the root of their rounding where all states are alike.
    np.testing.assert_allclose(standing(*drawn), loop_standing(*drawn), rtol=EXACT, atol=1e-7)


@settings(deadline=None)
@given(systems(), st.data())
def test_leaving_a_body_leaves_the_standing_that_explains_it(
    drawn: tuple[BoolArray, FloatArray, BoolArray], data: st.DataObject
) -> None:
    members, position, present = drawn
    i, j = (data.draw(st.integers(0, n - 1)) for n in members.shape)
    left = members.copy()
    left[:, j] = False
    np.testing.assert_allclose(
        standing(members, position, present)[i, j], standing(left, position, present)[i, j], rtol=EXACT, atol=1e-7
    )


@settings(deadline=None)
@given(systems(), st.integers(1, 4))
def test_overlap_is_that_of_sets(drawn: tuple[BoolArray, FloatArray, BoolArray], smallest: int) -> None:
    members = drawn[0]
    sets = [set(np.flatnonzero(column).tolist()) for column in members.T]
    expected = [
        max(
            (len(a & b) / len(a | b) for k, b in enumerate(sets) if k != j and len(b) >= smallest and a | b),
            default=0.0,
        )
        for j, a in enumerate(sets)
    ]
    np.testing.assert_allclose(overlap(members, smallest), expected, rtol=EXACT)


@settings(deadline=None)
@given(systems(), st.data())
def test_closer_joins_are_those_of_plain_loops(
    drawn: tuple[BoolArray, FloatArray, BoolArray], data: st.DataObject
) -> None:
    members = drawn[0]
    states, bodies = members.shape
    joined = np.array(data.draw(st.lists(st.booleans(), min_size=members.size, max_size=members.size))).reshape(
        members.shape
    )
    value = st.one_of(st.just(math.nan), st.integers(0, 5).map(float))
    distance = np.array(data.draw(st.lists(value, min_size=members.size, max_size=members.size))).reshape(members.shape)
    size = members.sum(axis=0)
    expected = np.full(members.shape, np.nan)
    for i, j in itertools.product(range(states), range(bodies)):
        if not math.isnan(distance[i, j]):
            expected[i, j] = sum(
                bool(joined[i, k] and members[i, k] and size[k] < size[j] and distance[i, k] < distance[i, j])
                for k in range(bodies)
            )
    np.testing.assert_array_equal(closer_joins(members, joined, distance), expected)


def test_windows_backward_and_ahead_by_hand() -> None:
    years = np.arange(2000, 2010)
    triples = np.array([(7, 2000 + k, v) for k, v in enumerate((0, 1, 0, 0, 0, 0, 1, 0))], np.float64)
    events = yearly_covariates.carry(years, np.array([7]), triples, 0)
    assert np.isnan(events.value[8:, 0]).all()  # what happens in a year is not carried
    nan = math.nan
    np.testing.assert_array_equal(yearly_covariates._any_of(events, 3).value[:, 0], [0, 1, 1, 1, 0, 0, 1, 1, nan, nan])
    np.testing.assert_array_equal(yearly_covariates._any_of(events, 2).value[:, 0], [0, 1, 1, 0, 0, 0, 1, 1, nan, nan])
    # The second to the fourth year ahead: of 2000 those are 2002, 2003 and 2004.
    np.testing.assert_array_equal(yearly_covariates._any_ahead(events, 2, 3).value[:, 0], [0, 0, 1, 1, *[nan] * 6])
    assert yearly_covariates._any_ahead(events, 2, 3).age[:, 0].tolist() == [0] * 4 + [-1] * 6
    assert np.isnan(
        yearly_covariates._any_ahead(yearly_covariates.carry(years[:3], np.array([7]), triples, 0), 2, 3).value
    ).all()


# --- the registry ----------------------------------------------------------------------------------------------------


def test_every_term_has_a_whole_codebook_entry() -> None:
    book = registry.codebook("terms")
    assert book["term"].to_list() == [*BASE, *(term.name for term in RIVAL_TERMS)]
    assert book["term"].n_unique() == book.height == 29
    rivals = {"Constraint", "Decline", "Spiral", "Burden", "Redundancy", "Diffusion", "Domestic", "Substitution",
              "SequenceWithForce", "common"}  # fmt: skip
    for row in book.iter_rows(named=True):
        assert all(row.values()), row
        sources = row["sources"].split()
        assert set(sources) <= set(all_cards())
        assert row["licence_class"] == max((licence_class([s]) for s in sources), key=CLASSES.index)
        assert row["licence_class"] != "local"  # such a term could not be in the embedded record
        assert row["explanation"] in rivals
    assert dict(book.select("term", "licence_class").iter_rows())["democracy"] == "share_alike"
    assert [term.name for term in RIVAL_TERMS if term.lead] == ["force_lead3"]
    assert set(rivals) == set(book["explanation"])


def test_the_base_set_is_what_a_panel_has_unless_others_are_named(record: Record) -> None:
    panel = build.exit_panel(record)
    assert panel.names == BASE and len(BASE) == 10
    assert np.array_equal(panel.scaling.apply({**panel.raw}), panel.terms)
    assert set(panel.raw) == set(BASE) - {"distance_x_capability"}


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["distence"], "distance"),
        (["distance", "distance"], "twice"),
        (["distance_x_authority", "distance", "authority"], "before it"),
        (["distance", "distance_x_decline"], "capability_change10"),
        ([], "at least one"),
    ],
)
def test_a_set_of_terms_that_makes_no_panel_is_refused(names: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        registry.choose(names)


def test_an_unknown_term_is_refused_with_its_closest() -> None:
    with pytest.raises(UnknownNameError, match="populist"):
        registry.choose(["populists"])
    with pytest.raises(UsageError, match="log_tenure"):
        registry.choose(["log_tenure"], "join")


def test_a_lead_predicts_nothing(record: Record) -> None:
    assert registry.choose(["force_lead3"])[0].lead
    with pytest.raises(UsageError, match="force_lead3 knows"):
        registry.choose(["distance", "force_lead3"], forecasting=True)
    with pytest.raises(UsageError, match="force_lead3 knows"):
        build.exit_panel(record, "cleaned_vintage", terms=["force_lead3"], origin=2000)
    made = SimpleNamespace(
        kind="exit", k=2, labels=((), ()), bundles=None,
        scaling=build.Scaling(("force_lead3",), np.zeros(1), np.ones(1)),
    )  # fmt: skip
    opening = SimpleNamespace(states=np.arange(2), bodies=("a",))
    with pytest.raises(UsageError, match="force_lead3 knows"):
        reference._law(made, opening, np.zeros(2), np.ones(3), np.random.default_rng(1))  # type: ignore[arg-type]


def test_a_world_without_a_sight_says_what_it_lacks(record: Record) -> None:
    cov = build.covariates(record, "cleaned")
    with pytest.raises(UsageError, match="sight"):
        registry.TERMS["democracy"].compute(cov.world(40))


# --- what is missing, by kind ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def everything(record: Record) -> build.Covariates:
    return build.covariates(record, "cleaned", terms=PLAIN)


def test_rows_fall_out_for_reasons_of_several_kinds(record: Record, everything: build.Covariates) -> None:
    names = ["log_size", "authority", "populist", "scale_minus_gdp"]
    panel = build.exit_panel(record, "cleaned", everything, names)
    whole = build.exit_panel(record, "cleaned", everything, ["log_size"])
    lost = {k: v for k, v in panel.dropped.items() if ":" in k and k.split(":")[1] in names and "log_size" not in k}
    assert sum(lost.values()) == len(whole.year) - len(panel.year)
    assert set(lost) >= {
        "dropped.span:authority", "dropped.body:authority", "dropped.state:populist", "dropped.body:scale_minus_gdp",
        "dropped.span:scale_minus_gdp",
    }  # fmt: skip
    assert np.isfinite(panel.terms).all()


def test_each_kind_of_missing_by_hand(everything: build.Covariates) -> None:
    """Years 10 to 19 are the source's; state 0 is seen in 10 and 11, state 1 from 15 on, state 2 never, state 3 always."""
    c = everything.cube
    value = np.full((len(c.years), len(c.states)), np.nan)
    value[10:12, 0] = value[15:20, 1] = value[10:20, 3] = 1.0
    carried = yearly_covariates.Carried(value, np.where(np.isnan(value), -1, 0))
    assert everything.sights is not None
    measures = {**everything.sights.measures, "democracy": yearly_covariates.Measure(carried, "state")}
    cov = replace(everything, sights=replace(everything.sights, measures=measures))
    rows = [(-1, 3), (9, 3), (20, 3), (13, 0), (12, 1), (12, 2), (18, 2), (12, 3)]
    at, state = (np.array(column) for column in zip(*rows, strict=True))
    found = build._missing_because(cov, registry.TERMS["democracy"], at, state, np.zeros_like(at))
    assert found == {
        "dropped.span:democracy": 3, "dropped.old:democracy": 1, "dropped.state:democracy": 3, "dropped.alone:democracy": 1,
    }  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_a_term_is_known_where_its_span_says(everything: build.Covariates, record: Record, name: str) -> None:
    """Covariate years of the rows kept: within the span of the codebook and the four years that a value may serve."""
    term = registry.TERMS[name]
    panel = build.exit_panel(record, "cleaned", everything, [name], last_year=2025)
    at = panel.cube.years[panel.year] - build.exit_lag(panel.cube)[panel.body]
    first, last = (int(text) if text.strip().isdigit() else 2025 for text in term.span.split(",")[0].split("–"))
    served = 0 if "not carried" in term.span else 4
    assert first <= at.min() + 1 and at.max() <= last + served
    assert len(panel.year) > 50_000


def test_terms_take_the_values_their_meaning_allows(everything: build.Covariates, record: Record) -> None:
    for name in PLAIN:
        unit = registry.TERMS[name].unit
        values = build.exit_panel(record, "cleaned", everything, [name]).raw[name]
        if unit == "0 or 1":
            assert set(np.unique(values)) == {0.0, 1.0}, name
        elif unit.endswith("0 to 1"):
            assert values.min() >= 0 and values.max() <= 1, name
        elif unit in {"log exits", "log joins", "log bodies"}:
            assert values.min() == 0 and np.allclose(np.exp(values), np.round(np.exp(values))), name
        assert values.std() > 0, name


def test_products_are_of_the_standardised_parts(everything: build.Covariates, record: Record) -> None:
    names = ["distance", "capability_change10", "distance_x_decline", "authority", "distance_x_authority"]
    panel = build.exit_panel(record, "cleaned", everything, names)
    x = dict(zip(names, panel.terms.T, strict=True))
    assert np.array_equal(x["distance_x_decline"], -(x["distance"] * x["capability_change10"]))
    assert np.array_equal(x["distance_x_authority"], x["distance"] * x["authority"])


def test_issue_areas_are_known_for_the_bodies_that_somebody_left_and_few_others(everything: build.Covariates) -> None:
    """A doubt that the documents state: rows with `rivals_founded5` are chosen by the outcome."""
    c = everything.cube
    known = ~np.isnan(everything.measures["rivals_founded"].carried.value[c.index(2000)])
    left = everything.exits.exits.any(axis=(0, 1))
    assert known[left].mean() > 0.99 and known[~left].mean() < 0.3


def test_bodies_that_assess_by_the_un_scale_are_those_whose_dues_follow_it(record: Record) -> None:
    ledger = record.table("ledger")
    scale = ledger.filter(pl.col("record") == "scale_of_assessments")
    rate = {
        (state, year): value
        for state, first, last, value in scale.select("state", "first_year", "last_year", "rate_pct").iter_rows()
        for year in range(first, last + 1)
    }
    assessed = (pl.col("record") == "entity_revenue") & (pl.col("ledger") == "assessed")
    dues = ledger.filter(assessed & pl.col("state").is_not_null() & (pl.col("usd") > 0))
    dues = dues.group_by("body", "state", "year").agg(pl.col("usd").sum())
    dues = dues.with_columns(
        pl.Series("rate", [rate.get(k) for k in dues.select("state", "year").iter_rows()], pl.Float64)
    ).filter(pl.col("rate") > 0)
    dues = dues.with_columns((pl.col("usd") / pl.col("rate")).log().alias("level"))
    dues = dues.with_columns((pl.col("level") - pl.col("level").median().over("body", "year")).abs().alias("off"))
    found = dues.group_by("body").agg(pl.len(), pl.col("off").median()).filter(pl.col("len") > 300)
    off = dict(found.select("body", "off").iter_rows())
    coded = set(record.table("bodies").filter(pl.col("cow_igo").is_not_null())["body"])
    follow = {body for body, by in off.items() if by <= 0.105 and body in coded}
    assert follow | {"un"} == set(yearly_covariates.BY_UN_SCALE)
    assert off["un_secretariat"] < 0.01  # the United Nations' own budget stands under its secretariat
    assert min(by for body, by in off.items() if body in coded - set(yearly_covariates.BY_UN_SCALE)) > 0.3


# --- a tiny world, by hand -------------------------------------------------------------------------------------------


def more_tables() -> dict[str, pl.DataFrame]:
    """Give the tiny world leaders, force, alliances, money and issue areas."""
    tables = tiny_tables()
    plain = {"source": "cow_mid", "reading": "observed"}
    rows = []
    for cow, state in STATES.items():
        for year in range(1946, 2015):
            rows += [
                {"cow": cow, "state": state, "year": year, "measure": measure, "value": float(value), **plain}
                for measure, value in (
                    ("force_use", cow == 901 and year == 1970),
                    ("leader_change", cow == 901 and year == 1970),
                    ("democracy", 0.1 + (year - 1946) / 100),
                    ("gdp_share", 0.02 if year <= 1960 else 0.04),
                    *((("populist", year == 1970),) if cow == 901 else ()),
                )
            ]
    extra = pl.DataFrame(rows)
    tables["series_ship_derived"] = pl.concat([tables["series_ship_derived"], extra], how="diagonal_relaxed")
    pacts = [(901, 904, "defense consul"), (901, 903, "nonagg"), (902, 904, "offense")]
    tables["alliances"] = pl.concat([tables["alliances"], pl.DataFrame([
        {"state_1": STATES[a], "state_2": STATES[b], "cow_1": a, "cow_2": b, "first_year": 1946, "last_year": 2010,
         "obligations": words, "source": "atop_alliance"} for a, b, words in pacts
    ])], how="diagonal_relaxed")  # fmt: skip
    tables["bodies"] = tables["bodies"].with_columns(
        pl.Series("issue_areas", ["trade finance", "trade", None], pl.String)
    )
    tables["body_measures"] = pl.concat([tables["body_measures"], pl.DataFrame([
        {"body": b, "year": y, "measure": m, "value": v, "source": "mia"}
        for y in range(1960, 1971)
        for b, m, v in (("alpha", "delegation", 0.2), ("alpha", "pooling", 0.4), ("beta", "pooling", 0.3))
    ])], how="diagonal_relaxed")  # fmt: skip
    tables["ledger"] = pl.concat([tables["ledger"], pl.DataFrame([
        {"id": "a", "record": "scale_of_assessments", "body": "alpha", "state": "AAA", "first_year": 1962,
         "last_year": 1964, "rate_pct": 5.0, "source": "un_scale"}
    ])], how="diagonal_relaxed")  # fmt: skip
    return tables


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Record:
    folder = tmp_path_factory.mktemp("tiny") / "facts"
    compiler._write(more_tables(), folder, ROOT / "data" / "licences.toml")
    return Record(folder)


def value(tiny: Record, term: str, state: str, body: str, year: int) -> float:
    cov = build.covariates(tiny, "cleaned", terms=[term])
    at = (cov.cube.index(year), list(STATES.values()).index(state), cov.cube.bodies.index(body))
    raw, _ = build.raw_terms(cov, (registry.TERMS[term],), *(np.array([k]) for k in at), build.exit_lag(cov.cube))
    return float(raw[term][0])


# alpha asks for no notice: covariates of the year before; beta asks for a year: covariates of two years before.
HAND = [
    ("allies_exits3", "AAA", "beta", 1971, math.log(2)),  # DDD left beta in 1969
    ("allies_exits3", "AAA", "beta", 1970, 0.0),
    ("allies_exits3", "AAA", "beta", 1974, 0.0),
    ("allies_exits3", "BBB", "beta", 1972, math.log(2)),
    ("allies_exits3", "AAA", "beta", 1975, 0.0),  # CCC left in 1973; a pact of non-aggression makes no ally
    ("allies_exits3", "AAA", "alpha", 2015, 0.0),
    ("allies_exits3", "AAA", "alpha", 2016, math.nan),  # the source ends in 2010 and serves to 2014
    ("leading_state_exit3", "AAA", "beta", 1971, 1.0),  # DDD was the strongest in beta after EEE had gone
    ("leading_state_exit3", "AAA", "beta", 1974, 0.0),
    ("leading_state_exit3", "AAA", "beta", 1976, 1.0),  # CCC, in 1973
    ("leading_state_exit3", "DDD", "beta", 1971, 0.0),  # not by itself
    ("rivals_founded5", "AAA", "alpha", 1951, math.log(2)),  # beta, in 1950
    ("rivals_founded5", "AAA", "alpha", 1955, math.log(2)),
    ("rivals_founded5", "AAA", "alpha", 1956, 0.0),  # gamma, in 1955, has no known area
    ("rivals_founded5", "AAA", "gamma", 1960, math.nan),
    ("rivals_founded5", "AAA", "alpha", 2016, math.nan),
    ("force_lag3", "AAA", "alpha", 1971, 1.0),
    ("force_lag3", "AAA", "alpha", 1970, 0.0),
    ("force_lag3", "AAA", "alpha", 1973, 1.0),
    ("force_lag3", "AAA", "alpha", 1974, 0.0),
    ("force_lag3", "BBB", "alpha", 1971, 0.0),
    ("force_lead3", "AAA", "alpha", 1970, 0.0),  # the year of the decision belongs to neither side
    ("force_lead3", "AAA", "alpha", 1969, 1.0),
    ("force_lead3", "AAA", "alpha", 1967, 1.0),
    ("force_lead3", "AAA", "alpha", 1966, 0.0),
    ("force_lead3", "AAA", "alpha", 2011, 0.0),
    ("force_lead3", "AAA", "alpha", 2012, math.nan),
    ("leader_change", "AAA", "beta", 1972, 1.0),
    ("leader_change", "AAA", "beta", 1973, 1.0),
    ("leader_change", "AAA", "beta", 1974, 0.0),
    ("populist", "AAA", "alpha", 1971, 1.0),
    ("populist", "AAA", "alpha", 1972, 0.0),
    ("populist", "BBB", "alpha", 1971, math.nan),
    ("democracy", "AAA", "alpha", 1957, 0.2),
    ("democracy_change5", "AAA", "alpha", 1957, 0.05),
    ("democracy_change5", "AAA", "alpha", 1949, 0.02),  # since its first year, 1946
    ("gdp_share", "AAA", "alpha", 1961, math.log(0.02)),
    ("gdp_share", "AAA", "alpha", 1962, math.log(0.04)),
    ("gdp_share_change10", "AAA", "alpha", 1971, math.log(2)),
    ("gdp_share_change10", "AAA", "alpha", 1972, 0.0),
    ("authority", "AAA", "alpha", 1961, 0.3),
    ("authority", "AAA", "alpha", 1975, 0.3),  # last coded in 1970, serves to 1974
    ("authority", "AAA", "alpha", 1976, math.nan),
    ("authority", "AAA", "beta", 1963, math.nan),  # pooling alone is no mean of the two
    ("scale_minus_gdp", "AAA", "alpha", 1963, 5.0 - 4.0),
    ("scale_minus_gdp", "AAA", "alpha", 1966, math.nan),
    ("scale_minus_gdp", "AAA", "beta", 1965, math.nan),
    ("scale_minus_gdp", "BBB", "alpha", 1963, math.nan),
    ("overlap", "AAA", "alpha", 1954, 4 / 5),  # alpha has five members in 1953, beta four of them
    ("overlap", "AAA", "gamma", 1964, 3 / 5),  # gamma has AAA, BBB and EEE in 1963, beta all five
    ("overlap", "AAA", "alpha", 1951, 3 / 5),
    ("overlap", "AAA", "alpha", 1950, 0.0),  # alone: beta is founded in 1950
    ("joins_closer3", "AAA", "alpha", 1946, math.nan),
]


@pytest.mark.parametrize(("term", "state", "body", "year", "expected"), HAND)
def test_rivals_terms_of_the_tiny_world(
    tiny: Record, monkeypatch: pytest.MonkeyPatch, term: str, state: str, body: str, year: int, expected: float
) -> None:
    monkeypatch.setattr(yearly_covariates, "BY_UN_SCALE", ("alpha",))
    assert value(tiny, term, state, body, year) == pytest.approx(expected, rel=EXACT, abs=1e-12, nan_ok=True)


def test_standing_of_the_tiny_world_is_that_of_its_year(tiny: Record) -> None:
    cov = build.covariates(tiny, "cleaned", terms=["standing"])
    c = cov.cube
    row = c.index(1985)
    now = standing(c.members[row], cov.position.value[row], (c.status[row] != -1).any(axis=1))
    then = standing(c.members[row - 5], cov.position.value[row - 5], (c.status[row - 5] != -1).any(axis=1))
    assert value(tiny, "standing", "AAA", "alpha", 1986) == now[0, 0]
    assert value(tiny, "standing_change5", "AAA", "alpha", 1986) == now[0, 0] - then[0, 0]
    early = standing(
        c.members[c.index(1946)], cov.position.value[c.index(1946)], (c.status[c.index(1946)] != -1).any(axis=1)
    )
    later = standing(
        c.members[c.index(1948)], cov.position.value[c.index(1948)], (c.status[c.index(1948)] != -1).any(axis=1)
    )
    # Positions begin in 1946, so the change of 1948 is since then.
    assert value(tiny, "standing_change5", "AAA", "alpha", 1949) == later[0, 0] - early[0, 0] != 0


def test_old_values_are_marked(tiny: Record) -> None:
    cov = build.covariates(tiny, "cleaned", terms=["authority"])
    for year, age in ((1971, 0), (1972, 1), (1975, 4)):
        at = (np.array([cov.cube.index(year)]), np.array([0]), np.array([0]))
        _, ages = build.raw_terms(cov, (registry.TERMS["authority"],), *at, build.exit_lag(cov.cube))
        assert ages.tolist() == [age]


# --- the record behind the terms -------------------------------------------------------------------------------------


def found_years(record: Record, measure: str, state: str) -> list[int]:
    frame = record.measure(measure).filter((pl.col("state") == state) & (pl.col("value") == 1))
    return sorted(frame["year"].to_list())


def test_leaders_force_and_populists_are_those_of_history(record: Record) -> None:
    assert found_years(record, "leader_change", "USA") == [
        1945, 1953, 1961, 1963, 1969, 1974, 1977, 1981, 1989, 1993, 2001, 2009
    ]  # fmt: skip
    assert found_years(record, "leader_change", "DEU")[1:4] == [1963, 1966, 1969]  # Erhard, Kiesinger, Brandt
    assert found_years(record, "populist", "USA") == [2017, 2018, 2019, 2020]
    assert set(found_years(record, "populist", "ARG")) >= {1950, 1973, 1990, 2010}
    assert 1990 in found_years(record, "force_use", "IRQ") and 1990 not in found_years(record, "force_use", "CHE")
    assert 2022 in found_years(record, "interstate_conflict", "UKR")
    assert 2022 in found_years(record, "interstate_conflict", "RUS")


def test_states_that_a_source_does_not_cover_are_missing_and_not_zero(record: Record) -> None:
    populist = record.measure("populist")
    assert populist["state"].n_unique() == 28 and "FRA" not in set(populist["state"])
    assert {0.0, 1.0} == set(populist["value"])
    assert "GRD" not in set(record.measure("leader_change")["state"])
    for name in ("leader_change", "populist", "force_use", "interstate_conflict", "gdp_share"):
        years = record.measure(name)["year"]
        first, last = MEASURES[name].split()[-1].split("–")
        assert (years.min(), years.max()) == (int(first), int(last)), name


def test_conflicts_between_states_are_among_the_uses_of_force(record: Record) -> None:
    """Two projects with two thresholds: of the state-years of conflict nine in ten have a use of force."""
    both = record.measure("interstate_conflict").join(record.measure("force_use"), on=["cow", "year"], suffix="_force")
    fought = both.filter(pl.col("value") == 1)
    assert fought.height > 400 and fought["value_force"].mean() > 0.9  # type: ignore[operator]


def test_shares_of_world_gdp_add_up_to_no_more_than_the_world(record: Record) -> None:
    totals = record.measure("gdp_share").group_by("year").agg(pl.col("value").sum())
    assert totals["value"].max() < 1.01 and totals["value"].min() > 0.6  # type: ignore[operator]
    assert record.measure("gdp_share").filter((pl.col("state") == "GEO") & (pl.col("year") < 1991)).is_empty()


def test_each_alliance_stands_once(record: Record) -> None:
    spells = record.table("alliances")
    assert (spells["cow_1"] < spells["cow_2"]).all() and spells["first_year"].min() == 1945
    usa_canada = spells.filter((pl.col("cow_1") == 2) & (pl.col("cow_2") == 20) & (pl.col("first_year") > 1945))
    assert usa_canada.select("first_year", "last_year").rows() == [(1949, 2018)]
    assert "defense" in usa_canada["obligations"][0]
    assert set(" ".join(spells["obligations"]).split()) == set(series.OBLIGATIONS)


def raw_source(folder: Path, *frames: pl.DataFrame) -> list[Path]:
    """Write made-up raw files."""
    paths = [folder / f"raw-{n}.parquet" for n in range(len(frames))]
    for path, frame in zip(paths, frames, strict=True):
        frame.write_parquet(path)
    return paths


CODES: list[StateCode] = [code("AAA", 1, "1900-01-01", None), code("BBB", 2, "1960-06-01", "1962-05-01")]


def test_an_unknown_level_of_hostility_is_missing(tmp_path: Path) -> None:
    rows = [(1, 1960, 4), (1, 1961, -9), (1, 1962, -9), (1, 1962, 5), (1, 1963, 3), (2, 1961, 2)]
    disputes = pl.DataFrame(rows, schema=["ccode1", "year", "hostlev1"], orient="row")
    staged = series._force_uses(*raw_source(tmp_path, disputes))
    frame = compiler._series(compiler._force_uses(staged, CODES), "force_use", "cow_mid")
    found = {(c, y): v for c, y, v in frame.select("cow", "year", "value").iter_rows()}
    assert [found.get((1, y)) for y in range(1959, 1965)] == [0.0, 1.0, None, 1.0, 0.0, 0.0]
    assert [found.get((2, y)) for y in range(1959, 1964)] == [None, 0.0, 0.0, 0.0, None]


def test_a_change_of_leader_needs_another_leader_before(tmp_path: Path) -> None:
    spells = [("a", "1950-01-01", "1955-03-01"), ("b", "1955-03-01", "1957-01-01"), ("b", "1957-01-02", "1960-01-01"),
              ("a", "1960-01-01", "1961-12-31")]  # fmt: skip
    leaders = pl.DataFrame([{"gwcode": 9, "obsid": f"x-{k}", "leadid": who, "startdate": a, "enddate": b}
                            for k, (who, a, b) in enumerate(spells)]).with_columns(
        pl.col("startdate", "enddate").str.to_date())  # fmt: skip
    panel = pl.DataFrame([{"gwcode": 9, "year": y, "ccode": 1} for y in range(1950, 1963)])
    found = series._leader_changes(*raw_source(tmp_path, leaders, panel)).sort("year")
    assert found.filter(pl.col("value") == 1)["year"].to_list() == [1955, 1960]
    assert found["year"].to_list() == list(range(1950, 1962))


def test_either_direction_of_an_alliance_counts_and_a_change_begins_a_spell(tmp_path: Path) -> None:
    flags = [f"atop_{o}" for o in series.OBLIGATIONS]
    rows = []
    for year, forth, back in (
        (1950, "defense", ""),
        (1951, "", "defense"),
        (1952, "defense", "nonagg"),
        (1954, "", ""),
    ):
        for one, two, words in ((2, 1, forth), (1, 2, back)):
            rows.append({"ccode1": one, "ccode2": two, "year": year, **{f: int(f"atop_{words}" == f) for f in flags}})
    found = compiler._alliances(series._alliances(*raw_source(tmp_path, pl.DataFrame(rows))), CODES)
    assert found.select("cow_1", "cow_2", "first_year", "last_year", "obligations").rows() == [
        (1, 2, 1950, 1951, "defense"), (1, 2, 1952, 1952, "defense nonagg")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cow_1": 904, "cow_2": 901}, "not in the order"),
        ({"first_year": 2011}, "end before they begin"),
        ({"state_1": "QQQ"}, "QQQ"),
    ],
)
def test_an_alliance_that_cannot_be_stops_the_compile(change: dict[str, object], says: str) -> None:
    tables = more_tables()
    assert not any("alliances" in problem for problem in check(tables))
    row = {**tables["alliances"].row(0, named=True), **change}
    tables["alliances"] = pl.concat([pl.DataFrame([row], schema=tables["alliances"].schema), tables["alliances"][1:]])
    assert any("alliances" in problem and says in problem for problem in check(tables))


def test_spells_of_an_alliance_do_not_overlap() -> None:
    tables = more_tables()
    again = tables["alliances"].head(1).with_columns(pl.lit(2000).cast(pl.Int64).alias("first_year"))
    tables["alliances"] = pl.concat([tables["alliances"], again])
    assert any("overlap" in problem for problem in check(tables) if "alliances" in problem)


@pytest.mark.refresh
def test_the_summary_beside_the_leaders_agrees(record: Record) -> None:
    """Another table of the same project: years with a transition, by Gleditsch-Ward number."""
    path = SOURCES / "archigos" / "archigossums.parquet"
    if not path.is_file():
        pytest.skip(f"no {path}")
    theirs = pl.read_parquet(path).filter((pl.col("gwcode") == 2) & pl.col("year").is_between(1946, 2014))
    years = theirs.filter(pl.col("leadertransition") == 1)["year"].to_list()
    assert [y for y in found_years(record, "leader_change", "USA") if 1946 <= y <= 2014] == years
    assert LAST_CODED_YEAR == 2014


def test_one_world_of_the_panel_has_one_sight(everything: build.Covariates) -> None:
    """The sight of a year holds five years before it and no later one."""
    c = everything.cube
    row = c.index(1990)
    seen = everything.world(row).sight
    assert seen is not None and len(seen.past) == 6
    assert np.array_equal(seen.past[-1][0], c.members[row]) and np.array_equal(seen.past[0][0], c.members[row - 5])
    assert replace(everything, sights=None).world(row).sight is None
