"""Find a state or a body by what people call it: either language, codes, aliases, with or without accents, with a typo."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import accumulate
from typing import Annotated, Final, Literal

from exeunt.answers import Answer, item
from exeunt.record.store import Record

_ALIASES: Final[dict[str, str]] = {
    "UK": "GBR", "Great Britain": "GBR", "Britain": "GBR", "England": "GBR", "US": "USA", "America": "USA",
    "United States of America": "USA", "Holland": "NLD", "Burma": "MMR", "USSR": "SUN", "GDR": "DDR",
    "DPRK": "PRK", "ROK": "KOR", "PRC": "CHN", "UAE": "ARE", "DRC": "COD", "Macedonia": "MKD", "Turkiye": "TUR",
    "蘇聯": "SUN", "東德": "DDR", "韓國": "KOR", "朝鮮": "PRK",
}  # fmt: skip
"""Other spellings by which a state is looked for. They are not names of the record and are never printed as such."""
EXACT, CODE, BEGINNING, WORD_BEGINNING, INSIDE = 100, 95, 80, 60, 40
VANISHED: Final = 5
"""Taken off where the state or body is no more, so that those of today come first."""
CLOSE_ENOUGH: Final = 0.55
SUGGESTED: Final = 6


_Key = tuple[Literal["state", "body"], str]


def _folded(text: str) -> str:
    """Text without case, accents and punctuation; the two usual forms of the first sign of 臺灣 become one."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    plain = plain.casefold().replace("臺", "台").replace("'", "").replace("\u2019", "")
    return " ".join(re.sub(r"[^\w]+", " ", plain.replace("_", " ")).split())


@dataclass(frozen=True, slots=True)
class _Term:
    """One way to write one state or body."""

    text: str
    written: str
    kind: Literal["state", "body"]
    key: str
    code: bool
    vanished: bool


class Found(Answer, frozen=True, kw_only=True):
    """A state or a body that is called so, or nearly so."""

    kind: Annotated[Literal["state", "body"], item("what was found")]
    key: Annotated[str, item("state code or body key")]
    name_en: Annotated[str, item("English name")]
    name_zh: Annotated[str | None, item("name in Traditional Chinese")]
    matched: Annotated[str, item("the spelling that fits")]
    score: Annotated[float, item("how well, at most 100")]
    fit: Annotated[Literal["found", "close"], item("called so, or spelt nearly so")]


class SearchIndex:
    """Every name of every state and body.

    Parameters
    ----------
    record : where the names are from
    """

    def __init__(self, record: Record) -> None:
        self.names: dict[tuple[str, str], tuple[str, str | None]] = {}
        self.vanished: dict[tuple[str, str], bool] = {}
        self.terms: list[_Term] = []
        for row in record.table("states").iter_rows(named=True):
            at: _Key = ("state", row["state"])
            self.names[at] = (row["name_en"], row["name_zh"])
            self.vanished[at] = row["valid_to"] is not None
            self._add(at, [row["state"], row["cow_abb"]], code=True)
            self._add(at, [row["name_en"], row["name_zh"], row["name_cow"]])
        for row in record.table("labels").iter_rows(named=True):
            self._add(("state", row["state"]), [row["name_en"], row["name_zh"]])
        for alias, state in _ALIASES.items():
            if ("state", state) in self.names:
                self._add(("state", state), [alias])
        for row in record.table("bodies").iter_rows(named=True):
            at = ("body", row["body"])
            self.names[at] = (row["name_en"], row["name_zh"])
            self.vanished[at] = row["ended"] is not None
            self._add(at, [row["body"], row["acronym"], row["cow_igo"]], code=True)
            self._add(at, [row["name_en"], row["name_zh"]])

    def _add(self, at: _Key, names: list[str | None], code: bool = False) -> None:
        for name in names:
            if name and _folded(name):
                self.terms.append(_Term(_folded(name), name, *at, code, self.vanished[at]))

    def find(self, asked: str, kind: str | None = None, limit: int = 20) -> list[Found]:
        """States and bodies that are called so, best first; none for a text of which nothing is left when folded.

        Parameters
        ----------
        kind : state, body, or None for both

        Returns
        -------
        of each state and body the spelling that fits best
        """
        wanted = _folded(asked)
        best: dict[tuple[str, str], tuple[float, _Term]] = {}
        if not wanted:
            return []
        for term in self._holding(wanted):
            if kind not in (None, term.kind):
                continue
            score = _score(wanted, term)
            if score and score > best.get((term.kind, term.key), (0, term))[0]:
                best[term.kind, term.key] = score, term
        ranked = sorted(best.values(), key=lambda found: (-found[0], len(found[1].text), found[1].key))
        return [self._found(term, score, "found") for score, term in ranked[:limit]]

    def _holding(self, wanted: str) -> Iterator[_Term]:
        """Terms that hold a folded text: found in all of them written one after the other, one a line."""
        at = self._written.find(wanted)
        while at >= 0:
            number = bisect_right(self._starts, at) - 1
            yield self.terms[number]
            at = self._written.find(wanted, self._starts[number] + len(self.terms[number].text))

    @cached_property
    def _written(self) -> str:
        return "\n".join(term.text for term in self.terms)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(term.text) + 1 for term in self.terms)][:-1]

    def close(self, asked: str, kind: str | None = None, limit: int = SUGGESTED) -> list[Found]:
        """What was perhaps meant where nothing is called so: the nearest spellings, as `find` gives them."""
        wanted = _folded(asked)
        if not wanted:
            return []
        pieces = _pieces(wanted)
        shared = Counter(number for piece in pieces for number in self._with_piece.get(piece, ()))
        near = []
        for number in sorted(shared):
            term = self.terms[number]
            alike = 2 * shared[number] / (len(pieces) + self._pieces_in[number])
            if alike > 0.2 and kind in (None, term.kind):
                near.append((alike, term))
        best: dict[tuple[str, str], tuple[float, _Term]] = {}
        for _, term in sorted(near, key=lambda found: (-found[0], found[1].text))[:60]:
            ratio = SequenceMatcher(None, wanted, term.text).ratio() - (0.02 if term.vanished else 0)
            if ratio >= CLOSE_ENOUGH and ratio > best.get((term.kind, term.key), (0.0, term))[0]:
                best[term.kind, term.key] = ratio, term
        ranked = sorted(best.values(), key=lambda found: (-found[0], found[1].text))
        return [self._found(term, round(100 * ratio), "close") for ratio, term in ranked[:limit]]

    @cached_property
    def _with_piece(self) -> dict[str, list[int]]:
        """Numbers of the terms in which two signs follow one another."""
        found: dict[str, list[int]] = {}
        for number, term in enumerate(self.terms):
            for piece in _pieces(term.text):
                found.setdefault(piece, []).append(number)
        return found

    @cached_property
    def _pieces_in(self) -> list[int]:
        return [len(_pieces(term.text)) for term in self.terms]

    def _found(self, term: _Term, score: float, fit: Literal["found", "close"]) -> Found:
        name_en, name_zh = self.names[term.kind, term.key]
        return Found(
            kind=term.kind, key=term.key, name_en=name_en, name_zh=name_zh, matched=term.written, score=score, fit=fit
        )


def _score(wanted: str, term: _Term) -> int:
    """How well a folded text fits a term, 0 for not at all."""
    text = term.text
    if wanted == text:
        score = EXACT
    elif term.code:
        score = CODE - 30 if text.startswith(wanted) and len(wanted) >= 3 else 0
    elif text.startswith(wanted):
        score = BEGINNING
    elif f" {wanted}" in f" {text}":
        score = WORD_BEGINNING
    elif wanted in text and (len(wanted) >= 3 or not wanted.isascii()):
        score = INSIDE
    else:
        score = 0
    return score - VANISHED if score and term.vanished else score


def _pieces(text: str) -> set[str]:
    padded = f" {text} "
    return {padded[i : i + 2] for i in range(len(padded) - 1)}
