"""The launcher: when it has nothing to do, what it hands to uv, what it says."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from deploy import launcher


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "uv.lock").write_text("lock")
    (tmp_path / "pyproject.toml").write_text("project")
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("weiplomacy", "python"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    return tmp_path


def stamp(checkout: Path, with_tests: bool) -> None:
    made_from = launcher.made_from(checkout, with_tests)
    (checkout / ".venv" / "weiplomacy.stamp").write_text(json.dumps(made_from))


@pytest.mark.parametrize(
    ("made_with_tests", "wanted_with_tests", "current"),
    [(True, True, True), (True, False, True), (False, False, True), (False, True, False)],
)
def test_an_environment_with_tests_serves_without_them_and_not_the_other_way(
    checkout: Path, made_with_tests: bool, wanted_with_tests: bool, current: bool
) -> None:
    stamp(checkout, made_with_tests)
    assert launcher.is_current(checkout / ".venv", checkout, wanted_with_tests) is current


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["test", "-k", "counts"], True),
        (["bench", "nab", "--json"], True),
        (["bench"], False),
        (["bench", "sampling"], False),
        (["nab"], False),
        ([], False),
    ],
)
def test_tests_and_a_benchmark_beside_a_library_want_the_development_group(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], wanted: bool
) -> None:
    asked = []
    monkeypatch.setattr(launcher, "is_current", lambda environment, root, with_tests: asked.append(with_tests) or True)
    monkeypatch.setattr(os, "execv", lambda command, words: None)
    launcher.main(arguments)
    assert asked == [wanted]


@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml"])
def test_an_edited_file_makes_it_outdated(checkout: Path, name: str) -> None:
    stamp(checkout, True)
    (checkout / name).write_text("other")
    assert not launcher.is_current(checkout / ".venv", checkout, True)


def test_a_moved_checkout_is_outdated(checkout: Path, tmp_path: Path) -> None:
    stamp(checkout, True)
    other = tmp_path / "moved"
    other.mkdir()
    for name in ("uv.lock", "pyproject.toml", ".venv"):
        (checkout / name).rename(other / name)
    assert not launcher.is_current(other / ".venv", other, True)


@pytest.mark.parametrize("name", ["bin/weiplomacy", "bin/python", "weiplomacy.stamp"])
def test_an_environment_that_lacks_something_is_outdated(checkout: Path, name: str) -> None:
    stamp(checkout, True)
    (checkout / ".venv" / name).unlink()
    assert not launcher.is_current(checkout / ".venv", checkout, True)


def test_a_broken_stamp_is_none(checkout: Path) -> None:
    (checkout / ".venv" / "weiplomacy.stamp").write_text("{")
    assert not launcher.is_current(checkout / ".venv", checkout, False)


def test_uv_gets_the_certificates_that_pip_would_use() -> None:
    place = Path("/x/.venv")
    assert launcher.uv_environment({"PIP_CERT": "/c"}, place)["SSL_CERT_FILE"] == "/c"
    assert launcher.uv_environment({"PIP_CERT": "/c", "SSL_CERT_FILE": "/d"}, place)["SSL_CERT_FILE"] == "/d"
    assert "SSL_CERT_FILE" not in launcher.uv_environment({}, place)


def test_uv_works_on_our_environment_whatever_is_activated() -> None:
    variables = launcher.uv_environment({"VIRTUAL_ENV": "/other", "UV_PYTHON": "/p", "A": "b"}, Path("/x/.venv"))
    assert variables["UV_PROJECT_ENVIRONMENT"] == "/x/.venv"
    assert variables["UV_PYTHON"] == "/p"
    assert variables["A"] == "b"
    assert "VIRTUAL_ENV" not in variables


def test_without_python_one_sentence_says_so(tmp_path: Path) -> None:
    script = launcher.ROOT / "deploy" / "weiplomacy"
    # Only what the script itself needs is on this PATH.
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    done = subprocess.run(
        ["/bin/sh", str(script), "up"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "python3, 3.11 or newer" in done.stderr


def test_the_scripts_can_be_executed() -> None:
    assert os.access(launcher.ROOT / "deploy" / "weiplomacy", os.X_OK)
    assert os.access(launcher.ROOT / ".ci" / "run", os.X_OK)
