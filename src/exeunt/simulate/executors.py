"""Who makes the blocks: this process, some processes beside it, or a Dask cluster; the parts are the same.

Processes and a cluster are both executors of `concurrent.futures`, and one loop serves them. A task is a chunk of some blocks.
A pool that loses a process is made again and what it had not delivered is tried again, one chunk at a time until each has
been made, so that the chunk that ends processes is known; a chunk that fails three times stops the run with its worlds and
its seed named. Parts that were delivered are kept.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final, Protocol

from exeunt.core.errors import ExeuntError, UsageError, WorkError
from exeunt.core.worker_pool import WorkerPool
from exeunt.simulate.setting import _code, _Setting
from exeunt.simulate.store import _Block
from exeunt.simulate.worlds import _make_block

TRIES: Final = 3
ANSWERS: Final = 10.0
"""Seconds after which a scheduler that has not answered is not there."""
Chunk = tuple[_Block, ...]
Deliver = Callable[[_Block, bytes], None]


def _in_this_process(setting: _Setting, work: Sequence[Chunk], deliver: Deliver) -> None:
    """Make all chunks in this process."""
    for chunk in work:
        for block in chunk:
            deliver(block, _make_block(setting, block))


def _in_processes(
    setting: _Setting, work: Sequence[Chunk], deliver: Deliver, workers: int, helping: bool = False
) -> None:
    """Make the chunks in processes of their own.

    Parameters
    ----------
    helping : make blocks in this process too, whenever none of the others has a part to deliver

    Raises
    ------
    WorkError, for a chunk that failed three times.
    """
    early = _EARLY.get()
    pool = early.pop() if early else _Processes(workers)
    try:
        pool.give(setting)
        _spread(pool, setting, work, deliver, helping)
    finally:
        pool.close()


def _on_cluster(setting: _Setting, work: Sequence[Chunk], deliver: Deliver, address: str) -> None:
    """Make the chunks on a Dask cluster, whose workers have the same exeunt installed; parts come back to this process.

    Raises
    ------
    UsageError, without dask.distributed, or where no scheduler answers, or where its workers run other code; WorkError, for
    a chunk that failed three times.
    """
    distributed = _distributed()
    try:
        client = distributed.Client(address, timeout=ANSWERS)
    except (OSError, ValueError, ImportError) as error:
        raise UsageError(
            f"no Dask scheduler answers at {address} ({type(error).__name__}); start one with `dask scheduler`."
        ) from None
    with client:
        _require_same_code(client)
        _spread(_Cluster(client, setting), setting, work, deliver, helping=False)


@contextmanager
def _early_processes(workers: int) -> Iterator[None]:
    """Start processes that load what they need while this one lays the worlds out, for the first run within the block."""
    waiting = [_Processes(workers)]
    before = _EARLY.set(waiting)
    try:
        yield
    finally:
        _EARLY.reset(before)
        for pool in waiting:
            pool.close()


class _Pool(Protocol):
    """Takes chunks, no more than `most` at a time."""

    most: int

    def submit(self, chunk: Chunk) -> Future[list[bytes]]:
        """Have a chunk made; raises BrokenExecutor where that takes a new pool."""

    def restart(self) -> None:
        """Replace a pool that lost a process."""


class _Processes:
    """Processes that know one setting."""

    def __init__(self, workers: int) -> None:
        self.workers, self.most = workers, 2 * workers
        self.setting: _Setting | None = None
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")
        self.inbox, self.sender = context.Pipe(duplex=False)
        self.pool = WorkerPool(self.workers, _receive, (self.inbox, context.Lock()))

    def give(self, setting: _Setting) -> None:
        """Send every process the setting, which it waits for."""
        self.setting = setting
        # More than a pipe holds, and processes may still be starting.
        threading.Thread(target=_send, args=(self.sender, setting, self.workers), daemon=True).start()

    def submit(self, chunk: Chunk) -> Future[list[bytes]]:
        return self.pool.executor.submit(_make_received, chunk)

    def restart(self) -> None:
        self.close()
        self._start()
        if self.setting is not None:
            self.give(self.setting)

    def close(self) -> None:
        """End all processes."""
        self.pool.close()
        # With nobody left to read, whatever is still being sent ends.
        self.inbox.close()


class _Cluster:
    """A Dask cluster whose workers hold one setting; workers that die are left to Dask."""

    def __init__(self, client: Any, setting: _Setting) -> None:
        self.held = client.scatter(setting, broadcast=True, hash=False)
        self.executor = client.get_executor(pure=False)
        self.most = 4 * max(1, sum(client.nthreads().values()))

    def submit(self, chunk: Chunk) -> Future[list[bytes]]:
        future: Future[list[bytes]] = self.executor.submit(_make, self.held, chunk)
        return future

    def restart(self) -> None:
        """Dask replaces what it loses."""


class _Tries:
    """How often a chunk has failed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.failed: dict[int, int] = {}

    def again(self, chunk: Chunk, why: str) -> None:
        """Count one failure; raises WorkError at the third."""
        key = chunk[-1].number
        self.failed[key] = self.failed.get(key, 0) + 1
        if self.failed[key] >= TRIES:
            worlds = chunk[0].worlds
            raise WorkError(
                f"worlds {worlds[0]} to {chunk[-1].worlds[-1]} with seed {self.seed} failed {TRIES} times ({why}); look at one "
                f"with --seed {self.seed} --world {worlds[0]}. Parts that were finished are kept."
            )


def _spread(pool: _Pool, setting: _Setting, work: Sequence[Chunk], deliver: Deliver, helping: bool) -> None:
    """Hand chunks out and deliver what comes back, until all are made."""
    left, alone, tries = deque(work), deque[Chunk](), _Tries(setting.seed)
    running: dict[Future[list[bytes]], Chunk] = {}

    def hand_out() -> list[Chunk]:
        """Keep the pool busy; chunks that were there when it broke go one at a time. Returns one that found it broken."""
        # Toward the end none is given more than one, so that all end at about the same time.
        most = pool.most if len(left) > pool.most else max(1, pool.most // 2)
        while (alone and not running) or (left and not alone and len(running) < most):
            chunk = (alone or left).popleft()
            try:
                running[pool.submit(chunk)] = chunk
            except BrokenExecutor:
                return [chunk]
        return []

    def take(future: Future[list[bytes]]) -> list[Chunk]:
        """Deliver a chunk; returns it where its pool broke."""
        chunk, failure = running.pop(future), future.exception()
        if failure is None:
            for block, content in zip(chunk, future.result(), strict=True):
                deliver(block, content)
        elif isinstance(failure, ExeuntError):
            raise failure
        elif isinstance(failure, BrokenExecutor):
            return [chunk]
        else:
            tries.again(chunk, f"{type(failure).__name__}: {failure}")
            left.append(chunk)
        return []

    while left or alone or running:
        lost = hand_out()
        if running:
            done = wait(running, 0 if helping and left and not lost else None, FIRST_COMPLETED).done
            for future in done:
                lost += take(future)
            if not done:
                _help(setting, left, deliver, tries)
        if lost:
            # Whoever else was asked is lost too, or has been made.
            for future in wait(running).done:
                lost += take(future)
            if len(lost) == 1:
                tries.again(lost[0], "its process ended")
            alone.extend(lost)
            pool.restart()


def _help(setting: _Setting, left: deque[Chunk], deliver: Deliver, tries: _Tries) -> None:
    """Make one block here."""
    chunk = left.popleft()
    block, rest = chunk[:1], chunk[1:]
    if rest:
        left.appendleft(rest)
    try:
        content = _make_block(setting, block[0])
    except ExeuntError:
        raise
    except Exception as error:  # Whatever it was, another try may go better.
        tries.again(block, f"{type(error).__name__}: {error}")
        left.append(block)
        return
    deliver(block[0], content)


_EARLY: ContextVar[list[_Processes] | None] = ContextVar("processes started early", default=None)
_RECEIVED: list[_Setting] = []
"""The setting of a process that makes worlds for another one."""


def _send(sender: Connection, setting: _Setting, times: int) -> None:
    with sender, suppress(OSError):  # The pool was ended before every process had it.
        for _ in range(times):
            sender.send(setting)


def _receive(inbox: Connection, one_at_a_time: Any) -> None:
    with one_at_a_time:
        _RECEIVED.append(inbox.recv())


def _make_received(chunk: Chunk) -> list[bytes]:
    return _make(_RECEIVED[0], chunk)


def _make(setting: _Setting, chunk: Chunk) -> list[bytes]:
    return [_make_block(setting, block) for block in chunk]


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise UsageError(
            "--scheduler needs Dask; install it with `pip install 'exeunt[cluster]'`, or leave --scheduler out."
        ) from None
    return distributed


def _require_same_code(client: Any) -> None:
    mine = _code()
    try:
        found = client.run(_code)
    except Exception as error:  # Whatever keeps a worker from saying what it runs.
        raise UsageError(
            f"the workers of {client.scheduler.address} do not run exeunt ({type(error).__name__}: {error}); install it there."
        ) from None
    if not found:
        raise UsageError(
            f"the Dask scheduler at {client.scheduler.address} has no workers; start some with `dask worker`."
        )
    for worker, theirs in found.items():
        if theirs != mine:
            raise UsageError(
                f"the Dask worker at {worker} runs another exeunt or other libraries than this process; worlds of both would "
                "not fit together, so install the same ones there."
            )
