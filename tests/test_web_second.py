"""The second process of the explorer: the same answers, jobs stay with the first, and its death is no error."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

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
    assert made.ready.result(60)
    yield made
    made.close()


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
    monkeypatch.setattr(shared, "pool", None)
    assert asked(shared, "/api/jobs").status == 200
    assert asked(shared, "/scenarios").status == 200


def test_its_death_is_no_error_for_a_reader() -> None:
    made = Shared(build(Desk(open_record()), Jobs(), HOSTS), HOSTS)
    try:
        assert made.ready.result(60)
        (number,) = made.pool._processes
        os.kill(number, signal.SIGKILL)
        time.sleep(0.5)
        assert [asked(made, PATHS[0]).status for _ in range(3)] == [200, 200, 200]
    finally:
        made.close()
