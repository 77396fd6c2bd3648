"""Which lane takes a request, and when, with a clock that is turned by hand."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.lanes.dispatch import STEP_S, Dispatcher, Turn, Wish
from crawler.lanes.errors import (
    BudgetSpentError,
    ClockStandsStillError,
    LanesPausedError,
    NoOtherLaneError,
    RunStoppedError,
)
from crawler.lanes.lane import Lane
from crawler.signals import ResponseClass as R
from schemas.clock import Clock, FileClock, MachineClock, write_clock
from tests.crawler.lanes.hands import NOW, Hands, lane

PATIENCE = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


class Visit:
    """Something that a lane may stay with."""


async def ready(of: Lane, _: Wish) -> bool:
    """Probe by saying that all is well."""
    return of.health.state != "challenged" or of.probed(R.OK)


def dispatcher(clock: Clock, *lanes: Lane, patience: timedelta = PATIENCE) -> Dispatcher:
    return Dispatcher(lanes, clock, patience, ready, lambda: 0.5)


async def at_once(dispatch: Dispatcher, wish: Wish) -> Turn:
    return await asyncio.wait_for(dispatch.turn(wish), 1)


async def test_a_visit_stays_with_its_lane_and_visits_are_spread() -> None:
    clock = Hands()
    dispatch = dispatcher(clock, lane("a", clock, places=9), lane("b", clock, places=9))
    visits = Visit(), Visit()
    first = [(await at_once(dispatch, Wish(visit))).lane.name for visit in visits]
    assert first == ["a", "b"]
    for _ in range(3):
        assert [(await at_once(dispatch, Wish(visit))).lane.name for visit in visits] == first


async def test_another_session_can_be_demanded_and_does_not_move_the_visit() -> None:
    clock = Hands()
    dispatch = dispatcher(clock, lane("a", clock, places=9), lane("b", clock, places=9))
    visit = Visit()
    assert (await at_once(dispatch, Wish(visit))).lane.name == "a"
    assert (await at_once(dispatch, Wish(visit, other_than="a"))).lane.name == "b"
    assert (await at_once(dispatch, Wish(visit))).lane.name == "a"
    with pytest.raises(NoOtherLaneError, match="there is no other lane"):
        await dispatcher(clock, lane("a", clock)).turn(Wish(other_than="a"))


async def test_a_paused_lane_gives_its_visits_and_who_waits_to_the_others() -> None:
    clock = Hands()
    a, b = lane("a", clock), lane("b", clock)
    dispatch = dispatcher(clock, a, b)
    visit = Visit()
    turn = await at_once(dispatch, Wish(visit))
    waiting = asyncio.create_task(dispatch.turn(Wish(visit)))
    await asyncio.sleep(0.01)
    assert turn.lane is a
    assert not waiting.done()
    a.answered(R.CHALLENGE, "a captcha")
    assert (await asyncio.wait_for(waiting, 1)).lane is b
    assert dispatch.can_take(Wish(visit))


async def test_one_request_at_a_time() -> None:
    clock = Hands()
    dispatch = dispatcher(clock, lane("a", clock))
    turn = await dispatch.turn(Wish())
    second = asyncio.create_task(dispatch.turn(Wish()))
    await asyncio.sleep(0.01)
    assert not second.done()
    turn.end()
    turn.end()
    await asyncio.wait_for(second, 1)
    third = asyncio.create_task(dispatch.turn(Wish()))
    await asyncio.sleep(0.01)
    assert not third.done(), "a turn that ends twice gives its place back once"
    third.cancel()


async def test_when_all_are_paused_for_too_long_the_error_says_which_and_why() -> None:
    clock = Hands()
    a, b = lane("a", clock), lane("b", clock)
    dispatch = dispatcher(clock, a, b, patience=timedelta(seconds=59))
    a.answered(R.BLOCKED, "status 429", pause=MINUTE)
    b.answered(R.CHALLENGE, "a captcha")
    assert not dispatch.can_take(Wish())
    with pytest.raises(LanesPausedError) as caught:
        await dispatch.turn(Wish())
    assert caught.value.response_class is R.BLOCKED
    assert caught.value.reason == "blocked"
    assert "a is challenged until 2017-01-02 00:01:00 UTC (blocked: status 429)" in str(caught.value)
    assert "b is challenged until 2017-01-02 00:30:00 UTC (challenge: a captcha)" in str(caught.value)


async def test_within_the_patience_it_waits_for_the_crawls_clock_and_probes() -> None:
    clock = Hands()
    a = lane("a", clock)
    dispatch = dispatcher(clock, a)
    a.answered(R.BLOCKED, "status 429", pause=MINUTE)
    assert dispatch.can_take(Wish())
    waiting = asyncio.create_task(dispatch.turn(Wish()))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    clock.shows += MINUTE
    assert (await asyncio.wait_for(waiting, 5)).lane is a
    assert a.health.state == "degraded"


async def test_a_dead_lane_is_not_waited_for() -> None:
    clock = Hands()
    a = lane("a", clock)
    while a.health.state != "dead":
        a.answered(R.BLOCKED, "status 418")
        clock.shows = a.health.resumes_at or clock.shows
    with pytest.raises(LanesPausedError, match="a is dead"):
        await dispatcher(clock, a).turn(Wish())


async def test_a_spent_day_is_named_and_another_lane_goes_on() -> None:
    clock = Hands()
    dispatch = dispatcher(clock, lane("a", clock, day=1), lane("b", clock, day=2))
    for expected in "abb":
        turn = await at_once(dispatch, Wish())
        assert turn.lane.name == expected
        turn.end()
    with pytest.raises(BudgetSpentError, match=r"the day's budget of a, b is spent until 2017-01-03") as caught:
        await dispatch.turn(Wish())
    assert (caught.value.response_class, caught.value.reason) == (None, "budget")


async def test_a_lane_whose_pause_is_over_is_probed_though_another_is_well() -> None:
    clock = Hands()
    a, b = lane("a", clock, places=9), lane("b", clock, places=9)
    asked: list[str] = []
    answer = asyncio.Event()

    async def slow(of: Lane, _: Wish) -> bool:
        asked.append(of.name)
        if of.health.state != "challenged":
            return True
        await answer.wait()
        return of.probed(R.OK)

    dispatch = Dispatcher([a, b], clock, PATIENCE, slow, lambda: 0.5)
    a.answered(R.BLOCKED, "status 429", pause=MINUTE)
    visit = Visit()
    assert (await at_once(dispatch, Wish(visit))).lane is b
    clock.shows += MINUTE
    probing = asyncio.create_task(dispatch.turn(Wish(Visit())))
    await asyncio.sleep(0.01)
    # One request is enough to probe it, and a visit stays where it is.
    for wish in (Wish(Visit()), Wish(visit)):
        assert (await at_once(dispatch, wish)).lane is b
    answer.set()
    assert (await asyncio.wait_for(probing, 1)).lane is a
    assert asked == ["b", "a", "b", "b"]


async def test_where_one_lane_has_spent_its_day_a_short_pause_of_the_other_is_waited_for() -> None:
    clock = Hands()
    a, b = lane("a", clock, day=1), lane("b", clock)
    dispatch = dispatcher(clock, a, b)
    (await at_once(dispatch, Wish())).end()
    b.answered(R.BLOCKED, "status 429", pause=MINUTE)
    assert dispatch.can_take(Wish())
    waiting = asyncio.create_task(dispatch.turn(Wish()))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    clock.shows += MINUTE
    (await asyncio.wait_for(waiting, 5)).end()
    # A longer one is not: the day is what is spent.
    b.answered(R.CHALLENGE, "a captcha")
    with pytest.raises(BudgetSpentError, match="the day's budget of a is spent"):
        await dispatch.turn(Wish())


async def test_delays_run_by_the_crawls_clock() -> None:
    clock = Hands()
    dispatch = dispatcher(clock, lane("a", clock, delay_s=5, places=2), patience=timedelta(0))
    await at_once(dispatch, Wish())
    second = asyncio.create_task(dispatch.turn(Wish()))
    await asyncio.sleep(0.01)
    assert not second.done()
    clock.shows = NOW + timedelta(seconds=6)
    await asyncio.sleep(2 * STEP_S)
    assert not second.done(), "at a jitter of a half, five seconds are 6.25"
    clock.shows = NOW + timedelta(seconds=6.25)
    await asyncio.wait_for(second, 5)


async def test_a_fast_clock_makes_short_pauses(tmp_path: Path) -> None:
    write_clock(tmp_path / "clock.json", NOW, 10_000)
    clock = FileClock(tmp_path / "clock.json")
    a = lane("a", clock)
    a.answered(R.CHALLENGE, "half an hour is 180 ms")
    assert (await asyncio.wait_for(dispatcher(clock, a, patience=timedelta(hours=1)).turn(Wish()), 30)).lane is a


async def test_a_clock_that_stands_still_is_told_instead_of_waiting_for_ever(tmp_path: Path) -> None:
    write_clock(tmp_path / "clock.json", NOW, 0)
    clock = FileClock(tmp_path / "clock.json")
    a = lane("a", clock, delay_s=5)
    dispatch = dispatcher(clock, a)
    (await at_once(dispatch, Wish())).end()
    with pytest.raises(ClockStandsStillError, match="the crawl's clock stands still"):
        await at_once(dispatch, Wish())
    a.answered(R.BLOCKED, "status 429", pause=MINUTE)
    assert not dispatch.can_take(Wish())
    with pytest.raises(LanesPausedError, match=r"\(blocked: status 429\); the crawl's clock stands still") as caught:
        await at_once(dispatch, Wish())
    assert caught.value.reason == "blocked"


async def test_who_waits_when_the_run_is_stopped_is_told() -> None:
    clock = MachineClock()
    dispatch = dispatcher(clock, lane("a", clock))
    await dispatch.turn(Wish())
    waiting = [asyncio.create_task(dispatch.turn(Wish())) for _ in range(3)]
    await asyncio.sleep(0.01)
    dispatch.stop()
    for result in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(result, RunStoppedError)
