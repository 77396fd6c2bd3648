"""The picture of a message: a post's counter, or a series, beside what is usual, as a PNG of some ten kilobytes.

There is no word in it but figures, so nothing that strangers wrote. It takes about 70 ms of a core, whatever the curve:
a curve has so many points at most.
"""

from consumers.alerting.curve import curve
from consumers.delivery.message import Message
from consumers.delivery.phrases import PICTURE
from consumers.delivery.safe_text import one_line


def drawn(message: Message) -> bytes:
    """The PNG. Raises ValueError where nothing of the curve can be shown."""
    # It takes its time to import, and most channels take no picture.
    from consumers.alerting.picture import png  # noqa: PLC0415

    shapes = curve(
        [(age, value) for age, value, *_ in message.curve if value is not None],
        [(age, low, expected, high) for age, _, low, expected, high in message.curve],
    )
    if not shapes:
        raise ValueError("no point of the curve can be shown")
    return png(shapes)


def described(message: Message) -> str:
    """What the picture shows, for those who don't see it: one line."""
    return one_line(f"{PICTURE[message.language]}: {message.title}")
