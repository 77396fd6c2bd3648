"""What was loaded comes back as the events that it was, in the order in which it was observed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from clickhouse_connect.driver.client import Client

from consumers.alerting import history
from schemas.events import AnyEvent, CrawlReceipt, EngagementSample
from schemas.settings import Settings
from schemas.topics import RECEIPTS, SAMPLES
from tests.schemas.examples import COMMENT, EDITED, LANE, MOMENT, POST, RECEIPT, REMOVED, SAMPLE, SNAPSHOT
from tests.schemas.test_views import fill

pytestmark = pytest.mark.stack

KEPT = (POST, EDITED, COMMENT, SAMPLE, REMOVED, SNAPSHOT, RECEIPT, LANE)
#: What no detector asks for, and history does not read.
LEFT_OUT = {
    "post.seen": {"reposted", "links", "media", "source", "region"},
    "post.edited": {"reposted", "links", "media", "source", "region"},
    "comment.seen": {
        *("root_id", "author_name", "author_uid", "author_verified_type", "region", "likes", "replies"),
        "has_picture",
    },
    "account.snapshot": {
        *("following", "reposts_received", "comments_received", "likes_received", "verified", "verified_type"),
        *("verified_reason", "description", "region", "printed_rank", "source"),
    },
    "crawl.receipt": {"problems", "posts_reported", "watermark"},
}


def events(
    client: Client,
    settings: Settings,
    since: datetime,
    until: datetime,
    accounts: Sequence[str] = (),
    beginnings: Mapping[str, Sequence[int]] | None = None,
) -> Iterator[AnyEvent]:
    return history.events(client, settings, history.Stretch(since, until, accounts, beginnings))


def told(event: AnyEvent) -> dict[str, object]:
    return {"name": event.name, **event.model_dump(mode="json", exclude=LEFT_OUT.get(event.name, set()))}


def test_events_come_back_as_they_were(migrated):
    client, settings = migrated
    fill(client, KEPT)
    found = list(events(client, settings, MOMENT - timedelta(days=1), MOMENT + timedelta(days=1)))
    assert [event.name for event in found] == [event.name for event in KEPT], "of one moment, words before counters"
    assert [told(event) for event in found] == [told(event) for event in KEPT]


def test_history_is_in_the_order_of_observation_and_ends_before_its_end(migrated):
    client, settings = migrated
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    hours = [50, 3, 0, 26, 49, 72, -1]
    samples = [SAMPLE.model_copy(update={"observed_at": begin + timedelta(hours=hour)}) for hour in hours]
    receipts = [RECEIPT.model_copy(update={"observed_at": begin + timedelta(hours=hour, minutes=1)}) for hour in hours]
    fill(client, [*samples, *receipts])
    found = list(events(client, settings, begin, begin + timedelta(hours=72)))
    assert [event.observed_at for event in found] == sorted(event.observed_at for event in found)
    kinds = [(type(event), (event.observed_at - begin) // timedelta(hours=1)) for event in found]
    assert kinds == [(kind, hour) for hour in (0, 3, 26, 49, 50) for kind in (EngagementSample, CrawlReceipt)]


@pytest.mark.parametrize("most", (1, 2, 3, 100))
def test_history_is_the_same_however_much_of_it_is_read_at_once(migrated, monkeypatch: pytest.MonkeyPatch, most: int):
    client, settings = migrated
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    minutes = [0, 9, 10, 11, 25, 26, 26, 700, 1_439, 1_440, 1_441, 5_000]
    samples = [SAMPLE.model_copy(update={"observed_at": begin + timedelta(minutes=minute)}) for minute in minutes]
    receipts = [RECEIPT.model_copy(update={"observed_at": begin + timedelta(minutes=minute)}) for minute in minutes]
    fill(client, [*samples, *receipts])
    whole = list(events(client, settings, begin, begin + timedelta(minutes=4_999)))
    assert len(whole) == 2 * 11
    read: list[int] = []
    plain = history._of

    def counted(*arguments):
        rows = list(plain(*arguments))
        read.append(len(rows))
        return iter(rows)

    monkeypatch.setattr(history, "_of", counted)
    monkeypatch.setattr(history, "MOST", most)
    assert [told(one) for one in events(client, settings, begin, begin + timedelta(minutes=4_999))] == list(
        map(told, whole)
    )
    kinds = len(history.SOURCES)
    at_once = [sum(read[place : place + kinds]) for place in range(0, len(read), kinds)]
    # Of ten minutes there are up to six, and of a day all but the last two moments.
    assert max(at_once) == {1: 6, 2: 6, 3: 6, 100: 18}[most]


def test_history_of_some_accounts(migrated):
    client, settings = migrated
    other = SAMPLE.model_copy(update={"account_id": "fr-embassy"})
    fill(client, [SAMPLE, other])
    found = list(events(client, settings, MOMENT, MOMENT + timedelta(seconds=1), ["fr-embassy"]))
    assert [event.account_id for event in found if isinstance(event, EngagementSample)] == ["fr-embassy"]


def test_history_before_what_kafka_still_holds(migrated):
    client, settings = migrated
    # `fill` numbers the messages from 0, in one partition.
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    hours = range(5)
    samples = [SAMPLE.model_copy(update={"observed_at": begin + timedelta(hours=hour)}) for hour in hours]
    receipts = [RECEIPT.model_copy(update={"observed_at": begin + timedelta(hours=hour)}) for hour in hours]
    fill(client, [*samples, *receipts])
    stretch = history.Stretch(begin, begin + timedelta(days=1), beginnings={SAMPLES.name: [2], RECEIPTS.name: [8, 9]})
    found = list(history.events(client, settings, stretch))
    assert [(type(event), event.observed_at.hour) for event in found] == [
        (EngagementSample, 0),
        (CrawlReceipt, 0),
        (EngagementSample, 1),
        (CrawlReceipt, 1),
        (CrawlReceipt, 2),
    ]
    assert history.newest(client, settings, stretch) == begin + timedelta(hours=2)
    nothing = history.Stretch(begin, begin + timedelta(days=1), beginnings={SAMPLES.name: [0], RECEIPTS.name: []})
    assert list(history.events(client, settings, nothing)) == []
    assert history.newest(client, settings, nothing) is None
