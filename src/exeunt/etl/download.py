"""Fetch raw files that are published as they are read, each held against the checksum on its card.

Only a file whose bytes somebody publishes unchanged can be fetched: a GitHub file at a commit with the checksum of the card.
The other files were made from published ones (R and Stata data, JSON by year) by a library that this package does not use;
another would write other bytes. They have to be provided.

A file is written as `NAME.part`, checked and renamed. A transfer that breaks off goes on where it stopped, now or in the
next run; nothing but https is spoken, except to this machine itself.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from exeunt.errors import DownloadError, OutputError
from exeunt.etl.raw import READ
from exeunt.record.cards import all_cards

Say = Callable[[str], None]

ATTEMPTS: Final = 5
TIMEOUT_SECONDS: Final = 30.0
FIRST_WAIT_SECONDS: Final = 1.0
CHUNK_BYTES: Final = 1 << 16
QUIET_SECONDS: Final = 2.0
LOOPBACK: Final = {"127.0.0.1", "::1"}
WORTH_ANOTHER_TRY: Final = {408, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class _RawFile:
    """A file on a card: what it must be, whether a refresh reads it, and where its bytes or its origins are published."""

    source: str
    name: str
    sha256: str
    bytes: int
    read: bool
    address: str | None
    """Where the very bytes are; None where the file was made from its origins."""
    page: str
    origins: tuple[str, ...]


def raw_files() -> list[_RawFile]:
    """Every file on every card."""
    return [
        _RawFile(
            key, name, digest, card.sizes.get(name, 0), (key, name) in READ,
            origin.address if (origin := card.published(name)) else None,
            card.url, tuple(f"{o.path} of {o.repository} at {o.commit[:10]}" for o in card.origins),
        )
        for key, card in all_cards().items()
        for name, digest in card.files.items()
    ]  # fmt: skip


def is_there(path: Path, sha256: str) -> bool:
    """Whether a file is there and is the pinned one."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def fetch(
    address: str,
    target: Path,
    sha256: str,
    size: int,
    say: Say = lambda _: None,
    wait: Callable[[float], None] = time.sleep,
) -> bool:
    """Fetch one file.

    Parameters
    ----------
    address : https address; http only to 127.0.0.1 or ::1
    target : where to put it; its folder is made
    sha256, size : what the file must be
    say : called with a line of progress, at most every two seconds
    wait : sleeps for so many seconds before another try

    Returns
    -------
    False if it was there already.

    Raises
    ------
    DownloadError, if it cannot be fetched or is not the pinned file, or if another file is in its place.
    OutputError, if it cannot be written.
    """
    _require_safe(address)
    if is_there(target, sha256):
        return False
    if target.exists():
        raise DownloadError(f"{target} is there and is not the pinned file; move it away, then fetch again.")
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(ATTEMPTS):
            reason = _go_on(address, part, size, say)
            if reason is None:
                break
            if attempt + 1 == ATTEMPTS:
                raise DownloadError(
                    f"{address} broke off {ATTEMPTS} times ({reason}); {part.name} keeps what came, so run the same command "
                    "again to go on."
                )
            pause = FIRST_WAIT_SECONDS * 2**attempt
            say(f"{target.name}: {reason}; trying again in {pause:.0f} s")
            wait(pause)
        found = hashlib.sha256(part.read_bytes()).hexdigest()
        if found != sha256:
            part.unlink()
            raise DownloadError(
                f"{address} gave a file with sha256 {found[:12]}…, the card expects {sha256[:12]}…; it was thrown away, so "
                "look at what is published there now."
            )
        part.replace(target)
    except OSError as error:
        raise OutputError(
            f"{target} could not be written ({error.strerror or error}); free the place or name another with --sources."
        ) from None
    return True


def _require_safe(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise DownloadError(f"{address} is no https address; nothing else is fetched, so mend it on the card.")


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows no redirect to a place that is not https."""

    def redirect_request(self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> Any:
        try:
            _require_safe(newurl)
        except DownloadError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _go_on(address: str, part: Path, size: int, say: Say) -> str | None:
    """Fetch what a part lacks; returns None when it is whole, else why it broke off."""
    have = part.stat().st_size if part.exists() else 0
    if have == size:
        return None
    if have > size:
        part.unlink()
        have = 0
    headers = {"User-Agent": "exeunt", "Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    proxies = [urllib.request.ProxyHandler({})] if urlsplit(address).hostname in LOOPBACK else []
    opener = urllib.request.build_opener(_HttpsOnly, *proxies)
    try:
        response = opener.open(urllib.request.Request(address, headers=headers), timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:
            part.unlink(missing_ok=True)
            return "the server does not know the part asked for, so the file is fetched from its beginning"
        if error.code in WORTH_ANOTHER_TRY:
            return f"the server answered {error.code}"
        raise DownloadError(
            f"{address} cannot be fetched: the server answered {error.code} ({error.reason}); look for the file on the page of "
            "its source, see `exeunt refresh --list`."
        ) from None
    except urllib.error.URLError as error:
        return f"no connection: {error.reason}"
    except (http.client.HTTPException, OSError) as error:
        return f"no connection: {error or type(error).__name__}"
    with response:
        if response.status != 206 or not _begins_at(response.headers, have):
            have = 0  # the server sends the whole file
            told = response.headers.get("Content-Length", "")
            if told.isdecimal() and int(told) != size:
                raise DownloadError(
                    f"{address} is a file of {told} bytes, the card expects {size}; look at what is published there now."
                )
        broke = _append(response, part, have, size, say)
    if broke is not None:
        return f"the connection broke: {broke}"
    have = part.stat().st_size
    return None if have == size else f"{have} of {size} bytes came"


def _begins_at(headers: Mapping[str, str], have: int) -> bool:
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", headers.get("Content-Range", ""))
    return found is not None and int(found[1]) == have


def _append(response: IO[bytes], part: Path, have: int, size: int, say: Say) -> str | None:
    """Append what comes; returns why it broke off, if it did."""
    began = told = time.monotonic()
    fresh = 0
    with part.open("ab" if have else "wb") as stream:
        while True:
            try:
                chunk = response.read(CHUNK_BYTES)
            except (http.client.HTTPException, OSError) as error:
                return str(error) or type(error).__name__
            if not chunk:
                break
            stream.write(chunk)
            fresh += len(chunk)
            if have + fresh > size:
                break  # longer than the pinned file: the checksum will say no
            now = time.monotonic()
            if now - told >= QUIET_SECONDS:
                told = now
                left = (size - have - fresh) * (now - began) / fresh
                say(f"{part.stem}: {(have + fresh) / 1e6:.1f} of {size / 1e6:.1f} MB, about {left:.0f} s left")
    if have + fresh > size:
        part.unlink()
        raise DownloadError(
            f"{part.stem}: more than the {size} bytes of the pinned file came; it was thrown away, so look at what is "
            "published there now."
        )
    return None
