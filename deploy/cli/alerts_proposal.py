"""What a new subscription would have told in the past, and the level at which it keeps to its cap."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from consumers.alerting.backtest import Fired, fired, level_for
from deploy.cli.alerts_backtest import LEARNING_DAYS, MOST_DAYS, replayed
from schemas import migrate
from schemas.alert_rules import Rules, Subscription
from schemas.alerts import AlertChanged
from schemas.clickhouse import connect, named
from schemas.registry import Registry
from schemas.settings import Settings

ANSWER_TIMEOUT_S = 30
FIRST = "SELECT min(observed_at), count() FROM weibo_store.engagement_samples WHERE via != 'import'"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A level, and what it would have told of a stretch of the past."""

    level: float
    since: datetime
    until: datetime
    fired: Sequence[Fired]
    episodes: int

    @property
    def days(self) -> float:
        return (self.until - self.since) / timedelta(days=1)

    @property
    def at_once(self) -> list[Fired]:
        """What would have been told at once."""
        return [one for one in self.fired if one.decision.when == "now"]


def proposal(settings: Settings, accounts: Registry, rules: Rules, name: str, now: datetime) -> Proposal | None:
    """What the subscription of that name would have told, at the level that keeps to its cap.

    At most 90 days back; None where nothing was observed yet. Raises what schemas.clickhouse and schemas.migrate raise.
    """
    begin = _begin(settings)
    if begin is None or begin >= now:
        return None
    begin = max(begin, now - timedelta(days=MOST_DAYS))
    learning = min(timedelta(days=LEARNING_DAYS), (now - begin) / 3)
    subscription = next(one for one in rules.subscriptions if one.name == name)
    who = () if subscription.subjects.everybody else tuple(sorted(subscription.subjects.accounts))
    alerts = replayed(settings, accounts, begin + learning, now, learning, who)
    level = level_for(alerts, subscription.at_most, lambda alert: _concerns(subscription, alert))
    alone = Rules((subscription.model_copy(update={"level": level}),), rules.channels)
    found = [one for one in fired(alone, alerts) if one.decision.subscription == name]
    concerned = {alert.episode_id for alert in alerts if _concerns(subscription, alert)}
    return Proposal(level, begin + learning, now, found, len(concerned))


def _concerns(subscription: Subscription, alert: AlertChanged) -> bool:
    metric = not subscription.metrics or alert.metric is None or alert.metric in subscription.metrics
    return metric and subscription.is_about(alert.kind, alert.audience) and subscription.subjects.concerned(alert)


def _begin(settings: Settings) -> datetime | None:
    with closing(connect(settings, ANSWER_TIMEOUT_S)) as client:
        migrate.require(client, settings)
        try:
            ((first, count),) = client.query(FIRST, tz_mode="aware").result_rows
        except (ClickHouseError, HTTPError, OSError) as error:
            raise named(error, settings) from error
    return first if count else None
