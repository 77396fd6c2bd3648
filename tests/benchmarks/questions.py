"""The analysts' questions on so many samples, cold and warm, while inserts go on: p50, p95, what they read; row costs.

python -m tests.benchmarks.questions --samples 1e8

Fills a database of its own, begun again it goes on where it stopped; then asks every question of the pack with random
parameters. Targets, warm: about one post or account p95 < 100 ms, about all accounts p95 < 300 ms. The exit code is 0
where all are met, 1 where not, and what is slower is named.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from clickhouse_connect.driver.client import Client

from schemas import accounts_table, calendar_table, migrate, questions, registry
from schemas.clickhouse import connect
from schemas.clock import machine_time
from schemas.errors import WeiplomacyError
from schemas.questions import Question
from schemas.settings import ClickHouse, Settings
from tests.benchmarks import filling
from tests.benchmarks.asking import ask_all
from tests.benchmarks.drawing import stock_of
from tests.benchmarks.living import Life
from tests.benchmarks.population import Scale, parameters, parts, scale_of
from tests.benchmarks.processes import machine
from tests.benchmarks.question_results import Cost, Result, document, line, show
from tests.clickhouse_process import ClickHouseProcess

FOLDER = Path.home() / ".cache" / "weiplomacy" / "questions"
ANSWER_TIMEOUT_S = 3_600
MERGE_PATIENCE_S = 1_800.0
SAY_EVERY_S = 10.0
#: Half of the machine's memory: what is filled and derived in bulk needs more than a question may.
MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


class Sayer:
    """Says how far it is, now and then, on standard error."""

    def __init__(self) -> None:
        self._said = 0.0
        self._began = time.monotonic()

    def __call__(self, sentence: str) -> None:
        now = time.monotonic()
        if now - self._said >= SAY_EVERY_S:
            self._said = now
            print(f"{now - self._began:6.0f} s  {sentence}", file=sys.stderr, flush=True)


def measure(folder: Path, wanted: Scale, pack: Sequence[Question], options: argparse.Namespace) -> Result:
    """Fill, derive, ask. Raises WeiplomacyError."""
    say = Sayer()
    arguments = ("--max-memory", str(MEMORY), "--max-query-memory", str(MEMORY * 3 // 4))
    with ClickHouseProcess(folder / "clickhouse", *arguments) as database:
        settings = Settings(home=folder / "home", clickhouse=ClickHouse(url=database.url))
        connected = partial(connect, settings, ANSWER_TIMEOUT_S)
        client = connected()
        migrate.apply(client, settings)
        known = registry.load(settings)
        accounts_table.load_registry(client, settings, known, machine_time())
        calendar_table.load_calendar(client, settings, machine_time())
        scale = filling.agreed(client, wanted)
        names = [account.id for account in known.accounts]
        filling.fill(connected, list(parts(scale, names)), options.workers, say)
        filling.derive(connected, options.workers, say)
        filling.merge(client, MERGE_PATIENCE_S, say)
        stock = stock_of(client, scale, random.Random(options.seed))
        live = parameters(scale, names, 0, 0)
        with Life(connected, scale, live, settings.deriver.every_s) as life:
            asked = ask_all(
                client, database.path, pack, stock, warm=options.warm, cold=options.cold, seed=options.seed, say=say
            )
        seconds = filling.seconds_of(client)
        found = Result(scale, asked, life.inserts, life.derivations, seconds, costs_of(client), machine())
        client.close()
    return found


def costs_of(client: Client) -> list[Cost]:
    """What every table costs, the largest first."""
    where = "WHERE active AND database = 'weibo_store' GROUP BY table"
    tables = client.query(f"SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts {where} ORDER BY 3 DESC")
    columns = client.query(
        f"SELECT table, column, sum(column_bytes_on_disk) AS size FROM system.parts_columns {where}, column "
        "HAVING size > 0 ORDER BY size DESC"
    ).result_rows
    return [
        Cost(name, rows, size, {column: bytes_ for table, column, bytes_ in columns if table == name})
        for name, rows, size in tables.result_rows
    ]


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--samples", type=float, default=1e8, help="engagement samples, such as 1e9 (default: 1e8)")
    parser.add_argument("--accounts", type=int, help="default: one per 200,000 samples, from 48 to 5,000")
    parser.add_argument("--data", type=Path, help="folder of the database, which is kept (default: one per size)")
    parser.add_argument("--only", action="append", help="a question; may be given several times (default: all)")
    parser.add_argument("--warm", type=int, default=20, help="times that each question is asked warm")
    parser.add_argument("--cold", type=int, default=3, help="times that each question is asked cold")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="parts that are filled at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(given)
    samples = int(options.samples)
    if samples < 1 or options.warm < 1 or options.workers < 1 or options.cold < 0:
        parser.error("--samples, --warm and --workers are at least 1")
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    folder = options.data or FOLDER / f"{samples}"
    try:
        pack = questions.declared()
        if options.only:
            pack = tuple(questions.find(pack, name) for name in options.only)
        folder.mkdir(parents=True, exist_ok=True)
        result = measure(folder, scale_of(samples, midnight, options.accounts), pack, options)
    except WeiplomacyError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.json:
        print(json.dumps(document(result), indent=2, ensure_ascii=False))
    else:
        show(result)
        print(line(result))
    return 1 if result.slow or result.failed else 0


if __name__ == "__main__":
    sys.exit(main())
