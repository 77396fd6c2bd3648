"""`weiplomacy alerts`: what it shows of stored alerts, what it writes into the rules, and what it says of mistakes."""

import json
import sys
import tomllib
from datetime import timedelta

import pytest

from consumers.alerting.wording import worded
from deploy.cli import alerts_rules
from deploy.cli.alerts_message import drawn
from deploy.cli.main import ORDER, main
from schemas.events import EngagementSample
from tests.consumers.delivery.imitations.webhook import WebhookReceiver
from tests.kafka_process import free_port
from tests.schemas.examples import ALERT, MOMENT
from tests.schemas.test_views import fill


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path


@pytest.fixture
def run(monkeypatch, capsys, home):
    """Runs `weiplomacy alerts …` as its script does; returns exit code, stdout and stderr."""

    def run(*arguments):
        # What is looked back at, and what is sent, has tests of its own.
        quiet = ("--no-history", "--no-test") if arguments[0] == "subscribe" else ()
        monkeypatch.setattr(sys, "argv", ["weiplomacy", "alerts", *arguments, *quiet])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def rules(home):
    return tomllib.loads((home / "alerts.toml").read_text())


def test_there_are_at_most_sixteen_commands():
    assert len(ORDER) <= 16
    assert ORDER.index("alerts") < ORDER.index("bench")


def test_a_subscription_is_written_with_its_channel_and_listed(run, home):
    code, out, err = run(
        "subscribe", "德国", "--to", "mailto:press@example.org?via=smtp://mail.example.org&from=a@example.org",
        "--at-most", "1/month", "--about", "rises,waves,removals", "--quiet", "22:00-07:00",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert 'at_most = "1/month"' in out
    assert rules(home) == {
        "channel": [{
            "name": "press", "address": "mailto:press@example.org?via=smtp://mail.example.org&from=a@example.org",
        }],
        "subscription": [{
            "name": "德国", "who": ["德国"], "about": ["rises", "waves", "removals"], "channels": ["press"],
            "at_most": "1/month", "quiet": "22:00-07:00",
        }],
    }  # fmt: skip
    assert run("subscribe", "DE", "FR", "--to", "press", "--level", "2", "--language", "zh")[0] == 0
    assert run("subscribe", "德国", "--to", "press", "--level", "4")[0] == 0
    assert [one["name"] for one in rules(home)["subscription"]] == ["德国", "DE-FR", "德国-2"]
    assert len(rules(home)["channel"]) == 1
    code, out, _ = run("list", "--rules")
    assert code == 0
    assert "1/month  22:00-07:00 Asia/Shanghai" in " ".join(out.split("\n")[1].split(" ")).replace("   ", "  ")
    listed = json.loads(run("list", "--rules", "--json")[1])
    assert [one["level"] for one in listed["subscriptions"]] == [1, 2, 4]
    assert (listed["channels"][0]["name"], listed["episodes"], listed["problems"]) == ("press", [], [])


def test_a_channel_that_can_not_be_used_yet_is_said_and_written(run, home):
    code, out, err = run("subscribe", "all", "--to", "dingtalk://", "--secret", "token=env:NO_SUCH_TOKEN")
    assert code == 0
    assert 'token = "env:NO_SUCH_TOKEN"' in out
    assert "(channel dingtalk): it can't be used: the environment of the sender has no variable NO_SUCH_TOKEN" in err
    assert "it can't be used" in run("list", "--rules")[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["subscribe", "germny", "--to", "mailto:a@example.org"], "'germny' is not in the registry (did you mean"),
        (["subscribe", "DE", "--to", "press"], "--to 'press' is neither an address nor a channel's name"),
        (["subscribe", "DE", "--to", "a:b", "--level", "0"], "nothing is added: (subscription DE): level: an episode"),
        (["subscribe", "DE", "--to", "a:b", "--about", "rise"], "'rise' is not known (did you mean rises?)"),
        (["subscribe", "DE", "--to", "a:b", "--at-most", "x"], "at_most: so many per time is expected, such as 3/day"),
        (["subscribe", "DE", "--to", "a:b", "--timezone", "Mars"], "timezone: no such time zone"),
        (["subscribe", "DE", "--to", "https://u:hunter2@x"], "address: a secret stands in it"),
        (["subscribe", "DE", "--to", "a:b", "--secret", "hunter2"], "--secret says where one is"),
        (["silence"], "say whom to silence, or --list, or --end"),
        (["silence", "DE", "--reason", "r"], "a silence needs --until and --reason"),
        (["silence", "DE", "--reason", "r", "--until", "2016-01-01"], "--until '2016-01-01' is past"),
        (["silence", "DE", "--reason", "r", "--until", "soon"], "a moment is expected, such as 2016-12-31"),
        (["silence", "Narnia", "--reason", "r", "--until", "2d"], "'Narnia' is not in the registry"),
        (["silence", "--end", "1"], "there is no [[silence]] number 1"),
        (["test", "press"], "there is no subscription or channel 'press': there is none"),
    ],
)
def test_what_is_wrong_is_one_sentence_exit_code_2_and_nothing_is_written(run, home, arguments, sentence):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1
    assert "hunter2" not in err
    assert not (home / "alerts.toml").exists()


def test_a_silence_is_written_listed_and_ended(run, home):
    code, out, _ = run("silence", "德国", "--until", "2d", "--reason", "state visit", "--author", "press")
    assert code == 0
    assert out.startswith("silenced until ")
    (one,) = rules(home)["silence"]
    assert (one["who"], one["author"], one["reason"]) == (["德国"], "press", "state visit")
    assert one["until"] - one["since"] == timedelta(days=2)
    assert "press: state visit" in run("list", "--rules")[1]
    assert "state visit" in run("silence", "--list")[1]
    assert json.loads(run("list", "--rules", "--json")[1])["silences"][0]["in_force"]
    assert run("silence", "--end", "1") == (0, "silence 1 has ended\n", "")
    assert rules(home)["silence"][0]["until"] < one["until"]
    assert json.loads(run("list", "--rules", "--json")[1])["problems"] == []
    assert "press: state visit" not in run("list", "--rules")[1]


def test_a_file_that_is_broken_is_told_and_left_alone(run, home):
    (home / "alerts.toml").write_text("[[subscription]\n")
    for arguments in (
        ["list", "--rules"],
        ["subscribe", "DE", "--to", "a:b"],
        ["silence", "DE", "--until", "2d", "--reason", "r"],
        ["silence", "--list"],
        ["silence", "--end", "1"],
    ):
        code, out, err = run(*arguments)
        assert (code, out, err.count("\n")) == (2, "", 1), arguments
        assert "line 1" in err
    assert (home / "alerts.toml").read_text() == "[[subscription]\n"


def test_nobody_answers(run, monkeypatch):
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", f"http://127.0.0.1:{free_port()}")
    for arguments in (["list"], ["show", "x"]):
        code, out, err = run(*arguments)
        assert (code, out) == (3, "")
        assert "`weiplomacy up` starts it" in err


def test_a_test_message_says_what_each_channel_answered(run, home, monkeypatch):
    monkeypatch.setenv("SIGNING", "x" * 40)
    with WebhookReceiver("x" * 40) as receiver:
        (home / "alerts.toml").write_text(
            f'[[channel]]\nname = "hook"\naddress = "webhook+http://{receiver.host}/x"\nsecret = "env:SIGNING"\n'
            '[[channel]]\nname = "mail"\naddress = "mailto:a@example.org"\n'
            '[[subscription]]\nname = "s"\nchannels = ["hook", "mail"]\nlanguage = "zh"\n'
        )
        assert run("test", "hook") == (0, "hook: taken\n", "")
        code, out, _ = run("test", "s")
        assert code == 1
        assert out.splitlines()[0] == "hook: taken"
        assert out.splitlines()[1].startswith("mail: mail needs a server and a sender")
        first, second = receiver.taken
        assert "a test of this channel" in json.dumps(first)
        assert "渠道测试" in json.dumps(second, ensure_ascii=False)
        code, _, err = run("test", "nobody")
        assert (code, "there is no subscription or channel 'nobody': there are s, hook, mail" in err) == (2, True)
        monkeypatch.setenv("SIGNING", "y" * 40)
        code, out, _ = run("test", "hook")
        assert (code, "wrong signature" in out) == (1, True)


def test_the_curve_in_a_terminal_stays_within_its_bounds():
    samples = [(n * 600.0, n * 10.0) for n in range(100)]
    lines = [line.plain for line in drawn(samples, [(30_000.0, 10.0, 20.0, 50.0), (1e9, 1, 2, 3)], columns=40, rows=8)]
    assert len(lines) == 10
    assert max(map(len, lines)) <= 50
    assert lines[0].endswith("●")
    assert "".join(lines).count("╌") == 1
    assert drawn([(0.0, 0.0)], [], columns=20)


FIRST = ALERT.model_copy(
    update={
        "number": 1, "change": "started", "value": 300.0, "score": 1.2, "severity": "notice", "before": None,
        "observed_at": MOMENT - timedelta(minutes=30), "age_s": 5_645.678,
    }
)  # fmt: skip
OVER = ALERT.model_copy(
    update={"episode_id": "post_removed:5:2017-01-01T00:00:00.000Z", "kind": "post_removed", "change": "ended",
            "post_id": "5", "ended_at": MOMENT, "metric": None, "value": None, "age_s": None}
)  # fmt: skip


@pytest.fixture
def stored(migrated, home, monkeypatch):
    """A database with two episodes, one of them open, and samples of its post."""
    client, settings = migrated
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", settings.clickhouse_url)
    fill(client, [FIRST, ALERT, OVER])
    published = MOMENT - timedelta(seconds=7_445.678)
    ages = [timedelta(minutes=10 * n) for n in range(1, 13)]
    fill(client, [
        EngagementSample(account_id="us-embassy", post_id="4059000000000001", via="timeline", created_at=None,
                         observed_at=published + age, reposts=n, comments=n * 75, likes=None)
        for n, age in enumerate(ages, 1)
    ])  # fmt: skip
    return client


@pytest.mark.stack
def test_before_anything_was_alerted_of(run, migrated, monkeypatch):
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", migrated[1].clickhouse_url)
    code, out, _ = run("list")
    assert code == 0
    assert "there are no alerts yet" in out
    assert "nobody is told" in out
    code, out, err = run("show", "x")
    assert (code, out) == (1, "")
    assert err.startswith("there are no alerts yet: the alerter of `weiplomacy up`")


@pytest.mark.stack
def test_an_older_schema_is_told(run, empty, monkeypatch):
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", empty.clickhouse_url)
    for arguments in (["list"], ["show", "x"]):
        code, _, err = run(*arguments)
        assert code == 1
        assert "run `weiplomacy data migrate`" in err


@pytest.mark.stack
def test_the_list_and_one_alert(run, home, stored):
    _, out, _ = run("list")
    assert "Embassy of the United States in China: a post is taking off" in out
    assert "disappeared" not in out
    assert "disappeared" in run("list", "--since", "2017-01-01")[1]
    assert "no alert changed since 2020-01-01" in run("list", "--since", "2020-01-01")[1]
    listed = json.loads(run("list", "--json", "--since", "2017-01-01")[1])["episodes"]
    assert [one["episode_id"] for one in listed] == [OVER.episode_id, ALERT.episode_id]
    told = ALERT.model_copy(update={"curve": ()})
    assert listed[1] == told.model_dump(mode="json"), (
        "what is stored is what was told, but for the curve of the picture"
    )

    shown = json.loads(run("show", ALERT.episode_id, "--json")[1])
    assert [one["number"] for one in shown["changes"]] == [1, 2]
    assert shown["curve"]["samples"][-1] == {"age_s": pytest.approx(7_200, abs=0.01), "value": 900}
    assert [one["expected"] for one in shown["curve"]["expected"]] == [120.5, 120.5]
    _, out, _ = run("show", "4059000000000001", "--language", "zh", "--picture", str(home / "x.svg"))
    said = worded(ALERT, "zh", None, FIRST)
    assert said.title.partition("：")[2] in out
    assert "距上次通知30分钟" in out
    assert "●" in out
    assert (home / "x.svg").read_text().startswith("<svg")
    code, _, err = run("show", OVER.episode_id, "--picture", str(home / "y.png"))
    assert (code, "there is no curve to draw" in err) == (1, True)
    _ids_that_are_none_or_several(run)


@pytest.mark.stack
def test_a_wave_links_the_posts_behind_it(run, migrated, monkeypatch):
    client, settings = migrated
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", settings.clickhouse_url)
    behind = ("4059000000000001", "4059000000000002")
    wave = ALERT.model_copy(
        update={"episode_id": "account_wave:us-embassy:1", "kind": "account_wave", "post_id": None, "behind": behind}
    )
    fill(client, [wave])
    code, out, err = run("show", wave.episode_id)
    assert (code, err) == (0, "")
    assert out.count("A post behind it") == 2
    assert all(f"https://m.weibo.cn/status/{post_id}" in out for post_id in behind)
    assert client.query(f"SELECT behind FROM weibo.alerts WHERE episode_id = '{wave.episode_id}'").result_rows == [
        ([int(post_id) for post_id in behind],)
    ]


def _ids_that_are_none_or_several(run):
    code, out, err = run("show", "post_rise:4059000000000009")
    assert (code, out) == (2, "")
    assert f"there is no alert 'post_rise:4059000000000009' (did you mean {ALERT.episode_id}?)" in err
    code, _, err = run("show", "2017")
    assert (code, err.count("\n")) == (2, 1)
    assert "'2017' is more than one alert: choose one of " in err
    assert run("show", OVER.episode_id)[0] == 0


def test_refusal_is_that_of_delivery():
    from consumers.delivery.errors import AddressError
    from schemas.alert_rules import Channel

    with pytest.raises(AddressError, match="mail needs a server"):
        alerts_rules.refusal(Channel(name="x", address="mailto:a@example.org"))
