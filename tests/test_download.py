"""Fetching raw files: from a server on this machine that cuts, lies, forgets and refuses as servers do."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from exeunt.cli import refresh as commands
from exeunt.core.errors import DownloadError, OutputError
from exeunt.etl import raw as download
from exeunt.etl.raw import ATTEMPTS, READ, fetch, raw_files
from exeunt.record import cards
from tiny import exeunt, one_sentence

CONTENT = bytes(range(256)) * 900  # 230,400 bytes, several chunks
SHA = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves CONTENT in the way that a test asks for, and keeps the requests."""

    daemon_threads = True
    knows_ranges = True
    cuts: list[int]
    """Bytes after which to cut the next transfers, one by one."""
    answers: list[int]
    """Status codes for the next requests, instead of the file."""
    moved_to: str | None = None
    content = CONTENT
    lies_about_range = False
    tells_length = True


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        server.seen.append(self.headers.get("Range"))  # type: ignore[attr-defined]
        if server.moved_to:
            self.send_response(302)
            self.send_header("Location", server.moved_to)
            self.end_headers()
            return
        if server.answers:
            self.send_error(server.answers.pop(0))
            return
        start = 0
        asked = self.headers.get("Range")
        if asked and server.knows_ranges:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(server.content):
                self.send_error(416)
                return
            self.send_response(206)
            told = 0 if server.lies_about_range else start
            self.send_header("Content-Range", f"bytes {told}-{len(server.content) - 1}/{len(server.content)}")
            start = told
        else:
            self.send_response(200)
        body = server.content[start:]
        if server.tells_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if server.cuts:
            body = body[: server.cuts.pop(0)]
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server(("127.0.0.1", 0), Handler)
    found.cuts, found.answers = [], []
    found.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()
    thread.join()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "sources" / "x" / "data.bin"


class Clock:
    """Waits without waiting."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.waited.append(seconds)


def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}/data.bin"


def get(server: Server, target: Path, **more: Any) -> bool:
    return fetch(address(server), target, more.pop("sha256", SHA), more.pop("size", len(CONTENT)), **more)


def sentence(error: pytest.ExceptionInfo[Exception]) -> str:
    text = str(error.value)
    assert "\n" not in text and text.endswith("."), text
    return text


def alone(target: Path) -> bool:
    return [p.name for p in target.parent.iterdir()] == [target.name]


def test_a_file_is_fetched_once(server: Server, target: Path) -> None:
    assert get(server, target) is True
    assert target.read_bytes() == CONTENT and alone(target)
    assert get(server, target) is False
    assert server.seen == [None]  # type: ignore[attr-defined]


@pytest.mark.parametrize("tells_length", [True, False])
def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(server: Server, target: Path, tells_length: bool) -> None:
    server.cuts, server.tells_length = [100_000, 50_000], tells_length
    clock, said = Clock(), []
    assert get(server, target, wait=clock, say=said.append)
    assert target.read_bytes() == CONTENT and alone(target)
    assert server.seen == [None, "bytes=100000-", "bytes=150000-"]  # type: ignore[attr-defined]
    assert clock.waited == [1.0, 2.0] and len(said) == 2


def test_a_server_without_ranges_sends_all_again(server: Server, target: Path) -> None:
    server.cuts, server.knows_ranges = [100_000], False
    assert get(server, target, wait=Clock())
    assert target.read_bytes() == CONTENT


def test_a_server_that_answers_another_range_is_not_believed(server: Server, target: Path) -> None:
    server.cuts, server.lies_about_range = [100_000], True
    assert get(server, target, wait=Clock())
    assert target.read_bytes() == CONTENT


def test_the_next_run_goes_on_with_what_came(server: Server, target: Path) -> None:
    server.cuts = [10_000] * ATTEMPTS
    with pytest.raises(DownloadError) as error:
        get(server, target, wait=Clock())
    assert "broke off 5 times" in sentence(error) and "again to go on" in sentence(error)
    part = target.with_name("data.bin.part")
    assert part.stat().st_size == 10_000 * ATTEMPTS and not target.exists()
    assert get(server, target)
    assert server.seen[-1] == "bytes=50000-" and alone(target)  # type: ignore[attr-defined]
    assert target.read_bytes() == CONTENT


def test_a_part_that_was_whole_is_only_checked(server: Server, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.with_name("data.bin.part").write_bytes(CONTENT)
    assert get(server, target) and alone(target)
    assert server.seen == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("stale", [CONTENT + b"x", b"\x00" * 300_000])
def test_a_part_too_long_is_fetched_anew(server: Server, target: Path, stale: bytes) -> None:
    target.parent.mkdir(parents=True)
    target.with_name("data.bin.part").write_bytes(stale)
    assert get(server, target) and target.read_bytes() == CONTENT


def test_a_part_of_another_file_is_thrown_away_and_the_next_run_is_clean(server: Server, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.with_name("data.bin.part").write_bytes(b"\x07" * 1000)
    with pytest.raises(DownloadError, match="thrown away"):
        get(server, target)
    assert list(target.parent.iterdir()) == []
    assert get(server, target) and target.read_bytes() == CONTENT


def test_other_bytes_of_the_same_length_are_refused(server: Server, target: Path) -> None:
    server.content = CONTENT[::-1]
    with pytest.raises(DownloadError) as error:
        get(server, target)
    assert SHA[:12] in sentence(error)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(("content", "tells_length"), [(CONTENT[:-1], True), (CONTENT * 2, True), (CONTENT * 2, False)])
def test_a_file_of_another_length_is_refused_at_once(
    server: Server, target: Path, content: bytes, tells_length: bool
) -> None:
    server.content, server.tells_length = content, tells_length
    with pytest.raises(DownloadError) as error:
        get(server, target, wait=Clock())
    assert str(len(CONTENT)) in sentence(error)
    assert len(server.seen) == 1 and list(target.parent.iterdir()) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", [404, 403, 410])
def test_a_file_that_is_not_there_is_not_asked_for_again(server: Server, target: Path, code: int) -> None:
    server.answers = [code]
    with pytest.raises(DownloadError) as error:
        get(server, target)
    assert str(code) in sentence(error) and len(server.seen) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_server_is_asked_again(server: Server, target: Path, code: int) -> None:
    server.answers = [code, code]
    clock = Clock()
    assert get(server, target, wait=clock) and clock.waited == [1.0, 2.0]


def test_a_range_that_the_server_does_not_know_begins_anew(server: Server, target: Path) -> None:
    server.cuts, server.answers = [100_000], []
    clock = Clock()

    def refuse(seconds: float) -> None:
        clock(seconds)
        server.answers = [416] if len(clock.waited) == 1 else []

    assert get(server, target, wait=refuse)
    assert server.seen == [None, "bytes=100000-", None]  # type: ignore[attr-defined]
    assert target.read_bytes() == CONTENT


def test_nobody_answers(target: Path) -> None:
    clock = Clock()
    with pytest.raises(DownloadError) as error:
        fetch("http://127.0.0.1:9/data.bin", target, SHA, len(CONTENT), wait=clock)
    assert "no connection" in sentence(error) and clock.waited == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize(
    "bad",
    ["http://example.org/x", "ftp://example.org/x", "file:///etc/passwd", "http://127.0.0.1.example.org/x", "x", ""],
)
def test_nothing_but_https_is_spoken(target: Path, bad: str) -> None:
    with pytest.raises(DownloadError, match="no https address"):
        fetch(bad, target, SHA, len(CONTENT))
    assert not target.parent.exists()


def test_no_redirect_leads_away_from_https(server: Server, target: Path) -> None:
    server.moved_to = "http://example.org/data.bin"
    with pytest.raises(DownloadError, match=r"http://example\.org/data\.bin is no https address"):
        get(server, target)


def test_another_file_in_its_place_stays(server: Server, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(b"mine")
    with pytest.raises(DownloadError, match="move it away"):
        get(server, target)
    assert target.read_bytes() == b"mine" and server.seen == []  # type: ignore[attr-defined]


def test_a_place_that_cannot_be_written_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "sources").write_text("a file, not a folder", encoding="utf-8")
    with pytest.raises(OutputError) as error:
        get(server, tmp_path / "sources" / "x" / "data.bin")
    assert "could not be written" in sentence(error)


def test_a_key_pressed_keeps_the_part_and_the_next_run_goes_on(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient:
        """Presses Ctrl-C when the second chunk comes."""

        def __init__(self, response: Any) -> None:
            self.response, self.chunks = response, 0

        def __getattr__(self, name: str) -> Any:
            return getattr(self.response, name)

        def read(self, size: int) -> bytes:
            self.chunks += 1
            if self.chunks == 2:
                raise KeyboardInterrupt
            return self.response.read(size)

    plain = download._append
    with monkeypatch.context() as patch:
        patch.setattr(download, "_append", lambda response, *rest: plain(Impatient(response), *rest))
        with pytest.raises(KeyboardInterrupt):
            get(server, target)
    have = target.with_name("data.bin.part").stat().st_size
    assert have == download.CHUNK_BYTES
    assert get(server, target) and server.seen[-1] == f"bytes={have}-"  # type: ignore[attr-defined]
    assert target.read_bytes() == CONTENT


# --- what can be fetched ---------------------------------------------------------------------------------------------


def test_a_file_is_fetched_only_from_where_its_very_bytes_are() -> None:
    files = raw_files()
    for f in files:
        if f.address is not None:
            origin = cards.card(f.source).published(f.name)
            assert origin is not None and origin.sha256 == f.sha256 and origin.bytes == f.bytes > 0
            assert len(origin.commit) == 40 and f.address.startswith("https://raw.githubusercontent.com/")
            assert " " not in f.address
    assert {(f.source, f.name) for f in files if f.read} == set(READ)
    # A Parquet was written by us from a published file: whoever publishes it, it is not these bytes.
    assert not [f for f in files if f.name.endswith(".parquet") and f.address]
    assert [f.name for f in files if f.read and f.address] == ["UNGA_scale_of_assessment.csv"]


def test_the_list_names_every_file_with_its_checksum_and_page(tmp_path: Path) -> None:
    done = exeunt("refresh", "--list", "--format", "csv", cwd=tmp_path, home=tmp_path / "home")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "source,file,read_by_refresh,download,sha256,address,page"
    assert len(lines) == 1 + sum(len(c.files) for c in cards.all_cards().values())
    for key, name in READ:
        assert any(line.startswith(f"{key},{name},") and cards.card(key).files[name] in line for line in lines)


def _options(folder: Path) -> Any:
    import argparse

    return argparse.Namespace(
        list=False,
        download=True,
        accept=None,
        sources=folder,
        quiet=True,
        data=None,
        target=None,
        format="table",
        out=None,
    )


def _one_file(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    """Leave of all files two: one that the server has, and one that has to be provided."""
    two = {("un_scale", "UNGA_scale_of_assessment.csv"), ("cow_igo", "igo_year_format3.parquet")}
    made = [f for f in raw_files() if (f.source, f.name) in two]
    from dataclasses import replace

    found = [
        replace(f, address=address(server), sha256=SHA, bytes=len(CONTENT)) if f.source == "un_scale" else f
        for f in made
    ]
    monkeypatch.setattr(download, "raw_files", lambda: found)


def test_download_fetches_what_it_can_and_names_the_rest(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _one_file(monkeypatch, server)
    assert commands._refresh(_options(tmp_path)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "un_scale/UNGA_scale_of_assessment.csv: fetched"
    assert lines[1].startswith(
        "cow_igo/igo_year_format3.parquet: provide it yourself; published at https://correlatesofwar.org/data-sets/IGOs/; "
        "made from data/state_year_format3.rda of dieghernan/igoR at c9936cac3f"
    )
    assert (tmp_path / "un_scale" / "UNGA_scale_of_assessment.csv").read_bytes() == CONTENT
    assert commands._refresh(_options(tmp_path)) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith(": was there")


def test_download_interrupted_says_how_to_go_on(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _one_file(monkeypatch, server)

    def press(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(download, "_append", press)
    assert commands._refresh(_options(tmp_path)) == 130
    assert "the same command goes on from there" in capsys.readouterr().err


def test_refresh_without_a_place_is_wrong_use(tmp_path: Path) -> None:
    for more in (["--download"], ["--accept", "un_scale"]):
        done = exeunt("refresh", *more, cwd=tmp_path, home=tmp_path / "home")
        assert done.returncode == 2 and one_sentence(done.stderr) and "--sources" in done.stderr
    done = exeunt("refresh", "--list", "--download", cwd=tmp_path, home=tmp_path / "home")
    assert done.returncode == 2 and one_sentence(done.stderr)
