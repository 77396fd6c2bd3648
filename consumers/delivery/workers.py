"""One thread per channel: it sends what is owed there, and a dead channel keeps no other waiting."""

import logging
import threading
import time
from collections.abc import Callable

from consumers.delivery.channel import Channel
from consumers.delivery.desk import Desk
from consumers.delivery.errors import DeliveryError, UnavailableError
from consumers.delivery.owed import Attempt

log = logging.getLogger("weiplomacy.sender")

#: A worker looks again after so long, whatever it waits for: a clock may be set.
LONGEST_NAP_S = 30.0
LEAVE_S = 15.0


class Workers:
    """The threads, and the lock under which the desk is touched. `now` is machine time, seconds of the Unix clock."""

    def __init__(self, desk: Desk, now: Callable[[], float] = time.time) -> None:
        self._desk = desk
        self._now = now
        self.lock = threading.Condition()
        self._channels: dict[str, Channel] = {}
        self._threads: dict[str, threading.Thread] = {}
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
        self.lock.notify_all()

    def stop(self) -> None:
        """Begin nothing more, and wait a while for what is on its way. Don't hold the lock."""
        with self.lock:
            self._stopping = True
            self.lock.notify_all()
        until = time.monotonic() + LEAVE_S
        for thread in self._threads.values():
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
            receipt = channel.send(attempt.message, attempt.previous)
        except DeliveryError as error:
            failure = error
        except Exception as error:
            # Nothing that a channel or a library does may end its thread, and with it all that is owed there. Its words
            # are not shown: of an unforeseen error nobody knows whether they hold a secret.
            kind = type(error).__name__
            failure = UnavailableError(f"channel {name}: a fault of ours ({kind})", code="fault", words=kind)
        else:
            took = (time.monotonic() - began) * 1000
            with self.lock:
                self._desk.note(self._desk.outbox.delivered(name, attempt, receipt, self._now(), took))
            log.info("channel %s: %s delivered in %.0f ms", name, attempt.message.id, took)
            return
        took = (time.monotonic() - began) * 1000
        with self.lock:
            self._desk.note(self._desk.outbox.failed(name, attempt, failure, self._now(), took))
        log.warning("channel %s: %s", name, failure)
