"""The calibration condition, law by law: three crossed effects alone, and with the frailties of bundles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from exeunt.explain.bundles import Bundles
from exeunt.explain.fit import Fit, calibration, design
from exeunt.panel.build import Panel


def compare_laws(panel: Panel, made: Fit, seed: int) -> list[dict[str, Any]]:
    """One row a law: what it predicts of its own training rows, with year effects and bundles drawn anew.

    Parameters
    ----------
    panel : the rows that `made` was fitted to
    """
    rows, _ = design(panel)
    out = []
    for name, bundles in (("crossed", Bundles(0.0, 0.0)), ("crossed + frailties", made.bundles)):
        check = calibration(replace(made, bundles=bundles), rows, seed)
        out.append(
            {
                "outcome": made.outcome,
                "law": name,
                "variance_state_year": bundles.state_year,
                "variance_body_year": bundles.body_year,
                "observed_exits": int(check.total[0]),
                "predicted_exits": round(check.predicted_total, 1),
                **{
                    f"{what}_{part}": value
                    for what in ("largest_state_year", "largest_body_year")
                    for part, value in zip(("observed", "low", "high"), getattr(check, what), strict=True)
                },
                "fails": list(check.failures),
            }
        )
    return out
