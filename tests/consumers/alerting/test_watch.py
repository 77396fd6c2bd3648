"""Detectors and episodes together: an alert says all that a message needs, and a restart changes nothing."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from consumers.alerting.findings import Basis, Finding, Subject
from consumers.alerting.routing import decide
from consumers.alerting.told import Told
from consumers.alerting.watch import Watch
from consumers.alerting.watcher import Watcher
from consumers.alerting.watching import watch_of
from consumers.turns import State, StateRecordError
from schemas.alert_rules_file import parse
from schemas.alert_rules_writing import entry
from schemas.alerts import AlertBasis, AlertChanged
from schemas.events import AnyEvent, EngagementSample
from schemas.registry import load
from schemas.settings import Settings
from tests.consumers.alerting.test_terms import BEGIN, CONDOLENCES, HOUR, comment, usual, wave
from tests.schemas.examples import LANE, MOMENT, POST, RECEIPT, SAMPLE

HOLED = RECEIPT.model_copy(
    update={
        "observed_at": MOMENT,
        "stop_reason": "page_limit",
        "complete": False,
        "posts_captured": 1,
        "comments_captured": 0,
        "missing": RECEIPT.missing,
    }
)
"""A visit that read one thing of four."""


class Loud:
    """Finds something in every sample: its likes, in hundreds. Remembers how many it saw."""

    def __init__(self) -> None:
        self.seen = 0

    def feed(self, event: AnyEvent) -> Iterable[Finding]:
        if not isinstance(event, EngagementSample) or not isinstance(event.likes, int):
            return ()
        self.seen += 1
        return [
            Finding(
                "post_rise",
                Subject("post", event.post_id, event.account_id),
                event.observed_at,
                event.likes / 100,
                metric="likes",
                value=event.likes,
                expected=40,
                low=20,
                high=80,
                age_s=60,
                basis=Basis("type", self.seen, 2),
            )
        ]

    def dirty(self) -> list[str]:
        return ["seen"]

    def dump(self, key: str) -> State | None:
        return [self.seen]

    def load(self, key: str, value: State) -> None:
        (self.seen,) = value


def watch() -> Watch:
    return Watch({"loud": Loud()}, Watcher(lambda account_id: 3600), {"us-embassy": "1743951792"}, "weiplomacy/0")


def sample(minutes: int, likes: int) -> EngagementSample:
    moment = MOMENT + timedelta(minutes=minutes)
    return SAMPLE.model_copy(update={"observed_at": moment, "likes": likes, "post_id": POST.post_id})


def test_an_alert_says_all_that_a_message_needs() -> None:
    watching = watch()
    assert watching.feed(POST) == []
    assert watching.feed(HOLED) == []
    (started,) = watching.feed(sample(1, 150))
    assert started == AlertChanged(
        episode_id=f"post_rise:{POST.post_id}:2017-01-02T03:05:05.678Z",
        number=1,
        change="started",
        kind="post_rise",
        audience="press",
        severity="notice",
        subject="post",
        account_id="us-embassy",
        post_id=POST.post_id,
        started_at=MOMENT + timedelta(minutes=1),
        observed_at=MOMENT + timedelta(minutes=1),
        score=1.5,
        peak_score=1.5,
        peak_at=MOMENT + timedelta(minutes=1),
        metric="likes",
        value=150,
        expected=40,
        expected_low=20,
        expected_high=80,
        peak_value=150,
        age_s=60,
        basis=AlertBasis(kind="type", members=1, wanted=2),
        incomplete=True,
        coverage=0.25,
        words="新年快乐 [心] #中美关系# <script>",
        url=f"https://m.weibo.cn/status/{POST.post_id}",
        topics=("中美关系",),
        software="weiplomacy/0",
    )
    (escalated,) = watching.feed(sample(2, 500))
    assert (escalated.number, escalated.change, escalated.severity, escalated.before) == (
        2,
        "escalated",
        "critical",
        "notice",
    )


def test_the_watchers_own_troubles_are_for_ops_and_about_no_account() -> None:
    (paused,) = watch().feed(LANE)
    assert (paused.kind, paused.audience, paused.subject, paused.lane) == ("lanes_paused", "ops", "lane", "all")
    assert (paused.account_id, paused.url, paused.detail) == (None, None, LANE.reason)


def test_time_alone_tells_of_an_account_that_nobody_visits() -> None:
    watching = watch()
    for hours in (3, 2, 1, 0):
        watching.feed(HOLED.model_copy(update={"observed_at": MOMENT - timedelta(hours=hours)}))
    assert watching.tick(MOMENT + timedelta(hours=1)) == []
    (overdue,) = watching.tick(MOMENT + timedelta(hours=5))
    assert (overdue.kind, overdue.account_id, overdue.url) == (
        "account_overdue",
        "us-embassy",
        "https://m.weibo.cn/u/1743951792",
    )


def test_a_restart_anywhere_changes_nothing() -> None:
    events: list[Any] = [POST, HOLED, LANE, *(sample(minute, 90 + 60 * minute) for minute in range(12))]
    whole = watch()
    expected = [alert for event in events for alert in whole.feed(event)]
    assert len(expected) > 4
    found, kept = list[AlertChanged](), dict[str, State]()
    for event in events:
        again = watch()
        assert again.load(kept.items()) == []
        found += again.feed(event)
        for key, state in again.changed():
            if state is None:
                kept.pop(key, None)
            else:
                kept[key] = state
    assert found == expected


def test_what_other_software_remembered_is_told_and_left_alone() -> None:
    states: list[tuple[str, State]] = [("moods/x", [1]), ("detectors/seen", [["loud", [3]], ["mood", [1]]])]
    again = watch()
    assert again.load(states) == ["moods/x", "mood/seen"]
    (told,) = again.feed(sample(1, 150))
    assert told.basis is not None and told.basis.members == 4


def test_what_another_version_wrote_in_another_form_is_refused_by_name() -> None:
    settings = Settings(home=Path("/nonexistent"))
    registered = load(settings)
    whole = watch_of(settings, registered)
    samples = (sample(60 * hour, 10 * hour * hour) for hour in range(48))
    for event in (POST, RECEIPT, LANE, *usual(), *wave(CONDOLENCES), *samples):
        whole.feed(event)
    kept = {key: state for key, state in whole.changed() if state is not None}
    assert {key.partition("/")[0] for key in kept} == {"detectors", "watcher", "episodes", "words", "terms", "times"}
    for key in kept:
        with pytest.raises(StateRecordError, match=r"weibo\.alert-state holds under .* can't take up"):
            watch_of(settings, registered).load([(key, [None])])


class Waving(Loud):
    """Finds a wave over the account in each of its samples, and behind it the post; over all where it has no likes."""

    def feed(self, event: AnyEvent) -> Iterable[Finding]:
        if not isinstance(event, EngagementSample) or not isinstance(event.comments, int):
            return ()
        account = Subject("account", event.account_id, event.account_id)
        values: dict[str, Any] = {"at": event.observed_at, "score": event.comments / 100, "metric": "comments"}
        if event.likes is None:
            return [Finding("general_wave", Subject("all", "all"), **values)]
        return [Finding("account_wave", account, **values, value=event.comments, posts=(event.post_id,))]


EMBASSIES = tuple(one.id for one in load(Settings(home=Path("/nonexistent"))).accounts[:20])
RULES, _ = parse(
    '[[channel]]\nname = "press"\naddress = "mailto:a@example.org"\n'
    + entry("subscription", {"name": "s", "channels": ("press",), "at_most": "100/day"}),
    load(Settings(home=Path("/nonexistent"))),
)


def at_once(alerts: Iterable[AlertChanged]) -> list[AlertChanged]:
    """What a subscription to all is told at once."""
    told, found = Told(), []
    for alert in alerts:
        for decision in decide(RULES, alert, alert.observed_at, told):
            told.note(decision, alert, alert.observed_at)
            if decision.when == "now":
                found.append(alert)
    return found


def waved(events: Iterable[AnyEvent]) -> list[AlertChanged]:
    watching = Watch({"waving": Waving()}, Watcher(lambda account_id: 3600), {}, "weiplomacy/0")
    return [alert for event in events for alert in watching.feed(event)]


def rising(accounts: Sequence[str], topics: Sequence[str], score: int = 150) -> list[AnyEvent]:
    """Posts of accounts with one topic each, in turn, and the wave over each account, one every ten minutes."""
    events: list[AnyEvent] = []
    for place, account_id in enumerate(accounts):
        moment = BEGIN + HOUR + place * timedelta(minutes=10)
        values: dict[str, Any] = {"account_id": account_id, "post_id": str(9_000 + place), "observed_at": moment}
        tags = tuple(one for one in topics[place % len(topics) :][:1] if one)
        events.append(POST.model_copy(update={**values, "topics": tags}))
        events.append(SAMPLE.model_copy(update={**values, "comments": score, "likes": 1}))
    return events


def test_one_topic_that_hits_twenty_embassies_is_one_alert() -> None:
    alerts = waved(rising(EMBASSIES, ["佩雷斯逝世"]))
    (told,) = at_once(alerts)
    assert (told.account_id, told.topics, told.story) == (EMBASSIES[0], ("佩雷斯逝世",), None)
    assert told.behind == ("9000",), "the post of the first account"
    started = [alert for alert in alerts if alert.change == "started"]
    assert {alert.story for alert in started[1:]} == {told.episode_id}
    assert started[19].accounts == EMBASSIES
    updates = [alert for alert in alerts if alert.change == "updated"]
    assert [(alert.episode_id, len(alert.accounts), alert.value) for alert in updates] == [
        (told.episode_id, accounts, 150) for accounts in (3, 6, 12)
    ]


def test_two_topics_that_hit_twenty_embassies_in_turn_are_two_alerts() -> None:
    alerts = waved(rising(EMBASSIES, ["佩雷斯逝世", "签证新规"]))
    assert [alert.topics for alert in at_once(alerts)] == [("佩雷斯逝世",), ("签证新规",)]
    last = {alert.story: alert.accounts for alert in alerts if alert.accounts}
    assert sorted(last.values()) == sorted([EMBASSIES[::2], EMBASSIES[1::2]])


def test_a_graver_one_of_a_story_is_told_all_the_same() -> None:
    grave = rising(EMBASSIES[4:5], ["佩雷斯逝世"], score=900)
    alerts = waved([*rising(EMBASSIES[:4], ["佩雷斯逝世"]), *grave])
    assert [alert.account_id for alert in at_once(alerts)] == [EMBASSIES[0], EMBASSIES[4]]


@pytest.mark.parametrize("topics", [[""], ["甲", "乙", "丙"]])
def test_terms_of_comments_make_a_story_and_are_said(topics: list[str]) -> None:
    accounts = EMBASSIES[:3]
    comments = [one for account in accounts for one in (*usual(account), *wave(CONDOLENCES, account=account))]
    comments.sort(key=lambda one: one.observed_at)
    everybody = SAMPLE.model_copy(update={"comments": 150, "observed_at": BEGIN + 2 * HOUR})
    alerts = waved([*comments, *rising(accounts, topics), everybody])
    (told,) = at_once(alerts)
    assert told.terms[:2] == ("[蜡烛]", "一路走好")
    (general,) = [alert for alert in alerts if alert.kind == "general_wave"]
    assert (general.story, general.accounts) == (told.episode_id, accounts)
    assert set(general.terms) >= {"[蜡烛]", "一路走好"}


def test_without_topics_and_terms_accounts_are_a_story_by_time_as_the_third_one_says() -> None:
    alerts = waved(rising(EMBASSIES, [""]))
    assert [len(alert.accounts) for alert in at_once(alerts)] == [0, 0, 3]


def test_comments_alone_find_nothing_and_end_nothing() -> None:
    events = rising(EMBASSIES[:1], ["佩雷斯逝世"])
    late = comment(1, 1, 24 * 9, "你好", EMBASSIES[0])
    assert [alert.change for alert in waved([*events, late])] == ["started"]


def test_terms_and_stories_outlive_a_restart() -> None:
    events: list[AnyEvent] = [
        *sorted([*usual(EMBASSIES[0], 2), *wave(CONDOLENCES, 12, EMBASSIES[0])], key=lambda one: one.observed_at),
        *rising(EMBASSIES[:6], ["佩雷斯逝世", "签证新规"]),
    ]
    found, kept = list[AlertChanged](), dict[str, State]()
    for event in events:
        again = Watch({"waving": Waving()}, Watcher(lambda account_id: 3600), {}, "weiplomacy/0")
        assert again.load(kept.items()) == []
        found += again.feed(event)
        for key, state in again.changed():
            if state is None:
                kept.pop(key, None)
            else:
                kept[key] = state
    assert found == waved(events)
    assert found[0].terms
