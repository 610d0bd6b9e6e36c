"""Who makes the blocks: this process, some processes beside it, or a Dask cluster; the parts are the same.

Chunks are some blocks each. A process that dies is replaced, and what it had not delivered is tried again; a chunk that
fails three times stops the run with its worlds and its seed named. Parts that were delivered are kept.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from queue import Queue
from typing import Any, Final, cast

from exeunt.errors import ExeuntError, UsageError, WorkError
from exeunt.simulate.setting import Setting, code
from exeunt.simulate.store import Block
from exeunt.simulate.worlds import make_block

TRIES: Final = 3
ANSWERS: Final = 10.0
"""Seconds after which a scheduler that has not answered is not there."""
UNSENT: Final = 4
"""Parts that a process may have made and not got rid of yet."""
QUIET: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
"""Workers share the cores; each keeps to one."""
Chunk = tuple[Block, ...]
Deliver = Callable[[Block, bytes], None]


def chunks(missing: Sequence[Block], size: int) -> list[Chunk]:
    """Blocks in chunks of `size`."""
    return [tuple(missing[k : k + size]) for k in range(0, len(missing), size)]


_AHEAD: ContextVar[list[tuple[Connection, Any]] | None] = ContextVar("processes started ahead", default=None)


class Tries:
    """How often a chunk has failed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.failed: dict[int, int] = {}

    def again(self, rest: Chunk, why: str) -> None:
        """Count one failure; raises WorkError at the third."""
        key = rest[-1].number
        self.failed[key] = self.failed.get(key, 0) + 1
        if self.failed[key] >= TRIES:
            worlds = rest[0].worlds
            raise WorkError(
                f"worlds {worlds[0]} to {rest[-1].worlds[-1]} with seed {self.seed} failed {TRIES} times ({why}); look at one "
                f"with --seed {self.seed} --world {worlds[0]}. Parts that were finished are kept."
            )


def here(setting: Setting, work: Sequence[Chunk], deliver: Deliver) -> None:
    """Make all chunks in this process."""
    for chunk in work:
        for block in chunk:
            deliver(block, make_block(setting, block))


@dataclass
class Hand:
    """A process at work and the chunks that it has been given, the one in hand first."""

    process: Any
    held: deque[Chunk] = field(default_factory=deque)
    ready: bool = False
    """Whether it has started and knows the setting."""


def processes(setting: Setting, work: Sequence[Chunk], deliver: Deliver, workers: int, helping: bool = False) -> None:
    """Make the chunks in processes of their own.

    Parameters
    ----------
    helping : make blocks in this process too, whenever none of the others wants anything

    Raises
    ------
    WorkError, for a chunk that failed three times.
    """
    left, tries = deque(work), Tries(setting.seed)
    hands: dict[Connection, Hand] = {}
    waiting = _AHEAD.get() or []

    def hire() -> None:
        ours, process = waiting.pop() if waiting else _start()
        hands[ours] = Hand(process)
        give(ours)

    def give(hand: Connection) -> None:
        """Give a process its next chunk, and one to go on with while this process may be at work itself."""
        of, most = hands[hand], 2 if len(left) > 2 * workers else 1
        while left and len(of.held) < most:
            chunk = left.popleft()
            of.held.append(chunk)
            if of.ready:
                _send(hand, chunk)

    def heard(hand: Connection) -> None:
        """Take what a process delivers."""
        of = hands[hand]
        try:
            told = hand.recv()
        except (EOFError, OSError):
            of.process.join()
            del hands[hand]
            tries.again(of.held[0], f"its process ended with code {of.process.exitcode}")
            left.extendleft(reversed(of.held))
            hire()
            return
        if told is None:
            of.ready = True
            for each in (setting, *of.held):
                _send(hand, each)
            return
        block, content, why = told
        if isinstance(why, ExeuntError):
            raise why
        rest = of.held.popleft()
        if why is not None:
            tries.again(rest, str(why))
            left.append(rest)
        else:
            deliver(block, content)
            if rest[1:]:
                of.held.appendleft(rest[1:])
        give(hand)

    def help_out() -> None:
        chunk = left.popleft()
        block, rest = chunk[:1], chunk[1:]
        if rest:
            left.appendleft(rest)
        try:
            content = make_block(setting, block[0])
        except ExeuntError:
            raise
        except Exception as error:  # Whatever it was, another try may go better.
            tries.again(block, f"{type(error).__name__}: {error}")
            left.append(block)
            return
        deliver(block[0], content)

    try:
        for _ in range(min(workers, len(left))):
            hire()
        while left or any(of.held for of in hands.values()):
            busy = [hand for hand, of in hands.items() if of.held]
            ready = wait(busy, timeout=0 if helping and left else None)
            for hand in ready:
                heard(cast(Connection, hand))
            if not ready:
                help_out()
    finally:
        for hand, of in hands.items():
            hand.close()
            of.process.terminate()
            of.process.join()


@contextmanager
def ahead(workers: int) -> Iterator[None]:
    """Start processes that load what they need while this one lays the worlds out; those that nobody asks are ended."""
    waiting = [_start() for _ in range(workers)]
    before = _AHEAD.set(waiting)
    try:
        yield
    finally:
        _AHEAD.reset(before)
        for hand, process in waiting:
            hand.close()
            process.terminate()
            process.join()


def _start() -> tuple[Connection, Any]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    with _quiet():
        process = context.Process(target=_work, args=(theirs,), daemon=True)
        process.start()
    theirs.close()
    return ours, process


def _send(hand: Connection, what: Any) -> None:
    # That a process has ended is met when its delivery is read.
    with suppress(OSError):
        hand.send(what)


@contextmanager
def _quiet() -> Iterator[None]:
    """What a new process inherits: one thread for each library, and interrupts left to the process that asks."""
    before = {name: os.environ.get(name) for name in QUIET}
    os.environ.update({name: value for name, value in QUIET.items() if before[name] is None})
    main = threading.current_thread() is threading.main_thread()
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, heard)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


def _work(hand: Connection) -> None:
    """Say that this process is there, hear what the setting is, and answer chunks with parts until nobody asks any more."""
    # An interrupt at the terminal reaches every process; the one that asked ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        hand.send(None)
        setting = hand.recv()
    except (EOFError, OSError):
        return
    # A part is more than a pipe holds: sending it takes until the asking process reads, which may be at work itself.
    parts: Queue[Any] = Queue(UNSENT)
    threading.Thread(target=_send_each, args=(hand, parts), daemon=True).start()
    while True:
        try:
            chunk = hand.recv()
        except (EOFError, OSError):
            return
        for block in chunk:
            try:
                made: tuple[Block, bytes, Any] = (block, make_block(setting, block), None)
            except ExeuntError as error:
                made = (block, b"", error)
            except Exception as error:  # Whatever it was, the asking process decides.
                made = (block, b"", f"{type(error).__name__}: {error}")
            parts.put(made)
            if made[2] is not None:
                break


def _send_each(hand: Connection, parts: Queue[Any]) -> None:
    while True:
        _send(hand, parts.get())


def cluster(setting: Setting, work: Sequence[Chunk], deliver: Deliver, address: str) -> None:
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
        held = client.scatter(setting, broadcast=True, hash=False)
        tries, left = Tries(setting.seed), deque(work)
        width = 4 * max(1, sum(client.nthreads().values()))
        asked: dict[str, Chunk] = {}
        done = distributed.as_completed()

        def ask() -> None:
            while left and len(asked) < width:
                chunk = left.popleft()
                future = client.submit(_blocks, held, chunk, pure=False)
                asked[future.key] = chunk
                done.add(future)

        ask()
        for future in done:
            chunk = asked.pop(future.key)
            failure = future.exception()
            if isinstance(failure, ExeuntError):
                raise failure
            if failure is not None:
                tries.again(chunk, f"{type(failure).__name__}: {failure}")
                left.append(chunk)
            else:
                for block, content in zip(chunk, future.result(), strict=True):
                    deliver(block, content)
            future.release()
            ask()


def _blocks(setting: Setting, chunk: Chunk) -> list[bytes]:
    return [make_block(setting, block) for block in chunk]


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise UsageError(
            "--scheduler needs Dask; install it with `pip install 'exeunt[cluster]'`, or leave --scheduler out."
        ) from None
    return distributed


def _require_same_code(client: Any) -> None:
    mine = code()
    try:
        found = client.run(code)
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
