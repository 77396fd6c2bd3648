"""The newest posts of accounts, by a rendered page or by plain requests: the project's own spider, nothing else asked.

Long texts are not asked for, so that every request of a run is of one kind.
"""

from collections.abc import Iterator

from crawler.endpoints import Endpoint, page_url, timeline_url
from crawler.memory.walk import Step, Walk
from crawler.receipts import Visit
from crawler.spiders.embassy import NEWEST, EmbassySpider
from crawler.spiders.visiting import Output
from schemas.registry import Account


class RenderedTimelines(EmbassySpider):
    """Renders the page of each account."""

    name = "rendered_timelines"

    def _long_texts(self, visit: Visit, step: Step) -> Iterator[Output]:
        return iter(())


class PlainTimelines(RenderedTimelines):
    """Asks for each account's timeline with plain requests, page after page; the browser opens the session only."""

    name = "plain_timelines"

    def begin(self, visit: Visit, account: Account, uid: str) -> Iterator[Output]:
        self.walks[account.id] = Walk.of(self.memory.of(account.id), self.pages, self.most_pages)
        yield self.ask(visit, timeline_url(uid), Endpoint.TIMELINE, page_url(uid), self._read_timeline, NEWEST)
