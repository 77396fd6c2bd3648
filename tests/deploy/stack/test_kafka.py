"""Kafka's configuration and commands, without a broker."""

import os
import re
from pathlib import Path

import jgo
import pytest

from deploy.stack.errors import JarsError, StateFolderError
from deploy.stack.kafka import Broker, broker_command, cache_folder, class_path, prepare, properties

BROKER = Broker(Path("/srv/a folder: 微博\\x"), 19092, 19093, 320)


def read(text: str) -> dict[str, str]:
    """A properties file as Java reads it: a backslash takes the meaning from what follows."""
    pairs = (line.split("=", 1) for line in text.splitlines())
    return {name: re.sub(r"\\(.)", r"\1", value) for name, value in pairs}


def test_it_listens_here_only_and_makes_no_topics_by_itself() -> None:
    values = read(properties(BROKER))
    assert values["listeners"] == "PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093"
    assert values["advertised.listeners"] == "PLAINTEXT://127.0.0.1:19092"
    assert values["auto.create.topics.enable"] == "false"
    assert {value for name, value in values.items() if name.endswith((".replication.factor", ".min.isr"))} == {"1"}


def test_a_folder_of_any_name_is_read_back() -> None:
    assert read(properties(BROKER))["log.dirs"] == str(BROKER.data)


def test_the_heap_is_that_of_the_settings() -> None:
    command = broker_command(BROKER, "a:b")
    assert "-Xmx320m" in command
    assert command[-1] == str(BROKER.properties_file)
    assert command[command.index("-cp") + 1] == "a:b"


def test_the_cache_is_where_the_machine_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/x")
    assert cache_folder() == Path("/var/cache/x/weiplomacy")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/x")
    assert cache_folder() == Path("/home/x/.cache/weiplomacy")


def test_jars_that_can_not_be_had_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    # The network of the test's machine stays as it is.
    monkeypatch.setattr(jgo, "build", refuse)
    with pytest.raises(JarsError, match=r"Maven Central: no route to host\. Check the network"):
        class_path(tmp_path)


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "kafka").write_text("")
    with pytest.raises(StateFolderError, match=r"Kafka's folder .*/kafka can't be written"):
        prepare(Broker(tmp_path / "kafka", 1, 2, 320), os.pathsep)


def test_topics_without_their_mark_are_not_formatted_over(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "kafka", 1, 2, 320)
    topic = broker.data / "weibo.posts-0"
    topic.mkdir(parents=True)
    # Of a formatting that was interrupted only this is there: it may be done again.
    (broker.data / "__cluster_metadata-0").mkdir()
    with pytest.raises(StateFolderError, match=r"data is broken: it holds topics and no meta\.properties"):
        prepare(broker, "no jars are needed to tell that")
    topic.rmdir()
    with pytest.raises(StateFolderError, match="Kafka can't format its folder"):
        prepare(broker, "no jars")


@pytest.mark.stack
def test_an_identity_may_begin_with_a_dash(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "kafka", 1, 2, 320)
    broker.folder.mkdir()
    identity = "-_-kGz5YTJ-NF9Gw2lJMPA"
    (broker.folder / "cluster.id").write_text(identity, encoding="utf-8")
    prepare(broker, class_path(cache_folder()))
    assert f"cluster.id={identity}" in (broker.data / "meta.properties").read_text("utf-8").splitlines()
