"""`scrapy crawl embassy -a accounts=…`: the rendered page of an account, its further posts, and their comments."""

from collections.abc import AsyncIterator, Generator, Iterator
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import ClassVar

from scrapy.http import Request, Response, TextResponse

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict, classify
from crawler.consequences import CONSEQUENCES
from crawler.endpoints import Endpoint, extend_url, page_url, status_url, timeline_url
from crawler.memory.coverage import BEGINNING, first_id_of
from crawler.memory.matching import match, sample_of
from crawler.memory.records import PostMemory, SampleMemory
from crawler.memory.sightings import counted, long_text, removed, seen
from crawler.memory.walk import Step, Walk
from crawler.parsing.dom import DomWitness, parse_dom
from crawler.parsing.errors import DriftError, WrongAccountError
from crawler.parsing.profile import parse_profile
from crawler.parsing.removals import parse_removal
from crawler.parsing.status import parse_extend, parse_status
from crawler.parsing.timeline import TimelinePage, parse_timeline
from crawler.parsing.times import SHANGHAI
from crawler.receipts import Visit, Wanted
from crawler.rendering import Capture
from crawler.saved_answers import SavedAnswerError, save
from crawler.scrubbing import scrub
from crawler.spiders.threads import DETAIL, ThreadReading
from crawler.spiders.visiting import LEADS_ON, READABLE, ArgumentsError, Output, number_of
from schemas.events import EngagementSample, MissingKind, PostSeen
from schemas.registry import Account

WANTED = frozenset({Endpoint.PROFILE, Endpoint.TIMELINE})
"""What the page itself loads, and we read."""
PAGE = Wanted("visit", "the rendered page")
PROFILE = Wanted("profile", "the account's figures")
NEWEST = Wanted("timeline", "the newest posts")
POST_ANSWERS = READABLE | {ResponseClass.REMOVED, ResponseClass.NOT_FOUND}
"""What tells something of a single post; a login wall or a block tells nothing."""
EVERY_PAGE = 100_000


class EmbassySpider(ThreadReading):
    """Visits accounts.

    - `accounts`: ids, uids, screen names, separated by commas, or `all`;
    - `pages`: timeline pages per account that are read in any case, the rendered one included; further ones, up to
      `most_pages`, where posts are missing down to what is remembered;
    - `since`: back-fill to a date (2016-12-01, Beijing), or `beginning`; it goes on where an earlier one stopped;
    - `comment_posts`: of how many of the newest posts the comments are read; `comment_pages`: how many pages of each;
    - `cycle`: the name of the cycle in the receipts; default: the moment of the start.
    """

    name = "embassy"
    ARGUMENTS: ClassVar[frozenset[str]] = frozenset({"pages", "most_pages", "since", "comment_posts", "comment_pages"})

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

    def begin(self, visit: Visit, account: Account, uid: str) -> Iterator[Output]:
        """Render the account's page."""
        self.recall(visit, self.pages, self.since)
        visit.request_planned(PAGE, answers=len(WANTED))
        yield Request(
            page_url(uid),
            callback=self.rendered,
            errback=self.unanswered,
            cb_kwargs={"visit": visit},
            meta={"endpoint": Endpoint.PAGE, "visit": visit, "wanted": WANTED, "wanted_by": PAGE},
            priority=LEADS_ON,
            dont_filter=True,
        )

    def recall(self, visit: Visit, pages: int, since: int | None = None) -> Walk:
        """Begin the walk of a visit with what is remembered of its account."""
        account_id = visit.account_id
        walk = self.walks[account_id] = Walk.of(self.memory.of(account_id), pages, self.most_pages, since)
        if problem := self.memory.problems.pop(account_id, None):
            visit.problems.append(problem)
        return walk

    async def rendered(self, response: Response, visit: Visit) -> AsyncIterator[Output]:
        """The callback of a rendered page: first what it loaded, then, where that is no use, what it shows."""
        capture: Capture = response.meta["capture"]
        for output in self.ended(visit, self._read_rendered(response, capture, visit), PAGE):
            yield output
        async for output in self.closing(visit):
            yield output

    def _read_rendered(self, response: Response, capture: Capture, visit: Visit) -> Iterator[Output]:
        self._save(visit, capture)
        shown = self._shown(response, capture)
        profile, verdict = _best(capture, Endpoint.PROFILE)
        profile_reads = profile is not None and verdict is not None and verdict.response_class in READABLE
        witness = None if profile_reads else (yield from self._witness(visit, shown))
        if profile and verdict and profile_reads:
            yield from self.read(visit, profile, verdict, self._read_profile, PROFILE)
        elif visit.stop_reason != "wrong_account":
            if profile and verdict:
                yield from self._refuse_profile(visit, profile, verdict)
            # Its JSON may be a stranger's where the page is not: then neither is believed.
            if witness and not (verdict and verdict.response_class is ResponseClass.WRONG_ACCOUNT):
                yield from self._read_shown(visit, shown, witness, alone=profile is None)
        if visit.stop_reason == "wrong_account":
            # Whatever the page loaded besides is not attributed, so the account's posts are missing too.
            refused = ResponseClass.WRONG_ACCOUNT
            visit.miss(NEWEST, refused.value, CONSEQUENCES[refused].remedy)
            return
        timeline, verdict = _best(capture, Endpoint.TIMELINE)
        if timeline and verdict:
            yield from self.read(visit, timeline, verdict, self._read_timeline, NEWEST)
        else:
            if visit.stop_reason is None:
                visit.fail(ResponseClass.NETWORK_ERROR, f"the page {response.url} never loaded its posts")
            visit.miss(NEWEST, last_refusal(visit).value)
        if self.walks[visit.account_id].number == 0:
            witness = (yield from self._witness(visit, shown)) if profile_reads else witness
            if witness:
                yield from self._read_shown_posts(visit, shown, witness)

    def _refuse_profile(self, visit: Visit, answer: Answer, verdict: Verdict) -> Iterator[Output]:
        """The page's own profile answer can't be read; what the page shows stands in for it."""
        visit.answered(verdict.response_class)
        problem = f"{verdict.response_class}: {verdict.reason} ({answer.url})"
        visit.fail(verdict.response_class, problem, PROFILE)
        if CONSEQUENCES[verdict.response_class].quarantine:
            yield from self.quarantine(visit, answer, verdict.reason)

    def _save(self, visit: Visit, capture: Capture) -> None:
        """For `weiplomacy crawl probe`: keep what was captured as fixtures, scrubbed of people."""
        folder = self.settings["FIXTURES_FOLDER"]
        for endpoint, answer in capture.answers if folder else ():
            try:
                fixture = scrub(answer, endpoint, self.people, self.context(visit, answer).uid)
                save(fixture, Path(folder) / f"{visit.account_id.replace(':', '-')}-{endpoint}.json")
            except SavedAnswerError as error:
                self.logger.error("%s", error)

    def _shown(self, response: Response, capture: Capture) -> Answer:
        """The page as the browser shows it. After a redirect by script Scrapy's status is that of the gate."""
        text = response.text if isinstance(response, TextResponse) else ""
        return Answer(response.url, capture.document_status or response.status, {}, text.encode(), self.clock.now())

    def _read_shown(self, visit: Visit, shown: Answer, witness: DomWitness, alone: bool) -> Iterator[Output]:
        """The fallback: the account's counts from the page, and what blocked it. `alone`: nothing else was loaded."""
        if alone:
            verdict = classify(shown, Endpoint.PAGE)
            found = witness.blocked_by or verdict.response_class
            visit.answered(found)
            reason = "a captcha or a gate stands in its place" if witness.blocked_by else verdict.reason
            visit.fail(found, f"{found}: the page {shown.url} did not load the account's JSON: {reason}")
        if witness.snapshot is not None:
            visit.posts_reported = witness.snapshot.posts
            yield visit.page("rendered page", (witness.snapshot,))

    def _read_shown_posts(self, visit: Visit, shown: Answer, witness: DomWitness) -> Iterator[Output]:
        """The fallback for posts: counters of those that the memory knows. The others are kept for a better reader."""
        context, walk = self.context(visit, shown), self.walks[visit.account_id]
        found = match(witness.posts, tuple(walk.known.values()))
        sightings = [walk.remember(counted(sample_of(post, known, context), known)) for post, known in found.known]
        if sightings:
            events = tuple(event for sighting in sightings for event in sighting.events)
            yield visit.page("posts of the rendered page", events, posts=[sighting.memory for sighting in sightings])
        if found.unknown:
            reason = f"{len(found.unknown)} of the {len(witness.posts)} posts that the page shows are not known"
            yield from self.quarantine(visit, shown, reason)

    def _witness(self, visit: Visit, shown: Answer) -> Generator[Output, None, DomWitness | None]:
        """The page as a witness; None, and the visit knows why, where it is another account's or can't be read."""
        try:
            witness = parse_dom(shown.body.decode(), self.context(visit, shown))
        except WrongAccountError as error:
            visit.answered(ResponseClass.WRONG_ACCOUNT)
            visit.fail(ResponseClass.WRONG_ACCOUNT, f"{ResponseClass.WRONG_ACCOUNT}: {error}")
        except DriftError as error:
            visit.fail(ResponseClass.SCHEMA_DRIFT, f"{ResponseClass.SCHEMA_DRIFT}: {error}")
            yield from self.quarantine(visit, shown, str(error))
        else:
            for problem in witness.problems:
                visit.fail(ResponseClass.SCHEMA_DRIFT, f"rendered page: {problem}")
            if witness.problems:
                yield from self.quarantine(visit, shown, witness.problems[0])
            return witness
        return None

    def _read_profile(self, visit: Visit, answer: Answer, verdict: Verdict) -> Iterator[Output]:
        profile = parse_profile(verdict.data, self.context(visit, answer))
        for problem in profile.problems:
            visit.fail(ResponseClass.SCHEMA_DRIFT, f"profile: {problem}")
        visit.posts_reported = profile.snapshot.posts
        yield visit.page("profile", (profile.snapshot,))

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
            yield visit.page(f"timeline page {walk.number}", step.events, step.covers, posts)
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
        yield visit.page(f"post {post_id}", sighting.events, posts=[sighting.memory])

    def _long_texts(self, visit: Visit, step: Step) -> Iterator[Output]:
        for post in step.long_texts:
            read = partial(self._read_long_text, post=post)
            wanted = Wanted("long_text", post.post_id)
            yield self.ask(visit, extend_url(post.post_id), Endpoint.EXTEND, page_url(post.uid), read, wanted)

    def _read_long_text(self, visit: Visit, answer: Answer, verdict: Verdict, post: PostSeen) -> Iterator[Output]:
        walk = self.walks[visit.account_id]
        whole, *counters = parse_extend(verdict.data, self.context(visit, answer), post)
        sample = next((event for event in counters if isinstance(event, EngagementSample)), None)
        if not isinstance(whole, PostSeen):
            raise TypeError(f"a long text is a {type(whole).__name__}")
        sighting = walk.remember(long_text(whole, sample, walk.known[post.post_id]))
        yield visit.page(f"long text of {post.post_id}", sighting.events, posts=[sighting.memory])

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
            newest = post.samples[-1] if post.samples else SampleMemory(at=post.last_seen_at)
            yield from self.comments(visit, post.post_id, newest.comments, newest.reposts)

    def _comments(self, visit: Visit, page: TimelinePage) -> Iterator[Output]:
        listed = [post for post in page.posts if not post.pinned]
        read = max(0, self.comment_posts - visit.comment_posts)
        for post in listed[:read]:
            visit.comment_posts += 1
            yield from self.under(visit, post)
        self.leave_out(visit, listed[read:])


def since_of(text: str | None) -> int | None:
    """The least post id of a day in Beijing (2016-12-01), or of everything (`beginning`). Raises ArgumentsError."""
    if text is None:
        return None
    if text == "beginning":
        return BEGINNING
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentsError(f"since={text!r} is no day: write 2016-12-01, or beginning") from error
    return first_id_of(datetime.combine(day, time(), SHANGHAI))


def last_refusal(visit: Visit) -> ResponseClass:
    """Why something that a page never loaded is missing: the newest class that says no, else that nothing came."""
    classes = [ResponseClass(name) for name in visit.responses]
    return next((one for one in reversed(classes) if one not in READABLE), ResponseClass.NETWORK_ERROR)


def _best(capture: Capture, endpoint: Endpoint) -> tuple[Answer, Verdict] | tuple[None, None]:
    """The first answer of an endpoint that can be read; where none can, the last one: a page may try again."""
    judged = [(answer, classify(answer, endpoint)) for kind, answer in capture.answers if kind is endpoint]
    readable = (pair for pair in judged if pair[1].response_class in READABLE)
    return next(readable, judged[-1] if judged else (None, None))
