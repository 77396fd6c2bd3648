from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.benchmarks import wall_times
from tests.benchmarks.clock_speeds import longest, worst
from tests.benchmarks.crawling import arguments
from tests.benchmarks.findings import Finding, exit_code, line
from tests.benchmarks.renders import RenderEach, cursor_of, scrapy_settings
from tests.benchmarks.stage import staged
from tests.kafka_process import KafkaProcess


def found(says: str, missed: str = "", wrong: tuple[str, ...] = ()) -> Finding:
    return Finding("part", "", (), (), {}, says, missed, wrong)


def test_the_line_and_the_code_say_what_was_found() -> None:
    good, missed, wrong = found("fast"), found("slow", "2 × instead of 1"), found("?", wrong=("no end",))
    assert (line([good]), exit_code([good])) == ("fast: every target reached", 0)
    assert (line([good, missed]), exit_code([good, missed])) == ("fast; slow: MISSED: 2 × instead of 1", 1)
    assert (line([good, wrong]), exit_code([good, wrong])) == ("NOT MEASURED: part: no end", 1)


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(SystemExit):
        arguments(["--only", "pages,walls"])


def test_the_cursor_is_what_follows_in_the_address() -> None:
    assert cursor_of("https://m.weibo.cn/api/container/getIndex?containerid=1076031&since_id=42") == "42"
    assert cursor_of("https://m.weibo.cn/api/container/getIndex?containerid=1076031") == ""


def test_a_wait_counts_from_the_beginning_and_to_the_end() -> None:
    begin = datetime(2017, 1, 2, tzinfo=UTC)
    seen, end = {begin + timedelta(minutes=10), begin + timedelta(minutes=35)}, begin + timedelta(minutes=70)
    assert longest(seen, begin, end) == timedelta(minutes=35)
    assert longest(set(), begin, end) == timedelta(minutes=70)
    waits = worst({"uid:1": seen}, {}, {"uid:1": "first"}, begin, end)
    assert waits["visit, first"] == pytest.approx(35 / 30)
    assert waits["render, first"] == pytest.approx(70 / (24 * 60))
    assert waits["visit, last"] == 0


@pytest.mark.stack
@pytest.mark.timeout(300)
def test_renders_bring_the_rows_of_plain_requests_and_a_plain_loop_their_posts(
    kafka: KafkaProcess, browser: Path, tmp_path: Path
) -> None:
    with staged(tmp_path, kafka=kafka) as stage:
        wall = wall_times.measure(stage, accounts=1, pages=2, in_flight=2, renders=1, rounds=1)
        assert wall.wrong == []
        (uid,) = stage.busiest(1)
        asked = {"accounts": uid, "pages": "2", "comment_posts": "0"}
        render = stage.crawl(asked, 2, scrapy_settings=scrapy_settings(RenderEach))
    assert render.wrong == []
    assert len(render.rows) == wall.figures["rows"]
    assert render.times.cpu > 0
