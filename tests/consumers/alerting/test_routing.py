"""Who is told of what and when: each reason to tell and not to tell, and what holds for any sequence of alerts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.alerting.routing import LATE, decide
from consumers.alerting.told import Told
from schemas.alert_rules_file import parse
from schemas.alert_rules_writing import entry
from schemas.alerts import AlertChanged
from schemas.registry import load
from schemas.settings import Settings

REGISTRY = load(Settings(home=Path("/nonexistent")))
NOON = datetime(2016, 9, 28, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHANNEL = '[[channel]]\nname = "press"\naddress = "mailto:a@example.org"\n'


def rules(more="", channel=CHANNEL, **values):
    """One subscription by one channel."""
    found, problems = parse(
        channel + entry("subscription", {"name": "s", "channels": ("press",), **values}) + more, REGISTRY
    )
    assert problems == ()
    return found


def alert(change="started", score=1.5, *, at=NOON, post="1", number=1, **values):
    """A change of a rise of a post of Israel's embassy."""
    grave = "critical" if score >= 4 else "warning" if score >= 2 else "notice"
    return AlertChanged(
        **{
            "episode_id": f"post_rise:{post}:x", "number": number, "change": change, "kind": "post_rise",
            "audience": "press", "severity": grave, "subject": "post", "account_id": "il-embassy", "post_id": post,
            "started_at": at, "observed_at": at, "score": score, "peak_score": score, "peak_at": at,
            "metric": "likes", "value": 10.0, "software": "0", **values,
        }
    )  # fmt: skip


def when(rule, one, told=None, now=None):
    """When the only channel is told, and why; noted."""
    told = Told() if told is None else told
    now = now or one.observed_at
    (decision,) = decide(rule, one, now, told)
    told.note(decision, one, now)
    assert decision.reason
    return decision.when, decision.reason


@pytest.mark.parametrize(
    ("values", "change", "expected", "reason"),
    [
        ({}, {}, "now", "the score 1.50 reaches the level 1"),
        ({"level": 2}, {}, "never", "the score 1.50 is below the level 2"),
        ({"level": 1.4}, {}, "now", "reaches the level 1.4"),
        ({"level": 2}, {"change": "updated", "score": 2.1}, "now", "reaches the level 2"),
        ({"about": "removals"}, {}, "never", "not about post_rise"),
        ({"about": "post_rise"}, {}, "now", "reaches"),
        ({}, {"kind": "lanes_paused", "audience": "ops"}, "never", "not about lanes_paused"),
        ({"about": "watcher"}, {"kind": "lanes_paused", "audience": "ops"}, "now", "reaches"),
        ({}, {"kind": "a_new_kind"}, "now", "reaches"),
        ({}, {"kind": "a_new_kind", "audience": "ops"}, "never", "not about a_new_kind"),
        ({"who": "DE"}, {}, "never", "concerns none of the accounts"),
        ({"who": "以色列"}, {}, "now", "reaches"),
        ({"metrics": "reposts"}, {}, "never", "not about likes"),
        ({"metrics": "reposts"}, {"metric": None}, "now", "reaches"),
        ({}, {"change": "ended"}, "never", "nothing was told of it before"),
        ({"quiet": "11:00-13:00"}, {}, "digest", "quiet hours (11:00-13:00, Asia/Shanghai), and it is below critical"),
        ({"quiet": "11:00-13:00"}, {"score": 4.0}, "now", "reaches"),
        ({"quiet": "11:00-13:00", "comes_through": "notice"}, {}, "now", "reaches"),
        ({"quiet": "11:00-13:00", "timezone": "Europe/Berlin"}, {}, "now", "reaches"),
    ],
)
def test_a_first_change(values, change, expected, reason):
    found, why = when(rules(**values), alert(**change))
    assert found == expected
    assert reason in why


def test_what_comes_late_is_no_news():
    assert when(rules(), alert(), now=NOON + LATE)[0] == "now"
    found, why = when(rules(), alert(score=9.0), now=NOON + LATE + HOUR)
    assert found == "digest"
    assert "7 hours after it was observed" in why


def test_an_episode_is_told_once_then_its_escalations_and_its_end():
    rule, told = rules(level=1.4), Told()
    story = [
        ("started", 1.2, "never"), ("updated", 1.5, "now"), ("updated", 1.9, "never"), ("escalated", 2.1, "now"),
        ("updated", 3.0, "never"), ("escalated", 4.4, "now"), ("started", 1.5, "never"), ("ended", 0.1, "now"),
    ]  # fmt: skip
    for number, (change, score, expected) in enumerate(story, 1):
        assert when(rule, alert(change, score, number=number, at=NOON + number * HOUR), told)[0] == expected, number


def test_follow_ups_are_as_asked_for():
    told = Told()
    assert when(rules(follow_ups=("updated",)), alert(), told)[0] == "now"
    for change, score, expected in (("updated", 1.7, "now"), ("escalated", 2.0, "never"), ("ended", 0.0, "never")):
        assert when(rules(follow_ups=("updated",)), alert(change, score), told)[0] == expected


def test_what_was_held_back_is_told_where_it_gets_graver_and_its_end_stays_in_the_digest():
    rule, told = rules(quiet="11:00-13:00"), Told()
    assert when(rule, alert(), told)[0] == "digest"
    later = NOON + 2 * HOUR
    assert when(rule, alert("updated", 1.9, at=later), told) == ("never", "it is in the digest already")
    assert when(rule, alert("ended", 0, at=later), told)[0] == "digest"
    assert when(rule, alert("escalated", 2, at=later), told) == ("now", "it is warning now")
    assert when(rule, alert("ended", 0, at=later), told)[0] == "now"


SILENCE = {"who": ("il-embassy",), "author": "press", "reason": "known", "until": NOON + HOUR}


def test_a_silence_says_by_whom_and_why_and_ends():
    rule = rules(entry("silence", SILENCE))
    assert when(rule, alert(score=9.0)) == ("never", "silenced by press until 2016-09-28 05:00 UTC: known")
    assert when(rule, alert(account_id="de-embassy"))[0] == "now"
    told = Told()
    assert when(rule, alert(), told)[0] == "never"
    assert when(rule, alert("escalated", 2.0, at=NOON + HOUR), told)[0] == "now", "silenced is not ended"
    told = Told()
    assert when(rules(), alert(), told)[0] == "now"
    assert when(rule, alert("escalated", 2.0), told)[0] == "never"
    assert when(rule, alert("ended", 0.0), told)[0] == "now", "of what was told nobody waits for the end"
    assert when(rules(entry("silence", {**SILENCE, "about": ("removals",)})), alert())[0] == "now"
    assert when(rules(entry("silence", {**SILENCE, "since": NOON + HOUR / 2})), alert())[0] == "now"


def test_the_accounts_episode_speaks_for_its_posts_where_it_was_told():
    muted = alert(muted_by="account_wave:il-embassy:x")
    assert when(rules(), muted)[0] == "now", "nobody told of the wave"
    told = Told()
    when(rules(), alert(kind="account_wave", episode_id="account_wave:il-embassy:x", post_id=None), told)
    assert when(rules(), muted, told) == ("never", "the episode account_wave:il-embassy:x speaks for it")


def test_a_story_is_told_once_and_again_where_it_is_graver():
    rule, told = rules(at_most="100/day"), Told()
    for post, story, score, expected in (
        ("1", None, 1.5, "now"), ("2", None, 1.5, "now"), ("3", "post_rise:1:x", 1.5, "now"),
        ("4", "post_rise:1:x", 1.5, "digest"), ("5", "post_rise:1:x", 2.5, "now"), ("6", "post_rise:1:x", 2, "digest"),
    ):  # fmt: skip
        assert when(rule, alert(score=score, post=post, story=story), told)[0] == expected, post


def test_at_most_counts_episodes_and_lets_the_graver_through():
    rule, told = rules(at_most="2/day"), Told()
    assert [when(rule, alert(post=post), told)[0] for post in "123"] == ["now", "now", "digest"]
    assert when(rule, alert("escalated", 2, post="1"), told)[0] == "now", "no new episode"
    assert when(rule, alert(score=2.0, post="4"), told)[0] == "digest", "a warning was told"
    assert when(rule, alert(score=4.0, post="5"), told)[0] == "now"
    assert when(rule, alert(score=4.0, post="6"), told) == ("digest", "3 were told within the last day: at most 2/day")
    assert when(rule, alert(post="7", at=NOON + 24 * HOUR), told)[0] == "now"


def test_at_most_counts_no_follow_ups():
    rule, told = rules(at_most="1/day"), Told()
    assert when(rule, alert(post="1"), told)[0] == "now"
    assert when(rule, alert(score=2.0, post="2"), told)[0] == "now"
    assert when(rule, alert("escalated", 2.0, post="1"), told)[0] == "now"
    assert when(rule, alert("ended", 0.0, post="1", at=NOON + 23 * HOUR), told)[0] == "now"
    assert when(rule, alert(post="3", at=NOON + 24 * HOUR), told)[0] == "now"


def test_the_cap_of_a_channel_counts_the_messages_of_all():
    more = entry("subscription", {"name": "t", "channels": ("press",), "language": "zh"})
    rule, told = rules(more, channel=CHANNEL + 'at_most = "3/hour"\n'), Told()
    first = decide(rule, alert(), NOON, told)
    assert [one.when for one in first] == ["now", "now"]
    for one in first:
        told.note(one, alert(), NOON)
    assert when(rules(channel=CHANNEL + 'at_most = "3/hour"\n'), alert(post="2"), told)[0] == "now"
    found, why = when(rules(channel=CHANNEL + 'at_most = "3/hour"\n'), alert(post="3", score=9.0), told)
    assert (found, why) == ("digest", "the channel press had its 3/hour")


def test_a_channel_hears_of_it_once():
    more = entry("subscription", {"name": "t", "channels": ("press",), "who": ("IL",)})
    first, second = decide(rules(more), alert(), NOON, Told())
    assert (first.when, second.when) == ("now", "never")
    assert second.reason == "the channel press hears of it by the subscription s"


STEPS = st.lists(
    st.tuples(
        st.sampled_from("12345678"),
        st.sampled_from(["started", "escalated", "updated", "ended"]),
        st.sampled_from([0.2, 1.0, 1.5, 2.0, 4.0]),
        st.integers(0, 30 * 3600),
        st.sampled_from([None, None, "post_rise:1:x"]),
    ),
    max_size=40,
)


@given(STEPS, st.integers(1, 3))
def test_caps_hold_ends_have_beginnings_and_a_restart_changes_nothing(steps, times):
    rule = rules(at_most=f"{times}/day", quiet="22:00-07:00", channel=CHANNEL + 'at_most = "6/day"\n')
    told, again = Told(), Told()
    now, first_told, messages, known = NOON, {}, [], set()
    for post, change, score, wait, story in steps:
        now += timedelta(seconds=wait)
        one = alert(change, score, post=post, at=now, story=story)
        (decision,) = decide(rule, one, now, told)
        assert (decision,) == decide(rule, one, now, again)
        if decision.when == "now":
            messages.append(now)
            if change == "ended":
                assert post in first_told
            first_told.setdefault(post, now)
        if decision.when != "never":
            assert change != "ended" or post in known
            known.add(post)
        told.note(decision, one, now)
        restarted = Told()
        state = {key: again.dump(key) for key in ("heard:s:press", "sent:press")}
        for key in told.dirty():
            state[key] = told.dump(key)
        for key, value in state.items():
            if value is not None:
                restarted.load(key, value)
        again = restarted
    for start in messages:
        assert sum(start <= at < start + 24 * HOUR for at in messages) <= 6
    for start in first_told.values():
        # Beside so many, one warning and one that is critical may come through.
        assert sum(start <= at < start + 24 * HOUR for at in first_told.values()) <= times + 2


def test_what_no_cap_looks_back_to_is_forgotten():
    told = Told()
    for day in range(100):
        when(rules(), alert(post=str(day), at=NOON + day * 24 * HOUR), told)
    assert len(told.dump("heard:s:press")) == 61
    assert len(told.dump("sent:press")) == 31
    assert told.dirty() == ["heard:s:press", "sent:press"]
    assert told.dirty() == []
