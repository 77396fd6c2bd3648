"""From a channel's address and the secrets that its rule names to the channel itself."""

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import SecretStr

from consumers.delivery import secret
from consumers.delivery.address import Address, check_secrets, parse
from consumers.delivery.channel import Channel
from consumers.delivery.channels.alertmanager import Alertmanager
from consumers.delivery.channels.dingtalk import DingTalk
from consumers.delivery.channels.feishu import Feishu
from consumers.delivery.channels.mail import Mail, Security, Server
from consumers.delivery.channels.webhook import Webhook, key_of
from consumers.delivery.channels.wecom import WeCom
from consumers.delivery.errors import AddressError, SecretError
from schemas import origin
from schemas.settings import Settings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

_SECURITY: Mapping[str, tuple[Security, int]] = {
    "smtp": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp+plain": ("plain", 25),
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What addresses need not say: the mail server and the sender of mail, and how this installation names itself."""

    via: str = ""
    sender: str = ""
    source: str = "urn:weiplomacy:live"

    @classmethod
    def of(cls, settings: Settings) -> "Defaults":
        """Those of the settings, and of the state folder's origin. Raises OriginError."""
        held = settings.origin or origin.recorded(settings.home) or "live"
        return cls(settings.alerts.mail_via, settings.alerts.mail_from, origin.source_of(held))


def open_channel(
    name: str,
    to: str,
    secrets: Mapping[str, str],
    defaults: Defaults = Defaults(),
    *,
    environment: Mapping[str, str] = os.environ,
    trusted: ssl.SSLContext | None = None,
) -> Channel:
    """The channel of an address. `secrets`: name of a secret to where it is (`file:…` or `env:…`).

    Raises AddressError or SecretError, by the channel's name. Nothing is sent, and no target is asked.
    """
    if not NAME.fullmatch(name):
        raise AddressError(f"{name[:64]!r} can't be a channel's name: letters, digits, dot, dash and underscore are")
    address = parse(to, name)
    check_secrets(address, set(secrets), name)
    values = {each: secret.read(reference, name, environment) for each, reference in secrets.items()}
    if address.kind == "mailto":
        return _mail(name, address, values, defaults, trusted)
    if address.kind == "alertmanager":
        return Alertmanager(
            name, address.base + address.path, address.user, values.get("password"), values.get("token"), trusted
        )
    if address.kind == "webhook":
        key = key_of(values["secret"], name)
        return Webhook(name, address.base + address.path, key, defaults.source, values.get("token"), trusted)
    if address.kind == "wecom":
        return WeCom(name, _token(values["token"], name, "key"), address.base, trusted)
    if address.kind == "dingtalk":
        token = _token(values["token"], name, "access_token")
        return DingTalk(name, token, values.get("secret"), address.base, trusted)
    if address.kind in ("feishu", "lark"):
        return Feishu(name, _token(values["token"], name, ""), values.get("secret"), address.base, trusted)
    return _long_tail(name, address, values)


def _token(value: SecretStr, name: str, parameter: str) -> SecretStr:
    """The token alone, also where the secret is the robot's whole URL: a parameter of it, or the end of its path."""
    text = value.get_secret_value()
    if "://" in text:
        parts = urlsplit(text)
        text = parse_qs(parts.query).get(parameter, [""])[0] if parameter else parts.path.rpartition("/")[2]
    if not re.fullmatch(r"[A-Za-z0-9_-]{8,256}", text):
        raise SecretError(f"channel {name}: its token is none: copy the robot's URL, or the token in it, as it stands")
    return SecretStr(text)


def _mail(
    name: str, address: Address, values: Mapping[str, SecretStr], defaults: Defaults, trusted: ssl.SSLContext | None
) -> Mail:
    via = address.get("via") or defaults.via
    sender = address.get("from") or defaults.sender
    if not via or not sender:
        raise AddressError(
            f"channel {name}: mail needs a server and a sender: add "
            f"{'' if via else 'via=smtp://mail.example.org '}{'' if sender else 'from=alerts@example.org '}"
            "after its ?, with & between, or say them once, with the settings alerts.mail_via and alerts.mail_from"
        )
    parts = urlsplit(via)
    try:
        security, port = _SECURITY[parts.scheme]
        port = parts.port or port
    except (KeyError, ValueError):
        raise AddressError(
            f"channel {name}: via is smtp://host (STARTTLS), smtps://host (TLS) or smtp+plain://host"
        ) from None
    if not parts.hostname or parts.username or parts.path.strip("/") or parts.query:
        raise AddressError(f"channel {name}: via is a host and a port, nothing else; the user is user=…")
    if security == "plain" and values and not _is_local(parts.hostname):
        raise AddressError(
            f"channel {name}: a password would go to {parts.hostname} in the clear: use smtp:// or smtps://"
        )
    server = Server(parts.hostname, port, security, address.get("user"))
    return Mail(name, server, sender, address.path, values.get("password"), trusted)


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _long_tail(name: str, address: Address, values: Mapping[str, SecretStr]) -> Channel:
    from consumers.delivery.channels.long_tail import LongTail, plugin, takes_pictures, traits  # noqa: PLC0415 (half a second to save)

    url = address.written
    for each, value in values.items():
        url = url.replace(f"{{{each}}}", quote(value.get_secret_value(), safe="/:"))
    made = plugin(url, address.written, name)
    pictures = takes_pictures(made)
    illustrator = plugin(url, address.written, name) if pictures else None
    return LongTail(name, made, tuple(values.values()), traits(address.kind, pictures=pictures), illustrator)
