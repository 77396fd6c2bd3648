"""The question pack through the port that is handed out: read-only, and judged before anything runs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from deploy.cli import ask_dictionary, csv_cells
from deploy.cli.data_export import Form, export
from schemas import migrate, registry
from schemas.clickhouse import connect
from schemas.question_values import filled, values_of
from schemas.questions import declared
from schemas.settings import ClickHouse, Settings
from tests.clickhouse_process import ClickHouseProcess
from tests.schemas.question_rows import EVENTS, at
from tests.schemas.test_question_facts import GIVEN
from tests.schemas.test_views import fill

pytestmark = pytest.mark.stack

QUESTIONS = {question.name: question for question in declared()}


@pytest.fixture(scope="module")
def analyst(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Settings]]:
    """A client of the analysts' port and its settings, over a few rows."""
    home = tmp_path_factory.mktemp("home")
    with ClickHouseProcess(tmp_path_factory.mktemp("clickhouse"), "--analysts-port", "0") as process:
        owner = Settings(home=home, clickhouse=ClickHouse(url=process.url))
        client = connect(owner)
        migrate.apply(client, owner)
        fill(client, EVENTS)
        client.close()
        settings = Settings(home=home, clickhouse=ClickHouse(url=f"http://127.0.0.1:{process.analysts_port}"))
        client = connect(settings)
        yield client, settings
        client.close()


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_may_be_asked(analyst: tuple[Client, Settings], name: str) -> None:
    client, settings = analyst
    question = QUESTIONS[name]
    needed = {one.name: GIVEN[one.name] for one in question.parameters if one.default is None}
    values = values_of(question, needed, registry.load(settings), at("12-31 12:00").date())
    lines = client.raw_query(question.sql, parameters=values, fmt="JSONEachRow").splitlines()
    assert client.raw_query(filled(question, values), fmt="JSONEachRow").splitlines() == lines
    described = client.query(f"DESCRIBE TABLE ({question.sql})", parameters=values).result_rows
    safe = csv_cells.guarded([(column, kind) for column, kind, *_ in described], f"({question.sql})")
    table = client.raw_query(safe, parameters=values, fmt="JSONEachRow").splitlines()
    assert len(table) == len(lines)
    assert [list(json.loads(row)) for row in table] == [list(json.loads(row)) for row in lines]


def test_the_dictionary_may_be_read(analyst: tuple[Client, Settings], tmp_path: Path) -> None:
    client, settings = analyst
    assert {view.name for view in ask_dictionary.read(client, settings)} >= {"ranking", "posts", "samples"}


@pytest.mark.parametrize("form", Form)
def test_views_may_be_exported(analyst: tuple[Client, Settings], tmp_path: Path, form: Form) -> None:
    _, settings = analyst
    moment = at("12-31 12:00")
    manifest = export(settings, "samples", (None, moment.date()), form, tmp_path, False, moment)
    assert manifest.rows == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == [manifest.file, f"{manifest.file}.json"]
