"""The projection of a year: from rows and bytes that are known to what they become."""

import pytest

from tests.benchmarks.storage import Pace, Size, group_of, line, rows_of_a_year, shown, total, year_of

PACE = Pace(looks=3.0, rendered=0.5, single=1.0, requests=4.0, posts=2.0)
SIZES = {
    "engagement_samples": Size("engagement_samples", 1_000, 3_000),
    "receipts": Size("receipts", 1_000, 50_000),
    "post_latest": Size("post_latest", 1_000, 50_000),
    "comment_versions": Size("comment_versions", 2_500, 100_000),
    "dead_letters": Size("dead_letters", 3_000, 300_000),
    "changes": Size("changes", 999, 99_900),
}


@pytest.mark.parametrize(
    ("column", "group"),
    [
        ("likes", "counters"),
        ("likes_above", "intervals"),
        ("followers_raw", "intervals"),
        ("kafka_offset", "position"),
        ("ingested_at", "position"),
        ("observed_at", "moments"),
        ("day", "moments"),
        ("lane", "provenance"),
        ("post_id", "identity"),
        ("text", "content"),
    ],
)
def test_each_column_belongs_to_a_group(column: str, group: str) -> None:
    assert group_of(column) == group


def test_rows_follow_visits_and_posts_and_what_is_not_known_is_left_out() -> None:
    rows = rows_of_a_year(PACE, SIZES)
    assert rows == {
        "engagement_samples": (3 * 10 + 1) * 8_760,
        "receipts": 4 * 8_760,
        "post_latest": 730,
        "comment_versions": 730 * 2.5,
    }


def test_a_year_is_rows_times_bytes_per_row_of_so_many_accounts() -> None:
    rows = rows_of_a_year(PACE, SIZES)
    years = year_of(48, rows, SIZES)
    assert [year.table for year in years][:2] == ["receipts", "engagement_samples"]
    assert years[0].bytes == pytest.approx(48 * 4 * 8_760 * 50)
    assert total(year_of(480, rows, SIZES)) == pytest.approx(10 * total(years))
    assert line(PACE, {48: years}, SIZES["engagement_samples"]) == (
        f"3.00 bytes per sample; 4.00 visits per hour and account: 48 accounts {shown(total(years))} a year "
        "(13 million samples, 192 requests per hour)"
    )


def test_bytes_are_shown_in_units_that_people_read() -> None:
    assert [shown(size) for size in (0, 999, 1_500, 2.345e9, 7e13)] == ["0 B", "999 B", "1.5 kB", "2.35 GB", "70 TB"]
