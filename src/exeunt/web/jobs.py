"""Simulations as jobs: each one run of `exeunt simulate` in a process of its own, bounded in size, number and time.

Nothing of what a reader writes reaches the command line but a name from the list of scenarios and three numbers.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import IO, Any, Final

from exeunt.errors import UnknownNameError, UsageError
from exeunt.manifest import PACKAGE
from exeunt.web.problems import Problem

LIMITS: Final = {"worlds": (1, 1000), "years": (1, 70), "seed": (0, 2**31 - 1)}
DEFAULTS: Final = {"scenario": "baseline", "worlds": 100, "years": 10, "seed": 1}
LARGEST: Final = 20_000
"""Most worlds times years."""
MOST_RUNNING: Final = 1
MOST_WAITING: Final = 4
MOST_KEPT: Final = 20
MOST_SECONDS: Final = 1800.0
MOST_BYTES: Final = 16 * 2**20
PATIENCE_SECONDS: Final = 3.0
"""How long a process may take to end when asked before it is killed."""
SHARE = re.compile(r"(\d[\d,]*) ?(?:of|/) ?(\d[\d,]*)")
ENDED: Final = ("done", "failed", "cancelled")

Command = Callable[[str, int, int, int], Sequence[str]]


def command_of(scenario: str, worlds: int, years: int, seed: int) -> list[str]:
    """Command line of a simulation."""
    return [
        sys.executable, "-m", "exeunt", "simulate", scenario, "--worlds", str(worlds), "--years", str(years), "--seed",
        str(seed), "--format", "json",
    ]  # fmt: skip


@cache
def scenarios() -> dict[str, dict[str, str]]:
    """Shipped scenarios: name → title and what it does, both English."""
    found = {}
    for path in sorted((PACKAGE / "simulate" / "scenarios").glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = {"title": str(content["title"]), "about": str(content["about"])}
    return found


def checked(asked: dict[str, Any]) -> dict[str, Any]:
    """Read what a job should be; what is left out has its default.

    Raises
    ------
    UnknownNameError, for a scenario that is not shipped; UsageError, for what is no number, or too much.
    """
    strange = sorted(set(asked) - set(DEFAULTS))
    if strange:
        raise UsageError(f"a job has no {strange[0][:40]!r}; it has {', '.join(DEFAULTS)}.")
    wanted = {**DEFAULTS, **asked}
    if not isinstance(wanted["scenario"], str):
        raise UsageError("scenario must be a text, the name of a scenario.")
    if wanted["scenario"] not in scenarios():
        raise UnknownNameError("scenario", wanted["scenario"][:80], scenarios())
    for name, (least, most) in LIMITS.items():
        value = wanted[name]
        # In JSON 10.0 is as good a whole number as 10.
        if isinstance(value, float) and value.is_integer():
            value = wanted[name] = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise UsageError(f"{name} must be a whole number from {least} to {most}.")
    if wanted["worlds"] * wanted["years"] > LARGEST:
        raise UsageError(
            f"{wanted['worlds']} worlds of {wanted['years']} years are too many here: worlds times years may be "
            f"{LARGEST:,}; run a larger one with `exeunt simulate`."
        )
    return wanted


@dataclass(eq=False)
class Job:
    """One simulation; `as_dict` is what the API tells of it."""

    id: str
    scenario: str
    worlds: int
    years: int
    seed: int
    submitted: str
    state: str = "waiting"
    started: str | None = None
    ended: str | None = None
    says: str | None = None
    share: float | None = None
    result: dict[str, Any] | None = None
    problem: str | None = None
    process: subprocess.Popen[bytes] | None = None
    stopping: bool = False
    lines: list[str] = field(default_factory=list)

    def as_dict(self, whole: bool = True) -> dict[str, Any]:
        """Plain values for JSON; the result only where `whole`."""
        told = {
            "id": self.id, "state": self.state, "scenario": self.scenario, "worlds": self.worlds, "years": self.years,
            "seed": self.seed, "submitted": self.submitted, "started": self.started, "ended": self.ended,
            "progress": {"share": self.share, "says": self.says}, "problem": self.problem,
        }  # fmt: skip
        return {**told, "result": self.result} if whole else told


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
        self, command: Command = command_of, running: int = MOST_RUNNING, waiting: int = MOST_WAITING,
        kept: int = MOST_KEPT, seconds: float = MOST_SECONDS,
    ) -> None:  # fmt: skip
        self._command = command
        self._most = (running, waiting, kept)
        self._seconds = seconds
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, asked: dict[str, Any]) -> Job:
        """Take a job in; it runs when there is room.

        Raises
        ------
        UsageError, UnknownNameError; Problem 429, if too many wait already.
        """
        wanted = checked(asked)
        with self._lock:
            busy = [job for job in self._jobs.values() if job.state not in ENDED]
            if len(busy) >= self._most[0] + self._most[1] or self._closed:
                raise Problem(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    f"{len(busy)} jobs run or wait already; wait for one to end, or cancel one.",
                    {"Retry-After": "10"},
                )
            job = Job(secrets.token_hex(8), **wanted, submitted=_now())
            self._jobs[job.id] = job
            ended = [one.id for one in self._jobs.values() if one.state in ENDED]
            for old in ended[: max(len(ended) - self._most[2], 0)]:
                del self._jobs[old]
            self._start()
        return job

    def get(self, number: str) -> Job:
        """Find one job; raises Problem 404."""
        with self._lock:
            if number not in self._jobs:
                raise Problem(HTTPStatus.NOT_FOUND, f"there is no job {number[:40]!r}; only the latest are remembered.")
            return self._jobs[number]

    def all(self) -> list[Job]:
        """Every job that is remembered, the latest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def cancel(self, number: str) -> Job:
        """Stop a job that waits or runs; one that has ended stays as it is. Raises Problem 404."""
        job = self.get(number)
        with self._lock:
            if job.state == "waiting":
                self._end(job, "cancelled")
            elif job.state == "running":
                job.stopping = True
        if job.stopping and job.state == "running":
            self._kill(job)
        return job

    def close(self) -> None:
        """Stop everything, when the server ends."""
        with self._lock:
            self._closed = True
        for job in self.all():
            self.cancel(job.id)

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

    def _end(self, job: Job, state: str, problem: str | None = None) -> None:
        """Note how a job ended; the lock is held."""
        job.state, job.problem, job.ended, job.process = state, problem, _now(), None

    def _run(self, job: Job) -> None:
        state: str = "failed"
        problem: str | None = "the simulation could not be run."
        try:
            state, problem = self._wait(job)
        except OSError as error:
            problem = f"the simulation could not be run ({error.strerror or error})."
        finally:
            with self._lock:
                if job.stopping:
                    state, problem = "cancelled", None
                self._end(job, state, problem)
                self._start()

    def _wait(self, job: Job) -> tuple[str, str | None]:
        """Run the command of a job to its end: how it ended, and what went wrong."""
        line = list(self._command(job.scenario, job.worlds, job.years, job.seed))
        process = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
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
                return "failed", f"the answer has more than {MOST_BYTES // 2**20} MB; ask for fewer worlds or years."
            code = process.wait()
            listener.join(PATIENCE_SECONDS)
        finally:
            timer.cancel()
            process.stdout.close()
        if late.is_set():
            return "failed", f"stopped after {self._seconds:.0f} s; ask for fewer worlds or years."
        if code != 0:
            last = next((text for text in reversed(job.lines) if text.startswith("exeunt: ")), None)
            return "failed", last.removeprefix("exeunt: ") if last else f"the simulation ended with code {code}."
        try:
            result = json.loads(content)
        except ValueError:
            result = None
        if not isinstance(result, dict):
            return "failed", "the simulation gave no JSON object."
        job.result, job.share = result, 1.0
        return "done", None

    def _listen(self, job: Job, stream: IO[bytes]) -> None:
        """Read progress: the last line is what is going on, and `12 of 100` in it is how far."""
        with stream:
            for raw in stream:
                text = raw.decode("utf-8", "replace").strip()[:200]
                if not text:
                    continue
                job.lines = [*job.lines[-20:], text]
                job.says = text
                found = SHARE.search(text)
                if found:
                    done, whole = (int(part.replace(",", "")) for part in found.groups())
                    job.share = min(done / whole, 1.0) if whole else None

    def _kill(self, job: Job) -> None:
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
