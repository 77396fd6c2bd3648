"""Alerts beside the labels of the replica: which labels were found, how late, and which alerts have no label.

A label counts where the crawl could see it: a look at what it changes, after its onset. It is found by the first alert
after its onset that tells of it: a rise by one about its post, or by a wave of its account, which may be dated up to
an hour before it. Moments are the replica's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from schemas.alerts import AlertChanged
from schemas.events import AccountSnapshot, AnyEvent, CrawlReceipt, EngagementSample

THREEFOLD: Final = 3.0
RISES: Final = frozenset(
    ("organic", "born", "wave", "slow", "night", "small", "comment_war", "condolences", "capped")
)  # fmt: skip
TOLD_BY: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(RISES, frozenset(("post_rise", "account_wave"))),
    "deletion": frozenset(("counts_lost",)),
    "removal": frozenset(("post_removed",)),
    "edit": frozenset(("post_edited",)),
    "closing": frozenset(("comments_closed",)),
    "followers": frozenset(("followers_jump",)),
    "gone": frozenset(("account_gone",)),
    "renamed": frozenset(("account_renamed",)),
    "silent": frozenset(("account_silent",)),
}
"""The kinds of alerts that tell of a kind of label."""
PASSING: Final = frozenset(("followers", "gone"))
"""What befalls an account, and is over some day."""
UNTIL_END: Final[Mapping[str, int]] = {"deletion": 1, "gone": 2}
"""What can be seen until its end only, and at how many looks it shows."""
SHARED: Final = frozenset(("country_wave", "general_wave"))
BEGINS: Final = frozenset(("started", "escalated"))
EARLY: Final = timedelta(hours=1)
"""What came between two visits is spread evenly over the time between them: an account's wave may be dated so long
before what it tells of, which the visit after it saw."""
AFTERGLOW: Final = timedelta(hours=24)
"""An account's wave may come so long after nine tenths of an effect are there."""


@dataclass(frozen=True, slots=True)
class Label:
    """What happens, as the truth of the replica says; `post_id` is None where it is about the account."""

    kind: str
    account_id: str
    post_id: str | None
    onset: datetime
    end: datetime
    size: float

    @property
    def must(self) -> bool:
        """Whether it has to be found: a rise of three times the usual and more, and each fact."""
        return self.kind not in RISES or self.size >= THREEFOLD

    @property
    def shows(self) -> datetime:
        """From when on it can be seen: a silence when it is far beyond the account's own gaps."""
        return self.end if self.kind == "silent" else self.onset

    def explains(self, alert: AlertChanged) -> bool:
        """Whether an alert may tell of it."""
        early = EARLY if alert.kind == "account_wave" else timedelta(0)
        if alert.observed_at + early <= self.onset or alert.account_id != self.account_id:
            return False
        if alert.kind == "account_wave":
            return self.kind in RISES and alert.observed_at <= self.end + AFTERGLOW
        if self.kind == "gone" and alert.kind == "post_removed":
            return alert.detail == "account_gone" and alert.observed_at <= self.end + AFTERGLOW
        if self.kind in PASSING:
            return alert.kind in TOLD_BY[self.kind] and alert.observed_at <= self.end + AFTERGLOW
        return alert.kind in TOLD_BY[self.kind] and alert.post_id == self.post_id


def labels_of(document: Mapping[str, Any], ids: Mapping[str, str]) -> list[Label]:
    """The labels of the truth's document that are about accounts that are crawled; `ids` by uid."""
    return [
        Label(
            kind=one["kind"],
            account_id=ids[one["uid"]],
            post_id=one["mid"],
            onset=datetime.fromisoformat(one["onset"]),
            end=datetime.fromisoformat(one["end"]),
            size=one["size"],
        )
        for one in document["effects"]
        if one["uid"] in ids
    ]


@dataclass
class Looks:
    """When the crawl looked at what: samples of posts, lists under them, followers, pages with posts, and accounts."""

    samples: dict[str, list[datetime]] = field(default_factory=dict)
    lists: dict[str, list[datetime]] = field(default_factory=dict)
    followers: dict[str, list[datetime]] = field(default_factory=dict)
    visits: dict[str, list[datetime]] = field(default_factory=dict)
    accounts: dict[str, list[datetime]] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[AnyEvent]) -> "Looks":
        """From all that was published."""
        looks = cls()
        for event in events:
            if isinstance(event, EngagementSample):
                looks.samples.setdefault(event.post_id, []).append(event.observed_at)
                if event.via == "timeline":
                    looks.visits.setdefault(event.account_id, []).append(event.observed_at)
            elif isinstance(event, AccountSnapshot):
                looks.followers.setdefault(event.account_id, []).append(event.observed_at)
            elif isinstance(event, CrawlReceipt):
                looks.accounts.setdefault(event.account_id, []).append(event.observed_at)
                for covered in event.lists:
                    looks.lists.setdefault(covered.post_id, []).append(event.observed_at)
        return looks

    def at(self, label: Label) -> Sequence[datetime]:
        """The looks at what a label changes; a removed post is not looked at any more, but the list that misses it."""
        if label.kind in ("gone", "silent"):
            return self.accounts.get(label.account_id, ())
        if label.post_id is None:
            return self.followers.get(label.account_id, ())
        if label.kind == "closing":
            return self.lists.get(label.post_id, ())
        samples = self.samples.get(label.post_id, ())
        if label.kind == "removal":
            known = any(at <= label.onset for at in samples)
            return self.visits.get(label.account_id, ()) if known else ()
        return samples

    def between(self, label: Label, until: datetime) -> int:
        """How many looks at it there were from its onset until a moment."""
        end = min(until, label.end) if label.kind in UNTIL_END else until
        return len({at for at in self.at(label) if label.shows < at <= end})


@dataclass(frozen=True, slots=True)
class Found:
    """A label that could be seen; its first alert, None where there is none, and the looks until then."""

    label: Label
    alert: AlertChanged | None
    looks: int

    @property
    def minutes(self) -> float | None:
        """From when it can be seen to the observation that its alert tells of; at least 0."""
        if self.alert is None:
            return None
        return max((self.alert.observed_at - self.label.shows) / timedelta(minutes=1), 0.0)


def found(labels: Iterable[Label], alerts: Sequence[AlertChanged], looks: Looks, until: datetime) -> list[Found]:
    """What became of each label that could be seen until a moment."""
    seen = [label for label in labels if looks.between(label, until) >= UNTIL_END.get(label.kind, 1)]
    begins = sorted((one for one in alerts if one.change in BEGINS), key=lambda one: one.observed_at)
    firsts = [(label, next((one for one in begins if label.explains(one)), None)) for label in seen]
    return [Found(label, alert, looks.between(label, alert.observed_at if alert else until)) for label, alert in firsts]


def unlabelled(labels: Sequence[Label], alerts: Iterable[AlertChanged]) -> list[AlertChanged]:
    """The beginnings of episodes for those who read about embassies that no label explains.

    What is told of a country or of all is explained where labels of at least two accounts are under way.
    """
    left = []
    for alert in alerts:
        if alert.change != "started" or alert.audience != "press":
            continue
        if alert.kind in SHARED:
            under_way = {
                one.account_id
                for one in labels
                if one.kind in RISES and one.onset < alert.observed_at <= one.end + AFTERGLOW
            }
            explained = len(under_way) >= 2
        else:
            explained = any(label.explains(alert) for label in labels)
        if not explained:
            left.append(alert)
    return left


def part(numbers: Sequence[float], share: float) -> float:
    """The value that so large a share of them does not exceed; 0 of none."""
    ordered = sorted(numbers)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
