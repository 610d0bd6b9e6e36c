"""The tables of a report as data for their CSV copies, its arguments, its addresses, and how to cite it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup

from exeunt.consequence.revenue import Paid
from exeunt.i18n import LANGS, render
from exeunt.i18n.messages import said, written
from exeunt.report.data import _Argued, _ReportData
from exeunt.report.figures import factors, intervals
from exeunt.report.figures.argument_map import _map_svg
from exeunt.report.figures.timeline import _timeline_records

GENERAL: Final = "literature-on-exit"
"""The argument that is about leaving as such; it is told whole on every page."""
STEPS: Final = ("announced", "notified", "effective")


def _csv_link(records: Iterable[dict[str, Any]]) -> str:
    """Put a table into a `data:` address; text that a spreadsheet would run as a formula is disarmed."""
    rows = list(records)
    out = io.StringIO()
    heads = list(dict.fromkeys(name for row in rows for name in row)) or ["empty"]
    writer = csv.DictWriter(out, heads, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: _disarm(v) for k, v in row.items()})
    return "data:text/csv;charset=utf-8,%EF%BB%BF" + quote(out.getvalue(), safe="")


def _disarm(value: Any) -> Any:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _addresses(data: _ReportData) -> list[str]:
    """Every address that the report cites, in the order of first use."""
    found = dict.fromkeys(data.case_sources)
    for body in data.bodies:
        found.update(dict.fromkeys(body.sources))
    for act in data.acts:
        found.update(dict.fromkeys(act.sources))
    return list(found)


def _tables(data: _ReportData) -> dict[str, list[dict[str, Any]]]:
    """Give the tables of the page as data, for their CSV copies."""
    why, then = data.why, data.next
    fields = (
        "number",
        "key",
        "name_en",
        "name_zh",
        "listed",
        "kind",
        "what",
        "status",
        "since",
        "until",
    )
    return {
        "bodies": [
            {
                f: getattr(b, f)
                for f in (*fields, "contested", *STEPS, "state", "outcome", "back", "taken_back", "confidence")
            }
            | {"rule": render(b.rule, "en"), "sources": " ".join(b.sources)}
            for b in data.bodies
        ],
        "factors": factors._factors_records(data),
        "hazards": [
            {
                "body": h.key,
                "year": h.year,
                "hazard_per_year": h.hazard_per_year,
                "low": h.hazard_low,
                "high": h.hazard_high,
                "typical_hazard_per_year": h.typical_hazard_per_year,
                "oldest_covariate_years": h.oldest_covariate_years,
            }
            for h in why.covered
        ],
        "coefficients": [
            {
                "term": t.term,
                "explanation": t.explanation,
                "estimate": t.estimate,
                "low": t.low,
                "high": t.high,
            }
            for t in why.terms
        ],
        "effects": [{"effect": name, "standard_deviation": sd} for name, sd in why.standard_deviations],
        "calibration": [
            {"check": name, "observed": seen, "predicted_low": low, "predicted_high": high}
            for name, seen, low, high in why.calibration
        ],
        "dropped": [{"reason": render(reason, "en"), "rows": rows} for reason, rows in why.rows_dropped],
        "not_covered": [{"body": key, "reason": reason} for key, reason in why.not_covered],
        "exits": factors._fan_records(data),
        "joins": [
            {"year": b.year, "observed": b.observed, "median": b.median, "low": b.low, "high": b.high}
            for b in then.joins
        ],
        "what": factors._what_records(data),
        "acts": _timeline_records(data),
        "clocks": [{**vars(c), "also_ends": " ".join(c.also_ends), "says": said(c.says, "en")} for c in data.clocks],
        "compared": intervals._compared_records(data),
        **_of_arguments(data),
        "futures": intervals._futures_records(data),
        **_of_ledgers(data),
        "placebos": intervals._loop_records(data),
        "channels": [dict(row) for row in data.fed_back.channels] if data.fed_back else [],
        "bounds": [_flat(row) for row in data.fed_back.outcomes] if data.fed_back else [],
        "figures": [written(row, "en") for row in data.follows.figures] if data.follows else [],
        **{
            name: [dict(row) for row in getattr(data.follows, name)] if data.follows else []
            for name in ("gaps", "owed", "payers", "rates", "areas", "standing", "ends")
        },
        "verdicts": [
            {"explanation": name, "term": term, "verdict": said(verdict, "en")}
            for name, term, verdict in (data.compared.verdicts if data.compared else ())
        ],
        "sources": [vars(source) for source in data.sources],
    }


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Nested triples of a row as columns of their own."""
    out: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            out.update({f"{key}_{part}": inner for part, inner in value.items()})
        else:
            out[key] = value
    return out


def _bibtex(data: _ReportData) -> str:
    """Give entries for the software with this record, and for each source."""

    def entry(kind: str, key: str, fields: dict[str, str]) -> str:
        clean = {k: " ".join(v.replace("{", "(").replace("}", ")").split()) for k, v in fields.items() if v}
        return f"@{kind}{{{key},\n" + "".join(f"  {k} = {{{v}}},\n" for k, v in clean.items()) + "}"

    software = {
        "title": "exeunt: why states leave international bodies, and what happens next",
        "author": "{The exeunt contributors}",
        "year": data.closing_day[:4],
        "version": data.code_version,
        "note": f"Record {data.record_version}; case {data.case}, as of {data.as_of}; seed {data.seed}",
    }
    entries = [entry("software", "exeunt", software)]
    for source in data.sources:
        fields = {
            "title": source.title,
            "author": source.producer,
            "version": source.version,
            "note": source.citation,
            "url": source.url,
        }
        entries.append(entry("misc", source.key, fields))
    return "\n\n".join(entries)


def _argument(one: _Argued) -> str:
    """Name by which `exeunt argue` knows an argument."""
    return str(one.answers["en"]["argument"])


def verdicts(arguments: tuple[_Argued, ...], lang: str) -> list[dict[str, Any]]:
    """One row an argument: its title, how many claims hold and how many do not, its links, and the command that prints it."""
    rows = []
    for one in arguments:
        answer = one.answers.get(lang) or one.answers[LANGS[0]]
        claims, links = answer["tally"]["claims"], answer["tally"]["links"]
        rows.append(
            {"argument": _argument(one), "title": answer["title"], "claims": sum(claims.values()), "hold": claims["supported"],
             "in_part": claims["partly"] + claims["mixed"], "do_not": claims["contradicted"] + claims["not_supported"],
             "silent": claims["not_found"], "no_verdict": claims["untestable"] + claims["out_of_scope"],
             "links": sum(links.values()), "links_borne_out": links["supported"], "command": f"exeunt argue {_argument(one)}"}
        )  # fmt: skip
    return rows


def _arguments_shown(data: _ReportData, lang: str) -> list[dict[str, Any]]:
    """The arguments that a page tells whole, the one about the case first: name, answer, labels, map, and where it is from."""
    lead = [data.argued] if data.argued else []
    rest = [a for a in data.arguments if a not in lead and (lead or _argument(a) == GENERAL)]
    found = []
    for one in (*lead, *rest):
        answer, labels = (by.get(lang) or by[LANGS[0]] for by in (one.answers, one.labels))
        drawn = _map_svg(answer, lang, labels, f"argument-map-{_argument(one)}")
        found.append(
            {"name": _argument(one), "lead": one == data.argued, "answer": answer, "labels": labels,
             "map": Markup(drawn), "fingerprint": one.fingerprint, "command": one.command,
             "copies": {part: _table(part, one, data) for part in ("claims", "links")}}
        )  # fmt: skip
    return found


def _table(part: str, one: _Argued, data: _ReportData) -> str:
    """Name of the CSV copy of the claims or links of an argument."""
    return part if one == data.argued else f"{part}_{_argument(one).replace('-', '_')}"


def _of_arguments(data: _ReportData) -> dict[str, list[dict[str, Any]]]:
    """Rows of the CSV copies, in English."""
    out = {"arguments": verdicts(data.arguments, "en")}
    lead = [data.argued] if data.argued else []
    for one in (*lead, *(a for a in data.arguments if a not in lead)):
        answer = one.answers["en"]
        out[_table("claims", one, data)] = [{**c, "sources": " ".join(c["sources"])} for c in answer["claims"]]
        out[_table("links", one, data)] = [
            {k: v for k, v in link.items() if k != "readings"} for link in answer["links"]
        ]
    return out


def _of_ledgers(data: _ReportData) -> dict[str, list[dict[str, Any]]]:
    """Rows of the CSV copies."""
    found = data.paid or Paid()
    flat = {
        "paid_years": found.years,
        "paid_latest": found.latest,
        "paid_scale": found.scale,
        "paid_others": found.others,
    }
    return {
        name: [{k: " ".join(v) if k == "sources" else v for k, v in row.items()} for row in rows]
        for name, rows in flat.items()
    }
