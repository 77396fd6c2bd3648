"""Every kind of fault, through real answers of the replica, has the class that the crawler is to give it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.answers import Answer
from crawler.classify import Verdict, classify
from crawler.endpoints import Endpoint, endpoint_of, extend_url, hotflow_url, page_url, profile_url, timeline_url
from deploy.replica.faults.kinds import KINDS
from tests.deploy.replica.faults.conftest import Controls
from tests.deploy.replica.guest import API, Guest

SEEN = datetime(2026, 11, 24, tzinfo=UTC)
UID = "1743951792"
TIMELINE, PROFILE = timeline_url(UID), profile_url(UID)

BLOCKS = {
    "432": "visitor_gate",
    "418": "blocked",
    "414": "blocked",
    "403": "blocked",
    "403-login": "login_required",
    "429": "blocked",
    "login": "login_required",
    "login-older": "login_required",
    "relogin": "login_required",
    "login-page": "login_required",
    "gate": "visitor_gate",
    "captcha": "challenge",
    "captcha-json": "challenge",
    "empty": "suspiciously_empty",
    "session-ends": "visitor_gate",
    "session-limit": "blocked",
    "address-limit": "blocked",
    "server-error": "network_error",
    "loop": "network_error",
}
SETTINGS: dict[str, dict[str, Any]] = {
    "session-ends": {"requests": 0},
    "session-limit": {"requests": 1, "window_s": 600},
    "address-limit": {"requests": 1, "window_s": 600},
}
HALVED = {"truncated"}
DROPPED = {"reset", "cut", "hang"}
"""No whole answer comes: Scrapy raises, and the spider's errback has the class network_error."""
LATE = {"slow"}


async def ask(guest: Guest, url: str, endpoint: Endpoint | None = None) -> Verdict:
    kind = endpoint or endpoint_of(url)
    assert kind is not None
    got = await guest.get(url)
    headers = {name.lower(): value for name, value in got.headers.items()}
    return classify(Answer(got.url, got.status, headers, got.text.encode(), SEEN), kind)


async def ask_for_half(guest: Guest, url: str) -> Verdict:
    status, text = await guest.raw(url)
    kind = endpoint_of(url)
    assert kind is not None
    return classify(Answer(url, status, {}, text.encode(), SEEN), kind)


async def classes(guest: Guest, *urls: str) -> list[str]:
    return [(await ask(guest, url)).response_class.value for url in urls]


def test_every_kind_has_its_place_here() -> None:
    refusing = {kind.name for kind in KINDS.values() if kind.group in ("block", "session", "transport")}
    assert set(BLOCKS) | HALVED | DROPPED | LATE == refusing


@pytest.mark.parametrize("kind", BLOCKS)
async def test_a_block_has_its_class_wherever_it_strikes(guest: Guest, controls: Controls, kind: str) -> None:
    [post] = (await controls.get("/truth/posts", uid=UID, limit=1))["posts"]
    urls = [TIMELINE, hotflow_url(post["mid"])]
    if kind != "empty":
        urls += [PROFILE, f"{API}/statuses/show?id={post['mid']}", extend_url(post["mid"])]
    before = await classes(guest, *urls)
    assert set(before) <= {"ok", "end_of_list", "suspiciously_empty"}, before
    await controls.add(kind, **SETTINGS.get(kind, {}))
    if kind in ("session-limit", "address-limit"):
        await guest.get(TIMELINE)
    assert await classes(guest, *urls) == [BLOCKS[kind]] * len(urls)


@pytest.mark.parametrize("maker", ["geetest", "yidun"])
async def test_a_captcha_in_place_of_a_page(guest: Guest, controls: Controls, maker: str) -> None:
    await controls.add("captcha", maker=maker)
    assert (await ask(guest, page_url(UID), Endpoint.PAGE)).response_class == "challenge"


async def test_an_honest_list_ends_by_its_cursor(guest: Guest, controls: Controls) -> None:
    accounts = (await controls.get("/truth"))["accounts"]
    short = min((account for account in accounts if account["posts"] > 20), key=lambda account: account["posts"])
    first = url = last = timeline_url(str(short["uid"]))
    found = []
    while url:
        last, verdict = url, await ask(guest, url)
        found.append(verdict.response_class.value)
        since = verdict.data["data"]["cardlistInfo"].get("since_id") if verdict.data else None
        url = f"{first}&since_id={since}" if since else ""
    assert found == ["ok"] * (len(found) - 1) + ["end_of_list"]
    assert len(found) > 1
    # Behind the end there is an empty answer, which alone proves nothing.
    beyond = last.rpartition("=")[0] + "=1"
    assert await classes(guest, beyond) == ["suspiciously_empty"]


async def test_half_an_answer(guest: Guest, controls: Controls) -> None:
    await controls.add("truncated", part=0.7)
    for url in (TIMELINE, PROFILE, f"{API}/api/config"):
        assert (await ask_for_half(guest, url)).response_class == "network_error"


@pytest.mark.parametrize(
    ("reason", "answer", "expected", "words"),
    [
        ("author", "usual", "removed", "unknown"),
        ("author", "notice", "removed", "deleted_by_author"),
        ("complaints", "usual", "removed", "removed_by_platform"),
        ("half-year", "usual", "removed", "hidden"),
        ("permission", "usual", "removed", "hidden"),
    ],
)
async def test_a_removed_post_says_why(
    guest: Guest, controls: Controls, reason: str, answer: str, expected: str, words: str
) -> None:
    [post] = (await controls.get("/truth/posts", uid=UID, limit=1))["posts"]
    await controls.add("removed", match={"mid": post["mid"]}, reason=reason, answer=answer)
    verdict = await ask(guest, f"{API}/statuses/show?id={post['mid']}")
    assert verdict.response_class == expected
    assert f"({words})" in verdict.reason
    # The list goes on without it.
    assert await classes(guest, TIMELINE) == ["ok"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("empty", "suspiciously_empty"),
        ("banned", "account_gone"),
        ("closed", "account_gone"),
        ("at-risk", "account_gone"),
    ],
)
async def test_an_account_that_is_gone(guest: Guest, controls: Controls, form: str, expected: str) -> None:
    await controls.add("account-gone", match={"uid": int(UID)}, form=form)
    assert await classes(guest, PROFILE, TIMELINE) == [expected] * 2


@pytest.mark.parametrize("form", ["curated", "forbidden"])
async def test_closed_comments_are_empty_and_not_ended(guest: Guest, controls: Controls, form: str) -> None:
    posts = (await controls.get("/truth/posts", uid=UID, limit=10))["posts"]
    mid = next(post["mid"] for post in posts if post["comments"])
    await controls.add("comments-closed", match={"mid": mid}, form=form)
    assert await classes(guest, hotflow_url(mid)) == ["suspiciously_empty"]
