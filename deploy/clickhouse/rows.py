"""Answering a query with rows: at once, kept until its end, or streamed."""

import asyncio
import inspect
import itertools
import logging
import secrets
from collections.abc import Callable, Generator
from contextlib import closing

from aiohttp import web

from deploy.clickhouse.answer import (
    DEFAULT_FORMAT,
    base_headers,
    content_type,
    is_joinable,
    late_exception,
    summary,
)
from deploy.clickhouse.compression import AnswerEncoder
from deploy.clickhouse.engine import Engine, Handle, Progress, quoted
from deploy.clickhouse.errors import QueryError
from deploy.clickhouse.intake import Intake
from deploy.clickhouse.spool import Spool, disk_error
from deploy.clickhouse.statement import Kind
from deploy.clickhouse.watched import Watched
from deploy.clickhouse.work import Work

LOG = logging.getLogger(__name__)
MAX_ANSWER = 64 << 30  # bytes of an answer that is kept until its end
_AT_ONCE = 1 << 20  # bytes of an answer that leave in one write
_STALLED = 300.0  # seconds in which the client takes nothing


class Rows:
    """The answer to one query."""

    def __init__(
        self,
        request: web.Request,
        intake: Intake,
        query_id: str,
        key: str,
        *,
        engine: Engine,
        work: Work,
        most: int = MAX_ANSWER,
    ) -> None:
        """`key` is by what the engine knows the query; an answer that is kept has at most `most` bytes."""
        self._request = request
        self._intake = intake
        self._query_id = query_id
        self._key = key
        self._most = most
        self._engine = engine
        self._work = work
        self._progress = Progress()
        parameters = intake.parameters
        self._format = intake.statement.format or parameters.default_format or DEFAULT_FORMAT
        self._encoder = AnswerEncoder(parameters.answer_encoding, in_blocks=parameters.answer_blocks)
        self._headers = base_headers(query_id) | {
            "X-ClickHouse-Format": self._format,
            "Content-Type": content_type(self._format),
        }
        if self._encoder.encoding:
            self._headers["Content-Encoding"] = self._encoder.encoding

    async def answer(self, open_handle: Callable[[], Handle]) -> web.StreamResponse:
        """Execute on a handle of one's own and answer. Raises `QueryError` as long as no byte has left."""
        pieces = self._encoded(open_handle)
        try:
            if self._intake.parameters.wait_end_of_query:
                return await self._whole(pieces)
            begun = await self._work.undisturbed(self._key, lambda: list(itertools.islice(pieces, 2)))
            if len(begun) == 1:
                return web.Response(body=begun[0], headers=self._headers | summary(self._progress))
            return await self._stream(begun, pieces)
        finally:
            if inspect.getgeneratorstate(pieces) != inspect.GEN_CLOSED:  # left early: its handle is still open
                await asyncio.shield(self._work.run(pieces.close))

    def _encoded(self, open_handle: Callable[[], Handle]) -> Generator[bytes, None, None]:
        """The answer in pieces; the end of the coding is in the last one, so a short answer is one piece.

        Runs in threads, from the handle's opening to its closing.
        """
        handle = open_handle()
        try:
            self._progress = handle.watch()
            held = b""
            with closing(self._batches(handle)) as batches:
                for batch in batches:
                    if held:
                        yield held
                    held = self._encoder.feed(batch)
            yield held + self._encoder.finish()
        finally:
            handle.close()

    def _batches(self, handle: Handle) -> Generator[bytes, None, None]:
        statement = self._intake.statement
        tail = f"\nFORMAT {self._format} {statement.tail}"
        if statement.kind is Kind.SHOW:
            yield handle.execute(statement.sql + tail)
        elif is_joinable(self._format, self._intake.parameters.settings, has_totals=statement.has_totals):
            yield from handle.batches(statement.sql + tail, self._format)
        else:
            yield from self._over_file(handle, statement.sql, tail)

    def _over_file(self, handle: Handle, sql: str, tail: str) -> Generator[bytes, None, None]:
        """A format that is only whole at its end goes through a file: the engine would keep it all in memory."""
        path = self._engine.spool_folder / secrets.token_hex(8)
        try:
            with Watched(path, self._most, lambda: self._engine.cancel(self._key)):
                handle.execute(f"{sql}\nINTO OUTFILE {quoted(str(path))}{tail}")
            handle.progress.result_bytes = path.stat().st_size
            with path.open("rb") as file:
                while piece := file.read(_AT_ONCE):
                    yield piece
        except OSError as error:
            raise disk_error(error, self._engine.spool_folder) from error
        finally:
            path.unlink(missing_ok=True)

    async def _whole(self, pieces: Generator[bytes, None, None]) -> web.StreamResponse:
        """Keep the answer until its end, so that its counts and its errors can be told in the head."""
        with Spool(self._engine.spool_folder, self._most) as spool:

            def collect() -> None:
                for piece in pieces:
                    spool.write(piece)

            await self._work.undisturbed(self._key, collect)
            headers = self._headers | summary(self._progress)
            if spool.size <= _AT_ONCE or self._request.method == "HEAD":
                return web.Response(body=spool.head(spool.size), headers=headers)
            response = web.StreamResponse(headers=headers)
            response.content_length = spool.size
            await response.prepare(self._request)
            for piece in spool.pieces():
                await self._send(response, piece)
            await response.write_eof()
            return response

    async def _stream(self, begun: list[bytes], pieces: Generator[bytes, None, None]) -> web.StreamResponse:
        tag = secrets.token_hex(8)
        response = web.StreamResponse(headers=self._headers | {"X-ClickHouse-Exception-Tag": tag})
        response.enable_chunked_encoding()
        await response.prepare(self._request)
        for piece in begun:
            await self._send(response, piece)
        try:
            while (next_ := await self._work.undisturbed(self._key, next, pieces, None)) is not None:
                await self._send(response, next_)
        except QueryError as error:
            LOG.info("query %s failed while it was answered: %s", self._query_id, error)
            block = late_exception(error.wire_text(self._engine.version), tag)
            await self._send(response, self._encoder.feed(block) + self._encoder.finish())
            # As ClickHouse: the last, empty chunk is missing, so that every client sees that something is.
            if self._request.transport is not None:
                self._request.transport.close()
            return response
        await response.write_eof()
        return response

    @staticmethod
    async def _send(response: web.StreamResponse, piece: bytes) -> None:
        if piece:
            await asyncio.wait_for(response.write(piece), _STALLED)
