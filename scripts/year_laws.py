"""Put the comparison of laws of year effects, and what they make of simulated totals, into `docs/method/dynamics.md`.

`python scripts/year_laws.py` writes the tables between the marks from `tests/reference/year_laws.json`; `--measure` first fits
the hazards at every origin, plays worlds, and keeps what came out there (seven minutes); `--worlds` only plays worlds. A test
holds page and file together.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

import marks

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "method" / "dynamics.md"
FOUND = ROOT / "tests" / "reference" / "year_laws.json"
JOINS = ((1966, 2013), range(1978, 2013))
"""Rows with yearly coding; origins with at least twelve years of effects before them."""
EXITS = range(1962, 2013)
WORLDS = 400
YEARS = 25
SHOWN = (2027, 2040, 2051)
NAMES = {
    "level_at_mode": "level, variances as most likely", "level": "level, variances drawn",
    "level_bounded": "level, spread bounded", "reverting": "back to a mean", "noise": "noise about a mean",
}  # fmt: skip


def measure(say: Callable[[str], None] = lambda line: print(f"  {line}", file=sys.stderr)) -> dict[str, Any]:
    """Scores of every law for both hazards, and yearly totals of worlds under laws and with parts switched off."""
    from exeunt.explain.joining import JOIN_LAW, join_rows
    from exeunt.explain.rolling import _refitted as refitted
    from exeunt.explain.rolling import _scored as scored
    from exeunt.panel.build import covariates, exit_panel
    from exeunt.record.opened import open_record

    record = open_record()
    cov = covariates(record, "cleaned")
    exits = exit_panel(record, "cleaned", cov)
    joins = join_rows(record, cov, JOINS[0])
    found = {
        "join": refitted(joins, JOIN_LAW, JOINS[1], say), "exit": refitted(exits, exits.names, EXITS, say),
    }  # fmt: skip
    scores = {kind: [asdict(row) for row in scored(origins)] for kind, origins in found.items()}
    totals = sorted((n, year) for year, n in found["join"][-1].totals.items())
    return {"scores": scores, "joins_by_year": [totals[0], totals[-1]], **worlds(record, say)}


def worlds(record: Any, say: Callable[[str], None]) -> dict[str, Any]:
    """Exits and joins by year of worlds, under each law of the joins' years and with parts switched off."""
    from exeunt.core.progress import Progress
    from exeunt.explain.yearly import LAW_OF, year_law
    from exeunt.simulate.dynamics import _newcomers as newcomers
    from exeunt.simulate.posterior_draws import Override, overridden
    from exeunt.simulate.reference import _generator as generator
    from exeunt.simulate.setting import opened
    from exeunt.simulate.worlds import EXIT, JOIN, _Player

    at = opened(record, YEARS, Progress(quiet=True))
    setting = at.setting(1)
    player = _Player(setting)
    joins = at.join_fit
    effects, sd = joins.effect("year"), float(joins.sd[2])
    first = at.start.year
    newer = newcomers(joins, at.dynamics.births)

    def play(
        name: str, years: Callable[[int], Any] | None = None, cut: str = "", change: Callable[[Any], Any] = lambda s: s
    ) -> dict[str, Any]:
        counts = np.zeros((WORLDS, YEARS, 2))
        for world in range(WORLDS):
            exit_law, join_law, exit_years, join_years = player.laws(world)
            join_law = overridden(join_law, "join", (Override("join", cut, 0.0),)) if cut else join_law
            laws = exit_law, join_law, exit_years, years(world) if years else join_years
            events = player.events(world, laws, change(player.surroundings(world)))
            for number, kind in enumerate((EXIT, JOIN)):
                counts[world, :, number] = np.bincount(events[events[:, 1] == kind, 0], minlength=YEARS)[:YEARS]
        say(f"{name}: {np.median(counts[:, -1, 1]):.0f} joins in the last year")
        rows = {}
        for number, kind in enumerate(("exit", "join")):
            for year in SHOWN:
                n = counts[:, year - first, number]
                rows[f"{kind} {year}"] = [
                    float(np.median(n)),
                    float(n.mean()),
                    *np.quantile(n, [0.025, 0.975]).tolist(),
                ]
        return {"name": name, **rows}

    def under(name: str) -> Callable[[int], Any]:
        law = year_law(effects, sd, name)
        return lambda world: law.draw(np.arange(first, first + YEARS), 1, generator(1, world, 0, 99))[0]

    level = year_law(effects, sd, LAW_OF["join"])
    held_at = float(level.weight @ level.mean)

    def held(_world: int) -> Any:
        return np.full(YEARS, held_at)

    def childless(s: Any) -> Any:
        cut = {part: getattr(s, part)[:0] for part in ("birth_step", "founders", "birth_exit", "birth_join")}
        return replace(s, **cut)

    def immortal(s: Any) -> Any:
        return replace(s, death=np.array([-np.inf, 0.0, 0.0, 0.0]))

    def like_all(s: Any) -> Any:
        return replace(s, birth_join=float(joins.sd[1]) * (s.birth_join - newer.mean) / newer.sd)

    by_law = [play(name, under(name)) for name in ("level_at_mode", "level", "level_bounded", "reverting")]
    off = [
        play("nothing", held),
        play("births of bodies", held, change=childless),
        play("ends of bodies", held, change=immortal),
        play("births and ends of bodies", held, change=lambda s: childless(immortal(s))),
        play("returns after an exit", held, change=lambda s: replace(s, return_log_ratio=np.zeros(4))),
        play("walks of positions", held, change=lambda s: replace(s, position=at.start.position)),
        *(play(f"`{term}`", held, cut=term) for term in joins.scaling.names),
    ]
    effects_of_new = {
        "first": at.dynamics.births.first_year, "last": at.dynamics.births.last_year, "mean": newer.mean, "sd": newer.sd,
        "law_sd": float(joins.sd[1]),
    }  # fmt: skip
    return {
        "by_law": by_law, "off": off, "held_at": held_at, "new_bodies": effects_of_new,
        "all_bodies": [play("as law", held, change=like_all), play("as law, years drawn", change=like_all)],
    }  # fmt: skip


def band(values: list[float]) -> str:
    """Median, mean and band of a yearly number."""
    middle, mean, low, high = values
    return f"{middle:.0f}, {mean:.0f} [{low:.0f}, {high:,.0f}]"


def scores(found: dict[str, Any], kind: str) -> list[str]:
    """Scores of the laws of one hazard."""
    rows = found["scores"][kind]
    horizons = sorted({r["horizon"] for r in rows})
    number = {r["horizon"]: r["origins"] for r in rows}
    heads = " | ".join(f"{h} years ({number[h]})" for h in horizons)
    lines = [f"| measured on | law | {heads} | mean |", "|---|---|" + "---|" * (len(horizons) + 1)]
    for measured in dict.fromkeys(r["measured"] for r in rows):
        for law, name in NAMES.items():
            own = {r["horizon"]: r for r in rows if (r["measured"], r["law"]) == (measured, law)}
            cells = " | ".join(
                f"{own[h]['log_score']:.2f}, {100 * own[h]['inside']:.0f} %, {own[h]['pit']:.2f}" for h in horizons
            )
            mean = float(np.mean([own[h]["log_score"] for h in horizons]))
            lines.append(f"| {measured} | {name} | {cells} | {mean:.3f} |")
    low = min(r["lowest"] for r in rows if r["horizon"] == 1 and (r["measured"], r["law"]) == ("all bodies", "level"))
    high = max(r["highest"] for r in rows if r["horizon"] == 1 and (r["measured"], r["law"]) == ("all bodies", "level"))
    return [
        *lines,
        "",
        f"Lowest and highest PIT one year ahead (all bodies; level, variances drawn): {low:.3f}, {high:.3f}.",
    ]


def laws(found: dict[str, Any]) -> list[str]:
    """Simulated totals under each law."""
    heads = [f"joins {y}" for y in SHOWN] + [f"exits {y}" for y in SHOWN]
    lines = ["| law of the joins' years | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    for row in found["by_law"]:
        cells = [band(row[f"{kind} {y}"]) for kind in ("join", "exit") for y in SHOWN]
        lines.append(f"| {NAMES[row['name']]} | " + " | ".join(cells) + " |")
    (low, then), (high, when) = found["joins_by_year"]
    return [*lines, "", f"Observed in {JOINS[0][0]}–{JOINS[0][1]}: {low:.0f} joins ({then}) to {high:.0f} ({when})."]


def growth(found: dict[str, Any]) -> list[str]:
    """Simulated joins with the years' effect held, parts switched off."""
    lines = [
        "| switched off | joins 2027 | joins 2040 | joins 2051 | medians, 2051 over 2027 |",
        "|---|---|---|---|---|",
    ]
    for row in found["off"]:
        ratio = row["join 2051"][0] / row["join 2027"][0]
        lines.append(f"| {row['name']} | " + " | ".join(band(row[f"join {y}"]) for y in SHOWN) + f" | {ratio:.2f} |")
    n = found["new_bodies"]
    held, drawn = found["all_bodies"]
    told = [
        f"The years' effect is held at {found['held_at']:.2f}. Effects on joins of the bodies born in {n['first']} to "
        f"{n['last']}, modes and errors together: N({n['mean']:.2f}, {n['sd']:.2f}²), from which those of new bodies are "
        f"drawn; of all bodies: N(0, {n['law_sd']:.2f}²). With the latter for new bodies: {band(held['join 2051'])} joins in "
        f"2051 with the years held, {band(drawn['join 2051'])} with the years drawn."
    ]  # fmt: skip
    return [*lines, "", *told]


PARTS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "year laws of joins": lambda found: scores(found, "join"),
    "year laws of exits": lambda found: scores(found, "exit"),
    "joins by year law": laws,
    "joins switched off": growth,
}


def filled() -> str:
    """The page with every part between its marks written anew."""
    return marks.filled(PAGE, PARTS, json.loads(FOUND.read_text(encoding="utf-8")))


if __name__ == "__main__":
    made: dict[str, Any] = {}
    if "--measure" in sys.argv[1:]:
        made = measure()
    elif "--worlds" in sys.argv[1:]:
        from exeunt.record.opened import open_record

        made = {**json.loads(FOUND.read_text(encoding="utf-8")), **worlds(open_record(), print)}
    if made:
        FOUND.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(filled(), encoding="utf-8")
    sys.stdout.write(f"written: {PAGE.relative_to(ROOT)}\n")
