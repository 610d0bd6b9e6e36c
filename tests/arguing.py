"""What the tests of arguments share: kept estimates in place of minutes of fits, verdicts, and small files to change."""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exeunt import cli
from exeunt.argument import model_checks, models
from exeunt.argument.argument import SHIPPED, _of_content, read, shipped
from exeunt.argument.argument import _Argument as Argument
from exeunt.argument.verdict import _Judged as Judged
from exeunt.argument.verdict import judge
from exeunt.explain import attributes, sequence
from exeunt.explain.estimates import Estimate
from exeunt.record.store import Record
from tiny import FACTS, ROOT

CRITIQUE = "critique-of-batch-2026"
COMMANDS = set(cli._build_parser()._subparsers._group_actions[0].choices)  # type: ignore[union-attr,arg-type]
BESIDE = {"feedback", "simulate", "consequence"} - COMMANDS
"""Commands of rooms that this checkout does not have yet."""
METHOD = (ROOT / "docs" / "method" / "argument.md").read_text(encoding="utf-8")


def reference(name: str) -> Any:
    return json.loads((ROOT / "tests" / "reference" / f"{name}.json").read_text(encoding="utf-8"))


def ordered(row: dict[str, Any]) -> sequence._Ordered:
    """A row of `exeunt sequence --format json`."""
    return sequence._Ordered(**{key: value for key, value in row.items() if not key.startswith("interval_")})


@pytest.fixture(scope="module")
def kept_estimates() -> Any:
    """Estimates as `exeunt compare`, `attributes` and `sequence` found them: minutes of fits that a slow test makes anew."""
    found = reference("comparison")["terms"]

    def kept(record: Record, rival: Any) -> list[Estimate]:
        return [
            Estimate(t["explanation"], t["term"], t["outcome"], 0, 0, t["rows"], t["events"], t["estimate"], t["low"],
                     t["high"], t["expected_sign"], t["status"]) for t in found if t["explanation"] == rival.name
        ]  # fmt: skip

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "_across", kept)
        patch.setattr(
            models, "_equations", lambda *_: [attributes.Measured(**row) for row in reference("arguments_attributes")]
        )
        patch.setattr(models, "_ordered", lambda *_: [ordered(row) for row in reference("arguments_sequence")])
        patch.setattr(models, "_fed_back", lambda *_: reference("arguments_feedback"))
        rooms = reference("arguments_consequence")
        patch.setattr(model_checks, "_base_rate", lambda _, years: rooms["base_rate"][str(years)])
        patch.setattr(model_checks, "_areas_left", lambda _, name: rooms["areas_left"][name])
        patch.setattr(
            model_checks, "_gained", lambda _, name: model_checks._gain_of(reference("arguments_feedback")[name])
        )
        patch.setattr(models, "HERE", ("argument",))
        patch.setattr(model_checks, "ROOMS", ("argument",))
        yield


@pytest.fixture(scope="module")
def answers(record: Record, kept_estimates: None) -> dict[str, Judged]:
    return {name: judge(record, read(name)) for name in shipped()}


REAL = {"base_rate": model_checks._base_rate, "areas_left": model_checks._areas_left, "fed_back": models._fed_back}


def content_of(name: str = CRITIQUE) -> dict[str, Any]:
    return tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))


def claims_only(name: str = CRITIQUE) -> dict[str, Any]:
    """The claims of a shipped argument without its links."""
    return {key: value for key, value in content_of(name).items() if key not in ("link", "variable")}


def verdict_of(answer: Judged, claim: str) -> str:
    return next(c.verdict for c in answer.claims if c.claim.id == claim)


def judged(record: Record, content: dict[str, Any]) -> Judged:
    return judge(record, _of_content("mine", "mine.toml", content))


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, Callable[[pl.DataFrame], pl.DataFrame]], Record]:
    """A copy of the record with one table changed, its checksum put right."""

    def change(table: str, edit: Callable[[pl.DataFrame], pl.DataFrame]) -> Record:
        folder = Path(shutil.copytree(FACTS, tmp_path / "facts"))
        (path,) = folder.rglob(f"{table}.parquet")
        before = pl.read_parquet(path)
        after = edit(before)
        assert not after.equals(before)
        after.write_parquet(path)
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        entry = manifest["files"][path.relative_to(folder).as_posix()]
        entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return Record(folder)

    return change


GOOD: dict[str, Any] = {
    "title": "t", "about": "a", "address": "https://example.org/t",
    "variable": [{"name": "x", "label": "X", "means": "m"}, {"name": "y", "label": "Y", "means": "m"}],
    "fact": [{"id": "f", "says": "s", "number": 1, "sources": ["https://example.org/f"]}],
    "claim": [{"id": "a", "kind": "fact", "claim": "c", "check": {"look": "fact", "fact": "f", "equals": 1}}],
    "link": [{"source": "x", "target": "y", "sign": "+"}],
}  # fmt: skip


def without(key: str, table: str | None = None) -> Callable[[dict[str, Any]], Any]:
    return lambda c: (c[table][0] if table else c).pop(key)


def put(table: str, **keys: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda c: c[table][0].update(keys)


def labels(argument: Argument, lang: str = "en") -> dict[str, str]:
    return {name: (v.label_zh if lang == "zh-Hant" else None) or v.label for name, v in argument.variables.items()}
