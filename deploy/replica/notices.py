"""What stands in place of a post or of an account that can't be seen.

Recorded: a deleted post, and one hidden by its author. The others are quoted by crawlers' authors; the words of a post
removed after complaints are not known, only its mark (`state` 8).
"""

from collections.abc import Mapping
from typing import Any, Final

from deploy.replica.content import GoneKind

_HELP: Final = (
    "查看帮助：<a href='http://t.cn/Rfd3rQV' data-hide=''><span class='url-icon'><img style='width: 1rem;height: 1rem' "
    "src='//h5.sinaimg.cn/upload/2015/09/25/3/timeline_card_small_web_default.png'></span> "
    "<span class='surl-text'>网页链接</span></a>"
)

#: The words of each notice, without markup.
WORDS: Final[Mapping[GoneKind, str]] = {
    "deleted": "抱歉，此微博已被作者删除。",
    "complaints": "抱歉，此微博因被投诉违反《微博社区公约》的相关规定，现已无法查看。",
    "hidden": "抱歉，作者已设置仅展示半年内微博，此微博已不可见。 ",
    "permission": "抱歉，由于作者设置，你暂时没有这条微博的查看权限哦。",
    "banned": "该账号因被投诉违反法律法规和《微博社区公约》的相关规定，现已无法查看。",
    "closed": "该账号因用户自行申请关闭，现已无法查看。",
    "at_risk": "该账号行为异常，存在安全风险，用户验证之前暂时不能查看。",
}

_PUBLIC: Final[dict[str, Any]] = {"type": 0, "list_id": 0}
_DELETED: Final[dict[str, Any]] = {"deleted": "1", "weibo_position": 2, "show_attitude_bar": 0}


def marks(kind: GoneKind) -> dict[str, Any]:
    """The fields of a post that tell such a notice: its text, and what besides differs from a post."""
    shape: dict[str, Any] = {"visible": dict(_PUBLIC), "text": WORDS[kind], "user": None}
    if kind == "deleted":
        return {**shape, **_DELETED, "text": WORDS[kind] + _HELP, "state": 7}
    if kind == "complaints":
        return {**shape, **_DELETED, "text": WORDS[kind] + _HELP, "state": 8}
    if kind == "hidden":
        return {**shape, "visible": {"type": 0, "list_id": 3, "list_idstr": "3"}}
    if kind == "permission":
        return {**shape, "visible": {"type": 1, "list_id": 0}}
    return shape
