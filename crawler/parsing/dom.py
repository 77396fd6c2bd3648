"""The rendered profile page as a witness: the account's counts, the texts of the posts, and what blocked it.

The page shows no post id: what it says of a post is told only of one that the memory knows (crawler.memory.matching).
Its numbers are display texts ("105.9万").
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from parsel import Selector, SelectorList

from crawler.parsing.authors import rename_people
from crawler.parsing.context import Context
from crawler.parsing.counts import read_count
from crawler.parsing.profile import require_account
from crawler.parsing.text import Mentions, read_html
from crawler.parsing.times import ShownTime, read_time
from crawler.signals import CAPTCHA_CLASSES, VISITOR_TITLE, ResponseClass
from schemas.counts import Counter
from schemas.events import AccountSnapshot

HEADER: Final = ".mod-fil-name .txt-shadow"
FANS: Final = ".mod-fil-fans > div"
DESCRIPTION: Final = "p.mod-fil-desc"
POSTS: Final = ".card9 .card-main"
_VERIFIED_WORDS: Final = "微博认证："
_NO_DESCRIPTION: Final = "暂无简介"


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post as the page shows it, people in its text renamed.

    `created_at` is None where no time is shown that can be read; counters are None where the button is absent.
    """

    text: str
    created_at: ShownTime | None
    reposts: Counter | None
    comments: Counter | None
    likes: Counter | None
    pinned: bool


@dataclass(frozen=True, slots=True)
class DomWitness:
    """What the rendered page says. `snapshot` is None where there is no header; `blocked_by` None where nothing is."""

    snapshot: AccountSnapshot | None
    blocked_by: ResponseClass | None
    posts: tuple[ShownPost, ...]
    problems: tuple[str, ...]


def parse_dom(html: str, context: Context) -> DomWitness:
    """Read the rendered page. Raises WrongAccountError where the name in its header is not the expected one."""
    page = Selector(text=html.replace("\x00", "") or "<html></html>", type="html", huge_tree=True)
    problems: list[str] = []
    snapshot = _snapshot(page, context, problems)
    posts = tuple(_post(card, context) for card in page.css(POSTS))
    return DomWitness(snapshot, _blocked_by(page, bool(snapshot or posts)), posts, tuple(problems))


def _snapshot(page: Selector, context: Context, problems: list[str]) -> AccountSnapshot | None:
    name = _line(page.css(HEADER))
    if name is None:
        return None
    require_account(context, None, name)
    following = _labelled(page, "关注", problems)
    followers = _labelled(page, "粉丝", problems)
    described = _line(page.css(DESCRIPTION))
    verified = described is not None and described.startswith(_VERIFIED_WORDS)
    own_words = None if verified or described == _NO_DESCRIPTION else described
    return AccountSnapshot(
        account_id=context.account_id,
        observed_at=context.observed_at,
        uid=context.uid,
        screen_name=name,
        followers=followers,
        following=following,
        verified=True if verified else None,
        verified_reason=described.removeprefix(_VERIFIED_WORDS).strip() or None if verified and described else None,
        description=own_words,
        via="dom",
    )


def _labelled(page: Selector, label: str, problems: list[str]) -> Counter | None:
    """The number behind a label of the header, such as 粉丝."""
    for entry in page.css(FANS):
        text = _line(entry)
        if text and text.startswith(label):
            reading = read_count(_line(entry.css("span")) or text.removeprefix(label))
            if reading.problem:
                problems.append(f"{FANS} {label}: {reading.problem}")
            return reading.counter
    return None


def _post(card: Selector, context: Context) -> ShownPost:
    body = card.css(".weibo-og > .weibo-text")
    return ShownPost(
        text=read_html(str(body[0].get()), Mentions.CHAIN_RENAMED, partial(rename_people, context)).text
        if body
        else "",
        created_at=read_time(_line(card.css("header .time")), context.observed_at),
        reposts=_button(card, "m-font-forward"),
        comments=_button(card, "m-font-comment"),
        likes=_button(card, "m-icon-like", "m-icon-liked"),
        pinned="置顶"
        in (_line(card.xpath("ancestor::*[contains(@class, 'card9')][1]//*[@class='f-card-title']")) or ""),
    )


def _button(card: Selector, *icons: str) -> Counter | None:
    """The number on a button, known by its icon; the word instead of a number is 0, no button is None."""
    for button in card.css("footer .m-diy-btn"):
        if any(button.css(f"i.{icon}") for icon in icons):
            return read_count(_line(button.css("h4"))).counter
    return None


def _blocked_by(page: Selector, painted: bool) -> ResponseClass | None:
    if any(page.css(f".{name}") for name in sorted(CAPTCHA_CLASSES)):
        return ResponseClass.CHALLENGE
    if VISITOR_TITLE in (_line(page.css("title")) or ""):
        return ResponseClass.VISITOR_GATE
    if not painted and any("用户不存在" in text for text in page.css("p.h5-4con *::text, p.h5-4con::text").getall()):
        return ResponseClass.NOT_FOUND
    return None


def _line(found: Selector | SelectorList[Any]) -> str | None:
    """The text of the first element found, on one line; None where there is none."""
    first = found if isinstance(found, Selector) else (found[0] if found else None)
    return " ".join(str(first.xpath("string()").get()).split())[:2_000] or None if first is not None else None
