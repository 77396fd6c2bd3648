"""A single post: its long text (extend, longtext) and the post itself (show, the detail page)."""

from functools import partial
from typing import Any

from crawler.parsing.authors import rename_people
from crawler.parsing.context import Context
from crawler.parsing.errors import DriftError, WrongAccountError
from crawler.parsing.fields import Field, payload
from crawler.parsing.posts import parse_post, sample_of, uid_of_post, version_of
from crawler.parsing.text import Mentions, read_html
from schemas.events import AnyEvent, PostSeen, Via


def parse_extend(data: Any, context: Context, post: PostSeen) -> tuple[AnyEvent, ...]:
    """The whole text of a long post that was seen before, as a version of its own, and its counters where given.

    Raises DriftError where there is no text, or a counter is unreadable: unlike in a list, nothing else is lost.
    """
    extended = payload(data)
    content = extended["longTextContent"]
    if not isinstance(content.value, str) or not content.value:
        raise DriftError(content.path, "there is no text")
    words = read_html(content.value, Mentions.CHAIN_RENAMED, partial(rename_people, context))
    seen = post.model_copy(
        update={
            "observed_at": context.observed_at,
            "text": words.text,
            "text_truncated": words.truncated,
            "topics": words.topics or post.topics,
            "links": words.links or post.links,
            "content_version": version_of(words.text, words.truncated, post.kind, post.reposted, post.media),
            "via": "extend",
        }
    )
    problems: list[str] = []
    has_counters = any(extended[name].value is not None for name in ("reposts_count", "comments_count"))
    sample = (sample_of(extended, seen, context, "extend", problems),) if has_counters else ()
    _refuse(problems)
    return (seen, *sample)


def parse_status(data: Any, context: Context, via: Via = "status") -> tuple[AnyEvent, ...]:
    """A single post of the account: its version and its counters.

    Raises WrongAccountError where it is another's, DriftError where it can't be read.
    """
    post = payload(data)
    uid = uid_of_post(post)
    if uid is None:
        raise DriftError(post["user"].path, "there is no author, so the post is nobody's")
    if context.uid is not None and uid != context.uid:
        raise WrongAccountError(context.account_id, f"uid {context.uid}", f"a post of uid {uid}")
    parsed = parse_post(post, context, via)
    _refuse([problem for problem in parsed.problems if not problem.startswith(f"{post.path}.created_at")])
    return (parsed.seen, parsed.sample)


def parse_detail(data: Any, context: Context) -> tuple[AnyEvent, ...]:
    """The post of a detail page: `data` is what its script holds as $render_data, see crawler.classify."""
    document = Field("$", data)
    status = document["status"]
    return parse_status(status.value if status.is_object else data, context, "detail")


def _refuse(problems: list[str]) -> None:
    if problems:
        path, _, problem = problems[0].partition(": ")
        raise DriftError(path, problem)
