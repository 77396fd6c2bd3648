"""A drifted schema of the replica is seen as drift, by name; the peaceful replica never is."""

from typing import Any

import pytest

from crawler.classify import Verdict
from crawler.endpoints import hotflow_url, profile_url, timeline_url
from tests.deploy.replica.faults.conftest import Controls
from tests.deploy.replica.faults.test_classes import TIMELINE, UID, ask
from tests.deploy.replica.guest import API, Guest


async def talked_about(controls: Controls) -> str:
    posts = (await controls.get("/truth/posts", uid=UID, limit=20))["posts"]
    return str(max(posts, key=lambda post: post["comments"])["mid"])


@pytest.mark.parametrize("era", ["2019", "2026"], indirect=True)
async def test_the_peaceful_replica_lost_nothing(guest: Guest, controls: Controls) -> None:
    accounts = (await controls.get("/truth"))["accounts"]
    seen: list[Verdict] = []
    for account in accounts:
        uid = str(account["uid"])
        seen.append(await ask(guest, profile_url(uid)))
        first = await ask(guest, timeline_url(uid))
        posts = (await controls.get("/truth/posts", uid=uid, limit=1))["posts"]
        seen += [first, await ask(guest, f"{API}/statuses/show?id={posts[0]['mid']}")]
        seen.append(await ask(guest, hotflow_url(posts[0]["mid"])))
        # Somewhere in the middle, and the oldest posts of all.
        pages = account["posts"] // 10
        seen += [await ask(guest, f"{timeline_url(uid)}&page={page}") for page in {pages // 2, pages} if page > 1]
    assert not [verdict.reason for verdict in seen if verdict.response_class == "schema_drift"]
    assert sum(verdict.coverage is not None for verdict in seen) > 3 * len(accounts)


@pytest.mark.parametrize(
    ("kind", "settings", "named"),
    [
        ("renamed-field", {}, "attitudes_count"),
        ("renamed-field", {"field": "reposts_count", "to": "repost_total"}, "reposts_count"),
        ("renamed-field", {"field": "text", "to": "content"}, "text"),
        ("likes-zero", {}, "attitudes_count is 0 on all"),
        ("missing-counter", {}, "comments_count"),
        ("missing-list", {}, "$.data.cards"),
    ],
)
async def test_a_drifted_timeline_is_drift_by_name(
    guest: Guest, controls: Controls, kind: str, settings: dict[str, Any], named: str
) -> None:
    await controls.add(kind, **settings)
    verdict = await ask(guest, TIMELINE)
    assert verdict.response_class == "schema_drift"
    assert named in verdict.reason


async def test_a_list_that_became_an_object_is_read_all_the_same(guest: Guest, controls: Controls) -> None:
    before = await ask(guest, TIMELINE)
    await controls.add("list-as-object")
    after = await ask(guest, TIMELINE)
    assert after.response_class == before.response_class == "ok"
    assert after.coverage == before.coverage


@pytest.mark.parametrize(
    ("kind", "settings", "named"),
    [
        ("renamed-field", {"field": "like_count", "to": "likes"}, "like_count"),
        ("renamed-field", {"field": "screen_name", "to": "nick"}, "user.screen_name"),
        ("list-as-object", {"field": "data"}, "no list of comments"),
        ("missing-list", {"field": "data"}, ""),
    ],
)
async def test_drifted_comments_are_drift(
    guest: Guest, controls: Controls, kind: str, settings: dict[str, Any], named: str
) -> None:
    url = hotflow_url(await talked_about(controls))
    assert (await ask(guest, url)).response_class in ("ok", "end_of_list")
    await controls.add(kind, **settings)
    verdict = await ask(guest, url)
    assert verdict.response_class == "schema_drift"
    assert named in verdict.reason


@pytest.mark.parametrize("field", ["followers_count", "screen_name", "statuses_count"])
async def test_a_drifted_profile_is_drift(guest: Guest, controls: Controls, field: str) -> None:
    await controls.add("renamed-field", field=field, to="x")
    verdict = await ask(guest, profile_url(UID))
    assert verdict.response_class == "schema_drift"
