"""The explorer without a browser: its guard, its pages, its API, and what both share with the command line."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from starlette.testclient import TestClient

from exeunt.core.errors import ExeuntError, UnknownNameError, UsageError
from exeunt.core.export import _render as render
from exeunt.i18n import LANGS, known, word
from exeunt.record.cases import cases
from exeunt.record.exits import Exit, exits
from exeunt.record.opened import ANSWERS, open_record
from exeunt.record.status import INSIDE, status
from exeunt.web import app as web_app
from exeunt.web.api import QUESTIONS, _document
from exeunt.web.app import _bound
from exeunt.web.jobs import Jobs
from exeunt.web.pages import EXAMPLES, PAGES
from exeunt.web.queries import COUNTED_AS, Queries, _year_of
from exeunt.web.search import SearchIndex, _folded
from exeunt.web.security import CSP, LARGEST_BODY, Guard
from texts import forms, pairs
from tiny import environment, exeunt, one_sentence

HOST = "127.0.0.1:8470"
BASE = f"http://{HOST}"
ADDRESSES = [
    "/", "/search?q=WHO", "/search?q=unesko", "/search", "/state/USA", "/state/YUG?year=1990", "/body/unesco",
    "/body/icc?as_of=2019-05-01", "/pair", "/pair?state=USA&body=who", "/pair?state=HUN&body=icc&notified=2025-06-02",
    "/pair?state=FRA&body=un_desa&as_of=2030-01-01", "/compare", "/compare?a=MLI&b=NER&year=2024", "/exits",
    "/exits?region=Africa&first_year=2020&contested=&state=", "/exits?state=USA&body=un", "/money",
    "/money?target=unesco&state=USA", "/money?target=usa-2026-01&page=2", "/cases", "/case/usa-2026-01", "/figures",
    "/scenarios", "/api",
]  # fmt: skip


@pytest.fixture(scope="module")
def queries() -> Queries:
    return Queries(open_record())


@pytest.fixture(scope="module")
def client(queries: Queries) -> Iterator[TestClient]:
    # Jobs that end at once: those of test_web_jobs.py run longer, those of test_browser_web.py simulate.
    jobs = Jobs(lambda *_: [sys.executable, "-c", "print({})"])
    with TestClient(web_app._build(queries, jobs, Guard.hosts_of("127.0.0.1", 8470)), base_url=BASE) as found:
        yield found


class Reader(HTMLParser):
    """Collects what the safety of a page rests on, its links, and the text it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.inline: list[str] = []
        self.unnamed: list[str] = []
        self.texts: list[str] = []
        self.ids: list[str] = []
        self._skip = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.links += [str(given[name]) for name in ("href", "src", "action") if given.get(name)]
        self.ids += [str(given["id"])] if "id" in given else []
        if any(name.startswith("on") or name == "style" for name in given) or (tag == "script" and "src" not in given):
            self.inline.append(f"{tag} {given}")
        if tag == "style":
            self.inline.append(tag)
        self._skip += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._skip and data.strip():
            self.texts.append(data.strip())


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


# --- the guard -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:80", "localhost:8470.evil.example", ""])
def test_another_host_name_is_turned_away(client: TestClient, host: str) -> None:
    for path in ("/", "/api/record"):
        answer = client.get(path, headers={"host": host})
        assert answer.status_code == 421, answer.text
        assert "evil" not in answer.text or "not under" in answer.text
    assert client.get("/api/record", headers={"host": "localhost:8470"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1:8470"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": BASE, "sec-fetch-site": "cross-site"},
    ],
)
def test_a_page_of_another_site_starts_and_stops_nothing(client: TestClient, headers: dict[str, str]) -> None:
    for method, path in (
        ("POST", "/api/jobs"),
        ("DELETE", "/api/jobs/0"),
        ("POST", "/scenarios"),
        ("POST", "/jobs/0/cancel"),
    ):
        answer = client.request(method, path, headers=headers, json={} if "api" in path else None)
        assert answer.status_code == 403, (method, path, answer.text)
    assert client.get("/api/jobs", headers=headers).status_code == 200


def test_every_answer_carries_the_safe_headers(client: TestClient) -> None:
    for path in ("/", "/nope", "/api/record", "/api/nope", "/assets/style.css", "/state/nobody", "/api/status"):
        answer = client.get(path)
        assert answer.headers["content-security-policy"] == CSP
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-frame-options"] == "DENY"
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "unsafe" not in CSP and "frame-ancestors 'none'" in CSP
    refused = client.get("/", headers={"host": "evil.example"})
    assert refused.headers["content-security-policy"] == CSP


def test_requests_have_limits(client: TestClient) -> None:
    assert client.get("/api/search?q=" + "x" * 2001).status_code == 414
    assert client.get("/state/" + "x" * 501).status_code == 414
    assert client.get("/state/" + "x" * 300).status_code == 400
    assert client.get("/api/search?q=" + "x" * 121).status_code == 400
    large = json.dumps({"scenario": "x" * LARGEST_BODY})
    assert client.post("/api/jobs", content=large, headers={"content-type": "application/json"}).status_code == 413

    def pieces() -> Iterator[bytes]:
        yield from (large[i : i + 100].encode() for i in range(0, len(large), 100))

    chunked = client.post("/api/jobs", content=pieces(), headers={"content-type": "application/json"})
    assert chunked.status_code == 413
    assert client.post("/api/jobs", json={}, headers={"content-length": "-1"}).status_code == 413


def test_preflight_and_other_methods_are_not_answered(client: TestClient) -> None:
    ask = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    assert client.options("/api/jobs", headers=ask).status_code == 405
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        answer = client.request(method, "/api/record")
        assert answer.status_code == 405 and "GET" in answer.headers["allow"]


def test_what_a_reader_writes_is_never_markup(client: TestClient) -> None:
    attack = "<script>alert(1)</script>\"'onload=x"
    for path in ("/search", "/pair", "/compare", "/money", "/exits", "/state/" + attack.replace("/", "%2F")):
        for lang in LANGS:
            params = {"q": attack} if path == "/search" else {"a": attack, "b": attack} if path == "/compare" else (
                {"target": attack} if path == "/money" else {"state": attack, "body": attack}
            )  # fmt: skip
            answer = client.get(path, params={**({} if "/state" in path else params), "lang": lang})
            assert answer.status_code in (200, 404), (path, answer.status_code)
            assert "<script>alert" not in answer.text
            assert read(answer.text).inline == []


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(client: TestClient) -> dict[tuple[str, str], str]:
    found = {}
    for address in ADDRESSES:
        for lang in LANGS:
            answer = client.get(f"{address}{'&' if '?' in address else '?'}lang={lang}")
            assert answer.status_code == 200, (address, lang, answer.text[:500])
            found[address, lang] = answer.text
    return found


def test_every_kind_of_page_is_looked_at() -> None:
    kinds = {path.split("{")[0] for path, *_ in PAGES} | {"/scenarios"}
    assert kinds == {re.split(r"\?", a)[0] if "/" == a[0] and a.count("/") == 1 else a[: a.index("/", 1) + 1]
                     for a in ADDRESSES}  # fmt: skip


def test_pages_are_whole_and_hold_nothing_inline(pages: dict[tuple[str, str], str]) -> None:
    for (address, lang), text in pages.items():
        reader = read(text)
        assert (
            text.startswith("<!DOCTYPE html>") and f'<html lang="{lang}">' in text and text.rstrip().endswith("</html>")
        )
        assert reader.inline == [], (address, lang)
        assert len(reader.ids) == len(set(reader.ids)), (address, [i for i in reader.ids if reader.ids.count(i) > 1])
        assert text.count("<h1") == 1


def test_links_lead_somewhere_and_keep_the_language(client: TestClient, pages: dict[tuple[str, str], str]) -> None:
    seen = set()
    for (address, lang), text in pages.items():
        for link in read(text).links:
            if not link.startswith("/") or link.startswith(("/assets/", "/api/")):
                continue
            if lang != "en" and "lang=" not in link and 'action="' + link not in text:
                assert re.search(rf'href="{re.escape(link)}" lang="en"', text.replace("&amp;", "&")), (address, link)
            seen.add(re.sub(r"(/state/|/body/|/pair|/compare|/money)\S*", r"\1", link) if len(seen) > 400 else link)
    some = sorted(link for link in seen if link.count("?") <= 1)[:: max(len(seen) // 60, 1)]
    assert len(some) > 20
    for link in some:
        if not link.endswith(("/state/", "/body/", "/pair", "/compare", "/money")):
            assert client.get(link).status_code == 200, link


def test_the_table_of_a_page_can_be_had_as_data(client: TestClient, pages: dict[tuple[str, str], str]) -> None:
    kinds = set()
    for (address, lang), text in pages.items():
        for link in read(text).links:
            if link.startswith("/api/") and lang == "en" and link.split("?")[0] not in kinds and "/jobs" not in link:
                kinds.add(link.split("?")[0])
                answer = client.get(link)
                assert answer.status_code == 200, (address, link, answer.text[:200])
    assert {"/api/members", "/api/memberships", "/api/exits", "/api/acts", "/api/status", "/api/clock", "/api/money",
            "/api/compare", "/api/case", "/api/cases", "/api/exits-by-year", "/api/exits-by-region"} <= kinds  # fmt: skip


def test_the_words_of_the_interface_are_in_the_readers_language(pages: dict[tuple[str, str], str]) -> None:
    names = {param.name for question in QUESTIONS for param in question.params}
    english = {
        text
        for code, (text, _) in pairs().items()
        if code.startswith(("web.", "problem.")) and len(text) > 3 and "{" not in text
    } - names
    for address in ADDRESSES:
        shown = set(read(pages[address, "zh-Hant"]).texts)
        assert not shown & english, (address, shown & english)
        assert read(pages[address, "en"]).texts != read(pages[address, "zh-Hant"]).texts


def test_every_problem_has_its_sentence_and_is_told_somewhere() -> None:
    room = Path(web_app.__file__).parent
    source = "\n".join(p.read_text(encoding="utf-8") for p in room.glob("*.py"))
    written = {key for key in forms("en") if key.startswith("problem.")}
    assert len(written) > 30
    for key in written:
        assert f'"{key.removeprefix("problem.")}"' in source, key
    used = set(re.findall(r'(?:Problem\(\s*[\w.()]+,|_bad\(|Problem\(bad,)\s*"(\w+)"', source))
    assert len(used) > 25 and {f"problem.{code}" for code in used} <= written


def test_every_word_is_used() -> None:
    room = Path(web_app.__file__).parent
    source = "\n".join(p.read_text(encoding="utf-8") for p in room.rglob("*") if p.suffix in (".py", ".html"))
    by_value = {f"web.{name}" for name in ("yes", "no", "unsettled", "worlds", "years", "seed")}
    for key in forms("en"):
        if key.startswith("web."):
            stem = key.rpartition(".")[0]
            built = stem != "web" and any(f"{stem}.{end}" in source for end in ('"', "'", "{"))
            joined = f'{key.rpartition("_")[0]}_"' in source
            assert key in source or key in by_value or built or joined, key


def test_the_status_on_a_page_is_that_of_the_command_line(
    client: TestClient, tmp_path: Path, pages: dict[tuple[str, str], str]
) -> None:
    done = exeunt(
        "status", "USA", "who", "--as-of", "2020-08-01", "--format", "json", cwd=tmp_path, home=tmp_path / "h"
    )
    told = json.loads(done.stdout)
    assert client.get("/api/status?state=USA&body=who&as_of=2020-08-01").json() == told
    for lang in LANGS:
        page = client.get(f"/pair?state=USA&body=who&as_of=2020-08-01&lang={lang}").text
        assert word(f"status.{told['status']}", lang) in page
    assert word("status.left_claimed_disputed", "en") in pages["/pair?state=USA&body=who", "en"]


def test_a_year_means_its_last_day_and_the_closing_year_the_closing_day(client: TestClient, queries: Queries) -> None:
    assert 'value="1990-12-31"' in client.get("/state/FRA?year=1990").text
    closing = queries.record.closing_day
    assert f'value="{closing}"' in client.get(f"/state/FRA?year={closing.year}").text
    beyond = client.get("/state/FRA?as_of=2030-01-01").text
    assert 'class="banner"' in beyond and 'class="banner"' not in client.get("/state/FRA").text


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/nope", 404), ("/state/nobody-at-all", 404), ("/body/zzzz", 404), ("/case/none", 404), ("/jobs/0", 404),
        ("/pair?state=Grmany&body=who", 404), ("/pair?as_of=yesterday", 400), ("/state/FRA?year=12", 400),
        ("/state/FRA?colour=red", 400), ("/state/FRA?year=1990&year=1991", 400), ("/money?target=un&page=1000", 400),
        ("/exits?region=Mars", 400), ("/?lang=fr", 400), ("/?labels=mine", 400), ("/assets/../app.py", 404),
        ("/assets/app.py", 404), ("/figures/x.svg", 404), ("/jobs/0/exits_per_year.csv", 404),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_said_in_one_sentence(client: TestClient, address: str, code: int) -> None:
    answer = client.get(address)
    assert answer.status_code == code
    assert answer.headers["content-type"].startswith("text/html")
    (said,) = re.findall(r'<p class="problem">(.*?)</p>', answer.text)
    assert said.endswith(".") and "Traceback" not in answer.text
    if "lang=" not in address:
        chinese = client.get(f"{address}{'&' if '?' in address else '?'}lang=zh-Hant")
        assert chinese.status_code == code
        (told,) = re.findall(r'<p class="problem">(.*?)</p>', chinese.text)
        assert told.endswith("。") and re.search("[\u4e00-\u9fff]{3}", told), told


def test_a_typo_is_met_with_what_was_perhaps_meant(client: TestClient) -> None:
    answer = client.get("/pair?state=Grmany&body=who")
    assert "/search?q=Germany" in answer.text
    assert "/body/unesco" in client.get("/search?q=unesko").text


def test_the_labels_that_the_reader_chose_are_used(client: TestClient) -> None:
    name = "Taiwan, Province of China"
    assert name in client.get("/state/TWN?labels=un").text
    assert name not in client.get("/state/TWN?labels=own").text
    assert "labels=un" in client.get("/state/TWN?labels=un").text


def test_assets_are_kept_for_good_only_under_the_address_of_their_content(client: TestClient) -> None:
    (address,) = re.findall(r'src="(/assets/explore.js[^"]*)"', client.get("/").text)
    assert "immutable" in client.get(address).headers["cache-control"]
    assert client.get("/assets/explore.js?v=old").headers["cache-control"] == "no-cache"


def test_what_the_browser_has_is_not_sent_again(client: TestClient) -> None:
    for path in ("/", "/api/record", "/assets/style.css"):
        tag = client.get(path).headers["etag"]
        again = client.get(path, headers={"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")


def test_figures_stand_alone(client: TestClient) -> None:
    for name in ("exits", "regions"):
        answer = client.get(f"/figures/{name}.svg?lang=zh-Hant")
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.text.startswith("<svg") and "<style>" in answer.text and "var(--" not in answer.text


# --- the API ---------------------------------------------------------------------------------------------------------


def plain(found: list[Exit]) -> Any:
    return json.loads(json.dumps([one.as_dict() for one in found]))


def test_answers_are_those_of_the_record(client: TestClient, queries: Queries) -> None:
    record = queries.record
    assert client.get("/api/exits").json() == plain(exits(record))
    assert client.get("/api/exits?state=USA&as_of=2026-01-01").json() == plain(
        exits(record, "USA", None, date(2026, 1, 1))
    )
    listed = [r["case"] for r in client.get("/api/cases").json()]
    assert listed == [c.case for c in cases(queries.record)] and "usa-2026-01" in listed
    assert client.get("/api/record").json()["version"] == record.version
    rows = client.get("/api/money?target=unesco&state=USA&year=2023").json()
    assert rows == record.money("unesco", "USA", 2023).to_dicts()


@pytest.mark.parametrize("name", ["members", "exits", "money", "cases", "status"])
def test_a_csv_has_the_columns_of_the_command_line(client: TestClient, queries: Queries, name: str) -> None:
    params = {**EXAMPLES.get(name, {}), "format": "csv"}
    answer = client.get(f"/api/{name}", params=params)
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == [column.name for column in ANSWERS[name]]
    told = client.get(f"/api/{name}", params=EXAMPLES.get(name, {})).json()
    told = told if isinstance(told, list) else [told]
    assert len(rows) == len(told) + 1
    assert answer.content == render(told, "csv", False, ANSWERS[name])


def test_an_answer_without_rows_has_its_header(client: TestClient) -> None:
    answer = client.get("/api/exits?state=FRA&first_year=1900&last_year=1901&format=csv")
    assert answer.text.strip().split(",")[:2] == ["state", "body"]


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("/api/status", 400, "state is missing"),
        ("/api/status?state=USA&body=who&color=red", 400, "there is no parameter 'color'"),
        ("/api/status?state=USA&state=FRA&body=who", 400, "given twice"),
        ("/api/status?state=USA&body=who&as_of=2026-13-01", 400, "2026-13-01"),
        ("/api/status?state=USA&body=who&as_of=", 400, "date"),
        ("/api/status?state=Grmany&body=who", 404, "closest: Germany"),
        ("/api/exits?first_year=12", 400, "out of range"),
        ("/api/exits?first_year=abc", 400, "not a whole number"),
        ("/api/exits?announced=2016-99", 400, "2016-99"),
        ("/api/exits?region=Mars", 400, "none of"),
        ("/api/case?case=none", 404, "no case named"),
        ("/api/record?x=1", 400, "known: format"),
        ("/api/nope", 404, "nothing at"),
        ("/api/jobs/abc", 404, "no job"),
    ],
)
def test_problems_are_objects_with_one_sentence(client: TestClient, address: str, code: int, said: str) -> None:
    answer = client.get(address)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["type"]) == (code, code, "about:blank")
    assert said in problem["detail"] and problem["detail"].endswith("."), problem["detail"]


def test_an_error_nobody_foresaw_tells_nothing_of_the_inside(queries: Queries, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = TestClient(
        web_app._build(queries, Jobs(), Guard.hosts_of("127.0.0.1", 8470)), base_url=BASE, raise_server_exceptions=False
    )
    monkeypatch.setattr(queries, "members", lambda *a: 1 / 0)
    answer = broken.get("/api/members?body=icc")
    assert answer.status_code == 500 and "ZeroDivision" not in answer.text
    assert answer.headers["content-security-policy"] == CSP
    assert answer.json()["detail"].endswith(".")


def test_the_document_names_every_address_and_every_word(client: TestClient) -> None:
    told = client.get("/api/openapi.json").json()
    assert told["openapi"] == "3.1.0" and told == _document()
    assert set(told["paths"]) == {q.path for q in QUESTIONS} | {"/api/jobs", "/api/jobs/{id}"}
    page = client.get("/api").text
    for path in told["paths"]:
        assert path in page
    for question in QUESTIONS:
        for param in question.params:
            assert known(f"web.param.{param.name}")


load_all_checks()
API = schemathesis.openapi.from_dict(_document())
OPERATIONS = [found.ok() for found in API.get_all_operations()]
SPECIAL = (
    "ignored_auth",
    "max_response_time",
    "object_level_authorization",
    "use_after_free",
    "ensure_resource_availability",
)
PLAIN = {check.__name__: check for check in CHECKS.get_all() if getattr(check, "__name__", "") not in SPECIAL}
NEGATIVE = schemathesis.GenerationMode.NEGATIVE
BEYOND_A_SCHEMA = re.compile(r"cannot be used as a date|worlds times years")
"""What a schema cannot say: which texts are EDTF dates, and that a product has a limit."""


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.label)
@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, NEGATIVE], ids=["sound", "unsound"])
def test_the_api_keeps_to_its_document(client: TestClient, operation: Any, mode: Any) -> None:
    if mode == NEGATIVE and operation.label in ("GET /api/jobs",):
        return  # it takes nothing that could be unsound

    @settings(
        max_examples=8, derandomize=True, deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def hold(case: Any) -> None:
        raw = case.as_transport_kwargs(base_url=BASE)
        answer = client.request(
            raw["method"], raw["url"], params=raw.get("params"), headers=dict(raw.get("headers") or {}),
            json=raw.get("json"), content=raw.get("data"),
        )  # fmt: skip
        assert answer.status_code < 500, answer.text
        left_out = set()
        if answer.status_code in (413, 414):
            left_out.add("negative_data_rejection")  # it knows 400 alone
        if answer.status_code == 400 and BEYOND_A_SCHEMA.search(answer.json()["detail"]):
            left_out.add("positive_data_acceptance")
        case.validate_response(answer, checks=[check for name, check in PLAIN.items() if name not in left_out])

    hold()
    assert "response_schema_conformance" in PLAIN and "status_code_conformance" in PLAIN


# --- search ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("France", "FRA"), ("fra", "FRA"), ("法國", "FRA"), ("côte d’ivoire", "CIV"), ("COTE D'IVOIRE", "CIV"),
        ("臺灣", "TWN"), ("台灣", "TWN"), ("Taiwan, Province of China", "TWN"), ("UK", "GBR"), ("Burma", "MMR"),
        ("WHO", "who"), ("世界衛生組織", "who"), ("unesco", "unesco"), ("United Nations", "un"),
    ],
)  # fmt: skip
def test_names_codes_and_aliases_are_found_first(queries: Queries, asked: str, key: str) -> None:
    assert queries.search.find(asked)[0].key == key


@pytest.mark.parametrize(("asked", "key"), [("Grmany", "DEU"), ("Untied Natoins", "un"), ("unesko", "unesco")])
def test_a_typo_finds_the_nearest_name(queries: Queries, asked: str, key: str) -> None:
    assert queries.search.find(asked) == []
    assert queries.search.close(asked)[0].key == key


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_text_can_be_searched(text: str) -> None:
    index = _index()
    assert _folded(_folded(text)) == _folded(text)
    for row in [*index.find(text, limit=3), *index.close(text, limit=3)]:
        assert (row.kind, row.key) in index.names


def _index(found: list[SearchIndex] = []) -> SearchIndex:  # noqa: B006
    if not found:
        found.append(SearchIndex(open_record()))
    return found[0]


def test_the_explorer_understands_every_name_that_the_command_line_does(queries: Queries) -> None:
    states = queries.record.table("states")
    for name in [*states["state"].unique(), *states["name_en"].unique(), *states["name_zh"].drop_nulls().unique()]:
        try:
            wanted = queries.record.state(name)
        except UsageError:  # "Korea": both ask which
            with pytest.raises(UsageError):
                queries.state(name)
            continue
        assert queries.state(name) == wanted, name
    for key, (english, _) in queries.body_names.items():
        for name in (key, english):
            try:
                wanted = queries.record.body(name)
            except UsageError:
                with pytest.raises(UsageError):
                    queries.body(name)
                continue
            assert queries.body(name) == wanted, name


# --- figures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["USA", "YUG", "DEU", "SSD", "NER"])
def test_the_curve_counts_what_the_status_says(queries: Queries, state: str) -> None:
    record = queries.record
    for row in queries.curve(state)[::9]:
        day = min(date(row["year"], 12, 31), record.closing_day)
        pairs = record.lookup.pairs(state, None)
        assert row["memberships"] == sum(status(record, state, body, day).status in INSIDE for _, body in pairs)


def test_bars_add_up_to_the_rows(queries: Queries) -> None:
    rows = queries.exits()
    counted = queries.exits_by_year(rows)
    assert [r["year"] for r in counted] == list(range(counted[0]["year"], counted[-1]["year"] + 1))
    dated = [r for r in rows if _year_of(r) is not None]
    assert sum(r[kind] for r in counted for kind in COUNTED_AS.values()) == len(dated)
    assert sum(r["yes"] for r in counted) == sum(r["counts_as_exit"] is True for r in dated)
    regions = queries.exits_by_region(rows)
    known = [r for r in dated if r["counts_as_exit"] and queries.regions.get(r["state"])]
    assert sum(v for r in regions for k, v in r.items() if k != "decade") == len(known)


def test_filters_are_windows_and_keep_only_what_may_lie_in_them(queries: Queries) -> None:
    some = queries.exits(first_year=2016, last_year=2018, region="Africa")
    assert some and all(queries.regions[r["state"]] == "Africa" for r in some)
    assert queries.exits(counts_as_exit="unsettled") == [r for r in queries.exits() if r["counts_as_exit"] is None]
    assert len(queries.exits(contested="yes")) + len(queries.exits(contested="no")) == len(queries.exits())


# --- starting --------------------------------------------------------------------------------------------------------


def test_only_an_address_of_this_machine_can_be__bound() -> None:
    with _bound("127.0.0.1", 0, False) as free:
        port = free.getsockname()[1]
        free.listen()
        with pytest.raises(ExeuntError, match=f"port {port} of 127.0.0.1 is in use"):
            _bound("127.0.0.1", port, False)
    for address in ("0.0.0.0", "::", "::ffff:0.0.0.0", "::ffff:0:0", "localhost", "224.0.0.1", "::ffff:224.0.0.1"):
        for public in (False, True):
            with pytest.raises(UsageError):
                _bound(address, 0, public)
    with pytest.raises(UsageError, match="is not a port"):
        _bound("127.0.0.1", 70000, False)
    for address in ("192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"):
        with pytest.raises(UsageError, match="--public"):
            _bound(address, 0, False)
        with pytest.raises(ExeuntError, match="cannot be had"):  # no machine has an address that is kept for documents
            _bound(address, 0, True)
    assert Guard.hosts_of("127.0.0.1", 80) >= {"127.0.0.1", "localhost", "127.0.0.1:80"}
    assert "[::1]:9" in Guard.hosts_of("::1", 9) and "evil" not in Guard.hosts_of("::1", 9)


def test_without_the_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from exeunt.cli import _build_parser as build_parser
    from exeunt.cli.report import _serve as serve

    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "exeunt.web.app")
    with pytest.raises(ExeuntError, match=r"exeunt\[web\]"):
        serve(build_parser().parse_args(["serve", "--port", "0", "--quiet"]))


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = exeunt("serve", "--port", str(taken.getsockname()[1]), cwd=tmp_path, home=tmp_path / "home")
    assert done.returncode == 1 and one_sentence(done.stderr)


def test_a_server_tells_its_address_answers_and_ends_with_an_interrupt(tmp_path: Path) -> None:
    home = tmp_path / "home"
    started = subprocess.Popen(
        [sys.executable, "-m", "exeunt", "serve", "--port", "0", "--lang", "zh-Hant"], cwd=tmp_path,
        env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert started.stdout is not None
    address = started.stdout.readline().strip()
    found = re.fullmatch(r"http://(127\.0\.0\.1:\d+)(/\?lang=zh-Hant)", address)
    assert found, address
    connection = HTTPConnection(found[1], timeout=30)
    connection.request("GET", found[2])
    answer = connection.getresponse()
    assert answer.status == 200 and 'lang="zh-Hant"' in answer.read().decode()
    assert answer.getheader("server") is None and answer.getheader("content-security-policy") == CSP
    connection.request("GET", "/", headers={"Host": "evil.example"})
    assert connection.getresponse().read() and connection.sock is not None
    connection.close()
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=30)
    assert (started.returncode, out) == (0, "") and "Traceback" not in err


def test_unknown_names_carry_their_matches(queries: Queries) -> None:
    with pytest.raises(UnknownNameError) as caught:
        queries.state("Grmany")
    assert caught.value.matches[0] == "Germany" and str(caught.value).endswith(".")
