"""What a message says of a post besides its counters: its first words and its topics, kept for the newest posts."""

from collections import OrderedDict
from dataclasses import dataclass

from consumers.turns import State
from schemas.events import AnyEvent, PostEdited, PostSeen

#: Characters of a post that a message quotes.
LENGTH = 80
#: Posts of an account whose words are kept: more than are sampled at a time.
MOST_POSTS = 120


@dataclass(frozen=True, slots=True)
class Words:
    """A post's account, first words, and topics."""

    account_id: str
    text: str
    topics: tuple[str, ...]


class PostWords:
    """The words of the posts that were seen last, so many of each account."""

    def __init__(self, most: int = MOST_POSTS) -> None:
        self._most = most
        self._words: dict[str, Words] = {}
        self._of_account: dict[str, OrderedDict[str, None]] = {}
        self._changed: set[str] = set()

    def of(self, post_id: str) -> Words | None:
        """The words of a post; None where they are not known (any more)."""
        return self._words.get(post_id)

    def feed(self, event: AnyEvent) -> None:
        """Take the words of a version of a post; of several, those that came last."""
        if isinstance(event, PostSeen | PostEdited):
            words = Words(event.account_id, first_words(event.text), event.topics[:5])
            if self._words.get(event.post_id) != words:
                self._take(event.post_id, words)
                self._changed.add(event.post_id)

    def _take(self, post_id: str, words: Words) -> None:
        self._words[post_id] = words
        posts = self._of_account.setdefault(words.account_id, OrderedDict())
        posts[post_id] = None
        # Ids grow with time, and an old post may be read again at any time: the oldest one goes, not the first seen.
        if len(posts) > self._most:
            oldest = min(posts, key=int)
            del posts[oldest], self._words[oldest]
            self._changed.add(oldest)

    def dirty(self) -> list[str]:
        """The posts whose words changed since the last call."""
        changed, self._changed = sorted(self._changed), set()
        return changed

    def dump(self, key: str) -> State | None:
        """The words of a post."""
        words = self._words.get(key)
        return None if words is None else [words.account_id, words.text, list(words.topics)]

    def load(self, key: str, value: State) -> None:
        """Take up words that were written down."""
        self._take(key, Words(value[0], value[1], tuple(value[2])))


def first_words(text: str, length: int = LENGTH) -> str:
    """The first characters of a text, in one line; `…` where there is more."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
