"""Events that are dated far ahead: one of them changes no alert, and a crawl that stood still goes on."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.alerting.event_times import AHEAD, MOST_HELD, UNCONFIRMED, EventTimes
from consumers.alerting.watch import Watch
from consumers.alerting.watching import watch_of
from schemas import registry
from schemas.alerts import AlertChanged
from schemas.events import AnyEvent
from schemas.settings import Settings
from tests.consumers.alerting.accounts import BEGIN, HOUR, after, history, ordinary, sample
from tests.schemas.examples import LANE, RECEIPT, SNAPSHOT

HALF_AN_HOUR = timedelta(minutes=30)
SETTINGS = Settings()
REGISTRY = registry.load(SETTINGS)


def at(event: AnyEvent, moment: datetime, **more: str) -> AnyEvent:
    return event.model_copy(update={"observed_at": moment, **more})


def receipt(moment: datetime, account: str = "de") -> AnyEvent:
    return at(RECEIPT, moment, account_id=account)


START = datetime.fromtimestamp(BEGIN, UTC)
BROKEN = st.one_of(
    st.just(RECEIPT).map(lambda event: at(event, event.observed_at, account_id="de")),
    st.just(SNAPSHOT).map(lambda event: at(event, event.observed_at, account_id="fr")),
    st.sampled_from([sample(31, 0.0, BEGIN, 10, 10, 10), sample(4, 0.0, BEGIN, 999_999, 0, 0, "fr")]),
    st.just(LANE),
)


def stream() -> list[AnyEvent]:
    """Two accounts that are visited in turn; a post of each takes off, and has an alert that lasts."""
    calm = sorted([*history(12), *history(12, "fr", first=1_001)], key=lambda event: event.observed_at)
    begin = after(12)
    rising: list[AnyEvent] = []
    for hour in range(30):
        for post, account in ((31, "de"), (1_031, "fr")):
            rising.append(ordinary(post, begin, begin + (hour + 0.2) * HOUR, 2.0 + hour, account))
    return [*calm, *rising]


EVENTS = stream()


def told(events: list[AnyEvent]) -> list[AlertChanged]:
    watch = watch_of(SETTINGS, REGISTRY)
    return [alert for event in events for alert in watch.feed(event)]


EXPECTED = told(EVENTS)


@given(
    st.integers(1, len(EVENTS)),
    BROKEN,
    st.timedeltas(AHEAD + timedelta(minutes=1), timedelta(days=40_000)),
)
@settings(max_examples=8)
def test_one_event_that_is_dated_far_ahead_changes_no_alert(place: int, broken: AnyEvent, ahead: timedelta) -> None:
    front = max(event.observed_at for event in EVENTS[:place])
    assert {alert.change for alert in EXPECTED} >= {"started", "updated"}
    assert told([*EVENTS[:place], at(broken, front + ahead), *EVENTS[place:]]) == EXPECTED


def admitted(times: EventTimes, events: list[AnyEvent]) -> Iterator[AnyEvent]:
    for event in events:
        yield from times.admit(event)


def test_without_the_guard_it_would_change_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventTimes, "admit", lambda self, event: [event])
    place = len(EVENTS) - 20
    broken = at(EVENTS[place], EVENTS[place].observed_at + timedelta(days=1_000))
    assert told([*EVENTS[:place], broken, *EVENTS[place:]]) != EXPECTED


@pytest.mark.parametrize("gap", [timedelta(days=4), timedelta(days=400)])
def test_after_a_standstill_another_account_or_another_visit_confirms_and_nothing_is_lost(gap: timedelta) -> None:
    then = START + gap
    visit = [receipt(then + timedelta(seconds=second)) for second in range(0, 400, 100)]
    for confirming in (receipt(then + timedelta(minutes=8), "fr"), receipt(then + HALF_AN_HOUR)):
        times = EventTimes()
        before = list(admitted(times, [receipt(START), receipt(START, "fr")]))
        assert len(before) == 2
        assert list(admitted(times, visit)) == [], "one visit, however long, does not confirm itself"
        assert times.held == len(visit)
        assert times.admit(confirming) == [*visit, confirming]
        assert (times.held, times.refused) == (0, 0)
        assert times.admit(receipt(then + timedelta(hours=1))) != []


def test_lanes_confirm_nothing_and_are_let_go_with_what_is_confirmed() -> None:
    times, then = EventTimes(), START + timedelta(days=9)
    lane = at(LANE, then)
    assert times.admit(receipt(START)) != []
    assert list(admitted(times, [lane, at(LANE, then + HALF_AN_HOUR), receipt(then)])) == []
    assert times.admit(receipt(then, "fr"))[0] == lane
    assert times.held == 0


def test_what_nobody_confirmed_is_refused_once_the_others_went_on() -> None:
    times = EventTimes()
    broken = receipt(START + AHEAD + HALF_AN_HOUR)
    assert list(admitted(times, [receipt(START), broken])) == [receipt(START)]
    hours = UNCONFIRMED // timedelta(hours=1)
    normal = [receipt(START + timedelta(hours=hour)) for hour in range(1, hours + 1)]
    assert list(admitted(times, normal)) == normal
    assert (times.held, times.refused) == (0, 1)


def test_what_is_held_is_bounded() -> None:
    times = EventTimes()
    times.admit(receipt(START))
    for number in range(MOST_HELD + 5):
        assert times.admit(receipt(START + (number + 2) * 2 * AHEAD)) == []
    assert (times.held, times.refused) == (MOST_HELD, 5)


@given(st.lists(st.tuples(st.sampled_from(["de", "fr", ""]), st.integers(0, 600)), max_size=25), st.data())
def test_a_restart_changes_nothing(moves: list[tuple[str, int]], data: st.DataObject) -> None:
    events = [
        receipt(START + timedelta(hours=hours), account) if account else at(LANE, START + timedelta(hours=hours))
        for account, hours in moves
    ]
    cut = data.draw(st.integers(0, len(events)))
    plain, first, second = EventTimes(), EventTimes(), EventTimes()
    expected = list(admitted(plain, events))
    found = list(admitted(first, events[:cut]))
    for key in data.draw(st.permutations(first.dirty())):
        state = first.dump(key)
        if state is not None:
            second.load(key, json.loads(json.dumps(state)))
    found += admitted(second, events[cut:])
    assert found == expected
    assert (second.held, second.refused) == (plain.held, plain.refused)


def test_the_watch_takes_it_up_with_the_rest() -> None:
    first: Watch = watch_of(SETTINGS, REGISTRY)
    second: Watch = watch_of(SETTINGS, REGISTRY)
    first.feed(receipt(START))
    first.feed(receipt(START + timedelta(days=99)))
    assert second.load((key, state) for key, state in first.changed() if state is not None) == []
    assert second.times.held == 1
