"""`weiplomacy crawl parse --quarantine`, on a real Kafka: what is readable now, and bad input in a sentence."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from kafka import KafkaProducer
from typer.testing import CliRunner

from crawler.answers import Answer
from crawler.classify import ResponseClass
from crawler.endpoints import profile_url, timeline_url
from crawler.parsing.context import Context, no_institutions
from crawler.people import Pseudonymiser
from crawler.publishing import KafkaUnreachableError, publish_all
from crawler.quarantine import quarantined
from crawler.saved_answers import SavedAnswerError
from deploy.cli.crawl_parse import parse
from schemas.events import QuarantinedBody
from schemas.registry import UnknownAccountError
from schemas.topics import QUARANTINE
from tests.kafka_process import KafkaProcess

US = "1743951792"
#: The broker is that of all tests: what others have put into quarantine is older.
YEAR = 2100
NAME = "美国驻华大使馆"
MBLOG = {
    "id": "4059000000000001",
    "text": "签证",
    "created_at": "Sat Dec 31 12:00:00 +0800 2016",
    "user": {"id": int(US), "screen_name": NAME, "verified": True, "verified_type": 1},
    "reposts_count": 1,
    "comments_count": 2,
    "attitudes_count": 3,
}
TIMELINE = {"ok": 1, "data": {"cards": [{"card_type": 9, "mblog": MBLOG}], "cardlistInfo": {"since_id": 5}}}
USER = {"id": int(US), "screen_name": NAME, "followers_count": "1万", "follow_count": 1, "statuses_count": 5}
app = typer.Typer()
app.command()(parse)


def body(url: str, document: Any, day: int, account_id: str = "us-embassy", uid: str = US) -> QuarantinedBody:
    seen = datetime(YEAR, 1, day, tzinfo=UTC)
    context = Context(account_id, uid, None, seen, Pseudonymiser(b"k" * 32), no_institutions)
    raw = json.dumps(document, ensure_ascii=False).encode()
    answer = Answer(url, 200, {}, raw, seen)
    return quarantined(answer, None, ResponseClass.SCHEMA_DRIFT, "the parser of that day", context)


@pytest.fixture(autouse=True)
def empty_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("WEIPLOMACY_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.chdir(tmp_path)


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["--quarantine", *arguments])


@pytest.mark.stack
def test_what_can_be_read_by_now_is_printed_with_its_events(
    kafka: KafkaProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIPLOMACY_KAFKA__BOOTSTRAP_SERVERS", kafka.servers[0])
    since = ("--since", f"{YEAR}-01-01T00:00:00Z")
    assert "0 bodies in quarantine" in ran(*since).stderr
    published = [
        body(timeline_url(US), TIMELINE, 1),
        body(profile_url(US), {"ok": 1, "data": {"userInfo": USER}}, 2),
        body(timeline_url(US), {"ok": 1, "data": {"kards": []}}, 3),
        body(timeline_url("5"), {"ok": 7}, 4, "uid:50005", "50005"),
        body("https://m.weibo.cn/elsewhere", {}, 5, "uid:50005", "50005"),
    ]
    publish_all(kafka.servers, "urn:weiplomacy:live", published)
    producer = KafkaProducer(bootstrap_servers=kafka.servers)
    producer.send(QUARANTINE.name, key=b"us-embassy", value=b"what?").get(30)
    producer.close()

    everything = ran(*since)
    assert everything.exit_code == 0, everything.output
    lines = [json.loads(line) for line in everything.stdout.splitlines()]
    heads = {line["quarantined"]: line for line in lines if "quarantined" in line}
    assert set(heads) == {event.event_id for event in published}
    assert [heads[event.event_id]["readable"] for event in published] == [True, True, False, False, False]
    assert (
        heads[published[0].event_id] | {"class": "ok", "was": "schema_drift", "events": 2}
        == heads[published[0].event_id]
    )
    assert {line["type"] for line in lines if "type" in line} == {
        "weiplomacy.post.seen.v1",
        "weiplomacy.engagement.sample.v1",
        "weiplomacy.account.snapshot.v1",
    }
    assert "5 bodies in quarantine: 2 can be read now (3 events), 3 can't; " in everything.stderr

    assert "messages are no quarantined bodies" in everything.stderr

    assert "2 bodies" in ran(*since, "--account", "50005").stderr
    assert "3 bodies" in ran(*since, "--account", NAME).stderr
    assert "2 bodies" in ran("--account", "us-embassy", "--since", f"{YEAR}-01-02T00:00:00Z").stderr
    assert "0 bodies" in ran("--since", f"{YEAR + 1}-01-01T00:00:00+08:00").stderr


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ([], KafkaUnreachableError, "Kafka does not answer at 127.0.0.1:1"),
        (["--account", "atlantis"], UnknownAccountError, "atlantis"),
        (["--since", "yesterday"], SavedAnswerError, "--since yesterday is not a moment"),
        (["--since", "2017-01-01T00:00:00"], SavedAnswerError, "no zone"),
        (["--post", "5"], SavedAnswerError, "--since and --account alone"),
        (["some.json"], SavedAnswerError, "--since and --account alone"),
    ],
)
def test_bad_input_is_one_sentence(arguments: list[str], error: type[Exception], words: str) -> None:
    result = ran(*arguments)
    assert isinstance(result.exception, error)
    assert words in str(result.exception)
    assert "\n" not in str(result.exception)


@pytest.mark.parametrize("arguments", [[], ["--since", "2017-01-01T00:00:00Z"]])
def test_a_file_or_the_quarantine_is_needed(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, SavedAnswerError)
    assert "which answer?" in str(result.exception)
