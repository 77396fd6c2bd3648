"""What answers say of a lane."""

import json
from datetime import UTC, datetime, timedelta

from crawler.answers import Answer
from crawler.classify import classify
from crawler.endpoints import Endpoint, profile_url, timeline_url
from crawler.lanes.judgement import Judgement, of_answer, of_page
from crawler.signals import ResponseClass as R

NOW = datetime(2017, 1, 2, tzinfo=UTC)


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


def test_a_refusal_says_how_long_the_lane_shall_wait_or_the_table_does() -> None:
    def judged(status: int, **headers: str) -> Judgement:
        refusal = Answer(timeline_url("1743951792"), status, headers, b"", NOW)
        return of_answer(refusal, classify(refusal, Endpoint.TIMELINE))

    assert judged(429, **{"retry-after": "7"}).retry_after == timedelta(seconds=7)
    assert (judged(429).retry_after, judged(429).pause) == (None, timedelta(minutes=1))
    assert judged(418).pause == timedelta(minutes=30)
