"""Why a request did not go out by any lane. Scrapy hands these to the errback of the request."""

from scrapy.exceptions import IgnoreRequest

from crawler.signals import ResponseClass
from schemas.errors import WeiplomacyError


class LaneError(WeiplomacyError, IgnoreRequest):
    """No lane took a request.

    `response_class` is the class of what stands in the way, for the receipt; None: nothing of Weibo's does. `reason` is
    the name of the contract under which the receipt says what is missing.
    """

    def __init__(self, sentence: str, response_class: ResponseClass | None, reason: str = "") -> None:
        super().__init__(sentence)
        self.response_class = response_class
        self.reason = reason or (response_class.value if response_class else "interrupted")


class LanesPausedError(LaneError):
    """Every lane that might ask is paused for longer than a request waits, or dead."""


class BudgetSpentError(LaneError):
    """Every lane that might ask has spent its budget for longer than a request waits."""


class NoOtherLaneError(LaneError):
    """Another session was demanded than that of a lane, and there is none."""


class ClockStandsStillError(LaneError):
    """The crawl's clock stands still, so that a delay would never end."""


class RunStoppedError(LaneError):
    """The run was stopped while a request waited for its turn."""
