"""Words of strangers made harmless, and texts cut to a size: pure functions from text to text."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import quote, urlsplit

from consumers.delivery.message import Language, Message, Pairs
from consumers.delivery.phrases import CUT, EARLIER

#: Signs that turn the direction of text around, so that it reads as what it is not.
_TURNING = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

#: Signs of every markup that the chats read, and the full-width twin of each: it looks alike and means nothing.
#: Escaping would differ between providers, and between their versions; a twin is inert everywhere.
_TWINS = {ord(sign): ord(sign) + 0xFEE0 for sign in "<>[]*`~#|\\@"}

#: A link that is longer is left out where size counts.
LINK_CHARACTERS = 1_000

#: What may stay as it is in a URL: nothing that ends a link in any markup.
_ALLOWED_IN_URL = "%/:=&?~#+!$,;@"


def clean(text: str) -> str:
    r"""Text that can be sent: valid Unicode, line ends as \n, no control characters, no turning of direction."""
    valid = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", valid)).translate(_TURNING)


def one_line(text: str, most: int = 200) -> str:
    """The text as one line of at most `most` characters, for subjects and titles."""
    beginning = text[: 8 * most]
    line = " ".join(clean(beginning).split())
    if len(beginning) < len(text):
        line += "…"
    return line if len(line) <= most else line[: _place(line, most - 1)].rstrip() + "…"


def inert(text: str) -> str:
    """Text in which no markup, mention or link of any chat is left: their signs become their full-width twins.

    Numbers and punctuation at the beginning of a line that would make a list or a rule get a word joiner before them.
    """
    return re.sub(r"(?m)^([ \t]*)([-+=]|[0-9]+[.)])", "\\1\u2060\\2", clean(text).translate(_TWINS))


def web_links(links: Pairs) -> list[tuple[str, str]]:
    """The links that lead to http or https, as label in one line and URL in ASCII without signs of any markup."""
    found = []
    for label, url in links:
        address = web_link(url)
        if address:
            found.append((one_line(label), address))
    return found


def web_link(url: str) -> str | None:
    """The URL in ASCII, safe within every markup; None if it is not one of http or https."""
    url = "".join(clean(url).split())
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        host = parts.netloc.encode("idna").decode("ascii") if not parts.netloc.isascii() else parts.netloc
    except (ValueError, UnicodeError):
        return None
    if "@" in host:
        return None  # what stands before it is shown first and leads nowhere
    rest = url.partition("://")[2][len(parts.netloc) :]
    return f"{parts.scheme}://{quote(host, safe=':[]')}{quote(rest, safe=_ALLOWED_IN_URL)}"


def paragraphs(message: Message, *, links: bool = True) -> str:
    """All that a message says below its title, plain: text, facts, earlier changes, links."""
    parts = [clean(message.text).strip()]
    parts.append("\n".join(f"{one_line(label)}: {one_line(value, 500)}" for label, value in message.facts))
    if message.earlier:
        parts.append("\n".join([EARLIER[message.language], *(f"- {one_line(title)}" for title in message.earlier)]))
    if links:
        parts.append("\n".join(f"{label}: {url}" for label, url in web_links(message.links)))
    return "\n\n".join(part for part in parts if part)


def fitted(text: str, fits: Callable[[str], bool], language: Language) -> str:
    """The longest beginning of a text that fits, and a word that it was cut; all but blanks at its end if it fits.

    `fits` must hold for every beginning of what it holds for. Cut between characters that are seen as one, never
    within them. Where not even the word fits, empty.
    """
    text = text.rstrip()
    if fits(text):
        return text

    def cut(most: int) -> str:
        place = _place(text, most)
        return text[:place].rstrip() + CUT[language].format(len(text) - place)

    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(cut(middle)):
            low = middle
        else:
            high = middle - 1
    return cut(low) if fits(cut(low)) else ""


def bounded(message: Message, fits: Callable[[Message], bool]) -> Message:
    """The message cut to a size: its text first, then earlier titles, facts, links; the title always stays.

    Where something of a text goes, it says so; `fits` must hold for whatever is smaller than what it holds for.
    """
    text = clean(message.text).strip()
    smaller = replace(
        message,
        title=one_line(message.title),
        text=text,
        facts=tuple((one_line(label, 60), one_line(value, 300)) for label, value in message.facts[:40]),
        links=tuple((label, url) for label, url in web_links(message.links[:10]) if len(url) <= LINK_CHARACTERS),
        earlier=tuple(one_line(title, 100) for title in message.earlier),
    )
    candidates = [smaller]
    for facts in (8, 4, 0):
        candidates.append(replace(smaller, earlier=smaller.earlier[:3], facts=smaller.facts[:facts]))
    for links in (1, 0):
        candidates.append(replace(smaller, earlier=(), facts=(), links=smaller.links[:links]))
    for candidate in candidates:
        part = fitted(text, lambda part, whole=candidate: fits(replace(whole, text=part)), message.language)  # type: ignore[misc]
        if (part or not text) and fits(replace(candidate, text=part)):
            return replace(candidate, text=part)
    return replace(candidates[-1], text="")


def fitted_bytes(text: str, most: int, language: Language) -> str:
    """A text that has at most so many bytes in UTF-8."""
    return fitted(text, lambda part: len(part.encode()) <= most, language)


def _place(text: str, most: int) -> int:
    """The last place at or before `most` that parts no accent, modifier or joined sign from what it belongs to."""
    place = most
    while 0 < place < len(text) and (_belongs(text[place]) or text[place - 1] == "\u200d"):
        place -= 1
    return place or most


def _belongs(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Mn", "Me", "Mc")
        or character == "\u200d"
        or ("\U0001f3fb" <= character <= "\U0001f3ff")
    )


def scrubbed(text: str, hidden: Iterable[str]) -> str:
    """The text without any of the hidden strings, as they are or percent-encoded."""
    for secret in sorted(filter(None, hidden), key=len, reverse=True):
        for form in {secret, quote(secret), quote(secret, safe="")}:
            text = text.replace(form, "***")
    return text
