"""A user's own account: by class, formula or file; what cannot be read is told in one sentence."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exeunt.core.errors import UsageError
from exeunt.explain.attribute import _shapley
from exeunt.explain.explanations import (
    BASE_OWNERS,
    COMMON,
    RIVALS,
    Explanation,
    _terms_of,
    from_formula,
    from_toml,
    owned,
)
from exeunt.panel.registry import TERMS, choose
from exeunt.panel.terms import EXIT_TERMS


def test_the_nine_rivals_are_whole() -> None:
    assert [r.name for r in RIVALS] == [
        "Constraint", "Decline", "Spiral", "Burden", "Redundancy", "Diffusion", "Domestic", "Substitution",
        "SequenceWithForce",
    ]  # fmt: skip
    for rival in RIVALS:
        assert rival.claim.endswith(".") and rival.references and rival.covers
        assert set(rival.signs) <= set(rival.terms) and set(rival.signs.values()) <= {1, -1}
        choose((*rival.terms, *COMMON))


def test_every_base_term_has_an_owner_or_is_common() -> None:
    names = {t.name for t in EXIT_TERMS}
    assert set(BASE_OWNERS) | set(COMMON) == names
    assert sorted(t for r in RIVALS for t in owned(r)) == sorted(BASE_OWNERS)


@pytest.mark.parametrize(
    ("formula", "terms"),
    [
        ("distance", ("distance",)),
        ("distance * authority + decline10", ("distance", "authority", "distance:authority", "capability_change10")),
        ("distance : capability", ("distance", "capability", "distance:capability")),
        (" overlap+democracy ", ("overlap", "democracy")),
        ("distance + distance * authority", ("distance", "authority", "distance:authority")),
    ],
)
def test_formulas(formula: str, terms: tuple[str, ...]) -> None:
    assert _terms_of(formula) == terms
    choose((*terms, *COMMON))


@pytest.mark.parametrize(
    "formula",
    ["", "distance +", "distance * authority * democracy", "distnce", "distance - authority", "log_size", "a b",
     "distance*authority:democracy", "__import__('os')"],
)  # fmt: skip
def test_a_formula_that_cannot_be_read(formula: str) -> None:
    with pytest.raises(UsageError) as caught:
        _terms_of(formula)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_a_sentence(text: str) -> None:
    try:
        found = _terms_of(text)
    except UsageError as error:
        assert "\n" not in str(error).replace(repr(text), "")
    else:
        assert found and all(name in TERMS or ":" in name for name in found)


def test_an_account_in_ten_lines_by_class() -> None:
    class Mine(Explanation):
        """Mine."""

        name = "Mine"
        claim = "States leave bodies of the like-minded."
        terms = ("distance",)
        signs: ClassVar[dict[str, int]] = {"distance": -1}
        references = ("me",)

    assert choose((*Mine.terms, *COMMON))[0].name == "distance"


def test_an_account_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "Mine"\nclaim = "Binding bodies lose the declining."\nformula = "distance * authority + decline10"\n'
        'references = ["a paper"]\n[signs]\ndecline10 = -1\n', encoding="utf-8",
    )  # fmt: skip
    made = from_toml(path)
    assert made.name == "Mine" and made.signs == {"capability_change10": -1} and made.terms[-1] == "capability_change10"


@pytest.mark.parametrize(
    "content",
    ["", "name = 'A'", "name = 'A'\nformula = 'distance'\nterms = ['distance']", "name = 'Decline'\nformula = 'distance'",
     "name = 'A'\nformula = 'distance'\ncolour = 'red'", "name = 'A'\nterms = 'distance'", "name = '1'\nformula = 'distance'",
     "name = 'A'\nformula = 'distance'\n[signs]\noverlap = 1", "name = 'A'\nformula = 'distance'\n[signs]\ndistance = 3", "= ",
     "name = 'A'\nformula = 'distance'\nsigns = 1"],
)  # fmt: skip
def test_a_file_that_does_not_fit(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        from_toml(path)
    assert str(caught.value).endswith(".")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        from_toml(tmp_path / "none.toml")


def test_a_name_that_is_taken() -> None:
    with pytest.raises(UsageError, match="exists already"):
        from_formula("Diffusion", "distance")


# --- Shapley values --------------------------------------------------------------------------------------------------


@given(st.integers(1, 4), st.integers(0, 10_000))
def test_shapley_values_are_the_mean_over_orders(n: int, seed: int) -> None:
    players = tuple("abcd"[:n])
    rng = np.random.default_rng(seed)
    worth = {frozenset(s): float(rng.normal()) for k in range(n + 1) for s in itertools.combinations(players, k)}
    found = _shapley(players, lambda inside: np.array(worth[inside]))
    for player in players:
        changes = []
        for order in itertools.permutations(players):
            before = frozenset(order[: order.index(player)])
            changes.append(worth[before | {player}] - worth[before])
        assert float(found[player]) == pytest.approx(np.mean(changes))
    assert sum(float(v) for v in found.values()) == pytest.approx(worth[frozenset(players)] - worth[frozenset()])


def test_a_product_is_shared_by_hand() -> None:
    """Worth x·y from (0, 0) to (2, 3): each of the two gets half of 6."""
    at = {"x": 2.0, "y": 3.0}
    found = _shapley(("x", "y"), lambda s: np.array(np.prod([at[p] if p in s else 0.0 for p in ("x", "y")])))
    assert float(found["x"]) == float(found["y"]) == 3.0


def test_the_how_to_says_what_works(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "how-to" / "add-an-explanation.md").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    made = from_toml(path)
    assert made.signs == {"capability_change10": -1, "distance:authority": 1}
    code = page.split("```python\n")[1].split("```")[0]
    space: dict[str, object] = {}
    exec(code.split("rows = ")[0], space)
    mine = space["Mine"]
    assert isinstance(mine, type) and issubclass(mine, Explanation) and choose((*mine.terms, *COMMON))
    assert _terms_of(page.split('--formula "Mine=')[1].split('"')[0]) == made.terms
