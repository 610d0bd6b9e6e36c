"""Worlds: the law of one year, its addresses, and what nobody may do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from exeunt.explain.bundles import Bundles
from exeunt.explain.fit import design
from exeunt.panel.build import exit_lag
from exeunt.report.reasons import _Models as Models
from exeunt.simulate import reference
from exeunt.simulate.reference import (
    EFFECTS,
    EXIT,
    Law,
    _run_world,
    predictor,
    tenure_part,
    term_world,
)  # fmt: skip
from exeunt.simulate.reference import (
    _generator as generator,
)
from exeunt.simulate.reference import (
    _law as law,
)
from exeunt.simulate.start import Start, start

YEARS = 4
FAILURE_RATE = 1e-5
Z = 4.4


@pytest.fixture(scope="module")
def opening(found: Models) -> Start:
    return start(found.cov, YEARS)


@pytest.fixture(scope="module")
def laws(found: Models, opening: Start) -> tuple[Law, Law]:
    rng = generator(1, 0, 0, EFFECTS)
    return tuple(law(f, opening, f.phi, f.sd, rng) for f in (found.exit_fit, found.join_fit))  # type: ignore[return-value]


def test_start_is_the_latest_membership(found: Models, opening: Start) -> None:
    cube = found.cov.cube
    assert opening.year == cube.years[-1] + 1
    assert opening.members.sum() == (cube.status[-1] == 1).sum()
    assert opening.carried.sum() <= opening.members.sum()
    assert not (opening.members & opening.open_to_join).any()


@pytest.mark.parametrize("kind", ["exit", "join"])
def test_simulator_and_panel_compute_the_same_terms(found: Models, kind: str) -> None:
    """The predictor of a recorded year equals the design of its rows, so the law simulated is the law fitted."""
    fitted = found.exit_fit if kind == "exit" else found.join_fit
    cov, cube, year = found.cov, found.cov.cube, 2008
    # The simulator's own start holds only what is alive today; the terms of 2008 count what was alive then.
    full = replace(
        start(cov, 1), states=cube.states, bodies=cube.bodies, position=cov.position.value,
        capability=cov.capability.value, founded=cube.founded, lag=exit_lag(cube),
    )  # fmt: skip
    row = cube.index(year)
    rows_1 = [r for r in range(row - 2, row + 1)]
    pick = slice(None)
    exits = [cov.exits.seen[r][pick] for r in rows_1]
    joins = [((cube.status[r - 1] == 0) & (cube.status[r] == 1))[pick] for r in rows_1]
    world = term_world(full, year, cube.members[row][pick], exits, joins)
    of = law(fitted, full, fitted.phi, np.zeros(3), generator(1, 1, 0, EFFECTS))
    eta = predictor(of, world)
    if kind == "join":
        from exeunt.panel.build import join_panel

        panel = join_panel(_record(), cov=cov)
    else:
        panel = found.exits
    rows, _ = design(panel)
    fixed = rows.X @ fitted.beta
    lag = 1 if kind == "join" else None
    checked = 0
    for n in np.flatnonzero(panel.year == row + 1):
        state, body = int(cube.states[panel.state[n]]), cube.bodies[panel.body[n]]
        j, i = full.bodies.index(body), int(np.searchsorted(full.states, state))
        if lag is None and full.lag[j] != 1:
            continue
        expected = fixed[n] + of.state[i] + of.body[j]
        tenure = cov.tenure[row + 1, panel.state[n], panel.body[n]]
        got = eta[i, j] + (tenure_part(of, np.array([[tenure]]))[0, 0] if kind == "exit" else 0.0)
        if np.isnan(world.position[i]):
            continue
        assert got == pytest.approx(expected, abs=1e-9), (state, body)
        checked += 1
    assert checked > 1000


def test_joins_are_seen_when_the_panel_sees_them(
    found: Models, opening: Start, laws: tuple[Law, Law], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A membership counts from its first year on, in the record's past and in a world alike."""
    cov = found.cov
    states, bodies = np.isin(cov.cube.states, opening.states), np.isin(cov.cube.bodies, opening.bodies)
    at = cov.cube.index(opening.year - 1)
    known = cov.joins_window[at][bodies]
    seen = np.sum([row.sum(axis=0) for row in opening.past_joins[-3:]], axis=0)
    assert states.sum() == len(opening.states) and known.sum() > 0
    assert (seen <= known).all() and seen.sum() >= 0.9 * known.sum()
    given: dict[int, np.ndarray] = {}
    plain = reference.term_world

    def watched(s: Start, year: int, members: np.ndarray, exits: list[np.ndarray], joins: list[np.ndarray]) -> object:
        given[year] = np.sum(joins, axis=0)
        return plain(s, year, members, exits, joins)

    monkeypatch.setattr(reference, "term_world", watched)
    _, joins = _run_world(opening, *laws, np.zeros(YEARS), np.zeros(YEARS), 5, 1)
    assert sum(int(x.sum()) for x in joins) > 20
    nothing = np.zeros_like(joins[0])
    firsts = [*opening.past_joins[-2:], nothing, *joins]
    for step in range(YEARS):
        np.testing.assert_array_equal(given[opening.year + step], np.sum(firsts[step : step + 3], axis=0))


def _record():  # type: ignore[no-untyped-def]
    from exeunt.record.opened import open_record

    return open_record()


def test_nobody_leaves_what_they_are_not_in(opening: Start, laws: tuple[Law, Law]) -> None:
    hot = tuple(replace(one, beta=one.beta + np.eye(len(one.beta))[0] * 3.0) for one in laws)
    exits, joins = _run_world(opening, hot[0], hot[1], np.zeros(YEARS), np.zeros(YEARS), 5, 0)
    members, outside = opening.members.copy(), opening.open_to_join.copy()
    assert sum(int(x.sum()) for x in exits) > 500
    for left, joined in zip(exits, joins, strict=True):
        assert not (left & ~members).any()
        assert not (joined & ~outside).any()
        members = (members & ~left) | joined
        outside = (outside & ~joined) | left


def test_counts_are_those_of_the_probabilities(opening: Start, laws: tuple[Law, Law]) -> None:
    plain = tuple(replace(one, bundles=Bundles(0.0, 0.0)) for one in laws)
    one_year = replace(opening, years=1)
    worlds = 300
    counts = [
        _run_world(one_year, plain[0], plain[1], np.zeros(1), np.zeros(1), 11, w)[0][0].sum() for w in range(worlds)
    ]
    back = {int(lag): opening.year - int(lag) for lag in np.unique(opening.lag)}
    eta = np.zeros(opening.members.shape)
    for lag in back:
        n = len(opening.past_exits) - (lag - 1)
        world = term_world(
            opening,
            back[lag],
            opening.past_members[-1 - lag],
            opening.past_exits[n - 3 : n],
            opening.past_joins[n - 3 : n],
        )
        columns = opening.lag == lag
        eta[:, columns] = predictor(plain[0], world)[:, columns]
    eta += tenure_part(plain[0], opening.tenure)
    p = np.where(opening.members, -np.expm1(-np.exp(eta)), 0.0)
    spread = np.sqrt((p * (1 - p)).sum() / worlds)
    assert abs(np.mean(counts) - p.sum()) < Z * spread


def test_bundles_keep_the_mean_and_widen_the_spread(opening: Start, laws: tuple[Law, Law]) -> None:
    one_year = replace(opening, years=1)
    totals = {}
    for name, bundles in (("plain", Bundles(0.0, 0.0)), ("bundled", Bundles(0.5, 4.0))):
        both = tuple(replace(one, bundles=bundles) for one in laws)
        totals[name] = np.array(
            [_run_world(one_year, both[0], both[1], np.zeros(1), np.zeros(1), 3, w)[0][0].sum() for w in range(300)]
        )
    error = np.sqrt(sum(t.var() / len(t) for t in totals.values()))
    assert abs(totals["plain"].mean() - totals["bundled"].mean()) < Z * error
    assert totals["bundled"].var() > 1.3 * totals["plain"].var()


def test_an_intervention_leaves_the_draws_of_others_alone() -> None:
    full = generator(1, 417, 2030, EXIT).random((6, 5))
    again = generator(1, 417, 2030, EXIT).random((6, 5))
    np.testing.assert_array_equal(full, again)
    for other in ((2, 417, 2030, EXIT), (1, 418, 2030, EXIT), (1, 417, 2031, EXIT), (1, 417, 2030, EXIT + 1)):
        assert (generator(*other).random((6, 5)) != full).all()
