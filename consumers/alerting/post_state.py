"""What is remembered of a watched post, small enough for a million of them, and its form in the compacted topic."""

from array import array
from base64 import b64decode
from binascii import b2a_base64
from typing import Any

from consumers.alerting.baselines import UNKNOWN, Group, with_interactions
from consumers.alerting.daylight import waking
from consumers.alerting.growth_curve import LAST

Marks = tuple[float, int, int, int]
"""A moment (Unix seconds) and the highest counts of reposts, comments, likes seen by then; -1: not known."""

_UNKNOWN_BYTE = UNKNOWN.to_bytes(2, "little")[:1]

NEVER: Marks = (0.0, -1, -1, -1)


class PostState:
    """A post as far as it was seen. Moments are Unix seconds, counts -1 where they are not known."""

    __slots__ = (
        "account_id",
        "after_gap",
        "aged",
        "anchor",
        "awake",
        "capped",
        "codes",
        "doubts",
        "followed",
        "groups",
        "last",
        "later_anchor",
        "post_id",
        "published",
        "score",
        "tops",
        "type",
        "values",
    )

    def __init__(self, post_id: str, account_id: str, published: float, post_type: str = "") -> None:
        self.post_id = post_id
        self.account_id = account_id
        self.published = published
        self.awake = waking(published)
        #: Kind and format, such as `original/picture`; empty: not known yet.
        self.type = post_type
        #: Whether it was seen from its first hours on, so that its level is news and no history.
        self.followed = False
        #: When it was last sampled; 0: never.
        self.last = 0.0
        #: Its waking age then, in seconds.
        self.aged = 0.0
        #: The last counts, at least; and the highest counts ever seen, at most.
        self.values = (-1, -1, -1)
        self.tops = (-1, -1, -1)
        #: Bit 0, 1, 2: the highest reposts, comments, likes are only a lower bound.
        self.capped = 0
        #: Its own earlier samples that growth is judged against: now, and next.
        self.anchor = NEVER
        self.later_anchor = NEVER
        #: Whether the last sample was the first one after a gap.
        self.after_gap = False
        #: What the last sample was judged as.
        self.score = 0.0
        self.doubts: tuple[str, ...] = ()
        #: Reposts, comments, likes at each of AGES, encoded.
        self.codes = array("H", [UNKNOWN]) * (3 * (LAST + 1))
        #: The groups that it is a member of.
        self.groups: list[Group] = []

    def age(self, moment: float) -> float:
        """Waking seconds since publication, at least one."""
        return max(waking(moment) - self.awake, 1.0)

    def codes_at(self, at: int) -> tuple[int, int, int, int] | None:
        """The codes of the four metrics at AGES[at]; None where it was not seen around that age."""
        three = self.codes[3 * at : 3 * at + 3]
        if three[0] == three[1] == three[2] == UNKNOWN:
            return None
        return with_interactions(three)

    def passed(self) -> list[tuple[int, tuple[int, int, int, int]]]:
        """All of AGES at which it has left counters, with the codes of the four metrics."""
        found = ((at, self.codes_at(at)) for at in range(LAST + 1))
        return [(at, codes) for at, codes in found if codes is not None]

    def dump(self) -> list[Any]:
        """A compact list for JSON, that `load_post` takes; typically 150 to 250 bytes."""
        first, packed = _packed(self.codes)
        flags = self.followed | self.after_gap << 1 | self.capped << 2
        return [
            self.account_id,
            self.published,
            self.type,
            flags,
            self.last,
            *self.values,
            *(self.tops if self.tops != self.values else ()),
            list(self.anchor),
            list(self.later_anchor) if self.later_anchor != self.anchor else 0,
            self.score,
            list(self.doubts),
            first,
            packed,
        ]


def _packed(codes: "array[int]") -> tuple[int, str]:
    """The codes from the first to the last known one, and the place of the first.

    Found in bytes, since every sample asks for it. A known code may begin or end with the byte that unknown ones
    consist of: it stays whole.
    """
    raw = codes.tobytes()
    end = (len(raw.rstrip(_UNKNOWN_BYTE)) + 1) // 2 * 2
    first = (len(raw) - len(raw.lstrip(_UNKNOWN_BYTE))) // 2 * 2 if end else 0
    return first // 2, b2a_base64(raw[first:end], newline=False).decode("ascii")


def load_post(post_id: str, value: list[Any]) -> PostState:
    """The state that `dump` wrote."""
    account_id, published, post_type, flags, last, *counts = value[: len(value) - 6]
    anchor, later, score, doubts, first, packed = value[len(value) - 6 :]
    post = PostState(post_id, account_id, float(published), post_type)
    post.followed, post.after_gap, post.capped = bool(flags & 1), bool(flags & 2), flags >> 2
    post.last = float(last)
    post.aged = post.age(post.last) if last else 0.0
    post.values = (counts[0], counts[1], counts[2])
    post.tops = (counts[3], counts[4], counts[5]) if len(counts) == 6 else post.values
    post.anchor = (float(anchor[0]), anchor[1], anchor[2], anchor[3])
    post.later_anchor = (float(later[0]), later[1], later[2], later[3]) if later else post.anchor
    post.score, post.doubts = float(score), tuple(doubts)
    codes = array("H")
    codes.frombytes(b64decode(packed))
    post.codes[first : first + len(codes)] = codes
    return post
