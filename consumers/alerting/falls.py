"""Falls and disappearances: posts removed, edited, with comments closed or curated, or losing counts; accounts gone,
renamed, or silent that never are.

Most are facts: what the crawler saw is told as it is, once. Scores say how much of a matter it is, 1 where the default
rule tells somebody.

- A removal counts once it is confirmed, by the answer about the post itself; a post that is merely not listed any more
  may be back in a minute. One by the platform is graver than one by its author. That an account shows only the posts of
  half a year (`hidden`) is no event of a post.
- An edit within a day mends a mistake, and is not told by default; one after that rewrites what was read.
- Closed or curated comments are told once per post, unless the account does so with every third post: then it is its
  habit.
- An account is gone when two visits in succession say so.
- A new name is a fact; figures that were imported from print name accounts differently and say nothing.
- `losses` and `silences` say when counts are lost, and an account silent.

A repeated or late event changes nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from consumers.alerting import losses, silences
from consumers.alerting.fall_states import AccountFalls, PostFalls
from consumers.alerting.findings import Doubt, Finding, FindingKind, Subject
from consumers.alerting.judging import bounds
from schemas.event_fields import Event
from schemas.events import (
    AccountSnapshot,
    AnyEvent,
    CrawlReceipt,
    EngagementSample,
    ListCoverage,
    PostContent,
    PostEdited,
    PostRemoved,
    PostSeen,
)

TELL: Final = 0.5
REMOVALS: Final = {"deleted_by_author": 1.0, "removed_by_platform": 2.0, "hidden": 0.0, "account_gone": 0.7}
UNKNOWN_REMOVAL: Final = 1.0
SOON: Final = 86_400.0
EDITED_SOON, EDITED_LATE = 0.7, 1.0
RESTRICTIONS: Final = {"comments_closed": "closed", "comments_curated": "curated"}
OPEN_ENDS: Final = frozenset(("end", "cap", "cursor_loop"))
RESTRICTED, HABIT_SCORE = 1.5, 0.7
HABIT, HABIT_FROM = 1 / 3, 6
GONE: Final = "account_gone"
GONE_SCORE, GONE_ONCE = 2.0, 0.9
RENAMED: Final = 1.0
METRICS: Final = ("reposts", "comments", "likes")
POSTS_MOST: Final = 300
"""Posts of an account whose counters are remembered: those sampled last."""


class FallDetector:
    """The state of posts and accounts, fed with all events."""

    def __init__(self) -> None:
        self._accounts: dict[str, AccountFalls] = {}
        self._posts: dict[str, PostFalls] = {}
        self._by_account: dict[str, dict[str, PostFalls]] = {}
        self._dirty: set[str] = set()

    def feed(self, event: AnyEvent) -> Sequence[Finding]:
        """What an event gives reason to say."""
        if isinstance(event, EngagementSample):
            return self._sample(event)
        if isinstance(event, PostRemoved):
            return self._removed(event)
        if isinstance(event, PostContent):
            return self._content(event)
        if isinstance(event, CrawlReceipt):
            return self._receipt(event)
        if isinstance(event, AccountSnapshot):
            return self._snapshot(event)
        return ()

    def dirty(self) -> list[str]:
        """The keys whose state changed since the last call, in order."""
        keys, self._dirty = sorted(self._dirty), set()
        return keys

    def dump(self, key: str) -> list[Any] | None:
        """The state of a key as a list for JSON; None: it is forgotten."""
        kind, _, name = key.partition(":")
        found = self._accounts.get(name) if kind == "account" else self._posts.get(name)
        return None if found is None else found.dump()

    def load(self, key: str, value: list[Any]) -> None:
        """Take up the state of a key, into a detector that has seen nothing; in any order of keys."""
        kind, _, name = key.partition(":")
        if kind == "account":
            self._accounts[name] = AccountFalls.of(value)
        else:
            post = self._posts[name] = PostFalls.of(value)
            self._by_account.setdefault(post.account_id, {})[name] = post

    def _sample(self, event: EngagementSample) -> Sequence[Finding]:
        moment = event.observed_at.timestamp()
        post, account = self._post(event, event.post_id), self._account(event)
        if moment <= post.sampled:
            return ()
        before, post.sampled = post.sampled, moment
        self._bound(event.account_id)
        found: list[tuple[float, str, losses.Loss]] = []
        for place, counter in enumerate((event.reposts, event.comments, event.likes)):
            low, high, capped = bounds(counter)
            count = post.counts[place]
            loss = losses.observe(count, low, None if capped else high, account.usual[place])
            if loss is None:
                continue
            found.append((loss.score, METRICS[place], loss))
            if not count.learnt:
                count.learnt = True
                account.usual[place] = losses.learnt(account.usual[place], loss.part)
                self._dirty.add(f"account:{event.account_id}")
        score, metric, worst = max(found, key=lambda one: one[0], default=(0.0, None, None))
        told, post.lost = post.lost, score
        if score < TELL and told < TELL:
            return ()
        return (
            Finding(
                kind="counts_lost",
                subject=Subject("post", event.post_id, event.account_id),
                at=event.observed_at,
                score=score,
                metric=metric,
                value=None if worst is None else worst.now,
                expected=None if worst is None else worst.top,
                low=None if worst is None else worst.top * (1.0 - worst.usual),
                high=None if worst is None else worst.top,
                age_s=None if event.created_at is None else moment - event.created_at.timestamp(),
                gap_s=moment - before if before else None,
            ),
        )

    def _removed(self, event: PostRemoved) -> Sequence[Finding]:
        post = self._post(event, event.post_id)
        if event.confirmed_at is None or post.removed == event.removal:
            return ()
        post.removed, post.removed_at = event.removal, event.observed_at.timestamp()
        score = REMOVALS.get(event.removal, UNKNOWN_REMOVAL)
        return _fact("post_removed", event, score, event.removal, event.post_id)

    def _content(self, event: PostContent) -> Sequence[Finding]:
        account = self._account(event)
        if event.created_at is not None and isinstance(event, PostSeen):
            silences.remember(account.published, int(event.created_at.timestamp()), event.pinned)
        found: list[Finding] = []
        if account.silent >= TELL:
            found += self._silence(event, account)
        post = self._posts.get(event.post_id)
        if post is not None and post.removed and event.observed_at.timestamp() > post.removed_at:
            post.removed = ""  # it is there again
            self._dirty.add(f"post:{event.post_id}")
        if isinstance(event, PostEdited):
            found += self._edited(event)
        return found

    def _edited(self, event: PostEdited) -> Iterable[Finding]:
        post = self._post(event, event.post_id)
        changed = [name for name in event.changed if name != "text_truncated"]
        if post.edited == event.content_version or not changed:
            return ()
        post.edited = event.content_version
        after = event.edited_at or event.observed_at
        late = event.created_at is None or (after - event.created_at).total_seconds() > SOON
        return _fact("post_edited", event, EDITED_LATE if late else EDITED_SOON, ", ".join(changed), event.post_id)

    def _receipt(self, event: CrawlReceipt) -> Sequence[Finding]:
        account = self._account(event)
        moment = event.observed_at.timestamp()
        found: list[Finding] = []
        for coverage in event.lists:
            found += self._list(event, account, coverage, moment)
        if moment <= account.visited:
            return found
        account.visited = moment
        found += self._gone(event, account)
        if event.responses.get("ok", 0) and event.complete:
            found += self._silence(event, account)
        return found

    def _list(
        self, event: CrawlReceipt, account: AccountFalls, coverage: ListCoverage, moment: float
    ) -> Iterable[Finding]:
        how = RESTRICTIONS.get(coverage.ended_by, "")
        if coverage.order == "repost" or (not how and coverage.ended_by not in OPEN_ENDS):
            return ()
        post = self._post(event, coverage.post_id)
        if moment <= post.looked:
            return ()
        account.looked += not post.looked
        post.looked = moment
        if how == post.restricted:
            return ()
        habit = account.looked >= HABIT_FROM and account.restricted >= HABIT * account.looked
        post.restricted, told = how, post.restricted
        if how and not told:
            account.restricted += 1
        score = 0.0 if not how else HABIT_SCORE if habit else RESTRICTED
        return _fact("comments_closed", event, score, how or None, coverage.post_id)

    def _gone(self, event: CrawlReceipt, account: AccountFalls) -> Iterable[Finding]:
        there = bool(event.responses.get("ok", 0))
        if there:
            over, account.gone = account.gone > 0, 0
            return _fact("account_gone", event, 0.0, None) if over else ()
        if not event.responses.get(GONE, 0) and event.stop_reason != GONE:
            return ()
        account.gone += 1
        if account.gone == 1:
            return _fact("account_gone", event, GONE_ONCE, None, doubts=("held",))
        return _fact("account_gone", event, GONE_SCORE, None)

    def _silence(self, event: Event, account: AccountFalls) -> list[Finding]:
        moment = event.observed_at.timestamp()
        score = silences.score(account.published, moment, account.since)
        told, account.silent = account.silent, score
        if score < TELL and told < TELL:
            return []
        last = account.published[-1]
        return [
            Finding(
                kind="account_silent",
                subject=Subject("account", event.account_id, event.account_id),
                at=event.observed_at,
                score=score,
                value=moment - last,
                expected=silences.allowed(account.published),
                gap_s=moment - last,
            )
        ]

    def _snapshot(self, event: AccountSnapshot) -> Sequence[Finding]:
        account = self._account(event)
        moment = event.observed_at.timestamp()
        if event.screen_name is None or event.via == "import" or moment <= account.named:
            return ()
        before, account.name, account.named = account.name, event.screen_name, moment
        if not before or before == event.screen_name:
            return ()
        return _fact("account_renamed", event, RENAMED, f"{before} → {event.screen_name}")

    def _account(self, event: Event) -> AccountFalls:
        account = self._accounts.get(event.account_id)
        if account is None:
            account = self._accounts[event.account_id] = AccountFalls(since=event.observed_at.timestamp())
        self._dirty.add(f"account:{event.account_id}")
        return account

    def _post(self, event: Event, post_id: str) -> PostFalls:
        post = self._posts.get(post_id)
        if post is None:
            post = self._posts[post_id] = PostFalls(event.account_id)
            self._by_account.setdefault(event.account_id, {})[post_id] = post
        self._dirty.add(f"post:{post_id}")
        return post

    def _bound(self, account_id: str) -> None:
        posts = self._by_account[account_id]
        if len(posts) <= POSTS_MOST + POSTS_MOST // 10:
            return
        oldest = sorted(posts, key=lambda post_id: (posts[post_id].sampled, int(post_id)))
        for post_id in oldest[: len(posts) - POSTS_MOST]:
            del posts[post_id], self._posts[post_id]
            self._dirty.add(f"post:{post_id}")


def _fact(
    kind: FindingKind,
    event: Event,
    score: float,
    detail: str | None,
    post_id: str | None = None,
    doubts: tuple[Doubt, ...] = (),
) -> tuple[Finding, ...]:
    subject = Subject("post" if post_id else "account", post_id or event.account_id, event.account_id)
    created = getattr(event, "created_at", None)
    age = (event.observed_at - created).total_seconds() if created is not None else None
    return (Finding(kind, subject, event.observed_at, score, age_s=age, doubts=doubts, detail=detail),)
