"""The loader beside analysts: p50 and p99 of its inserts, alone and while heavy queries run on the analysts' port.

python -m tests.benchmarks.analysts_port --seconds 20 --analysts 8

One loader's inserts (a batch of samples as Kafka's loader writes it, every so often) are timed twice in one run against
the server of the stack with its default limits: alone, and beside analysts who ask one heavy question after the other
over a table of their own. The figures are those of the machine as it is at the time. The target
is a p99 of at most twice the idle one.
"""

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from rich.console import Console
from rich.table import Table

from schemas.settings import Settings
from tests.benchmarks.processes import machine
from tests.clickhouse_process import ClickHouseProcess

TARGET = 2.0
ROUNDS = 3
TABLE = "weibo.benchmark_samples"
ROWS = 20_000_000
COLUMNS = ("post_id", "observed_at", "reposts", "comments", "likes")
#: What an analyst may ask and what keeps a core busy: a scan with a sort, an aggregation by post, a join, quantiles.
QUESTIONS = (
    f"SELECT post_id, max(likes) - min(likes) AS gained FROM {TABLE} GROUP BY post_id ORDER BY gained DESC LIMIT 20",
    f"SELECT toStartOfHour(observed_at) AS hour, quantiles(0.5, 0.99)(likes), uniqCombined(12)(post_id) FROM {TABLE} "
    "GROUP BY hour",
    f"SELECT count() FROM {TABLE} AS a JOIN (SELECT post_id, avg(likes) AS mean FROM {TABLE} GROUP BY post_id) AS b "
    "USING post_id WHERE a.likes > b.mean",
    f"SELECT post_id, reposts, comments, likes FROM {TABLE} ORDER BY sipHash64(likes, post_id) LIMIT 100000, 10",
)


@dataclass(frozen=True, slots=True)
class Inserts:
    """Times of inserts, milliseconds."""

    times: tuple[float, ...]

    def percentile(self, share: float) -> float:
        """The time that this share of the inserts stays under or at."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def document(self) -> dict[str, Any]:
        figures = {name: round(self.percentile(share), 2) for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99))}
        return {"inserts": len(self.times), **figures, "max_ms": round(max(self.times), 2)}


def time_inserts(client: Client, seconds: float, rows: int, pause: float) -> Inserts:
    """Insert batches of `rows` for so long, with a pause between them."""
    times = []
    batch = [list(range(rows)), list(range(1_700_000_000, 1_700_000_000 + rows)), *([[1] * rows] * 3)]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        began = time.perf_counter()
        client.insert(
            TABLE,
            batch,
            column_names=COLUMNS,
            column_type_names=["UInt64", "UInt32", *["UInt32"] * 3],
            column_oriented=True,
        )
        times.append((time.perf_counter() - began) * 1000)
        time.sleep(pause)
    return Inserts(tuple(times))


class Analysts:
    """Threads that ask one question after the other until they are told to stop."""

    def __init__(self, port: int, many: int) -> None:
        self._port = port
        self._many = many
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.answers: list[float] = []
        self.refused: list[str] = []

    def __enter__(self) -> "Analysts":
        self._stop.clear()
        self._threads = [
            threading.Thread(target=self._ask, args=(number,), daemon=True) for number in range(self._many)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int) -> None:
        with clickhouse_connect.get_client(
            host="127.0.0.1", port=self._port, username=f"analyst-{number}", send_receive_timeout=300
        ) as client:
            while not self._stop.is_set():
                began = time.monotonic()
                try:
                    client.query(QUESTIONS[(number + len(self.answers)) % len(QUESTIONS)])
                except ClickHouseError as error:
                    self.refused.append(" ".join(str(error).split())[:200])
                else:
                    self.answers.append(time.monotonic() - began)


def measure(folder: Path, seconds: float, many: int, rows: int, batch: int, pause: float) -> dict[str, Any]:
    """Fill a table, and time inserts alone and beside analysts, in turns."""
    limits = Settings().analysts
    arguments = (
        *("--analysts-port", "0", "--analysts-memory", str(limits.memory_mb << 20)),
        *("--analysts-places", str(limits.queries)),
    )
    with ClickHouseProcess(folder / "clickhouse", *arguments) as process, process.client() as client:
        client.command(
            f"CREATE TABLE {TABLE} (post_id UInt64, observed_at DateTime, reposts UInt32, comments UInt32, "
            "likes UInt32) ENGINE = MergeTree ORDER BY (post_id, observed_at)"
        )
        client.command(
            f"INSERT INTO {TABLE} SELECT number % 100000, toDateTime(1700000000 + intDiv(number, 100000) * 300), "
            f"rand(1) % 100, rand(2) % 1000, rand(3) % 10000 FROM numbers({rows})"
        )
        time_inserts(client, min(5.0, seconds), batch, pause)  # the start is no part of the figures
        analysts = Analysts(process.analysts_port, many)
        alone, among = Inserts(()), Inserts(())
        for _ in range(ROUNDS):  # in turns, so that what else the machine does falls on both alike
            alone = Inserts(alone.times + time_inserts(client, seconds / ROUNDS, batch, pause).times)
            with analysts:
                asked = len(analysts.answers) + len(analysts.refused)
                while len(analysts.answers) + len(analysts.refused) == asked:
                    time.sleep(0.05)
                among = Inserts(among.times + time_inserts(client, seconds / ROUNDS, batch, pause).times)
    return {
        "idle": alone.document(),
        "beside": among.document(),
        "p99_ratio": round(among.percentile(0.99) / alone.percentile(0.99), 2),
        "analysts": {
            "threads": many,
            "answers": len(analysts.answers),
            "median_s": round(statistics.median(analysts.answers), 2) if analysts.answers else None,
            "refused": sorted(set(analysts.refused)),
        },
    }


def line(figures: dict[str, Any]) -> str:
    """The result in a line."""
    idle, beside, ratio = figures["idle"], figures["beside"], figures["p99_ratio"]
    verdict = "as promised" if ratio <= TARGET else f"MORE THAN {TARGET:.0f} TIMES"
    return (
        f"inserts p50/p99 {idle['p50_ms']:.1f}/{idle['p99_ms']:.1f} ms alone, {beside['p50_ms']:.1f}/"
        f"{beside['p99_ms']:.1f} ms beside {figures['analysts']['threads']} analysts: p99 {ratio:.2f} times, {verdict}"
    )


def show(figures: dict[str, Any]) -> None:
    """Print the table."""
    on = machine()
    table = Table(title=f"{on['cores']} cores, load {on['load']}", title_justify="left", box=None)
    for column in ("", "inserts", "p50 ms", "p99 ms", "max ms"):
        table.add_column(column, justify="right" if column else "left")
    for name in ("idle", "beside"):
        row = figures[name]
        table.add_row(name, str(row["inserts"]), *(f"{row[key]:.1f}" for key in ("p50_ms", "p99_ms", "max_ms")))
    Console().print(table)
    asked = figures["analysts"]
    print(f"analysts: {asked['answers']} answers, median {asked['median_s']} s")
    for text in asked["refused"]:
        print(f"refused: {text}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 where the p99 beside analysts is within the target."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=30.0, help="of inserts, alone and beside analysts each")
    parser.add_argument("--analysts", type=int, default=8, help="analysts that ask at a time")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the table that they ask")
    parser.add_argument("--batch", type=int, default=2_500, help="rows of one insert")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between two inserts")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="weiplomacy-analysts-port-") as folder:
        figures = measure(Path(folder), options.seconds, options.analysts, options.rows, options.batch, options.pause)
    if options.json:
        print(json.dumps({"benchmark": "analysts-port", **figures, "machine": machine()}, indent=2))
    else:
        show(figures)
        print(line(figures))
    return 0 if figures["p99_ratio"] <= TARGET and figures["analysts"]["answers"] else 1


if __name__ == "__main__":
    sys.exit(main())
