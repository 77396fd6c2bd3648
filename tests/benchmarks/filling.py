"""Fills a database with a population, in parts that are written down when they are done: begun again, it goes on."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC
from functools import partial
from queue import SimpleQueue

from clickhouse_connect.driver.client import Client

from consumers import deriving, peers
from consumers.horizon import EPOCH
from schemas.clock import machine_time
from schemas.errors import WeiplomacyError
from tests.benchmarks.population import Part, Scale

#: A part that is repeated makes the same blocks, under the same tokens, and stays within memory.
SETTINGS = {"max_threads": 1, "max_insert_threads": 1, "insert_deduplicate": 1, "max_partitions_per_insert_block": 0}
STATE = (
    "CREATE DATABASE IF NOT EXISTS bench ENGINE = Atomic",
    "CREATE TABLE IF NOT EXISTS bench.scale (accounts UInt32, visits UInt32, begin DateTime('UTC')) "
    "ENGINE = MergeTree ORDER BY begin",
    "CREATE TABLE IF NOT EXISTS bench.done (name String, seconds Float64) ENGINE = MergeTree ORDER BY name",
)
DERIVED_AT_ONCE = deriving.ACCOUNTS_AT_ONCE
CALM_S = 3

Say = Callable[[str], None]
Connect = Callable[[], Client]


class OtherScaleError(WeiplomacyError):
    """The folder holds a population of another size."""

    exit_code = 2


def agreed(client: Client, wanted: Scale) -> Scale:
    """The scale of this database: the wanted one, or that with which it was begun. Raises OtherScaleError."""
    for sql in STATE:
        client.command(sql)
    rows = client.query("SELECT accounts, visits, begin FROM bench.scale").result_rows
    if not rows:
        client.insert("bench.scale", [[wanted.accounts, wanted.visits, wanted.begin]])
        return wanted
    held = Scale(rows[0][0], rows[0][1], rows[0][2].astimezone(UTC))
    if (held.accounts, held.visits) != (wanted.accounts, wanted.visits):
        raise OtherScaleError(
            f"the folder holds {held.samples:,} samples of {held.accounts:,} accounts, and not {wanted.samples:,} of "
            f"{wanted.accounts:,}: name another folder, or the same numbers"
        )
    return held


def fill(connect: Connect, parts: Sequence[Part], workers: int, say: Say) -> None:
    """Make the parts that are not there yet, so many at a time."""

    def make(client: Client, part: Part) -> None:
        settings = {**SETTINGS, "insert_deduplication_token": part.name}
        client.command(part.sql, parameters=part.parameters, settings=settings)

    _work(connect, {part.name: partial(make, part=part) for part in parts}, workers, partial(_said, say, "filling"))


def derive(connect: Connect, workers: int, say: Say) -> None:
    """Compute the derived tables of all accounts, in bulk."""
    client = connect()
    seen = deriving.Seen(machine_time(), {})
    scopes = sorted(deriving.everything(client), key=lambda scope: scope.account_id)
    kinds = {
        "derived_hours": [replace(scope, posts_from=None) for scope in scopes],
        "derived_posts": [replace(scope, hours_from=None) for scope in scopes],
    }
    steps = {
        f"{kind}-{first}": partial(deriving.derive, scopes=some[first : first + DERIVED_AT_ONCE])
        for kind, some in kinds.items()
        for first in range(0, len(scopes), DERIVED_AT_ONCE)
    }
    said = partial(_said, say, "deriving")
    derived = _work(connect, steps, workers, said)
    # Peers come from the ages of all.
    last = {"derived_peers": partial(peers.refresh, since=EPOCH)}
    if _work(connect, last, workers, said) or derived:
        deriving.record(client, seen, machine_time(), len(scopes), peers_until=machine_time())
    client.close()


def _said(say: Say, what: str, done: int, of: int) -> None:
    say(f"{what}: {done} of {of} parts")


def _work(
    connect: Connect, steps: Mapping[str, Callable[[Client], object]], workers: int, told: Callable[[int, int], None]
) -> bool:
    """Do the steps that are not written down as done, so many at a time; whether there were any."""
    clients: SimpleQueue[Client] = SimpleQueue()
    for _ in range(workers):
        clients.put(connect())
    client = clients.get()
    done = {name for (name,) in client.query("SELECT name FROM bench.done").result_rows}
    clients.put(client)
    todo = [name for name in steps if name not in done]

    def do(name: str) -> None:
        client, began = clients.get(), time.monotonic()
        try:
            steps[name](client)
            seconds = time.monotonic() - began
            client.insert("bench.done", [[name, seconds]], column_names=["name", "seconds"])
        finally:
            clients.put(client)

    with ThreadPoolExecutor(workers) as pool:
        for number, _ in enumerate(pool.map(do, todo), 1):
            told(number, len(todo))
    for _ in range(workers):
        clients.get().close()
    return bool(todo)


def merge(client: Client, patience_s: float, say: Say) -> None:
    """Wait until the tables have nothing left to merge: what was written over years has long been merged."""
    deadline = time.monotonic() + patience_s
    calm = 0
    while calm < CALM_S and time.monotonic() < deadline:
        running = client.query("SELECT count() FROM system.merges").result_rows[0][0]
        if running:
            say(f"merging: {running} under way")
        calm = 0 if running else calm + 1
        time.sleep(1.0)


def seconds_of(client: Client) -> dict[str, float]:
    """Seconds that the parts of each kind took, those that were made at a time added up."""
    rows = client.query(
        "SELECT splitByChar('-', name)[1] AS kind, sum(seconds) FROM bench.done GROUP BY kind ORDER BY 2 DESC"
    ).result_rows
    return dict(rows)
