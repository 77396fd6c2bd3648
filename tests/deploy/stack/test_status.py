"""The status: who is there, since when who is not, and what each is doing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.stack.errors import SilentPartError
from deploy.stack.status import PartStatus, consumer_says, status_of
from deploy.stack.supervision import PartState, Supervisor
from schemas.settings import ClickHouse, Kafka, Settings, Stack
from schemas.topics import TOPICS
from tests.clickhouse_process import ClickHouseProcess
from tests.kafka_process import KafkaProcess, free_port

NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
STOPPED = NOW - timedelta(hours=1)


@pytest.fixture
def nowhere(tmp_path: Path) -> Settings:
    """Settings of a state folder in which nothing runs, with ports of which nobody listens on."""
    ports = ("kafka", "kafka_controller", "clickhouse", "analysts", "replica_proxy", "replica_control")
    return Settings(home=tmp_path, stack=Stack(**{f"{name}_port": free_port() for name in ports}))


def by_name(parts: list[PartStatus]) -> dict[str, PartStatus]:
    return {part.name: part for part in parts}


def loader_file(tmp_path: Path, **fields: object) -> Path:
    file = tmp_path / "loader.json"
    file.write_text(json.dumps({"doing": "7 rows/s", "at": NOW.isoformat(), "waiting_since": None} | fields))
    return file


def test_where_nothing_runs_everything_is_down_and_up_is_named(nowhere: Settings) -> None:
    parts = status_of(nowhere)
    assert [part.name for part in parts] == ["kafka", "clickhouse", "loader", "deriver", "alerter", "sender"]
    assert {(part.up, part.state, part.since, part.doing) for part in parts} == {
        (False, "down", None, "`weiplomacy up` starts it")
    }


def test_a_folder_of_the_replica_has_one(nowhere: Settings) -> None:
    (nowhere.home / "origin").write_text("replica\n")
    assert "replica" in by_name(status_of(nowhere))


def test_a_part_that_ended_has_its_end_and_its_last_words(
    nowhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "loader.log").write_text("INFO loading\nERROR a sentence\n")
    # Whether supervisord tells it so is tested with the whole stack.
    monkeypatch.setattr(Supervisor, "states", lambda _: [PartState("loader", "EXITED", STOPPED, None, "")])
    loader = by_name(status_of(nowhere))["loader"]
    assert (loader.up, loader.state, loader.since, loader.doing) == (False, "exited", STOPPED, "ERROR a sentence")


def test_a_part_that_runs_and_does_not_answer_is_named_with_the_time(
    nowhere: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.stack.status.ANSWER_S", 1)
    running = [
        PartState(name, "RUNNING", NOW, 1, "")
        for name in ("kafka", "clickhouse", "replica", "loader", "deriver", "alerter", "sender")
    ]
    monkeypatch.setattr(Supervisor, "states", lambda _: running)
    (nowhere.home / "origin").write_text("replica\n")
    parts = by_name(status_of(nowhere))
    assert {name: part.up for name, part in parts.items()} == {
        "kafka": False,
        "clickhouse": False,
        "replica": False,
        "loader": True,
        "deriver": True,
        "alerter": True,
        "sender": True,
    }
    assert parts["kafka"].state == "does not answer"
    assert f"Kafka does not answer at {parts['kafka'].address} (tried " in parts["kafka"].doing
    assert f"ClickHouse does not answer at {parts['clickhouse'].address} (tried " in parts["clickhouse"].doing
    assert parts["loader"].doing == "starting"


@pytest.mark.stack
def test_what_is_elsewhere_is_asked_there(
    kafka: KafkaProcess, migrated: tuple[object, Settings], clickhouse: ClickHouseProcess, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path,
        kafka=Kafka(bootstrap_servers=",".join(kafka.servers)),
        clickhouse=ClickHouse(url=clickhouse.url),
    )
    parts = by_name(status_of(settings))
    assert (parts["kafka"].state, parts["clickhouse"].state) == ("elsewhere", "elsewhere")
    assert parts["kafka"].doing.endswith(f"messages in {len(TOPICS)} topics")
    assert "rows, " in parts["clickhouse"].doing
    assert "analysts" not in parts["clickhouse"].doing  # that port is ours
    assert not parts["loader"].up


def test_the_loader_says_what_it_does_and_since_when_it_waits(tmp_path: Path) -> None:
    assert consumer_says("loader", tmp_path / "loader.json", NOW) == "starting"
    assert consumer_says("loader", loader_file(tmp_path), NOW) == "7 rows/s"
    waits = loader_file(tmp_path, doing="waiting: x", waiting_since=STOPPED.isoformat(), at=STOPPED.isoformat())
    assert consumer_says("loader", waits, NOW) == "waiting: x (since 2024-01-02 02:04:05 UTC)"


def test_a_loader_that_says_nothing_any_more_is_told(tmp_path: Path) -> None:
    with pytest.raises(SilentPartError, match="said nothing since 2024-01-02 02:04:05 UTC, when it did 7 rows/s"):
        consumer_says("loader", loader_file(tmp_path, at=STOPPED.isoformat()), NOW)


@pytest.mark.parametrize("text", ["", "[]", '{"doing": 1}', '{"doing": 1, "waiting_since": null, "at": "x"}', "\x00"])
def test_a_broken_file_of_the_loader_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "loader.json").write_text(text)
    with pytest.raises(SilentPartError, match=r"loader\.json can't be read"):
        consumer_says("loader", tmp_path / "loader.json", NOW)
