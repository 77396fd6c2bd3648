"""The names that the replica answers for. Every other name is refused: nothing of it ever reaches the real network."""

from typing import Final

MOBILE: Final = "m.weibo.cn"
GATE: Final = "visitor.passport.weibo.cn"
STATIC: Final = "h5.sinaimg.cn"
DESKTOP: Final = frozenset({"weibo.com", "www.weibo.com"})
LOGIN: Final = frozenset({"passport.weibo.cn", "passport.weibo.com", "login.sina.com.cn"})
OLD_MOBILE: Final = "weibo.cn"

#: Hosts of pictures: wx1 to wx4 (posts), tva1 to tva4 and tvax1 to tvax4 (avatars, covers).
PICTURES: Final = frozenset(f"{name}{number}.sinaimg.cn" for name in ("wx", "tva", "tvax") for number in (1, 2, 3, 4))
VIDEO: Final = "f.video.weibocdn.com"

KNOWN: Final = frozenset({MOBILE, GATE, STATIC, OLD_MOBILE, VIDEO, *DESKTOP, *LOGIN, *PICTURES})


def is_known(host: str) -> bool:
    """Whether the replica answers for this name, in whatever case it is written."""
    return host.lower() in KNOWN
