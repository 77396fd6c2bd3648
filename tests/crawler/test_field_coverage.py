"""Which fields an answer still has: drift is told by name, and honest answers are left alone."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict, classify
from crawler.endpoints import Endpoint
from crawler.field_coverage import ENOUGH, FieldHistory, coverage_of
from tests.crawler.test_recordings import RECORDINGS, STAR, TIMELINE, answer_of
from tests.crawler.test_signals import SEEN

READABLE = (ResponseClass.OK, ResponseClass.END_OF_LIST)


@pytest.fixture
def timeline(shared: Path) -> Any:
    return json.loads((shared / "weibo" / "m_getIndex_timeline_107603_2019.json").read_bytes())


def judged(document: Any, endpoint: Endpoint = Endpoint.TIMELINE, url: str = TIMELINE) -> Verdict:
    return classify(Answer(url, 200, {}, json.dumps(document).encode(), SEEN), endpoint)


def posts(document: Any) -> list[Any]:
    return [card["mblog"] for card in document["data"]["cards"] if "mblog" in card]


def test_recordings_lost_nothing(shared: Path) -> None:
    covered = 0
    for recording in RECORDINGS:
        verdict = classify(answer_of(recording, shared), recording.endpoint)
        if verdict.response_class in READABLE and verdict.coverage is not None:
            covered += 1
            assert verdict.coverage.lost() == ()
    assert covered >= 12


@pytest.mark.parametrize("field", ["attitudes_count", "reposts_count", "comments_count", "created_at", "user"])
@pytest.mark.parametrize("how", ["renamed", "missing on most", "null", "of another kind"])
def test_a_field_that_is_lost_is_drift_and_named(timeline: Any, field: str, how: str) -> None:
    for number, post in enumerate(posts(timeline)):
        if how == "renamed":
            post[f"new_{field}"] = post.pop(field)
        elif how == "missing on most" and number >= 4:
            del post[field]
        elif how == "null":
            post[field] = None
        elif how == "of another kind" and field not in ("created_at",):
            post[field] = [post[field]]
        elif how == "of another kind":
            del post[field]
    verdict = judged(timeline)
    assert (verdict.response_class, verdict.signal) == (ResponseClass.SCHEMA_DRIFT, "fields")
    assert field in verdict.reason
    assert verdict.data is None


def test_a_field_that_few_posts_lack_is_no_drift(timeline: Any) -> None:
    for post in posts(timeline)[:5]:
        del post["attitudes_count"]
    verdict = judged(timeline)
    assert verdict.response_class in READABLE
    assert verdict.coverage is not None
    assert verdict.coverage.states["attitudes_count", "absent"] == 5


def test_likes_that_are_all_0_are_drift_where_others_are_not(timeline: Any) -> None:
    for post in posts(timeline):
        post["attitudes_count"] = 0
    assert "attitudes_count is 0 on all" in judged(timeline).reason
    quiet = copy.deepcopy(timeline)
    for post in posts(quiet):
        post |= {"reposts_count": 2, "comments_count": 1}
    assert judged(quiet).response_class in READABLE
    old = copy.deepcopy(timeline)
    for post in posts(old):
        post["created_at"] = "2011-06-18"
    assert judged(old).response_class in READABLE
    posts(timeline)[3]["attitudes_count"] = 1
    assert judged(timeline).response_class in READABLE


def test_comments_that_are_all_0_may_be_honest(timeline: Any) -> None:
    for post in posts(timeline):
        post["comments_count"] = 0
    assert judged(timeline).response_class in READABLE


def test_a_notice_in_a_list_is_not_a_post_without_counters(timeline: Any) -> None:
    gone = {"id": "5", "text": "抱歉，此微博已被作者删除。", "deleted": "1", "user": None}
    for card in timeline["data"]["cards"][:9]:
        card["mblog"] = gone
    assert judged(timeline).response_class in READABLE


@pytest.mark.parametrize("field", ["screen_name", "id", "like_count", "text"])
def test_comments_lose_fields_too(shared: Path, field: str) -> None:
    document = json.loads((shared / "weibo" / "m_comments_hotflow_2019.json").read_bytes())
    url = "https://m.weibo.cn/comments/hotflow?id=4383183661430868"
    assert judged(document, Endpoint.HOTFLOW, url).response_class in READABLE
    for row in document["data"]["data"]:
        holder = row["user"] if field in ("screen_name", "id") else row
        holder["x"] = holder.pop(field)
        holder.pop("idstr", None)
    verdict = judged(document, Endpoint.HOTFLOW, url)
    assert verdict.response_class is ResponseClass.SCHEMA_DRIFT
    assert field in verdict.reason


@pytest.mark.parametrize("field", ["followers_count", "follow_count", "statuses_count"])
def test_a_profile_loses_its_figures(shared: Path, field: str) -> None:
    document = json.loads((shared / "weibo" / "m_getIndex_profile_2019.json").read_bytes())
    url = f"https://m.weibo.cn/api/container/getIndex?type=uid&value={STAR}"
    document["data"]["userInfo"]["x"] = document["data"]["userInfo"].pop(field)
    verdict = judged(document, Endpoint.PROFILE, url)
    assert verdict.response_class is ResponseClass.SCHEMA_DRIFT
    assert field in verdict.reason


def test_the_history_adds_up_and_hints_at_what_is_gone(timeline: Any) -> None:
    history = FieldHistory()
    whole = coverage_of(Endpoint.TIMELINE, timeline)
    for post in posts(timeline):
        del post["source"]
    without = coverage_of(Endpoint.TIMELINE, timeline)
    assert whole is not None
    assert without is not None
    for _ in range(ENOUGH // whole.objects):
        assert history.add(whole) == ()
    assert history.objects[Endpoint.TIMELINE] == ENOUGH
    assert history.states[Endpoint.TIMELINE, "source", "present"] == ENOUGH
    assert history.add(without) == ("source",)
    assert history.states[Endpoint.TIMELINE, "source", "absent"] == without.objects
    assert history.add(without) == ()  # it is not always there any more
