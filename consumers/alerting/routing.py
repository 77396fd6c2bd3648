"""Who is told of a change of an episode, by which channel and when. Pure: rules, what was told, and a moment in.

An episode is told to a subscription from the change on that reaches its level; after that its escalations and its end.
What is held back (quiet hours, caps, what comes late, further accounts of a story) goes into the digest; never more
than one reason is given, the first that speaks against it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from consumers.alerting.told import Decision, Heard, Told, When
from schemas.alert_rules import RANK, Channel, Rules, Silence, Subscription
from schemas.alerts import AlertChanged

#: What was observed longer ago is no news, such as after an outage.
LATE = timedelta(hours=6)

Verdict = tuple[When, str]


def decide(rules: Rules, alert: AlertChanged, now: datetime, told: Told) -> tuple[Decision, ...]:
    """A decision for each channel of each subscription. A channel that hears of it twice in a language hears it once.

    `now` is by the clock that the data are dated by, UTC. Nothing is noted: what is carried out is for `told.note`.
    """
    decisions = []
    speaking: dict[tuple[str, str], str] = {}
    for subscription in rules.subscriptions:
        for name in subscription.channels:
            channel = rules.channel(name)
            if channel is None:
                continue
            when, reason = matches(subscription, channel, rules.silences, alert, now, told)
            if when == "now":
                other = speaking.setdefault((name, subscription.language), subscription.name)
                if other != subscription.name:
                    when, reason = "never", f"the channel {name} hears of it by the subscription {other}"
            decisions.append(Decision(subscription.name, name, when, reason))
    return tuple(decisions)


def matches(
    subscription: Subscription,
    channel: Channel,
    silences: Iterable[Silence],
    alert: AlertChanged,
    now: datetime,
    told: Told,
) -> Verdict:
    """When a channel is told of an alert for a subscription, and why."""
    if reason := _foreign(subscription, alert):
        return "never", reason
    heard = told.of(subscription.name, channel.name, alert.episode_id)
    verdict = _follow_up(subscription, alert, heard) if heard else _beginning(subscription, alert)
    if verdict[0] != "now":
        return verdict
    if alert.change != "ended" and (silence := _silenced(silences, alert, now)):
        return "never", silence
    is_new = heard is None or heard.when != "now"
    for held in (
        _spoken_for(subscription, channel, alert, told) if alert.change != "ended" else None,
        _held_by_time(subscription, alert, now),
        _held_by_cap(subscription, channel, alert, now, told) if is_new else None,
        _held_by_channel(channel, now, told),
    ):
        if held:
            return held
    return verdict


def _foreign(subscription: Subscription, alert: AlertChanged) -> str | None:
    """Why an alert is none of a subscription's; None: it is."""
    if not subscription.is_about(alert.kind, alert.audience):
        return f"the subscription is not about {alert.kind}"
    if not subscription.subjects.concerned(alert):
        return "it concerns none of the accounts of the subscription"
    if subscription.metrics and alert.metric is not None and alert.metric not in subscription.metrics:
        return f"the subscription is not about {alert.metric}"
    return None


def _beginning(subscription: Subscription, alert: AlertChanged) -> Verdict:
    if alert.change == "ended":
        return "never", "nothing was told of it before, so that its end is none"
    if alert.score < subscription.level:
        return "never", f"the score {alert.score:.2f} is below the level {subscription.level:g}"
    return "now", f"the score {alert.score:.2f} reaches the level {subscription.level:g}"


def _follow_up(subscription: Subscription, alert: AlertChanged, heard: Heard) -> Verdict:
    graver = RANK.get(alert.severity, 0) > heard.rank
    if alert.change == "ended":
        if "ended" not in subscription.follow_ups:
            return "never", "the subscription does not ask for ends"
        return ("now", "what was told is over") if heard.when == "now" else ("digest", "what was held back is over")
    if graver and (heard.when == "digest" or "escalated" in subscription.follow_ups):
        return "now", f"it is {alert.severity} now"
    if heard.when == "digest":
        return "never", "it is in the digest already"
    if alert.change == "updated" and "updated" in subscription.follow_ups:
        return "now", "the subscription asks for updates"
    return "never", "it was told already, and is no graver"


def _silenced(silences: Iterable[Silence], alert: AlertChanged, now: datetime) -> str | None:
    for one in silences:
        if one.holds(now) and one.is_about(alert.kind, alert.audience) and one.subjects.covers(alert):
            return f"silenced by {one.author} until {one.until:%Y-%m-%d %H:%M} UTC: {one.reason}"
    return None


def _spoken_for(subscription: Subscription, channel: Channel, alert: AlertChanged, told: Told) -> Verdict | None:
    """Whether another episode that was told speaks for it: the account's, or the story that it belongs to.

    Of a story that is known to be about something, the first episode says so, and speaks for the others.
    """
    if alert.muted_by and told.of(subscription.name, channel.name, alert.muted_by):
        return "never", f"the episode {alert.muted_by} speaks for it"
    if alert.story is None or alert.story == alert.episode_id:
        return None
    story = told.of_story(subscription.name, channel.name, alert.story)
    if story is None and (alert.topics or alert.terms):
        story = told.of(subscription.name, channel.name, alert.story)
    if story and RANK.get(alert.severity, 0) <= story.rank:
        return "digest", f"its story was told: {alert.story}"
    return None


def _held_by_time(subscription: Subscription, alert: AlertChanged, now: datetime) -> Verdict | None:
    late = now - alert.observed_at
    if late > LATE:
        return "digest", f"it comes {late.total_seconds() / 3600:.0f} hours after it was observed: no news any more"
    quiet = subscription.quiet
    is_grave = RANK.get(alert.severity, 0) >= RANK[subscription.comes_through]
    if quiet and not is_grave and quiet.hold(now, subscription.timezone):
        return "digest", f"quiet hours ({quiet}, {subscription.timezone}), and it is below {subscription.comes_through}"
    return None


def _held_by_cap(
    subscription: Subscription, channel: Channel, alert: AlertChanged, now: datetime, told: Told
) -> Verdict | None:
    cap = subscription.at_most
    before = told.at_once(subscription.name, channel.name, now - cap.window)
    graver = all(RANK.get(alert.severity, 0) > heard.rank for heard in before)
    if len(before) < cap.times or graver:
        return None
    return "digest", f"{len(before)} were told within the last {cap.per}: at most {cap}"


def _held_by_channel(channel: Channel, now: datetime, told: Told) -> Verdict | None:
    cap = channel.at_most
    if cap is None or told.messages(channel.name, now - cap.window) < cap.times:
        return None
    return "digest", f"the channel {channel.name} had its {cap}"
