"""All accounts filled back, with what stands under their newest posts: seconds, CPU seconds, memory."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from tests.benchmarks.findings import Finding
from tests.benchmarks.stage import NOW, Stage

POSTS = 10_000
COMMENTS = 100_000
REPLICA = ("--deepest-page", "100000")
"""A list that is deeper than the replica shows to a guest would not be complete."""
RENDERS = 2
MOST_COMMENT_POSTS = 40


def measure(stage: Stage, scale: float, in_flight: int) -> Finding:
    """Fill back so far that there are about so many posts, and read all comments and replies under the newest ones."""
    uids = [account["uid"] for account in stage.weibo.truth("")["accounts"]]
    days = _days(stage, POSTS * scale)
    comment_posts = _comment_posts(stage, uids, COMMENTS * scale)
    run = stage.crawl(
        {
            "accounts": ",".join(uids),
            "pages": "1",
            "since": f"{NOW - timedelta(days=days):%Y-%m-%d}",
            "comment_posts": str(comment_posts),
            "comment_pages": "all",
            "reply_pages": "all",
            "repost_pages": "0",
        },
        in_flight,
        RENDERS,
    )
    posts, comments = (_things(run.rows, kind) for kind in ("post", "comment"))
    times = run.times
    seconds, cpu = times.ended.seconds - times.began.seconds, times.ended.cpu - times.began.cpu
    own = times.ended.own - times.began.own
    answers = sum(receipt.fetched for receipt in run.progress.receipts)
    figures: dict[str, Any] = {
        "accounts": len(uids),
        "days": days,
        "posts": posts,
        "comments": comments,
        "events": run.progress.events,
        "answers": answers,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "cpu_seconds_without_browser": round(own, 1),
        "memory_mb": round(run.memory_mb),
        "memory_mb_without_browser": round(times.memory_mb),
    }
    row = (
        f"{len(uids)}, {days} days",
        *(f"{number:,}" for number in (posts, comments, run.progress.events, answers)),
        f"{seconds:.0f}",
        f"{cpu:.1f}, {own:.1f}",
        f"{run.memory_mb:.0f}, {times.memory_mb:.0f}",
    )
    return Finding(
        "backfill",
        f"A back-fill, scale {scale:g}, {in_flight} in flight, {RENDERS} renderings at a time",
        ("accounts", "posts", "comments", "events", "answers", "seconds", "CPU s, own", "MB at most, own"),
        [row],
        figures,
        f"{posts:,} posts and {comments:,} comments of {len(uids)} accounts in {seconds:.0f} s, {cpu:.0f} CPU s, "
        f"{run.memory_mb:.0f} MB",
        wrong=run.wrong,
    )


def _things(rows: frozenset[str], kind: str) -> int:
    """How many posts or comments, whatever their versions."""
    return len({row.split(":")[1] for row in rows if row.startswith(f"{kind}:")})


def _published(stage: Stage, days: int) -> int:
    begin = quote((NOW - timedelta(days=days)).isoformat())
    before = {account["uid"]: account["posts"] for account in stage.weibo.truth(f"?at={begin}")["accounts"]}
    return sum(account["posts"] - before[account["uid"]] for account in stage.weibo.truth("")["accounts"])


def _days(stage: Stage, posts: float) -> int:
    """How many days have about so many posts."""
    low, high = 1, 2_000
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if _published(stage, middle) < posts else (low, middle)
    return low


def _comment_posts(stage: Stage, uids: list[str], comments: float) -> int:
    """Under how many of each account's newest posts there are so many comments."""
    per_post = [
        [post["listed_comments"] for post in stage.weibo.truth(f"/posts?uid={uid}&limit={MOST_COMMENT_POSTS}")["posts"]]
        for uid in uids
    ]
    for count in range(1, MOST_COMMENT_POSTS):
        if sum(sum(listed[:count]) for listed in per_post) >= comments:
            return count
    return MOST_COMMENT_POSTS
