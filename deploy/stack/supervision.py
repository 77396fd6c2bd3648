"""The supervisor: supervisord with a configuration of ours, reached over a private unix socket."""

import os
import shlex
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import psutil
from supervisor.xmlrpc import SupervisorTransport

from deploy.stack.errors import PartError
from deploy.stack.layout import Layout
from deploy.stack.parts import Part

POLL_S = 0.1
START_S = 30.0
#: Beyond the longest stop of a part: then what is left is killed.
STOP_S = 90.0


@dataclass(frozen=True, slots=True)
class PartState:
    """What the supervisor knows of a part.

    `since` is when it was started, or when it ended where it does not run: UTC, machine time; None where it never ran.
    """

    name: str
    state: str
    since: datetime | None
    pid: int | None
    said: str

    @property
    def running(self) -> bool:
        """Whether the process is there and has stayed for a moment."""
        return self.state == "RUNNING"


def configuration(layout: Layout, parts: Sequence[Part]) -> str:
    """The text of supervisord's configuration."""
    lines = [
        "[unix_http_server]",
        f"file={_text(layout.socket)}",
        "chmod=0700",
        "[supervisord]",
        f"logfile={_text(layout.logs / 'supervisor.log')}",
        "logfile_maxbytes=5MB",
        "logfile_backups=2",
        f"pidfile={_text(layout.run / 'supervisor.pid')}",
        f"directory={_text(layout.home)}",
        f"childlogdir={_text(layout.logs)}",
        "umask=077",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
    ]
    for place, part in enumerate(parts):
        lines += [
            f"[program:{part.name}]",
            f"command={shlex.join(part.command).replace('%', '%%')}",
            f"autostart={str(part.at_once).lower()}",
            # Exit code 2 says that settings or data need a person: to start again would not help.
            "autorestart=unexpected",
            "exitcodes=0,2",
            "startsecs=1",
            # A start that fails waits one second more each time, and goes on for hours.
            "startretries=200",
            f"stopwaitsecs={part.stop_wait_s}",
            "stopasgroup=true",
            "killasgroup=true",
            # They are stopped in the opposite order: who writes, before what is written to.
            f"priority={(place + 1) * 10}",
            # Alone of all values this one is expanded twice.
            f"stdout_logfile={_text(layout.logs / part.name)}.log".replace("%", "%%"),
            "stdout_logfile_maxbytes=10MB",
            "stdout_logfile_backups=3",
            "redirect_stderr=true",
        ]
    return "\n".join(lines) + "\n"


def _text(path: Path) -> str:
    return str(path).replace("%", "%%")


class Supervisor:
    """The supervisor of one state folder."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._file = layout.run / "supervisord.conf"

    def _call(self, method: str, *arguments: str | bool) -> Any:
        transport = SupervisorTransport(None, None, serverurl=f"unix://{self._layout.socket}")
        server = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=cast("xmlrpc.client.Transport", transport))
        return getattr(server.supervisor, method)(*arguments)

    def running(self) -> bool:
        """Whether it answers."""
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Error):
            return False

    def configured(self, parts: Sequence[Part]) -> bool:
        """Whether it was started with exactly these parts."""
        return self._file.is_file() and self._file.read_text(encoding="utf-8") == configuration(self._layout, parts)

    def start(self, parts: Sequence[Part], environment: Mapping[str, str]) -> None:
        """Start it with these parts. What a killed supervisor left behind is ended first. Raises PartError."""
        self.end_orphans()
        self._file.write_text(configuration(self._layout, parts), encoding="utf-8")
        self._layout.socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._file)]
        done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split())[-400:]
            raise PartError(f"the supervisor did not start: {said}")
        began = time.monotonic()
        while not self.running():
            if time.monotonic() - began > START_S:
                raise PartError(f"the supervisor does not answer since {START_S:.0f} s: see {self._layout.logs}")
            time.sleep(POLL_S)

    def stop(self) -> bool:
        """End all parts, writers first, and the supervisor; bounded. Returns whether there was anything to end."""
        try:
            self._call("shutdown")
            was = True
        except (OSError, xmlrpc.client.Error):
            was = False
        began = time.monotonic()
        while was and self._process() is not None and time.monotonic() - began < STOP_S:
            time.sleep(POLL_S)
        return self.end_orphans() or was

    def states(self) -> list[PartState]:
        """What it knows of each part; empty where it does not run."""
        try:
            told = self._call("getAllProcessInfo")
        except (OSError, xmlrpc.client.Error):
            return []
        return [
            PartState(
                name=entry["name"],
                state=entry["statename"],
                since=_moment(entry["start"] if entry["pid"] else entry["stop"]),
                pid=entry["pid"] or None,
                said=entry["spawnerr"],
            )
            for entry in told
        ]

    def log_of(self, name: str) -> Path:
        """Where a part writes."""
        return self._layout.logs / f"{name}.log"

    def start_part(self, name: str) -> None:
        """Start a part that is not running. Raises PartError where it does not stay up."""
        if any(state.name == name and state.state in ("RUNNING", "STARTING") for state in self.states()):
            return
        try:
            self._call("startProcess", name, True)
        except xmlrpc.client.Fault as fault:
            raise PartError(f"{name} did not start ({fault.faultString}): see `weiplomacy logs {name}`") from fault

    def end_orphans(self) -> bool:
        """Kill what runs for this state folder without its supervisor. Returns whether there was anything."""
        address = f"unix://{self._layout.socket}"
        orphans = [process for process in psutil.process_iter() if _server_of(process) == address]
        supervisor = self._process()
        if supervisor is not None:
            orphans.append(supervisor)
        for process in orphans:
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(orphans, timeout=START_S)
        return bool(orphans)

    def _process(self) -> psutil.Process | None:
        """The supervisor's own process; a stale process id, perhaps somebody else's by now, is none."""
        try:
            pid = int((self._layout.run / "supervisor.pid").read_text(encoding="utf-8"))
            process = psutil.Process(pid)
            ours = str(self._file) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, ValueError, psutil.Error):
            return None
        return process if ours else None


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _server_of(process: psutil.Process) -> str | None:
    """The supervisor that started a process, as supervisord tells its children."""
    try:
        if process.uids().real != os.getuid() or process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.environ().get("SUPERVISOR_SERVER_URL")
    except (psutil.Error, OSError):
        return None
