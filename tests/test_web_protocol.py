"""How the explorer reads requests off a connection: what is too large or no HTTP ends it, what is pipelined is answered."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exeunt.web.security import LARGEST_HEAD, LARGEST_REQUEST
from tiny import environment


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder: Path = tmp_path_factory.mktemp("served")
    with subprocess.Popen(
        [sys.executable, "-m", "exeunt", "serve", "--port", "0", "--quiet"], cwd=folder, env=environment(folder / "home"),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        yield int(server.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        server.terminate()


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
