"""The parts: which there are, what they inherit, and what is said of a taken port."""

import socket
from pathlib import Path

import pytest

from deploy.stack.errors import PortTakenError
from deploy.stack.layout import layout_of
from deploy.stack.parts import Part, Port, environment_of, parts_of
from deploy.stack.ports import free, require_free
from schemas.settings import PREFIX, ClickHouse, Kafka, Settings, Stack

LAYOUT = layout_of(Path("/srv/a folder"))

CONSUMERS = ["loader", "deriver", "alerter", "sender"]


def names(settings: Settings, origin: str = "live") -> list[str]:
    return [part.name for part in parts_of(settings, LAYOUT, origin, "jars")]


def test_the_replica_is_there_where_the_origin_is_the_replica() -> None:
    assert names(Settings()) == ["kafka", "clickhouse", *CONSUMERS]
    assert names(Settings(), "replica") == ["kafka", "clickhouse", "replica", *CONSUMERS]


def test_what_the_settings_place_elsewhere_is_not_run_here() -> None:
    assert names(Settings(kafka=Kafka(bootstrap_servers="k:1"))) == [
        "clickhouse",
        "loader",
        "deriver",
        "alerter",
        "sender",
    ]
    assert names(Settings(clickhouse=ClickHouse(url="http://c:1"))) == [
        "kafka",
        "loader",
        "deriver",
        "alerter",
        "sender",
    ]


def test_every_port_has_a_setting_that_moves_it() -> None:
    parts = parts_of(Settings(), LAYOUT, "replica", "jars")
    ports = [port for part in parts for port in part.ports]
    settings = {port.setting.removeprefix("stack."): port.number for port in ports}
    assert len(settings) == len(ports) == 6
    moved = Settings(stack=Stack(**{name: number + 10_000 for name, number in settings.items()}))
    again = [port.number for part in parts_of(moved, LAYOUT, "replica", "jars") for port in part.ports]
    assert again == [port.number + 10_000 for port in ports]
    commands = {part.name: part.command for part in parts_of(moved, LAYOUT, "replica", "jars")}
    assert "18123" in commands["clickhouse"]
    assert {"18898", "18899"} <= set(commands["replica"])


def test_analysts_have_a_port_of_their_own_unless_it_is_0() -> None:
    def clickhouse(**stack: int) -> Part:
        parts = parts_of(Settings(stack=Stack(**stack)), LAYOUT, "live", "jars")
        return next(part for part in parts if part.name == "clickhouse")

    assert clickhouse().address == "http://127.0.0.1:8123, for analysts http://127.0.0.1:8124"
    assert "--analysts-port" in clickhouse().command
    assert clickhouse(analysts_port=0).address == "http://127.0.0.1:8123"
    assert "--analysts-port" not in clickhouse(analysts_port=0).command
    assert len(clickhouse(analysts_port=0).ports) == 1


def test_who_writes_comes_after_what_is_written_to() -> None:
    parts = parts_of(Settings(), LAYOUT, "replica", "jars")
    assert [part.name for part in parts[-4:]] == CONSUMERS
    assert [part.name for part in parts if not part.at_once] == CONSUMERS


def test_a_taken_port_is_named_with_setting_and_variable() -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        number = stranger.getsockname()[1]
        part = Part("clickhouse", ("x",), (Port(number, "stack.clickhouse_port"),), "", at_once=True, stop_wait_s=1)
        assert not free(number)
        with pytest.raises(PortTakenError) as caught:
            require_free([part])
    said = str(caught.value)
    for word in (str(number), "clickhouse", "stack.clickhouse_port", "WEIPLOMACY_STACK__CLICKHOUSE_PORT"):
        assert word in said
    require_free([part])


def test_parts_inherit_what_they_need_and_nobodys_secrets(tmp_path: Path) -> None:
    ours = {
        "PATH": "/bin",
        "HOME": "/root",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "GITHUB_TOKEN": "secret",
        "HTTPS_PROXY": "http://me:secret@proxy",
        f"{PREFIX}LOADER__FLUSH_MS": "100",
        f"{PREFIX}HOME": "relative",
    }
    given = environment_of(tmp_path / "absent.toml", LAYOUT, ours)
    assert "secret" not in " ".join(given.values())
    assert given[f"{PREFIX}LOADER__FLUSH_MS"] == "100"
    assert given[f"{PREFIX}HOME"] == "/srv/a folder"
    assert f"{PREFIX}SETTINGS" not in given


def test_parts_read_the_settings_file_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("weiplomacy.toml").write_text("")
    given = environment_of(Path("weiplomacy.toml"), LAYOUT, {})
    assert given[f"{PREFIX}SETTINGS"] == str(tmp_path / "weiplomacy.toml")
