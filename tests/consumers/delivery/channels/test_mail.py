import email
import ssl
from dataclasses import replace
from email.policy import default

import pytest
import trustme
from pydantic import SecretStr

from consumers.delivery.channels.mail import Mail, Server, mail
from consumers.delivery.errors import DeniedError, RejectedError, UnavailableError
from tests.consumers.delivery.examples import MESSAGE, NOON, hostile
from tests.consumers.delivery.imitations.smtp_server import SmtpServer

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
USERS = {"alerts": "correct horse"}


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def trusted(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def channel(server: SmtpServer, trusted=None, *, security="starttls", user="", password="") -> Mail:
    return Mail(
        "press",
        Server("127.0.0.1", server.port, security, user),
        "alerts@example.org",
        "press@example.org",
        SecretStr(password) if password else None,
        trusted,
    )


def parsed(data: bytes):
    return email.message_from_bytes(data, policy=default)


def test_a_mail_has_text_html_and_its_picture_within(certificate, trusted):
    with SmtpServer(certificate, users=USERS) as server:
        sender = channel(server, trusted, user="alerts", password="correct horse")
        receipt = sender.send(replace(MESSAGE, picture=PICTURE))
    assert receipt.code == "250"
    [taken] = server.taken
    assert (taken.sender, taken.recipients, taken.encrypted, taken.user) == (
        "alerts@example.org",
        ("press@example.org",),
        True,
        "alerts",
    )
    made = parsed(taken.mail)
    assert made["Subject"] == "[警告] 以色列驻华使馆: 转发是往常的 14 倍"
    assert made.get_content_type() == "multipart/alternative"
    text, related = made.get_payload()
    assert "转发: 2,140" in text.get_content()
    html, picture = related.get_payload()
    assert "<td>转发</td><td><b>2,140</b></td>" in html.get_content()
    assert picture.get_content() == PICTURE
    assert f"cid:{picture['Content-ID'].strip('<>')}" in html.get_content()
    assert 'alt="数值随时间的变化与通常范围: 以色列驻华使馆: 转发是往常的 14 倍"' in html.get_content()


def test_mail_programs_find_the_mail_of_an_episode_together():
    first = mail(MESSAGE, "a@example.org", "p@example.org", NOON)
    again = mail(MESSAGE, "a@example.org", "p@example.org", NOON)
    later = mail(replace(MESSAGE, number=2, change="ended"), "a@example.org", "p@example.org", NOON)
    other = mail(replace(MESSAGE, episode_id="another"), "a@example.org", "p@example.org", NOON)
    assert first["Message-ID"] == again["Message-ID"] != later["Message-ID"]
    assert first["References"] == later["References"] == later["In-Reply-To"] != other["References"]


def test_tls_from_the_first_byte_on(certificate, trusted):
    with SmtpServer(certificate, at_once=True) as server:
        channel(server, trusted, security="tls").send(MESSAGE)
    assert server.taken[0].encrypted


def test_plain_only_where_the_address_says_so(trusted):
    with SmtpServer() as server:
        channel(server, security="plain").send(MESSAGE)
        assert not server.taken[0].encrypted
        with pytest.raises(DeniedError, match="offers no STARTTLS"):
            channel(server, trusted).send(MESSAGE)
    assert len(server.taken) == 1


def test_a_certificate_of_nobody_is_not_trusted(certificate):
    with SmtpServer(certificate) as server, pytest.raises(UnavailableError, match="certificate is not trusted"):
        channel(server).send(MESSAGE)
    assert server.taken == []


def test_a_wrong_password_is_a_failure_that_does_not_repeat_it(certificate, trusted):
    with SmtpServer(certificate, users=USERS) as server, pytest.raises(DeniedError, match="535") as caught:
        channel(server, trusted, user="alerts", password="wrong horse").send(MESSAGE)
    assert "wrong horse" not in f"{caught.value}{channel(server, password='wrong horse')!r}"


@pytest.mark.parametrize(
    ("verb", "reply", "error", "code", "wait"),
    [
        ("RCPT", "450 4.2.0 Greylisted, try again later", UnavailableError, "450", 60.0),
        ("RCPT", "451 4.3.0 Local error", UnavailableError, "451", 60.0),
        ("RCPT", "550 5.1.1 No such user", DeniedError, "550", None),
        ("RCPT", "553 5.1.8 Sender address rejected", DeniedError, "553", None),
        ("MAIL", "421 4.7.0 Too many connections", UnavailableError, "421", 60.0),
        ("MAIL", "530 5.7.0 Authentication required", DeniedError, "530", None),
        ("DATA", "554 5.7.1 Spam", RejectedError, "554", None),
        (".", "552 5.3.4 Too big", RejectedError, "552", None),
        (".", "452 4.3.1 Insufficient system storage", UnavailableError, "452", 60.0),
        (".", None, UnavailableError, "", None),
        ("MAIL", None, UnavailableError, "", None),
    ],
)
def test_every_reply_has_its_name(verb, reply, error, code, wait):
    with SmtpServer() as server:
        server.say[verb] = [reply]
        with pytest.raises(error) as caught:
            channel(server, security="plain").send(MESSAGE)
        assert (caught.value.code, caught.value.retry_after_s) == (code, wait)
        assert server.taken == []
        channel(server, security="plain").send(MESSAGE)
    assert len(server.taken) == 1


def test_nobody_there_is_unavailable():
    with SmtpServer() as server:
        sender = channel(server, security="plain")
    with pytest.raises(UnavailableError, match="no answer from its mail server"):
        sender.send(MESSAGE)


def test_a_server_with_a_small_limit_gets_the_words_alone():
    with SmtpServer(size=6_000) as server:
        receipt = channel(server, security="plain").send(replace(MESSAGE, picture=b"x" * 20_000))
    assert "without its picture" in receipt.words
    html = parsed(server.taken[0].mail).get_payload()[1]
    assert "cid:" not in html.get_content()


def test_words_of_strangers_make_no_header_and_no_html():
    with SmtpServer() as server:
        channel(server, security="plain").send(hostile())
    [taken] = server.taken
    made = parsed(taken.mail)
    assert made["Bcc"] is None
    assert taken.recipients == ("press@example.org",)
    assert "\n" not in made["Subject"]
    html = made.get_payload()[1].get_content()
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert html.count("<a href=") == 1
    assert "javascript:" not in html
