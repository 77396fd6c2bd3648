"""A way to ClickHouse that can tell, at any instant, whether an insert is under way."""

import socket
import threading
from contextlib import suppress

CHUNK = 65_536


class InsertWatch:
    """Forwards connections to a port, and knows which of them wait for the answer to an insert."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._lock = threading.Condition()
        self._inserting = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def inserting(self) -> bool:
        """Whether an insert was sent, at least its beginning, and is not answered."""
        return self._inserting > 0

    def wait_for_insert(self, timeout: float) -> bool:
        """Wait until an insert begins; whether one did in time."""
        with self._lock:
            return self._lock.wait_for(lambda: self._inserting > 0, timeout)

    def _accept(self) -> None:
        while True:
            near, _ = self._server.accept()
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            near.close()
            return
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        busy = [False]
        back = threading.Thread(target=self._answers, args=(far, near, busy), daemon=True)
        back.start()
        with suppress(OSError):
            while data := near.recv(CHUNK):
                if b"insert_deduplication_token=" in data:
                    self._mark(busy, True)
                far.sendall(data)
        self._mark(busy, False)
        for end in (near, far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _answers(self, far: socket.socket, near: socket.socket, busy: list[bool]) -> None:
        with suppress(OSError):
            while data := far.recv(CHUNK):
                self._mark(busy, False)
                near.sendall(data)
        with suppress(OSError):
            near.shutdown(socket.SHUT_RDWR)

    def _mark(self, busy: list[bool], value: bool) -> None:
        with self._lock:
            if busy[0] != value:
                busy[0] = value
                self._inserting += 1 if value else -1
                self._lock.notify_all()
