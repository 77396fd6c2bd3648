"""CSV that a spreadsheet can't be commanded by: text that would be taken for a formula begins with an apostrophe."""

import re
from collections.abc import Sequence

#: What a text must not begin with: a formula's sign, or a blank that hides one; East Asian spreadsheets take wide ones.
FORMULA = r"^[=+\\-@\\t\\r\\n＝＋－＠]"
TEXT = re.compile(r"^(?:LowCardinality\()?(?:Nullable\()?(?:String|FixedString\(\d+\))\)*$")
#: Null is an empty cell, an empty text is "". In the statement: the driver sends analysts' settings not at all.
SETTINGS = "SETTINGS format_csv_null_representation = ''"


def guarded(columns: Sequence[tuple[str, str]], source: str) -> str:
    """SELECT these columns, given as (name, ClickHouse's type), from `source` for CSV, with such texts made harmless.

    Numbers stay numbers, a negative one included.
    """
    cells = ", ".join(_cell(name, type_name) for name, type_name in columns)
    return f"SELECT {cells} FROM {source} {SETTINGS}"  # noqa: S608 (names of ours)


def _cell(name: str, type_name: str) -> str:
    quoted = "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
    if not TEXT.match(type_name):
        return quoted
    return f"if(ifNull(match({quoted}, '{FORMULA}'), false), concat('''', {quoted}), {quoted}) AS {quoted}"
