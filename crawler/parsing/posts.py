"""A post's object (`mblog` on m.weibo.cn, a list entry on weibo.com) → its events.

**Version of a post**: a hash over what it says: plain text, whether that text is cut, own or repost, the id of the
original, its pictures and video by name. The same post read from a timeline, from extend and from show has one
version once its text is whole. Not a part of it: counters, device, region, pinned, edit count (an edit that changes
nothing to be seen is no version), links and topics (they follow from the text), what happens to the original, and
which size of a picture the answer links.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from crawler.parsing.authors import author_of, rename_people
from crawler.parsing.context import Context
from crawler.parsing.counts import Reading, read_count, read_views
from crawler.parsing.errors import DriftError
from crawler.parsing.fields import Field, shown
from crawler.parsing.media import format_of, identity_of, media_of, own_page_info
from crawler.parsing.removals import removal_of
from crawler.parsing.text import Mentions, RichText, read_html, read_plain
from crawler.parsing.times import read_time
from schemas.event_ids import content_version
from schemas.events import EngagementSample, Medium, PostSeen, RepostedPost, Via

#: `mblogtype` of a pinned post.
PINNED_TYPE: Final = 2


@dataclass(frozen=True, slots=True)
class ParsedPost:
    """A post's two events, and what in it could not be read."""

    seen: PostSeen
    sample: EngagementSample
    problems: tuple[str, ...]


def parse_post(post: Field, context: Context, via: Via, pinned: bool = False) -> ParsedPost:
    """The events of a post of the account. Whose post it is has been checked before.

    Raises DriftError where there is no id, no text, or an unreadable original.
    """
    problems: list[str] = []
    post_id = post_id_of(post)
    reposted = _reposted(post["retweeted_status"], context)
    kind: Literal["original", "repost"] = "repost" if reposted else "original"
    words = words_of(post, Mentions.CHAIN_RENAMED, context)
    media = media_of(post)
    links = words.links or _links_of_struct(post)
    time = read_time(post["created_at"].value, context.observed_at)
    if time is None:
        problems.append(f"{post['created_at'].path}: {shown(post['created_at'].value)} is not a time")
    created_at = time.refined_by(post_id) if time else None
    edited = read_time(post["edit_at"].value, context.observed_at)
    seen = PostSeen(
        account_id=context.account_id,
        observed_at=context.observed_at,
        uid=uid_of_post(post) or post["user"]["id"].id(),
        post_id=post_id,
        bid=_bid(post),
        created_at=created_at,
        text=words.text,
        text_truncated=words.truncated,
        kind=kind,
        format=format_of(post, media, links),
        reposted=reposted,
        topics=words.topics or _topics_of_struct(post),
        links=links,
        media=media,
        source=_source(post),
        region=_region(post),
        edit_count=_edit_count(post),
        edited_at=edited.moment if edited else None,
        pinned=pinned or is_pinned(post),
        content_version=version_of(words.text, words.truncated, kind, reposted, media),
        via=via,
    )
    sample = sample_of(post, seen, context, via, problems)
    return ParsedPost(seen, sample, tuple(problems))


def sample_of(counters: Field, post: PostSeen, context: Context, via: Via, problems: list[str]) -> EngagementSample:
    """The counters that an object carries, as a sample; what is unreadable is None and is added to `problems`."""

    def read(field: Field, reading: Reading) -> Reading:
        if reading.problem:
            problems.append(f"{field.path}: {reading.problem}")
        return reading

    reposts, comments, likes = (
        read(counters[name], read_count(counters[name].value)).counter
        for name in ("reposts_count", "comments_count", "attitudes_count")
    )
    # How often its video was played; else how often it was read, which Weibo shows for some posts only.
    plays = own_page_info(counters)["play_count"]
    views = plays if plays else counters["reads_count"]
    return EngagementSample(
        account_id=context.account_id,
        observed_at=context.observed_at,
        post_id=post.post_id,
        created_at=post.created_at,
        reposts=reposts,
        comments=comments,
        likes=likes,
        views=read(views, read_views(views.value)).counter,
        via=via,
    )


def version_of(
    text: str,
    truncated: bool,
    kind: Literal["original", "repost"],
    reposted: RepostedPost | None,
    media: tuple[Medium, ...],
) -> str:
    """The version of a post: see the head of this file."""
    original = reposted.post_id if reposted else None
    return content_version(text, truncated, kind, original, *(identity_of(medium) for medium in media))


def post_id_of(post: Field) -> str:
    """The mid. Raises DriftError where there is none."""
    return post["mid"].optional_id() or post["idstr"].optional_id() or post["id"].id()


def uid_of_post(post: Field) -> str | None:
    """The uid of the post's author; None where the answer names none."""
    user = post["user"]
    return (user["id"].optional_id() or user["idstr"].optional_id()) if user.is_object else None


def is_pinned(post: Field) -> bool:
    """Whether the post says itself that it is pinned."""
    title = post["title"]
    return (
        post["mblogtype"].number() == PINNED_TYPE
        or post["isTop"].number() == 1
        or (title.is_object and title["text"].value == "置顶")
    )


def words_of(post: Field, mentions: Mentions, context: Context) -> RichText:
    """The text of a post, whole where the answer has it whole. Raises DriftError where it has none.

    `isLongText` without the whole text means that the rest is still to come, whether or not a mark shows it.
    """
    rename = partial(rename_people, context)
    long_text = post["longText"]
    if long_text.is_object and isinstance(long_text["longTextContent"].value, str):
        return read_html(long_text["longTextContent"].value, mentions, rename)
    html, raw = post["text"].value, post["text_raw"].value
    if isinstance(html, str):
        words = read_html(html, mentions, rename)
    elif isinstance(raw, str):
        words = read_plain(raw, mentions, rename)
    else:
        raise DriftError(post["text"].path, "there is no text")
    truncated = words.truncated or post["isLongText"].value is True
    return RichText(words.text, words.topics, words.links, truncated)


def _reposted(original: Field, context: Context) -> RepostedPost | None:
    if not original.is_object:
        return None
    user = original["user"]
    author = author_of(user, context) if user.is_object else None
    removed = removal_of(original) is not None or (author is None and not user)
    keeps_names = removed or (author is not None and author.is_institution)
    words = words_of(original, Mentions.KEPT if keeps_names else Mentions.RENAMED, context)
    return RepostedPost(
        post_id=post_id_of(original),
        author_key=author.key if author else None,
        author_name=author.name if author else None,
        text=words.text,
        removed=removed,
    )


def _bid(post: Field) -> str | None:
    bid = post["bid"].value or post["mblogid"].value
    return bid if isinstance(bid, str) and bid.isascii() and bid.isalnum() and len(bid) <= 12 else None


def _source(post: Field) -> str | None:
    source = post["source"].value
    return read_html(source).text[:2_000] or None if isinstance(source, str) else None


def _region(post: Field) -> str | None:
    region = post["region_name"].line()
    return region.removeprefix("发布于").strip() or None if region else None


def _edit_count(post: Field) -> int | None:
    number = post["edit_count"].number()
    return number if number is not None and number >= 0 else None


def _topics_of_struct(post: Field) -> tuple[str, ...]:
    found = (entry["topic_title"].line() for entry in post["topic_struct"].entries() if entry.is_object)
    return tuple(dict.fromkeys(topic for topic in found if topic))


def _links_of_struct(post: Field) -> tuple[str, ...]:
    """The links of weibo.com's own list: the target, or the short link where the target is an app's."""
    links = []
    for entry in post["url_struct"].entries():
        if entry.is_object:
            candidates = (entry["long_url"].line(), entry["ori_url"].line(), entry["short_url"].line())
            links += [next((url for url in candidates if url and url.startswith(("http://", "https://"))), None)]
    return tuple(dict.fromkeys(link for link in links if link))
