"""Reading what stands under posts, for the spiders `embassy` and `comments`: the requests of crawler.post_lists."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, Final

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict
from crawler.consequences import CONSEQUENCES
from crawler.endpoints import Endpoint, child_url, comments_show_url, hotflow_url, reposts_url
from crawler.lists import CAP, CLOSED, Bounds, ReadPage, Step
from crawler.parsing.comments import CommentPage, parse_children, parse_comments
from crawler.parsing.reposts import RepostPage, parse_reposts
from crawler.parsing.timeline import PostReference, TimelinePage
from crawler.post_lists import NEXT_VISIT, REMEDIES, PostLists
from crawler.receipts import LeftOut, Visit, Wanted
from crawler.spiders.arguments import orders_of, pages_of
from crawler.spiders.visiting import READABLE, Output, VisitingSpider
from schemas.counts import value_of
from schemas.events import Comment, MissingKind, Repost

DETAIL = "https://m.weibo.cn/detail/{}"
CLOSED_SIGNAL: Final = "comments_closed"
"""The row of crawler.signals that knows the words for closed comments."""
TAKEN: Final = READABLE | {ResponseClass.SUSPICIOUSLY_EMPTY}
"""Whether an empty answer is an end or a doubt depends on what else is known of the post."""
_CLASSES: Final = {found.value: found for found in ResponseClass}
_KINDS: Final[dict[str, MissingKind]] = {
    "hot": "comments",
    "time": "comments",
    "reply": "replies",
    "repost": "reposts",
}


@dataclass(frozen=True)
class ListPage(Wanted):
    """A page of a list under a post. What its failure means, and what is asked for instead, its lists know."""

    lists: PostLists
    step: Step
    instead: list[Step] = field(default_factory=list)

    def accounts_for(self, reason: str, problem: str) -> bool:
        """Always: what is missing is counted over all lists of the post."""
        self.instead.extend(self.lists.lost(self.step, reason, problem))
        return True


class ThreadReading(VisitingSpider):
    """Adds what stands under posts.

    - `comment_orders`: `hot`, or `hot,time`: in which orders the comments of a post are read;
    - `comment_pages`, `reply_pages`, `repost_pages`: pages per post and visit, of comments in each order, of replies
      in all its threads together, of reposts; `all`: until the end.
    """

    ARGUMENTS: ClassVar[frozenset[str]] = frozenset({"comment_orders", "comment_pages", "reply_pages", "repost_pages"})

    def understand(self, arguments: dict[str, str]) -> None:
        """Also the bounds."""
        super().understand(arguments)
        crawl = self.settings_in_force.crawl
        self.bounds = Bounds(
            orders=orders_of(arguments, crawl.comment_orders),
            comment_pages=pages_of(arguments, "comment_pages", crawl.comment_pages),
            reply_pages=pages_of(arguments, "reply_pages", crawl.reply_pages),
            repost_pages=pages_of(arguments, "repost_pages", crawl.repost_pages),
        )
        self.comment_pages = self.bounds.comment_pages

    def count_problems(self, visit: Visit, page: TimelinePage, number: int) -> None:
        """Tell the visit what of a timeline page could not be read: as sentences, and how many posts are missing."""
        for problem in page.problems:
            visit.fail(ResponseClass.SCHEMA_DRIFT, f"timeline page {number}: {problem}")
        if page.unreadable:
            unread, drift = Wanted("timeline", f"posts of page {number} that can't be read"), ResponseClass.SCHEMA_DRIFT
            visit.miss(unread, drift.value, CONSEQUENCES[drift].remedy, page.unreadable)

    def under(self, visit: Visit, post: PostReference) -> Iterator[Output]:
        """Read the lists under a post that a timeline showed."""
        yield from self.comments(visit, post.post_id, value_of(post.comments), value_of(post.reposts))

    def leave_out(self, visit: Visit, posts: Iterable[PostReference]) -> None:
        """What stands under these posts is not read because a setting says so: the receipt counts it in one range."""
        for post in posts:
            if visit.left_out is None:
                visit.left_out = LeftOut()
                visit.at_the_end(partial(_name_left_out, visit, visit.left_out))
            visit.left_out.add(int(post.post_id), value_of(post.comments), value_of(post.reposts))

    def comments(
        self, visit: Visit, post_id: str, reported: int | None = None, reposts: int | None = 0
    ) -> Iterator[Output]:
        """Read the lists under a post, as far as the bounds allow.

        `reported` and `reposts` are its counters, None where they are not known; a list that counts 0 is not read.
        """
        if reported is not None:
            visit.comments_reported = (visit.comments_reported or 0) + reported
        lists = PostLists(post_id, self.bounds, reported, reposts)
        visit.owed_lists[post_id] = True
        visit.at_the_end(partial(_settle, visit, lists))
        yield from self._ask_for(visit, lists, lists.begin())

    def ended(self, visit: Visit, outputs: Iterator[Output], wanted: Wanted) -> Iterator[Output]:
        """Also what is asked for instead of a page that does not come, as long as its request counts as open."""

        def further() -> Iterator[Output]:
            yield from outputs
            if isinstance(wanted, ListPage):
                yield from self._ask_for(visit, wanted.lists, tuple(wanted.instead))

        yield from super().ended(visit, further(), wanted)

    def _ask_for(self, visit: Visit, lists: PostLists, steps: tuple[Step, ...]) -> Iterator[Output]:
        """Ask for what comes next under a post; where that is nothing, the receipt gets what came of it."""
        for step in steps:
            url, endpoint, name = _address(lists.post_id, step)
            read = partial(self._read_list, lists=lists, step=step)
            wanted = ListPage(_KINDS[step.kind], f"{name} of {lists.post_id}, page {step.number}", lists, step)
            yield self.ask(visit, url, endpoint, DETAIL.format(lists.post_id), read, wanted, TAKEN)
        if lists.finished:
            _settle(visit, lists)

    def _read_list(
        self, visit: Visit, answer: Answer, verdict: Verdict, lists: PostLists, step: Step
    ) -> Iterator[Output]:
        if verdict.data is None:
            yield from self._ask_for(visit, lists, _without_rows(verdict, answer, lists, step))
            return
        context, post_id = self.context(visit, answer), lists.post_id
        page: CommentPage | RepostPage
        if step.kind == "repost":
            page = parse_reposts(verdict.data, context, post_id, step.number)
        elif step.kind == "reply":
            page = parse_children(verdict.data, context, post_id, step.root_id or "")
        else:
            page = parse_comments(verdict.data, context, post_id, step.kind, step.number)
        name = f"{_address(post_id, step)[2]} of {post_id}, page {step.number}"
        for problem in page.problems:
            visit.fail(ResponseClass.SCHEMA_DRIFT, f"{name}: {problem}")
        events = _news(page.events, lists, step)
        if events:
            yield visit.page(name, events, lane=answer.lane)
        yield from self._ask_for(visit, lists, lists.read(step, _as_read(page, step, answer.observed_at)))


def _without_rows(verdict: Verdict, answer: Answer, lists: PostLists, step: Step) -> tuple[Step, ...]:
    """What follows from an answer that holds no list: closed by Weibo's own word, agreed on as the end, or a doubt."""
    if CLOSED_SIGNAL in (verdict.signal, *re.findall(r"\w+", verdict.reason)):
        return lists.lost(step, CLOSED)
    if verdict.response_class is ResponseClass.END_OF_LIST:
        return lists.read(step, ReadPage((), None))
    problem = f"{verdict.response_class}: {verdict.reason} ({answer.url})"
    return lists.lost(step, verdict.response_class.value, problem)


def _settle(visit: Visit, lists: PostLists) -> None:
    """Tell the visit how far the lists were read. Those that are not finished by the end of the visit never will be."""
    if lists.settled:
        return
    lists.settled = True
    lists.interrupt()
    for coverage in lists.coverage():
        visit.cover(coverage)
    everything = lists.missing()
    visit.owed_lists[lists.post_id] = any(missing.remedy == NEXT_VISIT for missing in everything)
    for missing in everything:
        visit.miss(Wanted(missing.kind, missing.what), missing.reason, missing.remedy, missing.count)
    for problem in lists.problems():
        visit.fail(_CLASSES.get(problem.reason, ResponseClass.SCHEMA_DRIFT), problem.sentence)


def _name_left_out(visit: Visit, left: LeftOut) -> None:
    names: tuple[tuple[MissingKind, int | None], ...] = (("comments", left.comments), ("reposts", left.reposts))
    for kind, count in names:
        if count != 0:
            wanted = Wanted(kind, f"{kind} of posts from {left.newest} down to {left.oldest}")
            visit.miss(wanted, CAP, REMEDIES[CAP], count)


def _address(post_id: str, step: Step) -> tuple[str, Endpoint, str]:
    """Where a page is, and what it is called."""
    page = int(step.cursor.max_id) if step.cursor and step.kind in ("time", "repost") else 1
    match step.kind:
        case "hot":
            return hotflow_url(post_id, step.cursor), Endpoint.HOTFLOW, "hot comments"
        case "time":
            return comments_show_url(post_id, page), Endpoint.COMMENTS_SHOW, "time comments"
        case "reply":
            return child_url(step.root_id or "", step.cursor), Endpoint.HOTFLOW_CHILD, f"thread {step.root_id}"
        case "repost":
            return reposts_url(post_id, page), Endpoint.REPOSTS, "reposts"


def _news(events: Iterable[Comment | Repost], lists: PostLists, step: Step) -> tuple[Comment | Repost, ...]:
    """What stands in two lists is published once, as the list shows it that is read first.

    Replies stand inline without their likes: where their thread has these, they are published once more with them. The
    list by time has them too, and times of the minute only.
    """
    unseen = lists.unseen(_id_of(event) for event in events)
    news = []
    for event in events:
        identity = _id_of(event)
        if identity in unseen or (step.kind == "reply" and identity in lists.bare and event.likes is not None):
            news.append(event)
            (lists.bare.add if event.likes is None else lists.bare.discard)(identity)
    return tuple(news)


def _as_read(page: CommentPage | RepostPage, step: Step, at: datetime) -> ReadPage:
    """A page as crawler.lists counts it; `at` is when it came."""
    if isinstance(page, RepostPage):
        ids = tuple(event.repost_id for event in page.events)
        return ReadPage(ids, page.cursor, page.total, unreadable=page.unreadable, at=at)
    inline = [event for event in page.events if step.kind == "hot" and event.order == "reply"]
    roots = [event for event in page.events if step.kind == "hot" and event.order == "hot"]
    # The list in the order of time shows no seconds.
    within = timedelta(seconds=59 if step.kind == "time" else 0)
    return ReadPage(
        ids=page.rows,
        cursor=page.cursor,
        total=page.total,
        replies=tuple((event.root_id, event.comment_id) for event in inline if event.root_id),
        threads=tuple((event.comment_id, value_of(event.replies) or 0) for event in roots),
        unreadable=page.unreadable,
        at=at,
        written={event.comment_id: event.created_at + within for event in page.events if event.created_at is not None},
    )


def _id_of(event: Comment | Repost) -> str:
    return event.repost_id if isinstance(event, Repost) else event.comment_id
