"""`weiplomacy ask`: its list, its answers in each form, and what it says of what can't be asked."""

import csv
import io
import json
import sys

import pytest

from consumers.deriving import EPOCH, Seen, derive, everything, record
from deploy.cli import ask_answers
from deploy.cli.ask import AskUsageError, words
from deploy.cli.main import main
from schemas import accounts_table, registry
from schemas.clickhouse import connect
from schemas.questions import declared
from tests.kafka_process import free_port
from tests.schemas.question_rows import EVENTS, SNAPSHOTS, at, comment, snapshot
from tests.schemas.test_views import fill


@pytest.fixture
def run(monkeypatch, capfdbinary, tmp_path):
    """Runs `weiplomacy ask …` as its script does; returns exit code, stdout and stderr."""
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["weiplomacy", "ask", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfdbinary.readouterr()
        return int(ended.value.code or 0), said.out.decode(), said.err.decode()

    return run


@pytest.fixture
def nobody(monkeypatch):
    """A port on which no ClickHouse listens."""
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", f"http://127.0.0.1:{free_port()}")


@pytest.fixture
def answered(migrated, monkeypatch):
    """A database with a few snapshots and comments, and the command's settings for it."""
    client, settings = migrated
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", settings.clickhouse_url)
    accounts_table.load_registry(client, settings, registry.load(settings), at("12-31 12:00"))
    fill(client, SNAPSHOTS)
    return client


def test_words_are_a_name_and_parameters_in_any_order():
    assert words([]) == (None, {})
    assert words(["growth", "--since", "2016-01-01", "--country=US"]) == (
        "growth",
        {"since": "2016-01-01", "country": "US"},
    )
    assert words(["--days", "-3", "growth"]) == ("growth", {"days": "-3"})
    assert words(["growth", "--age-s", "3600"]) == ("growth", {"age_s": "3600"})


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["growth", "--since"], "--since needs a value"),
        (["growth", "--at", "1", "--at", "2"], "--at is given twice"),
        (["growth", "US"], "'US' stands beside 'growth'"),
    ],
)
def test_words_that_can_not_be_read(arguments, why):
    with pytest.raises(AskUsageError, match=why):
        words(arguments)


def test_the_list_names_every_question(run, nobody):
    code, out, _ = run()
    assert code == 0
    listed = json.loads(run("--json")[1])
    assert [one["name"] for one in listed] == [question.name for question in declared()]
    for question in declared():
        assert f"\n{question.name} " in out
        assert question.chinese in out
    assert {one["name"] for one in listed[0]["parameters"]} == {one.name for one in declared()[0].parameters}


def test_help_shows_the_parameters_of_a_question(run, nobody):
    code, out, _ = run("comment-regions", "--help")
    assert code == 0
    for part in ("--account", "String", "required", "--days", "30", "属地", "weibo.comments"):
        assert part in out
    assert "--dictionary" in run("--help")[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["growt"], "there is no question 'growt' (did you mean growth?): `weiplomacy ask` lists them"),
        (["growth", "--contry", "US"], "growth has no parameter --contry (did you mean --country?)"),
        (["growth", "--at", "2016-02-30"], "--at '2016-02-30' is no day: write it as 2016-12-31"),
        (["growth", "--country", "Narnia"], "no account of the registry belongs to 'Narnia'"),
        (["post-history"], "post-history needs --post: the post's id (mid)"),
        (["comment-terms", "--account", "us-embasy"], "did you mean us-embassy"),
        (["--country", "US"], "which question?"),
        (["growth", "--json", "--csv"], "choose one of --json, --csv and --sql"),
        (["growth", "--dictionary"], "--dictionary goes with --json or nothing else"),
    ],
)
def test_what_can_not_be_asked_is_one_sentence_and_exit_code_2(run, nobody, arguments, sentence):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_nobody_answers(run, nobody):
    for arguments in (["ranking"], ["ranking", "--csv"], ["--dictionary"]):
        code, out, err = run(*arguments)
        assert (code, out) == (3, "")
        assert "`weiplomacy up` starts it" in err


def test_the_sql_is_for_any_client(run, nobody):
    code, out, _ = run("ranking", "--sql", "--at", "2016-12-31", "--country", "古巴")
    assert code == 0
    assert out.startswith("-- Who leads by followers")
    assert "weibo.ranking(at = toString(toDate('2016-12-31')))" in out
    assert "country_code = 'CU'" in out
    assert "{" not in out


@pytest.mark.stack
def test_an_answer_in_every_form(run, answered):
    code, out, _ = run("ranking", "--at", "2016-12-31")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split()[:3] == ["rank", "printed_rank", "account_id"]
    assert lines[1].split()[:3] == ["1", "null", "cu-embassy"]
    assert "4 rows" in lines
    assert any("followers are the newest known ones" in line for line in lines)
    assert "the first 2 of 4 rows; --rows N shows more" in run("ranking", "--at", "2016-12-31", "--rows", "2")[1]
    rows = [json.loads(line) for line in run("ranking", "--at", "2016-12-31", "--json")[1].splitlines()]
    assert [row["account_id"] for row in rows] == ["cu-embassy", "il-embassy", "us-embassy", "ca-embassy"]
    table = list(csv.DictReader(io.StringIO(run("ranking", "--at", "2016-12-31", "--csv")[1])))
    assert [row["account_id"] for row in table] == [row["account_id"] for row in rows]
    assert [row["printed_rank"] for row in table] == ["", "1", "", ""], "null is an empty cell"
    _, sql, _ = run("ranking", "--at", "2016-12-31", "--sql")
    assert len(answered.query(sql).result_rows) == 4


@pytest.mark.stack
def test_texts_of_the_site_command_neither_spreadsheet_nor_terminal(run, answered):
    texts = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "x=1", "", "\x1b[2J", "'x", 'a"b']
    fill(answered, [comment(n, n, "12-20 10:00", text, likes=100 - n) for n, text in enumerate(texts, 1)])
    out = run("top-comments", "--post", "101", "--csv")[1]
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert [row["text"] for row in rows] == [
        "'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "'\nx", "'＝1", "x=1", "", "\x1b[2J", "'x", 'a"b',
    ]  # fmt: skip
    assert [row["likes"] for row in rows] == [str(100 - n) for n in range(1, 14)]
    assert "\x1b" not in run("top-comments", "--post", "101")[1]


@pytest.mark.stack
def test_negative_numbers_stay_numbers(run, answered):
    more = [snapshot("fr-embassy", "12-01 12:00", 10), snapshot("fr-embassy", "12-31 12:00", 3)]
    fill(answered, more, first=len(SNAPSHOTS))
    out = run("growth", "--since", "2016-12-10", "--at", "2016-12-31", "--country", "FR", "--csv")[1]
    assert [row["growth"] for row in csv.DictReader(io.StringIO(out))] == ["-7"]


@pytest.mark.stack
def test_no_data_yet_is_told_and_an_empty_answer_is_an_answer(run, migrated, monkeypatch):
    client, settings = migrated
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", settings.clickhouse_url)
    for form in ([], ["--json"], ["--csv"]):
        code, out, err = run("ranking", *form)
        assert (code, out) == (1, "")
        assert "there is no data yet for ranking (weibo.snapshots): `weiplomacy crawl run`" in err
    assert run("missions")[0] == 0
    fill(client, SNAPSHOTS)
    code, out, _ = run("ranking", "--at", "2014-12-31")
    assert (code, "0 rows" in out) == (0, True)
    assert run("ranking", "--at", "2014-12-31", "--json") == (0, "", "")
    assert len(run("ranking", "--at", "2014-12-31", "--csv")[1].splitlines()) == 1


@pytest.mark.stack
def test_an_older_schema_is_told(run, empty, monkeypatch):
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", empty.clickhouse_url)
    for arguments in (["ranking"], ["ranking", "--json"], ["ranking", "--csv"], ["--dictionary"]):
        code, out, err = run(*arguments)
        assert (code, out) == (1, "")
        assert "run `weiplomacy data migrate`" in err


@pytest.mark.stack
def test_the_dictionary_is_that_of_the_database(run, migrated, monkeypatch):
    client, settings = migrated
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", settings.clickhouse_url)
    views = {view["name"]: view for view in json.loads(run("--dictionary", "--json")[1])}
    there = client.query("SELECT name, comment FROM system.tables WHERE database = 'weibo'").result_rows
    assert {name: view["comment"] for name, view in views.items()} == dict(there)
    assert views["ranking"]["arguments"] == ["at String"]
    assert {"name": "post_id", "type": "UInt64", "comment": "Weibo's mid 微博编号"} in views["posts"]["columns"]
    assert all(view["columns"] for view in views.values())
    undescribed = [column["name"] for column in views["ranking"]["columns"] if not column["comment"]]
    assert undescribed == ["rank"], "a view with arguments has the words of other views' columns"
    _, out, _ = run("--dictionary")
    assert "weibo.ranking(at String)" in out
    assert "Weibo's mid 微博编号" in out


@pytest.mark.stack
def test_beside_an_answer_stands_how_fresh_and_how_complete_it_is(run, answered):
    fill(answered, EVENTS)
    derive(answered, everything(answered))
    record(answered, Seen(at("12-31 12:34"), {}), at("12-31 12:34"), 5, EPOCH)
    code, out, _ = run("top-posts", "--until", "2016-12-31", "--days", "30", "--country", "US")
    assert code == 0
    assert "2 rows" in out.splitlines()
    assert "derived (post_measures) from everything that came until 2016-12-31 04:34 UTC" in out
    assert "coverage: 0 of 2 visits missed nothing, newest sample 2016-12-22 15:00 UTC, newest row derived 20" in out
    (first, second) = (
        json.loads(line) for line in run("top-posts", "--until", "2016-12-31", "--days", "30", "--json")[1].splitlines()
    )
    assert (first["post_id"], first["reposts"], first["comments"], first["likes"], first["interactions"]) == (
        101,
        10,
        40,
        20,
        70,
    )
    assert (second["post_id"], second["interactions"], second["removal"]) == (103, None, "hidden")
    assert "derived" not in run("ranking", "--at", "2016-12-31")[1]


@pytest.mark.stack
def test_a_question_that_is_too_heavy_is_told_with_what_makes_it_lighter(run, answered, monkeypatch):
    def limited(settings):
        client = connect(settings)
        client.set_client_setting("max_rows_to_read", 1)
        return client

    monkeypatch.setattr(ask_answers, "connect", limited)
    for form in ([], ["--json"], ["--csv"]):
        code, out, err = run("growth", "--since", "2015-12-31", "--at", "2016-12-31", *form)
        assert (code, out) == (1, "")
        assert "growth is too heavy for the limits of ClickHouse at http://127.0.0.1:" in err
        assert "narrow it by --since or --country (Code: 158" in err
        assert err.count("\n") == 1
