"""What a part of a benchmark found: a table, a clause for the line at the end, and what is wrong or missed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Finding:
    """`missed` says which target is missed, and by how much; `wrong` why the figures mean nothing."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: dict[str, Any]
    says: str
    missed: str = ""
    wrong: Sequence[str] = field(default=())

    def show(self) -> None:
        """Print the table."""
        table = Table(title=self.title, title_justify="left", box=None)
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*row)
        Console(width=max(Console().width, 150)).print(table)

    def document(self) -> dict[str, Any]:
        return {**self.figures, "missed": self.missed, "wrong": list(self.wrong)}


def line(findings: Sequence[Finding]) -> str:
    """The result in a line."""
    wrong = [f"{found.name}: {'; '.join(found.wrong)}" for found in findings if found.wrong]
    if wrong:
        return "NOT MEASURED: " + "; ".join(wrong)
    missed = [found.missed for found in findings if found.missed]
    verdict = "MISSED: " + "; ".join(missed) if missed else "every target reached"
    return f"{'; '.join(found.says for found in findings)}: {verdict}"


def exit_code(findings: Sequence[Finding]) -> int:
    """0 where all was measured and every target is reached."""
    return int(any(found.wrong or found.missed for found in findings))
