"""What a run of many worlds rests on: one start, two calibrated laws, a plan and a seed; sent whole to every worker."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from exeunt.answers import Message
from exeunt.core.errors import UsageError
from exeunt.core.files import fingerprint
from exeunt.core.progress import Progress
from exeunt.explain.estimates import cached_fit, stored_fit
from exeunt.explain.fit import Fit
from exeunt.explain.joining import join_fit
from exeunt.panel.build import Covariates, covariates, exit_panel
from exeunt.record.store import Record
from exeunt.simulate.dynamics import _Dynamics, estimate
from exeunt.simulate.engine import Plan, no_plan
from exeunt.simulate.posterior_draws import Override
from exeunt.simulate.scenario import _Scenario
from exeunt.simulate.start import Start, start

ROOMS: Final = ("measures", "panel", "explain", "simulate")
OUTCOME: Final = "cleaned"
RATED: Final = 200
MOST_WORLDS: Final = 10_000_000
MOST_YEARS: Final = 100
LARGEST_SEED: Final = 2**63 - 1


@dataclass(frozen=True)
class _Setting:
    """One run: every world of it follows from this and its number."""

    start: Start
    exit_fit: Fit
    join_fit: Fit
    dynamics: _Dynamics
    plan: Plan
    changes: tuple[Override, ...]
    seed: int
    record_version: str
    rated: int = RATED
    """Chances of single memberships are averaged over so many worlds, the first ones."""

    @cached_property
    def fingerprint(self) -> str:
        """Hash of code, libraries and everything that the worlds follow from; not of how many there are or who makes them."""
        return fingerprint(ROOMS, record=self.record_version, seed=self.seed, rests_on=_digest(self))

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What a reader of the answer must know of its fits and its start."""
        out = []
        if self.join_fit.status != "ok":
            out.append(Message(code="simulate.joins_not_ok", values={"status": self.join_fit.status}))
        s = self.start
        carried, held = int(s.carried.sum()), int(s.members.sum())
        out.append(Message(code="simulate.carried", values={"carried": carried, "held": held, "year": s.year}))
        return tuple(out)


def _code() -> str:
    """Hash of the code and the libraries that worlds are made with; the same wherever parts of one run are made."""
    return fingerprint(ROOMS)


def _digest(value: Any) -> str:
    """Hash of nested data classes, arrays and plain values, by content."""
    found = hashlib.sha256()
    _feed(found, value)
    return found.hexdigest()[:32]


def _feed(into: Any, value: Any) -> None:
    if is_dataclass(value) and not isinstance(value, type):
        into.update(type(value).__name__.encode())
        for each in fields(value):
            if not each.compare:
                continue
            into.update(each.name.encode())
            _feed(into, getattr(value, each.name))
    elif isinstance(value, np.ndarray):
        into.update(f"{value.dtype}{value.shape}".encode())
        into.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, (list, tuple)):
        into.update(f"[{len(value)}".encode())
        for item in value:
            _feed(into, item)
    elif isinstance(value, dict):
        _feed(into, sorted(value.items(), key=lambda pair: str(pair[0])))
    else:
        # Numbers of numpy and of Python read alike.
        into.update(f"{value.item() if isinstance(value, np.generic) else value!r};".encode())


def require_numbers(worlds: int, years: int, seed: int) -> None:
    """Find out before long work whether a run is one that can be made; raises UsageError."""
    if not 1 <= worlds <= MOST_WORLDS:
        raise UsageError(f"--worlds {worlds}: expected 1 to {MOST_WORLDS:,}.")
    if not 1 <= years <= MOST_YEARS:
        raise UsageError(f"--years {years}: expected 1 to {MOST_YEARS}.")
    if not 0 <= seed <= LARGEST_SEED:
        raise UsageError(f"--seed {seed}: expected a whole number from 0 to {LARGEST_SEED}.")


@dataclass(frozen=True)
class Opened:
    """What all scenarios of one record and horizon share."""

    start: Start
    exit_fit: Fit
    join_fit: Fit
    dynamics: _Dynamics
    cov: Covariates
    record_version: str

    def setting(self, seed: int, scenario: _Scenario | None = None, rated: int = RATED) -> _Setting:
        """A run under a scenario; none is the baseline."""
        plan = scenario.plan if scenario else no_plan(self.start)
        changes = scenario.changes if scenario else ()
        return _Setting(
            self.start, self.exit_fit, self.join_fit, self.dynamics, plan, changes, seed, self.record_version, rated
        )


def _kept_fit(record: Record, make: Callable[[], Fit]) -> Fit:
    """The exit hazard's fit by the record alone, so that no panel is built where it is there."""
    return stored_fit(make, record=record.version, outcome=OUTCOME, kind="exit", use="simulation", seed=1)


def opened(record: Record, years: int, progress: Progress) -> Opened:
    """Start and fits of a record, from the cache where they are there.

    Raises
    ------
    FitError, unless the exit hazard is calibrated.
    """
    with progress.step("opening of the worlds"):
        cov = covariates(record, OUTCOME)
    with progress.step("exit hazard"):
        # A fit that a report has made is taken over; its panel is built once, to find it.
        exits = _kept_fit(record, lambda: cached_fit(exit_panel(record, OUTCOME, cov), record.version)[0])
    with progress.step("join hazard"):
        joins = join_fit(record, cov, say=progress.say)
    exits.require_calibrated()
    dynamics = estimate(record, cov, say=progress.say)
    return Opened(start(cov, years), exits, joins, dynamics, cov, record.version)
