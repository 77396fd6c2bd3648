"""Ordered SQL migrations: applied once, recorded with their checksums, never edited after they ran.

A migration is a file `NNNN_name.sql`. It is a list of statements, each after a line `-- statement: what it is`; the
text is never parsed for semicolons. Every statement may be repeated (IF NOT EXISTS, OR REPLACE), so a run that was
interrupted is simply run again: a migration is recorded when all of its statements are done.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError
from urllib3.exceptions import HTTPError

from schemas.clickhouse import ACCESS_CODES, named, paragraph
from schemas.errors import WeiplomacyError
from schemas.settings import Settings

MARK = re.compile(r"^-- statement: *(.*)$", re.MULTILINE)
NAME = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")

RECORD = """
CREATE TABLE IF NOT EXISTS weibo_store.migrations
(
    number UInt16,
    name String,
    checksum String COMMENT 'SHA-256 of the file',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    software String
)
ENGINE = MergeTree
ORDER BY number
COMMENT 'The migrations that ran.'
"""


class MigrationError(WeiplomacyError):
    """The schema can't be brought up to date."""


class MigrationFileError(MigrationError):
    """A migration file is broken: its name, its number, or its statements."""


class MigrationEditedError(MigrationError):
    """A migration was edited after it ran."""


class NewerSchemaError(MigrationError):
    """The database has migrations that this software does not know."""


class MigrationFailedError(MigrationError):
    """ClickHouse refused a statement."""


class NotMigratedError(MigrationError):
    """The database lacks migrations that the software needs."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement and what it is."""

    words: str
    sql: str


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration file."""

    number: int
    name: str
    checksum: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """A migration as the database remembers it; `applied_at` in UTC."""

    number: int
    name: str
    checksum: str
    applied_at: datetime


def parse(file_name: str, text: str) -> Migration:
    """A migration from its file's name and text. Raises MigrationFileError."""
    match = NAME.match(file_name)
    if not match:
        raise MigrationFileError(f"the migration {file_name} is not named NNNN_name.sql")
    pieces = MARK.split(text)[1:]
    statements = tuple(
        Statement(words.strip(), sql.strip()) for words, sql in zip(pieces[::2], pieces[1::2], strict=True)
    )
    if not statements or not all(statement.sql for statement in statements):
        raise MigrationFileError(f"the migration {file_name} has no statement, or an empty one, after `-- statement:`")
    return Migration(int(match[1]), match[2], sha256(text.encode()).hexdigest(), statements)


def declared() -> tuple[Migration, ...]:
    """The migrations of this software, in order. Raises MigrationFileError where the numbers have a gap."""
    folder = files("schemas") / "migrations"
    found = sorted(
        (parse(file.name, file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".sql")),
        key=lambda migration: migration.number,
    )
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise MigrationFileError("the migrations are not numbered 0001, 0002, … without a gap")
    return tuple(found)


def pending(migrations: Sequence[Migration], applied: Mapping[int, Applied]) -> tuple[Migration, ...]:
    """What is still to be applied, in order. Raises MigrationEditedError or NewerSchemaError."""
    by_number = {migration.number: migration for migration in migrations}
    for number, done in sorted(applied.items()):
        known = by_number.get(number)
        if known is None:
            raise NewerSchemaError(
                f"the database has the migration {number:04d}_{done.name}, which this version does not know: update it"
            )
        if known.checksum != done.checksum:
            raise MigrationEditedError(
                f"the migration {number:04d}_{known.name} was edited after it ran on {done.applied_at:%Y-%m-%d %H:%M} "
                "UTC: put the file back as it was, and write the change as a new migration"
            )
    return tuple(migration for migration in migrations if migration.number not in applied)


def applied(client: Client, settings: Settings) -> dict[int, Applied]:
    """The migrations that the database remembers, by number; none where it is empty. Raises what `named` names."""
    try:
        rows = client.query(
            "SELECT count() FROM system.tables WHERE database = 'weibo_store' AND name = 'migrations'"
        ).result_rows
        if not rows[0][0]:
            return {}
        records = client.query(
            "SELECT number, name, checksum, applied_at FROM weibo_store.migrations ORDER BY number, applied_at DESC"
        ).result_rows
    except (ClickHouseError, HTTPError, OSError) as error:
        raise named(error, settings) from error
    return {
        number: Applied(number, name, checksum, applied_at.astimezone(UTC))
        for number, name, checksum, applied_at in records
    }


def apply(client: Client, settings: Settings) -> tuple[Migration, ...]:
    """Apply what is pending, and return it.

    Raises MigrationEditedError, NewerSchemaError, MigrationFailedError, or what schemas.clickhouse.named names.
    """
    todo = pending(declared(), applied(client, settings))
    for migration in todo:
        for statement in migration.statements:
            _run(client, settings, migration, statement)
        _record(client, settings, migration)
    return todo


def require(client: Client, settings: Settings) -> None:
    """Do nothing where the schema is up to date. Raises NotMigratedError, MigrationEditedError or NewerSchemaError."""
    todo = pending(declared(), applied(client, settings))
    if todo:
        names = ", ".join(f"{migration.number:04d}_{migration.name}" for migration in todo)
        raise NotMigratedError(
            f"ClickHouse at {settings.clickhouse_url} lacks migrations ({names}): run `weiplomacy data migrate`"
        )


def _run(client: Client, settings: Settings, migration: Migration, statement: Statement) -> None:
    try:
        client.command(statement.sql)
    except (ClickHouseError, HTTPError, OSError) as error:
        code = error.code if isinstance(error, DatabaseError) else None
        if code in ACCESS_CODES or (code is None and isinstance(error, (OperationalError, HTTPError, OSError))):
            raise named(error, settings) from error
        raise MigrationFailedError(
            f"the migration {migration.number:04d}_{migration.name} failed at {statement.words!r}: {paragraph(error)}"
        ) from error


def _record(client: Client, settings: Settings, migration: Migration) -> None:
    try:
        client.command(RECORD)
        client.insert(
            "weibo_store.migrations",
            [[migration.number, migration.name, migration.checksum, version("weiplomacy")]],
            column_names=["number", "name", "checksum", "software"],
        )
    except (ClickHouseError, HTTPError, OSError) as error:
        raise named(error, settings) from error
