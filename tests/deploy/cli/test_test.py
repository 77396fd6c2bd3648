"""`weiplomacy test`: what is run, and when it is not green."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from deploy.cli.test import ABSENT, CRAWLING, Outcome, Step, results, run, run_all, skips, steps, total, verdict

STEP = Step("all", ("true",), counts=True)


def outcome(code: int = 0, **skipped: int) -> Outcome:
    return Outcome(
        STEP, code, 1.0, "1 passed", Counter(), Counter({reason.replace("_", " "): n for reason, n in skipped.items()})
    )


def test_the_stack_runs_in_one_zone_only() -> None:
    tests = [step for step in steps() if step.counts]
    assert [step.zone for step in tests] == ["Asia/Shanghai", "America/New_York", "UTC", "UTC"]
    assert [step.command[step.command.index("-q") + 2] for step in tests] == [
        "not stack",
        "not stack",
        "stack",
        "stack",
    ]
    assert [step.repeats for step in tests] == [False, True, False, False]
    assert [step.lane for step in tests] == ["fast", "fast", "crawl", "others"]


def test_every_test_of_the_stack_runs_once() -> None:
    one, other = [step for step in steps() if step.counts and step.zone == "UTC"]
    assert one.command[-len(CRAWLING) :] == CRAWLING
    assert other.command[-len(CRAWLING) :] == tuple(f"--ignore={folder}" for folder in CRAWLING)
    assert all((Path(__file__).parents[3] / folder).is_dir() for folder in CRAWLING)


def test_green_when_nothing_failed() -> None:
    assert verdict([outcome(), outcome(no_browser=2)], shared_is_here=True) == []


def test_a_failed_step_is_named() -> None:
    assert verdict([outcome(), outcome(1)], shared_is_here=False) == ["all: failed (exit code 1)"]


def test_recordings_that_are_here_and_were_not_found_are_a_failure() -> None:
    skipped = Outcome(STEP, 0, 1.0, "", Counter(), Counter({f"{ABSENT}: /x": 3}))
    assert len(verdict([skipped], shared_is_here=True)) == 1
    assert verdict([skipped], shared_is_here=False) == []


def test_pytest_is_run_in_its_zone_without_the_operators_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WEIPLOMACY_ORIGIN", "live")
    (tmp_path / "test_x.py").write_text(
        "import os, pytest\n"
        "def test_zone(): assert os.environ['TZ'] == 'Asia/Shanghai' and 'WEIPLOMACY_ORIGIN' not in os.environ\n"
        "def test_skips(): pytest.skip('for a reason')\n"
    )
    step = Step("x", (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."), "Asia/Shanghai", True)
    done = run(step, tmp_path)
    assert done.code == 0
    assert done.closing.startswith("1 passed, 1 skipped in ")
    assert done.skipped == Counter({"for a reason": 1})
    assert (done.counts["passed"], done.counts["skipped"]) == (1, 1)
    assert done.closing in capfd.readouterr().out


def test_steps_beside_each_other_overlap_and_are_shown_one_after_the_other(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def meets(mine: str, other: str) -> Step:
        """Ends only when the other one has begun, after a line of its own."""
        code = (
            "import pathlib, time, sys\n"
            f"print('{mine}', flush=True); pathlib.Path('{tmp_path / mine}').touch()\n"
            f"while not pathlib.Path('{tmp_path / other}').exists(): time.sleep(0.01)\n"
            f"print('{mine}'); sys.exit(3)"
        )
        return Step(mine, (sys.executable, "-c", code), beside="both")

    outcomes = run_all([meets("one", "two"), meets("two", "one"), Step("three", ("echo", "three"))])
    assert [(outcome.step.name, outcome.code) for outcome in outcomes] == [("one", 3), ("two", 3), ("three", 0)]
    assert sorted(capfd.readouterr().out.split("== ")) == sorted(
        ["", "one\none\none\n", "two\ntwo\ntwo\n", "three\nthree\n"]
    )


def test_steps_of_one_lane_run_one_after_the_other_beside_another_lane(tmp_path: Path) -> None:
    def step(name: str, lane: str, waits_for: str) -> Step:
        code = (
            "import pathlib, time\n"
            f"while not pathlib.Path('{tmp_path}/{waits_for}').exists(): time.sleep(0.01)\n"
            f"pathlib.Path('{tmp_path}/{name}').touch()"
        )
        return Step(name, (sys.executable, "-c", code), beside="both", lane=lane)

    (tmp_path / "begin").touch()
    # The second of the first lane is what the other lane waits for, which the third waits for in turn.
    lanes = [step("a1", "a", "begin"), step("a2", "a", "a1"), step("b1", "b", "a2"), step("a3", "a", "b1")]
    assert [(outcome.step.name, outcome.code) for outcome in run_all(lanes)] == [
        (name, 0) for name in ("a1", "a2", "b1", "a3")
    ]


def test_skips_are_counted_by_reason(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase><skipped message="a"/></testcase><testcase/>'
        '<testcase><skipped message="a"/></testcase><testcase><skipped message="b"/></testcase>'
        "</testsuite></testsuites>"
    )
    assert skips(report) == Counter(a=2, b=1)


def test_results_are_counted_once_per_test(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite><testcase/><testcase/><testcase><failure/><error/></testcase>"
        "<testcase><error/></testcase><testcase><skipped/></testcase></testsuite></testsuites>"
    )
    assert results(report) == Counter(passed=2, failed=2, skipped=1)


def test_the_last_line_counts_each_test_once_and_every_failure() -> None:
    again = Step("x", ("true",), "America/New_York", counts=True, repeats=True)
    zone = Outcome(again, 1, 1.0, "", Counter(passed=4, failed=1), Counter())
    everything = Outcome(STEP, 0, 1.0, "", Counter(passed=7, skipped=2), Counter())
    rest = Outcome(STEP, 0, 1.0, "", Counter(passed=3), Counter())
    assert total([zone, everything, rest]) == "10 passed, 1 failed, 2 skipped"
