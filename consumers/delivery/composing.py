"""From a change of an episode to the message that a channel is given."""

from collections.abc import Mapping

from consumers.alerting.wording import worded
from consumers.delivery.message import MOST_CURVE_POINTS, Change, CurvePoints, Message, Severity
from consumers.delivery.safe_text import inert
from schemas.accounts import Account
from schemas.alert_rules import Language
from schemas.alerts import AlertChanged

#: What an older sender makes of a change or a severity that a newer alerter tells.
CHANGES: Mapping[str, Change] = {
    "started": "started",
    "escalated": "escalated",
    "updated": "updated",
    "ended": "ended",
}
#: The kinds of alerts that have a curve.
CURVED = frozenset(("post_rise", "account_wave", "country_wave", "general_wave", "followers_jump"))
SEVERITIES: Mapping[str, Severity] = {"notice": "notice", "warning": "warning", "critical": "critical"}


def composed(
    alert: AlertChanged,
    language: Language,
    accounts: Mapping[str, Account],
    previous: AlertChanged | None = None,
) -> Message:
    """The message of a change in a language; `previous` is what the receiver was told of the episode before."""
    words = worded(alert, language, accounts, previous)
    facts = "\n".join(f"- {inert(label)}: {inert(value)}" for label, value in words.facts)
    return Message(
        episode_id=alert.episode_id,
        number=alert.number,
        change=CHANGES.get(alert.change, "updated"),
        severity=SEVERITIES.get(alert.severity, "notice"),
        title=words.title,
        text=words.text,
        starts_at=alert.started_at,
        ends_at=alert.ended_at,
        language=language,
        markdown=f"**{inert(words.title)}**\n\n{inert(words.text)}\n\n{facts}",
        facts=words.facts,
        links=words.links,
        labels=labels_of(alert, accounts),
        curve=curve_of(alert),
        uncurved="" if alert.curve or alert.kind not in CURVED else "the change holds no curve",
    )


def curve_of(alert: AlertChanged) -> CurvePoints:
    """The newest points of its curve, so many at most."""
    return tuple(
        (point.age_s, point.value, point.low, point.expected, point.high) for point in alert.curve[-MOST_CURVE_POINTS:]
    )


def labels_of(alert: AlertChanged, accounts: Mapping[str, Account]) -> tuple[tuple[str, str], ...]:
    """What machines route by. The same for every change of an episode but `severity`, which may rise."""
    account = accounts.get(alert.account_id) if alert.account_id else None
    found = {
        "alertname": alert.kind,
        "audience": alert.audience,
        "severity": alert.severity,
        "account": alert.account_id,
        "country": alert.country or (account.country_code if account else None),
        "post": alert.post_id,
        "lane": alert.lane,
    }
    return tuple((name, value) for name, value in found.items() if value)
