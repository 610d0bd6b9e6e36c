"""What `exeunt feedback` answers: K, R, G, placebos and the cut loop on one outcome, from the cache where they are there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from exeunt.answers import Message
from exeunt.core.cache import path_of, read_json, write_json
from exeunt.core.errors import UsageError
from exeunt.core.progress import Progress
from exeunt.explain.fit import Fit
from exeunt.history.loop_gain import DRAWS, LOOP, WORLDS, _band, _cut_loop, _Kernels, _kernels, _multiplier, _summary
from exeunt.history.next_generation import ALL, BUNDLES, CONTAGION, LAYERS, MOMENTUM, _spectral_radius
from exeunt.history.opening import HORIZON, _Fits, _fits, _Ground, _ground, _require_year, require_usable
from exeunt.history.placebos import PLACEBOS, STRICT, TERMS, _coefficients, _loop_draws, _placebo_fits
from exeunt.panel.build import Covariates, covariates
from exeunt.record.schema import LAST_CODED_YEAR
from exeunt.record.store import Record

ROOMS: Final = ("measures", "panel", "explain", "simulate", "history")
OUTCOME: Final = "cleaned"
BESIDE: Final = {"cleaned": ("core",)}
"""Outcomes always told beside another."""
SEED: Final = 1
RECOVERY: Final = Path(__file__).parent / "recovery.json"
HEADLINE: Final = (
    "outcome", "R", "R_upper_bound", "G", "G_interval", "p_self_sustaining", "p_self_sustaining_upper", "R_influence",
    "R_upper", "channels", "loop", "placebos", "cut_loop", "status", "warnings",
)  # fmt: skip
"""What is told of an outcome beside another: all but its groups, and further exits by state."""


def answer(
    record: Record, outcome: str = OUTCOME, year: int | None = None, state: str | None = None,
    progress: Progress | None = None, draws: int = DRAWS, worlds: int = WORLDS, beside: tuple[str, ...] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Everything on one outcome, with the headline of the outcomes told beside it.

    Parameters
    ----------
    year : the named year; the last coded one by default, to which the fits reach
    state : code of the state of whose exits the offspring is asked; all by default
    draws, worlds : draws of the posterior for K, pairs of worlds for G and for the cut loop
    beside : outcomes whose headline is told beside; those of `BESIDE` by default

    Raises
    ------
    UsageError, for an outcome, year or state that cannot be asked.
    """
    progress = progress or Progress(quiet=True)
    year = LAST_CODED_YEAR if year is None else year
    beside = BESIDE.get(outcome, ()) if beside is None else beside
    for name in (outcome, *beside):
        require_usable(name)
    _require_year(year, record.closing_day.year)
    found = _parts(record, outcome, year, progress, draws, worlds)
    by_state, anywhere = found.pop("by_state"), found.pop("offspring")
    if state is not None and state not in by_state:
        raise UsageError(
            f"{state} has no membership in {year} whose exit counts under {outcome}; name a state that has, or another year."
        )
    told = [_parts(record, name, year, progress, draws, worlds) for name in beside]
    return {
        **{key: found[key] for key in KEYS if key in found},
        "offspring": by_state[state] if state else anywhere,
        **{key: value for key, value in found.items() if key not in KEYS},
        "beside": [{key: one[key] for key in HEADLINE} for one in told],
    }


KEYS: Final = (
    "outcome", "year", "horizon_years", "R", "R_upper_bound", "G", "p_self_sustaining", "channels", "placebos", "cut_loop",
    "groups",
)  # fmt: skip


def _parts(
    record: Record,
    outcome: str,
    year: int,
    progress: Progress,
    draws: int = DRAWS,
    worlds: int = WORLDS,
    seed: int = SEED,
) -> dict[str, Any]:
    """K and what follows from it, and the paired worlds: each kept by itself."""
    laid: list[Covariates] = []
    made: list[tuple[_Fits, _Ground]] = []

    def cov() -> Covariates:
        if not laid:
            with progress.step(f"{outcome}: memberships and measures", 3):
                laid.append(covariates(record, outcome))
        return laid[0]

    def base() -> tuple[_Fits, _Ground]:
        if not made:
            with progress.step(f"{outcome}: both hazards", 20):
                of = _fits(record, outcome, cov)
            made.append((of, _ground(record, outcome, year, cov())))
        return made[0]

    def kept(what: str, make: Callable[[], dict[str, Any]], **inputs: Any) -> dict[str, Any]:
        path = path_of(
            f"feedback-{what}", ROOMS, record=record.version, outcome=outcome, year=year, seed=seed, **inputs
        )
        stored = read_json(path)
        if stored is None:
            stored = make()
            write_json(path, stored)
        return dict(stored)

    def lagged() -> dict[str, Any]:
        of, g = base()
        placebos = _placebo_fits(record, outcome, cov, seed, progress.say)
        others = {name: _loop_draws(one, draws, seed) for name, one in placebos.items()}
        with _counted(progress, f"{outcome}: K, {draws} draws", draws) as tick:
            found = _kernels(g, of, draws, seed, others, tick)
        return _from_kernels(g, of, found, placebos)

    def paired() -> dict[str, Any]:
        of, g = base()
        if of.exits.status != "ok":
            return {"G": None, "G_interval": None, "cut_loop": None}
        with _counted(progress, f"{outcome}: G, {worlds} pairs of worlds", worlds) as tick:
            extra = _multiplier(g, of, worlds, seed, tick).difference()
        with _counted(progress, f"{outcome}: the loop cut, {worlds} pairs of worlds", worlds) as tick:
            cut = _cut_loop(g, of, worlds, seed + 1, tick)
        return {
            "G": extra["mean"],
            "G_interval": extra,
            "cut_loop": {
                "exits_with": float(cut.done.mean()), "exits_without": float(cut.without.mean()),
                "difference": cut.difference(), "terms_cut": list(LOOP),
            },
        }  # fmt: skip

    found = {
        "outcome": outcome, "year": year, "horizon_years": HORIZON, **kept("kernel", lagged, draws=draws),
        **kept("paired", paired, worlds=worlds),
    }  # fmt: skip
    found["warnings"] = _warnings(found)
    return found


@contextmanager
def _counted(progress: Progress, what: str, number: int) -> Iterator[Callable[[int], None]]:
    """Say how far counted work has come, every ten seconds, with the time left."""
    began = last = time.monotonic()

    def tick(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > 10 and done < number:
            last = now
            progress.say(f"{what}: {done} done, about {(now - began) / done * (number - done):.0f} s left")

    with progress.step(what):
        yield tick


def _from_kernels(g: _Ground, of: _Fits, found: _Kernels, placebos: dict[str, tuple[Fit, ...]]) -> dict[str, Any]:
    """Plain values of what K says."""
    middle = np.median(found.kernel, axis=0)
    pairs = np.bincount(g.groups.of_pairs()[g.counted], minlength=len(g.groups.names))
    by_state = {}
    for i, code in enumerate(g.codes):
        if not np.isnan(found.by_state[:, ALL, i]).any():
            by_state[code] = _offspring(code, found.by_state[:, :, i], int(g.counted[i].sum()))
    return {
        **_summary(found.kernel),
        "placebos": [_placebo(name, of_one, *found.loops[name]) for name, of_one in placebos.items()],
        "loop": {
            **_placebo(
                "fitted", (of.exits,), found.kernel[:, CONTAGION] + found.kernel[:, MOMENTUM],
                found.anywhere[:, CONTAGION] + found.anywhere[:, MOMENTUM],
            ),
            "beyond_permutations": _beyond(of.exits, placebos["permuted_years"]),
        },
        "groups": [
            {"group": name, "pairs": int(pairs[k]), "further_exits": float(middle[ALL, :, k].sum()),
             "within": float(middle[ALL, k, k]), "further_exits_with_bundles": float(middle[[ALL, BUNDLES], :, k].sum())}
            for k, name in enumerate(g.groups.names) if pairs[k]
        ],
        "offspring": _offspring(None, found.anywhere, int(g.counted.sum())),
        "by_state": by_state,
        "status": of.exits.status,
        "reading": of.exits.reading,
        "frailty": {"state_year": of.exits.bundles.state_year, "body_year": of.exits.bundles.body_year},
    }  # fmt: skip


def _offspring(state: str | None, by_layer: Any, pairs: int) -> dict[str, Any]:
    """Further exits of one exit, by layer; `by_layer` is (draws, layers)."""
    upper = _band(by_layer[:, ALL] + by_layer[:, BUNDLES])
    return {
        "state": state, "memberships": pairs, "further_exits": _band(by_layer[:, ALL]), "upper": upper,
        "channels": [{"channel": name, **_band(by_layer[:, k])} for k, name in enumerate(LAYERS) if k],
    }  # fmt: skip


def _placebo(name: str, made: tuple[Fit, ...], kernel: Any, further: Any) -> dict[str, Any]:
    """One pair of counts: R by their two channels alone, further exits, both coefficients, and whether they give nothing."""
    found = _coefficients(made)
    apart = [term for term in TERMS if found[term].told_apart]
    return {
        "placebo": name, "what": PLACEBOS.get(name, "the counts of the hazard itself"), "R": _band(_spectral_radius(kernel)),
        "further_exits": _band(further), "coefficients": {term: found[term].as_dict() for term in TERMS},
        "fits": len(made), "rows": made[0].rows, "exits": made[0].events, "passed": not apart, "told_apart": apart,
        "error_over_own": {term: found[term].error / found[term].own_error for term in TERMS},
    }  # fmt: skip


def _beyond(fitted: Fit, shuffles: tuple[Fit, ...]) -> list[str]:
    """Which coefficients of the hazard lie beyond what shuffled years give."""
    null, own = _coefficients(shuffles), _coefficients((fitted,))
    return [t for t in TERMS if abs(own[t].estimate - null[t].estimate) > STRICT * null[t].error]


def _warnings(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What must be read with the numbers, as messages."""
    out = []
    if found["status"] != "ok":
        out.append(Message(code="feedback.not_ok", values={"outcome": found["outcome"], "status": found["status"]}))
    failed = [p["placebo"] for p in found["placebos"] if not p["passed"]]
    if failed:
        out.append(Message(code="feedback.placebos_failed", values={"n": len(failed), "placebos": failed}))
    if not found["loop"]["beyond_permutations"]:
        wider = max(next(p for p in found["placebos"] if p["placebo"] == "permuted_years")["error_over_own"].values())
        out.append(Message(code="feedback.not_beyond", values={"wider": round(wider, 1)}))
    if found["p_self_sustaining"] < 0.5 <= found["p_self_sustaining_upper"]:
        out.append(Message(code="feedback.undecided"))
    if found["year"] > LAST_CODED_YEAR:
        values = {"fitted": LAST_CODED_YEAR - 1, "year": found["year"], "coded": LAST_CODED_YEAR}
        out.append(Message(code="feedback.beyond_rows", values=values))
    return [each.as_dict() for each in out]


def recovery() -> Message:
    """What worlds of known R say of the intervals here, from the summary of the study that ships; `make gain` renews it."""
    found = json.loads(RECOVERY.read_text(encoding="utf-8"))
    names = {"covered": "covered", "nothing": "from_nothing", "under": "understated"}
    values = {f"{name}_{end}": found[key][k] for name, key in names.items() for k, end in enumerate(("low", "high"))}
    return Message(code="feedback.recovery", values=values)
