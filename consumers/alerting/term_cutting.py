"""How the text of a comment is cut into terms: Chinese in runs of two to four signs, Latin words, Weibo's pictures.

The same rules as the question `comment-terms`; besides, what could name somebody or lead somewhere is left out first:
mentions, and addresses. A term is made of letters only, so it holds nothing that a message would read as a sign.
"""

import re
from collections.abc import Iterable, Iterator

#: Han characters, as ClickHouse's `\\p{Han}` has them in texts: with the marks of repetition and of zero.
_HAN = "々〇㐀-䶿一-鿿豈-﫿\U00020000-\U000323af"
_LEFT_OUT = re.compile(r"(?:https?://|www\.)[!-?A-~]+|(?:回复)?[@＠][\w·-]*")
#: A picture has letters between its brackets.
_PIECE = re.compile(rf"\[\w{{1,12}}\]|[{_HAN}]+|(?<![a-z])[a-z]{{3,20}}(?![a-z])")
_IS_HAN = re.compile(rf"[{_HAN}]")
SHORTEST, LONGEST = 2, 4


def pieces_of(text: str, most: int) -> str:
    """What terms are cut from, a blank between two pieces: at most so many characters, the last run of Han cut."""
    kept: list[str] = []
    room = most
    for piece in _PIECE.findall(_LEFT_OUT.sub(" ", text).lower()):
        if len(piece) > room:
            if _IS_HAN.match(piece) and room >= SHORTEST:
                kept.append(piece[:room])
            break
        kept.append(piece)
        room -= len(piece) + 1
    return " ".join(kept)


def terms_of(pieces: str) -> set[str]:
    """The terms in what `pieces_of` made of a text, each once."""
    found: set[str] = set()
    for piece in pieces.split():
        found.update(_runs(piece) if _IS_HAN.match(piece) else (piece,))
    return found


def parts_of(term: str) -> Iterator[str]:
    """A term and, of a Chinese one, the terms within it: whoever writes it writes these."""
    return iter(_runs(term)) if _IS_HAN.match(term) else iter((term,))


def apart(terms: Iterable[str], most: int) -> tuple[str, ...]:
    """The first `most` terms, without those that say the same once more: they share two characters in sequence."""
    kept: list[str] = []
    taken: set[str] = set()
    for term in terms:
        pairs = {term[place : place + 2] for place in range(len(term) - 1)} if _IS_HAN.match(term) else {term}
        if not pairs & taken:
            kept.append(term)
            taken |= pairs
            if len(kept) == most:
                break
    return tuple(kept)


def _runs(piece: str) -> Iterator[str]:
    for length in range(SHORTEST, LONGEST + 1):
        for place in range(len(piece) - length + 1):
            yield piece[place : place + length]
