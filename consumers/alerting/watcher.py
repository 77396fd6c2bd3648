"""The watcher watched: accounts not sampled in time, coverage that falls, lanes that all pause. For ops alone.

It also says whose data may be incomplete, so that what others find there is marked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean, median

from consumers.alerting.findings import Finding, Subject
from consumers.alerting.keeping import moment_of, number_of
from consumers.turns import State
from schemas.events import AnyEvent, CrawlReceipt, LaneChanged

#: Visits that an account's usual interval and its coverage of now are taken from, and those of its usual coverage.
RECENT = 8
LONG = 64
#: A fall of the coverage by so much is a score of 1.
FALL = 0.25
#: An account is overdue after so many of its promised intervals; where visits usually are rarer, of those.
PATIENCE = 2.0
USUAL_PATIENCE = 4.0
#: An account that was visited less often has no rhythm yet, and nobody is told that it is broken.
LEAST_GAPS = 3
#: With so many accounts overdue it is the crawl that stands, and told once.
STANDSTILL = 3
#: A lane of which nothing was heard for so long belonged to a worker that is gone.
LANE_FORGOTTEN = timedelta(days=7)
PAUSED = frozenset(("challenged", "dead"))
#: A visit that was broken off by its operator says nothing about the site.
NO_VERDICT = frozenset(("interrupted",))
FAILED = frozenset(("blocked", "failed", "wrong_account"))
PAUSED_SCORE = 2.0

LANES = Subject("lane", "all")
ALL = Subject("all", "all")


@dataclass(slots=True)
class Visits:
    """The visits to an account: the newest one, the gaps before it in seconds, and what they covered."""

    at: datetime
    gaps: list[float] = field(default_factory=list)
    coverage: list[float] = field(default_factory=list)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class LaneHealth:
    """A lane's health since a moment (UTC)."""

    state: str
    since: datetime


class Watcher:
    """`promise` says how long, in seconds, an account may stay unvisited."""

    def __init__(self, promise: Callable[[str], float]) -> None:
        self._promise = promise
        self._visits: dict[str, Visits] = {}
        self._lanes: dict[str, LaneHealth] = {}
        self._changed: set[str] = set()
        self._overdue: set[str] = set()
        self._standing = False

    def feed(self, event: AnyEvent) -> Iterable[Finding]:
        """What a receipt or a lane's change gives reason to say."""
        if isinstance(event, CrawlReceipt):
            return self._visited(event)
        if isinstance(event, LaneChanged):
            return self._lane(event)
        return ()

    def tick(self, now: datetime) -> list[Finding]:
        """What the mere passing of time gives reason to say, by the clock that the crawl is dated by."""
        regular = {key: visits for key, visits in self._visits.items() if len(visits.gaps) >= LEAST_GAPS}
        overdue = {
            account_id: score
            for account_id, visits in regular.items()
            if (score := (now - visits.at).total_seconds() / self._patience(account_id, visits)) >= 1
        }
        standing = len(overdue) >= STANDSTILL and len(overdue) * 2 > len(regular)
        found = []
        if standing:
            newest = max(visits.at for visits in regular.values())
            waited = (now - newest).total_seconds()
            found.append(_overdue(ALL, now, min(overdue.values()), waited, f"{len(overdue)} of {len(regular)}"))
        elif self._standing:
            found.append(_overdue(ALL, now, 0.0, 0.0, None))
        told = set() if standing else set(overdue)
        for account_id in sorted(told | self._overdue):
            waited = (now - self._visits[account_id].at).total_seconds()
            score = overdue.get(account_id, 0.0) if account_id in told else 0.0
            found.append(_overdue(_account(account_id), now, score, waited, None))
        self._overdue, self._standing = told, standing
        return found

    def incomplete(self, account_id: str) -> bool:
        """Whether what is known of an account may lack something: its last visit had holes, or none can be made."""
        visits = self._visits.get(account_id)
        return (visits is not None and not visits.complete) or account_id in self._overdue or self._all_paused()

    def coverage(self, account_id: str) -> float | None:
        """What the last visit read of what it should have read, 0 to 1; None where there was none."""
        visits = self._visits.get(account_id)
        return visits.coverage[-1] if visits is not None and visits.coverage else None

    def _visited(self, receipt: CrawlReceipt) -> Iterable[Finding]:
        if receipt.stop_reason in NO_VERDICT:
            return ()
        account_id, at = receipt.account_id, receipt.observed_at
        visits = self._visits.get(account_id)
        if visits is None:
            visits = self._visits[account_id] = Visits(at)
        elif at <= visits.at:
            return ()
        else:
            visits.gaps = [*visits.gaps[1 - RECENT :], (at - visits.at).total_seconds()]
            visits.at = at
        self._changed.add(f"visits:{account_id}")
        visits.coverage = [*visits.coverage[1 - LONG :], coverage_of(receipt)]
        visits.complete = receipt.complete
        if len(visits.coverage) < 2 * RECENT:
            return ()
        now, usual = fmean(visits.coverage[-RECENT:]), fmean(visits.coverage[:-RECENT])
        score = max(0.0, (usual - now) / FALL)
        return (
            Finding(
                "coverage_low", _account(account_id), at, score, metric="coverage", value=now, expected=usual,
                detail=receipt.stop_reason,
            ),
        )  # fmt: skip

    def _lane(self, event: LaneChanged) -> Iterable[Finding]:
        before = self._lanes.get(event.key)
        if before is not None and event.observed_at < before.since:
            return ()
        was_paused = self._all_paused()
        self._lanes[event.key] = LaneHealth(event.state, event.observed_at)
        self._changed.add(f"lane:{event.key}")
        for key, lane in list(self._lanes.items()):
            if event.observed_at - lane.since > LANE_FORGOTTEN:
                del self._lanes[key]
                self._changed.add(f"lane:{key}")
        paused = self._all_paused()
        if not paused and not was_paused:
            return ()
        score = PAUSED_SCORE if paused else 0.0
        return (Finding("lanes_paused", LANES, event.observed_at, score, detail=event.reason),)

    def _all_paused(self) -> bool:
        return bool(self._lanes) and all(lane.state in PAUSED for lane in self._lanes.values())

    def _patience(self, account_id: str, visits: Visits) -> float:
        """Seconds after which an account is overdue."""
        return max(PATIENCE * self._promise(account_id), USUAL_PATIENCE * median(visits.gaps))

    def dirty(self) -> list[str]:
        """The keys whose state changed since the last call."""
        changed, self._changed = sorted(self._changed), set()
        return changed

    def dump(self, key: str) -> State | None:
        """The state of an account's visits or of a lane."""
        kind, _, name = key.partition(":")
        if kind == "lane":
            lane = self._lanes.get(name)
            return None if lane is None else [lane.state, number_of(lane.since)]
        visits = self._visits.get(name)
        return None if visits is None else [number_of(visits.at), visits.gaps, visits.coverage, visits.complete]

    def load(self, key: str, value: State) -> None:
        """Take up a state that was written down."""
        kind, _, name = key.partition(":")
        if kind == "lane":
            self._lanes[name] = LaneHealth(value[0], moment_of(value[1]))
        else:
            self._visits[name] = Visits(moment_of(value[0]), list(value[1]), list(value[2]), value[3])


def coverage_of(receipt: CrawlReceipt) -> float:
    """How much a visit read of what it should have read, 0 to 1, as its receipt says."""
    if receipt.stop_reason in FAILED:
        return 0.0
    if receipt.complete:
        return 1.0
    planned = receipt.posts_captured + receipt.comments_captured
    lacking = sum(1 if missing.count is None else missing.count for missing in receipt.missing)
    return planned / (planned + lacking) if planned + lacking else 0.0


def _account(account_id: str) -> Subject:
    return Subject("account", account_id, account_id)


def _overdue(subject: Subject, at: datetime, score: float, waited: float, detail: str | None) -> Finding:
    return Finding("account_overdue", subject, at, score, metric="waited_s", value=waited, gap_s=waited, detail=detail)
