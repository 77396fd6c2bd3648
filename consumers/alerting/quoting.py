"""Words of strangers in our messages: one line of plain text that no receiver reads as anything else.

Weibo's users write texts, names and notices. In a message they must neither break a line, nor turn its direction, nor
mention or link anybody, nor be read as markup.
"""

import re
import unicodedata

#: Signs of markup, mentions and tags, and the full-width twin of each: it looks alike and means nothing.
_TWINS = {ord(sign): ord(sign) + 0xFEE0 for sign in "<>[]*`~#|\\@&^$_"}
#: What programs make a link of by themselves.
_LINKS = re.compile(r"(?i):(?=//)|(?<=www)\.")
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
_ENDS = frozenset(("Zl", "Zp", "Zs"))


def line(text: str, most: int) -> str:
    """The text in one line of at most `most` characters, `…` at its end where it was cut."""
    kept = "".join(
        " " if unicodedata.category(one) in _ENDS or one in "\t\n\r\x0b\x0c\x85" else one
        for one in text
        if unicodedata.category(one) not in _HIDDEN or one in "\t\n\r\x0b\x0c\x85"
    )
    whole = " ".join(_thinned(kept).split())
    return whole if len(whole) <= most else whole[: most - 1].rstrip() + "…"


def quoted(text: str, most: int = 80) -> str:
    """The text in one line, without what could be markup, a mention or a link of any receiver."""
    flat = line(text, most).translate(_TWINS)
    return _LINKS.sub(lambda found: "：" if found[0] == ":" else "．", flat)


def _thinned(text: str) -> str:
    """No more than two accents on a letter: towers of them run over the lines around."""
    kept: list[str] = []
    accents = 0
    for one in text:
        accents = accents + 1 if unicodedata.category(one) in ("Mn", "Me") else 0
        if accents <= 2:
            kept.append(one)
    return "".join(kept)
