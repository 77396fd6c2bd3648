"""HTML as Weibo puts it into its JSON → plain text, with its topics and links. Never raises, whatever is in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urljoin, urlsplit

from lxml import etree  # type: ignore[import-untyped]

from crawler.parsing.fields import LINE_LENGTH, TEXT_LENGTH, clean

Rename = Callable[[str], str]
"""What stands for a mentioned name, both without the @."""


class Mentions(Enum):
    """Whose names a text keeps."""

    KEPT = "all: the words of an institution"
    CHAIN_RENAMED = "all but those in a chain of reposts (//@name:), whose words are passed on"
    RENAMED = "none: the words of a person"


@dataclass(frozen=True, slots=True)
class RichText:
    """A text as people see it, with what it points at."""

    text: str
    topics: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    truncated: bool = False


def read_html(html: str, mentions: Mentions = Mentions.KEPT, rename: Rename = str) -> RichText:
    """The plain text of a piece of HTML: line breaks kept, pictures of emoji as their [name], `全文` marks cut off."""
    if "<" not in html and "&" not in html:
        return read_plain(html, mentions, rename)
    reader = _Reader(mentions, rename)
    body = f"<body>{clean(html)}</body>".replace("\x00", "").encode()
    try:
        if body.count(b"<") < DEEPEST:
            reader.read(etree.fromstring(body, _PARSER))
        else:
            parser = etree.HTMLParser(target=reader, huge_tree=True, encoding="utf-8")
            parser.feed(body)
            parser.close()
    except etree.LxmlError:  # what was read until then is what there is
        reader.truncated = True
    text, cut = _tidy("".join(reader.pieces), mentions, rename)
    return RichText(text, _distinct(reader.topics), _distinct(reader.links), reader.truncated or cut)


def read_plain(text: str, mentions: Mentions = Mentions.KEPT, rename: Rename = str) -> RichText:
    """The same for a text that is plain already (text_raw)."""
    tidied, cut = _tidy(clean(text), mentions, rename)
    return RichText(tidied, truncated=cut)


DEEPEST: Final = 2_000
"""Tags in a text from which on no tree is built of it: libxml2 builds none that is deeper than 2,048. The parser then
calls the reader itself, which takes twice as long: for each text it looks up how it wants to be called."""
_PARSER: Final = etree.HTMLParser(huge_tree=True, encoding="utf-8")
_EVENTS: Final = ("start", "end", "comment", "pi")
#: A name in a plain text, where no link says where it ends.
_MENTION = re.compile(r"(?P<chain>//\s*)?[@＠](?P<name>[\w\-·]{1,30})")
#: Whom a reply answers, where its name has no sign.
_ANSWERED = re.compile(r"^回复\s*(?P<name>[\w\-·]{2,30})(?=\s*[:：])")
#: The address of somebody's page, or of what stands under it, in a plain text.
_PROFILE = re.compile(
    r"(?P<before>(?<![\w.])(?:https?://)?(?:(?:www|m)\.)?weibo\.(?:com|cn)/(?:(?:u|n|profile)/)?)"
    r"(?P<who>[\w\-·%]{2,200})",
    re.IGNORECASE,
)
#: First parts of addresses on Weibo that are nobody's page.
_NOBODY: Final = frozenset(
    {"a", "api", "comments", "detail", "login.php", "p", "search", "sinaurl", "status", "statuses", "tv", "ttarticle"}
)
_LINE_END = re.compile(r"[^\S\n]+$", re.MULTILINE)
_DOTS = re.compile(r"(?:\.{3}|…+)\s*$")
#: Elements whose content is not text, or whose content the parser takes as it stands, tags included.
_NO_TEXT: Final = frozenset(
    {
        "script",
        "style",
        "template",
        "title",
        "textarea",
        "xmp",
        "plaintext",
        "iframe",
        "noembed",
        "noframes",
        "noscript",
    }
)
_TRACKING = frozenset({"luicode", "lfid"})


@dataclass(slots=True)
class _Anchor:
    href: str
    start: int
    expands: bool


@dataclass(slots=True)
class _Reader:
    """Goes through a text, tag by tag and piece by piece; or is the target of lxml's parser, which calls it so."""

    mentions: Mentions
    rename: Rename
    pieces: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    truncated: bool = False
    _anchors: list[_Anchor] = field(default_factory=list)
    _silent: int = 0

    def read(self, root: Any) -> None:
        """Read a whole tree."""
        for event, node in etree.iterwalk(root, events=_EVENTS):
            if event == "start":
                self.start(node.tag, node.attrib)
                text = node.text
            else:
                if event == "end":
                    self.end(node.tag)
                text = node.tail
            if text:
                self.data(text)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _NO_TEXT:
            self._silent += 1
        elif tag == "br":
            self.pieces.append("\n")
        elif tag == "img":
            self.data(attributes.get("alt", ""))
        elif tag == "a":
            self._anchors.append(_Anchor(attributes.get("href", ""), len(self.pieces), False))
        elif tag == "span" and "expand" in attributes.get("class", "").split():
            self._anchors.append(_Anchor("", len(self.pieces), True))

    def end(self, tag: str) -> None:
        if tag in _NO_TEXT:
            self._silent -= 1
        elif tag == "p":
            self.pieces.append("\n")
        elif self._anchors and tag == ("span" if self._anchors[-1].expands else "a"):
            self._close(self._anchors.pop())

    def data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)

    def close(self) -> None:
        """Called by lxml at the end."""

    def _close(self, anchor: _Anchor) -> None:
        shown = "".join(self.pieces[anchor.start :])
        label = shown.strip()
        if anchor.expands or (label == "全文" and anchor.href.startswith("/status/")):
            before = _DOTS.sub("", "".join(self.pieces[: anchor.start]).rstrip(" \u200b"))
            self.pieces[:] = [before]
            self.truncated = True
        elif label.startswith(("@", "＠")):
            before = "".join(self.pieces[max(0, anchor.start - 3) : anchor.start])
            self.pieces[anchor.start :] = ["@" + self._name(label[1:], before.rstrip().endswith("//"))]
        elif (who := _whose_page(anchor.href)) and self.rename(who) != who:
            # A link to a person's page never leaves; who wrote the text decides whether its words do.
            if self.mentions is Mentions.RENAMED:
                self.pieces[anchor.start :] = [self.rename(label)]
        elif len(label) > 2 and label.startswith("#") and label.endswith("#"):
            self.topics.append(label[1:-1].strip()[:LINE_LENGTH])
        elif target := _target(anchor.href):
            self.links.append(target)

    def _name(self, name: str, in_chain: bool) -> str:
        renamed = self.mentions is Mentions.RENAMED or (self.mentions is Mentions.CHAIN_RENAMED and in_chain)
        return self.rename(name) if renamed else name


def _tidy(text: str, mentions: Mentions, rename: Rename) -> tuple[str, bool]:
    """Without zero-width spaces and blanks at line ends; with the people in it renamed; and whether it was cut."""
    tidied = _LINE_END.sub("", text.replace("\u200b", "").replace("\r", "").replace("\xa0", " ")).strip()
    if mentions is not Mentions.KEPT:

        def renamed(found: re.Match[str]) -> str:
            chain = found["chain"] or ""
            if mentions is Mentions.CHAIN_RENAMED and not chain:
                return found[0]
            return f"{chain}@{rename(found['name'])}"

        tidied = _MENTION.sub(renamed, tidied)
    if mentions is Mentions.RENAMED:
        tidied = _ANSWERED.sub(lambda found: f"回复{rename(found['name'])}", tidied)
        tidied = _PROFILE.sub(lambda found: _hidden(found, rename), tidied)
    return tidied[:TEXT_LENGTH], len(tidied) > TEXT_LENGTH


def _hidden(address: re.Match[str], rename: Rename) -> str:
    who = unquote(address["who"])
    return address[0] if who.lower() in _NOBODY else address["before"] + rename(who)


def _whose_page(href: str) -> str | None:
    """The uid or name whose page a link leads to; None where it leads elsewhere. Never raises."""
    try:
        parts = urlsplit(urljoin("https://m.weibo.cn/", clean(href).strip()))
        host = parts.hostname or ""
    except ValueError:
        return None
    if host.removeprefix("www.").removeprefix("m.") not in ("weibo.com", "weibo.cn"):
        return None
    found = re.match(r"/(?:(?:u|n|profile)/([^/]+)|(\d{5,19})(?:/|$))", parts.path, re.ASCII)
    return unquote(found[1] or found[2]) if found else None


def _target(href: str) -> str | None:
    """Where a link leads, without Weibo's redirector and tracking parameters; None where it is no web page."""
    try:
        url = urljoin("https://m.weibo.cn/", clean(href).strip())
        parts = urlsplit(url)
        if parts.hostname in ("weibo.cn", "m.weibo.cn") and parts.path == "/sinaurl":
            wrapped = parse_qs(parts.query, max_num_fields=100).get("u", [""])[0]
            parts = urlsplit(wrapped)
            url = wrapped
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        if any(f"{name}=" in parts.query for name in _TRACKING):
            kept = [pair for pair in parse_qsl(parts.query, max_num_fields=100) if pair[0] not in _TRACKING]
            url = parts._replace(query=urlencode(kept)).geturl()
    except ValueError:
        return None
    return url[:LINE_LENGTH]


def _distinct(lines: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in lines if line))
