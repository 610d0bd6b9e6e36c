"""Verdicts: every claim and link sent where it can be checked, and the one rule that turns findings into a word.

Claims (`docs/method/argument.md`): a motive or an evaluation is untestable; a claim off the subject is out of scope; one
without a check, or on which the record is silent, is not found. Else every part holds: supported; none does: contradicted;
some do: partly; sources that disagree on one figure: mixed; an interval that lies on both sides of it: not supported.

Links: only estimates that may decide count (`models.Reading.decides`). All above nought with the claimed sign: supported, or
partly where a placebo fails; all with the other sign: contradicted; some with the claimed sign and none with the other: partly;
both signs: mixed; else not supported. No estimate at all: not found. A link says what goes with what, never what causes what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exeunt.argument import ledger_checks, model_checks, record_checks
from exeunt.argument.argument import UNTESTABLE, _Argument, _Claim, _Link
from exeunt.argument.checks import FORECASTS, _Part
from exeunt.argument.models import _Reading, _readings
from exeunt.core.progress import Progress
from exeunt.record.store import Record

VERDICTS: Final = (
    "supported", "partly", "mixed", "contradicted", "not_supported", "not_found", "untestable", "out_of_scope",
)  # fmt: skip
RUNS: Final = {**record_checks.RUNS, **ledger_checks.RUNS, **model_checks.RUNS}
"""Look → what finds it: called with the record, the check, the facts of the file, and what the command line was told."""
MAIN_OUTCOMES: Final = ("cleaned", "core", "verified", "raw")
"""Whose estimate stands for the link where one number is asked for: the first that has one."""


@dataclass(frozen=True)
class _ClaimVerdict:
    """A claim with what was found of each of its parts."""

    claim: _Claim
    verdict: str
    parts: tuple[_Part, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Addresses and source cards that the finding rests on; where nothing was found, where the claim stands."""
        found = dict.fromkeys((*(s for part in self.parts for s in part.sources), *self.claim.sources))
        return tuple(found) or ((self.claim.address,) if self.claim.address else ())

    @property
    def commands(self) -> tuple[str, ...]:
        """Commands that print what was found."""
        return tuple(dict.fromkeys(command for part in self.parts for command in part.commands))


@dataclass(frozen=True)
class _LinkVerdict:
    """A link with every estimate of it."""

    link: _Link
    verdict: str
    readings: tuple[_Reading, ...]

    @property
    def main(self) -> _Reading | None:
        """The estimate that stands for the link: of the first test, under the first of `MAIN_OUTCOMES` that has one."""
        for outcome in MAIN_OUTCOMES:
            for reading in self.readings:
                if reading.outcome == outcome and reading.low is not None and reading.high is not None:
                    return reading
        return None

    @property
    def commands(self) -> tuple[str, ...]:
        """Commands that print the estimates."""
        return tuple(dict.fromkeys(r.command for r in self.readings))

    @property
    def sources(self) -> tuple[str, ...]:
        """Source cards of the data that the estimates rest on."""
        return tuple(dict.fromkeys(s for r in self.readings for s in r.sources))


@dataclass(frozen=True)
class _Judged:
    """An argument judged."""

    argument: _Argument
    claims: tuple[_ClaimVerdict, ...]
    links: tuple[_LinkVerdict, ...]

    @property
    def tally(self) -> dict[str, dict[str, int]]:
        """Verdict → number of claims and of links; every verdict is there."""
        return {
            "claims": {word: sum(c.verdict == word for c in self.claims) for word in VERDICTS},
            "links": {word: sum(link.verdict == word for link in self.links) for word in VERDICTS},
        }


def _of_parts(claim: _Claim, parts: Sequence[_Part]) -> str:
    """The verdict on a claim, from its kind and its parts."""
    if claim.kind in UNTESTABLE:
        return "untestable"
    if claim.off_subject is not None:
        return "out_of_scope"
    known = [part for part in parts if part.holds is not None]
    if not known:
        return "not_supported" if any(part.undecided for part in parts) else "not_found"
    if any(part.disputed for part in known):
        return "mixed"
    if all(part.holds for part in parts):
        return "partly" if any(part.doubted for part in parts) else "supported"
    return "partly" if any(part.holds for part in known) else "contradicted"


def _side(reading: _Reading, sign: int) -> int:
    """1 where the whole interval has the claimed sign, -1 where it has the other, 0 where it includes nought."""
    if reading.low is None or reading.high is None:
        return 0
    return sign if reading.low > 0 else -sign if reading.high < 0 else 0


def _of_readings(link: _Link, readings: Sequence[_Reading]) -> str:
    """The verdict on a link, from the estimates that may decide."""
    deciding = [reading for reading in readings if reading.decides]
    if not deciding:
        return "not_found"
    sides = {_side(reading, link.direction) for reading in deciding}
    if {1, -1} <= sides:
        return "mixed"
    if sides == {1}:
        return "partly" if any(reading.placebo == "fails" for reading in deciding) else "supported"
    if sides == {-1}:
        return "contradicted"
    return "partly" if 1 in sides else "not_supported"


def judge(record: Record, argument: _Argument, progress: Progress | None = None) -> _Judged:
    """Every claim and link of an argument held against the record and the models.

    Parameters
    ----------
    progress : told what is being estimated, where that takes long; nobody is by default

    Raises
    ------
    UnknownNameError, for a state, body or case of a check that the record lacks.
    """
    progress = progress or Progress(quiet=True)
    made: dict[str, list[_Reading]] = {}
    links = []
    for link in argument.links:
        found: list[_Reading] = []
        for test in link.tests:
            key = repr(sorted(test.items(), key=str))
            if key not in made:
                made[key] = _readings(record, test, progress)
            found += made[key]
        links.append(_LinkVerdict(link, _of_readings(link, found), tuple(found)))
    claims = []
    for claim in argument.claims:
        for check in claim.checks:
            if check["look"] in FORECASTS:
                progress.say(f"{claim.id}: simulated worlds")
        parts = tuple(RUNS[check["look"]](record, check, argument.facts, argument.call) for check in claim.checks)
        claims.append(_ClaimVerdict(claim, _of_parts(claim, parts), parts))
    return _Judged(argument, tuple(claims), tuple(links))
