"""The benchmark's own parts on posts of many shapes: the metric, the online run, its verdict."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks import sampling
from tests.benchmarks.sampling import (
    DAY,
    Cascade,
    Row,
    UnreadableCascadesError,
    error,
    fixed,
    ladder,
    main,
    measure,
    misses,
    online,
    read,
    squares,
)
from tests.crawler.planning.shapes import all_shapes, burst, silent, two_waves


def text(cascades: list[Cascade]) -> str:
    return "".join(
        f"{number}\t7\t{cascade.published:.0f}\t{len(cascade.ages)}\t{' '.join(f'7/8:{age}' for age in cascade.ages)}\n"
        for number, cascade in enumerate(cascades)
    )


def test_the_error_of_a_step_is_the_area_of_its_triangles() -> None:
    half = Cascade(0.0, (0.0, DAY / 2))
    assert error(half, []) == pytest.approx(0.25)  # one of two reactions is missing, half of the time
    assert error(half, [DAY]) == pytest.approx(0.125)  # the line from 1 to 2 is off by 1/4 on average, of 2
    assert error(half, [DAY / 2 - 1e-6, DAY / 2]) == pytest.approx(0, abs=1e-9)


@given(st.lists(st.integers(0, int(DAY)), min_size=1, max_size=20), st.lists(st.integers(0, int(DAY)), max_size=8))
def test_the_error_is_that_of_a_fine_grid(ages: list[int], samples: list[int]) -> None:
    cascade = Cascade(0.0, tuple(sorted(ages)))
    points = [(0.0, cascade.count(0.0)), *((age, cascade.count(age)) for age in sorted(set(samples)) if age > 0)]
    points.append((DAY * 2, points[-1][1]))
    steps, total = 4_000, 0.0
    for step in range(steps):
        age = (step + 0.5) * DAY / steps
        place = max(index for index, point in enumerate(points) if point[0] <= age)
        (left, low), (right, high) = points[place], points[place + 1]
        if right > DAY:
            high = low
        total += abs(low + (high - low) * (age - left) / max(right - left, 1e-9) - cascade.count(age))
    assert error(cascade, samples) == pytest.approx(total / steps / len(ages), abs=0.01)


def test_the_baselines_end_with_the_day() -> None:
    for ages in (fixed(8), squares(8), ladder(8)):
        assert len(ages) == 8
        assert ages[-1] == pytest.approx(DAY)
    assert ladder(8)[:4] == pytest.approx([300, 900, 1_800, 3_600])


@settings(max_examples=15)
@given(st.integers(1, 20))
def test_the_budget_is_never_exceeded(each: int) -> None:
    shapes = all_shapes()
    run = online(shapes, each)
    assert run.requests == sum(map(len, run.ages)) <= each * len(shapes)
    assert all(0 < age <= DAY for ages in run.ages for age in ages)


def test_the_budget_holds_at_any_price(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.benchmarks.sampling.price_for", lambda *_: 1e-6)
    assert online(all_shapes(), 8).requests == 8 * len(all_shapes())


def test_it_sees_only_what_it_has_asked_for() -> None:
    # Up to the wave nothing tells these two from each other, so nothing may be asked differently.
    calm = Cascade(two_waves().published, tuple(age for age in two_waves().ages if age < 20_000))
    before = [[age for age in online([cascade], 12).ages[0] if age < 36_000] for cascade in (two_waves(), calm)]
    assert before[0] == before[1]


def test_it_is_the_same_every_time() -> None:
    assert online(all_shapes(), 8).ages == online(all_shapes(), 8).ages


def test_a_request_may_show_several_posts() -> None:
    pair = [burst(), silent()]
    moments: list[float] = []

    def page(_: int, moment: float) -> list[tuple[int, int]]:
        moments.append(moment)
        return [(place, cascade.count(moment - cascade.published)) for place, cascade in enumerate(pair)]

    run = online(pair, 5, see=page)
    assert run.requests == len(moments) <= 10
    assert [len(ages) for ages in run.ages] == [len(moments)] * 2


def test_it_goes_where_the_posts_move() -> None:
    quick, dull = online([burst(), two_waves()], 12).ages
    assert len(dull) > len(quick)
    row = measure(all_shapes(), 12)
    assert row.errors["policy"] < row.errors["fixed intervals"]


def test_a_missed_target_is_named_with_its_distance() -> None:
    row = Row(16, 16.0, 1, 20, {"fixed intervals": 1.0, "ladder of ages": 0.6, "ages ∝ k²": 0.44, "policy": 0.42})
    assert misses([row]) == ["16 samples: 0.955 of ages ∝ k², 0.055 over 0.9"]


def test_the_exit_code_means_the_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pages have a test of their own.
    monkeypatch.setattr(sampling, "PAGE_BUDGETS", ())
    file = tmp_path / "cascades.txt"
    file.write_text(text(all_shapes()), encoding="utf-8")
    code = main(["--data", str(file), "--json"])
    document = json.loads(capsys.readouterr().out)
    assert code == (1 if document["missed"] else 0)
    assert document["cascades"] == len(all_shapes())
    assert main(["--data", str(tmp_path / "none.txt")]) == 2


@pytest.mark.parametrize("line", ["1\t2\t3\n", "1\t2\t3\t1\t7:x\n", "1\t2\tsoon\t1\t7:0\n", "1\t2\t3\t0\t\n"])
def test_a_line_that_is_no_cascade_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "cascades.txt"
    file.write_text(text([burst()]) + line, encoding="utf-8")
    with pytest.raises(UnreadableCascadesError, match="line 2"):
        read(file)
