"""All terms by name: choosing a set, refusing what knows the future, and the codebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from exeunt.errors import UnknownNameError, UsageError
from exeunt.panel.rivals import RIVAL_TERMS
from exeunt.panel.terms import EXIT_TERMS, JOIN_TERMS, TENURE, Term
from exeunt.record.cards import licence_class

TERMS: Final[dict[str, Term]] = {t.name: t for t in (*EXIT_TERMS, *JOIN_TERMS, *RIVAL_TERMS)}
"""Every term by its name."""
BASE: Final = frozenset(t.name for t in (*EXIT_TERMS, *JOIN_TERMS))
PRODUCTS: Final[dict[str, tuple[str, str, int]]] = {t.name: t.product for t in TERMS.values() if t.product}
"""Name of a product → its two terms and its sign."""


def parts_of(name: str) -> tuple[str, str, int] | None:
    """The two terms and the sign of a product, or None; `a:b` is the product of any two."""
    if name in PRODUCTS:
        return PRODUCTS[name]
    one, colon, two = name.partition(":")
    return (one, two, 1) if colon else None


def term_named(name: str) -> Term:
    """One term by name, or the product that `a:b` stands for.

    Raises
    ------
    UnknownNameError, with the closest names.
    """
    if name in TERMS:
        return TERMS[name]
    product = parts_of(name)
    if product is None:
        raise UnknownNameError("term", name, TERMS)
    one, two = (term_named(part) for part in product[:2])
    return Term(
        name, f"product of {one.name} and {two.name}, each standardised", "standard deviations squared",
        f"{one.span}; {two.span}", tuple(dict.fromkeys((*one.sources, *two.sources))), "own", one.compute, (), product,
        one.lead or two.lead,
    )  # fmt: skip


def choose(names: Sequence[str], kind: str = "exit", forecasting: bool = False) -> tuple[Term, ...]:
    """Terms by name, in the order given.

    Parameters
    ----------
    kind : exit or join; a state outside has no tenure
    forecasting : whether something will be predicted with them; a lead is then refused

    Raises
    ------
    UnknownNameError, with the closest names; UsageError, for a name twice, a product without its parts before it, a
    tenure in a join panel, or a lead where something is predicted.
    """
    chosen = tuple(term_named(name) for name in names)
    for position, name in enumerate(names):
        if name in names[:position]:
            raise UsageError(f"the term {name} is named twice; name it once.")
        missing = [part for part in (parts_of(name) or ())[:2] if part not in names[:position]]
        if missing:
            raise UsageError(f"{name} is a product; name {' and '.join(missing)} before it.")
    if not names:
        raise UsageError("no term is named; name at least one.")
    if kind == "join" and TENURE in names:
        raise UsageError(f"{TENURE} is of members; a join panel has none.")
    leads = [term.name for term in chosen if term.lead]
    if forecasting and leads:
        raise UsageError(
            f"{', '.join(leads)} knows what comes later, so nothing may be predicted with it; leave it out."
        )
    return chosen


def codebook(kind: str) -> pl.DataFrame:
    """One row a term: meaning, unit, lag, span, sources, licence class, explanation.

    Parameters
    ----------
    kind : exit (the ten base terms), join, or terms (all that an exit panel takes)
    """
    chosen = {"exit": EXIT_TERMS, "join": JOIN_TERMS, "terms": (*EXIT_TERMS, *RIVAL_TERMS)}[kind]
    lag = "1 year" if kind == "join" else "1 year and the clause's notice"
    return pl.DataFrame(
        [
            {
                "term": term.name,
                "meaning": term.meaning,
                "unit": term.unit,
                "lag": "none (structure)" if term.name == TENURE else "a lead" if term.lead else lag,
                "span": term.span,
                "sources": " ".join(term.sources),
                "licence_class": licence_class(term.sources),
                "explanation": term.explanation,
            }
            for term in chosen
        ]
    )
