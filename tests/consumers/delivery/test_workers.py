"""A thread per channel: one that is deaf, refuses or breaks keeps no other waiting, and its thread lives on."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from consumers.delivery.channel import Channel, Traits
from consumers.delivery.desk import Desk
from consumers.delivery.errors import UnavailableError
from consumers.delivery.message import CurvePoints, Message, Receipt
from consumers.delivery.workers import Workers
from schemas.alert_rules import Channel as ChannelRule
from schemas.alert_rules import Rules
from tests.consumers.delivery.examples import CURVE, MESSAGE

PATIENCE_S = 20.0
SECRET = "a-token-that-nobody-may-read"


class Ear:
    """A channel that does as it is told."""

    shown = "ear"
    traits = Traits(digests=False)

    def __init__(self, does: Callable[[Message], None] = lambda message: None) -> None:
        self.heard: list[str] = []
        self._does = does

    def send(self, message: Message, previous: Message | None = None) -> Receipt:
        self._does(message)
        self.heard.append(message.id)
        return Receipt(code="200")


class Eye(Ear):
    """A channel that is given pictures after its messages, and does with them as it is told."""

    traits = Traits(digests=False, picture="after")

    def __init__(self, does: Callable[[Message], None] = lambda message: None) -> None:
        super().__init__()
        self.seen: list[tuple[str, bytes]] = []
        self._shows = does

    def send_picture(self, message: Message, picture: bytes) -> Receipt:
        self._shows(message)
        self.seen.append((message.id, picture))
        return Receipt(code="200")


class Page(Ear):
    """A channel that takes pictures within its messages."""

    traits = Traits(digests=False, picture="within")

    def __init__(self) -> None:
        super().__init__(lambda message: self.pictures.append(message.picture))
        self.pictures: list[bytes | None] = []


class Office:
    """A desk and its workers, with channels of these names."""

    def __init__(self, channels: dict[str, Channel]) -> None:
        self.desk = Desk({}, lambda: 1.0)
        self.workers = Workers(self.desk)
        self.follow(channels)

    def follow(self, channels: dict[str, Channel]) -> None:
        rules = Rules(channels=tuple(ChannelRule(name=name, address="webhook+https://x.example/") for name in channels))
        with self.workers.lock:
            self.desk.follow(rules, {name: channel.traits for name, channel in channels.items()}, time.time())
            self.workers.serve(channels)

    def offer(self, channel: str, episode: str, number: int = 1, curve: CurvePoints = ()) -> None:
        message = replace(MESSAGE, episode_id=episode, number=number, curve=curve)
        with self.workers.lock:
            self.desk.note(self.desk.outbox.offer(channel, message, time.time()))
            self.workers.lock.notify_all()

    def outcomes(self, episode: str) -> list[tuple[str, str, str]]:
        with self.workers.lock:
            records = self.desk.records()
            self.desk.note(records)
        return [(one.outcome, one.code, one.words) for one in records if one.episode_id == episode]


@pytest.fixture
def office() -> Iterator[Callable[[dict[str, Channel]], Office]]:
    made: list[Office] = []

    def open_office(channels: dict[str, Channel]) -> Office:
        made.append(Office(channels))
        return made[-1]

    yield open_office
    for one in made:
        one.workers.stop()


def wait_for(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_deaf_channel_holds_up_no_other(office: Callable[[dict[str, Channel]], Office]) -> None:
    wake = threading.Event()
    deaf, ear = Ear(lambda _: bool(wake.wait(PATIENCE_S)) and None), Ear()
    one = office({"deaf": deaf, "ear": ear})
    one.offer("deaf", "a")
    for number in range(5):
        one.offer("ear", f"b{number}")
    wait_for(lambda: len(ear.heard) == 5)
    assert deaf.heard == []
    wake.set()
    wait_for(lambda: deaf.heard == ["a:1"])


def test_what_breaks_without_a_name_is_tried_again_and_its_words_are_not_shown(
    office: Callable[[dict[str, Channel]], Office], caplog: pytest.LogCaptureFixture
) -> None:
    falls = iter([ValueError(SECRET), UnavailableError("down", code="503", words="down")])

    def break_twice(_: Message) -> None:
        for error in falls:
            raise error

    ear = Ear(break_twice)
    one = office({"ear": ear})
    one.offer("ear", "a")
    wait_for(lambda: ear.heard == ["a:1"])
    wait_for(lambda: len(one.outcomes("a")) == 4)
    assert one.outcomes("a") == [
        ("owed", "", ""),
        ("retrying", "fault", "ValueError"),
        ("retrying", "503", "down"),
        ("delivered", "200", ""),
    ]
    assert SECRET not in caplog.text


def test_a_channel_that_is_dropped_ends_its_thread_and_one_that_is_replaced_goes_on_there(
    office: Callable[[dict[str, Channel]], Office],
) -> None:
    old, new = Ear(), Ear()
    one = office({"ear": old})
    one.offer("ear", "a")
    wait_for(lambda: old.heard == ["a:1"])
    one.follow({"ear": new})
    one.offer("ear", "b")
    wait_for(lambda: new.heard == ["b:1"])
    one.follow({})
    wait_for(lambda: not any(thread.name == "channel-ear" for thread in threading.enumerate()))
    one.follow({"ear": new})
    one.offer("ear", "c")
    wait_for(lambda: new.heard == ["b:1", "c:1"])


def test_stopping_waits_for_what_is_on_its_way(office: Callable[[dict[str, Channel]], Office]) -> None:
    begun = threading.Event()

    def slowly(_: Message) -> None:
        begun.set()
        time.sleep(0.3)

    ear = Ear(slowly)
    one = office({"ear": ear})
    one.offer("ear", "a")
    assert begun.wait(PATIENCE_S)
    one.workers.stop()
    assert ear.heard == ["a:1"]
    assert [outcome for outcome, _, _ in one.outcomes("a")] == ["owed", "delivered"]


def test_words_do_not_wait_for_a_picture_of_any_channel(office: Callable[[dict[str, Channel]], Office]) -> None:
    wake = threading.Event()
    eye, other = Eye(lambda _: bool(wake.wait(PATIENCE_S)) and None), Eye()
    one = office({"eye": eye, "other": other})
    one.offer("eye", "a", curve=CURVE)
    wait_for(lambda: eye.heard == ["a:1"])
    one.offer("eye", "b", curve=CURVE)
    one.offer("other", "c", curve=CURVE)
    wait_for(lambda: (eye.heard, other.heard) == (["a:1", "b:1"], ["c:1"]))
    assert (eye.seen, other.seen) == ([], [])
    wake.set()
    wait_for(lambda: len(eye.seen) == 2 and len(other.seen) == 1)
    assert all(picture.startswith(b"\x89PNG") for _, picture in (*eye.seen, *other.seen))
    wait_for(lambda: one.outcomes("b")[-1] == ("picture_sent", "200", ""))


def test_a_picture_that_can_t_be_drawn_or_sent_costs_no_words(
    office: Callable[[dict[str, Channel]], Office], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Message) -> None:
        raise UnavailableError("down", code="503", words="down")

    eye, page = Eye(refuse), Page()
    one = office({"eye": eye, "page": page})
    one.offer("eye", "a", curve=CURVE)
    wait_for(lambda: ("picture_left_out", "503", "down") in one.outcomes("a"))
    one.offer("page", "b", curve=CURVE)
    wait_for(lambda: page.heard == ["b:1"])
    assert page.pictures[0] is not None and page.pictures[0].startswith(b"\x89PNG")

    def broken(_: Message) -> bytes:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr("consumers.delivery.workers.drawn", broken)
    one.offer("eye", "c", curve=CURVE)
    one.offer("page", "d", curve=CURVE)
    wait_for(lambda: ("picture_left_out", "fault", "ZeroDivisionError") in one.outcomes("c"))
    wait_for(lambda: ("delivered", "200", "without a picture: ZeroDivisionError") in one.outcomes("d"))
    assert (eye.heard, page.pictures[1]) == (["a:1", "c:1"], None)
    assert eye.seen == []
