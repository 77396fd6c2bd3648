import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import registry as command
from schemas import registry
from schemas.accounts import Account
from schemas.settings import Settings

MOMENT = datetime(2017, 1, 2, 3, 4, 5, tzinfo=UTC)
US = Account(id="us-embassy", screen_name="美国驻华大使馆", uid="1743951792")
CANADA = Account(id="ca-embassy", screen_name="加拿大大使馆官方微博")
NUMBER = Account(uid="42")


@dataclass(frozen=True)
class Answered:
    account_id: str
    uid: str | None = None
    screen_name: str | None = None
    response_class: str = "ok"
    detail: str = ""
    observed_at: datetime = MOMENT


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A state folder of the test's own, and no settings of the machine."""
    import os

    for name in list(os.environ):
        if name.startswith("WEIPLOMACY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "140")
    return tmp_path / "home"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command.app, list(arguments))


@pytest.mark.parametrize(
    ("account", "answer", "outcome", "words"),
    [
        (US, Answered("us-embassy", "1743951792", "美国驻华大使馆"), "confirmed", "is uid 1743951792"),
        (CANADA, Answered("ca-embassy", "1", "加拿大大使馆官方微博"), "confirmed", "is uid 1"),
        (NUMBER, Answered("uid:42", "42", "某人"), "confirmed", "某人 is uid 42"),
        (US, Answered("us-embassy", "1", "美国驻华大使馆"), "wrong", "uid 1 on the site, and 1743951792"),
        (US, Answered("us-embassy", "1743951792", "别人"), "wrong", "shows the name 别人"),
        (CANADA, Answered("ca-embassy", "1", "别人"), "wrong", "the registry has 加拿大大使馆官方微博"),
        (NUMBER, Answered("uid:42", "43", "某人"), "wrong", "uid 43 on the site"),
        (US, Answered("us-embassy", None, "别人", "wrong_account", "another name"), "wrong", "wrong_account: another"),
        (US, Answered("us-embassy", response_class="not_found"), "not found", "no account 美国驻华大使馆"),
        (US, Answered("us-embassy", response_class="account_gone", detail="gone"), "not found", "gone"),
        (US, Answered("us-embassy", response_class="visitor_gate"), "no answer", "visitor_gate"),
        (US, Answered("us-embassy", response_class="blocked", detail="418"), "no answer", "blocked: 418"),
        (US, Answered("us-embassy", "1743951792", "美国驻华大使馆", "challenge"), "no answer", "challenge"),
        (US, Answered("us-embassy", "1743951792", None), "no answer", "ok: the answer lacks"),
    ],
)
def test_only_what_agrees_is_confirmed(account: Account, answer: Answered, outcome: str, words: str) -> None:
    judgement = command.judge(account, answer)
    assert judgement.outcome == outcome
    assert words in judgement.says
    assert (judgement.account_id, judgement.observed_at) == (account.id, "2017-01-02T03:04:05.000Z")


def site(monkeypatch: pytest.MonkeyPatch, *answers: Answered) -> list[Sequence[Account]]:
    """The crawler's answers in place of a crawl; what it was asked for is kept."""
    asked: list[Sequence[Account]] = []

    def ask(_settings: Settings, accounts: Sequence[Account]) -> list[Answered]:
        asked.append(accounts)
        return list(answers)

    monkeypatch.setattr(command, "ask", ask)
    return asked


def test_what_is_confirmed_is_remembered_and_nothing_else(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    asked = site(
        monkeypatch,
        Answered("np-embassy", response_class="not_found"),
        Answered("us-embassy", "1", "美国驻华大使馆"),
        Answered("ca-embassy", "1999", "加拿大大使馆官方微博"),
    )
    done = run("resolve", "CA", "us-embassy", "np-embassy", "加拿大大使馆官方微博")
    assert [[account.id for account in accounts] for accounts in asked] == [["ca-embassy", "us-embassy", "np-embassy"]]
    assert done.exit_code == 1
    assert "1 confirmed, 1 wrong, 1 not found, 0 no answer" in done.output
    assert {key: (held.uid, held.confirmed_at) for key, held in registry.confirmations(home).items()} == {
        "ca-embassy": ("1999", MOMENT)
    }


def test_all_confirmed_is_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    site(monkeypatch, Answered("us-embassy", "1743951792", "美国驻华大使馆"))
    done = run("resolve", "us", "--json")
    assert done.exit_code == 0
    [judgement] = json.loads(done.output)
    assert (judgement["account_id"], judgement["outcome"]) == ("us-embassy", "confirmed")
    [usa] = [row for row in json.loads(run("list", "--json").output) if row["id"] == "us-embassy"]
    assert usa["uid_confirmed_at"] == "2017-01-02T03:04:05.000Z"


def test_without_names_all_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = site(monkeypatch)
    done = run("resolve")
    assert isinstance(done.exception, command.UnaskedError)
    assert [len(accounts) for accounts in asked] == [48]


def test_an_unknown_account_is_an_error_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = site(monkeypatch)
    assert isinstance(run("resolve", "us", "atlantis").exception, registry.UnknownAccountError)
    assert asked == []


def test_the_list_shows_all_accounts(home: Path) -> None:
    registry.confirm(home, "ca-embassy", "1999", "加拿大大使馆官方微博", MOMENT)
    shown = run("list").output
    for words in (
        "gb-culture-section",
        "chinese mission",
        "2017-01-02",
        "48 accounts, 32 with a uid, 1 of them confirmed",
    ):
        assert words in shown
    assert len(json.loads(run("list", "--json").output)) == 48


@pytest.mark.parametrize("columns", ["80", "140"])
def test_the_list_keeps_ids_and_uids_whole(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    shown = run("list").output
    for account in registry.load(Settings()).accounts:
        assert account.id in shown
        assert account.uid is None or account.uid in shown


def test_the_base_list_is_right() -> None:
    done = run("check")
    assert done.exit_code == 0
    assert "48 accounts, 31 with a uid, 0 of them confirmed" in done.output


def test_each_problem_of_a_list_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[[account]]\nuid = "x"\n\n[[account]]\nnotes = "neither"\n', encoding="utf-8")
    done = run("check", str(file))
    assert done.exit_code == 1
    assert f"{file}: line 1: uid: " in done.output
    assert f"{file}: line 4: needs a uid or a screen_name" in done.output


def test_a_confirmation_that_the_list_has_overtaken_is_told(home: Path) -> None:
    registry.confirm(home, "us-embassy", "1", "别人", MOMENT)
    registry.confirm(home, "gone-embassy", "2", "名", MOMENT)
    done = run("check")
    assert done.exit_code == 0
    assert "us-embassy was confirmed as uid 1, but the list says 1743951792" in done.output
    assert "gone-embassy was confirmed as uid 2 and is not in the list" in done.output
