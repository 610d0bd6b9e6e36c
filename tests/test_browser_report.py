"""The report as people use it: both languages, desktop and phone, from disk with the network off, by keyboard, as PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize

import axe_playwright_python
import pypdf
import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from exeunt.core.errors import OutputError
from exeunt.i18n import LANGS, day, word
from exeunt.report import printing
from exeunt.report.page import FIGURES, alone, render
from sample_report import VARIANTS, sample
from test_browser import CHROMIUM, REQUIRED

pytestmark = pytest.mark.browser

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
SERIOUS = ("serious", "critical")
MAX_BYTES = 3_000_000
READERS = ("sample", "single", "page", "uncovered")
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        reason = "no Chromium on the PATH (Debian, Ubuntu: apt-get install chromium)"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    folder = tmp_path_factory.mktemp("reports")
    paths = {}
    for name in READERS:
        for lang in LANGS:
            paths[name, lang] = folder / f"{name}.{lang}.html"
            paths[name, lang].write_text(render(VARIANTS[name](), lang), encoding="utf-8")
    return paths


@pytest.fixture
def opened(chromium: Browser, files: dict[tuple[str, str], Path]) -> Iterator[Opener]:
    """Opens reports from disk; at the end none may have complained, or asked for anything but itself."""
    contexts, complaints = [], []

    def from_disk(route: Route) -> None:
        if route.request.url.startswith(("file://", "data:")):
            route.continue_()
        else:
            complaints.append(f"asked for {route.request.url}")
            route.abort()

    def open_page(name: str, lang: str, size: str = "desktop", **more: Any) -> Page:
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, offline=True, **more)
        context.route("**/*", from_disk)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(files[name, lang].as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_reports_fit_and_have_no_serious_finding(opened: Opener, size: str, lang: str, scheme: str) -> None:
    for name in ("sample", "page") if scheme == "light" else ("single",):
        page = opened(name, lang, size, color_scheme=scheme)
        if name != "sample":  # contrast of thousands of open cells takes a minute
            page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], (name, wide)
        # The page lets no script run but its own: the checker comes in from outside.
        found = _axe(page)
        serious = [
            (v["id"], [n["target"] for n in v["nodes"][:3]]) for v in found["violations"] if v["impact"] in SERIOUS
        ]
        assert serious == [], (name, serious)
        assert found["passes"]


def _axe(page: Page) -> dict[str, Any]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return found


@pytest.mark.parametrize("lang", LANGS)
def test_page_one_needs_no_scroll_on_a_laptop(opened: Opener, lang: str) -> None:
    for name in ("sample", "single"):
        page = opened(name, lang)
        for heading in ("top.why", "top.cost", "top.next", "top.sure"):
            box = page.get_by_role("heading", name=word(heading, lang), exact=True).first.bounding_box()
            assert box is not None and box["y"] + box["height"] < 800, (name, heading, box)
        bottom = page.evaluate("document.querySelector('#top .sure').getBoundingClientRect().bottom")
        assert bottom <= 800, (name, bottom)


@pytest.mark.parametrize("lang", LANGS)
def test_a_reader_filters_and_sorts_the_bodies(opened: Opener, lang: str) -> None:
    page = opened("sample", lang)
    rows = page.locator("#bodies tbody tr")
    assert rows.count() == 66
    box = page.get_by_role("searchbox", name=word("bodies.filter", lang))
    box.fill("unfccc" if lang == "en" else "人口基金")
    box.fill("Population Fund" if lang == "en" else "人口基金")
    expect(page.locator("#bodies tbody tr:visible")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text(word("bodies.shown", lang, count=1))
    box.fill("")
    table = page.locator("#bodies table").first
    head = table.locator("th.col-name")
    names = table.locator("tbody th")
    before = names.all_inner_texts()
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    rising = names.all_inner_texts()
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert sorted(before) == sorted(rising) and names.all_inner_texts() == rising[::-1] != rising


def test_the_keyboard_reaches_the_content_the_tables_and_the_folded_parts(opened: Opener) -> None:
    page = opened("sample", "en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.tagName + '.' + document.activeElement.className"))
    assert {"INPUT.", "SUMMARY.", "BUTTON.sort", "A.csv"} <= seen
    summary = page.locator("#timeline summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#timeline details").get_attribute("open") is not None
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


@pytest.mark.parametrize("lang", LANGS)
def test_without_scripts_text_and_tables_are_whole(opened: Opener, lang: str) -> None:
    page = opened("sample", lang, java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_have_text(word("top.headline", lang, total=66, leavable=19))
    assert page.locator("#bodies tbody tr").count() == 66
    assert page.locator("button, input").count() == 0


def test_a_table_is_downloaded_from_the_file_itself(opened: Opener, tmp_path: Path) -> None:
    page = opened("sample", "en")
    with page.expect_download() as waiting:
        page.locator("#bodies a.csv").last.click()
    waiting.value.save_as(tmp_path / "bodies.csv")
    text = (tmp_path / "bodies.csv").read_text(encoding="utf-8-sig")
    assert waiting.value.suggested_filename == "exeunt-usa-2026-01-bodies.csv"
    assert text.startswith("number,key,name_en") and len(text.splitlines()) == 67


@pytest.mark.parametrize("lang", LANGS)
def test_the_pdf_holds_the_words_of_the_page(files: dict[tuple[str, str], Path], tmp_path: Path, lang: str) -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium on the PATH")
    made = tmp_path / "report.pdf"
    assert printing.print_pdf(files["sample", lang], made) == made.stat().st_size
    printed = pypdf.PdfReader(made)
    assert len(printed.pages) >= 12
    # Chromium's map from glyphs to text names some signs by their radicals (U+2F47 for 日); NFKC makes them one.
    texts = [normalize("NFKC", "".join(page.extract_text().split())) for page in printed.pages]
    first, whole = texts[0], "".join(texts)
    for said in (word("top.headline", lang, total=66, leavable=19), word("top.cost", lang), day("2026-01-07", lang)):
        assert plain(said) in whole, said
    assert plain(word("top.headline", lang, total=66, leavable=19)) in first
    # Folded parts print too, and no glyph is missing.
    assert plain(word("timeline.caption", lang)) in whole and "\ufffd" not in whole
    fonts = {_name(font) for page in printed.pages for font in page["/Resources"].get("/Font", {}).values()}
    if lang == "zh-Hant":
        assert any("CJK" in font or "NotoSansTC" in font for font in fonts), fonts


def plain(text: str) -> str:
    return normalize("NFKC", "".join(text.split()))


def _name(font: Any) -> str:
    """Name of a font; Chromium names one that it embeds glyph by glyph in its descriptor alone."""
    held = font.get_object()
    described = held.get("/FontDescriptor")
    return str(held.get("/BaseFont") or (described.get_object().get("/FontName") if described else ""))


def test_figures_become_png_at_print_size(tmp_path: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium on the PATH")
    for name in ("timeline", "gaps"):
        made = tmp_path / f"{name}.png"
        assert name in FIGURES and printing.draw_png(alone(sample(), name, "zh-Hant"), made) > 20_000
        assert int.from_bytes(made.read_bytes()[16:20], "big") >= 2_500


def test_without_chromium_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OutputError, match="needs Chromium"):
        printing.print_pdf(tmp_path / "page.html", tmp_path / "page.pdf")


def test_every_file_is_small(files: dict[tuple[str, str], Path]) -> None:
    assert max(path.stat().st_size for path in files.values()) <= MAX_BYTES
