"""What a plan knows of an account, from its memory: its newest posts, what its list lacks, how often it publishes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from crawler.memory.coverage import BEGINNING, ID_EPOCH
from crawler.memory.records import AccountMemory, PostMemory, SampleMemory
from crawler.planning.curves import CurveModel
from crawler.planning.plan import plan
from crawler.planning.promises import TIERS, Budget, Promise, Tier
from crawler.planning.watched import Kind, WatchedAccount
from crawler.planning.watchlist import posts_per_day, totals, watched
from schemas.accounts import Account

NOW = datetime(2016, 6, 1, 4, tzinfo=UTC)
MODEL = CurveModel()
ACCOUNT = Account(id="us-embassy", uid="1743951792", tier="first")


def post(hours: float, **fields: object) -> PostMemory:
    """A post of that age, with a sample of its present."""
    created = NOW - timedelta(hours=hours)
    values = {
        "post_id": str((int(created.timestamp()) - ID_EPOCH) << 22), "created_at": created, "last_seen_at": NOW,
        "version": "0" * 16, "samples": (SampleMemory(at=NOW, reposts=3, comments=2, likes=1),),
    }  # fmt: skip
    return PostMemory.model_validate(values | fields)


def memory(posts: Sequence[PostMemory], **fields: object) -> AccountMemory:
    values = {"account_id": "us-embassy", "posts": tuple(posts)}
    return AccountMemory.model_validate(values | fields)


def test_the_newest_posts_stand_in_their_order_and_older_ones_while_they_are_young() -> None:
    posts = [post(hours) for hours in (1, 5, 9, 11, 13, 14, 15, 16, 17, 18, 19, 23, 25, 99)]
    known = watched(ACCOUNT, memory(posts, visited_at=NOW, rendered_at=NOW), NOW, MODEL)
    assert [one.post_id for one in known.posts] == [one.post_id for one in posts[:12]]
    assert (known.account_id, known.tier, known.visited_at, known.rendered_at) == ("us-embassy", "first", NOW, NOW)
    assert known.posts[0].curve.count == 6
    quiet = watched(ACCOUNT, memory([post(hours) for hours in (99, 100)]), NOW, MODEL)
    assert len(quiet.posts) == 2, "the page shows them, whatever their age"


def test_what_the_list_lacks_is_asked_for_alone_and_what_is_gone_not_at_all() -> None:
    hidden, gone, old = post(2, unlisted=True), post(3, first_missing_at=NOW), post(40, unlisted=True)
    known = watched(ACCOUNT, memory([post(1), hidden, gone, old], visited_at=NOW), NOW, MODEL)
    assert [one.post_id for one in known.posts] == [post(1).post_id]
    assert [one.post_id for one in known.alone] == [hidden.post_id]
    promises: dict[Tier, Promise] = {tier: Promise(timedelta(hours=2)) for tier in TIERS}
    made = plan([known], Budget(60), NOW, promises=promises)
    assert {visit.posts for visit in made.visits if visit.kind is Kind.POST} == {(hidden.post_id,)}


def test_a_post_whose_moment_was_not_shown_has_that_of_its_id() -> None:
    [known] = watched(ACCOUNT, memory([post(3, created_at=None)]), NOW, MODEL).posts
    assert known.curve.published == (NOW - timedelta(hours=3)).timestamp()


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([(1, 2, 3), (2, 2, 4)], [6, 8]),
        ([(1, 2, None), (2, 2, 4)], [None, 8]),
        ([(1, 2, 4), (2, 3, None)], [3, 5]),
        ([(1, 2, 4), (None, None, None)], [None, None]),
        ([], []),
    ],
)
def test_a_counter_that_is_not_always_shown_is_no_fall(samples: list[tuple[int, ...]], expected: list[int]) -> None:
    remembered = [
        SampleMemory(at=NOW + timedelta(hours=place), reposts=reposts, comments=comments, likes=likes)
        for place, (reposts, comments, likes) in enumerate(samples)
    ]
    assert [total for _, total in totals(remembered)] == expected


def test_how_often_it_publishes_is_counted_over_what_is_known() -> None:
    assert posts_per_day(memory([]), NOW) == 0.0
    assert posts_per_day(memory([post(6 + 12 * k) for k in range(60)]), NOW) == pytest.approx(2.0, rel=0.05)
    # Thirty posts of three days: nothing is known of the days before.
    assert posts_per_day(memory([post(2.4 * k) for k in range(30)]), NOW) == pytest.approx(10.0, rel=0.05)
    # The whole list is known: one post in two weeks.
    whole = memory([post(3)], covered=((BEGINNING, 2**50),))
    assert posts_per_day(whole, NOW) == pytest.approx(1 / 14)


def test_what_was_never_rendered_is_due_a_promise_after_the_first_visit_however_often_it_is_planned() -> None:
    promises: dict[Tier, Promise] = {tier: Promise(timedelta(minutes=30), timedelta(hours=6)) for tier in TIERS}
    first = NOW - timedelta(hours=5, minutes=40)
    for known in (WatchedAccount("a", visited_at=NOW, promised_at=first), WatchedAccount("a", visited_at=NOW)):
        kinds = [visit.kind for visit in plan([known], Budget(3_600, 10), NOW, promises=promises).visits]
        assert (Kind.RENDERED in kinds) == (known.promised_at is not None)


def test_promises_count_from_the_first_visit_or_from_when_it_was_first_planned() -> None:
    first, since = NOW - timedelta(days=3), NOW - timedelta(hours=1)
    assert watched(ACCOUNT, memory([], visited_at=NOW), NOW, MODEL).promised_at is None
    assert watched(ACCOUNT, memory([]), NOW, MODEL, since).promised_at == since
    assert watched(ACCOUNT, memory([], first_visited_at=first), NOW, MODEL, since).promised_at == first
