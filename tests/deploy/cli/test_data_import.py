import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from crawler import publishing
from deploy.cli.data_import import UnknownImportError, data_import, find
from schemas.events import AnyEvent

APP = typer.Typer()
APP.command()(data_import)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(APP, list(arguments))


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Sequence[str], str, list[AnyEvent]]]:
    """What is handed to the publisher, in place of Kafka."""
    calls: list[tuple[Sequence[str], str, list[AnyEvent]]] = []

    def publish_all(servers: Sequence[str], source: str, events: Iterable[AnyEvent]) -> Counter[str]:
        calls.append((servers, source, list(events)))
        return Counter(event.name for event in calls[-1][2])

    monkeypatch.setattr(publishing, "publish_all", publish_all)
    return calls


def test_2016_is_published_once_per_account_and_is_the_default(
    monkeypatch: pytest.MonkeyPatch, published: list[tuple[Sequence[str], str, list[AnyEvent]]]
) -> None:
    monkeypatch.setenv("WEIPLOMACY_KAFKA__BOOTSTRAP_SERVERS", "one:1,two:2")
    first, second = run(), run("2016")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "48 of 48 events published to weibo.accounts" in first.output
    (servers, source, events), (_, _, again) = published
    assert servers == ["one:1", "two:2"]
    assert source == "urn:weiplomacy:import:whatsonweibo-2016"
    assert [event.event_id for event in again] == [event.event_id for event in events]
    assert len({event.event_id for event in events}) == 48


def test_the_same_as_json(published: list[tuple[Sequence[str], str, list[AnyEvent]]]) -> None:
    done = json.loads(run("--json").output)
    assert (done["events"], done["acknowledged"], done["topics"]) == (48, 48, ["weibo.accounts"])
    assert done["observed_at"] == "2016-12-31T04:00:00.000Z"
    assert len(published) == 1


def test_an_unknown_publication_names_what_there_is() -> None:
    with pytest.raises(UnknownImportError, match="there are: 2016"):
        find("2015")
