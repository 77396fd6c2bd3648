"""The supervisor's configuration, as supervisord itself reads it, and a supervisor that is not there."""

import os
import shlex
from pathlib import Path

from supervisor.options import ServerOptions

from deploy.stack.layout import layout_of, make
from deploy.stack.parts import Part
from deploy.stack.supervision import Supervisor, configuration

PARTS = (
    Part("kafka", ("/opt/a b/java", "-D100%", "it's", "%(ENV_HOME)s"), (), "", at_once=True, stop_wait_s=40),
    Part("loader", ("/bin/loader",), (), "", at_once=False, stop_wait_s=60),
)


def test_blanks_percent_signs_and_quotes_arrive_as_they_are(tmp_path: Path) -> None:
    layout = layout_of(tmp_path / "50% off; really")
    make(layout)
    file = layout.run / "supervisord.conf"
    file.write_text(configuration(layout, PARTS))
    options = ServerOptions()
    options.realize(["-c", str(file)])
    kafka, loader = (group.process_configs[0] for group in sorted(options.process_group_configs))
    assert kafka.name == "kafka"
    assert tuple(shlex.split(kafka.command)) == PARTS[0].command
    assert kafka.stdout_logfile == str(layout.logs / "kafka.log")
    assert (kafka.autostart, loader.autostart) == (True, False)
    assert kafka.stopasgroup and kafka.killasgroup
    assert kafka.stopwaitsecs == 40
    assert kafka.priority < loader.priority
    (server,) = options.server_configs
    assert server["file"] == str(layout.socket)
    assert server["chmod"] == 0o700


def test_a_folder_without_a_supervisor(tmp_path: Path) -> None:
    layout = layout_of(tmp_path)
    make(layout)
    supervisor = Supervisor(layout)
    assert not supervisor.running()
    assert supervisor.states() == []
    assert not supervisor.configured(PARTS)
    assert supervisor.stop() is False


def test_a_stale_process_id_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    layout = layout_of(tmp_path)
    make(layout)
    (layout.run / "supervisor.pid").write_text(str(os.getpid()))
    assert Supervisor(layout).stop() is False


def test_other_parts_are_another_configuration(tmp_path: Path) -> None:
    layout = layout_of(tmp_path)
    make(layout)
    (layout.run / "supervisord.conf").write_text(configuration(layout, PARTS))
    assert Supervisor(layout).configured(PARTS)
    assert not Supervisor(layout).configured(PARTS[:1])
