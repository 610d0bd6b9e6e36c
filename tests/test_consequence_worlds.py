"""Issue areas in simulated worlds: counted by hand on worlds of two states."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from exeunt import cli
from exeunt.consequence import vacuum
from exeunt.consequence.vacuum import _band_of, coverage_of_worlds
from exeunt.record.store import Record
from exeunt.simulate.worlds import EXIT

NONE = np.zeros((0, 4), np.int64)


@pytest.fixture
def two_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """The United States and Canada in IRENA, WHO and the empty ICCROM; under the scenario odd worlds see USA leave IRENA."""
    members = np.array([[True, True, False], [True, True, False]])
    start = SimpleNamespace(
        year=2026, years=2, states=np.array([2, 20]), bodies=("irena", "who", "iccrom"), members=members
    )
    found = SimpleNamespace(start=start, exit_fit=None, join_fit=None, setting=lambda seed, told=None: told)

    def told(name: str, *_: Any) -> Any:
        return SimpleNamespace(name=name, is_baseline=name == "baseline")

    def player(setting: Any) -> Any:
        leaves = np.array([[1, EXIT, 0, 0]])
        return SimpleNamespace(
            events=lambda world: leaves if setting and not setting.is_baseline and world % 2 else NONE
        )

    monkeypatch.setattr(vacuum, "opened", lambda *_: found)
    monkeypatch.setattr(vacuum, "scenario", told)
    monkeypatch.setattr(vacuum, "player_of", player)


def test_coverage_under_a_scenario_by_hand(record: Record, two_states: None) -> None:
    rows = {row.area: row for row in coverage_of_worlds(record, "leave-it", 4, 2)}
    energy, health = rows["energy"], rows["health"]
    assert (energy.bodies, energy.year, energy.mean_start, energy.any_start) == (1, 2028, 1.0, 1.0)
    assert energy.mean_end == 0.75 and energy.mean_change == energy.any_change == -0.25
    assert energy.mean_change_low < -0.25 < energy.mean_change_high
    assert health.mean_end == 1.0 and health.mean_change == 0.0
    assert "culture" not in rows  # nobody is in its one body at the opening


def test_the_baseline_is_held_against_nothing(record: Record, two_states: None) -> None:
    row = coverage_of_worlds(record, "baseline", 4, 2)[0]
    assert row.mean_end == 1.0 and row.mean_change is None and row.any_change_low is None


def test_weights_count_in_worlds_too(record: Record, two_states: None) -> None:
    (energy,) = [r for r in coverage_of_worlds(record, "leave-it", 2, 2, weight="population") if r.area == "energy"]
    assert energy.mean_change < -0.4  # half of the worlds lose the larger of the two states


def test_a_band_without_a_weight_is_empty() -> None:
    assert set(_band_of("mean", float("nan"), np.ones((1, 3))).values()) == {None}
    assert _band_of("mean", 0.5, np.ones((2, 1)))["mean_change_low"] is None


def test_the_command_answers(two_states: None, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["consequence", "leave-it", "--view", "worlds", "--worlds", "4", "--years", "2", "--quiet"]
    assert cli.main([*call, "--format", "json"]) == 0
    assert {row["area"] for row in json.loads(capsys.readouterr().out)} >= {"energy", "health"}
    assert cli.main([*call, "--lang", "zh-Hant"]) == 0
    assert "4個模擬世界" in capsys.readouterr().out
    assert cli.main(["consequence", "baseline", "--view", "worlds", "--worlds", "0"]) == 2
    assert "--worlds 0" in capsys.readouterr().err
