"""The HTTP side: one request is taken in, admitted, executed and answered."""

import asyncio
import time
import uuid
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiohttp import web

from deploy.clickhouse import priority
from deploy.clickhouse.admission import Lanes, RunningQueries
from deploy.clickhouse.answer import DEFAULT_FORMAT, EXCEPTION_CODE, base_headers, content_type, summary
from deploy.clickhouse.engine import Engine, Handle, identifier
from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.intake import Intake, take_in
from deploy.clickhouse.rows import Rows
from deploy.clickhouse.sessions import Session, Sessions, changed
from deploy.clickhouse.statement import Kind
from deploy.clickhouse.work import Work

MAX_BODY = 4 << 30  # bytes of a decoded request
MAX_URL = 1 << 20  # as ClickHouse's http_max_uri_size

T = TypeVar("T")


class Server:
    """ClickHouse's HTTP interface over one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.lanes = Lanes()
        self.running = RunningQueries()
        self.sessions = Sessions(time.monotonic)
        self.draining = False
        self.work = Work(engine)
        self._has_priorities = priority.can_be_restored()
        self._tasks: set[asyncio.Task[Any]] = set()

    def application(self) -> web.Application:
        """The paths of ClickHouse: `/` and `/query` for statements, `/ping`, `/replicas_status`."""
        application = web.Application()
        for path in ("/", "/query"):
            application.router.add_post(path, self.answer)
            application.router.add_get(path, self.answer)  # HEAD with it
        application.router.add_get("/ping", _ok)
        application.router.add_get("/replicas_status", _ok)
        return application

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one statement; every failure has ClickHouse's code, text and status."""
        query_id = request.query.get("query_id") or request.headers.get("X-ClickHouse-Query-Id") or str(uuid.uuid4())
        try:
            if request.method != "POST" and not request.query.get("query"):
                return web.Response(text="Ok.\n")
            intake = await take_in(request, self.engine.spool_folder, MAX_BODY)
            with intake.body:
                return await self._admitted(request, intake, query_id)
        except QueryError as error:
            return self._refusal(error, query_id)

    async def drain(self, seconds: float) -> None:
        """Refuse what is new, cancel what only reads, and let writes end, for at most `seconds`."""
        self.draining = True
        for query_id in self.running.reads():
            await self.work.run(self.engine.cancel, query_id)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    def close(self) -> None:
        """Close threads and engine."""
        self.work.close()
        self.engine.close()

    async def _admitted(self, request: web.Request, intake: Intake, query_id: str) -> web.StreamResponse:
        kind = intake.statement.kind
        if self.draining:
            raise QueryError.named(Code.ABORTED, "The server is being stopped")
        if intake.parameters.read_only and not kind.reads:
            raise QueryError.named(
                Code.READONLY, "Cannot execute query in readonly mode: for queries that modify data use POST, not GET"
            )
        if not self._has_priorities:
            priority.refuse(intake.statement.sql + intake.statement.tail, intake.parameters.settings)
        async with self.lanes.of(kind).place(), self.running.running(query_id, kind):
            session = self.sessions.of(intake.parameters.session)
            if kind.reads:
                rows = Rows(request, intake, query_id, engine=self.engine, work=self.work)
                return await rows.answer(lambda: self._open(intake, session, query_id))
            # A write that was taken in whole is carried out whether or not its client still waits.
            return await self._to_its_end(self._write(intake, session, query_id))

    async def _to_its_end(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task})
            raise

    def _open(self, intake: Intake, session: Session, query_id: str) -> Handle:
        parameters = intake.parameters
        behind = priority.LOW_PRIORITY if intake.statement.kind.reads and self._has_priorities else {}
        settings = {**behind, **session.settings, **parameters.settings, "log_comment": query_id}
        if parameters.read_only and settings.get("readonly", "0") == "0":
            settings["readonly"] = "2"
        handle = self.engine.handle(parameters.database or session.database, settings, parameters.query_parameters)
        try:
            for table in intake.tables:
                handle.execute(f"CREATE TEMPORARY TABLE {identifier(table.name)} ({table.structure})")
                handle.insert(f"INSERT INTO {identifier(table.name)}", table.format, [table.data])
        except QueryError:
            handle.close()
            raise
        return handle

    async def _write(self, intake: Intake, session: Session, query_id: str) -> web.Response:
        def work() -> tuple[bytes, dict[str, str]]:
            handle = self._open(intake, session, query_id)
            try:
                statement = intake.statement
                answer = b""
                if statement.kind is Kind.SESSION:
                    _change(session, handle, statement.sql)
                elif statement.kind is Kind.INSERT_DATA:
                    handle.insert(statement.sql, statement.format or "Values", intake.data(), statement.tail)
                else:
                    answer = handle.execute(statement.sql, intake.parameters.default_format or DEFAULT_FORMAT)
                return answer, summary(handle.progress)
            finally:
                handle.close()

        answer, counts = await self.work.run(work)
        headers = base_headers(query_id) | counts
        if answer:
            format_name = intake.parameters.default_format or DEFAULT_FORMAT
            headers |= {"X-ClickHouse-Format": format_name, "Content-Type": content_type(format_name)}
        return web.Response(body=answer, headers=headers)

    def _refusal(self, error: QueryError, query_id: str) -> web.Response:
        return web.Response(
            status=error.status,
            text=error.wire_text(self.engine.version) + "\n",
            headers=base_headers(query_id) | {EXCEPTION_CODE: str(error.code)},
        )


def _change(session: Session, handle: Handle, sql: str) -> None:
    """Execute SET or USE, and keep what it changes."""
    _, before = handle.state()
    handle.execute(sql)
    database, after = handle.state()
    if sql.lstrip()[:3].upper() == "USE":
        session.database = database
    for name, value in changed(before, after).items():
        if name == "database":
            continue
        if value is None:
            session.settings.pop(name, None)
        else:
            session.settings[name] = value


async def _ok(request: web.Request) -> web.Response:
    return web.Response(text="Ok.\n")
