"""What was applied to which request, and that the same requests meet the same faults."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.replica.faults.kinds import KINDS
from deploy.replica.server import Options, Replica
from tests.deploy.replica.conftest import MOMENT, write_clock
from tests.deploy.replica.faults.conftest import Controls
from tests.deploy.replica.guest import API, Guest

US = 1743951792
UIDS = (US, 2490644882, 1938487875, 2297867557)
CONFIG = f"{API}/api/config"


async def test_the_journal_names_the_request(guest: Guest, controls: Controls) -> None:
    [post] = (await controls.get("/truth/posts", uid=US, limit=1))["posts"]
    await controls.add("418", name="teapot", match={"endpoint": "extend"})
    await guest.get(f"{API}/statuses/extend?id={post['bid']}")
    [entry] = await controls.journal()
    assert entry.pop("session") not in ("", None)
    assert entry == {
        "number": 1,
        "at": MOMENT.isoformat(),
        "fault": "teapot",
        "kind": "418",
        "subject": None,
        "request": entry["request"],
        "method": "GET",
        "url": f"{API}/statuses/extend?id={post['bid']}",
        "endpoint": "extend",
        "uid": str(US),
        "mid": post["mid"],
        "session_number": 1,
        "address": "127.0.0.1",
    }


async def test_counts_match_what_the_visitor_met(guest: Guest, controls: Controls) -> None:
    await controls.add("418", match={"share": 0.4})
    await controls.add("432", match={"share": 0.4})
    await controls.add("slow", delay_ms=1, match={"share": 0.5})
    met = Counter([(await guest.get(CONFIG)).status for _ in range(60)])
    state = await controls.get("/faults")
    listed = {fault["name"]: fault for fault in state["faults"]}
    assert (listed["418"]["applied"], listed["432"]["applied"]) == (met[418], met[432])
    assert met[418] > met[432] > 0  # the first of the list goes before
    assert all(fault["matched"] == 60 for fault in listed.values())
    entries = await controls.journal()
    assert Counter(entry["kind"] for entry in entries) == await controls.applied()
    assert [entry["number"] for entry in entries] == list(range(1, len(entries) + 1))
    assert len({entry["request"] for entry in entries if entry["kind"] != "slow"}) == met[418] + met[432]


async def test_the_journal_is_read_on_from_a_number_or_a_moment(
    guest: Guest, controls: Controls, clock_file: Path
) -> None:
    await controls.add("418")
    for hours in range(4):
        write_clock(clock_file, MOMENT + timedelta(hours=hours))
        await guest.get(CONFIG)
    assert [entry["number"] for entry in await controls.journal(since=2)] == [3, 4]
    since = (MOMENT + timedelta(hours=3)).isoformat()
    assert [entry["number"] for entry in await controls.journal(since=since)] == [4]
    assert [entry["number"] for entry in await controls.journal(limit=1)] == [1]
    await controls.clear()
    assert await controls.applied() == {"418": 4}


async def test_faults_of_the_content_are_noted_with_what_they_changed(guest: Guest, controls: Controls) -> None:
    posts = (await controls.get("/truth/posts", uid=US, limit=5))["posts"]
    await controls.add("removed", match={"mid": posts[3]["mid"]})
    await controls.add("edited", match={"mid": posts[2]["mid"]})
    await guest.index(type="uid", value=US)
    assert await controls.journal() == []
    await guest.timeline(US)
    entries = await controls.journal()
    assert {(entry["kind"], entry["subject"]) for entry in entries} == {
        ("removed", f"mid:{posts[3]['mid']}"),
        ("edited", f"mid:{posts[2]['mid']}"),
    }
    assert len({entry["request"] for entry in entries}) == 1


def test_the_journal_is_bounded_and_its_counts_are_whole() -> None:
    from deploy.replica.exchange import Visit
    from deploy.replica.faults.asked import Asked
    from deploy.replica.faults.journal import Journal
    from deploy.replica.faults.scenario import scenario_of

    [fault] = scenario_of({"kind": "418"}, MOMENT).faults
    journal = Journal(most=10)
    visit = Visit("GET", "m.weibo.cn", "/", "x" * 5_000, MOMENT)
    asked = Asked("m.weibo.cn", "/", "page", None, None, "", "", "", "")
    for number in range(25):
        journal.note(fault, visit, asked, number, 0)
    state = journal.state()
    assert (state["oldest"], state["newest"]) == (16, 25)
    assert state["counts"] == [{"fault": "418", "kind": "418", "applied": 25}]
    assert len(journal.entries(0, None, 1_000)) == 10
    assert len(journal.entries(0, None, 1)[0]["url"]) == 500


def test_memories_forget_the_oldest() -> None:
    from deploy.replica.faults.memory import Memory

    memory: Memory[int, int] = Memory(int, most=3)
    for key in (1, 2, 3, 1, 4):
        memory[key] += 1
    assert len(memory) == 3
    assert memory[1] == 2
    assert memory[2] == 0


async def _visit(tmp_path: Path, seed: int, others: tuple[dict[str, Any], ...] = ()) -> list[tuple[str, int, str]]:
    """What faults strike in a row of requests to a new replica: the endpoint, which request, and the fault."""
    clock = tmp_path / "clock.json"
    write_clock(clock, MOMENT)
    replica = Replica(Options(tmp_path / "state", clock_file=clock))
    ports = await replica.start()
    try:
        async with aiohttp.ClientSession() as session, Guest(ports.proxy, replica.ca_file) as visitor:
            controls = Controls(session, ports.control)
            await visitor.pass_gate()
            await controls.post(
                {
                    "seed": seed,
                    "fault": [
                        *others,
                        {"kind": "418", "match": {"share": 0.3}},
                        {"kind": "likes-zero", "match": {"share": 0.5}},
                        {"kind": "removed", "match": {"share": 0.1}},
                        {"kind": "edited", "match": {"share": 0.1}},
                    ],
                }
            )
            for uid in UIDS:
                for page in range(1, 6):
                    await visitor.get(f"{API}/api/container/getIndex?containerid=107603{uid}&page={page}")
            found = await controls.journal()
            return [(entry["fault"], entry["request"], entry["subject"] or "") for entry in found]
    finally:
        await replica.stop()


async def test_the_same_seed_strikes_the_same_requests(tmp_path: Path) -> None:
    first = await _visit(tmp_path, 5)
    assert {fault for fault, _, _ in first} == {"418", "likes-zero", "removed", "edited"}
    assert await _visit(tmp_path, 5) == first
    other = await _visit(tmp_path, 6)
    assert [row for row in other if row[0] == "418"] != [row for row in first if row[0] == "418"]


async def test_other_faults_do_not_move_the_chances_of_one(tmp_path: Path) -> None:
    alone = await _visit(tmp_path, 5)
    struck = {request for fault, request, _ in alone if fault == "418"}
    teapots = await _visit(tmp_path, 5, ({"kind": "432", "match": {"share": 0.4}}, {"kind": "slow", "delay_ms": 1}))
    blocked = {request for fault, request, _ in teapots if fault == "432"}
    assert blocked
    assert {request for fault, request, _ in teapots if fault == "418"} == struck - blocked


@pytest.mark.parametrize("scenario", ["", "peaceful"])
async def test_without_faults_nothing_is_looked_at(
    tmp_path: Path, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deploy.replica.faults import layer

    monkeypatch.setattr(layer, "asked_of", lambda *_: pytest.fail("a fault layer that is idle looked at a visit"))
    replica = Replica(Options(tmp_path / "state", scenario=scenario))
    ports = await replica.start()
    try:
        async with Guest(ports.proxy, replica.ca_file) as visitor:
            await visitor.pass_gate()
            assert (await visitor.get(CONFIG)).status == 200
    finally:
        await replica.stop()


async def test_a_latency_may_be_an_option(tmp_path: Path) -> None:
    replica = Replica(Options(tmp_path / "state", scenario="peaceful", latency_ms=30))
    ports = await replica.start()
    try:
        async with aiohttp.ClientSession() as session:
            listed = await Controls(session, ports.control).get("/faults")
            assert (listed["latency_ms"], listed["faults"]) == (30, [])
            assert not replica.faults.is_idle
    finally:
        await replica.stop()


async def test_everything_at_once_leaves_the_truth_alone_and_lets_a_visitor_get_on(tmp_path: Path) -> None:
    clock = tmp_path / "clock.json"
    write_clock(clock, MOMENT)
    replica = Replica(Options(tmp_path / "state", clock_file=clock, scenario="everything"))
    ports = await replica.start()
    try:
        async with aiohttp.ClientSession() as session:
            controls = Controls(session, ports.control)
            truth = [await controls.get("/truth"), await controls.get("/truth/posts", uid=US, limit=200)]
            answered = await _persist(replica, ports.proxy)
            assert answered == 4 * 30
            assert [await controls.get("/truth"), await controls.get("/truth/posts", uid=US, limit=200)] == truth
            applied = await controls.applied()
            assert len(set(applied) & {kind.name for kind in KINDS.values() if kind.group == "block"}) >= 3
            assert {"removed", "edited", "session-limit"} <= set(applied)
    finally:
        await replica.stop()


async def _persist(replica: Replica, proxy: int) -> int:
    """Ask for 30 pages of four accounts, and again where there is no answer; how many were answered."""
    answered = 0
    async with Guest(proxy, replica.ca_file, patience_s=2) as visitor:
        await visitor.pass_gate()
        for uid in UIDS:
            for page in range(1, 31):
                url = f"{API}/api/container/getIndex?containerid=107603{uid}&page={page}"
                for _ in range(80):
                    if await _is_answered(visitor, url):
                        answered += 1
                        break
    return answered


async def _is_answered(visitor: Guest, url: str) -> bool:
    try:
        answer = await visitor.get(url)
        if answer.status == 432:
            visitor.forget()
            await visitor.pass_gate()
        return answer.status == 200 and answer.json is not None and answer.json.get("ok") == 1
    except (aiohttp.ClientError, ValueError, AssertionError, TimeoutError):
        return False
