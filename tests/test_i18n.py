"""Words: every message in every language, used, and written as its language asks; a further language is one catalogue."""

from __future__ import annotations

import importlib.util
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.numbers import format_decimal

from exeunt import i18n
from exeunt.answers import Message
from exeunt.core.dates import parse
from exeunt.explain.explanations import EXPLANATIONS
from exeunt.i18n import LANGS, LANGUAGES, day, dollars, joined, known, listed, number, percent, render, word
from exeunt.i18n.messages import FAMILIES
from exeunt.record.exits import OUTCOMES
from exeunt.record.schema import ACTS, LEAVEABLE, STATUSES
from exeunt.report import summaries
from exeunt.report.figures import timeline
from exeunt.simulate.results import _back_tested_hits as back_tested_hits
from texts import catalogue, forms, pairs
from tiny import ROOT

SRC = ROOT / "src" / "exeunt"
_spec = importlib.util.spec_from_file_location("catalogues", ROOT / "scripts" / "catalogues.py")
assert _spec is not None and _spec.loader is not None
catalogues = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(catalogues)
LATIN_NAMES = {
    "exeunt", "CSV", "COW", "IGO", "BibTeX", "API", "JSON", "URL", "SVG", "PNG", "ISO", "CEB", "GDP", "EDTF", "Laplace", "DOI",
    "PIT", "MB", "UTF", "Stata", "OpenAPI",
}  # fmt: skip
"""Names and formats that Chinese writes in Latin letters."""
# Simplified characters that Traditional Chinese does not use.
SIMPLIFIED = "约国际组织构会员声务单间动关开权实报变规则协认识书缴费补从为与们议场级东车长门问马鸟"


FIELDS = {"definition", "question", "share_of", "relation", "weight", "vote", "entered"}
"""Fields of answers whose closed words tables write out by the name of the field."""


def placeholders(text: str) -> dict[str, str]:
    return {name: spec or "" for _, name, spec, _ in string.Formatter().parse(text) if name}


def latin_sentences(text: str) -> list[str]:
    """Runs of four or more Latin words, which in a Chinese text are a sentence that nobody translated.

    Quotations, code, addresses and names in capitals are no such.
    """
    bare = re.sub(r"「[^」]*」|《[^》]*》|`[^`]*`|https?://\S+|\{[^}]*\}", " · ", text)
    runs = re.findall(r"[A-Za-z][\w'’-]*(?:[ ,;:]+[A-Za-z][\w'’-]*){3,}", bare)
    return [run for run in runs if sum(one[:1].islower() for one in run.split()) >= 3]


# --- the catalogues -----------------------------------------------------------------------------------


def test_what_is_shipped_follows_from_the_catalogues() -> None:
    stale = [path.name for path, made in catalogues.made(i18n.FOLDER, LANGUAGES).items() if path.read_bytes() != made]
    assert not stale, f"{stale}: run python scripts/catalogues.py"


@pytest.mark.parametrize("lang", LANGS)
def test_every_message_exists_with_every_plural_form(lang: str) -> None:
    assert list(forms(lang)) == list(forms(LANGS[0]))
    for code, texts in forms(lang).items():
        assert all(text.strip() for text in texts), code
        if len(forms(LANGS[0])[code]) > 1:
            assert len(texts) == catalogue(lang).num_plurals, code


@pytest.mark.parametrize("lang", LANGS)
def test_placeholders_are_those_of_the_english(lang: str) -> None:
    families = {code.rpartition(".")[0] for code in forms("en")}
    plain = {"", "text", "date", "number", "percent", "usd", "state", "body", "count"}
    for code, texts in forms(lang).items():
        english = placeholders(forms("en")[code][-1])
        for text in texts:
            if code not in ("argue.found.fact", "argue.found.point_fact"):  # text of a file, one value per language
                assert set(placeholders(text)) == set(english), code
            for spec in placeholders(text).values():
                kind = spec.partition(".")[0]
                assert kind in plain or kind in families, (code, spec)
                if kind == "count":
                    assert known(spec), (code, spec)


def test_every_message_is_used() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in SRC.rglob("*") if path.suffix in (".py", ".html", ".toml", ".json")
    )
    literal = set(re.findall(r"""["']([\w.\-() ]+)["']""", source))
    begun = set(re.findall(r"""["']([a-z_.]+[._])(?:\{|["']\s*[~+])""", source))
    families = set(re.findall(r"""(?:open_word\(["']|\(\?P<)(\w+)""", source)) | {
        spec.partition(".")[0] if not spec.startswith("count.") else spec
        for lang in LANGS
        for texts in forms(lang).values()
        for text in texts
        for spec in placeholders(text).values()
    }
    families |= FIELDS | {"column", *(family for several in FAMILIES.values() for family in several)}
    unused = [
        code
        for code in forms("en")
        if code not in literal
        and not any(code.startswith(prefix) for prefix in begun)
        and code.rpartition(".")[0] not in families
        and code not in families
    ]
    assert unused == []


def test_no_english_is_left_in_the_chinese() -> None:
    left = {}
    for code, (_, chinese) in pairs().items():
        plain = re.sub(r"\{[^}]*\}|`[^`]*`|「[^」]*」", "", chinese)
        if code.startswith(("consequence.", "usd.steps", "article19.", "column.", "web.api.", "web.param.")):
            continue  # these name columns and options as they are typed
        plain = re.sub(
            r"`[^`]*`|--[a-z]+|[a-z]+/[a-z]+|'[^']*'|\"[^\"]*\"", "", plain
        )  # commands, types and fields as typed
        if latin := set(re.findall(r"[A-Za-z]{2,}", plain)) - LATIN_NAMES:
            left[code] = latin
    assert left == {}


def test_no_sentence_of_the_chinese_is_latin() -> None:
    assert {code: found for code, (_, chinese) in pairs().items() if (found := latin_sentences(chinese))} == {}
    assert latin_sentences("未作模擬；the exit model did not converge") == ["the exit model did not converge"]
    assert latin_sentences("見 World Heritage Convention 與「the end of it all」") == []


def test_the_chinese_is_traditional_and_quotes_as_taiwan_does() -> None:
    assert {code: c for code, (_, text) in pairs().items() for c in text if c in SIMPLIFIED} == {}
    assert [code for code, (_, text) in pairs().items() if re.search("[“”‘’]", text)] == []
    assert [code for code, (text, _) in pairs().items() if re.search("[「」『』]", text)] == []


# --- what is written ------------------------------------------------------------------------------------


def test_every_word_of_a_closed_list_of_the_record_has_a_message() -> None:
    lists = {
        "status": STATUSES, "what": LEAVEABLE, "act": ACTS, "outcome": OUTCOMES, "outcome_word": OUTCOMES, "course": OUTCOMES,
        "explanation": [one.name for one in EXPLANATIONS], "mark": timeline.ORDER,
    }  # fmt: skip
    for lang in LANGS:
        for family, codes in lists.items():
            for code in codes:
                assert f"{family}.{code}" in forms(lang), (lang, family, code)


def test_plural_forms_follow_the_number() -> None:
    said = [word("count.body", "en", n=n) for n in (0, 1, 2, 1234, "1", "1,234")]
    assert said == ["0 bodies", "1 body", "2 bodies", "1,234 bodies", "1 body", "1,234 bodies"]
    assert word("count.body", "zh-Hant", n=1) == "1個機構"
    one = word("web.home.title", "en", states=1, bodies=1, exits=1)
    assert one == "1 state, 1 body, 1 recorded episode of leaving"


def test_no_english_message_counts_with_a_bare_plural() -> None:
    nouns = r"\{\w+(?::number)?\} (?:bodies|states|exits|memberships|treaties|claims|links|years|months|days|worlds)\b"
    said = {code: texts[-1] for code, texts in forms("en").items() if not code.startswith("count.")}
    assert [code for code, text in said.items() if re.search(nouns, text)] == []


@pytest.mark.parametrize("lang", LANGS)
def test_numbers_dates_and_lists_are_those_of_the_cldr(lang: str) -> None:
    locale = Locale.parse(LANGUAGES[lang])
    for value in (0, 7, 1234, 1234567.891, -45.5):
        told = format_decimal(value, "#,##0.##;-#", locale=locale)
        digits = len(told.partition(".")[2])
        assert number(value, lang, digits) == told.replace("-", i18n.MINUS)
    for text in ("2026-01-07", "1966-12-31"):
        when = parse(text).earliest
        assert when is not None
        assert day(text, lang) == format_date(when, "long", locale=locale)
        assert day(text[:7], lang) == format_skeleton("yMMMM", when, locale=locale)
        assert day(text[:4], lang) == format_skeleton("y", when, locale=locale)
    for names in (["甲"], ["甲", "乙"], ["甲", "乙", "丙"], ["甲", "乙", "丙", "丁"]):
        assert listed(names, lang) == format_list(names, locale=locale)


def test_amounts_use_the_units_of_each_language() -> None:
    assert [dollars(v, "en") for v in (0, 950, 1500, 2.5e6, 1.49e8, 3e9)] == [
        "0", "950 US dollars", "1.50 thousand US dollars", "2.50 million US dollars", "149 million US dollars",
        "3.00 billion US dollars",
    ]  # fmt: skip
    assert [dollars(v, "zh-Hant") for v in (950, 25000, 1.49e8)] == ["950美元", "2.50萬美元", "1.49億美元"]
    assert joined(["One.", "Two."], "en") == "One. Two." and joined(["一。", "二。"], "zh-Hant") == "一。二。"


@pytest.mark.parametrize(("code", "lang"), [("status.gone", "en"), ("status.member", "fr")])
def test_a_missing_message_or_language_raises(code: str, lang: str) -> None:
    with pytest.raises(KeyError):
        word(code, lang)


def test_no_pattern_over_english_decides_anything() -> None:
    """A pattern that holds three lowercase English words in a row reads prose."""
    pattern = re.compile(r"""\bre\.\w+\(\s*[rbf]{0,2}(["'])(?:(?!\1).)*?[a-z]{2,} [a-z]{2,} [a-z]{2,}(?:(?!\1).)*?\1""")
    found = [
        f"{path.relative_to(SRC)}: {one[0][:80]}"
        for path in SRC.rglob("*.py")
        for one in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_period_that_no_message_names_is_counted() -> None:
    assert (i18n.period("P1Y", "en"), i18n.period("P12M", "zh-Hant")) == (
        word("period.P1Y", "en"),
        word("period.P12M", "zh-Hant"),
    )
    assert (i18n.period("P7M", "en"), i18n.period("P1Y2W", "en")) == ("7 months", "1 year and 2 weeks")
    assert (i18n.period("P7M", "zh-Hant"), i18n.period("soon", "en")) == ("7個月", "soon")


def test_what_the_shipped_summaries_say_is_said_in_every_language() -> None:
    compared, fed_back = summaries._compared(), summaries._fed_back()
    assert compared is not None and fed_back is not None
    messages = [one for score in compared.scores for one in score.doubts] + list(fed_back.warnings)
    messages += [one for *_, verdict in compared.verdicts for one in verdict]
    messages.append(Message(**back_tested_hits()["about"]))
    for one in messages:
        numbers = [
            set(re.findall(r"\d+(?:\.\d+)?", render(one, lang).replace("below 0", "").replace(" 0", "")))
            for lang in LANGS
        ]
        assert numbers[0] - {"0"} == numbers[1] - {"0"}, one


# --- a further language -----------------------------------------------------------------------------------

ACCENTS = str.maketrans("aeioucnyAEIOUCNY", "áéíöüçñýÁÉÍÖÜÇÑÝ")


def pseudo(text: str) -> str:
    """Accented and a third longer, placeholders as they are: what a translation does to a page."""
    parts = re.split(r"(\{[^}]*\})", text)
    return "".join(one if one.startswith("{") else one.translate(ACCENTS) for one in parts) + "~" * (len(text) // 3)


@pytest.fixture
def french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """French as a translator would add it: one catalogue, one line in LANGUAGES, and the script run."""
    made = Catalog(locale="fr")
    for message in catalogue("en"):
        if message.id:
            text = message.string
            plain = message.id == "usd.steps"
            made.add(message.id, text if plain else pseudo(text) if isinstance(text, str) else tuple(map(pseudo, text)))
    for lang in LANGS:
        (tmp_path / f"{lang}.po").write_bytes((i18n.FOLDER / f"{lang}.po").read_bytes())
    (tmp_path / "fr.po").write_bytes(catalogues.source(made, None))
    monkeypatch.setitem(i18n.LANGUAGES, "fr", "fr")
    monkeypatch.setattr(i18n, "FOLDER", tmp_path)
    for path, content in catalogues.made(tmp_path, i18n.LANGUAGES).items():
        path.write_bytes(content)
    clear()
    yield "fr"
    clear()


def clear() -> None:
    i18n._catalogue.cache_clear()
    i18n._locale.cache_clear()


def test_a_language_is_one_catalogue_and_one_line(french: str) -> None:
    assert word("status.member", french).startswith(word("status.member", "en").translate(ACCENTS))
    assert number(1234567.5, french, 1) == "1\u202f234\u202f567,5" and percent(0.25, french) == "25\xa0%"
    assert day("2026-02-07", french) == "7 février 2026" and listed(["a", "b", "c"], french) == "a, b et c"
    assert word("count.body", french, n=0).startswith("0 bödý")
    assert render(Message(code="count.body", values={"n": 2}), french).startswith("2 ")


def test_a_report_speaks_the_further_language(french: str) -> None:
    from exeunt.report.page import render as page
    from sample_report import sample

    html = page(sample(), french)
    assert word("nav.method", french) in html and f'lang="{french}"' in html
