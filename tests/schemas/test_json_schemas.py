import json
from pathlib import Path
from typing import Any

import pytest

from schemas import json_schemas
from schemas.asyncapi import EVENT_IDS, document
from schemas.cloudevents import encode
from schemas.event_fields import iso_milliseconds
from schemas.events import EVENT_MODELS
from schemas.software import SOFTWARE
from schemas.topics import TOPICS
from tests.schemas.examples import EXAMPLES


def test_the_documents_are_those_of_the_models() -> None:
    assert json_schemas.differences() == [], "run python -m schemas.json_schemas"


def test_nothing_released_is_broken() -> None:
    assert json_schemas.broken() == []


def test_there_is_a_release_to_compare_with() -> None:
    released = json_schemas.FOLDER / json_schemas.RELEASES / "0.1.0"
    current = {f"weiplomacy.{model.name}.v1.json" for model in EVENT_MODELS}
    kept = {file.name for file in released.glob("weiplomacy.*.json")}
    assert kept, "there is something to compare with"
    assert kept <= current, "no type of event goes away"


def edit(file: Path, change: Any) -> None:
    content = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(json.dumps(content), encoding="utf-8")


def test_an_edited_a_missing_and_a_surplus_document_differ_until_written(tmp_path: Path) -> None:
    json_schemas.write(tmp_path)
    assert json_schemas.differences(tmp_path) == []
    (tmp_path / "weiplomacy.old.thing.v1.json").write_text("{}")
    (tmp_path / "asyncapi.json").unlink()
    edit(tmp_path / "weiplomacy.post.seen.v1.json", lambda content: content.update(title="Other"))
    wrong = ["asyncapi.json", "weiplomacy.old.thing.v1.json", "weiplomacy.post.seen.v1.json"]
    assert json_schemas.differences(tmp_path) == wrong
    assert json_schemas.write(tmp_path) == wrong
    assert json_schemas.differences(tmp_path) == []


def test_a_release_is_compared_with_and_never_changes(tmp_path: Path) -> None:
    place = json_schemas.release("0.0.9", tmp_path)
    assert json_schemas.broken(tmp_path) == []
    assert json_schemas.release("0.0.9", tmp_path) == place
    edit(place / "weiplomacy.post.seen.v1.json", lambda content: content["properties"].update(lost={"type": "string"}))
    edit(place / "asyncapi.json", lambda content: content["channels"]["weibo.posts"]["messages"].update({"post.x": {}}))
    (place / "weiplomacy.lost.thing.v1.json").write_text("{}")
    assert json_schemas.broken(tmp_path) == [
        "0.0.9, asyncapi: post.x is no longer in the topic weibo.posts",
        "0.0.9, weiplomacy.lost.thing.v1: the event type is gone",
        "0.0.9, weiplomacy.post.seen.v1: the event, field lost: is gone",
    ]
    with pytest.raises(json_schemas.ReleasedError, match=r"0\.0\.9"):
        json_schemas.release("0.0.9", tmp_path)


def test_the_command_compares(capsys: pytest.CaptureFixture[str]) -> None:
    assert json_schemas.main(["--check"]) == 0
    assert "nothing released is broken" in capsys.readouterr().out


def resolved(reference: str, root: dict[str, Any]) -> Any:
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_every_reference_of_the_document_leads_somewhere() -> None:
    root = document()
    pending: list[Any] = [root]
    followed = 0
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending += item
        elif isinstance(item, dict):
            pending += item.values()
            reference = item.get("$ref")
            if reference is None:
                continue
            followed += 1
            if reference.startswith("#/"):
                assert resolved(reference, root)
            else:
                assert reference.removeprefix("./") in json_schemas.documents()
    assert followed > 3 * len(EVENT_MODELS)


def test_channels_are_the_topics_and_messages_the_events() -> None:
    root = document()
    assert list(root["channels"]) == [topic.name for topic in TOPICS]
    assert set(root["components"]["messages"]) == {model.name for model in EVENT_MODELS}


@pytest.mark.parametrize("event", EXAMPLES, ids=[event.name for event in EXAMPLES])
def test_headers_and_ids_are_as_documented(event: Any) -> None:
    message = document()["components"]["messages"][event.name]
    headers = dict(encode(event, "urn:weiplomacy:live", SOFTWARE, "guest").headers)
    assert set(headers) == set(message["headers"]["properties"])
    assert set(headers) - set(message["headers"]["required"]) == {"ce_software", "ce_lane"}, "older messages lack them"
    assert headers["ce_type"].decode() == message["name"]
    form = EVENT_IDS[event.name].replace("{removal, or `missing` until it is confirmed}", "{removal}")
    fields = event.model_dump(mode="json") | {"observed_at": iso_milliseconds(event.observed_at)}
    assert event.event_id == form.format(**fields)
