from pathlib import Path

import pytest

from crawler.browsers import NAMES, on_path


def test_the_preferred_one_comes_first_and_what_can_not_be_run_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(on_path()) == []
    for name in reversed(NAMES):
        (tmp_path / name).write_text("#!/bin/sh\n")
    assert list(on_path()) == []
    for name in NAMES[1:]:
        (tmp_path / name).chmod(0o755)
    assert list(on_path()) == [tmp_path / name for name in NAMES[1:]]
