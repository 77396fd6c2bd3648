"""What a sighting means, given what is remembered: a new post, a new version, an edit, a return, or nothing new.

Pure: events in, events and the new memory out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.memory.records import PostMemory, SampleMemory
from schemas.counts import value_of
from schemas.event_ids import content_version
from schemas.events import AnyEvent, EngagementSample, PostEdited, PostRemoved, PostSeen

MOST_SAMPLES = 6
"""Of one post, in the memory: enough for its velocity."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What follows from a sighting: events to publish, and what to remember once they are acknowledged.

    `wants_long_text`: the whole text is to be asked for.
    """

    events: tuple[AnyEvent, ...]
    memory: PostMemory
    wants_long_text: bool = False


def parts_of(post: PostSeen) -> dict[str, str]:
    """A digest of each thing that an edit may change, by its field in the contract."""
    original = post.reposted.post_id if post.reposted else None
    return {
        "text": content_version(post.text),
        "media": content_version(*(f"{medium.kind} {medium.url}" for medium in post.media)),
        "kind": content_version(post.kind, original),
    }


def seen(post: PostSeen, sample: EngagementSample | None, known: PostMemory | None, listed: bool = True) -> Sighting:
    """A post was seen with its counters, in its list, or (`listed` false) by itself while its list lacks it."""
    remembered = _remembered(post, sample, known).model_copy(update={"unlisted": not listed})
    counters = (sample,) if sample else ()
    if known is None:
        memory = remembered.model_copy(
            update={
                "version": post.content_version,
                "short_version": post.content_version if post.text_truncated else None,
                "parts": parts_of(post),
                "owes_long_text": post.text_truncated,
            }
        )
        return Sighting((post, *counters), memory, post.text_truncated)
    if post.content_version in (known.version, known.short_version):
        # Seen again after it was missing: the sighting itself is the news.
        back = (post,) if known.first_missing_at else ()
        return Sighting((*back, *counters), remembered, known.owes_long_text)
    if known.short_version and not post.text_truncated and known.owes_long_text:
        memory = remembered.model_copy(
            update={"version": post.content_version, "parts": parts_of(post), "owes_long_text": False}
        )
        return Sighting((post, *counters), memory)
    edited = PostEdited(
        **post.model_dump(exclude={"type"}),
        previous_version=known.version,
        changed=_changed(known.parts, parts_of(post)),
    )
    memory = remembered.model_copy(
        update={
            "version": post.content_version,
            "short_version": post.content_version if post.text_truncated else known.short_version,
            "parts": parts_of(post),
            "owes_long_text": post.text_truncated,
        }
    )
    return Sighting((edited, *counters), memory, post.text_truncated)


def long_text(post: PostSeen, sample: EngagementSample | None, known: PostMemory) -> Sighting:
    """The whole text of a post that lists show cut."""
    counters = (sample,) if sample else ()
    memory = _remembered(post, sample, known).model_copy(update={"owes_long_text": False})
    if post.content_version == known.version:
        return Sighting(counters, memory)
    memory = memory.model_copy(update={"version": post.content_version, "parts": parts_of(post)})
    return Sighting((post, *counters), memory)


def counted(sample: EngagementSample, known: PostMemory) -> Sighting:
    """A page showed the counters of a known post, and nothing else that can be told of it."""
    memory = known.model_copy(
        update={
            "last_seen_at": max(known.last_seen_at, sample.observed_at),
            "samples": _with_sample(known.samples, sample),
        }
    )
    return Sighting((sample,), memory)


def absent(known: Iterable[PostMemory], shown: Sequence[int], oldest: int, newest: int) -> Iterator[PostMemory]:
    """Watched posts that a stretch of the timeline should show and does not; what is missing already is not told again.

    The stretch is from `oldest` to `newest`, post ids, and was read whole.
    """
    there = set(shown)
    for post in known:
        told = post.unlisted or post.confirmed_at is not None
        if oldest <= post.number <= newest and post.number not in there and not told:
            yield post


def missing(account_id: str, known: PostMemory, now: datetime) -> Sighting:
    """A post is no longer where it should be: said at once, not yet confirmed. Said before, it is not said again."""
    if known.first_missing_at is not None:
        return Sighting((), known)
    event = PostRemoved(
        account_id=account_id,
        observed_at=now,
        post_id=known.post_id,
        removal="unknown",
        last_seen_at=known.last_seen_at,
        first_missing_at=now,
    )
    return Sighting((event,), known.model_copy(update={"first_missing_at": now}))


def removed(event: PostRemoved, known: PostMemory) -> Sighting:
    """The single-post answer says that it is gone; `event` is that answer's."""
    since = known.first_missing_at or event.observed_at
    told = event.model_copy(update={"first_missing_at": since, "last_seen_at": known.last_seen_at})
    memory = known.model_copy(update={"first_missing_at": since, "confirmed_at": event.observed_at})
    return Sighting((told,), memory)


def _remembered(post: PostSeen, sample: EngagementSample | None, known: PostMemory | None) -> PostMemory:
    """The memory with this sighting, what the post says apart."""
    base = known or PostMemory(post_id=post.post_id, last_seen_at=post.observed_at, version=post.content_version)
    return base.model_copy(
        update={
            "created_at": post.created_at or base.created_at,
            "last_seen_at": max(base.last_seen_at, post.observed_at),
            "shown_text": content_version(post.text) if post.via == "timeline" else base.shown_text,
            "samples": _with_sample(base.samples, sample),
            "first_missing_at": None,
            "confirmed_at": None,
        }
    )


def _with_sample(samples: tuple[SampleMemory, ...], sample: EngagementSample | None) -> tuple[SampleMemory, ...]:
    if sample is None or any(kept.at == sample.observed_at for kept in samples):
        return samples
    new = SampleMemory(
        at=sample.observed_at,
        reposts=value_of(sample.reposts),
        comments=value_of(sample.comments),
        likes=value_of(sample.likes),
    )
    return tuple(sorted((*samples, new), key=lambda kept: kept.at)[-MOST_SAMPLES:])


def _changed(before: dict[str, str], after: dict[str, str]) -> tuple[str, ...]:
    names = tuple(name for name in after if before.get(name) != after[name])
    return names or ("text",)
