"""Scenarios: what ships can be read and laid out; what the schema forbids is said in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from exeunt.errors import UnknownNameError, UsageError
from exeunt.record.store import Record
from exeunt.report.assemble import Models
from exeunt.simulate.scenario import case_exits, read, scenario, shipped
from exeunt.simulate.world import start


def test_shipped_scenarios_are_laid_out(found: Models, record: Record) -> None:
    s = start(found.cov, 10)
    made = {name: scenario(name, record, s, found.exit_fit, found.join_fit) for name in shipped()}
    assert made["baseline"].is_baseline and not made["batch-executed"].is_baseline
    leave = made["batch-executed"].plan.leave
    assert len(leave) and all(s.members[i, j] for _, i, j in leave)
    assert len(made["batch-reversed"].plan.rejoin) == len(leave)
    assert {c.term for c in made["cut-loop"].changes} == {"exits_from_body3", "own_exits3"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title = 1\nabout = ''", "expected a text"),
        ("title = 'x'", "lacks about"),
        ("title = 'x'\nabout = ''\nfoo = 1", "no key 'foo'"),
        ("title = 'x'\nabout = ''\n[[leave]]\nstate = 'USA'", "lacks year"),
    ],
)
def test_a_wrong_scenario_is_said_in_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        read(str(path))


def test_a_misspelt_scenario_names_the_closest() -> None:
    with pytest.raises(UnknownNameError, match="baseline"):
        read("basline")


def test_the_bodies_of_a_case_are_those_that_its_scenario_ends(found: Models, record: Record) -> None:
    s = start(found.cov, 10)
    made = scenario("batch-executed", record, s, found.exit_fit, found.join_fit)
    assert case_exits(record, s, "usa-2026-01") == [(i, j) for _, i, j in made.plan.leave.tolist()]
    (absent,) = made.not_done
    assert absent.startswith("not among the bodies simulated: ") and "unfccc" in absent
