from pathlib import Path

import pytest

from schemas.errors import SettingsError
from schemas.settings import ALL_PAGES, Settings, load


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No settings of the machine: an empty folder to stand in, no variable of ours."""
    import os

    for name in list(os.environ):
        if name.startswith("WEIPLOMACY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(text: str, name: str = "weiplomacy.toml") -> Path:
    file = Path(name)
    file.write_text(text, encoding="utf-8")
    return file


def test_without_anything_the_defaults_are_careful_and_local() -> None:
    settings = load()
    assert settings.origin is None
    assert settings.crawl.obey_robots
    assert settings.crawl.concurrent_requests == 1
    assert settings.kafka_servers == ["127.0.0.1:9092"]
    assert settings.clickhouse_url == "http://127.0.0.1:8123"
    assert settings.people_key_file == settings.home / "people.key"


def test_the_environment_wins_over_the_file_field_by_field(monkeypatch: pytest.MonkeyPatch) -> None:
    write('[clickhouse]\nurl = "http://file:1"\nuser = "file"\n[crawl]\npages = 7\n')
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", "http://environment:2")
    settings = load()
    assert settings.clickhouse.url == "http://environment:2"
    assert settings.clickhouse.user == "file"
    assert settings.crawl.pages == 7


def test_the_address_follows_the_port_of_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIPLOMACY_STACK__KAFKA_PORT", "19092")
    monkeypatch.setenv("WEIPLOMACY_STACK__CLICKHOUSE_PORT", "18123")
    settings = load()
    assert (settings.kafka_servers, settings.clickhouse_url) == (["127.0.0.1:19092"], "http://127.0.0.1:18123")
    monkeypatch.setenv("WEIPLOMACY_KAFKA__BOOTSTRAP_SERVERS", "one:1,two:2")
    assert load().kafka_servers == ["one:1", "two:2"]


@pytest.mark.parametrize(
    ("value", "servers"),
    [
        ("one:1, two.example.org:2", ["one:1", "two.example.org:2"]),
        ("[::1]:9", ["[::1]:9"]),
        ("", ["127.0.0.1:9092"]),
    ],
)
def test_servers_may_be_written_in_several_ways(
    monkeypatch: pytest.MonkeyPatch, value: str, servers: list[str]
) -> None:
    monkeypatch.setenv("WEIPLOMACY_KAFKA__BOOTSTRAP_SERVERS", value)
    assert load().kafka_servers == servers


def test_lanes_are_a_list_of_tables_or_json_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().crawl.lanes == ()
    write('[crawl]\ndelay_s = 9\n[[crawl.lanes]]\nname = "file"\negress_proxy = "http://[::1]:7"\n')
    (lane,) = load().crawl.lanes
    assert (lane.name, lane.egress_proxy, lane.delay_s) == ("file", "http://[::1]:7", None)
    monkeypatch.setenv("WEIPLOMACY_CRAWL__LANES", '[{"name": "one"}, {"name": "two", "delay_s": 6}]')
    crawl = load().crawl
    assert [(lane.name, lane.delay_s) for lane in crawl.lanes] == [("one", None), ("two", 6)]
    assert crawl.delay_s == 9


def test_lanes_that_are_no_json_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIPLOMACY_CRAWL__LANES", "guest")
    with pytest.raises(SettingsError, match=r"WEIPLOMACY_CRAWL__LANES .* is wrong: a list in JSON"):
        load()


def test_places_and_secrets_are_not_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIPLOMACY_SHARED", "/somewhere")
    monkeypatch.setenv("WEIPLOMACY_HOME", "state")
    monkeypatch.setenv("WEIPLOMACY_SECRET_PRESS", "what rules of alerts name")
    monkeypatch.setenv("WEIPLOMACY_SETTINGS", str(write("[crawl]\npages = 9\n", "other.toml")))
    settings = load()
    assert (settings.home, settings.crawl.pages) == (Path("state"), 9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour = 1\n", "the setting colour is not a setting .*weiplomacy.toml"),
        ("[crawl]\ncolour = 1\n", "the setting crawl.colour is not a setting"),
        ('[crawl]\npages = "many"\n', "the setting crawl.pages is wrong: .*integer"),
        ("[crawl]\npages = 0\n", "crawl.pages is wrong: .*greater than or equal to 1"),
        ('origin = "elsewhere"\n', "origin is wrong: .*'live' or 'replica'"),
        ("crawl = 3\n", "the setting crawl is wrong"),
        ('[kafka]\nbootstrap_servers = "one:1,two"\n', "kafka.bootstrap_servers is wrong: 'two' is not host:port"),
        ('[[crawl.lanes]]\nname = "a"\n[[crawl.lanes]]\nname = "a"\n', "crawl is wrong: 2 lanes have the name a: each"),
        ('[[crawl.lanes]]\nname = "a"\nrequests_per_day = 0\n', "crawl.lanes.0.requests_per_day is wrong: .*than or"),
        ('[[crawl.lanes]]\nname = "a"\ncolour = 0\n', "crawl.lanes.0.colour is not a setting"),
        ('[[crawl.lanes]]\nname = "A b"\n', "crawl.lanes.0.name is wrong"),
        ("[[crawl.lanes]]\ndelay_s = 1\n", "crawl.lanes.0.name is wrong: Field required"),
        ("[crawl]\nrequests_per_minute = 0\n", "crawl.requests_per_minute is wrong: .*than or equal to 1"),
        ("[crawl]\nshare = 0\n", "crawl.share is wrong: .*greater than 0"),
        ("[crawl]\nshare = 1.5\n", "crawl.share is wrong: .*less than or equal to 1"),
        ('[crawl]\negress_proxy = "nowhere"\n', "crawl.egress_proxy is wrong: http://host:port is expected"),
        ('[crawl]\negress_proxy = "http://me:hush@host:1"\n', "crawl.egress_proxy is wrong: .*without a password"),
        ('[crawl]\negress_proxy = "socks5://host:1"\n', "crawl.egress_proxy is wrong"),
        ('[crawl]\ncanary_post = "5000000000000000"\n', "canary_post needs the canary_account"),
        ("[crawl\n", "weiplomacy.toml can't be read"),
        ("\udcff", "weiplomacy.toml can't be read"),
    ],
)
def test_a_wrong_file_is_explained(text: str, words: str) -> None:
    Path("weiplomacy.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=words):
        load()


def test_a_named_file_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIPLOMACY_SETTINGS", "missing.toml")
    with pytest.raises(SettingsError, match=r"missing\.toml can't be read"):
        load()


@pytest.mark.parametrize(
    "name",
    [
        "WEIPLOMACY_COLOUR",
        "WEIPLOMACY_CRAWL",
        "WEIPLOMACY_CRAWL__",
        "WEIPLOMACY_CRAWL__COLOUR",
        "WEIPLOMACY_CRAWL__PAGES__MORE",
        "WEIPLOMACY_CRAWL_PAGES",
        "WEIPLOMACY_ORIGIN__PAGES",
    ],
)
def test_an_unknown_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=f"{name} in the environment is not a setting"):
        load()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("WEIPLOMACY_CRAWL__PAGES", "many", "crawl.pages is wrong: .*in the environment"),
        ("WEIPLOMACY_STACK__KAFKA_PORT", "70000", "stack.kafka_port is wrong"),
        ("WEIPLOMACY_KAFKA__BOOTSTRAP_SERVERS", "one:1,,two:2", "bootstrap_servers is wrong: '' is not host:port"),
        ("WEIPLOMACY_KAFKA__BOOTSTRAP_SERVERS", "http://one:1", "'http://one:1' is not host:port"),
        ("WEIPLOMACY_KAFKA__BOOTSTRAP_SERVERS", "one:70000", "'one:70000' is not host:port"),
    ],
)
def test_a_wrong_variable_is_explained(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words):
        load()


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__PASSWORD", "hush-hush")
    settings = load()
    assert settings.clickhouse.password.get_secret_value() == "hush-hush"
    for shown in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert "hush" not in shown


def test_a_secret_of_a_wrong_type_is_not_printed_either() -> None:
    write('[clickhouse]\npassword = ["hush-hush"]\n')
    with pytest.raises(SettingsError, match=r"clickhouse\.password is wrong") as caught:
        load()
    assert "hush" not in str(caught.value)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().origin = "live"


def test_pages_may_be_all_and_orders_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    write('[crawl]\ncomment_orders = ["hot", "time"]\nreply_pages = "all"\n')
    monkeypatch.setenv("WEIPLOMACY_CRAWL__COMMENT_PAGES", "all")
    crawl = load().crawl
    assert crawl.comment_orders == ("hot", "time")
    assert crawl.comment_pages == crawl.reply_pages == ALL_PAGES
    monkeypatch.setenv("WEIPLOMACY_CRAWL__COMMENT_ORDERS", '["hot"]')
    assert load().crawl.comment_orders == ("hot",)


@pytest.mark.parametrize("orders", ['["time"]', "[]", '["hot", "hot"]', '["new"]'])
def test_orders_without_the_hot_ones_are_refused(orders: str) -> None:
    write(f"[crawl]\ncomment_orders = {orders}\n")
    with pytest.raises(SettingsError, match=r"crawl\.comment_orders"):
        load()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[analysts]\nhost = "0.0.0.0"', "analysts is wrong: host 0.0.0.0 can be reached from other machines"),
        ('[stack]\nclickhouse_host = "db.example.org"', "clickhouse_password_file is missing"),
        ('[analysts]\nkey = "k.pem"', "certificate and key belong together"),
        ('[analysts]\nhost = "a b"', "a name or an address of this machine is expected"),
        ("[analysts]\nseconds = 0", "analysts.seconds is wrong"),
    ],
)
def test_clickhouse_listens_beyond_this_machine_with_a_password_only(text: str, sentence: str) -> None:
    write(text)
    with pytest.raises(SettingsError, match=sentence):
        load()


def test_where_analysts_connect() -> None:
    assert load().analysts_url == "http://127.0.0.1:8124"
    write('[analysts]\nhost = "0.0.0.0"\npassword_file = "p"\ncertificate = "c"\nkey = "k"')
    assert load().analysts_url == "https://127.0.0.1:8124"
    write("[stack]\nanalysts_port = 0")
    assert load().analysts_url is None
    write('[stack]\nclickhouse_host = "::1"\nclickhouse_certificate = "c"\nclickhouse_key = "k"')
    assert load().clickhouse_url == "https://[::1]:8123"
    write('[clickhouse]\nurl = "http://c:1"')
    assert load().analysts_url is None
