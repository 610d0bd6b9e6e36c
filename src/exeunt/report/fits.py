"""The panel and the two fits that every report shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from exeunt.explain.estimates import cached_fit
from exeunt.explain.fit import Fit, design
from exeunt.explain.hazard import probabilities
from exeunt.panel.build import Covariates, Panel, covariates, exit_panel, join_panel
from exeunt.progress import Progress
from exeunt.record.store import Record

OUTCOME: Final = "cleaned"


@dataclass(frozen=True)
class Models:
    """Everything estimated that reports share."""

    cov: Covariates
    exits: Panel
    exit_fit: Fit
    join_fit: Fit
    join_training: tuple[float, float]


def models(record: Record, progress: Progress, outcome: str = OUTCOME) -> Models:
    """Build the panels and fit both hazards, from the cache where they are there."""
    with progress.step("panel of memberships"):
        cov = covariates(record, outcome)
        exits = exit_panel(record, outcome, cov)
        joins = join_panel(record, outcome, cov)
    with progress.step("exit hazard", 40):
        exit_fit, _ = cached_fit(exits, record.version)
    with progress.step("join hazard", 25):
        join_fit, _ = cached_fit(joins, record.version)
    rows, _ = design(joins)
    expected = float(rows.weight @ probabilities(rows, join_fit.phi))
    return Models(cov, exits, exit_fit, join_fit, (expected, float(joins.event.sum())))
