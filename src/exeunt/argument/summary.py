"""What an argument as a whole may and may not claim: by claim, by link, and by the loops that its links close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from exeunt.argument.found import found_of
from exeunt.argument.models import Reading
from exeunt.argument.verdict import Answer, LinkVerdict
from exeunt.words import word

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


@dataclass(frozen=True)
class Loop:
    """A closed chain of links; reinforcing where the product of its signs is positive."""

    variables: tuple[str, ...]
    links: tuple[LinkVerdict, ...]

    @property
    def reinforcing(self) -> bool:
        """Whether what goes round comes back with its own sign."""
        product = 1
        for link in self.links:
            product *= link.link.sign
        return product > 0

    @property
    def verdict(self) -> str:
        """The verdict of its weakest link."""
        return min((link.verdict for link in self.links), key=WEAKEST.index)


def loops(answer: Answer) -> list[Loop]:
    """Every closed chain of links without a variable twice, shortest first; at most `MOST_LOOPS`."""
    out: dict[str, list[LinkVerdict]] = {}
    for link in answer.links:
        out.setdefault(link.link.source, []).append(link)
    names = list(answer.argument.variables)
    found: list[Loop] = []

    def walk(start: int, chain: tuple[LinkVerdict, ...], at: str) -> None:
        for link in out.get(at, []):
            target = link.link.target
            if target == names[start]:
                found.append(Loop((*(one.link.source for one in chain), at), (*chain, link)))
            elif names.index(target) > start and target not in {one.link.source for one in chain} | {at}:
                walk(start, (*chain, link), target)

    for number, name in enumerate(names):
        walk(number, (), name)
    return sorted(found, key=lambda loop: len(loop.links))[:MOST_LOOPS]


def sorted_out(answer: Answer) -> dict[str, dict[str, list[str]]]:
    """Place in the summary → the ids of claims and the names of links that stand there."""
    places: dict[str, dict[str, list[str]]] = {
        place: {"claims": [], "links": []} for place in dict.fromkeys(MAY.values())
    }
    for claim in answer.claims:
        places[MAY[claim.verdict]]["claims"].append(claim.claim.id)
    for link in answer.links:
        places[MAY[link.verdict]]["links"].append(named(link))
    return places


def named(link: LinkVerdict) -> str:
    """A link by its ends and sign, as in `decline → exit +`."""
    return f"{link.link.source} → {link.link.target} {'+' if link.link.sign > 0 else '−'}"


def sentences(answer: Answer, lang: str) -> list[str]:
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
    for place, what in sorted_out(answer).items():
        if what["links"]:
            said.append(
                word(f"argue.sum.{place}", lang, links=comma.join(map(str, _labels(answer, what["links"], lang))))
            )
    for loop in loops(answer):
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
                links=comma.join(_labels(answer, map_names(weak), lang)),
                verdict=word(f"verdict.{loop.verdict}", lang),
            )
        )
    said.append(word("argue.sum.cause", lang))
    return said


def map_names(links: Sequence[LinkVerdict]) -> list[str]:
    """Names of links."""
    return [named(link) for link in links]


def label(answer: Answer, name: str, lang: str) -> str:
    """A variable as the reader reads it."""
    variable = answer.argument.variables[name]
    return (variable.label_zh if lang == "zh-Hant" else None) or variable.label


def _labels(answer: Answer, names: list[str], lang: str) -> list[str]:
    by_name = {named(link): link for link in answer.links}
    return [
        f"{label(answer, by_name[n].link.source, lang)} → {label(answer, by_name[n].link.target, lang)} {n[-1]}"
        for n in names
    ]


def _numbers(one: Reading | None) -> dict[str, float | None]:
    """Estimate and interval as the command prints them, and the value that means no effect."""
    estimate, low, high = one.own() if one else (None, None, None)
    return {"estimate": estimate, "low": low, "high": high, "null_value": one.null_value if one else None}


def as_dict(answer: Answer, lang: str = "en") -> dict[str, Any]:
    """Plain values; keys as in `docs/design.md`, section 7, and after them what else is known of each row."""
    argument = answer.argument
    return {
        "argument": argument.name,
        "title": (argument.title_zh if lang == "zh-Hant" else None) or argument.title,
        "text": {
            "author": argument.origin.author,
            "outlet": argument.origin.outlet,
            "date": argument.origin.date,
            "address": argument.origin.address,
        },
        "claims": [
            {
                "id": c.claim.id,
                "kind": c.claim.kind,
                "claim": (c.claim.claim_zh if lang == "zh-Hant" else None) or c.claim.claim,
                "verdict": c.verdict,
                "figure": found_of(c, lang),
                "sources": list(c.sources),
                "command": list(c.commands),
                "claimed": list(c.claim.figures),
                "published": {
                    "author": c.claim.origin.author,
                    "outlet": c.claim.origin.outlet,
                    "date": c.claim.origin.date,
                    "address": c.claim.origin.address,
                },
                "parts": [
                    {
                        "look": p.look,
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
                "sign": "+" if link.link.sign > 0 else "-",
                "verdict": link.verdict,
                **_numbers(main),
                "outcome": main.outcome if main else None,
                "unit": word(f"unit.{main.unit}", lang) if main else None,
                "figure": found_of(link, lang),
                "sources": list(link.sources),
                "command": list(link.commands),
                "published": {
                    "author": link.link.origin.author,
                    "outlet": link.link.origin.outlet,
                    "date": link.link.origin.date,
                    "address": link.link.origin.address,
                },
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
            **sorted_out(answer),
            "loops": [
                {
                    "variables": list(loop.variables),
                    "links": map_names(loop.links),
                    "sort": "reinforcing" if loop.reinforcing else "balancing",
                    "weakest": loop.verdict,
                }
                for loop in loops(answer)
            ],
            "says": sentences(answer, lang),
        },
    }
