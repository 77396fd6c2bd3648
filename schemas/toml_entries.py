"""The entries of a TOML file that a person edits: each with the line where it stands, and what is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError


def places(kind: str, entries: object, text: str) -> Iterator[tuple[str, Any]]:
    """Each `[[kind]]` with the line of its heading; with its number where it has no heading."""
    if entries is None:
        return
    if not isinstance(entries, list):
        yield f"[[{kind}]]", entries
        return
    heading = re.compile(rf"\s*\[\[\s*{kind}\s*\]\]")
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if heading.match(line)]
    for position, entry in enumerate(entries):
        exact = len(lines) == len(entries)
        yield (f"line {lines[position]}" if exact else f"{kind} number {position + 1}"), entry


def problems(error: ValidationError, place: str, *, values: bool = True) -> Iterator[str]:
    """What pydantic found wrong with an entry, as sentences that begin with its place.

    Without `values` they do not repeat what stands there: it may be a secret.
    """
    for problem in error.errors(include_url=False):
        field = ".".join(str(part) for part in problem["loc"])
        value = problem["input"]
        shown = "" if isinstance(value, Mapping) or not values else f" ({str(value)[:60]!r})"
        if problem["type"] == "extra_forbidden":
            yield f"{place}: {field!r} is not a field of it"
        else:
            reason = problem["msg"].removeprefix("Value error, ")
            yield f"{place}: {field + ': ' if field else ''}{reason}{shown}"
