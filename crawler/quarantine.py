"""Bodies that could not be read, kept for a mended parser: what goes into the topic, and reading it again."""

import json
import re
from datetime import datetime
from typing import Final

from crawler.answers import Answer
from crawler.classify import ResponseClass
from crawler.endpoints import Endpoint, endpoint_of
from crawler.masking import masked, masked_sentence
from crawler.parsing.context import Context
from crawler.parsing.fields import LINE_LENGTH
from crawler.saved_answers import SavedAnswer, SavedAnswerError
from schemas.event_ids import content_version
from schemas.events import QuarantinedBody
from schemas.software import SOFTWARE
from schemas.topics import QUARANTINE

MOST_CHARACTERS: Final = 1_500_000
"""Of a body, by the contract."""
MOST_BYTES: Final = QUARANTINE.max_message_bytes - 65_536
"""Of a body as it stands in the message, so that message and headers fit into the topic."""
_POST_ASKED_FOR: Final = re.compile(r"[?&]id=([0-9]{1,19})(?:&|$)")


def quarantined(
    answer: Answer,
    endpoint: Endpoint | None,
    response_class: ResponseClass,
    reason: str,
    context: Context,
) -> QuarantinedBody:
    """The event of a body that could not be read, people masked, cut at the limit."""
    body = cut(masked(answer.body, context))
    url = " ".join(answer.url.split())[:LINE_LENGTH]
    return QuarantinedBody(
        account_id=context.account_id,
        observed_at=answer.observed_at,
        endpoint=(endpoint or endpoint_of(answer.url) or "unknown"),
        url=url,
        status=max(0, min(answer.status, 999)),
        response_class=response_class.value,
        reason=" ".join(masked_sentence(reason, context).split())[:LINE_LENGTH],
        body=body,
        content_version=content_version(url, body),
        post_id=post[1] if (post := _POST_ASKED_FOR.search(url)) else None,
        software=SOFTWARE,
    )


def cut(body: str) -> str:
    """As much of a body as the topic takes: it is counted as it will be written, signs escaped."""
    body = body[:MOST_CHARACTERS]
    while (size := len(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))) > MOST_BYTES:
        body = body[: min(len(body) - 1, len(body) * MOST_BYTES // size)]
    return body


def saved_answer_of(event: QuarantinedBody) -> SavedAnswer:
    """The answer of an event, to be classified and parsed again. Raises SavedAnswerError for an unknown endpoint."""
    try:
        endpoint = Endpoint(event.endpoint)
    except ValueError as error:
        raise SavedAnswerError(f"the endpoint {event.endpoint} of {event.event_id} is not known here") from error
    observed_at: datetime = event.observed_at
    return SavedAnswer(Answer(event.url, event.status, {}, event.body.encode(), observed_at), endpoint)
