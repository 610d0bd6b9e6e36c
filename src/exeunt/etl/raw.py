"""Raw files: proof that each is the one on its card, and what is inside: rows, columns, types and empty cells.

`sources/contents.json` holds the contents of the files as pinned, so that a changed file can be told apart from them
without having the old one. `scripts/make_contents.py` writes it.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

import polars as pl

from exeunt.core.errors import CompileError, DownloadError, OutputError, UnknownNameError
from exeunt.core.files import write_bytes
from exeunt.record.cards import CARDS, all_cards, card

CONTENTS: Final = CARDS / "contents.json"
READ: Final[tuple[tuple[str, str], ...]] = (
    ("archigos", "archigos.parquet"),
    ("atop_alliance", "atop_alliance.parquet"),
    ("cia_factbook", "factbook_membership_long.parquet"),
    ("cow_igo", "igo_year_format3.parquet"),
    ("cow_igo", "state_year_format3.parquet"),
    ("cow_mid", "cow_mid_dirdisps.parquet"),
    ("cow_nmc", "cow_nmc.parquet"),
    ("isard", "gw_cw_panel.parquet"),
    ("maddison", "gdp-per-capita-maddison-project-database.parquet"),
    ("mia", "DP_May_2021.parquet"),
    ("mia", "mia_cow_numbers.csv"),
    ("popleaders", "populist_leader_spells.csv"),
    ("ucdp_acd", "ucdp_acd.parquet"),
    ("un_ceb", "ceb_donor_entity_type_2013_2024.parquet"),
    ("un_regular_budget", "source_documents_by_year.csv"),
    ("un_regular_budget", "un_regular_budget_2019_2026.csv"),
    ("un_scale", "UNGA_scale_of_assessment.csv"),
    ("unga_ideal", "Idealpointestimates1946-2025.parquet"),
    ("unga_ideal", "IdealpointsJuly2025.parquet"),
    ("vdem_simple", "vdem_simple.parquet"),
    ("wdi", "gdp.parquet"),
    ("wdi", "population.parquet"),
)
"""Source and file of everything that a refresh reads."""
SHOWN: Final = 8


@dataclass(frozen=True)
class _Contents:
    """Rows of a table, and for each column its type and its number of empty cells."""

    rows: int
    columns: dict[str, tuple[str, int]]


def _contents_of(path: Path) -> _Contents:
    """Look into a Parquet or CSV file; every column of a CSV is text.

    Raises
    ------
    CompileError, if it cannot be read as what its name says.
    """
    try:
        parquet = path.suffix == ".parquet"
        frame = pl.read_parquet(path) if parquet else pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise CompileError(f"{path.name} cannot be read as {path.suffix[1:]} ({reason}); fetch it anew.") from None
    return _Contents(frame.height, {c: (str(t), frame[c].null_count()) for c, t in frame.schema.items()})


def _kept() -> dict[str, _Contents]:
    """The contents of the pinned files, by `source/file`."""
    raw: dict[str, Any] = json.loads(CONTENTS.read_text(encoding="utf-8"))
    return {
        name: _Contents(item["rows"], {c: (str(t), int(n)) for c, (t, n) in item["columns"].items()})
        for name, item in raw.items()
    }


def _as_json(contents: Mapping[str, _Contents]) -> bytes:
    """Write contents down, a column a line, in the order of the names."""
    parts = []
    for name in sorted(contents):
        held = contents[name]
        columns = ",\n".join(
            f"  {json.dumps(c, ensure_ascii=False)}: [{json.dumps(t)}, {n}]" for c, (t, n) in held.columns.items()
        )
        parts.append(f' {json.dumps(name)}: {{"rows": {held.rows}, "columns": {{\n{columns}\n }}}}')
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def _differences(before: _Contents, after: _Contents) -> list[str]:
    """Tell in a line each what a file holds now and did not hold before; at most eight columns are named at a time."""
    lines = []
    lost = [c for c in before.columns if c not in after.columns]
    added = [c for c in after.columns if c not in before.columns]
    for word, names in (("lost", lost), ("added", added)):
        if names:
            lines.append(f"columns {word}: {_listed([repr(c) for c in names])}")
    step = after.rows - before.rows
    if step:
        lines.append(f"rows: {before.rows} before, {after.rows} now, {abs(step)} {'more' if step > 0 else 'fewer'}")
    both = [c for c in before.columns if c in after.columns]
    for place, what in enumerate(("types", "empty cells")):
        changed = [
            f"{c!r} {before.columns[c][place]} before, {after.columns[c][place]} now"
            for c in both
            if before.columns[c][place] != after.columns[c][place]
        ]
        if changed:
            lines.append(f"{what}: {_listed(changed)}")
    if not lines and list(before.columns) != list(after.columns):
        lines.append("the same columns in another order")
    return lines or [
        "rows, columns, types and empty cells are the same: values, their order or the way of writing differ"
    ]


def _listed(items: list[str]) -> str:
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return "; ".join(items[:SHOWN]) + more


def _verified(directory: Path, key: str, name: str) -> Path:
    """Find a raw file and prove that it is the one on the card.

    Raises
    ------
    CompileError, if the file is missing or is not the card's; then it tells what changed inside.
    """
    told = fault_of(directory, key, name)
    if told is not None:
        raise CompileError(told)
    return directory / key / name


def _verify(directory: Path) -> None:
    """Prove that every raw file a refresh reads is the one on its card; raises CompileError that tells all that are not."""
    told = [fault for key, name in READ if (fault := fault_of(directory, key, name)) is not None]
    if told:
        raise CompileError("\n".join(told))


def fault_of(directory: Path, key: str, name: str) -> str | None:
    """Tell why a raw file is not the one on its card, what changed inside and what to do; None where it is."""
    path = directory / key / name
    if not path.is_file():
        return (
            f"raw source {key}/{name} is not in {directory}; `exeunt refresh --list` tells where it is published, so put it "
            "there."
        )
    found = card(key)
    expected = found.files.get(name)
    if expected is None:
        return f"the card of {key} names no file {name}; add it with its sha256."
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest == expected:
        return None
    lines = [
        f"{key}/{name} has changed upstream: it is not the file on its card.",
        f"sha256: {expected} on the card, {digest} found",
    ]
    size = path.stat().st_size
    if found.sizes.get(name, size) != size:
        lines.append(f"bytes: {found.sizes[name]} on the card, {size} found")
    before = _kept().get(f"{key}/{name}")
    try:
        after = _contents_of(path)
    except CompileError as error:
        return "\n  ".join([*lines, str(error)])
    if before is not None:
        lines += _differences(before, after)
    accept = f"`exeunt refresh --sources {directory} --accept {key}`"
    lines.append(f"If the new file is right, {accept} puts it on the card; if not, put the old file back.")
    return "\n  ".join(lines)


def accept(directory: Path, key: str) -> list[str]:
    """Put the changed files of a source on its card, and what is inside them beside it.

    Returns
    -------
    The names of the files that had changed.

    Raises
    ------
    UnknownNameError, for a source that a refresh does not read.
    CompileError, if a file is missing or cannot be read, or its card is not written as cards are; nothing has changed then.
    """
    names = [name for one, name in READ if one == key]
    if not names:
        raise UnknownNameError("source that a refresh reads", key, dict(READ))
    path = CARDS / key / "card.toml"
    text, held, changed = path.read_text(encoding="utf-8"), _kept(), []
    for name in names:
        raw = directory / key / name
        if fault_of(directory, key, name) is None:
            continue
        if not raw.is_file():
            raise CompileError(f"raw source {key}/{name} is not in {directory}; put it there first.")
        held[f"{key}/{name}"] = _contents_of(raw)
        content = raw.read_bytes()
        entry = (
            f'[[file]]\nname = "{name}"\nsha256 = "{hashlib.sha256(content).hexdigest()}"\nbytes = {len(content)}\n'
            f"rows = {held[f'{key}/{name}'].rows}\n"
        )
        old = re.compile(
            rf'\[\[file\]\]\nname = "{re.escape(name)}"\nsha256 = "[0-9a-f]*"\nbytes = \d+\n(rows = \d+\n)?'
        )
        text, count = old.subn(entry.replace("\\", r"\\"), text)
        if count != 1:
            raise CompileError(
                f"the card of {key} has no entry [[file]] for {name} with name, sha256, bytes; add it by hand."
            )
        changed.append(name)
    if changed:
        # A run that dies between the two leaves a card that still refuses the new file.
        write_bytes(CONTENTS, _as_json(held))
        write_bytes(path, text.encode())
        all_cards.cache_clear()
    return changed


# --- Fetch raw files that are published as they are read, each held against the checksum on its card


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
