"""`weiplomacy data export`: whole files of a view and a period, with what is in them; and what can't be written."""

import csv
import json
import sys
from hashlib import sha256
from pathlib import Path

import chdb
import pytest

from deploy.cli import data_export
from deploy.cli.data_export import TIMES
from deploy.cli.main import main
from schemas import accounts_table, registry
from tests.schemas.question_rows import EVENTS, at, comment
from tests.schemas.test_views import fill


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs `weiplomacy data export …` as its script does; returns exit code, stdout and stderr."""
    monkeypatch.setenv("WEIPLOMACY_HOME", str(tmp_path / "home"))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["weiplomacy", "data", "export", *(str(one) for one in arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def filled(migrated, monkeypatch):
    client, settings = migrated
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", settings.clickhouse_url)
    accounts_table.load_registry(client, settings, registry.load(settings), at("12-31 12:00"))
    fill(client, EVENTS)
    return client


def refused(said, code, words):
    ended, out, err = said
    assert (ended, out) == (code, "")
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sampels"], "there is no view 'sampels' to export; there are: account_days, account_hours, account_states"),
        (["weibo_store.receipts"], "there is no view 'weibo_store.receipts'"),
        (["samples", "--since", "2016-02-30"], "--since '2016-02-30' is no day: write it as 2016-12-31"),
        (["samples", "--until", "soon"], "--until 'soon' is no day"),
        (
            ["samples", "--since", "2016-12-31", "--until", "2016-12-01"],
            "--since 2016-12-31 is after --until 2016-12-01",
        ),
    ],
)
def test_what_can_not_be_exported_is_told_before_anything_is_made(run, tmp_path, arguments, words):
    refused(run(*arguments, "--to", tmp_path / "out"), 2, words)
    assert not (tmp_path / "out").exists()


def test_nobody_answers_and_nothing_is_left(run, tmp_path, monkeypatch):
    from tests.kafka_process import free_port

    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", f"http://127.0.0.1:{free_port()}")
    refused(run("samples", "--to", tmp_path / "out"), 3, "`weiplomacy up` starts it")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.stack
def test_every_view_has_its_time(migrated):
    client, _ = migrated
    there = {name for (name,) in client.query("SELECT name FROM system.tables WHERE database = 'weibo'").result_rows}
    assert there == {*TIMES, "ranking"}


@pytest.mark.stack
def test_a_period_of_samples_as_csv(run, filled, tmp_path):
    out = tmp_path / "new" / "folder"
    said = run("samples", "--since", "2016-12-20", "--until", "2016-12-20", "--format", "csv", "--to", out)
    assert said[0] == 0
    file = out / "samples_2016-12-20_2016-12-20.csv"
    assert said[1] == f"2 rows of weibo.samples in {file} ({file.stat().st_size:,} bytes)\n"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert sorted(row["observed_at_beijing"] for row in rows) == ["2016-12-20 10:00:00.000", "2016-12-20 11:30:00.000"]
    assert {row["views"] for row in rows} == {""}, "null is an empty cell"
    manifest = json.loads((out / f"{file.name}.json").read_text(encoding="utf-8"))
    assert (manifest["view"], manifest["since"], manifest["until"]) == ("samples", "2016-12-20", "2016-12-20")
    assert (manifest["rows"], manifest["bytes"]) == (2, file.stat().st_size)
    assert manifest["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert manifest["moment"].endswith("Z")
    described = {column["name"]: column for column in manifest["columns"]}
    assert list(described) == list(rows[0])
    assert described["post_id"] == {"name": "post_id", "type": "UInt64", "comment": "Weibo's mid 微博编号"}
    assert sorted(path.name for path in out.iterdir()) == [file.name, f"{file.name}.json"]


@pytest.mark.stack
def test_days_are_beijings_and_the_last_one_counts(run, filled, tmp_path):
    # 00:30 in Beijing is still the day before in UTC.
    fill(filled, [comment(90, 90, "12-27 00:30", "x"), comment(91, 91, "12-27 23:59", "x")])

    def rows(*period):
        code, out, _ = run("comments", *period, "--to", tmp_path, "--json", "--replace")
        assert code == 0
        return json.loads(out)["rows"]

    assert rows("--since", "2016-12-27", "--until", "2016-12-27") == 2
    assert rows("--since", "2016-12-26", "--until", "2016-12-26") == 0
    assert rows("--until", "2016-12-26") == 15


@pytest.mark.stack
def test_parquet_can_be_read_and_keeps_types(run, filled, tmp_path):
    for view in ("samples", "comments", "receipts", "accounts", "ranking"):
        code, out, _ = run(view, "--until", "2016-12-31", "--to", tmp_path, "--json")
        assert code == 0
        manifest = json.loads(out)
        source = f"file('{tmp_path / manifest['file']}', Parquet)"
        where = "" if view in ("accounts", "ranking") else " WHERE 1"
        argument = "(at = '2016-12-31')" if view == "ranking" else ""
        expected = filled.query(f"SELECT count() FROM weibo.{view}{argument}{where}").result_rows[0][0]
        assert manifest["rows"] == expected > 0
        assert int(str(chdb.query(f"SELECT count() FROM {source}"))) == expected
    source = f"file('{tmp_path / 'samples_begin_2016-12-31.parquet'}', Parquet)"
    nulls = "SELECT countIf(comments IS NULL), sum(likes), min(toUnixTimestamp64Milli(observed_at)) FROM "
    assert (
        str(chdb.query(nulls + source, "CSV")).strip()
        == str(filled.raw_query(nulls + "weibo.samples", fmt="CSV").decode()).strip()
    )


@pytest.mark.stack
def test_texts_are_no_formulas(run, filled, tmp_path):
    fill(filled, [comment(90, 90, "12-27 12:00", '=HYPERLINK("x")')])
    run("comments", "--since", "2016-12-27", "--until", "2016-12-27", "--format", "csv", "--to", tmp_path)
    with (tmp_path / "comments_2016-12-27_2016-12-27.csv").open(encoding="utf-8", newline="") as lines:
        assert [row["text"] for row in csv.DictReader(lines)] == ['\'=HYPERLINK("x")']


@pytest.mark.stack
def test_an_earlier_export_stays_unless_it_is_to_be_replaced(run, filled, tmp_path):
    arguments = ("samples", "--until", "2016-12-31", "--to", tmp_path)
    assert run(*arguments)[0] == 0
    before = {path.name: path.read_bytes() for path in tmp_path.glob("samples*")}
    refused(run(*arguments), 1, "samples_begin_2016-12-31.parquet is there already: name another folder, or --replace")
    assert {path.name: path.read_bytes() for path in tmp_path.glob("samples*")} == before
    assert run(*arguments, "--replace")[0] == 0


@pytest.mark.stack
def test_a_folder_that_can_not_be_written_is_told(run, filled, tmp_path, full_disk):
    (tmp_path / "file").write_text("somebody's")
    refused(run("samples", "--to", tmp_path / "file"), 1, f"nothing was exported to {tmp_path / 'file'}: File exists")
    refused(run("samples", "--to", full_disk / "out"), 1, "No space left on device")
    assert not [
        path for path in full_disk.rglob("*") if path.name != "filling" and path.is_file() and path.stat().st_size
    ]


@pytest.mark.stack
def test_a_failure_in_the_middle_leaves_nothing(run, filled, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert run("samples", "--until", "2016-12-31", "--to", out)[0] == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    midnight = data_export._midnight
    monkeypatch.setattr(data_export, "_midnight", lambda day: f"toDateTime64(throwIf(post_id = 103, '{day}'), 3)")
    code, _, err = run("samples", "--until", "2016-12-31", "--to", out, "--replace")
    assert code == 1
    assert err.count("\n") == 1
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before

    def dies(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(data_export, "_midnight", midnight)
    monkeypatch.setattr(Path, "write_text", dies)
    refused(run("samples", "--until", "2016-12-31", "--to", out, "--replace"), 1, "Input/output error")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.stack
def test_an_older_schema_is_told(run, empty, tmp_path, monkeypatch):
    monkeypatch.setenv("WEIPLOMACY_CLICKHOUSE__URL", empty.clickhouse_url)
    refused(run("samples", "--to", tmp_path / "out"), 1, "run `weiplomacy data migrate`")
    assert list((tmp_path / "out").iterdir()) == []
