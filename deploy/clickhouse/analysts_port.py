"""The analysts' port: reads only, within limits, judged before anything is executed."""

import re
import uuid
from dataclasses import replace

from deploy.clickhouse import external, kill
from deploy.clickhouse.admission import Lanes, Running
from deploy.clickhouse.allowed import FORMATS, HOME_DATABASES
from deploy.clickhouse.analysts import AnalystLimits, assignments, tightened, without_settings
from deploy.clickhouse.answer import DEFAULT_FORMAT
from deploy.clickhouse.credentials import Password
from deploy.clickhouse.engine import Engine, Handle
from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.guard import Guard
from deploy.clickhouse.intake import MAX_TEXT, Intake
from deploy.clickhouse.port import Port
from deploy.clickhouse.sessions import Session
from deploy.clickhouse.statement import Kind
from deploy.clickhouse.work import Work

_USE = re.compile(r"USE\s+(?:DATABASE\s+)?[`\"]?(\w+)[`\"]?", re.IGNORECASE)
_SET = re.compile(r"SET\s(.*)", re.IGNORECASE | re.DOTALL)


class AnalystsPort(Port):
    """Whoever is let in may read what `allowed` lists, and cancel what the same user has started here."""

    max_body = MAX_TEXT
    reads_only = True
    max_text = 1 << 18  # ClickHouse's own max_query_size; judging one of this length takes a second

    def __init__(
        self, engine: Engine, work: Work, lanes: Lanes, password: Password | None, limits: AnalystLimits
    ) -> None:
        super().__init__(engine, work, lanes, password)
        self.limits = limits
        self.max_answer = limits.result_bytes
        handle = engine.handle(None, {}, {})
        try:
            self._guard = Guard(handle)
        finally:
            handle.close()

    def _prepared(self, intake: Intake) -> Intake:
        statement, parameters = intake.statement, intake.parameters
        if parameters.database is not None:
            _check_database(parameters.database)
        if statement.kind not in {Kind.SELECT, Kind.SHOW, Kind.SESSION, Kind.KILL}:
            raise QueryError.named(Code.READONLY, "Cannot execute query in readonly mode: analysts read")
        if statement.kind is Kind.KILL and kill.read(statement.sql) is None:
            raise QueryError.named(
                Code.ACCESS_DENIED, "Not enough privileges: KILL QUERY WHERE query_id = '…', your own"
            )
        settings: dict[str, str] = {}
        if statement.kind.reads:
            statement, settings = without_settings(statement)
        format_name = statement.format or parameters.default_format or DEFAULT_FORMAT
        if format_name.lower() not in FORMATS:
            raise QueryError.named(Code.UNKNOWN_FORMAT, f"Unknown format {format_name}, or none for analysts")
        for table in intake.tables:
            external.check(table)
        asked = tightened({**parameters.settings, **settings}, self.limits)
        return replace(intake, statement=statement, parameters=replace(parameters, settings=asked))

    def _key(self, query_id: str) -> str:
        """Not the client's word: another port's query may have the same, and who cancels cancels by it."""
        return f"analysts {uuid.uuid4()}"

    def _limits(self) -> dict[str, str]:
        return self.limits.settings()

    def _ready(self, handle: Handle, intake: Intake) -> None:
        if intake.statement.kind.reads:
            self._guard.judge(handle, intake.statement.sql)
        super()._ready(handle, intake)
        handle.apply({"readonly": "1"}, {})  # the last: from here on nothing changes any more

    def _change(self, session: Session, handle: Handle, sql: str) -> None:
        """SET and USE are understood here; the engine does not see them."""
        if found := _USE.fullmatch(sql.strip()):
            _check_database(found[1])
            session.database = found[1]
            return
        found = _SET.fullmatch(sql.strip())
        settings = assignments(found[1]) if found else None
        if settings is None:
            raise QueryError.named(Code.SYNTAX_ERROR, "Only SET name = value and USE database are served to analysts")
        session.settings |= tightened(settings, self.limits)

    def _victim(self, query_id: str, user: str) -> Running | None:
        found = self.running.of(query_id)
        return found if found and found.user == user else None

    def _shown(self, sql: str) -> str:
        """Nothing: with one password for all, whose a name is nobody can prove."""
        return ""

    def _kills_otherwise(self) -> bool:
        return False


def _check_database(name: str) -> None:
    if name not in HOME_DATABASES | {"default"}:
        raise QueryError.named(
            Code.ACCESS_DENIED,
            f"default: Not enough privileges. To execute this query, it's necessary to have the grant SHOW ON {name}.*",
        )
