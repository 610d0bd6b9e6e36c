"""The answer of `exeunt simulate`: what many worlds show, under a scenario and beside the baseline, as plain values.

It holds nothing of who made the worlds, so it is the same, byte for byte, for any number of workers and any chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from exeunt.core.errors import UsageError
from exeunt.core.progress import Progress
from exeunt.record.identity import code_in_year, cow_of, state_codes
from exeunt.record.store import Record
from exeunt.simulate.membership_chances import _back_tested_hits, _likeliest
from exeunt.simulate.runs import How, _ahead, add_up
from exeunt.simulate.scenario import _case_exits, _Scenario, scenario
from exeunt.simulate.setting import RATED, Opened, _Setting, opened, require_numbers
from exeunt.simulate.start import Start
from exeunt.simulate.store import Histogram, Tally, _Batches
from exeunt.simulate.worlds import _standing_bands, _standings

BASELINE: Final = "baseline"
CASE: Final = "usa-2026-01"
"""The documented batch whose size worlds are asked for."""


def simulated(
    record: Record, name: str, worlds: int, years: int, seed: int, how: How, progress: Progress,
    states: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Simulate a scenario, and the same worlds under the baseline where it is another.

    Parameters
    ----------
    name : a shipped scenario or a file
    states : codes or names of states whose memberships are followed

    Raises
    ------
    UnknownNameError, UsageError, for what is not known or not allowed; FitError, unless the exit hazard is calibrated;
    WorkError, for worlds that failed three times.
    """
    require_numbers(worlds, years, seed)
    with _ahead(how, worlds):
        found = opened(record, years, progress)
        chosen = {record.state(state): _place(record, found.start, state) for state in states}
        told = scenario(name, record, found.start, found.exit_fit, found.join_fit)
        return _of_scenario(record, found, told, worlds, seed, how, progress, chosen)


def _of_scenario(
    record: Record, found: Opened, told: _Scenario, worlds: int, seed: int, how: How, progress: Progress,
    chosen: dict[str, int], rated: int = RATED,
) -> dict[str, Any]:  # fmt: skip
    """The answer for a scenario that is laid out; see `simulated`."""
    s = found.start
    setting, plain = found.setting(seed, told, rated), found.setting(seed, rated=rated)
    exits = _case_exits(record, s, CASE)
    batch = (len(exits), exits[0][0]) if exits else None
    whole = Tally(s, list(chosen.values()), batch)
    beside = None if told.is_baseline else plain
    add_up(whole, setting, worlds, how, progress, beside)
    rated = min(worlds, rated)
    return {
        "scenario": told.name, "title": told.title, "about": told.about, "worlds": worlds, "years": s.years, "seed": seed,
        "first_year": s.year,
        "exits_per_year": _bands(whole.by_year["exits"], s), "joins_per_year": _bands(whole.by_year["joins"], s),
        "bodies_ended_per_year": _bands(whole.by_year["bodies_ended"], s),
        "bodies_founded_per_year": _bands(whole.by_year["bodies_founded"], s),
        "exits_total": _band(whole.totals["exits"]), "joins_total": _band(whole.totals["joins"]),
        "likeliest_exits": _likeliest(record, setting, whole.chance, rated),
        "likeliest_over_worlds": rated,
        "back_tested_hits": _back_tested_hits(),
        "batch": _batch(whole.batches, s, record) if batch else None,
        "bodies": _bodies(whole, s),
        "states": _states(whole, setting, chosen, rated),
        "paired": None if beside is None else _paired(whole, s),
        "not_done": [each.as_dict() for each in told.not_done],
        "warnings": [each.as_dict() for each in setting.warnings],
        "record": record.version, "exit_fit": setting.exit_fit.status, "join_fit": setting.join_fit.status,
    }  # fmt: skip


def _place(record: Record, s: Start, state: str) -> int:
    """Place of a state in a start; raises UsageError for one that is not in the system then."""
    code = record.state(state)
    cow = cow_of(state_codes(record.table("states")), code, s.year - 1)
    at = np.flatnonzero(s.states == (cow if cow is not None else -1))
    if not len(at):
        raise UsageError(f"--state {state}: {code} is no state of the system in {s.year - 1}, so no world holds it.")
    return int(at[0])


def _band(of: Histogram, column: int = 0) -> dict[str, float]:
    """Median with 95 % of the worlds around it, and the mean with the interval of its error."""
    low, median, high = of.band(column)
    mean, mean_low, mean_high = (_short(x) for x in of.mean(column))
    return {
        "median": median,
        "low": _short(low),
        "high": _short(high),
        "mean": mean,
        "mean_low": mean_low,
        "mean_high": mean_high,
    }


def _bands(of: Histogram, s: Start) -> list[dict[str, Any]]:
    """One band a year."""
    return [{"year": s.year + k, **_band(of, k)} for k in range(s.years)]


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _paired(whole: Tally, s: Start) -> dict[str, Any]:
    out: dict[str, Any] = {"baseline": BASELINE}
    for name in ("exits", "joins"):
        out[f"{name}_per_year"] = _bands(whole.difference[name], s)
        out[f"{name}_total"] = _band(whole.difference_total[name])
    out["memberships_at_end"] = _band(whole.difference_total["memberships"])
    return out


def _batch(batches: Sequence[_Batches], s: Start, record: Record) -> dict[str, Any]:
    """How probable a state-year of at least so many exits is, for the state of the case and for any."""
    out: dict[str, Any] = {"case": CASE, "exits": batches[0].size, "of": BASELINE}
    state = code_in_year(record.codes, int(s.states[batches[0].state or 0]), s.year - 1)
    for name, each in (("state", batches[0]), ("any", batches[1])):
        n = each.worlds.worlds
        once = n - int(each.worlds.counts[0, -each.worlds.lowest])
        mean, low, high = (x / s.years for x in each.worlds.mean())
        out[name] = {
            "state": state if name == "state" else None, "worlds_with": once, "share_of_worlds": _short(once / n),
            "share_low": _short(_wilson(once, n)[0]), "share_high": _short(_wilson(once, n)[1]),
            "per_year": _short(mean), "per_year_low": _short(max(low, 0.0)), "per_year_high": _short(high),
        }  # fmt: skip
        if once == 0:
            # No such world: the interval of the share, spread over the years.
            out[name]["per_year_high"] = _short(_wilson(0, n)[1] / s.years)
    return out


def _wilson(events: int, n: int) -> tuple[float, float]:
    """95 % interval of a share.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22, 209–212.
    """
    z = 1.959964
    share = events / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _bodies(whole: Tally, s: Start) -> list[dict[str, Any]]:
    """Bodies that end in some world, with the share of worlds in which they are there after each year."""
    alive = whole.alive()
    return [
        {
            "body": s.bodies[j],
            "members_at_opening": int(s.members[:, j].sum()),
            "alive": [_short(x) for x in alive[:, j].tolist()],
        }
        for j in np.flatnonzero(whole.deaths.any(axis=0)).tolist()
    ]


def _states(whole: Tally, setting: _Setting, chosen: dict[str, int], rated: int) -> list[dict[str, Any]]:
    """Memberships and exits of states in all worlds, and their standing in those whose chances are averaged."""
    s = setting.start
    path = _standings(setting, rated, list(chosen.values())) if chosen else None
    return [
        {"state": name, "memberships_at_opening": int(s.members[i].sum()), "memberships": _bands(whole.memberships[i], s),
         "exits_per_year": _bands(whole.exits_of[i], s),
         "standing": None if path is None else _standing_bands(path[:, :, number], s.year), "standing_over_worlds": rated}
        for number, (name, i) in enumerate(chosen.items())
    ]  # fmt: skip


def rows_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The bands of an answer as flat rows: what, of which state, year, numbers."""
    rows: list[dict[str, Any]] = []

    def add(what: str, state: str | None, each: list[dict[str, Any]]) -> None:
        rows.extend({"scenario": answer["scenario"], "what": what, "state": state, **row} for row in each)

    for what in ("exits", "joins", "bodies_ended", "bodies_founded"):
        add(what, None, answer[f"{what}_per_year"])
    for each in answer["states"]:
        add("memberships", each["state"], each["memberships"])
        add("exits", each["state"], each["exits_per_year"])
    if answer["paired"]:
        for what in ("exits", "joins"):
            add(f"{what}_minus_baseline", None, answer["paired"][f"{what}_per_year"])
    return rows
