"""The question pack: named questions as SQL files, `schemas/queries/NAME.sql`, each with a sentence in two languages.

A file is a head of comment lines, then exactly one SELECT over views of `weibo`, with ClickHouse's own parameters:

    -- group: audience
    -- english: Who leads by followers on a day?
    -- chinese: 某日粉丝排名如何？
    -- parameter: at Date = today; the day, in Beijing; 日期（北京时间）
    -- parameter: side String in over|under = over; which side; 哪一侧
    -- note: what is to be known beside the answer; 说明
    SELECT …

A parameter is `required` or has a default; `today` and `today-N` are days in Beijing, '' is the empty text. Three names
mean things of the registry wherever they stand: country, account and bloc (schemas.question_values).
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from schemas.errors import WeiplomacyError

FOLDER = "queries"
FILE = re.compile(r"^([a-z0-9]+(?:-[a-z0-9]+)*)\.sql$")
HEAD = re.compile(r"^-- ([a-z]+): *(.*)$")
PARAMETER = re.compile(
    r"^(?P<name>[a-z][a-z_]*) (?P<type>[A-Za-z0-9]+)(?: in (?P<choices>\S+))? (?:= (?P<default>\S+)|required); "
    r"(?P<english>[^;]+); (?P<chinese>[^;]+)$"
)
USED = re.compile(r"\{([a-z][a-z_]*):([A-Za-z0-9]+)\}")
VIEW = re.compile(r"\b(weibo\w*)\.(\w+)\b")
SELECT = re.compile(r"\s*(?:SELECT|WITH)\b")

TYPES = ("String", "Date", "Float64", "UInt8", "UInt16", "UInt32", "UInt64")
GROUPS = ("audience", "activity", "posts", "performance", "conversation", "content", "interference", "trust")


class QuestionError(WeiplomacyError):
    """A question can't be asked so."""

    exit_code = 2


class QuestionFileError(QuestionError):
    """A file of the question pack is broken."""


class UnknownQuestionError(QuestionError):
    """There is no question of that name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a question: its ClickHouse type, its default as text (None: required), what may be chosen."""

    name: str
    type: str
    default: str | None
    choices: tuple[str, ...]
    english: str
    chinese: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its sentence in two languages, its parameters, its SQL, and the views of `weibo` that it reads."""

    name: str
    group: str
    english: str
    chinese: str
    parameters: tuple[Parameter, ...]
    notes: tuple[tuple[str, str], ...]
    sql: str
    views: tuple[str, ...]


def parse(file_name: str, text: str) -> Question:
    """A question from its file's name and text. Raises QuestionFileError."""
    match = FILE.match(file_name)
    if not match:
        raise QuestionFileError(f"the question {file_name} is not named in-small-words.sql")
    head: dict[str, list[str]] = {}
    lines = text.splitlines()
    while lines and (line := HEAD.match(lines[0])):
        head.setdefault(line[1], []).append(line[2].strip())
        del lines[0]
    sql = "\n".join(lines).strip()

    def broken(why: str) -> QuestionFileError:
        return QuestionFileError(f"the question {file_name} is broken: {why}")

    if unknown := head.keys() - {"group", "english", "chinese", "parameter", "note"}:
        raise broken(f"its head has {', '.join(sorted(unknown))}")
    for key in ("group", "english", "chinese"):
        if len(head.get(key, [])) != 1 or not head[key][0]:
            raise broken(f"its head needs one line `-- {key}: …`")
    if head["group"][0] not in GROUPS:
        raise broken(f"its group is none of {', '.join(GROUPS)}")
    if not SELECT.match(sql) or ";" in sql:
        raise broken("after its head stands exactly one SELECT, without a semicolon")
    views = VIEW.findall(sql)
    if not views or any(database != "weibo" for database, _ in views):
        raise broken("it reads views of weibo, and nothing else")
    try:
        parameters = tuple(_parameter(line) for line in head.get("parameter", []))
        notes = tuple(_pair(line) for line in head.get("note", []))
    except ValueError as error:
        raise broken(str(error)) from error
    if {(one.name, one.type) for one in parameters} != set(USED.findall(sql)):
        raise broken("the parameters of its head are not those of its SQL")
    return Question(
        name=match[1],
        group=head["group"][0],
        english=head["english"][0],
        chinese=head["chinese"][0],
        parameters=parameters,
        notes=notes,
        sql=sql,
        views=tuple(dict.fromkeys(name for _, name in views)),
    )


def declared() -> tuple[Question, ...]:
    """The questions of this software, by group and name. Raises QuestionFileError."""
    found = [
        parse(file.name, file.read_text(encoding="utf-8"))
        for file in (files("schemas") / FOLDER).iterdir()
        if file.name.endswith(".sql")
    ]
    return tuple(sorted(found, key=lambda question: (GROUPS.index(question.group), question.name)))


def find(questions: Sequence[Question], name: str) -> Question:
    """The question of that name. Raises UnknownQuestionError, which names close ones."""
    by_name = {question.name: question for question in questions}
    wanted = name.strip().casefold().replace("_", "-")
    if wanted in by_name:
        return by_name[wanted]
    close = difflib.get_close_matches(wanted, by_name, n=3, cutoff=0.5)
    close += [one for one in by_name if wanted and wanted in one and one not in close]
    hint = f" (did you mean {' or '.join(close[:3])}?)" if close else ""
    raise UnknownQuestionError(f"there is no question {name!r}{hint}: `weiplomacy ask` lists them")


def _parameter(line: str) -> Parameter:
    match = PARAMETER.match(line)
    if not match or match["type"] not in TYPES:
        raise ValueError(f"a parameter reads `name Type = default; english; chinese`, not {line!r}")
    default = match["default"]
    return Parameter(
        name=match["name"],
        type=match["type"],
        default="" if default == "''" else default,
        choices=tuple(match["choices"].split("|")) if match["choices"] else (),
        english=match["english"],
        chinese=match["chinese"],
    )


def _pair(line: str) -> tuple[str, str]:
    english, separator, chinese = line.rpartition("; ")
    if not separator:
        raise ValueError(f"a note reads `english; chinese`, not {line!r}")
    return english, chinese
