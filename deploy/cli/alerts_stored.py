"""What ClickHouse holds of alerts: the newest change of each episode, an episode's changes, and a post's curve."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError
from urllib3.exceptions import HTTPError

from consumers.alerting.baselines import WEIGHTS
from consumers.alerting.curve import Expectation, Sample
from deploy.cli.ask_answers import SCHEMA_CODES
from schemas import migrate
from schemas.alerts import AlertBasis, AlertChanged
from schemas.clickhouse import connect, named
from schemas.errors import WeiplomacyError
from schemas.settings import Settings

BASIS = tuple(AlertBasis.model_fields)
COLUMNS = (
    *(name for name in AlertChanged.model_fields if name not in ("type", "basis", "curve")),
    *(f"basis_{name}" for name in BASIS),
)
SELECTED = ", ".join(COLUMNS)
NEWEST = f"SELECT {SELECTED} FROM (SELECT {SELECTED} FROM weibo.alerts ORDER BY number DESC LIMIT 1 BY episode_id)"  # noqa: S608
OPEN = "change != 'ended'"
SINCE = "greatest(observed_at, ifNull(ended_at, observed_at)) >= {since:DateTime64(3, 'UTC')}"
#: Episodes that are listed at most, those whose ids are compared with a wrong one, and points of a curve.
MOST, COMPARED, POINTS = 1_000, 10_000, 5_000
IDS = f"SELECT episode_id FROM weibo.alerts GROUP BY episode_id ORDER BY max(observed_at) DESC LIMIT {COMPARED}"  # noqa: S608
IDS_LIKE = (
    "SELECT episode_id FROM weibo.alerts WHERE positionCaseInsensitive(episode_id, {wanted:String}) > 0 "
    "GROUP BY episode_id ORDER BY episode_id = {wanted:String} DESC, max(observed_at) DESC LIMIT 10000"
)
#: What a post's counter is made of, as its detector counts.
COUNTERS = {
    "interactions": "{} * reposts + {} * comments + {} * likes".format(*WEIGHTS),
    "reposts": "reposts",
    "comments": "comments",
    "likes": "likes",
}


class NoAlertsYetError(WeiplomacyError):
    """Nothing was alerted of so far."""


class UnknownAlertError(WeiplomacyError):
    """No alert, or more than one, has what was given as its id."""

    exit_code = 2


@contextmanager
def asking(settings: Settings) -> Iterator[Client]:
    """A client. Raises what schemas.clickhouse.connect does, NotMigratedError, or QueryError."""
    client = connect(settings)
    try:
        yield client
    except (ClickHouseError, HTTPError, OSError) as error:
        if isinstance(error, DatabaseError) and error.code in SCHEMA_CODES:
            migrate.require(client, settings)
        raise named(error, settings) from error
    finally:
        client.close()


def newest(client: Client, since: datetime | None) -> list[AlertChanged]:
    """The newest change of each episode that is open, and of those that changed since a moment; newest first."""
    chosen = OPEN if since is None else SINCE
    query = f"{NEWEST} WHERE {chosen} ORDER BY observed_at DESC, episode_id LIMIT {MOST}"
    return list(_alerts(client, query, {"since": since}))


def any_alert(client: Client) -> bool:
    """Whether anything was ever alerted of."""
    return bool(client.query("SELECT 1 FROM weibo.alerts LIMIT 1").result_rows)


def changes(client: Client, wanted: str) -> list[AlertChanged]:
    """All changes of the episode with that id, first to last; a part of the id, or a post's id, will do.

    Raises NoAlertsYetError, or UnknownAlertError, which names close ids or the choices.
    """
    rows = client.query(IDS_LIKE, parameters={"wanted": wanted}).result_rows
    ids = [row[0] for row in rows]
    if not ids:
        raise _unknown(client, wanted)
    if len(ids) > 1 and ids[0] != wanted:
        more = f", and {len(ids) - 5} more" if len(ids) > 5 else ""
        raise UnknownAlertError(f"{wanted!r} is more than one alert: choose one of {', '.join(ids[:5])}{more}")
    query = f"SELECT {SELECTED} FROM weibo.alerts WHERE episode_id = {{id:String}} ORDER BY number"  # noqa: S608
    return list(_alerts(client, query, {"id": ids[0]}))


def _unknown(client: Client, wanted: str) -> WeiplomacyError:
    rows = client.query(IDS).result_rows
    if not rows:
        return NoAlertsYetError(
            "there are no alerts yet: the alerter of `weiplomacy up` raises them while `weiplomacy crawl run` observes"
        )
    close = difflib.get_close_matches(wanted, [row[0] for row in rows], n=3, cutoff=0.5)
    hint = f" (did you mean {' or '.join(close)}?)" if close else ""
    return UnknownAlertError(f"there is no alert {wanted!r}{hint}: `weiplomacy alerts list` shows them")


def curve_of(client: Client, told: Sequence[AlertChanged]) -> tuple[list[Sample], list[Expectation]]:
    """A post's counter by age in seconds, and what was expected of it where the changes of its episode say so."""
    first = next((one for one in told if one.metric in COUNTERS and one.age_s is not None and one.post_id), None)
    if first is None or first.age_s is None:
        return [], []
    published = first.observed_at.timestamp() - first.age_s
    rows = client.query(
        f"SELECT observed_at, toFloat64({COUNTERS[first.metric or '']}) AS value FROM weibo.samples "  # noqa: S608
        "WHERE post_id = {post:UInt64} AND account_id = {account:String} AND value IS NOT NULL "
        f"ORDER BY observed_at LIMIT {POINTS}",
        parameters={"post": first.post_id, "account": first.account_id},
    ).result_rows
    samples = [(at.timestamp() - published, value) for at, value in rows]
    band = [
        (one.age_s, one.expected_low, one.expected, one.expected_high)
        for one in told
        if one.metric == first.metric and None not in (one.age_s, one.expected_low, one.expected, one.expected_high)
    ]
    return samples, [tuple(float(part or 0) for part in point) for point in band]  # type: ignore[misc]


def _alerts(client: Client, query: str, parameters: Mapping[str, Any]) -> Iterator[AlertChanged]:
    for row in client.query(query, parameters=dict(parameters)).named_results():
        basis = {name: row.pop(f"basis_{name}") for name in BASIS}
        post_id, behind = row.pop("post_id"), row.pop("behind")
        yield AlertChanged.model_validate(
            {
                **row,
                "post_id": None if post_id is None else str(post_id),
                "behind": tuple(map(str, behind)),
                "basis": basis if basis["kind"] is not None else None,
            }
        )
