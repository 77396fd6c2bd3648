"""None of the replica's people is in a quarantined body, whatever the drift did to the fields that name them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.answers import Answer
from crawler.classify import ResponseClass, classify
from crawler.endpoints import Endpoint, child_url, comments_show_url, hotflow_url
from crawler.parsing.context import Context, no_institutions
from crawler.people import Pseudonymiser
from crawler.quarantine import quarantined
from tests.deploy.replica.faults.conftest import Controls
from tests.deploy.replica.guest import Guest

UID = "1743951792"


def kept(url: str, text: str, endpoint: Endpoint) -> str:
    seen = datetime(2026, 11, 24, tzinfo=UTC)
    context = Context("us-embassy", UID, None, seen, Pseudonymiser(b"k" * 32), no_institutions)
    answer = Answer(url, 200, {}, text.encode(), seen)
    verdict = classify(answer, endpoint)
    return quarantined(answer, endpoint, ResponseClass.SCHEMA_DRIFT, verdict.reason, context).model_dump_json()


DRIFTS: list[dict[str, Any]] = [
    {},
    {"screen_name": "nick"},
    {"id": "number"},
    {"user": "author", "screen_name": "nick", "id": "number"},
    {"text": "content"},
    {"text": "content", "user": "by", "screen_name": "text"},
    {"profile_image_url": "face", "profile_url": "link"},
]


@pytest.mark.parametrize("renamed", DRIFTS, ids=lambda renamed: ",".join(renamed) or "none")
async def test_nobody_of_the_replica_is_left(guest: Guest, controls: Controls, renamed: dict[str, str]) -> None:
    posts = (await controls.get("/truth/posts", uid=UID, limit=40))["posts"]
    busy = sorted(posts, key=lambda post: post["comments"])[-3:]
    people: list[Any] = []
    for post in busy:
        people += (await controls.get("/truth/people", mid=post["mid"], limit=200))["people"]
    comments = (await guest.get(hotflow_url(busy[-1]["mid"]))).json["data"]["data"]
    root = max(comments, key=lambda row: row["total_number"])["id"]
    for number, (field, to) in enumerate(renamed.items()):
        await controls.add("renamed-field", name=f"f{number}", field=field, to=to)
    bodies, raw = [], ""
    urls = [(hotflow_url(post["mid"]), Endpoint.HOTFLOW) for post in busy]
    urls += [
        (comments_show_url(busy[-1]["mid"]), Endpoint.COMMENTS_SHOW),
        (child_url(str(root)), Endpoint.HOTFLOW_CHILD),
    ]
    for url, endpoint in urls:
        text = (await guest.get(url)).text
        raw += text
        bodies.append(kept(url, text, endpoint))
        bodies.append(kept(url, text[: len(text) // 2], endpoint))
        bodies.append(kept(url, f"<html><body>{text}</body></html>", endpoint))
    shown = [person for person in people if str(person["uid"]) in raw]
    assert len(shown) > 10
    assert any(person["screen_name"] in raw for person in shown)
    everything = "\n".join(bodies)
    for person in people:
        assert str(person["uid"]) not in everything
        assert person["screen_name"] not in everything
