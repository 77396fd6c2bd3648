import json
from pathlib import Path

import pytest

from deploy.replica.episodes import CONDOLENCES
from tests.benchmarks import post_cascades, posts
from tests.benchmarks.post_scenarios import LIST, Plan
from tests.benchmarks.sampling import Cascade


def small_cascades(file: Path) -> Path:
    """Eleven posts of about 30 reposts, and one of 900, all within some hours."""
    lines = []
    for post in range(12):
        count = 900 if post == 11 else 24 + post
        paths = " ".join(f"1/2:{int(12_000 * (place / count) ** 2)}" for place in range(count))
        lines.append(f"{post}\t1\t{1464739201 + 600 * post}\t{count}\t{paths}\n")
    file.write_text("".join(lines))
    return file


def test_a_small_run_prints_every_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posts, "CASCADE_SEEDS", 1)
    data = small_cascades(tmp_path / "cascades.txt")
    arguments = ["--data", str(data), "--seeds", "301", "--days", "6,1,5", "--accounts", "4"]
    code = posts.main([*arguments, "--json"])
    found = json.loads(capsys.readouterr().out)
    missed = [one["missed"] for name, one in found.items() if name != "days"]
    assert code == int(any(missed))
    assert found["scenarios"]["of"] > 0
    assert set(found["false alerts"]["sizes"]) == {"1.5", "2", "3", "5", "10"}
    assert found["cost"]["samples"] > 4_000
    assert 0 < found["cost"]["bytes_a_post"] < 300
    for way in ("among posts up to the median", "among all that are no hits"):
        assert (found["cascades"][way]["found"], found["cascades"][way]["false"]) == (1, 0)


def test_no_data_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert posts.main(["--data", str(tmp_path / "none")]) == 2
    assert "name a file with --data" in capsys.readouterr().err


def test_of_many_cascades_some_are_the_peers() -> None:
    cascade = Cascade(0.0, (0.0, 60.0))
    assert post_cascades.peers_of([cascade] * 5) == [cascade] * 5
    assert len(post_cascades.peers_of([cascade] * 2_500)) == 2_000


def test_hits_of_cascades_have_their_onset_where_they_pass_nine_tenths() -> None:
    """Nine cascades of 1 to 9 reposts in ten minutes, and a slow one of 20 that passes the largest at its tenth."""
    plain = [Cascade(0.0, tuple(600.0 * place / count for place in range(1, count + 1))) for count in range(1, 10)]
    hit = Cascade(0.0, tuple(120.0 * place for place in range(1, 21)))
    assert post_cascades.hits_of([*plain, hit]) == {9: 1_200.0}


def test_the_accounts_in_mourning_are_in_the_list() -> None:
    codes = LIST.read_text(encoding="utf-8")
    assert all(f",{code}," in codes for code in CONDOLENCES)
    assert Plan().effects_from < min(CONDOLENCES.values()) < max(CONDOLENCES.values()) < Plan().end
