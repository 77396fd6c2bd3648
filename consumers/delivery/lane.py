"""What one channel owes: a state machine without I/O. It says what to send next and is told what came of it.

Per episode there is at most one message on its way and one that waits: a newer change takes the place of one that has
not gone out, and tells it too. So an end never overtakes its beginning, and memory is bounded by the episodes. After a
failure the channel pauses, longer each time, and another message has its turn. What the provider's rate leaves no room
for is told in one digest. All moments are machine time, seconds of the Unix clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from consumers.delivery.channel import Traits
from consumers.delivery.combining import digest, told_together
from consumers.delivery.errors import DeliveryError, DeniedError, RejectedError, ThrottledError
from consumers.delivery.illustrating import Pictures
from consumers.delivery.log import Delivery, Outcome, Reason
from consumers.delivery.message import SEVERITIES, Message, Receipt, pack, unpack
from consumers.delivery.owed import Attempt, Owed, Policy, Standing, merged, packed, unpacked
from consumers.delivery.rates import Throttle

#: No wait is longer; a moment further ahead was set by a clock that has since been set back.
LONGEST_WAIT_S = 7_200.0


@dataclass(slots=True)
class Lane:
    """One channel. `random` gives numbers from 0 to 1."""

    name: str
    traits: Traits
    policy: Policy
    random: Callable[[], float]
    throttle: Throttle = field(init=False)
    pictures: Pictures = field(init=False)
    #: By episode: what waits, and what stands.
    waiting: dict[str, Owed] = field(default_factory=dict)
    standing: dict[str, Standing] = field(default_factory=dict)
    #: By episode: the highest number taken in.
    known: dict[str, int] = field(default_factory=dict)
    #: What is on its way at the moment.
    flight: list[Owed] = field(default_factory=list)
    attempt: Attempt | None = None
    failures: int = 0
    pause_until: float = 0.0
    turns: int = 0
    #: Changes that came in once more.
    duplicates: int = 0
    #: Episodes whose state changed; the empty string stands for the lane's own.
    changed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.throttle = Throttle(self.traits.rates)
        self.pictures = Pictures(self.name, self.throttle)

    def offer(self, message: Message, now: float) -> list[Delivery]:
        """Take in a change. One whose number the episode has passed is a repeat, and ignored."""
        episode = message.episode_id
        if message.number <= self.known.get(episode, 0):
            self.duplicates += 1
            return []
        # The latest stands last, so that the first is the one to forget.
        self.known.pop(episode, None)
        self.known[episode] = message.number
        self.turns += 1
        self._wait(Owed(message, (message.number,), now, now, self.turns))
        records = [Delivery(_moment(now), self.name, episode, message.number, "owed")]
        if len(self.waiting) > self.policy.most_waiting:
            least = min(self.waiting.values(), key=lambda one: (_rank(one), one.turn))
            records += self._closed(self.waiting.pop(least.message.episode_id), now, "dead", reason="too_many")
        self._forget()
        return records

    def next(self, now: float) -> Attempt | None:
        """What to send now, None if nothing is to be sent before `wake_at`. Its outcome must be told."""
        room = self.throttle.room(now)
        if self.attempt or not _reached(self.pause_until, now) or (room is not None and room < 1):
            return None
        ready = [one for one in self.waiting.values() if _reached(one.next_at, now)]
        ready.sort(key=lambda one: (-_rank(one), one.turn))
        if ready:
            self._depart(self._together(ready, now) or ready[:1], now)
        else:
            self._repeat(now)
        return self.attempt

    def wake_at(self, now: float) -> float | None:
        """When to ask again; None: not before something comes in, or the attempt under way is over."""
        if self.attempt:
            return None
        moments = [one.next_at for one in self.waiting.values()]
        moments += [one.repeat_at for episode, one in self.standing.items() if episode not in self.waiting]
        if not moments:
            return None
        due = min(now if _reached(moment, now) else moment for moment in moments)
        pause = now if _reached(self.pause_until, now) else self.pause_until
        return max(due, pause, self.throttle.free_at(now))

    def delivered(
        self, attempt: Attempt, receipt: Receipt, now: float, latency_ms: float | None = None
    ) -> list[Delivery]:
        """The attempt got through. One that is no longer this lane's is ignored: its channel was closed meanwhile."""
        if attempt is not self.attempt:
            return []
        flight = self._landed()
        self.failures, self.pause_until = 0, 0.0
        if attempt.kind == "repeat":
            self._stands(attempt.message, now, again=True)
            return []
        records = []
        for one in flight:
            one.attempts += 1
            if self.traits.repeat_s is not None and one.message.change not in ("test", "digest"):
                self._stands(one.message, now)
            words = receipt.words
            if self.traits.picture != "none" and attempt.kind == "single" and one.message.uncurved:
                words = f"{words}; without a picture: {one.message.uncurved}".removeprefix("; ")
            found = self._closed(one, now, "delivered", code=receipt.code, words=words, latency_ms=latency_ms)
            records += [replace(each, digest=_digest_id(attempt)) for each in found]
            if self.traits.picture == "after" and attempt.kind == "single" and one.message.curve:
                records += self.pictures.offer(one.message, now)
        return records

    def next_picture(self, now: float) -> tuple[Message | None, list[Delivery]]:
        """What to draw and send beside the texts, None if nothing; and what is left out. Its outcome must be told."""
        if not _reached(self.pause_until, now) or any(_reached(one.next_at, now) for one in self.waiting.values()):
            return None, []
        message, records = self.pictures.next(now)
        if message is not None:
            self.changed.add("")
        return message, records

    def picture_failed(self, message: Message, error: DeliveryError, now: float, latency_ms: float) -> list[Delivery]:
        """A picture did not get through. Only where the provider has had enough of us the words wait for it too."""
        if isinstance(error, ThrottledError):
            self.pause_until = max(self.pause_until, now + self._wait_s(1, error))
            self.changed.add("")
        return [self.pictures.failed(message, error, now, latency_ms)]

    def failed(
        self, attempt: Attempt, error: DeliveryError, now: float, latency_ms: float | None = None
    ) -> list[Delivery]:
        """The attempt did not get through, or nobody knows whether it did. As `delivered`."""
        if attempt is not self.attempt:
            return []
        flight = self._landed()
        wait_s = 0.0
        if error.retryable:
            self.failures += 1
            wait_s = self._wait_s(self.failures, error)
            self.pause_until = now + wait_s
        said: dict[str, Any] = {"code": error.code, "words": error.words, "latency_ms": latency_ms}
        if attempt.kind == "repeat":
            self.standing[attempt.message.episode_id].repeat_at = now + (wait_s or self.traits.repeat_s or 0.0)
            record = Delivery(
                _moment(now), self.name, attempt.message.episode_id, attempt.message.number, "repeat_failed", **said
            )
            return [record]
        records = []
        for one in flight:
            one.attempts += 1
            reason = self._given_up(one, error, attempt, now)
            if reason:
                records += self._closed(one, now, "dead", reason=reason, **said)
            else:
                one.alone = one.alone or isinstance(error, RejectedError)
                one.next_at = now + self._wait_s(one.attempts, error)
                records.append(
                    self._record(one, one.numbers[-1], now, "retrying", retry_at=_moment(one.next_at), **said)
                )
                self._wait(one)
        if error.retryable:
            # The channel is out of order: what waited too long behind this attempt will not be of use any more.
            for one in [one for one in self.waiting.values() if now - one.queued_at >= self.policy.most_age_s]:
                del self.waiting[one.message.episode_id]
                records += self._closed(one, now, "dead", reason="too_old", **said)
        return [replace(each, digest=_digest_id(attempt)) for each in records]

    def give_up(self, now: float) -> list[Delivery]:
        """The rules have this channel no more: whatever it owes is dead."""
        owed = [*self.flight, *self.waiting.values()]
        self.flight, self.attempt = [], None
        self.waiting.clear()
        self.standing.clear()
        return [record for one in owed for record in self._closed(one, now, "dead", reason="channel_gone")]

    def owes(self) -> set[tuple[str, int]]:
        """Episode and number of every change that has not got through and was not given up."""
        owed = [*self.flight, *self.waiting.values()]
        return {(one.message.episode_id, number) for one in owed for number in one.numbers}

    def _wait(self, one: Owed) -> None:
        """Let it wait, together with what waits of its episode already."""
        episode = one.message.episode_id
        other = self.waiting.get(episode)
        self.waiting[episode] = one if other is None else merged(*sorted((other, one), key=lambda each: each.numbers))
        self.changed.add(episode)

    def _together(self, ready: list[Owed], now: float) -> list[Owed]:
        """Those to tell in one digest, where there is room for one more request and more than one wait; else none."""
        room = self.throttle.room(now, spans_from_s=self.policy.patience_s)
        several = [one for one in ready if not one.alone][: self.traits.digest_most]
        return several if self.traits.digests and room == 1 and len(several) > 1 else []

    def _depart(self, chosen: list[Owed], now: float) -> None:
        self.flight = chosen
        for one in chosen:
            del self.waiting[one.message.episode_id]
        told = [told_together(one.message, one.earlier, len(one.numbers)) for one in chosen]
        message = told[0]
        if len(told) > 1:
            message = digest(told, self.traits.digest_characters)
        before = self.standing.get(message.episode_id)
        self.attempt = Attempt(
            message,
            max(one.attempts for one in chosen) + 1,
            before.message if before else None,
            "digest" if len(told) > 1 else "single",
        )
        self.throttle.take(now)
        self.changed.update(["", *(one.message.episode_id for one in chosen)])

    def _repeat(self, now: float) -> None:
        """Say again what stands, or let go of an end that was said long enough."""
        for episode, one in sorted(self.standing.items(), key=lambda pair: pair[1].repeat_at):
            if episode in self.waiting or not _reached(one.repeat_at, now):
                continue
            if one.until is not None and now >= one.until:
                del self.standing[episode]
                self.changed.add(episode)
            else:
                self.attempt = Attempt(one.message, 1, kind="repeat")
                self.throttle.take(now)
                return

    def _stands(self, message: Message, now: float, *, again: bool = False) -> None:
        episode = message.episode_id
        until = self.standing[episode].until if again and episode in self.standing else None
        if message.change == "ended" and until is None:
            until = now + self.traits.repeat_end_s
        self.standing[episode] = Standing(message, now + (self.traits.repeat_s or 0.0), until)
        self.changed.add(episode)

    def _landed(self) -> list[Owed]:
        flight = self.flight
        self.attempt, self.flight = None, []
        self.changed.update(["", *(one.message.episode_id for one in flight)])
        return flight

    def _given_up(self, one: Owed, error: DeliveryError, attempt: Attempt, now: float) -> Reason:
        if isinstance(error, DeniedError):
            return "denied"
        if not error.retryable and attempt.kind == "single":
            return "rejected"
        if one.attempts >= self.policy.most_attempts:
            return "tried_too_often"
        return "too_old" if now - one.queued_at >= self.policy.most_age_s else ""

    def _wait_s(self, attempts: int, error: DeliveryError) -> float:
        if not error.retryable:
            return 0.0
        wait_s = self.policy.waits.wait_s(attempts) * (1 - self.policy.jitter * self.random())
        return min(max(wait_s, error.retry_after_s or 0.0), LONGEST_WAIT_S)

    def _closed(self, one: Owed, now: float, outcome: Outcome, **said: Any) -> list[Delivery]:
        episode = one.message.episode_id
        self.changed.add(episode)
        if outcome == "dead" and one.message.change == "ended":
            # Nobody will say that it is over: the receiver is to find out by the silence.
            self.standing.pop(episode, None)
        return [self._record(one, number, now, outcome, **said) for number in one.numbers]

    def _record(self, one: Owed, number: int, now: float, outcome: Outcome, **said: Any) -> Delivery:
        return Delivery(
            _moment(now),
            self.name,
            one.message.episode_id,
            number,
            outcome,
            one.attempts,
            told_by=one.numbers[-1],
            waited_ms=round((now - one.since) * 1000, 3),
            **said,
        )

    def _forget(self) -> None:
        for episode in list(self.known)[: max(len(self.known) - self.policy.most_known, 0)]:
            if episode not in self.waiting and episode not in self.standing and not self._flies(episode):
                del self.known[episode]
                self.changed.add(episode)

    def _flies(self, episode: str) -> bool:
        return any(one.message.episode_id == episode for one in self.flight)

    def dump(self, episode: str) -> list[Any] | None:
        """The state of an episode as a compact JSON-able list, None: forget it; of the lane itself for ''."""
        if not episode:
            return [self.failures, self.pause_until, self.throttle.times, self.turns, self.duplicates]
        if episode not in self.known:
            return None
        # What is on its way may not have arrived: after a restart it goes out again.
        owed = [one for one in self.flight if one.message.episode_id == episode]
        owed += [self.waiting[episode]] if episode in self.waiting else []
        stands = self.standing.get(episode)
        return [
            self.known[episode],
            [packed(one) for one in owed],
            [pack(stands.message), stands.repeat_at, stands.until] if stands else None,
        ]

    def load(self, episode: str, value: list[Any] | None) -> None:
        """Take up what `dump` wrote."""
        if not episode:
            self.failures, self.pause_until, self.throttle.times, self.turns, self.duplicates = value or [
                0,
                0.0,
                [],
                0,
                0,
            ]
            return
        for each in (self.known, self.waiting, self.standing):
            each.pop(episode, None)
        if value is None:
            return
        self.known[episode], owed, stands = value
        for one in owed:
            self._wait(unpacked(one))
        if stands:
            self.standing[episode] = Standing(unpack(stands[0]), *stands[1:])
        self.turns = max([self.turns, *(one.turn for one in self.waiting.values())])
        self.changed.discard(episode)


def _rank(one: Owed) -> int:
    return SEVERITIES.index(one.message.severity)


def _reached(moment: float, now: float) -> bool:
    return moment <= now or moment > now + LONGEST_WAIT_S


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)


def _digest_id(attempt: Attempt) -> str:
    return attempt.message.episode_id if attempt.kind == "digest" else ""
