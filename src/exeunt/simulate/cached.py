"""Ensembles kept in the user's cache under a fingerprint of code, fits, start and seed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields
from io import BytesIO
from zipfile import BadZipFile

import numpy as np

from exeunt.errors import OutputError
from exeunt.explain.fit import Fit
from exeunt.manifest import cache_folder, fingerprint, write_bytes
from exeunt.simulate.ensemble import Ensemble, simulate
from exeunt.simulate.world import Start

ROOMS = ("measures", "panel", "explain", "simulate")


def cached_ensemble(
    s: Start, exit_fit: Fit, join_fit: Fit, worlds: int, seed: int, record_version: str,
    tick: Callable[[int], None] = lambda _: None,
) -> tuple[Ensemble, bool]:  # fmt: skip
    """Simulate, or take the ensemble from the cache; the second value tells whether it was there.

    Raises
    ------
    FitError, unless the exit hazard is calibrated.
    """
    exit_fit.require_calibrated()
    digest = hashlib.sha256(exit_fit.phi.tobytes() + join_fit.phi.tobytes()).hexdigest()
    name = fingerprint(ROOMS, record=record_version, fits=digest, year=s.year, years=s.years, worlds=worlds, seed=seed)
    folder = cache_folder()
    path = folder / f"worlds-{name}.npz" if folder else None
    if path is not None and path.is_file():
        try:
            with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as stored:
                arrays = {f.name: stored[f.name] for f in fields(Ensemble) if f.name != "seed"}
            return Ensemble(**arrays, seed=seed), True
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            pass
    made = simulate(s, exit_fit, join_fit, worlds, seed, tick)
    if path is not None:
        buffer = BytesIO()
        np.savez(buffer, **{f.name: getattr(made, f.name) for f in fields(Ensemble) if f.name != "seed"})
        try:
            write_bytes(path, buffer.getvalue())
        except OutputError:
            return made, False
    return made, False
