"""Reading JSON of unknown shape: every step knows its path, and a wrong shape is a DriftError that names it."""

import re
from dataclasses import dataclass
from typing import Any, Final

from crawler.parsing.errors import DriftError

LINE_LENGTH: Final = 2_000
TEXT_LENGTH: Final = 100_000


@dataclass(slots=True)
class Field:
    """A value in a JSON document, with its path. Not frozen, as a post takes a hundred, and frozen ones cost thrice."""

    path: str
    value: Any

    def __getitem__(self, name: str) -> "Field":
        """The member of an object; its value is None where it is missing. Raises DriftError where this is no object."""
        if not isinstance(self.value, dict):
            raise DriftError(self.path, f"is {_kind(self.value)}, not an object")
        return Field(f"{self.path}.{name}", self.value.get(name))

    def __bool__(self) -> bool:
        """Whether there is anything: not missing, not null, not empty."""
        return self.value not in (None, "", [], {}, False)

    @property
    def is_object(self) -> bool:
        """Whether it has members."""
        return isinstance(self.value, dict)

    def entries(self) -> list["Field"]:
        """The entries of a list, or of an object that stands for one ("0", "1", …); none where it is missing."""
        if self.value is None or self.value is False or self.value == "":
            return []
        if isinstance(self.value, list):
            return [Field(f"{self.path}[{place}]", entry) for place, entry in enumerate(self.value)]
        if isinstance(self.value, dict):
            return [Field(f"{self.path}.{name}", entry) for name, entry in self.value.items()]
        raise DriftError(self.path, f"is {_kind(self.value)}, not a list")

    def text(self) -> str:
        """A text; a number as it is written. Raises DriftError where it is neither."""
        if isinstance(self.value, str):
            return clean(self.value)
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return _digits(self)
        raise DriftError(self.path, f"is {_kind(self.value)}, not a text")

    def line(self) -> str | None:
        """A short text without blanks at its ends; None where there is none, or where it is no text."""
        if not isinstance(self.value, str):
            return None
        return clean(self.value).strip()[:LINE_LENGTH] or None

    def number(self) -> int | None:
        """A small whole number, also written as a text; None where it is none."""
        value = self.value
        if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) <= 18:
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31 else None

    def id(self) -> str:
        """An id: 1 to 19 digits, as number or text. Raises DriftError where it is none."""
        found = self.optional_id()
        if found is None:
            raise DriftError(self.path, f"{shown(self.value)} is not an id")
        return found

    def optional_id(self) -> str | None:
        """An id, None where there is none, or 0."""
        value = self.value
        if isinstance(value, bool):
            return None
        if isinstance(value, int):
            return _digits(self) if 0 < value < 10**19 else None
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19 and int(value):
            return value
        return None


def clean(text: str) -> str:
    """A text that can be written as UTF-8: no half surrogates, no control characters but line ends and tabs."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _HALVES.search(text) else text
    return _CONTROLS.sub("", whole)


_HALVES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def payload(data: Any) -> Field:
    """The object that an answer is about: the member `data` of the envelope, or the document itself without one.

    Raises DriftError where there is neither.
    """
    document = Field("$", data)
    if document.is_object and isinstance(document.value.get("data"), dict):
        return document["data"]
    if document.is_object:
        return document
    raise DriftError("$", f"is {_kind(data)}, not an object")


def _digits(field: Field) -> str:
    try:
        return str(field.value)
    except ValueError as error:
        raise DriftError(field.path, "is a number of thousands of digits") from error


def _kind(value: object) -> str:
    names = {
        type(None): "missing",
        bool: "a truth value",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)


def shown(value: object) -> str:
    """A value as a message may show it: short texts as they are, all else by its kind."""
    return repr(value[:40]) if isinstance(value, str) else _kind(value)
