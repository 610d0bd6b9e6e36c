"""Ours beside a posterior by NUTS on the same rows; `make nuts` makes what is read here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exeunt.explain.fit import Fit, design, fit
from reference.nuts import subsample
from reference.run import digest

KEPT: dict[str, Any] = json.loads((Path(__file__).parent / "reference" / "nuts_reference.json").read_text())
SHIFT = 0.25
"""Largest distance of our mode from the posterior mean, in posterior standard deviations."""
WIDTH = 0.20
"""Largest relative difference of standard deviations."""
APART = {"sd state", "sd year"}
"""Their posterior means lie above our modes (0.45 and 0.80 posterior standard deviations when last run): the posterior of a
standard deviation is skewed, and ours is a maximum over the fixed terms where the posterior averages over them."""
FEWEST_EFFECTIVE, LARGEST_R_HAT = 400, 1.01


@pytest.fixture(scope="module")
def made() -> Fit:
    panel = subsample()
    rows, _ = design(panel, "logit")
    assert digest(rows.X, rows.event) == KEPT["digest"], "the rows have changed: run `make nuts` and look at both"
    return fit(panel, link="logit", calibrate=False)


def distances(made: Fit) -> dict[str, tuple[float, float]]:
    """Shift in posterior standard deviations and ratio of standard deviations, by name."""
    phi, sd = made.draw(20_000, 4)
    ours = np.concatenate([made.beta, made.sd])
    spread = np.concatenate([phi[:, : made.k].std(0), sd.std(0)])
    names = [*made.names, "sd state", "sd body", "sd year"]
    return {
        name: ((KEPT["mean"][name] - value) / KEPT["sd"][name], width / KEPT["sd"][name])
        for name, value, width in zip(names, ours, spread, strict=True)
    }


def test_chains_are_fit_to_be_a_referee() -> None:
    assert KEPT["divergences"] == 0
    assert min(KEPT["n_eff"].values()) >= FEWEST_EFFECTIVE
    assert max(KEPT["r_hat"].values()) <= LARGEST_R_HAT


def test_terms_lie_where_the_posterior_does(made: Fit) -> None:
    found = distances(made)
    far = {name: shift for name, (shift, _) in found.items() if abs(shift) > SHIFT}
    wide = {name: ratio for name, (_, ratio) in found.items() if abs(ratio - 1) > WIDTH}
    assert set(far) == APART and all(0 < shift < 1 for shift in far.values()), far
    assert wide == {}
