"""Laws of worlds for `gpu.py`: saved once from the fits, and laid out for the engine's kernel and for the batched one.

What is saved needs neither the record nor polars to be read again. Numbers are kept in single precision, and both kernels get
the same ones.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

SEED = 1
OPENING = (
    "inside", "outside", "since", "members", "bodies", "exits", "by_body", "by_state", "last_exit", "never_left", "back",
    "log_before", "founded", "lag", "logs", "shared",
)  # fmt: skip
PARTS = (
    "position", "share", "exit_state", "join_state", "exit_body", "join_body", "exit_years", "join_years", "e", "q", "death",
    "ratios", "response",
)  # fmt: skip
LEFT, JOINED = 3, 4


def save(out: Path, years: int, worlds: int) -> dict[str, Any]:
    """Draw worlds, write their laws into one file, and tell what drawing and playing cost here, in ms a world."""
    from exeunt.progress import Progress
    from exeunt.record.opened import open_record
    from exeunt.simulate import engine
    from exeunt.simulate.ensemble import Player, make_block
    from exeunt.simulate.parts import blocks
    from exeunt.simulate.setting import opened

    found = opened(open_record(), years, Progress(quiet=True))
    setting = found.setting(SEED, rated=0)
    player, s = Player(setting), found.start
    at = player.at
    player.events(0)  # compiles
    made: list[tuple[Any, ...]] = []
    drawing = playing = 0.0
    for world in range(worlds):
        began = time.process_time()
        laws, around = player.laws(world), player.surroundings(world)
        drawn = time.process_time()
        if world < 100:
            player.events(world, laws, around)
            playing += time.process_time() - drawn
            drawing += drawn - began
        made.append((laws, around))
    whole = blocks(100)
    make_block(setting, whole[0])
    began = time.process_time()
    for block in whole:
        make_block(setting, block)
    cost = {
        "draw_ms": 1000 * drawing / min(worlds, 100), "play_ms": 1000 * playing / min(worlds, 100),
        "block_ms": 1000 * (time.process_time() - began) / sum(block.size for block in whole),
    }  # fmt: skip
    m, n = len(at.founded), len(s.states)
    births = max(len(around.birth_step) for _laws, around in made)
    rows: dict[str, list[Any]] = {name: [] for name in (*PARTS, "birth_step", "founders", "births")}
    for (exits, joins, exit_years, join_years), around in made:
        more = births - len(around.birth_step)
        each = {
            "position": around.position[at.rows], "share": around.capability[at.rows],
            "exit_state": exits.beta[0] + exits.state, "join_state": joins.beta[0] + joins.state,
            "exit_body": np.concatenate([exits.body, around.birth_exit, np.zeros(more)]),
            "join_body": np.concatenate([joins.body, around.birth_join, np.zeros(more)]),
            "exit_years": exit_years, "join_years": join_years, "e": engine.slopes(exits, engine.EXIT_NAMES),
            "q": engine.slopes(joins, engine.JOIN_NAMES), "death": around.death, "ratios": around.return_log_ratio,
            "response": np.array([around.capability_response]),
            "birth_step": np.concatenate([around.birth_step, np.full(more, years)]),
            "founders": np.concatenate([around.founders, np.zeros((more, n), np.uint8)]),
            "births": np.array(len(around.birth_step)),
        }  # fmt: skip
        for name, value in each.items():
            rows[name].append(np.asarray(value, np.float32) if name in PARTS else np.asarray(value))
    bundles = [(of.bundles.state_year, of.bundles.body_year) for of in made[0][0][:2]]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    np.savez_compressed(
        out, **{f"opening_{name}": getattr(at, name) for name in OPENING}, **{k: np.array(v) for k, v in rows.items()},
        variances=np.array(bundles).ravel(), numbers=np.array([at.longest, at.year, years, n, m, births]),
        commit=np.array(commit.strip()),
    )  # fmt: skip
    return cost


class Laws:
    """Laws of worlds as `save` wrote them."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as kept:
            self.of = {name: kept[name] for name in kept.files}
        self.longest, self.year, self.years, self.n, self.m, self.births = (int(x) for x in self.of["numbers"])
        self.worlds, self.commit = len(self.of["births"]), str(self.of["commit"])
        self.opening = {name: self.of[f"opening_{name}"] for name in OPENING}
        self.words = 2 * self.opening["members"].shape[-1]

    def arguments(self, number: int, world: int) -> tuple[Any, ...]:
        """Arguments of `kernel.play` for a world, with the laws of that number."""
        o, one = self.opening, {name: self.of[name][number].astype(np.float64) for name in PARTS}
        births = int(self.of["births"][number])
        come = self.of["birth_step"][number][:births].astype(np.int64)
        bodies = self.m + births
        none = np.zeros((0, 3), np.int64)
        return (
            o["inside"], o["outside"], o["since"], o["members"], o["bodies"], o["exits"], o["by_body"], o["by_state"],
            o["last_exit"], o["never_left"], o["back"], o["log_before"], np.concatenate([o["founded"], self.year + come]),
            np.concatenate([o["lag"], np.ones(births, np.int64)]), np.arange(bodies), o["logs"], o["shared"],
            self.longest, self.year, 1e-6, one["position"], one["share"], float(one["response"][0]), one["death"], come,
            self.of["founders"][number][:births], one["ratios"], one["e"], one["q"], one["exit_state"],
            one["exit_body"][:bodies], one["join_state"], one["join_body"][:bodies], one["exit_years"], one["join_years"],
            self.of["variances"], SEED, world, none, none, np.zeros((self.n, self.m, 2), np.int64),
            np.zeros(self.n, np.int64), np.zeros((0, 2), np.int64), np.zeros(0), np.ones((0, 0)), 0,
        )  # fmt: skip

    def sizes(self) -> dict[str, int]:
        """Constants with which the batched kernel is compiled."""
        return {
            "N": self.n, "W": self.words, "START": self.m, "BIRTHS": self.births, "LONGEST": self.longest,
            "ROWS": self.longest + self.years, "YEARS": self.years, "OPENING": self.year,
            "OLDEST": int(self.opening["since"].min()),
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
        bodies = self.m + self.births
        totals = [
            ("exits_of_body", "i4", (bodies,)), ("joins_of_body", "i4", (bodies,)), ("deaths", "i4", (years, m)),
            ("first", "i4", (3, m, n)), ("exit_candidates", "u8"), ("join_candidates", "u8"),
        ]  # fmt: skip
        return np.dtype(opening, align=True), np.dtype(totals, align=True)

    def opened(self) -> np.ndarray[Any, Any]:
        """The opening for the batched kernel."""
        o, k = self.opening, self.longest
        out = np.zeros(1, self.types()[0])
        put = {
            "member": _words(o["members"]), "gone_bits": _words(o["exits"]), "open": _words(o["never_left"]),
            "back": _words(o["back"]), "left": o["by_body"][: k + 2, :, LEFT], "joined": o["by_body"][: k + 2, :, JOINED],
            "gone": o["by_state"][: k + 2, :, 1], "bodies": o["by_state"][:k, :, 0], "founded": o["founded"], "lag": o["lag"],
            "size": o["by_body"][:k, :, 0], "number": o["by_body"][:k, :, 1], "total": o["by_body"][:k, :, 2],
            "log_before": o["log_before"], "since": o["since"], "left_in": o["last_exit"],
        }  # fmt: skip
        for name, value in put.items():
            out[name][0] = value
        return out

    def rows(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """What the batched kernel reads of each world: numbers, and whole numbers."""
        of, count = self.of, self.worlds
        position = of["position"]
        extent = np.stack([
            np.fmin(np.nanmin(position, axis=2), 0), np.fmax(np.nanmax(position, axis=2), 0)
        ], axis=2)  # fmt: skip
        parts = [of["position"], of["share"], extent, *(of[name] for name in PARTS[2:])]
        floats = np.concatenate([part.reshape(count, -1) for part in parts], axis=1)
        bits = np.zeros((count, self.births, 32 * self.words), np.uint8)
        bits[:, :, : self.n] = of["founders"]
        founders = np.packbits(bits, axis=2, bitorder="little").view("<i4")
        ints = np.concatenate([
            of["births"][:, None], of["birth_step"], founders.reshape(count, -1)
        ], axis=1)  # fmt: skip
        return np.ascontiguousarray(floats, np.float32), np.ascontiguousarray(ints, np.int32)


def _words(bits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.ascontiguousarray(bits).view("<u4")
