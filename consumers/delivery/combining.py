"""Several changes in one message: a newer one that tells an older of its episode too, and a digest of many episodes."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from consumers.delivery.channel import Traits
from consumers.delivery.message import SEVERITIES, Message
from consumers.delivery.phrases import CHANGE, DIGEST_TEXT, DIGEST_TITLE, MORE, SEVERITY
from consumers.delivery.safe_text import one_line

#: Titles of earlier changes that a message keeps; of more it says how many.
MOST_EARLIER = 20


def remembered(earlier: Sequence[str], title: str) -> tuple[str, ...]:
    """The titles that go with the next message of an episode: the first one, how it began, and the latest."""
    titles = (*earlier, one_line(title))
    return titles if len(titles) <= MOST_EARLIER else (titles[0], *titles[-MOST_EARLIER + 1 :])


def told_together(message: Message, earlier: Sequence[str], changes: int) -> Message:
    """A message that tells so many changes of its episode: its own, and those before it that had not gone out."""
    left_out = changes - 1 - len(earlier)
    more = [MORE[message.language].format(left_out)] if left_out > 0 else []
    return replace(message, earlier=(*earlier[:1], *more, *earlier[1:])) if earlier else message


def digest(messages: Sequence[Message], characters: int) -> Message:
    """One message that tells all of these, the severest first, in so many characters each.

    The same messages make the same digest.
    """
    ordered = sorted(messages, key=lambda one: -SEVERITIES.index(one.severity))
    first = ordered[0]
    language = first.language
    lines = [f"- {_line(one, characters)}" for one in ordered]
    ids = "\n".join(sorted(one.id for one in messages))
    return Message(
        episode_id=f"digest:{hashlib.sha256(ids.encode('utf-8', 'replace')).hexdigest()[:32]}",
        number=1,
        change="digest",
        severity=first.severity,
        title=DIGEST_TITLE[language].format(len(messages)),
        text=f"{DIGEST_TEXT[language]}\n\n" + "\n".join(lines),
        starts_at=min(one.starts_at for one in messages),
        language=language,
        links=tuple((one_line(one.title, 40), one.links[0][1]) for one in ordered[:5] if one.links),
    )


def held_together(messages: Sequence[Message], traits: Traits) -> list[Message]:
    """What was held back, as a channel is told of it: digests, each of as many as it takes whole.

    A channel that repeats what stands (Alertmanager) knows each by itself and is told of each.
    """
    if traits.repeat_s is not None:
        return list(messages)
    most = traits.digest_most if traits.digests else max(len(messages), 1)
    parts = [messages[begin : begin + most] for begin in range(0, len(messages), most)]
    return [digest(part, traits.digest_characters) for part in parts]


def _line(message: Message, characters: int) -> str:
    words = f"[{SEVERITY[message.language][message.severity]} · {CHANGE[message.language][message.change]}]"
    earlier = "".join(f" ← {title}" for title in reversed(message.earlier))
    return f"{words} {one_line(message.title + earlier, characters)}"
