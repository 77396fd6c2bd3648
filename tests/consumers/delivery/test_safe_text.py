import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from consumers.delivery.safe_text import (
    bounded,
    clean,
    fitted_bytes,
    inert,
    one_line,
    paragraphs,
    scrubbed,
    web_link,
    web_links,
)
from tests.consumers.delivery.examples import HOSTILE, MESSAGE, hostile, messages, texts

GRAPHEMES = "e\u0301👍🏽👩‍👩‍👧"


@given(texts)
def test_clean_text_can_be_sent_and_turns_nothing_around(text):
    cleaned = clean(text)
    cleaned.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", cleaned)
    assert clean(cleaned) == cleaned


@given(texts, st.integers(1, 300))
def test_a_line_is_one_line_of_its_length(text, most):
    line = one_line(text, most)
    assert len(line) <= most
    assert "\n" not in line
    assert "\r" not in line


@given(texts)
def test_inert_text_has_no_markup_for_a_strict_reader(text):
    tokens = MarkdownIt("commonmark").parse(inert(text))
    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or ()}
    # Italics by underscores and blocks by indentation change looks, not what is said or whom it calls.
    assert kinds <= {
        "paragraph_open", "paragraph_close", "inline", "text", "softbreak", "hardbreak", "text_special",
        "em_open", "em_close", "strong_open", "strong_close", "code_block", "hr",
    }  # fmt: skip


def test_inert_text_still_says_what_it_said():
    assert inert("<at id=all> [x](y)") == "\uff1cat id=all\uff1e \uff3bx\uff3d(y)"
    assert not set("<>[]`*#@\\") & set(inert(HOSTILE))
    assert inert("转发 2,140 (往常 90–150)!") == "转发 2,140 (往常 90–150)!"


@given(texts, st.integers(60, 3_000), st.sampled_from(["en", "zh"]))
def test_a_text_is_cut_to_its_bytes_and_says_so(text, most, language):
    text = clean(text).rstrip()
    cut = fitted_bytes(text, most, language)
    assert len(cut.encode()) <= most
    if cut != text:
        assert len(text.encode()) > most
        head, _, mark = cut.rpartition("…[cut" if language == "en" else "…[已") if "[" in cut else (cut, "", "")
        assert re.search(r"cut: \d+ more|余 \d+ 字", cut)
        left = int(re.findall(r"(\d+)", cut)[-1])
        assert left > 0
        assert head.rstrip("…").rstrip() == text[: len(text) - left].rstrip() or mark


def test_blanks_at_the_end_are_no_part_that_is_missing():
    assert fitted_bytes("0" * 31 + "\n" * 30, 60, "en") == "0" * 31


@pytest.mark.parametrize("most", range(60, 120))
def test_a_text_is_never_cut_within_what_is_seen_as_one_character(most):
    cut = fitted_bytes(GRAPHEMES * 40, most, "en").partition("…")[0]
    assert (GRAPHEMES * 40).startswith(cut)
    rest = (GRAPHEMES * 40)[len(cut) :]
    assert rest[0] in "e👍👩"
    assert not cut.endswith("\u200d")


@given(messages, st.integers(300, 20_000))
@settings(max_examples=40)
def test_a_message_is_cut_to_its_size_and_keeps_its_title(message, most):
    def size(part):
        return len((part.title[:20] + paragraphs(part)).encode())

    cut = bounded(message, lambda part: size(part) <= most)
    assert size(cut) <= most
    assert cut.title == one_line(message.title)
    if clean(message.text).strip() and not cut.text:
        raise AssertionError("a text must at least say that it was cut")


def test_a_message_that_fits_is_left_as_it_is():
    assert bounded(MESSAGE, lambda part: True) == MESSAGE


@given(texts)
def test_links_lead_to_the_web_or_nowhere(text):
    for url in (text, f"https://weibo.com/{text}", f"http://{text}"):
        link = web_link(url)
        if link is not None:
            assert re.fullmatch(r"https?://[^\s<>()\[\]'\"*`]+", link)
            assert "@" not in urlsplit(link).netloc
            assert link.isascii()


def test_hostile_links_are_dropped_or_made_safe():
    assert [url for _, url in web_links(hostile().links)] == ["https://weibo.com/a%29b%2Ac%3Cd%3E%27%22e"]
    assert web_link("https://weibo.com/1/Ea?a=1&b=2#c") == "https://weibo.com/1/Ea?a=1&b=2#c"
    assert web_link("https://例子.cn/路") == "https://xn--fsqu00a.cn/%E8%B7%AF"


def test_paragraphs_have_all_that_a_message_says():
    text = paragraphs(replace(MESSAGE, earlier=("开始",)))
    assert "转发: 2,140" in text
    assert "此前未单独发送:\n- 开始" in text
    assert "微博: https://weibo.com/1/EalT4?a=1&b=2" in text


def test_secrets_are_scrubbed_in_every_form():
    assert scrubbed("a p/w=1 b p%2Fw%3D1 c p/w%3D1", ["p/w=1", ""]) == "a *** b *** c ***"
