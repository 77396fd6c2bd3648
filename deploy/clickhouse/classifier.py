"""What kind of statement the engine's own parser sees: chDB's private classifier, asked here and nowhere else.

It is not part of chDB's interface, so its version is pinned (pyproject.toml) and `tests/deploy/clickhouse` says what is
expected of it. Where it is missing, or answers with anything unknown, nothing is read-only.
"""

from enum import Enum
from typing import Any


class Class(Enum):
    """What a text is to the parser."""

    READS = "exactly one statement that writes, starts and ends nothing"
    ACTS = "statements of another kind, or more than one"
    NONE = "no SQL"


def classify(connection: Any, sql: str) -> Class:
    """Parse `sql` without executing it.

    INTO OUTFILE, SYSTEM, KILL and SET act. A function that reads a file reads: this tells kinds of statements only.
    """
    private = getattr(getattr(connection, "_conn", None), "classify_query", None)
    if private is None:
        return Class.ACTS
    verdict = private(sql.encode(errors="surrogateescape"))
    if verdict["statement_count"] == 0:
        return Class.NONE
    reads = str(verdict["query_class"]).endswith(".READ_ONLY")
    return Class.READS if reads and verdict["statement_count"] == 1 else Class.ACTS
