"""Addresses of channels: one notation for all, a URL without any secret in it.

| address | secrets of its rule |
| --- | --- |
| `mailto:press@example.org?via=smtp://mail.example.org:587&from=alerts@example.org` | `password`, with `user=` |
| `alertmanager+http://host:9093`, `alertmanager+https://user@host/prefix` | `password` or `token` |
| `webhook+https://host/path` | `secret` (signs), `token` (bearer) |
| `dingtalk://`, `feishu://`, `lark://` | `token`, `secret` (signs) |
| `wecom://` | `token` |
| `slack://{secret}/#alerts`, `tgram://{secret}/-100123` and whatever else apprise knows | each `{name}` |

A robot's own server, or a local imitation: `dingtalk+https://host[:port]`, and so for the others. `via` is
`smtp://host[:587]` (STARTTLS), `smtps://host[:465]` (TLS) or `smtp+plain://host[:25]` (neither; never with a password
beyond this machine).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from consumers.delivery.errors import AddressError

#: The robots of a group, and where their providers run them.
ROBOTS: Mapping[str, str] = {
    "dingtalk": "https://oapi.dingtalk.com",
    "wecom": "https://qyapi.weixin.qq.com",
    "feishu": "https://open.feishu.cn",
    "lark": "https://open.larksuite.com",
}

#: Per kind the secrets that it takes, and whether it can't do without.
SECRETS: Mapping[str, Mapping[str, bool]] = {
    "mailto": {"password": False},
    "alertmanager": {"password": False, "token": False},
    "webhook": {"secret": True, "token": False},
    "dingtalk": {"token": True, "secret": False},
    "feishu": {"token": True, "secret": False},
    "lark": {"token": True, "secret": False},
    "wecom": {"token": True},
}

_QUERY: Mapping[str, frozenset[str]] = {"mailto": frozenset({"via", "from", "user"})}
_SECRET_NAMES = re.compile(r"(?i)pass|secret|token|key|sign")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9a-fA-F:.]+")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

#: What people copy from a provider's page, and what they are to write.
_NATIVE: Mapping[str, str] = {
    "oapi.dingtalk.com": "dingtalk://",
    "qyapi.weixin.qq.com": "wecom://",
    "open.feishu.cn": "feishu://",
    "open.larksuite.com": "lark://",
}


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart. `base` is scheme, host and port of HTTP, empty where the kind has none."""

    written: str
    kind: str
    base: str = ""
    path: str = ""
    user: str = ""
    query: tuple[tuple[str, str], ...] = ()
    #: Names of the secrets that stand in it as {name}.
    placeholders: tuple[str, ...] = ()

    def get(self, name: str) -> str:
        """A parameter of the query; empty where it is not there."""
        return dict(self.query).get(name, "")


def parse(written: str, channel: str) -> Address:
    """Read an address. Raises AddressError with the channel's name and what to write instead.

    What can be a secret is not repeated in the error.
    """
    scheme, colon, _ = written.partition(":")
    scheme = scheme.lower()
    if not written.isprintable() or " " in written or not written.isascii():
        raise AddressError(f"channel {channel}: its address has a blank, a control character or one beyond ASCII")
    if not colon or not re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme):
        raise AddressError(f"channel {channel}: {_example()} is expected as its address")
    try:
        parts = urlsplit(written)
        _ = parts.port
    except ValueError as error:
        raise AddressError(f"channel {channel}: its address is no URL: {error}") from None
    kind, _, transport = scheme.partition("+")
    if scheme in ("http", "https"):
        raise AddressError(f"channel {channel}: {_instead(parts)}")
    if kind == "mailto" and not transport:
        return _mail(written, parts, channel)
    if kind in ROBOTS or kind in ("alertmanager", "webhook"):
        return _http(written, parts, kind, transport, channel)
    return Address(written, scheme, placeholders=tuple(_PLACEHOLDER.findall(written)))


def check_secrets(address: Address, names: set[str], channel: str) -> None:
    """Whether the rule names the secrets that the address takes. Raises AddressError by name."""
    known = SECRETS.get(address.kind)
    takes = set(address.placeholders) if known is None else set(known)
    needs = takes if known is None else {name for name, needed in known.items() if needed}
    for name in sorted(names - takes):
        raise AddressError(
            f"channel {channel}: {address.kind} takes no {name}; it takes {', '.join(sorted(takes)) or 'no secret'}"
        )
    for name in sorted(needs - names):
        raise AddressError(
            f'channel {channel}: {address.kind} needs a {name}: add {name} = "file:/etc/…" or {name} = "env:NAME"'
        )
    if address.kind == "alertmanager" and {"password", "token"} <= names:
        raise AddressError(f"channel {channel}: either password or token, not both")
    if "password" in names and not (address.user or address.get("user")):
        raise AddressError(f"channel {channel}: there is a password but no user in its address")


def _http(written: str, parts: SplitResult, kind: str, transport: str, channel: str) -> Address:
    if transport not in ("", "http", "https") or (not transport and kind not in ROBOTS):
        raise AddressError(f"channel {channel}: {kind}+https:// or {kind}+http:// is expected")
    if parts.password is not None:
        raise AddressError(
            f'channel {channel}: a password stands in its address; take it out and add password = "file:/etc/…"'
        )
    if parts.query and (kind != "webhook" or any(_SECRET_NAMES.search(name) for name, _ in parse_qsl(parts.query))):
        raise AddressError(
            f"channel {channel}: nothing may stand after the ? of its address, least of all a secret: "
            'name it, token = "file:/etc/…"'
        )
    if parts.fragment or (parts.username and kind != "alertmanager"):
        raise AddressError(f"channel {channel}: its address has a user or a #, which {kind} takes no notice of")
    if kind in ROBOTS:
        if parts.path.strip("/") or (parts.netloc and not transport):
            raise AddressError(
                f"channel {channel}: {kind}:// is all there is to write; the robot's token is a secret: "
                f'token = "file:/etc/…". A server of your own is {kind}+https://host'
            )
        if not transport:
            return Address(written, kind, base=ROBOTS[kind])
    if not parts.hostname or not _HOST.fullmatch(parts.hostname):
        raise AddressError(f"channel {channel}: its address names no host")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    base = f"{transport}://{host}{f':{parts.port}' if parts.port else ''}"
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return Address(
        written,
        kind,
        base=base,
        path=path if kind == "webhook" else parts.path.rstrip("/"),
        user=unquote(parts.username or ""),
        placeholders=(),
    )


def _mail(written: str, parts: SplitResult, channel: str) -> Address:
    recipient = unquote(parts.path)
    if "," in recipient or ";" in recipient:
        raise AddressError(
            f"channel {channel}: one recipient per channel, so that each has a queue of its own: make several "
            "channels, or write to a list"
        )
    query = parse_qsl(parts.query, keep_blank_values=True)
    for name, value in query:
        if _SECRET_NAMES.search(name):
            raise AddressError(f'channel {channel}: a secret stands in its address; add password = "file:/etc/…"')
        if name not in _QUERY["mailto"]:
            raise AddressError(f"channel {channel}: mailto takes via, from and user, not {name[:40]!r}")
        if name == "from" and not _ADDRESS.fullmatch(value):
            raise AddressError(f"channel {channel}: from={value[:100]!r} is no e-mail address")
    if parts.netloc or not _ADDRESS.fullmatch(recipient):
        raise AddressError(f"channel {channel}: mailto:name@example.org is expected, not mailto:{recipient[:100]!r}")
    if len(dict(query)) != len(query):
        raise AddressError(f"channel {channel}: its address says something twice")
    return Address(written, "mailto", path=recipient, query=tuple(query))


def _instead(parts: SplitResult) -> str:
    native = _NATIVE.get(parts.hostname or "")
    if native:
        return (
            f"this is the robot's own URL, and it holds its secret: write {native}, put the URL into a file that only "
            'the sender reads, and name it: token = "file:/etc/…"'
        )
    return f"write webhook+{parts.scheme}:// for a program that takes our own form, or one of {_example()}"


def _example() -> str:
    return "mailto:…, alertmanager+http://…, webhook+https://…, dingtalk://, wecom://, feishu://, lark://, slack://…"
