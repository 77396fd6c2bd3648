"""The HTTP side of a port: one request is let in, taken in, admitted, executed and answered."""

import asyncio
import uuid
from collections.abc import Sequence

from aiohttp import web

from deploy.clickhouse import kill, priority
from deploy.clickhouse.admission import Lanes, Running, RunningQueries
from deploy.clickhouse.answer import DEFAULT_FORMAT, EXCEPTION_CODE, base_headers, content_type, summary
from deploy.clickhouse.blocks import encode_all
from deploy.clickhouse.credentials import Password, admit, credentials_of, refuse_pages
from deploy.clickhouse.engine import Engine, Handle, identifier
from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.intake import MAX_TEXT, Intake, beside, take_in
from deploy.clickhouse.parameters import answers_in_blocks
from deploy.clickhouse.rows import MAX_ANSWER, Rows
from deploy.clickhouse.sessions import Session, Sessions, changed
from deploy.clickhouse.statement import Kind
from deploy.clickhouse.work import AGAIN_SECONDS, Work

MAX_BODY = 4 << 30  # bytes of a decoded request
MAX_URL = 1 << 20  # as ClickHouse's http_max_uri_size


class Port:
    """The main port: whoever is let in may do anything."""

    max_body = MAX_BODY
    max_text = MAX_TEXT
    max_answer = MAX_ANSWER
    reads_only = False  # the port sets `readonly` itself, whatever the method

    def __init__(
        self,
        engine: Engine,
        work: Work,
        lanes: Lanes,
        password: Password | None,
        others: Sequence[RunningQueries] = (),
    ) -> None:
        """`others` are the queries of other ports that may be killed from here."""
        self.engine = engine
        self.work = work
        self.lanes = lanes
        self.running = RunningQueries()
        self.sessions = Sessions()
        self._password = password
        self._others = others
        self._stopping: set[asyncio.Task[None]] = set()
        self._has_priorities = priority.can_be_restored()

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
        in_blocks = False
        try:
            headers = {name.lower(): value for name, value in request.headers.items()}
            credentials = credentials_of(headers, request.query)
            if request.method != "POST" and not request.query.get("query"):
                return web.Response(text="Ok.\n")
            admit(credentials, self._password)
            if self._password is None:
                refuse_pages(headers, request.remote)
            # As in ClickHouse, who is not let in is told so in plain text.
            in_blocks = answers_in_blocks(dict(request.query.items()))
            intake = await take_in(request, self.engine.spool_folder, self.max_body, self.max_text)
            with intake.body:
                prepared = await beside(len(intake.statement.sql), self._prepared, intake)
                return await self._admitted(request, prepared, query_id, credentials.user)
        except QueryError as error:
            return self._refusal(error, query_id, in_blocks=in_blocks)

    async def _admitted(self, request: web.Request, intake: Intake, query_id: str, user: str) -> web.StreamResponse:
        kind = intake.statement.kind
        if self.work.stopping:
            raise QueryError.named(Code.ABORTED, "The server is being stopped")
        if intake.parameters.read_only and not kind.reads:
            raise QueryError.named(
                Code.READONLY, "Cannot execute query in readonly mode: for queries that modify data use POST, not GET"
            )
        if not self._has_priorities:
            priority.refuse(intake.statement.sql + intake.statement.tail, intake.parameters.settings)
        query = Running(self._key(query_id), kind, user, intake.statement.sql)
        async with self.lanes.of(kind).place(), self.running.running(query_id, query):
            session = self.sessions.of(intake.parameters.session, user)
            if kind.reads:
                rows = Rows(
                    request, intake, query_id, query.key, engine=self.engine, work=self.work, most=self.max_answer
                )
                return await rows.answer(lambda: self._open(intake, session, query.key))
            if kind is Kind.KILL and (wanted := kill.read(intake.statement.sql)):
                victim = self._victim(wanted.query_id, user)
                if victim or not self._kills_otherwise():
                    return await self._kill(intake, wanted, victim, query_id)
            # A write that was taken in whole is carried out whether or not its client still waits.
            return await self.work.to_its_end(self._write(intake, session, query.key, query_id))

    def _prepared(self, intake: Intake) -> Intake:
        """What is to be executed of a request. Raises `QueryError` for what this port does not do."""
        return intake

    def _key(self, query_id: str) -> str:
        """By what the engine knows the query of an id."""
        return query_id

    def _limits(self) -> dict[str, str]:
        """Settings of this port's requests, which theirs may change."""
        return {}

    def _ready(self, handle: Handle, intake: Intake) -> None:
        """Make a handle ready for the request: the tables that it brings along."""
        for table in intake.tables:
            handle.execute(f"CREATE TEMPORARY TABLE {identifier(table.name)} ({table.structure})")
            handle.insert(f"INSERT INTO {identifier(table.name)}", table.format, [table.data])

    def _change(self, session: Session, handle: Handle, sql: str) -> None:
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

    def _victim(self, query_id: str, user: str) -> Running | None:
        """The running query that this user may kill by its id."""
        return next((found for queries in (self.running, *self._others) if (found := queries.of(query_id))), None)

    def _kills_otherwise(self) -> bool:
        """Whether a KILL of an id that does not run here goes to the engine, which has ids of its own."""
        return True

    def _open(self, intake: Intake, session: Session, key: str) -> Handle:
        parameters = intake.parameters
        behind = priority.LOW_PRIORITY if intake.statement.kind.reads and self._has_priorities else {}
        settings = {**behind, **self._limits(), **session.settings, **parameters.settings, "log_comment": key}
        if parameters.read_only and not self.reads_only and settings.get("readonly", "0") == "0":
            settings["readonly"] = "2"
        handle = self.engine.handle(parameters.database or session.database, settings, parameters.query_parameters)
        try:
            self._ready(handle, intake)
        except QueryError:
            handle.close()
            raise
        return handle

    async def _write(self, intake: Intake, session: Session, key: str, query_id: str) -> web.Response:
        def work() -> tuple[bytes, dict[str, str]]:
            handle = self._open(intake, session, key)
            try:
                statement = intake.statement
                answer = b""
                if statement.kind is Kind.SESSION:
                    self._change(session, handle, statement.sql)
                elif statement.kind is Kind.INSERT_DATA:
                    handle.insert(statement.sql, statement.format or "Values", intake.data(), statement.tail)
                else:
                    answer = handle.execute(statement.sql, intake.parameters.default_format or DEFAULT_FORMAT)
                return encode_all(answer) if intake.parameters.answer_blocks else answer, summary(handle.progress)
            finally:
                handle.close()

        answer, counts = await self.work.run(work)
        headers = base_headers(query_id) | counts
        if answer:
            headers |= _headers_of(intake.parameters.default_format)
        return web.Response(body=answer, headers=headers)

    async def _kill(self, intake: Intake, wanted: kill.Kill, victim: Running | None, query_id: str) -> web.Response:
        format_name = wanted.format or intake.parameters.default_format or DEFAULT_FORMAT
        user, sql = (victim.user, self._shown(victim.sql)) if victim else ("", "")
        if victim and wanted.really:
            task = asyncio.create_task(self._stop(victim))
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)

        def work() -> bytes:
            handle = self.engine.handle(None, {}, {})
            try:
                rows = handle.execute(kill.answer(wanted.query_id, user, sql, found=victim is not None), format_name)
                return encode_all(rows) if intake.parameters.answer_blocks else rows
            finally:
                handle.close()

        return web.Response(body=await self.work.run(work), headers=base_headers(query_id) | _headers_of(format_name))

    async def _stop(self, victim: Running) -> None:
        """Cancel until it has ended: a query that is only about to start does not hear the first call."""
        while any(queries.runs(victim) for queries in (self.running, *self._others)):
            await self.work.run(self.engine.cancel, victim.key)
            await asyncio.sleep(AGAIN_SECONDS)

    def _shown(self, sql: str) -> str:
        """What the answer to a KILL shows of the query."""
        return sql

    def _refusal(self, error: QueryError, query_id: str, *, in_blocks: bool) -> web.Response:
        headers = base_headers(query_id) | {EXCEPTION_CODE: str(error.code)}
        if error.code == Code.REQUIRED_PASSWORD:  # browsers and spreadsheets then ask for it
            headers["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
        text = f"{error.wire_text(self.engine.version)}\n".encode(errors="replace")
        headers["Content-Type"] = "text/plain; charset=utf-8"
        return web.Response(status=error.status, body=encode_all(text) if in_blocks else text, headers=headers)


def _headers_of(format_name: str | None) -> dict[str, str]:
    name = format_name or DEFAULT_FORMAT
    return {"X-ClickHouse-Format": name, "Content-Type": content_type(name)}


async def _ok(request: web.Request) -> web.Response:
    return web.Response(text="Ok.\n")
