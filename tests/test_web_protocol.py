"""How the explorer reads requests off a connection: what is too large or no HTTP ends it, what is pipelined is answered."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from exeunt.web.app import WORKERS
from exeunt.web.security import LARGEST_HEAD, LARGEST_REQUEST, REQUEST_SECONDS
from tiny import environment


@contextmanager
def served(folder: Path, **more: Any) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server of its own processes, as a user starts it, and its port."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "exeunt", "serve", "--port", "0", "--quiet"], cwd=folder,
        env=environment(folder / "home"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        yield server, int(server.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        if server.poll() is None:
            server.terminate()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with served(tmp_path_factory.mktemp("served")) as (_, number):
        yield number


def told(port: int, *parts: bytes) -> bytes:
    """What the server says to parts sent one after the other, until it ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        for part in parts:
            line.sendall(part)
        found = b""
        while part := line.recv(65_536):
            found += part
        return found


def head(port: int, *lines: str, path: str = "/api/record", method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *lines, "", ""]).encode()


def test_a_head_without_an_end_is_refused(port: int) -> None:
    start = head(port)[:-2]
    line = b"X-More: " + 1000 * b"a" + b"\r\n"
    said = told(port, start, *[line] * (LARGEST_HEAD // len(line) + 1))
    assert said.startswith(b"HTTP/1.1 400 ") and b"too large" in said and b"connection: close" in said
    assert b" 200 " not in said
    assert told(port, start, *[line] * 5, b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_the_end_of_a_body_may_not_grow_either(port: int) -> None:
    chunked = head(
        port, "Transfer-Encoding: chunked", "Content-Type: application/json", method="POST", path="/api/jobs"
    )
    trailer = b"X-More: " + 4000 * b"a" + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(chunked + b"2\r\n{}\r\n0\r\n")
        with pytest.raises(OSError):
            for _ in range(100 * LARGEST_REQUEST // len(trailer)):
                line.sendall(trailer)


@pytest.mark.parametrize(
    "sent", [b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nA b: c\r\n\r\n"]
)
def test_what_is_no_http_is_refused(port: int, sent: bytes) -> None:
    assert told(port, sent).startswith(b"HTTP/1.1 400 ")


def test_requests_sent_at_once_are_answered_in_their_order(port: int) -> None:
    paths = ("/api/status?state=USA&body=who", "/api/nope", "/api/scenarios")
    said = told(port, b"".join(head(port, path=p) for p in paths[:2]) + head(port, "Connection: close", path=paths[2]))
    assert [part[:3] for part in said.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"200"]
    assert said.index(b'"state":"USA"') < said.index(b'"title": "Not Found"') < said.index(b'"scenario":"')


def test_a_connection_is_not_handed_over_to_another_protocol(port: int) -> None:
    for name in ("websocket", "h2c"):
        said = told(port, head(port, "Connection: Upgrade, close", f"Upgrade: {name}", "Sec-WebSocket-Version: 13"))
        assert b" 101 " not in said


def test_a_head_has_its_limit_in_one_burst_too(port: int) -> None:
    line = b"X-More: " + 1000 * b"a" + b"\r\n"
    for path in ("/api/record", "/" + "a" * LARGEST_HEAD):
        many = LARGEST_HEAD // len(line) + 1 if path == "/api/record" else 0
        said = told(port, head(port, path=path)[:-2] + many * line + b"\r\n")
        assert said.startswith(b"HTTP/1.1 400 ") and b"too large" in said and b" 200 " not in said
        assert b"content-security-policy: default-src 'none'" in said and b"x-frame-options: DENY" in said
    assert told(port, head(port)[:-2] + 10 * line + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_who_sends_nothing_or_half_a_request_is_let_go(port: int) -> None:
    body = head(port, "Content-Length: 100", "Content-Type: application/json", method="POST", path="/api/jobs")
    parts = (b"", head(port)[:-2], head(port)[:-2], body + b"{", b"\r\n", head(port) + b"GET /api")
    began = time.monotonic()
    lines = [
        socket.create_connection(("127.0.0.1", port), timeout=4 * REQUEST_SECONDS) for _ in parts for _ in range(40)
    ]
    for number, line in enumerate(lines):
        line.sendall(parts[number // 40])
    assert told(port, head(port, "Connection: close")).startswith(b"HTTP/1.1 200 "), "others are answered meanwhile"
    for line in lines:
        with suppress(ConnectionResetError):
            while line.recv(65_536):
                pass
        line.close()
    assert time.monotonic() - began < 3 * REQUEST_SECONDS


def test_three_hundred_readers_at_once_are_all_answered(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(300)]
    for number, line in enumerate(lines):
        line.sendall(head(port, "Connection: close", path=f"/api/members?body=who&as_of={1950 + number % 70}-01-01"))
    assert {line.recv(12) for line in lines} == {b"HTTP/1.1 200"}
    for line in lines:
        line.close()


def workers_of(number: int) -> set[int]:
    """Processes below one that hold the record."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(path.read_text(encoding="ascii", errors="replace").rpartition(") ")[2].split()[1]) == number:
                line = (path.parent / "cmdline").read_bytes()
                found |= {int(path.parent.name)} if b"spawn_main" in line else set()
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_worker_that_dies_is_replaced_and_a_reader_who_leaves_costs_a_line(tmp_path: Path) -> None:
    def until(done: Callable[[], bool]) -> None:
        last = time.monotonic() + 60
        while not done():
            assert time.monotonic() < last
            time.sleep(0.1)

    with served(tmp_path) as (server, number):
        until(lambda: len(workers_of(server.pid)) == WORKERS)
        before = workers_of(server.pid)
        for worker in before:
            os.kill(worker, signal.SIGKILL)
        until(lambda: len(workers_of(server.pid) - before) == WORKERS)
        assert told(number, head(number, "Connection: close")).startswith(b"HTTP/1.1 200 ")
        length = ("Content-Length: 100", "Content-Type: application/json")
        with socket.create_connection(("127.0.0.1", number), timeout=20) as line:
            line.sendall(head(number, *length, method="POST", path="/api/jobs") + b"{")
            time.sleep(1)
        assert told(number, head(number, "Connection: close")).startswith(b"HTTP/1.1 200 ")
        time.sleep(0.5)
        server.terminate()
        assert server.wait(20) == 143 and server.stderr is not None
        said = server.stderr.read().splitlines()
    assert len(said) == WORKERS + 1, said
    assert sum("takes its place" in line for line in said) == WORKERS
    assert sum("left before it had sent its request" in line for line in said) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
@pytest.mark.parametrize("wait", [0.0, 0.3, 2.5])
def test_a_signal_ends_all_processes_in_order(sent: signal.Signals, code: int, wait: float, tmp_path: Path) -> None:
    with served(tmp_path, start_new_session=True) as (server, _):
        assert server.stderr is not None
        time.sleep(wait)
        if sent is signal.SIGINT:  # as a terminal sends it: to every process of the group
            os.killpg(server.pid, sent)
        else:
            server.send_signal(sent)
        assert server.wait(20) == code
        for _ in range(200):  # what is left of its group, if anything, must be gone soon
            try:
                os.killpg(server.pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.1)
        else:
            raise AssertionError("a process of the explorer is left over")
        said = server.stderr.read()
        if (
            sent is not signal.SIGKILL
        ):  # a worker that the kill finds half born is told of by the interpreter, before our code
            assert said == ""
