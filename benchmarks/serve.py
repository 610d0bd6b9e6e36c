"""Does `exeunt serve` hold 50 readers at once, and how long do its first page and each kind of question take?

The server and the readers have processes of their own. Each reader asks the next question as soon as the last is answered, so
50 are always waiting; then 300 come at once, and none may be refused. Most questions are asked for the first time: state, body
and day are drawn for each. Limits: first page 1 s after the server says that it is there, a question 200 ms at the median, 50
readers 200 ms at the median and no error. Prints `ratio NAME VALUE`, limit over measured, and `value NAME VALUE`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlencode, urlsplit

SECONDS, SEED = 15.0, 1
READERS, CROWD = 50, 300
LIMIT_MS, FIRST_PAGE_SECONDS = 200.0, 1.0
STATES = "USA GBR FRA DEU JPN CHN IND BRA ZAF NER MLI BFA EGY IDN RUS HUN ARG CAN AUS MEX TUR IRN ISR KEN NGA".split()
BODIES = "un who unesco icc eu ecowas unfccc fao ilo imf coe oau oas asean opec iaea wto icao upu itu wmo imo".split()
KINDS = (
    "status", "clock", "members", "memberships", "exits", "acts", "compare", "search", "curve", "page_state", "page_body",
    "page_pair", "page_exits", "page_home",
)  # fmt: skip


def address(kind: str, draw: random.Random) -> str:
    """One question of a kind, drawn anew."""
    state, other, body = draw.choice(STATES), draw.choice(STATES), draw.choice(BODIES)
    as_of = f"{draw.randint(1950, 2026)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
    lang = draw.choice(("en", "zh-Hant"))
    asked: dict[str, dict[str, object]] = {
        "status": {"state": state, "body": body, "as_of": as_of},
        "clock": {"state": state, "body": body, "notified": as_of},
        "members": {"body": body, "as_of": as_of},
        "memberships": {"state": state, "as_of": as_of},
        "exits": {"state": state, "first_year": draw.randint(1946, 1990), "last_year": draw.randint(1991, 2026)},
        "acts": {"state": state, "body": body},
        "compare": {"a": state, "b": other, "as_of": as_of},
        "search": {"q": draw.choice(BODIES + STATES)[: draw.randint(2, 5)], "limit": draw.randint(1, 50)},
        "curve": {"state": state},
    }
    if kind in asked:
        return f"/api/{kind}?{urlencode(asked[kind])}"
    query = urlencode({"as_of": as_of, "lang": lang})
    return {
        "page_state": f"/state/{state}?{query}",
        "page_body": f"/body/{body}?{query}",
        "page_pair": f"/pair?state={state}&body={body}&{query}",
        "page_exits": f"/exits?state={state}&first_year={draw.randint(1946, 2000)}&lang={lang}",
        "page_home": f"/?lang={lang}",
    }[kind]


def ask(connection: HTTPConnection, path: str) -> float:
    """Seconds of one question on an open connection."""
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} was answered with {answer.status}")
    return time.perf_counter() - began


def processor_seconds(number: int) -> float:
    """Processor time that a process and those it started have used so far; 0 where the system does not tell."""
    above, used = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="ascii", errors="replace").rpartition(") ")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        above[int(path.parent.name)] = int(fields[1])
        used[int(path.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    found = {number}
    while more := {one for one, parent in above.items() if parent in found} - found:
        found |= more
    return sum(used.get(one, 0.0) for one in found)


async def reader(host: str, port: int, number: int, until: float, found: list[float], wrong: list[str]) -> None:
    """One reader: asks, reads the answer whole, asks again."""
    draw = random.Random(SEED * 1000 + number)
    stream, sink = await asyncio.open_connection(host, port)
    while time.perf_counter() < until:
        path = address(draw.choice(KINDS), draw)
        began = time.perf_counter()
        sink.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        head = (await stream.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        await stream.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
        found.append(time.perf_counter() - began)
        if " 200 " not in head.split("\r\n")[0]:
            wrong.append(path)
    sink.close()


async def readers(url: str, many: int) -> None:
    """All readers at once; prints what they saw as JSON."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    found: list[float] = []
    wrong: list[str] = []
    until = time.perf_counter() + SECONDS
    await asyncio.gather(*(reader(parts.hostname, parts.port, number, until, found, wrong) for number in range(many)))
    print(json.dumps({"milliseconds": [1000 * t for t in found], "wrong": wrong}))


def seen_by(url: str, many: int) -> dict[str, list[float]]:
    """What so many readers at once saw."""
    line = [sys.executable, __file__, url, str(many)]
    told: dict[str, list[float]] = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    return told


def main() -> None:
    """Measure and print."""
    if len(sys.argv) > 1:
        asyncio.run(readers(sys.argv[1], int(sys.argv[2])))
        return
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "-m", "exeunt", "serve", "--port", "0", "--quiet"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
        )
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        there = time.perf_counter() - began
        try:
            parts = urlsplit(url)
            connection = HTTPConnection(str(parts.hostname), parts.port)
            first = ask(connection, "/")
            draw = random.Random(SEED)
            alone = {kind: 1000 * median(ask(connection, address(kind, draw)) for _ in range(15)) for kind in KINDS}
            connection.close()
            used = processor_seconds(server.pid)
            seen = seen_by(url, READERS)
            used = processor_seconds(server.pid) - used
            crowd = seen_by(url, CROWD)
        finally:
            server.terminate()
            server.wait(20)
    times = sorted(seen["milliseconds"])
    middle, late = median(times), times[int(0.95 * len(times))]
    slowest = max(alone, key=lambda kind: alone[kind])
    print(f"server there after {there:.2f} s, its first page after {first:.3f} s more (limit {FIRST_PAGE_SECONDS:g} s)")
    for kind, milliseconds in alone.items():
        print(f"  {kind}: {milliseconds:.1f} ms at the median, alone")
    print(
        f"{READERS} readers at once for {SECONDS:g} s: {len(times):,} answers, {len(seen['wrong'])} errors, median "
        f"{middle:.0f} ms, 95 % within {late:.0f} ms (limit {LIMIT_MS:g} ms at the median)"
    )
    waits = sorted(crowd["milliseconds"])
    print(
        f"{CROWD} readers at once for {SECONDS:g} s: {len(waits):,} answers, {len(crowd['wrong'])} errors, median "
        f"{median(waits):.0f} ms, 99 % within {waits[int(0.99 * len(waits))]:.0f} ms"
    )
    print(f"value serve_crowd_errors {len(crowd['wrong'])}")
    print(f"value serve_crowd_99_ms {waits[int(0.99 * len(waits))]:.0f}")
    print(f"value serve_there_seconds {there:.2f}")
    print(f"value serve_errors {len(seen['wrong'])}")
    print(f"value serve_readers_95_ms {late:.0f}")
    print(f"value serve_processor_ms_per_answer {1000 * used / len(times):.2f}")
    print(f"value serve_answers_per_second {len(times) / SECONDS:.0f}")
    print(f"ratio serve_first_page {FIRST_PAGE_SECONDS / first:.2f}")
    print(f"ratio serve_slowest_question_{slowest} {LIMIT_MS / alone[slowest]:.2f}")
    print(f"ratio serve_readers {LIMIT_MS / middle:.2f}")


if __name__ == "__main__":
    main()
