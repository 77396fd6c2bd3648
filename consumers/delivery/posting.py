"""One HTTP POST: no redirects, bounded in time and size, and every way to fail has its name.

The address never stands in an error: it often holds a token.
"""

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from pydantic import SecretStr

from consumers.delivery.errors import DeniedError, RejectedError, ThrottledError, UnavailableError
from consumers.delivery.safe_text import one_line, scrubbed
from schemas.software import SOFTWARE

PATIENCE_S = 10.0
MOST_REPLY_BYTES = 65_536
WORDS_CHARACTERS = 300
LONGEST_WAIT_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered: status, headers by lower-case name, and at most 64 KiB of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    hidden: tuple[str, ...] = field(default=(), repr=False)

    @property
    def words(self) -> str:
        """The body in one line, for people."""
        return self.shown(self.body.decode("utf-8", "replace"))

    def shown(self, text: str) -> str:
        """Words of the server in one line, without the secrets that it was sent, should it say them back."""
        return one_line(scrubbed(text, self.hidden), WORDS_CHARACTERS)


class _NoRedirects(HTTPRedirectHandler):
    """A redirected POST arrives as a GET without its message, and would count as delivered."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    channel: str,
    *,
    patience_s: float = PATIENCE_S,
    trusted: ssl.SSLContext | None = None,
    hidden: Sequence[SecretStr | None] = (),
) -> Reply:
    """Send and read the reply, whatever its status. Raises UnavailableError where there is none.

    `url` is http or https; `channel` is how errors name the target; `trusted` instead of the system's certificates;
    `hidden`: what may not be repeated of the answer.
    """
    request = Request(url, data=body, headers={"User-Agent": SOFTWARE, **headers}, method="POST")  # noqa: S310 (checked by address)
    opener = build_opener(_NoRedirects, HTTPSHandler(context=trusted or _system()))
    until = time.monotonic() + patience_s
    try:
        try:
            answer = opener.open(request, timeout=patience_s)
        except HTTPError as error:
            answer = error
        with answer:
            read = _read(answer, until)
            found = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status, found, read, tuple(one.get_secret_value() for one in hidden if one))
    except (OSError, HTTPException) as error:
        raise UnavailableError(f"{channel}: no answer ({_reason(error)})", words=_reason(error)) from None


@cache
def _system() -> ssl.SSLContext:
    """The system's certificates; reading them takes longer than a whole request."""
    return ssl.create_default_context()


def _read(answer: object, until: float) -> bytes:
    data = b""
    while len(data) < MOST_REPLY_BYTES:
        part: bytes = answer.read1(MOST_REPLY_BYTES - len(data))  # type: ignore[attr-defined]
        if not part:
            break
        data += part
        if time.monotonic() > until:
            raise TimeoutError("the answer did not end in time")
    return data


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {cause.verify_message}"
    if isinstance(cause, (TimeoutError, socket.timeout)):
        return "timed out"
    if isinstance(cause, socket.gaierror):
        return "its name is not known"
    if isinstance(cause, OSError):
        return cause.strerror or type(cause).__name__
    return type(error).__name__


def check(reply: Reply, channel: str) -> None:
    """Pass for a status of 2xx; else raise the error that the status stands for."""
    status, words = reply.status, reply.words
    if 200 <= status < 300:
        return
    code = str(status)
    said = f"{channel}: HTTP {status}{f' ({words})' if words else ''}"
    wait = retry_after_s(reply)
    if status == 429:
        raise ThrottledError(f"{said}: it asks to slow down", code=code, words=words, retry_after_s=wait or 60.0)
    if status in (408, 425) or status >= 500:
        raise UnavailableError(f"{said}: it is out of order", code=code, words=words, retry_after_s=wait)
    if status in (401, 403, 407):
        raise DeniedError(f"{said}: it refuses us, see the channel's secret", code=code, words=words)
    if status in (404, 405, 410):
        raise DeniedError(f"{said}: there is no such target, see the channel's address", code=code, words=words)
    if 300 <= status < 400:
        raise DeniedError(f"{said}: it has moved; name the final address", code=code, words=words)
    raise RejectedError(f"{said}: it refuses this message", code=code, words=words)


def retry_after_s(reply: Reply, now: float | None = None) -> float | None:
    """What Retry-After (RFC 9110, 10.2.3) or Feishu's header says, seconds from now, an hour at most; None without."""
    said = (reply.headers.get("retry-after") or reply.headers.get("x-ogw-ratelimit-reset") or "").strip()
    if said.isdigit():
        return min(float(said), LONGEST_WAIT_S)
    try:
        wait = parsedate_to_datetime(said).timestamp() - (time.time() if now is None else now)
    except ValueError:
        return None
    return min(max(wait, 0.0), LONGEST_WAIT_S)
