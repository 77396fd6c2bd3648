"""The deriver as a process: it follows the raw rows, and no kill of it or of the database makes it forget a change."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from consumers.part_status import file_of
from schemas import migrate
from schemas.clickhouse import connect
from schemas.settings import ClickHouse, Settings
from tests.clickhouse_process import ClickHouseProcess
from tests.consumer_process import ConsumerProcess, deriver_process
from tests.consumers.plain_measures import Plain
from tests.consumers.test_deriving import BEGIN, Store, expect, sampled, seen

HOUR = timedelta(hours=1)


def told(home: Path) -> dict[str, Any]:
    return dict(json.loads((home / file_of("deriver")).read_text()))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[ClickHouseProcess]:
    process = ClickHouseProcess(tmp_path / "data").start()
    yield process
    process.stop()


@pytest.fixture
def client(database: ClickHouseProcess, tmp_path: Path) -> Iterator[Client]:
    settings = Settings(home=tmp_path, clickhouse=ClickHouse(url=database.url))
    client = connect(settings)
    migrate.apply(client, settings)
    yield client
    client.close()


def wait_until(true: Callable[[], bool], deriver: ConsumerProcess) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, deriver.words()
        time.sleep(0.1)


@pytest.mark.stack
def test_no_kill_makes_it_forget_a_change(client: Client, database: ClickHouseProcess, tmp_path: Path) -> None:
    store, deriver = Store(client), deriver_process(tmp_path, database.url).start()
    events = [seen("a", 1, BEGIN), *(sampled("a", 1, BEGIN + n * HOUR, BEGIN, (n, n, n)) for n in range(1, 9))]

    def samples() -> int:
        return sum(row["samples"] for row in store.rows("post_measures", "a", "post_id").values())

    try:
        store.write(events[:3])
        wait_until(lambda: samples() == 2, deriver)
        deriver.kill()
        store.write(events[3:6])
        deriver.start()
        wait_until(lambda: samples() == 5, deriver)
        database.kill()
        wait_until(lambda: "waiting: ClickHouse" in told(tmp_path)["doing"], deriver)
        database.start()
        store.write(events[6:])
        wait_until(lambda: samples() == 8, deriver)
        wait_until(lambda: told(tmp_path)["doing"].startswith("fresh up to"), deriver)
        expect(store.rows("account_hours", "a", "hour"), Plain(events).hours())
        expect(store.rows("post_measures", "a", "post_id"), Plain(events).measures())
    finally:
        assert deriver.stop() == 0, deriver.words()


@pytest.mark.stack
def test_a_table_that_is_missing_ends_it_with_a_sentence(
    client: Client, database: ClickHouseProcess, tmp_path: Path
) -> None:
    Store(client).write([sampled("a", 1, BEGIN, BEGIN, (1, 2, 3))])
    client.command("DROP TABLE weibo_store.post_ages")
    deriver = deriver_process(tmp_path, database.url).start()
    assert deriver.process is not None
    assert deriver.process.wait(60) == 1
    assert "weibo_store.post_ages can't be computed for a:" in deriver.words()
    assert "Traceback" not in deriver.words()
