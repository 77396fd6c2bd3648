"""External tables of analysts: nothing but names, types and data."""

import re

from deploy.clickhouse.allowed import INPUT_FORMATS
from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.intake import ExternalTable

_TYPE = re.compile(
    r"U?Int(?:8|16|32|64|128|256)|B?Float(?:16|32|64)|Decimal(?:32|64|128|256)?|Bool|String|FixedString|UUID|IPv[46]|"
    r"Date(?:32)?|DateTime(?:64)?|Time(?:64)?|Enum(?:8|16)?|Array|Tuple|Map|Nullable|LowCardinality"
)
_TOKEN = re.compile(r"\s*(?:(\w+)|('[^'\\]*')|([(),=-]))")


def check(table: ExternalTable) -> None:
    """Raise `QueryError` for a format whose data may be expressions, and for a structure that is more than types."""
    if table.format.lower() not in INPUT_FORMATS:
        raise QueryError.named(Code.UNKNOWN_FORMAT, f"Unknown format {table.format}, or none for analysts' data")
    if not is_structure(table.structure):
        raise QueryError.named(
            Code.BAD_REQUEST_PARAMETER, f"The structure of the external table {table.name} must be names and types"
        )


def is_structure(text: str) -> bool:
    """Whether `text` is `name Type, name Type(…)`: a word, a type, and at most one group of brackets a column."""
    shape = ""  # of the open column: w a word outside of brackets, t one that is a type and the second, b a group
    depth = place = 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None:
            return False
        place = found.end()
        sign = found[3]
        if sign == "(":
            shape += "b" if depth == 0 else ""
            depth += 1
        elif sign == ")":
            depth -= 1
        elif depth == 0:
            if sign == ",":
                if shape not in {"wt", "wtb"}:
                    return False
                shape = ""
            else:
                shape += "t" if shape == "w" and _TYPE.fullmatch(found[1] or "") else "w" if found[1] else "x"
        if depth < 0:
            return False
    return depth == 0 and shape in {"wt", "wtb"}
