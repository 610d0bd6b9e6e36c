"""Rooms import only to their left: reads every import in src/exeunt and names the line that does not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "exeunt"

# `measures` stands left of `panel`: it serves panel/terms.py as well as worlds and consequences. `simulate` stands left of
# `history`, which plays paired worlds; they change places once there is one law for both (docs/design.md).
ROOMS = (
    "record",
    "etl",
    "measures",
    "panel",
    "explain",
    "simulate",
    "history",
    "consequence",
    "argument",
    "report",
    "web",
    "cli",
    "__main__",
)
BASICS = {"", "answers", "core", "i18n"}  # "" is exeunt/__init__.py


@dataclass(frozen=True)
class Import:
    """One module of the package importing another: both dotted, without the package's name."""

    importer: str
    imported: str
    path: str
    line: int


def module_name(path: Path, package: Path) -> str:
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(node: ast.stmt, importer: str, is_package: bool) -> Iterator[tuple[str, str | None]]:
    """Yield (absolute dotted module, name taken from it or None) for an import statement."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, None
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            here = [PACKAGE, *filter(None, importer.split("."))]
            up = node.level - 1 if is_package else node.level
            base = ".".join([*here[: len(here) - up], *filter(None, [node.module])])
        for alias in node.names:
            yield base, alias.name


def read_imports(root: Path) -> list[Import]:
    """Every import of the package by the package, in functions and under TYPE_CHECKING as well."""
    package = root / "src" / PACKAGE
    files = {module_name(path, package): path for path in sorted(package.rglob("*.py"))}
    # Folders too, whether or not they have an __init__.py.
    known = {*files, *(module.rpartition(".")[0] for module in files)}
    found = []
    for importer, path in files.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for base, name in imported_names(node, importer, path.name == "__init__.py"):
                if base != PACKAGE and not base.startswith(PACKAGE + "."):
                    continue
                target = base[len(PACKAGE) + 1 :]
                submodule = f"{target}.{name}".lstrip(".") if name else target
                if submodule in known:
                    target = submodule
                found.append(Import(importer, target, path.relative_to(root).as_posix(), node.lineno))
    return sorted(set(found), key=lambda one: (one.path, one.line, one.imported))


def room(module: str) -> str:
    return module.partition(".")[0]


def allowed(importer: str, imported: str) -> bool:
    """Whether a module in room `importer` may import from room `imported`."""
    if imported in BASICS:
        return True
    if importer in BASICS or imported not in ROOMS:
        return False
    if importer in ("cli", "__main__") or importer == imported:
        return True
    if importer == "measures":
        return False
    return ROOMS.index(imported) < ROOMS.index(importer)


def wrong_ways(root: Path) -> list[str]:
    """Sentences on files outside every room and on imports that point to the right."""
    package = root / "src" / PACKAGE
    strangers = {
        path.relative_to(root).as_posix()
        for path in package.rglob("*.py")
        if room(module_name(path, package)) not in {*BASICS, *ROOMS}
    }
    sentences = [f"{path}:1 belongs to no room: name its place in tests/test_layers.py" for path in strangers]
    for one in read_imports(root):
        here, there = room(one.importer), room(one.imported)
        if one.path in strangers or allowed(here, there):
            continue
        if there not in {*BASICS, *ROOMS}:
            sentences.append(f"{one.path}:{one.line} imports {there}, which is no room")
        elif here == "measures" and there == "record":
            sentences.append(f"{one.path}:{one.line} reaches to record: measures stands on the basics alone")
        else:
            sentences.append(f"{one.path}:{one.line} reaches right to {there}")
    return sorted(sentences)


def circles(root: Path) -> list[str]:
    """One sentence for each group of modules that import one another in a circle."""
    edges: dict[str, dict[str, Import]] = {}
    for one in read_imports(root):
        if one.importer != one.imported:
            edges.setdefault(one.importer, {}).setdefault(one.imported, one)
    sentences, seen = [], set[str]()
    for start in sorted(edges):
        way = None if start in seen else shortest_way_back(start, edges)
        if way is None:
            continue
        seen.update(one.importer for one in way)
        sentences.append("circle: " + ", ".join(f"{one.path}:{one.line} → {one.imported}" for one in way))
    return sentences


def shortest_way_back(start: str, edges: dict[str, dict[str, Import]]) -> list[Import] | None:
    came: dict[str, Import] = {}
    frontier = [start]
    while frontier:
        following = []
        for module in frontier:
            for target, one in sorted(edges.get(module, {}).items()):
                if target in came:
                    continue
                came[target] = one
                if target == start:
                    way = [one]
                    while way[0].importer != start:
                        way.insert(0, came[way[0].importer])
                    return way
                following.append(target)
        frontier = following
    return None


def lay_out(root: Path, files: dict[str, str]) -> Path:
    """Write a tiny tree of modules, named as in "panel/x"."""
    for name, text in {"__init__": "", **files}.items():
        path = root / "src" / PACKAGE / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_imports_point_left() -> None:
    assert not (found := wrong_ways(ROOT)), "\n".join(["", *found])


def test_no_module_imports_itself_in_a_circle() -> None:
    assert not (found := circles(ROOT)), "\n".join(["", *found])


def test_the_checker_reads_the_package() -> None:
    assert any(one.imported == "core.errors" for one in read_imports(ROOT))


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "panel/x",
            "import os\n\nimport exeunt.report.page",
            "src/exeunt/panel/x.py:3 reaches right to report",
        ),
        ("panel/x", "from exeunt import report", "src/exeunt/panel/x.py:1 reaches right to report"),
        ("panel/x", "from ..report import page", "src/exeunt/panel/x.py:1 reaches right to report"),
        (
            "panel/x",
            "def f():\n    from exeunt.report.page import y",
            "src/exeunt/panel/x.py:2 reaches right to report",
        ),
        ("core/errors", "from exeunt.record import store", "src/exeunt/core/errors.py:1 reaches right to record"),
        ("__init__", "from .record import store", "src/exeunt/__init__.py:1 reaches right to record"),
        ("web/app", "from exeunt import cli", "src/exeunt/web/app.py:1 reaches right to cli"),
        ("measures/x", "from exeunt.panel import x", "src/exeunt/measures/x.py:1 reaches right to panel"),
        (
            "measures/x",
            "from exeunt.record import store",
            "src/exeunt/measures/x.py:1 reaches to record: measures stands on the basics alone",
        ),
        ("attic", "", "src/exeunt/attic.py:1 belongs to no room: name its place in tests/test_layers.py"),
    ],
)
def test_a_tree_that_points_the_wrong_way_is_named(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    tree = dict.fromkeys(("report/page", "record/__init__", "record/store", "panel/x", "cli"), "y = 1")
    assert wrong_ways(lay_out(tmp_path, {**tree, name: text})) == [sentence]


def test_a_tree_that_points_left_passes(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "core/errors": "",
            "record/store": "from exeunt.core.errors import X\nimport numpy",
            "measures/standing": "from exeunt.core import errors",
            "panel/terms": "from exeunt.measures.standing import y\nfrom ..record import store",
            "panel/risk": "from exeunt import __version__\nfrom . import terms",
            "web/app": "from exeunt.panel import terms",
            "cli": "def f():\n    from exeunt.web import app",
            "__main__": "from exeunt.cli import f",
        },
    )
    assert wrong_ways(tmp_path) == []
    assert circles(tmp_path) == []


def test_a_circle_is_named_even_when_half_of_it_is_inside_a_function(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "panel/a": "from exeunt.panel import b",
            "panel/b": "\nfrom . import c",
            "panel/c": "def f():\n    import exeunt.panel.a",
        },
    )
    assert wrong_ways(tmp_path) == []
    assert circles(tmp_path) == [
        "circle: src/exeunt/panel/a.py:1 → panel.b, src/exeunt/panel/b.py:2 → panel.c, "
        "src/exeunt/panel/c.py:2 → panel.a"
    ]
