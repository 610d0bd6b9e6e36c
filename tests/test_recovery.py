"""What the hazard recovers of worlds whose truth is known; the whole study is `make recovery`."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from reference.recovery import (
    MARKS,
    NOMINAL,
    PAGE,
    REPLICATES,
    RESULTS,
    outside,
    replicate,
    scenarios,
    summarise,
    table,
)
from reference.worlds import BODIES, STATES, YEARS, Truth, world

FAILURE_RATE = 1e-5
"""Chance that a statistical test below fails with nothing wrong; 4.4 standard errors."""
Z = 4.4
FEW = 8


def test_the_document_shows_the_kept_results() -> None:
    kept = json.loads(RESULTS.read_text())
    assert kept["size"] == {"states": STATES, "bodies": BODIES, "years": YEARS - 5}
    page = PAGE.read_text(encoding="utf-8")
    assert page.split(MARKS[0])[1].split(MARKS[1])[0].strip() == table(kept["rows"])
    assert len(kept["rows"]) == len(scenarios()) and min(r["replicates"] for r in kept["rows"]) >= REPLICATES


def test_the_document_names_every_coverage_outside_the_bounds() -> None:
    kept = json.loads(RESULTS.read_text())["rows"]
    last = table(kept).splitlines()[-1]
    for row in kept:
        for name in outside(row):
            assert re.search(rf"{row['variant']} {row['contagion']:g}, {row['momentum']:g} \([^)]*{name}", last)
    as_fitted = [r for r in kept if r["variant"] == "as fitted"]
    assert len(as_fitted) == 4 and not any(outside(r) for r in as_fitted)
    assert NOMINAL == (91.0, 98.0)


def test_pooled_contagion_appears_where_there_is_none() -> None:
    for row in json.loads(RESULTS.read_text())["rows"]:
        if row["contagion"] == 0.0:
            assert row["pooled_contagion_mean"] > 0.4
            # Bundles of body-years pull the crossed estimate down, as the document says.
            low, high = (-0.15, -0.05) if row["variant"] == "body-years" else (-0.02, 0.02)
            assert low <= row["contagion_mean"] <= high


@pytest.mark.parametrize("truth", [Truth(0.0, 0.0), Truth(1.0, 0.0)])
def test_a_few_worlds_are_recovered_without_bias(truth: Truth) -> None:
    runs = [replicate(truth, 70_000 + seed, (40, 40, 30)) for seed in range(FEW)]
    assert all(r["converged"] for r in runs)
    beta, error = (np.array([r[key] for r in runs]) for key in ("beta", "error"))
    spread = np.sqrt((error**2).sum(axis=0)) / FEW
    assert (np.abs(beta.mean(axis=0) - [truth.contagion, truth.momentum]) < Z * spread).all()
    assert np.mean([r["pooled"][0] for r in runs]) > truth.contagion + 0.25


def test_a_world_counts_its_own_exits() -> None:
    rows = world(Truth(0.5, 0.6), 4, (12, 10, 20))
    state, body, year = rows.group.T
    for n in range(0, len(rows.event), 23):
        # The burn-in is five years long, so windows of the first three years reach into it and are not rebuilt here.
        if year[n] < 3:
            continue
        near = (rows.event == 1) & (year >= year[n] - 3) & (year < year[n])
        others = int((near & (body == body[n]) & (state != state[n])).sum())
        elsewhere = int((near & (state == state[n]) & (body != body[n])).sum())
        np.testing.assert_allclose(rows.X[n], [1.0, np.log1p(others), np.log1p(elsewhere)])


def test_a_summary_counts_what_it_is_given() -> None:
    truth = scenarios()[0]
    run = {"variant": truth.variant, "contagion": 0.0, "momentum": 0.0, "rows": 10, "events": 2, "converged": True,
           "beta": [0.1, 0.5], "error": [0.1, 0.1], "pooled": [1.0, 0.0], "pooled_error": [0.1, 0.1], "sd": [1, 1, 1],
           "frailty": [0, 0]}  # fmt: skip
    row = summarise(
        [{**run, "seed": 1}, {**run, "seed": 2, "beta": [0.3, 0.1]}, {**run, "seed": 3, "converged": False}]
    )[0]
    assert (row["replicates"], row["failed"], row["contagion_mean"], row["contagion_covered"]) == (3, 1, 0.2, 50.0)
    assert row["pooled_contagion_covered"] == 0.0 and row["pooled_momentum_covered"] == 100.0
