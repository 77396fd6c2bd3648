"""What the spiders yield: pages of events for Kafka, and the answers to a search for names."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel, ConfigDict

from crawler.memory.coverage import Interval
from crawler.memory.records import PostMemory
from schemas.events import AnyEvent

if TYPE_CHECKING:
    from crawler.receipts import Visit


@dataclass(frozen=True, eq=False)
class Page:
    """All events of one answer. They are published together, and the page is done when all are acknowledged.

    Only then is it learnt what it `covers` of the timeline, and how its posts are remembered. `number` is its place
    among the pages of its visit: acknowledgements come in any order, and the later page knows a post better. `lane` is
    the one that the answer came by.
    """

    name: str
    events: tuple[AnyEvent, ...]
    visit: "Visit"
    covers: Interval | None = None
    posts: tuple[PostMemory, ...] = ()
    number: int = 0
    lane: str | None = None

    def __repr__(self) -> str:
        return f"{self.name}: {len(self.events)} events"


class NameResult(BaseModel):
    """Which uid a screen name leads to, and the screen name that its profile shows.

    `response_class` is a name of crawler.classify.ResponseClass: `ok` where both names are the same, `wrong_account`
    where they are not, `not_found` where nobody has the name; `detail` says it in a sentence.
    """

    model_config = ConfigDict(frozen=True)

    account_id: str
    uid: str | None
    screen_name: str | None
    response_class: str
    detail: str
    observed_at: AwareDatetime
