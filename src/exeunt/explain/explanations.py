"""Rival accounts of why members leave, each with one sentence that data could contradict.

A user's own account: by class, by formula or from a TOML file, ten lines at most.
"""

from __future__ import annotations

import abc
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.panel.registry import TERMS

BV2019: Final = "von Borzyskowski and Vabulas (2019), Review of International Organizations 14, 335-366"


class Explanation(abc.ABC):
    """One rival account.

    `terms` are names of panel terms; `signs` are the signs its claim expects of them; `references` are the works it is
    taken from; `covers` says what of the claim the embedded record can test, and what it cannot. A user's own account is a
    subclass, or comes from a formula or a TOML file (see `own.py`).
    """

    name: ClassVar[str]
    claim: ClassVar[str]
    terms: ClassVar[tuple[str, ...]]
    signs: ClassVar[dict[str, int]]
    references: ClassVar[tuple[str, ...]]
    covers: ClassVar[str] = "all members with the measures named"


class _Constraint(Explanation):
    """Leaving what binds."""

    name = "Constraint"
    claim = "States leave bodies that bind them away from what they want, the more so the stronger they are."
    terms = ("distance", "capability", "distance_x_capability")
    signs: ClassVar[dict[str, int]] = {"distance": 1, "distance_x_capability": 1}
    references = (BV2019,)
    covers = "distance of ideal points in the General Assembly; how far a body binds is measured for 76 bodies only"


class _Decline(Explanation):
    """Leaving on the way down."""

    name = "Decline"
    claim = "States leave as their relative capability and standing fall."
    terms = ("capability_change10", "gdp_share_change10", "standing_change5")
    signs: ClassVar[dict[str, int]] = {"capability_change10": -1, "gdp_share_change10": -1, "standing_change5": -1}
    references = (
        "Gilpin (1981), War and Change in World Politics",
        "Keohane (1984), After Hegemony, expects no such link",
    )


class Spiral(Explanation):
    """Decline makes binding bind harder, and leaving makes decline go on."""

    name = "Spiral"
    claim = "Decline strengthens the pull of constraint, and leaving lowers standing or capability: both are needed."
    terms = ("distance", "capability_change10", "distance_x_decline")
    signs: ClassVar[dict[str, int]] = {"distance_x_decline": 1}
    references = ("the first half here; the second half in the equations of standing and capability (`attributes.py`)",)
    covers = "the first half of the claim; the second half is tested by the equations of standing and capability"


class _Burden(Explanation):
    """Leaving what costs too much."""

    name = "Burden"
    claim = "States leave what costs them more than their weight."
    terms = ("scale_minus_gdp",)
    signs: ClassVar[dict[str, int]] = {"scale_minus_gdp": 1}
    references = ("Olson and Zeckhauser (1966), Review of Economics and Statistics 48, 266-279, on burdens by size",)
    covers = "bodies of the United Nations system that assess by the scale; elsewhere dues are not in the record"


class _Redundancy(Explanation):
    """Leaving what others do too."""

    name = "Redundancy"
    claim = "States leave bodies that duplicate others or have stopped working."
    terms = ("overlap",)
    signs: ClassVar[dict[str, int]] = {"overlap": 1}
    references = ("Gray (2018), International Studies Quarterly 62, 1-13, on bodies alive, dormant and dead",)
    covers = (
        "duplication by members in common; issue areas are known mostly for bodies that somebody left, so nothing rests on new "
        "rivals in an area, and whether a body still works is measured in sources that may not be shipped"
    )


class Diffusion(Explanation):
    """Leaving because others left."""

    name = "Diffusion"
    claim = "States leave because others left."
    terms = ("exits_from_body3", "own_exits3", "allies_exits3", "leading_state_exit3")
    signs: ClassVar[dict[str, int]] = {"exits_from_body3": 1, "allies_exits3": 1, "leading_state_exit3": 1}
    references = (BV2019,)


class _Domestic(Explanation):
    """Governments leave, not states."""

    name = "Domestic"
    claim = "Governments, not states, leave: change of leader, populism, democracy."
    terms = ("leader_change", "populist", "democracy", "democracy_change5")
    signs: ClassVar[dict[str, int]] = {"leader_change": 1, "populist": 1, "democracy": -1}
    references = (
        "Choi (2022), on nationalist leaders",
        "Copelovitch and Pevehouse (2019), Review of International Organizations 14, 169-186",
    )
    covers = "states whose executives are coded as populist or not; others fall out of the rows"


class _Substitution(Explanation):
    """Leaving for smaller circles."""

    name = "Substitution"
    claim = "States leave for smaller, closer clubs."
    terms = ("joins_closer3",)
    signs: ClassVar[dict[str, int]] = {"joins_closer3": 1}
    references = (
        "Helfer (2005), Virginia Law Review 91, 1579-1648",
        "Morse and Keohane (2014), Review of International Organizations 9, 385-412",
    )


class SequenceWithForce(Explanation):
    """First out, then force."""

    name = "SequenceWithForce"
    claim = "Exits cluster before uses of force rather than after."
    terms = ("force_lag3", "force_lead3")
    signs: ClassVar[dict[str, int]] = {"force_lead3": 1}
    references = ("the argument under test; see `exeunt argue`",)
    covers = "a claim of order: a term that knows what comes later predicts nothing, so it is tested and not scored"


RIVALS: Final[tuple[type[Explanation], ...]] = (
    _Constraint, _Decline, Spiral, _Burden, _Redundancy, Diffusion, _Domestic, _Substitution, SequenceWithForce,
)  # fmt: skip
"""The nine rivals, in the order in which they are shown."""
COMMON: Final = ("log_tenure", "log_size", "log_age", "log_memberships")
"""The common structure: every rival is estimated beside it."""
BASE_OWNERS: Final[dict[str, str]] = {
    "distance": "Constraint", "capability": "Constraint", "distance_x_capability": "Constraint",
    "capability_change10": "Decline", "exits_from_body3": "Diffusion", "own_exits3": "Diffusion",
}  # fmt: skip
"""Terms of the joint model that reports and simulations use → explanation; the others are the common structure."""


def owner(term: str) -> str:
    """Name of the explanation that a term of the joint model belongs to, or `common`."""
    return BASE_OWNERS.get(term, "common")


def owned(explanation: type[Explanation]) -> tuple[str, ...]:
    """Terms of the joint model that belong to an explanation."""
    return tuple(term for term in explanation.terms if BASE_OWNERS.get(term) == explanation.name)


EXPLANATIONS: Final = tuple(rival for rival in RIVALS if owned(rival))
"""Those of the nine with terms in the joint model."""


SHORT: Final = {"decline10": "capability_change10", "contagion": "exits_from_body3", "momentum": "own_exits3"}
"""Short names that a formula may use for terms."""
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
KEYS: Final = ("name", "claim", "formula", "terms", "signs", "references", "covers")


def _terms_of(formula: str) -> tuple[str, ...]:
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
    terms = _terms_of(formula)
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
