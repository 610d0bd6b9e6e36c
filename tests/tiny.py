"""Help for the tests: a tiny world of six states and three bodies, small cubes, and runs of the command line.

The tiny world has one secession (FFF from EEE, 1980), one suspension (DDD, 2018), one readmission (DDD, 1985), one lapse
of a year, one step at the seam of 1965, one exit just before a body dies and one cell that is missing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from exeunt.core.dates import parse
from exeunt.etl import build as compiler
from exeunt.etl import coded as coded_source
from exeunt.etl.coded import _after_coded as after_coded
from exeunt.etl.coded import _by_state_code as by_state_code
from exeunt.etl.coded import _Coded as Coded
from exeunt.etl.csv_reader import _conform as conform
from exeunt.panel.risk import MEMBER, MISSING, NOT_IN_SYSTEM, OUTSIDE, Cube
from exeunt.record.acts import Act
from exeunt.record.identity import StateCode, state_codes
from exeunt.record.schema import TABLE, TABLES
from exeunt.record.store import POLARS_TYPES, Record

ROOT = Path(__file__).resolve().parents[1]
SOURCES = Path(os.environ.get("EXEUNT_SOURCES") or ROOT.parent / "shared" / "sources")
"""Raw sources; tests that need them are marked `refresh` and skipped where they are not."""
FACTS = ROOT / "src" / "exeunt" / "record" / "facts"
STATES = {901: "AAA", 902: "BBB", 903: "CCC", 904: "DDD", 905: "EEE", 906: "FFF"}
BORN = {906: 1980}
BODIES = {"alpha": (1945, 2014), "beta": (1950, 2014), "gamma": (1955, 1999)}
ALL = 2014
# (cow, body): spells of (code, first year, last year).
SPELLS: dict[tuple[int, str], list[tuple[int, int, int]]] = {
    (901, "alpha"): [(1, 1945, ALL)],
    (902, "alpha"): [(1, 1945, ALL)],
    (903, "alpha"): [(1, 1945, 1989), (1, 1991, ALL)],  # a lapse of one year
    (904, "alpha"): [(1, 1945, ALL)],
    (905, "alpha"): [(1, 1945, ALL)],
    (906, "alpha"): [(1, 1981, ALL)],
    (901, "beta"): [(1, 1950, ALL)],
    (902, "beta"): [(1, 1952, ALL)],  # mended to begin in 1951
    (903, "beta"): [(1, 1950, 1973)],
    (904, "beta"): [(1, 1950, 1969), (1, 1985, ALL)],  # readmitted
    (905, "beta"): [(1, 1960, 1964)],  # a step at the seam
    (906, "beta"): [(1, 1990, 1994), (-9, 1995, 1996), (1, 1997, ALL)],
    (901, "gamma"): [(1, 1955, 1999)],
    (902, "gamma"): [(1, 1958, 1998)],  # a year before the body ends
    (905, "gamma"): [(1, 1960, 1999)],
    (906, "gamma"): [(2, 1985, 1999)],
}
RAW_EXITS = {("CCC", "beta", 1973), ("DDD", "beta", 1969), ("BBB", "gamma", 1998), ("CCC", "alpha", 1989),
             ("EEE", "beta", 1964)}  # fmt: skip
CLEANED_EXITS = {("CCC", "beta", 1973), ("DDD", "beta", 1969)}
CORRECTION = {
    "id": "bbb-beta-1951", "kind": "cells", "cow": 902, "code": "beta", "first_year": 1951, "last_year": 1951,
    "expect": 0, "status": 1, "reason": "made up", "source": "cow_igo", "sources": ["https://example.org"],
}  # fmt: skip
# episode, state, body, act, date, takes effect, counts as exit, recorded
ACTS = [
    ("bbb-alpha", "BBB", "alpha", "announced", "2016-01-10", None, None, "2016-02-01"),
    ("bbb-alpha", "BBB", "alpha", "notified", "2016-03-01", "2017-03-01", None, "2016-04-01"),
    ("bbb-alpha", "BBB", "alpha", "effective", "2017-03-01", None, True, "2026-11-23"),
    ("ddd-alpha", "DDD", "alpha", "suspended", "2018-06-01", None, None, "2026-11-23"),
    ("aaa-beta", "AAA", "beta", "announced", "2020-05", None, None, "2026-11-23"),
    ("ccc-beta", "CCC", "beta", "rejoined", "2019-01-01", "2019-01-01", None, "2026-11-23"),
]


def act(
    word: str, day: str, takes_effect: str | None = None, *, by: str = "state", contested: bool = False, flag: str = ""
) -> Act:  # fmt: skip
    """Make one act as a chain needs it."""
    effect = parse(takes_effect) if takes_effect else None
    return Act(f"{word}-{day}", word, parse(day), effect, by, contested, (), flag)


def chain(*acts: Act) -> list[Act]:
    """Put acts in the order in which the record gives them."""
    return sorted(acts, key=lambda a: (a.date.earliest or date.min, a.date.latest or date.max, a.act_id))


def empty(name: str) -> pl.DataFrame:
    """Make a table of the schema without rows."""
    return pl.DataFrame(schema={c.name: POLARS_TYPES[c.kind] for c in TABLE[name].columns})


def tiny_coded() -> Coded:
    """Lay the tiny world out as COW lays out its own."""
    cow, year = np.array([(c, y) for c in STATES for y in range(max(1945, BORN.get(c, 0)), ALL + 1)], dtype=np.int64).T
    cells = np.full((len(cow), len(BODIES)), -1, np.int8)
    for column, (body, (first, last)) in enumerate(BODIES.items()):
        cells[(year >= first) & (year <= last), column] = 0
        for number in STATES:
            for code, start, end in SPELLS.get((number, body), []):
                cells[(cow == number) & (year >= start) & (year <= end), column] = code
    years = [(body, y) for body, (first, last) in BODIES.items() for y in range(first, last + 1)]
    return Coded(
        cow, year, list(BODIES), cells,
        pl.DataFrame({"cow_igo": list(BODIES), "name_cow": list(BODIES), "cow_ionum": [1, 2, 3],
                      "coded_from": [s for s, _ in BODIES.values()], "coded_to": [e for _, e in BODIES.values()]}),
        pl.DataFrame(years, schema={"cow_igo": pl.String, "year": pl.Int64}, orient="row"),
    )  # fmt: skip


def position(cow: int, year: int) -> float:
    """Ideal point of a tiny state: apart, and drifting."""
    return (cow - 903.5) / 2 + (year - 1980) / 100 * (-1) ** cow


def share(cow: int, year: int) -> float:
    """Share of world capability of a tiny state: AAA grows by one per cent a year, the others stand still."""
    return 0.01 * (cow - 900) * (1.01 ** (year - 1945) if cow == 901 else 1.0)


def tiny_tables() -> dict[str, pl.DataFrame]:
    """Every table of the tiny world, as the compiler would build it."""
    tables = {t.name: empty(t.name) for t in TABLES}

    def fill(name: str, rows: list[dict[str, object]]) -> None:
        frame = pl.DataFrame(rows, infer_schema_length=None)
        tables[name] = conform(frame, TABLE[name])

    fill("states", [
        {"state": s, "name_en": f"State {s}", "cow": c, "cow_abb": s, "valid_from": f"{BORN.get(c, 1900)}-01-01",
         "code_status": "fixed"} for c, s in STATES.items()
    ])  # fmt: skip
    fill("bodies", [
        {"body": b, "name_en": f"Body {b}", "leaveable": "membership", "founded": first,
         "ended": last if last < ALL else None, "cow_igo": b, "coded_from": first, "coded_to": last}
        for b, (first, last) in BODIES.items()
    ])  # fmt: skip
    fill("leaveable", [{"body": b, "state": "*", "what": "membership"} for b in BODIES])
    fill("episodes", [
        {"episode": e, "state": s, "body": b, "direction": "leaving", "sources": "https://example.org"}
        for e, s, b in dict.fromkeys((e, s, b) for e, s, b, *_ in ACTS)
    ])  # fmt: skip
    fill("acts", [
        {"act_id": f"{e}-{n}", "episode": e, "state": s, "body": b, "act": word, "date": day, "takes_effect": effect,
         "claimed_by": "state", "contested": "no", "counts_as_exit": counts, "recorded": recorded,
         "sources": "https://example.org"}
        for n, (e, s, b, word, day, effect, counts, recorded) in enumerate(ACTS)
    ])  # fmt: skip
    fill(
        "clauses",
        [
            {
                "id": "beta-1",
                "body": "beta",
                "instrument": "Charter",
                "article": "7",
                "silent": False,
                "notice_period": "P1Y",
                "sources": "https://example.org",
            }
        ],
    )
    coded = tiny_coded()
    mark = coded_source._apply_corrections(coded, [CORRECTION])
    codes = state_codes(tables["states"])
    spells = coded_source._spells(coded, mark, [CORRECTION]).rename({"cow_igo": "body"})
    spells = pl.concat([spells, after_coded(spells, tables["acts"], codes)], how="vertical")
    tables["memberships"] = conform(by_state_code(spells, codes), TABLE["memberships"])
    tables["body_years"] = conform(coded.body_years.rename({"cow_igo": "body"}), TABLE["body_years"])
    pairs = [
        {"cow": int(c), "year": int(y), "state": STATES[int(c)]} for c, y in zip(coded.cow, coded.year, strict=True)
    ]
    fill("system_years", pairs)
    fill("corrections", [
        {**{k: CORRECTION[k] for k in ("id", "source", "kind", "reason")}, "sources": "https://example.org"}
    ])  # fmt: skip
    for name, measure, source in (
        ("series_ship", "ideal_point", "unga_ideal"), ("series_ship_derived", "cinc", "cow_nmc"),
    ):  # fmt: skip
        fill(name, [
            {**p, "measure": measure, "source": source, "reading": "observed",
             "value": (position if measure == "ideal_point" else share)(p["cow"], p["year"])}
            for p in pairs if p["year"] >= 1946
        ])  # fmt: skip
    return tables


def tiny_record(folder: Path) -> Record:
    """Write the tiny world as a compiled record and open it."""
    compiler._write(tiny_tables(), folder, ROOT / "data" / "licences.toml")
    return Record(folder)


def random_cube(seed: int, states: int = 9, bodies: int = 9, first: int = 1958, last: int = 2018) -> Cube:
    """Draw a small cube with lapses, missing cells, deaths of states and bodies, and years in which many leave."""
    rng = np.random.Generator(np.random.Philox(seed))
    years = np.arange(first, last + 1)
    status = np.full((len(years), states, bodies), NOT_IN_SYSTEM, np.int8)
    words = np.array([OUTSIDE, MEMBER, 2, 3, MISSING])
    lives = []
    for number in (states, bodies):
        start = np.where(rng.random(number) < 0.3, rng.integers(first, 1990, number), first)
        end = np.where(rng.random(number) < 0.3, rng.integers(1991, 2014, number), last)
        lives.append((years[:, None] >= start) & (years[:, None] <= end))
    alive = lives[0][:, :, None] & lives[1][:, None, :]
    for row in range(len(years)):
        fresh = rng.choice(words, (states, bodies), p=[0.35, 0.5, 0.05, 0.05, 0.05])
        stay = rng.random((states, bodies)) < 0.85
        now = np.where(stay & (status[row - 1] >= 0), status[row - 1], fresh) if row else fresh
        if rng.random() < 0.15:
            now[:, rng.integers(bodies)] = OUTSIDE
        if rng.random() < 0.15:
            now[rng.integers(states), :] = OUTSIDE
        status[row] = np.where(alive[row], now, NOT_IN_SYSTEM)
    founded = np.array([years[np.flatnonzero(column)[0]] for column in lives[1].T])
    return Cube(
        years, np.arange(1, states + 1), tuple(f"b{j}" for j in range(bodies)), status, np.zeros(status.shape, np.bool_),
        founded, rng.integers(0, 3, bodies),
    )  # fmt: skip


def code(state: str, cow: int | None, first: str | None, last: str | None) -> StateCode:
    """Make one state code over a span."""
    return StateCode(
        state,
        cow,
        date.fromisoformat(first) if first else None,
        date.fromisoformat(last) if last else None,
        state,
        None,
    )


def environment(home: Path) -> dict[str, str]:
    """Environment for a run of the command line that touches nothing of the user's."""
    home.mkdir(exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COVERAGE"))}
    return {
        **kept, "PYTHONPATH": str(ROOT / "src"), "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"),
        "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "100",
    }  # fmt: skip


def exeunt(*arguments: str | Path, cwd: Path, home: Path, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run `python -m exeunt` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "exeunt", *map(str, arguments)],
        cwd=cwd, env=environment(home), capture_output=True, encoding="utf-8", timeout=timeout, check=False,
    )  # fmt: skip


def one_sentence(text: str) -> bool:
    """Whether standard error holds one line that ends as a sentence does, and no traceback."""
    lines = text.splitlines()
    return len(lines) == 1 and lines[0].startswith("exeunt: ") and lines[0].endswith(".")
