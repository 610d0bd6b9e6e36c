"""Many worlds: the same whoever makes them, kept when a run is killed, and added up exactly.

A test of means fails by chance at FAILURE_RATE; Z is the normal point for two sides and up to ten comparisons in a test.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exeunt.cli import main
from exeunt.core.errors import FitError, UsageError, WorkError
from exeunt.core.files import cache_folder
from exeunt.core.progress import Progress
from exeunt.explain.bundles import Bundles
from exeunt.explain.joining import join_fit
from exeunt.record.store import Record
from exeunt.report.reasons import _Models as Models
from exeunt.simulate import executors
from exeunt.simulate.dynamics import estimate
from exeunt.simulate.membership_chances import BACKTESTED, GRID, HORIZONS, _chance_of, _read_off
from exeunt.simulate.membership_chances import _likeliest as likeliest
from exeunt.simulate.posterior_draws import Override
from exeunt.simulate.results import _of_scenario, _wilson, rows_of
from exeunt.simulate.runs import How, _ensure, add_up
from exeunt.simulate.runs import _ahead as ahead
from exeunt.simulate.scenario import scenario
from exeunt.simulate.setting import Opened, _digest, _kept_fit
from exeunt.simulate.setting import _Setting as Setting
from exeunt.simulate.start import _quiet as quiet
from exeunt.simulate.start import start
from exeunt.simulate.store import SCHEMA, Histogram, Tally, _decode
from exeunt.simulate.store import _Block as Block
from exeunt.simulate.store import _blocks as blocks
from exeunt.simulate.store import _encode as encode
from exeunt.simulate.store import _folder_of as folder_of
from exeunt.simulate.worlds import EXIT, _Player, history, story, text
from exeunt.simulate.worlds import _make_block as make_block
from tiny import ROOT, environment, exeunt, one_sentence

YEARS = 3
RATED = 60
FAILURE_RATE = 1e-5
Z = 4.9
QUIET = Progress(quiet=True)
ALONE = How(workers=1)


@pytest.fixture(scope="module")
def opened(found: Models, record: Record) -> Opened:
    _kept_fit(record, lambda: found.exit_fit)
    joins = join_fit(record, found.cov)
    return Opened(
        start(found.cov, YEARS), found.exit_fit, joins, estimate(record, found.cov), found.cov, record.version
    )


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, so that nothing is there yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "exeunt" / "worlds"


def chunks(worlds: int, size: int) -> list[tuple[Block, ...]]:
    """Blocks of some worlds, so many together."""
    made = blocks(worlds)
    return [tuple(made[k : k + size]) for k in range(0, len(made), size)]


def parts_of(setting: Setting) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder_of(setting).path.glob("part-*.parquet"))}


# --- the same worlds, whoever makes them ------------------------------------------------------------------------------


def test_blocks_cover_the_worlds_once() -> None:
    for worlds in (1, 49, 50, 51, 1020):
        made = [world for block in blocks(worlds) for world in block.worlds]
        assert made == list(range(worlds))
    assert blocks(1020)[:20] == blocks(1000)


def test_chunks_and_processes_change_no_byte(opened: Opened, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exeunt.simulate.runs.FEW", 0)
    setting = opened.setting(1, rated=RATED)
    _ensure(setting, 170, ALONE, QUIET)
    plain = parts_of(setting)
    assert list(plain) == [block.file for block in blocks(170)]
    for how in (How(workers=2, chunk=1), How(workers=2, chunk=150)):
        shutil.rmtree(fresh)
        _ensure(setting, 170, how, QUIET)
        assert parts_of(setting) == plain


def test_a_longer_run_takes_over_what_is_there(opened: Opened, fresh: Path) -> None:
    setting = opened.setting(2, rated=RATED)
    folder, _ = _ensure(setting, 120, ALONE, QUIET)
    before = {p.name: p.stat().st_mtime_ns for p in folder.path.glob("part-*")}
    folder, wanted = _ensure(setting, 200, ALONE, QUIET)
    after = {p.name: p.stat().st_mtime_ns for p in folder.path.glob("part-*")}
    assert before.items() <= after.items() and len(before) == 3 and not folder.missing(wanted)
    few = add_up(Tally(opened.start), setting, 120, ALONE, QUIET)
    assert few.worlds == 120 and few.by_year["exits"].worlds == 120


def test_what_a_start_takes_is_drawn_from_its_marginal_law(opened: Opened) -> None:
    """Covariance of what is kept is that of the whole fit, and a world's draw is the same alone and among others."""
    player = _Player(opened.setting(3))
    for of in player.both:
        at = of.placed(opened.start)
        whole = np.linalg.inv(of.fit.information)[np.ix_(at.kept, at.kept)]
        assert len(at.kept) < len(of.fit.phi)
        np.testing.assert_allclose(at.upper @ at.upper.T, whole, atol=1e-10)
    alone, among = player.laws(17), player.laws_of(range(50))[17]
    for one, two in zip(alone[:2], among[:2], strict=True):
        assert all(np.array_equal(getattr(one, name), getattr(two, name)) for name in ("beta", "state", "body"))
    assert all(np.array_equal(one, two) for one, two in zip(alone[2:], among[2:], strict=True))


def test_no_two_worlds_are_alike_and_a_seed_repeats(opened: Opened) -> None:
    player, other = _Player(opened.setting(3)), _Player(opened.setting(4))
    made = [player.events(world).tobytes() for world in range(60)] + [other.events(0).tobytes()]
    assert len(set(made)) == len(made)
    assert _Player(opened.setting(3)).events(7).tobytes() == made[7]


def test_a_setting_is_named_by_what_its_worlds_follow_from(opened: Opened, record: Record) -> None:
    one = opened.setting(1, rated=RATED)
    assert one.fingerprint == opened.setting(1, rated=RATED).fingerprint
    told = scenario("batch-executed", record, opened.start, opened.exit_fit, opened.join_fit)
    warm = replace(opened.exit_fit, phi=opened.exit_fit.phi + 1e-12)
    others = [
        opened.setting(2, rated=RATED),
        opened.setting(1, told, RATED),
        replace(one, exit_fit=warm),
        replace(one, record_version="x"),
    ]
    assert len({each.fingerprint for each in (one, *others)}) == 5
    baseline = scenario("baseline", record, opened.start, opened.exit_fit, opened.join_fit)
    assert opened.setting(1, baseline, RATED).fingerprint == one.fingerprint
    assert _digest([1, 2]) != _digest([[1], 2]) and _digest({"a": 1, "b": 2}) == _digest({"b": 2, "a": 1})


def test_an_intervention_on_one_state_leaves_others_alone(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every channel cut, ends of bodies among them, nothing passes from state to state: others leave as they did."""
    s = opened.start
    monkeypatch.setattr(_Player, "surroundings", lambda player, world: quiet(player.setting.start))
    cut = tuple(Override(kind, term, 0.0) for kind, fit in (("exit", opened.exit_fit), ("join", opened.join_fit))
                for term in fit.scaling.names)  # fmt: skip
    i = int(np.flatnonzero(s.states == 2)[0])
    plain = replace(opened.setting(5), changes=cut)
    leave = np.array([[0, i, j] for j in np.flatnonzero(s.members[i])])
    changed = replace(plain, plan=replace(plain.plan, leave=leave))
    players = _Player(plain), _Player(changed)
    for world in range(20):
        one, two = (player.events(world) for player in players)
        np.testing.assert_array_equal(one[one[:, 2] != i], two[two[:, 2] != i])
    assert (two[:, 2] == i).sum() >= len(leave)


def test_a_join_hazard_that_is_not_calibrated_is_said(opened: Opened) -> None:
    bad = replace(opened.setting(1), join_fit=replace(opened.join_fit, status="not_calibrated"))
    assert (bad.warnings[0].code, bad.warnings[0].values) == ("simulate.joins_not_ok", {"status": "not_calibrated"})
    assert len(opened.setting(1).warnings) == len(bad.warnings) - 1


def test_only_a_calibrated_fit_makes_worlds(opened: Opened) -> None:
    bad = replace(opened.setting(1, rated=RATED), exit_fit=replace(opened.exit_fit, status="not_calibrated"))
    with pytest.raises(FitError, match="not_calibrated"):
        _ensure(bad, 1, ALONE, QUIET)
    with pytest.raises(FitError, match="not_calibrated"):
        make_block(bad, Block(0, 1))


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_damaged_part_is_made_anew(opened: Opened, fresh: Path) -> None:
    setting = opened.setting(1, rated=RATED)
    folder, wanted = _ensure(setting, 60, ALONE, QUIET)
    plain = parts_of(setting)
    (folder.path / wanted[0].file).write_bytes(plain[wanted[0].file][:1000])
    (folder.path / wanted[1].file).write_bytes(b"")
    assert add_up(Tally(opened.start), setting, 60, ALONE, QUIET).worlds == 60
    assert parts_of(setting) == plain


def test_a_part_that_is_not_of_its_block_is_made_anew(opened: Opened, fresh: Path) -> None:
    """Other columns, an array too few, numbers too few and worlds too few are seen, whatever the file is called."""
    setting = opened.setting(1, rated=0)
    folder, (block,) = _ensure(setting, 20, ALONE, QUIET)
    plain, path = parts_of(setting), folder.path / block.file
    part = folder.read(block)
    assert part is not None and list(part)[:2] == ["left", "joined"] and encode(part) == plain[block.file]
    frame, short = pl.read_parquet(plain[block.file]), BytesIO()
    frame.with_columns(frame["values"].bin.slice(1)).write_parquet(short)
    of_old = BytesIO()
    pl.DataFrame({"what": ["left"], "n": [1]}).write_parquet(of_old)
    without = {what: array for what, array in part.items() if what != "deaths"}
    for content in (of_old.getvalue(), short.getvalue(), encode(without), make_block(setting, Block(0, 19))):
        path.write_bytes(content)
        assert folder.read(block) is None and not path.exists()
    assert add_up(Tally(opened.start), setting, 20, ALONE, QUIET).worlds == 20
    assert parts_of(setting) == plain


def test_large_counts_take_wider_numbers() -> None:
    for largest, kind in ((255, "u1"), (256, "u2"), (70_000, "u4")):
        content = encode({"left": np.array([[0, largest]])})
        (row,) = pl.read_parquet(content).rows()
        assert row[:3] == ("left", "1 2", f"<{kind}") and np.frombuffer(row[3], kind).tolist() == [0, largest]


def test_a_tick_may_end_a_run_and_parts_stay(opened: Opened, fresh: Path) -> None:
    seen: list[tuple[int, int]] = []

    def tick(there: int, wanted: int) -> None:
        seen.append((there, wanted))
        if there >= 100:
            raise RuntimeError("cancelled")

    setting = opened.setting(1, rated=0)
    with pytest.raises(RuntimeError, match="cancelled"):
        _ensure(setting, 300, How(workers=1, tick=tick), QUIET)
    assert seen == [(50, 300), (100, 300)] and len(parts_of(setting)) == 2


def test_without_a_cache_worlds_are_made_all_the_same(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exeunt.simulate.store.cache_folder", lambda: None)
    folder, wanted = _ensure(opened.setting(1, rated=RATED), 60, ALONE, QUIET)
    assert not folder.kept and not folder.missing(wanted)


def test_this_process_helps_and_takes_over_what_others_cannot_do(opened: Opened) -> None:
    """Blocks are the same whoever makes them, also where every process that is hired dies at once."""
    setting, over, made = opened.setting(1, rated=RATED), threading.Event(), {}

    def deliver(block: Block, content: bytes) -> None:
        made[block.file] = content

    executors._in_processes(setting, chunks(400, 2), deliver, 1, helping=True)
    assert sorted(made) == [block.file for block in blocks(400)]
    plain, made = made, {}
    first = multiprocessing.active_children
    assert not first()

    def kill() -> None:
        while not over.is_set():
            for child in first():
                child.kill()
            time.sleep(0.02)

    hunter = threading.Thread(target=kill)
    hunter.start()
    try:
        with pytest.raises(WorkError, match="failed 3 times"):
            executors._in_processes(setting, chunks(2000, 2), deliver, 1, helping=True)
    finally:
        over.set()
        hunter.join()
    assert made and all(plain[name] == content for name, content in made.items() if name in plain)


def test_processes_started_ahead_are_taken_and_those_that_nobody_asks_are_ended(opened: Opened) -> None:
    setting, made, seen = opened.setting(1, rated=RATED), {}, set()

    def deliver(block: Block, content: bytes) -> None:
        made[block.file] = content
        seen.update(child.pid for child in multiprocessing.active_children())

    with ahead(How(workers=3), 2000):
        early = {child.pid for child in multiprocessing.active_children()}
        executors._in_processes(setting, chunks(200, 1), deliver, 1)
    assert len(early) == 2 and seen == early and sorted(made) == [block.file for block in blocks(200)]
    assert not multiprocessing.active_children()
    for how, worlds in ((How(workers=3), 1999), (How(workers=1), 5000), (How(scheduler="tcp://127.0.0.1:1"), 5000)):
        with ahead(how, worlds):
            assert not multiprocessing.active_children()


WAITING = """
import sys, time
from exeunt.core.worker_pool import worker_pool

if __name__ == "__main__":
    with worker_pool(2) as pool:
        tasks = [pool.submit(time.sleep, 600) for _ in range(int(sys.argv[1]))]
        print(*pool._processes, flush=True)
        time.sleep(600)
"""


@pytest.mark.parametrize("tasks", [0, 2])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_the_process_that_asked(tmp_path: Path, how: signal.Signals, tasks: int) -> None:
    """However it ends, whether they are at work or wait for it, and within two seconds."""
    script = tmp_path / "waiting.py"
    script.write_text(WAITING, encoding="utf-8")
    asking = subprocess.Popen(
        [sys.executable, script, str(tasks)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert asking.stdout is not None
    workers = [int(each) for each in asking.stdout.readline().split()]
    time.sleep(0.5)
    began = time.monotonic()
    asking.send_signal(how)
    asking.wait(timeout=10)
    assert len(workers) == 2
    while living := [each for each in workers if Path(f"/proc/{each}").exists() and "Z" not in _state(each)]:
        assert time.monotonic() - began < 4, living
        time.sleep(0.02)
    asking.stdout.close()


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_a_process_that_dies_is_replaced(opened: Opened) -> None:
    setting, killed = opened.setting(1, rated=RATED), []
    made: dict[str, bytes] = {}

    def deliver(block: Block, content: bytes) -> None:
        made[block.file] = content
        if not killed:
            victim = multiprocessing.active_children()[0]
            os.kill(victim.pid or 0, signal.SIGKILL)
            killed.append(victim.pid)

    executors._in_processes(setting, chunks(200, 1), deliver, 2)
    assert killed and sorted(made) == [block.file for block in blocks(200)]
    assert made["part-000003-50.parquet"] == make_block(setting, Block(3))
    assert not multiprocessing.active_children()


def test_a_chunk_that_fails_three_times_is_named(opened: Opened) -> None:
    setting, over = opened.setting(9, rated=RATED), threading.Event()

    def kill() -> None:
        while not over.is_set():
            for child in multiprocessing.active_children():
                child.kill()
            time.sleep(0.05)

    hunter = threading.Thread(target=kill)
    hunter.start()
    try:
        with pytest.raises(WorkError, match=r"worlds 0 to 49 with seed 9 failed 3 times .*--seed 9 --world 0") as told:
            executors._in_processes(setting, [(Block(0),)], lambda block, content: None, 1)
    finally:
        over.set()
        hunter.join()
    assert told.value.exit_code == 1 and one_sentence(f"exeunt: {told.value}\n")


def test_an_error_in_a_process_is_tried_again_and_then_named(opened: Opened) -> None:
    broken = replace(opened.setting(1, rated=RATED), plan=None)  # type: ignore[arg-type]
    with pytest.raises(WorkError, match="AttributeError"):
        executors._in_processes(broken, [(Block(2, 10),)], lambda block, content: None, 2)
    bad = replace(opened.setting(1, rated=RATED), exit_fit=replace(opened.exit_fit, status="separation"))
    with pytest.raises(FitError, match="separation"):
        executors._in_processes(bad, [(Block(0, 1),)], lambda block, content: None, 1)


# --- interrupted, killed, and the command -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(opened: Opened, record: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose cache holds the fits, and no worlds."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "cache").mkdir()
    cache = cache_folder()
    assert cache is not None
    shutil.copytree(cache, folder / "cache" / "exeunt", ignore=shutil.ignore_patterns("worlds"))
    return folder


CALL = [
    "simulate",
    "batch-executed",
    "--worlds",
    "400",
    "--years",
    "2",
    "--seed",
    "3",
    "--state",
    "USA",
    "--format",
    "json",
]


@pytest.fixture(scope="module")
def whole(home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The answer of a run that nobody disturbed, in one process."""
    done = exeunt(*CALL, "--workers", "1", "--quiet", cwd=tmp_path_factory.mktemp("here"), home=home, timeout=600)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def _halted(home: Path, here: Path, how: signal.Signals, parts: int) -> subprocess.Popen[str]:
    """Start the call, and stop it when so many parts are there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "exeunt", *CALL], cwd=here, env=environment(home), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while len(list((home / "cache" / "exeunt" / "worlds").rglob("part-*"))) < parts:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    (os.killpg if how is signal.SIGINT else os.kill)(process.pid, how)
    return process


def test_killed_half_way_and_run_again_gives_the_same_bytes(home: Path, whole: str, tmp_path: Path) -> None:
    again = tmp_path / "home"
    shutil.copytree(home, again, ignore=shutil.ignore_patterns("worlds"))
    stopped = _halted(again, tmp_path, signal.SIGINT, 3)
    out, err = stopped.communicate(timeout=60)
    assert stopped.returncode == 130 and out == "" and "Traceback" not in err, err
    assert "they are kept, and the same call goes on from there" in err
    kept = len(list((again / "cache" / "exeunt" / "worlds").rglob("part-*")))
    assert kept >= 3
    killed = _halted(again, tmp_path, signal.SIGKILL, kept + 3)
    killed.wait(timeout=60)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.killpg(killed.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        pytest.fail("workers live on after the process that asked was killed")
    killed.communicate()
    before = len(list((again / "cache" / "exeunt" / "worlds").rglob("part-*")))
    assert kept + 3 <= before < 16
    done = exeunt(*CALL, cwd=tmp_path, home=again, timeout=600)
    assert done.returncode == 0 and done.stdout == whole
    assert "of them from an earlier run" in done.stderr or before >= 8


def test_the_answer_says_what_it_rests_on(whole: str, record: Record) -> None:
    a = json.loads(whole)
    assert (a["scenario"], a["worlds"], a["years"], a["seed"]) == ("batch-executed", 400, 2, 3)
    assert list(a)[:7] == ["scenario", "title", "about", "worlds", "years", "seed", "first_year"]
    for key in ("exits_per_year", "joins_per_year"):
        assert [row["year"] for row in a[key]] == [2027, 2028]
        assert all(row["low"] <= row["median"] <= row["high"] for row in a[key])
    assert a["exit_fit"] == a["join_fit"] == "ok" and "simulate.carried" in {each["code"] for each in a["warnings"]}
    ranked = a["likeliest_exits"]
    assert len(ranked) == 100 and all(r["p3"] is r["p5"] is None and 0 < r["p1"] < 1 and r["why"] for r in ranked)
    assert [r["p1"] for r in ranked[:10]] != [r["p1"] for r in ranked[10:20]]
    assert {h["horizon"] for h in a["back_tested_hits"]["hits"]} == {1, 3, 5}
    exits = a["batch"]["exits"]
    first = a["paired"]["exits_per_year"][0]
    assert exits - 0.5 < first["mean"] <= exits and a["paired"]["exits_total"]["mean"] > exits - 0.5
    (usa,) = a["states"]
    assert usa["state"] == "USA" and usa["memberships"][0]["median"] < usa["memberships_at_opening"]
    for each in (a["batch"]["state"], a["batch"]["any"]):
        assert each["share_low"] <= each["share_of_worlds"] <= each["share_high"]
        assert each["per_year_low"] <= each["per_year"] <= each["per_year_high"] > 0
    assert a["batch"]["state"]["state"] == "USA"
    assert not [r for r in ranked if r["state"] == "USA" and r["body"] in {"iccrom", "itto"}], "the scenario ends these"


@pytest.mark.parametrize("form", ["table", "csv"])
def test_the_answer_as_text(home: Path, whole: str, tmp_path: Path, form: str) -> None:
    call = [*CALL[:-1], form, "--quiet"]
    done = exeunt(*call, cwd=tmp_path, home=home, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    if form == "csv":
        frame = pl.read_csv(done.stdout.encode())
        assert set(frame["what"]) >= {"exits", "joins", "memberships", "exits_minus_baseline"}
        assert frame.height == len(rows_of(json.loads(whole)))
    else:
        for told in ("What such lists were worth", "as in usa-2026-01", "carried forward", "mean difference"):
            assert told in done.stdout


def test_one_world_tells_its_story(opened: Opened, record: Record, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["simulate", "batch-executed", "--world", "417", "--years", "3", "--seed", "3", "--quiet"]
    made = {}
    for form in ("json", "table", "csv"):
        assert main([*call, "--format", form]) == 0
        made[form] = capsys.readouterr().out
    told = json.loads(made["json"])
    assert told["world"] == 417
    forced = [e for e in told["events"] if e["by"] == "scenario"]
    assert forced and all((e["state"], e["what"], e["year"]) == ("USA", "leaves", 2027) for e in forced)
    assert all(f"{year}: " in made["table"] for year in range(2027, 2030)) and "(scenario)" in made["table"]
    assert pl.read_csv(made["csv"].encode()).height == len(told["events"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["basline"], "closest: baseline"),
        (["none.toml"], "no scenario file"),
        (["baseline", "--worlds", "0"], "--worlds 0"),
        (["baseline", "--worlds", "many"], "invalid int value"),
        (["baseline", "--years", "101"], "--years 101: expected 1 to 100"),
        (["baseline", "--years", "0"], "--years 0"),
        (["baseline", "--seed", "-1"], "--seed -1"),
        (["baseline", "--seed", "1.5"], "invalid int value"),
        (["baseline", "--workers", "0"], "--workers 0"),
        (["baseline", "--world", "-3"], "--world -3"),
        (["baseline", "--format", "parquet"], "name a file with --out"),
        (["baseline", "--state", "Atlantis"], "no state named 'Atlantis'"),
        (["baseline", "--state", "DDR"], "no state of the system"),
        (
            ["baseline", "--worlds", "10", "--years", "1", "--scheduler", "tcp://127.0.0.1:9"],
            "no Dask scheduler answers",
        ),
    ],
)
def test_a_wrong_call_is_said_in_one_sentence(
    opened: Opened, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.setattr(executors, "ANSWERS", 1.0)
    assert main(["simulate", *arguments, "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert told in err and out == "" and one_sentence(err), err


# --- a cluster --------------------------------------------------------------------------------------------------------


def test_a_dask_cluster_makes_the_same_parts(opened: Opened, fresh: Path) -> None:
    distributed = pytest.importorskip("distributed")
    setting = opened.setting(6, rated=RATED)
    _ensure(setting, 220, ALONE, QUIET)
    plain = parts_of(setting)
    shutil.rmtree(fresh)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, worker_dashboard_address=None, silence_logs=50
    ) as cluster:  # fmt: skip
        _ensure(setting, 220, How(scheduler=cluster.scheduler_address, chunk=50), QUIET)
        assert parts_of(setting) == plain
        broken = replace(setting, plan=None)  # type: ignore[arg-type]
        with pytest.raises(WorkError, match="worlds 100 to 149 with seed 6 failed 3 times"):
            executors._on_cluster(broken, [(Block(2),)], lambda block, content: None, cluster.scheduler_address)


def test_without_dask_the_scheduler_says_what_to_install(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'exeunt\[cluster\]'"):
        executors._on_cluster(
            opened.setting(1, rated=RATED), [(Block(0),)], lambda block, content: None, "tcp://127.0.0.1:1"
        )


# --- what is counted --------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(-30, 400), min_size=2, max_size=2), min_size=1, max_size=40), st.integers(1, 39))
def test_a_histogram_has_the_quantiles_of_its_values(values: list[list[int]], cut: int) -> None:
    array = np.array(values)
    made = Histogram(2)
    for piece in (array[:cut], array[cut:]):
        if len(piece):
            made.add(piece)
    for column in range(2):
        for level in (0.025, 0.3, 0.5, 0.975):
            assert made.quantile(column, level) == pytest.approx(np.quantile(array[:, column], level), abs=1e-9)
        assert made.mean(column)[0] == pytest.approx(array[:, column].mean())
    assert made.worlds == len(array)


def test_counts_are_those_of_the_events(opened: Opened) -> None:
    setting, s = opened.setting(8, rated=RATED), opened.start
    block = Block(0, 30)
    content = make_block(setting, block)
    assert dict(pl.read_parquet(content).schema) == SCHEMA
    whole = Tally(s, range(len(s.states)), (2, 0))
    whole.add(block, _decode(content, block))
    player = _Player(setting)
    exits, members, twos = np.zeros((30, YEARS), int), np.zeros((30, YEARS, len(s.states)), int), []
    for world in block.worlds:
        found = player.events(world)
        held, left = history(s, found)
        exits[world], members[world] = left[:-1].sum(axis=1), [now.sum(axis=1) for now in held[1:]]
        twos += (left[:-1].max(axis=1) >= 2).tolist()
    for step in range(YEARS):
        assert whole.by_year["exits"].quantile(step, 0.5) == np.median(exits[:, step])
        for i in range(len(s.states)):
            assert whole.memberships[i].mean(step)[0] == pytest.approx(members[:, step, i].mean())
    assert whole.batches[1].worlds.total[0] == sum(twos)


def test_chances_have_the_probability_of_exits_as_their_mean(found: Models, record: Record) -> None:
    """By world, exits less their summed chances have the mean 0, under the law, bars, delays and followers."""
    s = start(found.cov, 5)
    base = Opened(
        s, found.exit_fit, join_fit(record, found.cov), estimate(record, found.cov), found.cov, record.version
    ).setting(12)
    usa = int(np.flatnonzero(s.states == 2)[0])
    barred = base.plan.barred.copy()
    barred[:, ::7] = 1, 4
    delay = base.plan.delay.copy()
    delay[::3] = 2
    delay[usa] = 0
    others = [i for i in np.flatnonzero(s.members.any(axis=1)) if i != usa and delay[i] == 0][:30]
    busy = replace(
        base.plan, barred=barred, delay=delay, leave=np.array([[0, usa, j] for j in np.flatnonzero(s.members[usa])[:40]]),
        follow=np.array([[usa, i] for i in others]), follow_chance=np.full(len(others), 0.2),
    )  # fmt: skip
    hot = replace(base, changes=(Override("exit", "log_size", factor=0.5),))
    for setting in (base, replace(hot, plan=busy)):
        player, gaps, chances = _Player(setting), [], []
        for world in range(100):
            laws = player.laws(world)
            laws = (replace(laws[0], state=laws[0].state + np.log(3.0)), *laws[1:])
            events = player.events(world, laws)
            around = player.surroundings(world)
            summed = player.rates.chances(laws[0], laws[2], events, around).sum(axis=1)
            held = s.members.copy()
            gone = np.zeros(len(HORIZONS))
            for step, kind, i, j in events.tolist():
                if kind == EXIT and j < held.shape[1] and held[i, j]:
                    held[i, j] = False
                    gone += [step < horizon for horizon in HORIZONS]
            gaps.append(gone - summed)
            chances.append(summed)
        gap, error = np.mean(gaps, axis=0), np.std(gaps, axis=0) / np.sqrt(len(gaps))
        assert (np.abs(gap) < Z * error).all(), (gap, error)
        assert (error < 0.06 * np.mean(chances, axis=0)).all(), "a test that could not fail"


def test_chances_rest_on_the_terms_that_are_told(found: Models, record: Record) -> None:
    """The compiled sum of a step is that of the contributions which a list of likeliest exits is explained by."""
    s = start(found.cov, 6)
    at = Opened(s, found.exit_fit, join_fit(record, found.cov), estimate(record, found.cov), found.cov, record.version)
    for name in ("baseline", "reform"):
        told = scenario(name, record, at.start, at.exit_fit, at.join_fit)
        rates = _Player(at.setting(1, told, rated=RATED)).rates
        law = _Player(at.setting(1, told, rated=RATED)).laws(3)[0]
        rows = {back: rates.before[-1] + 0.01 * back for back in range(-at.start.longest_lag, 6)}
        for step in (0, 5):
            plain = sum(rates.parts(law, rows, step).values())
            np.testing.assert_allclose(rates._moving(law, rows, step), plain, rtol=1e-12)


def test_chances_over_frailties_are_those_of_draws() -> None:
    rng = np.random.default_rng(1)
    draws = 400_000
    for one, two in ((0.0, 0.0), (0.7, 0.0), (0.0, 4.3), (0.7, 4.3)):
        table = _chance_of(Bundles(one, two))
        frailty = np.ones(draws)
        for v in (one, two):
            frailty *= rng.gamma(1 / v, v, draws) if v else 1.0
        for rate in (1e-4, 0.02, 0.5):
            drawn = -np.expm1(-rate * frailty)
            error = max(Z * drawn.std() / np.sqrt(draws), 2e-5 * drawn.mean())
            assert abs(_read_off(np.log([rate]), table)[0] - drawn.mean()) < error
    assert _read_off(np.array([GRID[0] - 5, GRID[-1] + 5]), table) == pytest.approx([table[0], table[-1]], abs=1e-3)


def test_the_list_is_ranked_and_leaves_out_what_the_scenario_ends(opened: Opened, record: Record) -> None:
    told = scenario("batch-executed", record, opened.start, opened.exit_fit, opened.join_fit)
    setting = opened.setting(1, told, RATED)
    chance = np.zeros((3, *opened.start.members.shape))
    members = np.argwhere(opened.start.members)
    for rank, (i, j) in enumerate(members[:200].tolist()):
        chance[:, i, j] = 2.0 - rank / 1000
    for _, i, j in told.plan.leave.tolist():
        chance[:, i, j] = 10.0
    rows = likeliest(record, setting, chance, 10, 50)
    assert [r["p1"] for r in rows] == sorted((r["p1"] for r in rows), reverse=True)
    forced = {opened.start.bodies[j] for _, _, j in told.plan.leave.tolist()}
    assert not [r for r in rows if r["state"] == "USA" and r["body"] in forced]
    assert rows[0]["p1"] == pytest.approx(0.2) and rows[0]["p5"] is None
    assert all(set(r["why"]) == {"code", "values"} for r in rows[:5] if r["why"])


def test_back_tested_hits_are_those_of_the_back_test() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import comparison
    finally:
        sys.path.pop(0)
    assert BACKTESTED.read_text(encoding="utf-8") == comparison.backtested()


def test_intervals_of_shares() -> None:
    assert _wilson(0, 100) == pytest.approx((0.0, 0.0370), abs=1e-4)
    assert _wilson(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_a_baseline_is_held_against_nothing(opened: Opened, record: Record) -> None:
    told = scenario("baseline", record, opened.start, opened.exit_fit, opened.join_fit)
    a = _of_scenario(record, opened, told, 40, 1, ALONE, QUIET, {}, RATED)
    assert a["paired"] is None and a["likeliest_over_worlds"] == 40
    rows = story(record, opened.setting(1, rated=RATED), told, 3)
    assert {row["what"] for row in rows} >= {"leaves", "joins", "begins", "founds"} and {row["by"] for row in rows} == {
        "law"
    }
    assert text(rows).startswith("2027: ")


def test_memory_does_not_grow_with_the_worlds(home: Path, tmp_path: Path) -> None:
    """Largest memory of the command with four times the worlds."""
    peaks = []
    for worlds in (150, 600):
        code = (
            "import resource, sys; from exeunt.cli import main; "
            f"main(['simulate', 'baseline', '--worlds', '{worlds}', '--years', '2', '--seed', '77', '--workers', '1', "
            "'--quiet', '--format', 'csv', '--out', 'a.csv']); "
            "sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=environment(home),
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(done.stderr))
    assert peaks[1] < 1.2 * peaks[0]
