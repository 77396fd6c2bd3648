"""All lists under a post: comments in their two orders, the replies of each thread, reposts.

Pure: a page goes in, the pages to ask for next come out, and at the end how far each list was read, what is missing of
it, and why. What makes the requests is crawler.spiders.threads.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from crawler.endpoints import CommentCursor
from crawler.lists import CAP, CLOSED, CURATED, EMPTY, END, INTERRUPTED, STOPS, Bounds, Kind, Listing, ReadPage, Step
from crawler.signals import ResponseClass
from schemas.event_fields import EARLIEST
from schemas.events import ListCoverage, Missing

NEXT_VISIT: Final = "next_visit"
REMEDIES: Final = {CAP: "operator", CLOSED: "never"}
"""What will be done: only a setting reads more than a setting allows; what nobody may see can't be had; all else is
asked for again at the next visit."""


A_SECOND: Final = timedelta(seconds=1)
"""How exact the times of comments are."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a list was cut: a name, and a sentence."""

    reason: str
    sentence: str


@dataclass(slots=True)
class _Thread:
    """The replies to one comment: how many Weibo counts, which were read, and the list of them where it was needed."""

    total: int = 0
    replies: set[str] = field(default_factory=set)
    listing: Listing | None = None

    @property
    def left(self) -> int:
        return max(0, self.total - len(self.replies))


class PostLists:
    """All lists under one post. `comments` and `reposts` are what the post counts; None: not known.

    Hot comments come first: they alone show threads and pictures. Comments in the order of time follow when these have
    ended, and also stand witness, with their first page, where the list of the hot ones is empty.
    """

    def __init__(self, post_id: str, bounds: Bounds, comments: int | None = None, reposts: int | None = None) -> None:
        self.post_id = post_id
        self.comments_counted = comments
        self.reposts_counted = reposts
        self.settled = False
        self.bare: set[str] = set()
        """Published without their likes."""
        self._bounds = bounds
        self._open: set[Step] = set()
        self._lists: dict[Kind, Listing] = {}
        self._threads: dict[str, _Thread] = {}
        self._reply_pages = bounds.reply_pages
        self._seen: set[str] = set()
        self._written: dict[str, datetime] = {}
        self._unreadable = 0

    @property
    def finished(self) -> bool:
        """Whether no page is awaited any more."""
        return not self._open

    def begin(self) -> tuple[Step, ...]:
        """The first pages to ask for."""
        steps = []
        if self._bounds.comment_pages and self._bounds.orders and self.comments_counted != 0:
            steps.append(self._first("hot", self._bounds.comment_pages))
        if self._bounds.repost_pages and self.reposts_counted != 0:
            steps.append(self._first("repost", self._bounds.repost_pages))
        return tuple(steps)

    def unseen(self, ids: Iterable[str]) -> frozenset[str]:
        """Which of these comments, replies or reposts have not been read under this post."""
        known = self._lists["repost"].ids if "repost" in self._lists else set()
        return frozenset(identity for identity in ids if identity not in self._seen and identity not in known)

    def read(self, step: Step, page: ReadPage) -> tuple[Step, ...]:
        """Take the page that a step asked for; the pages to ask for next."""
        is_empty = not (page.ids or page.unreadable or page.cursor)
        self._open.discard(step)
        if step.kind == "repost":
            return self._on(step, self._lists["repost"].turn(page))
        self._unreadable += page.unreadable
        self._seen.update(page.ids)
        self._written.update(page.written)
        if step.kind == "reply":
            return self._read_replies(step, page)
        self._seen.update(reply for _, reply in page.replies)
        listing = self._lists[step.kind]
        further = self._on(step, listing.turn(page))
        if step.kind == "time":
            self._judge_emptiness(listing, EMPTY if is_empty else "")
        elif step.number == 1 and is_empty and self.comments_counted:
            listing.ended_by = CURATED
        return (*further, *self._threads_of(page), *self._after(step.kind))

    def lost(self, step: Step, reason: str, sentence: str = "") -> tuple[Step, ...]:
        """The page that a step asked for will not come, for a reason that has a name; the pages to ask for instead."""
        self._open.discard(step)
        listing = self._list_of(step)
        if reason == EMPTY and step.kind != "hot" and self._is_all(step.kind, listing):
            reason = END
        if step.kind == "hot" and reason == EMPTY and step.number == 1 and "time" not in self._lists:
            pages = self._bounds.comment_pages if "time" in self._bounds.orders else 1
            listing.sentence = sentence
            return (self._first("time", pages),)
        listing.end(reason, sentence)
        if step.kind == "time":
            self._judge_emptiness(listing, reason)
        return self._after(step.kind)

    def interrupt(self) -> None:
        """No page will come any more."""
        for step in sorted(self._open, key=lambda step: (step.kind, step.number, step.root_id or "")):
            self._list_of(step).end(INTERRUPTED)
        for listing in self._lists.values():
            listing.end(INTERRUPTED)
        self._open.clear()

    def coverage(self) -> tuple[ListCoverage, ...]:
        """How far each list was read. Replies count among the hot comments too, as the post counts them."""
        covered = [self._covered(kind, listing) for kind, listing in self._lists.items()]
        threads = [thread for thread in self._threads.values() if thread.total or thread.replies]
        if threads:
            listings = [thread.listing for thread in threads if thread.listing is not None]
            ends = [listing.ended_by or INTERRUPTED for listing in listings]
            failed = [listing.ended_by for listing in listings if listing.has_failed]
            covered.append(
                ListCoverage(
                    post_id=self.post_id,
                    order="reply",
                    reported=sum(thread.total for thread in threads),
                    listed=sum(thread.total for thread in threads),
                    captured=sum(len(thread.replies) for thread in threads),
                    pages=sum(listing.pages for listing in listings),
                    ended_by=next(iter(failed), None) or (CAP if CAP in ends else END),
                )
            )
        return tuple(covered)

    def missing(self) -> tuple[Missing, ...]:
        """What is missing, as counted ranges that do not overlap. What the lists themselves leave out is not in it."""
        total = self._total()
        rest = None if total is None else max(0, total - self._seen_of_total())
        found = self._missing_replies(rest)
        if self._unreadable:
            what = f"comments of {self.post_id} that can't be read"
            found.append(_missing("comments", what, self._unreadable, ResponseClass.SCHEMA_DRIFT.value))
        rest = None if rest is None else max(0, rest - sum(one.count or 0 for one in found))
        hot, time = self._lists.get("hot"), self._lists.get("time")
        if hot is not None and hot.is_cut and (hot.ended_by != CAP or rest):
            found.append(self._missing_list("comments", "hot comments", hot, rest))
        # What the hot ones lack is counted there; what they have is not missing because of the other order's cap.
        if time is not None and time.is_cut and time.ended_by not in (CAP, hot.ended_by if hot else None):
            found.append(self._missing_list("comments", "time comments", time, None if hot and hot.is_cut else rest))
        reposts = self._lists.get("repost")
        if reposts is not None and reposts.is_cut:
            counted = self.reposts_counted if reposts.total is None else reposts.total
            left = None if counted is None else max(0, counted - len(reposts.ids))
            if left != 0 or reposts.has_failed:
                found.append(self._missing_list("reposts", "reposts", reposts, left))
        return (*found, *self._left_out())

    def _left_out(self) -> list[Missing]:
        """Lists of which no page is read, because a setting says so."""
        bounds = self._bounds
        lists = (
            ("comments", self.comments_counted, bool(bounds.orders and bounds.comment_pages)),
            ("reposts", self.reposts_counted, bool(bounds.repost_pages)),
        )
        return [
            _missing(kind, f"{kind} of {self.post_id}", counted, CAP)
            for kind, counted, is_read in lists
            if not is_read and counted
        ]

    def problems(self) -> tuple[Problem, ...]:
        """Why lists were cut, where it was no setting."""
        listings = [(f"{kind} comments", listing) for kind, listing in self._lists.items() if kind != "repost"]
        listings += [(f"thread {root}", thread.listing) for root, thread in self._threads.items() if thread.listing]
        listings += [("reposts", listing) for kind, listing in self._lists.items() if kind == "repost"]
        return tuple(
            Problem(listing.ended_by or INTERRUPTED, f"{name} of {self.post_id}: {listing.sentence}")
            for name, listing in listings
            if listing.has_failed and listing.sentence
        )

    def _first(self, kind: Kind, cap: int) -> Step:
        self._lists[kind] = Listing(cap)
        step = Step(kind, 1)
        self._open.add(step)
        return step

    def _on(self, step: Step, cursor: CommentCursor | None) -> tuple[Step, ...]:
        if cursor is None:
            return ()
        further = Step(step.kind, step.number + 1, cursor, step.root_id)
        self._open.add(further)
        return (further,)

    def _read_replies(self, step: Step, page: ReadPage) -> tuple[Step, ...]:
        thread = self._threads[step.root_id or ""]
        listing = self._list_of(step)
        thread.replies.update(page.ids)
        thread.total = thread.total if page.total is None else page.total
        cursor = listing.turn(page)
        if cursor is not None and not self._reply_pages:
            listing.end(CAP)
            return ()
        self._reply_pages -= cursor is not None
        return self._on(step, cursor)

    def _threads_of(self, page: ReadPage) -> tuple[Step, ...]:
        for root, reply in page.replies:
            self._threads.setdefault(root, _Thread()).replies.add(reply)
        steps = []
        for root, total in page.threads:
            thread = self._threads.setdefault(root, _Thread())
            thread.total = max(total, thread.total)
            if not thread.left or thread.listing is not None:
                continue
            thread.listing = Listing(self._bounds.reply_pages)
            if self._reply_pages:
                self._reply_pages -= 1
                step = Step("reply", 1, None, root)
                self._open.add(step)
                steps.append(step)
            else:
                thread.listing.end(CAP)
        return tuple(steps)

    def _after(self, kind: Kind) -> tuple[Step, ...]:
        """The comments in the order of time, once the hot ones have ended."""
        hot = self._lists.get("hot")
        if kind != "hot" or hot is None or hot.ended_by is None:
            return ()
        if "time" not in self._bounds.orders or "time" in self._lists:
            return ()
        step = self._first("time", self._bounds.comment_pages)
        if hot.ended_by in STOPS or hot.ended_by == CLOSED:
            self._open.discard(step)
            self._lists["time"].end(hot.ended_by)
            return ()
        return (step,)

    def _judge_emptiness(self, time: Listing, reason: str) -> None:
        """Where the list of the hot comments was empty, this one is the witness: it has none either, or it has some."""
        hot = self._lists["hot"]
        if time.ids and hot.ended_by == CURATED:
            hot.ended_by, hot.sentence = EMPTY, f"{EMPTY}: the list is empty, and the one by time is not"
        is_agreed = not time.ids and reason in (EMPTY, END) and hot.ended_by in (None, CURATED)
        if is_agreed and self.comments_counted is not None:
            time.ended_by = CURATED if self.comments_counted else END
            hot.end(time.ended_by)
        if hot.ended_by is None:
            hot.end(CLOSED if reason == CLOSED else EMPTY, hot.sentence)

    def _is_all(self, kind: Kind, listing: Listing) -> bool:
        """Whether nothing is left that an empty page could hold back."""
        read = len(listing.ids) if kind == "repost" else len(self._seen)
        counted = self.reposts_counted if kind == "repost" else self.comments_counted
        total = counted if listing.total is None else listing.total
        return kind != "reply" and total is not None and read >= total

    def _list_of(self, step: Step) -> Listing:
        if step.kind != "reply":
            return self._lists[step.kind]
        thread = self._threads[step.root_id or ""]
        if thread.listing is None:
            thread.listing = Listing(self._bounds.reply_pages)
        return thread.listing

    def _total(self) -> int | None:
        """How many comments and replies there are to be had: as the lists say, or else as the post counts them."""
        totals = [self._lists[kind].total for kind in ("hot", "time") if kind in self._lists]
        return next((total for total in totals if total is not None), self.comments_counted)

    def _seen_of_total(self) -> int:
        """How many of those that were read are in the total: what was written since it was said is not."""
        lists = [self._lists[kind] for kind in ("hot", "time") if kind in self._lists]
        counted_at = next((listing.counted_at for listing in lists if listing.total is not None), None)
        if counted_at is None:
            return len(self._seen)
        return sum(self._written.get(identity, EARLIEST) <= counted_at - A_SECOND for identity in self._seen)

    def _covered(self, kind: Kind, listing: Listing) -> ListCoverage:
        captured = set(listing.ids)
        if kind == "hot":
            captured.update(*(thread.replies for thread in self._threads.values()))
        return ListCoverage(
            post_id=self.post_id,
            order=kind,
            reported=self.reposts_counted if kind == "repost" else self.comments_counted,
            listed=listing.total,
            captured=len(captured),
            pages=listing.pages,
            ended_by=listing.ended_by or INTERRUPTED,
        )

    def _missing_list(self, kind: str, name: str, listing: Listing, count: int | None) -> Missing:
        what = f"{name} of {self.post_id} after {listing.pages} pages"
        return _missing(kind, what, count, listing.ended_by or INTERRUPTED)

    def _missing_replies(self, most: int | None) -> list[Missing]:
        """Threads that were cut. Some of their replies may have come in the order of time: `most` are missing."""
        cut = [(root, thread, thread.listing) for root, thread in self._threads.items() if thread.listing]
        left = sum(thread.left for _, thread, _ in cut) if most is None else most
        found = []
        for root, thread, listing in cut:
            if listing.has_failed:
                count = min(thread.left, left)
                left -= count
                what = f"thread {root} of {self.post_id}"
                found.append(_missing("replies", what, count, listing.ended_by or INTERRUPTED))
        capped = [thread.left for _, thread, listing in cut if listing.ended_by == CAP and thread.left]
        if capped and left:
            what = f"in {len(capped)} threads of {self.post_id}"
            found.append(_missing("replies", what, min(sum(capped), left), CAP))
        return found


def _missing(kind: str, what: str, count: int | None, reason: str) -> Missing:
    return Missing(kind=kind, what=what, count=count, reason=reason, remedy=REMEDIES.get(reason, NEXT_VISIT))
