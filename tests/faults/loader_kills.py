"""kill -9 of loader, deriver and database at random under load, a third inside an insert: every table exact.

python -m tests.faults.loader_kills --kills 30 --rate 2000 --seed 1
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clickhouse_connect.driver.client import Client

from schemas import migrate
from schemas.clickhouse import connect
from schemas.settings import ClickHouse, Settings
from tests.clickhouse_process import ClickHouseProcess
from tests.consumer_process import ConsumerProcess, deriver_process, loader_process
from tests.faults.exactness import caught_up, differences, forgotten, held
from tests.faults.insert_watch import InsertWatch
from tests.faults.load import Stream
from tests.kafka_process import KafkaProcess

CATCH_UP_S = 180.0


@dataclass
class Result:
    """What a campaign found."""

    kills: dict[str, int]
    inside: int
    events: int
    seconds: float
    rows: int
    repeated: int
    wrong: list[str]

    def line(self) -> str:
        kills = ", ".join(f"{count} × {victim}" for victim, count in sorted(self.kills.items()))
        verdict = (
            "every table, rollup and derived table exact" if not self.wrong else "NOT EXACT: " + "; ".join(self.wrong)
        )
        return (
            f"{sum(self.kills.values())} kill -9 ({kills}; {self.inside} inside an insert), {self.events} events at "
            f"{self.events / max(self.seconds, 1e-9):.0f}/s, {self.repeated} partitions with a batch to repeat, "
            f"{self.rows} rows: {verdict}"
        )


def campaign(folder: Path, kafka: KafkaProcess, kills: int, rate: int, seed: int) -> Result:
    """Kill loader and database so often; then compare what the tables hold with what was sent."""
    chance = random.Random(seed)
    database = ClickHouseProcess(folder / "clickhouse").start()
    watch = InsertWatch(database.port)
    settings = Settings(clickhouse=ClickHouse(url=database.url))
    client = connect(settings)
    migrate.apply(client, settings)
    loader = loader_process(folder / "home", kafka.servers, watch.url).start()
    deriver = deriver_process(folder / "home", database.url, every_s=3).start()
    stream = Stream(kafka.servers, seed, rate).start()
    done: dict[str, int] = {}
    inside = 0
    try:
        _until(lambda: held(client, "engagement_samples") > 0, 60, loader)
        for number in range(kills):
            before = held(client, "engagement_samples")
            within = number % 3 == 0
            if within:
                # The last insert may be answered before the blow falls; then the next one is waited for.
                for _ in range(1_000):
                    assert watch.wait_for_insert(CATCH_UP_S), loader.words()
                    time.sleep(chance.uniform(0, 0.008))
                    if watch.inserting:
                        break
            else:
                time.sleep(chance.uniform(0, 1.5))
            victim = chance.choice(["loader", "database", "both"])
            inside += watch.inserting
            # The deriver dies with whoever dies, half of the time.
            struck: list[ConsumerProcess | ClickHouseProcess] = [deriver] if chance.random() < 0.5 else []
            struck += {"loader": [loader], "database": [database], "both": [loader, database]}[victim]
            _strike(struck)
            done[victim] = done.get(victim, 0) + 1
            _until(lambda past=before: held(client, "engagement_samples") > past, CATCH_UP_S, loader)
        sent = stream.stop()
        _until(lambda: caught_up(client, sent), CATCH_UP_S, loader)
        time.sleep(2.0)
        assert loader.stop() == 0, loader.words()
        assert deriver.stop() == 0, deriver.words()
        return Result(
            done, inside, stream.count, stream.seconds, _rows(client), loader.log.read_text().count("repeating"),
            differences(client, sent) + forgotten(client),
        )  # fmt: skip
    finally:
        for process in (loader, deriver):
            if process.exit_code() is None:
                process.kill()
        if database.process is not None:
            database.stop()


def _strike(processes: Sequence[ConsumerProcess | ClickHouseProcess]) -> None:
    """Kill processes, and start them again, the last one first: the database before who needs it."""
    for process in processes:
        process.kill()
    for process in reversed(processes):
        process.start()


def _until(condition: object, seconds: float, loader: ConsumerProcess) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert loader.exit_code() is None, f"the loader stopped by itself: {loader.words()}"
        assert time.monotonic() < deadline, f"the loader did not get on: {loader.words()}"
        time.sleep(0.1)


def _rows(client: Client) -> int:
    return int(
        client.query("SELECT sum(total_rows) FROM system.tables WHERE database = 'weibo_store'").result_rows[0][0]
    )


def main() -> int:
    """Run a campaign in a folder of its own; one line, and 0 where everything is exact."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--rate", type=int, default=2_000, help="events per second")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="weiplomacy-kills-") as folder:
        kafka = KafkaProcess(Path(folder) / "kafka")
        try:
            kafka.start()
            result = campaign(Path(folder), kafka, arguments.kills, arguments.rate, arguments.seed)
        finally:
            kafka.stop()
    print(result.line())
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
