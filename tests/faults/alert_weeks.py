"""Two weeks of the replica's time with every labelled effect, through the whole chain: which alerts come, which don't.

weiplomacy drill alert-weeks [--days 14] [--accounts 10] [--speed 800]

The replica shows hits, waves, slow burners, comment wars, condolences, counters that fall, removals, edits, closed
comments, jumps of followers, accounts gone, renamed or silent (deploy/replica/effects.py), after a fifth of the time.
The crawl (browser, lanes, memory) reads it by its plan, its clock as fast; after three fifths of the time it is away
for eight hours and catches up.
Loader, alerter and sender are the processes of the stack, and a signed webhook takes what is told.

Whoever is told of something that the replica's truth has no label for was told in vain, unless it is true of the world
all the same: a post that is a hit by luck, an edit or a purge of likes that nobody labelled. At speed, seconds of the
machine are minutes of the replica: the visits' intervals are told beside the minutes to alert.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil
from pathlib import Path

from rich.console import Console
from rich.table import Table

from consumers.delivery.log import still_owed
from deploy.replica.effects import Effects, Span
from deploy.replica.server import EMBASSIES, SEED
from schemas import migrate
from schemas.alerts import AlertChanged
from schemas.clickhouse import connect
from schemas.registry import load as load_registry
from schemas.settings import ClickHouse, Settings
from tests.clickhouse_process import ClickHouseProcess
from tests.consumers.delivery.imitations.webhook import WebhookReceiver
from tests.faults import alert_chain
from tests.faults.alert_chain import RULES, SECRET, Chain, Course
from tests.faults.alert_labels import RISES, Found, Label, Looks, found, labels_of, part, unlabelled
from tests.faults.crawl_stage import machinery, staged
from tests.faults.exactness import caught_up, differences, published
from tests.kafka_process import KafkaProcess

END = datetime(2016, 10, 14, 12, tzinfo=UTC)
"""A day after Thailand's page began to fill with candles: they are among the effects of every span that ends here."""
QUIET_SHARE = 0.2
"""The first part of the time has no effects: the alerter learns what is usual."""
GAP_AT, GAP = 0.6, timedelta(hours=8)
PER_WEEK = 2.0
EVERY_MIN = 60.0
"""What every account is promised; the plan comes more often where requests are left."""
RECALL, FALSE_A_WEEK, WEEK_ACCOUNTS, INTERVALS = 0.95, 1.0, 48, 2


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how fast (times the machine's clock), whom, and how many requests a second of machine time."""

    days: float
    speed: float
    accounts: int
    per_second: float
    seed: int = SEED

    @property
    def course(self) -> Course:
        lasts = timedelta(days=self.days)
        away = END - lasts + GAP_AT * lasts
        return Course(END - lasts, away, away + GAP, END, self.speed)

    @property
    def span(self) -> Span:
        return Span(self.course.begin + QUIET_SHARE * timedelta(days=self.days), END, PER_WEEK)


@dataclass
class Result:
    """What a campaign found. `wrong` says what broke, `missed` which target is not reached."""

    plan: Plan
    accounts: Sequence[str]
    found: Sequence[Found]
    labels: int
    gaps: Sequence[float]
    false: Sequence[tuple[AlertChanged, str]]
    watcher: Counter[str]
    told: Counter[str]
    ways: Counter[str]
    repeated: int
    chain: Chain
    machine_s: float
    wrong: list[str]

    @property
    def musts(self) -> list[Found]:
        return [one for one in self.found if one.label.must]

    @property
    def in_vain(self) -> list[AlertChanged]:
        return [alert for alert, why in self.false if why == "false"]

    @property
    def missed(self) -> list[str]:
        musts, rises = self.musts, [one for one in self.musts if one.label.kind in RISES]
        recall = sum(one.alert is not None for one in musts) / len(musts) if musts else 1.0
        allowed = ceil(FALSE_A_WEEK * self.plan.days / 7 * len(self.accounts) / WEEK_ACCOUNTS)
        looks = part([one.looks for one in rises if one.alert], 0.5)
        missed = [] if musts else ["no label could be seen"]
        missed += [f"recall {recall:.3f}, {RECALL} wanted"] if recall < RECALL else []
        missed += [f"{len(self.in_vain)} false, {allowed} allowed"] if len(self.in_vain) > allowed else []
        missed += [f"{looks:.0f} looks until the alert, {INTERVALS} wanted"] if looks > INTERVALS else []
        return missed

    def line(self) -> str:
        musts = self.musts
        there = sum(one.alert is not None for one in musts)
        minutes = [one.minutes for one in musts if one.minutes is not None]
        faults = [*self.wrong, *self.missed]
        others = Counter(why for _, why in self.false if why != "false")
        more = "".join(f", {count} {why}" for why, count in sorted(others.items()))
        return (
            f"{self.plan.days:g} days of {len(self.accounts)} accounts at {self.plan.speed:g} times the clock in "
            f"{self.machine_s / 60:.0f} min: {there} of {len(musts)} labels found, {part(minutes, 0.5):.0f} min until "
            f"the alert (90 %: {part(minutes, 0.9):.0f}; visits every {part(self.gaps, 0.5):.0f}, 90 %: "
            f"{part(self.gaps, 0.9):.0f}), {len(self.in_vain)} false{more}, {sum(self.told.values())} messages, "
            f"{self.repeated} twice: {'every target reached' if not faults else 'MISSED: ' + '; '.join(faults)}"
        )


def cast(effects: Effects, ids: dict[str, str], number: int) -> list[str]:
    """So many accounts, by their ids in the registry: every kind of label is among theirs, as far as there is room."""
    of: dict[str, list[Label]] = {}
    for label in labels_of(effects.document(), ids):
        of.setdefault(label.account_id, []).append(label)
    chosen: list[str] = []
    while len(chosen) < min(number, len(of)):
        known = {label.kind for account_id in chosen for label in of[account_id] if label.must}
        left = sorted(set(of) - set(chosen))
        # Those that bring most kinds that nobody has yet, of these the ones with most labels.
        chosen.append(max(left, key=lambda one: (len({x.kind for x in of[one] if x.must} - known), len(of[one]))))
    return sorted(chosen)


def campaign(folder: Path, kafka: KafkaProcess, browser: Path, plan: Plan) -> Result:
    """Let the weeks pass; then compare."""
    began = time.monotonic()
    span, every = plan.span, {f"visit_every_{tier}_min": EVERY_MIN for tier in ("first", "normal", "last")}
    options = ("--effects", span.since.isoformat(), span.until.isoformat(), "--effects-per-week", str(PER_WEEK))
    ids = {one.uid: one.id for one in load_registry(Settings(home=folder)).accounts if one.uid}
    effects = Effects(EMBASSIES, plan.seed, span)
    accounts = cast(effects, ids, plan.accounts)
    crawl = {**every, "render_every_first_h": 24.0, "render_every_normal_h": 24.0, "render_every_last_h": 24.0}
    with (
        WebhookReceiver(SECRET) as press,
        WebhookReceiver(SECRET) as ops,
        ClickHouseProcess(folder / "clickhouse") as database,
        staged(
            folder / "stage", kafka, browser, *options, "--seed", str(plan.seed),
            delay_s=plan.speed / plan.per_second, render_cost=10, **crawl,
        ) as stage,
    ):  # fmt: skip
        stage.replica.jump(plan.course.begin)
        settings = stage.settings.model_copy(update={"clickhouse": ClickHouse(url=database.url)})
        client = connect(settings)
        migrate.apply(client, settings)
        rules = RULES.format(press=press.host, ops=ops.host)
        with alert_chain.consuming(folder, kafka, database.url, stage.replica.clock_file, rules, every) as parts:
            wrong = alert_chain.crawl(stage, plan.course, accounts, parts)
            wrong += alert_chain.catch_up(kafka, parts)
            sent = published(kafka.servers)
            alert_chain.comes_true(lambda: caught_up(client, sent))
            wrong += differences(client, sent)
            chosen = {uid: account_id for uid, account_id in ids.items() if account_id in accounts}
            labels = labels_of(stage.replica.truth("/effects"), chosen)
        client.close()
        chain = alert_chain.read(kafka)
        looks = Looks.of(chain.events)
        lost = [one for one in chain.deliveries if one.outcome == "dead"]
        owed = still_owed(chain.deliveries)
        wrong += [f"{len(lost)} messages were given up, such as {lost[0]}"] if lost else []
        wrong += [f"{len(owed)} messages are still owed"] if owed else []
        wrong += [f"the channel refused {len(one.refused)} messages" for one in (press, ops) if one.refused]
        alerts = [alert for alert in chain.alerts if alert.observed_at <= END]
        uids = {account_id: int(uid) for uid, account_id in ids.items() if uid}
        return Result(
            plan=plan,
            accounts=accounts,
            found=found(labels, alerts, looks, END),
            labels=len(labels),
            gaps=_gaps(looks, plan),
            false=[(alert, _why(effects, alert, uids)) for alert in unlabelled(labels, alerts)],
            watcher=Counter(one.kind for one in alerts if one.change == "started" and one.audience == "ops"),
            ways=alert_chain.ways(alerts, chain.deliveries),
            told=Counter({"press": len(press.taken), "ops": len(ops.taken)}),
            repeated=press.repeated + ops.repeated + _twice(press) + _twice(ops),
            chain=chain,
            machine_s=time.monotonic() - began,
            wrong=wrong,
        )


def _gaps(looks: Looks, plan: Plan) -> list[float]:
    """Minutes between two visits to an account, without the gap that was meant."""
    course = plan.course
    moments = (sorted(set(one)) for one in looks.visits.values())
    return [
        (after - before) / timedelta(minutes=1)
        for visits in moments
        for before, after in pairwise(visits)
        if before >= course.begin and not (before <= course.back and after >= course.away)
    ]


def _twice(hook: WebhookReceiver) -> int:
    """Changes of episodes that came under more than one id."""
    taken = Counter((one["data"]["episode_id"], one["data"]["number"]) for one in hook.taken)
    return sum(count - 1 for count in taken.values())


def _why(effects: Effects, alert: AlertChanged, uids: dict[str, int]) -> str:
    """What an alert without a label tells of: something true of the world, or nothing."""
    world = effects.stage.world
    account = world.account(uids.get(alert.account_id or "", 0))
    moment = alert.observed_at.timestamp()
    if account is None:
        return "false"
    post = world.find_post(int(alert.post_id), moment) if alert.post_id else None
    newest = account.published(moment) - 1
    posts = [post] if post else [world.post(account, newest - back) for back in range(min(10, newest + 1))]
    if alert.kind in ("post_rise", "account_wave") and any(effects.stage.ordinary(one).outstanding for one in posts):
        return "by luck"
    if alert.kind == "post_edited" and post and post.edited(moment):
        return "true, unlabelled"
    growth = effects.stage.ordinary(post).growth if post else None
    if alert.kind == "counts_lost" and growth and growth.purged and moment > growth.purged_at:
        return "true, unlabelled"
    return "false"


def show(result: Result, rows: int) -> None:
    """Print what is behind the line."""
    table = Table(title="Labels that could be seen", title_justify="left", box=None)
    for column in ("kind", "found", "below threefold", "minutes, median", "90 %", "looks, median", "90 %"):
        table.add_column(column, justify="left" if column == "kind" else "right")
    for kind in sorted({one.label.kind for one in result.found}):
        of = [one for one in result.found if one.label.kind == kind]
        musts, others = [one for one in of if one.label.must], [one for one in of if not one.label.must]
        minutes = [one.minutes for one in musts if one.minutes is not None]
        looks = [one.looks for one in musts if one.alert]
        counts = (f"{sum(one.alert is not None for one in some)} of {len(some)}" for some in (musts, others))
        times = (f"{part(some, share):.0f}" for some in (minutes, looks) for share in (0.5, 0.9))
        table.add_row(kind, *counts, *(times if minutes else ("",) * 4))
    Console(width=max(Console().width, 120)).print(table)
    for one in [one for one in result.musts if one.alert is None][:rows]:
        label = one.label
        print(
            f"missed: {label.kind} of {label.size:.1f}, {label.account_id} {label.post_id}, "
            f"{label.onset:%Y-%m-%d %H:%M}: {one.looks} looks"
        )
    for alert, why in result.false[:rows]:
        about = f"{alert.account_id} {alert.post_id or alert.country or ''}"
        print(
            f"{why}: {alert.kind} {about} {alert.observed_at:%Y-%m-%d %H:%M}, score {alert.score:.2f}, {alert.metric}"
        )
    chain = result.chain
    waits = (
        f"{part(some, 0.5):.2f} s (99 %: {part(some, 0.99):.2f}, most {max(some, default=0):.2f})"
        for some in (chain.alert_s, chain.delivered_s)
    )
    print("machine time from a sample in Kafka to its alert in Kafka {}, to its delivery {}".format(*waits))
    print(f"{result.labels} labels, {len(result.found)} could be seen; accounts: {', '.join(result.accounts)}")
    print(f"episodes {dict(result.ways)}; messages {dict(result.told)}; of the crawl itself {dict(result.watcher)}")


def main() -> int:
    """Run the weeks with a stack of their own; one line, and 0 where every target is reached."""
    parser = argparse.ArgumentParser(
        prog="weiplomacy drill alert-weeks", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--days", type=float, default=14, help="of the replica's time, 2 at least")
    parser.add_argument("--speed", type=float, default=800, help="of the replica's clock")
    parser.add_argument("--accounts", type=int, default=10)
    parser.add_argument("--per-second", type=float, default=8, help="requests a second of machine time, at most")
    parser.add_argument("--rows", type=int, default=20, help="lines about what is missed or false, at most")
    parser.add_argument("--keep", type=Path, help="an empty folder to work in, which stays")
    options = parser.parse_args()
    if options.days < 2:
        parser.error("--days: with fewer than 2 nothing is usual yet")
    plan = Plan(options.days, options.speed, options.accounts, options.per_second)
    with machinery("alert-weeks", options.keep) as (folder, kafka, browser):
        result = campaign(folder, kafka, browser, plan)
    show(result, options.rows)
    print(result.line())
    return 1 if result.wrong or result.missed else 0


if __name__ == "__main__":
    sys.exit(main())
