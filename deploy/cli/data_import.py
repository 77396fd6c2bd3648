"""`weiplomacy data import`: publish what others have published, through Kafka like everything else."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

import typer

from schemas import reference_2016
from schemas.errors import WeiplomacyError
from schemas.event_fields import iso_milliseconds
from schemas.events import AnyEvent
from schemas.settings import load
from schemas.topics import topic_of


class UnknownImportError(WeiplomacyError):
    """There is nothing of that name to import."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Publication:
    """Something that can be imported: its name, what it is, where it comes from, its moment and its events."""

    name: str
    says: str
    ce_source: str
    observed_at: datetime
    events: Callable[[], tuple[AnyEvent, ...]]


PUBLICATIONS = (
    Publication(
        "2016",
        f"the embassies on Weibo in December 2016 ({reference_2016.SOURCE})",
        reference_2016.CE_SOURCE,
        reference_2016.OBSERVED_AT,
        reference_2016.snapshots,
    ),
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `acknowledged` is the number of events that Kafka has for certain."""

    name: str
    says: str
    ce_source: str
    observed_at: str
    topics: tuple[str, ...]
    events: int
    acknowledged: int


def find(name: str) -> Publication:
    """The publication of that name. Raises UnknownImportError with the names that there are."""
    for publication in PUBLICATIONS:
        if publication.name == name:
            return publication
    names = ", ".join(publication.name for publication in PUBLICATIONS)
    raise UnknownImportError(f"{name!r} can't be imported; there are: {names}")


def publish(servers: list[str], publication: Publication) -> Imported:
    """Publish all events of a publication. A repeat publishes the same events, which tables and views count once.

    Raises what crawler.publishing.publish_all raises: Kafka not reachable, not acknowledged in time.
    """
    # Kafka's client is needed for nothing else here.
    from crawler.publishing import publish_all  # noqa: PLC0415

    events = publication.events()
    acknowledged = publish_all(servers, publication.ce_source, events)
    return Imported(
        name=publication.name,
        says=publication.says,
        ce_source=publication.ce_source,
        observed_at=iso_milliseconds(publication.observed_at),
        topics=tuple(sorted({topic_of(event).name for event in events})),
        events=len(events),
        acknowledged=sum(acknowledged.values()),
    )


def data_import(
    name: Annotated[str, typer.Argument(help="What to import: 2016, the list of December 2016.")] = "2016",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Publish a published list as events; doing it again changes nothing."""
    publication = find(name)
    done = publish(load().kafka_servers, publication)
    if as_json:
        typer.echo(json.dumps(asdict(done), ensure_ascii=False))
        return
    typer.echo(
        f"{done.acknowledged} of {done.events} events published to {', '.join(done.topics)}: {done.says}, "
        f"observed {done.observed_at}, source {done.ce_source}"
    )
