"""The figures of the benchmark of the analysts' port."""

from typing import Any

import pytest

from tests.benchmarks import analysts_port
from tests.benchmarks.analysts_port import Inserts, line


def figures(ratio: float, answers: int = 3) -> dict[str, Any]:
    row = {"inserts": 10, "p50_ms": 4.0, "p99_ms": 9.0, "max_ms": 12.0}
    asked = {"threads": 8, "answers": answers, "median_s": 1.0, "refused": []}
    return {"idle": row, "beside": row, "p99_ratio": ratio, "analysts": asked}


def test_percentiles() -> None:
    inserts = Inserts(tuple(float(number) for number in range(1, 101)))
    assert (inserts.percentile(0.5), inserts.percentile(0.99), inserts.percentile(1.0)) == (51.0, 100.0, 100.0)
    assert Inserts((3.0,)).document() == {"inserts": 1, "p50_ms": 3.0, "p99_ms": 3.0, "max_ms": 3.0}


def test_the_line_says_whether_the_promise_is_kept() -> None:
    assert line(figures(1.5)).endswith("p99 1.50 times, as promised")
    assert line(figures(2.01)).endswith("p99 2.01 times, MORE THAN 2 TIMES")


@pytest.mark.parametrize(("ratio", "answers", "code"), [(1.0, 3, 0), (2.0, 3, 0), (2.01, 3, 1), (1.0, 0, 1)])
def test_the_exit_code_means_it(monkeypatch: pytest.MonkeyPatch, ratio: float, answers: int, code: int) -> None:
    monkeypatch.setattr(analysts_port, "measure", lambda *_: figures(ratio, answers))
    assert analysts_port.main([]) == code
