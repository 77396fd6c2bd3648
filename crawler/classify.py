"""Every answer is classified before anything in it is read. Pure; never raises, whatever the bytes."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from crawler.answers import Answer
from crawler.endpoints import HTML_ENDPOINTS, Endpoint, uid_of
from crawler.field_coverage import Coverage, coverage_of
from crawler.parsing.errors import DriftError
from crawler.parsing.fields import Field, payload, shown
from crawler.parsing.removals import kind_of_notice, removal_of
from crawler.parsing.text import read_html
from crawler.parsing.timeline import cursor_of, posts_in
from crawler.signals import SIGNALS, Facts, ResponseClass, place_of

__all__ = ["ResponseClass", "Verdict", "classify"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer is, why, and its data.

    `data` is there for OK and END_OF_LIST, and for REMOVED and ACCOUNT_GONE where Weibo said so in JSON: the whole
    JSON document; the HTML of a page as a text; of a detail page the object in its script; of a name
    `{"uid": …}`. `signal` is the row of crawler.signals that decided, `shape` where none did, `fields` where the shape
    is right and fields are lost. `coverage` is there for what had the right shape, and holds what is watched.
    """

    response_class: ResponseClass
    reason: str
    data: Any | None = None
    signal: str = "shape"
    coverage: Coverage | None = None


def classify(answer: Answer, endpoint: Endpoint) -> Verdict:
    """Judge an answer: by the signals of crawler.signals, by the shape of its endpoint, by the fields in it."""
    facts = _facts(answer, endpoint)
    for signal in SIGNALS:
        if signal.holds(facts):
            if signal.response_class not in (ResponseClass.REMOVED, ResponseClass.ACCOUNT_GONE):
                return Verdict(signal.response_class, signal.reason, None, signal.name)
            reason = f"{signal.reason} ({kind_of_notice(facts.message) or 'unknown'})"
            return Verdict(signal.response_class, reason, facts.document, signal.name)
    try:
        return _by_fields(_by_shape(facts), endpoint)
    except DriftError as drift:
        return Verdict(ResponseClass.SCHEMA_DRIFT, str(drift))


def _by_fields(verdict: Verdict, endpoint: Endpoint) -> Verdict:
    if verdict.response_class not in (ResponseClass.OK, ResponseClass.END_OF_LIST) or verdict.data is None:
        return verdict
    coverage = coverage_of(endpoint, verdict.data)
    if coverage is not None and (lost := coverage.lost()):
        return Verdict(ResponseClass.SCHEMA_DRIFT, "; ".join(lost), None, "fields", coverage)
    return replace(verdict, coverage=coverage)


def _by_shape(facts: Facts) -> Verdict:
    status = facts.answer.status
    if facts.endpoint is Endpoint.NAME:
        return _name(facts)
    if status != 200:
        where = f", to {facts.target}" if facts.target else ""
        return _drift(f"status {status}{where} is not known here")
    if facts.endpoint in HTML_ENDPOINTS:
        return _SHAPES[facts.endpoint](facts)
    if not facts.is_json:
        kind = "HTML" if facts.classes or facts.title else "something else"
        return _drift(f"the body should be JSON and is {kind}")
    if not isinstance(facts.document, dict):
        return _drift("the JSON is not an object")
    ok = facts.member("ok")
    if ok != 1 or isinstance(ok, bool):
        said = f": {facts.message[:80]}" if facts.message else ""
        return _drift(f"ok is {_short(ok)}{said}")
    return _SHAPES[facts.endpoint](facts)


def _profile(facts: Facts) -> Verdict:
    profile = payload(facts.document)
    user = profile["userInfo"] if profile["userInfo"] else profile["user"]
    uid, asked = user["id"].optional_id() or user["idstr"].id(), uid_of(facts.answer.url)
    if asked is not None and uid != asked:
        return Verdict(ResponseClass.WRONG_ACCOUNT, f"asked for uid {asked}, Weibo answered with uid {uid}")
    if user["screen_name"].line() is None:
        return _drift("the user has no screen name")
    return _ok(facts)


def _posts(facts: Facts) -> Verdict:
    page = payload(facts.document)
    found = sum(1 for _ in posts_in(page))
    cursor = cursor_of(page)
    if found:
        if cursor is None:
            return Verdict(ResponseClass.END_OF_LIST, "the last posts: no cursor leads on", facts.document)
        return _ok(facts)
    if page["next_cursor"].value in (-1, "-1"):
        return Verdict(ResponseClass.END_OF_LIST, "the cursor says that this is the end", facts.document)
    cards = page["cards"].entries()
    total = (page["cardlistInfo"] if page["cardlistInfo"].is_object else page)["total"].number()
    if cards and total and cursor is None and is_first_page(facts.answer.url):
        return _drift(f"the list says {total} posts and shows none that we recognise")
    return Verdict(ResponseClass.SUSPICIOUSLY_EMPTY, "a list without posts: the end, or a throttle")


def is_first_page(url: str) -> bool:
    """Whether an address asks for the beginning of a list of posts."""
    return re.search(r"[?&](?:since_id=|cursor=|page=(?!1(?:&|$)))", url) is None


def _long_text(facts: Facts) -> Verdict:
    text = payload(facts.document)["longTextContent"].value
    if isinstance(text, str) and text:
        return _ok(facts)
    return Verdict(ResponseClass.SUSPICIOUSLY_EMPTY, "there is no long text in it")


def _post(facts: Facts) -> Verdict:
    post = payload(facts.document)
    if facts.endpoint is Endpoint.DETAIL:
        post = post["status"]
    return _judge_post(post, facts.document)


def _judge_post(post: Field, document: Any) -> Verdict:
    removal = removal_of(post)
    if removal == "account_gone":
        return Verdict(ResponseClass.ACCOUNT_GONE, "a notice says that the account is gone", document)
    if removal is not None:
        return Verdict(ResponseClass.REMOVED, f"a notice stands in place of the post ({removal})", document)
    post["mid"].optional_id() or post["id"].id()
    if not isinstance(post["text"].value, str) and not isinstance(post["text_raw"].value, str):
        return _drift("the post has no text")
    return Verdict(ResponseClass.OK, "as expected", document)


def _comments(facts: Facts) -> Verdict:
    document = Field("$", facts.document)
    data = document["data"]
    inner = data if data.is_object else document
    listed = inner["data"].value
    if not isinstance(listed, list):
        return _drift(f"{inner['data'].path}: there is no list of comments")
    if inner["max_id"].value in (0, "0"):
        return Verdict(ResponseClass.END_OF_LIST, "the cursor says that this is the end", facts.document)
    if listed:
        return _ok(facts)
    return Verdict(ResponseClass.SUSPICIOUSLY_EMPTY, "a list without comments and without a word of its end")


def _config(facts: Facts) -> Verdict:
    login = payload(facts.document)["login"].value
    return _ok(facts) if isinstance(login, bool) else _drift("$.data.login: there is no word of a login")


def _cards(facts: Facts) -> Verdict:
    cards = payload(facts.document)["cards"].value
    return _ok(facts) if isinstance(cards, list) and cards else _drift("$.data.cards: there are no cards")


def _name(facts: Facts) -> Verdict:
    """A name leads to `/u/UID`: by a redirect that is not followed, or as the final address of one that was."""
    if facts.answer.status in (301, 302, 303, 307, 308):
        host, _, path = facts.target.partition("/")
        uid = uid_of(f"https://{host}/{path}")
    elif facts.answer.status == 200:
        uid = uid_of(facts.answer.url)
        if uid is None and "h5-4con" in facts.classes and "用户不存在" in _text_of(facts):
            return Verdict(ResponseClass.NOT_FOUND, "nobody has this name", None, "unknown_name")
    else:
        uid = None
    if uid is None:
        return _drift(f"status {facts.answer.status}, and no address of an account")
    return Verdict(ResponseClass.OK, "as expected", {"uid": uid})


def _page(facts: Facts) -> Verdict:
    if not facts.classes & {"mod-fil-name", "mod-fil-fans", "weibo-main", "lite-topbar"}:
        return _drift("the page is not a rendered profile")
    return Verdict(ResponseClass.OK, "as expected", _text_body(facts.answer))


def _detail(facts: Facts) -> Verdict:
    text = _text_body(facts.answer)
    start = text.find(_RENDER_DATA)
    document = _json(text[start + len(_RENDER_DATA) :].lstrip(), partial=True) if start >= 0 else _NO_JSON
    if document is _NO_JSON and "<html" in text and "</html>" not in text:
        return Verdict(ResponseClass.NETWORK_ERROR, "the page ends in the middle", None, "half_page")
    if start < 0:
        return _drift("the page has no $render_data")
    if not isinstance(document, list) or not document or not isinstance(document[0], dict):
        return _drift("the page's $render_data is not JSON")
    return _judge_post(Field("$", document[0])["status"], document[0])


_RENDER_DATA = "$render_data ="

_SHAPES: dict[Endpoint, Callable[[Facts], Verdict]] = {
    Endpoint.PROFILE: _profile,
    Endpoint.PROFILE_DETAIL: _cards,
    Endpoint.TIMELINE: _posts,
    Endpoint.SEARCH: _posts,
    Endpoint.EXTEND: _long_text,
    Endpoint.STATUS: _post,
    Endpoint.DETAIL: _detail,
    Endpoint.HOTFLOW: _comments,
    Endpoint.HOTFLOW_CHILD: _comments,
    Endpoint.COMMENTS_SHOW: _comments,
    Endpoint.REPOSTS: _comments,
    Endpoint.CONFIG: _config,
    Endpoint.PAGE: _page,
    Endpoint.AJAX_PROFILE: _profile,
    Endpoint.AJAX_TIMELINE: _posts,
    Endpoint.AJAX_LONGTEXT: _long_text,
    Endpoint.AJAX_STATUS: _post,
    Endpoint.AJAX_COMMENTS: _comments,
}


def _facts(answer: Answer, endpoint: Endpoint) -> Facts:
    host, path = place_of(answer.url)
    location = answer.headers.get("location", "") if 300 <= answer.status < 400 else ""
    target_host, target_path = place_of(location, host)
    text = _text_body(answer)
    document = _json(text)
    is_json = document is not _NO_JSON
    title, classes = ("", frozenset[str]()) if is_json else _look_at_html(answer.body)
    return Facts(
        answer=answer,
        endpoint=endpoint,
        host=host,
        path=path,
        target=f"{target_host}{target_path}" if location else "",
        document=document if is_json else None,
        is_json=is_json,
        message=_message(document),
        title=title,
        classes=classes,
        is_half=not is_json and _is_half(text),
    )


_NO_JSON = object()


def _json(text: str, partial: bool = False) -> Any:
    """The JSON value of a text, or at its beginning; `_NO_JSON` where there is none."""
    try:
        return json.JSONDecoder().raw_decode(text)[0] if partial else json.loads(text)
    except (ValueError, RecursionError):
        return _NO_JSON


#: What is left of a word or a number that was cut in the middle, where the parser gives up on it.
_HALF_WORD = re.compile(r"(t(ru?)?|f(a(ls?)?)?|n(ul?)?|-|\.|[eE][-+]?)$")
#: The end of a text that was cut in the middle of an escape, or behind it: the parser does not call that unterminated.
_HALF_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{0,4}$")


def _is_half(text: str) -> bool:
    """Whether a text is the beginning of JSON and goes wrong nowhere but at its end; an empty one is."""
    text = _HALF_ESCAPE.sub("", text)
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        rest = text[error.pos :]
        return not rest.strip() or error.msg.startswith("Unterminated") or bool(_HALF_WORD.match(rest))
    except (ValueError, RecursionError):
        return False
    return False


def _message(document: Any) -> str:
    if not isinstance(document, dict):
        return ""
    return next((document[name] for name in ("msg", "message", "error") if isinstance(document.get(name), str)), "")


def _text_body(answer: Answer) -> str:
    return answer.body.decode("utf-8", "replace").removeprefix("\ufeff")


def _text_of(facts: Facts) -> str:
    return read_html(_text_body(facts.answer)).text


class _Look:
    """The target of lxml's parser: the title and the CSS classes of a page. Scripts are not looked into."""

    def __init__(self) -> None:
        self.title: list[str] = []
        self.classes: set[str] = set()
        self._in_title = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._in_title = tag == "title"
        self.classes.update(attributes.get("class", "").split())

    def end(self, _: str) -> None:
        self._in_title = False

    def data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)

    def close(self) -> None:
        """Called by lxml at the end."""


def _look_at_html(body: bytes) -> tuple[str, frozenset[str]]:
    look = _Look()
    parser = etree.HTMLParser(target=look, huge_tree=True, encoding="utf-8")
    try:
        parser.feed(body)
        parser.close()
    except etree.LxmlError:  # no HTML: what was seen until then is what there is
        return "", frozenset()
    return "".join(look.title), frozenset(look.classes)


def _ok(facts: Facts) -> Verdict:
    return Verdict(ResponseClass.OK, "as expected", facts.document)


def _drift(reason: str) -> Verdict:
    return Verdict(ResponseClass.SCHEMA_DRIFT, reason)


def _short(value: object) -> str:
    return "missing" if value is None else shown(value) if not isinstance(value, int | float) else repr(value)[:40]
