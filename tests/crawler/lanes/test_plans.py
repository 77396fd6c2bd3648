"""The lanes that settings ask for."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.lanes.budget import Rate
from crawler.lanes.plans import ca_files, lane_named, names, plans_of
from schemas.errors import SettingsError
from schemas.settings import Crawl, Lane, Settings


def settings(home: Path, **crawl: Any) -> Settings:
    return Settings(home=home, crawl=Crawl.model_validate(crawl))


def test_the_default_is_one_careful_guest(tmp_path: Path) -> None:
    (guest,) = plans_of(settings(tmp_path, egress_proxy="http://127.0.0.1:7"))
    assert (guest.name, guest.egress_proxy, guest.profile) == ("guest", "http://127.0.0.1:7", None)
    assert guest.concurrent_requests == guest.concurrent_pages == 1
    assert guest.budget.delay == timedelta(seconds=5)
    assert guest.budget.government_factor == 3


def test_lanes_say_what_differs_and_a_share_scales_them(tmp_path: Path) -> None:
    lanes = (Lane(name="a", delay_s=8), Lane(name="b", egress_proxy="http://h:1", requests_per_day=10))
    crawl = Crawl(lanes=lanes, share=0.5, egress_proxy="http://h:0", egress_ca_file=Path("x.pem"))
    a, b = plans_of(Settings(home=tmp_path, crawl=crawl))
    assert (a.egress_proxy, b.egress_proxy) == ("http://h:0", "http://h:1")
    assert (a.budget.delay, b.budget.delay) == (timedelta(seconds=16), timedelta(seconds=10))
    assert b.budget.per_day == Rate(5, timedelta(days=1))
    assert names(crawl) == ("a", "b")
    assert ca_files(crawl) == (Path("x.pem"),)


@pytest.mark.parametrize("crawl", [{"delay_s": 0}, {"lanes": [{"name": "quick", "delay_s": 0}]}])
def test_no_delay_on_the_live_site_must_be_meant(tmp_path: Path, crawl: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"has a delay of 0 on the live site: .* crawl\.hurry = true"):
        plans_of(settings(tmp_path, **crawl))
    assert plans_of(settings(tmp_path, **crawl, hurry=True))
    (tmp_path / "origin").write_text("replica")
    assert plans_of(settings(tmp_path, **crawl))


def test_a_profile_must_be_there_and_one_of_the_state_folder_is_found(tmp_path: Path) -> None:
    missing = [{"name": "mine", "login_profile": str(tmp_path / "nowhere")}]
    with pytest.raises(SettingsError, match=r"nowhere of the lane mine is not there: `weiplomacy crawl login --lane"):
        plans_of(settings(tmp_path, lanes=missing))
    (tmp_path / "profiles" / "guest").mkdir(parents=True)
    (guest,) = plans_of(settings(tmp_path))
    assert guest.profile == tmp_path / "profiles" / "guest"


def test_lanes_are_found_by_name(tmp_path: Path) -> None:
    assert lane_named(settings(tmp_path), None).name == "guest"
    two = settings(tmp_path, lanes=[{"name": "a"}, {"name": "b"}])
    assert lane_named(two, "b").name == "b"
    with pytest.raises(SettingsError, match=r"which lane\?: the settings know a, b"):
        lane_named(two, None)
    with pytest.raises(SettingsError, match="there is no lane 'c'"):
        lane_named(two, "c")
