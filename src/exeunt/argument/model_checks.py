"""Looks at what the rooms after the record work out: gaps refilled before, what a case leaves empty, and simulated worlds.

Such findings have an interval: a part holds where all of it is as the check expects, fails where none of it is, and is
undecided between. They take longer than a look at the record and are kept in the user's cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from exeunt.argument.checks import Run, _Fact, _of_interval, _Part, _say, _shown
from exeunt.core.cache import path_of, read_json, write_json
from exeunt.core.progress import Progress
from exeunt.record.cases import case
from exeunt.record.store import Record

Facts = Mapping[str, _Fact]
ROOMS: Final = ("measures", "panel", "explain", "simulate", "history", "consequence", "argument")
SEED: Final = 1


def _look_refilled(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """How often others made good what a large donor no longer gave, per cent of such falls; the wider of both intervals."""
    row = _kept("refilled", record, lambda: _base_rate(record, check["years"]), years=check["years"])
    none = row["rate"] is None
    ends = [
        [100 * row[key] for key in keys if row[key] is not None]
        for keys in (("low", "by_body_low"), ("high", "by_body_high"))
    ]
    low, middle, high = (0.0, 0.0, 0.0) if none else (min(ends[0]), 100 * row["rate"], max(ends[1]))
    values = {
        "refilled": row["refilled"], "events": row["events"], "years": check["years"],
        "rate": f"{middle:.0f} %", "low": f"{low:.0f}", "high": f"{high:.0f} %",
        "beside": "–" if row["without_a_fall_rate"] is None else f"{100 * row['without_a_fall_rate']:.0f} %",
    }  # fmt: skip
    holds, undecided = (None, False) if none else _of_interval(low, high, check)
    return _Part("refilled", holds, (_say("refilled", **values),), ("un_ceb",), ("exeunt money un --view history",),
                number=middle, low=low, high=high, undecided=undecided)  # fmt: skip


def _base_rate(record: Record, years: int) -> dict[str, Any]:
    """The row of `exeunt money un --view history` on the main definition."""
    from exeunt.consequence.refill import base_rates
    from exeunt.consequence.revenue import revenue

    rates = base_rates(revenue(record))
    return next(row.as_dict() for row in rates if row.definition == "main" and row.years == years)


def _look_emptied(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Issue areas in which the leaving state of a case has no body left once every exit is carried out.

    An area with bodies whose members the record does not list may not be empty: it counts to the upper end only.
    """
    chosen = case(record, check["case"])
    row = _kept("emptied", record, lambda: _areas_left(record, chosen.case), case=chosen.case)
    number = float(len(row["empty"]))
    low = number - row["hidden"]
    values = {
        "case": chosen.case,
        "n": len(row["empty"]),
        "left": row["left"],
        "of": row["of"],
        "hidden": row["hidden"],
    }
    message = _say("emptied", **values, areas=row["empty"]) if row["empty"] else _say("emptied_none", **values)
    holds, undecided = _of_interval(low, number, check)
    return _Part("emptied", holds, (message,), chosen.sources,
                (f"exeunt consequence {chosen.case} --view vacuum",), number=number, low=low, high=number,
                undecided=undecided)  # fmt: skip


def _areas_left(record: Record, name: str) -> dict[str, Any]:
    """Areas left empty by the leaver, how many of them have bodies without a list of members, areas with a body left, all.

    Counted on what `exeunt consequence CASE --view vacuum` prints.
    """
    from exeunt.consequence.batch import batch
    from exeunt.consequence.vacuum import vacuum

    found = vacuum(record, batch(record, name))
    empty = [a for a in found if a.empty_for]
    return {
        "empty": [a.area for a in empty],
        "hidden": sum(a.without_members > 0 for a in empty),
        "left": sum(a.left > 0 for a in found),
        "of": len(found),
    }


def _look_worlds(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Exits or joins of all years together: of the baseline its worlds' 95 %, of a scenario the mean difference to it."""
    name, number, years = check["scenario"], check["worlds"], check["years"]
    row = _kept(
        "worlds",
        record,
        lambda: _simulated_total(record, check),
        scenario=name,
        worlds=number,
        years=years,
        counted=check["what"],
    )
    holds, undecided = _of_interval(row["low"], row["high"], check)
    code = "worlds_paired" if row["paired"] else "worlds"
    values = {"scenario": name, "worlds": number, "years": years, "what": check["what"],
              **{k: _signed(row[k]) if row["paired"] else _shown(row[k]) for k in ("middle", "low", "high")}}  # fmt: skip
    return _Part("worlds", holds, (_say(code, **values),), ("cow_igo", "unga_ideal", "cow_nmc"),
                (f"exeunt simulate {name} --worlds {number} --years {years} --seed {SEED}",), number=row["middle"],
                low=row["low"], high=row["high"], outcome="cleaned", undecided=undecided)  # fmt: skip


def _look_multiplier(record: Record, check: dict[str, Any], facts: Facts, call: str) -> _Part:
    """Further exits that one exit brings on in paired simulated worlds: G, the mean difference with its interval."""
    outcome = check["outcome"]
    row = _kept("multiplier", record, lambda: _gained(record, outcome), outcome=outcome)
    none = row["mean"] is None
    low, middle, high = (0.0, 0.0, 0.0) if none else (row["low"], row["mean"], row["high"])
    values = {"outcome": outcome, "middle": _signed(middle), "low": _signed(low), "high": _signed(high),
              "years": row["years"]}  # fmt: skip
    holds, undecided = (None, False) if none else _of_interval(low, high, check)
    return _Part("multiplier", holds, (_say("no_multiplier", outcome=outcome) if none else _say("multiplier", **values),),
                ("cow_igo", "unga_ideal", "cow_nmc"), (f"exeunt feedback --outcome {outcome}",), number=middle, low=low,
                high=high, outcome=outcome, undecided=undecided, doubted=row["doubted"])  # fmt: skip


def _gained(record: Record, outcome: str) -> dict[str, Any]:
    """G and its interval as `exeunt feedback` gives them; None where no worlds may be drawn from the outcome's fit."""
    from exeunt.history.feedback import answer

    return _gain_of(answer(record, outcome, progress=Progress(quiet=True), beside=()))


def _gain_of(found: dict[str, Any]) -> dict[str, Any]:
    """What of an answer on feedback the look needs."""
    extra = found["G_interval"] or {"mean": None, "low": None, "high": None}
    doubted = any(not one["passed"] for one in found["placebos"])
    return {**{k: extra[k] for k in ("mean", "low", "high")}, "years": found["horizon_years"], "doubted": doubted}


def _simulated_total(record: Record, check: dict[str, Any]) -> dict[str, Any]:
    """What `exeunt simulate` prints of all years together: the middle, both ends, and whether it is a difference."""
    from exeunt.simulate.results import simulated
    from exeunt.simulate.runs import How

    found = simulated(record, check["scenario"], check["worlds"], check["years"], SEED, How(), Progress(quiet=True))
    if found["paired"]:
        one = found["paired"][f"{check['what']}_total"]
        return {"middle": one["mean"], "low": one["mean_low"], "high": one["mean_high"], "paired": True}
    one = found[f"{check['what']}_total"]
    return {"middle": one["median"], "low": one["low"], "high": one["high"], "paired": False}


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + _shown(value)


def _kept(what: str, record: Record, make: Any, **inputs: Any) -> dict[str, Any]:
    path = path_of(f"look-{what}", ROOMS, record=record.version, **inputs)
    found = read_json(path)
    if found is None:
        found = make()
        write_json(path, found)
    return dict(found)


RUNS: Final[dict[str, Run]] = {
    "refilled": _look_refilled,
    "emptied": _look_emptied,
    "worlds": _look_worlds,
    "multiplier": _look_multiplier,
}
"""Look → what finds it."""
