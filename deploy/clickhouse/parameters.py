"""What a request asks for beside its statement: read from URL and headers, without any I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deploy.clickhouse.errors import Code, QueryError

# Parameters of ClickHouse's HTTP interface that are no settings of the engine.
_PROTOCOL = frozenset(
    {
        *("buffer_size", "client_protocol_version", "close_session", "compress", "database", "decompress"),
        *("default_format", "password", "query", "query_id", "quota_key", "role", "session_check", "session_id"),
        *("session_timeout", "stacktrace", "user", "wait_end_of_query"),
        # Settings of the HTTP interface itself: this server acts on them, the engine has no use for them.
        *("cancel_http_readonly_queries_on_client_close", "enable_http_compression"),
        *("http_headers_progress_interval_ms", "http_zlib_compression_level", "send_progress_in_http_headers"),
    }
)
_ENCODINGS = ("lz4", "zstd", "gzip", "deflate")  # by speed; the first that the client names is used
MAX_SESSION_SECONDS = 3600
DEFAULT_SESSION_SECONDS = 60


@dataclass(frozen=True)
class SessionRequest:
    """The session that a request belongs to; `timeout` in seconds of idleness."""

    session_id: str
    timeout: int = DEFAULT_SESSION_SECONDS
    must_exist: bool = False
    close: bool = False


@dataclass(frozen=True)
class Parameters:
    """Everything of a request but its statement and its body.

    The encodings are HTTP's, the blocks inside of them ClickHouse's (`blocks`).
    """

    query: str = ""
    database: str | None = None
    query_id: str | None = None
    default_format: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    query_parameters: Mapping[str, str] = field(default_factory=dict)
    session: SessionRequest | None = None
    wait_end_of_query: bool = False
    read_only: bool = False
    request_encoding: str | None = None
    request_blocks: bool = False
    answer_encoding: str | None = None
    answer_blocks: bool = False
    external: Mapping[str, str] = field(default_factory=dict)


def parse(
    method: str, url: Iterable[tuple[str, str]], headers: Mapping[str, str], external_names: Iterable[str] = ()
) -> Parameters:
    """Read a request's URL (and form) pairs and headers; names of `headers` in lower case.

    `external_names` are the external tables of a form: their `NAME_format`, `NAME_structure` and `NAME_types` are
    kept apart from the settings. User and key are accepted and not looked at: the server is local.
    Raises `QueryError` for what is asked for in vain.
    """
    values = dict(url)
    if values.get("role"):
        raise QueryError.named(Code.NOT_IMPLEMENTED, "There are no roles here: leave out the parameter role")
    table_keys = {f"{name}_{part}" for name in external_names for part in ("format", "structure", "types")}
    settings = {
        name: value
        for name, value in values.items()
        if name not in _PROTOCOL and name not in table_keys and not name.startswith("param_")
    }
    accepted = headers.get("accept-encoding", "") if _flag(values.get("enable_http_compression")) else ""
    encoding = headers.get("content-encoding", "").strip().lower()
    return Parameters(
        query=values.get("query", ""),
        database=values.get("database") or headers.get("x-clickhouse-database") or None,
        query_id=values.get("query_id") or headers.get("x-clickhouse-query-id") or None,
        default_format=values.get("default_format") or headers.get("x-clickhouse-format") or None,
        settings=settings,
        query_parameters={name[6:]: value for name, value in values.items() if name.startswith("param_")},
        session=_session(values),
        wait_end_of_query=_flag(values.get("wait_end_of_query")),
        read_only=method != "POST",
        request_encoding=None if encoding in {"", "identity"} else encoding,
        request_blocks=_flag(values.get("decompress")),
        answer_encoding=_answer_encoding(accepted),
        answer_blocks=answers_in_blocks(values),
        external={name: value for name, value in values.items() if name in table_keys},
    )


def answers_in_blocks(values: Mapping[str, str]) -> bool:
    """Whether the answer is to be in ClickHouse's compressed blocks, whatever it is: rows or a refusal."""
    return _flag(values.get("compress"))


def _flag(value: str | None) -> bool:
    return value is not None and value.lower() not in {"", "0", "false"}


def _session(values: Mapping[str, str]) -> SessionRequest | None:
    session_id = values.get("session_id")
    if not session_id:
        return None
    timeout = values.get("session_timeout", str(DEFAULT_SESSION_SECONDS))
    if not timeout.isdecimal() or not 0 < int(timeout) <= MAX_SESSION_SECONDS:
        raise QueryError.named(
            Code.INVALID_SESSION_TIMEOUT, f"session_timeout must be 1 to {MAX_SESSION_SECONDS} seconds, not {timeout!r}"
        )
    return SessionRequest(
        session_id, int(timeout), _flag(values.get("session_check")), _flag(values.get("close_session"))
    )


def _answer_encoding(accepted: str) -> str | None:
    names = {part.split(";")[0].strip().lower() for part in accepted.split(",")}
    return next((name for name in _ENCODINGS if name in names), None)
