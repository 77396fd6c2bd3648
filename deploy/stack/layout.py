"""Where the stack keeps what in the state folder."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.stack.errors import StateFolderError
from schemas.origin import CLOCK

#: Free space below which nothing is started, in bytes: a database that runs out of disk helps nobody.
LEAST_FREE = 512 * 1024 * 1024
#: A unix socket's path has 108 bytes at most (unix(7)); the rest is for supervisord's temporary names.
LONGEST_SOCKET = 90


@dataclass(frozen=True, slots=True)
class Layout:
    """The state folder, absolute, and what is in it."""

    home: Path

    @property
    def kafka(self) -> Path:
        """Kafka's folder."""
        return self.home / "kafka"

    @property
    def clickhouse(self) -> Path:
        """The database."""
        return self.home / "clickhouse"

    @property
    def replica(self) -> Path:
        """The replica's state: its certificate authority and sessions."""
        return self.home / "replica"

    @property
    def replica_authority(self) -> Path:
        """The certificate authority to trust when the replica is visited."""
        return self.replica / "ca.pem"

    @property
    def clock(self) -> Path:
        """The clock file that replica and crawler read."""
        return self.home / CLOCK

    @property
    def logs(self) -> Path:
        """What the parts write while they run."""
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """The supervisor's configuration, process id and socket."""
        return self.home / "run"

    @property
    def socket(self) -> Path:
        """The supervisor's socket: in the state folder, or in a private short folder where that path is too long."""
        here = self.run / "supervisor.sock"
        if len(os.fsencode(here)) <= LONGEST_SOCKET:
            return here
        name = hashlib.blake2b(os.fsencode(self.home), digest_size=8).hexdigest()
        base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        return Path(base) / f"weiplomacy-{os.getuid()}-{name}" / "supervisor.sock"


def layout_of(home: Path) -> Layout:
    """The layout of a state folder."""
    return Layout(home.expanduser().absolute())


def make(layout: Layout) -> None:
    """Make the folders. Raises StateFolderError where that is not possible or the disk is full."""
    try:
        for folder in (layout.home, layout.kafka, layout.clickhouse.parent, layout.logs, layout.run):
            folder.mkdir(parents=True, exist_ok=True)
        layout.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = layout.socket.parent.stat().st_uid
        probe = layout.run / "writable"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
        free = shutil.disk_usage(layout.home).free
    except OSError as error:
        what = ": ".join(filter(None, (error.strerror, error.filename)))
        raise StateFolderError(
            f"the state folder {layout.home} can't be used: {what}. Mend that, or set WEIPLOMACY_HOME to a folder "
            "elsewhere"
        ) from error
    if owner != os.getuid():
        raise StateFolderError(
            f"{layout.socket.parent} belongs to another user: set XDG_RUNTIME_DIR to a folder of yours"
        )
    if free < LEAST_FREE:
        raise StateFolderError(
            f"the disk of the state folder {layout.home} has {free // 2**20} MiB left and needs {LEAST_FREE // 2**20}: "
            "make room, or set WEIPLOMACY_HOME to a folder elsewhere"
        )
