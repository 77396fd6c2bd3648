"""Places at a lane."""

import asyncio

from crawler.lanes.turns import Turns


async def test_places_go_by_priority_then_by_arrival() -> None:
    turns, order = Turns(1), list[str]()

    async def go(name: str, priority: int) -> None:
        assert await turns.take(priority)
        order.append(name)
        await asyncio.sleep(0)
        turns.give_back()

    await asyncio.gather(*(go(name, priority) for name, priority in [("a", 0), ("b", 0), ("c", 9), ("d", 0)]))
    assert order == ["a", "c", "b", "d"]
    assert turns.load == 0


async def test_who_is_sent_away_has_no_place_and_who_gives_up_leaves_none_taken() -> None:
    turns = Turns(1)
    assert await turns.take()
    waiting, leaving = asyncio.create_task(turns.take()), asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    assert turns.load == 3
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    turns.send_away()
    assert await waiting is False
    turns.give_back()
    assert turns.load == 0
    assert await turns.take()
