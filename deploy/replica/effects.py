"""The labelled effects of a running replica: what its answers show, and what its truth tells of it.

Without them nothing is out of the ordinary but by luck. With them every post goes the course of courses.py, those that
an effect befalls go beyond it, and facts happen. All of it follows from the seed and the span of time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from deploy.replica.courses import Course, Effect
from deploy.replica.episodes import Stage, stage
from deploy.replica.errors import EffectsError
from deploy.replica.facts import Fact, FactKind, facts, silences
from deploy.replica.faults.kinds import KINDS
from deploy.replica.faults.match import Match
from deploy.replica.faults.scenario import Fault
from deploy.replica.posts import Post
from deploy.replica.world import World

PER_WEEK: Final = 1.0
FACTS_PER_WEEK: Final = 0.5
"""Facts per account and week, as a part of the effects."""
LONGEST_DAYS: Final = 366.0
_AS_FAULT: Final[dict[FactKind, tuple[str, dict[str, Any]]]] = {
    "removal": ("removed", {"reason": "complaints"}),
    "edit": ("edited", {}),
    "closing": ("comments-closed", {"form": "forbidden"}),
    "gone": ("account-gone", {"form": "banned"}),
    "renamed": ("account-renamed", {}),
}
"""Facts that visitors see as those faults of the content with those settings."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when (aware) effects begin, and how many per account and week."""

    since: datetime
    until: datetime
    per_week: float = PER_WEEK

    def __post_init__(self) -> None:
        """Raises EffectsError."""
        if self.since.tzinfo is None or self.until.tzinfo is None:
            raise EffectsError("effects begin and end at moments with an offset, such as 2016-09-30T00:00:00Z")
        days = (self.until - self.since).total_seconds() / 86_400
        if not 0 < days <= LONGEST_DAYS:
            raise EffectsError(
                f"effects go on for {days:g} days: more than 0 and at most {LONGEST_DAYS:g} are possible"
            )
        if not 0 < self.per_week <= 100:
            raise EffectsError(
                f"{self.per_week:g} effects per account and week: more than 0 and at most 100 are possible"
            )


class Effects:
    """All effects of a span. Raises AccountListError where the list can't be read."""

    def __init__(self, embassies: Path, seed: int, span: Span) -> None:
        self.span = span
        since, until, per_week = span.since.timestamp(), span.until.timestamp(), FACTS_PER_WEEK * span.per_week
        silent = silences(World(embassies, seed), since, until, per_week)
        self._last_at = {fact.uid: fact.onset for fact in silent}
        self._world = World(embassies, seed, last_at=self._last_at)
        self.stage: Stage = stage(self._world, since, until, span.per_week)
        taken = {(effect.uid, effect.ordinal) for effect in self.stage.effects}
        self.facts = (*silent, *facts(self._world, since, until, per_week, taken))
        self._jumps: dict[int, list[Fact]] = {}
        for fact in self.facts:
            if fact.kind == "followers":
                self._jumps.setdefault(fact.uid, []).append(fact)

    def world(self, embassies: Path) -> World:
        """The world as it goes with the effects."""
        return World(embassies, self._world.seed, self.course, self._last_at)

    def course(self, post: Post) -> Course:
        """How the reactions to a post come."""
        return self.stage.course(post)

    def followers(self, uid: int, moment: float) -> int:
        """How many more follow an account by a moment than without effects."""
        return int(sum(fact.size * fact.share(moment) for fact in self._jumps.get(uid, ())))

    def faults(self) -> tuple[Fault, ...]:
        """Facts as visitors see them."""
        found = []
        for number, fact in enumerate(self.facts):
            if fact.kind in _AS_FAULT:
                name, settings = _AS_FAULT[fact.kind]
                kind = KINDS[name]
                values = {setting.name: setting.default for setting in kind.settings} | settings
                since = datetime.fromtimestamp(fact.onset, UTC)
                if fact.ordinal is not None:
                    match = Match(mid=frozenset({self._mid(fact.uid, fact.ordinal)}), since=since)
                else:
                    until = datetime.fromtimestamp(fact.end, UTC) if fact.lasts else None
                    match = Match(uid=frozenset({fact.uid}), since=since, until=until)
                found.append(Fault(f"effect {number}: {fact.kind}", kind, match, values, self._world.seed))
        return tuple(found)

    def document(self) -> dict[str, Any]:
        """Every effect and fact, by its onset: account, post, kind, onset, end, size; in the replica's time."""
        labels: list[Effect | Fact] = [*self.stage.effects, *self.facts]
        labels.sort(key=lambda label: (label.onset, label.uid))
        return {
            "since": self.span.since.isoformat(),
            "until": self.span.until.isoformat(),
            "effects": [{**label.document(), "mid": self._mid_of(label)} for label in labels],
        }

    def _mid_of(self, label: Effect | Fact) -> str | None:
        return None if label.ordinal is None else str(self._mid(label.uid, label.ordinal))

    def _mid(self, uid: int, ordinal: int) -> int:
        account = self._world.account(uid)
        if account is None:
            raise LookupError(f"there is no account {uid}")
        return self._world.post(account, ordinal).mid
