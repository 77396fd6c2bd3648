"""Lists of an account's posts: ten a page, going on by `since_id` (era 2026) or by `page`."""

from typing import Any, Final

from deploy.replica.content import Account, Post
from deploy.replica.identifiers import to_bid
from deploy.replica.post_shapes import mblog
from deploy.replica.view import View

PAGE: Final = 10
NOTHING: Final[dict[str, Any]] = {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}
"""What every list says past its end, for a wrong uid, and for an account that is gone."""

_GROUPED_EVERY: Final = 17
"""One post in so many stands in a group (card_type 11) instead of in a card of its own."""


def timeline(view: View, account: Account, *, since: int | None = None, page: int | None = None) -> dict[str, Any]:
    """One page of 107603UID: posts older than `since`, or the page of that number (from 1).

    The pinned post stands at the top of the first page, and not again at its own place.
    """
    container = f"107603{account.uid}"
    pinned = view.world.pinned(account, view.at)
    first = since is None and page in (None, 1)
    posts, more = _posts(view, account, pinned, since, page or 1)
    cards = [_card(view, post, container) for post in posts]
    if first and pinned is not None:
        cards.insert(0, _pinned_card(view, pinned, container))
    if not cards:
        return NOTHING
    info: dict[str, Any] = {
        "containerid": container,
        "v_p": 42,
        "show_style": 1,
        "total": view.world.figures(account, view.at).posts,
    }
    if more and (page is not None or view.era == "2019"):
        info["page"] = (page or 1) + 1
    elif more:
        info["since_id"] = posts[-1].mid
    ending = f"&luicode=10000011&lfid={container}"
    return {
        "ok": 1,
        "data": {
            "cardlistInfo": info,
            "cards": cards,
            "scheme": f"sinaweibo://cardlist?containerid={container}&type=uid&value={account.uid}&v_p=42{ending}",
            "showAppTips": 1 if view.era == "2019" else 0,
        },
    }


def second_form(view: View, account: Account, page: int) -> dict[str, Any]:
    """One page of 230413UID_-_WEIBO_SECOND_PROFILE_WEIBO: the same posts, always by page."""
    answer = timeline(view, account, page=page)
    if answer["ok"] == 1:
        answer["data"]["cardlistInfo"]["containerid"] = f"230413{account.uid}_-_WEIBO_SECOND_PROFILE_WEIBO"
    return answer


def hot_posts(view: View, account: Account) -> dict[str, Any]:
    """The three posts of the newest thirty that got the most reactions (230283UID)."""
    container = f"230283{account.uid}"
    newest = view.world.posts(account, view.at, None, 30)
    best = sorted(newest, key=lambda post: _reactions(view, post), reverse=True)[:3]
    if not best:
        return NOTHING
    cards = [_card(view, post, container) for post in best]
    info = {"containerid": container, "v_p": 42, "show_style": 1, "total": len(cards)}
    return {"ok": 1, "data": {"cardlistInfo": info, "cards": cards, "scheme": "", "showAppTips": 0}}


def _posts(view: View, account: Account, pinned: Post | None, since: int | None, page: int) -> tuple[list[Post], bool]:
    """The posts of a page without the pinned one, and whether there are older ones."""
    skip = 0 if since is not None else PAGE * (page - 1)
    if pinned is not None and since is None:
        skip += 1 if view.world.newer(pinned, view.at) <= skip else 0
    found = view.world.posts(account, view.at, since, PAGE + 2, skip)
    others = [post for post in found if pinned is None or post.mid != pinned.mid]
    return others[:PAGE], len(others) > PAGE


def _reactions(view: View, post: Post) -> int:
    counters = view.world.counters(post, view.at)
    return counters.reposts + counters.comments + counters.likes


def _card(view: View, post: Post, container: str) -> dict[str, Any]:
    card = _plain_card(view, post, container, "proweibo")
    if view.era == "2026" and post.mid % _GROUPED_EVERY == 0:
        return {"card_type": 11, "show_type": 1, "card_group": [{"card_type": 42, "desc": "精选微博"}, card]}
    return card


def _pinned_card(view: View, post: Post, container: str) -> dict[str, Any]:
    card = _plain_card(view, post, container, "proweibotop")
    card["mblog"] |= {"mblogtype": 2, "isTop": 1, "title": {"text": "置顶", "base_color": 1}}
    return card


def _plain_card(view: View, post: Post, container: str, kind: str) -> dict[str, Any]:
    bid = to_bid(post.mid)
    card: dict[str, Any] = {
        "card_type": 9,
        "itemid": f"{container}_-_{post.mid}",
        "scheme": f"https://m.weibo.cn/status/{bid}?mblogid={bid}&luicode=10000011&lfid={container}",
        "mblog": mblog(view, post, container),
    }
    if view.era == "2019":
        return card | {"show_type": 0}
    return {"card_type": 9, "profile_type_id": f"{kind}_{post.mid}", **card}
