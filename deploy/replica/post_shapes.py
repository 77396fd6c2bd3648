"""Posts as JSON (`mblog`), with what they pass on."""

from typing import Any

from deploy.replica.content import GonePost, Post
from deploy.replica.html import as_html, as_plain, shortened
from deploy.replica.identifiers import to_bid
from deploy.replica.media_shapes import page_info, picture
from deploy.replica.notices import marks
from deploy.replica.shown import capped, full_moment, list_moment
from deploy.replica.user_shapes import post_user
from deploy.replica.view import View


def mblog(view: View, post: Post, container: str, *, whole: bool = False, full_date: bool = False) -> dict[str, Any]:
    """A post as it stands in a list, or by itself.

    `container` is the list's id. `whole` adds the whole text of a long one, `full_date` writes moments in full.
    """
    counters = view.world.counters(post, view.at)
    created = full_moment(post.created_at) if full_date else list_moment(post.created_at, view.at, view.era)
    plain = as_plain(post.segments)
    text = as_html(post.segments, container)
    shape: dict[str, Any] = {
        "visible": {"type": 0, "list_id": 0},
        "created_at": created,
        "id": str(post.mid),
        "mid": str(post.mid),
        "can_edit": False,
        "show_additional_indication": 0,
        "text": shortened(post.segments, post.mid, container) if post.is_long else text,
        "textLength": _width(plain),
        "source": post.source,
        "favorited": False,
        "is_paid": False,
        "mblog_vip_type": 0,
        "user": post_user(view, post.account, container),
        "reposts_count": capped(counters.reposts),
        "comments_count": capped(counters.comments),
        "attitudes_count": counters.likes,
        "pending_approval_count": 0,
        "isLongText": post.is_long,
        "mblogtype": 0,
        "number_display_strategy": _strategy(view),
        "content_auth": 0,
        "mblog_menu_new_style": 0,
        "edit_config": {"edited": False},
        "bid": to_bid(post.mid),
    }
    shape |= _of_2019(post) if view.era == "2019" else _of_2026(post)
    shape |= _pictures(post)
    if whole and post.is_long:
        shape["longText"] = {"longTextContent": text}
    if post.edited_at is not None:
        shape |= {"edit_count": post.edits, "edit_at": full_moment(post.edited_at)}
        shape["edit_config"] = {"edited": True, "menu_edit_history": _history(post)}
    info = page_info(view, post, counters.views, container)
    if info is not None:
        shape["page_info"] = info
    if post.original is not None:
        shape |= {"raw_text": plain, "repost_type": 1}
        shape["retweeted_status"] = _original(view, post.original, container, full_date=full_date)
    return shape


def gone_post(view: View, gone: GonePost, *, full_date: bool) -> dict[str, Any]:
    """What is left of a post: its id, a notice, and no user."""
    created = full_moment(gone.created_at) if full_date else list_moment(gone.created_at, view.at, view.era)
    return {
        "created_at": created,
        "id": str(gone.mid),
        "idstr": str(gone.mid),
        "mid": str(gone.mid),
        "bid": to_bid(gone.mid),
        "source": "",
        **marks(gone.kind),
    }


def _original(view: View, original: Post | GonePost, container: str, *, full_date: bool) -> dict[str, Any]:
    """What a post passes on."""
    if isinstance(original, GonePost):
        return {**gone_post(view, original, full_date=full_date), "retweeted": 1}
    return {**mblog(view, original, container, full_date=full_date), "retweeted": 1}


def _of_2019(post: Post) -> dict[str, Any]:
    return {
        "idstr": str(post.mid),
        "pic_types": ",".join("0" for _ in post.pictures),
        "reward_exhibition_type": 0,
        "hide_flag": 0,
        "more_info_type": 0,
        "extern_safe": 0,
        "hide_hot_flow": 1,
        "weibo_position": 1 if post.original is None else 3,
        "show_attitude_bar": 0,
    }


def _of_2026(post: Post) -> dict[str, Any]:
    shape = {
        "pic_ids": list(post.pictures),
        "pic_num": len(post.pictures),
        "reprint_cmt_count": 0,
        "mlevel": 0,
        "darwin_tags": [],
        "hot_page": {"fid": "232532_mblog", "feed_detail_type": 0},
        "mark": "999_reallog_mark_ad:999|WeiboADNatural",
        "rid": f"0_0_50_{post.mid}_0_0_0",
        "comment_manage_info": {"comment_permission_type": -1, "approval_comment_type": 0, "comment_sort_type": 0},
        "new_comment_style": 0,
    }
    return {**shape, "region_name": f"发布于 {post.region}", "region_opt": 1} if post.region else shape


def _pictures(post: Post) -> dict[str, Any]:
    if not post.pictures:
        return {}
    first = post.pictures[0]
    return {
        "thumbnail_pic": f"http://wx3.sinaimg.cn/thumbnail/{first}.jpg",
        "bmiddle_pic": f"http://wx3.sinaimg.cn/bmiddle/{first}.jpg",
        "original_pic": f"http://wx3.sinaimg.cn/large/{first}.jpg",
        "picStatus": ",".join(f"{place}:1" for place in range(len(post.pictures))),
        "pics": [picture(pid, place) for place, pid in enumerate(post.pictures)],
    }


def _strategy(view: View) -> dict[str, Any]:
    flag = 3 if view.era == "2019" else 51
    return {"apply_scenario_flag": flag, "display_text_min_number": 1_000_000, "display_text": "100万+"}


def _history(post: Post) -> dict[str, str]:
    scheme = f"sinaweibo://cardlist?containerid=231440_-_{post.mid}&title=编辑记录"
    return {"scheme": scheme, "title": "查看编辑记录"}


def _width(text: str) -> int:
    """The length that Weibo gives: a Chinese character counts as two."""
    return sum(1 if sign < "\x80" else 2 for sign in text)
