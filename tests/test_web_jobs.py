"""Simulations as jobs: started, watched, cancelled, refused, bounded; nothing is left running.

The processes here are small programs that write progress as `exeunt simulate` does; `test_browser_web.py` runs the real one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from exeunt.core.errors import UnknownNameError
from exeunt.i18n import LANGS, render, word
from exeunt.record.opened import open_record
from exeunt.web import app as web_app
from exeunt.web.jobs import DEFAULTS, ENDED, LARGEST, LIMITS, Job, Jobs, _checked, _command_of, scenarios
from exeunt.web.queries import Queries
from exeunt.web.security import Guard, Problem

BASE = "http://127.0.0.1:8470"
PATIENCE = 20.0
BAND = [{"year": 2027 + k, "median": 10.0 + k, "low": 5.0, "high": 20.0} for k in range(3)]
RESULT = {"scenario": "baseline", "worlds": 4, "years": 3, "exits_per_year": BAND, "joins_per_year": BAND,
          "exits_total": {"median": 33.0, "low": 20.0, "high": 50.0},
          "likeliest_exits": [{"state": "USA", "body": "unesco", "p1": 0.5, "p3": None, "p5": 0.75}],
          "back_tested_hits": {"about": {"code": "hits.about", "values": {"first": 1990, "last": 2013}}},
          "not_done": [{"code": "simulate.joins_not_ok", "values": {"status": "separation"}}]}  # fmt: skip
GOOD = f"""
import sys, time
for done in (1, 2, 3, 4):
    print(f"  worlds: {{done}} of 4 made; 0.1 s\\n[{{done}}, 4]", file=sys.stderr, flush=True)
    time.sleep(0.05)
print({json.dumps(json.dumps(RESULT))})
"""
SLEEPS = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "a").write(f"{child.pid}\\n")
print("[1, 4]", file=sys.stderr, flush=True)
time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('{}', flush=True); time.sleep(60)"


def program(text: str, *arguments: str) -> Callable[[str, int, int, int], Sequence[str]]:
    return lambda *_: [sys.executable, "-c", text, *arguments]


def wait(jobs: Jobs, job: Job, *states: str) -> Job:
    until = time.monotonic() + PATIENCE
    while (found := jobs.get(job.id)).state not in states:
        assert time.monotonic() < until, (found, jobs._jobs[job.id].lines)
        time.sleep(0.02)
    return found


@pytest.fixture
def made() -> Iterator[list[Jobs]]:
    found: list[Jobs] = []
    yield found
    for jobs in found:
        jobs.close()


def start(made: list[Jobs], text: str, *arguments: str, **more: Any) -> Jobs:
    made.append(Jobs(program(text, *arguments), **more))
    return made[-1]


def test_a_job_runs_to_its_end_and_tells_how_far_it_is(made: list[Jobs]) -> None:
    jobs = start(made, GOOD)
    job = jobs.submit({"worlds": 4, "years": 3})
    assert (job.scenario, job.seed) == (DEFAULTS["scenario"], DEFAULTS["seed"])
    seen = set()
    until = time.monotonic() + PATIENCE
    while (found := jobs.get(job.id)).state not in ENDED and time.monotonic() < until:
        seen.add(found.progress.share)
        time.sleep(0.01)
    told = found.as_dict()
    assert told["state"] == "done" and told["result"] == RESULT and told["problem"] is None
    says = {"code": "job.worlds", "values": {"made": 4, "whole": 4}}
    assert told["progress"] == {"share": 1.0, "says": says}
    assert told["submitted"] <= told["started"] <= told["ended"]
    assert seen & {0.25, 0.5, 0.75}
    assert "result" not in jobs.all()[0].as_dict()


def test_a_job_that_is_cancelled_ends_with_all_it_has_started(made: list[Jobs], tmp_path: Path) -> None:
    note = tmp_path / "pids"
    jobs = start(made, SLEEPS, str(note))
    job = jobs.submit({})
    wait(jobs, job, "running")
    until = time.monotonic() + PATIENCE
    while jobs.get(job.id).progress.share is None and time.monotonic() < until:
        time.sleep(0.02)
    began = time.monotonic()
    jobs.cancel(job.id)
    assert wait(jobs, job, *ENDED).state == "cancelled" and time.monotonic() - began < 5
    child = int(note.read_text(encoding="ascii"))
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            break
        if Path(f"/proc/{child}/stat").exists() and ") Z " in Path(f"/proc/{child}/stat").read_text(encoding="ascii"):
            break  # ended, and not yet collected by init
        time.sleep(0.05)
    else:
        pytest.fail("the process that the job had started runs on")
    assert jobs.cancel(job.id).state == "cancelled"


def test_a_process_that_does_not_listen_is_killed(made: list[Jobs], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exeunt.web.jobs.PATIENCE_SECONDS", 0.3)
    jobs = start(made, STUBBORN)
    job = wait(jobs, jobs.submit({}), "running")
    while (process := jobs._jobs[job.id].process) is None:
        time.sleep(0.01)
    time.sleep(0.3)  # it needs a moment to stop listening
    jobs.cancel(job.id)
    assert wait(jobs, job, *ENDED).state == "cancelled"
    assert process.returncode in (-signal.SIGKILL, -signal.SIGTERM)


def test_jobs_wait_for_each_other_and_too_many_are_refused(made: list[Jobs], tmp_path: Path) -> None:
    jobs = start(made, SLEEPS, str(tmp_path / "pids"), running=1, waiting=2)
    first, second, third = (jobs.submit({}) for _ in range(3))
    assert [first.state, second.state, third.state] == ["running", "waiting", "waiting"]
    with pytest.raises(Problem, match="3 jobs run or wait") as caught:
        jobs.submit({})
    assert caught.value.status == 429 and "Retry-After" in caught.value.headers
    assert (ended := jobs.cancel(third.id)).state == "cancelled" and ended.started is None
    jobs.cancel(first.id)
    wait(jobs, second, "running")
    assert [job.id for job in jobs.all()] == [third.id, second.id, first.id]


def test_only_the_latest_results_are_remembered(made: list[Jobs]) -> None:
    jobs = start(made, "print('{}')", kept=2)
    ids = []
    for _ in range(5):
        ids.append(wait(jobs, jobs.submit({}), *ENDED).id)
    assert len(jobs.all()) <= 3 and jobs.get(ids[-1]).state == "done"
    with pytest.raises(Problem, match="no job"):
        jobs.get(ids[0])


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (
            "import sys; print('exeunt: the fit is not calibrated.', file=sys.stderr); sys.exit(1)",
            "job.failed_with",
            "The simulation ended with an error: the fit is not calibrated.",
        ),
        ("import sys; sys.exit(7)", "job.ended_with", "The simulation ended with code 7."),
        ("print('no json')", "job.no_answer", "The simulation gave no JSON object."),
        ("print('[1]')", "job.no_answer", "The simulation gave no JSON object."),
        (
            "print('x' * (17 * 2**20))",
            "job.too_much",
            "The answer has more than 16 MB; ask for fewer worlds or years.",
        ),
    ],
)
def test_what_goes_wrong_is_a_code_and_a_sentence(made: list[Jobs], text: str, code: str, said: str) -> None:
    jobs = start(made, text)
    job = wait(jobs, jobs.submit({}), *ENDED)
    assert job.state == "failed" and job.problem is not None
    assert (job.problem.code, render(job.problem, "en")) == (code, said)
    assert render(job.problem, "zh-Hant") != said


def test_a_program_that_is_not_there_is_told(made: list[Jobs]) -> None:
    made.append(Jobs(lambda *_: ["/no/such/program"]))
    job = wait(made[-1], made[-1].submit({}), *ENDED)
    assert job.state == "failed" and job.problem is not None
    assert "could not be run (No such file" in render(job.problem, "en")


def test_a_job_that_takes_too_long_is_stopped(made: list[Jobs], tmp_path: Path) -> None:
    jobs = start(made, SLEEPS, str(tmp_path / "pids"), seconds=0.5)
    job = wait(jobs, jobs.submit({}), *ENDED)
    assert job.state == "failed" and job.problem is not None and job.problem.code == "job.too_long"


def test_nothing_runs_after_the_server_has_closed(tmp_path: Path) -> None:
    jobs = Jobs(program(SLEEPS, str(tmp_path / "pids")))
    running, waiting = jobs.submit({}), jobs.submit({})
    jobs.close()
    assert wait(jobs, running, *ENDED).state == "cancelled" and jobs.get(waiting.id).state == "cancelled"
    with pytest.raises(Problem):
        jobs.submit({})


# --- what a job may be -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        {"worlds": 0}, {"worlds": LIMITS["worlds"][1] + 1}, {"worlds": "10"}, {"worlds": True}, {"worlds": 1.5},
        {"years": 0}, {"years": 71}, {"seed": -1}, {"seed": 2**31}, {"worlds": None}, {"colour": 1}, {"scenario": 3},
        {"worlds": 1000, "years": LARGEST // 1000 + 1},
    ],
)  # fmt: skip
def test_what_is_no_number_or_too_much_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(Problem) as caught:
        _checked(asked)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("name", ["nothing", "../baseline", "/etc/passwd", "mine.toml", "--help", ""])
def test_only_shipped_scenarios_are_run(name: str) -> None:
    with pytest.raises(UnknownNameError):
        _checked({"scenario": name})


def test_every_shipped_scenario_has_words_that_say_what_it_says() -> None:
    for name, told in scenarios().items():
        assert (word(f"scenario.{name}", "en"), word(f"scenario.{name}.about", "en")) == (told["title"], told["about"])


def test_the_command_holds_a_known_name_and_numbers_alone() -> None:
    for name in scenarios():
        line = _command_of(**_checked({"scenario": name}))
        assert line[:4] == [sys.executable, "-m", "exeunt", "simulate"] and line[4] == name
        assert all(
            part.isdigit() or part in (name, "--worlds", "--years", "--seed", "--format", "json") for part in line[4:]
        )


# --- pages and API ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def queries() -> Queries:
    return Queries(open_record())


@contextmanager
def client_of(queries: Queries, text: str, *arguments: str) -> Iterator[TestClient]:
    jobs = Jobs(program(text, *arguments), waiting=1)
    yield TestClient(web_app._build(queries, jobs, Guard.hosts_of("127.0.0.1", 8470)), base_url=BASE)
    jobs.close()


def test_the_api_tells_a_job_from_start_to_end(queries: Queries) -> None:
    with client_of(queries, GOOD) as client:
        answer = client.post("/api/jobs", json={"scenario": "cascade", "worlds": 4, "years": 3, "seed": 7})
        assert answer.status_code == 202
        address = answer.headers["location"]
        until = time.monotonic() + PATIENCE
        while (told := client.get(address).json())["state"] not in ENDED and time.monotonic() < until:
            time.sleep(0.02)
        assert told["state"] == "done" and told["result"] == RESULT and told["scenario"] == "cascade"
        assert [job["id"] for job in client.get("/api/jobs").json()] == [told["id"]]
        for lang in LANGS:
            page = client.get(f"/jobs/{told['id']}?lang={lang}").text
            assert word("web.job.done", lang) in page and "<svg" in page and "separation" in page
            assert word("web.job.total", lang, median="33", low="20", high="50") in page
            assert word("hits.about", lang, first=1990, last=2013) in page
        table = client.get(f"/jobs/{told['id']}/exits_per_year.csv").text.splitlines()
        assert table[0] == "year,median,low,high" and len(table) == 1 + len(BAND)


def test_a_job_is_cancelled_by_the_api_and_by_the_page(queries: Queries, tmp_path: Path) -> None:
    with client_of(queries, SLEEPS, str(tmp_path / "pids")) as client:
        one, other = (client.post("/api/jobs", json={}).json()["id"] for _ in range(2))
        full = client.post("/api/jobs", json={})
        assert full.status_code == 429 and full.headers["retry-after"] == "10"
        assert client.delete(f"/api/jobs/{one}").status_code == 200
        form = {"origin": BASE, "sec-fetch-site": "same-origin"}
        back = client.post(f"/jobs/{other}/cancel", data={"lang": "zh-Hant"}, headers=form, follow_redirects=False)
        assert (back.status_code, back.headers["location"]) == (303, f"/jobs/{other}?lang=zh-Hant")
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            states = [client.get(f"/api/jobs/{number}").json()["state"] for number in (one, other)]
            if states == ["cancelled", "cancelled"]:
                break
            time.sleep(0.05)
        assert states == ["cancelled", "cancelled"]
        page = client.get(f"/jobs/{one}?lang=zh-Hant").text
        assert word("web.job.cancelled", "zh-Hant") in page and word("web.job.again", "zh-Hant") in page


def test_a_form_starts_a_job_and_says_what_is_wrong_with_it(queries: Queries) -> None:
    with client_of(queries, GOOD) as client:
        fields = {"scenario": "baseline", "worlds": "4", "years": "3", "seed": "1", "lang": "zh-Hant"}
        sent = client.post("/scenarios", data=fields, headers={"origin": BASE}, follow_redirects=False)
        assert sent.status_code == 303 and sent.headers["location"].endswith("?lang=zh-Hant")
        assert client.get(sent.headers["location"]).status_code == 200
        assert "baseline" in client.get("/scenarios").text
        for bad in ({"worlds": "many"}, {"worlds": "1001"}, {"scenario": "x"}, {"colour": "red"}):
            answer = client.post("/scenarios", data={**fields, **bad})
            assert answer.status_code in (400, 404) and answer.headers["content-type"].startswith("text/html"), bad


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"{", "application/json", 400), (b"[]", "application/json", 400), (b"\xff", "application/json", 400),
        (b"{}", "text/plain", 415), (b"{}", "", 415), (b'{"scenario": "x"}', "application/json", 404),
        (b'{"worlds": 1e9}', "application/json", 400),
        (b"[" * 4000, "application/json", 400), (b'{"scenario": ' + b"[" * 4000, "application/json", 400),
    ],
)  # fmt: skip
def test_a_body_that_is_no_job_is_refused(queries: Queries, content: bytes, kind: str, code: int) -> None:
    with client_of(queries, GOOD) as client:
        answer = client.post("/api/jobs", content=content, headers={"content-type": kind})
        assert answer.status_code == code, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_result_that_is_not_as_expected_is_shown_as_far_as_it_goes(queries: Queries) -> None:
    odd = {"exits_per_year": [{"year": "x"}, 3, {"year": 2030, "median": 1, "low": 0, "high": 2}], "paired": [],
           "likeliest_exits": {"a": 1}, "exits_total": 5, "back_tested_hits": None,
           "warnings": [1, "a warning.", {"code": "simulate.carried", "values": {}},
                        {"code": "simulate.joins_not_ok", "values": {"status": "separation"}}]}  # fmt: skip
    with client_of(queries, f"print({json.dumps(json.dumps(odd))})") as client:
        number = client.post("/api/jobs", json={}).json()["id"]
        until = time.monotonic() + PATIENCE
        while client.get(f"/api/jobs/{number}").json()["state"] not in ENDED and time.monotonic() < until:
            time.sleep(0.05)
        page = client.get(f"/jobs/{number}")
        assert page.status_code == 200 and "status separation" in page.text and "a warning." not in page.text


def test_other_processes_ask_for_the_jobs_of_one(made: list[Jobs]) -> None:
    there = start(made, GOOD, waiting=0).shared()()
    job = there.submit({"worlds": 4, "years": 3})
    with pytest.raises(Problem, match="1 jobs run or wait") as caught:
        there.submit({})
    assert caught.value.status == 429 and caught.value.headers == {"Retry-After": "10"}
    assert caught.value.said("zh-Hant").startswith("已有1件工作")
    assert wait(made[-1], job, *ENDED) == there.get(job.id) and there.get(job.id).result == RESULT
    assert [one.id for one in there.all()] == [job.id]
    with pytest.raises(Problem, match="no job"):
        there.get("x")


def test_a_job_speaks_the_language_of_its_page(queries: Queries, tmp_path: Path) -> None:
    with client_of(queries, SLEEPS, str(tmp_path / "pids")) as client:
        number = client.post("/api/jobs", json={}).json()["id"]
        until = time.monotonic() + PATIENCE
        while client.get(f"/api/jobs/{number}").json()["progress"]["share"] is None and time.monotonic() < until:
            time.sleep(0.05)
        assert "1 of 4 worlds are made." in client.get(f"/jobs/{number}").text
        assert "已完成1個世界，共4個。" in client.get(f"/jobs/{number}?lang=zh-Hant").text
