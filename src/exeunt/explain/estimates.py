"""Fits kept in the user's cache; what a rival estimates under each outcome; the pooled benchmark; the calibration of laws.

One account under every outcome: does its sign hold, whatever counts as an exit?

The pooled hazard, without effects of state, body and year: the published benchmark, held beside the crossed one.

The calibration condition, law by law: three crossed effects alone, and with the frailties of bundles.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np

from exeunt.answers import Message
from exeunt.core.arrays import FloatArray
from exeunt.core.cache import ROOMS
from exeunt.core.errors import OutputError
from exeunt.core.files import cache_folder, fingerprint, write_bytes
from exeunt.explain.bundles import Bundles
from exeunt.explain.explanations import BV2019, COMMON, Explanation
from exeunt.explain.fit import SEPARATION, Calibration, Fit, calibration, design, fit
from exeunt.explain.hazard import Rows, inform, row_scores, sweep
from exeunt.panel.build import Panel, Scaling, exit_panel
from exeunt.record.store import Record

ARRAYS = ("phi", "sd", "sd_covariance", "motion", "information")
PLAIN = (
    "kind",
    "outcome",
    "criterion",
    "link",
    "deviance",
    "loglik",
    "rows",
    "events",
    "status",
    "evaluations",
)


def cached_fit(
    panel: Panel, record_version: str, criterion: str = "laplace", seed: int = 1, calibrate: bool = True
) -> tuple[Fit, bool]:
    """Fit a panel, or take the fit from the cache; the second value tells whether it was there."""
    name = fingerprint(
        ROOMS, record=record_version, kind=panel.kind, outcome=panel.outcome, criterion=criterion, seed=seed,
        names=panel.names, calibrate=calibrate, rows=len(panel.event), weight=float(panel.weight.sum()),
    )  # fmt: skip
    folder = cache_folder()
    path = folder / f"fit-{name}.npz" if folder else None
    if path is not None and path.is_file():
        found = _load(path)
        if found is not None:
            return found, True
    made = fit(panel, criterion, seed=seed, calibrate=calibrate)
    if path is not None:
        _save(made, path)
    return made, False


def stored_fit(make: Callable[[], Fit], **inputs: Any) -> Fit:
    """A fit from the cache by what it rests on, so that its panel is built only where it is made anew.

    Parameters
    ----------
    make : called where the cache has no fit
    inputs : everything that the fit depends on besides the code: record, outcome, terms, criterion, seed
    """
    folder = cache_folder()
    path = folder / f"fit-{fingerprint(ROOMS, **inputs)}.npz" if folder else None
    found = _load(path) if path is not None and path.is_file() else None
    if found is None:
        found = make()
        if path is not None:
            _save(found, path)
    return found


def _save(made: Fit, path: Path) -> None:
    """Write a fit; a cache that cannot be written is passed over."""
    meta: dict[str, Any] = {name: getattr(made, name) for name in PLAIN}
    meta |= {
        "names": made.names,
        "labels": made.labels,
        "dropped": made.dropped,
        "bundles": asdict(made.bundles),
        "scaling_names": made.scaling.names,
        "calibration": asdict(made.calibration) if made.calibration else None,
    }
    buffer = BytesIO()
    np.savez(
        buffer, meta=np.array(json.dumps(meta)), centre=made.scaling.centre, scale=made.scaling.scale,
        **{name: getattr(made, name) for name in ARRAYS},
    )  # fmt: skip
    try:
        write_bytes(path, buffer.getvalue())
    except OutputError:
        return


def _load(path: Path) -> Fit | None:
    """Read a fit; None where the file is damaged, so that it is made anew."""
    try:
        # Read whole first: numpy leaves a damaged archive open.
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            meta = json.loads(str(stored["meta"]))
            arrays = {name: stored[name] for name in ARRAYS}
            scaling = Scaling(tuple(meta["scaling_names"]), stored["centre"], stored["scale"])
        check = meta["calibration"]
        labels = meta["labels"]
        return Fit(
            **{name: meta[name] for name in PLAIN},
            **arrays,
            names=tuple(meta["names"]),
            labels=(tuple(labels[0]), tuple(labels[1]), tuple(labels[2])),
            scaling=scaling,
            bundles=Bundles(**meta["bundles"]),
            dropped=meta["dropped"],
            calibration=Calibration(
                check["predicted_total"],
                *(tuple(check[n]) for n in ("total", "largest_state_year", "largest_body_year")),
            )
            if check
            else None,
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, BadZipFile):
        return None


OUTCOMES: Final = ("raw", "cleaned", "core", "verified")
PUBLISHED: Final = {
    "term": "distance", "sign": 1, "source": BV2019,
    "says": "divergence of preferences from the other members goes with more exits",
}  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """One term of one rival under one outcome; log rate ratio per standard deviation of the term, 95 % interval."""

    explanation: str
    term: str
    outcome: str
    first_year: int
    last_year: int
    rows: int
    events: int
    estimate: float | None
    """None where the term has no estimate: the status says why."""
    low: float | None
    high: float | None
    expected: int | None
    status: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "explanation": self.explanation, "term": self.term, "outcome": self.outcome,
            "span": f"{self.first_year}–{self.last_year}", "rows": self.rows, "events": self.events,
            "estimate": self.estimate, "low": self.low, "high": self.high, "expected_sign": self.expected,
            "status": self.status,
        }  # fmt: skip


def fitted(record: Record, rival: type[Explanation], outcome: str, seed: int = 1) -> tuple[Fit, tuple[int, int]]:
    """The hazard of one rival beside the common structure, and the years of its rows."""
    terms = (*rival.terms, *COMMON)
    made = stored_fit(
        lambda: fit(exit_panel(record, outcome, terms=terms), "laplace", seed=seed, calibrate=False),
        record=record.version, outcome=outcome, terms=terms, criterion="laplace", seed=seed,
    )  # fmt: skip
    return made, (min(made.labels[2]), max(made.labels[2]))


def estimates(
    record: Record, rivals: Sequence[type[Explanation]], outcomes: Sequence[str] = OUTCOMES,
    say: Callable[[str], None] = lambda _: None,
) -> list[Estimate]:  # fmt: skip
    """Every term of every rival under every outcome."""
    out = []
    for rival in rivals:
        for outcome in outcomes:
            say(f"{rival.name} on {outcome}")
            made, years = fitted(record, rival, outcome)
            spread = made.standard_errors
            for term in rival.terms:
                k = made.names.index(term)
                b, s = float(made.beta[k]), float(spread[k])
                if not (abs(b) <= SEPARATION and s <= SEPARATION) or made.status == "not_converged":
                    out.append(
                        Estimate(rival.name, term, outcome, *years, made.rows, made.events, None, None, None,
                                 rival.signs.get(term), made.status)
                    )  # fmt: skip
                    continue
                out.append(
                    Estimate(rival.name, term, outcome, *years, made.rows, made.events, b, b - 1.96 * s, b + 1.96 * s,
                             rival.signs.get(term), made.status)
                )  # fmt: skip
    return out


def verdict(found: Sequence[Estimate]) -> tuple[Message, ...]:
    """What the outcomes together say of one term: settled, one sign but not told apart from none, or not settled."""
    known = [e for e in found if e.estimate is not None and e.low is not None and e.high is not None]
    if not known:
        return (Message(code="sign.no_estimate"),)
    lacking = [e.outcome for e in found if e.estimate is None]
    besides = (Message(code="sign.lacking", values={"outcomes": lacking}),) if lacking else ()
    signs = {e.estimate is not None and e.estimate > 0 for e in known}
    if len(signs) > 1:
        return (Message(code="sign.changes"), *besides)
    sign = "+" if signs == {True} else "−"
    apart = [e for e in known if (e.low or 0.0) > 0 or (e.high or 0.0) < 0]
    if len(apart) == len(known):
        expected = next((e.expected for e in known if e.expected), None)
        agrees = expected is not None and (expected > 0) == (sign == "+")
        code = "sign.every" if expected is None else "sign.claimed" if agrees else "sign.against"
        return (Message(code=code, values={"sign": sign}), *besides)
    if apart:
        return (Message(code="sign.some", values={"sign": sign, "outcomes": [e.outcome for e in apart]}), *besides)
    return (Message(code="sign.none", values={"sign": sign}), *besides)


STEPS: Final = 50
DECREMENT: Final = 1e-10
CONTAGION: Final = "exits_from_body3"
REASON: Final = (
    "A body that states leave often for reasons of its own has many exits before and many after, so without an effect of "
    "the body its earlier exits stand in for those reasons."
)


@dataclass(frozen=True)
class _Pooled:
    """Fixed terms alone: estimates and standard errors clustered by body and by state, (k,) each."""

    beta: FloatArray
    by_body: FloatArray
    by_state: FloatArray
    converged: bool


def _pooled(rows: Rows) -> _Pooled:
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
    return _Pooled(phi[:k].copy(), errors[0], errors[1], converged)


def beside(panel: Panel, crossed: Fit, term: str = CONTAGION) -> list[dict[str, Any]]:
    """One term under the pooled and the crossed law on the same rows: two records with one sentence on why they differ.

    Estimates are log rate ratios per standard deviation of the term; `std_error` is clustered by body where pooled.

    Parameters
    ----------
    crossed : the fit of the same panel with all its terms
    """
    rows, _ = design(panel, crossed.link, crossed.names[1 : crossed.k])
    at = crossed.names.index(term)
    plain = _pooled(rows)
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
