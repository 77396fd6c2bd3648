"""The state: taken up from where it was written down it gives the same findings; late samples leave it alone."""

import json
import random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from consumers.alerting.baselines import UNKNOWN
from consumers.alerting.findings import Finding
from consumers.alerting.growth_curve import LAST
from consumers.alerting.post_state import PostState, load_post
from consumers.alerting.posts import PostDetector
from schemas.counts import Count, Precision
from schemas.events import EngagementSample, PostSeen
from tests.consumers.alerting.accounts import BEGIN, DAY, HOUR, history, ordinary, sample, seen

CAPPED = Count(value=1_000_000, low=1_000_000, high=None, precision=Precision.LOWER_BOUND, raw="100万+")


def stream(seed: int, posts: int = 24) -> list[EngagementSample | PostSeen]:
    """Two accounts with hits, gaps, old posts, capped and missing counters, and types that come late or never."""
    chance = random.Random(seed)
    events: list[tuple[float, int, EngagementSample | PostSeen]] = []
    for account in ("de", "fr"):
        visits, moment = [], BEGIN
        while moment < BEGIN + posts * 8 * HOUR:
            moment += chance.choice((HOUR, 2 * HOUR, 2 * HOUR, 9 * HOUR if chance.random() < 0.1 else HOUR))
            visits.append(moment)
        for place in range(-8, posts):
            post = (1 if account == "de" else 2) * 10_000 + place + 100
            published = BEGIN + place * 8 * HOUR if place >= -7 else BEGIN - 90 * DAY
            size = chance.lognormvariate(0, 0.3) * (chance.choice((4, 9, 30)) if chance.random() < 0.15 else 1)
            watched = [one for one in visits if published < one < published + chance.choice((30, 60)) * HOUR]
            if place == -8:  # an old hit that is seen for the first time
                size, watched = 40.0, visits[len(visits) // 2 :][:3]
            for number, moment in enumerate(watched):
                event = ordinary(post, published, moment, size * (3 if number > 9 and place % 5 == 0 else 1), account)
                if chance.random() < 0.05:
                    event = sample(post, moment, published, chance.choice((None, CAPPED)), 1, None, account)
                events.append((moment, post, event))
            if account == "de" and watched and chance.random() < 0.8:
                kind = chance.choice(("original", "repost"))
                events.append((chance.choice(watched), 0, seen(post, published, kind, "text")))
    return [event for _, _, event in sorted(events, key=lambda one: one[:2])]


# Also codes of which a byte is that of an unknown one.
CODES = st.sampled_from((UNKNOWN, UNKNOWN - 1, 0xFF00, 0x00FF, 0xFEFF, 0)) | st.integers(0, UNKNOWN)


@given(st.lists(CODES, max_size=12), st.integers(0, 3 * LAST - 9))
def test_counters_at_ages_are_taken_up_as_they_were(codes: list[int], first: int) -> None:
    post = PostState("1", "de-embassy", BEGIN)
    for at, code in enumerate(codes, first):
        post.codes[at] = code
    written = json.loads(json.dumps(post.dump()))
    assert load_post("1", written).codes == post.codes
    known = [code for code in codes if code != UNKNOWN]
    assert known or written[-2:] == [0, ""]


class Checkpointed:
    """A detector that is written down after some events, as JSON, and begins anew from what is written."""

    def __init__(self) -> None:
        self.detector = PostDetector()
        self.topic: dict[str, str | None] = {}

    def checkpoint(self) -> None:
        for key in self.detector.dirty():
            value = self.detector.dump(key)
            self.topic[key] = None if value is None else json.dumps(value)

    def restart(self, chance: random.Random) -> None:
        self.checkpoint()
        self.detector = PostDetector()
        kept = [(key, value) for key, value in self.topic.items() if value is not None]
        chance.shuffle(kept)
        for key, value in kept:
            self.detector.load(key, json.loads(value))


PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Streams are long: a failure is not made smaller."""
STREAMS = {seed: stream(seed) for seed in range(4)}
EXPECTED: dict[int, list[Finding]] = {}


def expected(seed: int) -> list[Finding]:
    if seed not in EXPECTED:
        detector = PostDetector()
        EXPECTED[seed] = [finding for event in STREAMS[seed] for finding in detector.feed(event)]
    return EXPECTED[seed]


def test_the_streams_have_something_to_lose() -> None:
    found = [finding for seed in STREAMS for finding in expected(seed)]
    assert sum(one.score >= 1.0 for one in found) > 50
    assert {doubt for one in found for doubt in one.doubts} >= {"first_sight", "after_gap"}
    assert {one.detail for one in found if one.score >= 1} == {"level", "speed"}
    assert {one.basis.kind for one in found if one.basis} >= {"account", "curve"}


@settings(max_examples=8, phases=PHASES)
@given(st.sampled_from(sorted(STREAMS)), st.lists(st.floats(0, 1), min_size=1, max_size=4), st.integers(0, 2**32))
def test_restarts_anywhere_change_no_finding(seed: int, at: list[float], order: int) -> None:
    events, chance = STREAMS[seed], random.Random(order)
    restarts = {int(part * len(events)) for part in at}
    kept, found = Checkpointed(), []
    for place, event in enumerate(events):
        if place in restarts:
            kept.restart(chance)
        elif chance.random() < 0.01:
            kept.checkpoint()
        found += kept.detector.feed(event)
    assert found == expected(seed)


@settings(max_examples=8, phases=PHASES)
@given(st.sampled_from(sorted(STREAMS)), st.integers(0, 2**32))
def test_late_and_repeated_samples_change_no_finding(seed: int, order: int) -> None:
    chance = random.Random(order)
    detector, found, past = PostDetector(), [], []
    for event in STREAMS[seed]:
        found += detector.feed(event)
        past.append(event)
        for _ in range(chance.choice((0, 0, 1, 2))):
            again = chance.choice(past[-40:])
            assert detector.feed(again) == ()
            if isinstance(again, EngagementSample):
                # Older than what is known of that post, with other counters: it came late.
                late = again.model_copy(update={"likes": 100_000})
                assert detector.feed(late) == ()
    assert found == expected(seed)


def test_forgotten_posts_are_forgotten_in_the_topic_too() -> None:
    detector = PostDetector()
    topic: dict[str, object] = {}
    for place, event in enumerate(history(130)):
        detector.feed(event)
        if place % 50 == 0:
            for key in detector.dirty():
                topic[key] = detector.dump(key)
    far = BEGIN + 130 * 12 * HOUR + 61 * DAY
    for hour in range(2):
        detector.feed(ordinary(5_000, far, far + (hour + 1) * HOUR, 1.0))
    topic.update({key: detector.dump(key) for key in detector.dirty()})
    posts = {key for key, value in topic.items() if key.startswith("post:") and value is not None}
    assert len(posts) == 100
    assert "post:30" not in posts and "post:5000" in posts


def test_a_watched_post_is_small() -> None:
    detector = PostDetector()
    for event in STREAMS[1]:
        detector.feed(event)
    sizes = sorted(
        len(json.dumps(detector.dump(key), separators=(",", ":"))) for key in detector.dirty() if key[:4] == "post"
    )
    assert sizes[len(sizes) // 2] < 300
    assert sizes[-1] < 400


def test_posts_of_an_account_are_bounded() -> None:
    """A back-fill of 2,000 posts within one visit, oldest last, leaves the hundred newest, and nothing of the rest."""
    detector = PostDetector()
    for place in range(2_000):
        detector.feed(sample(place + 1, BEGIN + place * 0.1, BEGIN - (place + 1) * DAY, 1, 1, 1))
    detector.feed(sample(9_999, BEGIN + HOUR, BEGIN, 1, 1, 1))
    known = [key for key in detector.dirty() if key.startswith("post:") and detector.dump(key) is not None]
    assert len(known) == 100
