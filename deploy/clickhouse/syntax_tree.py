"""The syntax tree of a statement, as the engine prints it for EXPLAIN AST.

A line is a node: its kind, what it says of itself, its alias, and how many nodes stand below it, one blank deeper for
each level. Names stand there as they are, so one with a line break in it could pass for lines of its own: every count
is checked, and a tree that does not add up is none.
"""

import re
from dataclasses import dataclass, field

from deploy.clickhouse.errors import Code, QueryError

_LINE = re.compile(r"(?P<indent> *)(?P<kind>[A-Za-z:]+)(?P<rest>.*?)(?: \(children (?P<children>\d+)\))?")


@dataclass
class Node:
    """A node: `says` is what follows its kind, without the alias; for functions and tables their name."""

    kind: str
    says: str
    alias: str = ""
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> list["Node"]:
        """The node and all below it, in the order of the text."""
        nodes, found = [self], []
        while nodes:
            node = nodes.pop()
            found.append(node)
            nodes.extend(reversed(node.children))
        return found


def read(text: str) -> Node:
    """The root of a printed tree. Raises `QueryError` when the lines do not add up to one tree."""
    root: Node | None = None
    path: list[tuple[Node, int]] = []  # open nodes, and how many children each still waits for
    for line in text.rstrip("\n").split("\n"):
        found = _LINE.fullmatch(line)
        while path and path[-1][1] == 0:
            path.pop()
        if found is None or len(found["indent"]) != len(path) or (root is not None and not path):
            raise _unreadable()
        says, _, alias = found["rest"].partition(" (alias ")
        node = Node(found["kind"], says.strip(), alias.removesuffix(")"))
        if path:
            parent, missing = path[-1]
            path[-1] = (parent, missing - 1)
            node.parent = parent
            parent.children.append(node)
        else:
            root = node
        path.append((node, int(found["children"] or 0)))
    if root is None or any(missing for _, missing in path):
        raise _unreadable()
    return root


def _unreadable() -> QueryError:
    return QueryError.named(
        Code.SYNTAX_ERROR, "The statement can't be judged: a name in it has a line break or looks like a part of SQL"
    )
