"""What analysts may run, decided before the engine executes anything: one statement that reads, and what it may name.

The engine's own parser is asked three times. Its classifier says whether the text is one statement that reads; its
syntax tree says what the statement names, and every kind of node in it must be known here; its formatter writes the
whole statement anew, where what the tree leaves out (the function of an APPLY, the condition of a SHOW) would stand.
What is judged is, letter by letter, what is executed.
"""

import re

from deploy.clickhouse import syntax_tree
from deploy.clickhouse.allowed import TABLE_FUNCTIONS, Function, Functions, database_allowed, table_allowed
from deploy.clickhouse.classifier import Class, classify
from deploy.clickhouse.engine import Handle, quoted
from deploy.clickhouse.errors import Code, QueryError
from deploy.clickhouse.syntax_tree import Node

_SELECTS = frozenset({"SelectWithUnionQuery", "SelectIntersectExceptQuery"})
_NAMING_A_TABLE = frozenset(
    {
        *("ExistsTableQuery", "ExistsViewQuery", "ExistsDictionaryQuery"),
        *("ShowCreateTableQuery", "ShowCreateViewQuery", "ShowCreateDictionaryQuery"),
    }
)
_NAMING_A_DATABASE = frozenset({"ExistsDatabaseQuery", "ShowCreateDatabaseQuery", "ShowTables"})
#: SHOW: the engine makes a SELECT on its own tables of these. A condition of one's own (WHERE) is not in the tree.
_SHOWS = frozenset({"ShowColumns", "ShowIndexes", "ShowFunctions", "ShowEngineQuery", "ShowSetting"})
_ROOTS = _SELECTS | _NAMING_A_TABLE | _NAMING_A_DATABASE | _SHOWS | {"DescribeQuery", "Explain"}
_EXPLAINS = frozenset(
    {"EXPLAIN", "EXPLAIN AST", "EXPLAIN SYNTAX", "EXPLAIN QUERY TREE", "EXPLAIN PIPELINE", "EXPLAIN ESTIMATE"}
)
_NODES = _SELECTS | {
    *("SelectQuery", "ExpressionList", "Subquery", "WithElement", "Function", "Identifier", "Literal"),
    *("TablesInSelectQuery", "TablesInSelectQueryElement", "TableExpression", "TableIdentifier", "TableJoin"),
    *("ArrayJoin", "SampleRatio", "OrderByElement", "InterpolateElement", "WindowDefinition", "WindowListElement"),
    *("Asterisk", "QualifiedAsterisk", "ColumnsRegexpMatcher", "ColumnsListMatcher"),
    *("QualifiedColumnsRegexpMatcher", "QualifiedColumnsListMatcher", "ColumnsTransformerList"),
    *("ColumnsExceptTransformer", "ColumnsReplaceTransformer", "ColumnsReplaceTransformer::Replacement"),
}
#: Functions whose second argument may be a table.
_IN = re.compile(r"(global)?(not)?(null)?in(ignoreset)?")
_CALLED = re.compile(r"'(?:[^'\\]|\\.)*'|(?:`((?:[^`\\]|\\.)*)`|(\w+))(?=\s*\()|`(?:[^`\\]|\\.)*`|\w+", re.DOTALL)
_WHERE = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\b(WHERE)\b", re.DOTALL)


class Guard:
    """The judge of statements; it knows the functions of its engine."""

    def __init__(self, handle: Handle) -> None:
        """Read the engine's lists of functions by a handle, which stays the caller's."""
        functions = _rows(handle, "name, categories, is_aggregate, alias_to, origin FROM system.functions")
        tables = _rows(handle, "name FROM system.table_functions")
        combinators = _rows(handle, "name FROM system.aggregate_function_combinators")
        self._functions = Functions(
            (
                Function(name, category, aggregate == "1", alias, origin == "System")
                for name, category, aggregate, alias, origin in functions
            ),
            (name for (name,) in tables),
            (name for (name,) in combinators),
        )

    def judge(self, handle: Handle, sql: str) -> None:
        """Raise `QueryError` unless `sql` may run on `handle`, which has its database, settings and parameters.

        `sql` has no FORMAT; a handle that is read-only already can judge as well.
        """
        question = f"EXPLAIN AST {sql}"
        if classify(handle.connection, sql) is Class.NONE:
            handle.execute(question)  # does not parse either: the engine says where and why
        if any(classify(handle.connection, text) is not Class.READS for text in (sql, question)):
            raise QueryError.named(Code.READONLY, "Cannot execute query in readonly mode: analysts read, one statement")
        root = syntax_tree.read(_told(handle, question))
        self._root(root)
        nodes = root.walk()
        lambdas = {node.alias for node in nodes if (node.kind, node.says) == ("Function", "lambda")}
        for node in nodes[1:]:
            self._node(node, handle, lambdas)
        self._whole(root, _told(handle, f"SELECT formatQuerySingleLine({quoted(sql)})"))

    def _root(self, root: Node) -> None:
        if root.kind not in _ROOTS or (root.kind == "Explain" and root.says not in _EXPLAINS):
            what = root.says if root.kind == "Explain" else root.kind
            raise QueryError.named(Code.ACCESS_DENIED, f"Not enough privileges: statements of this kind ({what})")
        names = [node.says for node in root.children if node.kind == "Identifier"]
        if root.kind in _NAMING_A_TABLE and len(names) > 1:
            _table(".".join(names[:2]))
        if root.kind in _NAMING_A_DATABASE and names and not database_allowed(names[0]):
            raise _denied("SHOW TABLES", f"{names[0]}.*")

    def _node(self, node: Node, handle: Handle, lambdas: set[str]) -> None:
        parent = node.parent
        if node.kind == "Set" and parent is not None and parent.kind == "Explain":
            return
        if node.kind == "Set":
            raise QueryError.named(
                Code.READONLY, "Cannot modify settings within a query in readonly mode: SETTINGS may stand at its end"
            )
        if node.kind == "ColumnsApplyTransformer":
            raise QueryError.named(
                Code.FUNCTION_NOT_ALLOWED, "APPLY is not allowed here: call the function by its name"
            )
        if node.kind not in _NODES:
            raise QueryError.named(Code.ACCESS_DENIED, f"Not enough privileges: statements with {node.kind}")
        if node.kind == "TableIdentifier":
            _table(node.says)
        elif node.kind == "Identifier":
            self._identifier(node)
        elif node.kind == "Function":
            if parent is not None and parent.kind == "TableExpression":
                self._table_function(node.says, handle)
            elif not self._functions.allows(node.says) and (
                node.says not in lambdas or self._functions.refuses(node.says)
            ):
                raise self._function(node.says)

    def _identifier(self, node: Node) -> None:
        """Most are columns; some stand for a table or for a function."""
        parts = node.says.split(".")
        if _is_set(node):
            _table(node.says)
        elif parts[0].lower() == "system" and len(parts) > 1:
            _table(".".join(parts[:2]))
        # A function's bare name may be an argument: arrayMap(file, …). No column of ours has such a name.
        if len(parts) == 1 and self._functions.refuses(node.says):
            raise self._function(node.says)

    def _table_function(self, name: str, handle: Handle) -> None:
        """A table function of the list, or a view with parameters."""
        if self._functions.is_table_function(name):
            if name.lower() not in TABLE_FUNCTIONS:
                raise _denied("CREATE TEMPORARY TABLE, READ", name)
            return
        if "." in name:
            _table(name)
            return
        views = f"system.tables WHERE database = currentDatabase() AND name = {quoted(name)}"
        view = f"SELECT count() FROM {views}"  # noqa: S608 (quoted)
        if handle.execute(view).strip() != b"1":
            raise QueryError.named(Code.UNKNOWN_FUNCTION, f"Unknown table function {name}")

    def _function(self, name: str) -> QueryError:
        if self._functions.refuses_everywhere(name):
            return QueryError.named(Code.FUNCTION_NOT_ALLOWED, f"Function {name} is not allowed here")
        return QueryError.named(Code.UNKNOWN_FUNCTION, f"Function with name `{name}` does not exist")

    def _whole(self, root: Node, formatted: str) -> None:
        """The second wall, over the statement as the engine writes it."""
        for found in _CALLED.finditer(formatted):
            name = found[1] or found[2] or ""
            if name and self._functions.refuses_everywhere(name):
                raise self._function(name)
        if root.kind.startswith("Show") and any(found[1] for found in _WHERE.finditer(formatted)):
            raise QueryError.named(Code.ACCESS_DENIED, "Not enough privileges: SHOW with WHERE; LIKE is allowed")


def _is_set(node: Node) -> bool:
    """Whether an identifier stands where IN expects a set, and may so be a table."""
    arguments = node.parent
    function = arguments.parent if arguments is not None else None
    return (
        arguments is not None
        and function is not None
        and function.kind == "Function"
        and _IN.fullmatch(function.says.lower()) is not None
        and len(arguments.children) > 1
        and arguments.children[1] is node
    )


def _table(name: str) -> None:
    """Raise `QueryError` for a table that may not be read; one without a database is in the current one."""
    database, dot, table = name.partition(".")
    if dot and ("." in table or not table_allowed(database, table)):
        raise _denied("SELECT", name)


def _denied(grant: str, what: str) -> QueryError:
    return QueryError.named(
        Code.ACCESS_DENIED,
        f"default: Not enough privileges. To execute this query, it's necessary to have the grant {grant} ON {what}",
    )


def _told(handle: Handle, sql: str) -> str:
    """What the engine says of a statement. Of one that is killed meanwhile it says nothing, which proves nothing."""
    text = handle.execute(sql, "TSVRaw").decode(errors="replace")
    if not text:
        raise QueryError.named(Code.QUERY_WAS_CANCELLED, "Query was cancelled while it was judged")
    return text


def _rows(handle: Handle, what: str) -> list[list[str]]:
    return [line.split("\t") for line in handle.execute(f"SELECT {what}").decode().splitlines()]
