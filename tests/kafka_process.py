"""A real Kafka broker for tests: started in a folder of its own, on free ports, with the topics of the contract."""

import secrets
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from deploy.stack.kafka import Broker, broker_command, cache_folder, class_path, prepare
from deploy.stack.topics import make_topics, wait_for_broker

START_S = 120
#: Linux gives connections ports from 32,768 on.
BELOW_EPHEMERAL = range(10_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on now, and that no connection gets by itself before somebody does."""
    while True:
        port = BELOW_EPHEMERAL[secrets.randbelow(len(BELOW_EPHEMERAL))]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class KafkaProcess:
    """One broker. `kill` leaves its data behind for the next `start`, as a crash would."""

    def __init__(self, folder: Path, heap_mb: int = 320) -> None:
        self.broker = Broker(folder, free_port(), free_port(), heap_mb)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def servers(self) -> list[str]:
        return [f"127.0.0.1:{self.broker.port}"]

    def start(self) -> None:
        self.broker.folder.mkdir(parents=True, exist_ok=True)
        jars = class_path(cache_folder())
        prepare(self.broker, jars)
        with (self.broker.folder / "kafka.log").open("ab") as log:
            self.process = subprocess.Popen(broker_command(self.broker, jars), stdout=log, stderr=log)
        admin = wait_for_broker(self.servers, START_S)
        make_topics(admin)
        admin.close()

    def signal(self, number: signal.Signals) -> None:
        """Freeze, thaw or end the broker."""
        assert self.process
        self.process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self.process
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
