"""Ten kills of the crawler; `weiplomacy drill crawl-kills` does a hundred."""

from pathlib import Path

import pytest

from tests.faults.crawl_kills import campaign, covered_but_absent
from tests.kafka_process import KafkaProcess


@pytest.mark.stack
@pytest.mark.timeout(400)
def test_killed_at_any_moment_the_crawler_leaves_no_hole(kafka: KafkaProcess, browser: Path, tmp_path: Path) -> None:
    result = campaign(tmp_path, kafka, browser, kills=10, seed=7)
    assert result.wrong == []
    assert result.kills == 10
    assert result.posts > 100
    # The campaign itself can tell a hole: a covered post that never came would be found.
    _, wrong = covered_but_absent(kafka.servers, {"kr-embassy": [2**52]}, set())
    assert wrong == []
    memory_says, missed = covered_but_absent(kafka.servers, {"kr-embassy": [4_030_000_000_000_000]}, set())
    assert memory_says == len(missed) == 1
