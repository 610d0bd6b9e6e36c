"""Make the project's environment, `.venv`: ``python3 scripts/setup.py [base|dev]``.

`.venv` is built beside its place and renamed into it when it is whole, so that it is either ready or as it
was, whatever interrupts. A stamp in it says what it was built from; while that holds there is nothing to do.

The file must be readable by Python 3.6, so that an old Python can be told that it is old: no newer syntax,
and nothing newer than 3.6 is called before `hand_over`.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

OLDEST = (3, 11)
NEWEST = (3, 14)
MODES = ("base", "dev")
ROOT = Path(os.path.realpath(__file__)).parent.parent
STAMP = "exeunt-setup.json"
LAYOUT = "1"  # raise it when this script builds differently from the same inputs
HEARTBEAT = 15.0  # seconds between signs of life in a long step

# These would make pip install elsewhere, or Python look elsewhere, than in the new environment.
LEAKS = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
    "__PYVENV_LAUNCHER__",
)

UNREACHABLE = re.compile(
    r"Retrying \(|NewConnectionError|ConnectTimeout|ReadTimeout|ConnectionError|name resolution"
    r"|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED|IncompleteRead"
    r"|\b(?:401|403|50\d) (?:Client|Server) Error"
)


class SetupError(Exception):
    """What went wrong and what to do, in one sentence."""


class Stopped(KeyboardInterrupt):
    """A signal asked to stop; `code` is the exit status to leave with."""

    def __init__(self, number):
        super().__init__(number)
        self.code = 128 + number


def say(text):
    """Print a line to stderr: stdout belongs to the commands that follow."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def dotted(version):
    """Write a version as major.minor."""
    return "{}.{}".format(*version[:2])


# -- which Python ---------------------------------------------------------------------------------------


def supported(version):
    """Tell whether exeunt runs on this Python."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def refusal(version):
    """Say why this Python will not do, and what would."""
    age = "too old" if tuple(version[:2]) < OLDEST else "newer than exeunt has been tested with"
    return (
        f"Python {dotted(version)} is {age}: install any of Python {dotted(OLDEST)} to {dotted(NEWEST)}, "
        f"or name one, as in `make setup PYTHON=python{dotted(OLDEST)}`."
    )


def version_of(python):
    """Ask an interpreter for its version; None if it does not run (a pyenv shim may stand for nothing)."""
    try:
        answer = subprocess.run(
            [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            timeout=20,
            check=True,
        ).stdout
        return tuple(int(part) for part in answer.split(b"."))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def other_python():
    """Find the newest supported ``python3.N`` on the PATH, or None."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and version_of(found) == (3, minor):
            return found
    return None


def hand_over(mode):
    """Go on in a supported Python; returns only when this one is supported."""
    if supported(sys.version_info):
        return
    python = other_python()
    if python is None:
        raise SetupError(refusal(sys.version_info))
    say(f"setup: Python {dotted(sys.version_info)} will not do; going on with {python}")
    os.execv(python, [python, os.path.realpath(__file__), mode])


# -- what is there --------------------------------------------------------------------------------------


def stamp_of(root, version):
    """Hash all that an environment is built from.

    The path counts too: console scripts hold it, so a checkout that was moved needs a new environment.
    """
    digest = hashlib.sha256()
    for part in (
        LAYOUT.encode(),
        dotted(version).encode(),
        os.fsencode(str(root)),
        (root / "constraints.txt").read_bytes(),
        (root / "pyproject.toml").read_bytes(),
    ):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def satisfied(venv, stamp, mode):
    """Tell whether `venv` is whole, built from what `stamp` stands for, and has what `mode` needs."""
    try:
        built = json.loads((venv / STAMP).read_text(encoding="utf-8"))
        ready = built["stamp"] == stamp and mode in built["modes"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    # exists() follows links: the Python that .venv was made from may have been removed.
    return ready and (venv / "bin" / "python").exists() and (venv / "bin" / "exeunt").exists()


def remove(path):
    """Remove a file, link or folder, as far as it goes."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(str(path), ignore_errors=True)
    else:
        try:
            path.unlink()
        except OSError:
            pass


def leftovers(root):
    """List what an interrupted setup left behind."""
    return sorted(root.glob(".venv.new-*")) + sorted(root.glob(".venv.old-*"))


def recover(root):
    """Undo half a swap, then remove leftovers. Needs the lock."""
    venv = root / ".venv"
    if not os.path.lexists(str(venv)):
        for old in sorted(root.glob(".venv.old-*")):
            if (old / STAMP).exists():
                os.rename(str(old), str(venv))
                break
    for path in leftovers(root):
        remove(path)


# -- one at a time --------------------------------------------------------------------------------------


@contextmanager
def locked(root, wait=True):
    """Hold the setup lock of this checkout; yields its descriptor, or None if taken and `wait` is false.

    The kernel frees it when every holder is gone. Children hold it too: should this process be killed,
    the next setup waits for its orphaned pip rather than working under it.
    """
    import fcntl

    handle = os.open(str(root / ".venv.lock"), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not wait:
                    yield None
                    return
                if not told:
                    say("setup: another setup is at work here; waiting for it")
                    told = True
                time.sleep(0.1)
        yield handle
    finally:
        os.close(handle)


# -- building -------------------------------------------------------------------------------------------


def requirements(root, mode):
    """Read what to install from pyproject.toml: (for building, for base, for the mode's extra)."""
    import tomllib

    with open(str(root / "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)
    extra = project["project"]["optional-dependencies"]["dev"] if mode == "dev" else []
    return project["build-system"]["requires"], project["project"]["dependencies"], extra


def bare_name(requirement):
    """Cut a requirement down to the name of its package."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]


def environment_maker():
    """Choose the module that makes environments: venv, else virtualenv."""
    from importlib.util import find_spec

    if find_spec("venv") and find_spec("ensurepip"):
        return "venv"
    if find_spec("virtualenv"):
        return "virtualenv"
    raise SetupError(
        f"{sys.executable} cannot make environments, since its venv or ensurepip module is missing: "
        "install it (Debian, Ubuntu: `apt-get install python3-venv`) and run the same command again."
    )


def explain_pip(text):
    """Turn pip's output after a failure into one sentence."""
    if UNREACHABLE.search(text):
        reason = re.search(r"\[Errno -?\d+\] [^'\")\n]+|[Rr]ead timed out|[45]\d\d (?:Client|Server) Error", text)
        detail = f" ({reason.group()})" if reason else ""
        return (
            f"pip could not reach its package registry{detail}: check the network and pip's configuration, "
            "then run the same command again."
        )
    # pip says first what it could not do, and then how to get help with it.
    errors = [line[len("ERROR:") :].strip() for line in text.splitlines() if line.startswith("ERROR:")]
    fault = (errors or text.strip().splitlines()[-1:] or ["no output"])[0].strip().rstrip(".")
    if "No matching distribution" in text:
        return (
            f"pip found no wheel for Python {dotted(sys.version_info)} on this machine ({fault}), and only "
            "wheels are installed: try another supported Python, as in `make setup PYTHON=python3.12`."
        )
    return f"pip failed ({fault}); all it said is in .venv.log."


def now_doing(log):
    """Tell what pip last said it was downloading, from its log."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in reversed(lines):
        found = re.match(r"\s*(Downloading|Installing collected packages|Collecting)\b(.*)", line)
        if found:
            return f", {found.group(1).lower()}{found.group(2)}"[:90]
    return ""


def child_environment(**changes):
    """Copy the environment without what would lead pip astray."""
    kept = {name: value for name, value in os.environ.items() if name not in LEAKS}
    kept.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", **changes)
    return kept


def run(command, root, lock, **environment):
    """Run a command, its output in .venv.log, a sign of life now and then; its exit status."""
    log = root / ".venv.log"
    with open(str(log), "wb") as output:
        child = subprocess.Popen(
            [str(word) for word in command],
            cwd=str(root),
            env=child_environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
        )
        start = time.monotonic()
        try:
            while True:
                try:
                    return child.wait(timeout=HEARTBEAT)
                except subprocess.TimeoutExpired:
                    say(f"         {time.monotonic() - start:.0f} s{now_doing(log)}")
        except BaseException:
            child.terminate()
            try:
                child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            raise


def relocate(new, final):
    """Make the scripts of the environment built at `new` name the place where it will stand.

    A venv holds its own path only in the text files of bin/ (first lines, activate) and in pyvenv.cfg;
    Python finds itself by where it lies.
    """
    before, after = os.fsencode(str(new)), os.fsencode(str(final))
    for path in [*sorted((new / "bin").iterdir()), new / "pyvenv.cfg"]:
        if path.is_symlink() or not path.is_file():
            continue
        text = path.read_bytes()
        if before not in text or b"\0" in text[:4096]:
            continue
        path.write_bytes(text.replace(before, after))


@contextmanager
def step(number, text):
    """Say what is being done, then how long it took."""
    say(f"setup: {number}/4 {text}")
    start = time.monotonic()
    yield
    say(f"         done in {time.monotonic() - start:.1f} s")


def build(new, root, mode, stamp, lock):
    """Build an environment at `new` that is to stand at `.venv`."""
    python = new / "bin" / "python"
    log = root / ".venv.log"
    building, base, extra = requirements(root, mode)
    names = ", ".join(bare_name(item) for item in base + extra)
    size = 160 if mode == "base" else 240
    pip = [python, "-m", "pip", "install", "--progress-bar", "off", "-c", root / "constraints.txt"]

    with step(1, f"an empty environment, Python {dotted(sys.version_info)}"):
        maker = environment_maker()
        if run([sys.executable, "-m", maker, "--prompt", "exeunt", new], root, lock):
            raise SetupError(f"{sys.executable} -m {maker} failed; all it said is in .venv.log.")
    # Inside, so that it goes with the rest when a killed pip leaves its files.
    scratch = new / "tmp"
    scratch.mkdir()
    with step(2, f"{names} ({size} MB to download the first time)"):
        if run([*pip, "--only-binary=:all:", *building, *base, *extra], root, lock, TMPDIR=str(scratch)):
            raise SetupError(explain_pip(log.read_text(encoding="utf-8", errors="replace")))
    with step(3, "exeunt itself, from src/"):
        # No build isolation: the pinned setuptools is here, and nothing more is fetched.
        itself = ["--no-deps", "--no-build-isolation", "-e", root]
        if run([*pip, *itself], root, lock, TMPDIR=str(scratch)):
            raise SetupError(explain_pip(log.read_text(encoding="utf-8", errors="replace")))
    with step(4, "check that all of it loads, and put it in place"):
        modules = ", ".join(bare_name(item) for item in base)
        test = f"import importlib.util, {modules}; assert importlib.util.find_spec('exeunt')"
        if run([python, "-c", test], root, lock):
            raise SetupError(f"what was installed does not load ({tail(log)}); all it said is in .venv.log.")
        remove(scratch)
        relocate(new, root / ".venv")
        modes = list(MODES[: MODES.index(mode) + 1])
        (new / STAMP).write_text(json.dumps({"stamp": stamp, "modes": modes}) + "\n", encoding="utf-8")
        swap(new, root)
    remove(log)


def tail(log):
    """Read the last line of a log."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "no output"


def swap(new, root):
    """Put `new` in the place of `.venv`, which is kept until then; `recover` mends a kill halfway."""
    venv, old = root / ".venv", root / f".venv.old-{os.getpid()}"
    stops = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    try:
        if os.path.lexists(str(venv)):
            os.rename(str(venv), str(old))
        os.rename(str(new), str(venv))
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stops)
    remove(old)


def setup(root, mode):
    """Make `.venv` satisfy `mode`."""
    venv, stamp = root / ".venv", stamp_of(root, sys.version_info)
    if satisfied(venv, stamp, mode):
        if leftovers(root):
            with locked(root, wait=False) as lock:
                if lock is not None:
                    recover(root)
        say(f"setup: .venv is ready ({mode})")
        return
    with locked(root) as lock:
        recover(root)
        if satisfied(venv, stamp, mode):
            say(f"setup: .venv is ready ({mode})")
            return
        start = time.monotonic()
        new = root / f".venv.new-{os.getpid()}"
        try:
            build(new, root, mode, stamp, lock)
        finally:
            remove(new)
        say(f"setup: .venv is ready ({mode}), {time.monotonic() - start:.0f} s in all")


def stop(number, _frame):
    """Answer a signal."""
    raise Stopped(number)


def main(arguments):
    """Read the command line, do it, and return the exit status."""
    mode = arguments[0] if arguments else "base"
    if len(arguments) > 1 or mode not in MODES:
        say(f"setup: use `setup.py base` or `setup.py dev`, not `setup.py {' '.join(arguments)}`.")
        return 2
    if os.name != "posix":
        say("setup: exeunt is set up on Linux or macOS; on Windows use WSL.")
        return 1
    # Set, not inherited: a shell starts background jobs with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup leaves it
        signal.signal(signal.SIGHUP, stop)
    try:
        hand_over(mode)
        setup(ROOT, mode)
    except SetupError as error:
        say(f"setup: {error}")
        return 1
    except OSError as error:
        say(f"setup: {error.strerror or error} ({error.filename or 'no file named'}).")
        return 1
    except KeyboardInterrupt as error:
        remove(ROOT / ".venv.log")
        say("setup: interrupted; .venv is as it was.")
        return getattr(error, "code", 130)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
