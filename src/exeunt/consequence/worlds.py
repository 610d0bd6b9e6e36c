"""Coverage by issue area in simulated worlds: what part of the world is inside, years on, under a scenario and the baseline.

Worlds are replayed from their numbers and each is held against itself under the baseline, so the change is that of the
scenario. Bodies that a world founds have no issue area and are not counted; a body that has ended has nobody inside.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from exeunt.arrays import FloatArray
from exeunt.consequence.memberships import authority, from_codes, weights
from exeunt.consequence.vacuum import WEIGHTS, areas
from exeunt.errors import UsageError
from exeunt.measures.membership import by_group
from exeunt.progress import Progress
from exeunt.record.store import Record
from exeunt.simulate.ensemble import player_of
from exeunt.simulate.paths import history
from exeunt.simulate.scenario import scenario
from exeunt.simulate.setting import opened, require_numbers

Z95 = 1.96


def coverage_of_worlds(
    record: Record, name: str, worlds: int, years: int, seed: int = 1, weight: str = "states",
    progress: Progress | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Coverage of every issue area after some years of a scenario.

    Parameters
    ----------
    name : a shipped scenario or a file, the baseline among them
    worlds, years, seed : as in `exeunt simulate`; the same numbers are the same worlds
    weight : one of `vacuum.WEIGHTS`

    Returns
    -------
    Rows {area, weight, bodies, measured, year} and for `mean`, the part of the world inside a body of the area on average, and
    `any`, inside at least one: `_start` at the opening of the worlds; the median `_end` after the last year with `_low` and
    `_high`, 95 % of the worlds; `_change`, the mean difference to the same worlds under the baseline, with the 95 % interval
    of that mean in `_change_low` and `_change_high`, empty for the baseline itself.

    Raises
    ------
    UsageError, UnknownNameError, for what is not known; FitError, unless the exit hazard is calibrated.
    """
    if weight not in WEIGHTS:
        raise UsageError(f"no weight named {weight!r}; expected {', '.join(WEIGHTS)}.")
    require_numbers(worlds, years, seed)
    progress = progress or Progress(quiet=True)
    found = opened(record, years, progress)
    s = found.start
    told = scenario(name, record, s, found.exit_fit, found.join_fit)
    settings = [found.setting(seed, told)] + ([] if told.is_baseline else [found.setting(seed)])
    known = from_codes(record, s.year, s.states, s.bodies, s.members)
    names, groups, _ = areas(record, known)
    # A body in which nobody is at the opening covers nothing and is left out.
    groups &= np.any(s.members, axis=0, keepdims=True)
    names, groups = tuple(n for n, one in zip(names, groups, strict=True) if one.any()), groups[groups.any(axis=1)]
    states = weights(record, known, "states" if weight == "authority" else weight)
    heavy = authority(record, known) if weight == "authority" else np.ones(len(known.bodies))
    start = by_group(s.members, states, groups, heavy)
    ends = np.full((len(settings), 2, worlds, len(names)), np.nan)
    with progress.step(f"issue areas in {worlds:,} worlds of {told.name}", 0.02 * worlds * len(settings)):
        for k, setting in enumerate(settings):
            player = player_of(setting)
            for world in range(worlds):
                members = history(s, player.events(world))[0][-1][:, : len(s.bodies)]
                ends[k, :, world] = by_group(members, states, groups, heavy)
    rows = []
    for n, area in enumerate(names):
        row: dict[str, Any] = {
            "area": area, "weight": weight, "bodies": int(groups[n].sum()),
            "measured": float((~np.isnan(heavy[groups[n]])).mean()), "year": s.year + s.years,
        }  # fmt: skip
        for which, what in enumerate(("mean", "any")):
            row |= band_of(what, float(start[which][n]), ends[:, which, :, n])
        rows.append(row)
    return rows


def band_of(what: str, start: float, ends: FloatArray) -> dict[str, float | None]:
    """Columns of one measure from its values, (settings, worlds)."""
    keys = ("start", "end", "low", "high", "change", "change_low", "change_high")
    found: dict[str, float | None] = {f"{what}_{key}": None for key in keys}
    if np.isnan(start):
        return found
    low, middle, high = np.quantile(ends[0], [0.025, 0.5, 0.975])
    numbers = [start, middle, low, high]
    if len(ends) > 1:
        apart = ends[0] - ends[1]
        error = Z95 * apart.std(ddof=1) / np.sqrt(len(apart)) if len(apart) > 1 else np.nan
        mean = apart.mean()
        numbers += [mean, mean - error, mean + error]
    return found | {
        f"{what}_{key}": None if np.isnan(one) else float(one) for key, one in zip(keys, numbers, strict=False)
    }
