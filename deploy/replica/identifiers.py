"""Weibo's identifiers: 16 digits that grow with time, and their short form in base 62.

A post: seconds since a moment of 1986 (as in real ids) above 22 bits, here 7 of account and 15 of noise. A comment:
steps of 64 seconds above 28 bits, here 7 of account, 9 of its post's ordinal, 12 of its place under the post.
So an id is turned back into what it names without a table.
"""

_EPOCH = 515_483_463
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}


def post_id(second: int, account: int, noise: int) -> int:
    """The id of an account's post of that second."""
    return (second - _EPOCH) << 22 | account << 15 | (noise & 0x7FFF)


def post_parts(mid: int) -> tuple[int, int]:
    """The second and the account of a post's id."""
    return (mid >> 22) + _EPOCH, mid >> 15 & 0x7F


def comment_id(second: int, account: int, ordinal: int, place: int) -> int:
    """The id of the comment at a place under a post."""
    return ((second - _EPOCH) >> 6) << 28 | account << 21 | (ordinal & 0x1FF) << 12 | (place & 0xFFF)


def comment_parts(cid: int) -> tuple[int, int, int, int]:
    """The first second of its 64, account, ordinal modulo 512, place modulo 4096."""
    return ((cid >> 28) << 6) + _EPOCH, cid >> 21 & 0x7F, cid >> 12 & 0x1FF, cid & 0xFFF


def to_bid(mid: int) -> str:
    """The short form: four characters for seven digits, from the right."""
    parts = []
    while mid:
        mid, seven = divmod(mid, 10_000_000)
        part = ""
        while seven:
            seven, digit = divmod(seven, 62)
            part = _DIGITS[digit] + part
        parts.append(part.rjust(4, "0") if mid else part)
    return "".join(reversed(parts))


def to_mid(bid: str) -> int:
    """The number of a short form; raises ValueError for what is none."""
    if not bid or len(bid) > 12 or any(digit not in _VALUES for digit in bid):
        raise ValueError(f"not a post's short form: {bid!r}")
    mid = 0
    end = len(bid) % 4 or 4
    start = 0
    while start < len(bid):
        seven = 0
        for digit in bid[start:end]:
            seven = seven * 62 + _VALUES[digit]
        if seven >= 10_000_000:
            raise ValueError(f"not a post's short form: {bid!r}")
        mid = mid * 10_000_000 + seven
        start, end = end, end + 4
    return mid
