"""The engine (chDB) and its handles. Everything here blocks: it is called from threads.

Where things land: chDB's own database `default` is an overlay over the file system, in which a table name may be the
name of a file. It is replaced by an ordinary Atomic database as long as it is empty, and requests that name no
database, or `default` as most clients do unasked, run in `weibo`, which is made at the start.
"""

import json
import re
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import chdb

from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.folder import Folder
from deploy.clickhouse.piped import Piped

HOME_DATABASE = "weibo"
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
#: A setting, or a parameter of a query, which the engine lets have dollars in its name.
_SETTING = re.compile(r"[A-Za-z_]\w*|param_[\w$]+", re.ASCII)
#: What the engine says of the place that the data came by, which tells nobody anything.
_PIPE = re.compile(r":? ?\(in file/uri /proc/self/fd/\d+\)")
_BATCH = 1 << 20  # bytes of an answer that are fetched together


@dataclass(frozen=True)
class Limits:
    """What the engine may use: bytes in all and per query, threads per reading query.

    `fsync` writes every insert through to the disk before it is acknowledged. Without it an acknowledged insert is
    in the page cache: it survives the death of the process, not a power failure.
    """

    memory: int
    query_memory: int
    threads: int
    fsync: bool = False

    def config(self) -> str:
        """The engine's configuration file."""
        sync = int(self.fsync)
        return (
            "<clickhouse>"
            f"<max_server_memory_usage>{self.memory}</max_server_memory_usage>"
            f"<mark_cache_size>{min(256 << 20, self.memory // 8)}</mark_cache_size>"
            f"<merge_tree><fsync_after_insert>{sync}</fsync_after_insert>"
            f"<fsync_part_directory>{sync}</fsync_part_directory></merge_tree>"
            "</clickhouse>"
        )

    def settings(self) -> dict[str, str]:
        """What every handle starts with; a request may change it for itself."""
        return {
            "max_memory_usage": str(self.memory if self.query_memory > self.memory else self.query_memory),
            "max_threads": str(self.threads),
            "async_insert": "0",  # 1 since 26.2: an acknowledged insert shall be a part on disk
            "implicit_select": "0",  # 1 in chDB: a misspelt keyword would be an expression
        }


@dataclass
class Progress:
    """Counts of one query, as ClickHouse's summary has them."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    total_rows_to_read: int = 0
    result_rows: int = 0
    result_bytes: int = 0
    elapsed_ns: int = 0

    def update(self, report: Mapping[str, int]) -> None:
        """Take over what the engine reports of a running query."""
        for name in ("read_rows", "read_bytes", "total_rows_to_read", "elapsed_ns"):
            setattr(self, name, max(getattr(self, name), int(report.get(name, 0))))


def as_sent(sql: str) -> bytes:
    """The bytes that a client sent; a literal may be no UTF-8."""
    return sql.encode(errors="surrogateescape")


def quoted(text: str) -> str:
    """`text` as a string literal of SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def identifier(name: str) -> str:
    """`name` as a quoted identifier of SQL."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


@dataclass
class Handle:
    """One connection to the engine with its own settings and database. Not for two requests at a time."""

    connection: Any
    progress: Progress = field(default_factory=Progress)

    def apply(self, settings: Mapping[str, str], parameters: Mapping[str, str]) -> None:
        """SET the settings (`readonly` last, since it forbids the rest) and the query's parameters."""
        values = {**settings, **{f"param_{name}": value for name, value in parameters.items()}}
        if not values:
            return
        for name in values:
            if not _SETTING.fullmatch(name):
                raise QueryError(115, f"Unknown setting {quoted(name)}. (UNKNOWN_SETTING)")
        order = sorted(values, key=lambda name: name == "readonly")
        self.execute("SET " + ", ".join(f"{identifier(name)} = {quoted(values[name])}" for name in order))

    def use(self, database: str) -> None:
        """Make `database` the current one; raises `QueryError` when there is none of this name."""
        self.execute("USE " + identifier(database))

    def execute(self, sql: str, format_name: str = "TabSeparated") -> bytes:
        """Run a statement whose answer is small. Raises `QueryError`."""
        try:
            result = self.connection.query(as_sent(sql), format_name)
        except (RuntimeError, ValueError) as error:
            raise QueryError.from_engine(error) from error
        answer = bytes(result.bytes())
        self.progress.written_rows = int(result.rows_written())
        self.progress.written_bytes = int(result.bytes_written())
        self.progress.read_rows = max(self.progress.read_rows, int(result.storage_rows_read()))
        self.progress.read_bytes = max(self.progress.read_bytes, int(result.storage_bytes_read()))
        self.progress.result_rows, self.progress.result_bytes = int(result.rows_read()), len(answer)
        return answer

    def state(self) -> tuple[str, dict[str, str]]:
        """The current database, and the settings that differ from their defaults."""
        database = self.execute("SELECT currentDatabase()", "JSONCompactEachRow")
        rows = self.execute("SELECT name, value FROM system.settings WHERE changed", "JSONCompactEachRow")
        return json.loads(database)[0], dict(json.loads(row) for row in rows.splitlines())

    def watch(self) -> Progress:
        """Count what the next query reads."""
        self.progress = Progress()
        self.connection.set_progress_callback(self.progress.update)
        return self.progress

    def batches(self, sql: str, format_name: str) -> Generator[bytes, None, None]:
        """Stream the answer of a SELECT, about a megabyte at a time, block by block of the format.

        Right only for formats whose pieces are a whole when joined. Raises `QueryError` at any moment.
        """
        try:
            stream = self.connection.send_query(as_sent(sql), format_name)
            try:
                batch = bytearray()
                for block in stream:
                    self.progress.result_rows += int(block.rows_read())
                    batch += block.bytes()
                    if len(batch) >= _BATCH:
                        self.progress.result_bytes += len(batch)
                        yield bytes(batch)
                        batch.clear()
                self.progress.result_bytes += len(batch)
                if batch:
                    yield bytes(batch)
            finally:
                stream.close()
        except (RuntimeError, ValueError) as error:
            raise QueryError.from_engine(error) from error

    def insert(self, sql: str, format_name: str, pieces: Iterable[bytes], tail: str = "") -> int:
        """Run an INSERT with data; returns the rows written, those of materialized views included.

        `tail` is the SETTINGS clause of the statement. Raises `QueryError`; then nothing of the last block was
        written. A repeated insert that its token deduplicates counts its rows as written too.
        """
        name = format_name.strip('`"')
        if not _NAME.fullmatch(name):
            raise QueryError(73, f"Unknown format {quoted(format_name)}. (UNKNOWN_FORMAT)")
        # Not chDB's own `send_insert`: it acknowledges rows that it then fails to write (a full disk, a constraint, a
        # view that throws, too many parts). A statement tells all of that.
        with Piped(pieces) as path:
            try:
                result = self.connection.query(
                    as_sent(f"{sql} FROM INFILE {quoted(str(path))} COMPRESSION 'none' {tail} FORMAT {name}")
                )
            except (RuntimeError, ValueError) as error:
                failed = QueryError.from_engine(error)
                raise QueryError(failed.code, _PIPE.sub("", str(failed))) from error
        self.progress.written_rows = self.progress.result_rows = int(result.rows_written())
        self.progress.written_bytes = self.progress.result_bytes = int(result.bytes_written())
        return self.progress.written_rows

    def close(self) -> None:
        """Give the connection back; a stream must be closed before."""
        self.connection.close()


class Engine:
    """Owner of the folder: one per process, and one process per folder."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Open or create the database in `path`. Raises `StartError`."""
        self._folder = Folder(path, limits.config())
        self.path = self._folder.path
        self.spool_folder = self._folder.spool
        self.limits = limits
        root = Handle(self._folder.root)
        self.version = root.execute("SELECT version()").decode().strip()
        self.replaced_default = _replace_default(root)
        root.execute(f"CREATE DATABASE IF NOT EXISTS {identifier(HOME_DATABASE)} ENGINE = Atomic")

    def handle(self, database: str | None, settings: Mapping[str, str], parameters: Mapping[str, str]) -> Handle:
        """A fresh handle with the limits' settings, then the request's. Raises `QueryError`."""
        try:
            handle = Handle(chdb.connect(str(self.path)))
        except RuntimeError as error:
            raise QueryError.from_engine(error) from error
        try:
            handle.use(HOME_DATABASE if database in {None, "default"} else str(database))
            handle.apply({**self.limits.settings(), **settings}, parameters)
        except QueryError:
            handle.close()
            raise
        return handle

    def cancel(self, query_id: str) -> None:
        """Tell the query of this id to stop; it ends with code 394 soon after."""
        killer = Handle(chdb.connect(str(self.path)))
        try:
            killer.execute(f"KILL QUERY WHERE Settings['log_comment'] = {quoted(query_id)} ASYNC")
        finally:
            killer.close()

    def close(self) -> None:
        """Close the engine; every handle must be closed before."""
        self._folder.close()


def _replace_default(root: Handle) -> bool:
    """Make `default` an ordinary database; False when it can't be, since somebody has put tables there."""
    if root.execute("SELECT count() FROM system.tables WHERE database = 'default'") != b"0\n":
        return False
    root.execute("DROP DATABASE default")
    root.execute("CREATE DATABASE default ENGINE = Atomic")  # chDB opens no connection without it
    return True


def unusable_name(name: str) -> QueryError:
    """The error for an external table whose name is no identifier."""
    return QueryError.named(Code.BAD_REQUEST_PARAMETER, f"{name!r} is no name for an external table")
