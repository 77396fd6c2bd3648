"""What kind of statement a request carries, where its FORMAT stands, and where data begin.

Only as much of the grammar as an HTTP server must know: quotes, comments and brackets are respected, all else is
the engine's business.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from deploy.clickhouse.errors import Code, QueryError


class Kind(Enum):
    """How a statement is executed and answered."""

    SELECT = "select"  # yields rows, can be streamed
    SHOW = "show"  # yields rows, small: SHOW, DESCRIBE, EXPLAIN, EXISTS, CHECK
    INSERT_DATA = "insert data"  # rows follow the statement
    WRITE = "write"  # everything else, INSERT ... SELECT included
    SESSION = "session"  # changes the state of a session: SET, USE
    KILL = "kill"

    @property
    def reads(self) -> bool:
        """Whether the statement only reads."""
        return self in {Kind.SELECT, Kind.SHOW}


@dataclass(frozen=True)
class Statement:
    """One statement: `sql` has neither FORMAT nor data when these were found, and no closing semicolon.

    `tail` is what followed the FORMAT of a query, its SETTINGS, or the SETTINGS that stood before that of an INSERT.
    `data_start` is the offset in the given text where the rows of an INSERT begin.
    """

    kind: Kind
    sql: str
    format: str | None = None
    tail: str = ""
    data_start: int | None = None
    has_totals: bool = False


_TOKEN = re.compile(
    rb"""(?P<space>\s+|--[^\n]*|\#[!\ ][^\n]*|/\*.*?\*/)
    |(?P<quoted>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    |(?P<word>\w+)
    |(?P<open>[(\[{])|(?P<close>[)\]}])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_DATA_GAP = re.compile(rb"[ \t\f]*\r?\n?")
_SHOWS = {b"SHOW", b"DESCRIBE", b"DESC", b"EXPLAIN", b"EXISTS", b"CHECK"}
_SELECTS = {b"SELECT", b"WITH", b"FROM", b"VALUES"}


@dataclass(frozen=True)
class _Token:
    text: bytes  # upper case for words
    start: int
    end: int
    is_name: bool


def _top_level(text: bytes) -> Iterator[_Token]:
    """Tokens outside of brackets, lazily, without blanks and comments; a bracketed group is one token `(`."""
    depth = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if match.group("quoted") is not None:
            kind = "quoted"
        if kind == "space":
            continue
        if kind == "open":
            depth += 1
            if depth == 1:
                yield _Token(b"(", match.start(), match.end(), is_name=False)
        elif kind == "close":
            depth = max(0, depth - 1)
        elif depth == 0:
            word = match.group().upper() if kind == "word" else match.group()
            yield _Token(word, match.start(), match.end(), is_name=kind in {"word", "quoted"})


def parse(text: bytes) -> Statement:
    """Split the text of a request into statement, format and data.

    Raises `QueryError` for an empty text, for more than one statement, and for what can't be served over HTTP.
    """
    tokens = _top_level(text)
    first = next(tokens, None)
    if first is None:
        raise QueryError.named(Code.SYNTAX_ERROR, "Empty query")
    if first.text == b"INSERT":
        return _parse_insert(text, tokens)
    if first.text == b"WITH":
        seen: list[_Token] = []
        for token in tokens:
            if token.text == b"INTO" and seen and seen[-1].text == b"INSERT":
                return _parse_insert(text, tokens)
            seen.append(token)
            if token.text in {b"SELECT", b"FROM", b";"}:
                break
        tokens = itertools.chain(seen, tokens)
    return _parse_other(text, first, tokens)


def last_settings(sql: str) -> int | None:
    """Where the last SETTINGS outside of brackets stands."""
    encoded = sql.encode(errors="surrogateescape")
    place = None
    for token in _top_level(encoded):
        if token.text == b"SETTINGS":
            place = token.start
    return None if place is None else len(encoded[:place].decode(errors="surrogateescape"))


def _after_target(tokens: Iterator[_Token]) -> Iterator[_Token]:
    """Skip `INTO [TABLE|FUNCTION] name[.name]`, whose names may be keywords."""
    token = next(tokens, None)
    while token is not None and token.text in {b"INTO", b"TABLE", b"FUNCTION"}:
        token = next(tokens, None)
    while token is not None:
        token = next(tokens, None)
        if token is None:
            return
        if token.text != b".":
            yield token
            break
        token = next(tokens, None)
    yield from tokens


def _parse_insert(text: bytes, tokens: Iterator[_Token]) -> Statement:
    selects = False
    settings: int | None = None
    rest = _after_target(tokens)
    for token in rest:
        if token.text in {b"SELECT", b"WITH"}:
            selects = True
        elif token.text == b"SETTINGS" and settings is None:
            settings = token.start
        elif token.text == b"VALUES" and not selects:
            return _with_data(text[: token.start], settings, "Values", token.end)
        elif token.text == b"INFILE":
            raise QueryError.named(Code.NOT_IMPLEMENTED, "INSERT FROM INFILE is not served over HTTP: send the data")
        elif token.text == b"FORMAT" and not selects:
            name = next(rest, None)
            if name is None or not name.is_name:
                raise QueryError.named(Code.SYNTAX_ERROR, "FORMAT of the INSERT has no name")
            gap = _DATA_GAP.match(text, name.end)
            format_name = text[name.start : name.end].decode(errors="surrogateescape")
            return _with_data(text[: token.start], settings, format_name, gap.end() if gap else name.end)
        elif token.text == b";":
            _nothing_more(rest)
            text = text[: token.start]
    if selects:
        return Statement(Kind.WRITE, text.decode(errors="surrogateescape").strip())
    # Neither VALUES nor FORMAT: ClickHouse takes the data that follow as Values.
    return _with_data(text, settings, "Values", len(text))


def _with_data(head: bytes, settings: int | None, format_name: str, data_start: int) -> Statement:
    """An INSERT whose data follow; its `tail` is the SETTINGS, before which the place of the data is named."""
    sql, tail = (head, b"") if settings is None else (head[:settings], head[settings:])
    return Statement(
        Kind.INSERT_DATA,
        sql.decode(errors="surrogateescape").strip(),
        format_name,
        tail.decode(errors="surrogateescape").strip(),
        data_start=data_start,
    )


def _nothing_more(tokens: Iterator[_Token]) -> None:
    for token in tokens:
        if token.text != b";":
            raise QueryError.named(Code.SYNTAX_ERROR, "Multi-statements are not allowed: send one statement a request")


def _parse_other(text: bytes, first: _Token, tokens: Iterator[_Token]) -> Statement:
    words: list[_Token] = [first]
    end = len(text)
    for token in tokens:
        if token.text == b";":
            _nothing_more(tokens)
            end = token.start
            break
        words.append(token)
    names = [token.text for token in words]
    if any(pair == (b"INTO", b"OUTFILE") for pair in itertools.pairwise(names)):
        raise QueryError.named(Code.NOT_IMPLEMENTED, "INTO OUTFILE is not served over HTTP: the answer is the file")
    kind = _kind(names)
    if kind is Kind.SESSION and (names[0] == b"CREATE" or any(name.startswith(b"PARAM_") for name in names)):
        raise QueryError.named(
            Code.NOT_IMPLEMENTED,
            "Sessions keep what SET and USE change, but no temporary tables and no query parameters: "
            "use a table in a database, WITH, or external data; send parameters with the request as param_NAME",
        )
    sql, format_name, tail = text[:end], None, b""
    if kind in {Kind.SELECT, Kind.SHOW}:
        place = _format_place(words)
        if place is not None:
            keyword, name = words[place], words[place + 1]
            sql, tail = text[: keyword.start], text[name.end : end]
            format_name = text[name.start : name.end].decode(errors="surrogateescape")
    return Statement(
        kind,
        sql.decode(errors="surrogateescape").strip(),
        format_name,
        tail.decode(errors="surrogateescape").strip(),
        # Without looking inside brackets: too many hits only cost a detour over a file.
        has_totals=re.search(rb"\bTOTALS\b", text, re.IGNORECASE) is not None,
    )


def _kind(names: list[bytes]) -> Kind:
    first = names[0]
    if first in {b"SET", b"USE"} or (first == b"CREATE" and b"TEMPORARY" in names[1:5]):
        return Kind.SESSION
    if first == b"KILL":
        return Kind.KILL
    if first in _SHOWS:
        return Kind.SHOW
    if first == b"(" or (first in _SELECTS and (b"INSERT", b"INTO") not in itertools.pairwise(names)):
        return Kind.SELECT
    return Kind.WRITE


def _format_place(words: list[_Token]) -> int | None:
    """Index of the FORMAT keyword: the last one that is followed by a name and then by nothing or SETTINGS."""
    for index in range(len(words) - 2, 0, -1):
        if words[index].text == b"FORMAT" and words[index + 1].is_name:
            after = words[index + 2].text if index + 2 < len(words) else b"SETTINGS"
            return index if after == b"SETTINGS" else None
    return None
