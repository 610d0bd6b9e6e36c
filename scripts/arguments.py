"""Make anew what the tests of arguments rest on, and put the tallies into their page: python scripts/arguments.py (minutes).

Estimates come from the code behind `exeunt attributes`, `sequence`, `feedback`, `simulate`, `money` and `consequence`; those of
the hazards stand in `tests/reference/comparison.json` already.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from exeunt.argument import model_checks, models
from exeunt.argument.argument import read, shipped
from exeunt.argument.verdict import VERDICTS, judge
from exeunt.core.progress import Progress
from exeunt.explain import attributes, sequence
from exeunt.record.opened import open_record

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "tests" / "reference"
PAGE = ROOT / "docs" / "method" / "argument.md"
CASE = "usa-2026-01"
KEPT_OF_FEEDBACK = ("outcome", "R", "R_upper", "G_interval", "horizon_years", "status")


def write(name: str, value: Any) -> None:
    """Write a reference file, one row a line where it holds rows."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    if isinstance(value, list):
        text = "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in value) + "\n]"
    (REFERENCE / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def references() -> None:
    """Every estimate that a shipped argument asks for."""
    record, progress = open_record(), Progress()
    wanted = [("state_space", "exit"), ("check", "exit_clustered")]
    rows = attributes.table(record, say=progress.say)
    write("arguments_attributes", [r.as_dict() for r in rows if (r.part, r.term) in wanted or r.part == "placebo"])
    write("arguments_sequence", [row.as_dict() for row in sequence.table(record, say=progress.say)])
    fed = models._fed_back(record, progress)
    write("arguments_feedback", {
        name: {**{key: one[key] for key in KEPT_OF_FEEDBACK},
               "offspring": {key: one["offspring"][key] for key in ("further_exits", "upper")},
               "placebos": [{key: p[key] for key in ("placebo", "passed", "exits")} for p in one["placebos"]]}
        for name, one in fed.items()
    })  # fmt: skip
    write("arguments_consequence", {
        "base_rate": {str(years): model_checks._base_rate(record, years) for years in (1, 2, 3)},
        "areas_left": {CASE: model_checks._areas_left(record, CASE)},
    })  # fmt: skip


def tallies() -> None:
    """Rows of the two tables of the page."""
    record = open_record()
    answers = {name: judge(record, read(name), Progress()) for name in shipped()}
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for part, words in (("claims", VERDICTS), ("links", VERDICTS[:6])):
        start = next(n for n, line in enumerate(lines) if line.startswith(f"| argument | {part} |")) + 2
        end = next(n for n in range(start, len(lines)) if not lines[n].strip())
        lines[start:end] = [
            f"| `{name}` | " + " | ".join(str(n) for n in (sum(t.values()), *(t[w] for w in words))) + " |"
            for name, answer in answers.items() for t in (answer.tally[part],)
        ]  # fmt: skip
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    references()
    tallies()
