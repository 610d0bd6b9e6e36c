"""The pages of docs/: they build without a warning, load nothing from elsewhere, and their blocks run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import exeunt as package
from tiny import ROOT, environment

PAGES = ROOT / "docs"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages, built as `make docs` builds them."""
    out = tmp_path_factory.mktemp("pages")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *"-W -n --keep-going -q -b html -d".split(), out / "trees", PAGES, out / "html"],
        cwd=ROOT, env=environment(out / "home"), capture_output=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return out / "html"


@pytest.mark.docs
def test_every_page_is_built(built: Path) -> None:
    sources = {path.relative_to(PAGES).with_suffix(".html") for path in PAGES.rglob("*.md")}
    assert len(sources) > 18
    index = (built / "index.html").read_text(encoding="utf-8")
    for page in sources:
        assert (built / page).is_file()
        assert f'href="{page.as_posix()}"' in index or page.name == "index.html", page


@pytest.mark.docs
def test_built_pages_load_nothing_from_elsewhere(built: Path) -> None:
    elsewhere = r"""\s*=\s*["'](?:https?:)?//"""
    loads = re.compile(
        rf"<(?:script|img|iframe|source|video|embed)\b[^>]*?\bsrc{elsewhere}|<link\b[^>]*href{elsewhere}"
    )
    assert loads.search('<link rel="stylesheet" href="https://example.org/a.css">')
    for page in built.rglob("*.html"):
        assert not loads.search(page.read_text(encoding="utf-8")), page
    for sheet in built.rglob("*.css"):
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//|@import", sheet.read_text(encoding="utf-8")), sheet


@pytest.mark.docs
def test_no_page_holds_a_path_of_the_machine(built: Path) -> None:
    for page in built.rglob("*.html"):
        assert str(ROOT) not in page.read_text(encoding="utf-8"), page


def test_every_public_name_is_in_the_reference() -> None:
    text = (PAGES / "reference" / "python.md").read_text(encoding="utf-8")
    for name, home in package._MODULE_OF.items():
        at = rf"^\.\. auto\w+:: exeunt\.{re.escape(home)}(\.{name})?$"
        assert re.search(at, text, re.MULTILINE), f"{home}.{name}"
