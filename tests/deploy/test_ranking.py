from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from deploy.ranking import RankingRow, sparkline, table

ROW = RankingRow(
    rank=1,
    account_id="il-embassy",
    name="以色列驻华使馆",
    name_en="Embassy of Israel",
    country="Israel",
    country_code="IL",
    verified=True,
    followers=1_913_000,
    followers_about=True,
    growth=-1_000,
    trend=(0, 5, 10),
    posts=3_590,
    interactions_per_post=321.4,
    last_post=datetime(2016, 12, 31, 9, tzinfo=UTC),
    rank_2016=1,
)


def printed(row: RankingRow, width: int) -> str:
    console = Console(width=width, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(table([row], 7, width))
    return capture.get()


@pytest.mark.parametrize("width", [80, 140])
def test_a_row_fits_its_terminal_and_says_every_figure(width: int) -> None:
    lines = printed(ROW, width).splitlines()
    assert len(lines) == 2
    assert all(part in lines[1] for part in ("~1,913,000", "-1,000", "3,590", "321", "16-12-31"))
    assert all(len(line) <= width for line in lines)


def test_in_a_narrow_terminal_only_names_are_cut() -> None:
    row = replace(
        ROW, name="立陶宛驻华大使馆商务处与文化教育处", growth=-100_000, trend=(1,) * 8, interactions_per_post=19_403
    )
    line = printed(row, 80).splitlines()[1]
    assert "立陶宛" in line
    assert all(part in line for part in ("~1,913,000", "-100,000", "3,590", "19,403", "16-12-31"))


def test_what_is_not_known_is_not_a_zero() -> None:
    row = replace(ROW, followers=None, growth=None, posts=None, interactions_per_post=None, last_post=None)
    line = printed(replace(row, rank_2016=None, trend=()), 140).splitlines()[1]
    assert line.count("–") == 6
    assert "0" not in line.replace("以色列驻华使馆", "")


def test_the_json_row_keeps_null_and_writes_utc() -> None:
    row = replace(ROW, growth=None).as_json()
    assert row["growth"] is None
    assert row["last_post"] == "2016-12-31T09:00:00.000Z"
    assert row["trend"] == [0, 5, 10]


@given(st.lists(st.integers(min_value=0, max_value=10**9), max_size=30))
def test_a_sparkline_has_a_sign_for_each_value_and_grows_with_it(values: list[int]) -> None:
    line = sparkline(values)
    assert len(line) == len(values)
    signs = sorted(zip(values, line, strict=True))
    assert [sign for _, sign in signs] == sorted(line)
    assert all((sign == " ") == (value == 0) for value, sign in signs)
