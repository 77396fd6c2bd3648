import json
import re
from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner

from crawler import saved_answers
from crawler.answers import Answer
from crawler.endpoints import Endpoint
from crawler.people import Pseudonymiser
from crawler.saved_answers import SavedAnswerError
from crawler.scrubbing import scrub
from deploy.cli.crawl_parse import parse

SEEN = datetime(2026, 11, 24, 4, tzinfo=UTC)
app = typer.Typer()
app.command()(parse)


@pytest.fixture(autouse=True)
def empty_state(tmp_path, monkeypatch):
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def printed(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_bare_timeline_prints_class_and_events(shared):
    file = shared / "weibo" / "m_getIndex_timeline_107603_2019.json"
    head, *events = printed(file, "--observed-at", "2019-06-16T23:00:00+08:00")
    assert (head["class"], head["endpoint"], head["events"]) == ("ok", "timeline", 20)
    assert head["observed_at"] == "2019-06-16T15:00:00.000Z"
    assert [event["type"] for event in events] == [
        "weiplomacy.post.seen.v1",
        "weiplomacy.engagement.sample.v1",
    ] * 10
    assert {event["account_id"] for event in events} == {"uid:1669879400"}


@pytest.mark.parametrize(
    ("file", "endpoint"),
    [
        ("m_getIndex_profile_2019", "profile"),
        ("m_getIndex_timeline_107603_2019", "timeline"),
        ("m_getIndex_timeline_107603_2022_one_card", "timeline"),
        ("m_statuses_show_2019", "status"),
        ("m_deleted_retweeted_status_2019", "status"),
        ("m_statuses_extend_2019", "extend"),
        ("m_comments_hotflow_2019", "hotflow"),
        ("m_comments_show_2019", "comments_show"),
        ("ajax_mymblog_item_2021", "ajax_status"),
    ],
)
def test_the_endpoint_is_told_by_shape(shared, file, endpoint):
    assert saved_answers.load(shared / "weibo" / f"{file}.json").endpoint == endpoint


def test_a_fixture_brings_its_own_circumstances(tmp_path):
    file = tmp_path / "fixture.json"
    fixture = {
        "url": "https://m.weibo.cn/api/container/getIndex?type=uid&value=1743951792",
        "status": 432,
        "headers": {"Content-Type": "text/html"},
        "body": "",
        "observed_at": "2026-11-24T12:00:00+08:00",
    }
    file.write_text(json.dumps(fixture))
    (head,) = printed(file)
    assert (head["class"], head["endpoint"]) == ("visitor_gate", "profile")
    assert head["observed_at"] == "2026-11-24T04:00:00.000Z"


def test_a_registered_account_has_its_id(tmp_path):
    file = tmp_path / "profile.json"
    user = {"id": 1743951792, "screen_name": "somebody"}
    user |= {"followers_count": "1万", "follow_count": 2, "statuses_count": 3}
    file.write_text(json.dumps({"ok": 1, "data": {"userInfo": user}}))
    result = CliRunner().invoke(app, [str(file)])
    assert result.exit_code == 1
    assert "somebody" in str(result.exception)
    assert json.loads(result.stdout)["class"] == "ok"


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        (None, [], "can't be read"),
        (b"\x00\x01", [], "--endpoint"),
        (b'{"ok":1,"data":{"data":[],"max_id":0}}', ["--observed-at", "yesterday"], "not a moment"),
        (b'{"ok":1,"data":{"data":[],"max_id":0}}', ["--observed-at", "2026-01-01T00:00:00"], "no zone"),
        (b'{"ok":1,"data":{"data":[],"max_id":0}}', [], "--post"),
        (b'{"ok":1,"data":{"longTextContent":"x"}}', ["--post", "5"], "--uid"),
        (b'{"url":1,"status":2,"headers":{},"body":"","observed_at":""}', [], "broken fixture"),
    ],
)
def test_bad_input_is_named(tmp_path, content, arguments, words):
    file = tmp_path / "answer.json"
    if content is not None:
        file.write_bytes(content)
    result = CliRunner().invoke(app, [str(file), *arguments])
    assert isinstance(result.exception, SavedAnswerError)
    assert words in str(result.exception)


def scrubbed(shared, name, endpoint, uid):
    body = (shared / "weibo" / name).read_bytes()
    headers = {"set-cookie": "SUB=secret", "content-type": "application/json", "x-log-uid": "17"}
    return body, scrub(Answer("https://m.weibo.cn/", 200, headers, body, SEEN), endpoint, Pseudonymiser(b"k" * 32), uid)


def test_a_scrubbed_answer_has_no_person_and_the_same_shape(shared, tmp_path):
    body, fixture = scrubbed(shared, "m_comments_hotflow_2019.json", Endpoint.HOTFLOW, "1669879400")
    rows = json.loads(body)["data"]["data"]
    written = fixture.model_dump_json()
    for row in rows:
        user = row["user"]
        if user["verified_type"] not in range(1, 8):
            assert user["screen_name"] not in written
            assert str(user["id"]) not in written
    for name in re.findall(
        r'"more_info_users": \[\{"id": \d+, "screen_name": "([^"]+)"', json.dumps(rows, ensure_ascii=False)
    ):
        assert name not in written
    assert "secret" not in written
    assert "x-log-uid" not in written
    assert shape(fixture.body) == shape(json.loads(body))
    file = tmp_path / "fixtures" / "hotflow.json"
    saved_answers.save(fixture, file)
    head, *events = printed(file, "--endpoint", "hotflow", "--post", "4383183661430868")
    assert head["class"] == "ok"
    assert [event["likes"] for event in events[:2]] == [6183, None]


def test_a_scrubbed_timeline_keeps_the_account_and_its_words(shared):
    body, fixture = scrubbed(shared, "m_getIndex_timeline_107603_2019.json", Endpoint.TIMELINE, "1669879400")
    assert shape(fixture.body) == shape(json.loads(body))
    written = fixture.model_dump_json()
    assert "Dear-迪丽热巴" in written
    assert "搬完这块砖" in written
    for of_a_person in ("代斯daisy", "2007341923", "生死语者", "teng.fei"):
        assert of_a_person not in written


def test_what_is_not_json_is_not_scrubbed():
    with pytest.raises(SavedAnswerError, match="page"):
        scrub(Answer("", 200, {}, b"<html>", SEEN), Endpoint.PAGE, Pseudonymiser(b"k" * 32))


def shape(value):
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(entry) for entry in value]
    return type(value).__name__
