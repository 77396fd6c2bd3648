"""What comes of hostile and of harmless statements on the analysts' port."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clickhouse_process import ClickHouseProcess
from tests.deploy.clickhouse.asking import Answer, ask
from tests.deploy.clickhouse.hostile import HARMLESS, NOT_ALLOWED, SLOTS, SPELLINGS, STATEMENTS

pytestmark = pytest.mark.stack

SECRET = "the file's content that nobody may see"


@dataclass
class Place:
    """The analysts' port, and what must stay untouched behind it."""

    port: int
    secret: Path
    out: Path
    listener: socket.socket

    def try_(self, sql: str) -> Answer:
        url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/x"
        for name, value in (("{secret}", str(self.secret)), ("{out}", str(self.out)), ("{url}", url)):
            sql = sql.replace(name, value)
        return ask(self.port, sql)

    def untouched(self) -> bool:
        try:
            self.listener.accept()[0].close()
        except BlockingIOError:
            return not self.out.exists()
        return False


@pytest.fixture(scope="module")
def place(clickhouse: ClickHouseProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    (folder / "secret").write_text(SECRET)
    with clickhouse.client() as client, socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        client.command("CREATE DATABASE private ENGINE = Atomic")
        client.command("CREATE DATABASE weibo_store ENGINE = Atomic")
        client.command("CREATE TABLE private.secrets (a Int32) ENGINE = MergeTree ORDER BY a")
        client.command("CREATE TABLE weibo.t (a Int32, b String) ENGINE = MergeTree ORDER BY a")
        client.command("CREATE VIEW weibo.v AS SELECT * FROM weibo.t WHERE a = {x:Int32}")
        yield Place(clickhouse.analysts_port, folder / "secret", folder / "out", listener)
        for name in ("private.secrets", "weibo.t", "weibo.v"):
            client.command(f"DROP TABLE {name}")
        client.command("DROP DATABASE private")
        client.command("DROP DATABASE weibo_store")


@pytest.mark.parametrize(("sql", "code"), STATEMENTS)
def test_statement(place: Place, sql: str, code: int) -> None:
    answer = place.try_(sql)
    assert answer.code == code, answer.text
    assert SECRET not in answer.text
    assert place.untouched()
    if code == HARMLESS:
        assert answer.status == 200
    else:
        assert answer.text.startswith(f"Code: {code}. DB::Exception: ")


@pytest.mark.parametrize("slot", SLOTS)
def test_no_place_of_an_expression_reads_a_file(place: Place, slot: str) -> None:
    for spelling in SPELLINGS:
        answer = place.try_(slot.replace("{e}", spelling))
        assert answer.code == NOT_ALLOWED, f"{slot} with {spelling}: {answer.text}"
        assert SECRET not in answer.text
