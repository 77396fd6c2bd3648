"""The list of questions in docs/analysis.md, written from the question pack: `python -m schemas.question_list`."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from schemas.questions import Question, declared

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "analysis.md"
BEGIN, END = "<!-- questions: begin -->", "<!-- questions: end -->"


def as_markdown(questions: Sequence[Question]) -> str:
    """The questions as a table per group: name, parameters, sentence in both languages."""
    lines: list[str] = []
    for group, members in groupby(questions, key=lambda question: question.group):
        lines += [f"### {group.capitalize()}", "", "| question | parameters | |", "| --- | --- | --- |"]
        for one in members:
            parameters = " ".join(
                f"**{parameter.name}**" if parameter.default is None else parameter.name for parameter in one.parameters
            )
            lines.append(f"| `{one.name}` | {parameters} | {one.english} {one.chinese} |")
        lines.append("")
    return "\n".join(lines)


def renewed(document: str, questions: Sequence[Question]) -> str:
    """The document with its list of questions written anew."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{as_markdown(questions)}{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text(encoding="utf-8"), declared()), encoding="utf-8")
