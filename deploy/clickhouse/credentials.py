"""Who asks: user and password of a request, and whether the port lets them in.

One password for each port, from a file. The user's name is a label: it tells whose a query is, and any is let in with
the right password, since there is nothing that one user may and another may not.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.clickhouse.errors import Code, QueryError, StartError

DEFAULT_USER = "default"


@dataclass(frozen=True, repr=False)
class Credentials:
    """What a request brings; `given` is False when it brings nothing at all."""

    user: str = DEFAULT_USER
    password: str = ""
    given: bool = False


class Password:
    """A password that never shows: neither printed nor kept as text."""

    def __init__(self, text: str) -> None:
        self._digest = _digest(text)

    def matches(self, text: str) -> bool:
        """Whether `text` is it, in a time that tells nothing."""
        return hmac.compare_digest(self._digest, _digest(text))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogateescape")).digest()


def password_from(file: Path) -> Password:
    """Read a password file: one line, its blanks at the ends do not count. Raises `StartError`."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"The password file {file} can't be read: {getattr(error, 'strerror', error)}") from error
    if not text or "\n" in text:
        raise StartError(f"The password file {file} must hold one line that is not empty")
    return Password(text)


def credentials_of(headers: Mapping[str, str], url: Mapping[str, str]) -> Credentials:
    """Read them where ClickHouse does: headers X-ClickHouse-User and -Key, else basic authorization, else the URL.

    `headers` have names in lower case. What can't be read brings the empty password.
    """
    own = {"x-clickhouse-user", "x-clickhouse-key"} & headers.keys()
    basic = headers.get("authorization", "")
    in_url = {"user", "password"} & url.keys()
    if own:
        user, password = headers.get("x-clickhouse-user", ""), headers.get("x-clickhouse-key", "")
    elif basic:
        user, password = _basic(basic)
    else:
        user, password = url.get("user", ""), url.get("password", "")
    return Credentials(user or DEFAULT_USER, password, given=bool(own or basic or in_url))


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def refuse_pages(headers: Mapping[str, str], peer: str | None) -> None:
    """Raise `QueryError` for what a web page sends out of somebody's browser on this machine.

    For a port without a password, which such a page could otherwise make drop tables. A browser says so itself: with
    `Origin` or `Sec-Fetch-Site`; or, where a name of the page's own leads to this machine, with that name as `Host`.
    `headers` have names in lower case, `peer` is the client's address.
    """
    host = urlsplit(f"//{headers.get('host', '')}").hostname or "localhost"
    renamed = _is_loopback(peer or "") and host != "localhost" and not _is_address(host)
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none" or renamed:
        raise QueryError.named(
            Code.ACCESS_DENIED, "Not enough privileges: web pages are answered only where the port has a password"
        )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(address: str) -> bool:
    return _is_address(address) and ipaddress.ip_address(address).is_loopback


def admit(credentials: Credentials, password: Password | None) -> None:
    """Raise `QueryError` where a password is set and these do not have it."""
    if password is None or password.matches(credentials.password):
        return
    if not credentials.given:
        raise QueryError.named(Code.REQUIRED_PASSWORD, "Authentication is required: send a user and the password")
    raise QueryError.named(
        Code.AUTHENTICATION_FAILED,
        f"{credentials.user}: Authentication failed: password is incorrect, or there is no user with such name",
    )
