"""`scrapy crawl embassy -a accounts=…`: the rendered page of an account, its further posts, and their comments."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

from scrapy.http import Request, Response, TextResponse

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict, classify
from crawler.endpoints import Endpoint, extend_url, page_url, timeline_url
from crawler.parsing.dom import parse_dom
from crawler.parsing.errors import DriftError, WrongAccountError
from crawler.parsing.profile import parse_profile
from crawler.parsing.status import parse_extend
from crawler.parsing.timeline import PostReference, TimelinePage, parse_timeline
from crawler.receipts import Visit, Wanted
from crawler.rendering import Capture
from crawler.saved_answers import SavedAnswerError, save
from crawler.scrubbing import scrub
from crawler.spiders.threads import ThreadReading
from crawler.spiders.visiting import READABLE, Output, number_of
from schemas.counts import value_of
from schemas.events import PostSeen
from schemas.registry import Account

WANTED = frozenset({Endpoint.PROFILE, Endpoint.TIMELINE})
"""What the page itself loads, and we read."""
PAGE = Wanted("visit", "the rendered page")
PROFILE = Wanted("profile", "the account's figures")
NEWEST = Wanted("timeline", "the newest posts")


class EmbassySpider(ThreadReading):
    """Visits accounts.

    - `accounts`: ids, uids, screen names, separated by commas, or `all`;
    - `pages`: timeline pages per account, the rendered one included;
    - `comment_posts`: of how many of the newest posts the comments are read; `comment_pages`: how many pages of each;
    - `cycle`: the name of the cycle in the receipts; default: the moment of the start.
    """

    name = "embassy"
    ARGUMENTS: ClassVar[frozenset[str]] = frozenset({"pages", "comment_posts", "comment_pages"})

    def understand(self, arguments: dict[str, str]) -> None:
        """Also `pages` and `comment_posts`."""
        super().understand(arguments)
        crawl = self.settings_in_force.crawl
        self.pages = number_of(arguments, "pages", crawl.pages, 1)
        self.comment_posts = number_of(arguments, "comment_posts", crawl.comment_posts, 0)

    def begin(self, visit: Visit, account: Account, uid: str) -> Iterator[Output]:
        """Render the account's page."""
        visit.request_planned(PAGE, answers=len(WANTED))
        yield Request(
            page_url(uid),
            callback=self.rendered,
            errback=self.unanswered,
            cb_kwargs={"visit": visit},
            meta={"endpoint": Endpoint.PAGE, "visit": visit, "wanted": WANTED, "wanted_by": PAGE},
            dont_filter=True,
        )

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
        if profile and verdict and verdict.response_class in READABLE:
            yield from self.read(visit, profile, verdict, self._read_profile, PROFILE)
        else:
            if profile and verdict:
                visit.answered(verdict.response_class)
                problem = f"{verdict.response_class}: {verdict.reason} ({profile.url})"
                visit.fail(verdict.response_class, problem, PROFILE)
            if visit.stop_reason != "wrong_account":
                yield from self._read_shown(visit, shown, alone=profile is None)
        if visit.stop_reason == "wrong_account":
            return
        timeline, verdict = _best(capture, Endpoint.TIMELINE)
        if timeline and verdict:
            yield from self.read(visit, timeline, verdict, partial(self._read_timeline, number=1), NEWEST)
        else:
            if visit.stop_reason is None:
                visit.fail(ResponseClass.NETWORK_ERROR, f"the page {response.url} never loaded its posts")
            visit.miss(NEWEST, next(reversed(visit.responses), ResponseClass.NETWORK_ERROR.value))

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

    def _read_shown(self, visit: Visit, shown: Answer, alone: bool) -> Iterator[Output]:
        """The fallback: the account's counts from the page, and what blocked it. `alone`: nothing else was loaded."""
        verdict = classify(shown, Endpoint.PAGE)
        try:
            witness = parse_dom(shown.body.decode(), self.context(visit, shown))
        except WrongAccountError as error:
            visit.answered(ResponseClass.WRONG_ACCOUNT)
            visit.fail(ResponseClass.WRONG_ACCOUNT, f"{ResponseClass.WRONG_ACCOUNT}: {error}")
            return
        except DriftError as error:
            visit.fail(ResponseClass.SCHEMA_DRIFT, f"{ResponseClass.SCHEMA_DRIFT}: {error}")
            return
        if alone:
            found = witness.blocked_by or verdict.response_class
            visit.answered(found)
            reason = "a captcha or a gate stands in its place" if witness.blocked_by else verdict.reason
            visit.fail(found, f"{found}: the page {shown.url} did not load the account's JSON: {reason}")
        if witness.snapshot is not None:
            visit.posts_reported = witness.snapshot.posts
            yield visit.page("rendered page", (witness.snapshot,))

    def _read_profile(self, visit: Visit, answer: Answer, verdict: Verdict) -> Iterator[Output]:
        profile = parse_profile(verdict.data, self.context(visit, answer))
        for problem in profile.problems:
            visit.fail(ResponseClass.SCHEMA_DRIFT, f"profile: {problem}")
        visit.posts_reported = profile.snapshot.posts
        yield visit.page("profile", (profile.snapshot,))

    def _read_timeline(self, visit: Visit, answer: Answer, verdict: Verdict, number: int) -> Iterator[Output]:
        if verdict.data is None:
            visit.stop("end_of_list")
            return
        page = parse_timeline(verdict.data, self.context(visit, answer))
        for problem in page.problems:
            visit.fail(ResponseClass.SCHEMA_DRIFT, f"timeline page {number}: {problem}")
        if page.events:
            yield visit.page(f"timeline page {number}", page.events)
        yield from self._long_texts(visit, page)
        yield from self._comments(visit, page)
        uid = self.context(visit, answer).uid
        if page.cursor is None:
            visit.stop("end_of_list")
        elif number >= self.pages:
            visit.stop("page_limit")
        elif uid is not None:
            read = partial(self._read_timeline, number=number + 1)
            wanted = Wanted(
                "timeline", f"posts of page {number + 1} (cursor {page.cursor.since_id or page.cursor.page})"
            )
            yield self.ask(visit, timeline_url(uid, page.cursor), Endpoint.TIMELINE, page_url(uid), read, wanted)

    def _long_texts(self, visit: Visit, page: TimelinePage) -> Iterator[Output]:
        for post in page.posts:
            if post.text_truncated:
                read = partial(self._read_long_text, post=post.seen)
                referer = page_url(post.seen.uid)
                wanted = Wanted("long_text", post.post_id)
                yield self.ask(visit, extend_url(post.post_id), Endpoint.EXTEND, referer, read, wanted)

    def _read_long_text(self, visit: Visit, answer: Answer, verdict: Verdict, post: PostSeen) -> Iterator[Output]:
        events = parse_extend(verdict.data, self.context(visit, answer), post)
        yield visit.page(f"long text of {post.post_id}", events)

    def _comments(self, visit: Visit, page: TimelinePage) -> Iterator[Output]:
        for post in page.posts:
            if visit.comment_posts < self.comment_posts and self.comment_pages and not post.pinned:
                visit.comment_posts += 1
                yield from self._comments_on(visit, post)

    def _comments_on(self, visit: Visit, post: PostReference) -> Iterator[Output]:
        reported = value_of(post.comments)
        if reported is not None:
            visit.comments_reported = (visit.comments_reported or 0) + reported
        if reported != 0:
            yield from self.comments(visit, post.post_id)


def _best(capture: Capture, endpoint: Endpoint) -> tuple[Answer, Verdict] | tuple[None, None]:
    """The first answer of an endpoint that can be read; where none can, the last one: a page may try again."""
    judged = [(answer, classify(answer, endpoint)) for kind, answer in capture.answers if kind is endpoint]
    readable = (pair for pair in judged if pair[1].response_class in READABLE)
    return next(readable, judged[-1] if judged else (None, None))
