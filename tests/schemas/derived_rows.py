"""Derived rows that the questions are asked of, as the views show them; how they are derived is tested elsewhere."""

from datetime import UTC, date, datetime
from typing import Any

from tests.schemas.question_rows import CA, CU, FR, IL, US, at

DERIVED = datetime(2016, 12, 31, 4, 0, tzinfo=UTC)


def measure(account: str, post_id: int, created: str, counts: tuple[int | None, ...], **more: Any) -> dict[str, Any]:
    """A post's measures; `counts` are reposts, comments, likes."""
    reposts, comments, likes = counts
    known = [count for count in counts if count is not None]
    interactions = sum(known) if len(known) == len(counts) else None
    values = {"reposts": reposts, "comments": comments, "likes": likes, "interactions": interactions}
    bounds = {f"{name}_{end}": value for name, value in values.items() for end in ("low", "high")}
    return {
        "account_id": account, "post_id": post_id, "created_at": at(created), "created_at_beijing": at(created),
        "kind": "original", "hour_beijing": at(created).hour, "first_observed_at": at(created),
        "observed_at": at("12-31 08:00"), "samples": 3, "language": "zh", "versions": 1, "settled": False,
        "derived_at": DERIVED, "topics": [], "benchmark": "", "benchmark_posts": 0, **values, **bounds, **more,
    }  # fmt: skip


MEASURES = (
    # Half an hour before the first day that is asked about, and half an hour after the last one.
    measure(US, 100, "12-19 23:30", (500, 500, 500)),
    measure(FR, 302, "2017-01-01 00:30", (500, 500, 500), first_observed_at=at("2017-01-01 00:40")),
    measure(
        US, 101, "12-20 09:30", (10, 40, 20), format="picture", topics=["中美关系"], text_length=100,
        followers_at_posting=1_000, interaction_rate=7.0, settled=True, hours_to_50=2.0, hours_to_90=10.0,
        half_life_hours=2.0, peak_at=at("12-20 11:00"), comments_per_like=2.0, reposts_per_like=0.5, score_age_s=86_400,
        expected=20.0, ratio=3.5, benchmark_posts=30, benchmark="type", versions=2, reposts_lost=0, comments_lost=0,
        likes_lost=0, velocity=1.5,
    ),
    measure(
        US, 102, "12-21 09:10", (2, 3, 5), kind="repost", format="text", language="latin", text_length=30,
        followers_at_posting=500, interaction_rate=2.0, observed_at=at("12-30 08:00"), samples=5,
        settled=True, hours_to_50=4.0, hours_to_90=20.0,
        half_life_hours=5.0, comments_per_like=0.6, reposts_per_like=0.4, score_age_s=86_400, expected=20.0, ratio=0.5,
        benchmark_posts=30, benchmark="account",
    ),
    measure(
        US, 103, "12-22 20:00", (4, None, 6), format="video", topics=["中美关系", "圣诞"], text_length=600,
        likes_lost=5, removal="hidden", reposts_per_like=0.667,
    ),
    measure(
        IL, 201, "12-21 12:00", (20, 25, 55), format="picture", topics=["圣诞"], text_length=150,
        followers_at_posting=2_000, interaction_rate=5.0, settled=True, hours_to_50=1.0, hours_to_90=5.0,
        half_life_hours=1.0, comments_per_like=0.4545, reposts_per_like=0.3636, score_age_s=86_400, expected=100.0,
        ratio=1.0, benchmark_posts=25, benchmark="account",
    ),
    measure(CA, 401, "12-25 10:00", (30, 40, 5), format="text", text_length=20, topics=["圣诞"]),
    measure(
        FR, 301, "12-31 10:00", (1, 1, 8), format="link", language="latin", text_length=60, followers_at_posting=500,
        interaction_rate=2.0, velocity=4.5, comments_per_like=0.125, reposts_per_like=0.125, score_age_s=3_600,
        expected=5.0, ratio=2.0, benchmark_posts=40, benchmark="type", reposts_lost=2, comments_lost=1,
        observed_at=at("12-31 11:30"),
    ),
)  # fmt: skip


def age(account: str, post_id: int, created: str, age_s: int, *counts: float, **more: Any) -> dict[str, Any]:
    names = dict(zip(("reposts", "comments", "likes"), counts, strict=True))
    return {
        "account_id": account, "post_id": post_id, "created_at": at(created), "created_at_beijing": at(created),
        "kind": "original", "age_s": age_s, "capped": False,
        "interactions": sum(counts), "interpolated": False, "gap_s": 0, "derived_at": DERIVED, "benchmark": "",
        "benchmark_posts": 0, **names, **more,
    }  # fmt: skip


AGES = (
    age(US, 101, "12-20 09:30", 1_800, 1, 2, 3),
    age(
        US, 101, "12-20 09:30", 3_600, 1 + 4 / 3, 8, 3 + 7 / 3, interpolated=True, gap_s=5_400, expected=8.0,
        ratio=47 / 24, score=47 / 24, benchmark="type", benchmark_posts=30,
    ),
    age(
        US, 101, "12-20 09:30", 86_400, 10, 40, 20, expected=20.0, ratio=3.5, score=3.5, benchmark="type",
        benchmark_posts=30,
    ),
    age(
        IL, 201, "12-21 12:00", 3_600, 5, 5, 10, expected=40.0, ratio=0.5, score=-2.0, benchmark="account",
        benchmark_posts=25,
    ),
)  # fmt: skip


def day(
    account: str, month_day: str, posts: int, gained: tuple[int, int, int], followers: int, reported: int, **more: Any
) -> dict[str, Any]:
    """An account's day; `gained` are reposts, comments, likes."""
    total = sum(gained)
    return {
        "account_id": account, "day": date.fromisoformat(f"2016-{month_day}"), "posts_published": posts,
        "posts_sampled": posts, "samples": 4, "reposts_gained": gained[0], "comments_gained": gained[1],
        "likes_gained": gained[2], "interactions_gained": total, "interactions_gained_low": total,
        "interactions_gained_high": total, "deltas_unknown": 0, "most_moved": 0, "followers": followers,
        "followers_low": followers, "followers_high": followers, "followers_precision": "exact",
        "followers_at": at(f"{month_day} 12:00"), "last_snapshot_at": at(f"{month_day} 12:00"),
        "posts_reported": reported, "posts_reported_high": reported, "visits": 1, "visits_complete": 1,
        "last_visit_at": at(f"{month_day} 12:01"), "last_stop_reason": "caught_up", "comments_captured": 0,
        "newest_sample_at": at(f"{month_day} 20:00"), "derived_at": DERIVED, **more,
    }  # fmt: skip


DAYS = (
    day(US, "12-17", 0, (0, 0, 0), 940, 43),
    day(US, "12-18", 0, (0, 1, 1), 945, 43),
    day(US, "12-19", 0, (0, 1, 0), 950, 43),
    day(
        US, "12-20", 1, (5, 60, 10), 960, 44, most_moved=29, visits=2, comments_reported=40, comments_captured=10,
        last_post_at=at("12-20 09:30"), last_post_id=101,
    ),
    day(
        US, "12-21", 1, (7, 22, 20), 980, 45, most_moved=35, last_post_at=at("12-21 09:10"), last_post_id=102,
    ),
    day(
        US, "12-22", 1, (4, 2, 6), 1_200, 46, most_moved=15, visits_complete=0, last_post_at=at("12-22 20:00"),
        last_post_id=103,
    ),
    day(US, "12-23", 0, (0, 0, -5), 1_205, 46, deltas_unknown=1, last_stop_reason="blocked"),
    # Not looked at: no sample, and the followers are those of the day before.
    day(
        US, "12-24", 0, (0, 0, 0), 1_205, 46, samples=0, visits=0, visits_complete=0, followers_at=at("12-23 12:00"),
        newest_sample_at=None, last_snapshot_at=None, last_visit_at=None, last_stop_reason="",
    ),
    day(CA, "12-25", 1, (30, 40, 5), 890, 6_978, last_post_at=at("12-25 10:00"), last_post_id=401),
    day(IL, "12-20", 0, (0, 0, 0), 2_000, 1),
    day(IL, "12-21", 1, (20, 25, 55), 2_000, 1, last_post_at=at("12-21 12:00"), last_post_id=201),
    day(FR, "12-21", 0, (0, 0, 0), 500, 80),
    day(FR, "12-22", 0, (0, 0, 0), 700, 80),
)  # fmt: skip

INTERFERENCE = tuple(
    {
        "account_id": account, "post_id": post_id, "what": what, "first_seen_at": at(moment),
        "first_seen_at_beijing": at(moment), "detail": detail, "derived_at": DERIVED, **more,
    }
    for account, post_id, what, moment, detail, more in (
        (US, 103, "removed", "12-23 08:00", "hidden", {"confirmed_at": at("12-24 08:00")}),
        (US, 103, "likes_lost", "12-22 23:00", "", {"before": 11, "after": 6}),
        (US, 101, "edited", "12-20 12:00", "text", {}),
        (US, 101, "comments_curated", "12-21 20:00", "", {}),
        (CU, None, "account_gone", "12-25 09:00", "", {"ended_at": at("12-26 09:00")}),
    )
)  # fmt: skip

#: An event that stands on the calendar beside ours.
MOURNING = """
[[event]]
day = 2016-12-20
until = 2016-12-21
name_en = "Mourning"
name_zh = "哀悼日"
country_code = "US"
kind = "death"
source = "a test"
"""

#: By view.
DERIVED_ROWS = {
    "post_measures": MEASURES,
    "counters_at_age": AGES,
    "account_days": DAYS,
    "interference": INTERFERENCE,
}
