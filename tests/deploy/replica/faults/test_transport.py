"""Transport: what a real client meets."""

import asyncio
import errno
import json

import aiohttp
import pytest

from tests.deploy.replica.conftest import MOMENT
from tests.deploy.replica.faults.conftest import Controls, Running
from tests.deploy.replica.guest import API, Guest

US = 1743951792
TIMELINE = f"{API}/api/container/getIndex?type=uid&value={US}&containerid=107603{US}"


async def test_half_a_page_is_an_error_of_the_body(guest: Guest, controls: Controls) -> None:
    await controls.add("cut", part=0.3, match={"times": 1})
    with pytest.raises(aiohttp.ClientPayloadError):
        await guest.get(TIMELINE)
    assert (await guest.get(TIMELINE)).json["ok"] == 1


async def test_a_block_is_not_damaged_as_well(guest: Guest, controls: Controls) -> None:
    await controls.add("cut")
    await controls.add("418")
    assert (await guest.get(TIMELINE)).status == 418
    assert await controls.applied() == {"418": 1}


async def test_half_a_document_is_a_whole_answer(guest: Guest, controls: Controls) -> None:
    whole = (await guest.get(TIMELINE)).text
    await controls.add("truncated", part=0.5)
    status, text = await guest.raw(TIMELINE)
    assert status == 200
    assert 0 < len(text) < len(whole)
    assert whole.startswith(text)
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


async def test_a_body_that_hangs_after_its_head(guest: Guest, controls: Controls) -> None:
    whole = (await guest.get(TIMELINE)).text.encode()
    await controls.add("hang", part=0.2)
    head, begun = await guest.head_then_nothing(TIMELINE, wait_s=0.4)
    assert int(head["Content-Length"]) == len(whole)
    assert whole.decode().startswith(begun)
    assert begun


async def test_no_head_at_all(guest: Guest, controls: Controls) -> None:
    await controls.add("hang", head=False)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4):
            await guest.get(TIMELINE)


async def test_a_hanging_answer_does_not_keep_the_replica(running: Running, guest: Guest, controls: Controls) -> None:
    await controls.add("hang", head=False)
    hanging = asyncio.create_task(guest.get(TIMELINE))
    for _ in range(500):
        if await controls.journal():
            break
        await asyncio.sleep(0.02)
    async with asyncio.timeout(20):
        await running[0].stop()
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_a_reset_reaches_the_client_as_one(guest: Guest, controls: Controls) -> None:
    # A kept connection may always have ended, so the client tries once more by itself.
    await controls.add("reset", match={"times": 2})
    with pytest.raises(aiohttp.ClientOSError) as broken:
        await guest.get(TIMELINE)
    assert broken.value.errno == errno.ECONNRESET
    assert (await guest.get(TIMELINE)).json["ok"] == 1


async def test_a_loop_never_ends(guest: Guest, controls: Controls) -> None:
    await controls.add("loop", match={"times": 1})
    with pytest.raises(aiohttp.TooManyRedirects):
        await guest.get(TIMELINE, follow=True)
    assert (await guest.get(TIMELINE, follow=True)).json["ok"] == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_errors_of_the_server(guest: Guest, controls: Controls, status: int) -> None:
    await controls.add("server-error", status=status)
    answer = await guest.get(TIMELINE)
    assert (answer.status, answer.json) == (status, None)


async def test_late_answers_add_up(guest: Guest, controls: Controls) -> None:
    loop = asyncio.get_running_loop()
    await controls.post({"latency_ms": 100})
    await controls.add("slow", delay_ms=150)
    await controls.add("slow", name="slower", delay_ms=50, jitter_ms=10)
    began = loop.time()
    assert (await guest.get(TIMELINE)).json["ok"] == 1
    # A lower bound: no machine is too slow for it.
    assert loop.time() - began >= 0.3
    assert (await controls.clear())["ended"] == 2
    assert (await controls.get("/faults"))["latency_ms"] == 0


async def test_a_compressed_answer_stays_one(guest: Guest, controls: Controls) -> None:
    await controls.add("likes-zero")
    answer = await guest.get(TIMELINE)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["X-Replica-Time"].startswith(MOMENT.isoformat()[:19])
