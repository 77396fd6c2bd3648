"""Questions to the control port: what stands in their query, and answers as JSON with the moment that they are of."""

import json
from datetime import UTC, datetime
from typing import Any

from aiohttp import web


class BadQuestionError(Exception):
    """A query that can't be answered; the message says what is wrong with it."""


def moment(text: str | None) -> datetime | None:
    """A moment of a query, UTC; None where there is none. Raises BadQuestionError."""
    if not text:
        return None
    try:
        # A "+" that was not escaped arrives as a blank.
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise BadQuestionError(f"{text[:60]!r} is not a moment in ISO 8601") from error
    if found.tzinfo is None:
        raise BadQuestionError(f"{text[:60]!r} has no offset: append Z")
    return found.astimezone(UTC)


def number(request: web.Request, name: str) -> int | None:
    """A whole number of a query; None where there is none. Raises BadQuestionError."""
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadQuestionError(f"{name}={text[:60]!r} is not a number")
    return int(text)


def required(request: web.Request, name: str) -> int:
    """A whole number that a question needs. Raises BadQuestionError."""
    found = number(request, name)
    if found is None:
        raise BadQuestionError(f"{request.path} needs {name}=…")
    return found


def answered(document: Any, status: int = 200, at: datetime | None = None) -> web.Response:
    """An answer in JSON."""
    headers = {"X-Replica-Time": at.isoformat(timespec="milliseconds")} if at else {}
    text = json.dumps(document, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)
