"""What waves cost: CPU of a sample, and bytes of what is remembered, per account and per series."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from consumers.alerting.waves import Waves
from schemas.events import EngagementSample

BEGIN = datetime(2016, 9, 1, tzinfo=UTC)
ACCOUNTS, POSTS, DAYS = 12, 10, 10
EVERY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class WaveCost:
    """Of `samples` samples, ten a visit, all groups included: CPU µs each; bytes as they are written down."""

    samples: int
    us_per_sample: float
    bytes_per_account: int
    bytes_per_series: int


def measure() -> WaveCost:
    """Feed half-hourly visits of some accounts for some days."""
    waves = Waves(lambda account_id: EVERY.total_seconds(), {f"uid:{account}": "DE" for account in range(ACCOUNTS)})
    spent, samples = 0.0, 0
    for visit in _visits():
        began = time.process_time()
        for sample in visit:
            list(waves.feed(sample))
        spent += time.process_time() - began
        samples += len(visit)
    sizes = [_size(waves.dump(f"account:uid:{account}")) for account in range(ACCOUNTS)]
    account = waves.dump("account:uid:0") or []
    return WaveCost(samples, spent * 1e6 / samples, max(sizes), _size(account[2][-1][0]))


def _size(state: object) -> int:
    return len(json.dumps(state, separators=(",", ":")))


def _visits() -> Iterator[list[EngagementSample]]:
    chance = random.Random(1)
    counts = [[chance.randrange(100) for _ in range(POSTS)] for _ in range(ACCOUNTS)]
    for number in range(DAYS * timedelta(days=1) // EVERY):
        for account, own in enumerate(counts):
            for place in range(POSTS):
                own[place] += chance.randrange(6)
            yield [
                EngagementSample.model_construct(
                    account_id=f"uid:{account}",
                    observed_at=BEGIN + number * EVERY + timedelta(seconds=account),
                    post_id=str(4_000_000_000_000_000 + place),
                    created_at=BEGIN,
                    reposts=count // 3,
                    comments=count,
                    likes=4 * count,
                    via="timeline",
                )
                for place, count in enumerate(own)
            ]
