"""Laws of worlds for `gpu.py`: drawn and saved once, and laid out for the engine's kernel and for the batched one.

What is saved needs neither the record nor polars to be read again. Numbers that differ between worlds are rounded to single
precision first, so both kernels get the same ones.
"""

from __future__ import annotations

import gzip
import pickle
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

SEED = 1
PARTS = (
    "position", "share", "exit_state", "join_state", "exit_body", "join_body", "exit_years", "join_years", "e", "q", "death",
    "ratios", "response",
)  # fmt: skip
Array = np.ndarray[Any, Any]


def cost(years: int, worlds: int) -> dict[str, float]:
    """CPU time of a world of the ensemble on this machine, in ms: drawing its laws, playing it, counting and writing it."""
    from exeunt.progress import Progress
    from exeunt.record.opened import open_record
    from exeunt.simulate.ensemble import make_block, player_of
    from exeunt.simulate.parts import blocks
    from exeunt.simulate.setting import opened

    setting = opened(open_record(), years, Progress(quiet=True)).setting(SEED, rated=0)
    player: Any = player_of(setting)
    spent = dict.fromkeys(("laws", "surroundings", "events"), 0.0)

    def timed(name: str) -> None:
        plain = getattr(player, name)

        def watched(*given: Any) -> Any:
            began = time.process_time()
            out = plain(*given)
            spent[name] += time.process_time() - began
            return out

        setattr(player, name, watched)

    make_block(setting, blocks(50)[0])  # compiles
    for name in spent:
        timed(name)
    began = time.process_time()
    for block in blocks(worlds):
        make_block(setting, block)
    whole = time.process_time() - began
    draw, play = spent["laws"] + spent["surroundings"], spent["events"]
    return {
        name: 1000 * seconds / worlds
        for name, seconds in (("draw", draw), ("play", play), ("rest", whole - draw - play))
    }


def save(folder: Path, years: int, worlds: int) -> None:
    """Draw worlds from the fits and write their laws."""
    from exeunt.progress import Progress
    from exeunt.record.opened import open_record
    from exeunt.simulate.ensemble import Player
    from exeunt.simulate.setting import opened

    found = opened(open_record(), years, Progress(quiet=True))
    player = Player(found.setting(SEED, rated=0))
    put(folder, found.start, [(player.laws(world), player.surroundings(world)) for world in range(worlds)])


def put(folder: Path, s: Any, made: list[Any]) -> None:
    """Write laws of worlds, drawn for a start: those of the batched kernel, and what the engine gives its kernel."""
    from exeunt.simulate import engine

    years = s.years
    births = max(len(around.birth_step) for _laws, around in made)
    rows: dict[str, list[Any]] = {name: [] for name in (*PARTS, "birth_step", "founders", "births")}
    at = np.arange(s.longest_lag + years) + s.year - s.longest_lag - s.first_year
    for (exits, joins, exit_years, join_years), around in made:
        more = births - len(around.birth_step)
        each = {
            "position": around.position[at], "share": around.capability[at],
            "exit_state": exits.beta[0] + exits.state, "join_state": joins.beta[0] + joins.state,
            "exit_body": np.concatenate([exits.body, around.birth_exit, np.zeros(more)]),
            "join_body": np.concatenate([joins.body, around.birth_join, np.zeros(more)]),
            "exit_years": exit_years, "join_years": join_years, "e": engine.slopes(exits, engine.EXIT_NAMES),
            "q": engine.slopes(joins, engine.JOIN_NAMES), "death": around.death, "ratios": around.return_log_ratio,
            "response": np.array([around.capability_response]),
            "birth_step": np.concatenate([around.birth_step, np.full(more, years)]),
            "founders": np.concatenate([around.founders, np.zeros((more, len(s.states)), np.uint8)]),
            "births": np.array(len(around.birth_step)),
        }  # fmt: skip
        for name, value in each.items():
            rows[name].append(np.asarray(value, np.float32) if name in PARTS else np.asarray(value))
    bundles = [(of.bundles.state_year, of.bundles.body_year) for of in made[0][0][:2]]
    asked = ["git", "rev-parse", "--short", "HEAD"]
    told = subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=False).stdout
    commit = told.strip() or "unknown"
    np.savez_compressed(
        folder / f"laws{years}.npz", **{k: np.array(v) for k, v in rows.items()},
        **{f"opening_{name}": value for name, value in _opening(s).items()}, commit=np.array(commit),
        variances=np.array(bundles).ravel(), numbers=np.array([s.longest_lag, s.year, years, *s.members.shape, births]),
    )  # fmt: skip
    with gzip.open(folder / f"engine{years}.pkl.gz", "wb", 1) as file:
        pickle.dump(_given(s, made), file)


def _opening(s: Any) -> dict[str, Array]:
    """What all worlds open with, as the batched kernel wants it; bodies come before states, years before both."""
    longest, before = s.longest_lag, s.longest_lag + 2
    members = np.array([row.T for row in s.past_members[-longest - 1 :]], np.uint8)
    exits = np.array([row.T for row in s.past_exits[-before:]], np.uint8)
    from exeunt.panel.terms import SMALLEST_SHARE
    from exeunt.simulate.world import capability_before

    at = np.arange(longest + s.years) + s.year - longest - s.first_year
    position, has_left = s.position[at], s.last_exit.T >= 0
    earlier = np.array([capability_before(s, int(row)) for row in at])
    return {
        "inside": members[longest], "member": _words(members), "gone_bits": _words(exits),
        "open": _words(s.open_to_join.T & ~has_left), "back": _words(s.open_to_join.T & has_left),
        "left": exits.sum(axis=2), "joined": np.array([row.sum(axis=0) for row in s.past_joins[-before:]]),
        "gone": exits.sum(axis=1), "bodies": members[:longest].sum(axis=1), "founded": s.founded, "lag": s.lag,
        "size": members[:longest].sum(axis=2),
        "number": np.array([members[row] @ ~np.isnan(position[row]) for row in range(longest)]),
        "total": np.array([members[row] @ np.nan_to_num(position[row]) for row in range(longest)]),
        "log_before": np.log(np.maximum(earlier, SMALLEST_SHARE)), "since": (s.year - s.tenure).T.astype(np.int16),
        "left_in": s.last_exit.T.astype(np.int16),
    }  # fmt: skip


def _words(bits: Array) -> Array:
    """Rows of zeros and ones as rows of 32-bit words."""
    size = bits.shape[-1]
    wide = np.zeros((*bits.shape[:-1], -(-size // 256) * 256), np.uint8)
    wide[..., :size] = bits
    return np.packbits(wide, axis=-1, bitorder="little").view("<u4")


def _given(s: Any, made: list[Any]) -> dict[str, Any]:
    """What the engine gives its kernel: arguments that all worlds share, those of each world, and where its number stands."""
    from exeunt.simulate import engine

    seen: list[tuple[Any, ...]] = []
    at, plan = engine.lay_out(s), engine.no_plan(s)

    def keep(*arguments: Any) -> Array:
        seen.append(arguments)
        return np.zeros((0, 4), np.int64)

    plain, engine.play = engine.play, keep
    try:
        for world, (laws, around) in enumerate(made):
            engine.events(at, *laws, SEED, world, plan, around)
    finally:
        engine.play = plain
    here = [
        k for k, value in enumerate(seen[0]) if isinstance(value, int) and all(a[k] == w for w, a in enumerate(seen))
    ]
    if len(here) != 1:
        raise SystemExit(
            "which argument of kernel.play is the world's number is not clear; look at simulate/engine.py."
        )
    same = [all(a[k] is value or np.array_equal(a[k], value, equal_nan=True) for a in seen)
            if not isinstance(value, np.ndarray) or value.dtype.kind == "f" else
            all(a[k] is value or np.array_equal(a[k], value) for a in seen)
            for k, value in enumerate(seen[0])]  # fmt: skip
    return {
        "world": here[0], "all": [value if same[k] else None for k, value in enumerate(seen[0])],
        "each": [{k: _rounded(value) for k, value in enumerate(a) if not same[k]} for a in seen],
    }  # fmt: skip


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(np.float32(value))
    return value.astype(np.float32).astype(np.float64) if getattr(value, "dtype", None) == np.float64 else value


class Laws:
    """Laws of worlds as `save` wrote them."""

    def __init__(self, folder: Path, years: int) -> None:
        with np.load(folder / f"laws{years}.npz") as kept:
            self.of = {name: kept[name] for name in kept.files}
        with gzip.open(folder / f"engine{years}.pkl.gz") as file:
            self.given = pickle.load(file)
        self.longest, self.year, self.years, self.n, self.m, self.births = (int(x) for x in self.of["numbers"])
        self.worlds, self.commit = len(self.of["births"]), str(self.of["commit"])
        self.inside = self.of["opening_inside"]
        self.words = self.of["opening_open"].shape[-1]

    def arguments(self, world: int) -> list[Any]:
        """Arguments of the engine's kernel for a world; laws come again after those that were drawn."""
        each = self.given["each"][world % self.worlds]
        out = [each.get(k, value) for k, value in enumerate(self.given["all"])]
        out[self.given["world"]] = world
        return out

    def sizes(self) -> dict[str, int]:
        """Constants with which the batched kernel is compiled."""
        return {
            "N": self.n, "W": self.words, "START": self.m, "BIRTHS": self.births, "LONGEST": self.longest,
            "ROWS": self.longest + self.years, "YEARS": self.years, "OPENING": self.year,
            "OLDEST": int(self.of["opening_since"].min()),
        }  # fmt: skip

    def types(self) -> tuple[np.dtype[Any], np.dtype[Any]]:
        """Layouts of the batched kernel's `Opening` and `Totals`."""
        n, w, m, k, rows, years = self.n, self.words, self.m, self.longest, self.longest + self.years, self.years
        opening = [
            ("member", "u4", (k + 1, m, w)), ("gone_bits", "u4", (k + 2, m, w)), ("open", "u4", (m, w)), ("back", "u4", (m, w)),
            ("left", "i4", (k + 2, m)), ("joined", "i4", (k + 2, m)), ("gone", "i4", (k + 2, n)), ("bodies", "i4", (k, n)),
            ("founded", "i4", (m,)), ("lag", "i4", (m,)), ("size", "f4", (k, m)), ("number", "f4", (k, m)),
            ("total", "f4", (k, m)), ("log_before", "f4", (rows, n)), ("since", "i2", (m, n)), ("left_in", "i2", (m, n)),
        ]  # fmt: skip
        totals = [
            ("exits_of_body", "i4", (m + self.births,)), ("joins_of_body", "i4", (m + self.births,)),
            ("deaths", "i4", (years, m)), ("first", "i4", (3, m, n)), ("exit_candidates", "u8"), ("join_candidates", "u8"),
        ]  # fmt: skip
        return np.dtype(opening, align=True), np.dtype(totals, align=True)

    def opened(self) -> Array:
        """The opening for the batched kernel."""
        out = np.zeros(1, self.types()[0])
        for name in self.types()[0].names or ():
            out[name][0] = self.of[f"opening_{name}"]
        return out

    def rows(self) -> tuple[Array, Array]:
        """What the batched kernel reads of each world: numbers, and whole numbers."""
        of, count = self.of, self.worlds
        lowest, highest = np.nanmin(of["position"], axis=2), np.nanmax(of["position"], axis=2)
        extent = np.stack([np.fmin(lowest, 0), np.fmax(highest, 0)], axis=2)
        parts = [of["position"], of["share"], extent, *(of[name] for name in PARTS[2:])]
        floats = np.concatenate([part.reshape(count, -1) for part in parts], axis=1)
        founders = _words(of["founders"]).view("<i4").reshape(count, -1)
        ints = np.concatenate([of["births"][:, None], of["birth_step"], founders], axis=1)
        return np.ascontiguousarray(floats, np.float32), np.ascontiguousarray(ints, np.int32)


def beside(ours: Array, engine: Array, n: int) -> dict[str, Any]:
    """How far counts of the same worlds by two ways are apart: means a world, and differences in standard errors."""
    out: dict[str, Any] = {"worlds": len(engine)}
    ours = ours[: len(engine)]
    for number, name in enumerate(("exits", "joins")):
        pick = slice(number * n, number * n + n)
        one, two = ours[:, :, pick].astype(np.float64), engine[:, :, pick].astype(np.float64)
        gap = one.sum(axis=(1, 2)) - two.sum(axis=(1, 2))
        out[name] = {
            "gpu": one.sum() / len(one), "engine": two.sum() / len(two), "in_errors": _errors(gap[:, None])[0],
            "largest_of_years_in_errors": float(np.abs(_errors(one.sum(axis=2) - two.sum(axis=2))).max()),
            "largest_of_states_in_errors": float(np.abs(_errors(one.sum(axis=1) - two.sum(axis=1))).max()),
        }  # fmt: skip
    for number, name in enumerate(("ended", "founded")):
        one, two = (x[:, :, 3 * n + number].sum(axis=1, dtype=np.float64) for x in (ours, engine))
        out[name] = {"gpu": one.mean(), "engine": two.mean(), "in_errors": _errors((one - two)[:, None])[0]}
    return out


def _errors(gaps: Array) -> list[float]:
    """Mean of each column over its standard error; 0 where nothing differs."""
    error = gaps.std(axis=0, ddof=1) / np.sqrt(len(gaps))
    return [float(x) for x in np.divide(gaps.mean(axis=0), error, out=np.zeros(gaps.shape[1]), where=error > 0)]
