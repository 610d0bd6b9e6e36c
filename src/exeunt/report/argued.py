"""The arguments put to the test, as the page shows them: the verdicts of each in one row, its map, and the CSV copies."""

from __future__ import annotations

from typing import Any, Final

from markupsafe import Markup

from exeunt.report.argument_map import map_svg
from exeunt.report.data import Argued, ReportData

GENERAL: Final = "literature-on-exit"
"""The argument that is about leaving as such; it is told whole on every page."""


def name_of(one: Argued) -> str:
    """Name by which `exeunt argue` knows an argument."""
    return str(one.answers["en"]["argument"])


def verdicts(arguments: tuple[Argued, ...], lang: str) -> list[dict[str, Any]]:
    """One row an argument: its title, how many claims hold and how many do not, its links, and the command that prints it."""
    rows = []
    for one in arguments:
        answer = one.answers[lang]
        claims, links = answer["tally"]["claims"], answer["tally"]["links"]
        rows.append(
            {"argument": name_of(one), "title": answer["title"], "claims": sum(claims.values()), "hold": claims["supported"],
             "in_part": claims["partly"] + claims["mixed"], "do_not": claims["contradicted"] + claims["not_supported"],
             "silent": claims["not_found"], "no_verdict": claims["untestable"] + claims["out_of_scope"],
             "links": sum(links.values()), "links_borne_out": links["supported"], "command": f"exeunt argue {name_of(one)}"}
        )  # fmt: skip
    return rows


def told(data: ReportData, lang: str) -> list[dict[str, Any]]:
    """The arguments that a page tells whole, the one about the case first: name, answer, labels, map, and where it is from."""
    lead = [data.argued] if data.argued else []
    rest = [a for a in data.arguments if a not in lead and (lead or name_of(a) == GENERAL)]
    found = []
    for one in (*lead, *rest):
        drawn = map_svg(one.answers[lang], lang, one.labels[lang], f"argument-map-{name_of(one)}")
        found.append(
            {"name": name_of(one), "lead": one == data.argued, "answer": one.answers[lang], "labels": one.labels[lang],
             "map": Markup(drawn), "fingerprint": one.fingerprint, "command": one.command,
             "copies": {part: table(part, one, data) for part in ("claims", "links")}}
        )  # fmt: skip
    return found


def table(part: str, one: Argued, data: ReportData) -> str:
    """Name of the CSV copy of the claims or links of an argument."""
    return part if one == data.argued else f"{part}_{name_of(one).replace('-', '_')}"


def tables(data: ReportData) -> dict[str, list[dict[str, Any]]]:
    """Rows of the CSV copies, in English."""
    out = {"arguments": verdicts(data.arguments, "en")}
    lead = [data.argued] if data.argued else []
    for one in (*lead, *(a for a in data.arguments if a not in lead)):
        answer = one.answers["en"]
        out[table("claims", one, data)] = [{**c, "sources": " ".join(c["sources"])} for c in answer["claims"]]
        out[table("links", one, data)] = [
            {k: v for k, v in link.items() if k != "readings"} for link in answer["links"]
        ]
    return out
