"""Open the record: tables are read when asked for, each proved against the manifest first."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from exeunt.core.errors import RecordError, UnknownNameError
from exeunt.record.identity import StateCode, resolve_body, resolve_state, state_codes
from exeunt.record.lookup import Lookup
from exeunt.record.schema import LABELS, MEASURES, TABLE

FACTS = Path(__file__).parent / "facts"
POLARS_TYPES = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
"""Kind of a column of the schema → its type in a data frame."""
MEND = "reinstall exeunt, or rebuild the record with `exeunt refresh`"


class Record:
    """The compiled record, read-only.

    Parameters
    ----------
    folder : directory with `manifest.json` and one folder a licence class

    Raises
    ------
    RecordError, if the manifest is missing or damaged, or (when a table is asked for) a file is not the one it names.
    """

    def __init__(self, folder: Path = FACTS) -> None:
        self.folder = folder
        self._tables: dict[str, pl.DataFrame] = {}
        try:
            self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            self.version = str(self.manifest["version"])
            self.closing_day = date.fromisoformat(self.manifest["closing_day"])
            self._expected = {str(name): str(entry["sha256"]) for name, entry in self.manifest["files"].items()}
        except FileNotFoundError:
            raise RecordError(f"there is no compiled record in {folder} (manifest.json is missing); {MEND}.") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecordError(f"the manifest of the record in {folder} is damaged ({error}); {MEND}.") from None

    def table(self, name: str) -> pl.DataFrame:
        """One table of the schema.

        Raises
        ------
        UnknownNameError, for a name that is no table; RecordError, if the file is missing or damaged.
        """
        if name not in self._tables:
            self._tables[name] = pl.read_parquet(self.file(name))
        return self._tables[name]

    def file(self, name: str) -> Path:
        """The Parquet file of a table, proved against the manifest; raises as `table` does."""
        if name not in TABLE:
            raise UnknownNameError("table", name, TABLE)
        relative = f"{TABLE[name].licence_class}/{name}.parquet"
        path = self.folder / relative
        expected = self._expected.get(relative)
        if expected is None or not path.is_file():
            raise RecordError(f"the table {relative} is missing from the record in {self.folder}; {MEND}.")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != expected:
            raise RecordError(
                f"the table {relative} is damaged: sha256 {found[:12]}…, the manifest expects {expected[:12]}…; {MEND}."
            )
        return path

    @cached_property
    def all_series(self) -> pl.DataFrame:
        """All measures of states by year, whatever their licence class; `source` says which card rules each row."""
        return pl.concat([self.table(f"series_{c}") for c in ("ship", "ship_derived", "share_alike")])

    @cached_property
    def codes(self) -> list[StateCode]:
        """Every state code with its span."""
        return state_codes(self.table("states"))

    @cached_property
    def lookup(self) -> Lookup:
        """Rows by state and body, for what asks about many pairs; the tables must not change after the first question."""
        return Lookup(self)

    def only(self, state: str | None = None, body: str | None = None) -> Record:
        """The same record with the acts, spells and years of one state or one body alone: a quick look at many pairs."""
        near = Record.__new__(Record)
        near.__dict__.update({key: value for key, value in self.__dict__.items() if key != "lookup"})
        near._tables = dict(self._tables)
        for name in ("acts", "memberships", "body_years", "leaveable", "bodies"):
            frame = self.table(name)
            if body is not None:
                frame = frame.filter(pl.col("body") == body)
            if state is not None and name in {"acts", "memberships"}:
                frame = frame.filter(pl.col("state") == state)
            near._tables[name] = frame
        return near

    def measure(self, name: str) -> pl.DataFrame:
        """One measure: cow, state, year, value, low, high, source, reading."""
        if name not in MEASURES:
            raise UnknownNameError("measure", name, MEASURES)
        return self.all_series.filter(pl.col("measure") == name)

    def state(self, name: str) -> str:
        """State code for whatever the user calls it, under any set of labels."""
        return resolve_state(self.table("states"), name, self.table("labels"), self.table("names"))

    def body(self, name: str) -> str:
        """Body key for whatever the user calls it."""
        return resolve_body(self.table("bodies"), name, self.table("names"))

    def state_names(self, labels: str = "common") -> dict[str, tuple[str, str | None]]:
        """State code → (English name, Chinese name), contested names from a set of labels.

        Raises
        ------
        UnknownNameError, for a set that is none of `common`, `un`, `own`, `wto`.
        """
        if labels not in LABELS:
            raise UnknownNameError("set of labels", labels, LABELS)
        names = {r["state"]: (r["name_en"], r["name_zh"]) for r in self.table("states").iter_rows(named=True)}
        chosen = self.table("labels").filter(pl.col("labels") == labels)
        return names | {r["state"]: (r["name_en"], r["name_zh"]) for r in chosen.iter_rows(named=True)}

    def body_names(self) -> dict[str, tuple[str, str | None]]:
        """Body key → (English name, Chinese name)."""
        return {r["body"]: (r["name_en"], r["name_zh"]) for r in self.table("bodies").iter_rows(named=True)}

    def what_there_is_to_leave(self, state: str, body: str) -> str:
        """`leaveable` word for a state in a body: the state's own entry, else the body's."""
        return self.lookup.what(state, body)
