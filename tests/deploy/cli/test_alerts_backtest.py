"""`weiplomacy alerts backtest`: what would have been told of what is stored, against labels, beside other rules."""

import json
import re
import sys
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from consumers.batches import Range
from consumers.decoding import Row, read
from consumers.inserting import Inserter
from consumers.tables import ENGAGEMENT_SAMPLES, TABLES
from deploy.cli.main import main
from schemas.clock import write_clock
from schemas.topics import SAMPLES
from tests.benchmarks.alerts import Post
from tests.consumers.delivery.imitations.webhook import WebhookReceiver
from tests.consumers.records import record_of
from tests.kafka_process import free_port

SECRET = "a secret of more than 24 bytes"
HOUR = timedelta(hours=1)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
RULES = """
[[channel]]
name = "c"
address = "wecom://"
[[subscription]]
name = "us"
who = ["US"]
channels = ["c"]
level = {level}
"""


def history():
    """Thirty posts of one account, one every two hours, each followed for a day; the last one takes off after six."""
    posts = [Post(str(10**15 + number), "us-embassy", BEGIN + number * 2 * HOUR, 200) for number in range(30)]
    events = []
    for post in posts:
        for step in range(1, 49):
            if post is posts[-1] and step > 12:
                post.took_off = 20
            events.append(post.sample(post.created_at + step * HOUR / 2))
    return sorted(events, key=lambda event: event.observed_at), posts[-1].created_at + 6 * HOUR


@pytest.fixture
def stored(migrated, monkeypatch):
    client, settings = migrated
    events, onset = history()
    rows = [read(record_of(event, offset), SAMPLES) for offset, event in enumerate(events)]
    inserter = Inserter(client)
    inserter.prepare(TABLES)
    assert all(isinstance(row, Row) for row in rows)
    inserter.insert(ENGAGEMENT_SAMPLES, rows, Range(0, len(rows) - 1))
    monkeypatch.setenv("WEIPLOMACY_HOME", str(settings.home))
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", settings.clickhouse.url)
    monkeypatch.setenv("COLUMNS", "160")
    return settings, onset


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments, command="backtest"):
        monkeypatch.setattr(sys, "argv", ["weiplomacy", "alerts", command, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.mark.stack
def test_what_would_have_been_told(run, stored, tmp_path):
    settings, onset = stored
    settings.alert_rules_file.write_text(RULES.format(level=1000), encoding="utf-8")
    tried, labels = tmp_path / "tried.toml", tmp_path / "labels.csv"
    tried.write_text(RULES.format(level=1), encoding="utf-8")
    labels.write_text(f"account_id,onset\nus-embassy,{onset.isoformat()}\nfr-embassy,2026-03-01\n", encoding="utf-8")
    period = ("--since", "2026-03-03", "--until", "2026-03-05", "--rules", str(tried), "--labels", str(labels))
    code, out, _ = run(*period)
    assert code == 0
    assert "us → c" in out
    assert "by account: us-embassy" in out
    assert "beside the rules in force:" in out and " 0 fewer" in out
    assert "recall 50% (1 of 2)" in out
    code, out, _ = run(*period, "--json")
    found = json.loads(out)
    (first, *_) = found["fired"]
    assert first["when"] == "now"
    assert first["alert"]["post_id"] == str(10**15 + 29)
    assert first["alert"]["started_at"] >= onset.isoformat()
    assert found["in_force"] == []
    assert (found["quality"]["precision"], found["quality"]["recall"]) == (1.0, 0.5)
    assert found["quality"]["median_minutes"] <= 60, "within two intervals of the onset"


@pytest.mark.stack
def test_a_subscription_proposes_its_level_shows_what_it_would_have_told_and_sends_a_test(run, stored, monkeypatch):
    settings, onset = stored
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    clock = settings.home / "clock.json"
    write_clock(clock, onset + 20 * HOUR, 0)
    monkeypatch.setenv("WEIPLOMACY_CLOCK_FILE", str(clock))
    with WebhookReceiver(SECRET) as hook:
        where = f"webhook+http://{hook.host}/take"
        arguments = ("US", "--to", where, "--secret", "secret=env:HOOK_SECRET", "--at-most", "1/month")
        code, out, err = run(*arguments, command="subscribe")
        assert code == 0, err
        (message,) = hook.taken
    assert message["data"]["change"] == "test"
    rules = tomllib.loads(settings.alert_rules_file.read_text())
    (subscription,) = rules["subscription"]
    assert subscription["level"] >= 1
    assert "episodes in 2 days it would have told 1 at level" in out
    assert "United States" in out.splitlines()[0], "what it would have told"
    assert "webhook: taken" in out


@pytest.mark.stack
def test_a_subscription_goes_on_without_a_past_and_says_where_its_test_failed(run, migrated, monkeypatch):
    _, settings = migrated
    monkeypatch.setenv("WEIPLOMACY_HOME", str(settings.home))
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", settings.clickhouse.url)
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    where = f"webhook+http://127.0.0.1:{free_port()}/"
    arguments = ("US", "--to", where, "--secret", "secret=env:HOOK_SECRET")
    code, out, err = run(*arguments, command="subscribe")
    assert code == 1
    assert "nothing was observed yet" in err
    assert "added to" in out
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", f"http://127.0.0.1:{free_port()}")
    code, out, err = run("FR", "--to", "webhook", "--no-test", command="subscribe")
    assert code == 0
    assert "can't be said" in err
    assert 'who = ["FR"]' in out


@pytest.mark.stack
def test_why_there_was_an_alert_about_a_post_and_why_there_was_none(run, stored):
    post = str(10**15 + 29)
    code, out, _ = run(post, command="explain")
    assert code == 0
    assert re.search(r"compared with \d\d posts \((account|curve)\)", out)
    assert out.count("an alert (one begins at 1") == 1, out
    code, out, _ = run(post, "--json", command="explain")
    found = json.loads(out)
    assert found["score"] >= 1
    assert {one["metric"] for one in found["rises"]} == {"reposts", "comments", "likes", "interactions"}
    deciding = next(one for one in found["rises"] if one["metric"] == found["deciding"])
    assert deciding["value"] > deciding["high"] > deciding["expected"]
    code, out, _ = run(str(10**15 + 20), command="explain")
    assert code == 0
    assert "no alert (one begins at 1" in out
    early = (BEGIN + 12 * HOUR).isoformat()
    code, out, _ = run(str(10**15 + 1), "--at", early, command="explain")
    assert code == 0
    assert "10 h old" in out
    assert run("12345", command="explain")[0] == 2
    assert "is no post's id" in run("x", command="explain")[2]


@pytest.mark.stack
def test_nothing_stored_is_nothing_told(run, migrated, monkeypatch):
    _, settings = migrated
    monkeypatch.setenv("WEIPLOMACY_HOME", str(settings.home))
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", settings.clickhouse.url)
    code, out, _ = run("--since", "2026-03-01", "--until", "2026-03-02")
    assert code == 0
    assert out.startswith("0 messages at once, 0 held back for digests (nobody has subscribed); 0 episodes began")


@pytest.mark.parametrize(
    ("arguments", "labels", "said"),
    [
        (("--since", "2016-12-31", "--until", "2016-12-30"), "", "lies before"),
        (("--since", "yesterday"), "", "yesterday"),
        (("--since", "2016-12-31", "--rules", "nowhere.toml"), "", "there are no rules at nowhere.toml"),
        (("--since", "2016-12-31"), "account_id,when\n", "need the columns account_id and onset"),
        (("--since", "2016-12-31"), "account_id,onset\nus-embassy,soon\n", "line 2: onset"),
        (("--since", "2016-12-31"), "account_id,onset\n,2016-12-31\n", "line 2: an account_id"),
    ],
)
def test_mistakes_are_named(run, tmp_path, monkeypatch, arguments, labels, said):
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "labels.csv"
    file.write_text(labels, encoding="utf-8")
    code, out, err = run(*arguments, *(("--labels", str(file)) if labels else ()))
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())
    assert "Traceback" not in err
