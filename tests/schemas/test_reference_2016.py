import csv
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from schemas.account_lists import read
from schemas.counts import Count, Precision
from schemas.reference_2016 import OBSERVED_AT, snapshots
from schemas.registry import BASE_LIST

SNAPSHOTS = snapshots()
BY_ID = {snapshot.account_id: snapshot for snapshot in SNAPSHOTS}


def test_all_48_accounts_of_the_registry_are_there_once() -> None:
    assert [snapshot.account_id for snapshot in SNAPSHOTS] == [account.id for account in read(BASE_LIST)]
    assert len({snapshot.event_id for snapshot in SNAPSHOTS}) == 48


def test_importing_again_makes_the_same_events() -> None:
    assert snapshots() == SNAPSHOTS


def test_the_day_is_the_last_of_2016_in_beijing_and_in_utc() -> None:
    assert OBSERVED_AT.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat() == "2016-12-31"
    assert OBSERVED_AT.astimezone(UTC).date().isoformat() == "2016-12-31"
    assert {snapshot.observed_at for snapshot in SNAPSHOTS} == {OBSERVED_AT}
    assert datetime(2016, 12, 31, 16, tzinfo=UTC) > OBSERVED_AT


def test_a_plus_is_a_lower_bound_and_the_rest_is_exact() -> None:
    assert BY_ID["il-embassy"].followers == 1_913_384
    assert BY_ID["ca-embassy"].followers == Count(
        value=1_131_700, low=1_131_700, high=None, precision=Precision.LOWER_BOUND, raw="1131700+"
    )
    assert sum(isinstance(snapshot.followers, int) for snapshot in SNAPSHOTS) == 5


def test_posts_in_all_are_there_where_known() -> None:
    known = {snapshot.account_id: snapshot.posts for snapshot in SNAPSHOTS if snapshot.posts is not None}
    about_75 = Count(value=75, low=70, high=80, precision=Precision.ROUNDED, raw="about 75")
    assert known == {"il-embassy": 3_590, "ca-embassy": 6_979, "mc-embassy": about_75}


def test_the_printed_ranks_are_1_to_47_and_the_delegation_has_none() -> None:
    assert [snapshot.printed_rank for snapshot in SNAPSHOTS] == [*range(1, 48), None]
    assert SNAPSHOTS[-1].account_id == "eu-delegation"


def test_who_is_not_verified() -> None:
    assert {snapshot.account_id for snapshot in SNAPSHOTS if not snapshot.verified} == {
        "ir-embassy",
        "eg-embassy",
        "ee-embassy",
        "id-embassy",
    }


def test_every_figure_is_that_of_the_collected_list(shared: Path) -> None:
    with (shared / "weibo" / "embassies_2016.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    countries = {account.id: account.country_code for account in read(BASE_LIST)}
    assert len(rows) == len(SNAPSHOTS)
    for row, snapshot in zip(rows, SNAPSHOTS, strict=True):
        followers = snapshot.followers
        assert countries[snapshot.account_id] == row["country_code"]
        assert snapshot.screen_name == row["screen_name"]
        assert (followers.value if isinstance(followers, Count) else followers) == int(row["followers_2016"])
        assert isinstance(followers, Count) is (row["followers_is_lower_bound"] == "true")
        assert snapshot.verified is (row["verified"] == "true")
        assert (snapshot.printed_rank or "") == (int(row["rank_2016"]) if row["rank_2016"] else "")
        assert (snapshot.uid, snapshot.via) == (None, "import")
        assert "What's on Weibo" in (snapshot.source or "")
