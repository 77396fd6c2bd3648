import socket
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas import accounts_table, migrate, registry
from schemas.clickhouse import ANSWER_TIMEOUT_S, ClickHouseUnreachableError, QueryError, connect
from schemas.errors import SettingsError
from schemas.migrate import (
    Applied,
    MigrationEditedError,
    MigrationFailedError,
    MigrationFileError,
    NewerSchemaError,
    NotMigratedError,
    parse,
    pending,
)
from schemas.settings import ClickHouse, Settings
from tests.kafka_process import free_port

NOW = datetime(2024, 1, 1, tzinfo=UTC)
TEXT = "-- why\n\n-- statement: one\nSELECT 1; SELECT ';'\n\n-- statement: two\nSELECT 2\n"


def done(migration: migrate.Migration) -> Applied:
    return Applied(migration.number, migration.name, migration.checksum, NOW)


def test_statements_are_what_stands_after_the_marks():
    one, two = parse("0007_words.sql", TEXT).statements
    assert (one.words, one.sql) == ("one", "SELECT 1; SELECT ';'")
    assert (two.words, two.sql) == ("two", "SELECT 2")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("words.sql", TEXT),
        ("0001_words.sql", "SELECT 1"),
        ("0001_words.sql", "-- statement: one\n\n-- statement: two\nSELECT 1"),
    ],
)
def test_a_broken_file_is_named(name, text):
    with pytest.raises(MigrationFileError, match=name):
        parse(name, text)


def test_ours_are_numbered_and_only_engines_would_differ_in_a_cluster():
    declared = migrate.declared()
    assert [migration.number for migration in declared] == list(range(1, len(declared) + 1))
    for migration in declared:
        for statement in migration.statements:
            engines = [line for line in statement.sql.splitlines() if "ENGINE =" in line]
            if statement.sql.startswith("CREATE TABLE"):
                assert len(engines) == 1, statement.words
                assert engines[0].startswith("ENGINE = "), statement.words
                assert "    non_replicated_deduplication_window = 10000" in statement.sql, statement.words
                assert "    replicated_deduplication_window = 10000" in statement.sql, statement.words


def test_what_is_pending():
    one, two = parse("0001_one.sql", TEXT), parse("0002_two.sql", TEXT)
    assert pending([one, two], {}) == (one, two)
    assert pending([one, two], {1: done(one)}) == (two,)
    assert pending([one, two], {1: done(one), 2: done(two)}) == ()


def test_an_edited_migration_is_named():
    one = parse("0001_one.sql", TEXT)
    with pytest.raises(MigrationEditedError, match="0001_one was edited after it ran on 2024-01-01"):
        pending([replace(one, checksum="other")], {1: done(one)})


def test_a_newer_database_is_named():
    one = parse("0001_one.sql", TEXT)
    with pytest.raises(NewerSchemaError, match="0002_two"):
        pending([one], {1: done(one), 2: Applied(2, "two", "x", NOW)})


def test_nobody_answers():
    settings = Settings(clickhouse=ClickHouse(url=f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(ClickHouseUnreachableError, match=settings.clickhouse_url):
        connect(settings)


def test_a_server_that_hangs_is_told_with_its_time(monkeypatch):
    monkeypatch.setattr("schemas.clickhouse.FIRST_ANSWER_TIMEOUT_S", 1)
    # It takes connections, as a frozen process would, and never answers.
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings = Settings(clickhouse=ClickHouse(url=f"http://127.0.0.1:{server.getsockname()[1]}"))
        with pytest.raises(ClickHouseUnreachableError, match=r"\(tried for \d+ s, since \d\d:\d\d:\d\d UTC\)"):
            connect(settings)


@pytest.mark.parametrize("url", ["localhost", "ftp://x:1", "http://x:port"])
def test_a_wrong_address_is_a_setting(url):
    with pytest.raises(SettingsError, match=r"clickhouse\.url"):
        connect(Settings(clickhouse=ClickHouse(url=url)))


@pytest.mark.stack
def test_migrations_run_once_and_are_remembered(empty):
    client = connect(empty)
    assert client.timeout.read_timeout == ANSWER_TIMEOUT_S, "only the first answer has to come sooner"
    with pytest.raises(NotMigratedError, match="0001_tables"):
        migrate.require(client, empty)
    assert migrate.apply(client, empty) == migrate.declared()
    assert migrate.apply(client, empty) == ()
    migrate.require(client, empty)
    client.command(
        "ALTER TABLE weibo_store.migrations UPDATE checksum = 'x' WHERE number = 2 SETTINGS mutations_sync = 2"
    )
    with pytest.raises(MigrationEditedError, match="0002_rollups"):
        migrate.require(client, empty)
    client.close()


@pytest.mark.stack
def test_an_interrupted_run_is_run_again(empty, monkeypatch):
    client = connect(empty)
    broken = tuple(
        replace(one, statements=(*one.statements[:2], migrate.Statement("a fault", "CREATE NONSENSE")))
        for one in migrate.declared()
    )
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "declared", lambda: broken)
        with pytest.raises(MigrationFailedError, match="0001_tables failed at 'a fault'"):
            migrate.apply(client, empty)
    assert migrate.apply(client, empty) == migrate.declared()
    client.close()


@pytest.mark.stack
def test_the_registry_is_loaded_once(migrated):
    client, settings = migrated
    accounts = registry.load(settings)
    assert accounts_table.load_registry(client, settings, accounts, NOW)
    assert not accounts_table.load_registry(client, settings, accounts, NOW)
    shorter = registry.Registry(accounts.accounts[1:])
    assert accounts_table.load_registry(client, settings, shorter, NOW.replace(year=2025))
    rows = client.query("SELECT account_id FROM weibo.accounts").result_rows
    assert sorted(row[0] for row in rows) == sorted(account.id for account in accounts.accounts[1:])


@pytest.mark.stack
def test_a_refused_query_has_clickhouse_words_and_moments_are_aware(migrated):
    client, settings = migrated
    assert client.query("SELECT toDateTime64('2024-01-01 00:00:00', 3, 'UTC')").result_rows == [(NOW,)]
    from schemas.clickhouse import named

    with pytest.raises(Exception, match="NIX") as caught:
        client.query("SELECT NIX")
    error = named(caught.value, settings)
    assert isinstance(error, QueryError)
    assert str(error).startswith(f"ClickHouse at {settings.clickhouse_url}: Code: 47.")
    assert "\n" not in str(error)
