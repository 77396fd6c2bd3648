"""The custom robot of Feishu and Lark, from the published documentation.

https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (自定义机器人使用指南,
https://open.larkoffice.com/document/ukTMukTMukTM/ucTM5YjL3ETO24yNxkjN):

- `POST /open-apis/bot/v2/hook/TOKEN`; success `{"code":0,"msg":"success","data":{}}` with the old names beside it;
- 签名校验: `timestamp` in seconds, not more than an hour off, `sign` = base64(HmacSHA256 with the key
  timestamp + "\\n" + secret over nothing), both in the body: 19021;
- keywords 19024, address list 19022, a wrong form or more than 20 KB 9499;
- 100 requests a minute and 5 a second per robot: 11232 "frequency limited psm[…]"; also seen: HTTP 400 with
  9499 "too many request" (https://github.com/ccfos/nightingale/issues/1437); the platform's general limit: HTTP 429
  with 99991400 and the header x-ogw-ratelimit-reset (server-docs/api-call-guide/frequency-control).
- Mentions: `<at user_id="all">` in text, `<at id=all>` in `lark_md` and `markdown` of cards, the tag `at` in posts;
  `plain_text` is not read.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator

from tests.consumers.delivery.imitations.http_server import Answered, Asked, Imitation, as_json

KINDS = ("text", "post", "image", "share_chat", "interactive")


class FeishuRobot(Imitation):
    def __init__(
        self,
        token: str,
        *,
        secret: str = "",
        keywords: tuple[str, ...] = (),
        allowed: bool = True,
        over: str = "11232",
        now=None,
    ) -> None:
        super().__init__(*([now] if now else []))
        self.token, self.secret, self.keywords, self.allowed, self.over = token, secret, keywords, allowed, over
        self.mentions: list[str] = []
        self._times: list[float] = []

    def answer(self, asked: Asked) -> Answered:
        answered = self._judge(asked)
        (self.taken if answered is None else self.refused).append((answered, asked))
        success = {"code": 0, "msg": "success", "data": {}, "Extra": None, "StatusCode": 0, "StatusMessage": "success"}
        return as_json(success) if answered is None else answered

    def _judge(self, asked: Asked) -> Answered | None:
        if asked.path != f"/open-apis/bot/v2/hook/{self.token}":
            return _refusal(19001, "param invalid: incoming webhook access token invalid")
        if not self.allowed:
            return _refusal(19022, "Ip Not Allowed")
        if self._too_fast():
            return {
                "11232": _refusal(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"),
                "9499": _refusal(9499, "too many request", 400),
                "99991400": as_json(
                    {"code": 99991400, "msg": "request trigger frequency limit"}, 429, {"x-ogw-ratelimit-reset": "52"}
                ),
            }[self.over]
        if len(asked.body) > 20 * 1024:
            return _refusal(9499, "Bad Request")
        try:
            message = json.loads(asked.body)
        except ValueError:
            return _refusal(9499, "Bad Request")
        if self.secret and not self._signed(message):
            return _refusal(19021, "sign match fail or timestamp is not within one hour from current time")
        if message.get("msg_type") not in KINDS:
            return _refusal(19002, "params error, msg_type need")
        shown = message.get("card") if message["msg_type"] == "interactive" else message.get("content")
        if not isinstance(shown, dict):
            return _refusal(9499, "Bad Request")
        if self.keywords and not any(word in json.dumps(shown, ensure_ascii=False) for word in self.keywords):
            return _refusal(19024, "Key Words Not Found")
        self.mentions += list(_mentions(shown, ""))
        return None

    def _signed(self, message: dict) -> bool:
        stamp = str(message.get("timestamp", ""))
        if not stamp.isdigit() or abs(int(stamp) - self.now()) > 3600:
            return False
        key = bytes(f"{stamp}\n{self.secret}", "utf-8")
        return base64.b64encode(hmac.new(key, msg=b"", digestmod=hashlib.sha256).digest()).decode() == message["sign"]

    def _too_fast(self) -> bool:
        now = self.now()
        self._times = [time for time in self._times if time > now - 60] + [now]
        return len(self._times) > 100 or sum(time > now - 1 for time in self._times) > 5


def _refusal(code: int, words: str, status: int = 200) -> Answered:
    return as_json({"code": code, "msg": words, "data": {}}, status)


def _mentions(value: object, tag: str) -> Iterator[str]:
    """Whom a client would mention: what stands in a text that is read as markup."""
    if isinstance(value, dict):
        tag = value.get("tag", tag)
        if tag == "at":
            yield str(value.get("user_id"))
        for name, each in value.items():
            read = name in ("content", "text") and isinstance(each, str) and tag != "plain_text"
            if read:
                yield from re.findall(r"<at (?:user_)?id=\"?([^>\"]+)\"?>", each)
            yield from _mentions(each, tag)
    elif isinstance(value, list):
        for each in value:
            yield from _mentions(each, tag)
