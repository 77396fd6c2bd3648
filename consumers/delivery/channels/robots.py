"""What the robots of the Chinese chats share: JSON in, HTTP 200 and a code out, also where they refuse."""

import json
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from consumers.delivery.errors import DeliveryError, UnavailableError
from consumers.delivery.message import Receipt
from consumers.delivery.posting import check, post, retry_after_s


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a provider's code stands for, and what to do about it."""

    error: type[DeliveryError]
    advice: str
    retry_after_s: float | None = None


def compact(value: Any) -> bytes:
    r"""JSON in UTF-8, as it goes out: WeCom refuses \uXXXX (40033), and the limits count bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def call(
    url: str,
    body: bytes,
    shown: str,
    code_of: tuple[tuple[str, str], ...],
    refusal_of: Callable[[int, str], Refusal | None],
    trusted: ssl.SSLContext | None = None,
    hidden: Sequence[SecretStr | None] = (),
) -> Receipt:
    """Post and judge the answer by its code; only 0 is a success. Raises the DeliveryError of code or status.

    `code_of`: the names under which code and words may stand, the first that is there counts. A code in the body
    counts before the HTTP status. A code for which `refusal_of` knows none may be a passing one: it is tried again.
    """
    reply = post(url, body, {"Content-Type": "application/json; charset=utf-8"}, shown, trusted=trusted, hidden=hidden)
    try:
        answer = json.loads(reply.body)
    except ValueError:
        answer = None
    found = next((pair for pair in code_of if isinstance(answer, dict) and type(answer.get(pair[0])) is int), None)
    if found is None:
        check(reply, shown)
        raise UnavailableError(
            f"{shown}: answered HTTP {reply.status} without a code ({reply.words}): something else stands at this "
            "address, or between",
            code=str(reply.status),
            words=reply.words,
        )
    code, words = answer[found[0]], reply.shown(str(answer.get(found[1], "")))
    if code == 0 and 200 <= reply.status < 300:
        return Receipt(code="0", words=words)
    refusal = refusal_of(code, words)
    if refusal is None and not 200 <= reply.status < 300:
        check(reply, shown)
    refusal = refusal or Refusal(UnavailableError, "a code that is not known here")
    raise refusal.error(
        f"{shown}: code {code} ({words}): {refusal.advice}",
        code=str(code),
        words=words,
        retry_after_s=retry_after_s(reply) or refusal.retry_after_s,
    )
