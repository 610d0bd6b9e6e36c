"""Stage one: raw files → our own tables of facts in `data/staged`, one folder a licence class; only it needs raw files.

What is staged is what the build reads, under our own names, sorted and small. Nothing of a source of the class `local` is.
`manifest.json` holds the checksum of every table, and of the raw files that it was made from.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from exeunt.core.errors import CompileError
from exeunt.core.files import fingerprint
from exeunt.etl.raw import _verified, _verify
from exeunt.etl.sources import memberships, money, series
from exeunt.record.cards import all_cards

Say = Callable[[str], None]

SHARE_ALIKE: Final = (
    "The tables in this folder are derived from the Varieties of Democracy dataset and are under the licence\n"
    "CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/). Cite the source as its card says.\n"
)
READERS: Final[dict[str, Callable[..., pl.DataFrame]]] = {**memberships.READERS, **money.READERS, **series.READERS}
FINGERPRINTS: Final = "fingerprints.json"
"""What each table was last made from, code and inputs; not part of what ships."""


@dataclass(frozen=True, slots=True)
class _StagedTable:
    """One staged table: the source that rules its licence, the raw files it is read from, its reader and its order."""

    name: str
    source: str
    files: tuple[tuple[str, str], ...]
    read: Callable[..., pl.DataFrame]
    order: tuple[str, ...]


def _from(
    source: str, files: str, order: str, name: str | None = None
) -> _StagedTable:  # fmt: skip
    """A staged table named as its source; a file of another source is written `source/file`."""
    pairs = tuple((file.split("/")[0], file.split("/")[1]) if "/" in file else (source, file) for file in files.split())
    return _StagedTable(name or source, source, pairs, READERS[name or source], tuple(order.split()))


STAGED: Final = (
    _from("cow_igo", "state_year_format3.parquet",  "cow_igo cow first_year", "cow_igo_runs"),
    _from("cow_igo", "igo_year_format3.parquet",  "cow_igo first_year", "cow_igo_bodies"),
    _from("cia_factbook", "factbook_membership_long.parquet",  "org state first_year"),
    _from("un_scale", "UNGA_scale_of_assessment.csv",  "member last_year"),
    _from("un_regular_budget", "un_regular_budget_2019_2026.csv source_documents_by_year.csv", 
          "year name"),
    _from("un_ceb", "ceb_donor_entity_type_2013_2024.parquet",  "entity type donor year"),
    _from("unga_ideal", "Idealpointestimates1946-2025.parquet IdealpointsJuly2025.parquet",  "cow year"),
    _from("wdi", "gdp.parquet population.parquet",  "measure iso year"),
    _from("maddison", "gdp-per-capita-maddison-project-database.parquet",  "iso year"),
    _from("cow_nmc", "cow_nmc.parquet",  "cow year"),
    _from("vdem_simple", "vdem_simple.parquet",  "cow year"),
    _from("mia", "mia_cow_numbers.csv DP_May_2021.parquet",  "cow_igo measure year"),
    _from("archigos", "archigos.parquet isard/gw_cw_panel.parquet",  "cow year"),
    _from("popleaders", "populist_leader_spells.csv",  "country first_year"),
    _from("cow_mid", "cow_mid_dirdisps.parquet",  "cow year"),
    _from("ucdp_acd", "ucdp_acd.parquet isard/gw_cw_panel.parquet",  "cow year"),
    _from("atop_alliance", "atop_alliance.parquet",  "cow_1 cow_2 first_year"),
)  # fmt: skip
"""Every staged table."""


def _stage(sources: Path, folder: Path, say: Say) -> list[str]:
    """Make the staged tables from raw files; a table whose code and raw files are as they were is kept.

    Parameters
    ----------
    sources : directory of the raw sources, one folder a source
    folder : directory with `licences.toml`; `staged` in it is replaced, whole or not at all

    Returns
    -------
    Names of the tables that were made.

    Raises
    ------
    CompileError, if a raw file is missing or is not the one on its card.
    """
    if not sources.is_dir():
        raise CompileError(f"there is no directory of raw sources at {sources}; name it with --sources.")
    _verify(sources)
    target = folder / "staged"
    classes = check_licences(folder / "licences.toml")
    before = _fingerprints(target)
    files: dict[str, dict[str, Any]] = {}
    prints: dict[str, str] = {}
    made: list[str] = []
    with _replaced(target) as fresh:
        for table in STAGED:
            kind = classes[table.source]
            if kind == "local":
                raise CompileError(f"{table.name} rests on {table.source}, which may not ship; it cannot be staged.")
            digests = {f"{key}/{name}": all_cards()[key].files[name] for key, name in table.files}
            prints[table.name] = fingerprint(("etl/sources",), files=digests)
            path = f"{kind}/{table.name}.parquet"
            content = _kept(target / path, before.get(table.name), prints[table.name])
            if content is None:
                say(f"staging {table.name}")
                frame = table.read(*(_verified(sources, key, name) for key, name in table.files))
                content = _as_parquet(frame.sort(table.order, maintain_order=True))
                made.append(table.name)
            _put(fresh, path, content)
            files[path] = {**_described(content), "made_from": digests}
        _write_manifest(fresh, {"files": files}, prints)
    return made


class _Staged(Mapping[str, pl.DataFrame]):
    """The staged tables of a folder by name, each read and proved when it is asked for.

    Raises
    ------
    CompileError, if the staged tables are missing or damaged, or one was made from other raw files than those on the cards.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entries: dict[str, tuple[str, dict[str, Any]]] = {}
        for path, entry in _manifest(folder).items():
            for raw, digest in entry["made_from"].items():
                key, _, name = raw.partition("/")
                if all_cards()[key].files.get(name) != digest:
                    raise CompileError(
                        f"the staged table {path} was made from another {raw} than the one on its card; run `exeunt refresh "
                        "--sources DIR` with the raw files."
                    )
            self._entries[Path(path).stem] = path, entry

    def __getitem__(self, name: str) -> pl.DataFrame:
        """Read a table."""
        path, entry = self._entries[name]
        return _read(self._folder / path, entry)

    def __iter__(self) -> Iterator[str]:
        """Names of the tables."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Number of the tables."""
        return len(self._entries)

    def checksum(self, name: str) -> str:
        """Checksum of a table."""
        return str(self._entries[name][1]["sha256"])


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        files: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
        lost = {table.name for table in STAGED} - {Path(path).stem for path in files}
        if lost:
            raise KeyError(min(lost))
    except FileNotFoundError:
        raise CompileError(
            f"there are no staged tables in {folder}; take them from the repository, or make them with `exeunt refresh "
            "--sources DIR`."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise CompileError(
            f"the manifest of the staged tables in {folder} is damaged ({error}); put the old one back, or make them anew "
            "with `exeunt refresh --sources DIR`."
        ) from None
    return files


def _read(path: Path, entry: Mapping[str, Any]) -> pl.DataFrame:
    with suppress(OSError):
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == entry["sha256"]:
            return pl.read_parquet(io.BytesIO(content))
    raise CompileError(
        f"the staged table {path} is missing or damaged; put the old one back, or make it with `exeunt refresh --sources DIR`."
    )


def check_licences(path: Path) -> dict[str, str]:
    """Hold the licence classes against the cards.

    Returns
    -------
    Source → its class.

    Raises
    ------
    CompileError, unless each card is in one class.
    """
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
    return {source: name for name, entry in classes.items() for source in entry["sources"]}


# --- folders of tables: written whole or not at all, by class ---------------------------------------------------------


@contextmanager
def _replaced(target: Path) -> Iterator[Path]:
    """A fresh folder that takes the place of `target` once all went well; else `target` stays as it was.

    Raises
    ------
    CompileError, if the place cannot be written.
    """
    fresh, old = (target.with_name(f"{target.name}.{word}-{os.getpid()}") for word in ("new", "old"))
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir(parents=True)
    except OSError as error:
        raise CompileError(
            f"{target} cannot be written ({error.strerror or error}); name another place with --target DIR."
        ) from None
    try:
        yield fresh
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


def _as_parquet(frame: pl.DataFrame) -> bytes:
    """A table as the bytes of a file, the same for the same rows."""
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd", compression_level=19, statistics=False)
    return stream.getvalue()


def _described(content: bytes) -> dict[str, Any]:
    """What a manifest says of a file."""
    rows = pl.scan_parquet(io.BytesIO(content)).select(pl.len()).collect().item()
    return {"sha256": hashlib.sha256(content).hexdigest(), "rows": rows, "bytes": len(content)}


def _put(folder: Path, path: str, content: bytes) -> None:
    """Write one file of a folder of tables; what is share-alike says so beside it."""
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    if path.startswith("share_alike/"):
        (place.parent / "LICENCE.txt").write_text(SHARE_ALIKE, encoding="utf-8")


def _write_manifest(folder: Path, manifest: Mapping[str, Any], prints: Mapping[str, str]) -> None:
    """Write the manifest, and beside it what each table was made from."""
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    digests = {Path(path).stem: entry["sha256"] for path, entry in manifest["files"].items()}
    made = {name: [made_from, digests[name]] for name, made_from in prints.items()}
    (folder / FINGERPRINTS).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def _fingerprints(folder: Path) -> dict[str, list[str]]:
    """What each table of a folder was made from, with its checksum; empty where nobody kept it."""
    with suppress(OSError, ValueError):
        found = json.loads((folder / FINGERPRINTS).read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    return {}


def _kept(path: Path, before: list[str] | None, made_from: str) -> bytes | None:
    """The bytes of a table that is there, whole, and made from the same; else None."""
    with suppress(OSError):
        if before is not None and before[0] == made_from:
            content = path.read_bytes()
            return content if hashlib.sha256(content).hexdigest() == before[1] else None
    return None
