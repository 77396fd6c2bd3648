"""E-mail: one message with text and HTML, the picture within, threaded by its episode.

STARTTLS is asked for and never done without, unless the address says plain. One channel has one recipient: so each
has a queue and a log of its own, and none sees the others.
"""

import hashlib
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Literal

from pydantic import SecretStr

from consumers.delivery.channel import Traits
from consumers.delivery.drawing import described
from consumers.delivery.errors import DeliveryError, DeniedError, RejectedError, UnavailableError
from consumers.delivery.message import Message, Receipt
from consumers.delivery.phrases import CHANGE, EARLIER, SEVERITY
from consumers.delivery.posting import WORDS_CHARACTERS
from consumers.delivery.rates import Rate
from consumers.delivery.safe_text import clean, fitted_bytes, one_line, paragraphs, scrubbed, web_links

PATIENCE_S = 20.0
MOST_TEXT_BYTES = 200_000
#: A server that says "later" (greylisting) seldom means less.
LATER_S = 60.0

Security = Literal["starttls", "tls", "plain"]


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server that takes our mail."""

    host: str
    port: int
    security: Security = "starttls"
    user: str = ""


def thread_id(message: Message, domain: str) -> str:
    """The id that all mail of an episode refers to; a hash, since an episode's id may have any character."""
    return f"<{_hash(message.episode_id)}@{domain}>"


def mail(message: Message, sender: str, recipient: str, sent_at: datetime) -> EmailMessage:
    """The mail of a message. The same message sent again has the same Message-ID."""
    domain = sender.rpartition("@")[2]
    language = message.language
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = recipient
    made["Subject"] = f"[{SEVERITY[language][message.severity]}] {one_line(message.title)}"
    made["Date"] = format_datetime(sent_at)
    made["Message-ID"] = f"<{_hash(message.episode_id)}.{message.number}@{domain}>"
    made["In-Reply-To"] = thread_id(message, domain)
    made["References"] = thread_id(message, domain)
    made["Auto-Submitted"] = "auto-generated"
    made["Content-Language"] = "zh-CN" if language == "zh" else "en"
    if message.severity == "critical" and message.change != "ended":
        made["Importance"] = "high"
    text = fitted_bytes(paragraphs(message), MOST_TEXT_BYTES, language)
    made.set_content(f"{one_line(message.title)}\n\n{text}\n", charset="utf-8")
    picture_id = f"{_hash(message.id)}.picture@{domain}"
    made.add_alternative(page(message, picture_id if message.picture else None), subtype="html", charset="utf-8")
    if message.picture:
        html = made.get_payload()[-1]  # type: ignore[index]
        html.add_related(  # type: ignore[union-attr]
            message.picture, "image", "png", cid=f"<{picture_id}>", filename="curve.png", disposition="inline"
        )
    return made


def page(message: Message, picture_id: str | None) -> str:
    """The message as HTML. Every word of it is escaped; nothing is loaded from elsewhere."""
    language = message.language
    head = f"{SEVERITY[language][message.severity]} · {CHANGE[language][message.change]}"
    text = fitted_bytes(clean(message.text).strip(), MOST_TEXT_BYTES, language)
    parts = [f"<h3>{escape(one_line(message.title))}</h3>", f"<p><b>{head}</b></p>"]
    parts += [f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n") if part.strip()]
    if message.facts:
        rows = "".join(
            f"<tr><td>{escape(one_line(label))}</td><td><b>{escape(one_line(value, 500))}</b></td></tr>"
            for label, value in message.facts
        )
        parts.append(f'<table cellpadding="4">{rows}</table>')
    if picture_id:
        parts.append(f'<p><img src="cid:{picture_id}" alt="{escape(described(message))}" width="640"></p>')
    if message.earlier:
        titles = "".join(f"<li>{escape(one_line(title))}</li>" for title in message.earlier)
        parts.append(f"<p>{EARLIER[language]}</p><ul>{titles}</ul>")
    links = [f'<a href="{escape(url)}">{escape(label)}</a>' for label, url in web_links(message.links)]
    if links:
        parts.append(f"<p>{' · '.join(links)}</p>")
    return f'<!doctype html><html lang="{language}"><meta charset="utf-8"><body>{"".join(parts)}</body></html>'


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True)
class Mail:
    """One recipient, reached by one server."""

    shown: str
    server: Server
    sender: str
    recipient: str
    password: SecretStr | None = None
    trusted: ssl.SSLContext | None = None
    now: Callable[[], float] = time.time
    traits: Traits = field(default=Traits(rates=(Rate(30, 60.0),), picture="within"))

    def send(self, message: Message, previous: Message | None = None) -> Receipt:
        try:
            with self._connected() as session:
                return self._hand_over(session, message)
        except DeliveryError:
            raise
        except smtplib.SMTPException as error:
            raise self._named(error) from None
        except OSError as error:
            reason = error.strerror or str(error) or type(error).__name__
            if isinstance(error, ssl.SSLCertVerificationError):
                reason = f"its certificate is not trusted: {error.verify_message}"
            raise UnavailableError(f"{self.shown}: no answer from its mail server ({reason})", words=reason) from None

    def _connected(self) -> smtplib.SMTP:
        server, trusted = self.server, self.trusted or ssl.create_default_context()
        if server.security == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE_S, context=trusted)
        else:
            session = smtplib.SMTP(server.host, server.port, timeout=PATIENCE_S)
        try:
            session.ehlo()
            if server.security == "starttls":
                if not session.has_extn("starttls"):
                    raise DeniedError(
                        f"{self.shown}: the mail server {server.host} offers no STARTTLS: write via=smtps://… or, in a "
                        "network of your own, via=smtp+plain://…",
                        words="no STARTTLS",
                    )
                session.starttls(context=trusted)
                session.ehlo()
            if self.password is not None:
                session.login(server.user, self.password.get_secret_value())
        except BaseException:
            session.close()
            raise
        return session

    def _hand_over(self, session: smtplib.SMTP, message: Message) -> Receipt:
        sent_at = datetime.fromtimestamp(self.now(), UTC)
        made = mail(message, self.sender, self.recipient, sent_at)
        said = ""
        most = session.esmtp_features.get("size", "")
        if message.picture and most.isdigit() and 0 < int(most) < len(made.as_bytes()):
            made = mail(replace(message, picture=None), self.sender, self.recipient, sent_at)
            said = "; without its picture, the server takes no mail of that size"
        # It raises where the one recipient is refused, so what it returns is empty.
        session.send_message(made, from_addr=self.sender, to_addrs=[self.recipient])
        return Receipt(code="250", words=f"taken by {self.server.host}{said}")

    def _named(self, error: smtplib.SMTPException) -> DeliveryError:
        code, words = _reply(error)
        words = scrubbed(words, [self.password.get_secret_value()] if self.password else [])
        said = f"{self.shown}: {code} {words}" if code else f"{self.shown}: {words}"
        if isinstance(error, smtplib.SMTPAuthenticationError) and code >= 500:
            return DeniedError(f"{said}: see user and password", code=str(code), words=words)
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return DeniedError(f"{said}: the mail server can't do what the address asks for", words=words)
        if 500 <= code < 600:
            # 550, 551, 553: the mailbox; 552, 554: this mail; others: what we say at all.
            kind = DeniedError if code in (530, 535, 550, 551, 553) else RejectedError
            return kind(f"{said}: refused for good", code=str(code), words=words)
        later = LATER_S if 400 <= code < 500 else None
        return UnavailableError(f"{said}: it may pass later", code=str(code or ""), words=words, retry_after_s=later)


def _reply(error: smtplib.SMTPException) -> tuple[int, str]:
    """Code and words of the server, 0 where it gave none."""
    text: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        return 0, one_line(str(error) or type(error).__name__, WORDS_CHARACTERS)
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return code, one_line(words, WORDS_CHARACTERS)
