"""The outbox against a receiver that fails in every way, with restarts between: nothing is lost, nothing overtakes."""

import json
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.delivery.channel import Traits
from consumers.delivery.errors import DeliveryError, DeniedError, RejectedError, ThrottledError, UnavailableError
from consumers.delivery.illustrating import MOST_WAITING
from consumers.delivery.log import Delivery, still_owed
from consumers.delivery.message import Receipt
from consumers.delivery.outbox import Outbox
from consumers.delivery.owed import Policy
from consumers.delivery.rates import Rate
from tests.consumers.delivery.examples import CURVE, MESSAGE

RETRYABLE = {
    "down": UnavailableError("down", code="503", words="down"),
    "slow": ThrottledError("slow", code="429", retry_after_s=40.0),
    # It arrived, and the answer was lost.
    "lost": UnavailableError("timed out"),
}
FINAL = {"refused": RejectedError("refused", code="40058"), "denied": DeniedError("denied", code="310000")}
OUTCOMES = ["ok", "ok", *RETRYABLE, *FINAL]
CHAT = Traits(rates=(Rate(2, 1.0), Rate(6, 60.0)))
PROGRAM = Traits(digests=False)
POLICY = Policy(most_attempts=40, most_age_s=5_000.0)
CHANGES = ("escalated", "updated", "ended")
START = 1_500_000_000.0
RECEIPT = Receipt("0", "ok")


def change(episode: str, number: int, severity: str = "warning", kind: str | None = None):
    kind = kind or ("started" if number == 1 else CHANGES[number % 3])
    return replace(
        MESSAGE, episode_id=episode, number=number, change=kind, severity=severity, title=f"<{episode} {number}>"
    )


@dataclass
class World:
    """An outbox with its log, a clock, and receivers that keep what they get."""

    traits: dict[str, Traits]
    policy: Policy = POLICY
    now: float = START
    log: list[Delivery] = field(default_factory=list)
    offered: set = field(default_factory=set)
    got: dict[str, list] = field(default_factory=dict)
    sent_at: dict[str, list[float]] = field(default_factory=dict)
    lost: int = 0
    state: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        self.outbox = self.fresh()

    def fresh(self) -> Outbox:
        outbox = Outbox(random.Random(7).random, self.policy)
        for name, traits in self.traits.items():
            outbox.open(name, traits)
        return outbox

    def offer(self, channel, message):
        self.log += self.outbox.offer(channel, message, self.now)
        self.offered.add((channel, message.episode_id, message.number))

    def step(self, channel, outcome) -> bool:
        """One attempt, if one is due."""
        attempt = self.outbox.next(channel, self.now)
        if attempt is None:
            return False
        self.sent_at.setdefault(channel, []).append(self.now)
        if outcome in ("ok", "lost"):
            self.got.setdefault(channel, []).append(attempt)
        self.lost += outcome == "lost"
        self.now += 0.01
        if outcome == "ok":
            self.log += self.outbox.delivered(channel, attempt, Receipt("0", "ok"), self.now, 10.0)
        else:
            self.log += self.outbox.failed(channel, attempt, {**RETRYABLE, **FINAL}[outcome], self.now, 10.0)
        return True

    def save(self):
        for key in self.outbox.dirty():
            self.state[key] = json.dumps(self.outbox.dump(key))

    def restart(self):
        """As after a kill: whatever was on its way is unknown, the state is that of the topic."""
        self.save()
        self.outbox = self.fresh()
        for key, value in self.state.items():
            self.outbox.load(key, json.loads(value))

    def kill(self, channel, arrived: bool):
        """As `restart`, while an attempt was under way, which may have arrived."""
        attempt = self.outbox.next(channel, self.now)
        if attempt is not None:
            self.sent_at.setdefault(channel, []).append(self.now)
            if arrived:
                self.got.setdefault(channel, []).append(attempt)
                self.lost += 1
        self.restart()

    def settle(self, outcome="ok"):
        """Let time pass until no channel owes anything."""
        for _ in range(5_000):
            if not self.outbox.owes():
                return
            moments = [self.outbox.wake_at(channel, self.now) for channel in self.traits]
            self.now = max(self.now, min(moment for moment in moments if moment is not None))
            stepped = [self.step(channel, outcome) for channel in self.traits]
            assert any(stepped), "woken, and nothing to do"
        raise AssertionError("it never comes to rest")

    def told(self, channel) -> list[tuple[str, tuple[int, ...]]]:
        """Episode and numbers that the receiver can read, message by message."""
        found = []
        for attempt in self.got.get(channel, []):
            text = " ".join([attempt.message.title, *attempt.message.earlier, attempt.message.text])
            by_episode: dict[str, set[int]] = {}
            for part in text.split("<")[1:]:
                episode, number = part.partition(">")[0].split(" ")
                by_episode.setdefault(episode, set()).add(int(number))
            found += [(episode, tuple(sorted(numbers))) for episode, numbers in by_episode.items()]
        return found


actions = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(["notice", "critical"])),
        st.tuples(st.just("step"), st.sampled_from(OUTCOMES)),
        st.tuples(st.just("wait"), st.sampled_from([0.1, 1.0, 20.0, 400.0])),
        st.tuples(st.just("restart")),
        st.tuples(st.just("kill"), st.booleans()),
        st.tuples(st.just("again"), st.sampled_from(["a", "b", "c", "d"])),
    ),
    max_size=60,
)


def play(world: World, channel: str, script) -> None:
    numbers: Counter[str] = Counter()
    for action, *arguments in script:
        if action == "offer":
            numbers[arguments[0]] += 1
            world.offer(channel, change(arguments[0], numbers[arguments[0]], arguments[1]))
        elif action == "again" and numbers[arguments[0]]:
            before = len(world.log)
            world.offer(channel, change(arguments[0], numbers[arguments[0]]))
            assert len(world.log) == before, "a repeat is known"
        elif action == "step":
            world.step(channel, arguments[0])
        elif action == "wait":
            world.now += arguments[0]
        elif action == "restart":
            world.restart()
        elif action == "kill":
            world.kill(channel, *arguments)
        assert {key[1:] for key in still_owed(world.log)} == {key[1:] for key in world.outbox.owes()}


def finals(log) -> Counter:
    return Counter((one.channel, one.episode_id, one.number) for one in log if one.outcome in ("delivered", "dead"))


@given(actions, st.sampled_from([CHAT, PROGRAM]), st.sampled_from(["ok", "down", "denied"]))
@settings(max_examples=80)
def test_every_change_is_at_last_delivered_or_dead_exactly_once(script, traits, end):
    world = World({"press": traits})
    play(world, "press", script)
    world.settle(end)
    assert finals(world.log) == dict.fromkeys(world.offered, 1)
    assert still_owed(world.log) == set()
    assert all(one.reason for one in world.log if one.outcome == "dead")
    assert not any(one.reason for one in world.log if one.outcome != "dead")


@given(actions, st.sampled_from([CHAT, PROGRAM]))
@settings(max_examples=80)
def test_what_is_said_to_be_delivered_can_be_read_by_the_receiver_in_order(script, traits):
    world = World({"press": traits})
    play(world, "press", script)
    world.settle()
    told = world.told("press")
    readable = {(episode, number) for episode, numbers in told for number in numbers}
    for one in world.log:
        if one.outcome == "delivered":
            assert (one.episode_id, one.number) in readable
    latest: Counter[str] = Counter()
    for episode, numbers in told:
        assert numbers[-1] >= latest[episode], "an older change overtook a newer one"
        latest[episode] = numbers[-1]


@given(actions, st.sampled_from([CHAT, PROGRAM]))
@settings(max_examples=80)
def test_a_receiver_gets_something_twice_only_where_an_answer_was_lost(script, traits):
    world = World({"press": traits})
    play(world, "press", script)
    world.settle()
    times = Counter((episode, number) for episode, numbers in world.told("press") for number in numbers)
    twice = sum(count - 1 for count in times.values())
    assert twice == 0 or world.lost
    if not any(len(numbers) > 1 for _, numbers in world.told("press")) and not any(
        attempt.kind == "digest" for attempt in world.got.get("press", [])
    ):
        assert twice <= world.lost


@given(actions)
@settings(max_examples=100)
def test_the_rate_of_a_channel_is_kept_over_restarts(script):
    world = World({"press": CHAT})
    play(world, "press", script)
    world.settle()
    sent = world.sent_at.get("press", [])
    for rate in CHAT.rates:
        for first, over in zip(sent, sent[rate.most :], strict=False):
            assert over - first >= rate.within_s


@given(actions)
@settings(max_examples=100)
def test_a_restart_changes_nothing(script):
    """Two outboxes with the same script, one killed after every action, do the same."""
    calm, killed = World({"press": CHAT}), World({"press": CHAT})
    numbers: Counter[str] = Counter()
    for action, *arguments in script:
        if action == "offer":
            numbers[arguments[0]] += 1
            for world in (calm, killed):
                world.offer("press", change(arguments[0], numbers[arguments[0]], arguments[1]))
        elif action in ("step", "wait"):
            for world in (calm, killed):
                world.outbox._random = lambda: 0.5
                world.outbox._lanes["press"].random = lambda: 0.5
                if action == "step":
                    world.step("press", arguments[0])
                else:
                    world.now += arguments[0]
        killed.restart()
        assert killed.outbox.owes() == calm.outbox.owes()
        assert killed.outbox.wake_at("press", killed.now) == calm.outbox.wake_at("press", calm.now)
    assert [one.message for one in killed.got.get("press", [])] == [one.message for one in calm.got.get("press", [])]


def test_a_kill_while_something_is_on_its_way_sends_it_again():
    world = World({"press": PROGRAM})
    world.offer("press", change("a", 1))
    assert world.outbox.next("press", world.now) is not None
    world.offer("press", change("a", 2))
    world.restart()
    assert world.outbox.owes() == {("press", "a", 1), ("press", "a", 2)}
    world.settle()
    [attempt] = world.got["press"]
    assert (attempt.message.number, attempt.message.earlier) == (2, ("<a 1>",))


def test_a_dead_channel_never_holds_up_the_others():
    world = World({"dead": CHAT, "alive": PROGRAM})
    for number in range(1, 200):
        for channel in ("dead", "alive"):
            world.offer(channel, change(f"e{number % 50}", number))
        world.step("dead", "down")
        assert world.outbox.wake_at("alive", world.now) == world.now
        assert world.step("alive", "ok")
        world.now += 1
    assert len(world.got["alive"]) == 199
    assert {channel for channel, _, _ in world.outbox.owes()} == {"dead"}


def test_memory_is_bounded_by_the_episodes_and_by_the_policy():
    world = World({"dead": PROGRAM}, replace(POLICY, most_waiting=10))
    for number in range(1, 1_001):
        world.offer("dead", change("a", number))
    lane = world.outbox._lanes["dead"]
    assert len(lane.waiting) == 1
    assert len(lane.waiting["a"].earlier) == 20
    for number in range(50):
        world.offer("dead", change(f"e{number}", 1, "critical" if number == 0 else "notice"))
    assert len(lane.waiting) == 10
    assert "e0" in lane.waiting, "the least severe go first"
    dead = [one for one in world.log if one.outcome == "dead"]
    assert {one.reason for one in dead} == {"too_many"}
    assert len(dead) + len(world.outbox.owes()) == len(world.offered)


def test_what_is_known_is_bounded_too():
    world = World({"press": PROGRAM}, replace(POLICY, most_known=100))
    for number in range(300):
        world.offer("press", change(f"e{number}", 1))
        world.step("press", "ok")
    world.save()
    assert sum(value != "null" for value in world.state.values()) == 101


def test_waits_grow_up_to_a_bound_and_are_shortened_at_random():
    world = World({"press": PROGRAM}, replace(POLICY, most_age_s=1e9))
    world.offer("press", change("a", 1))
    waits = []
    for _ in range(20):
        world.step("press", "down")
        due = world.outbox.wake_at("press", world.now)
        waits.append(due - world.now)
        world.now = due
    for attempt, wait in enumerate(waits, 1):
        longest = min(2.0 ** (attempt - 1), 300.0)
        assert longest / 2 <= wait <= longest
    assert len({round(wait, 3) for wait in waits}) > 15


def test_what_the_provider_asks_to_wait_is_waited():
    world = World({"press": PROGRAM})
    world.offer("press", change("a", 1))
    world.step("press", "slow")
    assert world.outbox.wake_at("press", world.now) - world.now == pytest.approx(40.0)


def test_a_channel_that_is_down_pauses_for_all_and_comes_back_at_once_when_it_is_up():
    world = World({"press": PROGRAM})
    world.offer("press", change("a", 1))
    for _ in range(8):
        world.now = world.outbox.wake_at("press", world.now)
        world.step("press", "down")
    world.offer("press", change("b", 1))
    assert world.outbox.next("press", world.now) is None
    assert world.outbox.wake_at("press", world.now) - world.now >= 64.0
    world.now = world.outbox.wake_at("press", world.now)
    assert world.step("press", "ok")
    world.offer("press", change("c", 1))
    assert world.step("press", "ok")
    world.offer("press", change("d", 1))
    world.step("press", "down")
    assert world.outbox.wake_at("press", world.now) - world.now <= 1.0


def test_one_message_that_always_fails_leaves_the_others_their_turn():
    world = World({"press": PROGRAM})
    for episode in "abc":
        world.offer("press", change(episode, 1))
    world.step("press", "down")
    for _ in range(2):
        world.now = world.outbox.wake_at("press", world.now)
        world.step("press", "ok")
    assert [attempt.message.episode_id for attempt in world.got["press"]] in (["a", "b"], ["b", "c"], ["b", "a"])


def test_it_gives_up_after_a_bound_and_says_why():
    world = World({"press": PROGRAM}, replace(POLICY, most_attempts=5))
    world.offer("press", change("a", 1))
    world.settle("down")
    [dead] = [one for one in world.log if one.outcome == "dead"]
    assert (dead.reason, dead.attempt, dead.code) == ("tried_too_often", 5, "503")
    world = World({"press": PROGRAM}, replace(POLICY, most_age_s=100.0))
    world.offer("press", change("a", 1))
    world.offer("press", change("b", 1))
    world.settle("down")
    assert {one.reason for one in world.log if one.outcome == "dead"} == {"too_old"}


def test_a_message_that_is_refused_alone_does_not_take_its_digest_with_it():
    world = World({"press": Traits(rates=(Rate(1, 60.0),))})
    for episode in "abc":
        world.offer("press", change(episode, 1))
    assert world.step("press", "refused")
    world.settle("ok")
    kinds = [attempt.kind for attempt in world.got["press"]]
    assert kinds == ["single"] * 3
    assert finals(world.log) == dict.fromkeys(world.offered, 1)
    assert not [one for one in world.log if one.outcome == "dead"]


def test_what_there_is_no_room_for_is_told_in_one_digest_the_severest_on_its_own():
    world = World({"press": Traits(rates=(Rate(20, 60.0),))})
    for number in range(100):
        world.offer("press", change(f"e{number}", 1, "critical" if number == 99 else "notice"))
    while world.step("press", "ok"):
        pass
    assert [attempt.kind for attempt in world.got["press"]] == ["single"] * 19 + ["digest"]
    assert world.got["press"][0].message.title == "<e99 1>"
    assert world.got["press"][-1].message.title == "81 条警报合并为一条"
    assert world.outbox.owes() == set()
    digests = {one.digest for one in world.log if one.outcome == "delivered"}
    assert digests == {"", world.got["press"][-1].message.episode_id}
    assert finals(world.log) == dict.fromkeys(world.offered, 1)


def test_a_program_gets_no_digest():
    world = World({"desk": replace(PROGRAM, rates=(Rate(1, 60.0),))})
    for episode in "abc":
        world.offer("desk", change(episode, 1))
    world.settle()
    assert [attempt.kind for attempt in world.got["desk"]] == ["single"] * 3


ILLUSTRATED = Traits(rates=(Rate(6, 60.0),), picture="after")


def pictured(world: World, answer: Receipt | DeliveryError = RECEIPT) -> list[str]:
    """The episodes whose pictures are due one after the other, and were answered so."""
    found = []
    while True:
        channel, message, left_out = world.outbox.next_picture(world.now)
        world.log += left_out
        if message is None:
            return found
        found.append(message.episode_id)
        world.log += world.outbox.picture_sent(channel, message, answer, world.now, 80.0)


def left_out(world: World) -> dict[str, str]:
    return {one.episode_id: one.words for one in world.log if one.outcome == "picture_left_out"}


def test_a_picture_follows_its_message_and_is_told_for_itself():
    world = World({"press": ILLUSTRATED})
    world.offer("press", replace(change("a", 1), curve=CURVE))
    world.offer("press", change("b", 1))
    assert pictured(world) == [], "nothing was told yet"
    world.step("press", "ok")
    assert pictured(world) == [], "words that wait go first"
    world.step("press", "ok")
    assert pictured(world) == ["a"], "the other has no curve"
    assert [(one.episode_id, one.outcome) for one in world.log][-1] == ("a", "picture_sent")
    assert still_owed(world.log) == set()
    assert len({one.id for one in world.log}) == len(world.log)


def test_pictures_leave_half_of_what_a_provider_takes_to_the_words():
    world = World({"press": ILLUSTRATED})
    for episode in "abcd":
        world.offer("press", replace(change(episode, 1), curve=CURVE))
        world.step("press", "ok")
        pictured(world)
    assert [len(world.got["press"]), sum(one.outcome == "picture_sent" for one in world.log)] == [4, 1]
    world.offer("press", change("e", 1))
    assert world.outbox.wake_at("press", world.now) == world.now, "there is room for words at once"
    assert world.step("press", "ok")
    assert left_out(world) == {}
    world.now += 59
    assert pictured(world) == []
    world.now += 5
    assert pictured(world) == [], "they are too old by now"
    assert left_out(world) == dict.fromkeys("bcd", "no room within a minute")
    assert world.outbox.picture_wakes_at(world.now) is None


def test_few_pictures_wait_and_the_newest_of_an_episode():
    world = World({"press": replace(ILLUSTRATED, rates=(Rate(100, 60.0),))})
    for number in (1, 2):
        world.offer("press", replace(change("a", number), curve=CURVE))
        world.step("press", "ok")
    assert pictured(world) == ["a"]
    for episode in range(MOST_WAITING + 2):
        world.offer("press", replace(change(str(episode), 1), curve=CURVE))
        world.step("press", "ok")
    assert pictured(world) == [str(episode) for episode in range(2, MOST_WAITING + 2)]
    assert left_out(world) == {"0": "too many waited", "1": "too many waited"}


@pytest.mark.parametrize(("error", "waits"), [(RETRYABLE["down"], False), (RETRYABLE["slow"], True)])
def test_a_picture_that_fails_is_left_out_and_its_words_are_not_told_again(error, waits):
    world = World({"press": ILLUSTRATED})
    world.offer("press", replace(change("a", 1), curve=CURVE))
    world.step("press", "ok")
    assert pictured(world, error) == ["a"]
    assert left_out(world) == {"a": error.words}
    world.offer("press", change("b", 1))
    assert (world.outbox.wake_at("press", world.now) > world.now) is waits, "only where the provider asks to slow down"
    world.settle()
    assert [attempt.message.episode_id for attempt in world.got["press"]] == ["a", "b"]


def test_a_digest_and_a_channel_without_pictures_have_none_and_why_a_rise_has_none_is_told():
    world = World({"press": replace(ILLUSTRATED, rates=(Rate(1, 60.0),)), "chat": CHAT})
    for episode in "ab":
        for channel in world.traits:
            world.offer(channel, replace(change(episode, 1), curve=CURVE))
    world.settle()
    assert pictured(world) == []
    world.now += 100
    for channel in world.traits:
        world.offer(channel, replace(change("c", 1), uncurved="no curve is known"))
    world.settle()
    said = {one.channel: one.words for one in world.log if (one.episode_id, one.outcome) == ("c", "delivered")}
    assert said == {"press": "ok; without a picture: no curve is known", "chat": "ok"}


def test_a_channel_that_was_closed_meanwhile_is_told_nothing_of_its_picture():
    world = World({"press": ILLUSTRATED})
    world.offer("press", replace(change("a", 1), curve=CURVE))
    world.step("press", "ok")
    channel, message, _ = world.outbox.next_picture(world.now)
    world.outbox.close("press", world.now)
    assert world.outbox.picture_sent(channel, message, RECEIPT, world.now, 1.0) == []


KEPT = Traits(digests=False, repeat_s=60.0, repeat_end_s=900.0)


def test_what_stands_is_said_again_until_it_is_over_and_its_end_for_a_while():
    world = World({"ops": KEPT})
    world.offer("ops", change("a", 1))
    world.step("ops", "ok")
    for _ in range(10):
        world.now = world.outbox.wake_at("ops", world.now)
        world.restart()
        assert world.step("ops", "ok")
    assert [attempt.kind for attempt in world.got["ops"]] == ["single"] + ["repeat"] * 10
    assert world.now - START == pytest.approx(600, abs=1)
    world.offer("ops", change("a", 2, kind="ended"))
    world.step("ops", "ok")
    assert world.got["ops"][-1].previous.number == 1
    while (due := world.outbox.wake_at("ops", world.now)) is not None:
        world.now = due
        world.step("ops", "ok")
    assert 14 <= sum(attempt.message.change == "ended" for attempt in world.got["ops"]) <= 16
    assert world.outbox._lanes["ops"].standing == {}


def test_a_test_message_is_said_once():
    world = World({"ops": KEPT})
    world.offer("ops", change("a", 1, kind="test"))
    world.step("ops", "ok")
    assert world.outbox.wake_at("ops", world.now) is None


def test_a_repeat_that_fails_is_repeated_and_never_given_up():
    world = World({"ops": KEPT}, replace(POLICY, most_attempts=2))
    world.offer("ops", change("a", 1))
    world.step("ops", "ok")
    for _ in range(10):
        world.now = world.outbox.wake_at("ops", world.now)
        world.step("ops", "down")
    assert [one.outcome for one in world.log[2:]] == ["repeat_failed"] * 10
    world.now = world.outbox.wake_at("ops", world.now)
    world.step("ops", "ok")
    assert world.got["ops"][-1].kind == "repeat"


def test_what_stands_is_not_said_again_while_something_newer_of_it_waits():
    world = World({"ops": KEPT})
    world.offer("ops", change("a", 1))
    world.step("ops", "ok")
    world.offer("ops", change("a", 2))
    # The channel comes back sooner than the message has its turn again.
    world.outbox._lanes["ops"].random = cycle([1.0, 0.0]).__next__
    while world.now < START + 100:
        world.now = world.outbox.wake_at("ops", world.now)
        world.step("ops", "down")
    world.offer("ops", change("b", 1))
    world.now = world.outbox.wake_at("ops", world.now)
    assert world.step("ops", "ok")
    assert not world.step("ops", "ok")
    assert [attempt.message.title for attempt in world.got["ops"]][1:] == ["<b 1>"]


def test_an_end_that_is_given_up_does_not_stand_for_ever():
    world = World({"ops": KEPT})
    world.offer("ops", change("a", 1))
    world.step("ops", "ok")
    world.offer("ops", change("a", 2, kind="ended"))
    world.step("ops", "denied")
    assert world.outbox.wake_at("ops", world.now) is None


def test_a_channel_that_the_rules_have_no_more_says_what_it_owed():
    world = World({"press": CHAT})
    for episode in "ab":
        world.offer("press", change(episode, 1))
    attempt = world.outbox.next("press", world.now)
    world.save()
    world.log += world.outbox.close("press", world.now)
    assert {one.reason for one in world.log if one.outcome == "dead"} == {"channel_gone"}
    assert still_owed(world.log) == set()
    assert world.outbox.delivered("press", attempt, Receipt(), world.now) == []
    world.save()
    assert set(world.state.values()) == {"null"}


def test_a_clock_that_is_set_back_does_not_close_a_channel():
    world = World({"press": CHAT})
    world.offer("press", change("a", 1))
    world.step("press", "slow")
    world.now -= 1_000_000
    assert world.outbox.wake_at("press", world.now) == world.now
    assert world.step("press", "ok")


def test_a_record_says_what_it_was_and_how_long_it_took():
    world = World({"press": PROGRAM})
    world.offer("press", change("a", 1))
    world.step("press", "down")
    world.now = world.outbox.wake_at("press", world.now)
    world.step("press", "ok")
    owed, retrying, delivered = world.log
    assert (owed.outcome, owed.attempt) == ("owed", 0)
    assert (retrying.outcome, retrying.attempt, retrying.code, retrying.words) == ("retrying", 1, "503", "down")
    assert retrying.retry_at > retrying.at
    assert (delivered.outcome, delivered.attempt, delivered.told_by, delivered.latency_ms) == ("delivered", 2, 1, 10.0)
    assert delivered.waited_ms == pytest.approx((world.now - START) * 1000, abs=1)
    assert len({one.id for one in world.log}) == 3
