"""The folder of the database: who owns it, and opening the engine in it."""

import errno
import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import chdb

from deploy.clickhouse.errors import QueryError, StartError
from deploy.clickhouse.tokens import forget_tokens_without_rows

log = logging.getLogger(__name__)


class Folder:
    """An owned folder with the engine open in it; `root` is the connection that keeps it open."""

    def __init__(self, path: Path, config: str) -> None:
        """Lock, prepare and open. Raises `StartError`."""
        if set("?&%") & set(str(path)):
            raise StartError(f"The folder {path} has one of the characters ? & % in its name: choose another")
        self.path = path.absolute()
        self.spool = self.path / "http"
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._owner = _lock(self.path)
            shutil.rmtree(self.spool, ignore_errors=True)
            self.spool.mkdir()
            config_file = self.path / "config.xml"
            config_file.write_text(config)
            if lost := forget_tokens_without_rows(self.path):
                log.warning("%d inserts died with the engine before their rows were kept: a repeat writes them", lost)
        except OSError as error:
            what = "there is no space left on its disk" if error.errno == errno.ENOSPC else error.strerror
            raise StartError(f"The folder {self.path} can't be used: {what}") from error
        self.root = self._open(config_file)

    def close(self) -> None:
        """Close the engine; every other connection must be closed before."""
        self.root.close()
        self._owner.close()

    def _open(self, config_file: Path) -> Any:
        with _engine_s_words() as words:
            try:
                return chdb.connect(f"{self.path}?config-file={config_file}")
            except RuntimeError as error:
                words.seek(0)
                said = words.read().decode(errors="replace")
                if "Cannot lock file" in said + str(error):
                    raise StartError(_in_use(self.path, "another process (a notebook with chDB?)")) from error
                reason = QueryError.from_engine(RuntimeError(said) if "DB::Exception" in said else error)
                raise StartError(
                    f"The folder {self.path} can't be opened as a ClickHouse database "
                    f"({' '.join(str(reason).split())[:300]}): name another folder with --path, "
                    "or restore this one from a backup"
                ) from error


def _in_use(path: Path, by_whom: str) -> str:
    return f"The folder {path} is in use by {by_whom}: stop that one, or name another folder with --path"


def _lock(path: Path) -> IO[str]:
    """Our own lock, before anything in the folder is touched; the engine has one more, against all others."""
    owner = (path / "owner").open("a+")
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner.seek(0)
        process = owner.read().strip() or "unknown"
        owner.close()
        raise StartError(_in_use(path, f"another process of this server (number {process})")) from error
    owner.truncate(0)
    owner.write(f"{os.getpid()}\n")
    owner.flush()
    return owner


@contextmanager
def _engine_s_words() -> Iterator[IO[bytes]]:
    """Collect what the engine writes to standard error by itself, where its reasons stand."""
    with tempfile.TemporaryFile() as words:
        before = os.dup(2)
        os.dup2(words.fileno(), 2)
        try:
            yield words
        finally:
            os.dup2(before, 2)
            os.close(before)
