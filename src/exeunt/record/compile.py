"""Curated facts + raw sources + declared corrections → the compiled record.

Each table goes, sorted by its key, into the Parquet file of its licence class; `manifest.json` holds the checksums.
Everything is written beside the old record and renamed, so a compile that dies leaves the old one whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import polars as pl

from exeunt.errors import CompileError
from exeunt.record import coded as coded_source
from exeunt.record import curated, money_sources, politics, readings, series
from exeunt.record.cards import all_cards, verify
from exeunt.record.checks import check
from exeunt.record.identity import StateCode, code_in_year, state_codes
from exeunt.record.schema import CLOSING_DAY, TABLE, TABLES
from exeunt.record.spells import after_coded, by_state_code, settled

FACTS = Path(__file__).parent / "facts"
MAXIMUM_BYTES = 6 * 1024 * 1024
SHARE_ALIKE = (
    "The tables in this folder are derived from the Varieties of Democracy dataset and are under the licence\n"
    "CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/). Cite the source as its card says.\n"
)
Say = Callable[[str], None]


def compile_record(sources: Path, data: Path, target: Path = FACTS, say: Say = lambda _: None) -> dict[str, int]:
    """Compile the record into `target`.

    Parameters
    ----------
    sources : directory of the raw sources, one folder a source
    data : directory with `curated/`, `corrections/` and `licences.toml`
    target : directory to replace
    say : called with a line of progress

    Returns
    -------
    Rows by table.

    Raises
    ------
    CompileError, if anything does not fit; `target` is then as it was.
    """
    if not sources.is_dir():
        raise CompileError(f"there is no directory of raw sources at {sources}; name it with --sources.")
    tables = build_tables(sources, data, say)
    say("checking")
    problems = check(tables)
    if problems:
        shown = "\n  ".join(problems[:20])
        raise CompileError(f"the record breaks {len(problems)} of its rules and was not written:\n  {shown}")
    _write(tables, target, data / "licences.toml")
    return {name: frame.height for name, frame in tables.items()}


def build_tables(sources: Path, data: Path, say: Say) -> dict[str, pl.DataFrame]:
    """Build every table in memory."""
    check_licences(data / "licences.toml")
    sheets = curated.load(data / "curated")
    tables = curated.own_tables(sheets)
    verify(sources)
    codes = state_codes(tables["states"])

    say("coded memberships")
    coded = coded_source.read_coded(sources)
    corrections = [c for p in sorted((data / "corrections").glob("*.toml")) for c in coded_source.read_corrections(p)]
    mark = coded_source.apply_corrections(coded, corrections)
    tables["bodies"] = curated.bodies(sheets["bodies"], coded.bodies)
    keys = tables["bodies"].filter(pl.col("cow_igo").is_not_null()).select("cow_igo", "body")
    spells = coded_source.spells(coded, mark, corrections).join(keys, on="cow_igo").drop("cow_igo")
    later = after_coded(spells, tables["acts"], codes)
    say("ledger")
    tables["ledger"] = money_sources.ledger(sheets["ledger"], sources, tables["states"], say)
    say("memberships after the coded source, held against dues and rosters")
    spells = readings.hold_against(
        pl.concat([spells, later], how="vertical"),
        readings.dues_by_pair(tables["ledger"], codes),
        readings.roster_joins(sources, tables["bodies"], tables["states"]),
        readings.at_source_end(coded, dict(keys.iter_rows())),
        settled(tables["acts"], codes),
    )
    tables["memberships"] = curated.conform(by_state_code(spells, codes), TABLE["memberships"])
    tables["body_years"] = curated.conform(
        coded.body_years.join(keys, on="cow_igo").drop("cow_igo"), TABLE["body_years"]
    )
    years = pl.DataFrame({"cow": coded.cow, "year": coded.year})
    tables["system_years"] = _with_state(years, codes, "system_years")
    tables["corrections"] = curated.conform(
        pl.DataFrame(
            [
                {
                    **{k: str(c[k]) for k in ("id", "source", "kind", "reason")},
                    "scope": _scope(c),
                    "sources": " ".join(c["sources"]),
                }
                for c in corrections
            ]
        ),
        TABLE["corrections"],
    )
    tables["leaveable"] = curated.leaveable(tables["case_bodies"], tables["bodies"], "USA")
    steps = sheets["coded_steps"].rename({"body": "body_name", "body_key": "body", "cow_igo_code": "cow_igo"})
    tables["coded_steps"] = curated.conform(
        steps.with_columns(
            pl.col("body").fill_null(pl.col("cow_igo").replace_strict(dict(keys.iter_rows()), default=None))
        ),
        TABLE["coded_steps"],
    )

    say("series")
    tables["body_measures"] = curated.conform(
        series.authority(sources).join(keys, on="cow_igo"), TABLE["body_measures"]
    )
    shipped = pl.concat(
        [
            series.ideal_points(sources),
            series.world_bank(sources, tables["states"], "gdp", "gdp"),
            series.world_bank(sources, tables["states"], "population", "population"),
            series.gdp_shares(sources, tables["states"], codes),
            series.maddison(sources, tables["states"]),
            politics.interstate_conflicts(sources, codes),
        ]
    )
    tables["series_ship"] = _with_state(shipped, codes, "series_ship")
    derived = pl.concat(
        [
            series.capabilities(sources),
            politics.leader_changes(sources),
            politics.populists(sources, tables["states"], codes),
            politics.force_uses(sources, codes),
        ]
    )
    tables["series_ship_derived"] = _with_state(derived, codes, "series_ship_derived")
    say("alliances")
    tables["alliances"] = curated.conform(politics.alliances(sources, codes), TABLE["alliances"])
    tables["series_share_alike"] = _with_state(series.democracy(sources), codes, "series_share_alike")
    return tables


def _scope(correction: dict[str, object]) -> str:
    if correction["kind"] == "seam":
        return f"first year out {correction['first_year_out']}"
    return (
        f"COW state {correction['cow']}, body {correction['code']}, {correction['first_year']}-{correction['last_year']}: "
        f"{correction['expect']} becomes {correction['status']}"
    )


def _with_state(frame: pl.DataFrame, codes: list[StateCode], name: str) -> pl.DataFrame:
    known = [c.cow for c in codes if c.cow is not None]
    pairs = frame.select("cow", "year").unique().filter(pl.col("cow").is_in(known))
    named = pairs.with_columns(
        pl.Series(
            "state",
            [code_in_year(codes, cow, year) for cow, year in pairs.iter_rows()],
            dtype=pl.String,
        )
    )
    return curated.conform(frame.join(named, on=["cow", "year"]), TABLE[name])


def check_licences(path: Path) -> None:
    """Hold the licence classes against the cards; raises CompileError unless each card is in one class."""
    try:
        classes = tomllib.loads(path.read_text(encoding="utf-8"))
        sources = [source for entry in classes.values() for source in entry["sources"]]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError, KeyError, TypeError) as error:
        raise CompileError(
            f"{path.name} cannot be read ({error}); it needs a table a class, each with a list `sources`."
        ) from None
    doubled = {s for s in sources if sources.count(s) > 1}
    bare = set(all_cards()) - set(sources)
    lost = set(sources) - set(all_cards())
    if doubled or bare or lost:
        raise CompileError(
            f"{path.name}: in two classes {sorted(doubled)}; without a class {sorted(bare)}; without a card {sorted(lost)}."
        )


def _write(tables: dict[str, pl.DataFrame], target: Path, licences: Path) -> None:
    fresh = target.with_name(f"{target.name}.new-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        files: dict[str, dict[str, object]] = {}
        for table in TABLES:
            path = fresh / table.licence_class / f"{table.name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            tables[table.name].write_parquet(path, compression="zstd", compression_level=19, statistics=False)
            content = path.read_bytes()
            files[f"{table.licence_class}/{table.name}.parquet"] = {
                "sha256": hashlib.sha256(content).hexdigest(),
                "rows": tables[table.name].height,
                "bytes": len(content),
            }
        for table in TABLES:
            if table.licence_class == "share_alike":
                (fresh / table.licence_class / "LICENCE.txt").write_text(SHARE_ALIKE, encoding="utf-8")
        shutil.copyfile(licences, fresh / "licences.toml")
        size = sum(int(str(f["bytes"])) for f in files.values())
        if size > MAXIMUM_BYTES:
            raise CompileError(f"the record takes {size} bytes; at most {MAXIMUM_BYTES} may ship.")
        digest = hashlib.sha256("".join(str(f["sha256"]) for f in files.values()).encode()).hexdigest()
        manifest = {
            "version": f"{CLOSING_DAY:%Y.%m.%d}+{digest[:8]}",
            "closing_day": CLOSING_DAY.isoformat(),
            "files": files,
        }
        (fresh / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        old = target.with_name(f"{target.name}.old-{os.getpid()}")
        if target.exists():
            target.rename(old)
        try:
            fresh.rename(target)
        except BaseException:
            if old.exists():
                old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
