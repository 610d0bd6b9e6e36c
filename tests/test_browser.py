"""The report in a real browser, network off: it renders, fits the screen, prints, and logs no error."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

import pytest

from exeunt.i18n import LANGS
from exeunt.report.page import render
from exeunt.report.sentences import _Sentences as Sentences
from sample_report import VARIANTS

pytestmark = pytest.mark.browser

CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
        if (found := shutil.which(name))
    ),
    None,
)
REQUIRED = os.environ.get("EXEUNT_REQUIRE_BROWSER") == "1"
WIDTHS = (1366, 1024, 861, 768, 390, 360)
SIZES = {"desktop": (1366, 900), "phone": (390, 844), "smallest": (360, 740)}
TIMEOUT_SECONDS = 120
# Loads the report in frames of exactly the wanted width: a headless window has a least width of its own.
PROBE = """<!DOCTYPE html><meta charset="utf-8"><style>iframe{{border:0;height:900px}}</style>
{frames}<pre id="out"></pre><script>
addEventListener("load", () => {{
  const lines = [];
  for (const frame of document.querySelectorAll("iframe")) {{
    const page = frame.contentDocument, root = page.documentElement;
    for (const part of page.querySelectorAll("details")) part.open = true;
    const out = (e) => e.getBoundingClientRect().right > frame.width * 1 + 1;
    const boxed = (e) => e.closest(".scroll, .unseen, .skip, svg, thead");
    const wide = [...page.querySelectorAll("body *")].filter((e) => !boxed(e) && out(e));
    const names = wide.slice(0, 3).map((e) => e.tagName + "." + e.className).join(",");
    const texts = [...page.querySelectorAll(".marks .big")].map((e) => e.textContent).join(" ");
    const top = page.querySelector("#top .sure").getBoundingClientRect().bottom;
    lines.push([frame.width, root.scrollWidth, names, texts, Math.round(top)].join("|"));
  }}
  document.getElementById("out").textContent = lines.join("\\n");
}});
</script>
"""


@pytest.fixture(scope="module", autouse=True)
def browser() -> str:
    if CHROMIUM is None:
        reason = "no Chromium on the PATH (Debian, Ubuntu: apt-get install chromium)"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    return CHROMIUM


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    folder = tmp_path_factory.mktemp("reports")
    paths = {}
    for name, build in VARIANTS.items():
        for lang in LANGS:
            paths[name, lang] = folder / f"{name}-{lang}.html"
            paths[name, lang].write_text(render(build(), lang), encoding="utf-8")
    return paths


def open_page(path: Path, *flags: str) -> tuple[str, str]:
    """Stdout and log of a headless Chromium that has no network and no profile."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        done = subprocess.run(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                f"--user-data-dir={profile}",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--proxy-server=127.0.0.1:9",
                "--enable-logging=stderr",
                "--v=0",
                "--hide-scrollbars",
                *flags,
                path.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
    return done.stdout, done.stderr


def complaints(log: str) -> list[str]:
    """Lines that the page itself brought about: console messages, refused loads, network errors."""
    wanted = re.compile(r"CONSOLE|Refused|Content Security Policy|net::ERR|Uncaught", re.I)
    return [line for line in log.splitlines() if wanted.search(line)]


def png_size(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", SIZES)
def test_a_screenshot_has_its_size_and_is_not_blank(
    reports: dict[tuple[str, str], Path], tmp_path: Path, lang: str, size: str
) -> None:
    width, height = SIZES[size]
    shot = tmp_path / "shot.png"
    _, log = open_page(reports["sample", lang], f"--window-size={width},{height}", f"--screenshot={shot}")
    assert complaints(log) == []
    assert png_size(shot) == (width, height)
    assert shot.stat().st_size > 20_000


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", VARIANTS)
def test_the_page_says_its_headline_and_logs_nothing(
    reports: dict[tuple[str, str], Path], name: str, lang: str
) -> None:
    dom, log = open_page(reports[name, lang], "--dump-dom")
    assert complaints(log) == []
    assert Sentences(VARIANTS[name](), lang).headline() in dom
    assert dom.count("<svg") >= 6


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["sample", "mixed", "hostile"])
def test_no_page_scrolls_sideways_with_every_part_open(
    reports: dict[tuple[str, str], Path], name: str, lang: str
) -> None:
    report = reports[name, lang]
    frames = "".join(
        f'<iframe width="{width}" src="{report.name}"></iframe>' for width in (1366, 1024, 861, 768, 390, 360)
    )
    probe = report.with_name(f"frames-{report.name}")
    probe.write_text(PROBE.format(frames=frames), encoding="utf-8")
    dom, _ = open_page(
        probe,
        "--window-size=1500,900",
        "--allow-file-access-from-files",
        "--virtual-time-budget=10000",
        "--dump-dom",
    )
    found = re.search(r'<pre id="out">(.*?)</pre>', dom, re.S)
    assert found and found[1], "the probe measured nothing"
    lines = [line.split("|") for line in found[1].splitlines()]
    assert len(lines) == len(WIDTHS)
    for width, scroll_width, too_wide, marks, _ in lines:
        assert int(scroll_width) <= int(width), (width, scroll_width, too_wide)
        assert too_wide == "", (width, too_wide)
        assert marks == ("18 2 1" if name == "mixed" else "19 0 0")
    if name == "sample":
        assert int(lines[0][4]) <= 768, "page 1 needs a scroll on a laptop"


@pytest.mark.parametrize("lang", LANGS)
def test_dark_mode_differs_and_prints_are_whole(
    reports: dict[tuple[str, str], Path], tmp_path: Path, lang: str
) -> None:
    shots = [tmp_path / "light.png", tmp_path / "dark.png"]
    for shot, flag in zip(shots, ("", "--blink-settings=preferredColorScheme=0"), strict=True):
        open_page(reports["sample", lang], *filter(None, (flag,)), "--window-size=1366,900", f"--screenshot={shot}")
    assert shots[0].read_bytes() != shots[1].read_bytes()
    printed = tmp_path / "print.pdf"
    _, log = open_page(reports["sample", lang], "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    assert complaints(log) == []
    content = printed.read_bytes()
    assert content.startswith(b"%PDF") and len(content) > 50_000
    # Closed parts print too: with them shut this would be 7 pages.
    assert len(re.findall(rb"/Type\s*/Page\b", content)) >= 12
