"""Adding to the file of alert rules: entries come to its end, what people wrote stays as it is."""

import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path

from schemas.alert_rules_file import RulesFileError, read_text
from schemas.errors import first_reason

TEMPLATE = Path(__file__).with_name("alerts.toml")

Value = str | float | int | datetime | date | time | tuple[str, ...]
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_HEADING = re.compile(r"\s*\[")


def entry(kind: str, values: Mapping[str, Value | None]) -> str:
    """An entry `[[kind]]` as text; None is left out."""
    lines = [f"{_key(name)} = {_toml(value)}" for name, value in values.items() if value is not None]
    return "\n".join([f"[[{kind}]]", *lines, ""])


def appended(text: str, entries: str) -> str:
    """The text with entries at its end; the template before them where there is nothing yet."""
    before = text if text.strip() else TEMPLATE.read_text(encoding="utf-8")
    return before.rstrip("\n") + "\n\n" + entries


def with_value(text: str, kind: str, position: int, name: str, value: Value) -> str:
    """The text with one value of the entry `[[kind]]` at a position (from 0) replaced or added, all else as it was.

    Raises RulesFileError where the text is no TOML, has no such entry, or is written so that only a person can change
    it, such as with a value over several lines.
    """
    lines = text.splitlines(keepends=True)
    headings = [number for number, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{kind}\s*\]\]", line)]
    line = f"{name} = {_toml(value)}\n"
    try:
        wanted = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesFileError(f"the alert rules are wrong: {error}") from error
    try:
        wanted[kind][position][name] = tomllib.loads(line)[name]
        start = headings[position]
    except (KeyError, IndexError, TypeError):
        raise RulesFileError(f"there is no [[{kind}]] number {position + 1}") from None
    end = next((n for n in range(start + 1, len(lines)) if _HEADING.match(lines[n])), len(lines))
    there = [n for n in range(start + 1, end) if re.match(rf"\s*{name}\s*=", lines[n])]
    if there:
        lines[there[0]] = line
    else:
        lines[start] = lines[start].rstrip("\n") + "\n"
        lines.insert(start + 1, line)
    changed = "".join(lines)
    try:
        is_right = tomllib.loads(changed) == wanted
    except tomllib.TOMLDecodeError:
        is_right = False
    if not is_right:
        raise RulesFileError(f"the [[{kind}]] number {position + 1} is written in a way that only a person can change")
    return changed


def write(file: Path, change: Callable[[str], str]) -> None:
    """Change the file in one step that no reader sees half done; its rights stay. Raises RulesFileError."""
    text = read_text(file)
    new = change(text)
    partial = ""
    try:
        file = file.resolve()  # where it is a link, what it leads to is written
        file.parent.mkdir(parents=True, exist_ok=True)
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=file.parent, prefix=f".{file.name}.", delete=False
        ) as out:
            partial = out.name
            out.write(new)
            out.flush()
            os.fsync(out.fileno())
        Path(partial).chmod(mode)
        Path(partial).replace(file)
    except OSError as error:
        if partial:
            Path(partial).unlink(missing_ok=True)
        raise RulesFileError(f"the alert rules {file} can't be written: {first_reason(error)}") from error


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else _string(name)


def _toml(value: Value) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_string(one) for one in value) + "]"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return _string(value) if isinstance(value, str) else repr(value)


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else _escape(one) for one in escaped) + '"'


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
