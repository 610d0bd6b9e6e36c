"""Simulations as jobs: each one run of `exeunt simulate` in a process of its own, bounded in size, number and time.

Nothing of what a reader writes reaches the command line but a name from the list of scenarios and three numbers. Where several
processes answer readers, one of them keeps the jobs, and the others ask it.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from http import HTTPStatus
from multiprocessing.managers import BaseManager
from typing import IO, Annotated, Any, Final, Literal, cast

import msgspec

from exeunt.answers import Answer, Message, item
from exeunt.core.errors import UnknownNameError
from exeunt.core.files import PACKAGE
from exeunt.core.progress import LISTENER
from exeunt.web.security import Problem

LIMITS: Final = {"worlds": (1, 1000), "years": (1, 70), "seed": (0, 2**31 - 1)}
DEFAULTS: Final[dict[str, Any]] = {"scenario": "baseline", "worlds": 100, "years": 10, "seed": 1}
LARGEST: Final = 20_000
"""Most worlds times years."""
MOST_RUNNING: Final = 1
MOST_WAITING: Final = 4
MOST_KEPT: Final = 20
MOST_SECONDS: Final = 1800.0
MOST_BYTES: Final = 16 * 2**20
PATIENCE_SECONDS: Final = 3.0
"""How long a process may take to end when asked before it is killed."""
ENDED: Final = ("done", "failed", "cancelled")

_Command = Callable[[str, int, int, int], Sequence[str]]


def _command_of(scenario: str, worlds: int, years: int, seed: int) -> list[str]:
    """Command line of a simulation."""
    return [
        sys.executable, "-m", "exeunt", "simulate", scenario, "--worlds", str(worlds), "--years", str(years), "--seed",
        str(seed), "--format", "json",
    ]  # fmt: skip


def _between(name: str) -> msgspec.Meta:
    least, most = LIMITS[name]
    return msgspec.Meta(ge=least, le=most)


@cache
def scenarios() -> dict[str, dict[str, str]]:
    """Shipped scenarios: name → title and what it does, both English."""
    found = {}
    for path in sorted((PACKAGE / "simulate" / "scenarios").glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = {"title": str(content["title"]), "about": str(content["about"])}
    return found


class Wanted(Answer, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a job should be; worlds times years may be 20,000."""

    scenario: Annotated[str, item("name of a shipped scenario")] = DEFAULTS["scenario"]
    worlds: Annotated[int, item("how many worlds"), _between("worlds")] = DEFAULTS["worlds"]
    years: Annotated[int, item("how many years each", unit="year"), _between("years")] = DEFAULTS["years"]
    seed: Annotated[int, item("seed of the random numbers"), _between("seed")] = DEFAULTS["seed"]


_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Advance(Answer, frozen=True, kw_only=True):
    """How far a job is."""

    share: Annotated[_Share | None, item("share of the worlds that are made", unit="share")]
    says: Annotated[Message | None, item("what is going on")]


class Job(Answer, frozen=True, kw_only=True):
    """One simulation."""

    id: Annotated[str, item("its number")]
    state: Annotated[Literal["waiting", "running", "done", "failed", "cancelled"], item("where it stands")]
    scenario: Annotated[str, item("name of its scenario")]
    worlds: Annotated[int, item("how many worlds")]
    years: Annotated[int, item("how many years each", unit="year")]
    seed: Annotated[int, item("seed of the random numbers")]
    submitted: Annotated[str, item("when it was submitted (UTC)")]
    started: Annotated[str | None, item("when it began to run")]
    ended: Annotated[str | None, item("when it ended")]
    progress: Annotated[_Advance, item("how far it is")]
    problem: Annotated[Message | None, item("why it failed")]
    result: Annotated[
        dict[str, Any] | msgspec.UnsetType | None,
        item("what `exeunt simulate --format json` prints; left out of a list of jobs"),
    ] = msgspec.UNSET


def _checked(asked: dict[str, Any]) -> dict[str, Any]:
    """Read what a job should be; what is left out has its default.

    Raises
    ------
    UnknownNameError, for a scenario that is not shipped; Problem 400, for what is not a number, or too much.
    """
    bad = HTTPStatus.BAD_REQUEST
    strange = sorted(set(asked) - set(DEFAULTS))
    if strange:
        raise Problem(bad, "job_field", found=strange[0][:40], known=", ".join(DEFAULTS))
    wanted = {**DEFAULTS, **asked}
    if not isinstance(wanted["scenario"], str):
        raise Problem(bad, "job_scenario")
    if wanted["scenario"] not in scenarios():
        raise UnknownNameError("scenario", wanted["scenario"][:80], scenarios())
    for name, (least, most) in LIMITS.items():
        value = wanted[name]
        # In JSON 10.0 is as good a whole number as 10.
        if isinstance(value, float) and value.is_integer():
            value = wanted[name] = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Problem(bad, "job_number", name=name, least=least, most=most)
    if wanted["worlds"] * wanted["years"] > LARGEST:
        raise Problem(bad, "job_large", worlds=wanted["worlds"], years=wanted["years"], most=LARGEST)
    return wanted


@dataclass(eq=False)
class _Run:
    """One simulation as it goes on."""

    id: str
    wanted: dict[str, Any]
    submitted: str
    state: str = "waiting"
    started: str | None = None
    ended: str | None = None
    says: Message | None = None
    share: float | None = None
    result: dict[str, Any] | None = None
    problem: Message | None = None
    process: subprocess.Popen[bytes] | None = None
    stopping: bool = False
    lines: list[str] = field(default_factory=list)

    def told(self, whole: bool = True) -> Job:
        """How it stands now; the result only where `whole`."""
        return Job(
            id=self.id, state=cast(Any, self.state), **self.wanted, submitted=self.submitted, started=self.started,
            ended=self.ended, progress=_Advance(share=self.share, says=self.says), problem=self.problem,
            result=self.result if whole else msgspec.UNSET,
        )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Jobs:
    """The jobs of one server.

    Parameters
    ----------
    command : command line of a simulation, given scenario, worlds, years and seed
    running, waiting, kept : most at once, most that wait, most whose results are remembered
    seconds : after so many a job is stopped
    """

    def __init__(
        self, command: _Command = _command_of, running: int = MOST_RUNNING, waiting: int = MOST_WAITING,
        kept: int = MOST_KEPT, seconds: float = MOST_SECONDS,
    ) -> None:  # fmt: skip
        self._command = command
        self._most = (running, waiting, kept)
        self._seconds = seconds
        self._jobs: dict[str, _Run] = {}
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, asked: dict[str, Any]) -> Job:
        """Take a job in; it runs when there is room.

        Raises
        ------
        UnknownNameError; Problem 400; Problem 429, if too many wait already.
        """
        wanted = _checked(asked)
        with self._lock:
            busy = [job for job in self._jobs.values() if job.state not in ENDED]
            if len(busy) >= self._most[0] + self._most[1] or self._closed:
                raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "job_room", headers={"Retry-After": "10"}, busy=len(busy))
            job = _Run(secrets.token_hex(8), wanted, _now())
            self._jobs[job.id] = job
            ended = [one.id for one in self._jobs.values() if one.state in ENDED]
            for old in ended[: max(len(ended) - self._most[2], 0)]:
                del self._jobs[old]
            self._start()
            return job.told()

    def get(self, number: str) -> Job:
        """Find one job; raises Problem 404."""
        with self._lock:
            return self._found(number).told()

    def all(self) -> list[Job]:
        """Every job that is remembered, the latest first, without results."""
        with self._lock:
            return [job.told(whole=False) for job in reversed(self._jobs.values())]

    def cancel(self, number: str) -> Job:
        """Stop a job that waits or runs; one that has ended stays as it is. Raises Problem 404."""
        with self._lock:
            job = self._found(number)
            if job.state == "waiting":
                self._end(job, "cancelled")
            elif job.state == "running":
                job.stopping = True
        if job.stopping and job.state == "running":
            self._kill(job)
        with self._lock:
            return job.told()

    def close(self) -> None:
        """Stop everything, when the server ends."""
        with self._lock:
            self._closed = True
        for job in self.all():
            self.cancel(job.id)

    def shared(self) -> Callable[[], Jobs]:
        """Let other processes ask for these jobs, and give the function by which they do.

        The function may be passed to processes that `multiprocessing` starts from this one, and to no others: they prove
        themselves by a key that it gives them.
        """
        _Keeper.register("jobs", lambda: self)
        server = _Keeper().get_server()
        threading.Thread(target=server.serve_forever, name="jobs", daemon=True).start()
        return partial(_kept_there, server.address)

    def _found(self, number: str) -> _Run:
        if number not in self._jobs:
            raise Problem(HTTPStatus.NOT_FOUND, "no_job", found=number[:40])
        return self._jobs[number]

    # --- running -------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        """Start what waits, where there is room; the lock is held."""
        running = sum(job.state == "running" for job in self._jobs.values())
        for job in self._jobs.values():
            if running >= self._most[0]:
                break
            if job.state == "waiting":
                job.state, job.started = "running", _now()
                running += 1
                threading.Thread(target=self._run, args=(job,), name=f"job-{job.id}", daemon=True).start()

    def _end(self, job: _Run, state: str, problem: Message | None = None) -> None:
        """Note how a job ended; the lock is held."""
        job.state, job.problem, job.ended, job.process = state, problem, _now(), None

    def _run(self, job: _Run) -> None:
        state: str = "failed"
        problem: Message | None = Message(code="job.cannot_run")
        try:
            state, problem = self._wait(job)
        except OSError as error:
            problem = Message(code="job.cannot_run_for", values={"reason": error.strerror or str(error)})
        finally:
            with self._lock:
                if job.stopping:
                    state, problem = "cancelled", None
                self._end(job, state, problem)
                self._start()

    def _wait(self, job: _Run) -> tuple[str, Message | None]:
        """Run the command of a job to its end: how it ended, and what went wrong."""
        line = list(self._command(*(job.wanted[name] for name in DEFAULTS)))
        process = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            env={**os.environ, LISTENER: "1"},
        )  # fmt: skip
        _behind_readers(process)
        with self._lock:
            job.process = process
            stopped = job.stopping
        if stopped:
            self._kill(job)
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._kill(job)

        timer = threading.Timer(self._seconds, stop)
        timer.daemon = True
        timer.start()
        assert process.stdout is not None and process.stderr is not None
        listener = threading.Thread(target=self._listen, args=(job, process.stderr), daemon=True)
        listener.start()
        try:
            content = process.stdout.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                self._kill(job)
                return "failed", Message(code="job.too_much", values={"megabytes": MOST_BYTES // 2**20})
            code = process.wait()
            listener.join(PATIENCE_SECONDS)
        finally:
            timer.cancel()
            process.stdout.close()
        if late.is_set():
            return "failed", Message(code="job.too_long", values={"seconds": self._seconds})
        if code != 0:
            last = next((text for text in reversed(job.lines) if text.startswith("exeunt: ")), None)
            if last:
                return "failed", Message(code="job.failed_with", values={"text": last.removeprefix("exeunt: ")})
            return "failed", Message(code="job.ended_with", values={"code": code})
        try:
            result = json.loads(content)
        except ValueError:
            result = None
        if not isinstance(result, dict):
            return "failed", Message(code="job.no_answer")
        job.result, job.share = result, 1.0
        return "done", None

    def _listen(self, job: _Run, stream: IO[bytes]) -> None:
        """Read how far a simulation is: lines that are JSON are meant for programs, the others for readers."""
        job.says = Message(code="job.preparing")
        with stream:
            for raw in stream:
                text = raw.decode("utf-8", "replace").strip()[:200]
                try:
                    made, whole = msgspec.json.decode(raw, type=tuple[int, int])
                except msgspec.DecodeError:
                    job.lines = [*job.lines[-20:], text]
                    continue
                job.share = min(made / whole, 1.0) if whole else None
                job.says = Message(code="job.worlds", values={"made": made, "whole": whole})

    def _kill(self, job: _Run) -> None:
        """End the process of a job and what it has started: asked first, killed after a few seconds."""
        process = job.process
        if process is None or process.poll() is not None:
            return
        _signal(process, signal.SIGTERM)
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def _behind_readers(process: subprocess.Popen[bytes]) -> None:
    """Let pages be served before worlds are simulated."""
    try:
        os.setpriority(os.PRIO_PROCESS, process.pid, 5)
    except OSError:  # it has ended already
        pass


class _Keeper(BaseManager):
    """Hands out the jobs of one process to others of the same server."""


_Keeper.register("jobs", lambda: None)


def _kept_there(address: Any) -> Jobs:
    keeper = _Keeper(address)
    keeper.connect()
    return cast(Jobs, keeper.jobs())  # type: ignore[attr-defined]
