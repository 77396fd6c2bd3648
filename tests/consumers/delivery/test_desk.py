"""What the sender makes of changes by its rules: told at once, in the digest, or not at all; and after a restart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from consumers.delivery.channel import Traits
from consumers.delivery.composing import composed, labels_of
from consumers.delivery.desk import Desk
from consumers.delivery.digests import MOST, Digests, next_digest
from consumers.delivery.message import Message, Receipt
from consumers.delivery.rulebook import Rulebook
from consumers.turns import State, StateRecordError
from schemas import registry
from schemas.alert_rules import Rules, Subscription
from schemas.alert_rules_file import parse
from schemas.alerts import AlertChanged
from schemas.settings import Settings
from tests.consumers.delivery.examples import MESSAGE
from tests.schemas.examples import ALERT

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)  # in Beijing
NIGHT = datetime(2026, 3, 1, 16, tzinfo=UTC)
MACHINE = 1_700_000_000.0
ACCOUNTS = registry.load(Settings())
RULES = """
[[channel]]
name = "press"
address = "mailto:press@example.org?via=smtp://mail.example.org&from=alerts@example.org"
[[subscription]]
name = "us"
who = ["US"]
channels = ["press"]
quiet = "22:00-07:00"
[[silence]]
who = ["DE"]
author = "ops"
reason = "an exercise"
until = "2099-01-01"
"""


def rules(text: str = RULES) -> Rules:
    found, problems = parse(text, ACCOUNTS)
    assert not problems
    return found


def desk(text: str = RULES) -> Desk:
    made = Desk(ACCOUNTS.by_id, lambda: 0.5)
    made.follow(rules(text), {"press": Traits()}, MACHINE)
    return made


def alert(moment: datetime, number: int = 1, **more: Any) -> AlertChanged:
    fields = {"change": "started", "severity": "warning", "muted_by": None, "story": None, "number": number, **more}
    return ALERT.model_copy(update={"observed_at": moment, "started_at": moment, **fields})


def sent(one: Desk, now: float = MACHINE) -> list[Message]:
    """Everything that the desk gives its channel, delivered."""
    found = []
    while attempt := one.outbox.next("press", now):
        one.note(one.outbox.delivered("press", attempt, Receipt(), now))
        found.append(attempt.message)
    return found


def restarted(one: Desk, text: str = RULES) -> Desk:
    states = [(key, state) for key, state in one.changed() if state is not None]
    again = Desk(ACCOUNTS.by_id, lambda: 0.5)
    again.load(states)
    again.follow(rules(text), {"press": Traits()}, MACHINE)
    return again


def test_what_is_told_at_once_is_owed_and_logged() -> None:
    one = desk()
    (decision,) = one.take(alert(NOON), NOON, MACHINE)
    assert decision.when == "now"
    assert [(record.outcome, record.number) for record in one.records()] == [("owed", 1)]
    (message,) = sent(one)
    assert (message.episode_id, message.change, message.language) == (ALERT.episode_id, "started", "en")
    assert [record.outcome for record in one.records()] == ["delivered"]
    assert one.records() == []


def test_what_is_held_back_at_night_is_told_in_the_morning() -> None:
    one = desk()
    (decision,) = one.take(alert(NIGHT), NIGHT, MACHINE)
    assert decision.when == "digest"
    assert sent(one) == []
    one.tick(NIGHT + timedelta(hours=8, minutes=59), MACHINE)
    assert sent(one) == []
    one = restarted(one)
    one.tick(NIGHT + timedelta(hours=9), MACHINE)
    (message,) = sent(one)
    assert message.change == "digest"
    one.tick(NIGHT + timedelta(hours=33), MACHINE)
    assert sent(one) == [], "and once"


def test_a_restart_neither_forgets_nor_tells_again_what_is_owed() -> None:
    one = desk()
    one.take(alert(NOON), NOON, MACHINE)
    again = restarted(one)
    (message,) = sent(again)
    assert message.episode_id == ALERT.episode_id
    again.take(alert(NOON), NOON, MACHINE)
    assert sent(again) == [], "a change that is read again is no news"


def test_the_next_message_says_what_changed_since_the_last_one() -> None:
    one = desk()
    one.take(alert(NOON, value=100, severity="notice"), NOON, MACHINE)
    sent(one)
    one = restarted(one)
    later = NOON + timedelta(hours=1)
    one.take(alert(later, 2, change="escalated", value=4_321), later, MACHINE)
    (message,) = sent(one)
    assert "100" in message.text and "4,321" in message.text
    plain = composed(alert(later, 2, change="escalated", value=4_321), "en", ACCOUNTS.by_id)
    assert message.text != plain.text


def test_a_channel_that_the_rules_drop_owes_nothing_any_more_and_one_that_comes_back_begins_anew() -> None:
    one = desk()
    one.take(alert(NOON), NOON, MACHINE)
    one.records()
    one.follow(Rules(), {}, MACHINE)
    assert [(record.outcome, record.reason) for record in one.records()] == [("dead", "channel_gone")]
    assert one.outbox.channels == ()


def test_what_was_held_back_for_a_channel_that_is_gone_is_logged() -> None:
    one = desk()
    one.take(alert(NIGHT), NIGHT, MACHINE)
    one.follow(Rules(), {}, MACHINE)
    one.tick(NIGHT + timedelta(hours=9), MACHINE)
    (record,) = one.records()
    assert (record.outcome, record.reason, record.episode_id) == ("dead", "channel_gone", ALERT.episode_id)


def test_a_channel_that_can_not_be_opened_yet_owes_and_waits() -> None:
    one = Desk(ACCOUNTS.by_id, lambda: 0.5)
    one.follow(rules(), {}, MACHINE)
    one.take(alert(NOON), NOON, MACHINE)
    assert one.outbox.owes() == {("press", ALERT.episode_id, 1)}
    one.follow(rules(), {"press": Traits(digests=False)}, MACHINE)
    assert len(sent(one)) == 1


@pytest.mark.parametrize(
    ("zone", "at", "now", "due"),
    [
        ("Asia/Shanghai", "09:00", "2026-03-01T00:59:59+00:00", "2026-03-01T01:00:00+00:00"),
        ("Asia/Shanghai", "09:00", "2026-03-01T01:00:00+00:00", "2026-03-02T01:00:00+00:00"),
        # The night in which Berlin's clocks go forward.
        ("Europe/Berlin", "09:00", "2026-03-28T22:00:00+00:00", "2026-03-29T07:00:00+00:00"),
        ("Europe/Berlin", "02:30", "2026-03-28T22:00:00+00:00", "2026-03-29T01:30:00+00:00"),
    ],
)
def test_a_digest_is_due_at_its_time_of_day(zone: str, at: str, now: str, due: str) -> None:
    subscription = Subscription.model_validate({"name": "x", "channels": ["y"], "timezone": zone, "digest_at": at})
    assert next_digest(subscription, datetime.fromisoformat(now)) == datetime.fromisoformat(due)


def test_a_digest_holds_the_newest_change_of_each_episode_and_a_bounded_number() -> None:
    digests = Digests()
    (subscription,) = rules().subscriptions
    for episode in range(MOST + 3):
        left_out = digests.hold(subscription, "press", _message(str(episode), 1, f"<{episode}>"), NIGHT)
        assert (left_out.episode_id if left_out else None) == (str(episode - MOST) if episode >= MOST else None)
    digests.hold(subscription, "press", _message(str(MOST), 2, "the newest"), NIGHT)
    again = Digests()
    for key in digests.dirty():
        state: State | None = digests.dump(key)
        assert state is not None
        again.load(key, state)
    ((channel, messages),) = again.due(NIGHT + timedelta(days=1))
    assert channel == "press"
    assert len(messages) == MOST, "so many episodes"
    assert messages[0].title == "the newest"
    assert f"<{MOST}>" not in [message.title for message in messages]


def test_what_was_held_back_is_told_in_as_many_digests_as_the_channel_takes_whole() -> None:
    one = desk()
    one.follow(rules(), {"press": Traits(digest_most=2)}, MACHINE)
    for episode in range(5):
        one._digests.hold(rules().subscriptions[0], "press", _message(str(episode), 1, f"<{episode}>"), NIGHT)
    one.tick(NIGHT + timedelta(days=1), MACHINE)
    told = sent(one)
    assert [message.change for message in told] == ["digest"] * 3
    assert all(any(f"<{episode}>" in message.text for message in told) for episode in range(5))


def test_a_channel_that_keeps_what_stands_is_told_of_each() -> None:
    one = desk()
    one.follow(rules(), {"press": Traits(digests=False, repeat_s=60.0)}, MACHINE)
    for episode in range(3):
        one._digests.hold(rules().subscriptions[0], "press", _message(str(episode), 1, f"<{episode}>"), NIGHT)
    one.tick(NIGHT + timedelta(days=1), MACHINE)
    assert sorted(message.title for message in sent(one)) == ["<0>", "<1>", "<2>"]


def _message(episode: str, number: int, title: str) -> Message:

    return replace(MESSAGE, episode_id=episode, number=number, title=title)


def test_labels_are_what_machines_route_by() -> None:
    assert dict(labels_of(alert(NOON), ACCOUNTS.by_id)) == {
        "alertname": "post_rise",
        "audience": "press",
        "severity": "warning",
        "account": "us-embassy",
        "country": "US",
        "post": ALERT.post_id,
    }


def test_what_a_newer_alerter_tells_is_still_told() -> None:
    message = composed(alert(NOON, change="merged", severity="grave"), "zh", ACCOUNTS.by_id)
    assert (message.change, message.severity) == ("updated", "notice")


def test_rules_are_followed_while_they_are_edited_and_channels_opened_when_they_can_be(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    book = Rulebook(settings, ACCOUNTS)
    assert book.look(), "an empty book is a book"
    assert not book.look()
    assert "nobody has subscribed" in book.doing(0)
    token = tmp_path / "token"
    text = RULES.partition("[[silence]]")[0]
    robot = f'[[channel]]\nname = "robot"\naddress = "wecom://"\ntoken = "file:{token}"\n'
    more = '[[subscription]]\nname = "more"\nchannels = ["robot"]\n'
    settings.alert_rules_file.write_text(text + robot + more, encoding="utf-8")
    assert book.look()
    assert set(book.channels) == {"press"}
    assert "robot can't be opened" in book.doing(0) or "robot" in book.problem
    token.write_text("0123456789abcdef\n")
    assert book.look()
    assert set(book.channels) == {"press", "robot"}
    opened = book.channels["press"]
    assert not book.look()
    assert book.channels["press"] is opened, "what is open stays open"
    settings.alert_rules_file.write_text("[[channel]]\nname =", encoding="utf-8")
    assert not book.look()
    assert "wrong" in book.doing(0)
    assert set(book.channels) == {"press", "robot"}
    settings.alert_rules_file.write_text(text, encoding="utf-8")
    assert book.look()
    assert set(book.channels) == {"press"}
    assert book.doing(3) == "1 subscriptions, 1 channels, 3 messages owed"


def test_what_another_version_wrote_in_another_form_is_refused_by_name() -> None:
    one = desk()
    one.take(alert(NOON), NOON, MACHINE)
    one.take(alert(NIGHT, episode_id="another"), NIGHT, MACHINE)
    kept = {key for key, state in one.changed() if state is not None}
    assert {key.partition("/")[0] for key in kept} == {"told", "last", "digests", "outbox"}
    for key in kept:
        again = Desk(ACCOUNTS.by_id, lambda: 0.5)
        with pytest.raises(StateRecordError, match=r"weibo\.sender-state holds under .* can't take up"):
            again.load([(key, [None])])
            again.follow(rules(), {"press": Traits()}, MACHINE)
