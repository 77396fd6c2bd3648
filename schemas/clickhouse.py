"""The one way in which we connect to ClickHouse: UTC, bounded waiting, and errors that say what to do."""

import logging
import re
import ssl
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError
from clickhouse_connect.driver.httpclient import HttpClient
from clickhouse_connect.driver.httputil import get_pool_manager
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from schemas.clock import machine_time
from schemas.errors import SettingsError, UnreachableError, WeiplomacyError, tried
from schemas.settings import Settings

CONNECT_TIMEOUT_S = 10
#: For the first answer, which costs the server nothing: one that hangs is told soon.
FIRST_ANSWER_TIMEOUT_S = 30
ANSWER_TIMEOUT_S = 120

#: What the client puts before and after the server's words.
WRAPPING = re.compile(r"^Received ClickHouse exception, code: \d+, server response: | \(for url [^)]*\)$")

#: Refused credentials, or a user who may not do what we need: ClickHouse's own codes.
ACCESS_CODES = frozenset({192, 193, 194, 195, 497, 516})


class ClickHouseUnreachableError(UnreachableError):
    """No ClickHouse answers at the address of the settings."""


class ClickHouseAccessError(SettingsError):
    """ClickHouse refuses the user or the password of the settings."""


class QueryError(WeiplomacyError):
    """ClickHouse refused a query; the message is its own text, in one paragraph."""


def connect(settings: Settings, answer_timeout_s: int = ANSWER_TIMEOUT_S) -> Client:
    """A client for the ClickHouse of the settings.

    Moments come back offset-aware in UTC. No session is kept, so that one server may take requests in parallel.
    `answer_timeout_s` bounds the wait for an answer, in seconds. Raises ClickHouseUnreachableError,
    ClickHouseAccessError or QueryError.
    """
    # Its failed inserts are ours to judge and to report; the driver would add a traceback to each.
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    address = urlsplit(settings.clickhouse_url)
    try:
        port = address.port or (8443 if address.scheme == "https" else 8123)
    except ValueError as error:
        raise SettingsError(f"the setting clickhouse.url is wrong: {settings.clickhouse_url}: {error}") from error
    if address.scheme not in ("http", "https") or not address.hostname:
        raise SettingsError(
            f"the setting clickhouse.url is wrong: {settings.clickhouse_url} is not http(s)://host:port"
        )
    began = machine_time()
    pinned = _pinned(settings)
    try:
        client = clickhouse_connect.get_client(
            host=address.hostname,
            port=port,
            interface=address.scheme,
            username=settings.clickhouse.user,
            password=_password(settings),
            connect_timeout=CONNECT_TIMEOUT_S,
            send_receive_timeout=min(answer_timeout_s, FIRST_ANSWER_TIMEOUT_S),
            autogenerate_session_id=False,
            tz_mode="aware",
            client_name="weiplomacy",
            # A pool of its own: closing one client closes no other's connections.
            dedicated_pool=pinned is None,
            pool_mgr=pinned,
        )
    except (ClickHouseError, HTTPError, OSError) as error:
        raise named(error, settings, began) from error
    cast(HttpClient, client).timeout = Timeout(connect=CONNECT_TIMEOUT_S, read=answer_timeout_s)
    return client


def _password(settings: Settings) -> str:
    """The password of the settings; for the ClickHouse of this machine's stack, the one that it asks for."""
    file = settings.stack.clickhouse_password_file
    if settings.clickhouse.url or file is None:
        return settings.clickhouse.password.get_secret_value()
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the password file {file} (stack.clickhouse_password_file) can't be read: {error}"
        ) from error


def _pinned(settings: Settings) -> PoolManager | None:
    """For the ClickHouse of this machine's stack with a certificate: connections that trust that one only."""
    certificate = settings.stack.clickhouse_certificate
    return None if settings.clickhouse.url or certificate is None else _trusting(certificate)


@cache
def _trusting(certificate: Path) -> PoolManager:
    """Connections to whoever holds the key of `certificate`, whatever name it is for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(certificate)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"the certificate {certificate} (stack.clickhouse_certificate) can't be read: {error}"
        ) from error
    return cast(PoolManager, get_pool_manager(ssl_context=context, assert_hostname=False))


def named(error: Exception, settings: Settings, began: datetime | None = None) -> WeiplomacyError:
    """The named failure of an exception of the client: unreachable, access refused, or a refused query.

    `began` is when it was first tried, machine time; without it, now.
    """
    code = error.code if isinstance(error, DatabaseError) else None
    if code in ACCESS_CODES:
        return ClickHouseAccessError(
            f"ClickHouse at {settings.clickhouse_url} refuses the user {settings.clickhouse.user!r}: "
            f"see clickhouse.user and clickhouse.password in the settings ({paragraph(error)})"
        )
    if code is None and isinstance(error, (OperationalError, HTTPError, OSError)):
        return ClickHouseUnreachableError(
            f"ClickHouse does not answer at {settings.clickhouse_url} ({tried(began, machine_time())}): "
            "`weiplomacy status` tells whether it runs, `weiplomacy up` starts it, the setting clickhouse.url says "
            "where it is"
        )
    return QueryError(f"ClickHouse at {settings.clickhouse_url}: {paragraph(error)}")


def paragraph(error: Exception) -> str:
    """ClickHouse's own text on one line, without its stack trace and what the client wraps around it."""
    text = " ".join(str(error).partition("Stack trace:")[0].split())
    return WRAPPING.sub("", text)
