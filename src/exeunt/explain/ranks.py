"""A separate test on ranks: fitted to 2014, do the memberships that documents show ended since stand high in the list?

Only ranks are compared, never levels: what is documented since 2014 is what was found, mostly exits of large states from
well-known bodies, and a membership of which nothing is known may have ended too. Nothing here chooses a term.

References
----------
Hanley and McNeil (1982), Radiology 143, 29–36 (the mean rank of events as the area under the curve).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from exeunt.arrays import FloatArray
from exeunt.explain.compare import scorable
from exeunt.explain.explanations import Explanation
from exeunt.explain.rolling import OUTCOME, linear, splits, train
from exeunt.panel.build import exit_panel
from exeunt.panel.documented import documented_exits
from exeunt.panel.outcomes import exits_of
from exeunt.record.store import Record

DRAWS: Final = 1000
TOP: Final = 100
ASCERTAINMENT: Final = (
    "the exits are those that documents show, found by search and not by census: exits of large states from well-known bodies "
    "are over-represented, and a membership without a document counts as one that goes on"
)


@dataclass(frozen=True)
class Ranked:
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
) -> list[Ranked]:
    """Every model on ranks, fitted to what was known in the last coded year."""
    chosen = splits()
    origin, last = chosen.recent_origin, chosen.recent_last_year
    out = []
    for name, terms in scorable(rivals).items():
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
        out.append(Ranked(name, origin, last, n, events, _mean_rank(eta, left), low, high, int(left[highest].sum())))
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
