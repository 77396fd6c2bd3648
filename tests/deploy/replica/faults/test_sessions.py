"""Sessions that end, and limits."""

from datetime import timedelta
from pathlib import Path

from tests.deploy.replica.conftest import MOMENT, write_clock
from tests.deploy.replica.faults.conftest import Controls, Running
from tests.deploy.replica.guest import API, Guest

CONFIG = f"{API}/api/config"
PAGE = f"{API}/u/1743951792"


async def statuses(visitor: Guest, count: int, url: str = CONFIG) -> list[int]:
    return [(await visitor.get(url)).status for _ in range(count)]


async def test_a_session_ends_until_the_gate_is_passed_anew(guest: Guest, controls: Controls) -> None:
    await controls.add("session-ends", requests=3)
    assert await statuses(guest, 5) == [200, 200, 200, 432, 432]
    page = await guest.get(PAGE)
    assert page.status == 302
    assert page.headers["Location"].startswith("https://visitor.passport.weibo.cn/visitor/visitor?")
    await guest.pass_gate()
    assert await statuses(guest, 4) == [200, 200, 200, 432]
    [fault] = (await controls.get("/faults"))["faults"]
    assert fault["endpoints"] == {"config": 3, "page": 2}


async def test_a_dead_session_gets_no_other_identity(running: Running, guest: Guest, controls: Controls) -> None:
    replica, ports = running
    await controls.add("session-ends", requests=1, permanent=True)
    assert await statuses(guest, 3) == [200, 432, 432]
    identity = guest.cookies()["SUB"]
    refused = await guest.try_gate()
    assert '"retcode":20000000' not in refused
    assert guest.cookies()["SUB"] == identity
    async with Guest(ports.proxy, replica.ca_file) as another:
        await another.pass_gate()
        assert await statuses(another, 2) == [200, 432]


async def test_a_share_of_sessions_ends_and_so_many_at_most(running: Running, controls: Controls) -> None:
    replica, ports = running
    await controls.add("session-ends", requests=0, match={"share": 0.5, "times": 2})
    ended = []
    for _ in range(10):
        async with Guest(ports.proxy, replica.ca_file) as visitor:
            await visitor.pass_gate()
            ended.append((await statuses(visitor, 2)) == [432, 432])
    assert sum(ended) == 2
    assert not all(ended[:3])


async def test_a_limit_per_session(running: Running, guest: Guest, controls: Controls, clock_file: Path) -> None:
    replica, ports = running
    await controls.add("session-limit", requests=3, window_s=60, status=429, match={"endpoint": "config"})
    assert await statuses(guest, 5) == [200, 200, 200, 429, 429]
    assert (await guest.get(CONFIG)).headers["Retry-After"] == "60"
    assert (await guest.get(PAGE)).status == 200
    async with Guest(ports.proxy, replica.ca_file) as another:
        await another.pass_gate()
        assert await statuses(another, 1) == [200]
    write_clock(clock_file, MOMENT + timedelta(seconds=40))
    assert (await guest.get(CONFIG)).headers["Retry-After"] == "20"
    write_clock(clock_file, MOMENT + timedelta(seconds=60))
    assert await statuses(guest, 4) == [200, 200, 200, 429]


async def test_a_limit_per_address(running: Running, controls: Controls) -> None:
    replica, ports = running
    await controls.add("address-limit", requests=4, window_s=60, match={"times": 3, "endpoint": "config"})
    found = []
    for address in ("127.0.0.1", "127.0.0.1", "127.0.0.3"):
        async with Guest(ports.proxy, replica.ca_file, address) as visitor:
            await visitor.pass_gate()
            found.append(await statuses(visitor, 3))
    assert found == [[200, 200, 200], [200, 418, 418], [200, 200, 200]]
    entries = await controls.journal()
    assert {(entry["address"], entry["session_number"]) for entry in entries} == {("127.0.0.1", 2)}
