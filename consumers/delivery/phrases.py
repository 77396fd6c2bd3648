"""The few words that delivery itself adds to a message, by language."""

from collections.abc import Mapping

from consumers.delivery.message import Change, Language, Severity

SEVERITY: Mapping[Language, Mapping[Severity, str]] = {
    "en": {"notice": "Notice", "warning": "Warning", "critical": "Critical"},
    "zh": {"notice": "提示", "warning": "警告", "critical": "严重"},
}
CHANGE: Mapping[Language, Mapping[Change, str]] = {
    "en": {
        "started": "began",
        "escalated": "grew",
        "updated": "update",
        "ended": "over",
        "digest": "digest",
        "test": "test",
    },
    "zh": {
        "started": "开始",
        "escalated": "升级",
        "updated": "更新",
        "ended": "结束",
        "digest": "汇总",
        "test": "测试",
    },
}
EARLIER: Mapping[Language, str] = {"en": "Not told on their own before:", "zh": "此前未单独发送:"}
MORE: Mapping[Language, str] = {"en": "… and {} more", "zh": "……另有 {} 条"}
CUT: Mapping[Language, str] = {"en": "… [cut: {} more characters]", "zh": "……[已截断,余 {} 字]"}
DIGEST_TITLE: Mapping[Language, str] = {"en": "{} alerts in one message", "zh": "{} 条警报合并为一条"}
DIGEST_TEXT: Mapping[Language, str] = {
    "en": "Held back until now, by your rules or because they came faster than this channel may be written to:",
    "zh": "以下警报因规则设置或渠道发送频率限制而暂缓,现合并发送:",
}
PICTURE: Mapping[Language, str] = {
    "en": "The counter by age, beside the usual range",
    "zh": "数值随时间的变化与通常范围",
}
