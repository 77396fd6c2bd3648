"""How comments are cut into terms: the same pieces as the question `comment-terms`, and nothing that names somebody."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.alerting.term_cutting import apart, parts_of, pieces_of, terms_of

PLAIN = re.compile(r"\[\w{1,12}\]|[a-z]{3,20}|[^\W\d_a-z]{2,4}|[〇々\w]{2,4}")
ANY_TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from("一路走好默哀[]@:/.<>#*` \n\u202e\u2066abcRIP\u0301\U00020001"))
)


def cut(text: str) -> set[str]:
    return terms_of(pieces_of(text, 100))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("一路走好", {"一路", "路走", "走好", "一路走", "路走好", "一路走好"}),
        ("默哀！[蜡烛][蜡烛] RIP ok", {"默哀", "[蜡烛]", "rip"}),
        ("签证，签证", {"签证"}),
        ("好", set()),
        ("人人々〇", {"人人", "人々", "々〇", "人人々", "人々〇", "人人々〇"}),
        ("回复@小明abc:你好 @3f9abcde 早安 //@张三：晚安", {"你好", "早安", "晚安"}),
        ("看https://evil.example/rip?x=abc和www.example.com", set()),
        ("[<b>rip</b>]", {"rip"}),
        ("a" * 21, set()),
    ],
)
def test_what_a_comment_is_cut_into(text: str, terms: set[str]) -> None:
    assert cut(text) == terms


@given(ANY_TEXT, st.integers(2, 60))
def test_terms_hold_letters_only_and_pieces_their_size(text: str, most: int) -> None:
    pieces = pieces_of(text, most)
    assert len(pieces) <= most
    for term in terms_of(pieces):
        assert PLAIN.fullmatch(term), term
        assert set(parts_of(term)) <= terms_of(pieces)
        assert term.isprintable()


@given(ANY_TEXT)
def test_a_cut_text_has_fewer_terms_and_no_others(text: str) -> None:
    assert terms_of(pieces_of(text, 20)) <= terms_of(pieces_of(text, 10_000))


def test_terms_that_say_the_same_are_said_once() -> None:
    assert apart(["一路走好", "路走好", "默哀", "走好人", "[蜡烛]", "rip", "哀悼"], 4) == (
        "一路走好",
        "默哀",
        "[蜡烛]",
        "rip",
    )
    assert apart(["中国人民", "人民点赞", "点赞了"], 5) == ("中国人民", "点赞了")
