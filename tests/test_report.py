"""The report as text: words in both languages, figures as data, escaping, no network, whole files or none."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

import sample_report
from exeunt import i18n as words
from exeunt.answers import Message
from exeunt.argument.argument import shipped as shipped_arguments
from exeunt.consequence.revenue import Paid
from exeunt.core.errors import BadDateError, OutputError
from exeunt.i18n import LANGS, day, dollars, listed, number, percent, word
from exeunt.i18n.messages import said as in_words
from exeunt.record.exits import OUTCOMES
from exeunt.report.copies import _tables as tables
from exeunt.report.copies import verdicts
from exeunt.report.figures import ASSETS, factors, intervals, standalone, timeline
from exeunt.report.page import FIGURES, SCRIPT, alone, render, write
from exeunt.report.page import _csv_link as csv_link
from exeunt.report.sentences import _Sentences as Sentences
from exeunt.report.summaries import _compared as compared
from exeunt.report.summaries import _fed_back as fed_back
from exeunt.report.summaries import _futures as shipped_futures
from exeunt.simulate.scenario import shipped as shipped_scenarios
from sample_report import VARIANTS, sample
from texts import pairs

ROOT = Path(__file__).resolve().parents[1]
MAX_BYTES = 3_000_000
LATIN_NAMES = {"exeunt", "CSV", "COW", "IGO", "BibTeX"}
# Simplified characters that Traditional Chinese does not use.
SIMPLIFIED = "约国际组织构会员声务单间动关开权实报变规则协认识书缴费补从为与们议场级东车长门问马鸟"
JUDGING = re.compile(
    r"\b(unfortunate|reckless|bold|fail(ed|ing)|selfish|hostile|caused|causes|because of|proves?|clearly)\b"
)


@pytest.fixture(scope="module")
def pages() -> dict[tuple[str, str], str]:
    return {(name, lang): render(build(), lang) for name, build in VARIANTS.items() for lang in LANGS}


class Visible(HTMLParser):
    """Collects the text a reader sees or hears in the language of the page, and every address."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self.lang = lang
        self.stack: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.loads: list[tuple[str, str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        for name in ("href", "src", "srcset", "action", "data", "poster", "xlink:href", "formaction"):
            if found.get(name):
                self.loads.append((tag, name, str(found[name])))
        outer = self.stack[-1][1] if self.stack else ""
        if tag not in {"meta", "link", "br", "rect", "line", "circle", "path"}:
            self.stack.append((tag, found.get("lang") or outer))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if (
            self.stack
            and self.stack[-1][1] == self.lang
            and self.stack[-1][0]
            not in {
                "style",
                "code",
                "script",
                "desc",  # the map's description holds figures as the argument room words them
            }
        ):
            self.texts.append(data.strip())


def read(page: str, lang: str) -> Visible:
    seen = Visible(lang)
    seen.feed(page)
    return seen


# --- words --------------------------------------------------------------------------------------------


def test_announced_notified_and_effective_stay_three_words() -> None:
    marks = [word(f"mark.{step}", "zh-Hant") for step in ("announced", "notified", "effective")]
    assert marks == ["宣布", "通知（交存）", "生效"]
    assert word("act.rejoined", "zh-Hant") == "重新加入"


def test_words_are_neutral() -> None:
    # That sentence says that nothing here shows what causes what.
    assert [key for key, (english, _) in pairs().items() if JUDGING.search(english)] in ([], ["argue.sum.cause"])


@pytest.mark.parametrize(("key", "lang"), [("status.gone", "en"), ("status.member", "fr")])
def test_a_missing_word_or_language_raises(key: str, lang: str) -> None:
    with pytest.raises(KeyError):
        word(key, lang)


def test_a_placeholder_without_a_value_raises() -> None:
    with pytest.raises(KeyError):
        word("bodies.since", "en")


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("2026-01-07", "7 January 2026", "2026年1月7日"),
        ("2021-11", "November 2021", "2021年11月"),
        ("2017", "2017", "2017年"),
        ("1966/1967", "between 1966 and 1967", "1966年至1967年之間"),
        ("2026-01-07/..", "since 7 January 2026", "2026年1月7日起"),
        ("2026-01-07/", "from 7 January 2026, end unknown", "2026年1月7日起，迄日不詳"),
        ("../2001", "by 2001", "至遲2001年"),
        ("/2001", "until 2001, start unknown", "起日不詳，至2001年止"),
        ("2017~", "about 2017", "約2017年"),
        ("2017-02?", "February 2017 (uncertain)", "2017年2月（未確定）"),
        ("196X", "1960s", "1960年代"),
        ("2026-24", "December 2026 to February 2027", "2026年12月至2027年2月"),
    ],
)
def test_dates_keep_what_is_not_known(text: str, english: str, chinese: str) -> None:
    assert (day(text, "en"), day(text, "zh-Hant")) == (english, chinese)


def test_a_text_that_is_no_date_raises() -> None:
    with pytest.raises(BadDateError):
        day("last spring", "en")


def test_numbers() -> None:
    assert number(384211, "en") == "384,211"
    assert number(-0.041, "zh-Hant", 2) == "−0.04"
    assert number(-0.001, "en", 1) == "0.0"
    assert percent(0.0923, "en") == "9 %"


def test_rules_of_the_record_are_told_in_both_languages() -> None:
    rule = Message(code="rule.effect", values={"day": "2026-06-30"})
    assert words.render(rule, "en") == "Took effect on 30 June 2026."
    assert words.render(rule, "zh-Hant") == "2026年6月30日生效。"


# --- figures ------------------------------------------------------------------------------------------


def test_the_fan_as_data() -> None:
    data = sample()
    rows = factors._fan_records(data)
    assert len(rows) == len(data.next.exits)
    assert all(r["low"] == r["median"] == r["high"] for r in rows if r["reading"] == "observed")
    assert {r["year"] for r in rows if r["reading"] == "simulated"} == set(range(2015, 2036))


@pytest.mark.parametrize(("shift", "says"), [(0.0, "near"), (100.0, "above"), (-100.0, "below")])
def test_the_title_of_the_fan_follows_from_the_numbers(shift: float, says: str) -> None:
    data = sample()
    moved = tuple(
        b if b.observed else replace(b, low=b.low + shift, median=b.median + shift, high=b.high + shift)
        for b in data.next.exits
    )
    svg = factors.fan_svg(replace(data, next=replace(data.next, exits=moved)), "en")
    assert word(f"figure.fan.{says}", "en", mean="15.3") in svg.replace("&#x27;", "'")


def test_factors_as_data_and_what_they_say() -> None:
    data = sample()
    rows = factors._factors_records(data)
    assert len(rows) == len(data.why.summary) + sum(len(h.factors) for h in data.why.covered)
    assert {r["settled"] for r in rows if r["explanation"] == "Decline"} == {"no"}
    assert factors._findings(data, "en").startswith("Only Constraint goes with a higher hazard")
    same = replace(data.why.summary[0], factor=1.0, low=0.999, high=1.001)
    assert factors._settled(same) == "same"
    both = replace(data, why=replace(data.why, summary=(*data.why.summary[:2], same)))
    assert "does not differ from the median member" in render(both, "en")
    none = replace(data.why, summary=tuple(f for f in data.why.summary if f.explanation == "Decline"))
    assert factors._findings(replace(data, why=none), "en") == word("why.title_none", "en")


def test_what_there_is_to_leave_as_data() -> None:
    rows = factors._what_records(sample())
    sums = {part: sum(r["bodies"] for r in rows if r["listed"] == part) for part in ("listed_other", "listed_un")}
    assert sums == {"listed_other": 35, "listed_un": 31}
    assert sum(r["bodies"] for r in rows if r["what"] in factors.LEAVEABLE) == 19


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [factors.WIDE, factors.NARROW])
def test_figures_are_whole_svg_with_names_and_stand_alone(lang: str, width: float) -> None:
    for name, build in VARIANTS.items():
        data = build()
        for svg in (
            factors.fan_svg(data, lang, width),
            factors._factors_svg(data, lang, width),
            factors._factors_svg(data, lang, width, brief=True),
            factors.what_svg(data, lang, width),
        ):
            if not svg:
                assert name in {"refused", "uncovered", "single", "page"}
                continue
            root = ElementTree.fromstring(svg)
            assert root.get("role") == "img" and root.get("aria-label")
            assert [child.tag.rpartition("}")[2] for child in root][:2] == ["title", "desc"]
            assert any(element.tag.endswith("text") for element in root.iter())
            alone = standalone(svg)
            ElementTree.fromstring(alone)
            assert "var(--" not in alone and "<style>" in alone and "@media" not in alone


def test_a_figure_survives_odd_numbers() -> None:
    data = sample()
    odd = tuple(replace(f, low=1e-12, high=1e12) for f in data.why.summary)
    ElementTree.fromstring(factors._factors_svg(replace(data, why=replace(data.why, summary=odd)), "en"))
    flat = tuple(replace(b, low=0.0, median=0.0, high=0.0) for b in data.next.exits)
    ElementTree.fromstring(factors.fan_svg(replace(data, next=replace(data.next, exits=flat)), "en"))


# --- the page -----------------------------------------------------------------------------------------


def test_pages_are_small_whole_and_the_same_each_time(pages: dict[tuple[str, str], str]) -> None:
    for (name, lang), page in pages.items():
        assert page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>")
        assert f'<html lang="{lang}">' in page
        assert len(page.encode()) < MAX_BYTES
        assert page == render(VARIANTS[name](), lang)


def test_nothing_is_loaded_and_only_the_own_script_may_run(pages: dict[tuple[str, str], str]) -> None:
    for (_, lang), page in pages.items():
        seen = read(page, lang)
        tags = {tag for tag, _ in seen.tags}
        assert not tags & {"iframe", "object", "embed", "img", "form", "base", "image", "use"}
        for tag, name, address in seen.loads:
            if tag == "a":
                assert name == "href" and address.startswith(("#", "https://", "http://", "data:text/csv"))
            else:
                assert address == "data:,", (tag, address)
        for _, attrs in seen.tags:
            assert not [a for a in attrs if a.startswith("on") or a == "style"]
        assert page.count("<script") == page.count(f"<script>{SCRIPT}</script>") == 1
        policy = [a["content"] for t, a in seen.tags if a.get("http-equiv") == "Content-Security-Policy"]
        assert policy and "default-src 'none'" in str(policy[0]) and "http" not in str(policy[0])
        own = b64encode(sha256(SCRIPT.encode()).digest()).decode()
        assert f"script-src 'sha256-{own}'" in str(policy[0])
        css = page.partition("<style>")[2].partition("</style>")[0]
        assert not re.search(r"url\(|@import|https?:", css)


def test_hostile_text_stays_text(pages: dict[tuple[str, str], str]) -> None:
    for lang in LANGS:
        page = pages["hostile", lang]
        assert page.count("<script") == 1
        assert "&lt;script&gt;" in page
        assert 'href="javascript' not in page
        assert "49" not in re.findall(r"alert\(.{0,30}?(\d+)", page)
        assert "%27%3DHYPERLINK" in page


def headline(lang: str) -> str:
    return word("top.headline", lang, total=66, leavable=19)


@pytest.mark.parametrize("lang", LANGS)
def test_page_one_answers_the_questions(pages: dict[tuple[str, str], str], lang: str) -> None:
    top = pages["mixed", lang].partition('<section id="bodies"')[0]
    assert headline(lang) in top
    assert re.findall(r'class="big num">(\d+)<', top) == ["18", "2", "1"]
    iucn = "International Union for Conservation of Nature" if lang == "en" else "國際自然保護聯盟"
    assert iucn in top
    for value in ("384,211", "666", "148", "417", "2026.11.23+06e77470", "20260107"):
        assert value in top
    assert day("2026-11-23", lang) in top


@pytest.mark.parametrize("lang", LANGS)
def test_an_interval_with_1_in_it_is_not_settled(pages: dict[tuple[str, str], str], lang: str) -> None:
    page = pages["sample", lang]
    names = [word(f"explanation.{n}", lang) for n in ("Decline", "Diffusion")]
    assert word("why.unsettled", lang, names=listed(names, lang)) in page
    assert page.count(word("settled.no", lang)) >= 2


@pytest.mark.parametrize("lang", LANGS)
def test_a_refused_simulation_says_so_and_draws_nothing(pages: dict[tuple[str, str], str], lang: str) -> None:
    page = pages["refused", lang]
    assert word("next.refused", lang, reason=word("fit.not_calibrated", lang)) in page
    assert 'id="fan-' not in page and 'aria-describedby="fan-' not in page
    assert 'aria-describedby="fan-' in pages["sample", lang]


@pytest.mark.parametrize("lang", LANGS)
def test_a_day_beyond_the_record_carries_a_banner(pages: dict[tuple[str, str], str], lang: str) -> None:
    said = word("banner.beyond", lang, as_of=day("2027-06-01", lang), closing=day("2026-11-23", lang))
    assert said in pages["beyond", lang]
    assert 'class="banner"' not in pages["sample", lang]


@pytest.mark.parametrize("lang", LANGS)
def test_no_body_key_is_shown_where_there_is_a_name(pages: dict[tuple[str, str], str], lang: str) -> None:
    said = " ".join(read(pages["sample", lang], lang).texts)
    keys = [body.key for body in sample().bodies if "_" in body.key]
    assert [key for key in keys if re.search(rf"\b{key}\b", said)] == []


@pytest.mark.parametrize("lang", LANGS)
def test_all_arguments_stand_on_every_page_with_their_verdicts_and_commands(
    pages: dict[tuple[str, str], str], lang: str
) -> None:
    rows = verdicts(sample().arguments, lang)
    assert {row["argument"] for row in rows} == set(shipped_arguments()) and len(rows) == 3
    parts = ("hold", "in_part", "do_not", "silent", "no_verdict")
    for row, one in zip(rows, sample().arguments, strict=True):
        assert sum(row[part] for part in parts) == row["claims"] == len(one.answers[lang]["claims"])
        assert row["links"] == len(one.answers[lang]["links"]) >= row["links_borne_out"]
    for name, whole in (("sample", 3), ("page", 1), ("single", 1)):
        page = pages[name, lang]
        section = page.partition('<section id="argument"')[2].partition("</section>")[0]
        for row in rows:
            assert f"<code>{row['command']}</code>" in section and row["title"] in section
        assert section.count('id="argument-map-') == whole == section.count('class="fig"'), name
    assert word("argued.whole", lang, title=rows[1]["title"]) in pages["sample", lang]
    assert word("argued.whole", lang, title=rows[1]["title"]) not in pages["page", lang]


def test_every_visible_chinese_string_comes_from_the_words(pages: dict[tuple[str, str], str]) -> None:
    argument = sample().argued
    assert argument is not None
    named = " ".join(c["claim"] for one in sample().arguments for c in one.answers["zh-Hant"]["claims"])
    for name in ("sample", "refused", "beyond", "mixed", "uncovered"):
        seen = read(pages[name, "zh-Hant"], "zh-Hant")
        latin = set(re.findall(r"[A-Za-z]{3,}", " ".join(t for t in seen.texts if "://" not in t)))
        assert latin <= LATIN_NAMES | {"UNFCCC", "IRENA"} | set(re.findall(r"[A-Za-z]{3,}", named)), (name, latin)


def test_every_visible_english_string_comes_from_the_words(pages: dict[tuple[str, str], str]) -> None:
    pieces = "\n".join(english for english, _ in pairs().values()).lower()
    known = (
        set(re.findall(r"[a-z]{3,}", pieces))
        | {day(f"2026-{m:02}", "en").split()[0].lower() for m in range(1, 13)}
        | {"united", "states", "unfccc", "france", "kyoto"}
    )
    data = sample()
    given = [
        data.title_en,
        data.note or "",
        *(b.name_en for b in data.bodies),
        *(c for _, c in data.why.claims),
    ]
    assert data.fed_back is not None and data.follows is not None
    assert data.argued is not None
    for one in data.arguments:
        answer, labels = one.answers["en"], one.labels["en"]
        given += [*answer["says"], *labels.values(), *(f"{c['id']} {c['claim']}" for c in answer["claims"])]
        given += [str(link["figure"]) for link in answer["links"]] + [answer["title"]]
    given += [
        *(words.render(w, "en") for w in data.fed_back.warnings),
        *(in_words(f.what, "en") for f in data.follows.figures),
    ]
    given += [f"{s.title} {s.producer} {s.licence} {s.citation}" for s in data.sources]
    known |= set(re.findall(r"[a-z]{3,}", " ".join(given).lower()))
    seen = read(pages["sample", "en"], "en")
    said = " ".join(t for t in seen.texts if "://" not in t and "…" not in t).lower()
    assert set(re.findall(r"[a-z]{3,}", said)) <= known


def test_bodies_without_a_chinese_name_are_counted_and_shown_in_english(
    pages: dict[tuple[str, str], str],
) -> None:
    page = pages["hostile", "zh-Hant"]
    assert word("bodies.no_zh", "zh-Hant", count=2) in page
    assert '<span lang="en">=HYPERLINK(1)</span>' in page


@pytest.mark.parametrize("lang", LANGS)
def test_tables_are_usable_without_sight(pages: dict[tuple[str, str], str], lang: str) -> None:
    page = pages["sample", lang]
    tables = re.findall(r"<table.*?</table>", page, re.S)
    assert len(tables) >= 12
    for table in tables:
        assert "<caption>" in table and 'scope="col"' in table and 'scope="row"' in table
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r'href="#([^"]+)"', page)) | set(
        re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', page)
    )
    assert targets <= set(ids)
    assert page.index('class="skip"') < page.index("<header")


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_colours_have_contrast_in_light_dark_and_print() -> None:
    css = (ASSETS / "palette.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.S)
    assert len(blocks) == 3
    for block in blocks:
        colours = dict(re.findall(r"--([\w-]+): (#\w{6})", block))
        for text, least in (
            ("ink", 7.0),
            ("muted", 4.5),
            ("link", 4.5),
            ("c2", 4.5),
            ("c1", 3.0),
            ("c5", 3.0),
        ):
            for ground in ("paper", "warn") if text == "ink" else ("paper",):
                pair = sorted((luminance(colours[text]), luminance(colours[ground])))
                assert (pair[1] + 0.05) / (pair[0] + 0.05) >= least, (text, ground)


OTHER_ARGUMENTS = (
    "claims_case_for_batch_2026", "links_case_for_batch_2026", "claims_literature_on_exit", "links_literature_on_exit",
)  # fmt: skip


def test_csv_copies_hold_every_row_and_disarm_formulas(pages: dict[tuple[str, str], str]) -> None:
    found = re.findall(r'download="exeunt-usa-2026-01-(\w+)\.csv" href="data:text/csv;charset=utf-8,([^"]+)"',
                       pages["sample", "en"])  # fmt: skip
    tables = {name: unquote(text) for name, text in found}
    assert {"bodies", "factors", "hazards", "coefficients", "effects", "exits", "joins", "sources", "what",
            "not_covered", "calibration", "dropped", "acts", "clocks", "compared", "verdicts", "figures", "gaps",
            "owed", "payers", "rates", "areas", "standing", "ends", "bounds", "channels",
            "placebos", "claims", "links", "futures", "arguments", *OTHER_ARGUMENTS} == set(tables)  # fmt: skip
    assert tables["bodies"].startswith("\ufeffnumber,key,") and tables["bodies"].count("\r\n") == 67
    assert "'=1+1" in unquote(csv_link([{"a": "=1+1", "b": -2.5}])) and ",-2.5" in unquote(
        csv_link([{"a": "=1+1", "b": -2.5}])
    )


# --- writing ------------------------------------------------------------------------------------------


def test_a_report_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")
    page = render(sample(), "zh-Hant")
    assert write(page, target) == len(page.encode()) == target.stat().st_size
    assert target.read_text(encoding="utf-8") == page
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_made_and_an_impossible_one_is_one_sentence(tmp_path: Path) -> None:
    assert write("<p>x</p>", tmp_path / "new" / "report.html") == 8
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"could not be written .*name another"):
        write("<p>x</p>", tmp_path / "file" / "report.html")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_report_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OutputError, match="No space left on device"):
        write("new", target)
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_unwritable_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    (tmp_path / "report.html" / "kept").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError):
        write("new", tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="Permission denied"):
            write("new", tmp_path / "report.html")
        assert list(tmp_path.iterdir()) == []
    finally:
        tmp_path.chmod(0o700)


def test_shipped_summaries_are_those_of_the_kept_answers() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "summaries.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = compared()
    assert found is not None and len({s.model for s in found.scores}) >= 11 and found.inside <= found.totals == 24


@pytest.mark.parametrize("dark", [False, True])
def test_every_figure_stands_alone_in_light_and_dark(dark: bool) -> None:
    papers = {False: "#ffffff", True: "#14181c"}
    for name in FIGURES:
        drawn = alone(sample(), name, "en", dark)
        ElementTree.fromstring(drawn)
        assert f'fill="{papers[dark]}"' in drawn and "var(--" not in drawn, name
    with pytest.raises(KeyError):
        alone(sample(), "pie", "en")


def test_the_timeline_as_data_and_its_lines() -> None:
    data = sample()
    rows = timeline._timeline_records(data)
    assert len(rows) == len(data.acts) == 73
    drawn = timeline._lines(data)
    assert drawn[0][1][0].body is None and sum(number for _, _, number in drawn) == 67
    assert (65, 1) == tuple(sorted((n for _, _, n in drawn), reverse=True))[:2]
    assert {timeline._mark_of(a.act) for a in data.acts} == {*timeline.ORDER}
    svg = timeline._timeline_svg(data, "en")
    assert "65 alike, such as Colombo Plan" in svg and svg.count("f-doubt") == 2
    assert timeline._timeline_svg(replace(data, acts=()), "en") == ""


@pytest.mark.parametrize("lang", LANGS)
def test_one_exit_is_told_with_its_dates_and_what_is_thin(pages: dict[tuple[str, str], str], lang: str) -> None:
    top = pages["single", lang].partition('<section id="bodies"')[0]
    for text in ("1983-12-28", "1984-12-31", "2003-10-01"):
        assert day(text, lang) in top
    assert word("thin.acts", lang, acts=3) not in top
    assert word("top.positions", lang, positions=1) in top


@pytest.mark.parametrize("lang", LANGS)
def test_every_way_an_exit_can_go_has_its_sentence(lang: str) -> None:
    data = VARIANTS["single"]()
    said = set()
    for outcome in OUTCOMES:
        row = replace(data.bodies[0], outcome=outcome, back=None, taken_back="1985", announced="1983")
        acts = (*data.acts, replace(data.acts[0], act="effective_by_clause", date="1990-01-01"))
        said.add(Sentences(replace(data, bodies=(row,), acts=acts), lang).headline())
    assert len(said) == len(OUTCOMES)
    assert all("  " not in one and "{" not in one for one in said), said


def test_amounts_are_written_in_the_units_that_each_language_counts_in() -> None:
    assert [dollars(v, "en") for v in (0, 950, 8_050_368, 148_868_041, 1.389e9)] == [
        "0", "950 US dollars", "8.05 million US dollars", "149 million US dollars", "1.39 billion US dollars",
    ]  # fmt: skip
    assert [dollars(v, "zh-Hant") for v in (950, 8_050_368, 148_868_041, 1.389e9)] == [
        "950美元", "805萬美元", "1.49億美元", "13.9億美元",
    ]  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_page_one_says_what_it_costs_or_that_this_is_not_determined(
    pages: dict[tuple[str, str], str], lang: str
) -> None:
    top = pages["sample", lang].partition('<section id="bodies"')[0]
    assert dollars(1.488e8, lang) in top and dollars(8.05e6, lang) in top and percent(0.89, lang) in top
    assert word("cost.unknown", lang) in pages["single", lang].partition('<section id="bodies"')[0]
    assert word("top.cost", lang) not in pages["page", lang]
    assert "unfpa" not in " ".join(read(top, lang).texts)


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_of_a_body_tells_its_money_or_that_no_ledger_has_it(
    pages: dict[tuple[str, str], str], lang: str
) -> None:
    page = pages["page", lang]
    section = page.partition('<section id="paid"')[2].partition("</section>")[0]
    assert (
        "2,500,000" in section
        and percent(0.2, lang, 2) in section
        and percent(0.3989, lang, 2) in section
        and percent(0.22, lang) in section
    )
    assert word("paid.most", lang, shown=25, total=40) in section and ">S24<" in section and ">S25<" not in section
    assert dollars(2.5e6, lang) in section.partition("</h2>")[0] and "exeunt money colombo_plan" in section
    assert 'href="https://example.org/1"' in section and "600,000 USD" in section
    assert len(tables(VARIANTS["page"]())["paid_latest"]) == 40
    none = render(replace(VARIANTS["page"](), paid=Paid(inside=("colombo_plan",))), lang)
    section = none.partition('<section id="paid"')[2].partition("</section>")[0]
    assert word("paid.title_none", lang, name="Colombo Plan") in section and word("paid.none", lang) in section
    assert word("paid.inside", lang) in section and "<table" not in section
    assert 'id="paid"' not in pages["sample", lang]


def test_feedback_is_called_decided_only_where_both_bounds_agree() -> None:
    found = fed_back()
    assert (
        found is not None
        and intervals._told_apart(found) is None
        and "not decided" in intervals._loop_title(found, "en")
    )
    first = found.outcomes[0]
    low = {**first, "R_upper": {"median": 0.5, "low": 0.2, "high": 0.9}}
    high = {**first, "R": {"median": 1.4, "low": 1.1, "high": 1.9}}
    assert intervals._told_apart(replace(found, outcomes=(low,))) is False
    assert intervals._told_apart(replace(found, outcomes=(high,))) is True
    assert intervals._failed(found) == ["leads", "unrelated_bodies"]
    assert [r["counts"] for r in intervals._loop_records(sample())] == [
        "fitted",
        "leads",
        "permuted_years",
        "unrelated_bodies",
    ]


def test_every_shipped_scenario_stands_beside_the_baseline(pages: dict[tuple[str, str], str]) -> None:
    found = shipped_futures()
    assert found is not None and found.worlds >= 200 and found.years == 25
    rows = {row["scenario"]: row for row in found.rows}
    assert set(rows) == set(shipped_scenarios())
    assert rows["baseline"]["exits"] is None
    for name, row in rows.items():
        for what in intervals.WHAT if row["exits"] else ():
            one = row[what]
            assert one["mean_low"] <= one["mean"] <= one["mean_high"] and one["low"] <= one["high"], (name, what)
    # The batch itself adds about as many exits as it forces; a state that is back has its memberships again.
    assert rows["batch-executed"]["exits"]["mean_low"] > 3
    ends = {name: rows[name]["memberships"]["mean"] for name in ("batch-executed", "batch-reversed")}
    assert ends["batch-executed"] < ends["batch-reversed"]
    assert intervals._futures_missing(found) == len(rows["batch-executed"]["missing"]) > 5
    for lang in LANGS:
        page = pages["sample", lang]
        section = page.partition('<section id="next"')[2].partition("</section>")[0]
        for name in rows:
            assert name == "baseline" or word(f"scenario.{name}", lang) in section, name
        for number_of in (1, 2, 3):
            assert word(f"futures.not.{number_of}", lang) in section
        for row in intervals._scenarios(found):
            assert intervals._signed(row["memberships"]["mean"], lang) in section
        assert "exeunt simulate batch-executed --worlds" in section and found.fingerprint in section


def test_futures_as_data_their_title_and_order() -> None:
    found = shipped_futures()
    assert found is not None
    records = intervals._futures_records(sample())
    assert len(records) == len(found.rows) and records[0]["exits_minus_baseline_mean"] is None
    sizes = [abs(row["exits"]["mean"]) for row in intervals._scenarios(found)]
    assert sizes == sorted(sizes, reverse=True) and len(sizes) == len(found.rows) - 1
    nil = {"mean": 0.1, "mean_low": -0.2, "mean_high": 0.4, "low": -3, "high": 3}
    flat = replace(found, rows=tuple({**r, "exits": nil if r["exits"] else None} for r in found.rows))
    assert "No scenario" in intervals._futures_title(flat, "en")
    assert intervals._futures_title(flat, "en") in intervals._futures_svg(replace(sample(), futures=flat), "en")
    assert intervals._futures_svg(replace(sample(), futures=flat), "en").count("f-open") == len(sizes)
    far = replace(
        found, rows=tuple({**r, "exits": {**nil, "mean": 4e5, "mean_low": 3e5, "mean_high": 6e5}} for r in found.rows)
    )
    ElementTree.fromstring(intervals._futures_svg(replace(sample(), futures=far), "en"))
    assert intervals._futures_svg(replace(sample(), futures=None), "en") == ""
    assert [intervals._signed(v, "en") for v in (6.61, -24.5, 0.0, -0.02, 1234.5)] == [
        "+6.6",
        "−24.5",
        "0.0",
        "0.0",
        "+1,234",
    ]


def test_the_comparison_as_data_and_its_title() -> None:
    rows = intervals._compared_records(sample())
    assert {r["years_ahead"] for r in rows} == {1, 3, 5} and len(rows) >= 33
    found = compared()
    assert found is not None and "None of the 8" in intervals._compared_title(found, "en")
    better = tuple(replace(s, low=0.01, skill=0.02, high=0.03) if s.model == "Burden" else s for s in found.scores)
    assert "1 of 8 explanations" in intervals._compared_title(replace(found, scores=better), "en")


def test_the_sample_is_the_real_list() -> None:
    assert len(sample_report.sample().bodies) == 66
