"""One thread per channel: it sends what is owed there, and a dead channel keeps no other waiting.

One more draws and sends the pictures that follow their messages, so that no message ever waits for one.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from consumers.delivery.channel import Channel, Illustrated
from consumers.delivery.desk import Desk
from consumers.delivery.drawing import drawn
from consumers.delivery.errors import DeliveryError, UnavailableError
from consumers.delivery.message import Message, Receipt
from consumers.delivery.owed import Attempt

log = logging.getLogger("weiplomacy.sender")

#: A worker looks again after so long, whatever it waits for: a clock may be set.
LONGEST_NAP_S = 30.0
LEAVE_S = 15.0
#: The pictures' thread looks again after so long at the earliest, where one waits for room.
SHORTEST_NAP_S = 0.2
PICTURES = "pictures"


class Workers:
    """The threads, and the lock under which the desk is touched. `now` is machine time, seconds of the Unix clock."""

    def __init__(self, desk: Desk, now: Callable[[], float] = time.time) -> None:
        self._desk = desk
        self._now = now
        self.lock = threading.Condition()
        self._channels: dict[str, Channel] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._pictures: threading.Thread | None = None
        self._held = False
        self._stopping = False

    def serve(self, channels: dict[str, Channel]) -> None:
        """Serve these channels from now on, those of the same name by what they are now. Hold the lock."""
        self._channels = dict(channels)
        for name in channels:
            if name not in self._threads or not self._threads[name].is_alive():
                self._threads[name] = threading.Thread(
                    target=self._work, args=(name,), name=f"channel-{name}", daemon=True
                )
                self._threads[name].start()
        if any(channel.traits.picture == "after" for channel in channels.values()) and self._pictures is None:
            self._pictures = threading.Thread(target=self._illustrate, name=PICTURES, daemon=True)
            self._pictures.start()
        self.lock.notify_all()

    def hold(self) -> None:
        """Begin no message before `release`. Hold the lock.

        What came in is not written down yet: were it sent now, a sender that is killed and started again might tell an
        older change after a newer one.
        """
        self._held = True

    def release(self) -> None:
        """What came in is written down, and may be sent. Hold the lock."""
        self._held = False
        self.lock.notify_all()

    def stop(self) -> None:
        """Begin nothing more, and wait a while for what is on its way. Don't hold the lock."""
        with self.lock:
            self._stopping = True
            self.lock.notify_all()
        until = time.monotonic() + LEAVE_S
        for thread in (*self._threads.values(), *([self._pictures] if self._pictures else [])):
            thread.join(max(until - time.monotonic(), 0.0))

    def _work(self, name: str) -> None:
        while True:
            with self.lock:
                channel, attempt = self._wait_for_work(name)
            if channel is None or attempt is None:
                return
            self._send(name, channel, attempt)

    def _wait_for_work(self, name: str) -> tuple[Channel | None, Attempt | None]:
        while not self._stopping and name in self._channels:
            if self._held:
                self.lock.wait(LONGEST_NAP_S)
                continue
            now = self._now()
            if attempt := self._desk.outbox.next(name, now):
                return self._channels[name], attempt
            wake_at = self._desk.outbox.wake_at(name, now)
            nap = LONGEST_NAP_S if wake_at is None else min(max(wake_at - now, 0.01), LONGEST_NAP_S)
            self.lock.wait(nap)
        return None, None

    def _send(self, name: str, channel: Channel, attempt: Attempt) -> None:
        began = time.monotonic()
        try:
            receipt = _sent(channel, attempt)
        except DeliveryError as error:
            failure = error
        except Exception as error:
            # Nothing that a channel or a library does may end its thread, and with it all that is owed there.
            failure = _fault(name, error)
        else:
            took = (time.monotonic() - began) * 1000
            with self.lock:
                self._desk.note(self._desk.outbox.delivered(name, attempt, receipt, self._now(), took))
                # A picture may follow it.
                self.lock.notify_all()
            log.info("channel %s: %s delivered in %.0f ms", name, attempt.message.id, took)
            return
        took = (time.monotonic() - began) * 1000
        with self.lock:
            self._desk.note(self._desk.outbox.failed(name, attempt, failure, self._now(), took))
        log.warning("channel %s: %s", name, failure)

    def _illustrate(self) -> None:
        while True:
            with self.lock:
                name, channel, message = self._wait_for_picture()
            if channel is None or message is None:
                return
            began = time.monotonic()
            outcome: Receipt | DeliveryError
            try:
                outcome = channel.send_picture(message, drawn(message))
            except DeliveryError as error:
                outcome = error
            except Exception as error:
                outcome = _fault(name, error)
            took = (time.monotonic() - began) * 1000
            with self.lock:
                self._desk.note(self._desk.outbox.picture_sent(name, message, outcome, self._now(), took))
            if isinstance(outcome, DeliveryError):
                log.warning("channel %s: %s goes without its picture: %s", name, message.id, outcome)

    def _wait_for_picture(self) -> tuple[str, Illustrated | None, Message | None]:
        while not self._stopping:
            now = self._now()
            name, message, left_out = self._desk.outbox.next_picture(now)
            self._desk.note(left_out)
            channel = self._channels.get(name)
            if message is not None:
                if isinstance(channel, Illustrated):
                    return name, channel, message
                gone = UnavailableError(f"channel {name}: it takes no pictures now", words="it takes no pictures now")
                self._desk.note(self._desk.outbox.picture_sent(name, message, gone, now, 0.0))
                continue
            wake_at = self._desk.outbox.picture_wakes_at(now)
            nap = LONGEST_NAP_S if wake_at is None else min(max(wake_at - now, SHORTEST_NAP_S), LONGEST_NAP_S)
            self.lock.wait(nap)
        return "", None, None


def _sent(channel: Channel, attempt: Attempt) -> Receipt:
    """Send it, with its picture where the channel takes one within; one that can't be drawn keeps no words back."""
    message = attempt.message
    if channel.traits.picture != "within" or not message.curve:
        return channel.send(message, attempt.previous)
    said = ""
    try:
        message = replace(message, picture=drawn(message))
    except Exception as error:
        log.exception("the picture of %s can't be drawn", message.id)
        said = f"without a picture: {type(error).__name__}"
    receipt = channel.send(message, attempt.previous)
    return replace(receipt, words="; ".join(one for one in (receipt.words, said) if one))


def _fault(name: str, error: Exception) -> UnavailableError:
    """An error that nobody foresaw. Its words are not shown: nobody knows whether they hold a secret."""
    kind = type(error).__name__
    return UnavailableError(f"channel {name}: a fault of ours ({kind})", code="fault", words=kind)
