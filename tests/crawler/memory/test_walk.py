"""Walks down timelines that grow, lose posts and break off: nothing is missed, and every hole is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.endpoints import TimelineCursor
from crawler.memory.coverage import BEGINNING, Interval
from crawler.memory.records import AccountMemory, PostMemory
from crawler.memory.walk import MOST_KNOWN, Step, Walk
from crawler.parsing.timeline import PostReference, TimelinePage
from schemas.events import AnyEvent, EngagementSample, PostEdited, PostRemoved, PostSeen

NOW = datetime(2017, 1, 2, tzinfo=UTC)
SIZE = 3


def post(number: int, text: str = "text", truncated: bool = False, now: datetime = NOW) -> PostSeen:
    return PostSeen(
        account_id="us-embassy",
        observed_at=now,
        uid="1743951792",
        post_id=str(number),
        created_at=NOW,
        text=text,
        text_truncated=truncated,
        kind="original",
        format="text",
        content_version=f"{abs(hash((text, truncated))):016x}"[:16],
        via="timeline",
    )


def page(posts: list[PostSeen], cursor: TimelineCursor | None, pinned: PostSeen | None = None) -> TimelinePage:
    references, events = [], []
    for one in ([pinned] if pinned else []) + posts:
        sample = EngagementSample(
            account_id=one.account_id,
            observed_at=one.observed_at,
            post_id=one.post_id,
            created_at=None,
            reposts=1,
            comments=0,
            likes=None,
            via="timeline",
        )
        events += [one, sample]
        references.append(
            PostReference(one.post_id, None, None, one is pinned, 0, one.text_truncated, one)
        )  # fmt: skip
    return TimelinePage(tuple(events), tuple(references), cursor, None, 0, ())


class Site:
    """A timeline of ids, newest first; `since_id` gives what is older."""

    def __init__(self, ids: set[int]) -> None:
        self.ids = ids
        self.texts: dict[int, str] = {}

    def page(self, cursor: TimelineCursor | None, now: datetime) -> TimelinePage:
        below = int(cursor.since_id or 0) if cursor else 2**62
        rest = sorted((number for number in self.ids if number < below), reverse=True)
        shown = rest[:SIZE]
        following = TimelineCursor(since_id=str(shown[-1])) if len(rest) > SIZE else None
        return page([post(number, self.texts.get(number, "text"), now=now) for number in shown], following)


class Visitor:
    """Visits a site with a memory that learns only from acknowledged pages."""

    def __init__(self) -> None:
        self.memory = AccountMemory(account_id="us-embassy")
        self.events: list[AnyEvent] = []

    def visit(
        self, site: Site, pages: int = 1, most: int = 50, since: int | None = None, lost: frozenset[int] = frozenset(),
        now: datetime = NOW,
    ) -> Step:  # fmt: skip
        """Visit; pages whose number is in `lost` are read and never acknowledged."""
        walk = Walk.of(self.memory, pages, most, since)
        cursor: TimelineCursor | None = None
        while True:
            found = site.page(cursor, now)
            step = walk.page(found, now) if found.posts else walk.end()
            if walk.number not in lost:
                known = self.memory.by_id() | {one.post_id: one for one in step.posts}
                self.memory = self.memory.with_posts(known)
                if step.covers:
                    self.memory = self.memory.with_coverage(self.memory.coverage.with_interval(step.covers))
                self.events += step.events
            if step.go_on is None:
                return step
            cursor = step.go_on

    def seen(self) -> set[int]:
        return {int(event.post_id) for event in self.events if isinstance(event, PostSeen)}


@given(
    st.lists(st.sets(st.integers(1, 400), max_size=12), min_size=1, max_size=6),
    st.integers(1, 3),
    st.lists(st.frozensets(st.integers(1, 6), max_size=3), min_size=6, max_size=6),
)
@settings(max_examples=80)
def test_whatever_was_lost_on_the_way_is_found_by_later_visits(
    arrivals: list[set[int]], pages: int, losses: list[frozenset[int]]
) -> None:
    site, visitor = Site(set()), Visitor()
    newest = 0
    for number, arriving in enumerate(arrivals):
        site.ids |= {newest + identity for identity in arriving}
        newest = max(site.ids, default=newest)
        visitor.visit(site, pages, lost=losses[number])
        covered = visitor.memory.coverage
        for identity in site.ids:
            if any(interval.holds(identity) for interval in covered.intervals):
                assert identity in visitor.seen(), "what counts as covered was seen and acknowledged"
    visitor.visit(site, pages, since=BEGINNING)
    assert visitor.seen() == site.ids
    if site.ids:
        assert visitor.memory.coverage.intervals == (Interval(BEGINNING, max(site.ids)),)


def test_a_first_visit_reads_so_many_pages_and_later_ones_down_to_what_is_known() -> None:
    site, visitor = Site(set(range(10, 40))), Visitor()
    assert visitor.visit(site, pages=2).stop == "page_limit"
    assert visitor.seen() == set(range(34, 40))
    site.ids |= set(range(40, 60))
    assert visitor.visit(site, pages=1).stop == "caught_up"
    assert visitor.seen() == set(range(34, 60))
    assert visitor.memory.coverage.watermark == 59


def test_a_limit_on_pages_leaves_a_hole_by_name_which_the_next_visit_fills() -> None:
    site, visitor = Site(set(range(10, 20))), Visitor()
    visitor.visit(site, pages=2)
    before = visitor.memory.coverage.watermark
    site.ids |= set(range(20, 60))
    step = visitor.visit(site, pages=1, most=3)
    assert (step.stop, step.hole) == ("page_limit", Interval(20, 50))
    assert visitor.memory.coverage.watermark == before, "a stretch above a hole does not move it"
    assert visitor.visit(site, pages=1).stop == "caught_up"
    assert visitor.memory.coverage.watermark == 59


def test_a_back_fill_goes_on_where_it_stopped() -> None:
    site, visitor = Site(set(range(10, 60))), Visitor()
    visitor.visit(site, pages=1)
    assert visitor.visit(site, since=30, most=4).stop == "page_limit"
    read = len(visitor.seen())
    assert visitor.visit(site, since=30).stop == "caught_up"
    assert visitor.seen() >= set(range(30, 60))
    assert read > SIZE


def test_a_long_walk_holds_on_to_what_is_asked_about_and_lets_the_rest_go() -> None:
    site, cursor, told = Site(set(range(1, 4 * MOST_KNOWN))), None, []
    walk = Walk.of(AccountMemory(account_id="us-embassy"), 1, 100_000, BEGINNING)
    newest = post(4 * MOST_KNOWN, truncated=True)
    walk.page(page([newest], TimelineCursor(since_id=newest.post_id)), NOW)
    while True:
        step = walk.page(site.page(cursor, NOW), NOW)
        told += [event.post_id for event in step.events if isinstance(event, PostSeen)]
        assert len(walk.known) <= MOST_KNOWN + SIZE
        if step.go_on is None:
            break
        cursor = step.go_on
    assert sorted(map(int, told)) == sorted(site.ids)
    assert newest.post_id in walk.known, "its whole text is still to come"
    assert str(4 * MOST_KNOWN - 1) not in walk.known


def test_a_pinned_old_post_neither_stops_the_walk_nor_covers_anything() -> None:
    walk = Walk.of(AccountMemory(account_id="us-embassy"), pages=1, most_pages=1)
    step = walk.page(page([post(50), post(48)], TimelineCursor(since_id="48"), pinned=post(3)), NOW)
    assert step.covers == Interval(48, 50)
    assert {event.post_id for event in step.events} == {"3", "50", "48"}


@pytest.mark.parametrize("known_before", [False, True])
def test_a_pinned_post_is_not_missing_in_its_place(known_before: bool) -> None:
    memory = AccountMemory(account_id="us-embassy")
    if known_before:
        first = Walk.of(memory, pages=1, most_pages=1).page(page([post(3)], None), NOW)
        memory = memory.with_posts({"3": first.posts[0]})
    walk = Walk.of(memory, pages=2, most_pages=2)
    walk.page(page([post(50)], TimelineCursor(since_id="50"), pinned=post(3)), NOW)
    step = walk.page(page([post(40), post(2)], None), NOW)
    assert step.covers == Interval(0, 49)
    assert {event.post_id for event in step.events} == {"40", "2"}
    assert step.to_confirm == ()


def test_a_page_with_an_unreadable_post_proves_nothing() -> None:
    walk = Walk.of(AccountMemory(account_id="us-embassy"), pages=1, most_pages=1)
    broken = replace(page([post(50), post(48)], None), problems=("$.cards[1].mblog.text: there is no text",))
    step = walk.page(broken, NOW)
    assert step.covers is None
    assert len(step.events) == 4


def test_a_post_that_is_gone_is_told_once_and_again_when_it_is_back() -> None:
    site, visitor = Site({10, 11, 12, 13, 14}), Visitor()
    visitor.visit(site, pages=2)
    site.ids -= {12, 14}
    for hour in (1, 2):
        step = visitor.visit(site, pages=2, now=NOW + timedelta(hours=hour))
        assert {known.post_id for known in step.to_confirm} <= {"12", "14"}
    gone = [event for event in visitor.events if isinstance(event, PostRemoved)]
    assert {(event.post_id, event.first_missing_at, event.confirmed_at) for event in gone} == {
        ("12", NOW + timedelta(hours=1), None),
        ("14", NOW + timedelta(hours=1), None),
    }
    site.ids |= {12}
    visitor.visit(site, pages=2, now=NOW + timedelta(hours=3))
    back = [event for event in visitor.events if isinstance(event, PostSeen) and event.post_id == "12"]
    assert [event.observed_at for event in back] == [NOW, NOW + timedelta(hours=3)]
    assert visitor.memory.by_id()["12"].first_missing_at is None


def test_an_edit_is_a_version_with_what_changed_and_nothing_new_is_no_event() -> None:
    site, visitor = Site({10, 11}), Visitor()
    visitor.visit(site)
    visitor.events.clear()
    visitor.visit(site)
    assert all(isinstance(event, EngagementSample) for event in visitor.events)
    site.texts[11] = "corrected"
    visitor.visit(site)
    (edited,) = [event for event in visitor.events if isinstance(event, PostEdited)]
    assert (edited.post_id, edited.changed, edited.previous_version) == (
        "11",
        ("text",),
        post(11).content_version,
    )


@pytest.mark.parametrize("debt", ["owes_long_text", "owes_lists"])
@pytest.mark.parametrize("owing", [1, 450])
def test_old_posts_are_let_go_and_owing_ones_last(debt: str, owing: int) -> None:
    memory = AccountMemory(account_id="us-embassy")
    posts = {
        str(number): PostMemory(post_id=str(number), last_seen_at=NOW, version="0" * 16).model_copy(
            update={debt: number <= owing}
        )
        for number in range(1, 500)
    }
    kept = memory.with_posts(posts).by_id()
    assert len(kept) == 300
    assert {str(number) for number in range(300, 500)} <= set(kept), "the newest are not let go for any debt"
    assert ("1" in kept) == (owing == 1)
    assert "2" not in kept
