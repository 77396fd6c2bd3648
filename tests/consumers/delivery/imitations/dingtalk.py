"""DingTalk's custom robot, from its published documentation.

- The request, the 20 messages a minute and the 10 minutes of silence after: 自定义机器人接入,
  https://open.dingtalk.com/document/robots/custom-robot-access ("每个机器人每分钟最多发送20条消息到群里，如果超过20条，
  会限流10分钟").
- Security settings, one of three (customize-robot-security-settings): keywords; 加签: `timestamp` in milliseconds, not
  more than an hour off, `sign` = base64(HmacSHA256(key = secret, message = timestamp + "\\n" + secret)), URL-encoded;
  address lists. Each answers 310000 with words of its own.
- Codes: 消息机器人错误码, https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages; the body of
  130101 as seen in https://blog.csdn.net/jialiuyang/article/details/118615052, that of 460101 as in
  https://github.com/feiyu563/PrometheusAlert/issues/318, that of 300005/300001 as in
  https://github.com/timonwong/prometheus-webhook-dingtalk/issues/91. All of them with HTTP 200.
- A mention needs the field `at` (message types: `atMobiles`, `atUserIds`, `isAtAll`).
"""

import base64
import hashlib
import hmac
import json

from tests.consumers.delivery.imitations.http_server import Answered, Asked, Imitation, as_json

HOUR_MS = 3_600_000
KINDS = ("text", "link", "markdown", "actionCard", "feedCard")


class DingTalkRobot(Imitation):
    def __init__(
        self, token: str, *, secret: str = "", keywords: tuple[str, ...] = (), allowed: bool = True, now=None
    ) -> None:
        super().__init__(*([now] if now else []))
        self.token, self.secret, self.keywords, self.allowed = token, secret, keywords, allowed
        self.mentions: list[object] = []
        self._times: list[float] = []
        self._silent_until = 0.0

    def answer(self, asked: Asked) -> Answered:
        answer = self._judge(asked)
        (self.refused if answer["errcode"] else self.taken).append((answer, asked))
        return as_json(answer)

    def _judge(self, asked: Asked) -> dict:
        if asked.path != "/robot/send" or asked.method != "POST":
            return {"errcode": 404, "errmsg": "请求的URI地址不存在"}
        if not asked.headers.get("content-type", "").startswith("application/json"):
            return {"errcode": 43004, "errmsg": "无效的HTTP HEADER Content-Type"}
        if asked.query.get("access_token") != self.token:
            return {"errcode": 300005, "errmsg": "token is not exist"}
        if not self.allowed:
            return {"errcode": 310000, "errmsg": "ip 203.0.113.7 not in whitelist"}
        if self.secret and (words := self._wrong_signature(asked)):
            return {"errcode": 310000, "errmsg": words}
        if len(asked.body) > 20_000:
            words = "description: body 大小不合法;solution:请保持大小在 20000bytes 以内;"
            return {"errcode": 460101, "errmsg": words}
        try:
            message = json.loads(asked.body)
        except ValueError:
            return {"errcode": 40035, "errmsg": "缺少参数 json"}
        kind = message.get("msgtype")
        if kind not in KINDS:
            return {"errcode": 400105, "errmsg": "不支持的消息类型"}
        if not message.get(kind):
            return {"errcode": 40035, "errmsg": f"缺少参数 {kind}"}
        if self.keywords and not any(word in json.dumps(message[kind], ensure_ascii=False) for word in self.keywords):
            return {"errcode": 310000, "errmsg": "keywords not in content"}
        if self._too_fast():
            return {
                "status": 1111,
                "wait": 5,
                "source": "x5",
                "punish": "deny",
                "uuid": "9ff0e7e2346aabb5a8bcbb7c93c71636",
                "errcode": 130101,
                "errmsg": "send too fast, exceed 20 times per minute",
            }
        at = message.get("at") or {}
        self.mentions += [*at.get("atMobiles", []), *at.get("atUserIds", []), *(["all"] if at.get("isAtAll") else [])]
        return {"errcode": 0, "errmsg": "ok"}

    def _wrong_signature(self, asked: Asked) -> str | None:
        stamp = asked.query.get("timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) - self.now() * 1000) > HOUR_MS:
            return "invalid timestamp, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]"
        mac = hmac.new(self.secret.encode("utf-8"), digestmod=hashlib.sha256)
        mac.update(stamp.encode("utf-8"))
        mac.update(b"\n")
        mac.update(self.secret.encode("utf-8"))
        if asked.query.get("sign") != base64.b64encode(mac.digest()).decode():
            return "sign not match, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]"
        return None

    def _too_fast(self) -> bool:
        now = self.now()
        self._times = [time for time in self._times if time > now - 60] + [now]
        if len(self._times) > 20:
            self._silent_until = max(self._silent_until, now + 600)
        return now < self._silent_until
