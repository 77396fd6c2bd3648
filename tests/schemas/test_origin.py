from pathlib import Path

import pytest

from schemas.origin import OriginError, claim, clock_file_of, recorded, source_of
from schemas.settings import Origin, Settings


def settings(home: Path, origin: Origin | None = None) -> Settings:
    return Settings(home=home, origin=origin)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEIPLOMACY_HOME", "WEIPLOMACY_ORIGIN"):
        monkeypatch.delenv(name, raising=False)


def test_a_new_folder_is_live_unless_told_otherwise(tmp_path: Path) -> None:
    assert recorded(tmp_path / "one") is None
    assert claim(settings(tmp_path / "one")) == "live"
    assert recorded(tmp_path / "one") == "live"
    assert claim(settings(tmp_path / "two", "replica")) == "replica"
    assert claim(settings(tmp_path / "three", "live"), wanted="replica") == "replica"


def test_what_a_folder_holds_is_the_default_from_then_on(tmp_path: Path) -> None:
    claim(settings(tmp_path), wanted="replica")
    assert claim(settings(tmp_path)) == "replica"
    assert claim(settings(tmp_path, "replica")) == "replica"


@pytest.mark.parametrize(("held", "other"), [("live", "replica"), ("replica", "live")])
def test_a_folder_refuses_the_other_origin_and_keeps_its_own(tmp_path: Path, held: Origin, other: Origin) -> None:
    claim(settings(tmp_path), wanted=held)
    for attempt in (lambda: claim(settings(tmp_path, other)), lambda: claim(settings(tmp_path), wanted=other)):
        with pytest.raises(OriginError, match="WEIPLOMACY_HOME"):
            attempt()
    assert recorded(tmp_path) == held


@pytest.mark.parametrize("mark", [b"", b"elsewhere\n", b"\xff"])
def test_a_broken_mark_is_named_and_not_overwritten(tmp_path: Path, mark: bytes) -> None:
    (tmp_path / "origin").write_bytes(mark)
    with pytest.raises(OriginError, match=str(tmp_path)):
        claim(settings(tmp_path))
    assert (tmp_path / "origin").read_bytes() == mark


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OriginError, match="state folder"):
        claim(settings(tmp_path / "file" / "home"))


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "origin.partial").mkdir()
    with pytest.raises(OriginError, match="can't be written"):
        claim(settings(tmp_path))
    assert recorded(tmp_path) is None


def test_an_origin_is_a_source() -> None:
    assert source_of("live") == "urn:weiplomacy:live"
    assert source_of("replica") == "urn:weiplomacy:replica"


def test_data_of_the_replica_are_dated_by_its_clock(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    assert clock_file_of(home) is None
    claim(home, "replica")
    assert clock_file_of(home) is None, "there is none yet"
    (tmp_path / "clock.json").write_text("{}")
    assert clock_file_of(home) == tmp_path / "clock.json"
    own = home.model_copy(update={"clock_file": tmp_path / "own.json"})
    assert clock_file_of(own) == tmp_path / "own.json"


def test_data_of_the_live_site_are_dated_by_the_machine(tmp_path: Path) -> None:
    claim(Settings(home=tmp_path), "live")
    (tmp_path / "clock.json").write_text("{}")
    assert clock_file_of(Settings(home=tmp_path)) is None
