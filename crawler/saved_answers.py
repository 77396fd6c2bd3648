"""Saved answers: read one from a file, tell its endpoint, parse it; and scrub one so that it may be shared."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from crawler.answers import Answer
from crawler.classify import ResponseClass, Verdict, classify
from crawler.endpoints import Endpoint, endpoint_of, uid_of
from crawler.parsing.comments import Order, parse_children, parse_comments
from crawler.parsing.context import Context
from crawler.parsing.dom import parse_dom
from crawler.parsing.fields import Field, payload
from crawler.parsing.posts import uid_of_post
from crawler.parsing.profile import parse_profile
from crawler.parsing.removals import parse_removal
from crawler.parsing.reposts import parse_reposts
from crawler.parsing.status import parse_detail, parse_extend, parse_status
from crawler.parsing.timeline import parse_timeline, posts_in
from crawler.people import Pseudonymiser
from schemas.errors import WeiplomacyError
from schemas.event_ids import content_version
from schemas.events import AnyEvent, PostSeen

UNKNOWN_ACCOUNT = "unknown"
"""The account id of events whose answer does not name the account."""


class SavedAnswerError(WeiplomacyError):
    """A file is no saved answer, or does not say enough to make events of it."""


class Fixture(BaseModel):
    """A saved answer with its circumstances. `body` is a text, or JSON as such."""

    model_config = ConfigDict(extra="forbid")

    url: str
    status: int
    headers: dict[str, str]
    body: Any
    observed_at: AwareDatetime


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """An answer with its endpoint. `enveloped`: the file held only the inner part, and got Weibo's envelope."""

    answer: Answer
    endpoint: Endpoint
    enveloped: bool = False


def load(file: Path, endpoint: Endpoint | None = None, observed_at: datetime | None = None) -> SavedAnswer:
    """Read a bare body or a fixture. A bare body was observed at `observed_at`, else when the file was last written.

    The endpoint is the given one, else the one of the fixture's address, else told by the shape of the body. Raises
    SavedAnswerError where the file can't be read, or the endpoint can't be told.
    """
    try:
        body = file.read_bytes()
        written_at = datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(microsecond=0)
    except OSError as error:
        raise SavedAnswerError(f"the saved answer {file} can't be read: {error.strerror}") from error
    document = _document(body)
    answer = Answer("", 200, {}, body, observed_at or written_at)
    enveloped = False
    if isinstance(document, dict) and set(Fixture.model_fields) == set(document):
        answer = _of_fixture(document, file)
        answer = replace(answer, observed_at=observed_at or answer.observed_at)
        document = _document(answer.body)
    elif isinstance(document, dict) and not {"ok", "data", "error", "error_code"} & set(document):
        document = {"ok": 1, "data": document}
        answer = replace(answer, body=json.dumps(document, ensure_ascii=False).encode())
        enveloped = True
    told = endpoint or endpoint_of(answer.url) or endpoint_by_shape(document, answer.body)
    if told is None:
        raise SavedAnswerError(f"{file} does not show which endpoint answered so: name it with --endpoint")
    return SavedAnswer(answer, told, enveloped)


def endpoint_by_shape(document: Any, body: bytes) -> Endpoint | None:
    """The endpoint that answers in such a shape; None where none or several do."""
    if document is None:
        text = body.decode("utf-8", "replace")
        return Endpoint.DETAIL if "$render_data" in text else Endpoint.PAGE if "<" in text else None
    if not isinstance(document, dict):
        return None
    outer = document.get("data")
    if isinstance(outer, list):
        return Endpoint.AJAX_COMMENTS if _has(outer, "text_raw") else Endpoint.HOTFLOW_CHILD
    inner = outer if isinstance(outer, dict) else document
    for endpoint, tells in _SHAPES:
        if tells(inner):
            return endpoint
    return None


_SHAPES: tuple[tuple[Endpoint, Callable[[dict[str, Any]], bool]], ...] = (
    (Endpoint.PROFILE, lambda inner: "userInfo" in inner),
    (Endpoint.TIMELINE, lambda inner: "cards" in inner),
    (Endpoint.AJAX_TIMELINE, lambda inner: isinstance(inner.get("list"), list)),
    (Endpoint.COMMENTS_SHOW, lambda inner: isinstance(inner.get("data"), list) and "max_id" not in inner),
    (Endpoint.HOTFLOW, lambda inner: isinstance(inner.get("data"), list)),
    (Endpoint.AJAX_STATUS, lambda inner: "mblogid" in inner),
    (Endpoint.STATUS, lambda inner: "text" in inner and "id" in inner),
    (Endpoint.EXTEND, lambda inner: "longTextContent" in inner),
    (Endpoint.AJAX_PROFILE, lambda inner: isinstance(inner.get("user"), dict)),
    (Endpoint.CONFIG, lambda inner: "login" in inner),
)


def account_uid(saved: SavedAnswer, verdict: Verdict) -> str | None:
    """The uid of the account that an answer is about; None where neither address nor content says it."""
    by_address = uid_of(saved.answer.url)
    if by_address is not None or not isinstance(verdict.data, dict):
        return by_address
    inner = payload(verdict.data)
    for name in ("userInfo", "user"):
        if inner[name].is_object:
            return inner[name]["id"].optional_id()
    if inner["status"].is_object:
        return uid_of_post(inner["status"])
    if inner["cards"] or inner["list"]:
        return next((uid for post, _ in posts_in(inner) if (uid := uid_of_post(post))), None)
    return None


def events_of(
    saved: SavedAnswer, verdict: Verdict, context: Context, post_id: str | None = None
) -> tuple[tuple[AnyEvent, ...], tuple[str, ...]]:
    """The events of a classified answer, and what in it could not be read.

    `post_id` is needed where the answer does not name its post (comments, long texts) and its address is unknown.
    Raises ParsingError as the parsers do, SavedAnswerError where the post is not known.
    """
    data, endpoint = verdict.data, saved.endpoint
    if data is None:
        return (), ()
    query = parse_qs(urlsplit(saved.answer.url).query)
    post = post_id or query.get("id", [None])[0]
    if verdict.response_class in (ResponseClass.REMOVED, ResponseClass.ACCOUNT_GONE):
        inner = payload(data)
        named = inner["mid"].optional_id() or inner["id"].optional_id()
        return (parse_removal(data, context, _known(named or post)),), ()
    if endpoint in (Endpoint.PROFILE, Endpoint.AJAX_PROFILE):
        profile = parse_profile(data, context)
        return (profile.snapshot,), profile.problems
    if endpoint in (Endpoint.TIMELINE, Endpoint.SEARCH, Endpoint.AJAX_TIMELINE):
        timeline = parse_timeline(data, context)
        return timeline.events, timeline.problems
    if endpoint in (Endpoint.STATUS, Endpoint.AJAX_STATUS):
        return parse_status(data, context), ()
    if endpoint is Endpoint.DETAIL:
        return parse_detail(data, context), ()
    if endpoint in (Endpoint.EXTEND, Endpoint.AJAX_LONGTEXT):
        return parse_extend(data, context, _unseen(context, _known(post))), ()
    if endpoint is Endpoint.HOTFLOW_CHILD:
        children = parse_children(data, context, _known(post_id), _known(query.get("cid", ["0"])[0]))
        return children.events, children.problems
    if endpoint in (Endpoint.HOTFLOW, Endpoint.COMMENTS_SHOW, Endpoint.AJAX_COMMENTS):
        order: Order = "time" if endpoint is Endpoint.COMMENTS_SHOW else "hot"
        comments = parse_comments(data, context, _known(post), order, int(query.get("page", ["1"])[0]))
        return comments.events, comments.problems
    if endpoint is Endpoint.REPOSTS:
        reposts = parse_reposts(data, context, _known(post), int(query.get("page", ["1"])[0]))
        return reposts.events, reposts.problems
    if endpoint is Endpoint.PAGE:
        witness = parse_dom(data, context)
        return ((witness.snapshot,) if witness.snapshot else ()), witness.problems
    return (), ()


def judge(saved: SavedAnswer) -> Verdict:
    """The class of a saved answer."""
    return classify(saved.answer, saved.endpoint)


def _unseen(context: Context, post_id: str) -> PostSeen:
    """What is known of the post of a long text that was saved alone."""
    if context.uid is None:
        raise SavedAnswerError("the answer does not say whose post it is: name the account's uid with --uid")
    return PostSeen(
        account_id=context.account_id,
        observed_at=context.observed_at,
        uid=context.uid,
        post_id=post_id,
        created_at=None,
        text="",
        text_truncated=True,
        kind="original",
        format="text",
        content_version=content_version(""),
        via="extend",
    )


def _known(post_id: str | None) -> str:
    found = Field("post", post_id).optional_id()
    if found is None:
        raise SavedAnswerError("the answer does not say which post it belongs to: name it with --post")
    return found


def _has(rows: list[Any], name: str) -> bool:
    return any(isinstance(row, dict) and name in row for row in rows)


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _of_fixture(document: dict[str, Any], file: Path) -> Answer:
    try:
        fixture = TypeAdapter(Fixture).validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SavedAnswerError(f"{file} is a broken fixture: {where} {first['msg']}") from error
    body = fixture.body if isinstance(fixture.body, str) else json.dumps(fixture.body, ensure_ascii=False)
    headers = {name.lower(): value for name, value in fixture.headers.items()}
    return Answer(fixture.url, fixture.status, headers, body.encode(), fixture.observed_at)


def save(fixture: Fixture, file: Path) -> None:
    """Write a fixture as JSON. Raises SavedAnswerError where the file can't be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(fixture.model_dump_json(indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise SavedAnswerError(f"the fixture {file} can't be written: {error.strerror}") from error


def people_of_nobody() -> Pseudonymiser:
    """Hashes for a look at a file, where no operator's key is at hand: the same in every run, and no secret."""
    return Pseudonymiser(b"a look at a saved answer")
