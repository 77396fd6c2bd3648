"""`weiplomacy crawl parse`: what the crawler makes of a saved answer, without any network."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler import saved_answers
from crawler.classify import Verdict
from crawler.endpoints import Endpoint
from crawler.parsing.context import Context
from crawler.parsing.errors import ParsingError
from crawler.people import people_of
from crawler.saved_answers import SavedAnswer, SavedAnswerError
from deploy.cli.crawl_quarantine import parse_quarantine
from schemas import registry, settings
from schemas.event_fields import iso_milliseconds


def parse(
    file: Annotated[
        Path | None, typer.Argument(help="A saved body, or a fixture {url, status, headers, body, observed_at}.")
    ] = None,
    *,
    endpoint: Annotated[
        Endpoint | None, typer.Option(help="Which endpoint answered so; default: by address or shape.")
    ] = None,
    observed_at: Annotated[
        str | None, typer.Option(help="When it was seen, ISO 8601 with its zone; default: the file's time.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="The account that was asked for: id, uid or screen name.")] = None,
    uid: Annotated[str | None, typer.Option(help="Its uid, where the answer does not say it.")] = None,
    post: Annotated[str | None, typer.Option(help="The post (mid), where the answer does not say it.")] = None,
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="Instead of a file: all bodies that could not be read, from Kafka.")
    ] = False,
    since: Annotated[str | None, typer.Option(help="Of these, those seen since, ISO 8601 with its zone.")] = None,
) -> None:
    """Print the class of a saved answer and the events in it, as JSON lines: first the class, then the events.

    People are hashed with the key of the state folder where there is one, else with a key that is no secret.
    With --quarantine, the same for each quarantined body (of one --account), and how many can be read by now.
    """
    if quarantine:
        if file or endpoint or observed_at or uid or post:
            raise SavedAnswerError("--quarantine takes --since and --account alone: each body knows its circumstances")
        parse_quarantine(_moment(since, "--since"), account)
        return
    if file is None or since is not None:
        raise SavedAnswerError("which answer? Name a FILE, or --quarantine (perhaps with --since)")
    saved = saved_answers.load(file, endpoint, _moment(observed_at, "--observed-at"))
    verdict = saved_answers.judge(saved)
    head: dict[str, Any] = {
        "class": verdict.response_class,
        "reason": verdict.reason,
        "signal": verdict.signal,
        "endpoint": saved.endpoint,
        "observed_at": iso_milliseconds(saved.answer.observed_at),
        "enveloped": saved.enveloped,
    }
    try:
        events, problems = saved_answers.events_of(saved, verdict, _context(saved, verdict, account, uid), post)
    except (ParsingError, SavedAnswerError) as error:
        _print(head | {"events": 0, "problems": [str(error)]})
        raise
    _print(head | {"events": len(events), "problems": list(problems)})
    for event in events:
        typer.echo(event.model_dump_json())


def _context(saved: SavedAnswer, verdict: Verdict, account: str | None, uid: str | None) -> Context:
    in_force = settings.load()
    accounts = registry.load(in_force)
    has_key = in_force.people.key is not None or in_force.people_key_file.exists()
    people = people_of(in_force) if has_key else saved_answers.people_of_nobody()
    found = accounts.find(account) if account else None
    expected = uid or (found.uid if found else None) or saved_answers.account_uid(saved, verdict)
    found = found or accounts.by_uid.get(expected or "")
    return Context(
        account_id=found.id if found else f"uid:{expected}" if expected else saved_answers.UNKNOWN_ACCOUNT,
        uid=expected,
        screen_name=found.screen_name if found else None,
        observed_at=saved.answer.observed_at,
        people=people,
        institutions=lambda other: accounts.by_uid[other].id if other in accounts.by_uid else None,
    )


def _moment(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SavedAnswerError(f"{option} {text} is not a moment: write 2026-11-24T12:00:00+08:00") from error
    if moment.tzinfo is None:
        raise SavedAnswerError(f"{option} {text} has no zone: write 2026-11-24T12:00:00+08:00")
    return moment.astimezone(UTC)


def _print(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False))
