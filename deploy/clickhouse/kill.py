"""KILL QUERY by the id that the client gave to its query: the engine knows its queries by other ids."""

import re
from dataclasses import dataclass

from deploy.clickhouse.engine import quoted

_KILL = re.compile(
    r"KILL\s+QUERY\s+WHERE\s+query_id\s*=\s*'(?P<id>(?:[^'\\]|\\.)*)'"
    r"(?:\s+(?P<how>SYNC|ASYNC|TEST))?(?:\s+FORMAT\s+(?P<format>\w+))?",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Kill:
    """A KILL of one query; `really` is False for TEST."""

    query_id: str
    really: bool
    format: str | None


def read(sql: str) -> Kill | None:
    """The KILL that a statement is; None for one with another condition."""
    found = _KILL.fullmatch(sql.strip())
    if found is None:
        return None
    query_id = re.sub(r"\\(.)", r"\1", found["id"], flags=re.DOTALL)
    return Kill(query_id, (found["how"] or "").upper() != "TEST", found["format"])


def answer(query_id: str, user: str, sql: str, *, found: bool) -> str:
    """A statement whose rows are ClickHouse's answer to a KILL: one for the query, none where it does not run."""
    values = (("waiting", "kill_status"), (query_id, "query_id"), (user, "user"), (sql, "query"))
    columns = ", ".join(f"{quoted(value)} AS {name}" for value, name in values)
    return f"SELECT {columns} WHERE {int(found)}"
