"""The loader as a process, over a real broker and a real database."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from kafka import KafkaProducer

from consumers.limits import DeadLetterLimit
from schemas import migrate
from schemas.clickhouse import connect
from schemas.settings import ClickHouse, Settings
from schemas.topics import DEAD_LETTERS, POSTS, SAMPLES
from tests.clickhouse_process import ClickHouseProcess, wait_until
from tests.consumer_process import ConsumerProcess, loader_process, starting
from tests.faults.exactness import caught_up, differences
from tests.faults.load import Stream
from tests.faults.loader_kills import campaign
from tests.kafka_process import KafkaProcess, free_port

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

PATIENCE_S = 120.0


@pytest.fixture
def producer(kafka: KafkaProcess) -> Iterator[KafkaProducer]:
    # The broker bounds messages after compression, so that one may be of any size.
    made = KafkaProducer(bootstrap_servers=kafka.servers, acks="all", compression_type="gzip", max_request_size=1 << 24)
    yield made
    made.close()


@pytest.fixture
def started(kafka: KafkaProcess, tmp_path: Path) -> Iterator[Callable[..., ConsumerProcess]]:
    """Starts loaders, and ends them with the test."""

    def loader(url: str, name: str = "home", **settings: str) -> ConsumerProcess:
        return loader_process(tmp_path / name, kafka.servers, url, **settings)

    with starting(loader) as start:
        yield start


def rows(client: Client, question: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in client.query(question).result_rows]


def number(client: Client, question: str) -> int:
    return int(rows(client, question)[0][0])


def put(producer: KafkaProducer, topic: str, value: bytes, *headers: tuple[str, bytes]) -> Any:
    return producer.send(topic, key=b"k", value=value, headers=list(headers)).get(timeout=60)


def test_bad_messages_stop_nothing_and_are_kept_with_their_bytes(migrated, kafka, producer, started, tmp_path):
    client, settings = migrated
    loader = started(settings.clickhouse_url)
    stream = Stream(kafka.servers, seed=3, rate=300).start()
    kind = ("ce_type", b"weiplomacy.post.seen.v1")
    bad = [
        put(producer, POSTS.name, b"\x00\xffno", kind),
        put(producer, POSTS.name, b"{}", kind),
        put(producer, POSTS.name, b"{}", ("ce_type", b"weiplomacy.post.seen.v2")),
        put(producer, POSTS.name, b"{}"),
        put(producer, SAMPLES.name, b"{}", kind),
        put(producer, POSTS.name, b"\0" * 10_000_000, kind),
    ]
    wait_until(lambda: stream.count > 1_000, PATIENCE_S)
    sent = stream.stop()
    sent["invalid"] |= {(one.topic, one.partition, one.offset) for one in bad}
    wait_until(lambda: caught_up(client, sent), PATIENCE_S)
    assert differences(client, sent) == []
    reasons = {
        (topic, partition, offset): (stage, reason, value[:8])
        for topic, partition, offset, stage, reason, value in rows(
            client, "SELECT topic, partition, `offset`, stage, reason, message_value FROM weibo_store.refused_messages"
        )
    }
    assert [reasons[one.topic, one.partition, one.offset] for one in bad] == [
        ("decode", "not_json", "AP9ubw=="),
        ("validate", "invalid", "e30="),
        ("decode", "newer_contract", "e30="),
        ("decode", "unknown_type", "e30="),
        ("validate", "invalid", "e30="),
        ("decode", "too_large", "AAAAAAAA"),
    ]
    assert loader.stop() == 0, loader.words()
    status = json.loads((tmp_path / "home" / "loader.json").read_text(encoding="utf-8"))
    assert status["state"] == "stopped"
    assert status["lag"][SAMPLES.name] == 0
    before = {
        table: number(client, f"SELECT count() FROM weibo_store.{table}")
        for table in ("engagement_samples", "dead_letters")
    }
    started(settings.clickhouse_url)
    put(producer, POSTS.name, b"once more", kind)
    wait_until(
        lambda: number(client, "SELECT count() FROM weibo_store.dead_letters") > before["dead_letters"], PATIENCE_S
    )
    assert number(client, "SELECT count() FROM weibo_store.engagement_samples") == before["engagement_samples"]


def test_a_bad_dead_letter_is_kept_once_and_does_not_loop(migrated, producer, started):
    client, settings = migrated
    loader = started(settings.clickhouse_url)
    place = put(producer, DEAD_LETTERS.name, b"not a dead letter", ("ce_type", b"weiplomacy.dead.letter.v1"))
    found = "SELECT topic, `offset`, reason FROM weibo_store.dead_letters"
    wait_until(lambda: rows(client, found), PATIENCE_S)
    put(producer, POSTS.name, b"another", ("ce_type", b"weiplomacy.post.seen.v1"))
    wait_until(lambda: number(client, f"SELECT count() FROM ({found})") > 1, PATIENCE_S)
    assert sorted(rows(client, found)) == [
        (DEAD_LETTERS.name, place.offset, "not_json"),
        (POSTS.name, *rows(client, f"{found} WHERE topic = 'weibo.posts'")[0][1:]),
    ]
    assert loader.stop() == 0, loader.words()


def test_a_bad_deployment_stops_before_it_drains_the_topic(migrated, producer, started):
    client, settings = migrated
    kind = ("ce_type", b"weiplomacy.post.seen.v1")
    first = put(producer, POSTS.name, b"no", kind)
    for _ in range(2_999):
        producer.send(POSTS.name, key=b"k", value=b"no", headers=[kind])
    producer.flush()
    drained = (
        "SELECT count() FROM weibo_store.dead_letters "
        f"WHERE topic = '{POSTS.name}' AND partition = {first.partition} AND `offset` >= {first.offset}"
    )
    loader = started(settings.clickhouse_url)
    wait_until(lambda: loader.exit_code() is not None, PATIENCE_S)
    before = number(client, drained)
    # The topic is the other tests' too: whatever came of this one, they find none of its messages.
    patient = started(settings.clickhouse_url, "patient", WEIPLOMACY_LOADER__STOP_AT_INVALID_SHARE="2")
    wait_until(lambda: number(client, drained) == 3_000, PATIENCE_S)
    assert patient.stop() == 0
    assert loader.exit_code() == 1
    assert "newest messages of weibo.posts can't be loaded" in loader.words()
    assert "Traceback" not in loader.words()
    # Fewer than these say nothing of a deployment, where Kafka gives them alone.
    assert before < DeadLetterLimit().least


def test_a_topic_made_anew_is_refused_by_name(migrated, started):
    client, settings = migrated
    client.insert("weibo_store.kafka_topics", [[POSTS.name, "an older one"]], column_names=["topic", "topic_id"])
    loader = started(settings.clickhouse_url)
    wait_until(lambda: loader.exit_code() is not None, PATIENCE_S)
    assert "the tables were filled from another weibo.posts" in loader.words()


def test_a_missing_column_stops_and_blames_no_message(migrated, started):
    client, settings = migrated
    client.command("ALTER TABLE weibo_store.receipts DROP COLUMN lane")
    loader = started(settings.clickhouse_url)
    wait_until(lambda: loader.exit_code() is not None, PATIENCE_S)
    assert loader.exit_code() == 1
    assert "weibo_store.receipts is not as this version needs it" in loader.words()
    assert number(client, "SELECT count() FROM weibo_store.dead_letters") == 0


def test_a_database_that_goes_away_is_waited_for(kafka, started, tmp_path):
    database = ClickHouseProcess(tmp_path / "clickhouse").start()
    settings = Settings(clickhouse=ClickHouse(url=database.url))
    client = connect(settings)
    migrate.apply(client, settings)
    loader = started(database.url)
    stream = Stream(kafka.servers, seed=4, rate=300).start()
    wait_until(lambda: number(client, "SELECT count() FROM weibo_store.engagement_samples") > 100, PATIENCE_S)
    database.kill()
    status = tmp_path / "home" / "loader.json"
    wait_until(lambda: "waiting: " in loader.words(), PATIENCE_S)
    database.start()
    sent = stream.stop()
    wait_until(lambda: caught_up(client, sent), PATIENCE_S)
    assert differences(client, sent) == []
    assert loader.stop() == 0, loader.words()
    assert json.loads(status.read_text(encoding="utf-8"))["waiting_since"] is None
    database.stop()


def test_two_loaders_share_the_partitions_and_one_may_die(migrated, kafka, started):
    client, settings = migrated
    one = started(settings.clickhouse_url, "one", WEIPLOMACY_LOADER__INSTANCE="one")
    stream = Stream(kafka.servers, seed=5, rate=300).start()
    wait_until(lambda: number(client, "SELECT count() FROM weibo_store.engagement_samples") > 100, PATIENCE_S)
    two = started(settings.clickhouse_url, "two", WEIPLOMACY_LOADER__INSTANCE="two")
    wait_until(lambda: "rows/s" in two.words(), PATIENCE_S)
    one.kill()
    sent = stream.stop()
    wait_until(lambda: caught_up(client, sent), 240)
    assert differences(client, sent) == []
    assert two.stop() == 0, two.words()


def test_a_few_kills_of_everything(kafka, tmp_path):
    result = campaign(tmp_path, kafka, kills=2, rate=300, seed=2)
    assert sum(result.kills.values()) == 2
    assert result.inside >= 1
    assert result.wrong == []


def test_nobody_answers(started):
    loader = started(f"http://127.0.0.1:{free_port()}")
    wait_until(lambda: "waiting: ClickHouse does not answer" in loader.words(), PATIENCE_S)
    assert loader.stop() == 3
    assert "Traceback" not in loader.words()
