"""The command that puts an argument to the test."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from exeunt.cli.command import Arguments, Command, add_format

EXPECTED_SECONDS = 10


def _argue(options: argparse.Namespace) -> int:
    """Print verdicts, list the shipped arguments, print the facts of a file, draw the map, or write a file to start from."""
    from exeunt.argument.argument import read
    from exeunt.core.errors import UsageError
    from exeunt.core.export import emit

    if options.new is not None:
        return _new(options)
    if options.list:
        return _list(options)
    if options.name is None:
        raise UsageError("no argument is named; name one, or see `exeunt argue --list`.")
    argument = read(options.name)
    if options.facts:
        emit([_fact(one, options.lang) for one in argument.facts.values()], options.format, options.out)
        return 0
    return _judged(argument, options)


def _judged(argument: Any, options: argparse.Namespace) -> int:
    from exeunt.argument.verdict import judge
    from exeunt.argument.verdict_text import as_dict
    from exeunt.cli.command import names_of
    from exeunt.core.errors import UsageError
    from exeunt.core.export import emit
    from exeunt.core.files import require_writable, write_bytes
    from exeunt.core.progress import Progress
    from exeunt.record.opened import open_record

    if options.map is not None:
        require_writable(options.map)
    progress = Progress(options.quiet)
    with progress.step(f"{argument.name}: claims and links", EXPECTED_SECONDS):
        record = open_record()
        answer = judge(record, argument, progress)
    found = as_dict(answer, options.lang, names_of(record))
    if options.map is not None:
        from exeunt.argument.verdict_text import label
        from exeunt.report.figures.argument_map import standalone_map

        if not answer.links:
            raise UsageError(f"{argument.name} draws no links, so there is no map of it; add [[link]] to the file.")
        labels = {name: label(answer, name, options.lang) for name in argument.variables}
        write_bytes(options.map, standalone_map(found, options.lang, labels).encode())
        print(options.map)
        return 0
    if options.format == "json":
        emit([found], "json", options.out, single=True)
    elif options.format == "table":
        text = _text(found, options.lang)
        if options.out is None:
            print(text, end="")
        else:
            write_bytes(options.out, text.encode())
            print(options.out)
    else:
        emit(_flat(found), options.format, options.out)
    return 0


def _new(options: argparse.Namespace) -> int:
    from exeunt.argument.argument import scaffold
    from exeunt.core.errors import UsageError
    from exeunt.core.files import write_bytes

    path = options.out or Path(f"{options.new}.toml")
    text = scaffold(options.new)
    if path.exists():
        raise UsageError(f"{path} is there already; name another, or another place with --out.")
    write_bytes(path, text.encode())
    print(path)
    return 0


def _list(options: argparse.Namespace) -> int:
    from exeunt.argument.argument import read, shipped
    from exeunt.core.export import emit

    rows = []
    for name in shipped():
        one = read(name)
        title = (one.title_zh if options.lang == "zh-Hant" else None) or one.title
        rows.append(
            {
                "argument": name,
                "title": title,
                "claims": len(one.claims),
                "links": len(one.links),
                "address": one.origin["address"],
            }
        )
    emit(rows, options.format, options.out)
    return 0


def _fact(one: Any, lang: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "says": (one.says_zh if lang == "zh-Hant" else None) or one.says,
        "date": one.date,
        "number": one.number,
        "unit": (one.unit_zh if lang == "zh-Hant" else None) or one.unit,
        "word": one.word,
        "sources": list(one.sources),
    }


def _flat(found: dict[str, Any]) -> list[dict[str, Any]]:
    """One row a claim, then one a link, with the same columns."""
    rows = [
        {
            "argument": found["argument"],
            "row": "claim",
            "id": c["id"],
            "kind": c["kind"],
            "claim": c["claim"],
            "verdict": c["verdict"],
            "figure": c["figure"],
            "estimate": None,
            "low": None,
            "high": None,
            "outcome": None,
            "sources": c["sources"],
            "command": c["command"],
        }
        for c in found["claims"]
    ]
    for link in found["links"]:
        rows.append(
            {
                "argument": found["argument"],
                "row": "link",
                "id": f"{link['source']} → {link['target']}",
                "kind": "link",
                "claim": f"{link['source']} → {link['target']} {link['sign']}",
                "verdict": link["verdict"],
                "figure": link["figure"],
                **{key: link[key] for key in ("estimate", "low", "high", "outcome", "sources", "command")},
            }
        )
    return rows


def _text(found: dict[str, Any], lang: str) -> str:
    """The answer as it is read in a shell: every claim with its finding below it, links, tally, summary."""
    from exeunt.i18n import word

    lines = [found["title"], *[str(v) for v in (found["text"]["address"],) if v], ""]
    if found["claims"]:
        lines += [word("argue.claims", lang), ""]
    for c in found["claims"]:
        lines.append(
            f"{c['id']}  [{word('verdict.' + c['verdict'], lang)}]  {c['claim']} ({word('claimkind.' + c['kind'], lang)})"
        )
        lines.append(f"    {c['figure']}")
        lines += [f"    $ {one}" for one in c["command"]]
    if found["links"]:
        lines += ["", word("argue.links", lang), ""]
    for link in found["links"]:
        lines.append(
            f"{link['source']} → {link['target']} {link['sign']}  [{word('verdict.' + link['verdict'], lang)}]"
        )
        lines.append(f"    {link['figure']}")
        lines += [f"    $ {one}" for one in link["command"]]
    lines += ["", word("argue.tally", lang), ""]
    for part in ("claims", "links"):
        told = [f"{word('verdict.' + name, lang)} {n}" for name, n in found["tally"][part].items() if n]
        if told:
            colon = "：" if lang == "zh-Hant" else ": "
            lines.append(f"{word('argue.' + part, lang)}{colon}{word('list.comma', lang).join(told)}")
    lines += ["", word("argue.summary", lang), "", *found["summary"]["says"]]
    return "\n".join(lines) + "\n"


def _arguments(to: Arguments) -> None:
    to.add_argument("name", nargs="?", metavar="NAME|FILE", help="a shipped argument, or a file ending in .toml")
    other = to.add_mutually_exclusive_group()
    other.add_argument("--list", action="store_true", help="list the shipped arguments")
    other.add_argument("--new", metavar="NAME", help="write NAME.toml to start from")
    other.add_argument("--facts", action="store_true", help="print the facts of the file with their sources")
    other.add_argument("--map", type=Path, metavar="FILE", help="draw the map of its links as an SVG file")
    add_format(to)


COMMANDS = (
    Command("argue", "put an argument to the test: a verdict on every claim and link, with its figure", _argue,
            _arguments),
)  # fmt: skip
