"""The canary: an account and a post that are known to be there, asked for once in a run.

Where they can be read, "nothing new" elsewhere is true. Where they can't, Weibo has changed, or refuses us: the receipt
of the spider `canary` says which.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict
from crawler.endpoints import Endpoint, page_url, profile_url, status_url
from crawler.lanes.plans import names
from crawler.parsing.profile import parse_profile
from crawler.parsing.status import parse_status
from crawler.receipts import BLOCKS, Visit, Wanted
from schemas.errors import SettingsError
from schemas.registry import Account, Registry

if TYPE_CHECKING:
    from crawler.spiders.visiting import Output, VisitingSpider

NAME: Final = "canary"
"""The spider in its receipts."""


class Canary:
    """The canary of one run, whose `visit` ends like any other."""

    def __init__(self, spider: "VisitingSpider", account: Account, post_id: str | None) -> None:
        self._spider = spider
        self._account = account
        self._post_id = post_id
        lane = names(spider.settings_in_force.crawl)[0]
        self.visit = Visit(account.id, NAME, spider.cycle, lane, spider.clock.now())
        self.visit.raw_people = spider.people.raw

    def begin(self) -> Iterator["Output"]:
        """Ask for the account's figures, and for the post where one is named."""
        ask, visit, uid = self._spider.ask, self.visit, self._account.uid or ""
        wanted = Wanted("profile", "the canary's figures")
        yield ask(visit, profile_url(uid), Endpoint.PROFILE, page_url(uid), self._read_profile, wanted)
        if self._post_id is not None:
            wanted = Wanted("timeline", f"the canary's post {self._post_id}")
            yield ask(visit, status_url(self._post_id), Endpoint.STATUS, page_url(uid), self._read_post, wanted)

    def _read_profile(self, visit: Visit, answer: Answer, verdict: Verdict) -> Iterator["Output"]:
        for problem in parse_profile(verdict.data, self._spider.context(visit, answer)).problems:
            visit.fail(ResponseClass.SCHEMA_DRIFT, f"profile: {problem}")
        visit.stop("caught_up")
        yield from ()

    def _read_post(self, visit: Visit, answer: Answer, verdict: Verdict) -> Iterator["Output"]:
        parse_status(verdict.data, self._spider.context(visit, answer))
        visit.stop("caught_up")
        yield from ()

    def conclude(self) -> None:
        """Put what follows before the problems of the visit."""
        if self.visit.problems:
            self.visit.problems.insert(0, conclusion(self.visit.responses, self.visit.lane))


def canary_account(registry: Registry, name: str) -> Account:
    """The account of the setting crawl.canary_account. Raises SettingsError where its uid is not known."""
    account = registry.find(name)
    if account.uid is None:
        raise SettingsError(f"crawl.canary_account: no uid is known of {account.id} ({account.shown_name})")
    return account


def conclusion(responses: dict[str, int], lane: str) -> str:
    """What an unreadable canary means, from the answers by class."""
    classes = ", ".join(responses)
    if any(name in responses for name in BLOCKS):
        return f"the canary was refused ({classes}), last by the lane {lane}: whether Weibo has changed is not known"
    if set(responses) <= {ResponseClass.NETWORK_ERROR.value, ResponseClass.OK.value}:
        return f"the canary was not answered ({classes}): is the site reachable, and the lane {lane} up?"
    return (
        f"the canary can't be read ({classes}): Weibo has changed, or the canary has. Don't take 'nothing new' of this "
        "run for true; `weiplomacy crawl probe` keeps what Weibo answers now"
    )
