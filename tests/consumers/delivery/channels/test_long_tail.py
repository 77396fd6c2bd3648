import json
from base64 import b64decode
from dataclasses import replace

import pytest
import requests
from pydantic import SecretStr

from consumers.delivery.channels.long_tail import LongTail, plugin, takes_pictures
from consumers.delivery.errors import DeniedError, RejectedError, ThrottledError, UnavailableError
from consumers.delivery.safe_text import scrubbed
from tests.consumers.delivery.examples import HOSTILE, MESSAGE, hostile
from tests.consumers.delivery.imitations.http_server import Answered, Asked, Imitation, as_json

SECRET = "xoxb-1234-abcdef"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"x" * 100


class Program(Imitation):
    """A server that apprise's json:// writes to."""

    def answer(self, asked: Asked) -> Answered:
        self.taken.append(json.loads(asked.body))
        return as_json({"ok": True})


def channel(server: Imitation) -> LongTail:
    written = "json://{secret}@" + server.host + "/"
    url = written.replace("{secret}", SECRET)
    return LongTail(
        "desk", plugin(url, written, "desk"), (SecretStr(SECRET),), illustrator=plugin(url, written, "desk")
    )


def test_a_message_is_taken():
    with Program() as server:
        assert channel(server).send(MESSAGE).code == "ok"
    [taken] = server.taken
    assert "转发是往常的 14 倍" in taken["title"]
    assert "微博: https://weibo.com/1/EalT4?a=1&b=2" in taken["message"]
    assert taken["attachments"] == []


def test_a_picture_follows_on_its_own():
    with Program() as server:
        assert channel(server).send_picture(MESSAGE, PICTURE).code == "ok"
    [taken] = server.taken
    [attached] = taken["attachments"]
    assert (attached["filename"], attached["mimetype"], b64decode(attached["base64"])) == (
        "curve.png",
        "image/png",
        PICTURE,
    )
    assert "转发是往常的 14 倍" in taken["message"]
    with Program() as server, pytest.raises(DeniedError):
        server.next.append(Answered(403))
        channel(server).send_picture(MESSAGE, PICTURE)


@pytest.mark.parametrize(
    ("url", "takes"),
    [
        (f"slack://{'xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d'}/#general", True),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general", False),
        ("tgram://123456789:AAFdlkjsdlkjsdlkjsdlkjsdlkjsdlkjsdl/12315544", True),
        ("workflows://host/workflow/signature", False),
    ],
)
def test_pictures_go_where_the_plugin_sends_them(url, takes):
    assert takes_pictures(plugin(url, "x://{secret}/", "desk")) is takes


def test_telegram_is_given_a_photo_with_what_it_shows(monkeypatch):
    posted = []

    def request(self, method, url, data=None, files=None, **_):
        posted.append((url.rpartition("/")[2], data, {name: file[1].read() for name, file in (files or {}).items()}))
        reply = requests.Response()
        reply.status_code, reply._content = 200, b'{"ok": true, "result": {"message_id": 1}}'
        return reply

    monkeypatch.setattr("requests.Session.request", request)
    url = "tgram://123456789:AAFdlkjsdlkjsdlkjsdlkjsdlkjsdlkjsdl/12315544"
    written = "tgram://{secret}/12315544"
    LongTail("desk", plugin(url, written, "desk"), illustrator=plugin(url, written, "desk")).send_picture(
        MESSAGE, PICTURE
    )
    [(method, data, files)] = posted
    assert (method, files) == ("sendPhoto", {"photo": PICTURE})
    assert "转发是往常的 14 倍" in str(data)


@pytest.mark.parametrize(
    ("answered", "error", "code"),
    [
        (Answered(401), DeniedError, "401"),
        (Answered(404), DeniedError, "404"),
        (Answered(400), RejectedError, "400"),
        (Answered(429), ThrottledError, "429"),
        (Answered(500), UnavailableError, "500"),
        (Answered(302, headers={"Location": "https://weibo.com/"}), UnavailableError, "302"),
        (Answered(drop=True), UnavailableError, ""),
    ],
)
def test_what_it_swallows_is_a_failure_by_name(answered, error, code):
    with Program() as server:
        server.next.append(answered)
        with pytest.raises(error, match="desk: ") as caught:
            channel(server).send(MESSAGE)
    assert caught.value.code == code
    assert server.taken == []


def test_no_error_and_no_repr_holds_the_secret():
    with Program() as server:
        server.next.append(Answered(403, f"token {SECRET} is revoked".encode()))
        with pytest.raises(DeniedError) as caught:
            channel(server).send(MESSAGE)
        sender = channel(server)
        assert SECRET not in f"{caught.value}{sender!r}"
        assert sender._named(scrubbed(f"x {SECRET}", [SECRET])).words == "x ***"


def answered(monkeypatch, content: bytes) -> list:
    """Answer every request of the library with HTTP 200 and this; the bodies that it sent."""
    sent = []

    def request(self, method, url, data=None, **_):
        sent.append(json.loads(data))
        reply = requests.Response()
        reply.status_code, reply._content = 200, content
        return reply

    monkeypatch.setattr("requests.Session.request", request)
    return sent


def test_it_does_not_sleep_between_two_messages(monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    sent = answered(monkeypatch, b"ok")
    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
    sender = LongTail("desk", plugin(url, "slack://{secret}/#general", "desk"))
    for _ in range(3):
        sender.send(MESSAGE)
    assert (len(sent), slept) == (3, [])


def test_slack_is_told_of_nobody_to_call(monkeypatch):
    sent = answered(monkeypatch, b"ok")
    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
    LongTail("desk", plugin(url, "slack://{secret}/#general", "desk")).send(hostile())
    [payload] = sent
    said = json.dumps(payload, ensure_ascii=False)
    for call in ("<!", "<@", "@all", "@channel", "](https://evil"):
        assert call not in said
    assert "https://weibo.com/a%29b" in said


def test_slack_s_refusal_within_a_200_is_a_failure(monkeypatch):
    answered(monkeypatch, b"invalid_token")
    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
    with pytest.raises(UnavailableError, match="Slack"):
        LongTail("desk", plugin(url, "slack://{secret}/#general", "desk")).send(MESSAGE)


def test_a_long_text_is_cut_to_what_the_service_takes():
    url = "tgram://123456789:AAFdlkjsdlkjsdlkjsdlkjsdlkjsdlkjsdl/12315544"
    sender = LongTail("desk", plugin(url, "tgram://{secret}/12315544", "desk"))
    title, body = sender._texts(replace(MESSAGE, text=HOSTILE * 100, language="en"))
    assert len(title) <= max(sender.plugin.title_maxlen, 0)
    assert len(body.encode("utf-16-le")) // 2 <= sender.plugin.body_maxlen
    assert "more characters" in body
    assert "https://weibo.com/1/EalT4" in body
