"""The pooled hazard, without effects of state, body and year: the published benchmark, held beside the crossed one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from exeunt.arrays import FloatArray
from exeunt.explain.fit import Fit, design
from exeunt.explain.hazard import Rows, inform, row_scores, sweep
from exeunt.panel.build import Panel

STEPS: Final = 50
DECREMENT: Final = 1e-10
CONTAGION: Final = "exits_from_body3"
REASON: Final = (
    "A body that states leave often for reasons of its own has many exits before and many after, so without an effect of "
    "the body its earlier exits stand in for those reasons."
)


@dataclass(frozen=True)
class Pooled:
    """Fixed terms alone: estimates and standard errors clustered by body and by state, (k,) each."""

    beta: FloatArray
    by_body: FloatArray
    by_state: FloatArray
    converged: bool


def pooled(rows: Rows) -> Pooled:
    """Maximum likelihood of the hazard with every effect at 0, errors clustered (sandwich, no small-sample factor).

    References
    ----------
    Liang and Zeger (1986), Biometrika 73, 13–22.
    """
    k = rows.k
    phi = np.zeros(k + rows.q)
    phi[0] = np.log(max(float((rows.weight * rows.event).sum() / rows.weight.sum()), 1e-12))
    loglik, score, mu = sweep(rows, phi)
    converged = False
    for _ in range(STEPS):
        information = inform(rows, mu, True).beta_beta
        step = np.linalg.lstsq(information, score[:k], rcond=None)[0]
        if float(step @ score[:k]) < DECREMENT:
            converged = True
            break
        scale = 1.0
        while True:
            trial = phi.copy()
            trial[:k] += scale * step
            new = sweep(rows, trial)
            if new[0] >= loglik - 1e-10 * abs(loglik) or scale < 1e-6:
                break
            scale /= 2
        phi, (loglik, score, mu) = trial, new
    bread = np.linalg.pinv(information)
    each = row_scores(rows, mu)
    errors = []
    for level, size in ((rows.ordered.body, rows.levels[1]), (rows.ordered.state, rows.levels[0])):
        sums = np.column_stack([np.bincount(level, each * x, minlength=size) for x in rows.ordered.X])
        errors.append(np.sqrt(np.diag(bread @ (sums.T @ sums) @ bread)))
    return Pooled(phi[:k].copy(), errors[0], errors[1], converged)


def beside(panel: Panel, crossed: Fit, term: str = CONTAGION) -> list[dict[str, Any]]:
    """One term under the pooled and the crossed law on the same rows: two records with one sentence on why they differ.

    Estimates are log rate ratios per standard deviation of the term; `std_error` is clustered by body where pooled.

    Parameters
    ----------
    crossed : the fit of the same panel with all its terms
    """
    rows, _ = design(panel, crossed.link, crossed.names[1 : crossed.k])
    at = crossed.names.index(term)
    plain = pooled(rows)
    out = []
    for law, estimate, error in (
        ("pooled", float(plain.beta[at]), float(plain.by_body[at])),
        ("crossed", float(crossed.beta[at]), float(crossed.standard_errors[at])),
    ):
        out.append(
            {"law": law, "term": term, "estimate": estimate, "std_error": error, "conf_low": estimate - 1.96 * error,
             "conf_high": estimate + 1.96 * error, "rows": len(rows.event), "events": int(rows.event.sum()),
             "reason": REASON}
        )  # fmt: skip
    return out
