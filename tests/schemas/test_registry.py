from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.registry import ConfirmationsError, Registry, UnknownAccountError, confirm, confirmations, load
from schemas.settings import Crawl, Settings

MOMENT = datetime(2017, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEIPLOMACY_HOME", "WEIPLOMACY_CRAWL__ACCOUNTS_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def registry(settings: Settings) -> Registry:
    return load(settings)


@pytest.mark.parametrize(
    "text", ["us-embassy", "US-Embassy", "1743951792", "uid:1743951792", "@美国驻华大使馆", " us ", "US", "usembassy"]
)
def test_an_account_is_found_by_any_of_its_names(registry: Registry, text: str) -> None:
    assert registry.find(text).id == "us-embassy"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("us-embasy", "did you mean us-embassy"),
        ("法国", "fr-embassy"),
        ("Turkey", "tr-tourism-office"),
        ("土耳其", "tr-tourism-office"),
        ("zz", "is not in the registry: see"),
        ("", "is not in the registry: see"),
    ],
)
def test_an_unknown_account_names_close_matches(registry: Registry, text: str, hint: str) -> None:
    with pytest.raises(UnknownAccountError, match=hint) as caught:
        registry.find(text)
    assert caught.value.exit_code == 2


def own_list(folder: Path, text: str) -> Settings:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return Settings(home=folder / "home", crawl=Crawl(accounts_file=file))


def test_an_own_list_takes_the_place_of_the_base(tmp_path: Path) -> None:
    registry = load(own_list(tmp_path, "[[account]]\nuid = 42\n"))
    assert list(registry.by_id) == ["uid:42"]
    assert registry.find("42") is registry.by_uid["42"] is registry.by_id["uid:42"]


def test_a_country_with_several_accounts_asks_for_a_choice(tmp_path: Path) -> None:
    country = 'country_code = "FR"\n'
    registry = load(own_list(tmp_path, f"[[account]]\nuid = 1\n{country}[[account]]\nuid = 2\n{country}"))
    with pytest.raises(UnknownAccountError, match="choose one of uid:1, uid:2"):
        registry.find("fr")


def test_a_confirmation_is_laid_over_the_list(settings: Settings) -> None:
    assert load(settings).find("ca-embassy").uid is None
    confirm(settings.home, "ca-embassy", "1999", "加拿大大使馆官方微博", MOMENT)
    confirm(settings.home, "us-embassy", "1743951792", "美国驻华大使馆", MOMENT)
    registry = load(settings)
    canada, usa = registry.find("1999"), registry.find("us-embassy")
    assert (canada.id, canada.uid_confirmed_at) == ("ca-embassy", MOMENT)
    assert canada.uid_source is not None
    assert (usa.uid_source, usa.uid_confirmed_at) == ("several public programs name it", MOMENT)


def test_a_later_confirmation_replaces_an_earlier_one_and_no_other(settings: Settings) -> None:
    confirm(settings.home, "ca-embassy", "1", "旧名", MOMENT)
    confirm(settings.home, "np-embassy", "2", "尼泊尔大使馆官方微博", MOMENT)
    confirm(settings.home, "ca-embassy", "3", "新名", MOMENT.replace(year=2018))
    held = confirmations(settings.home)
    assert {account_id: (item.uid, item.screen_name) for account_id, item in held.items()} == {
        "ca-embassy": ("3", "新名"),
        "np-embassy": ("2", "尼泊尔大使馆官方微博"),
    }
    assert load(settings).find("ca-embassy").screen_name == "新名"


def test_a_list_with_another_uid_wins_over_the_confirmation(settings: Settings) -> None:
    confirm(settings.home, "us-embassy", "1", "别人", MOMENT)
    usa = load(settings).find("us-embassy")
    assert (usa.uid, usa.screen_name, usa.uid_confirmed_at) == ("1743951792", "美国驻华大使馆", None)


def test_a_confirmed_name_keeps_the_id_of_its_account(tmp_path: Path) -> None:
    settings = own_list(tmp_path, '[[account]]\nscreen_name = "某大使馆"\n')
    [account] = load(settings).accounts
    confirm(settings.home, account.id, "77", "某大使馆", MOMENT)
    [again] = load(settings).accounts
    assert (again.id, again.uid) == (account.id, "77")


def test_confirmations_stay_in_their_state_folder(tmp_path: Path) -> None:
    confirm(tmp_path / "replica", "ca-embassy", "1999", "加拿大大使馆官方微博", MOMENT)
    assert confirmations(tmp_path / "live") == {}
    assert [file.name for file in (tmp_path / "replica").iterdir()] == ["registry.json"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"confirmations": {"a": {}}}', b"\xff"])
def test_broken_confirmations_are_named_and_not_overwritten(settings: Settings, content: bytes) -> None:
    settings.home.mkdir()
    file = settings.home / "registry.json"
    file.write_bytes(content)
    with pytest.raises(ConfirmationsError, match=r"registry\.json can't be read"):
        load(settings)
    with pytest.raises(ConfirmationsError):
        confirm(settings.home, "ca-embassy", "1999", "名", MOMENT)
    assert file.read_bytes() == content


def test_confirmations_that_can_not_be_written_are_named_and_the_old_ones_stay(settings: Settings) -> None:
    confirm(settings.home, "ca-embassy", "1999", "名", MOMENT)
    (settings.home / "registry.json.partial").mkdir()
    with pytest.raises(ConfirmationsError, match="can't be written"):
        confirm(settings.home, "np-embassy", "2", "名", MOMENT)
    assert list(confirmations(settings.home)) == ["ca-embassy"]
