"""Who is let in: passwords and certificates of both ports, and what is refused at the start."""

import base64
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import clickhouse_connect
import pytest
import trustme
from clickhouse_connect.driver.exceptions import DatabaseError

from deploy.stack.layout import layout_of
from deploy.stack.parts import parts_of
from schemas.clickhouse import ClickHouseAccessError, connect
from schemas.settings import Analysts, Settings, Stack
from tests.clickhouse_process import ClickHouseProcess
from tests.deploy.clickhouse.asking import ask
from tests.deploy.clickhouse.test_command import fails

pytestmark = pytest.mark.stack

OURS, THEIRS = "our own passphrase", "theirs"


@dataclass
class Closed:
    """A server that asks for passwords, HTTPS on the main port; its settings are those of a stack."""

    process: ClickHouseProcess
    settings: Settings
    authority: Path


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    folder = tmp_path_factory.mktemp("closed")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    leaf = authority.issue_cert("clickhouse.example.org")
    leaf.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    leaf.private_key_pem.write_to_path(folder / "key.pem")
    for name, text in (("ours", OURS), ("theirs", THEIRS)):
        (folder / name).write_text(text + "\n")
    stack = Stack(
        clickhouse_password_file=folder / "ours",
        clickhouse_certificate=folder / "certificate.pem",
        clickhouse_key=folder / "key.pem",
    )
    settings = Settings(stack=stack, analysts=Analysts(password_file=folder / "theirs"))
    part = next(part for part in parts_of(settings, layout_of(folder), "live", "") if part.name == "clickhouse")
    arguments = list(part.command[part.command.index("--host") :])
    arguments[arguments.index("--analysts-port") + 1] = "0"
    with ClickHouseProcess(folder / "data", *arguments) as process:
        moved = stack.model_copy(update={"clickhouse_port": process.port, "analysts_port": process.analysts_port})
        yield Closed(process, settings.model_copy(update={"stack": moved}), folder / "authority.pem")


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "url"),
    [
        ({"X-ClickHouse-User": "me", "X-ClickHouse-Key": THEIRS}, {}),
        (basic(f"me:{THEIRS}"), {}),
        ({}, {"user": "me", "password": THEIRS}),
        ({}, {"password": THEIRS}),
    ],
)
def test_the_ways_to_send_it(closed: Closed, headers: dict[str, str], url: dict[str, str]) -> None:
    assert ask(closed.process.analysts_port, "SELECT 1", headers, **url).text == "1\n"
    wrong = {name: value.replace(THEIRS, OURS) for name, value in headers.items()}
    wrong |= basic(f"me:{OURS}") if "Authorization" in headers else {}
    refused = ask(
        closed.process.analysts_port, "SELECT 1", wrong, **{n: v.replace(THEIRS, "x") for n, v in url.items()}
    )
    assert (refused.status, refused.code) == (403, 516)
    assert "Authentication failed: password is incorrect" in refused.text


def test_without_one_it_is_asked_for(closed: Closed) -> None:
    refused = ask(closed.process.analysts_port, "SELECT 1", compress="1")
    assert (refused.status, refused.code) == (401, 194)
    assert refused.text.startswith("Code: 194. DB::Exception: ")  # plain, as from ClickHouse
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    assert ask(closed.process.analysts_port, "", method="GET").text == "Ok.\n"  # says that somebody is there, no more


def test_our_own_parts_read_the_password_and_trust_the_certificate(closed: Closed, tmp_path: Path) -> None:
    with connect(closed.settings) as client:
        assert client.url.startswith("https://127.0.0.1:")
        assert client.command("SELECT 1") == 1
    stranger = trustme.CA().issue_cert("clickhouse.example.org")
    stranger.cert_chain_pems[0].write_to_path(tmp_path / "stranger.pem")
    other = closed.settings.stack.model_copy(update={"clickhouse_certificate": tmp_path / "stranger.pem"})
    with pytest.raises(Exception, match="does not answer"):
        connect(closed.settings.model_copy(update={"stack": other}))
    (tmp_path / "wrong").write_text(THEIRS)
    other = closed.settings.stack.model_copy(update={"clickhouse_password_file": tmp_path / "wrong"})
    with pytest.raises(ClickHouseAccessError):
        connect(closed.settings.model_copy(update={"stack": other}))


def test_others_check_the_certificate_as_usual(closed: Closed) -> None:
    client = clickhouse_connect.get_client(
        host="127.0.0.1",
        port=closed.process.port,
        interface="https",
        password=OURS,
        ca_cert=str(closed.authority),
        server_host_name="clickhouse.example.org",
    )
    with client:
        assert client.command("SELECT 1") == 1
    context = ssl.create_default_context(cafile=closed.authority)
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):  # its name is another
        urllib.request.urlopen(f"https://127.0.0.1:{closed.process.port}/ping", context=context, timeout=10)
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{closed.process.port}/ping", timeout=10)


def test_a_wrong_password_has_its_code_in_clickhouse_connect(closed: Closed) -> None:
    with pytest.raises(DatabaseError) as caught:
        clickhouse_connect.get_client(host="127.0.0.1", port=closed.process.analysts_port, password="wrong")
    assert caught.value.code == 516


def test_the_password_is_on_no_command_line(closed: Closed) -> None:
    assert closed.process.process is not None
    command = Path(f"/proc/{closed.process.process.pid}/cmdline").read_bytes().decode()
    environment = Path(f"/proc/{closed.process.process.pid}/environ").read_bytes().decode()
    assert "--analysts-password-file" in command
    for password in (OURS, THEIRS + "\n"):
        assert password not in command + environment


@pytest.mark.parametrize("prefix", ["", "analysts-"])
def test_what_is_refused_at_the_start(tmp_path: Path, prefix: str) -> None:
    def start(*arguments: str) -> str:
        return fails("--path", str(tmp_path / "x"), "--port", "0", "--analysts-port", "0", *arguments)

    beyond = (f"--{prefix}host", "0.0.0.0")  # noqa: S104
    assert f"name a --{prefix}password-file" in start(*beyond)
    assert "can't be read: No such file" in start(*beyond, f"--{prefix}password-file", str(tmp_path / "none"))
    (tmp_path / "empty").write_text("\n")
    assert "must hold one line" in start(*beyond, f"--{prefix}password-file", str(tmp_path / "empty"))
    assert "belong together" in start(f"--{prefix}certificate", str(tmp_path / "empty"))
    pair = (f"--{prefix}certificate", str(tmp_path / "empty"), f"--{prefix}key", str(tmp_path / "empty"))
    assert "can't be used" in start(*pair)
    assert not (tmp_path / "x").exists()
