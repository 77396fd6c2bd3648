"""NAB's rules by hand-computed cases, and by detectors that are perfect, silent, or fire at each label."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.benchmarks import nab
from tests.benchmarks.nab_rivals import RIVALS, Rival, SeasonalMedian, WindowedGaussian, with_cool_down
from tests.benchmarks.nab_scoring import PROFILES, LabelledSeries, Sheet, incidents, sigmoid, worths
from tests.benchmarks.nab_series import UnreadableSeriesError, read
from tests.benchmarks.wave_costs import WaveCost

BEGIN = datetime(2015, 2, 26, 21, 42, 53, tzinfo=UTC)
STEP = timedelta(minutes=5)
STANDARD, LOW_FP, LOW_FN = PROFILES


def series(rows: int, *windows: tuple[int, int], name: str = "a") -> LabelledSeries:
    moments = [BEGIN + place * STEP for place in range(rows)]
    labels = [moments[(first + last) // 2] for first, last in windows]
    return LabelledSeries(name, moments, [0.0] * rows, labels, windows)


def firing(one: LabelledSeries, *rows: int) -> list[float]:
    return [1.0 if place in rows else 0.0 for place in range(len(one.moments))]


def sheet(one: LabelledSeries, scores: Sequence[float]) -> Sheet:
    filled = Sheet()
    filled.add(one, scores)
    return filled


def test_positions_are_weighed_by_nabs_sigmoid() -> None:
    assert sigmoid(-1) == pytest.approx(0.98661, abs=1e-5)
    assert sigmoid(-0.5) == pytest.approx(0.84828, abs=1e-5)
    assert sigmoid(0) == 0
    assert sigmoid(1) == pytest.approx(-0.98661, abs=1e-5)
    assert sigmoid(3) == -1


def test_what_an_alert_is_worth_at_each_row() -> None:
    one = series(40, (10, 13), (30, 31))
    worth = worths(one)
    assert worth[9] == (-1.0, None)
    assert worth[10] == (pytest.approx(1.0), 0)
    assert worth[13] == (pytest.approx(sigmoid(-0.25) / sigmoid(-1)), 0)
    assert worth[14] == (pytest.approx(sigmoid(1 / 3)), None)
    assert worth[22] == (-1.0, None)
    assert worth[30] == (pytest.approx(1.0), 1)
    assert worth[32][0] == pytest.approx(sigmoid(1))


def test_the_first_rows_are_never_scored() -> None:
    assert series(100).probation == 15
    assert series(15_902).probation == 750
    one = series(100, (50, 59))
    assert sheet(one, firing(one, 3, 50)).at(1, STANDARD) == pytest.approx(100)


@pytest.mark.parametrize("profile", PROFILES)
def test_perfect_is_100_and_silence_0(profile: nab.Any) -> None:
    one = series(200, (50, 59), (120, 149))
    assert sheet(one, firing(one, 50, 120)).best(profile).score == pytest.approx(100)
    assert sheet(one, firing(one)).at(1, profile) == 0
    assert sheet(one, firing(one, 40)).best(profile).score == 0


def test_a_hit_a_miss_and_false_alerts_by_hand() -> None:
    one = series(200, (50, 59), (120, 149))
    # The earlier of two alerts in the window counts; 61 is two rows past a window ten rows wide, 45 before any.
    scores = firing(one, 45, 52, 55, 61)
    hit = sigmoid(-0.8) / sigmoid(-1)
    false = -1 + sigmoid(2 / 9)
    for profile in PROFILES:
        raw = hit - profile.missed + profile.false_alert * false
        expected = 100 * (raw + 2 * profile.missed) / (2 + 2 * profile.missed)
        assert sheet(one, scores).at(1, profile) == pytest.approx(expected)


def test_one_threshold_serves_all_series_and_is_the_best() -> None:
    one, two = series(200, (50, 59)), series(200, (120, 129), name="b")
    filled = Sheet()
    filled.add(one, [0.7 if place == 50 else 0.6 if place == 100 else 0.0 for place in range(200)])
    filled.add(two, [0.5 if place == 120 else 0.6 if place in (30, 60) else 0.0 for place in range(200)])
    by_hand = {
        0.7: 100 * (1 - 1 + 2) / 4,
        0.6: 100 * (1 - 1 + 0.11 * (-2 + sigmoid(41 / 9)) + 2) / 4,
        0.5: 100 * (2 + 0.11 * (-2 + sigmoid(41 / 9)) + 2) / 4,
    }
    for threshold, score in by_hand.items():
        assert filled.at(threshold, STANDARD) == pytest.approx(score)
    best = filled.best(STANDARD)
    assert (best.score, best.threshold) == (pytest.approx(by_hand[0.5]), 0.5)


def test_false_incidents_are_merged_and_labels_have_two_hours() -> None:
    one = series(2_000, (1_000, 1_100))
    assert one.labels == [one.moments[1_050]]
    rows = (400, 410, 482, 555, 1_000, 1_074)
    found = incidents([(one, firing(one, *rows))], 1)
    # 410 and 482 are six hours apart, 482 and 555 five minutes more; 1,074 is exactly two hours past the label.
    assert (found.false, found.windows_hit, found.labels_hit, found.label_recall) == (2, 1, 1, 1.0)
    assert incidents([(one, firing(one, 1_000, 1_075))], 1).labels_hit == 0
    assert incidents([(one, firing(one, 1_026))], 1).labels_hit == 1


def test_an_alert_that_fires_at_each_label_gets_what_centred_windows_allow(shared: Path) -> None:
    every = read(shared / "nab")
    whole = Sheet()
    for one in every:
        whole.add(one, firing(one, *(one.moments.index(label) for label in one.labels)))
    scores = [whole.best(profile).score for profile in PROFILES]
    # On all ten series it is 93.3, 93.3 and 95.5.
    assert scores[0] == scores[1]
    assert scores == [pytest.approx(score, abs=1.5) for score in (93.3, 93.3, 95.5)]
    assert (
        incidents([(one, firing(one, *(one.moments.index(label) for label in one.labels))) for one in every], 1).false
        == 0
    )


def test_with_a_cool_down_an_alert_beats_the_day_before() -> None:
    one = series(600)
    scores = [0.0] * 600
    scores[10], scores[20], scores[30], scores[10 + 289] = 0.5, 0.4, 0.6, 0.55
    scores[30 + 290] = 0.57
    cooled = with_cool_down(one, scores)
    assert [place for place, score in enumerate(cooled) if score] == [10, 30, 30 + 290]


@pytest.mark.parametrize("make", [WindowedGaussian, SeasonalMedian])
def test_the_others_see_a_spike(make: Callable[[], Rival]) -> None:
    detector = make()
    scores = [detector.score(BEGIN + place * STEP, 10.0 + place % 3) for place in range(600)]
    assert detector.score(BEGIN + 600 * STEP, 1_000.0) > max(scores[300:])


def folder(place: Path, rows: int = 1_200) -> Path:
    (place / "some").mkdir(parents=True)
    for name in ("a", "b"):
        lines = [
            f"{BEGIN + row * STEP:%Y-%m-%d %H:%M:%S},{900 if 801 <= row < 803 else 5 + row % 3}" for row in range(rows)
        ]
        (place / "some" / f"{name}.csv").write_text("\n".join(["timestamp,value", *lines]))
    label = f"{BEGIN + 801 * STEP:%Y-%m-%d %H:%M:%S}"
    window = [f"{BEGIN + row * STEP:%Y-%m-%d %H:%M:%S}.000000" for row in (790, 850)]
    names = ("some/a.csv", "some/b.csv")
    (place / "labels.json").write_text(json.dumps({name: [label] for name in names}))
    (place / "windows.json").write_text(json.dumps({name: [window] for name in names}))
    return place


def test_a_folder_of_any_number_of_series_is_read_and_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # river takes seconds to load.
    own = {name: make for name, make in RIVALS.items() if "river" not in name}
    monkeypatch.setattr(nab, "RIVALS", own)
    place = folder(tmp_path)
    assert [one.name for one in read(place)] == ["some/a.csv", "some/b.csv"]
    code = nab.main(["--data", str(place), "--json"])
    figures = json.loads(capsys.readouterr().out)
    assert code == (1 if figures["missed"] else 0) == 0
    assert figures["series"] == 2
    assert figures["standard"] > 90 and figures["label_recall"] == 1
    assert {"low_fp", "low_fn", "false_incidents"} < figures.keys()
    assert len(figures["detectors"]) == 1 + 2 * len(own)
    monkeypatch.setattr(nab, "measure", lambda: WaveCost(100, 30.4, 4_321, 1_234))
    assert nab.main(["--data", str(place), "--cost"]) == 0
    *_, cost, result = capsys.readouterr().out.splitlines()
    assert cost.startswith("waves: 30 µs of CPU a sample") and "4,321 bytes an account" in cost
    assert result.endswith("every target reached")


def test_missed_targets_are_named() -> None:
    at = incidents([(one := series(100, (50, 59)), firing(one, 54))], 1)
    good = nab.Figures("ours", 85.0, 80.0, 90.0, replace(at, false=7), 1.0, 1)
    assert nab.misses(good, 2) == []
    bad = nab.Figures("ours", 81.9, 80.0, 90.0, replace(at, false=8, labels_hit=0), 1.0, 1)
    assert nab.misses(bad, 2) == [
        "standard 81.9, below 82",
        "8 false incidents, over 7.9",
        "label recall 0.00, below 0.8",
    ]


def test_what_is_wrong_with_a_folder_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said() -> str:
        assert nab.main(["--data", str(tmp_path / "nab")]) == 2
        return capsys.readouterr().err

    assert "holds no series" in said()
    place = folder(tmp_path / "nab")
    labels = json.loads((place / "labels.json").read_text())
    (place / "labels.json").write_text(json.dumps({"some/a.csv": labels["some/a.csv"]}))
    assert "labels.json says nothing of some/b.csv" in said()
    (place / "labels.json").write_text(json.dumps({**labels, "some/b.csv": ["2015-01-01 00:00:00 or so"]}))
    assert "a label or window of some/b.csv is no moment" in said()
    (place / "labels.json").write_text("{")
    assert "labels.json can't be read" in said()
    (place / "labels.json").unlink()
    assert "labels.json can't be read" in said()
    (place / "labels.json").write_text(json.dumps(labels))
    (place / "some" / "a.csv").write_text("timestamp,value\n2015-02-26 21:42:53,many\n")
    assert "a.csv, line 2 is not a timestamp and a value" in said()


def test_without_a_second_series_nothing_can_be_left_out() -> None:
    one = series(100, (50, 59))
    assert math.isnan(nab.firmness([one], [firing(one, 50)]).left_out)


def test_windows_that_are_no_rows_are_refused(tmp_path: Path) -> None:
    place = folder(tmp_path)
    windows = json.loads((place / "windows.json").read_text())
    windows["some/a.csv"][0][0] = "2014-01-01 00:00:00"
    (place / "windows.json").write_text(json.dumps(windows))
    with pytest.raises(UnreadableSeriesError, match=r"a label or window of some/a\.csv"):
        read(place)
