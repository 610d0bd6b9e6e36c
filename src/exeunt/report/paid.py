"""What the ledgers hold of one state or one body, as the page shows it: the finding, names, and the rows of the CSV copies."""

from __future__ import annotations

from typing import Any, Final

from exeunt.consequence.revenue import Paid, paid_by, paid_to, revenue
from exeunt.record.cases import Case
from exeunt.record.store import Record
from exeunt.report.data import ReportData
from exeunt.words import dollars, percent, word

SHOWN: Final = 25
"""Rows of a table on the page; its CSV copy holds all."""
Called = tuple[tuple[str, str, str | None], ...]


def paid_of(record: Record, chosen: Case, labels: str = "common") -> tuple[Paid | None, Called]:
    """What the ledgers hold on the subject of a page of a state or a body, and the names in it; nothing for another case."""
    if chosen.kind not in ("state", "body"):
        return None, ()
    known = revenue(record)
    if chosen.kind == "state":
        found = paid_by(record, known, chosen.states[0])
    else:
        found = paid_to(record, known, chosen.case.removeprefix("body-"))
    keys = {row["key"] for row in found.latest} | {row["largest"] for row in found.years}
    keys |= {row[name] for row in found.others for name in ("body", "state")}
    keys |= {chosen.states[0] if chosen.kind == "state" else chosen.case.removeprefix("body-")}
    names = {**record.body_names(), **record.state_names(labels)}
    return found, tuple((key, *names[key]) for key in sorted(key for key in keys if key in names))


def subject(data: ReportData) -> str:
    """Key of the state or body that the page is about."""
    return data.state if data.kind == "state" else data.case.removeprefix("body-")


def name_of(data: ReportData, key: str, lang: str) -> dict[str, str]:
    """Name of a state or a body that the ledgers name."""
    for one, english, chinese in data.called:
        if one == key:
            said = chinese if lang == "zh-Hant" and chinese else english
            return {"text": said, "lang": lang if said != english else "en"}
    return {"text": key.replace("_", " "), "lang": "en"}


def rate(value: float, lang: str) -> str:
    """A rate in per cent with as many of three decimals as it has."""
    digits = next((d for d in range(3) if round(value, d) == value), 3)
    return percent(value / 100, lang, digits)


def title_of(data: ReportData, lang: str) -> str:
    """The finding."""
    name = name_of(data, subject(data), lang)["text"]
    found = data.paid
    if found is None or not found.known:
        return word("paid.title_none", lang, name=name)
    last = found.years[-1] if found.years else None
    if last is None or last["share"] is None:
        return word("paid.title_some", lang, name=name)
    money = last["assessed"] if last["dues"] else last["core"] + last["earmarked"]
    key = "title_state" if data.kind == "state" else "title_body" if last["dues"] else "title_gifts"
    return word(
        f"paid.{key}", lang, name=name, amount=dollars(money, lang), year=last["year"], share=percent(last["share"], lang, 1),
        largest=name_of(data, last["largest"], lang)["text"] if last["largest"] else "",
    )  # fmt: skip


def command(data: ReportData) -> str:
    """Command that prints every figure."""
    if data.kind == "body":
        return f"exeunt money {subject(data)}"
    keys = [row["key"] for row in data.paid.latest] if data.paid else []
    return f"exeunt money {keys[0] if keys else 'un'} --state {data.state}"


def tables(data: ReportData) -> dict[str, list[dict[str, Any]]]:
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
