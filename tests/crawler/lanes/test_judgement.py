"""What answers say of a lane."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from crawler.answers import Answer
from crawler.endpoints import Endpoint, profile_url, timeline_url
from crawler.lanes.judgement import of_page, retry_after_of
from crawler.signals import ResponseClass as R

NOW = datetime(2017, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "9" * 30}, None),
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": "Mon, 02 Jan 2017 00:02:00 GMT"}, 120),
        ({"retry-after": "Sun, 01 Jan 2017 00:00:00 GMT"}, 0),
        ({"retry-after": "Fri, 02 Jan 2026 00:02:00 GMT", "date": "Fri, 02 Jan 2026 00:00:30 GMT"}, 90),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: int | None) -> None:
    assert retry_after_of(headers, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def answer(url: str, document: object, status: int = 200) -> Answer:
    body = document if isinstance(document, str) else json.dumps(document)
    return Answer(url, status, {}, body.encode(), NOW)


PAGE = "https://m.weibo.cn/u/1743951792"
LOGIN = answer(timeline_url("1743951792"), {"ok": -100, "url": "https://passport.weibo.com/sso/signin"})
USER = {"id": 1743951792, "screen_name": "n", "followers_count": 3, "follow_count": 2, "statuses_count": 1}
PROFILE = answer(profile_url("1743951792"), {"ok": 1, "data": {"userInfo": USER}})


def test_a_page_is_judged_by_what_it_loaded() -> None:
    page = answer(PAGE, "<html></html>")
    good = [(Endpoint.PROFILE, PROFILE)]
    assert of_page(page, good).response_class is R.OK
    assert of_page(page, [*good, (Endpoint.TIMELINE, LOGIN)]).response_class is R.LOGIN_REQUIRED
    # A page that tries again and is answered has what it wants.
    again = answer(timeline_url("1743951792"), {"ok": 1, "data": {"cards": [], "next_cursor": -1}})
    tried = [*good, (Endpoint.TIMELINE, LOGIN), (Endpoint.TIMELINE, again)]
    assert of_page(page, tried).response_class is R.OK


def test_a_page_that_loaded_nothing_is_judged_by_itself() -> None:
    assert of_page(answer(PAGE, "<html></html>", 418), []).response_class is R.BLOCKED
    captcha = answer(PAGE, '<html><div class="geetest_panel"></div></html>')
    assert of_page(captcha, []).response_class is R.CHALLENGE
