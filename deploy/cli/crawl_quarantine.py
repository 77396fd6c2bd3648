"""`weiplomacy crawl parse --quarantine`: what today's parser makes of the bodies that could not be read."""

import json
from datetime import datetime
from typing import Any

import typer

from crawler import saved_answers
from crawler.parsing.context import Context
from crawler.parsing.errors import ParsingError
from crawler.quarantine import saved_answer_of
from crawler.quarantine_topic import bodies
from crawler.saved_answers import SavedAnswerError
from schemas import registry, settings
from schemas.errors import ContractError
from schemas.event_fields import iso_milliseconds
from schemas.events import AnyEvent, QuarantinedBody
from schemas.registry import Registry, UnknownAccountError


def parse_quarantine(since: datetime | None, account: str | None) -> None:
    """Print class and events of each body as JSON lines, and on stderr how many can be read now.

    The people in the bodies are masked, so the hashes of people in these events stand for nobody. Raises
    KafkaUnreachableError, MissingTopicError or UnknownAccountError.
    """
    in_force = settings.load()
    accounts = registry.load(in_force)
    wanted = _id_of(accounts, account) if account else None
    read, unread, strange, made = 0, 0, 0, 0
    for body in bodies(in_force.kafka_servers):
        if isinstance(body, ContractError):
            strange += 1
            continue
        if (wanted is not None and body.account_id != wanted) or (since is not None and body.observed_at < since):
            continue
        head, events = _judged(body, accounts)
        typer.echo(json.dumps(head, ensure_ascii=False))
        for event in events:
            typer.echo(event.model_dump_json())
        made += len(events)
        read, unread = (read + 1, unread) if head["readable"] else (read, unread + 1)
    typer.echo(
        f"{read + unread} bodies in quarantine: {read} can be read now ({made} events), {unread} can't"
        + (f"; {strange} messages are no quarantined bodies" if strange else ""),
        err=True,
    )


def _judged(body: QuarantinedBody, accounts: Registry) -> tuple[dict[str, Any], tuple[AnyEvent, ...]]:
    """What is printed of a body, and the events that can be made of it. It is readable when nothing in it is left."""
    head: dict[str, Any] = {
        "quarantined": body.event_id,
        "account_id": body.account_id,
        "observed_at": iso_milliseconds(body.observed_at),
        "endpoint": body.endpoint,
        "was": body.response_class,
        "because": body.reason,
    }
    try:
        saved = saved_answer_of(body)
        verdict = saved_answers.judge(saved)
        head |= {"class": verdict.response_class, "reason": verdict.reason, "signal": verdict.signal}
        events, problems = saved_answers.events_of(saved, verdict, _context(body, accounts), body.post_id)
    except (ParsingError, SavedAnswerError) as error:
        return head | {"readable": False, "events": 0, "problems": [str(error)]}, ()
    readable = verdict.data is not None and not problems
    return head | {"readable": readable, "events": len(events), "problems": list(problems)}, events


def _context(body: QuarantinedBody, accounts: Registry) -> Context:
    account = accounts.by_id.get(body.account_id)
    return Context(
        account_id=body.account_id,
        uid=account.uid if account else body.account_id.removeprefix("uid:"),
        screen_name=account.screen_name if account else None,
        observed_at=body.observed_at,
        people=saved_answers.people_of_nobody(),
        institutions=lambda uid: accounts.by_uid[uid].id if uid in accounts.by_uid else None,
    )


def _id_of(accounts: Registry, name: str) -> str:
    """The id of an account; a uid outside the registry has the id `uid:N`."""
    try:
        return accounts.find(name).id
    except UnknownAccountError:
        uid = name.removeprefix("uid:")
        if uid.isascii() and uid.isdigit() and 5 <= len(uid) <= 19:
            return f"uid:{uid}"
        raise
