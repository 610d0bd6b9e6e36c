"""The second process of the explorer: the same answers, jobs stay with the first, and its death is no error."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from exeunt.record.opened import open_record
from exeunt.web.app import build
from exeunt.web.desk import Desk
from exeunt.web.guard import hosts_of
from exeunt.web.jobs import Jobs
from exeunt.web.second import Answer, Shared, relayed

HOSTS = hosts_of("127.0.0.1", 8470)
PATHS = (
    "/api/status?state=USA&body=who",
    "/state/FRA?lang=zh-Hant&as_of=1999-05-01",
    "/api/nope",
    "/api/status?state=Xx",
)


def request(path: str, host: bytes = b"127.0.0.1:8470") -> dict[str, Any]:
    plain, _, query = path.partition("?")
    return {
        "method": "GET", "path": plain, "raw_path": plain.encode(), "query_string": query.encode(), "scheme": "http",
        "headers": [(b"host", host)], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8470), "http_version": "1.1",
    }  # fmt: skip


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    made = Shared(build(Desk(open_record()), Jobs(), HOSTS), HOSTS)
    until_ready(made)
    yield made
    made.close()


def until_ready(made: Shared) -> None:
    async def ready() -> None:
        made.attach()
        while not made.ready:
            await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(ready(), 60))


def asked(app: Any, path: str, **more: Any) -> Answer:
    return asyncio.run(relayed(app, request(path, **more)))


@pytest.mark.parametrize("path", PATHS)
def test_both_processes_answer_the_same(shared: Shared, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here = asked(shared.app, path)
    with monkeypatch.context() as patch:
        patch.setattr(shared, "app", None)  # whoever answers, it is not the first process
        there = asked(shared, path)
    assert (there.status, there.body) == (here.status, here.body)
    assert dict(there.headers) == dict(here.headers)


def test_the_second_process_has_the_same_guard(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "app", None)
    assert asked(shared, PATHS[0], host=b"elsewhere.example").status == 421


def test_jobs_stay_with_the_first(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    def passed(request: dict[str, Any]) -> None:
        raise AssertionError(f"{request['path']} was passed on")

    monkeypatch.setattr(shared, "_passed", passed)
    assert asked(shared, "/api/jobs").status == 200
    assert asked(shared, "/scenarios").status == 200
    with pytest.raises(AssertionError, match="passed on"):
        asked(shared, PATHS[0])
    shared.passing = 0


def test_both_take_part_where_many_ask_at_once(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    here: list[str] = []
    app = shared.app

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        here.append(scope["path"])
        await app(scope, receive, send)

    async def many(paths: list[str]) -> list[Answer]:
        return list(await asyncio.gather(*(relayed(shared, request(path)) for path in paths)))

    paths = [f"/api/members?body=who&as_of={year}-01-01" for year in range(1950, 2020)]
    alone = [asked(app, path) for path in paths]
    monkeypatch.setattr(shared, "app", counted)
    found = asyncio.run(many(paths))
    assert [(a.status, a.body) for a in found] == [(a.status, a.body) for a in alone], (
        "answers went to the wrong reader"
    )
    assert 5 < len(here) < len(paths) - 5


def test_an_answer_that_fails_there_is_made_here(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    unheard = {**request("/api/status?state=USA&body=who"), "headers": None}  # the second process cannot read this

    async def here(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})

    monkeypatch.setattr(shared, "app", here)
    assert asyncio.run(relayed(shared, unheard)).body == b"here"


def test_its_death_is_no_error_for_a_reader() -> None:
    made = Shared(build(Desk(open_record()), Jobs(), HOSTS), HOSTS)
    try:
        until_ready(made)
        assert made.process.pid
        os.kill(made.process.pid, signal.SIGKILL)
        time.sleep(0.5)
        assert [asked(made, PATHS[0]).status for _ in range(3)] == [200, 200, 200]
    finally:
        made.close()
    assert made.process.exitcode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
@pytest.mark.parametrize("wait", [0.0, 0.05, 0.3, 2.5])
def test_a_signal_ends_both_processes_in_order(sent: signal.Signals, code: int, wait: float, tmp_path: Path) -> None:
    line = [sys.executable, "-W", "error", "-m", "exeunt", "serve", "--port", "0", "--host", "127.0.0.1", "--quiet"]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        server.stdout.readline()
        time.sleep(wait)
        if sent is signal.SIGINT:  # as a terminal sends it: to every process of the group
            os.killpg(server.pid, sent)
        else:
            server.send_signal(sent)
        assert server.wait(20) == code
        assert server.stderr.read() == ""
    for _ in range(100):  # what is left of its group, if anything, must be gone soon
        try:
            os.killpg(server.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("a process of the explorer is left over")
