"""How long `weiplomacy alerts backtest` takes over a week: reading, judging, and the rules; and what a sample costs.

python -m tests.benchmarks.backtests --accounts 48 --days 7

A population is made inside a database of its own: a visit to each account every half an hour, which samples the ten
newest posts. Then the command itself is run as a process of its own, and the same stretch is replayed here once more,
event by event, to say where the time goes: in seconds of this process's CPU, the database's not among them. Target: a
week of 48 accounts within a minute, with the two weeks that it learns from. The exit code is 0 where it is met.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client

from consumers.alerting import history
from consumers.alerting.backtest import replay
from consumers.alerting.watching import watch_of
from deploy.cli.alerts_backtest import LEARNING_DAYS, seldom_collected
from schemas import accounts_table, migrate, registry
from schemas.clickhouse import connect
from schemas.settings import ClickHouse, Settings
from tests.benchmarks import filling
from tests.benchmarks.population import VISIT_S, Scale, parts
from tests.benchmarks.processes import machine
from tests.clickhouse_process import ClickHouseProcess

TARGET_S = 60.0
END = datetime(2026, 11, 25, 16, tzinfo=UTC)
"""A midnight in Beijing."""
ANSWER_TIMEOUT_S = 600
PER_DAY = 86_400 // VISIT_S


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds of the command, and CPU seconds of its parts when the same is done in one process; what there was."""

    command_s: float
    command_cpu_s: float
    reading_s: float
    judging_s: float
    events: Counter[str]
    alerts: int
    machine: dict[str, Any]

    @property
    def met(self) -> bool:
        return self.command_s < TARGET_S

    def document(self) -> dict[str, Any]:
        events = self.events.total()
        return {
            "command_s": round(self.command_s, 1),
            "command_cpu_s": round(self.command_cpu_s, 1),
            "events": dict(self.events.most_common()),
            "alerts": self.alerts,
            "reading": {"cpu_s": round(self.reading_s, 1), "us_per_event": round(self.reading_s / events * 1e6, 1)},
            "judging": {"cpu_s": round(self.judging_s, 1), "us_per_event": round(self.judging_s / events * 1e6, 1)},
            "machine": self.machine,
        }


def measure(accounts: int, days: int, learning_days: int) -> Result:
    """Fill, run the command, and replay once more. Raises RuntimeError where the command fails."""
    scale = Scale(accounts, (days + learning_days) * PER_DAY, END - timedelta(days=days + learning_days))
    with tempfile.TemporaryDirectory() as folder, ClickHouseProcess(Path(folder) / "clickhouse") as database:
        settings = Settings(home=Path(folder) / "home", clickhouse=ClickHouse(url=database.url))
        connected = partial(connect, settings, ANSWER_TIMEOUT_S)
        client = connected()
        migrate.apply(client, settings)
        known = registry.load(settings)
        accounts_table.load_registry(client, settings, known, END)
        filling.agreed(client, scale)
        names = [account.id for account in known.accounts]
        filling.fill(connected, list(parts(scale, names)), 1, lambda sentence: None)
        last = (END - timedelta(days=1) + timedelta(hours=8)).date()
        command = _command(settings, last - timedelta(days=days - 1), last, learning_days)
        found = _in_parts(client, settings, scale.begin, END - timedelta(days=days))
        client.close()
    return Result(*command, *found, machine())


def _command(settings: Settings, since: Any, until: Any, learning_days: int) -> tuple[float, float]:
    """Seconds that it takes, and that of CPU."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-c",
                "from deploy.cli.main import main; main()",
                "alerts",
                "backtest",
                "--since",
                f"{since}",
                "--until",
                f"{until}",
            ),
            *("--learning-days", str(learning_days), "--json"),
        ],
        env={
            **os.environ,
            "WEIPLOMACY_HOME": str(settings.home),
            "WEIPLOMACY_CLICKHOUSE__URL": str(settings.clickhouse.url),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"the command failed: {done.stderr[-2_000:]}")
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _in_parts(
    client: Client, settings: Settings, begin: datetime, since: datetime
) -> tuple[float, float, Counter[str], int]:
    """CPU seconds to read and to judge, the events by name, and the changes that were found."""
    with seldom_collected():
        began = time.process_time()
        events = list(history.events(client, settings, history.Stretch(begin, END)))
        read = time.process_time()
        alerts = list(replay(watch_of(settings, registry.load(settings)), events, since))
    return read - began, time.process_time() - read, Counter(event.name for event in events), len(alerts)


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--accounts", type=int, default=48)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--learning-days", type=int, default=LEARNING_DAYS, help="days before, that teach")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(given)
    if options.accounts < 1 or options.days < 1 or options.learning_days < 0:
        parser.error("--accounts and --days are at least 1")
    result = measure(options.accounts, options.days, options.learning_days)
    found = result.document()
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        print(
            f"alerts backtest: {options.days} days of {options.accounts} accounts, after {options.learning_days} that "
            f"teach: {found['command_s']} s ({found['command_cpu_s']} of CPU) for {result.events.total():,} events "
            f"(reading {found['reading']['us_per_event']}, judging {found['judging']['us_per_event']} µs each; "
            f"{result.alerts} changes; load {result.machine['load']}): target of {TARGET_S:.0f} s "
            f"{'met' if result.met else 'missed'}"
        )
    return 0 if result.met else 1


if __name__ == "__main__":
    sys.exit(main())
