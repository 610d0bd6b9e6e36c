"""The house stays small: counts of modules and public names, and types that are declared once."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "exeunt"
MODULES = 160
"""Python files under src/exeunt, the `__init__.py` of folders among them."""
PUBLIC = 450
"""Functions and classes at the top of a module whose name begins without an underscore."""
WORST = 5


def modules() -> list[Path]:
    return sorted(SRC.rglob("*.py"))


def public_names(text: str) -> list[str]:
    return [
        node.name
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]


def folder(path: Path) -> str:
    """The room of a module; modules beside the rooms count as `exeunt`."""
    parts = path.relative_to(SRC).parts
    return parts[0] if len(parts) > 1 else "exeunt"


def worst(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common(WORST))


def test_modules_are_few() -> None:
    counts = Counter(folder(path) for path in modules())
    found = counts.total()
    assert found <= MODULES, f"{found} modules where {MODULES} are allowed; most are in {worst(counts)}"


def test_public_names_are_few() -> None:
    counts: Counter[str] = Counter()
    for path in modules():
        counts[folder(path)] += len(public_names(path.read_text(encoding="utf-8")))
    found = counts.total()
    assert found <= PUBLIC, (
        f"{found} public functions and classes where {PUBLIC} are allowed; most are in {worst(counts)}"
    )


def test_types_of_arrays_are_declared_once() -> None:
    homes: dict[str, list[str]] = {}
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Name) and ast.unparse(node.value).startswith(
                        ("NDArray[", "npt.NDArray[")
                    ):
                        homes.setdefault(target.id, []).append(path.relative_to(SRC).as_posix())
    assert homes, "no type of arrays is declared anywhere: is it declared in another way now?"
    elsewhere = {name: paths for name, paths in homes.items() if paths != ["core/arrays.py"]}
    assert not elsewhere, f"types of arrays are declared in core/arrays.py and imported from there: {elsewhere}"


def test_private_names_and_methods_are_not_counted() -> None:
    text = "class A:\n    def b(self): ...\ndef _c(): ...\nasync def d(): ...\nif True:\n    def e(): ...\nF = 1\n"
    assert public_names(text) == ["A", "d"]
