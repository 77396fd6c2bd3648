"""What an answer looks like: headers, content types, and an error that comes after the first byte."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from deploy.clickhouse.engine import Progress

DEFAULT_FORMAT = "TabSeparated"
EXCEPTION_CODE = "X-ClickHouse-Exception-Code"

# Formats whose blocks, joined, are a whole answer: no header, no footer, no separators.
_JOINABLE = frozenset(
    {
        *("native", "rowbinary", "tabseparated", "tsv", "tabseparatedraw", "tsvraw", "raw", "csv"),
        *("jsoneachrow", "jsonlines", "ndjson", "jsonstringseachrow", "jsoncompacteachrow"),
        *("jsoncompactstringseachrow", "lineasstring", "rawblob", "null"),
    }
)
_BINARY_BLOCKS = frozenset({"native", "rowbinary"})  # have no place for totals and extremes
_CONTENT_TYPES = {
    "tabseparated": "text/tab-separated-values; charset=UTF-8",
    "tsv": "text/tab-separated-values; charset=UTF-8",
    "csv": "text/csv; charset=UTF-8; header=absent",
    "csvwithnames": "text/csv; charset=UTF-8; header=present",
    "json": "application/json; charset=UTF-8",
    "jsoncompact": "application/json; charset=UTF-8",
    "jsoneachrow": "application/x-ndjson; charset=UTF-8",
    "arrow": "application/octet-stream",
    "arrowstream": "application/octet-stream",
    "native": "application/octet-stream",
    "parquet": "application/octet-stream",
    "rowbinary": "application/octet-stream",
}


def is_joinable(format_name: str, settings: Mapping[str, str], *, has_totals: bool) -> bool:
    """Whether an answer in this format may be streamed block by block."""
    name = format_name.lower()
    if name in _BINARY_BLOCKS:
        return True
    array = settings.get("output_format_json_array_of_rows", "0") not in {"0", "false"}
    extremes = settings.get("extremes", "0") not in {"0", "false"}
    return name in _JOINABLE and not (has_totals or array or extremes)


def content_type(format_name: str) -> str:
    """The media type that ClickHouse gives to a format."""
    return _CONTENT_TYPES.get(format_name.lower(), "text/plain; charset=UTF-8")


def base_headers(query_id: str) -> dict[str, str]:
    """Headers of every answer to a statement, errors included."""
    return {
        "X-ClickHouse-Query-Id": query_id,
        "X-ClickHouse-Timezone": "UTC",
        "X-ClickHouse-Server-Display-Name": "weiplomacy",
    }


def summary(progress: Progress) -> dict[str, str]:
    """The header with the counts, as strings, as ClickHouse sends them."""
    counts = {name: str(value) for name, value in asdict(progress).items()}
    return {"X-ClickHouse-Summary": json.dumps(counts, separators=(",", ":"))}


def late_exception(text: str, tag: str) -> bytes:
    """The block that ends a stream which failed: ClickHouse 25.11 and later, clickhouse-connect's `transform.py`.

    The number is the length of the message with its newline.
    """
    message = text.encode(errors="replace") + b"\n"
    mark = tag.encode()
    return b"\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n" % (mark, message, len(message), mark)
