"""What a failed insert means: wait and repeat, blame the data, or stop. By code and name, since codes are shared."""

from enum import StrEnum

from clickhouse_connect.driver.exceptions import DataError, Error, ProgrammingError
from urllib3.exceptions import HTTPError


class Blame(StrEnum):
    """Who is to blame for a failed insert."""

    TRANSIENT = "transient"
    DATA = "data"
    SCHEMA = "schema"


#: Conversions, ranges and parsing, by ClickHouse's codes: a value of this batch does not fit.
DATA_CODES = frozenset({6, 25, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 131, 321, 349, 407, 436, 441, 691})

#: Unknown tables and columns, types, syntax, access, read-only, a view that throws, too many partitions.
SCHEMA_CODES = frozenset(
    {8, 10, 15, 16, 20, 36, 43, 44, 46, 47, 48, 50, 60, 62, 80, 81, 115, 164, 192, 193, 194, 195, 291, 392, 497, 516}
)

#: What the server says when parts pile up; the same code also means a limit on partitions, which no waiting heals.
TOO_MANY_PARTITIONS = "too many partitions"


def blame(error: Exception) -> Blame:
    """Classify the failure of an insert.

    What is not known is transient as long as it comes from the server or the way there: nothing is given up for it,
    and the status says since when it is tried. What the client refuses to encode is the data's fault.
    """
    if isinstance(error, DataError):
        return Blame.DATA
    if isinstance(error, Error):
        if error.code is None and isinstance(error, ProgrammingError):
            # The client's own check: a column that the table does not have.
            return Blame.SCHEMA
        if error.code is None:
            return Blame.TRANSIENT
        if error.code == 252 and TOO_MANY_PARTITIONS in str(error).lower():
            return Blame.SCHEMA
        if error.code in DATA_CODES:
            return Blame.DATA
        return Blame.SCHEMA if error.code in SCHEMA_CODES else Blame.TRANSIENT
    if isinstance(error, (HTTPError, OSError)):
        return Blame.TRANSIENT
    return Blame.DATA
