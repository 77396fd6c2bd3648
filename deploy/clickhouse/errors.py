"""Failures of the database: what the engine says, and the HTTP status with which ClickHouse tells it."""

import re
from enum import IntEnum
from http import HTTPStatus
from typing import Self

from schemas.errors import WeiplomacyError


class Code(IntEnum):
    """The error codes of ClickHouse that this server raises itself (names and numbers: `errorCodeToName`)."""

    CANNOT_READ_ALL_DATA = 33
    TOO_LARGE_SIZE_COMPRESSED = 39
    CHECKSUM_DOESNT_MATCH = 40
    UNKNOWN_FUNCTION = 46
    NOT_IMPLEMENTED = 48
    SYNTAX_ERROR = 62
    UNKNOWN_FORMAT = 73
    UNKNOWN_COMPRESSION_METHOD = 89
    READONLY = 164
    REQUIRED_PASSWORD = 194
    TOO_MANY_SIMULTANEOUS_QUERIES = 202
    QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING = 216
    QUERY_IS_TOO_LARGE = 229
    ABORTED = 236
    NOT_ENOUGH_SPACE = 243
    CANNOT_DECOMPRESS = 271
    TOO_MANY_BYTES = 307
    SESSION_NOT_FOUND = 372
    SESSION_IS_LOCKED = 373
    INVALID_SESSION_TIMEOUT = 374
    QUERY_WAS_CANCELLED = 394
    TOO_MANY_ROWS_OR_BYTES = 396
    BAD_REQUEST_PARAMETER = 408
    UNKNOWN_CODEC = 432
    FUNCTION_NOT_ALLOWED = 446
    SETTING_CONSTRAINT_VIOLATION = 452
    ACCESS_DENIED = 497
    AUTHENTICATION_FAILED = 516
    STD_EXCEPTION = 1001


# Groups as in ClickHouse's src/Server/HTTP/exceptionCodeToHTTPStatus.cpp.
_STATUS_BY_CODES = {
    HTTPStatus.UNAUTHORIZED: {194},
    HTTPStatus.FORBIDDEN: {192, 193, 497, 512, 516},
    HTTPStatus.BAD_REQUEST: {
        *(6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427, 441),
        *(675, 676),
    },
    HTTPStatus.NOT_FOUND: {46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511},
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {229},
    HTTPStatus.NOT_IMPLEMENTED: {48},
    HTTPStatus.SERVICE_UNAVAILABLE: {76, 209, 439},
    HTTPStatus.LENGTH_REQUIRED: {381},
    HTTPStatus.REQUEST_TIMEOUT: {159},
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: {779},
}
STATUS_BY_CODE = {code: status for status, codes in _STATUS_BY_CODES.items() for code in codes}

_EXCEPTION = re.compile(r"Code: (\d+)\. DB::Exception: (?:Code: \1\. DB::Exception: )?")
_STACK_TRACE = re.compile(r"(?:, )?Stack trace \(when copying this message.*", re.DOTALL)
_VERSION = re.compile(r"\s*\(version [\d.]+\)(?:\. \([A-Z_0-9]+\))?\s*$")


class QueryError(WeiplomacyError):
    """A request that the database refuses, with ClickHouse's code. `str()` is `text. (NAME)`."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code

    @classmethod
    def named(cls, code: Code, text: str) -> Self:
        """An error that this server raises itself, with the name that ClickHouse gives to its code."""
        return cls(code, f"{text.rstrip('.')}. ({code.name})")

    @classmethod
    def from_engine(cls, error: BaseException) -> Self:
        """What the engine's exception says, without the binding's prefixes, stack trace and version."""
        text = str(error)
        found = _EXCEPTION.search(text)
        if found is None:
            return cls.named(Code.STD_EXCEPTION, text or type(error).__name__)
        message = _STACK_TRACE.sub("", text[found.end() :])
        return cls(int(found.group(1)), _VERSION.sub("", message).strip())

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status that ClickHouse gives to this code."""
        return STATUS_BY_CODE.get(self.code, HTTPStatus.INTERNAL_SERVER_ERROR)

    def wire_text(self, version: str) -> str:
        """The sentence as ClickHouse writes it in the body of an answer; `version` is the engine's."""
        return f"Code: {self.code}. DB::Exception: {self} (version {version})"


class StartError(WeiplomacyError):
    """The server can't start: the folder, the port, the address or the disk is to blame."""

    exit_code = 2
