"""The answers under all faults of the content at once are, post by post, what `/faults/seen` says."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.replica.faults.scenario import Scenario, find_scenario, read_scenario
from tests.deploy.replica.conftest import MOMENT, write_clock
from tests.deploy.replica.faults.conftest import Controls, Running
from tests.deploy.replica.guest import API, Guest, posts_of

US = 1743951792
UIDS = (US, 2490644882, 1938487875, 2297867557, 5041530878)
PAGES = 8


@pytest.fixture
def at_work(running: Running, clock_file: Path) -> Scenario:
    """The faults of the content of everything.toml, eight hours after it was read."""
    everything = read_scenario(find_scenario("everything"), MOMENT)
    content = tuple(fault for fault in everything.faults if fault.kind.group == "content")
    scenario = Scenario(everything.seed, 0.0, content)
    running[0].faults.add(scenario, MOMENT)
    write_clock(clock_file, MOMENT + timedelta(hours=8))
    return scenario


async def pages_of(guest: Guest, uid: int, *, by_page: bool) -> list[list[dict[str, Any]]]:
    found, query = [], {}
    for page in range(1, PAGES + 1):
        answer = await guest.timeline(uid, **({"page": page} if by_page else query))
        found.append(posts_of(answer))
        query = {"since_id": answer["data"]["cardlistInfo"]["since_id"]} if not by_page else {}
    return found


@pytest.mark.parametrize("by_page", [True, False])
async def test_lists_are_what_is_seen(guest: Guest, controls: Controls, at_work: Scenario, by_page: bool) -> None:
    struck = set()
    for uid in UIDS:
        seen = await controls.get("/faults/seen", uid=uid)
        if not seen["visible"]:
            assert (await guest.timeline(uid))["ok"] == 0
            continue
        pages = await pages_of(guest, uid, by_page=by_page)
        on_top = [post["mid"] for post in pages[0] if post["mblogtype"] == 2]
        assert on_top == [seen["pinned"]] * bool(seen["pinned"])
        found = [post for page in pages for post in page if post["mblogtype"] != 2]
        rows = (await controls.get("/faults/seen/posts", uid=uid, limit=len(found) + 1))["posts"]
        rows = [row for row in rows if row["mid"] != seen["pinned"]][: len(found)]
        assert [post["mid"] for post in found] == [row["mid"] for row in rows]
        for post, row in zip(found, rows, strict=True):
            known = await controls.get("/faults/seen", mid=row["mid"])
            assert known["post"] == row
            assert {name: post[name] for name in known["shown"]} == known["shown"]
            assert post.get("edit_count", 0) == row["edits"]
            assert post["user"]["screen_name"] == seen["screen_name"]
            struck |= set(known["faults"])
    kinds = {fault.name: fault.kind.name for fault in at_work.faults}
    assert {"edited", "capped", "falling", "comments-closed"} <= {kinds[name] for name in struck}


async def test_every_written_post_is_listed_or_gone_for_a_named_reason(
    guest: Guest, controls: Controls, at_work: Scenario
) -> None:
    reasons = set()
    for uid in UIDS:
        if not (await controls.get("/faults/seen", uid=uid))["visible"]:
            continue
        listed = {post["mid"] for page in await pages_of(guest, uid, by_page=False) for post in page}
        oldest = min(listed, key=int) if len(listed) < 60 else sorted(listed, key=int)[1]
        for row in (await controls.get("/truth/posts", uid=uid, limit=200))["posts"]:
            if row["mid"] in listed or int(row["mid"]) < int(oldest):
                continue
            seen = await controls.get("/faults/seen", mid=row["mid"])
            assert not seen["visible"]
            reasons.add(seen["why"])
            shown = (await guest.get(f"{API}/statuses/show?id={row['mid']}")).json
            assert (shown["ok"] == 0) == (seen["notice"] is None)
    assert {"author", "complaints"} <= reasons
