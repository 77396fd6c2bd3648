"""Several accounts are one story by what they are about; by time alone only where that is not known."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from consumers.alerting.stories import MOST_KNOWN, UNKNOWN, About, Joined, Stories

BEGIN = datetime(2016, 9, 28, 4, tzinfo=UTC)
PERES = About(("佩雷斯逝世",), ("一路走好", "[蜡烛]"))
VISAS = About(("签证新规",), ("签证费", "排队"))


def stories() -> Stories:
    return Stories(timedelta(hours=6), 3)


def join(known: Stories, name: str, hours: float, about: About, account: str | None = "") -> Joined | None:
    account_id = name if account == "" else account
    return known.join(f"id-{name}", f"key-{name}", account_id, BEGIN + timedelta(hours=hours), about)


def test_two_accounts_with_one_topic_are_a_story() -> None:
    known = stories()
    assert join(known, "il", 0, About(("佩雷斯逝世",))) is None
    found = join(known, "us", 1, About(("别的话题", "佩雷斯逝世 ")))
    assert found == Joined("id-il", "key-il", ("il", "us"), About(("佩雷斯逝世",)))


@pytest.mark.parametrize(
    ("terms", "together"),
    [
        (("一路走好", "[蜡烛]"), True),
        (("路走好", "一路走好", "别的"), False),
        (("[蜡烛]",), False),
        ((), False),
    ],
)
def test_terms_make_a_story_where_two_of_them_say_different_things(terms: tuple[str, ...], together: bool) -> None:
    known = stories()
    join(known, "il", 0, About(("佩雷斯逝世",), ("一路走好", "路走好", "[蜡烛]")))
    found = join(known, "us", 1, About(("另一个",), terms))
    assert (found is not None) is together
    if found is not None:
        assert found.about == About((), ("一路走好", "[蜡烛]"))


def test_two_topics_at_a_time_are_two_stories() -> None:
    known = stories()
    found = [join(known, f"a{place}", place / 10, (PERES, VISAS)[place % 2]) for place in range(8)]
    assert [one and one.id for one in found] == [None, None, *(["id-a0", "id-a1"] * 3)]
    assert found[7] is not None and found[7].accounts == ("a1", "a3", "a5", "a7")


def test_a_rise_about_two_things_makes_no_story_of_both() -> None:
    known = stories()
    for place, about in enumerate((PERES, PERES, About(PERES.topics + VISAS.topics), VISAS, VISAS)):
        found = join(known, f"a{place}", place / 10, about)
    assert found is not None and (found.id, found.accounts) == ("id-a3", ("a3", "a4"))


def test_of_what_nothing_is_known_time_alone_tells_from_three_accounts_on() -> None:
    known = stories()
    found = [join(known, f"a{place}", place, UNKNOWN) for place in range(4)]
    assert [one and one.accounts for one in found] == [None, None, ("a0", "a1", "a2"), ("a0", "a1", "a2", "a3")]
    assert join(known, "b", 3, PERES) is None, "what is known to be about something joins no unknown"
    fifth = join(known, "c", 3, UNKNOWN)
    assert fifth is not None and (fifth.id, fifth.accounts) == ("id-a0", ("a0", "a1", "a2", "a3", "c"))


@pytest.mark.parametrize(("hours", "together"), [(6, True), (6.1, False), (-6, True), (-6.1, False)])
def test_a_story_is_of_six_hours(hours: float, together: bool) -> None:
    known = stories()
    join(known, "il", 0, PERES)
    assert (join(known, "us", hours, PERES) is not None) is together


def test_one_account_alone_is_no_story_and_a_wave_over_many_no_account() -> None:
    known = stories()
    assert [join(known, "il", place, PERES) for place in range(3)] == [None] * 3
    found = join(known, "IL", 3, PERES, account=None)
    assert found is not None and found.accounts == ()


def test_a_story_is_larger_at_three_and_at_each_doubling() -> None:
    known = stories()
    found = [join(known, f"a{place}", place / 10, PERES) for place in range(26)]
    assert [place + 1 for place, one in enumerate(found) if one is not None and one.is_larger] == [3, 6, 12, 24]


@pytest.mark.parametrize("seed", range(3))
def test_a_restart_anywhere_changes_nothing_and_what_is_kept_is_bounded(seed: int) -> None:
    dice = random.Random(seed)
    whole, again = stories(), stories()
    for number in range(200):
        topics = tuple(f"话题{dice.randrange(12)}" for _ in range(dice.randrange(3)))
        terms = tuple(f"[{dice.randrange(200)}]" for _ in range(dice.randrange(40)))
        name = f"a{dice.randrange(30)}"
        hours = number / 2 + dice.uniform(-2, 2)
        assert join(whole, name, hours, About(topics, terms)) == join(again, name, hours, About(topics, terms))
        state = json.loads(json.dumps(again.dump()))
        again = stories()
        again.restore(state)
        assert len(state) <= 50
        assert all(len(pairs) <= MOST_KNOWN for story in state for pairs in story[-2:])
