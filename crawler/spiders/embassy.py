"""`scrapy crawl embassy -a accounts=…`: the rendered page of an account, its further posts, and their comments."""

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

from scrapy.http import Request, Response, TextResponse

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict, classify
from crawler.consequences import CONSEQUENCES
from crawler.endpoints import Endpoint, page_url
from crawler.memory.matching import match, sample_of
from crawler.memory.sightings import counted
from crawler.parsing.dom import DomWitness, parse_dom
from crawler.parsing.errors import DriftError, WrongAccountError
from crawler.parsing.profile import parse_profile
from crawler.receipts import Visit, Wanted
from crawler.rendering import Capture
from crawler.saved_answers import SavedAnswerError, save
from crawler.scrubbing import scrub
from crawler.spiders.timelines import NEWEST, TimelineReading
from crawler.spiders.visiting import LEADS_ON, READABLE, Output
from schemas.registry import Account

WANTED = frozenset({Endpoint.PROFILE, Endpoint.TIMELINE})
"""What the page itself loads, and we read."""
PAGE = Wanted("visit", "the rendered page")
PROFILE = Wanted("profile", "the account's figures")


class EmbassySpider(TimelineReading):
    """Visits accounts: renders the page of each, and goes on from what it loaded or, where that is no use, shows.

    Its arguments are those of crawler.spiders.timelines and crawler.spiders.threads, and:

    - `accounts`: ids, uids, screen names, separated by commas, or `all`;
    - `cycle`: the name of the cycle in the receipts; default: the moment of the start.
    """

    name = "embassy"

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
        status = capture.document_status or response.status
        return Answer(response.url, status, {}, text.encode(), self.clock.now(), capture.lane)

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
            yield visit.page("rendered page", (witness.snapshot,), lane=shown.lane)

    def _read_shown_posts(self, visit: Visit, shown: Answer, witness: DomWitness) -> Iterator[Output]:
        """The fallback for posts: counters of those that the memory knows. The others are kept for a better reader."""
        context, walk = self.context(visit, shown), self.walks[visit.account_id]
        found = match(witness.posts, tuple(walk.known.values()))
        sightings = [walk.remember(counted(sample_of(post, known, context), known)) for post, known in found.known]
        if sightings:
            events = tuple(event for sighting in sightings for event in sighting.events)
            posts = [sighting.memory for sighting in sightings]
            yield visit.page("posts of the rendered page", events, posts=posts, lane=shown.lane)
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
        yield visit.page("profile", (profile.snapshot,), lane=answer.lane)


def last_refusal(visit: Visit) -> ResponseClass:
    """Why something that a page never loaded is missing: the newest class that says no, else that nothing came."""
    classes = [ResponseClass(name) for name in visit.responses]
    return next((one for one in reversed(classes) if one not in READABLE), ResponseClass.NETWORK_ERROR)


def _best(capture: Capture, endpoint: Endpoint) -> tuple[Answer, Verdict] | tuple[None, None]:
    """The first answer of an endpoint that can be read; where none can, the last one: a page may try again."""
    judged = [(answer, classify(answer, endpoint)) for kind, answer in capture.answers if kind is endpoint]
    readable = (pair for pair in judged if pair[1].response_class in READABLE)
    return next(readable, judged[-1] if judged else (None, None))
