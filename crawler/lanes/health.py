"""The health of a lane: which answers make it healthy, degraded, challenged or dead. Pure, by the crawl's clock.

| state      | what it means                               | leaves it                                             |
|------------|---------------------------------------------|-------------------------------------------------------|
| healthy    | answers come                                |                                                       |
| degraded   | goes on, at half its pace                   | healthy after `recovery` good answers in a row        |
| challenged | paused until `resumes_at`, then probed      | degraded when the probe is answered; dead after       |
|            |                                             | `most_strikes` pauses in a row                        |
| dead       | not used any more by this worker            | never: it takes the operator, or a new start          |

| answer                                        | what it does to the lane                                           |
|-----------------------------------------------|--------------------------------------------------------------------|
| ok, end of list, not found, removed, account  | a good answer                                                      |
| gone, wrong account                           |                                                                    |
| visitor gate, login required                  | the session is lost: degraded while it is renewed, challenged      |
|                                               | while the cool-down lasts, dead after `most_renewals` in vain      |
| blocked (418, 414, 429, 403), challenge       | challenged for Retry-After, else for the pause of the table in     |
| (captcha)                                     | crawler.consequences, doubled each time                            |
| network error                                 | challenged after `patience` in a row, for `first_pause`, doubled   |
| suspiciously empty                            | degraded after `most_empty` in a row: perhaps a throttle           |
| schema drift, robots                          | nothing: they say something of Weibo, not of the lane              |
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from crawler.consequences import LONGEST_PAUSE, first_pause
from crawler.signals import ResponseClass

State = Literal["healthy", "degraded", "challenged", "dead"]

GOOD = frozenset(
    {
        ResponseClass.OK,
        ResponseClass.END_OF_LIST,
        ResponseClass.NOT_FOUND,
        ResponseClass.REMOVED,
        ResponseClass.ACCOUNT_GONE,
        ResponseClass.WRONG_ACCOUNT,
    }
)
"""Weibo answered the question, whatever the answer is."""
LOST = frozenset({ResponseClass.VISITOR_GATE, ResponseClass.LOGIN_REQUIRED})
"""Weibo no longer takes the session."""
REFUSED = frozenset({ResponseClass.BLOCKED, ResponseClass.CHALLENGE})
"""Weibo wants this lane to wait."""


@dataclass(frozen=True, slots=True)
class HealthPolicy:
    """The numbers behind the tables above; times by the crawl's clock."""

    first_pause: timedelta = timedelta(minutes=1)
    longest_pause: timedelta = LONGEST_PAUSE
    cool_down: timedelta = timedelta(minutes=2)
    patience: int = 3
    most_empty: int = 5
    recovery: int = 5
    most_strikes: int = 12
    most_renewals: int = 5


@dataclass(frozen=True, slots=True)
class Health:
    """The health at a moment.

    `strikes`: pauses since it was healthy; `good`, `silent`, `empty`: such answers in a row; `served`: good answers of
    the present session; `renewals`: renewals in a row that brought less than `recovery` good answers; `cause` and
    `reason`: the class of the answer that made the state, and why in words.
    """

    state: State = "healthy"
    cause: ResponseClass | None = None
    reason: str = "new"
    resumes_at: datetime | None = None
    strikes: int = 0
    good: int = 0
    silent: int = 0
    empty: int = 0
    served: int = 0
    renewals: int = 0
    renewed_at: datetime | None = None
    renewing: bool = False

    def may_ask(self, now: datetime) -> bool:
        """Whether a request may go out by the lane, if only, after a pause, as a probe."""
        if self.state == "challenged":
            return self.resumes_at is not None and self.resumes_at <= now
        return self.state != "dead"


def answered(
    health: Health,
    policy: HealthPolicy,
    now: datetime,
    response_class: ResponseClass,
    reason: str = "",
    retry_after: timedelta | None = None,
    pause: timedelta | None = None,
) -> Health:
    """The health after an answer of a class. What comes during a pause was asked before it: no second strike.

    `pause` is the first one after such an answer, where that is another than that of its class.
    """
    if health.state == "dead":
        return health
    if health.state == "challenged" and not health.may_ask(now):
        return _longer(health, policy, now, response_class, retry_after)
    if response_class in GOOD:
        return served(health, policy)
    if response_class in LOST:
        return lost(health, policy, now, response_class, reason)
    if response_class in REFUSED:
        return paused(health, policy, now, response_class, reason, retry_after, pause)
    if response_class is ResponseClass.NETWORK_ERROR:
        return silent(health, policy, now, reason)
    if response_class is ResponseClass.SUSPICIOUSLY_EMPTY:
        return thin(health, policy)
    return health


def served(health: Health, policy: HealthPolicy) -> Health:
    """A good answer came: a challenged lane is degraded, a degraded one healthy after enough of them."""
    good = health.good + 1
    health = replace(health, good=good, served=health.served + 1, silent=0, empty=0)
    if health.served >= policy.recovery:
        health = replace(health, renewals=0)
    if health.state == "challenged":
        return replace(health, state="degraded", good=1, resumes_at=None, reason="it is answered again")
    if health.state == "degraded" and good >= policy.recovery:
        return replace(health, state="healthy", cause=None, strikes=0, reason=f"{good} good answers in a row")
    return health


def lost(health: Health, policy: HealthPolicy, now: datetime, response_class: ResponseClass, reason: str) -> Health:
    """The session is no longer taken: to be renewed now, after the cool-down, or never again."""
    if health.renewing:
        return health
    if health.renewals >= policy.most_renewals:
        return died(health, response_class, f"{health.renewals} sessions in a row were not taken: {reason}")
    cool = cool_at(health, policy)
    if cool is not None and now < cool:
        why = f"its session was lost again within the cool-down: {reason}"
        return replace(health, state="challenged", cause=response_class, reason=why, resumes_at=cool, good=0)
    return replace(health, state="degraded", cause=response_class, reason=reason, resumes_at=None, good=0)


def cool_at(health: Health, policy: HealthPolicy) -> datetime | None:
    """From when on a session may be renewed; None: at any time."""
    return health.renewed_at + policy.cool_down if health.renewed_at else None


def may_renew(health: Health, policy: HealthPolicy, now: datetime) -> bool:
    """Whether a new session may be asked for now: bounded in number, and not within the cool-down."""
    if health.state == "dead" or health.renewing or health.renewals >= policy.most_renewals:
        return False
    cool = cool_at(health, policy)
    return cool is None or now >= cool


def renewing(health: Health, now: datetime) -> Health:
    """A new session is being asked for."""
    return replace(health, renewing=True, renewed_at=now, renewals=health.renewals + 1, served=0)


def renewed(health: Health) -> Health:
    """The browser has a new session. Whether it is taken is for the next answer to say."""
    if health.state != "challenged":
        return replace(health, renewing=False)
    return replace(health, renewing=False, state="degraded", resumes_at=None, good=0, reason="it has a new session")


def not_renewed(
    health: Health, policy: HealthPolicy, now: datetime, response_class: ResponseClass, reason: str
) -> Health:
    """The browser got no new session, because of an answer of this class."""
    return paused(replace(health, renewing=False), policy, now, response_class, f"it gets no session: {reason}")


def silent(health: Health, policy: HealthPolicy, now: datetime, reason: str) -> Health:
    """No answer came. One may be chance; several in a row are the way out, or the site."""
    count = health.silent + 1
    if count < policy.patience and health.state != "challenged":
        return replace(health, silent=count, good=0)
    why = f"{count} times in a row no answer came: {reason}"
    return paused(replace(health, silent=count), policy, now, ResponseClass.NETWORK_ERROR, why)


def thin(health: Health, policy: HealthPolicy) -> Health:
    """An answer that is empty without saying why."""
    health = replace(health, empty=health.empty + 1, good=0)
    if health.state != "healthy" or health.empty < policy.most_empty:
        return health
    why = f"{health.empty} empty answers in a row: perhaps a throttle"
    return replace(health, state="degraded", cause=ResponseClass.SUSPICIOUSLY_EMPTY, reason=why)


def paused(
    health: Health,
    policy: HealthPolicy,
    now: datetime,
    response_class: ResponseClass,
    reason: str,
    retry_after: timedelta | None = None,
    pause: timedelta | None = None,
) -> Health:
    """The lane waits, longer each time, or as long as Retry-After says; after too many times in a row it is dead."""
    strikes = health.strikes + 1
    if strikes > policy.most_strikes:
        return died(health, response_class, f"{health.strikes} pauses in a row were in vain: {reason}")
    if retry_after is not None:
        length = min(max(retry_after, timedelta(seconds=1)), policy.longest_pause)
    else:
        first = pause or first_pause(response_class, "") or policy.first_pause
        length = min(first * 2 ** (strikes - 1), policy.longest_pause)
    return replace(
        health,
        state="challenged",
        cause=response_class,
        reason=reason,
        resumes_at=now + length,
        strikes=strikes,
        good=0,
    )


def died(health: Health, response_class: ResponseClass, reason: str) -> Health:
    """The lane is not used any more."""
    return replace(health, state="dead", cause=response_class, reason=reason, resumes_at=None, good=0)


def _longer(
    health: Health,
    policy: HealthPolicy,
    now: datetime,
    response_class: ResponseClass,
    retry_after: timedelta | None,
) -> Health:
    if response_class not in REFUSED or retry_after is None or health.resumes_at is None:
        return health
    until = now + min(retry_after, policy.longest_pause)
    return replace(health, resumes_at=max(until, health.resumes_at))
