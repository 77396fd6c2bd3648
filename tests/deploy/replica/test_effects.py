"""The running replica with labelled effects, and without: what its answers show, and what its truth tells."""

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from deploy.replica.__main__ import main
from deploy.replica.catalogue import Catalogue
from deploy.replica.content import Post
from deploy.replica.courses import Effect
from deploy.replica.effects import Effects, Span
from deploy.replica.facts import EXACT, Fact
from deploy.replica.faults.layer import Faults
from deploy.replica.faults.scenario import Scenario
from deploy.replica.server import EMBASSIES, SEED
from deploy.replica.truth import Truth
from tests.replica_process import ReplicaProcess

SPAN = Span(datetime(2016, 10, 3, tzinfo=UTC), datetime(2016, 10, 14, 12, tzinfo=UTC), 2.0)
#: Of what the replica told at that moment before it knew of effects.
PLAIN_AT = datetime(2016, 10, 8, 6, 30, tzinfo=UTC)
PLAIN = "22399c3405f55662c616056ca6ea90105a32a312c736ace44260394e47d14d52"
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def effects() -> Effects:
    return Effects(EMBASSIES, SEED, SPAN)


@pytest.fixture(scope="module")
def world(effects: Effects) -> Catalogue:
    return Catalogue(SEED, EMBASSIES, effects)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def post_of(world: Catalogue, effects: Effects, label: Effect | Fact) -> Post:
    account = effects.stage.world.account(label.uid)
    assert account is not None
    assert label.ordinal is not None
    found = world.post(
        effects.stage.world.post(account, label.ordinal).mid, moment(account.published_at(label.ordinal))
    )
    assert found is not None
    return found


def with_posts(world: Catalogue, effects: Effects, *kinds: str) -> Iterator[tuple[Effect, Post]]:
    return ((one, post_of(world, effects, one)) for one in effects.stage.effects if one.kind in kinds)


def told(world: Catalogue, at: datetime) -> list[Any]:
    """A good part of the truth of a moment, from which all answers are made."""
    truth = Truth(world, at)
    found: list[Any] = [truth.accounts()]
    for account in world.accounts[:12]:
        found.append(truth.posts(account, None, 12))
        for post in world.posts(account, at, None, 3):
            found += [truth.comments(post, 0, 40), truth.reposts(post, 0, 20)]
    return found


def digest(told: list[Any]) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def test_without_effects_everything_is_as_it_was_before_there_were_any() -> None:
    assert digest(told(Catalogue(SEED, EMBASSIES), PLAIN_AT)) == PLAIN


def test_the_same_seed_is_the_same_world_and_another_is_another(world: Catalogue) -> None:
    again = Catalogue(SEED, EMBASSIES, Effects(EMBASSIES, SEED, SPAN))
    assert told(again, PLAIN_AT) == told(world, PLAIN_AT)
    assert digest(told(world, PLAIN_AT)) != PLAIN
    assert Effects(EMBASSIES, 7, SPAN).document() != Effects(EMBASSIES, SEED, SPAN).document()


def test_counters_follow_the_effects(world: Catalogue, effects: Effects) -> None:
    risen = 0
    for effect, post in with_posts(world, effects, "organic", "night", "comment_war", "wave", "condolences"):
        inner = effects.stage.world.accounts[post.account.index]
        written = effects.stage.world.post(inner, post.ordinal)
        for hours in (-1, 0.5, 3, 24, 200):
            at = moment(effect.onset + 3_600 * hours)
            shown, exact = world.counters(post, at), effects.stage.counters(written, at.timestamp())
            assert (shown.reposts, shown.likes) == (exact[0], exact[2])
            # Some commenters delete what they wrote.
            assert 0.85 * exact[1] - 2 <= shown.comments <= exact[1]
        before, after = (sum(effects.stage.counters(written, effect.onset + 3_600 * hours)) for hours in (0, 200))
        risen += after - before >= 0.9 * sum(effect.adds)
    assert risen > 20


def test_lists_hold_what_an_effect_brings_each_in_its_time(world: Catalogue, effects: Effects) -> None:
    effect, post = max(with_posts(world, effects, "comment_war", "wave"), key=lambda one: one[0].adds[1])
    begin, end = moment(effect.onset), moment(effect.onset + 6 * 3_600)
    new = world.comment_total(post, end) - world.comment_total(post, begin)
    assert new > 20
    listed = world.comments(post, end, "all", 0, new)
    assert len(listed) == new
    assert all(earlier.created_at <= later.created_at for later, earlier in itertools.pairwise(listed))
    assert sum(comment.created_at >= begin - SECOND for comment in listed) >= 0.8 * new
    for comment in listed[:: max(new // 10, 1)]:
        found = world.comment(comment.comment_id, end)
        assert found is not None
        assert found.created_at == comment.created_at
        assert world.comment(comment.comment_id, comment.created_at - SECOND) is None


def test_reposts_are_passed_on_when_the_counter_says_so(world: Catalogue, effects: Effects) -> None:
    effect, post = max(with_posts(world, effects, "organic", "capped"), key=lambda one: one[0].adds[0])
    end = moment(effect.onset + 3_600)
    count = world.counters(post, end).reposts
    assert count > effect.adds[0] / 10
    newest = world.reposts(post, end, 0, 5)
    for place, repost in enumerate(newest):
        assert repost.created_at <= end
        assert world.counters(post, repost.created_at + SECOND).reposts >= count - place
        assert world.counters(post, repost.created_at - SECOND).reposts <= count - place


def test_what_a_deletion_takes_comes_back(world: Catalogue, effects: Effects) -> None:
    fallen = 0
    for effect, post in with_posts(world, effects, "deletion"):
        before, under, after = (
            world.counters(post, moment(second)).likes
            for second in (effect.onset - 1, effect.onset + 1, effect.onset + effect.scale + 1)
        )
        assert under == pytest.approx(before * (1 - effect.size), abs=1)
        assert after >= 0.9 * before
        fallen += before > under
    assert fallen


def test_followers_jump_and_stay(world: Catalogue, effects: Effects) -> None:
    plain = Catalogue(SEED, EMBASSIES)
    jumps = [fact for fact in effects.facts if fact.kind == "followers"]
    assert jumps
    for fact in jumps:
        account = world.account(fact.uid)
        assert account is not None
        more = [
            world.figures(account, moment(second)).followers - plain.figures(account, moment(second)).followers
            for second in (fact.onset, fact.onset + fact.lasts / 2, fact.end, fact.end + 86_400)
        ]
        assert more == [0, int(fact.size / 2), fact.size, fact.size]
        assert plain.figures(account, moment(fact.onset)).followers < EXACT


def test_facts_are_seen_by_visitors_from_their_onset_on(world: Catalogue, effects: Effects) -> None:
    faults = Faults(world)
    faults.start(Scenario(faults=effects.faults()))
    kinds: Counter[str] = Counter()
    for fact in effects.facts:
        if fact.ordinal is None:
            continue
        post = post_of(world, effects, fact)
        kinds[fact.kind] += 1
        ten = []
        for second in (fact.onset - 1, fact.onset + 1):
            at = moment(second)
            seen = faults.seen(at)
            ten.append(post.mid in [one.mid for one in seen.posts(post.account, at)])
            found = seen.post(post.mid, at)
            gone, happened = fact.kind == "removal" and second > fact.onset, second > fact.onset
            assert (found is None) == gone
            assert bool(found and found.edits > post.edits) >= (fact.kind == "edit" and happened)
            assert bool(found and found.closed) == (fact.kind == "closing" and happened)
        # It was on the first page before.
        assert ten == [True, fact.kind != "removal"]
    assert set(kinds) == {"removal", "edit", "closing"}


def test_accounts_are_gone_for_a_while_and_take_another_name_for_good(world: Catalogue, effects: Effects) -> None:
    faults = Faults(world)
    faults.start(Scenario(faults=effects.faults()))
    facts = [fact for fact in effects.facts if fact.kind in ("gone", "renamed")]
    kinds: Counter[str] = Counter()
    for fact in facts:
        shown = []
        for second in (fact.onset - 1, fact.onset + 1, fact.end + 1):
            account = faults.seen(moment(second)).account(fact.uid)
            shown.append(account.screen_name if account else None)
        if fact.kind == "gone":
            assert [one is None for one in shown] == [False, True, False]
        elif all(shown):  # and not gone meanwhile
            assert shown[0] != shown[1] == shown[2]
        kinds[fact.kind] += fact.kind == "gone" or all(shown)
    assert set(+kinds) == {"gone", "renamed"}


def test_silent_accounts_publish_nothing_any_more_and_are_no_news_before(world: Catalogue, effects: Effects) -> None:
    plain = Catalogue(SEED, EMBASSIES)
    silent = {fact.uid: fact for fact in effects.facts if fact.kind == "silent"}
    assert silent
    for account in world.accounts:
        end = moment(SPAN.until.timestamp())
        fact = silent.get(account.uid)
        newest, ordinary = (one.posts(account, end, None, 1) for one in (world, plain))
        if fact is None:
            assert [post.mid for post in newest] == [post.mid for post in ordinary]
            continue
        assert newest[0].created_at == moment(fact.onset) < ordinary[0].created_at
        assert world.figures(account, end).posts < plain.figures(account, end).posts
        begin = moment(fact.onset)
        assert [post.mid for post in world.posts(account, begin, None, 20)] == [
            post.mid for post in plain.posts(account, begin, None, 20)
        ]
        gaps = [
            later.created_at - earlier.created_at for later, earlier in pairwise(world.posts(account, end, None, 61))
        ]
        assert fact.lasts == max(2 * max(gaps), timedelta(days=7)).total_seconds()
        assert moment(fact.end) < SPAN.until
        assert not [
            one for one in effects.facts if one.uid == fact.uid and one.onset > fact.end and one.ordinal is None
        ]


def test_no_post_has_two_labels_but_the_candles(effects: Effects) -> None:
    labels = [*effects.stage.effects, *effects.facts]
    subjects = Counter((one.uid, one.ordinal) for one in labels if one.ordinal is not None)
    assert subjects.most_common(1)[0][1] == 1


def test_the_truth_tells_each_effect(tmp_path: Path, effects: Effects) -> None:
    since, until = SPAN.since.isoformat(), SPAN.until.isoformat()
    options = ("--effects", since, until, "--effects-per-week", "2")
    replica = ReplicaProcess(tmp_path, PLAIN_AT, *options)
    try:
        document = replica.truth("/effects")
        rows = document["effects"]
        assert (document["since"], document["until"]) == (since, until)
        assert len(rows) == len(effects.stage.effects) + len(effects.facts)
        assert {key: value for key, value in document.items() if key != "at"} == json.loads(
            json.dumps(effects.document())
        )
        for row in rows:
            assert datetime.fromisoformat(row["onset"]) <= datetime.fromisoformat(row["end"])
            assert row["size"] > 0
        posted = next(row for row in rows if row["kind"] == "organic" and row["onset"] < PLAIN_AT.isoformat())
        assert replica.truth(f"/post?mid={posted['mid']}")["post"]["uid"] == posted["uid"]
    finally:
        replica.stop()


def test_without_effects_the_truth_has_none() -> None:
    assert Truth(Catalogue(SEED, EMBASSIES), PLAIN_AT).effects(None)["effects"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["soon", "2016-10-14T00:00:00Z"], "'soon' is not a moment"),
        (["2016-10-01", "2016-10-14T00:00:00Z"], "with an offset"),
        (["2016-10-14T00:00:00Z", "2016-10-01T00:00:00Z"], "-13 days"),
        (["2016-10-01T00:00:00Z", "2016-10-14T00:00:00Z", "--effects-per-week", "0"], "0 effects"),
    ],
)
def test_effects_that_can_not_be_are_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["--state", str(tmp_path), "--effects", *arguments]) == 2
    sentence = capsys.readouterr().err
    assert words in sentence
    assert sentence.count("\n") == 1
