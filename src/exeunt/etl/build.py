"""Stage two: staged tables + curated facts + declared corrections → the record. It needs no raw file.

Each table goes, sorted by its key, into the Parquet file of its licence class; `manifest.json` holds the checksums. A table
whose code and inputs are as they were is taken over. Everything is written beside the old record and renamed, so a build that
dies leaves the old one whole.
"""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from exeunt.core.errors import CompileError
from exeunt.core.files import fingerprint
from exeunt.etl import coded as coded_source
from exeunt.etl import csv_reader, readings, stage
from exeunt.etl.checks import check
from exeunt.etl.csv_reader import _conform
from exeunt.etl.ledger import _ledger
from exeunt.etl.sources.series import FIRST_YEAR
from exeunt.record.identity import StateCode, code_in_year, resolve_state, state_codes
from exeunt.record.schema import CLOSING_DAY, TABLE, TABLES
from exeunt.record.store import FACTS

MAXIMUM_BYTES = 6 * 1024 * 1024
PLAIN = (
    "labels", "acts", "episodes", "cases", "vclt_parties", "published_counts", "clauses", "case_bodies", "parties",
    "party_lists", "source_ranks", "names",
)  # fmt: skip
"""Tables that are a curated sheet and nothing else."""
ROOMS = ("etl", "record")
"""Rooms whose code a table rests on."""
USE_OF_FORCE = 4
LAST_GDP_YEAR, LAST_POPULIST_YEAR, LAST_DISPUTE_YEAR, LAST_CONFLICT_YEAR = 2023, 2020, 2014, 2024
Say = Callable[[str], None]
Tables = Mapping[str, pl.DataFrame]


def refresh(data: Path, target: Path = FACTS, sources: Path | None = None, say: Say = lambda _: None) -> dict[str, int]:
    """Build the record into `target`; with raw sources, stage them first.

    Parameters
    ----------
    data : directory with `curated/`, `corrections/`, `staged/` and `licences.toml`
    target : directory to replace
    sources : directory of the raw sources, one folder a source; `data/staged` is remade from them
    say : called with a line of progress

    Returns
    -------
    Rows by table.

    Raises
    ------
    CompileError, if anything does not fit; `target` is then as it was.
    """
    stage.check_licences(data / "licences.toml")
    sheets = csv_reader._load(data / "curated")
    if sources is not None:
        stage._stage(sources, data, say)
    contents, prints = _build(data, sheets, target, say)
    tables = {name: pl.read_parquet(io.BytesIO(content)) for name, content in contents.items()}
    say("checking")
    problems = check(tables)
    if problems:
        shown = "\n  ".join(problems[:20])
        raise CompileError(f"the record breaks {len(problems)} of its rules and was not written:\n  {shown}")
    _write(contents, target, data / "licences.toml", prints)
    return {name: frame.height for name, frame in tables.items()}


class _Workshop:
    """Tables made one after another: taken over from the old record where code and inputs are as they were."""

    def __init__(self, target: Path, inputs: dict[str, str]) -> None:
        self.target, self.inputs = target, inputs
        self.before = stage._fingerprints(target)
        self.contents: dict[str, bytes] = {}
        self.prints: dict[str, str] = {}
        self._frames: dict[str, pl.DataFrame] = {}

    def __getitem__(self, name: str) -> pl.DataFrame:
        """A table that has been made or taken over."""
        if name not in self._frames:
            self._frames[name] = pl.read_parquet(io.BytesIO(self.contents[name]))
        return self._frames[name]

    def make(self, names: tuple[str, ...], needs: tuple[str, ...], maker: Callable[[], Tables]) -> None:
        """Make some tables by one function; `needs` are keys of inputs, or tables made before."""
        digests = {
            need: self.inputs[need] if need in self.inputs else hashlib.sha256(self.contents[need]).hexdigest()
            for need in needs
        }
        made_from = fingerprint(ROOMS, needs=digests)
        old = {n: stage._kept(self.target / _path(n), self.before.get(n), made_from) for n in names}
        held = {name: content for name, content in old.items() if content is not None}
        if len(held) < len(names):
            frames = {name: _conform(frame, TABLE[name]) for name, frame in maker().items()}
            self._frames.update(frames)
            held = {name: stage._as_parquet(frames[name]) for name in names}
        self.contents.update(held)
        self.prints.update(dict.fromkeys(names, made_from))


def _path(name: str) -> str:
    return f"{TABLE[name].licence_class}/{name}.parquet"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _build(data: Path, sheets: Tables, target: Path, say: Say) -> tuple[dict[str, bytes], dict[str, str]]:
    """Every table as the bytes of its file, and what each was made from."""
    staged = stage._Staged(data / "staged")
    correcting = sorted((data / "corrections").glob("*.toml"))
    corrections = [item for path in correcting for item in coded_source.read_corrections(path)]
    inputs = {f"staged.{name}": staged.checksum(name) for name in staged}
    inputs |= {f"csv.{path.stem}": _digest(path) for path in sorted((data / "curated").glob("*.csv"))}
    inputs["corrections"] = fingerprint((), files=[_digest(path) for path in correcting])
    shop = _Workshop(target, inputs)

    for name in PLAIN:
        shop.make((name,), (f"csv.{name}",), lambda name=name: {name: sheets[name]})  # type: ignore[misc]
    shop.make(("states",), ("csv.states", "csv.regions"), lambda: {"states": _states(sheets)})
    argued = pl.lit("critique-of-batch-2026").alias("argument")
    shop.make(("claims",), ("csv.claims",), lambda: {"claims": sheets["claims"].with_columns(argued)})
    codes = state_codes(shop["states"])

    shop.make(
        ("bodies",),
        ("csv.bodies", "staged.cow_igo_bodies"),
        lambda: {"bodies": _bodies(sheets["bodies"], coded_source._spans(staged["cow_igo_bodies"]))},
    )
    keys = shop["bodies"].filter(pl.col("cow_igo").is_not_null()).select("cow_igo", "body")
    shop.make(
        ("leaveable",),
        ("case_bodies", "bodies"),
        lambda: {"leaveable": _leaveable(shop["case_bodies"], shop["bodies"], "USA")},
    )
    shop.make(("coded_steps",), ("csv.coded_steps",), lambda: {"coded_steps": sheets["coded_steps"]})

    def money() -> Tables:
        say("ledger")
        return {"ledger": _ledger(sheets["ledger"], staged, shop["states"], say)}

    names = ("un_scale", "un_regular_budget", "un_ceb")
    shop.make(("ledger",), ("csv.ledger", "states", *(f"staged.{n}" for n in names)), money)

    def memberships() -> Tables:
        say("memberships: coded, carried on by acts, held against dues and rosters")
        coded = coded_source._read_coded(staged["cow_igo_runs"], staged["cow_igo_bodies"])
        mark = coded_source._apply_corrections(coded, corrections)
        spells = coded_source._spells(coded, mark, corrections).join(keys, on="cow_igo").drop("cow_igo")
        later = coded_source._after_coded(spells, shop["acts"], codes)
        spells = readings._hold_against(
            pl.concat([spells, later], how="vertical"),
            readings._dues_by_pair(shop["ledger"], codes),
            readings._roster_joins(staged["cia_factbook"], shop["bodies"], shop["states"]),
            readings._at_source_end(coded, dict(keys.iter_rows())),
            coded_source._settled_by_acts(shop["acts"], codes),
        )
        return {
            "memberships": coded_source._by_state_code(spells, codes),
            "body_years": coded.body_years.join(keys, on="cow_igo").drop("cow_igo"),
            "system_years": _with_state(pl.DataFrame({"cow": coded.cow, "year": coded.year}), codes),
        }

    shop.make(
        ("memberships", "body_years", "system_years"),
        ("staged.cow_igo_runs", "staged.cow_igo_bodies", "staged.cia_factbook", "corrections", "bodies", "states", "acts",
         "ledger"),
        memberships,
    )  # fmt: skip
    shop.make(("corrections",), ("corrections",), lambda: {"corrections": _declared(corrections)})
    _make_series(shop, staged, codes, keys, say)
    return shop.contents, shop.prints


# --- curated tables --------------------------------------------------------------------------------------------------


def _states(sheets: Tables) -> pl.DataFrame:
    regions = sheets["regions"].select("state", "region")
    return sheets["states"].join(regions, on="state", how="left", maintain_order="left")


def _bodies(sheet: pl.DataFrame, coded: pl.DataFrame) -> pl.DataFrame:
    """All bodies: the curated ones, then every COW body that none of them names.

    Parameters
    ----------
    sheet : bodies.csv
    coded : one row per COW body: cow_igo, name_cow, cow_ionum, coded_from, coded_to
    """
    unknown = set(sheet["cow_igo"].drop_nulls()) - set(coded["cow_igo"])
    if unknown:
        raise CompileError(f"bodies.csv names COW columns that the source lacks: {sorted(unknown)[:5]}.")
    curated = sheet.with_columns(pl.col("founded").cast(pl.Int64), pl.col("ended").cast(pl.Int64))
    joined = curated.join(coded.drop("name_cow"), on="cow_igo", how="left")
    taken = set(curated["body"])
    rest = coded.filter(~pl.col("cow_igo").is_in(curated["cow_igo"].drop_nulls().to_list())).with_columns(
        pl.col("cow_igo").map_elements(lambda c: f"{c}_cow" if c in taken else c, pl.String).alias("body"),
        pl.col("name_cow").alias("name_en"),
        pl.lit("treaty_organization").alias("kind"),
        pl.lit("membership").alias("leaveable"),
        pl.col("coded_from").alias("founded"),
        pl.when(pl.col("coded_to") < coded["coded_to"].max()).then(pl.col("coded_to")).alias("ended"),
        pl.lit("compiled_from_cow_igo;kind_assumed").alias("flag"),
    )
    return pl.concat([joined, rest.drop("name_cow")], how="diagonal_relaxed")


def _leaveable(case_bodies: pl.DataFrame, all_bodies: pl.DataFrame, state: str) -> pl.DataFrame:
    """What any state can leave in each body, and what the state of a case can where that differs."""
    general = all_bodies.select("body", pl.lit("*").alias("state"), pl.col("leaveable").alias("what"))
    special = case_bodies.select("body", pl.lit(state).alias("state"), "what", "status_before", "sources")
    return pl.concat([general, special], how="diagonal_relaxed")


def _declared(corrections: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                **{key: str(item[key]) for key in ("id", "source", "kind", "reason")},
                "scope": _scope(item),
                "sources": " ".join(item["sources"]),
            }
            for item in corrections
        ]
    )


def _scope(correction: dict[str, Any]) -> str:
    if correction["kind"] == "seam":
        return f"first year out {correction['first_year_out']}"
    return (
        f"COW state {correction['cow']}, body {correction['code']}, {correction['first_year']}-{correction['last_year']}: "
        f"{correction['expect']} becomes {correction['status']}"
    )


# --- series ----------------------------------------------------------------------------------------------------------


def _make_series(shop: _Workshop, staged: Tables, codes: list[StateCode], keys: pl.DataFrame, say: Say) -> None:
    def shipped() -> Tables:
        say("series")
        bank = {name: staged["wdi"].filter(pl.col("measure") == name).drop("measure") for name in ("gdp", "population")}
        fought = staged["ucdp_acd"].with_columns(pl.lit(1.0).alias("value"))
        conflicts = _state_years(codes, FIRST_YEAR + 1, LAST_CONFLICT_YEAR).join(fought, on=["cow", "year"], how="left")
        return {
            "series_ship": pl.concat([
                _series(staged["unga_ideal"], "ideal_point", "unga_ideal"),
                *(_series(frame.join(by_iso, on="iso"), name, "wdi") for name, frame in bank.items()),
                _series(_gdp_shares(bank["gdp"], by_iso, codes), "gdp_share", "wdi"),
                _series(staged["maddison"].join(by_iso, on="iso"), "gdp_per_capita", "maddison"),
                _series(conflicts.with_columns(pl.col("value").fill_null(0.0)), "interstate_conflict", "ucdp_acd"),
            ]).pipe(_with_state, codes)
        }  # fmt: skip

    def derived() -> Tables:
        return {
            "series_ship_derived": pl.concat([
                _series(staged["cow_nmc"], "cinc", "cow_nmc"),
                _series(staged["archigos"], "leader_change", "archigos"),
                _series(_populists(staged["popleaders"], shop["states"], codes), "populist", "popleaders"),
                _series(_force_uses(staged["cow_mid"], codes), "force_use", "cow_mid"),
            ]).pipe(_with_state, codes)
        }  # fmt: skip

    # Today's ISO codes; aggregates of countries and former states find no state and fall out.
    today = shop["states"].filter(pl.col("valid_to").is_null() & pl.col("cow").is_not_null())
    by_iso = today.select(pl.col("state").alias("iso"), "cow")
    names = ("unga_ideal", "wdi", "maddison", "ucdp_acd")
    shop.make(("series_ship",), ("states", *(f"staged.{n}" for n in names)), shipped)
    names = ("cow_nmc", "archigos", "popleaders", "cow_mid")
    shop.make(("series_ship_derived",), ("states", *(f"staged.{n}" for n in names)), derived)
    shop.make(
        ("series_share_alike",),
        ("states", "staged.vdem_simple"),
        lambda: {
            "series_share_alike": _with_state(_series(staged["vdem_simple"], "democracy", "vdem_simple"), codes),
        },
    )
    measured = pl.lit("mia").alias("source")
    shop.make(
        ("body_measures",),
        ("bodies", "staged.mia"),
        lambda: {"body_measures": staged["mia"].with_columns(measured).join(keys, on="cow_igo")},
    )
    shop.make(
        ("alliances",),
        ("states", "staged.atop_alliance"),
        lambda: {"alliances": _alliances(staged["atop_alliance"], codes)},
    )


def _state_years(codes: list[StateCode], first: int, last: int) -> pl.DataFrame:
    """COW number, state code and year for every state in the system in any part of the year."""
    rows = {
        (c.cow, c.state, year)
        for c in codes
        if c.cow is not None
        for year in range(
            max(first, c.valid_from.year if c.valid_from else first),
            min(last, c.valid_to.year if c.valid_to else last) + 1,
        )
    }
    return pl.DataFrame(
        sorted(rows), schema={"cow": pl.Int64, "state": pl.String, "year": pl.Int64}, orient="row"
    ).unique(["cow", "year"], keep="last", maintain_order=True)


def _series(frame: pl.DataFrame, measure: str, source: str) -> pl.DataFrame:
    """Bring rows of cow, year and value, and bounds where there are any, into the columns of a series from 1945 on."""
    for bound in ("low", "high"):
        if bound not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.Float64).alias(bound))
    return frame.filter((pl.col("year") >= FIRST_YEAR) & pl.col("value").is_not_null()).select(
        pl.col("cow").cast(pl.Int64),
        pl.col("year").cast(pl.Int64),
        pl.lit(measure).alias("measure"),
        pl.col("value").cast(pl.Float64),
        pl.col("low").cast(pl.Float64),
        pl.col("high").cast(pl.Float64),
        pl.lit(source).alias("source"),
        pl.lit("observed").alias("reading"),
    )


def _with_state(frame: pl.DataFrame, codes: list[StateCode]) -> pl.DataFrame:
    """Rows of states in the COW system, with the code of the state in that year."""
    own: dict[int, list[StateCode]] = {}
    for code in codes:
        if code.cow is not None:
            own.setdefault(code.cow, []).append(code)
    pairs = frame.select("cow", "year").unique().filter(pl.col("cow").is_in(list(own)))
    named = [code_in_year(own[cow], cow, year) for cow, year in pairs.iter_rows()]
    return frame.join(pairs.with_columns(pl.Series("state", named, pl.String)), on=["cow", "year"])


def _gdp_shares(gdp: pl.DataFrame, by_iso: pl.DataFrame, codes: list[StateCode]) -> pl.DataFrame:
    """Share of world GDP at current dollars 1960–2023, by the World Bank's own total for the world.

    Its total makes up for states without a figure (the Soviet Union has none), which a sum over states would not. Years
    before a state was in the system are left out: the figures of Georgia before 1990 are off by a factor of 400,000.
    """
    world = gdp.filter(pl.col("iso") == "WLD").select("year", pl.col("value").alias("world"))
    shares = gdp.join(world, on="year").with_columns((pl.col("value") / pl.col("world")).alias("value"))
    there = _state_years(codes, FIRST_YEAR, LAST_GDP_YEAR).select("cow", "year")
    return shares.join(by_iso, on="iso").join(there, on=["cow", "year"], how="semi")


def _populists(spells: pl.DataFrame, states: pl.DataFrame, codes: list[StateCode]) -> pl.DataFrame:
    """Whether a populist governed in any part of a year, 1945–2020, for the 28 states of the coded list only.

    A state that is not on the list is missing, for it is either not populist or was not screened. Spells without an end
    ran in December 2020, where the source ends.
    """
    ruled: dict[str, set[int]] = {}
    for country, first, last in spells.iter_rows():
        years = range(first, (LAST_POPULIST_YEAR if last is None else last) + 1)
        ruled.setdefault(resolve_state(states, country), set()).update(years)
    covered = _state_years(codes, FIRST_YEAR, LAST_POPULIST_YEAR).filter(pl.col("state").is_in(list(ruled)))
    values = [float(year in ruled[state]) for state, year in covered.select("state", "year").iter_rows()]
    return covered.with_columns(pl.Series("value", values, pl.Float64))


def _force_uses(disputes: pl.DataFrame, codes: list[StateCode]) -> pl.DataFrame:
    """Whether a state itself used force against another state, 1945–2014: hostility 4 (use of force) or 5 (war).

    A year with nothing but unknown levels below the threshold is missing. Years without a dispute are 0.
    """
    frame = _state_years(codes, FIRST_YEAR, LAST_DISPUTE_YEAR).join(disputes, on=["cow", "year"], how="left")
    used = (
        pl.when(pl.col("highest") >= USE_OF_FORCE)
        .then(1.0)
        .when(pl.col("unknown").fill_null(value=False))
        .then(None)
        .otherwise(0.0)
    )
    return frame.with_columns(used.alias("value"))


def _alliances(spells: pl.DataFrame, codes: list[StateCode]) -> pl.DataFrame:
    """Spells of alliance between two states of the record, under their codes of the first year."""
    known = [c.cow for c in codes if c.cow is not None]
    frame = spells.filter(pl.col("cow_1").is_in(known) & pl.col("cow_2").is_in(known))
    named = [
        pl.Series(
            f"state_{n}", [code_in_year(codes, c, y) for c, y in frame.select(f"cow_{n}", "first_year").iter_rows()]
        )
        for n in (1, 2)
    ]
    return frame.with_columns(*named, pl.lit("atop_alliance").alias("source"))


# --- writing ---------------------------------------------------------------------------------------------------------


def _write(
    contents: Mapping[str, bytes | pl.DataFrame], target: Path, licences: Path, prints: Mapping[str, str] | None = None
) -> None:
    """Write a whole record; raises CompileError where it is larger than may ship, or the place cannot be written."""
    with stage._replaced(target) as fresh:
        files: dict[str, dict[str, Any]] = {}
        for table in TABLES:
            content = contents[table.name]
            held = stage._as_parquet(content) if isinstance(content, pl.DataFrame) else content
            stage._put(fresh, _path(table.name), held)
            files[_path(table.name)] = stage._described(held)
        shutil.copyfile(licences, fresh / "licences.toml")
        size = sum(int(entry["bytes"]) for entry in files.values())
        if size > MAXIMUM_BYTES:
            raise CompileError(f"the record takes {size} bytes; at most {MAXIMUM_BYTES} may ship.")
        digest = hashlib.sha256("".join(str(entry["sha256"]) for entry in files.values()).encode()).hexdigest()
        manifest = {
            "version": f"{CLOSING_DAY:%Y.%m.%d}+{digest[:8]}",
            "closing_day": CLOSING_DAY.isoformat(),
            "files": files,
        }
        stage._write_manifest(fresh, manifest, prints or {})
