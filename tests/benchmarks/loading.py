"""Kafka to ClickHouse: events per second and per CPU second, beside a plain loop of one insert per message.

python -m tests.benchmarks.loading --events 200000 --plain 2000

Both read the same topic of a real broker into the same tables and rollups of a real database, a new one each. The
loader is the process that runs in the stack; it is measured from the first rows that are visible to the last, so its
start is no part of the figures. At the end every table must hold exactly what was sent.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client
from kafka import KafkaConsumer
from rich.console import Console
from rich.table import Table

from consumers.tables import ENGAGEMENT_SAMPLES
from schemas import migrate
from schemas.clickhouse import connect
from schemas.cloudevents import attributes, event_of
from schemas.errors import WeiplomacyError
from schemas.settings import ClickHouse, Settings
from schemas.topics import SAMPLES
from tests.benchmarks.processes import machine, own
from tests.benchmarks.samples import fill
from tests.clickhouse_process import ClickHouseProcess
from tests.consumer_process import ConsumerProcess, loader_process
from tests.faults.exactness import differences, held
from tests.faults.load import Place
from tests.kafka_process import KafkaProcess

LOOK_S = 0.1
PATIENCE_S = 300.0
TABLE = ENGAGEMENT_SAMPLES.name


@dataclass(frozen=True, slots=True)
class Cost:
    """What events cost: seconds of machine time, CPU seconds of the loading process and of the database."""

    events: int
    seconds: float
    loader: float
    database: float

    @property
    def per_second(self) -> float:
        return self.events / max(self.seconds, 1e-9)

    def per_cpu_second(self, cpu: float) -> float:
        return self.events / max(cpu, 1e-9)

    def document(self) -> dict[str, Any]:
        return {
            "events": self.events,
            "seconds": round(self.seconds, 3),
            "events_per_second": round(self.per_second),
            "cpu_seconds": {"loader": round(self.loader, 2), "database": round(self.database, 2)},
            "events_per_cpu_second": {
                "loader": round(self.per_cpu_second(self.loader)),
                "database": round(self.per_cpu_second(self.database)),
                "both": round(self.per_cpu_second(self.loader + self.database)),
            },
        }


@contextmanager
def database(folder: Path) -> Iterator[tuple[ClickHouseProcess, Client]]:
    """A new database with the tables of this version, and a client."""
    with ClickHouseProcess(folder) as process:
        settings = Settings(clickhouse=ClickHouse(url=process.url))
        client = connect(settings)
        migrate.apply(client, settings)
        yield process, client
        client.close()


def load(folder: Path, kafka: KafkaProcess, sent: dict[str, set[Place]]) -> tuple[Cost, list[str]]:
    """Let the loader load the topic; what it cost, and what is wrong afterwards."""
    events = sum(len(places) for places in sent.values())
    with database(folder / "clickhouse") as (process, client):
        assert process.process
        loader = loader_process(folder / "home", kafka.servers, process.url).start()
        try:
            first = _until(lambda rows: rows > 0, client, loader)
            cost = [_marked(first, process, loader)]
            cost.append(_marked(_until(lambda rows: rows >= events, client, loader), process, loader))
        finally:
            code = loader.stop() if loader.exit_code() is None else loader.exit_code()
        wrong = differences(client, sent) + ([f"the loader ended with {code}: {loader.words()}"] if code else [])
    return Cost(*(end - start for start, end in zip(*cost, strict=True))), wrong


def _until(enough: Callable[[int], bool], client: Client, loader: ConsumerProcess) -> int:
    """Look until the table holds enough rows, and say how many."""
    deadline = time.monotonic() + PATIENCE_S
    while not enough(rows := held(client, TABLE)):
        assert loader.exit_code() is None, f"the loader stopped by itself: {loader.words()}"
        assert time.monotonic() < deadline, f"the loader did not get on: {loader.words()}"
        time.sleep(LOOK_S)
    return rows


def _marked(rows: int, process: ClickHouseProcess, loader: ConsumerProcess) -> tuple[int, float, float, float]:
    assert process.process
    assert loader.process
    return rows, time.monotonic(), own(loader.process.pid), own(process.process.pid)


def plainly(folder: Path, servers: Sequence[str], messages: int) -> tuple[Cost, list[str]]:
    """Poll, validate, insert, message by message; what that cost, and what is wrong afterwards.

    It is spared what it could be spared: the columns are asked for once, and nothing is committed or made exact.
    """
    with database(folder / "plain") as (process, client):
        assert process.process
        consumer = KafkaConsumer(SAMPLES.name, bootstrap_servers=list(servers), auto_offset_reset="earliest")
        context = client.create_insert_context(f"weibo_store.{TABLE}", ENGAGEMENT_SAMPLES.column_names)
        next(consumer)  # the start is no part of the figures
        began, cpu, behind = time.monotonic(), time.process_time(), own(process.process.pid)
        for _ in range(messages):
            record = next(consumer)
            kind, provenance = attributes(record.headers)
            values = ENGAGEMENT_SAMPLES.values(event_of(record.value, kind), provenance)
            context.data = [[*values, record.partition, record.offset, record.offset, record.offset]]
            client.data_insert(context)
        seconds, cpu, behind = time.monotonic() - began, time.process_time() - cpu, own(process.process.pid) - behind
        consumer.close()
        rows = held(client, TABLE)
    wrong = [] if rows == messages else [f"the plain loop: {rows} rows of {messages} messages"]
    return Cost(messages, seconds, cpu, behind), wrong


def measure(folder: Path, events: int, plain: int) -> tuple[Cost, Cost, list[str]]:
    """Fill a topic, then load it both ways; what each cost, and what is wrong."""
    kafka = KafkaProcess(folder / "kafka")
    try:
        kafka.start()
        sent = fill(kafka.servers, events)
        by_one, wrong = plainly(folder, kafka.servers, plain)
        cost, more = load(folder, kafka, sent)
    finally:
        kafka.stop()
    return cost, by_one, [*wrong, *more]


def line(loader: Cost, plain: Cost) -> str:
    """The result in a line."""
    return (
        f"loader {loader.per_second:,.0f} events/s, {loader.per_cpu_second(loader.loader):,.0f} per CPU second of its "
        f"own ({loader.per_cpu_second(loader.loader + loader.database):,.0f} with the database's), every table exact: "
        f"{loader.per_second / plain.per_second:.0f} × a plain loop's {plain.per_second:,.0f}/s"
    )


def show(loader: Cost, plain: Cost) -> None:
    """Print the table."""
    on = machine()
    table = Table(title=f"{on['cores']} cores, load {on['load']}", title_justify="left", box=None)
    for column in ("", "events", "seconds", "events/s", "CPU s, database's", "events per CPU s", "with database"):
        table.add_column(column, justify="right" if column else "left")
    for name, cost in (("loader", loader), ("plain loop", plain)):
        table.add_row(
            name,
            f"{cost.events:,}",
            f"{cost.seconds:.1f}",
            f"{cost.per_second:,.0f}",
            f"{cost.loader:.1f}, {cost.database:.1f}",
            f"{cost.per_cpu_second(cost.loader):,.0f}",
            f"{cost.per_cpu_second(cost.loader + cost.database):,.0f}",
        )
    Console().print(table)


def main() -> int:
    """Measure and print; 0 where every table holds exactly what was sent."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=200_000, help="samples for the loader")
    parser.add_argument("--plain", type=int, default=2_000, help="how many of them go through the plain loop")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    if not 0 < options.plain < options.events:
        parser.error("--plain must be less than --events, and more than 0")
    try:
        with tempfile.TemporaryDirectory(prefix="weiplomacy-loading-") as folder:
            loader, plain, wrong = measure(Path(folder), options.events, options.plain)
    except WeiplomacyError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.json:
        figures = {"loader": loader.document(), "plain": plain.document()}
        ratio = {"loader_by_plain": round(loader.per_second / plain.per_second, 1)}
        print(json.dumps({"benchmark": "loading", **figures, **ratio, "machine": machine(), "wrong": wrong}, indent=2))
    else:
        show(loader, plain)
        print("NOT EXACT: " + "; ".join(wrong) if wrong else line(loader, plain))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
