"""Answers of another shape: only that shape differs, and only where it is said."""

from typing import Any

from tests.deploy.replica.faults.conftest import Controls
from tests.deploy.replica.guest import API, Guest, posts_of

US = 1743951792


def walk(value: Any) -> list[dict[str, Any]]:
    """All objects of a document."""
    if isinstance(value, dict):
        return [value] + [found for entry in value.values() for found in walk(entry)]
    return [found for entry in value for found in walk(entry)] if isinstance(value, list) else []


async def test_a_renamed_field(guest: Guest, controls: Controls) -> None:
    peaceful = await guest.timeline(US)
    await controls.add("renamed-field", field="reposts_count", to="repost_total")
    drifted = await guest.timeline(US)
    assert not any("reposts_count" in found for found in walk(drifted))
    for found in walk(drifted):
        if "repost_total" in found:
            found["reposts_count"] = found.pop("repost_total")
    assert drifted == peaceful


async def test_all_likes_0(guest: Guest, controls: Controls) -> None:
    peaceful = posts_of(await guest.timeline(US))
    [mid] = [max(peaceful, key=lambda post: post["comments_count"])["mid"]]
    url = f"{API}/comments/hotflow?id={mid}&mid={mid}&max_id_type=0"
    comments = (await guest.get(url)).json["data"]["data"]
    await controls.add("likes-zero")
    posts = posts_of(await guest.timeline(US))
    assert sum(post["attitudes_count"] for post in peaceful) > 0
    assert [post["attitudes_count"] for post in posts] == [0] * len(posts)
    assert [post["comments_count"] for post in posts] == [post["comments_count"] for post in peaceful]
    assert {comment["like_count"] for comment in comments} != {"0"}
    assert {comment["like_count"] for comment in (await guest.get(url)).json["data"]["data"]} == {"0"}


async def test_a_list_as_an_object(guest: Guest, controls: Controls) -> None:
    peaceful = (await guest.timeline(US))["data"]["cards"]
    await controls.add("list-as-object")
    assert (await guest.timeline(US))["data"]["cards"] == {str(place): card for place, card in enumerate(peaceful)}
    await controls.clear()
    await controls.add("list-as-object", field="tabs")
    profile = (await guest.index(type="uid", value=US))["data"]
    assert list(profile["tabsInfo"]["tabs"]) == ["0", "1", "2", "3"]


async def test_a_counter_missing_on_most_posts(guest: Guest, controls: Controls) -> None:
    await controls.add("missing-counter", field="comments_count", of=0.7)
    pages = [posts_of(await guest.timeline(US, page=page)) for page in (1, 2, 3, 1)]
    missing = ["comments_count" not in post for page in pages[:3] for post in page]
    assert 0.5 < sum(missing) / len(missing) < 0.9
    assert pages[0] == pages[3]


async def test_a_missing_list(guest: Guest, controls: Controls) -> None:
    await controls.add("missing-list", match={"endpoint": "timeline"})
    assert set((await guest.timeline(US))["data"]) == {"cardlistInfo", "scheme", "showAppTips"}
    assert (await guest.index(type="uid", value=US))["data"]["tabsInfo"]


async def test_what_has_nothing_to_change_is_not_counted(guest: Guest, controls: Controls) -> None:
    await controls.add("missing-list", field="cards", match={"times": 1})
    await guest.get(f"{API}/api/config")
    await guest.get(f"{API}/u/{US}")
    assert await controls.applied() == {}
    assert "cards" not in (await guest.timeline(US))["data"]
    assert "cards" in (await guest.timeline(US))["data"]
