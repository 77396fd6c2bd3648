"""What a visit to an account did and left undone, as it is counted up and as the receipt that ends it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.classify import ResponseClass
from crawler.consequences import CONSEQUENCES
from crawler.items import Page
from crawler.memory.coverage import Interval
from crawler.memory.records import PostMemory
from crawler.publishing import Outcome
from schemas.counts import Counter as ShownCount
from schemas.events import AnyEvent, Comment, CrawlReceipt, ListCoverage, Missing, MissingKind, PostSeen
from schemas.software import SOFTWARE

StopReason = Literal["end_of_list", "page_limit", "caught_up", "blocked", "wrong_account", "failed", "interrupted"]

PEACEFUL: frozenset[StopReason] = frozenset({"end_of_list", "page_limit", "caught_up"})
BLOCKS = frozenset(
    {
        ResponseClass.LOGIN_REQUIRED,
        ResponseClass.VISITOR_GATE,
        ResponseClass.CHALLENGE,
        ResponseClass.BLOCKED,
        ResponseClass.ROBOTS,
    }
)
"""Classes that say: not for you, not now."""
BY_SETTING = "cap"
"""The reason of what is left out because a setting says so: no hole, and still named."""
NO_HOLES = frozenset({BY_SETTING, "comments_closed"})
"""Reasons of what is missing and no hole: a setting leaves it out, or Weibo says in words that nobody may see it."""
MOST_PROBLEMS = 20
"""In one receipt; the rest is counted in its last line."""


MOST_MISSING = 500
"""Named one by one in a receipt; the rest is counted by kind and reason."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request is for, as the receipt names it where it does not come."""

    kind: MissingKind
    what: str

    def accounts_for(self, reason: str, problem: str) -> bool:
        """Whether it tells the receipt itself what it means for it that it does not come, for this reason."""
        return False


@dataclass(slots=True)
class LeftOut:
    """Posts whose lists a visit does not read because a setting says so, and how much they count; None: not known."""

    newest: int = 0
    oldest: int = 0
    comments: int | None = 0
    reposts: int | None = 0

    def add(self, post_id: int, comments: int | None, reposts: int | None) -> None:
        """One more post with its counters."""
        self.newest = max(self.newest, post_id)
        self.oldest = min(self.oldest or post_id, post_id)
        self.comments = None if self.comments is None or comments is None else self.comments + comments
        self.reposts = None if self.reposts is None or reposts is None else self.reposts + reposts


class Visit:
    """One spider's visit to one account, from the first request to the last acknowledgement."""

    def __init__(self, account_id: str, spider: str, cycle: str, lane: str, started_at: datetime) -> None:
        self.account_id = account_id
        self.spider = spider
        self.cycle = cycle
        self.lane = lane
        self.started_at = started_at
        self.planned = 0
        self.fetched = 0
        self.in_flight = 0
        """Requests that have no answer yet."""
        self.responses: Counter[str] = Counter()
        self.published: Counter[str] = Counter()
        self.acknowledged: Counter[str] = Counter()
        self.problems: list[str] = []
        self.stop_reason: StopReason | None = None
        self.posts_reported: ShownCount | None = None
        self.comments_reported: int | None = None
        self.comment_posts = 0
        self.watermark: str | None = None
        self.closed = False
        self.raw_people = False
        self.left_out: LeftOut | None = None
        self.owed_lists: dict[str, bool] = {}
        """By post: whether a list under it is to be read again; until all are read, it is."""
        self._open: dict[tuple[str, str], list[Wanted]] = {}
        self._lists: list[ListCoverage] = []
        self._endings: list[Callable[[], None]] = []
        self._missing: dict[Missing, None] = {}
        self._posts: set[str] = set()
        self._comments: set[str] = set()
        self._pages = 0
        self._open_pages = 0
        self._pages_done = asyncio.Event()
        self._pages_done.set()

    @property
    def open(self) -> list[Wanted]:
        """What the requests are for that have no answer yet."""
        return [wanted for alike in self._open.values() for wanted in alike]

    def request_planned(self, wanted: Wanted, answers: int = 1) -> None:
        """A request is about to be made; a rendering brings more than one answer."""
        self.planned += answers
        self.in_flight += 1
        self._open.setdefault((wanted.kind, wanted.what), []).append(wanted)

    def request_ended(self, wanted: Wanted) -> None:
        """A request has its answer, or will never have one."""
        alike = self._open[wanted.kind, wanted.what]
        alike.pop()
        if not alike:
            del self._open[wanted.kind, wanted.what]
        self.in_flight -= 1

    def answered(self, response_class: ResponseClass) -> None:
        """An answer came, of this class."""
        self.fetched += 1
        self.responses[response_class.value] += 1

    def unanswered(self, response_class: ResponseClass) -> None:
        """No answer came, for a reason of this class."""
        self.responses[response_class.value] += 1

    def stop(self, reason: StopReason) -> None:
        """Why the visit ends. A peaceful reason never covers up one that is not; the first of these stays."""
        if self.stop_reason is None or self.stop_reason in PEACEFUL:
            self.stop_reason = reason

    def miss(self, wanted: Wanted, reason: str, remedy: str = "next_visit", count: int | None = None) -> None:
        """Something is missing: by name, or as a counted range. `reason` and `remedy` are names of the contract."""
        what = " ".join(wanted.what.split())[:2_000]
        self._missing[Missing(kind=wanted.kind, what=what, count=count, reason=reason, remedy=remedy)] = None

    def cover(self, coverage: ListCoverage) -> None:
        """A list under a post was read, as far as the coverage says."""
        self._lists.append(coverage)

    def at_the_end(self, ending: Callable[[], None]) -> None:
        """Before the receipt is made, `ending` is called, so that what was never finished is accounted for too."""
        self._endings.append(ending)

    def end_lists(self) -> None:
        """No list under a post is read any further."""
        while self._endings:
            self._endings.pop(0)()

    def interrupt(self, problem: str) -> None:
        """The run is stopped: what is still open will not come."""
        self.end_lists()
        self.problems.append(problem)
        for wanted in self.open:
            self.miss(wanted, "interrupted")
        self.stop("interrupted")

    def fail(self, response_class: ResponseClass, problem: str, wanted: Wanted | None = None) -> None:
        """Something that was planned is missing, because of an answer of this class."""
        if wanted is not None and wanted.accounts_for(response_class.value, problem):
            return
        self.problems.append(problem)
        if wanted is not None:
            self.miss(wanted, response_class.value, CONSEQUENCES[response_class].remedy)
        if response_class is ResponseClass.WRONG_ACCOUNT:
            self.stop("wrong_account")
        else:
            self.stop("blocked" if response_class in BLOCKS else "failed")

    def page(
        self,
        name: str,
        events: Sequence[AnyEvent],
        covers: Interval | None = None,
        posts: Sequence[PostMemory] = (),
        *,
        lane: str | None,
    ) -> Page:
        """The events of one answer as an item for the pipeline, which reports back with `page_settled`.

        `covers` and `posts` are learnt once all of them are acknowledged. `lane` is the one that the answer came by:
        the visit's own may be another one by now.
        """
        self._pages += 1
        self._open_pages += 1
        self._pages_done.clear()
        self.published.update(event.name for event in events)
        self._posts.update(post.post_id for post in posts)
        self._posts.update(event.post_id for event in events if isinstance(event, PostSeen))
        self._comments.update(event.comment_id for event in events if isinstance(event, Comment))
        return Page(f"{name} of {self.account_id}", tuple(events), self, covers, tuple(posts), self._pages, lane)

    def page_settled(self, outcome: Outcome) -> None:
        """Every event of a page is acknowledged or given up."""
        self.acknowledged.update(outcome.acknowledged)
        if not outcome.complete:
            self.problems.extend(outcome.problems)
            lost = outcome.published.total() - outcome.acknowledged.total()
            self.miss(Wanted("visit", outcome.problems[0].partition(":")[0]), "kafka", count=lost)
            self.stop("failed")
        self._open_pages -= 1
        if self._open_pages == 0:
            self._pages_done.set()

    def forgotten(self, problem: str) -> None:
        """What was learnt could not be kept: nothing is lost, but some of it will be read again."""
        self.problems.append(f"not remembered, so it will be read again: {problem}")
        self.stop("failed")

    async def pages_settled(self) -> None:
        """Wait until no page is on its way to Kafka; each is bounded by its own deadline."""
        await self._pages_done.wait()

    def receipt(self, observed_at: datetime) -> CrawlReceipt:
        """The receipt, at the end of the visit."""
        self.end_lists()
        reason: StopReason = self.stop_reason or "interrupted"
        return CrawlReceipt(
            account_id=self.account_id,
            observed_at=observed_at,
            cycle=self.cycle,
            spider=self.spider,
            lane=self.lane,
            software=SOFTWARE,
            started_at=self.started_at,
            planned=self.planned,
            fetched=self.fetched,
            published=dict(self.published),
            acknowledged=dict(self.acknowledged),
            responses=dict(self.responses),
            stop_reason=reason,
            complete=reason in PEACEFUL
            and not self.problems
            and all(missing.reason in NO_HOLES for missing in self._missing)
            and self.acknowledged == self.published,
            problems=_bounded(self.problems),
            posts_reported=self.posts_reported,
            posts_captured=len(self._posts),
            comments_reported=self.comments_reported,
            comments_captured=len(self._comments),
            lists=tuple(self._lists[:MOST_MISSING]),
            missing=_bounded_missing(list(self._missing)),
            watermark=self.watermark,
            raw_people=self.raw_people,
        )


def _bounded_missing(missing: Sequence[Missing]) -> tuple[Missing, ...]:
    rest: Counter[tuple[str, str, str]] = Counter()
    for one in missing[MOST_MISSING:]:
        rest[one.kind, one.reason, one.remedy] += one.count or 1
    counted = (
        Missing(kind=kind, what="further ones", count=count, reason=reason, remedy=remedy)
        for (kind, reason, remedy), count in rest.items()
    )
    return (*missing[:MOST_MISSING], *counted)


def _bounded(problems: Iterable[str]) -> tuple[str, ...]:
    lines = [" ".join(problem.split())[:2_000] for problem in problems]
    if len(lines) > MOST_PROBLEMS:
        lines[MOST_PROBLEMS - 1 :] = [f"and {len(lines) - MOST_PROBLEMS + 1} more"]
    return tuple(lines)
