"""Many worlds: what is missing is made, what is there is taken over, and all of it is added up."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

from exeunt.core.errors import WorkError
from exeunt.core.progress import Progress
from exeunt.simulate import executors
from exeunt.simulate.setting import _Setting
from exeunt.simulate.store import BLOCK, Part, Tally, _Block, _blocks, _Folder, _folder_of

SAY_SECONDS: Final = 5.0
FEW: Final = 4
"""So many missing blocks are made in this process, since others take longer to start."""
MANY: Final = 2000
"""Worlds for which processes are started before it is known how many of them are there already."""


@dataclass(frozen=True)
class How:
    """Who makes the worlds. None of it changes a number.

    Parameters
    ----------
    workers : processes that make worlds, this one among them
    scheduler : address of a Dask scheduler instead
    chunk : worlds handed out at a time, rounded up to whole blocks
    tick : called after each block with the worlds that are there and those wanted; what it raises ends the run, parts kept
    """

    workers: int = 2
    scheduler: str | None = None
    chunk: int = 100
    tick: Callable[[int, int], None] | None = None


def _ahead(how: How, worlds: int) -> AbstractContextManager[None]:
    """While worlds are laid out, let processes start that will make them; nothing where they are few or made elsewhere."""
    many = how.scheduler is None and how.workers > 1 and worlds >= MANY
    return executors._early_processes(how.workers - 1) if many else nullcontext()


def _ensure(
    setting: _Setting, worlds: int, how: How, progress: Progress, what: str = "worlds",
    made: Callable[[_Folder], None] | None = None,
) -> tuple[_Folder, list[_Block]]:  # fmt: skip
    """Make the parts of a number of worlds that are not there yet.

    Parameters
    ----------
    made : told of the folder after each block that was put there

    Returns
    -------
    Their folder and the blocks, in the order of their worlds.

    Raises
    ------
    FitError, unless the exit hazard is calibrated; WorkError, for worlds that failed three times; UsageError, where there is
    no cluster to ask.
    """
    setting.exit_fit.require_calibrated()
    folder, wanted = _folder_of(setting), _blocks(worlds)
    missing = folder.missing(wanted)
    if missing:
        told = _Told(progress, what, worlds, missing)
        _make(setting, folder, missing, how, told, made)
    return folder, wanted


def _make(
    setting: _Setting,
    folder: _Folder,
    missing: list[_Block],
    how: How,
    told: _Told,
    made: Callable[[_Folder], None] | None,
) -> None:
    def deliver(block: _Block, content: bytes) -> None:
        folder.write(block, content)
        told.done(block)
        if made is not None:
            made(folder)
        if how.tick is not None:
            how.tick(told.worlds - told.left, told.worlds)

    size = max(1, -(-how.chunk // BLOCK))
    work = [tuple(missing[k : k + size]) for k in range(0, len(missing), size)]
    try:
        if how.scheduler is not None:
            executors._on_cluster(setting, work, deliver, how.scheduler)
        elif how.workers > 1 and len(missing) > FEW:
            executors._in_processes(setting, work, deliver, how.workers - 1, helping=True)
        else:
            executors._in_this_process(setting, work, deliver)
    except KeyboardInterrupt:
        told.stopped(folder.kept)
        raise


def add_up(
    into: Tally, setting: _Setting, worlds: int, how: How, progress: Progress, beside: _Setting | None = None
) -> Tally:
    """Make what is missing and add it up, with the same worlds under another setting beside them where one is given.

    Parts are added in the order of their worlds, as soon as they and all before them are there.

    Raises
    ------
    As `ensure`.
    """
    plain = _ensure(beside, worlds, how, progress, "worlds of the baseline")[0] if beside is not None else None
    left = deque(_blocks(worlds))

    def add(folder: _Folder) -> None:
        block = left.popleft()
        other = _read(beside, plain, block) if beside is not None and plain is not None else None
        into.add(block, _read(setting, folder, block), other)

    def made(folder: _Folder) -> None:
        while left and (folder.path / left[0].file).is_file():
            add(folder)

    folder, _ = _ensure(setting, worlds, how, progress, made=made)
    while left:
        add(folder)
    return into


def _read(setting: _Setting, folder: _Folder, block: _Block) -> Part:
    found = folder.read(block)
    if found is None:
        # Damaged on disk: made anew, here, since it is one.
        executors._in_this_process(setting, [(block,)], folder.write)
        found = folder.read(block)
    if found is None:
        raise WorkError(f"{folder.path / block.file} cannot be read, though it was just written; look at the disk.")
    return found


class _Told:
    """Says how far the worlds are and how long they still take."""

    def __init__(self, progress: Progress, what: str, worlds: int, missing: list[_Block]) -> None:
        self.progress, self.what, self.worlds = progress, what, worlds
        self.left = sum(block.size for block in missing)
        self.made = 0
        self.began = self.last = time.monotonic()
        there = worlds - self.left
        kept = f", {there:,} of them from an earlier run" if there else ""
        progress.say(f"{what}: {worlds:,} to make{kept}")
        progress.share(there, worlds)

    def done(self, block: _Block) -> None:
        """Count one block."""
        self.made += block.size
        self.left -= block.size
        self.progress.share(self.worlds - self.left, self.worlds)
        now = time.monotonic()
        if self.left and now - self.last >= SAY_SECONDS:
            self.last = now
            seconds = (now - self.began) / self.made * self.left
            self.progress.say(
                f"{self.what}: {self.worlds - self.left:,} of {self.worlds:,}, about {seconds:.0f} s left"
            )
        elif not self.left:
            self.progress.say(f"{self.what}: {self.worlds:,} in {now - self.began:.1f} s")

    def stopped(self, kept: bool) -> None:
        """Say what an interrupt leaves."""
        there = self.worlds - self.left
        after = "they are kept, and the same call goes on from there" if kept else "there is no cache to keep them in"
        self.progress.say(f"{self.what}: {there:,} of {self.worlds:,} made; {after}")
