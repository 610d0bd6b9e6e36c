"""Scenarios: what ships can be read and laid out; what the schema forbids is said in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.record.store import Record
from exeunt.report.reasons import _Models as Models
from exeunt.simulate.scenario import _case_exits as case_exits
from exeunt.simulate.scenario import read, scenario, shipped
from exeunt.simulate.start import start


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
        ("title = 'x'\nabout = ''\n[[club]]\nyear = 2030\nname = 'a'", "lacks founders"),
        ("title = 'x'\nabout = ''\n[[reform]]\nfirst_year = 2030", "lacks distance_factor"),
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
    assert absent.code == "simulate.not_simulated" and "unfccc" in absent.values["bodies"]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("reform]]\nfirst_year = 2030\ndistance_factor = 0.5", "needs either body or area"),
        ("reform]]\narea = 'helth'\nfirst_year = 2030\ndistance_factor = 0.5", "closest: health"),
        ("reform]]\nbody = 'who'\nfirst_year = 2030\ndistance_factor = 1.5", "from 0 to 1"),
        ("reform]]\nbody = 'who'\nfirst_year = 2030\nlast_year = 2029\ndistance_factor = 0.5", "ends before it begins"),
        ("club]]\nyear = 2030\nname = 'a'\nfounders = ['FRA']", "name two or more"),
        ("club]]\nyear = 2020\nname = 'a'\nfounders = ['FRA', 'DEU']", "worlds begin in 2027"),
    ],
)
def test_reforms_and_clubs_are_read_strictly(
    found: Models, record: Record, tmp_path: Path, table: str, says: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f"title = 'x'\nabout = ''\n[[{table}", encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        scenario(str(path), record, start(found.cov, 10), found.exit_fit, found.join_fit)


def test_reforms_and_clubs_are_laid_out(found: Models, record: Record) -> None:
    s = start(found.cov, 10)
    reform, clubs = (scenario(name, record, s, found.exit_fit, found.join_fit) for name in ("reform", "small-circles"))
    who = s.bodies.index("who")
    assert (reform.plan.reform[:, who] == [1.0, *[0.5] * 9]).all() and not reform.is_baseline
    assert clubs.plan.club_step.tolist() == [1, 2, 3] and clubs.plan.club_members.sum(axis=1).tolist() == [4, 4, 4]
    assert clubs.clubs == ("circle-one", "circle-two", "circle-three") and not clubs.is_baseline
