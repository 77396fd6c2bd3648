"""Starting a spider: its command line, its environment, and the way to the replica."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from crawler.run import CrawlError, Order, Progress, environment, run, toward
from schemas.errors import SettingsError
from schemas.settings import ClickHouse, Crawl, Kafka, Lane, Settings, load


def test_a_process_reads_exactly_the_settings_that_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Settings(
        home=tmp_path,
        origin="replica",
        clock_file=tmp_path / "clock.json",
        kafka=Kafka(bootstrap_servers="a:1,b:2", page_deadline_s=3.5),
        clickhouse=ClickHouse(password=SecretStr("p")),
        crawl=Crawl(
            obey_robots=False,
            egress_proxy="http://127.0.0.1:9",
            delay_s=0,
            lanes=(
                Lane(name="one", egress_proxy="http://127.0.0.1:8", egress_ca_file=tmp_path / "ca.pem", delay_s=7.5),
                Lane(name="two", requests_per_day=100, login_profile=tmp_path / "profile"),
            ),
        ),
    )
    for name, value in environment(given).items():
        monkeypatch.setenv(name, value)
    assert load() == given


def test_settings_of_the_environment_that_were_overridden_do_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    monkeypatch.setenv("WEIPLOMACY_CRAWL__EGRESS_PROXY", "http://127.0.0.1:7")
    assert "WEIPLOMACY_CRAWL__EGRESS_PROXY" not in environment(settings)


def test_the_command_line_is_that_of_scrapy(tmp_path: Path) -> None:
    order = Order("embassy", {"accounts": "a,b"}, {"LOG_LEVEL": "DEBUG"}, tmp_path / "x")
    command = order.command(tmp_path / "p")
    assert command[2:5] == ["scrapy", "crawl", "embassy"]
    assert command[-6:] == ["-s", "LOG_LEVEL=DEBUG", "-a", "accounts=a,b", "-O", f"{tmp_path / 'x'}:jsonl"]


def test_events_go_to_kafka_or_into_a_file_and_never_nowhere(tmp_path: Path) -> None:
    assert "KAFKA_ENABLED=True" in Order("embassy").command(tmp_path / "p")
    assert "KAFKA_ENABLED=False" in Order("embassy", feed=tmp_path / "x").command(tmp_path / "p")


def test_the_live_site_is_the_default(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert toward(settings) == settings


def test_a_state_folder_of_the_replica_leads_to_the_replica(tmp_path: Path) -> None:
    (tmp_path / "origin").write_text("replica\n")
    (tmp_path / "clock.json").write_text("{}")
    settings = toward(Settings(home=tmp_path, crawl=Crawl(concurrent_pages=3)))
    assert settings.origin == "replica"
    assert settings.crawl.egress_proxy == "http://127.0.0.1:8898"
    assert settings.crawl.egress_ca_file == tmp_path / "replica" / "ca.pem"
    assert settings.clock_file == tmp_path / "clock.json"
    assert settings.crawl.delay_s == 0
    assert settings.crawl.government_factor == 1
    assert settings.crawl.requests_per_minute > 10**6
    assert settings.crawl.concurrent_pages == 3


def test_a_way_to_the_replica_that_is_set_stays(tmp_path: Path) -> None:
    crawl = Crawl(egress_proxy="http://127.0.0.1:7", egress_ca_file=tmp_path / "x.pem", delay_s=1.0)
    settings = toward(Settings(home=tmp_path, origin="replica", crawl=crawl))
    assert settings.crawl.egress_proxy == "http://127.0.0.1:7"
    assert settings.crawl.egress_ca_file == tmp_path / "x.pem"
    assert settings.crawl.delay_s == 1.0


def test_a_run_that_contradicts_its_settings_does_not_begin(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, crawl=Crawl(delay_s=0))
    with pytest.raises(SettingsError, match="a delay of 0 on the live site"):
        run(settings, Order("embassy", feed=tmp_path / "feed"))
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_all_of_its_receipts_is_not_complete() -> None:
    assert Progress(accounts=0, ended=True).complete
    assert not Progress(accounts=1, ended=True).complete
    assert not Progress(accounts=0, ended=False).complete
    assert not Progress(accounts=0, ended=True, refused="no Kafka").complete


def nameless(tmp_path: Path, home: Path) -> Settings:
    """Settings with one account that nothing can be asked about: a visit to it is a receipt and no request."""
    accounts = tmp_path / "accounts.toml"
    accounts.write_text('[[account]]\nid = "nameless"\nscreen_name = "某大使馆"\n', encoding="utf-8")
    return Settings(home=home, crawl=Crawl(accounts_file=accounts))


def test_a_feed_of_any_name_is_written(tmp_path: Path) -> None:
    feed = tmp_path / "new" / "50% of it: 大使馆.jsonl"
    progress = run(nameless(tmp_path, tmp_path / "home"), Order("embassy", {"accounts": "all"}, feed=feed))
    assert progress.events == len(feed.read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize("what", ["feed", "logs"])
def test_what_can_not_be_written_is_named_before_anything_is_crawled(tmp_path: Path, what: str) -> None:
    (tmp_path / what).write_text("")
    feed = tmp_path / "feed" / "events.jsonl"
    with pytest.raises(CrawlError, match=f"{tmp_path / what}/.* can't be written .*nothing was crawled"):
        run(nameless(tmp_path, tmp_path), Order("embassy", {"accounts": "all"}, feed=feed))


def test_events_that_a_full_disk_did_not_take_are_told(tmp_path: Path, full_disk: Path) -> None:
    feed = full_disk / "events.jsonl"
    with pytest.raises(CrawlError, match="holds 0 of 1 events, the rest could not be written"):
        run(nameless(tmp_path, tmp_path / "home"), Order("embassy", {"accounts": "all"}, feed=feed))


def test_a_full_disk_in_the_state_folder_is_told(tmp_path: Path, full_disk: Path) -> None:
    order = Order("embassy", {"accounts": "all"}, feed=tmp_path / "events.jsonl")
    with pytest.raises(CrawlError, match=r"people\.key: No space left on device"):
        run(nameless(tmp_path, full_disk), order)
    assert not list(full_disk.glob("people.key*"))
    (full_disk / "filling").unlink()
    assert run(nameless(tmp_path, full_disk), order).ended
