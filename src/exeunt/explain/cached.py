"""Fits kept in the user's cache under a fingerprint of code, record and settings; no pickles, only arrays and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from exeunt.errors import OutputError
from exeunt.explain.bundles import Bundles
from exeunt.explain.fit import Calibration, Fit, fit
from exeunt.manifest import cache_folder, fingerprint, write_bytes
from exeunt.panel.build import Panel, Scaling

ROOMS = ("measures", "panel", "explain")
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
        found = load(path)
        if found is not None:
            return found, True
    made = fit(panel, criterion, seed=seed, calibrate=calibrate)
    if path is not None:
        save(made, path)
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
    found = load(path) if path is not None and path.is_file() else None
    if found is None:
        found = make()
        if path is not None:
            save(found, path)
    return found


def save(made: Fit, path: Path) -> None:
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


def load(path: Path) -> Fit | None:
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
