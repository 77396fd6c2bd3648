"""`scrapy crawl names -a accounts=…`: which uid the screen name of an account leads to, for `registry resolve`."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import ClassVar

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict
from crawler.endpoints import Endpoint, name_url, page_url, profile_url
from crawler.items import NameResult
from crawler.parsing.context import Context
from crawler.parsing.profile import parse_profile
from crawler.receipts import Visit, Wanted
from crawler.spiders.visiting import Output, VisitingSpider
from schemas.registry import Account


class NamesSpider(VisitingSpider):
    """Follows `/n/NAME` to a uid and reads the screen name on its profile. Yields one NameResult per account.

    - `accounts`: ids, uids, screen names, separated by commas, or `all`. An account without a screen name is looked
      up by its uid.
    """

    name = "names"
    NEEDS_UID: ClassVar[bool] = False
    ASKS_CANARY: ClassVar[bool] = False

    def begin(self, visit: Visit, account: Account, uid: str) -> Iterator[Output]:
        """Ask where the name leads to."""
        self.results: dict[str, NameResult] = getattr(self, "results", {})
        if account.screen_name is None:
            yield self._profile(visit, account, uid)
        else:
            read = partial(self._read_name, account=account)
            wanted = Wanted("profile", f"the uid of {account.screen_name}")
            yield self.ask(visit, name_url(account.screen_name), Endpoint.NAME, "https://m.weibo.cn/", read, wanted)

    def _read_name(self, visit: Visit, answer: Answer, verdict: Verdict, account: Account) -> Iterator[Output]:
        yield self._profile(visit, account, str((verdict.data or {})["uid"]))

    def _profile(self, visit: Visit, account: Account, uid: str) -> Output:
        read = partial(self._read_profile, account=account, uid=uid)
        wanted = Wanted("profile", f"the profile of uid {uid}")
        return self.ask(visit, profile_url(uid), Endpoint.PROFILE, page_url(uid), read, wanted)

    def _read_profile(
        self, visit: Visit, answer: Answer, verdict: Verdict, account: Account, uid: str
    ) -> Iterator[Output]:
        # The names are compared here, where another one is a finding and not a failure.
        context = Context(account.id, uid, None, answer.observed_at, self.people, self.institution)
        profile = parse_profile(verdict.data, context)
        visit.stop("end_of_list")
        wanted = account.screen_name
        same = wanted is None or wanted.casefold() == profile.screen_name.casefold()
        self.results[account.id] = NameResult(
            account_id=account.id,
            uid=profile.uid,
            screen_name=profile.screen_name,
            response_class=(ResponseClass.OK if same else ResponseClass.WRONG_ACCOUNT).value,
            detail="as expected" if same else f"asked for {wanted}, the profile of uid {uid} is {profile.screen_name}",
            observed_at=answer.observed_at,
        )
        yield from ()

    async def close_visit(self, visit: Visit) -> AsyncIterator[Output | NameResult]:
        """First the result; what went wrong is in it."""
        last = next(iter(reversed(visit.responses)), ResponseClass.NETWORK_ERROR.value)
        yield self.results.get(visit.account_id) or NameResult(
            account_id=visit.account_id,
            uid=None,
            screen_name=None,
            response_class=last,
            detail="; ".join(visit.problems),
            observed_at=self.clock.now(),
        )
        async for output in super().close_visit(visit):
            yield output
