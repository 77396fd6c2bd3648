"""`weiplomacy data migrate` over the real engine: its JSON, and a migration that was edited after it ran."""

import json
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from typer.testing import CliRunner, Result

from deploy.cli import data
from schemas import migrate
from schemas.migrate import MigrationEditedError
from schemas.settings import Settings

pytestmark = pytest.mark.stack

NAMES = [f"{migration.number:04d}_{migration.name}" for migration in migrate.declared()]


@pytest.fixture
def run(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("WEIPLOMACY_HOME", str(empty.home))
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", empty.clickhouse_url)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(data.app, list(arguments))

    return run


def test_json_says_what_ran_and_what_is_still_to_run(run: Any) -> None:
    before = json.loads(run("migrate", "--status", "--json").output)
    assert before["applied"] == []
    assert [f"{one['number']:04d}_{one['name']}" for one in before["pending"]] == NAMES
    loaded = {"registry_loaded": True, "calendar_loaded": True, "retention_altered": []}
    assert json.loads(run("migrate", "--json").output) == {"applied": NAMES, **loaded}
    nothing = {"applied": [], "registry_loaded": False, "calendar_loaded": False, "retention_altered": []}
    assert json.loads(run("migrate", "--json").output) == nothing
    after = json.loads(run("migrate", "--status", "--json").output)
    assert after["pending"] == []
    assert [one["name"] for one in after["applied"]] == [name[5:] for name in NAMES]
    assert after["applied"][0]["applied_at"].endswith("Z")


def test_an_edited_migration_is_told_by_everything_and_changes_nothing(
    migrated: tuple[Client, Settings], run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client, _ = migrated
    tables = "SELECT name FROM system.tables WHERE database = 'weibo_store' ORDER BY name"
    before = client.query(tables).result_rows
    folder = tmp_path / "edited" / "migrations"
    folder.mkdir(parents=True)
    for file in (Path(migrate.__file__).parent / "migrations").glob("*.sql"):
        text = file.read_text(encoding="utf-8")
        (folder / file.name).write_text(text + ("\n-- one more word\n" if "rollups" in file.name else ""), "utf-8")
    monkeypatch.setattr(migrate, "files", lambda _: folder.parent)
    for arguments in (["migrate"], ["migrate", "--status"], ["migrate", "--dry-run"]):
        error = run(*arguments).exception
        assert isinstance(error, MigrationEditedError)
        assert "0002_rollups was edited after it ran on 20" in str(error)
        assert "put the file back as it was" in str(error)
    assert client.query(tables).result_rows == before


def test_how_long_rows_are_kept_is_applied_told_and_taken_back(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    monkeypatch.setenv("WEIPLOMACY_RETENTION__COMMENTS_DAYS", "180")
    assert "MODIFY TTL toDateTime(ingested_at) + toIntervalDay(180);" in run("migrate", "--dry-run").output
    assert run("migrate").output.splitlines()[-2:] == [
        "comment_versions: kept for 180 days",
        "repost_versions: kept for 180 days",
    ]
    assert json.loads(run("migrate", "--json").output)["retention_altered"] == []
    monkeypatch.delenv("WEIPLOMACY_RETENTION__COMMENTS_DAYS")
    assert json.loads(run("migrate", "--json").output)["retention_altered"] == ["comment_versions", "repost_versions"]
