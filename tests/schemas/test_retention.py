"""How long rows are kept: from settings to TTLs, and the TTLs of real tables, those of columns beside them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from schemas import retention
from schemas.errors import SettingsError
from schemas.retention import Change, NoVolumeError, clause_of, days_kept, differences, require_volume, wanted
from schemas.settings import Retention, Settings, load

NOTHING = dict.fromkeys(retention.TABLES, "")
KEPT = "toDateTime(ingested_at) + toIntervalDay(100)"
MOVED = "toDateTime(ingested_at) + toIntervalDay(50) TO VOLUME 'cold'"


def test_without_settings_everything_is_kept_for_ever() -> None:
    assert wanted(Retention()) == NOTHING


def test_each_setting_says_how_long_its_tables_are_kept() -> None:
    for setting, tables in {
        "samples_days": {"engagement_samples"},
        "comments_days": {"comment_versions", "repost_versions"},
        "receipts_days": {"receipts", "lane_changes"},
        "dead_letters_days": {"dead_letters"},
    }.items():
        found = wanted(Retention.model_validate({setting: 100}))
        assert found == {**NOTHING, **dict.fromkeys(tables, KEPT)}


def test_what_is_parted_by_month_may_move_before_it_goes() -> None:
    found = wanted(Retention(samples_days=100, cold_after_days=50, cold_volume="cold"))
    assert found == {**NOTHING, "engagement_samples": f"{KEPT}, {MOVED}", "account_snapshots": MOVED}


def test_the_tables_own_clause_is_found_in_what_the_engine_says() -> None:
    engine = "MergeTree PARTITION BY toYYYYMM(observed_at) ORDER BY (account_id, observed_at){} SETTINGS a = 1"
    assert clause_of(engine.format("")) == ""
    assert clause_of(engine.format(f" TTL {KEPT}, {MOVED}")) == f"{KEPT}, {MOVED}"
    assert clause_of(f"MergeTree ORDER BY a TTL {KEPT}") == KEPT
    assert [days_kept(clause) for clause in ("", MOVED, KEPT, f"{KEPT}, {MOVED}")] == [None, None, 100, 100]


def test_only_differences_are_altered_and_only_tables_that_are_there() -> None:
    changes = differences(
        {"one": KEPT, "two": KEPT, "three": "", "four": KEPT}, {"one": KEPT, "two": "", "three": MOVED}
    )
    assert changes == (Change("two", "", KEPT), Change("three", MOVED, ""))
    assert [change.sql for change in changes] == [
        f"ALTER TABLE weibo_store.two MODIFY TTL {KEPT}",
        "ALTER TABLE weibo_store.three REMOVE TTL",
    ]
    assert [change.says for change in changes] == ["kept for 100 days", "kept for ever"]


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("samples_days = 59", r"retention\.samples_days is wrong: .* derived from these rows for 60 days"),
        ("receipts_days = 30", r"retention\.receipts_days is wrong: .* 60 or more, or leave it out"),
        ("comments_days = 0", r"retention\.comments_days is wrong"),
        ("samples_days = 1000000", r"retention\.samples_days is wrong"),
        ("cold_after_days = 100", "cold_after_days and cold_volume belong together"),
        ('cold_volume = "cold"', "cold_after_days and cold_volume belong together"),
        ('samples_days = 90\ncold_after_days = 90\ncold_volume = "cold"', "there are no samples to move"),
        ('cold_after_days = 9\ncold_volume = "co\'ld"', r"retention\.cold_volume is wrong"),
        ("posts_days = 90", r"retention\.posts_days is not a setting"),
    ],
)
def test_what_can_not_be_is_refused_with_its_reason(
    section: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("weiplomacy.toml").write_text(f"[retention]\n{section}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=says):
        load()


def test_a_volume_that_a_table_does_not_have_is_named() -> None:
    volumes = [("default", "default"), ("tiered", "hot"), ("tiered", "cold")]
    require_volume("cold", {"engagement_samples": "tiered", "dead_letters": "default"}, volumes)
    with pytest.raises(NoVolumeError, match=r"account_snapshots has the storage policy 'default' with the volumes def"):
        require_volume("cold", {"engagement_samples": "tiered", "account_snapshots": "default"}, volumes)


def having(settings: Settings, **days: Any) -> Settings:
    return settings.model_copy(update={"retention": Retention.model_validate(days)})


def definitions(client: Client) -> dict[str, str]:
    rows = client.query("SELECT name, create_table_query FROM system.tables WHERE database = 'weibo_store'").result_rows
    return dict(rows)


@pytest.mark.stack
def test_tables_get_what_the_settings_say_once_and_are_as_before_without(migrated: tuple[Client, Settings]) -> None:
    client, settings = migrated
    before = definitions(client)
    assert "TTL" in before["engagement_samples"], "columns have TTLs of their own"
    days = {"samples_days": 100, "comments_days": 30, "receipts_days": 400, "dead_letters_days": 7}
    assert {change.table for change in retention.apply(client, having(settings, **days))} == set(retention.DELETED)
    assert retention.apply(client, having(settings, **days)) == ()
    (change,) = retention.apply(client, having(settings, **{**days, "samples_days": 90}))
    assert (change.table, days_kept(change.before), days_kept(change.after)) == ("engagement_samples", 100, 90)
    with_days = definitions(client)
    assert with_days["engagement_samples"].count(" TTL ") == before["engagement_samples"].count(" TTL ") + 1
    assert len(retention.apply(client, settings)) == len(retention.DELETED)
    assert definitions(client) == before


@pytest.mark.stack
def test_rows_go_when_they_were_loaded_long_enough_ago_whatever_they_say(migrated: tuple[Client, Settings]) -> None:
    client, settings = migrated
    client.command(
        "INSERT INTO weibo_store.engagement_samples (account_id, post_id, observed_at, batch_first, ingested_at) "
        "SELECT 'a', number, toDateTime64('2017-01-01 00:00:00', 3, 'UTC'), 7, now64(3) - toIntervalDay(number) "
        "FROM numbers(200)"
    )
    retention.apply(client, having(settings, samples_days=100))
    client.command("OPTIMIZE TABLE weibo_store.engagement_samples FINAL")
    held = "SELECT count(), max(post_id), countIf(batch_first = 0) FROM weibo_store.engagement_samples"
    assert client.query(held).result_rows == [(100, 99, 70)]


@pytest.mark.stack
def test_one_disk_has_no_cold_volume_and_nothing_is_altered(migrated: tuple[Client, Settings]) -> None:
    client, settings = migrated
    before = definitions(client)
    with pytest.raises(NoVolumeError, match=r"cold_volume is 'cold', and weibo_store\.\w+ has the storage policy 'de"):
        retention.apply(client, having(settings, comments_days=9, cold_after_days=50, cold_volume="cold"))
    assert definitions(client) == before


TIERED = """
import sys
import chdb
from schemas.retention import Change, clause_of
folder, clause = sys.argv[1:]
engine = chdb.connect(f"{folder}/db?config-file={folder}/config.xml")
engine.query("CREATE DATABASE weibo_store ENGINE = Atomic")
engine.query(
    "CREATE TABLE weibo_store.t (n UInt8, ingested_at DateTime64(3, 'UTC')) ENGINE = MergeTree "
    "PARTITION BY toYYYYMM(ingested_at) ORDER BY n SETTINGS storage_policy = 'tiered'"
)
engine.query("INSERT INTO weibo_store.t SELECT number, now64(3) - toIntervalDay(number * 70) FROM numbers(3)")
engine.query(Change("t", "", clause).sql)
engine.query("OPTIMIZE TABLE weibo_store.t FINAL")
said = str(engine.query("SELECT engine_full FROM system.tables WHERE name = 't'", "TSVRaw")).strip()
parts = "SELECT disk_name, sum(rows) FROM system.parts WHERE active AND rows > 0 GROUP BY 1 ORDER BY 1"
disks = str(engine.query(parts))
print(clause_of(said) == clause, disks.split())
"""


@pytest.mark.stack
def test_with_a_storage_policy_months_move_and_go(tmp_path: Path) -> None:
    disk = f"<cold><type>local</type><path>{tmp_path}/slow/</path></cold>"
    hot, cold = "<hot><disk>default</disk></hot>", "<cold><disk>cold</disk></cold>"
    policy = f"<tiered><volumes>{hot}{cold}</volumes></tiered>"
    (tmp_path / "config.xml").write_text(
        f"<clickhouse><storage_configuration><disks>{disk}</disks><policies>{policy}</policies>"
        "</storage_configuration></clickhouse>"
    )
    arguments = [sys.executable, "-c", TIERED, str(tmp_path), f"{KEPT}, {MOVED}"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.splitlines()[-1:] == ["""True ['"cold",1', '"default",1']"""], done.stderr[-2_000:]
