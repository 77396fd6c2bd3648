"""Workers of one state folder: one name each, and shares of an address that add up to one."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.lanes.plans import LanePlan
from crawler.lanes.workers import FOLDER, WorkersError, at_work
from tests.crawler.lanes.hands import Hands, lane


def by(*proxies: str | None) -> list[LanePlan]:
    return [replace(lane("guest", Hands()).plan, egress_proxy=proxy) for proxy in proxies]


def test_a_name_belongs_to_one_worker_as_long_as_it_crawls(tmp_path: Path) -> None:
    with (
        at_work(tmp_path, "1", 1, by(None)),
        pytest.raises(WorkersError, match=r"the worker 1 of this state folder crawls already: .*crawl\.instance"),
        at_work(tmp_path, "1", 1, by(None)),
    ):
        pass
    with at_work(tmp_path, "1", 1, by(None)):
        pass


def test_two_workers_on_one_address_have_explicit_shares(tmp_path: Path) -> None:
    with at_work(tmp_path, "1", 0.5, by(None)), at_work(tmp_path, "2", 0.5, by(None, "http://10.0.0.7:1")):
        for share, ways, through in (
            (0.1, by(None), "the workers 1, 2, 3 go out by this machine's own address, .* add up to 1.1"),
            (1, by("http://10.0.0.7:1"), r"the workers 2, 3 go out by the proxy http://10\.0\.0\.7:1, .* to 1\.5"),
        ):
            with pytest.raises(WorkersError, match=through), at_work(tmp_path, "3", share, ways):
                pass
        # What was refused left nothing behind, and another address is another matter.
        with at_work(tmp_path, "3", 1, by("http://10.0.0.8:1")):
            pass
    with at_work(tmp_path, "3", 1, by(None)):
        pass


def test_three_thirds_are_one(tmp_path: Path) -> None:
    with (
        at_work(tmp_path, "a", 0.3334, by(None)),
        at_work(tmp_path, "b", 0.3333, by(None)),
        at_work(tmp_path, "c", 1 / 3, by(None)),
    ):
        pass


def test_who_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    code = (
        "import os\n"
        "from crawler.lanes.plans import plans_of\n"
        "from crawler.lanes.workers import at_work\n"
        "from schemas.settings import Settings\n"
        "from pathlib import Path\n"
        f"with at_work(Path({str(tmp_path)!r}), '1', 1.0, plans_of(Settings(home=Path('.')))):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert len(list((tmp_path / FOLDER).glob("*/1@1.0"))) == 1
    with at_work(tmp_path, "2", 1, by(None)), at_work(tmp_path, "1", 1, by("http://10.0.0.7:1")):
        pass


def test_a_folder_that_can_not_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    refusal = pytest.raises(WorkersError, match=r"the files of the workers in .* can't be made: ")
    with refusal, at_work(tmp_path, "1", 1, by(None)):
        pass
