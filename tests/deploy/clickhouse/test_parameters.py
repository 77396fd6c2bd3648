"""What URL and headers of a request mean."""

import pytest

from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.parameters import Parameters, SessionRequest, parse


def test_settings_and_parameters_are_told_from_the_protocol() -> None:
    url = {
        "query": "SELECT {x:Int8}",
        "database": "weibo",
        "user": "somebody",
        "password": "secret",
        "query_id": "q1",
        "default_format": "CSV",
        "wait_end_of_query": "1",
        "max_threads": "2",
        "param_x": "1",
        "client_protocol_version": "54405",
        "send_progress_in_http_headers": "1",
    }
    assert parse("POST", url.items(), {}) == Parameters(
        query="SELECT {x:Int8}",
        database="weibo",
        query_id="q1",
        default_format="CSV",
        settings={"max_threads": "2"},
        query_parameters={"x": "1"},
        wait_end_of_query=True,
    )


def test_headers_stand_in_for_the_url() -> None:
    headers = {"x-clickhouse-database": "a", "x-clickhouse-format": "JSON", "x-clickhouse-query-id": "q"}
    parsed = parse("GET", [], headers)
    assert (parsed.database, parsed.default_format, parsed.query_id, parsed.read_only) == ("a", "JSON", "q", True)


@pytest.mark.parametrize(
    ("enabled", "accepted", "chosen"),
    [
        ("1", "lz4,zstd,br,gzip,deflate", "lz4"),
        ("1", "gzip, deflate, br", "gzip"),
        ("1", "br;q=1.0, zstd;q=0.5", "zstd"),
        ("1", "br", None),
        ("1", "", None),
        ("0", "gzip", None),
    ],
)
def test_answer_coding(enabled: str, accepted: str, chosen: str | None) -> None:
    url = [("enable_http_compression", enabled)]
    assert parse("POST", url, {"accept-encoding": accepted}).answer_encoding == chosen


def test_blocks_and_codings_are_asked_for_apart() -> None:
    url = {"compress": "1", "decompress": "true", "enable_http_compression": "1"}
    parsed = parse("POST", url.items(), {"accept-encoding": "gzip", "content-encoding": "lz4"})
    assert (parsed.answer_blocks, parsed.request_blocks, parsed.settings) == (True, True, {})
    assert (parsed.answer_encoding, parsed.request_encoding) == ("gzip", "lz4")
    parsed = parse("POST", [("compress", "0"), ("decompress", "false")], {})
    assert (parsed.answer_blocks, parsed.request_blocks) == (False, False)


def test_session() -> None:
    url = {"session_id": "s", "session_timeout": "5", "session_check": "1"}
    assert parse("POST", url.items(), {}).session == SessionRequest("s", 5, must_exist=True)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ({"role": "r"}, Code.NOT_IMPLEMENTED),
        ({"session_id": "s", "session_timeout": "3601"}, Code.INVALID_SESSION_TIMEOUT),
        ({"session_id": "s", "session_timeout": "x"}, Code.INVALID_SESSION_TIMEOUT),
    ],
)
def test_refused(url: dict[str, str], code: Code) -> None:
    with pytest.raises(QueryError) as caught:
        parse("POST", url.items(), {})
    assert caught.value.code == code


def test_external_tables_are_no_settings() -> None:
    url = [("t_structure", "a Int8"), ("t_format", "CSV"), ("max_threads", "1")]
    parsed = parse("POST", url, {}, ["t"])
    assert parsed.settings == {"max_threads": "1"}
    assert parsed.external == {"t_structure": "a Int8", "t_format": "CSV"}
