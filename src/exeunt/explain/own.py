"""A user's own account: by class, by formula or from a TOML file, ten lines at most."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from exeunt.errors import UnknownNameError, UsageError
from exeunt.explain.explanations import COMMON, RIVALS, Explanation
from exeunt.panel.registry import TERMS

SHORT: Final = {"decline10": "capability_change10", "contagion": "exits_from_body3", "momentum": "own_exits3"}
"""Short names that a formula may use for terms."""
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
KEYS: Final = ("name", "claim", "formula", "terms", "signs", "references", "covers")


def terms_of(formula: str) -> tuple[str, ...]:
    """Terms of a formula: names joined by `+`; `a * b` stands for a, b and their product, `a : b` for the product alone.

    Raises
    ------
    UsageError or UnknownNameError, saying what was found and what was expected.
    """
    found: list[str] = []

    def add(name: str) -> None:
        if name not in found:
            found.append(name)

    for part in formula.split("+"):
        pieces = [piece.strip() for piece in re.split(r"[*:]", part)]
        known = [_term(piece, formula) for piece in pieces]
        if len(pieces) > 2 or ("*" in part and ":" in part):
            raise UsageError(f"{part.strip()!r} in the formula joins more than two terms; write pairs, such as a * b.")
        if len(pieces) == 1 or "*" in part:
            for name in known:
                add(name)
        if len(pieces) == 2:
            for name in known:
                add(name)  # a product is formed from its standardised parts, which must be there
            add(":".join(known))
    shared = sorted(set(found) & set(COMMON))
    if shared:
        raise UsageError(f"{', '.join(shared)} is in the common structure already; leave it out of the formula.")
    return tuple(found)


def _term(text: str, formula: str) -> str:
    if not NAME.fullmatch(text):
        raise UsageError(f"{text!r} in the formula {formula!r} is no term; write names joined by +, *, or :.")
    name = SHORT.get(text, text)
    if name not in TERMS:
        raise UnknownNameError("term", text, [*TERMS, *SHORT])
    return name


def from_formula(
    name: str, formula: str, claim: str | None = None, signs: Mapping[str, int] | None = None,
    references: Collection[str] = (), covers: str = Explanation.covers,
) -> type[Explanation]:  # fmt: skip
    """Make an account from a formula, such as `distance * authority + decline10`.

    Raises
    ------
    UsageError, for a name that is taken, a formula that cannot be read, or a sign of a term that is not in it.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for an explanation; use letters, digits and _, a letter first.")
    if name in {rival.name for rival in RIVALS} | {"common"}:
        raise UsageError(f"an explanation named {name} exists already; choose another name.")
    terms = terms_of(formula)
    expected = {SHORT.get(k, k): v for k, v in (signs or {}).items()}
    for term, sign in expected.items():
        if term not in terms or sign not in (1, -1):
            raise UsageError(
                f"signs of {name}: {term} = {sign!r}; give 1 or -1 for a term of the formula ({', '.join(terms)})."
            )
    return type(
        name, (Explanation,),
        {"__doc__": claim or formula, "name": name, "claim": claim or f"Leaving goes with {formula}.", "terms": terms,
         "signs": expected, "references": tuple(references) or ("not stated",), "covers": covers},
    )  # fmt: skip


def from_toml(path: Path) -> type[Explanation]:
    """Read an account from a TOML file: name, claim, formula (or terms), signs, references.

    Raises
    ------
    UsageError, if the file cannot be read, or a key is missing or strange.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"the explanation {path} cannot be read ({error.strerror}); name a TOML file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} is no TOML file: {error}.") from None
    strange = sorted(set(raw) - set(KEYS))
    if strange:
        raise UnknownNameError(f"key of {path.name}", strange[0], KEYS)
    if "name" not in raw or ("formula" in raw) == ("terms" in raw):
        raise UsageError(f"{path.name} needs `name`, and either `formula` or `terms`.")
    for key in ("terms", "references"):
        if key in raw and not (isinstance(raw[key], list) and all(isinstance(x, str) for x in raw[key])):
            raise UsageError(f"{path.name}, key {key}: expected a list of texts, found {raw[key]!r}.")
    if not isinstance(raw.get("signs", {}), dict):
        raise UsageError(f"{path.name}, key signs: expected a table such as [signs] with distance = 1.")
    formula = raw["formula"] if "formula" in raw else " + ".join(raw["terms"])
    return from_formula(
        str(raw["name"]), str(formula), raw.get("claim"), raw.get("signs"), raw.get("references", ()),
        raw.get("covers", Explanation.covers),
    )  # fmt: skip
