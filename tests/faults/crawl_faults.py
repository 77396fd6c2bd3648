"""Every fault of the replica at once, and random kills: no post is missing without a receipt that says so.

Accounts of the replica are visited again and again over days of its time, under the scenario `everything`. In the end
each post that was published in the period is in Kafka, or its account's newest receipt names what is missing, or an
honest visitor could never have seen it (it disappeared between two visits). A hole that no receipt names is silent;
a receipt that calls itself complete above a hole is false.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.progress import track

from crawler.run import CrawlError, DeliveredReceipt, Order, environment, run
from deploy.stack.browser import find
from schemas.events import PostEdited, PostSeen
from schemas.settings import Crawl, Kafka, Settings
from tests.event_reader import EventReader
from tests.kafka_process import KafkaProcess
from tests.replica_process import ReplicaProcess

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
ACCOUNTS = {"ru-embassy": "2503806417", "dk-embassy": "2001109753", "at-embassy": "2861043474"}
ROOT = Path(__file__).resolve().parents[2]
BETWEEN = timedelta(hours=11)
LIFE_S = 10.0


@dataclass
class Account:
    """What is true of the posts of the accounts in the end."""

    posts: int = 0
    captured: int = 0
    named: int = 0
    unobservable: int = 0
    silent: list[str] = field(default_factory=list)


@dataclass
class Result:
    """What a campaign found."""

    visits: int
    complete: int
    kills: int
    refused: int
    answers: Counter[str]
    found: Account
    false: list[str]

    @property
    def is_true(self) -> bool:
        """Whether nothing is missing in silence, and no receipt is false."""
        return not self.found.silent and not self.false and self.found.posts > 0

    def line(self) -> str:
        classes = ", ".join(f"{name} {count}" for name, count in self.answers.most_common())
        return (
            f"{self.visits} visits ({self.complete} complete), {self.kills} kills, answers: {classes}; "
            f"{self.found.posts} posts: {self.found.captured} captured, {self.found.named} named as missing, "
            f"{self.found.unobservable} unobservable, {len(self.found.silent)} silent; "
            f"{len(self.false)} receipts false"
        )


def campaign(folder: Path, kafka: KafkaProcess, browser: Path, cycles: int, kills: int, seed: int) -> Result:
    """Visit the accounts so many times, with so many kills in between; then compare with the truth."""
    chance = random.Random(seed)
    replica = ReplicaProcess(folder, NOW, "--scenario", "everything")
    settings = Settings(
        home=folder / "home",
        origin="replica",
        clock_file=replica.clock_file,
        kafka=Kafka(bootstrap_servers=",".join(kafka.servers)),
        crawl=Crawl(
            browser=browser, egress_proxy=replica.proxy, egress_ca_file=replica.ca_file, delay_s=0,
            concurrent_requests=4, concurrent_pages=1, render_timeout_s=15,
        ),
    )  # fmt: skip
    arguments = {"accounts": ",".join(ACCOUNTS), "pages": "2", "comment_posts": "1", "comment_pages": "1"}
    reader = EventReader(kafka)
    receipts: dict[str, list[DeliveredReceipt]] = {account: [] for account in ACCOUNTS}
    visible: dict[str, set[int]] = {account: set() for account in ACCOUNTS}
    there: set[int] = set()
    killed = refused = 0
    doomed = set(chance.sample(range(cycles - 1), min(kills, cycles - 1)))
    try:
        begin = {account: _newest(replica, uid) for account, uid in ACCOUNTS.items()}
        for cycle in track(range(cycles), description="visiting", disable=not sys.stderr.isatty()):
            order = Order("embassy", {**arguments, "cycle": f"{seed}-{cycle}"})
            if cycle in doomed:
                _killed(order, settings, folder, chance.uniform(2.0, LIFE_S))
                killed += 1
            try:
                for receipt in run(settings, order).receipts:
                    receipts[receipt.account_id].append(receipt)
            except CrawlError as error:
                refused += 1
                print(error, file=sys.stderr)
            for account, uid in ACCOUNTS.items():
                seen = replica.seen(f"/posts?uid={uid}&limit=200")["posts"]
                visible[account] |= {int(post["mid"]) for post in seen if int(post["mid"]) > begin[account]}
            there |= {
                int(event.post_id) for event, _ in reader.new() if isinstance(event, (PostSeen, PostEdited))
            }  # fmt: skip
            replica.jump(NOW + BETWEEN * (cycle + 1))
        reader.close()
        replica.jump(NOW + BETWEEN * (cycles - 1))
        found, false = Account(), []
        for account, uid in ACCOUNTS.items():
            truth = {int(post["mid"]) for post in replica.truth(f"/posts?uid={uid}&limit=1000")["posts"]}
            false += _compare(account, {mid for mid in truth if mid > begin[account]}, visible, there, receipts, found)
    finally:
        replica.stop()
    everything = [receipt for some in receipts.values() for receipt in some]
    answers: Counter[str] = Counter()
    for receipt in everything:
        answers.update(receipt.responses)
    return Result(
        len(everything), sum(receipt.complete for receipt in everything), killed, refused, answers, found, false
    )  # fmt: skip


def _compare(
    account: str,
    truth: set[int],
    visible: dict[str, set[int]],
    there: set[int],
    receipts: dict[str, list[DeliveredReceipt]],
    found: Account,
) -> list[str]:
    last = receipts[account][-1] if receipts[account] else None
    lacks = [missing for missing in last.missing if missing.kind in ("timeline", "visit")] if last else []
    false = []
    for mid in sorted(truth):
        found.posts += 1
        if mid in there:
            found.captured += 1
        elif mid not in visible[account]:
            found.unobservable += 1
        elif lacks:
            found.named += 1
        else:
            found.silent.append(f"{account}: {mid}")
        if mid not in there and mid in visible[account] and last and last.complete:
            false.append(f"{account}: {last.cycle} is complete, and {mid} is not there")
    return false


def _newest(replica: ReplicaProcess, uid: str) -> int:
    return int(replica.truth(f"/posts?uid={uid}&limit=1")["posts"][0]["mid"])


def _killed(order: Order, settings: Settings, folder: Path, life_s: float) -> None:
    with (folder / "killed.log").open("ab") as log:
        process = subprocess.Popen(
            order.command(folder / "progress.json"), cwd=ROOT, env=environment(settings), stdout=log, stderr=log
        )
        time.sleep(life_s)
        process.kill()
        process.wait()


def main() -> int:
    """Run a campaign with a broker of its own; one line, and 0 where nothing is missing in silence."""
    parser = argparse.ArgumentParser(prog="weiplomacy drill crawl-faults", description=__doc__)
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="weiplomacy-faults-") as name:
        folder = Path(name)
        kafka = KafkaProcess(folder / "kafka")
        try:
            kafka.start()
            browser = find(None, lambda _: None).path
            result = campaign(folder, kafka, browser, options.cycles, options.kills, options.seed)
        finally:
            kafka.stop()
    for hole in [*result.found.silent, *result.false][:10]:
        print(hole)
    print(result.line())
    return 0 if result.is_true else 1


if __name__ == "__main__":
    sys.exit(main())
