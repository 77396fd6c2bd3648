"""A post's own content: text, pictures, video, what it reposts, when it was edited: functions of seed and ordinal."""

from dataclasses import dataclass

from deploy.replica.accounts import Account
from deploy.replica.chance import Dice
from deploy.replica.identifiers import post_id
from deploy.replica.wording import BODIES, EMOJI, ENDINGS, HOSTILE, LONG_PARTS, OPENINGS, SOURCES, TOPICS

Segment = tuple[str, str, str | None]
"""Kind ("text", "break", "emoji", "topic", "mention", "link"), text as it was typed, and what it leads to."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post as it was written; `edited_at` is 0 where it never is edited."""

    account: Account
    ordinal: int
    mid: int
    published: int
    segments: tuple[Segment, ...]
    is_long: bool
    correction: str
    edited_at: int
    pictures: int
    video: bool
    repost_of: tuple[int, int] | None
    repost_gone: str
    source: str

    def segments_at(self, moment: float) -> tuple[Segment, ...]:
        """The whole text as it stands at a moment; an edit adds a correction."""
        return (*self.segments, ("text", self.correction, None)) if self.edited(moment) else self.segments

    def edited(self, moment: float) -> bool:
        """Whether the post has been edited by then."""
        return 0 < self.edited_at <= moment


def emoji(dice: Dice) -> Segment:
    """A picture of a feeling in a text."""
    return ("emoji", f"[{dice.pick(EMOJI)}]", None)


def write_post(seed: int, accounts: tuple[Account, ...], account: Account, ordinal: int) -> Post:
    """The post of an account with that ordinal."""
    published = account.published_at(ordinal)
    dice = Dice(seed, "post", account.uid, ordinal)
    mid = post_id(published, account.index, dice.bits())
    repost_of, gone = None, ""
    if dice.chance(0.16):
        other = dice.pick(accounts)
        before = other.published(published) - 1 - dice.whole(0, 5)
        if other.index != account.index and before >= 0 and dice.chance(0.8):
            repost_of = (other.index, before)
        else:
            gone = dice.pick(("deleted", "hidden"))
    reposts = repost_of is not None or bool(gone)
    is_long = not reposts and dice.chance(0.12)
    parts = _parts(dice, account, accounts, is_long=is_long)
    segments: tuple[Segment, ...] = (("text", "转发微博", None),) if reposts and dice.chance(0.5) else tuple(parts)
    edited_at = published + dice.whole(120, 40 * 3600) if dice.chance(0.04) else 0
    return Post(
        account=account,
        ordinal=ordinal,
        mid=mid,
        published=published,
        segments=segments,
        is_long=is_long,
        correction=f"（更正：第{dice.whole(1, 9)}处）",
        edited_at=edited_at,
        pictures=0 if reposts or dice.chance(0.35) else dice.pick((1, 1, 2, 3, 3, 4, 6, 9)),
        video=not reposts and dice.chance(0.08),
        repost_of=repost_of,
        repost_gone=gone,
        source=dice.pick(SOURCES),
    )


def _parts(dice: Dice, account: Account, accounts: tuple[Account, ...], *, is_long: bool) -> list[Segment]:
    parts: list[Segment] = []
    if dice.chance(0.4):
        parts.append(("topic", f"#{dice.pick(TOPICS)}#", None))
    parts.append(("text", dice.pick(OPENINGS) + dice.pick(BODIES).format(country=account.country), None))
    if dice.chance(0.03):
        # At the beginning too: a formula is one only at the beginning of a cell.
        parts.insert(dice.whole(0, len(parts)), ("text", dice.pick(HOSTILE), None))
    if is_long:
        for _ in range(dice.whole(6, 11)):
            parts += [("break", "", None), ("break", "", None), ("text", dice.pick(LONG_PARTS), None)]
    if dice.chance(0.3):
        parts += [("break", "", None), ("text", dice.pick(ENDINGS), None)]
    if dice.chance(0.3):
        parts.append(emoji(dice))
    if dice.chance(0.2):
        parts += [("text", " ", None), ("mention", "@" + dice.pick(accounts).name, None), ("text", " ", None)]
    if dice.chance(0.2):
        parts.append(("link", "网页链接", f"https://example.org/{dice.whole(1, 9999)}"))
    return parts
