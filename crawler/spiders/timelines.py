"""Walking down timelines with the memory, for the spiders `embassy` and `resample`: pages, single posts, long texts."""

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict
from crawler.endpoints import Endpoint, extend_url, page_url, status_url, timeline_url
from crawler.memory.records import PostMemory
from crawler.memory.sightings import long_text, removed, seen
from crawler.memory.walk import Step, Walk
from crawler.parsing.removals import parse_removal
from crawler.parsing.status import parse_extend, parse_status
from crawler.parsing.timeline import TimelinePage, parse_timeline
from crawler.receipts import Visit, Wanted
from crawler.spiders.arguments import number_of, since_of
from crawler.spiders.threads import DETAIL, ThreadReading
from crawler.spiders.visiting import READABLE, Output
from schemas.events import EngagementSample, MissingKind, PostSeen

NEWEST = Wanted("timeline", "the newest posts")
POST_ANSWERS = READABLE | {ResponseClass.REMOVED, ResponseClass.NOT_FOUND}
"""What tells something of a single post; a login wall or a block tells nothing."""
EVERY_PAGE = 100_000


class TimelineReading(ThreadReading):
    """Adds the walk down an account's timeline, and its memory.

    - `pages`: timeline pages per account that are read in any case; further ones, up to `most_pages`, where posts are
      missing down to what is remembered;
    - `since`: back-fill to a date (2016-12-01, Beijing), or `beginning`; it goes on where an earlier one stopped;
    - `comment_posts`: under how many of the newest posts the lists are read.
    """

    ARGUMENTS: ClassVar[frozenset[str]] = frozenset({"pages", "most_pages", "since", "comment_posts"})

    def understand(self, arguments: dict[str, str]) -> None:
        """Also `pages`, `most_pages`, `since` and `comment_posts`."""
        super().understand(arguments)
        crawl = self.settings_in_force.crawl
        self.walks: dict[str, Walk] = {}
        self.pages = number_of(arguments, "pages", crawl.pages, 1)
        self.since = since_of(arguments.get("since"))
        most = crawl.most_pages if self.since is None else EVERY_PAGE
        self.most_pages = number_of(arguments, "most_pages", most, 1)
        self.comment_posts = number_of(arguments, "comment_posts", crawl.comment_posts, 0)

    def recall(self, visit: Visit, pages: int, since: int | None = None) -> Walk:
        """Begin the walk of a visit with what is remembered of its account."""
        account_id = visit.account_id
        walk = self.walks[account_id] = Walk.of(self.memory.of(account_id), pages, self.most_pages, since)
        if problem := self.memory.problems.pop(account_id, None):
            visit.problems.append(problem)
        return walk

    def _read_timeline(self, visit: Visit, answer: Answer, verdict: Verdict) -> Iterator[Output]:
        walk = self.walks[visit.account_id]
        if verdict.data is None:
            step = walk.end()
        else:
            page = parse_timeline(verdict.data, self.context(visit, answer))
            step = walk.page(page, answer.observed_at)
            self.count_problems(visit, page, walk.number)
            yield from self._long_texts(visit, step)
            yield from self._comments(visit, page)
        if step.events or step.covers:
            posts = [self._owing(visit, walk, post) for post in step.posts]
            yield visit.page(f"timeline page {walk.number}", step.events, step.covers, posts, lane=answer.lane)
        for post in step.to_confirm:
            yield self._single(visit, post.post_id, "confirmation")
        yield from self._go_on(visit, walk, step, self.context(visit, answer).uid)

    def _go_on(self, visit: Visit, walk: Walk, step: Step, uid: str | None) -> Iterator[Output]:
        if step.hole is not None:
            lost = Wanted("timeline", f"posts from {step.hole.newest} down to {step.hole.oldest}")
            visit.miss(lost, "budget")
        if step.stop is not None:
            visit.stop(step.stop)
            for post in walk.owed():
                yield self._single(visit, post.post_id, "long_text")
            yield from self._owed_lists(visit, walk)
        elif step.go_on is not None and uid is not None:
            place = step.go_on.since_id or step.go_on.page
            wanted = Wanted("timeline", f"posts of page {walk.number + 1} (cursor {place})")
            url = timeline_url(uid, step.go_on)
            yield self.ask(visit, url, Endpoint.TIMELINE, page_url(uid), self._read_timeline, wanted)

    def _single(self, visit: Visit, post_id: str, kind: MissingKind) -> Output:
        """Ask for a post by itself: whether it is gone, or its whole text."""
        read = partial(self._read_single, post_id=post_id)
        referer = DETAIL.format(post_id)
        wanted = Wanted(kind, post_id)
        request = self.ask(visit, status_url(post_id), Endpoint.STATUS, referer, read, wanted, takes=POST_ANSWERS)
        # That a post is gone is better said by another session than the one whose list does not show it.
        request.meta["elsewhere"] = kind == "confirmation"
        return request

    def _read_single(self, visit: Visit, answer: Answer, verdict: Verdict, post_id: str) -> Iterator[Output]:
        walk = self.walks[visit.account_id]
        known = walk.known[post_id]
        context = self.context(visit, answer)
        if verdict.response_class is ResponseClass.OK:
            post, sample = parse_status(verdict.data, context)
            if not (isinstance(post, PostSeen) and isinstance(sample, EngagementSample)):
                raise TypeError(f"a single post is a {type(post).__name__} and a {type(sample).__name__}")
            sighting = seen(post, sample, known, listed=known.first_missing_at is None and not known.unlisted)
        else:
            sighting = removed(parse_removal(verdict.data or {}, context, post_id, known.first_missing_at), known)
        walk.remember(sighting)
        yield visit.page(f"post {post_id}", sighting.events, posts=[sighting.memory], lane=answer.lane)

    def _long_texts(self, visit: Visit, step: Step) -> Iterator[Output]:
        for post in step.long_texts:
            read = partial(self._read_long_text, post=post)
            wanted = Wanted("long_text", post.post_id)
            yield self.ask(visit, extend_url(post.post_id), Endpoint.EXTEND, page_url(post.uid), read, wanted)

    def _read_long_text(self, visit: Visit, answer: Answer, verdict: Verdict, post: PostSeen) -> Iterator[Output]:
        walk = self.walks[visit.account_id]
        known = walk.known.get(post.post_id)
        if known is None:  # asked for twice, read once, and let go since
            return
        whole, *counters = parse_extend(verdict.data, self.context(visit, answer), post)
        sample = next((event for event in counters if isinstance(event, EngagementSample)), None)
        if not isinstance(whole, PostSeen):
            raise TypeError(f"a long text is a {type(whole).__name__}")
        sighting = walk.remember(long_text(whole, sample, known))
        name = f"long text of {post.post_id}"
        yield visit.page(name, sighting.events, posts=[sighting.memory], lane=answer.lane)

    async def remember(self, visit: Visit) -> None:
        """Write the account's memory down, and put its watermark into the receipt."""
        visit.end_lists()
        # An event that Kafka did not take may stand in any of the lists: all of them are read again.
        lost = visit.acknowledged != visit.published
        self.memory.ended(visit.account_id, dict.fromkeys(visit.owed_lists, True) if lost else visit.owed_lists)
        walk = self.walks.get(visit.account_id)
        if walk is not None and walk.saw_newest:
            self.memory.visited(visit.account_id, self.clock.now(), self.renders(visit))
        if problem := await self.memory.write(visit.account_id):
            visit.forgotten(problem)
        watermark = self.memory.of(visit.account_id).coverage.watermark
        visit.watermark = None if watermark is None else str(watermark)

    def renders(self, visit: Visit) -> bool:
        """Whether a visit is one that renders the page."""
        return True

    def _owing(self, visit: Visit, walk: Walk, post: PostMemory) -> PostMemory:
        """A post whose lists are being read owes them until they are, so that a crash in between forgets none."""
        if not visit.owed_lists.get(post.post_id):
            return post
        walk.known[post.post_id] = owing = post.model_copy(update={"owes_lists": True})
        return owing

    def _owed_lists(self, visit: Visit, walk: Walk) -> Iterator[Output]:
        """Read lists under older posts that an earlier visit could not, as many as of the newest ones."""
        owing = [post for post in walk.known.values() if post.owes_lists and post.post_id not in visit.owed_lists]
        for post in sorted(owing, key=lambda post: post.number, reverse=True)[: self.comment_posts]:
            # Counters of an earlier visit would count too little as missing.
            now = next((one for one in post.samples[-1:] if one.at >= visit.started_at), None)
            comments, reposts = (now.comments, now.reposts) if now else (None, None)
            yield from self.comments(visit, post.post_id, comments, reposts)

    def _comments(self, visit: Visit, page: TimelinePage) -> Iterator[Output]:
        listed = [post for post in page.posts if not post.pinned]
        read = max(0, self.comment_posts - visit.comment_posts)
        for post in listed[:read]:
            visit.comment_posts += 1
            yield from self.under(visit, post)
        self.leave_out(visit, listed[read:])
