"""The documents say what the code says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from exeunt.cli import _build_parser as build_parser
from exeunt.record.schema import TABLES

ROOT = Path(__file__).resolve().parent.parent


def test_generated_documents_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_docs.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_costs_in_the_docs_follow_from_what_was_measured() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "scale.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_readme_names_every_table() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for table in TABLES:
        assert f"| `{table.name}` |" in text


def test_commands_named_in_documents_exist() -> None:
    commands = set(build_parser()._subparsers._group_actions[0].choices)  # type: ignore[union-attr,arg-type]
    for path in [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs" / "method").glob("*.md"),
        *(ROOT / "docs" / "how-to").glob("*.md"),
    ]:
        for command in re.findall(r"`?exeunt ([a-z]+)[ `]", path.read_text(encoding="utf-8")):
            if command in {"answers", "contributors"}:
                continue
            assert command in commands, (path.name, command)


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), (path.name, target)


def test_the_comparison_in_the_docs_is_what_the_command_found() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import comparison
    finally:
        sys.path.pop(0)
    for name in comparison.PAGES:
        assert comparison.filled(name) == comparison.page_of(name).read_text(encoding="utf-8")
    assert {m["model"] for m in comparison.found_of("comparison")["models"]} >= {
        "common",
        "Constraint",
        "empirical_bayes",
    }
    assert len(comparison.found_of("forecast")["totals"]) == 24


def test_the_page_on_consequences_is_what_the_commands_answer() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import consequence
    finally:
        sys.path.pop(0)
    text = consequence.PAGE.read_text(encoding="utf-8")
    assert consequence.filled() == text
    # What the page says of the tables in words.
    main = {
        r["years"]: r
        for r in consequence.answer("money", consequence.CASE, "--view", "history")
        if r["definition"] == "main"
    }
    assert (round(10 * main[3]["rate"]), round(10 * main[3]["without_a_fall_rate"])) == (9, 8)
    assert main[1]["rate"] <= main[1]["without_a_fall_rate"] and "within one year there is none" in text
    for event in ("| unesco | USA | 2019 |", "| unfpa | USA | 2017 |", "| unrwa | USA | 2018 |"):
        assert event in text


def test_the_feedback_page_is_what_the_command_and_the_study_found() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import feedback
    finally:
        sys.path.pop(0)
    assert feedback.filled() == feedback.PAGE.read_text(encoding="utf-8")
