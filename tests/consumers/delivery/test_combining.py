from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.delivery.combining import MOST_EARLIER, digest, remembered, told_together
from consumers.delivery.message import SEVERITIES
from consumers.delivery.safe_text import paragraphs
from tests.consumers.delivery.examples import HOSTILE, MESSAGE, messages


def numbered(count: int):
    return [
        replace(MESSAGE, episode_id=f"e{index}", title=f"title {index}", severity=SEVERITIES[index % 3])
        for index in range(count)
    ]


def test_a_digest_names_each_the_severest_first():
    made = digest(numbered(7), 300)
    lines = [line for line in made.text.splitlines() if line.startswith("- ")]
    assert len(lines) == 7
    assert made.severity == "critical"
    assert lines[0].startswith("- [严重")
    assert lines[-1].startswith("- [提示")
    assert all(any(f"title {index}" in line for line in lines) for index in range(7))
    assert made.title == "7 条警报合并为一条"


@settings(max_examples=30)
@given(st.lists(messages, min_size=1, max_size=5, unique_by=lambda one: one.id))
def test_the_same_messages_make_the_same_digest_in_whatever_order(some):
    made = digest(some, 300)
    assert digest(list(reversed(some)), 300).episode_id == made.episode_id
    assert digest([*some, replace(MESSAGE, episode_id="one more")], 300).episode_id != made.episode_id
    assert made.starts_at == min(one.starts_at for one in some)


def test_a_digest_s_lines_are_lines_whatever_strangers_write():
    some = [replace(one, title=HOSTILE, earlier=(HOSTILE,)) for one in numbered(3)]
    assert len([line for line in digest(some, 300).text.splitlines() if line.strip()]) == 4


@given(st.lists(st.text(max_size=20), min_size=1, max_size=60))
def test_what_was_not_told_on_its_own_is_remembered_from_its_beginning(titles):
    kept: tuple[str, ...] = ()
    for title in titles:
        kept = remembered(kept, title)
    assert len(kept) == min(len(titles), MOST_EARLIER)
    told = told_together(MESSAGE, kept, len(titles) + 1)
    assert told.earlier[0] == kept[0]
    assert told.earlier[-1] == kept[-1]
    if len(titles) > MOST_EARLIER:
        assert told.earlier[1] == f"……另有 {len(titles) - MOST_EARLIER} 条"
        assert f"另有 {len(titles) - MOST_EARLIER}" in paragraphs(told)


def test_a_change_alone_has_nothing_earlier():
    assert told_together(MESSAGE, (), 1) == MESSAGE
