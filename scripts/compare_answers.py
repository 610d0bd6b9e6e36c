"""What two checkouts answer, side by side: every command as JSON and the API, on the inputs of `answer_inputs.py`.

    python scripts/compare_answers.py OLD NEW [--save FILE] [--models] [--all]

OLD and NEW are checkouts with a `.venv` each, or JSON files that --save wrote (of the answers of NEW). Differences are
printed by kind, which is the command or address and the path within its answer, with numbers of rows as `[]`. Those that
`accepted-differences.toml` names are counted and not printed; with --all they are. The exit code is 1 where others are left.
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import io
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from answer_inputs import addresses, commands

ACCEPTED = Path(__file__).with_name("accepted-differences.toml")
TOLERANCE = 1e-9
"""Sums in another order move the last digits."""
SHOWN = 3


def answers(models: bool) -> dict[str, Any]:
    """What the checkout that is imported here answers; an error is its exit code and its sentence."""
    from exeunt.cli import main

    found: dict[str, Any] = {}
    for line in commands(models):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main([*line, "--format", "json", "--quiet"])
            except Exception as error:  # a checkout that falls over is a difference too
                code, err = 70, io.StringIO(f"{type(error).__name__}: {error}")
        text = out.getvalue()
        try:
            found[" ".join(line)] = json.loads(text) if code == 0 else {"exit_code": code, "error": err.getvalue()}
        except ValueError:
            found[" ".join(line)] = {"exit_code": code, "text": text}
    with _client() as client:
        for address in addresses():
            answer = client.get(address)
            found[address] = answer.json()
    return found


def _client() -> Any:
    from starlette.testclient import TestClient

    from exeunt.record.opened import open_record
    from exeunt.web import app, jobs

    try:
        from exeunt.web.queries import Queries as Asked
        from exeunt.web.security import Guard

        hosts_of = Guard.hosts_of
    except ModuleNotFoundError:  # as it was until version 0.1
        from exeunt.web.desk import Desk as Asked
        from exeunt.web.guard import hosts_of
    built = app._build(Asked(open_record()), jobs.Jobs(lambda *_: []), hosts_of("127.0.0.1", 8470))
    return TestClient(built, base_url="http://127.0.0.1:8470")


def of(place: Path, models: bool) -> dict[str, Any]:
    """Answers of a checkout, from a process of its own, or from a file."""
    if place.is_file():
        saved: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        return saved
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "answers.json"
        call = [
            str(place / ".venv" / "bin" / "python"),
            __file__,
            "--answer",
            str(out),
            *(["--models"] if models else []),
        ]
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(place / "src")}
        subprocess.run(call, check=True, cwd=folder, env=environment)
        made: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return made


def differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every path at which two answers differ, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from differences(old.get(key, "(absent)"), new.get(key, "(absent)"), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{path}[] rows", len(old), len(new)
        for number, (one, other) in enumerate(zip(old, new, strict=False)):
            yield from differences(one, other, f"{path}[{number}]")
    elif not _same(old, new):
        yield path, old, new


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, float | int) and isinstance(new, float | int) and isinstance(old, bool) == isinstance(new, bool):
        return math.isclose(old, new, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(old == new)


def kind_of(call: str, path: str) -> str:
    """A difference without its place: `status .rule`, `members [].name`, `/api/curve [].exits`."""
    line = call.partition("?")[0] if call.startswith("/") else call.split(" ")[0]
    view = re.search(r"--view (\w+)", call)
    place = re.sub(r"\[[0-9]+\]", "[]", path)
    return f"{line}{f' {view[1]}' if view else ''} {place}"


def main() -> int:
    """Compare, save or answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", nargs="*", type=Path, metavar="CHECKOUT|FILE")
    parser.add_argument("--save", type=Path, metavar="FILE")
    parser.add_argument("--models", action="store_true", help="the models too: minutes on a cold cache")
    parser.add_argument("--all", action="store_true", help="print accepted differences too")
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer:
        options.answer.write_text(json.dumps(answers(options.models)), encoding="utf-8")
        return 0
    if len(options.places) != 2:
        parser.error("name two checkouts or files")
    old, new = (of(place.resolve(), options.models) for place in options.places)
    if options.save:
        options.save.write_text(json.dumps(new, ensure_ascii=False), encoding="utf-8")
    return report(old, new, options.all)


def report(old: dict[str, Any], new: dict[str, Any], whole: bool) -> int:
    """Print the differences by kind; 1 where one is not accepted."""
    accepted = tomllib.loads(ACCEPTED.read_text(encoding="utf-8")).get("accepted", [])
    found: dict[str, list[str]] = defaultdict(list)
    for call in dict.fromkeys([*old, *new]):
        for path, before, now in differences(old.get(call, "(absent)"), new.get(call, "(absent)")):
            found[kind_of(call, path)].append(f"{call} · {path}: {_cut(before)} → {_cut(now)}")
    left = 0
    for kind, cases in sorted(found.items()):
        reason = next((a["reason"] for a in accepted if any(_fits(kind, one) for one in a["patterns"])), None)
        left += len(cases) if reason is None else 0
        if reason is None or whole:
            print(f"{len(cases):>6}  {kind}" + (f"  (accepted: {reason})" if reason else ""))
            print("\n".join(f"        {case}" for case in cases[:SHOWN]))
    total = sum(map(len, found.values()))
    print(f"{len(old)} and {len(new)} answers; {total} differences, {total - left} accepted, {left} not")
    return 1 if left else 0


def _fits(kind: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(kind, pattern.replace("[]", "[[][]]"))


def _cut(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:119]}…"


if __name__ == "__main__":
    sys.exit(main())
