"""The launcher behind deploy/weiplomacy: makes the environment from uv.lock, then becomes the Python command.

It runs before anything is installed, so it uses the standard library alone. A stamp in the environment says what it
was made from: where that still holds, nothing is looked at twice and no network is needed.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = "0.13.9"
GIB = 1 << 30

#: Disk and memory that the first run needs, bytes.
DISK = 3 * GIB
MEMORY = 3 * GIB

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LAUNCH_SECONDS = 60

#: What needs the packages of the development group: the tests, and a benchmark that puts a library beside ours.
DEVELOPMENT = (("test",), ("bench", "nab"))


class LaunchError(Exception):
    """The environment can't be made; the message says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Make the environment where it is missing or outdated, then become the command; returns the code of a failure."""
    environment = ROOT / ".venv"
    with_tests = any(tuple(arguments[: len(words)]) == words for words in DEVELOPMENT)
    try:
        if not is_current(environment, ROOT, with_tests):
            # The lock file itself is the lock: two first runs at a time make one environment.
            with (ROOT / "uv.lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not is_current(environment, ROOT, with_tests):
                    set_up(environment, with_tests)
    except LaunchError as error:
        sys.stderr.write(f"weiplomacy: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"weiplomacy: {ROOT} can't be set up: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    command = str(environment / "bin" / "weiplomacy")
    try:
        os.execv(command, [command, *arguments])  # noqa: S606 (our own command, without a shell)
    except OSError as error:
        sys.stderr.write(f"weiplomacy: {command} can't be started ({error}): remove .venv, then run it again\n")
    return 1


def made_from(root: Path, with_tests: bool) -> dict[str, str | bool]:
    """What an environment is made from: lock file, project file, place, and whether it holds what tests need."""
    digest = hashlib.sha256()
    for name in ("uv.lock", "pyproject.toml"):
        digest.update((root / name).read_bytes())
    return {"files": digest.hexdigest(), "root": str(root), "tests": with_tests}


def is_current(environment: Path, root: Path, with_tests: bool) -> bool:
    """Whether the environment is there, whole, and made from these files. One with tests serves without them too."""
    try:
        stamp = json.loads((environment / "weiplomacy.stamp").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    wanted = (made_from(root, True), made_from(root, with_tests))
    programs = (environment / "bin" / "weiplomacy", environment / "bin" / "python")
    return stamp in wanted and all(os.access(program, os.X_OK) for program in programs)


def set_up(environment: Path, with_tests: bool) -> None:
    """Say what will be fetched, check that it can work here, and fetch it. Raises LaunchError."""
    _say("First run: setting up in .venv (later runs start at once, also without a network).")
    _say("  to fetch: Python packages (1.3 GB on disk, a Java runtime and ClickHouse's engine among them),")
    _say("            Kafka's jars from Maven Central (44 MB), a browser where none is here (about 400 MB)")
    _say(f"  needed:   {DISK // GIB} GB of disk, {MEMORY // GIB} GB of memory")
    _check_machine()
    _say(f"  browser:  {_browser()}")
    uv = _uv()
    command = [str(uv), "sync", "--frozen", "--inexact", *(() if with_tests else ("--no-dev",))]
    _run(command, uv_environment(os.environ, environment), "the Python packages of uv.lock")
    stamp = environment / "weiplomacy.stamp"
    partial = stamp.with_suffix(".partial")
    partial.write_text(json.dumps(made_from(ROOT, with_tests)), encoding="utf-8")
    partial.replace(stamp)


def uv_environment(ordinary: Mapping[str, str], environment: Path) -> dict[str, str]:
    """The variables for uv: those of the machine, this Python, and the certificates that pip would use."""
    variables = {name: value for name, value in ordinary.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    variables["UV_PROJECT_ENVIRONMENT"] = str(environment)
    variables.setdefault("UV_PYTHON", sys.executable)
    variables.setdefault("UV_PYTHON_DOWNLOADS", "never")
    certificates = ordinary.get("SSL_CERT_FILE") or ordinary.get("PIP_CERT") or ordinary.get("REQUESTS_CA_BUNDLE")
    if certificates:
        variables["SSL_CERT_FILE"] = certificates
    return variables


def _check_machine() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < DISK:
        raise LaunchError(
            f"the disk of {ROOT} has {free / GIB:.1f} GB left and {DISK // GIB} GB are needed: "
            "make room, then run it again"
        )
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return
    if available < MEMORY:
        _say(f"  careful:  only {available / GIB:.1f} GB of memory are free: the stack may not fit")


def _browser() -> str:
    named = os.environ.get("WEIPLOMACY_CRAWL__BROWSER")
    for name in (named,) if named else BROWSERS:
        found = shutil.which(name)
        if found and _launches(found):
            return f"{found} (launches)"
        if named:
            return f"{named} of WEIPLOMACY_CRAWL__BROWSER can't be launched; what needs no browser still works"
    if os.geteuid() == 0 and _is_debian():
        return "none yet; Debian's package chromium will be installed when one is needed"
    return (
        "none yet; Playwright's own will be tried when one is needed (or install chromium; "
        "what needs no browser works without)"
    )


def _launches(browser: str) -> bool:
    # Chromium refuses its sandbox to root; everybody else keeps it.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless=new", *sandbox, f"--user-data-dir={profile}", "--dump-dom", "about:blank"]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=LAUNCH_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0 and b"<html" in done.stdout


def _uv() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "weiplomacy"
    folder = base / f"uv-{UV}"
    uv = folder / "bin" / "uv"
    if os.access(uv, os.X_OK):
        return uv
    base.mkdir(parents=True, exist_ok=True)
    _mend_python()
    with tempfile.TemporaryDirectory(dir=base) as fresh:
        _run([sys.executable, "-m", "venv", fresh], os.environ, "an environment for uv")
        pip = [str(Path(fresh) / "bin" / "python"), "-m", "pip", "install", "--quiet", f"uv=={UV}"]
        _run(pip, os.environ, f"uv {UV} from PyPI")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(Path(fresh) / "bin", folder / "bin", symlinks=True)
    return uv


def _mend_python() -> None:
    check = [sys.executable, "-c", "import ensurepip, venv"]
    if subprocess.run(check, capture_output=True, check=False).returncode == 0:
        return
    if os.geteuid() == 0 and _is_debian():
        _say("  python3 has no venv: installing Debian's package python3-venv")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-qq"], environment, "Debian's list of packages")
        _run(
            ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "python3-venv"], environment, "python3-venv"
        )
        if subprocess.run(check, capture_output=True, check=False).returncode == 0:
            return
    raise LaunchError(
        f"{sys.executable} has no venv or no pip: install them (Debian: apt-get install python3-venv), "
        "then run it again"
    )


def _is_debian() -> bool:
    return Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def _run(command: Sequence[str], environment: Mapping[str, str], what: str) -> None:
    done = subprocess.run(command, cwd=ROOT, env=dict(environment), check=False)
    if done.returncode:
        raise LaunchError(
            f"{what} could not be had (see above): check the network and its settings (HTTPS_PROXY, SSL_CERT_FILE, "
            "PIP_*, UV_*), then run it again"
        )


def _say(line: str) -> None:
    # To stderr: what the command prints, JSON among it, stays alone on stdout.
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
