"""The command that plays many worlds under a scenario, or tells the story of one."""

from __future__ import annotations

import argparse
from typing import Any

from exeunt.cli.command import Arguments, Command, add_format

SHOWN = 15


def _simulate(options: argparse.Namespace) -> int:
    """Simulate a scenario and print what its worlds show."""
    from exeunt.core.export import emit, require_file
    from exeunt.core.progress import Progress
    from exeunt.record.opened import open_record
    from exeunt.simulate.results import rows_of, simulated
    from exeunt.simulate.runs import How
    from exeunt.simulate.scenario import read

    require_file(options.format, options.out)
    read(options.scenario)
    progress = Progress(options.quiet)
    if options.world is not None:
        return _story(options, progress)
    _require_workers(options.workers)
    answer = simulated(
        open_record(), options.scenario, options.worlds, options.years, options.seed,
        How(options.workers, options.scheduler), progress, options.state or (),
    )  # fmt: skip
    if options.format == "json":
        emit([answer], "json", options.out, single=True)
    elif options.format == "table" and options.out is None:
        _print(answer, options.lang)
    else:
        emit(rows_of(answer), options.format, options.out)
    return 0


def _require_workers(workers: int) -> None:
    from exeunt.core.errors import UsageError

    if not 1 <= workers <= 1024:
        raise UsageError(f"--workers {workers}: expected 1 to 1,024.")


def _story(options: argparse.Namespace, progress: Any) -> int:
    import sys

    from exeunt.core.errors import UsageError
    from exeunt.core.export import emit
    from exeunt.record.opened import open_record
    from exeunt.simulate.scenario import scenario
    from exeunt.simulate.setting import MOST_WORLDS, opened, require_numbers
    from exeunt.simulate.worlds import story, text

    require_numbers(1, options.years, options.seed)
    if not 0 <= options.world < MOST_WORLDS:
        raise UsageError(f"--world {options.world}: expected 0 to {MOST_WORLDS - 1}.")
    record = open_record()
    found = opened(record, options.years, progress)
    told = scenario(options.scenario, record, found.start, found.exit_fit, found.join_fit)
    setting = found.setting(options.seed, told)
    with progress.step(f"world {options.world}", 2):
        rows = story(record, setting, told, options.world)
    if options.format == "json":
        emit(
            [{"scenario": told.name, "world": options.world, "years": options.years, "seed": options.seed, "events": rows}],
            "json", options.out, single=True,
        )  # fmt: skip
    elif options.format == "table" and options.out is None:
        sys.stdout.write(f"{told.title}: world {options.world}, seed {options.seed}\n\n{text(rows)}")
    else:
        emit(rows, options.format, options.out)
    return 0


def _print(a: dict[str, Any], lang: str) -> None:
    from exeunt.answers import Message
    from exeunt.core.export import emit
    from exeunt.i18n import render, word

    last = a["first_year"] + a["years"] - 1
    print(f"{a['title']}: {a['worlds']:,} worlds, {a['first_year']}–{last}, seed {a['seed']}. {a['about']}")
    print("Median and 95 % of the worlds.\n")
    columns = {"exits_per_year": "exits", "joins_per_year": "joins", "bodies_ended_per_year": "bodies ended",
               "bodies_founded_per_year": "bodies begun"}  # fmt: skip
    shown = {key: head for key, head in columns.items() if any(row["high"] for row in a[key])}
    emit([{"year": row["year"], **{head: _band(a[key][k]) for key, head in shown.items()}}
          for k, row in enumerate(a["exits_per_year"])], "table", None)  # fmt: skip
    print(f"\nAll years together: exits {_band(a['exits_total'])}, joins {_band(a['joins_total'])}.")
    if a["paired"]:
        _print_paired(a["paired"])
    for each in a["states"]:
        print(f"\n{each['state']}: {each['memberships_at_opening']} memberships when the worlds open.\n")
        standing = each["standing"]
        emit([{"year": row["year"], "memberships": _band(row), "exits": _band(each["exits_per_year"][k]),
               **({f"standing, {each['standing_over_worlds']} worlds": _fine(standing[k])} if standing else {})}
              for k, row in enumerate(each["memberships"])], "table", None)  # fmt: skip
    if a["batch"]:
        _print_batch(a["batch"], a["years"])
    if a["bodies"]:
        ending = sorted((b for b in a["bodies"] if b["members_at_opening"]), key=lambda b: (b["alive"][-1], b["body"]))[
            :SHOWN
        ]
        print(f"\nBodies that are still there after {last} in the fewest worlds.\n")
        emit(
            [
                {
                    "body": b["body"],
                    "members": b["members_at_opening"],
                    "share of worlds": f"{100 * b['alive'][-1]:.1f} %",
                }
                for b in ending
            ],
            "table",
            None,
        )
    _print_likeliest(a, lang)
    for each in (*a["not_done"], *a["warnings"]):
        print(word("note.line", lang, text=render(Message(**each), lang)))


def _print_paired(paired: dict[str, Any]) -> None:
    from exeunt.core.export import emit

    print(
        "\nThe same worlds with and without the scenario: mean difference with the interval of its error, 95 % of the worlds.\n"
    )
    emit(
        [{"year": row["year"], **{name: _difference(paired[f"{name}_per_year"][k]) for name in ("exits", "joins")}}
         for k, row in enumerate(paired["exits_per_year"])]
        + [{"year": "all", **{name: _difference(paired[f"{name}_total"]) for name in ("exits", "joins")}}],
        "table", None,
    )  # fmt: skip


def _print_batch(batch: dict[str, Any], years: int) -> None:
    one, whole = batch["state"], batch["any"]
    print(
        f"\nA year in which one state leaves {batch['exits']} bodies or more, as in {batch['case']} among the bodies simulated:"
    )
    for who, each in ((one["state"], one), ("any state", whole)):
        print(
            f"  {who}: {100 * each['per_year']:.3f} % a year [{100 * each['per_year_low']:.3f}, "
            f"{100 * each['per_year_high']:.3f}]; in {100 * each['share_of_worlds']:.2f} % of the worlds within {years} years "
            f"[{100 * each['share_low']:.2f}, {100 * each['share_high']:.2f}]."
        )


def _print_likeliest(a: dict[str, Any], lang: str) -> None:
    from exeunt.answers import Message
    from exeunt.core.export import emit
    from exeunt.i18n import render, word

    listed = a["likeliest_exits"]
    print(
        f"\nLikeliest exits, chances averaged over {a['likeliest_over_worlds']} worlds; the first {SHOWN} of {len(listed)}. "
        "Body rate: its median member against that of all.\n"
    )
    rows = []
    for r in listed[:SHOWN]:
        chances = {f"{h} y": "–" if r[f"p{h}"] is None else f"{100 * r[f'p{h}']:.1f} %" for h in (1, 3, 5)}
        rows.append(
            {
                "state": r["state"],
                "body": r["body"],
                **chances,
                "body rate": f"{r['body_factor']:g} x",
                "why": render(Message(**r["why"]), lang),
            }
        )
    emit(rows, "table", None)
    hits = a["back_tested_hits"]
    print(f"\n{word('hits.worth', lang, text=render(Message(**hits['about']), lang))}\n")
    emit([{"years": h["horizon"], "origins": h["origins"], "listed": f"{h['listed']:,}", "hits": h["hits"],
           "by chance": f"{h['by_chance']:.1f}"} for h in hits["hits"]], "table", None)  # fmt: skip
    print()


def _band(row: dict[str, Any]) -> str:
    return f"{row['median']:g} [{row['low']:.0f}, {row['high']:.0f}]"


def _fine(row: dict[str, Any]) -> str:
    return f"{row['median']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}]"


def _difference(row: dict[str, Any]) -> str:
    # + 0.0 takes the sign from a zero.
    mean, low, high = (round(row[name], 2) + 0.0 for name in ("mean", "mean_low", "mean_high"))
    return f"{mean:+.2f} [{low:+.2f}, {high:+.2f}], worlds {row['low']:+.0f} to {row['high']:+.0f}"


def _arguments(to: Arguments) -> None:
    to.add_argument("scenario", metavar="SCENARIO", help="baseline, or another shipped one, or a TOML file")
    to.add_argument("--worlds", type=int, default=1000, metavar="N", help="how many (default: 1000)")
    to.add_argument("--years", type=int, default=10, metavar="T", help="years of each (default: 10)")
    to.add_argument("--seed", type=int, default=1, help="seed of all draws (default: 1)")
    to.add_argument("--world", type=int, metavar="K", help="replay world K instead and tell its story")
    to.add_argument("--state", action="append", metavar="STATE", help="follow this state too; may be repeated")
    to.add_argument("--workers", type=int, default=2, metavar="W", help="processes (default: 2)")
    to.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler to use instead (the extra `cluster`)")
    add_format(to)


COMMANDS = (
    Command("simulate", "play many worlds under a scenario, or tell the story of one", _simulate, _arguments),
)  # fmt: skip
