"""The explorer in Chromium: both languages, desktop and phone, by keyboard, a scenario run and one cancelled.

Every address but the server's own is blocked, so nothing that a page needs lies elsewhere.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from exeunt.i18n import LANGS, word
from test_browser import CHROMIUM, REQUIRED
from tiny import environment

pytestmark = pytest.mark.browser

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
SIZES = {"desktop": (1366, 900), "phone": (390, 844)}
PATIENCE = 60_000
SIMULATION = 420_000
"""Milliseconds that a scenario may take where nothing is in the cache: both hazards are fitted first."""
ADDRESSES = (
    "/", "/search?q=unesko", "/state/NER?as_of=2020-01-01", "/body/icc", "/pair?state=USA&body=who",
    "/compare?a=MLI&b=NER", "/exits?region=Africa&first_year=2015", "/money?target=icc", "/cases", "/case/usa-2026-01",
    "/figures", "/scenarios", "/api", "/no-such-page",
)  # fmt: skip
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of its own process, as a user starts it."""
    home = tmp_path_factory.mktemp("home")
    started = subprocess.Popen(
        [sys.executable, "-m", "exeunt", "serve", "--port", "0", "--quiet"], cwd=home,
        env={**environment(home), "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert started.stdout is not None
    address = started.stdout.readline().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address), address
    yield address.rstrip("/")
    started.terminate()
    started.wait(20)
    started.stdout.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        reason = "no Chromium on the PATH (Debian, Ubuntu: apt-get install chromium)"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


Opener = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, server: str) -> Iterator[Opener]:
    """Opens pages; at the end none may have complained, or asked for anything elsewhere."""
    contexts, complaints = [], []

    def only_here(route: Route) -> None:
        if route.request.url.startswith(server + "/") or route.request.url.startswith("data:"):
            route.continue_()
        else:
            complaints.append(f"asked for {route.request.url}")
            route.abort()

    def open_page(path: str, size: str = "desktop", **more: Any) -> Page:
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, **more)
        context.set_default_timeout(PATIENCE)
        context.route("**/*", only_here)
        contexts.append(context)
        page = context.new_page()

        def heard(message: Any) -> None:
            # A browser reports a status of 404 as an error of its own, which is what one page is there to show.
            if message.type in ("error", "warning") and "404 (Not Found)" not in message.text:
                complaints.append(message.text)

        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(server + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def at(path: str, lang: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={lang}"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_and_have_no_serious_finding(opened: Opener, size: str, lang: str) -> None:
    page = opened(at("/", lang), size)
    axe = AXE.read_text(encoding="utf-8")
    for path in ADDRESSES:
        if path != "/":
            page.goto(page.url.split("/")[0] + "//" + page.url.split("/")[2] + at(path, lang))
        assert page.evaluate("document.documentElement.lang") == lang
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], path
        page.evaluate(axe)
        found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
        bad = [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found if v["impact"] in SERIOUS]
        assert bad == [], (path, bad)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_keep_their_contrast(opened: Opener, scheme: str) -> None:
    page = opened("/pair?state=USA&body=who", color_scheme=scheme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ runOnly: ['color-contrast'] })")["violations"]
    assert [n["html"][:120] for v in found for n in v["nodes"]] == []


@pytest.mark.parametrize("lang", LANGS)
def test_from_the_search_to_a_status_by_keyboard_alone(opened: Opener, lang: str) -> None:
    page = opened(at("/", lang))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(15):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "find":
            break
    page.keyboard.type("匈牙利" if lang == "zh-Hant" else "Hungary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search**")
    name = "匈牙利" if lang == "zh-Hant" else "Hungary"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == name:
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/state/HUN**")
    expect(page.locator("h1")).to_have_text(name)
    assert ("lang=zh-Hant" in page.url) == (lang == "zh-Hant")
    page.focus("input[type=range]")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**as_of=2025-12-31**")
    expect(page.locator("output")).to_have_text("2025")
    expect(page.locator("[data-swap] .lede")).to_contain_text("2025")


def test_the_slider_moves_the_page_and_its_address(opened: Opener) -> None:
    page = opened("/pair?state=HUN&body=icc")
    expect(page.locator(".verdict")).to_contain_text(word("status.unknown", "en"))
    page.locator("input[type=range]").fill("2010")
    page.wait_for_url("**as_of=2010-12-31**")
    expect(page.locator(".verdict strong")).to_have_text(word("status.member", "en"))
    held = page.locator(".verdict").inner_text()
    page.reload()
    assert page.locator(".verdict").inner_text() == held
    page.locator(".tongue").click()
    page.wait_for_url("**lang=zh-Hant**")
    expect(page.locator(".verdict strong")).to_have_text(word("status.member", "zh-Hant"))
    assert "as_of=2010-12-31" in page.url


def test_without_scripts_the_same_can_be_done(opened: Opener) -> None:
    page = opened("/state/FRA", java_script_enabled=False)
    assert page.locator("table#memberships tbody tr").count() > 50
    page.locator(".pick input[type=date]").fill("1970-06-01")
    page.locator(".pick button").click()
    page.wait_for_url("**as_of=1970-06-01**")
    assert page.locator(".slide button").is_visible()
    page.locator(".slide button").click()
    page.wait_for_url("**year=1970**")


def test_tables_sort_and_filter(opened: Opener) -> None:
    page = opened("/body/icc")
    table = page.locator("#members")
    head = table.locator("thead th").nth(2)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    days = [c.get_attribute("data-sort") or "" for c in table.locator("tbody tr td:nth-child(3)").all()]
    filled = [day for day in days if day]
    assert filled == sorted(filled) and len(filled) > 50
    page.locator(".rows-tools input").first.fill("mal")
    shown = [row.inner_text() for row in table.locator("tbody tr:visible").all()]
    assert shown and all("mal" in text.lower() for text in shown)


def test_names_are_suggested_while_they_are_typed(opened: Opener) -> None:
    page = opened("/?lang=zh-Hant")
    page.locator("form[action='/pair'] input[name=body]").press_sequentially("世界衛")
    expect(page.locator("datalist option[value='世界衛生組織']")).to_have_count(1)


@pytest.mark.parametrize("lang", LANGS)
def test_a_scenario_runs_to_its_end(opened: Opener, lang: str) -> None:
    page = opened(at("/scenarios", lang))
    page.locator("input[name=worlds]").fill("20")
    page.locator("input[name=years]").fill("5")
    page.locator("form.run button").click()
    page.wait_for_url("**/jobs/**")
    expect(page.locator(".verdict strong")).to_have_text(word("web.job.done", lang), timeout=SIMULATION)
    assert page.locator("#exits_per_year tbody tr").count() == 5
    assert page.locator("figure svg").count() == 2
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert [v["id"] for v in found if v["impact"] in SERIOUS] == []


def test_a_scenario_is_cancelled(opened: Opener) -> None:
    page = opened("/scenarios")
    page.locator("input[value=cascade]").check()
    page.locator("input[name=worlds]").fill("1000")
    page.locator("input[name=years]").fill("20")
    page.locator("input[name=seed]").fill("977")
    page.locator("form.run button").click()
    page.wait_for_url("**/jobs/**")
    expect(page.locator("progress")).to_be_visible()
    page.get_by_role("button", name=word("web.job.cancel", "en")).click()
    expect(page.locator(".verdict strong")).to_have_text(word("web.job.cancelled", "en"))
    expect(page.get_by_role("button", name=word("web.job.again", "en"))).to_be_visible()
