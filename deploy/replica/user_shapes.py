"""Accounts and people as JSON: `userInfo` of a profile, `user` of a post, and the smaller one of a comment."""

from typing import Any

from deploy.replica.content import Account, Person
from deploy.replica.shown import followers
from deploy.replica.view import View

_COVER = "https://tva1.sinaimg.cn/crop.0.0.640.640.640/549d0121tw1egm1kjly3jj20hs0hsq4f.jpg"


def account_user(view: View, account: Account, container: str) -> dict[str, Any]:
    """The fields of an account; those of `userInfo` and of a post's `user` are the same."""
    figures = view.world.figures(account, view.at)
    uid = account.uid
    picture = f"001{uid:x}ly8fu4n1bk6yzj20ig0i2q4w.jpg"
    user: dict[str, Any] = {
        "id": uid,
        "screen_name": account.screen_name,
        "profile_image_url": f"https://tvax1.sinaimg.cn/crop.0.0.650.650.180/{picture}",
        "profile_url": f"https://m.weibo.cn/u/{uid}?uid={uid}&luicode=10000011&lfid={container}",
        "statuses_count": figures.posts,
        "verified": account.verified,
        "verified_type": account.verified_type,
        "verified_type_ext": 0,
        "verified_reason": account.verified_reason,
        "close_blue_v": False,
        "description": account.description,
        "gender": "m",
        "mbtype": 12 if account.verified else 0,
        "urank": 24,
        "mbrank": 6 if account.verified else 0,
        "follow_me": False,
        "following": False,
        "follow_count": figures.following,
        "followers_count": followers(figures.followers, view.era),
        "cover_image_phone": _COVER,
        "avatar_hd": f"https://wx2.sinaimg.cn/orj480/{picture}",
        "like": False,
        "like_me": False,
    }
    if view.era == "2026":
        user["followers_count_str"] = user["followers_count"]
        user["svip"] = 0
    if not account.verified:
        del user["verified_type_ext"], user["verified_reason"]
    return user


def post_user(view: View, account: Account, container: str) -> dict[str, Any]:
    """The `user` of a post, which has badges besides."""
    return {**account_user(view, account, container), "badge": {"user_name_certificate": 1, "pc_new": 6}}


def comment_user(view: View, author: Account | Person) -> dict[str, Any]:
    """The `user` of a comment in hotflow and hotFlowChild."""
    if isinstance(author, Account):
        return post_user(view, author, f"100505{author.uid}")
    uid = author.uid
    user: dict[str, Any] = {
        "id": uid,
        "screen_name": author.screen_name,
        "profile_image_url": "https://tvax1.sinaimg.cn/default.jpg",
        "profile_url": f"https://m.weibo.cn/u/{uid}?uid={uid}",
        "statuses_count": author.posts,
        "verified": author.verified_type == 0,
        "verified_type": author.verified_type,
        "close_blue_v": False,
        "description": "",
        "gender": author.gender,
        "mbtype": 2 if uid % 3 else 12,
        "urank": uid % 48,
        "mbrank": uid % 7,
        "follow_me": False,
        "following": False,
        "followers_count": followers(author.followers, view.era),
        "follow_count": author.following,
        "cover_image_phone": _COVER,
        "avatar_hd": "https://tvax1.sinaimg.cn/default.jpg",
        "like": False,
        "like_me": False,
        "badge": {"user_name_certificate": 1},
    }
    if view.era == "2026":
        user["followers_count_str"] = user["followers_count"]
    return user


def small_user(view: View, author: Account | Person) -> dict[str, Any]:
    """The `user` of a row in comments/show and repostTimeline."""
    if isinstance(author, Account):
        count, verified = view.world.figures(author, view.at).followers, author.verified
    else:
        count, verified = author.followers, author.verified_type == 0
    user: dict[str, Any] = {
        "id": author.uid,
        "screen_name": author.screen_name,
        "profile_image_url": "https://tvax1.sinaimg.cn/default.jpg",
        "verified": verified,
        "verified_type": author.verified_type,
        "followers_count": followers(count, view.era),
        "mbtype": 2,
        "profile_url": f"https://m.weibo.cn/u/{author.uid}?uid={author.uid}",
        "remark": "",
        "following": False,
        "follow_me": False,
    }
    if verified:
        user["verified_type_ext"] = 0
    return user
