"""A judged argument as it is read: what was found of each claim and link, and what the whole may and may not claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from exeunt.argument.checks import _Part
from exeunt.argument.models import _Reading
from exeunt.argument.verdict import _ClaimVerdict, _Judged, _LinkVerdict, _side
from exeunt.i18n import Names, number, render, word
from exeunt.i18n.messages import said

MAY: Final = {
    "supported": "may_claim",
    "partly": "may_claim_in_part",
    "mixed": "disputed",
    "contradicted": "may_not_claim",
    "not_supported": "may_not_claim",
    "not_found": "open",
    "untestable": "not_a_matter_of_fact",
    "out_of_scope": "not_a_matter_of_fact",
}
"""Verdict → where it stands in the summary."""
WEAKEST: Final = ("contradicted", "not_supported", "not_found", "mixed", "partly", "supported")
"""Verdicts of links from the weakest to the strongest: a loop is as strong as its weakest link."""
MOST_LOOPS: Final = 12


def _found(judged: _ClaimVerdict | _LinkVerdict, lang: str, names: Names | None) -> str:
    """One sentence or a few on what was found."""
    return _of_claim(judged, lang, names) if isinstance(judged, _ClaimVerdict) else _of_link(judged, lang)


def _of_claim(judged: _ClaimVerdict, lang: str, names: Names | None) -> str:
    told = list(dict.fromkeys(_part(part, lang, names) for part in judged.parts))
    claim = judged.claim
    told += [word("argue.why.doubted", lang)] if any(part.doubted for part in judged.parts) else []
    if judged.verdict == "untestable":
        told.append(word(f"argue.why.{claim.kind}", lang))
    elif judged.verdict == "out_of_scope":
        told.append(word("argue.why.off_subject", lang, subject=_either(lang, claim.off_subject, claim.off_subject_zh)))
    elif judged.verdict == "not_found":
        floor = judged.parts and all(part.number is not None for part in judged.parts)
        told.append(word("argue.why.floor" if floor else "argue.why.not_found", lang))
        if claim.searched:
            told.append(word("argue.why.searched", lang, searched=_either(lang, claim.searched, claim.searched_zh)))
    elif judged.verdict == "not_supported":
        told.append(word("argue.why.undecided", lang))
    elif judged.verdict == "mixed":
        told.append(word("argue.why.mixed", lang))
    return word("sep", lang).join(told)


def _part(part: _Part, lang: str, names: Names | None) -> str:
    listed = word("list.comma", lang).join(render(one, lang, names) for one in part.items)
    return said(part.found, lang, names) + listed


def _either(lang: str, english: str | None, chinese: str | None) -> str:
    """Text of the file in a language; where it lacks that one, the other."""
    return (chinese if lang == "zh-Hant" else None) or english or ""


def _of_link(judged: _LinkVerdict, lang: str) -> str:
    deciding = [r for r in judged.readings if r.decides]
    if not deciding:
        return word("argue.link.none", lang)
    comma = word("list.comma", lang)
    for_it = [r for r in deciding if _side(r, judged.link.direction) > 0]
    against = [r for r in deciding if _side(r, judged.link.direction) < 0]
    nought = [r for r in deciding if _side(r, judged.link.direction) == 0]
    said = []
    for key, group in (("for", for_it), ("against", against), ("nought", nought)):
        if group:
            said.append(word(f"argue.link.{key}", lang, readings=comma.join(_reading(r, lang) for r in group)))
    doubted = dict.fromkeys(r.outcome for r in deciding if r.placebo == "fails")
    said[-1] += word(
        "argue.link.units", lang, units=comma.join(dict.fromkeys(word(f"unit.{r.unit}", lang) for r in deciding))
    )
    if any(test.get("falls") for test in judged.link.tests):
        said.append(word("argue.link.turned", lang))
    if doubted:
        said.append(word("argue.link.placebo", lang, outcomes=comma.join(doubted)))
    return word("sep", lang).join(said)


def _reading(r: _Reading, lang: str) -> str:
    return f"{r.outcome} {r.term} {_interval(r, lang)}"


def _interval(r: _Reading, lang: str) -> str:
    """Estimate and 95 % interval, with signs."""
    if r.estimate is None or r.low is None or r.high is None:
        return word("argue.no_number", lang)
    digits = 2 if max(abs(r.low), abs(r.high)) >= 0.1 else 3
    plus = "" if r.null_value else "+"
    low, middle, high = (
        (plus if v > 0 else "") + number(v, lang, digits)
        for v in (x + r.null_value for x in (r.low, r.estimate, r.high))
    )
    return word("argue.interval", lang, middle=middle, low=low, high=high)


# --- the whole -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Loop:
    """A closed chain of links; reinforcing where the product of its signs is positive."""

    variables: tuple[str, ...]
    links: tuple[_LinkVerdict, ...]

    @property
    def reinforcing(self) -> bool:
        """Whether what goes round comes back with its own sign."""
        product = 1
        for link in self.links:
            product *= link.link.direction
        return product > 0

    @property
    def verdict(self) -> str:
        """The verdict of its weakest link."""
        return min((link.verdict for link in self.links), key=WEAKEST.index)


def _loops(answer: _Judged) -> list[_Loop]:
    """Every closed chain of links without a variable twice, shortest first; at most `MOST_LOOPS`."""
    out: dict[str, list[_LinkVerdict]] = {}
    for link in answer.links:
        out.setdefault(link.link.source, []).append(link)
    names = list(answer.argument.variables)
    found: list[_Loop] = []

    def walk(start: int, chain: tuple[_LinkVerdict, ...], at: str) -> None:
        for link in out.get(at, []):
            target = link.link.target
            if target == names[start]:
                found.append(_Loop((*(one.link.source for one in chain), at), (*chain, link)))
            elif names.index(target) > start and target not in {one.link.source for one in chain} | {at}:
                walk(start, (*chain, link), target)

    for start, name in enumerate(names):
        walk(start, (), name)
    return sorted(found, key=lambda loop: len(loop.links))[:MOST_LOOPS]


def _sorted_out(answer: _Judged) -> dict[str, dict[str, list[str]]]:
    """Place in the summary → the ids of claims and the names of links that stand there."""
    places: dict[str, dict[str, list[str]]] = {
        place: {"claims": [], "links": []} for place in dict.fromkeys(MAY.values())
    }
    for claim in answer.claims:
        places[MAY[claim.verdict]]["claims"].append(claim.claim.id)
    for link in answer.links:
        places[MAY[link.verdict]]["links"].append(_named(link))
    return places


def _named(link: _LinkVerdict) -> str:
    """A link by its ends and sign, as in `decline → exit +`."""
    return f"{link.link.source} → {link.link.target} {'+' if link.link.direction > 0 else '−'}"


def _sentences(answer: _Judged, lang: str) -> list[str]:
    """What may and may not be claimed, a sentence each."""
    comma = word("list.comma", lang)
    said = []
    checked = [c for c in answer.claims if c.verdict not in ("untestable", "out_of_scope")]
    if answer.claims:
        tally = answer.tally["claims"]
        said.append(
            word(
                "argue.sum.claims",
                lang,
                total=len(answer.claims),
                checked=len(checked),
                borne=tally["supported"],
                part=tally["partly"] + tally["mixed"],
                against=tally["contradicted"] + tally["not_supported"],
                open=tally["not_found"],
                no=tally["untestable"],
                off=tally["out_of_scope"],
            )
        )
    for place, what in _sorted_out(answer).items():
        if what["links"]:
            said.append(
                word(f"argue.sum.{place}", lang, links=comma.join(map(str, _labels(answer, what["links"], lang))))
            )
    for loop in _loops(answer):
        chain = " → ".join([label(answer, name, lang) for name in (*loop.variables, loop.variables[0])])
        sort = word("argue.loop.reinforcing" if loop.reinforcing else "argue.loop.balancing", lang)
        key = "argue.loop.may" if loop.verdict == "supported" else "argue.loop.may_not"
        weak = [link for link in loop.links if link.verdict == loop.verdict]
        said.append(
            word(
                key,
                lang,
                chain=chain,
                sort=sort,
                count=len(loop.links),
                links=comma.join(_labels(answer, _map_names(weak), lang)),
                verdict=word(f"verdict.{loop.verdict}", lang),
            )
        )
    said.append(word("argue.sum.cause", lang))
    return said


def _map_names(links: Sequence[_LinkVerdict]) -> list[str]:
    """Names of links."""
    return [_named(link) for link in links]


def label(answer: _Judged, name: str, lang: str) -> str:
    """A variable as the reader reads it."""
    variable = answer.argument.variables[name]
    return (variable.label_zh if lang == "zh-Hant" else None) or variable.label


def _labels(answer: _Judged, names: list[str], lang: str) -> list[str]:
    by_name = {_named(link): link for link in answer.links}
    return [
        f"{label(answer, by_name[n].link.source, lang)} → {label(answer, by_name[n].link.target, lang)} {n[-1]}"
        for n in names
    ]


def _numbers(one: _Reading | None) -> dict[str, float | None]:
    """Estimate and interval as the command prints them, and the value that means no effect."""
    estimate, low, high = one.own() if one else (None, None, None)
    return {"estimate": estimate, "low": low, "high": high, "null_value": one.null_value if one else None}


def as_dict(answer: _Judged, lang: str = "en", names: Names | None = None) -> dict[str, Any]:
    """Plain values; keys as in the reference, and after them what else is known of each row."""
    argument = answer.argument
    return {
        "argument": argument.name,
        "title": (argument.title_zh if lang == "zh-Hant" else None) or argument.title,
        "text": argument.origin,
        "claims": [
            {
                "id": c.claim.id,
                "kind": c.claim.kind,
                "claim": (c.claim.claim_zh if lang == "zh-Hant" else None) or c.claim.claim,
                "verdict": c.verdict,
                "figure": _found(c, lang, names),
                "sources": list(c.sources),
                "command": list(c.commands),
                "claimed": [str(figure) for figure in c.claim.figures],
                "published": c.claim.origin,
                "parts": [
                    {
                        "look": p.look,
                        "found": [one.as_dict() for one in (*p.found, *p.items)],
                        "holds": p.holds,
                        "disputed": p.disputed,
                        "number": p.number,
                        "low": p.low,
                        "high": p.high,
                        "outcome": p.outcome,
                        "command": list(p.commands),
                    }
                    for p in c.parts
                ],
            }
            for c in answer.claims
        ],
        "links": [
            {
                "source": link.link.source,
                "target": link.link.target,
                "sign": "+" if link.link.direction > 0 else "-",
                "verdict": link.verdict,
                **_numbers(main),
                "outcome": main.outcome if main else None,
                "unit": word(f"unit.{main.unit}", lang) if main else None,
                "figure": _found(link, lang, names),
                "sources": list(link.sources),
                "command": list(link.commands),
                "published": link.link.origin,
                "readings": [
                    {
                        "test": r.test,
                        "term": r.term,
                        "outcome": r.outcome,
                        **_numbers(r),
                        "unit": word(f"unit.{r.unit}", lang),
                        "events": r.events,
                        "status": r.status,
                        "placebo": r.placebo,
                        "decides": r.decides,
                        "command": r.command,
                    }
                    for r in link.readings
                ],
            }
            for link in answer.links
            for main in (link.main,)
        ],
        "tally": answer.tally,
        "summary": {
            **_sorted_out(answer),
            "loops": [
                {
                    "variables": list(loop.variables),
                    "links": _map_names(loop.links),
                    "sort": "reinforcing" if loop.reinforcing else "balancing",
                    "weakest": loop.verdict,
                }
                for loop in _loops(answer)
            ],
            "says": _sentences(answer, lang),
        },
    }
