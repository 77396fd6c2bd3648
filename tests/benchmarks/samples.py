"""Engagement samples to fill a topic with: as the crawler publishes them, and as many as one asks for."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kafka import KafkaProducer

from schemas.cloudevents import encode
from schemas.counts import Count, Precision
from schemas.events import EngagementSample
from schemas.software import SOFTWARE
from schemas.topics import SAMPLES
from tests.faults.load import Place

BEGIN = datetime(2024, 3, 1, tzinfo=UTC)
EVERY = timedelta(minutes=5)
ACCOUNTS = 48
POSTS = 20
"""Posts per account that are sampled in each round."""
SOURCE = "urn:weiplomacy:replica"


def sample(number: int, chance: random.Random) -> EngagementSample:
    """The sample of that number: round after round over all accounts and posts, counters that grow, some rounded."""
    turn, place = divmod(number, ACCOUNTS * POSTS)
    account, post = divmod(place, POSTS)
    likes = 40 * turn * (account + 1) + chance.randrange(20)
    return EngagementSample(
        account_id=f"embassy-{account}",
        observed_at=BEGIN + turn * EVERY + timedelta(milliseconds=chance.randrange(60_000)),
        post_id=str(4_900_000_000_000_000 + place),
        created_at=BEGIN - timedelta(hours=post),
        reposts=likes // 7,
        comments=likes // 5,
        likes=shown(likes) if chance.random() < 0.05 else likes,
        views=None,
        via="timeline",
    )


def shown(value: int) -> int | Count:
    """The count as a page may show it, in units of ten thousand from there on."""
    units = value // 10_000
    if not units:
        return value
    low = units * 10_000
    return Count(value=low, low=low, high=low + 9_999, precision=Precision.ROUNDED, raw=f"{units}万")


def fill(servers: Sequence[str], events: int, seed: int = 1) -> dict[str, set[Place]]:
    """Send so many samples; returns every acknowledged position, under the event's name."""
    chance = random.Random(seed)
    producer = KafkaProducer(bootstrap_servers=list(servers), acks="all", compression_type="lz4", linger_ms=50)
    futures = []
    for number in range(events):
        message = encode(sample(number, chance), SOURCE, SOFTWARE, f"guest-{number % 4}")
        futures.append(producer.send(SAMPLES.name, key=message.key, value=message.value, headers=message.headers))
    producer.flush()
    acknowledged = [future.get(timeout=60) for future in futures]
    producer.close()
    places = {(metadata.topic, metadata.partition, metadata.offset) for metadata in acknowledged}
    return {EngagementSample.name: places}
