"""The answers about one account: its profile and the details of it."""

from typing import Any
from urllib.parse import quote

from deploy.replica.content import Account
from deploy.replica.shown import CHINA
from deploy.replica.user_shapes import account_user
from deploy.replica.view import View


def profile(view: View, account: Account) -> dict[str, Any]:
    """GetIndex for an account (containerid 100505…)."""
    uid = account.uid
    container = f"100505{uid}"
    user = account_user(view, account, container)
    user["toolbar_menus"] = _menus(uid, account.screen_name)
    ending = f"&luicode=10000011&lfid={container}"
    return {
        "ok": 1,
        "data": {
            "avatar_guide": [],
            "userInfo": user,
            "fans_scheme": f"https://m.weibo.cn/p/index?containerid=231051_-_fans_intimacy_-_{uid}{ending}",
            "follow_scheme": f"https://m.weibo.cn/p/index?containerid=231051_-_followersrecomm_-_{uid}{ending}",
            "tabsInfo": {"selectedTab": 1, "tabs": _tabs(uid)},
            "scheme": f"sinaweibo://userinfo?uid={uid}&type=uid&value={uid}{ending}&v_p=42&fid={container}"
            "&uicode=10000011",
            "showAppTips": 1 if view.era == "2019" else 0,
        },
    }


def profile_detail(view: View, account: Account) -> dict[str, Any]:
    """GetIndex with containerid 230283UID_-_INFO: rows of a name and a content."""
    container = f"230283{account.uid}_-_INFO"
    registered = account.registered_at.astimezone(CHINA)
    own = [
        ("昵称", account.screen_name),
        ("性别", "男"),
        ("所在地", account.region),
        ("简介", account.description),
        ("注册时间", f"{registered:%Y-%m-%d}"),
    ]
    if account.verified:
        own.insert(1, ("认证", account.verified_reason))
    if view.era == "2026":
        own.append(("IP属地", account.region))
    rows = [{"card_type": 41, "item_name": name, "item_content": text} for name, text in own if text]
    return {
        "ok": 1,
        "data": {
            "cards": [{"card_type": 11, "show_type": 1, "card_group": [{"card_type": 42, "desc": "基本信息"}, *rows]}],
            "cardlistInfo": {"containerid": container, "v_p": 42, "show_style": 1, "total": 1},
            "scheme": f"sinaweibo://cardlist?containerid={container}&v_p=42&luicode=10000011&lfid={container}",
            "showAppTips": 0,
        },
    }


def _tabs(uid: int) -> list[dict[str, Any]]:
    rows = (
        (1, "profile", 1, "主页", "profile", "230283"),
        (2, "weibo", 1, "微博", "weibo", "107603"),
        (4, "original_video", 0, "视频", "video", "231567"),
        (10, "album", 0, "相册", "album", "107803"),
    )
    tabs: list[dict[str, Any]] = [
        {
            "id": number,
            "tabKey": key,
            "must_show": must_show,
            "hidden": 0,
            "title": title,
            "tab_type": kind,
            "containerid": f"{container}{uid}",
        }
        for number, key, must_show, title, kind, container in rows
    ]
    tabs[1] |= {"apipath": "/profile/statuses", "url": "/index/my"}
    return tabs


def _menus(uid: int, name: str) -> list[dict[str, Any]]:
    back = quote(f"https://m.weibo.cn/api/container/getIndex?type=uid&value={uid}", safe="")
    return [
        {"type": "profile_follow", "name": "关注", "pic": "", "params": {"uid": uid}},
        {
            "type": "link",
            "name": "聊天",
            "pic": "http://h5.sinaimg.cn/upload/2015/06/12/2/toolbar_icon_discuss_default.png",
            "params": {"scheme": f"sinaweibo://messagelist?uid={uid}&nick={name}"},
            "scheme": f"https://passport.weibo.cn/signin/welcome?entry=mweibo&r={back}",
        },
    ]
