"""Texts as Weibo's HTML: `<br />`, mentions, topics, links and emoji as recorded; everything typed is escaped."""

from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote

from deploy.replica.posts import Segment

SHORT_LENGTH: Final = 140
"""From here on a post is cut in lists and has a link to the whole of it."""

_ICONS: Final = "//h5.sinaimg.cn/upload/2015/09/25/3/timeline_card_small_web_default.png"
_EMOTICONS: Final = "//h5.sinaimg.cn/m/emoticon/icon/default/"


def as_html(segments: Iterable[Segment], container: str) -> str:
    """A text in HTML. `container` is the id of the list that it is shown in, as topics carry it."""
    return "".join(_segment(segment, container) for segment in segments)


def as_plain(segments: Iterable[Segment]) -> str:
    """The text as it was typed, as `raw_text` of a repost has it."""
    return "".join("\n" if kind == "break" else text for kind, text, _ in segments)


def shortened(segments: Iterable[Segment], mid: int, container: str) -> str:
    """The beginning of a long text, with the link to the whole of it."""
    kept: list[Segment] = []
    left = SHORT_LENGTH
    for kind, text, target in segments:
        if left <= 0:
            break
        if kind == "text" and len(text) > left:
            kept.append((kind, text[:left], target))
            break
        kept.append((kind, text, target))
        left -= len(text)
    return f'{as_html(kept, container)}...<a href="/status/{mid}">全文</a>'


def _mention(name: str) -> str:
    """A mention, as a link to the name."""
    return f"<a href='/n/{escape(name)}'>@{escape(name)}</a>"


def _segment(segment: Segment, container: str) -> str:
    kind, text, target = segment
    if kind == "break":
        return "<br />"
    if kind == "emoji":
        name = quote(text.strip("[]"), safe="")
        return (
            f'<span class="url-icon"><img alt={escape(text)} src="{_EMOTICONS}d_{name}.png" '
            'style="width:1em; height:1em;" /></span>'
        )
    if kind == "topic":
        words = "#" + text.strip("#") + "#"
        quoted = quote(words, safe="")
        search = quote(f"type=1&t=10&q={words}", safe="")
        address = f"https://m.weibo.cn/search?containerid=231522{search}&extparam={quoted}"
        # The recorded answers write a bare & in these addresses.
        return (
            f'<a  href="{address}&luicode=10000011&lfid={container}" data-hide="">'
            f'<span class="surl-text">{escape(words)}</span></a>'
        )
    if kind == "mention":
        return _mention(text.removeprefix("@"))
    if kind == "link":
        address = "https://weibo.cn/sinaurl?u=" + quote(target or "", safe="")
        return (
            f'<a  href="{address}" data-hide=""><span class=\'url-icon\'>'
            f"<img style='width: 1rem;height: 1rem' src='{_ICONS}'></span>"
            f'<span class="surl-text">{escape(text)}</span></a>'
        )
    return escape(text, quote=False)
