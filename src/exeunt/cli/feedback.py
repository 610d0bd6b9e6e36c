"""The command that asks whether leaving feeds on itself."""

from __future__ import annotations

import argparse
from typing import Any

from exeunt.cli.command import Arguments, Command, add_format, add_outcome

CLOSING = {
    True: "As lagged influence the loop does not sustain itself; the data cannot say how much of what comes together in one "
    "year is influence, and what goes with leaving need not bring it about.",
    False: "The data do not rule out that the loop sustains itself; what goes with leaving need not bring it about.",
}


def _feedback(options: argparse.Namespace) -> int:
    """Print K, R, G, the bounds, the channels, the cut loop and the placebos."""
    from exeunt.core.export import emit, require_file
    from exeunt.core.progress import Progress
    from exeunt.history.feedback import OUTCOME, answer, recovery
    from exeunt.history.opening import USABLE, require_usable
    from exeunt.record.opened import open_record

    require_file(options.format, options.out)
    outcome = options.outcome or OUTCOME
    require_usable(outcome)
    record = open_record()
    state = record.state(options.state) if options.state else None
    beside = None if options.outcome else tuple(name for name in USABLE if name != OUTCOME)
    found = answer(record, outcome, options.year, state, Progress(options.quiet), beside=beside)
    found["warnings"].append(recovery().as_dict())
    if options.format == "json":
        emit([found], "json", options.out, single=True)
    elif options.format == "table" and options.out is None:
        _print(found, options.lang)
    else:
        emit(_rows(found), options.format, options.out)
    return 0


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """One line a number: measure, part, median, low, high."""
    base = {"outcome": found["outcome"], "year": found["year"], "horizon_years": found["horizon_years"]}

    def row(measure: str, part: str | None, value: dict[str, Any] | None) -> dict[str, Any]:
        value = value or {}
        middle = value.get("median", value.get("mean"))
        return {
            **base,
            "measure": measure,
            "part": part,
            "estimate": middle,
            "low": value.get("low"),
            "high": value.get("high"),
        }

    rows = [row(name, None, found[name]) for name in ("R", "R_upper", "R_influence", "eigenvalue")]
    rows.append(row("G", None, found["G_interval"]))
    for name in ("p_self_sustaining", "p_self_sustaining_upper"):
        rows.append(row(name, None, {"median": found[name]}))
    rows += [row("R", c["channel"], {**c, "median": c["R"]}) for c in found["channels"]]
    for p in found["placebos"]:
        word = "passed" if p["passed"] else "failed"
        rows += [
            row(f"placebo_R_{word}", p["placebo"], p["R"]),
            row("placebo_further_exits", p["placebo"], p["further_exits"]),
        ]
    if found["cut_loop"]:
        rows.append(row("cut_loop_difference", None, found["cut_loop"]["difference"]))
    rows += [row("further_exits_of_group", g["group"], {"median": g["further_exits"]}) for g in found["groups"]]
    rows.append(row("further_exits", found["offspring"]["state"], found["offspring"]["further_exits"]))
    rows.append(row("further_exits_upper", found["offspring"]["state"], found["offspring"]["upper"]))
    return rows


def _band(value: dict[str, Any] | None, key: str = "median") -> str:
    if not value or value[key] is None:
        return "–"
    return f"{value[key]:.3f} [{value['low']:.3f}, {value['high']:.3f}]"


def _print(found: dict[str, Any], lang: str) -> None:
    from exeunt.answers import Message
    from exeunt.core.export import emit
    from exeunt.i18n import render, word

    years = found["horizon_years"]
    print(
        f"Further exits within {years} years of one exit, if the model is right: {found['outcome']}, memberships of "
        f"{found['year']}; median and 95 % interval.\n"
    )
    interval = found["G_interval"]
    emit(
        [
            {"measure": f"G({years}), paired worlds, one exit more in one of them",
             "value": _band(interval, "mean") if interval else "– (not calibrated)"},
            {"measure": "R, lagged influence only", "value": _band(found["R"])},
            {"measure": "   of which without depletion", "value": _band(found["R_influence"])},
            {"measure": "R, all that comes together in a year counted as influence", "value": _band(found["R_upper"])},
            {"measure": "P(R ≥ 1), lagged influence only", "value": f"{found['p_self_sustaining']:.3f}"},
            {"measure": "P(R ≥ 1), upper bound", "value": f"{found['p_self_sustaining_upper']:.3f}"},
        ], "table", None,
    )  # fmt: skip
    if found["beside"]:
        print("\nOther outcomes.\n")
        emit(
            [{"outcome": b["outcome"], f"G({years})": b["G"], "R": _band(b["R"]), "R, upper bound": b["R_upper_bound"],
              "P(R ≥ 1)": b["p_self_sustaining"],
              "placebos failed": ", ".join(p["placebo"].replace("_", " ") for p in b["placebos"] if not p["passed"]) or "none",
              "status": b["status"]} for b in found["beside"]], "table", None,
        )  # fmt: skip
    print(
        "\nChannels: R of each alone; a negative eigenvalue is a balancing loop. `bundles` counts in the upper bound only.\n"
    )
    emit(
        [{"channel": c["channel"], "R": _band({**c, "median": c["R"]}), "eigenvalue": f"{c['eigenvalue']:+.3f}"}
         for c in found["channels"]], "table", None,
    )  # fmt: skip
    print(
        "\nPlacebos: counts that cannot have moved anybody in the place of contagion and momentum; they should give nothing.\n"
    )
    emit([_placebo(p) for p in (found["loop"], *found["placebos"])], "table", None)
    cut = found["cut_loop"]
    if cut:
        print(
            f"\nLoop cut (contagion and momentum held at their mean): {cut['exits_without']:.1f} exits in {years + 1} years, "
            f"as fitted {cut['exits_with']:.1f}; difference {_band(cut['difference'], 'mean')}."
        )
    of = found["offspring"]
    who = f"an exit of {of['state']} ({of['memberships']} memberships)" if of["state"] else "an exit of any state"
    print(f"\nFurther exits from {who}: {_band(of['further_exits'])}; upper bound {_band(of['upper'])}.")
    print("\nGroups: pairs of state and body, and further exits from one exit in the group.\n")
    emit(
        [{"group": g["group"], "pairs": g["pairs"], "further exits": f"{g['further_exits']:+.3f}",
          "of them within": f"{g['within']:+.3f}"} for g in found["groups"]], "table", None,
    )  # fmt: skip
    for warning in found["warnings"]:
        print(f"\n{word('note.line', lang, text=render(Message(**warning), lang))}")
    print(f"\n{CLOSING[found['p_self_sustaining'] < 0.05]}")


def _placebo(p: dict[str, Any]) -> dict[str, Any]:
    told = "as fitted" if p["placebo"] == "fitted" else "passed" if p["passed"] else "failed"
    contagion, momentum = (p["coefficients"][name] for name in ("exits_from_body3", "own_exits3"))
    return {
        "counts": p["placebo"].replace("_", " "), "R": _band(p["R"]), "further exits": _band(p["further_exits"]),
        "from the body": _band(contagion, "estimate"), "of the state": _band(momentum, "estimate"), "": told,
    }  # fmt: skip


def _arguments(to: Arguments) -> None:
    add_outcome(to, "cleaned, with raw and core beside it")
    to.add_argument(
        "--year", type=int, metavar="YEAR", help="whose memberships (default: 2014, to which the fits reach)"
    )
    to.add_argument("--state", help="of one exit of this state (default: of any exit)")
    add_format(to)


COMMANDS = (
    Command("feedback", "tell how many further exits one exit brings, if the model is right, with bounds and placebos",
            _feedback, _arguments),
)  # fmt: skip
