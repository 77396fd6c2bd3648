"""`weiplomacy alerts test`: one message, marked as a test, by the channels of a subscription or by one channel."""

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from consumers.delivery.errors import AddressError, DeliveryError, SecretError
from consumers.delivery.message import Message
from deploy.cli.sql import harmless
from schemas import registry
from schemas.alert_rules import Channel, Language, Rules
from schemas.alert_rules_file import load
from schemas.clock import machine_time
from schemas.errors import WeiplomacyError
from schemas.event_fields import iso_milliseconds
from schemas.settings import load as load_settings

WORDS: dict[Language, tuple[str, str]] = {
    "en": (
        "Weiplomacy: a test of this channel",
        "This message was sent by `weiplomacy alerts test`. Nothing has happened; alerts will arrive in this way.",
    ),
    "zh": (
        "Weiplomacy：渠道测试",
        "此消息由 weiplomacy alerts test 发送，没有发生任何事件；今后的预警将以此方式送达。",
    ),
}


class UnknownTargetError(WeiplomacyError):
    """There is no subscription or channel of that name."""

    exit_code = 2


def test(
    name: Annotated[str, typer.Argument(help="A subscription, or a channel.")],
    *,
    language: Annotated[Language | None, typer.Option(help="en, or zh; default: that of the subscription.")] = None,
) -> None:
    """Send one message, marked as a test; exit code 1 where a channel did not take it."""
    settings = load_settings()
    rules, _ = load(settings.alert_rules_file, registry.load(settings))
    if not send_test(rules, name, language):
        raise typer.Exit(1)


def send_test(rules: Rules, name: str, language: Language | None) -> bool:
    """Send the message and say what came of it; whether every channel took it. Raises UnknownTargetError."""
    channels, own = targets(rules, name)
    taken = True
    for channel in channels:
        said, style = _send(channel, test_message(language or own, machine_time()))
        taken = taken and style == "green"
        Console().print(Text(harmless(f"{channel.name}: {said}"), style), soft_wrap=True)
    return taken


def targets(rules: Rules, name: str) -> tuple[list[Channel], Language]:
    """The channels of the subscription, or the channel, of that name, and its language. Raises UnknownTargetError."""
    for subscription in rules.subscriptions:
        if subscription.name == name:
            found = [rules.channel(one) for one in subscription.channels]
            return [one for one in found if one is not None], subscription.language
    channel = rules.channel(name)
    if channel is None:
        there = [*(one.name for one in rules.subscriptions), *(one.name for one in rules.channels)]
        listed = f"there are {', '.join(there)}" if there else "there is none: `weiplomacy alerts subscribe` makes one"
        raise UnknownTargetError(f"there is no subscription or channel {name!r}: {listed}")
    return [channel], "en"


def test_message(language: Language, now: datetime) -> Message:
    """The message that is sent as a test."""
    title, text = WORDS[language]
    return Message(
        episode_id=f"test:{iso_milliseconds(now)}",
        number=1,
        change="test",
        severity="notice",
        title=title,
        text=text,
        starts_at=now,
        ends_at=now,
        language=language,
        labels=(("alertname", "test"), ("severity", "notice")),
    )


def _send(channel: Channel, message: Message) -> tuple[str, str]:
    # All kinds of channels take their time to import, and most commands need none.
    from consumers.delivery.opening import Defaults, open_channel  # noqa: PLC0415

    try:
        opened = open_channel(channel.name, channel.address, channel.secrets, Defaults.of(load_settings()))
        receipt = opened.send(message)
    except (AddressError, SecretError, DeliveryError) as error:
        return str(error).removeprefix(f"channel {channel.name}: "), "red"
    return f"taken{f' ({receipt.words})' if receipt.words else ''}", "green"
