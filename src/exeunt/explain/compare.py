"""Rivals scored on equal rows: each against the common structure and three baselines, with intervals over blocks of years.

Parts are kept in the user's cache, one a model and origin, so that a run that is stopped goes on where it was, and one that
is repeated takes seconds.

A separate test on ranks: fitted to 2014, do the memberships that documents show ended since stand high in the list?

Only ranks are compared, never levels: what is documented since 2014 is what was found, mostly exits of large states from
well-known bodies, and a membership of which nothing is known may have ended too. Nothing here chooses a term.

References
----------
Hanley and McNeil (1982), Radiology 143, 29–36 (the mean rank of events as the area under the curve).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from exeunt.answers import Message
from exeunt.core.arrays import FloatArray
from exeunt.core.cache import path_of, read_rows, write_rows
from exeunt.core.worker_pool import worker_pool
from exeunt.explain.explanations import COMMON, Explanation
from exeunt.explain.rolling import BASELINES, OUTCOME, Score, linear, score_origin, splits, train
from exeunt.panel.build import exit_panel
from exeunt.panel.outcomes import documented_exits, exits_of
from exeunt.panel.registry import TERMS
from exeunt.record.store import Record

FEW_EVENTS: Final = 50
HALF: Final = 0.5
CALIBRATED: Final = (0.8, 1.25)
BLOCK: Final = 3
"""Fewest origins in a block; blocks are as long as the horizon where that is longer."""
Terms = tuple[str, ...]


@dataclass(frozen=True)
class _Compared:
    """One model at one horizon, with its skill against each reference on the same rows."""

    model: str
    horizon: int
    rows: int
    events: int
    log_score: float
    """Mean of minus the logarithm of the probability given to what came."""
    brier: float
    calibration: float
    """Exits expected over exits that came; 1 is right on average."""
    skill: dict[str, tuple[float, float, float]]
    """Reference → share by which the log score is lower than the reference's, with its 95 % interval."""
    doubts: tuple[Message, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values; keys as in the reference."""
        first = "common" if "common" in self.skill else "constant"
        skill, low, high = self.skill[first]
        return {
            "model": self.model, "horizon": self.horizon, "rows": self.rows, "events": self.events,
            "log_score": self.log_score, "against": first, "skill": skill, "skill_low": low, "skill_high": high,
            "brier": self.brier, "calibration": self.calibration, "doubts": [doubt.as_dict() for doubt in self.doubts],
            "skills": {name: list(values) for name, values in self.skill.items()},
        }  # fmt: skip


def _scorable(rivals: Iterable[type[Explanation]]) -> dict[str, Terms]:
    """Model → its terms with the common structure; a rival with a term that knows what comes later is not among them."""
    models: dict[str, Terms] = {"common": COMMON}
    for rival in rivals:
        if not any(name in TERMS and TERMS[name].lead for name in rival.terms):
            models[rival.name] = (*rival.terms, *COMMON)
    return models


def scores(
    record: Record, rivals: Sequence[type[Explanation]], workers: int = 2,
    say: Callable[[int, int], None] = lambda _, __: None,
) -> dict[str, list[Score]]:  # fmt: skip
    """Scores by model, with its references on the same rows, at every origin; from the cache where they are there.

    Parameters
    ----------
    workers : processes
    say : called with the number of parts done and of all

    Raises
    ------
    UnknownNameError, for an account with an unknown term.
    """
    chosen = splits()
    models = _scorable(rivals)
    parts = [(name, origin) for name in models for origin in chosen.origins]
    paths = {
        (model, origin): path_of(
            "score", record=record.version, terms=models[model], model=model, origin=origin, splits=asdict(chosen)
        )
        for model, origin in parts
    }
    found = {part: read_rows(path, Score) for part, path in paths.items()}
    lacking = [part for part in parts if found[part] is None]
    say(len(parts) - len(lacking), len(parts))
    tasks: list[tuple[str, tuple[int, ...]]] = []
    for name in models:
        origins = [origin for model, origin in lacking if model == name]
        share = max(1, -(-len(origins) // max(workers, 1)))
        # Late origins have the most rows; dealt out in turn, every task gets its part of them.
        count = -(-len(origins) // share) if origins else 0
        tasks += [(name, tuple(origins[k::count])) for k in range(count)]
    if tasks:
        done = len(parts) - len(lacking)
        for made in _run(record.folder, models, tasks, workers):
            for (name, origin), rows in made.items():
                found[name, origin] = rows
                write_rows(paths[name, origin], rows)
            done += len(made)
            say(done, len(parts))
    return {name: [s for origin in chosen.origins for s in found[name, origin] or []] for name in models}


def _run(
    folder: Path, models: dict[str, Terms], tasks: list[tuple[str, tuple[int, ...]]], workers: int
) -> Iterable[dict[tuple[str, int], list[Score]]]:
    """Results of the tasks as they come; one process where one worker is asked for."""
    if workers <= 1:
        for name, origins in tasks:
            panel = _panel(folder, models[name])
            for origin in origins:
                yield {(name, origin): score_origin(panel, models[name], name, origin, splits())}
        return
    with worker_pool(workers) as pool:
        waiting = {pool.submit(_task, folder, name, models[name], origins) for name, origins in tasks}
        try:
            while waiting:
                ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ready:
                    yield future.result()
        except BaseException:
            for future in waiting:
                future.cancel()
            raise


def _panel(folder: Path, terms: Terms) -> Any:
    return exit_panel(Record(folder), "cleaned", terms=terms)


def _task(folder: Path, name: str, terms: Terms, origins: tuple[int, ...]) -> dict[tuple[str, int], list[Score]]:
    panel = _panel(folder, terms)
    return {(name, origin): score_origin(panel, terms, name, origin, splits()) for origin in origins}


def _compared(found: Sequence[Score], common: Sequence[Score] | None = None) -> list[_Compared]:
    """One row a model and horizon.

    Parameters
    ----------
    found : scores of one model and of its references on the same rows
    common : scores of the common structure on all the rows it can score, to tell what share the model covers

    Returns
    -------
    The model first, then its references, by horizon.
    """
    chosen = splits()
    out = []
    own = [name for name in dict.fromkeys(s.model for s in found) if name not in BASELINES]
    for h in sorted({s.horizon for s in found}):
        rows = {name: [s for s in found if s.model == name and s.horizon == h] for name in (*own, *BASELINES)}
        for name in own or [n for n in BASELINES if rows[n]]:
            mine = rows[name]
            skill = {
                other: _skill(mine, rows[other], max(h, BLOCK), chosen.bootstrap, chosen.seed)
                for other in BASELINES if other != name and rows[other]
            }  # fmt: skip
            n, events = sum(s.rows for s in mine), sum(s.events for s in mine)
            expected = sum(s.expected for s in mine)
            calibration = expected / events if events else float("nan")
            everybody = sum(s.rows for s in common or () if s.model == "common" and s.horizon == h)
            out.append(
                _Compared(
                    name, h, n, events, sum(s.log_score for s in mine) / n, sum(s.brier for s in mine) / n, calibration,
                    skill, _doubts(events, calibration, skill, n / everybody if everybody else 1.0),
                )
            )  # fmt: skip
    return out


def _skill(
    mine: Sequence[Score], other: Sequence[Score], block: int, draws: int, seed: int
) -> tuple[float, float, float]:
    """Share by which the log score is lower, and its 95 % interval over circular blocks of origins."""
    by = {s.origin: s.log_score for s in other}
    pairs = np.array([(s.log_score, by[s.origin]) for s in sorted(mine, key=lambda s: s.origin)])
    n = len(pairs)
    rng = np.random.Generator(np.random.Philox(seed))
    starts = rng.integers(0, n, (draws, -(-n // block)))
    index = ((starts[:, :, None] + np.arange(block)) % n).reshape(draws, -1)[:, :n]
    sums = pairs[index].sum(axis=1)
    drawn = 1.0 - sums[:, 0] / sums[:, 1]
    low, high = np.quantile(drawn, [0.025, 0.975])
    total = pairs.sum(axis=0)
    return float(1.0 - total[0] / total[1]), float(low), float(high)


def _doubts(
    events: int, calibration: float, skill: dict[str, tuple[float, float, float]], share: float
) -> tuple[Message, ...]:
    found = []
    if events < FEW_EVENTS:
        found.append(Message(code="doubt.few", values={"n": events}))
    for name, (_, low, high) in skill.items():
        if low <= 0 <= high:
            found.append(Message(code="doubt.none", values={"against": name}))
        elif high < 0:
            found.append(Message(code="doubt.worse", values={"against": name}))
    if not CALIBRATED[0] <= calibration <= CALIBRATED[1]:
        found.append(Message(code="doubt.expects", values={"n": round(calibration, 2)}))
    if share < HALF:
        found.append(Message(code="doubt.part", values={"share": round(share, 2)}))
    return tuple(found)


def table(
    record: Record, rivals: Sequence[type[Explanation]], workers: int = 2,
    say: Callable[[int, int], None] = lambda _, __: None,
) -> list[_Compared]:  # fmt: skip
    """Every model compared: the common structure and the baselines on all rows, then each rival on its own."""
    found = scores(record, rivals, workers, say)
    out = _compared(found["common"])
    for name, rows in found.items():
        if name != "common" and rows:
            out += _compared(rows, found["common"])
    return out


DRAWS: Final = 1000
TOP: Final = 100
ASCERTAINMENT: Final = (
    "the exits are those that documents show, found by search and not by census: exits of large states from well-known bodies "
    "are over-represented, and a membership without a document counts as one that goes on"
)


@dataclass(frozen=True)
class _Ranked:
    """Mean rank of the documented exits among all memberships of the origin, 0 to 1; one half is chance."""

    model: str
    origin: int
    last_year: int
    rows: int
    events: int
    mean_rank: float
    low: float
    high: float
    """95 % interval over states drawn anew with all their memberships."""
    top: int
    """Documented exits among the hundred memberships with the highest hazard."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def ranked(
    record: Record, rivals: Sequence[type[Explanation]], say: Callable[[str], None] = lambda _: None
) -> list[_Ranked]:
    """Every model on ranks, fitted to what was known in the last coded year."""
    chosen = splits()
    origin, last = chosen.recent_origin, chosen.recent_last_year
    out = []
    for name, terms in _scorable(rivals).items():
        say(f"ranks: {name}")
        panel = exit_panel(record, "cleaned", terms=terms, last_year=origin)
        c = panel.cube
        known = exits_of(c, OUTCOME, origin=origin)
        years = c.years[panel.year]
        rows = (years <= origin - 1) & known.row_ok[panel.year]
        event = known.exits[panel.year[rows], panel.state[rows], panel.body[rows]].astype(np.float64)
        here = years == origin
        ended = {
            (int(i), int(j)) for y, i, j, _ in documented_exits(record, c).cells
            if origin <= int(c.years[y]) <= last
        }  # fmt: skip
        state = panel.state[here]
        left = np.array([(int(i), int(j)) in ended for i, j in zip(state, panel.body[here], strict=True)])
        if not left.any():
            continue
        eta = linear(panel, train(panel, terms, rows, event), here)
        low, high = _interval(eta, left, state, chosen.seed)
        highest = np.argsort(-eta, kind="stable")[:TOP]
        n, events = int(here.sum()), int(left.sum())
        out.append(_Ranked(name, origin, last, n, events, _mean_rank(eta, left), low, high, int(left[highest].sum())))
    return out


def _mean_rank(eta: FloatArray, left: NDArray[np.bool_]) -> float:
    from scipy.stats import rankdata  # takes long to load

    n, events = len(eta), int(left.sum())
    place = float(rankdata(eta)[left].sum()) - events * (events + 1) / 2
    return place / (events * (n - events))


def _interval(eta: FloatArray, left: NDArray[np.bool_], state: NDArray[np.int64], seed: int) -> tuple[float, float]:
    """Interval over states drawn with replacement, ranks kept: each state brings its exits and their ranks."""
    from scipy.stats import rankdata  # takes long to load

    rank = (rankdata(eta) - 0.5) / len(eta)
    states = np.unique(state)
    at = np.searchsorted(states, state)
    sums = np.bincount(at, rank * left, minlength=len(states))
    counts = np.bincount(at, left, minlength=len(states))
    rng = np.random.Generator(np.random.Philox(seed))
    drawn = rng.integers(0, len(states), (DRAWS, len(states)))
    totals = counts[drawn].sum(axis=1)
    used = totals > 0
    means = sums[drawn].sum(axis=1)[used] / totals[used]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
