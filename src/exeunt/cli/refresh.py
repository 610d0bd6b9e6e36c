"""Commands that rebuild the record, and that check curated facts before it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from exeunt.cli.command import Arguments, Command, add_format
from exeunt.core.errors import CompileError, UsageError

INTERRUPTED = 130


def _refresh(options: argparse.Namespace) -> int:
    """Rebuild the record; or list, fetch or accept its raw files."""
    if options.list:
        return _list_files(options)
    if options.download or options.accept:
        if options.sources is None:
            raise UsageError("name the directory of the raw sources with --sources DIR.")
        return _download(options) if options.download else _accept(options)
    from exeunt.core.progress import Progress
    from exeunt.etl.build import refresh as build
    from exeunt.record.store import FACTS

    progress = Progress(options.quiet)
    rows = build(_data_folder(options.data), options.target or FACTS, options.sources, progress.say)
    for name, number in rows.items():
        print(f"{name:<22}{number:>8} rows")
    return 0


def _data_folder(named: Path | None) -> Path:
    """The directory that holds `curated/`; raises CompileError where there is none."""
    data = named or Path(__file__).resolve().parents[3] / "data"
    if not (data / "curated").is_dir():
        raise CompileError(f"there are no curated facts in {data}; run from a checkout or name them with --data.")
    return data


def _list_files(options: argparse.Namespace) -> int:
    """Print every file on the cards, its checksum, and where it can be had."""
    from exeunt.core.export import emit
    from exeunt.etl.raw import raw_files

    short = options.format == "table"
    rows = [
        {"source": f.source, "file": f.name, "read_by_refresh": f.read, "download": f.address is not None,
         "sha256": f"{f.sha256[:12]}…" if short else f.sha256, **({} if short else {"address": f.address}), "page": f.page}
        for f in raw_files()
    ]  # fmt: skip
    emit(rows, options.format, options.out)
    return 0


def _download(options: argparse.Namespace) -> int:
    """Fetch what can be fetched of the sources that a refresh reads, and name what has to be provided."""
    from exeunt.core.progress import Progress
    from exeunt.etl.raw import READ, fetch, is_there, raw_files

    progress = Progress(options.quiet)
    used = {key for key, _ in READ}
    files = sorted((f for f in raw_files() if f.source in used), key=lambda f: not f.read)
    try:
        for f in files:
            if f.address is not None:
                fresh = fetch(f.address, options.sources / f.source / f.name, f.sha256, f.bytes, progress.say)
                print(f"{f.source}/{f.name}: {'fetched' if fresh else 'was there'}")
    except KeyboardInterrupt:
        print("\nexeunt: interrupted; what came is kept, and the same command goes on from there.", file=sys.stderr)
        return INTERRUPTED
    wanted = [f for f in files if f.read and not is_there(options.sources / f.source / f.name, f.sha256)]
    for f in wanted:
        made = f"; made from {', '.join(f.origins[:2])}{' and others' if f.origins[2:] else ''}" if f.origins else ""
        print(f"{f.source}/{f.name}: provide it yourself; published at {f.page}{made}")
    if not wanted:
        print(
            f"everything is there; `exeunt refresh --sources {options.sources}` makes the staged tables and the record anew"
        )
    return 0


def _accept(options: argparse.Namespace) -> int:
    """Put the changed files of a source on its card, after telling what changed."""
    from exeunt.etl.raw import READ, fault_of
    from exeunt.etl.raw import accept as put_on_card

    for key, name in READ:
        if key == options.accept and (told := fault_of(options.sources, key, name)):
            print("\n".join(told.splitlines()[:-1]) or told)
    changed = put_on_card(options.sources, options.accept)
    if not changed:
        print(f"{options.accept}: nothing has changed")
        return 0
    print(
        f"{options.accept}: {', '.join(changed)} on its card now; put its version and origin there by hand, then refresh."
    )
    return 0


def check_curated(data: Path) -> int:
    """Check curated facts and corrections alone, without raw sources; 1 where a rule is broken."""
    from exeunt.etl.coded import read_corrections
    from exeunt.etl.csv_reader import read_folder
    from exeunt.etl.stage import check_licences

    data = _data_folder(data)
    sheets, problems = read_folder(data / "curated")
    corrections = sorted((data / "corrections").glob("*.toml"))
    for path in (data / "licences.toml", *corrections):
        try:
            if path in corrections:
                read_corrections(path)
            else:
                check_licences(path)
        except CompileError as error:
            problems.append(str(error))
    for problem in problems:
        print(problem)
    if not problems:
        rows = ", ".join(f"{sheet.frame.height} {name}" for name, sheet in sheets.items())
        print(f"curated facts in {data}: {rows}; no rule broken.")
    return 1 if problems else 0


def _arguments(to: Arguments) -> None:
    to.add_argument(
        "--sources",
        type=Path,
        metavar="DIR",
        help="raw sources, one folder per source: rebuild the staged tables first",
    )
    to.add_argument(
        "--data", type=Path, metavar="DIR", help="curated facts and staged tables (default: data/ of this checkout)"
    )
    to.add_argument("--target", type=Path, metavar="DIR", help="where to write (default: the embedded record)")
    instead = to.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="list the raw files, their checksums and where they are")
    instead.add_argument(
        "--download", action="store_true", help="fetch into --sources what is published as it is read, name the rest"
    )
    instead.add_argument("--accept", metavar="SOURCE", help="put a source's changed files in --sources on its card")
    add_format(to)


COMMANDS = (
    Command("refresh", "rebuild the record from curated facts and staged tables", _refresh, _arguments),
)  # fmt: skip
