"""A body that nobody understands, without the people in it.

Scrubbing (crawler.scrubbing) relies on the fields that we know. A body in quarantine is there because they changed, so
here nothing is kept but what is known to be harmless: the embassy's and other institutions' own words, numbers that
can't be a person's, dates, ids of posts, Weibo's own names of things. All else becomes filler of the same build, and
a name that was moved to a new field is gone with it.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crawler.parsing.authors import INSTITUTIONS
from crawler.parsing.context import Context
from crawler.scrubbing import FILLER, persons_in

_IDS: Final = ("id", "idstr", "uid")
#: Members that hold Weibo's own names of things, never a person's.
_CODES: Final = frozenset(
    {
        "bid",
        "mblogid",
        "itemid",
        "containerid",
        "card_type_name",
        "profile_type_id",
        "tabKey",
        "tab_type",
        "type",
        "mblogtype",
        "created_at",
        "edit_at",
        "analysis_extra",
        "errno",
        "error_code",
        "lang",
        "gender",
        "object_type",
        "pic_ids",
        "pids",
    }
)
#: Weibo's own words, at the top of a document.
_MESSAGES: Final = frozenset({"msg", "message", "error"})
#: Objects inside a post that belong to its author, and hold no people.
_PARTS: Final = frozenset(
    {"page_info", "visible", "longText", "pics", "pic_infos", "large", "geo", "media_info", "urls", "page_pic"}
)
_SECRETS: Final = frozenset({"st", "user_token", "xsrf", "token", "ext", "mark", "rid", "request_id"})
_PICTURE: Final = "https://tvax1.sinaimg.cn/default.jpg"

_COUNT: Final = re.compile(r"(?:[\d,]{1,8}|\d{1,6}\.\d{1,2})(?:万|亿)?\+?(?:次(?:播放|观看))?|转发|评论|赞|")
_DATE: Final = re.compile(
    r"刚刚|\d{1,2} ?(?:秒|分钟|小时)前|(?:今天|昨天) ?\d{2}:\d{2}|(?:\d{4}-)?\d{2}-\d{2}(?: \d{2}:\d{2}(?::\d{2})?)?"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} \d{2} \d{2}:\d{2}:\d{2} [+-]\d{4} \d{4}"
)
_POST_ID: Final = re.compile(r"[0-9]{15,19}")
_DIGITS: Final = re.compile(r"[0-9]{5,}")
#: Wider than Weibo's names, which have letters, digits, _ and -: rather a word too many than half a name.
_MENTION: Final = re.compile(r"@([^\s@:：,，。;；!！?？()（）<>\"'/#]{1,40})")
_PERSON_LINK: Final = re.compile(r"/(n|u|profile)/([^'\"?#<>\s]+)")
_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)([^>]*)>")
_CLASS: Final = re.compile(r"class\s*=\s*([\"'])([A-Za-z0-9_ -]*)\1")
_KEY: Final = re.compile(r'"[A-Za-z_]{1,40}"(?=\s*:)')
#: A container is the id of its owner behind six digits that say what it holds.
_CONTAINER: Final = re.compile(r"1005\d{2}|1076\d{2}|2304\d{2}|2302\d{2}|2310\d{2}|1001\d{2}")
_ON_THE_PAGE: Final = frozenset({"关注", "粉丝", "转发", "评论", "赞", "微博", "全文", "置顶"})


def masked(body: bytes, context: Context) -> str:
    """The body as text, without people. What is not JSON keeps its build alone. Never raises."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _Masks(context).page(text)
    try:
        persons = dict(persons_in(document, context.people, context.uid))
        names = _institutions_named(document, context)
        return json.dumps(_Masks(context, persons, names).value(document, top=True), ensure_ascii=False)
    except (ValueError, RecursionError):  # deeper than Python will go
        return ""


def masked_sentence(sentence: str, context: Context) -> str:
    """A sentence of ours with the values that it quotes filled: they come from the body."""
    return re.sub(r"'[^']*'?|\"[^\"]*\"?", lambda found: _Masks(context).filled(found[0]), sentence)


def _is_institution(user: Any, context: Context) -> bool:
    if not isinstance(user, dict):
        return False
    uids = [str(user[name]) for name in _IDS if isinstance(user.get(name), int | str)]
    if any(uid == context.uid or context.institutions(uid) is not None for uid in uids):
        return True
    return user.get("verified") is True and user.get("verified_type") in INSTITUTIONS


def _institutions_named(document: Any, context: Context) -> frozenset[str]:
    names, pending = {context.screen_name or ""}, [document]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            if _is_institution(current, context) and isinstance(current.get("screen_name"), str):
                names.add(current["screen_name"])
            pending += current.values()
        elif isinstance(current, list):
            pending += current
    return frozenset(names - {""})


@dataclass(frozen=True, slots=True)
class _Masks:
    """Rewrites a body. `persons` are replacements for what is known of people in it, `names` those that stay."""

    context: Context
    persons: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()

    def value(self, value: Any, key: str = "", own: bool = False, top: bool = False) -> Any:
        """A value of a JSON document; `own`: it is the word of an institution."""
        if isinstance(value, dict):
            own = (own and key in _PARTS) or _is_institution(value, self.context)
            own = own or _is_institution(value.get("user"), self.context)
            own_messages = top and value.get("ok") != 1
            return {
                self._key(name): member
                if own_messages and name in _MESSAGES and isinstance(member, str) and "@" not in member
                else self.value(member, name, own)
                for name, member in value.items()
            }
        if isinstance(value, list):
            return [self.value(entry, key, own) for entry in value]
        if isinstance(value, str):
            return self._text(value, key, own)
        return self._number(value, key) if isinstance(value, int) and not isinstance(value, bool) else value

    def page(self, text: str) -> str:
        """A body that is not JSON: tags with their classes, the names of JSON members, small numbers."""
        pieces, end = [], 0
        for tag in _TAG.finditer(text):
            pieces.append(self._between(text[end : tag.start()]))
            found = _CLASS.search(tag[3])
            pieces.append(f"<{tag[1]}{tag[2].lower()}{f' {found[0]}' if found else ''}>")
            end = tag.end()
        pieces.append(self._between(text[end:]))
        return "".join(pieces)

    def filled(self, text: str) -> str:
        """Filler of the same build: signs stay, letters become filler, and so does every longer number."""
        count, pieces = 0, []
        for sign in _DIGITS.sub(lambda run: "0" * len(run[0]), text):
            if sign.isascii():
                pieces.append("a" if sign.isalpha() else sign)
            elif unicodedata.category(sign)[0] in "PZ":
                pieces.append(sign)
            else:
                pieces.append(FILLER[count % len(FILLER)])
                count += 1
        return "".join(pieces)

    def _text(self, text: str, key: str, own: bool) -> str:
        if key in _SECRETS:
            return "redacted" if text else ""
        if text in self.names or _COUNT.fullmatch(text) or _DATE.fullmatch(text):
            return text
        if own:
            return self._own(text)
        if key in _CODES or _POST_ID.fullmatch(text):
            return _DIGITS.sub(lambda run: self._run(run[0]), text) if _is_code(text) else self.filled(text)
        if text.isascii() and text.isdigit():
            return self._uid(text)
        return _PICTURE if "//" in text and "<" not in text else self._filled_html(text)

    def _own(self, text: str) -> str:
        """The words of an institution, without the names of people in them."""
        for raw, replacement in self.persons.items():
            text = text.replace(raw, replacement)
        text = _PERSON_LINK.sub(lambda link: f"/{link[1]}/{self._linked(link[2])}", text)
        return _MENTION.sub(lambda found: "@" + self._mentioned(found[1]), text)

    def _mentioned(self, name: str) -> str:
        return name if name in self.names else self.context.people.name_token(name)

    def _linked(self, who: str) -> str:
        return who if who in self.names or self._is_public(who) else "USER"

    def _filled_html(self, html: str) -> str:
        return self.page(html) if "<" in html else self.filled(html)

    def _between(self, text: str) -> str:
        stripped = text.strip()
        if stripped in _ON_THE_PAGE or _COUNT.fullmatch(stripped):
            return text
        kept = [name for name in (self.context.screen_name, self.context.uid, "$render_data") if name]
        pieces, end = [], 0
        for found in re.finditer("|".join([_KEY.pattern, *map(re.escape, kept)]), text):
            pieces += [self.filled(text[end : found.start()]), found[0]]
            end = found.end()
        return "".join([*pieces, self.filled(text[end:])])

    def _key(self, name: str) -> str:
        return name if name.isascii() and not _DIGITS.search(name) else self.filled(name)

    def _number(self, value: int, key: str) -> int:
        if not 0 <= value < 10**14 or key.endswith("_count") or self._is_public(str(value)):
            return value
        is_id = key in _IDS or key.endswith("uid") or key in ("user_id", "author_id")
        return int(self._uid(str(value))) if value >= 10**8 or (is_id and value) else value

    def _run(self, digits: str) -> str:
        """A run of digits in a code: the id of a post stays, one of a person does not."""
        container = _CONTAINER.match(digits)
        if container and 11 <= len(digits) <= 17:
            return container[0] + self._uid(digits[6:])
        return digits if len(digits) > 11 else self._uid(digits)

    def _uid(self, digits: str) -> str:
        """What stands for a number that may be a person's: always the same one."""
        if self._is_public(digits):
            return digits
        return self.persons.get(digits) or str(10**9 + int(self.context.people.key_of(digits), 16) % (9 * 10**9))

    def _is_public(self, uid: str) -> bool:
        return uid == self.context.uid or self.context.institutions(uid) is not None


def _is_code(text: str) -> bool:
    return text.isascii() and len(text) <= 100 and " " not in text and "//" not in text
