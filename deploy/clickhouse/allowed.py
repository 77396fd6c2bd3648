"""What analysts may name: databases, system tables, functions, table functions, formats.

Lists of what is allowed, not of what is dangerous: what a newer engine brings is refused until somebody has looked at
it. Functions are allowed by the category that the engine's own documentation puts them in, with exceptions by name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

HOME_DATABASES = frozenset({"weibo", "weibo_store"})
_INFORMATION = frozenset({"information_schema", "INFORMATION_SCHEMA"})

#: What clients ask to show a tree of databases, tables and columns, to complete names, and to count from one to ten.
#: Nothing in them is of another's query; `parts` and `tables` name folders, and say nothing of what is in them.
SYSTEM_TABLES = frozenset(
    {
        *("aggregate_function_combinators", "collations", "columns", "completions", "contributors"),
        *("data_skipping_indices", "data_type_families", "databases", "dictionaries", "documentation", "formats"),
        *("functions", "keywords", "licenses", "macros", "numbers", "numbers_mt", "one", "parts", "settings"),
        *("table_engines", "table_functions", "tables", "time_zones", "zeros", "zeros_mt"),
    }
)

#: They take numbers and text and give rows; every other reads a file, the network, or a table by a name in a text.
TABLE_FUNCTIONS = frozenset(
    {
        *("numbers", "numbers_mt", "zeros", "zeros_mt", "generateseries", "generate_series", "values"),
        *("sqlstandardvalues", "view", "primes"),
    }
)

_CATEGORIES = frozenset(
    {
        *("Arithmetic", "Arrays", "Bit", "Bitmap", "Comparison", "Conditional", "Dates and Times", "Distance"),
        *("Encoding", "Encryption", "Financial", "Geo", "Geo Polygon", "Hash", "IP Address", "JSON", "Logical"),
        *("Map", "Mathematical", "Null", "NumericIndexedVector", "QBit", "Random Number", "Rounding", "String"),
        *("String Replacement", "String Search", "String Splitting", "Time Window", "Tuple", "Type Conversion"),
        *("URL", "UUID"),
    }
)
_NOT_ALLOWED = frozenset(
    {
        *("formatRow", "formatRowNoNewline", "chdb"),  # formats may read a file with their schema
        # One call of these on two long values takes hours, in which it heeds neither its time nor a KILL.
        *("editDistance", "editDistanceUTF8", "damerauLevenshteinDistance", "jaroSimilarity", "jaroWinklerSimilarity"),
        *("arrayLevenshteinDistance", "arrayLevenshteinDistanceWeighted", "arraySimilarity"),
    }
)
_ALSO_ALLOWED = frozenset(
    {
        *("_CAST", "caseWithExpression", "nested"),
        *("bar", "blockNumber", "blockSize", "byteSize", "countDigits", "digits", "currentDatabase", "currentSchemas"),
        *("currentUser", "defaultValueOfArgumentType", "defaultValueOfTypeName", "errorCodeToName"),
        *("finalizeAggregation", "formatReadableDecimalSize", "formatReadableQuantity", "formatReadableSize"),
        *("formatReadableTimeDelta", "getSetting", "getSettingOrDefault", "getSizeOfEnumType", "getSubcolumn"),
        *("identity", "ignore", "indexHint", "initializeAggregation", "isConstant", "isDecimalOverflow"),
        *("lowCardinalityIndices", "lowCardinalityKeys", "materialize", "minSampleSizeContinuous"),
        *("minSampleSizeConversion", "neighbor", "parseReadableSize", "parseReadableSizeOrNull"),
        *("parseReadableSizeOrZero", "parseTimeDelta", "queryID", "rowNumberInAllBlocks", "rowNumberInBlock"),
        *("runningAccumulate", "runningDifference", "runningDifferenceStartingWithFirstValue", "throwIf"),
        *("toColumnTypeName", "toTypeName", "transform", "uptime", "variantElement", "variantType", "version"),
        "visibleWidth",
    }
)
#: Functions to the parser, syntax to everybody else; the engine does not list them.
_SYNTAX = frozenset({"lambda", "exists", "grouping", "untuple", "arrayjoin"})

#: Names of formats that describe themselves or are text: none of them reads a schema or a template from a file.
FORMATS = frozenset(
    {
        *("arrow", "arrowstream", "bsoneachrow", "csv", "csvwithnames", "csvwithnamesandtypes", "json"),
        *("jsoncolumns", "jsoncolumnswithmetadata", "jsoncompact", "jsoncompactcolumns", "jsoncompacteachrow"),
        *("jsoncompacteachrowwithnames", "jsoncompacteachrowwithnamesandtypes", "jsoncompactstrings"),
        *("jsoncompactstringseachrow", "jsoncompactstringseachrowwithnames", "jsoneachrow", "jsonlines", "ndjson"),
        *("jsoncompactstringseachrowwithnamesandtypes", "jsonobjecteachrow", "jsonstrings", "jsonstringseachrow"),
        *("lineasstring", "markdown", "msgpack", "native", "npy", "orc", "parquet", "pretty"),
        *("prettycompact", "prettycompactmonoblock", "prettyjsoneachrow", "prettymonoblock", "prettynoescapes"),
        *("prettyspace", "raw", "rawblob", "rowbinary", "rowbinarywithnames", "rowbinarywithnamesandtypes"),
        *("tabseparated", "tabseparatedraw", "tabseparatedrawwithnames", "tabseparatedwithnames"),
        *("tabseparatedwithnamesandtypes", "tskv", "tsv", "tsvraw", "tsvwithnames", "tsvwithnamesandtypes"),
        *("values", "vertical", "xml"),
    }
)
#: Of data that come with a request: no format whose values may be expressions.
INPUT_FORMATS = frozenset(
    {
        *("arrow", "arrowstream", "csv", "csvwithnames", "csvwithnamesandtypes", "jsoncompacteachrow"),
        *("jsoneachrow", "native", "parquet", "rowbinary", "rowbinarywithnames", "rowbinarywithnamesandtypes"),
        *("tabseparated", "tabseparatedwithnames", "tabseparatedwithnamesandtypes", "tsv", "tsvwithnames"),
        "tsvwithnamesandtypes",
    }
)


def database_allowed(name: str) -> bool:
    """Whether anything in this database may be named."""
    return name in HOME_DATABASES or name in _INFORMATION or name == "system"


def table_allowed(database: str, table: str) -> bool:
    """Whether a table may be read."""
    if database == "system":
        return table in SYSTEM_TABLES
    return database in HOME_DATABASES or database in _INFORMATION


@dataclass(frozen=True)
class Function:
    """A function as the engine lists it in system.functions; `stands_for` is the one that it is another name of."""

    name: str
    category: str
    is_aggregate: bool
    stands_for: str = ""
    is_system: bool = True


class Functions:
    """The functions of an engine: which are allowed, in any case of letters, and which are known."""

    def __init__(
        self, functions: Iterable[Function], table_functions: Iterable[str], combinators: Iterable[str]
    ) -> None:
        listed = {function.name: function for function in functions}
        self._aggregates = {name.lower() for name, function in listed.items() if function.is_aggregate}
        self._allowed = {name.lower() for name in listed if _allowed(name, listed)} | _SYNTAX
        # Two names that differ in case only share one verdict: the stricter.
        self._refused = {name.lower() for name in listed if not _allowed(name, listed)} - _SYNTAX
        self._table_functions = {name.lower() for name in table_functions}
        self._combinators = sorted(combinators, key=len, reverse=True)

    def allows(self, name: str) -> bool:
        """Whether a function of expressions may be called."""
        lower = name.lower()
        if lower in self._refused:
            return False
        return lower in self._allowed or self._is_combined(name)

    def refuses(self, name: str) -> bool:
        """Whether it is the name of a function of expressions that may not be called."""
        return name.lower() in self._refused

    def is_table_function(self, name: str) -> bool:
        """Whether the engine knows a table function of this name."""
        return name.lower() in self._table_functions

    def refuses_everywhere(self, name: str) -> bool:
        """Whether a name is a known function, and allowed neither in expressions nor as a table."""
        lower = name.lower()
        known = lower in self._refused or lower in self._table_functions
        return known and lower not in TABLE_FUNCTIONS and not self.allows(name)

    def _is_combined(self, name: str) -> bool:
        """An aggregate function with combinators, as sumIf or uniqArrayMerge."""
        while name:
            for combinator in self._combinators:
                if name.endswith(combinator) and len(name) > len(combinator):
                    name = name[: -len(combinator)]
                    break
            else:
                return False
            if name.lower() in self._aggregates:
                return name.lower() not in self._refused
        return False


def _allowed(name: str, listed: Mapping[str, Function]) -> bool:
    function = listed[name]
    if function.stands_for:
        target = listed.get(function.stands_for)
        return target is not None and not target.stands_for and _allowed(target.name, listed)
    if not function.is_system or name in _NOT_ALLOWED:
        return False
    return function.is_aggregate or function.category in _CATEGORIES or name in _ALSO_ALLOWED
