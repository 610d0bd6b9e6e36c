"""scripts/setup.py without a network, and what no committed file may hold."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "setup.py"


@pytest.fixture(scope="module")
def setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("exeunt_setup", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A tree with all that setup.py reads, and a copy of it."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "setup.py").write_bytes(SCRIPT.read_bytes())
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path


def furnish(venv: Path, **stamp: object) -> Path:
    """Make what looks like a whole environment."""
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (venv / "bin" / "exeunt").touch()
    (venv / "exeunt-setup.json").write_text(json.dumps(stamp))
    return venv


def leftover_names(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob(".venv.*-*"))


# -- the stamp


def test_the_stamp_changes_with_each_thing_it_stands_for(setup: ModuleType, checkout: Path) -> None:
    stamps = [setup.stamp_of(checkout, (3, 11, 7))]
    assert setup.stamp_of(checkout, (3, 11, 9)) == stamps[0]
    stamps.append(setup.stamp_of(checkout, (3, 12, 1)))
    for name in ("constraints.txt", "pyproject.toml"):
        with open(checkout / name, "a") as file:
            file.write("\n")
        stamps.append(setup.stamp_of(checkout, (3, 11, 7)))
    moved = checkout.with_name("moved")
    checkout.rename(moved)
    stamps.append(setup.stamp_of(moved, (3, 11, 7)))
    assert len(set(stamps)) == 5


def test_dev_satisfies_base_and_base_does_not_satisfy_dev(setup: ModuleType, tmp_path: Path) -> None:
    base = furnish(tmp_path / "base", stamp="s", modes=["base"])
    dev = furnish(tmp_path / "dev", stamp="s", modes=["base", "dev"])
    assert setup.satisfied(base, "s", "base") and not setup.satisfied(base, "s", "dev")
    assert setup.satisfied(dev, "s", "base") and setup.satisfied(dev, "s", "dev")
    assert not setup.satisfied(dev, "another", "base")


@pytest.mark.parametrize("damage", ["no stamp", "broken stamp", "not an object", "no python", "no exeunt"])
def test_a_damaged_environment_satisfies_nothing(setup: ModuleType, tmp_path: Path, damage: str) -> None:
    venv = furnish(tmp_path / "venv", stamp="s", modes=["base"])
    if damage == "no stamp":
        (venv / "exeunt-setup.json").unlink()
    elif damage == "broken stamp":
        (venv / "exeunt-setup.json").write_text("{")
    elif damage == "not an object":
        (venv / "exeunt-setup.json").write_text("[]")
    elif damage == "no python":
        (venv / "bin" / "python").unlink()
        (venv / "bin" / "python").symlink_to(tmp_path / "gone")
    else:
        (venv / "bin" / "exeunt").unlink()
    assert not setup.satisfied(venv, "s", "base")


def test_a_ready_environment_is_left_alone_quickly(setup: ModuleType, checkout: Path) -> None:
    venv = furnish(checkout / ".venv", stamp=setup.stamp_of(checkout, sys.version_info), modes=["base"])
    inode = venv.stat().st_ino
    (checkout / ".venv.new-1").mkdir()
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, checkout / "scripts" / "setup.py", "base"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert time.monotonic() - start < 1.0
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "setup: .venv is ready (base)\n")
    assert venv.stat().st_ino == inode
    assert leftover_names(checkout) == []


# -- which Python


def test_the_script_can_be_read_by_python_3_6() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_python_versions(setup: ModuleType) -> None:
    assert [minor for minor in range(6, 20) if setup.supported((3, minor, 1, "final", 0))] == [11, 12, 13, 14]
    assert setup.refusal((3, 6, 15)).startswith("Python 3.6 is too old: install any of Python 3.11 to 3.14")
    assert setup.refusal((3, 15, 0)).startswith("Python 3.15 is newer than exeunt has been tested with")


def test_an_old_python_alone_is_refused_in_one_sentence(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "other_python", lambda: None)
    monkeypatch.setattr(setup.sys, "version_info", (3, 8, 18, "final", 0))
    monkeypatch.setattr(setup.signal, "signal", lambda *_: None)
    assert setup.main(["base"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("setup: Python 3.8 is too old") and said.count("\n") == 1


def test_the_newest_supported_python_that_runs_is_taken(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = {
        "python3.15": "3.15",
        "python3.14": "",
        "python3.13": "3.9",
        "python3.12": "3.12",
        "python3.11": "3.11",
    }
    for name, answer in answers.items():
        shim = tmp_path / name
        shim.write_text(f"#!/bin/sh\n[ -n '{answer}' ] || exit 127\necho {answer}\n")
        shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert setup.other_python() == str(tmp_path / "python3.12")
    (tmp_path / "python3.12").unlink()
    (tmp_path / "python3.11").unlink()
    assert setup.other_python() is None


def test_the_supported_versions_agree_with_pyproject(setup: ModuleType) -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.findall(r"Python :: (3\.\d+)", text)
    assert (listed[0], listed[-1]) == (setup.dotted(setup.OLDEST), setup.dotted(setup.NEWEST))
    assert f'requires-python = ">={setup.dotted(setup.OLDEST)}"' in text


@pytest.mark.parametrize(
    ("present", "chosen"),
    [({"venv", "ensurepip", "virtualenv"}, "venv"), ({"venv", "virtualenv"}, "virtualenv")],
)
def test_virtualenv_serves_where_ensurepip_is_missing(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, present: set[str], chosen: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name in present else None)
    assert setup.environment_maker() == chosen


def test_no_way_to_make_an_environment_is_said(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name == "venv" else None)
    with pytest.raises(setup.SetupError, match="apt-get install python3-venv"):
        setup.environment_maker()


def test_wrong_use_is_status_2(setup: ModuleType) -> None:
    assert setup.main(["production"]) == 2


# -- requirements and pip


def test_every_requirement_is_pinned(setup: ModuleType) -> None:
    pinned = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    building, base, extra = setup.requirements(ROOT, "dev")
    assert setup.requirements(ROOT, "base") == (building, base, [])
    assert [setup.bare_name(item) for item in base] == ["numpy", "scipy", "polars", "numba", "llvmlite", "jinja2"]
    assert {setup.bare_name(item) for item in building + base + extra} <= set(pinned)


def test_a_pip_failure_becomes_one_sentence(setup: ModuleType) -> None:
    nothing = "ERROR: No matching distribution found for numpy<3,>=2.4\n"
    unreachable = "WARNING: Retrying (Retry(total=0)) after 'NewConnectionError(': [Errno 111] refused')'\n" + nothing
    assert setup.explain_pip(unreachable).startswith("pip could not reach its package registry ([Errno 111] refused): ")
    assert "no wheel for Python" in setup.explain_pip(nothing)
    assert setup.explain_pip("ERROR: [Errno 28] No space left on device\n").startswith("pip failed ([Errno 28] No")
    conflict = "ERROR: Cannot install a and b.\nERROR: ResolutionImpossible: for help visit a page\n"
    assert setup.explain_pip(conflict).startswith("pip failed (Cannot install a and b);")
    assert setup.explain_pip("") == "pip failed (no output); all it said is in .venv.log."


def test_pip_is_not_led_astray(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PIP_TIMEOUT", "9")
    kept = setup.child_environment(TMPDIR="/scratch")
    assert "PIP_TARGET" not in kept and (kept["PIP_TIMEOUT"], kept["TMPDIR"]) == ("9", "/scratch")


# -- the swap


def test_scripts_name_their_final_place_and_run_there(setup: ModuleType, tmp_path: Path) -> None:
    new, final = tmp_path / ".venv.new-7", tmp_path / ".venv"
    furnish(new)
    (new / "pyvenv.cfg").write_text(f"command = python -m venv {new}\n")
    (new / "bin" / "compiled").write_bytes(b"\x7fELF\0" + os.fsencode(new))
    launcher = new / "bin" / "exeunt"
    launcher.write_text(f"#!{new}/bin/python\nprint('they go out')\n")
    launcher.chmod(0o755)
    setup.relocate(new, final)
    new.rename(final)
    assert os.fsencode(new) in (final / "bin" / "compiled").read_bytes()
    assert str(new) not in (final / "pyvenv.cfg").read_text()
    done = subprocess.run([final / "bin" / "exeunt"], capture_output=True, text=True, check=True)
    assert done.stdout == "they go out\n"


def test_a_swap_replaces_and_leaves_nothing(setup: ModuleType, tmp_path: Path) -> None:
    furnish(tmp_path / ".venv", stamp="old")
    new = furnish(tmp_path / ".venv.new-7", stamp="new")
    setup.swap(new, tmp_path)
    assert json.loads((tmp_path / ".venv" / "exeunt-setup.json").read_text()) == {"stamp": "new"}
    assert leftover_names(tmp_path) == []


def test_a_swap_killed_halfway_is_undone(setup: ModuleType, tmp_path: Path) -> None:
    furnish(tmp_path / ".venv.old-7", stamp="old")
    furnish(tmp_path / ".venv.new-7", stamp="new")
    setup.recover(tmp_path)
    assert json.loads((tmp_path / ".venv" / "exeunt-setup.json").read_text()) == {"stamp": "old"}
    assert leftover_names(tmp_path) == []


def test_leftovers_go_and_the_environment_stays(setup: ModuleType, tmp_path: Path) -> None:
    furnish(tmp_path / ".venv", stamp="here")
    furnish(tmp_path / ".venv.old-7", stamp="old")
    (tmp_path / ".venv.new-8" / "lib").mkdir(parents=True)
    (tmp_path / ".venv.new-9").symlink_to(tmp_path)
    setup.recover(tmp_path)
    assert json.loads((tmp_path / ".venv" / "exeunt-setup.json").read_text()) == {"stamp": "here"}
    assert leftover_names(tmp_path) == []


def test_the_lock_lets_one_in(setup: ModuleType, tmp_path: Path) -> None:
    with setup.locked(tmp_path) as first:
        with setup.locked(tmp_path, wait=False) as second:
            assert first is not None and second is None
    with setup.locked(tmp_path, wait=False) as third:
        assert third is not None


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_setup_leaves_what_was_there(checkout: Path, number: int, code: int) -> None:
    furnish(checkout / ".venv", stamp="old", modes=["base"])
    # A stand-in for venv that never comes to an end, found before the real one.
    (checkout / "scripts" / "virtualenv.py").write_text(
        "import pathlib, sys, time\npathlib.Path(sys.argv[-1]).mkdir()\ntime.sleep(60)\n"
    )
    starter = (
        "import importlib.util, os, runpy, sys\n"
        "real = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'ensurepip' else real(name, *rest)\n"
        f"os.chdir({str(checkout / 'scripts')!r})\n"
        f"sys.path.insert(0, {str(checkout / 'scripts')!r})\n"
        "sys.argv = ['setup.py', 'base']\n"
        "import setup\n"
        "setup.child_environment = lambda **more: {**os.environ, 'PYTHONPATH': sys.path[0], **more}\n"
        "sys.exit(setup.main(['base']))\n"
    )
    working = subprocess.Popen([sys.executable, "-c", starter], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not list(checkout.glob(".venv.new-*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert leftover_names(checkout) == [f".venv.new-{working.pid}"]
    working.send_signal(number)
    _, said = working.communicate(timeout=20)
    assert working.returncode == code
    assert said.endswith("setup: interrupted; .venv is as it was.\n") and "Traceback" not in said
    assert leftover_names(checkout) == []
    assert json.loads((checkout / ".venv" / "exeunt-setup.json").read_text())["stamp"] == "old"


# -- what no committed file may hold

DOT = r"\."
FORBIDDEN = {
    # Built from pieces, so that this file does not hold what it looks for.
    "a registry host": re.compile(
        "|".join(
            [
                "py" + "pi" + DOT + "org",
                "python" + "hosted" + DOT + "org",
                "npm" + "js" + DOT + "(?:org|com)",
                "(?:deb|security|ftp|archive|snapshot)" + DOT + "deb" + "ian" + DOT + "(?:org|net)",
                "--(?:extra-)?index" + "-url",
            ]
        ),
        re.IGNORECASE,
    ),
    "a machine path": re.compile(r"(?<![\w.~-])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + r"me/\w+"]) + ")/"),
    "an e-mail address": re.compile(r"[\w.%+-]+" + "@" + r"(?:[\w-]+\.)+[a-z]{2,}\b", re.IGNORECASE),
}


def committed_files() -> list[Path]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name]


def test_no_committed_file_names_a_registry_a_machine_path_or_an_address() -> None:
    found = []
    for path in committed_files():
        # Names deleted in the work tree, links and binary files hold no text to read.
        if path.is_symlink() or not path.is_file() or b"\0" in (content := path.read_bytes()):
            continue
        for number, line in enumerate(content.decode("utf-8", errors="replace").splitlines(), start=1):
            for what, pattern in FORBIDDEN.items():
                if what == "an e-mail address" and path.name == "LICENSE":
                    continue
                if hit := pattern.search(line):
                    found.append(f"{path.relative_to(ROOT)}:{number} holds {what}: {hit.group()}")
    assert not found, "\n".join(["", *found])


def test_the_patterns_find_what_they_look_for() -> None:
    samples = {
        "a registry host": "https://files.python" + "hosted.org/packages",
        "a machine path": "see /wo" + "rk/main/src",
        "an e-mail address": "someone" + "@example.org",
    }
    for what, pattern in FORBIDDEN.items():
        assert pattern.search(samples[what])
        assert not pattern.search("https://example.org/work/page and a decorator @pytest.fixture in ../shared/sources")
