"""Rows that every question is asked of: few enough to check an answer by hand.

Five accounts in December 2016, one post of each kind of fate. Moments are written in Beijing time, as people count.
"""

from datetime import datetime, timedelta, timezone
from typing import Any

from schemas.event_ids import content_version
from schemas.events import (
    AccountSnapshot,
    AnyEvent,
    Comment,
    CrawlReceipt,
    EngagementSample,
    PostRemoved,
    PostSeen,
    Repost,
)

BEIJING = timezone(timedelta(hours=8))
US, IL, FR, CA, CU = "us-embassy", "il-embassy", "fr-embassy", "ca-embassy", "cu-embassy"


def at(text: str) -> datetime:
    """A moment in Beijing time: `12-21 09:00` of 2016, or with its year."""
    return datetime.fromisoformat(text if len(text) > 11 else f"2016-{text}").replace(tzinfo=BEIJING)


def rounded(value: int, low: int, high: int) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "precision": "rounded", "raw": f"{value}"}


def snapshot(account: str, moment: str, followers: Any, **more: Any) -> AccountSnapshot:
    return AccountSnapshot.model_validate(
        {"account_id": account, "observed_at": at(moment), "followers": followers, "via": "profile", **more}
    )


def post(account: str, post_id: int, moment: str, text: str, **more: Any) -> PostSeen:
    values: dict[str, Any] = {
        "account_id": account, "post_id": str(post_id), "uid": "1", "created_at": at(moment), "text": text,
        "observed_at": at(moment) + timedelta(minutes=5), "text_truncated": False, "kind": "original",
        "format": "text", "content_version": content_version(text), "via": "timeline", **more,
    }  # fmt: skip
    return PostSeen.model_validate(values)


def sample(account: str, post_id: int, created: str, hours: float, *counts: Any) -> EngagementSample:
    """Reposts, comments, likes at an age in hours."""
    names = dict(zip(("reposts", "comments", "likes"), counts, strict=True))
    return EngagementSample.model_validate(
        {
            "account_id": account, "post_id": str(post_id), "created_at": at(created),
            "observed_at": at(created) + timedelta(hours=hours), "via": "timeline", **names,
        }
    )  # fmt: skip


def comment(comment_id: int, who: int, moment: str, text: str, **more: Any) -> Comment:
    """A comment under a post of the United States, 101 where nothing else is said; `who` is a person's number."""
    values: dict[str, Any] = {
        "account_id": US, "post_id": "101", "comment_id": str(comment_id), "author_key": f"{who:032x}",
        "created_at": at(moment), "observed_at": at(moment) + timedelta(hours=1), "text": text, "order": "hot",
        "content_version": content_version(text), **more,
    }  # fmt: skip
    return Comment.model_validate(values)


def receipt(account: str, moment: str, cycle: str, **more: Any) -> CrawlReceipt:
    values: dict[str, Any] = {
        "account_id": account, "observed_at": at(moment), "started_at": at(moment) - timedelta(minutes=1),
        "cycle": cycle, "spider": "embassy", "lane": "guest-1", "software": "0.1.0", "planned": 3, "fetched": 3,
        "published": {}, "acknowledged": {}, "responses": {"ok": 3}, "stop_reason": "caught_up", "complete": True,
        **more,
    }  # fmt: skip
    return CrawlReceipt.model_validate(values)


def listed(
    order: str, reported: int | None, shown: int | None, captured: int, ended_by: str, post_id: int = 101
) -> dict[str, Any]:
    return {
        "post_id": str(post_id), "order": order, "reported": reported, "listed": shown, "captured": captured,
        "pages": 1, "ended_by": ended_by,
    }  # fmt: skip


SNAPSHOTS = (
    snapshot(CA, "2015-06-30 12:00", 500, verified=True, verified_reason="加拿大大使馆"),
    snapshot(US, "2015-06-30 12:00", 400, verified=False, screen_name="美国大使馆", posts=40),
    snapshot(CU, "2015-06-30 12:00", rounded(20_000, 15_000, 24_999)),
    snapshot(CA, "12-31 12:00", 900, verified=True, verified_reason="加拿大驻华大使馆", posts=6_979),
    snapshot(US, "12-20 12:00", 980, verified=True, verified_type=1, screen_name="美国驻华大使馆", posts=44),
    # The V was gone for some days, within a month.
    snapshot(US, "12-25 12:00", None, verified=False),
    snapshot(US, "12-31 12:00", 1_000, verified=True, verified_type=1, screen_name="美国驻华大使馆", posts=45),
    snapshot(CU, "12-31 12:00", rounded(20_000, 15_000, 24_999)),
    snapshot(IL, "12-31 12:00", 2_000, printed_rank=1, posts=1),
)

POSTS = (
    post(US, 101, "12-20 09:30", "#中美关系# 新年", format="picture", topics=("中美关系",), bid="EoZkPAbcd"),
    PostRemoved(
        account_id=US, post_id="103", observed_at=at("12-24 08:00"), removal="hidden", notice="抱歉",
        first_missing_at=at("12-23 08:00"), confirmed_at=at("12-24 08:00"),
    ),
)  # fmt: skip

SAMPLES = (
    sample(US, 101, "12-20 09:30", 0.5, 1, 2, 3),
    sample(US, 101, "12-20 09:30", 2, 5, 20, 10),
    sample(US, 101, "12-20 09:30", 24, 10, 40, 20),
    sample(US, 103, "12-22 20:00", 1, 4, None, 11),
    sample(US, 103, "12-22 20:00", 3, 4, None, 6),
)

COMMENTS = (
    # The usual: four people, on the day before, under an earlier post.
    comment(1, 1, "12-19 10:00", "你好 hello", post_id="100"),
    comment(2, 2, "12-19 10:01", "你好", post_id="100"),
    comment(3, 3, "12-19 10:02", "签证", post_id="100"),
    comment(4, 4, "12-19 10:03", "签证", post_id="100"),
    # The wave: six people mourn, one of them known from before; one more says something else.
    comment(11, 1, "12-20 10:00", "哀悼[蜡烛]", likes=7, region="北京"),
    comment(12, 12, "12-20 10:01", "哀悼", likes=9, region="上海", has_picture=True),
    comment(13, 13, "12-20 10:02", "[蜡烛][蜡烛]", region="北京"),
    comment(14, 14, "12-20 10:03", "哀悼[蜡烛]", region="北京"),
    comment(15, 15, "12-20 10:04", "哀悼 [蜡烛]", region="北京"),
    comment(16, 16, "12-20 10:05", "哀悼 rip [蜡烛]", region="北京"),
    comment(17, 17, "12-20 10:06", "你好"),
    # The embassy answers two of the threads, one of them twice; a person replies as well.
    comment(21, 99, "12-20 10:30", "谢谢", root_id="11", author_account_id=US, order="reply"),
    comment(22, 99, "12-20 10:45", "再谢", root_id="11", author_account_id=US, order="reply"),
    comment(23, 99, "12-20 12:01", "谢谢", root_id="12", author_account_id=US, order="reply"),
    comment(24, 18, "12-20 13:00", "你好", root_id="11", order="reply"),
)

REPOSTS = tuple(
    Repost.model_validate(
        {
            "account_id": US, "post_id": "101", "repost_id": str(number), "author_key": f"{number:032x}",
            "created_at": at(f"12-20 1{number % 10}:00"), "observed_at": at("12-20 20:00"), "text": "转发微博",
            "content_version": content_version(str(number)), **more,
        }
    )
    for number, more in (
        (31, {}),
        (32, {"author_account_id": IL}),
        (33, {"author_name": "新华社", "author_verified_type": 3}),
        (34, {"author_name": "新华社", "author_verified_type": 3}),
        (35, {"author_account_id": US}),
    )
)  # fmt: skip

RECEIPTS = (
    receipt(
        US, "12-20 20:00", "1", complete=False, stop_reason="blocked", comments_reported=40, comments_captured=10,
        lists=(listed("hot", 40, 30, 10, "blocked"), listed("repost", 10, 10, 5, "end")),
        missing=({"kind": "comments", "what": "post 101", "count": 20, "reason": "blocked", "remedy": "next_visit"},),
    ),
    receipt(
        US, "12-21 20:00", "2", complete=False, posts_reported=45, comments_reported=40, comments_captured=15,
        lists=(listed("hot", 40, 30, 15, "cap"), listed("hot", 3, 3, 3, "end", 102)),
        missing=({"kind": "comments", "what": "post 101", "count": 15, "reason": "cap", "remedy": "never"},),
    ),
    receipt(IL, "12-21 21:00", "2", posts_reported=1, comments_reported=25, comments_captured=25),
)  # fmt: skip

EVENTS: tuple[AnyEvent, ...] = (*SNAPSHOTS, *POSTS, *SAMPLES, *COMMENTS, *REPOSTS, *RECEIPTS)
