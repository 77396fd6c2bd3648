"""Taking in a request: its body goes through its codings into a spool; forms are taken apart.

Nothing is executed before the whole body is here, so a client that vanishes in the middle has inserted nothing.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from aiohttp import BodyPartReader, web

from deploy.clickhouse import parameters as parameters_
from deploy.clickhouse import statement as statement_
from deploy.clickhouse.blocks import BlockDecoder
from deploy.clickhouse.compression import BodyDecoder
from deploy.clickhouse.engine import unusable_name
from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.parameters import Parameters
from deploy.clickhouse.spool import Spool
from deploy.clickhouse.statement import Kind, Statement

MAX_TEXT = 16 << 20  # bytes of a statement without data
_HEAD = 1 << 18  # an INSERT's statement stands within so many bytes
_AT_ONCE = 1 << 14  # bytes of a text that are read in a millisecond or two

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


@dataclass(frozen=True)
class ExternalTable:
    """A table that a form brings along for one query."""

    name: str
    structure: str
    format: str
    data: bytes


@dataclass(frozen=True)
class Intake:
    """A request that was read completely."""

    parameters: Parameters
    statement: Statement
    body: Spool
    data_start: int = 0
    data_prefix: bytes = b""
    tables: tuple[ExternalTable, ...] = ()

    def data(self) -> Iterator[bytes]:
        """The rows of an INSERT, as sent."""
        if self.data_prefix:
            yield self.data_prefix
        yield from self.body.pieces(self.data_start)


async def take_in(request: web.Request, folder: Path, limit: int, longest: int = MAX_TEXT) -> Intake:
    """Read a request. Raises `QueryError`; the body spills into `folder` and may have `limit` bytes, decoded.

    A statement may have `longest` bytes, not counting the data of an INSERT.
    """
    url = list(request.query.items())
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = Spool(folder, limit)
    try:
        if request.content_type == "multipart/form-data":
            fields, files = await _form(request)
            parameters = parameters_.parse(request.method, url + fields, headers, [name for name, _ in files])
            tables = tuple(_external(name, data, parameters) for name, data in files)
        else:
            parameters = parameters_.parse(request.method, url, headers)
            tables = ()
            await _receive(request, body, parameters, limit)
        return await beside(len(parameters.query) + body.size, _split, parameters, body, tables, longest)
    except BaseException:
        body.close()
        raise


async def _receive(request: web.Request, body: Spool, parameters: Parameters, limit: int) -> None:
    decoders: list[BodyDecoder | BlockDecoder] = []
    if parameters.request_encoding:
        decoders.append(BodyDecoder(parameters.request_encoding))
    if parameters.request_blocks:
        decoders.append(BlockDecoder(limit))
    async for piece in request.content.iter_any():
        for decoded in _decoded(piece, decoders):
            body.write(decoded)
    for decoder in decoders:
        decoder.finish()


def _decoded(data: bytes, decoders: Sequence[BodyDecoder | BlockDecoder]) -> Iterator[bytes]:
    if not decoders:
        yield data
        return
    for piece in decoders[0].feed(data):
        yield from _decoded(piece, decoders[1:])


async def _form(request: web.Request) -> tuple[list[tuple[str, str]], list[tuple[str, bytes]]]:
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, bytes]] = []
    size = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or not part.name:
            raise QueryError.named(Code.BAD_REQUEST_PARAMETER, "A part of the form has no name or is itself a form")
        data = bytearray()
        while piece := await part.read_chunk(1 << 16):
            size += len(piece)
            if size > MAX_TEXT:
                raise QueryError.named(Code.TOO_MANY_BYTES, f"The form is larger than {MAX_TEXT} bytes")
            data += piece
        if part.filename is None:
            fields.append((part.name, data.decode(errors="surrogateescape")))
        else:
            files.append((part.name, bytes(data)))
    return fields, files


def _external(name: str, data: bytes, parameters: Parameters) -> ExternalTable:
    if not name.isidentifier():
        raise unusable_name(name)
    structure = parameters.external.get(f"{name}_structure")
    types = parameters.external.get(f"{name}_types")
    if structure is None and types is None:
        raise QueryError.named(
            Code.BAD_REQUEST_PARAMETER, f"The external table {name} has neither {name}_structure nor {name}_types"
        )
    if structure is None:
        structure = ", ".join(f"_{number} {kind}" for number, kind in enumerate(str(types).split(","), start=1))
    return ExternalTable(name, structure, parameters.external.get(f"{name}_format", "TabSeparated"), data)


async def beside(size: int, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
    """Do `work` on a text of `size` bytes: in a thread where it would keep other requests waiting."""
    if size < _AT_ONCE:
        return work(*arguments)
    return await asyncio.to_thread(work, *arguments)


def _split(parameters: Parameters, body: Spool, tables: tuple[ExternalTable, ...], longest: int) -> Intake:
    if len(parameters.query) > longest:
        raise _too_long(longest)
    query = parameters.query.encode(errors="surrogateescape")
    if query.strip():
        statement = statement_.parse(query)
        if statement.kind is not Kind.INSERT_DATA:
            if body.size:
                statement = statement_.parse(query + b"\n" + _text(body, longest))
            return Intake(parameters, statement, body, tables=tables)
        return Intake(parameters, statement, body, data_prefix=query[statement.data_start :].lstrip(), tables=tables)
    statement = statement_.parse(body.head(_HEAD))
    if statement.kind is Kind.INSERT_DATA:
        return Intake(parameters, statement, body, data_start=statement.data_start or 0)
    if body.size > _HEAD:
        statement = statement_.parse(_text(body, longest))
    return Intake(parameters, statement, body)


def _text(body: Spool, longest: int) -> bytes:
    if body.size > longest:
        raise _too_long(longest)
    return body.head(body.size)


def _too_long(longest: int) -> QueryError:
    return QueryError.named(Code.QUERY_IS_TOO_LARGE, f"Query is too large ({longest} bytes at most)")
