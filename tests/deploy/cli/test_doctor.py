"""`weiplomacy doctor`: everything is looked at, whatever is wrong with the rest."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from deploy.cli import doctor
from deploy.stack import browser, kafka
from deploy.stack.browser import Browser
from deploy.stack.errors import BrowserError, JarsError
from tests.kafka_process import free_port

app = typer.Typer()
app.command()(doctor.doctor)
PORTS = ("KAFKA", "KAFKA_CONTROLLER", "CLICKHOUSE", "ANALYSTS", "REPLICA_PROXY", "REPLICA_CONTROL")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in list(os.environ):
        if name.startswith("WEIPLOMACY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path / "home"))
    for port in PORTS:
        monkeypatch.setenv(f"WEIPLOMACY_STACK__{port}_PORT", str(free_port()))
    # What the machine has of these is not this test's concern.
    monkeypatch.setattr(browser, "find", lambda *_: Browser(Path("/b"), "Chromium 1"))
    monkeypatch.setattr(kafka, "class_path", lambda _: "jars")
    monkeypatch.setattr(doctor, "LEAST_MEMORY", 0)
    return tmp_path / "home"


def told(code: int) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["--json"])
    assert done.exit_code == code, done.output
    document: dict[str, Any] = json.loads(done.output)
    return document


def wrong(document: dict[str, Any]) -> dict[str, str]:
    return {finding["what"]: finding["said"] for finding in document["findings"] if not finding["ok"]}


def test_all_is_well_and_nothing_is_made(home: Path) -> None:
    document = told(0)
    assert wrong(document) == {}
    assert document["settings"]["home"] == str(home)
    assert not home.exists()


def test_promises_above_the_budget_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIPLOMACY_CRAWL__VISIT_EVERY_NORMAL_MIN", "10")
    assert "the promises to 48 accounts can't be kept in the long run" in wrong(told(1))["plan"]
    monkeypatch.setenv("WEIPLOMACY_CRAWL__DELAY_S", "7200")
    assert "crawl.visit_every_normal_min promises one account" in wrong(told(1))["plan"]


def test_settings_are_printed_with_their_meaning_and_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__PASSWORD", "hush")
    shown = CliRunner().invoke(app, []).output
    assert "[clickhouse]" in shown
    assert "Password of that server." in shown
    assert "hush" not in shown


def test_wrong_settings_are_a_finding_and_all_settings_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIPLOMACY_CRAWL__PAGES", "many")
    document = told(1)
    assert "the setting crawl.pages is wrong" in wrong(document)["settings"]
    assert document["settings"]["crawl"]["pages"] == 3


def test_one_thing_that_is_wrong_hides_no_other(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    def no_browser(*_: object) -> Browser:
        raise BrowserError("no browser can be launched")

    def no_jars(_: Path) -> str:
        raise JarsError("Kafka is not here")

    monkeypatch.setattr(browser, "find", no_browser)
    monkeypatch.setattr(kafka, "class_path", no_jars)
    home.mkdir()
    (home / "origin").write_text("mars")
    (home / "registry.json").write_text("{")
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        monkeypatch.setenv("WEIPLOMACY_STACK__CLICKHOUSE_PORT", str(stranger.getsockname()[1]))
        found = wrong(told(1))
    assert sorted(found) == ["accounts", "browser", "kafka", "origin", "port"]
    assert "move it with stack.clickhouse_port" in found["port"]
    assert "neither live nor replica" in found["origin"]


def test_a_disk_that_is_full_or_no_folder_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, full_disk: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("WEIPLOMACY_HOME", str(full_disk))
    assert wrong(told(1))["disk"].startswith(f"0.0 GiB free in {full_disk}, 0.5 are needed")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path / "file"))
    assert (
        wrong(told(1))["disk"]
        == f"{tmp_path / 'file'} is no folder that can be written: set WEIPLOMACY_HOME to another"
    )
