"""What a wave is about: from five people at least, against what is usual, whatever order and repeats do."""

import json
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from consumers.alerting.commenters import MOST_PEOPLE
from consumers.alerting.term_cutting import apart
from consumers.alerting.terms import KEPT, LENGTH, MOST_BYTES, WIDTH, Terms
from consumers.turns import State
from schemas.events import Comment
from tests.schemas.examples import COMMENT

BEGIN = datetime(2016, 9, 28, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
USUAL = ("早安，你好", "什么时候放假", "签证怎么办", "中国加油", "你好，请问签证", "支持", "哈哈[笑哭]", "早安")


def comment(
    number: int, person: int, hours: float, text: str, account: str = "il-embassy", post: int = 7, delay: float = 0.5
) -> Comment:
    """A comment that was written so many hours after the beginning, and seen `delay` hours later."""
    written = BEGIN + hours * HOUR
    return COMMENT.model_copy(
        update={
            "account_id": account, "post_id": str(post), "comment_id": str(10**15 + number), "text": text,
            "author_key": f"{person:032x}", "created_at": written, "observed_at": written + delay * HOUR,
        }
    )  # fmt: skip


def usual(account: str = "il-embassy", days: int = 4) -> list[Comment]:
    """Some days of what people usually write: 30 a day, before the beginning."""
    return [
        comment(number, number, -24 * days - 26 + 24 * number / 30, USUAL[number % len(USUAL)], account)
        for number in range(30 * days)
    ]


def wave(
    texts: Sequence[str], people: int = 30, account: str = "il-embassy", first: int = 5_000, post: int = 7
) -> list[Comment]:
    return [
        comment(first + number, first + number, number / people, texts[number % len(texts)], account, post)
        for number in range(people)
    ]


def fed(comments: Iterable[Comment], countries: dict[str, str] | None = None) -> Terms:
    terms = Terms(countries or {})
    for one in comments:
        terms.feed(one)
    return terms


def said(terms: Terms, hours: float = 1.5, account: str = "il-embassy", post: str | None = None) -> tuple[str, ...]:
    return apart((mark.term for mark in terms.of_account(account, BEGIN + hours * HOUR, post)), 5)


def states(terms: Terms) -> dict[str, State]:
    return {key: state for key in terms.dirty() if (state := terms.dump(key)) is not None}


CONDOLENCES = ("一路走好[蜡烛]", "佩雷斯一路走好", "你好[蜡烛]", "早安[蜡烛]")


def test_a_wave_is_about_what_its_people_write_more_than_is_usual() -> None:
    terms = fed([*usual(), *wave(CONDOLENCES)])
    assert said(terms) == ("[蜡烛]", "一路走好", "佩雷斯一")
    mark = terms.of_account("il-embassy", BEGIN + 1.5 * HOUR)[0]
    assert (mark.people, mark.of_people) == (22, 30)


def test_nothing_is_said_without_anything_to_compare_with_or_long_after() -> None:
    assert said(fed(wave(CONDOLENCES))) == ()
    assert said(fed([*usual(), *wave(CONDOLENCES)]), hours=13) == ()
    assert said(fed(usual())) == ()


@pytest.mark.parametrize(("people", "expected"), [(4, ()), (5, ("一路走好",))])
def test_a_term_comes_from_five_people_at_least(people: int, expected: tuple[str, ...]) -> None:
    texts = [comment(9_000 + number, 9_000 + number % people, 0.1, "一路走好") for number in range(60)]
    assert said(fed([*usual(), *texts, *wave(USUAL, 24)])) == expected


def test_a_post_of_its_own() -> None:
    terms = fed([*usual(), *wave(["一路走好"], 20, post=7), *wave(["签证太难"], 20, first=6_000, post=8)])
    assert (said(terms, post="7"), said(terms, post="8")) == (("一路走好",), ("签证太难",))


def test_the_account_itself_is_none_of_its_people() -> None:
    own = [one.model_copy(update={"author_account_id": "il-embassy"}) for one in wave(["一路走好"])]
    other = [one.model_copy(update={"author_account_id": "us-embassy"}) for one in wave(["愿你安息"])]
    assert said(fed([*usual(), *own, *other])) == ("愿你安息",)


def test_a_wave_over_many_is_about_what_three_of_its_accounts_share() -> None:
    places = {"il-embassy": "IL", "il-consulate": "IL", "il-culture": "IL", "th-embassy": "TH"}
    comments = [one for account in places for one in (*usual(account), *wave(CONDOLENCES[:2], account=account))]
    comments += wave(["大使辛苦"], 40, first=8_000)
    terms = fed(sorted(comments, key=lambda one: one.observed_at), places)
    at = BEGIN + 1.5 * HOUR
    assert set(apart(terms.of_country("IL", at), 5)) == {"一路走好", "[蜡烛]", "佩雷斯一"}
    assert terms.of_country("TH", at) == []
    assert set(terms.of_country(None, at)) == set(terms.of_country("IL", at))


VERSIONS = st.lists(
    st.builds(
        comment,
        st.integers(1, 40), st.integers(1, 90), st.floats(0, 5), st.sampled_from(CONDOLENCES), delay=st.floats(0, 5),
    ),
    max_size=40,
)  # fmt: skip


@given(VERSIONS, st.randoms(use_true_random=False))
def test_order_and_repeats_change_nothing(comments: list[Comment], dice: random.Random) -> None:
    again = [*comments, *dice.choices(comments, k=10)] if comments else []
    dice.shuffle(again)
    assert states(fed(comments)) == states(fed(again))


def test_the_newest_version_of_a_comment_counts_whatever_comes_last() -> None:
    before = wave(["默哀"], 20)
    after = [one.model_copy(update={"text": "安息", "observed_at": one.observed_at + HOUR}) for one in before]
    for comments in ([*before, *after], [*after, *before]):
        assert said(fed([*usual(), *comments])) == ("安息",)


@given(st.lists(st.tuples(st.integers(0, 400), st.floats(-30, 30)), min_size=1, max_size=100))
def test_what_is_read_again_after_it_became_usual_does_not_count_twice(written: list[tuple[int, float]]) -> None:
    comments = [comment(number, person, hours, "早安") for number, (person, hours) in enumerate(written)]
    comments.sort(key=lambda one: one.observed_at)
    terms, once = fed(comments), fed(comments)
    for one in comments:
        terms.feed(one.model_copy(update={"observed_at": comments[-1].observed_at}))
    assert terms.dump("il-embassy") == once.dump("il-embassy")


@pytest.mark.parametrize("seed", range(5))
def test_a_restart_anywhere_changes_nothing(seed: int) -> None:
    dice = random.Random(seed)
    comments = [
        comment(number, dice.randrange(200), number / 3, dice.choice(CONDOLENCES + USUAL), dice.choice(["a", "uid:1"]))
        for number in range(300)
    ]
    whole, terms, kept = Terms({}), Terms({}), dict[str, State]()
    for one in comments:
        whole.feed(one)
        terms.feed(one)
        if dice.random() < 0.2:
            for key in terms.dirty():
                state = terms.dump(key)
                if state is None:
                    kept.pop(key, None)
                else:
                    kept[key] = json.loads(to_json(state))
            terms = Terms({})
            for key, state in sorted(kept.items(), key=lambda one: dice.random()):
                terms.load(key, state)
    last = comments[-1].observed_at
    for account in ("a", "uid:1"):
        assert terms.dump(account) == whole.dump(account)
        assert terms.of_account(account, last) == whole.of_account(account, last)


def test_an_account_has_so_many_bytes_at_most_whatever_is_written() -> None:
    terms, kept = Terms({}), dict[str, int]()
    for number in range((KEPT + 4) * 2 * MOST_PEOPLE):
        hours = number / (2 * MOST_PEOPLE) * WIDTH / 3_600_000
        text = "".join(chr(0x20000 + (number * LENGTH + place) % 40_000) for place in range(2 * LENGTH))
        terms.feed(comment(10**15 * 8 + number, number, hours, text, post=10**18 + number, delay=0))
    for key in terms.dirty():
        kept[key] = len(to_json(terms.dump(key)))
    assert sum(1 for size in kept.values() if size > 4) == KEPT + 1
    assert MOST_BYTES * 0.75 < sum(kept.values()) < MOST_BYTES


HOSTILE = st.lists(
    st.sampled_from([
        "\n", "\u202e", "\x1b[2J", "@all", "@张三丰 ", "<at user_id='all'>", "https://x.example/abc", "[a](b)",
        "[@all]", "[<b>]", "**", "# ", "`", "{who}", "%s", "默哀", "“", "”", "</p>", "\x00", "e\u0301\u0301\u0301",
        "www.abc",
    ]),
    max_size=8,
).map("".join)  # fmt: skip


@given(HOSTILE)
def test_a_term_is_never_a_sign_a_name_or_a_key(text: str) -> None:
    comments = wave([f"{text} @{'ab' * 16} 回复@李四光:{text}"], 12)
    for mark in fed([*usual(days=1), *comments]).of_account("il-embassy", BEGIN + HOUR):
        assert mark.people >= 5
        assert mark.term.strip("[]").isalnum() and mark.term.isprintable()
        assert not any(name in mark.term for name in ("三丰", "四光", "abab"))
