"""Fingerprints of code, inputs and seeds; the user's cache; the manifest that goes with a result."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import tempfile
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from exeunt.core.errors import OutputError

PACKAGE = Path(__file__).parents[1]
LIBRARIES = ("numpy", "scipy", "polars", "numba", "jinja2")


@lru_cache(maxsize=8)
def code_fingerprint(*rooms: str) -> str:
    """Hash of the Python sources of the named rooms (folders of the package); of all of them where none is named."""
    digest = hashlib.sha256()
    folders = [PACKAGE / room for room in rooms] if rooms else [PACKAGE]
    gone = [folder.name for folder in folders if not folder.exists()]
    if gone:  # a room that was renamed would give every version of its code one fingerprint
        raise ValueError(f"there is no room {', '.join(gone)} in {PACKAGE.name}")
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def fingerprint(rooms: tuple[str, ...], **inputs: Any) -> str:
    """Hash of the code of the rooms, the library versions and every input, for naming a cached result."""
    payload = {"code": code_fingerprint(*rooms), "libraries": library_versions(), **inputs}
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()[:24]


@lru_cache(maxsize=1)
def _library_versions() -> tuple[tuple[str, str], ...]:
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return tuple(found.items())


def library_versions() -> dict[str, str]:
    """Versions of the libraries that a number depends on."""
    return dict(_library_versions())


def cache_folder() -> Path | None:
    """The user's cache folder for exeunt, or None where none can be made."""
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "exeunt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def write_bytes(path: Path, content: bytes) -> int:
    """Write a file whole or not at all.

    Returns
    -------
    Bytes written.

    Raises
    ------
    OutputError, if the place is not writable or the disk is full; nothing half-written stays behind.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"{path} could not be written ({reason}); free the place or name another with --out."
        ) from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
    return len(content)


def run_manifest(command: str, record_version: str, seed: int | None, **more: Any) -> dict[str, Any]:
    """What a run depended on: command, code, libraries, record, seed."""
    return {
        "command": command,
        "exeunt": version("exeunt") if _installed() else "not installed",
        "code": code_fingerprint(),
        "libraries": library_versions(),
        "record": record_version,
        "seed": seed,
        **more,
    }


def _installed() -> bool:
    try:
        version("exeunt")
    except PackageNotFoundError:
        return False
    return True


def write_json(path: Path, value: Any) -> int:
    """Write a JSON file whole or not at all; returns the bytes written."""
    return write_bytes(path, (json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n").encode())


def require_writable(path: Path) -> None:
    """Find out before long work whether a file can be written; raises OutputError if not."""
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, probe = tempfile.mkstemp(prefix=f".{path.name}.", dir=folder)
        os.close(handle)
        Path(probe).unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"{path} cannot be written ({reason}); free the place or name another with --out.") from None
    if path.is_dir():
        raise OutputError(f"{path} is a directory; name a file with --out.")
