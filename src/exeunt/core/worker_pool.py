"""Processes that do work for this one, and never outlive it.

A worker of `ProcessPoolExecutor` waits for tasks on a pipe of which it holds both ends, so it does not notice that the process
that asked has died, and would wait for ever. Here each worker also watches a pipe whose other end only the asking process
holds: it is closed when that process ends, however it ends, and the worker ends with it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final

_ONE_THREAD: Final = {
    name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
}
"""Workers share the cores; each keeps to one."""


class WorkerPool:
    """A pool of processes that all start at once; `close` ends them at once too, whatever they are doing.

    Parameters
    ----------
    begin, given : called in each worker before its first task
    """

    def __init__(self, workers: int, begin: Callable[..., None] | None = None, given: tuple[Any, ...] = ()) -> None:
        self._watched, self._held = get_context("spawn").Pipe(duplex=False)
        with _inherited():
            self.executor = ProcessPoolExecutor(
                workers, get_context("spawn"), initializer=_begin, initargs=(self._watched, begin, given)
            )
            for _ in range(workers):
                self.executor.submit(_ready)

    def close(self) -> None:
        """End the workers."""
        self._held.close()
        self.executor.shutdown(wait=True, cancel_futures=True)
        self._watched.close()


@contextmanager
def worker_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool whose workers end with the block, and with this process."""
    pool = WorkerPool(workers)
    try:
        yield pool.executor
    finally:
        pool.close()


@contextmanager
def _inherited() -> Iterator[None]:
    """What a new process inherits: one thread for each library, and interrupts left to the process that asks."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update({name: value for name, value in _ONE_THREAD.items() if before[name] is None})
    main = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, handler)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


def _begin(watched: Connection, begin: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    # An interrupt at the terminal reaches every process; the one that asked ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(watched,), daemon=True).start()
    if begin is not None:
        begin(*given)


def _end_with(watched: Connection) -> None:
    try:
        watched.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _ready() -> None:
    """The first task, which only has the process start."""
