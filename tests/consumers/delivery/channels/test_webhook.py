import time
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from consumers.delivery.channels.webhook import TYPE, Webhook, key_of, signature
from consumers.delivery.errors import DeniedError, RejectedError, SecretError, ThrottledError, UnavailableError
from tests.consumers.delivery.examples import CURVE, MESSAGE, hostile
from tests.consumers.delivery.imitations.http_server import Answered
from tests.consumers.delivery.imitations.webhook import WebhookReceiver

SECRET = "whsec_" + b64encode(b"k" * 32).decode()


def channel(receiver: WebhookReceiver, secret: str = SECRET, token: str = "") -> Webhook:
    key = key_of(SecretStr(secret), "desk")
    return Webhook(
        "desk", f"http://{receiver.host}/hook", key, "urn:weiplomacy:live", SecretStr(token) if token else None
    )


@pytest.mark.parametrize("secret", [SECRET, "plain text of at least 24 bytes"])
def test_a_signed_event_is_taken_once_however_often_it_comes(secret) -> None:
    with WebhookReceiver(secret, token="t-0123456789") as receiver:
        sender = channel(receiver, secret, "t-0123456789")
        assert sender.send(MESSAGE).code == "204"
        sender.send(MESSAGE)
        sender.send(replace(MESSAGE, number=2, change="ended"))
    assert receiver.repeated == 1
    first, second = receiver.taken
    assert (first["type"], first["subject"], first["id"]) == (TYPE, MESSAGE.episode_id, MESSAGE.id)
    assert first["data"]["title"] == MESSAGE.title
    assert first["data"]["starts_at"] == "2016-09-28T12:00:00.000Z"
    assert second["data"]["change"] == "ended"


def test_the_check_of_the_documentation_agrees() -> None:
    page = (Path(__file__).parents[4] / "docs" / "delivery.md").read_text(encoding="utf-8")
    names: dict = {}
    exec(page.partition("```python\n")[2].partition("```")[0], names)  # noqa: S102 (our own page)
    with WebhookReceiver(SECRET) as receiver:
        channel(receiver).send(MESSAGE)
    [asked] = receiver.asked
    assert names["is_ours"](asked.headers, asked.body, SECRET)
    assert not names["is_ours"](asked.headers, asked.body + b" ", SECRET)
    assert not names["is_ours"]({**asked.headers, "webhook-timestamp": "1"}, asked.body, SECRET)


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of the Standard Webhooks reference libraries (libraries/python/tests/test_webhooks.py).
    key = key_of(SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "desk")
    body = b'{"test": 2432232314}'
    made = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, key)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("secret", "token", "late_s", "words"),
    [
        ("whsec_" + b64encode(b"x" * 32).decode(), "", 0, "wrong signature"),
        (SECRET, "", 400, "out of tolerance"),
        (SECRET, "t-0123456789", 0, "no such token"),
    ],
)
def test_what_the_receiver_refuses_is_a_failure(secret, token, late_s, words) -> None:
    now = time.time()
    with WebhookReceiver(SECRET, token=token, now=lambda: now) as receiver:
        sender = replace(channel(receiver, secret), now=lambda: now - late_s)
        with pytest.raises((DeniedError, RejectedError), match=words) as caught:
            sender.send(MESSAGE)
    assert not caught.value.retryable
    assert receiver.taken == []


@pytest.mark.parametrize(
    ("answered", "error", "wait"),
    [
        (Answered(429, b"slow", {"Retry-After": "17"}), ThrottledError, 17.0),
        (Answered(429), ThrottledError, 60.0),
        (Answered(503, headers={"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}), UnavailableError, 3600.0),
        (Answered(500), UnavailableError, None),
        (Answered(408), UnavailableError, None),
        (Answered(404), DeniedError, None),
        (Answered(410), DeniedError, None),
        (Answered(401), DeniedError, None),
        (Answered(302, headers={"Location": "https://weibo.com/"}), DeniedError, None),
        (Answered(413), RejectedError, None),
        (Answered(drop=True), UnavailableError, None),
    ],
)
def test_every_way_to_fail_has_its_name(answered, error, wait) -> None:
    with WebhookReceiver(SECRET) as receiver:
        receiver.next.append(answered)
        with pytest.raises(error) as caught:
            channel(receiver).send(MESSAGE)
    assert caught.value.retry_after_s == wait
    assert receiver.host not in str(caught.value), "an address may hold a token"


def test_nobody_there_is_unavailable() -> None:
    with WebhookReceiver(SECRET) as receiver:
        sender = channel(receiver)
    with pytest.raises(UnavailableError, match="desk: no answer"):
        sender.send(MESSAGE)


def test_a_redirect_is_not_followed() -> None:
    with WebhookReceiver(SECRET) as receiver, WebhookReceiver(SECRET) as other:
        receiver.next.append(Answered(302, headers={"Location": f"http://{other.host}/"}))
        with pytest.raises(DeniedError, match="has moved"):
            channel(receiver).send(MESSAGE)
    assert other.asked == []


def test_a_token_that_is_said_back_is_not_repeated() -> None:
    with WebhookReceiver(SECRET) as receiver:
        receiver.next.append(Answered(403, b"your token t-0123456789 is wrong"))
        with pytest.raises(DeniedError, match=r"your token \*\*\* is wrong") as caught:
            channel(receiver, token="t-0123456789").send(MESSAGE)
    assert "t-0123456789" not in caught.value.words


def test_words_of_strangers_arrive_as_words() -> None:
    with WebhookReceiver(SECRET) as receiver:
        channel(receiver).send(hostile())
    data = receiver.taken[0]["data"]
    assert "<at id=all>" in data["text"]
    assert "\x00" not in data["text"]
    assert "\n" not in data["title"]
    assert [url for _, url in data["links"]] == ["https://weibo.com/a%29b%2Ac%3Cd%3E%27%22e"]


@pytest.mark.parametrize("secret", ["short", "whsec_" + b64encode(b"short").decode(), "whsec_not base64"])
def test_a_secret_that_protects_nothing_is_refused(secret) -> None:
    with pytest.raises(SecretError, match="channel desk") as caught:
        key_of(SecretStr(secret), "desk")
    assert secret not in str(caught.value)


def test_its_repr_holds_no_secret() -> None:
    shown = repr(Webhook("desk", "https://x", key_of(SecretStr(SECRET), "desk"), "urn:x", SecretStr("t-0123456789")))
    assert "kkkk" not in shown
    assert "t-0123456789" not in shown


def test_a_program_is_given_the_figures_of_the_curve() -> None:
    with WebhookReceiver(SECRET) as receiver:
        channel(receiver).send(replace(MESSAGE, curve=CURVE))
    points = receiver.taken[0]["data"]["curve"]
    assert points[0] == {"age_s": 600.0, "value": None, "low": 8.0, "expected": 10.0, "high": 14.0}
    assert [point["value"] for point in points] == [value for _, value, *_ in CURVE]
