"""kill -9 of the crawler at random moments leaves no hole: what its memory calls covered is in Kafka, always.

A back-fill of two accounts of the replica is killed again and again, between fetching and publishing, publishing and
acknowledgement, acknowledgement and memory. After each kill every post in a stretch that the memory calls covered must
be in Kafka; in the end a run that is left alone must find all of them, each version once.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from rich.progress import track

from crawler.memory.coverage import first_id_of
from crawler.memory.topic import restore
from crawler.run import Order
from schemas.events import AnyEvent, PostEdited, PostSeen
from tests.event_reader import EventReader
from tests.faults.crawl_stage import machinery, staged
from tests.kafka_process import KafkaProcess

SINCE = "2016-10-01"
SINCE_UTC = datetime(2016, 9, 30, 16, tzinfo=UTC)
ACCOUNTS = {"kr-embassy": "2394895404", "nl-embassy": "2511711495"}
#: The longest life of a run, in seconds of machine time from the start of its browser on, before it is killed.
LIFE_S = 8.0
#: Within which it has started its browser, or is killed without one.
BROWSER_S = 60.0


@dataclass
class Campaign:
    """What the kills left behind."""

    kills: int = 0
    ended_before: int = 0
    covered: int = 0
    posts: int = 0
    repeated: int = 0
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        verdict = "no hole" if not self.wrong else f"{len(self.wrong)} WRONG: {'; '.join(self.wrong[:3])}"
        return (
            f"{self.kills} kill -9 of the crawler ({self.ended_before} runs had ended before), {self.posts} posts, "
            f"{self.covered} found covered on the way, {self.repeated} versions published again: {verdict}"
        )


def published(events: Iterable[AnyEvent]) -> list[PostSeen | PostEdited]:
    """The versions of posts among events."""
    return [event for event in events if isinstance(event, (PostSeen, PostEdited))]


def covered_but_absent(servers: list[str], truth: dict[str, list[int]], there: set[int]) -> tuple[int, list[str]]:
    """How many posts the memory calls covered, and those of them that Kafka lacks."""
    number, wrong = 0, []
    for account, memory in restore(servers).accounts.items():
        intervals = memory.coverage.intervals
        covered = [mid for mid in truth.get(account, ()) if any(interval.holds(mid) for interval in intervals)]
        number += len(covered)
        wrong += [f"{account}: {mid} is covered and not in Kafka" for mid in covered if mid not in there]
    return number, wrong


def campaign(
    folder: Path, kafka: KafkaProcess, browser: Path, kills: int, seed: int, minutes: float = inf
) -> Campaign:  # fmt: skip
    """Kill so many runs, or as many as there is time for; then let one end, and compare."""
    chance, until = random.Random(seed), time.monotonic() + minutes * 60
    result = Campaign()
    with staged(folder, kafka, browser, "--latency-ms", "60") as stage:
        truth = {
            account: [
                int(post["mid"])
                for post in stage.replica.truth(f"/posts?uid={uid}&limit=1000")["posts"]
                if int(post["mid"]) >= first_id_of(SINCE_UTC)
            ]
            for account, uid in ACCOUNTS.items()
        }
        reader = EventReader(kafka)
        arguments = {"accounts": ",".join(ACCOUNTS), "pages": "1", "since": SINCE, "comment_posts": "0"}
        seen: list[PostSeen | PostEdited] = []
        for number in track(range(kills), description="killing", disable=not sys.stderr.isatty()):
            if time.monotonic() > until:
                break
            run = stage.start(Order("embassy", {**arguments, "cycle": f"killed-{seed}-{number}"}))
            run.wait_for_browser(BROWSER_S)
            result.ended_before += not run.lives(chance.uniform(0.0, LIFE_S))
            run.kill()
            result.kills += 1
            seen += published(event for event, _ in reader.new() if event is not None)
            result.covered, wrong = covered_but_absent(kafka.servers, truth, {int(post.post_id) for post in seen})
            result.wrong += wrong
        whole = stage.start(Order("embassy", {**arguments, "cycle": f"whole-{seed}"})).end()
        result.wrong += ["the run that was left alone broke off"] if whole is None else [
            f"{receipt.account_id}: {receipt.problems}" for receipt in whole.receipts if not receipt.complete
        ]  # fmt: skip
        seen += published(event for event, _ in reader.new() if event is not None)
        reader.close()
        there = {int(post.post_id) for post in seen}
        result.wrong += [f"{mid} was never seen" for mids in truth.values() for mid in mids if mid not in there]
        result.posts = sum(len(mids) for mids in truth.values())
        result.repeated = len(seen) - len({post.event_id for post in seen})
    return result


def main() -> int:
    """Run a campaign with a broker of its own; one line, and 0 where there is no hole."""
    parser = argparse.ArgumentParser(prog="weiplomacy drill crawl-kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=inf, help="of machine time at most, then the last run")
    arguments = parser.parse_args()
    with machinery("kills") as (folder, kafka, browser):
        result = campaign(folder, kafka, browser, arguments.kills, arguments.seed, arguments.minutes)
    print(result.line())
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
