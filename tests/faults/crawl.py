"""Every fault of the replica at once, and random blows: each post, comment and repost is held, or named as missing.

First in peace: some accounts of the replica are visited over days of its time; nothing may be missing, and every row
must be the truth of its moment. Then others under the scenario `everything`, while crawler, browser, its pages and the
loader are struck at random. In the end each thing that there was to be seen is in ClickHouse, through the real loader;
or the receipts of the visits that could see it name it, or a counted range that it is in, with the reason; or no visit
could see it: it lived between two.
What no receipt names is silent, and a receipt that calls itself complete above a hole is false: there may be neither.
Nor may any topic, table, dead letter, quarantined body or file name one of the replica's private people.
"""

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from clickhouse_connect.driver.client import Client
from rich.progress import track

from crawler.publishing import close
from crawler.publishing import connect as producing
from crawler.run import Order
from deploy.replica.faults.scenario import Scenario, find_scenario, read_scenario
from schemas import migrate
from schemas.clickhouse import connect
from schemas.registry import load as load_registry
from schemas.settings import ClickHouse, Settings
from schemas.topics import COMMENTS
from tests.clickhouse_process import ClickHouseProcess, wait_until
from tests.consumer_process import ConsumerProcess, loader_process
from tests.event_reader import every_record
from tests.faults.accounting import Account, Item, Statement, settle
from tests.faults.blows import BLOWS, Blow
from tests.faults.crawl_stage import NOW, Stage, machinery, staged
from tests.faults.exactness import caught_up, differences, published
from tests.faults.load import INVALID, Place
from tests.faults.people_search import left_behind, people_named
from tests.faults.stored import held, statements
from tests.faults.truth import KINDS, Truth
from tests.faults.witness import Witness
from tests.kafka_process import KafkaProcess

SINCE = datetime(2016, 12, 30, 16, tzinfo=UTC)
"""What was published from here on is accounted for: the begin of 31 December in Beijing."""
EVERYTHING = {
    "since": "2016-12-31", "pages": "3", "comment_posts": "100", "comment_orders": "hot,time",
    "comment_pages": "all", "reply_pages": "all", "repost_pages": "all",
}  # fmt: skip
LIFE_S = (1.0, 12.0)
"""How long a run lives before it is struck, machine time."""
SPEED = 120.0
"""Of the replica's clock while a run is under way, so that pauses and limits pass; in peace it stands still."""
LANES = [{"name": name} for name in ("first", "second", "third")]
"""Under faults: while one is paused, the others go on, and one is another's witness."""
CATCH_UP_S = 120.0
BROKEN = 5
"""Messages that are made unreadable, so that there are dead letters to search."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a half of the drill does.

    `blows` are of the visits that a struck run precedes, with the seconds of machine time that it lives before;
    `loader_dies` are those in whose midst the loader is killed, after as many seconds. A clock that has gone past the
    moment of a visit is not set back.
    """

    accounts: Sequence[str]
    moments: Sequence[datetime]
    scenario: Path | None = None
    blows: Mapping[int, tuple[float, Blow]] = field(default_factory=dict)
    loader_dies: Mapping[int, float] = field(default_factory=dict)
    speed: float = SPEED

    @property
    def name(self) -> str:
        """Which half it is."""
        return "peace" if self.scenario is None else "faults"


@dataclass
class Result:
    """What a half of the drill found. `wrong` are sentences; `texts` were searched for people."""

    plan: Plan
    account: Account
    blows: Counter[str]
    struck: tuple[int, int]
    texts: int
    wrong: list[str]

    def line(self) -> str:
        account = self.account
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(account.captured.items()))
        parts = [f"{account.receipts} visits to {len(self.plan.accounts)} accounts, {account.complete} complete"]
        if self.plan.scenario is not None:
            blows = ", ".join(f"{name} {count}" for name, count in sorted(self.blows.items()))
            parts.append(f"blows: {blows or 'none'}; {self.struck[0]} of {self.struck[1]} faults struck")
        parts.append(
            f"{account.total:,} things: {account.captured.total():,} held ({kinds}), {account.named.total():,} named "
            f"as missing, {len(account.unobservable):,} unobservable, {len(account.silent):,} silent"
        )
        parts.append(f"{len(account.false)} receipts false; {self.texts:,} texts searched for people")
        verdict = "all accounted for" if not self.wrong else f"{len(self.wrong)} WRONG"
        return f"{self.plan.name}: {'; '.join(parts)}: {verdict}"


def scenario_of(folder: Path, seed: int) -> Path:
    """The scenario `everything`, by which this seed decides what is struck."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "everything.toml"
    text = find_scenario("everything").read_text(encoding="utf-8")
    file.write_text(re.sub(r"(?m)^seed = \d+$", f"seed = {seed}", text), encoding="utf-8")
    return file


def witness_of(folder: Path, scenario: Path | None) -> Witness:
    """Who sees the replica as it is under a scenario that began with the drill."""
    registry = load_registry(Settings(home=folder))
    return Witness(registry, read_scenario(scenario, NOW) if scenario else Scenario(), SINCE)


def plan_of(witness: Witness, scenario: Path | None, seed: int, visits: int, accounts: int, blows: int) -> Plan:
    """A plan by a seed: which accounts are visited when, and what strikes."""
    chance = random.Random(seed)
    moments = [NOW]
    for number in range(1, visits):
        # The second visit meets accounts that vanish for three hours.
        moments.append(moments[-1] + timedelta(hours=3.5 if number == 1 else chance.uniform(2, 14)))
    struck = chance.sample(range(visits), min(blows, visits)) if scenario else []
    kinds = [(chance.uniform(*LIFE_S), BLOWS[number % len(BLOWS)]) for number in range(len(struck))]
    dies = {number: chance.uniform(*LIFE_S) for number in chance.sample(range(visits), len(struck) // 2)}
    cast = witness.cast(chance, accounts, moments)
    return Plan(cast, moments, scenario, dict(zip(struck, kinds, strict=True)), dies)


def campaign(folder: Path, kafka: KafkaProcess, browser: Path, plan: Plan, witness: Witness) -> Result:
    """Carry a plan out with an empty broker; then compare what is held and what the receipts say with what was seen."""
    options = ("--scenario", str(plan.scenario)) if plan.scenario else ()
    lanes = LANES if plan.scenario else []
    with (
        ClickHouseProcess(folder / "clickhouse") as database,
        staged(folder / "stage", kafka, browser, *options, render_timeout_s=15, lanes=lanes) as stage,
    ):
        settings = stage.settings.model_copy(update={"clickhouse": ClickHouse(url=database.url)})
        client = connect(settings)
        migrate.apply(client, settings)
        loader = loader_process(folder / "loader", kafka.servers, database.url).start()
        try:
            blows, wrong = _visit(stage, plan, loader)
            broken = _break_some(kafka.servers)
            sent = {kind: places - broken for kind, places in published(kafka.servers).items()} | {INVALID: broken}
            wait_until(lambda: caught_up(client, sent), CATCH_UP_S)
            if loader.stop() != 0:
                wrong.append(f"the loader failed: {loader.words()}")
            wrong += differences(client, sent)
            receipts = statements(client, plan.accounts)
            wrong += _without_receipt(plan, receipts)
            account = _settled(client, plan, witness, receipts)
            texts = list(left_behind(kafka.servers, client, [stage.folder, folder / "loader"]))
            faults = stage.replica.faults() if plan.scenario else []
            untrue = [] if plan.scenario else _untrue(client, stage)
        finally:
            if loader.exit_code() is None:
                loader.kill()
            client.close()
    wrong += [f"silent: {one}" for one in account.silent] + [f"false: {one}" for one in account.false]
    wrong += [f"{one} is named in {place}" for one, place in people_named(texts).items()]
    if plan.scenario is None:
        wrong += untrue
        wrong += [f"missing in peace: {count} × {reason}" for reason, count in account.named.items()]
        wrong += ["a visit in peace is not complete"] * (account.receipts - account.complete)
    if not account.captured.total():
        wrong.append("nothing is held at all")
    struck = (sum(fault["applied"] > 0 for fault in faults), len(faults))
    return Result(plan, account, blows, struck, len(texts), wrong)


def _visit(stage: Stage, plan: Plan, loader: ConsumerProcess) -> tuple[Counter[str], list[str]]:
    blows: Counter[str] = Counter()
    wrong: list[str] = []
    arguments = {**EVERYTHING, "accounts": ",".join(plan.accounts)}
    moments = track(plan.moments, plan.name, disable=not sys.stderr.isatty())
    for number, moment in enumerate(moments):
        stage.jump(moment, plan.speed if plan.scenario else 0)
        if number in plan.blows:
            life_s, blow = plan.blows[number]
            run = stage.start(Order("embassy", {**arguments, "cycle": f"{number}-struck"}))
            is_there = run.lives(life_s)
            blow(run)
            run.end()
            blows[blow.__name__ if is_there else "too late"] += 1
        run = stage.start(Order("embassy", {**arguments, "cycle": f"{number}"}))
        if number in plan.loader_dies:
            run.lives(plan.loader_dies[number])
            loader.kill()
            loader.start()
            blows["loader_killed"] += 1
        if run.end() is None:
            wrong.append(f"the run {number} broke off")
    return blows, wrong


def _break_some(servers: list[str]) -> set[Place]:
    """Send halves of messages that are there once more, and return where they stand."""
    comments = [record for record in every_record(servers) if record.topic == COMMENTS.name][:BROKEN]
    producer = producing(servers)
    futures = [
        producer.send(one.topic, key=one.key, value=one.value[: len(one.value) // 2], headers=list(one.headers))
        for one in comments
    ]
    places = [future.get(timeout=60) for future in futures]
    close(producer)
    return {(place.topic, place.partition, place.offset) for place in places}


def _untrue(client: Client, stage: Stage) -> list[str]:
    """Rows that are not the replica's truth of their moment, which stood still."""
    port = urlsplit(stage.replica.control).port or 0
    served = stage.settings.stack.model_copy(update={"replica_control_port": port})
    truth = Truth(stage.settings.model_copy(update={"stack": served}))
    rows = (row for compare in KINDS.values() for row in compare(client, truth))
    return [f"not the truth: {' '.join(difference)}" for differences in rows for difference in differences]


def _without_receipt(plan: Plan, receipts: Sequence[Statement]) -> list[str]:
    """Visits of runs that nobody struck and that left no receipt."""
    there = {(receipt.account, receipt.cycle) for receipt in receipts}
    planned = {(account_id, str(number)) for account_id in plan.accounts for number in range(len(plan.moments))}
    return [f"{account_id} {cycle}: there is no receipt" for account_id, cycle in sorted(planned - there)]


def _settled(client: Client, plan: Plan, witness: Witness, receipts: Sequence[Statement]) -> Account:
    truth: set[Item] = set()
    for account_id in plan.accounts:
        begun = [receipt.began for receipt in receipts if receipt.account == account_id]
        truth |= witness.ever(account_id, max(begun)) if begun else set()
    return settle([(receipt, witness.must(receipt)) for receipt in receipts], truth, held(client))


def show(result: Result, rows: int) -> None:
    """Print what is behind the line."""
    for reason, count in result.account.named.most_common():
        print(f"named as missing: {count:,} × {reason}")
    for item in result.account.unobservable[:rows]:
        print(f"unobservable, no visit could see it: {item.kind} {item.id} of {item.account}, under {item.post}")
    if len(result.account.unobservable) > rows:
        print(f"and {len(result.account.unobservable) - rows:,} more unobservable ones: --rows N")
    for sentence in result.wrong[:rows]:
        print(f"WRONG: {sentence}")


def main() -> int:
    """Run both halves, each with a broker and a database of its own; one line, and 0 where all is accounted for."""
    parser = argparse.ArgumentParser(prog="weiplomacy drill crawl", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of what strikes, whom, and when")
    parser.add_argument("--visits", type=int, default=12, help="to each account, under faults; three in peace")
    parser.add_argument("--accounts", type=int, default=6)
    parser.add_argument("--blows", type=int, default=8)
    parser.add_argument("--peaceful", action="store_true", help="the peaceful half alone")
    parser.add_argument("--faulty", action="store_true", help="the other half alone")
    parser.add_argument("--rows", type=int, default=20, help="lines about what is unobservable or wrong, at most")
    parser.add_argument("--keep", type=Path, help="an empty folder to work in, which stays")
    options = parser.parse_args()
    results = []
    for name in ("peace", "faults"):
        if options.faulty if name == "peace" else options.peaceful:
            continue
        with machinery(f"crawl-{name}", options.keep) as (folder, kafka, browser):
            scenario = scenario_of(folder, options.seed) if name == "faults" else None
            witness = witness_of(folder, scenario)
            visits = options.visits if scenario else 3
            plan = plan_of(witness, scenario, options.seed, visits, options.accounts, options.blows)
            results.append(campaign(folder, kafka, browser, plan, witness))
        show(results[-1], options.rows)
    print(f"seed {options.seed}: " + " | ".join(result.line() for result in results))
    return 1 if any(result.wrong for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
