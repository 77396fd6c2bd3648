"""Pictures, videos and the kind of a post: only as links, and only such links as stay the same."""

from typing import Final, Literal
from urllib.parse import urlsplit, urlunsplit

from crawler.parsing.fields import LINE_LENGTH, Field
from schemas.events import Medium

Format = Literal["text", "picture", "video", "article", "link"]

#: What `page_info.type` says: words on m.weibo.cn, numbers on weibo.com.
PAGE_FORMATS: Final[dict[str, Format]] = {
    "video": "video",
    "11": "video",
    "article": "article",
    "24": "article",
    "webpage": "link",
}
_PICTURE_SIZES = ("largest", "original", "large", "mw2000", "bmiddle", "thumbnail")


def media_of(post: Field) -> tuple[Medium, ...]:
    """The pictures in their order, then the video. What can't be read as a link is left out."""
    pictures = [medium for entry in _picture_entries(post) if (medium := _picture(entry)) is not None]
    video = _video(own_page_info(post))
    return (*pictures, *([video] if video else []))


def format_of(post: Field, media: tuple[Medium, ...], links: tuple[str, ...]) -> Format:
    """What the post mainly shows."""
    page_format = _page_format(own_page_info(post))
    if page_format in ("video", "article"):
        return page_format
    kinds = {medium.kind for medium in media}
    if kinds:
        return "video" if kinds == {"video"} else "picture"
    return page_format or ("link" if links else "text")


def own_page_info(post: Field) -> Field:
    """`page_info` where it belongs to the post itself: a repost may carry the one of its original."""
    own = post["page_info"]
    if not own.is_object:
        return Field(own.path, {})
    original = post["retweeted_status"]
    if original.is_object and original["page_info"].is_object:
        same = original["page_info"]["object_id"].value == own["object_id"].value
        return Field(own.path, {}) if same else own
    return own


def _page_format(page_info: Field) -> Format | None:
    kind = page_info["type"].value
    return PAGE_FORMATS.get(str(kind)) if isinstance(kind, str | int) else None


def identity_of(medium: Medium) -> str:
    """What makes two links to a medium the same one: the picture's name without host, size and ending."""
    if medium.kind == "video":
        return f"video:{medium.url}"
    return f"picture:{urlsplit(medium.url).path.rpartition('/')[2].partition('.')[0]}"


def _picture_entries(post: Field) -> list[Field]:
    if post["pics"]:
        return post["pics"].entries()
    infos = post["pic_infos"]
    if not infos.is_object:
        return []
    ids = [entry.value for entry in post["pic_ids"].entries() if isinstance(entry.value, str)]
    return [infos[name] for name in ids or list(infos.value) if infos[name].is_object]


def _picture(entry: Field) -> Medium | None:
    if not entry.is_object:
        return None
    sizes = (found["url"].value for size in _PICTURE_SIZES if (found := entry[size]).is_object)
    url = next((link for value in sizes if (link := _stable(value))), None) or _stable(entry["url"].value)
    if url is None:
        return None
    kind = entry["type"].value
    if kind == "video":
        return Medium(kind="video", url=url)
    return Medium(kind="live_photo" if kind == "livephoto" else "picture", url=url)


def _video(page_info: Field) -> Medium | None:
    """The video's own page, which stays, rather than its file, whose address expires within the hour."""
    if _page_format(page_info) != "video":
        return None
    object_id = page_info["object_id"].value
    if isinstance(object_id, str) and object_id.startswith("1034:") and object_id[5:].isalnum():
        return Medium(kind="video", url=f"https://video.weibo.com/show?fid={object_id}")
    media_info = page_info["media_info"]
    files = ("h5_url", "stream_url", "mp4_hd_url", "mp4_sd_url", "stream_url_hd")
    candidates = [media_info[name].value for name in files] if media_info.is_object else []
    url = next((link for value in candidates if (link := _stable(value))), None)
    return Medium(kind="video", url=url) if url else None


def _stable(value: object) -> str | None:
    """A link without its query, which holds what expires; None where it is no link."""
    if not isinstance(value, str):
        return None
    try:
        parts = urlsplit(value.strip())
    except ValueError:
        return None
    if parts.scheme not in ("", "http", "https") or not parts.netloc:
        return None
    return urlunsplit((parts.scheme or "https", parts.netloc, parts.path, "", ""))[:LINE_LENGTH]
