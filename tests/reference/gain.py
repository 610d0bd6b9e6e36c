"""The recovery study of R: `make gain`, about ten minutes on one core.

Simulates worlds of `worlds.py` whose R is about 0, 0.3, 0.8 and 1.1, fits the crossed hazard, computes K from the fit as
`exeunt feedback` does, and asks whether the interval of R holds the truth: K of the same world with the parameters it was
made from. K opens as the world did, with all members in and no exit in the three years before, since in a world with much
influence exits soon exhaust those who could leave. R here is that of the influence, without depletion: a world without any
influence would else have an R that is not 0. Each replicate is a line of `gain_runs.jsonl`, so an interrupted study goes on
where it stopped; the summary is `gain_results.json`, and scripts/feedback.py writes its table into docs/method/feedback.md.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from exeunt.core.arrays import FloatArray
from exeunt.explain.fit import Fit, fit
from exeunt.explain.hazard import Rows
from exeunt.explain.yearly import year_law
from exeunt.history.loop_gain import _band as band
from exeunt.history.next_generation import LAYERS, gather
from exeunt.history.next_generation import _dominant as dominant
from exeunt.history.next_generation import _Groups as Groups
from exeunt.history.opening import HORIZON, _assemble, _Rates
from exeunt.panel.build import Panel, Scaling
from exeunt.panel.risk import Cube
from reference.worlds import (
    BODIES,
    BURN_IN,
    FRAILTY,
    INTERCEPT,
    MEMBERS,
    REJOIN,
    SD,
    STATES,
    YEARS,
    Truth,
    _effects,
    world,
)

REPLICATES, DRAWS = 20, 80
LEVELS = {0.0: (0.0, 0.0), 0.3: (0.18, 0.18), 0.8: (0.44, 0.44), 1.1: (0.64, 0.64)}
"""R aimed at → true contagion and momentum; the R of each world is computed from its own effects and members."""
VARIANTS = ("as fitted", "state-years", "body-years")
PARTS = (3, 2)
"""Groups of states and of bodies, by number; the worlds know no regions."""
RUNS, RESULTS = HERE / "gain_runs.jsonl", HERE / "gain_results.json"


Made = tuple[FloatArray, FloatArray, NDArray[np.bool_]]


def beginning(truth: Truth, seed: int, size: tuple[int, int, int]) -> Made:
    """Effects of state and body of a world, and its members before the first year: its first draws, made again."""
    rng = np.random.Generator(np.random.Philox(seed))
    state, body, _ = (_effects(rng, n, sd, truth.variant) for n, sd in zip(size, SD, strict=True))
    return state, body, rng.random(size[:2]) < MEMBERS


def kernel(
    members: NDArray[np.bool_], base: FloatArray, beta: FloatArray, years: FloatArray, frailty: tuple[float, float]
) -> FloatArray:  # fmt: skip
    """K by layer of a world.

    Parameters
    ----------
    base : (states, bodies) intercept and effects of state and body
    beta : contagion and momentum
    years : (horizon + 1,) effects of the exit's year and those after it
    """
    states, bodies = members.shape
    r = _Rates(
        np.exp(base)[None] * np.exp(years)[:, None, None],
        np.ones(bodies, np.int64),
        np.full(members.shape, 1.0 - REJOIN),
    )
    one_more = np.full(members.shape, np.log(2.0))
    moves = {
        "count_step": beta[0] * one_more, "own_step": beta[1] * one_more, "size_step": np.zeros(bodies),
        "held_step": np.zeros(states), "steep": np.zeros(states),
    }  # fmt: skip
    s = _assemble(r, moves, members, members, np.zeros(states), (0.0, 1.0), frailty)
    names = tuple(f"{a}, {b}" for a in range(PARTS[0]) for b in range(PARTS[1]))
    groups = Groups(np.arange(states) % PARTS[0], np.arange(bodies) % PARTS[1], names, PARTS[1])
    return gather(s, groups)[0]


def radii(kernels: FloatArray) -> dict[str, FloatArray]:
    """R of the influence, of all, and with bundles, from K by layer, (…, layers, groups, groups)."""
    of = {name: kernels[..., number, :, :] for number, name in enumerate(LAYERS)}
    influence = of["all"] - of["depletion"]
    return {
        "influence": np.abs(dominant(influence)),
        "signed": dominant(influence).real,
        "all": np.abs(dominant(of["all"])),
        "upper": np.abs(dominant(of["all"] + of["bundles"])),
    }


def true_kernel(truth: Truth, seed: int, size: tuple[int, int, int] = (STATES, BODIES, YEARS)) -> FloatArray:
    """K from the parameters that a world was made from."""
    state, body, members = beginning(truth, seed, size)
    frailty = (FRAILTY[0] * (truth.variant == "state-years"), FRAILTY[1] * (truth.variant == "body-years"))
    # The years to come have the mean rate of their law.
    years = np.full(HORIZON + 1, SD[2] ** 2 / 2)
    beta = np.array([truth.contagion, truth.momentum])
    return kernel(members, INTERCEPT + state[:, None] + body[None, :], beta, years, frailty)


def fitted(rows: Rows) -> Fit:
    """The crossed hazard of a world, by the criterion of reports."""
    states, bodies, years = rows.levels
    cube = Cube(
        np.arange(years), np.arange(states), tuple(f"b{j:02d}" for j in range(bodies)), np.zeros((1, 1, 1), np.int8),
        np.zeros((1, 1, 1), np.bool_), np.zeros(bodies, np.int64), np.zeros(bodies, np.int64),
    )  # fmt: skip
    group = rows.group.astype(np.int64)
    panel = Panel(
        "exit", "simulated", cube, group[:, 2], group[:, 0], group[:, 1], rows.X[:, 1:], rows.event, rows.weight,
        np.zeros(len(rows.event), np.int64), Scaling(("exits_from_body3", "own_exits3"), np.zeros(2), np.ones(2)), {},
    )  # fmt: skip
    return fit(panel, "laplace", calibrate=False)


def drawn_kernels(members: NDArray[np.bool_], made: Fit, draws: int, seed: int) -> FloatArray:
    """K by draw of the posterior, (draws, layers, groups, groups)."""
    years = made.labels[2][-1] + 1
    phi, _ = made.draw(draws, seed)
    law = year_law(made.effect("year"), float(made.sd[2]))
    rng = np.random.Generator(np.random.Philox(seed + 1))
    ahead = law.draw(np.arange(years, years + HORIZON + 1), draws, rng)
    out = []
    for number in range(draws):
        base = np.full(members.shape, phi[number, 0])
        base[list(made.labels[0])] += phi[number, made.k : made.k + len(made.labels[0]), None]
        at = made.k + len(made.labels[0])
        base[:, [int(b[1:]) for b in made.labels[1]]] += phi[number, None, at : at + len(made.labels[1])]
        frailty = (made.bundles.state_year, made.bundles.body_year)
        out.append(kernel(members, base, phi[number, 1:3], ahead[number], frailty))
    return np.array(out)


def replicate(
    aim: float, variant: str, seed: int, size: tuple[int, int, int] = (STATES, BODIES, YEARS)
) -> dict[str, Any]:
    """Simulate one world, fit it, and hold R against the truth."""
    truth = Truth(*LEVELS[aim], variant)
    rows = world(truth, seed, size)
    made = fitted(rows)
    true = radii(true_kernel(truth, seed, size))
    found = radii(drawn_kernels(beginning(truth, seed, size)[2], made, DRAWS, seed))
    return {
        "aim": aim, "variant": variant, "seed": seed, "rows": len(rows.event), "events": int(rows.event.sum()),
        "status": made.status, "true": {name: float(value) for name, value in true.items()},
        "found": {name: band(values) for name, values in found.items()},
        "p_self_sustaining": float((found["influence"] >= 1.0).mean()),
        "frailty": [made.bundles.state_year, made.bundles.body_year],
    }  # fmt: skip


def summarise(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One record a kind of world: truth, estimate, bias, and the per cent of intervals that hold the truth."""
    out = []
    for variant in VARIANTS:
        for aim in LEVELS:
            good = [r for r in runs if (r["variant"], r["aim"]) == (variant, aim) and r["status"] != "not_converged"]
            if not good:
                continue

            def of(name: str, key: str, good: list[dict[str, Any]] = good) -> FloatArray:
                return np.array([r["found"][name][key] for r in good])

            def true(name: str, good: list[dict[str, Any]] = good) -> FloatArray:
                return np.array([r["true"][name] for r in good])

            def covered(name: str) -> float:
                inside = (of(name, "low") <= true(name)) & (true(name) <= of(name, "high"))
                return round(100 * float(inside.mean()), 1)

            out.append(
                {"variant": variant, "aim": aim, "worlds": len(good),
                 "events": round(float(np.mean([r["events"] for r in good]))),
                 "true_R": round(float(true("influence").mean()), 3),
                 "R": round(float(of("influence", "median").mean()), 3),
                 "bias": round(float((of("influence", "median") - true("influence")).mean()), 3),
                 # R is never below 0, so where the truth is 0 its sign is asked.
                 "covered": covered("signed"),
                 "true_R_all": round(float(true("all").mean()), 3), "R_all": round(float(of("all", "median").mean()), 3),
                 "covered_all": covered("all"),
                 "upper": round(float(of("upper", "median").mean()), 3),
                 "between_bounds": round(
                     100 * float(((of("signed", "low") <= true("influence"))
                                  & (true("influence") <= of("upper", "high"))).mean()), 1),
                 "p_self_sustaining": round(float(np.mean([r["p_self_sustaining"] for r in good])), 3)}
            )  # fmt: skip
    return out


def main() -> None:
    """Run what is missing, one world at a time; summarise."""
    done = [json.loads(line) for line in RUNS.read_text().splitlines()] if RUNS.exists() else []
    have = {(r["variant"], r["aim"], r["seed"]) for r in done}
    # Seeds go round the worlds, so that an interrupted study has about as many of each.
    kinds = [(aim, variant) for variant in VARIANTS for aim in LEVELS]
    todo = [
        (aim, variant, 1000 * number + seed) for seed in range(REPLICATES) for number, (aim, variant) in enumerate(kinds)
        if (variant, aim, 1000 * number + seed) not in have
    ]  # fmt: skip
    began = time.monotonic()
    with RUNS.open("a") as kept:
        for count, (aim, variant, seed) in enumerate(todo, 1):
            done.append(replicate(aim, variant, seed))
            kept.write(json.dumps(done[-1]) + "\n")
            kept.flush()
            if count % 20 == 0:
                spent = time.monotonic() - began
                print(
                    f"{count} of {len(todo)}, {spent:.0f} s, about {spent / count * (len(todo) - count):.0f} s left",
                    flush=True,
                )
    rows = summarise(done)
    RESULTS.write_text(
        json.dumps(
            {"size": {"states": STATES, "bodies": BODIES, "years": YEARS - BURN_IN}, "draws": DRAWS, "rows": rows},
            indent=1,
        )
        + "\n"
    )
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
