"""Reading a printed syntax tree; one that was made to look like another is none."""

import pytest

from deploy.clickhouse import syntax_tree
from deploy.clickhouse.errors import QueryError

TREE = """\
SelectWithUnionQuery (children 1)
 ExpressionList (children 1)
  SelectQuery (children 2)
   ExpressionList (children 1)
    Function sum (alias total) (children 1)
     ExpressionList (children 1)
      Identifier a
   TablesInSelectQuery (children 1)
    TablesInSelectQueryElement (children 1)
     TableExpression (children 1)
      TableIdentifier weibo.t (alias x)
"""


def test_nodes_have_kind_name_alias_and_parent() -> None:
    root = syntax_tree.read(TREE)
    nodes = root.walk()
    assert [node.kind for node in nodes][:4] == [
        "SelectWithUnionQuery",
        "ExpressionList",
        "SelectQuery",
        "ExpressionList",
    ]
    function, table = nodes[4], nodes[-1]
    assert (function.kind, function.says, function.alias) == ("Function", "sum", "total")
    assert (table.kind, table.says, table.alias) == ("TableIdentifier", "weibo.t", "x")
    assert table.parent is not None and table.parent.kind == "TableExpression"
    assert len(nodes) == len(TREE.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A (children 1)\n",
        "A (children 1)\n B\n C\n",
        "A (children 2)\n B\n",
        "A (children 1)\n  B\n",
        "A\nB\n",
        "A (children 1)\nB\n",
        "A (children 1)\n B (alias x\n C)\n",
        "A (children 1)\n B (children 5)\n",
        "A (children 1)\n é\n",
    ],
)
def test_what_does_not_add_up_is_no_tree(text: str) -> None:
    with pytest.raises(QueryError, match="can't be judged"):
        syntax_tree.read(text)


def test_an_alias_does_not_change_the_name() -> None:
    root = syntax_tree.read("A (children 1)\n Function file (alias x) (alias y) (children 1)\n  ExpressionList\n")
    assert root.children[0].says == "file"
