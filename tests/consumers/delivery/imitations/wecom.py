r"""WeCom's robot of a group, from its published documentation.

- 群机器人配置说明, https://developer.work.weixin.qq.com/document/path/91770: `key` in the query; text of 2,048 bytes,
  markdown of 4,096 bytes in UTF-8, a picture of 2 MiB as base64 with the md5 of its bytes; 20 messages a minute;
  `<@userid>` within text or markdown is a mention, `mentioned_list` too.
- 全局错误码, https://developer.work.weixin.qq.com/document/path/90455: 40008 msgtype, 40009 size of a picture, 40033 no
  \uXXXX, 40058 parameters, 45009 frequency, 93000 webhook URL. Bodies as seen in
  https://github.com/RayWangQvQ/BiliBiliTool/issues/569 and https://github.com/wes-lin/Cloud189Checkin/issues/175.
"""

import base64
import hashlib
import json
import re

from tests.consumers.delivery.imitations.http_server import Answered, Asked, Imitation, as_json

MOST = {"text": 2048, "markdown": 4096}


class WeComRobot(Imitation):
    def __init__(self, key: str, *, now=None) -> None:
        super().__init__(*([now] if now else []))
        self.key = key
        self.mentions: list[str] = []
        self._times: list[float] = []

    def answer(self, asked: Asked) -> Answered:
        answer = self._judge(asked)
        (self.refused if answer["errcode"] else self.taken).append((answer, asked))
        return as_json(answer)

    def _refusal(self, code: int, words: str) -> dict:
        hint = "hint: [1704540159128593240839785], from ip: 203.0.113.7, more info at "
        return {"errcode": code, "errmsg": f"{words}, {hint}https://open.work.weixin.qq.com/devtool/query?e={code}"}

    def _judge(self, asked: Asked) -> dict:
        if asked.path != "/cgi-bin/webhook/send" or asked.query.get("key") != self.key:
            return self._refusal(93000, "invalid webhook url")
        if re.search(rb"\\u[0-9a-fA-F]{4}", asked.body):
            return self._refusal(40033, "invalid charset. please use utf-8")
        try:
            message = json.loads(asked.body)
        except ValueError:
            return self._refusal(40035, "Warning: wrong json format. invalid parameter")
        now = self.now()
        self._times = [time for time in self._times if time > now - 60]
        if len(self._times) >= 20:
            return self._refusal(45009, "api freq out of limit")
        kind = message.get("msgtype")
        if kind == "image":
            picture = base64.b64decode(message["image"]["base64"], validate=True)
            if len(picture) > 2 * 1024 * 1024:
                return self._refusal(40009, "invalid image size")
            if hashlib.md5(picture).hexdigest() != message["image"]["md5"]:  # noqa: S324
                return self._refusal(301019, "image md5 not match")
        elif kind in MOST:
            content = message[kind].get("content", "")
            if not content:
                return self._refusal(44004, "empty content")
            if len(content.encode()) > MOST[kind]:
                words = f"{kind}.content exceed max length {MOST[kind]}. invalid Request Parameter"
                return self._refusal(40058, words)
            self.mentions += re.findall(r"<@([^>]+)>", content) + message[kind].get("mentioned_list", [])
        else:
            return self._refusal(40008, "invalid message type")
        self._times.append(now)
        return {"errcode": 0, "errmsg": "ok"}
