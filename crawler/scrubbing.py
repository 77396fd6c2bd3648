"""A saved answer without cookies, tokens and people, so that it may be shared as a fixture.

Shapes, counts and dates stay. Institutions (crawler.parsing.authors) and the account itself stay named; of everybody
else ids, names, pictures, words about themselves and texts are replaced.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from crawler.answers import Answer
from crawler.endpoints import Endpoint
from crawler.parsing.authors import INSTITUTIONS
from crawler.people import Pseudonymiser
from crawler.saved_answers import Fixture, SavedAnswerError

#: Headers that tell nothing about the session.
KEPT_HEADERS: Final = frozenset({"content-type", "date", "location", "retry-after", "server"})
#: Members that hold secrets of the session, wherever they are.
_SECRETS: Final = frozenset({"st", "user_token", "xsrf", "token", "ext", "mark", "rid", "request_id"})
_TEXTS: Final = frozenset(
    {"text", "text_raw", "raw_text", "reply_text", "reply_original_text", "longTextContent", "longTextContent_raw"}
)
_ABOUT: Final = frozenset({"description", "verified_reason", "remark", "location", "ip_location", "source"})
#: Signs that stand for words.
FILLER: Final = "今天天气很好我们一起去公园散步"


def scrub(answer: Answer, endpoint: Endpoint, people: Pseudonymiser, account_uid: str | None = None) -> Fixture:
    """The fixture of an answer. Raises SavedAnswerError for a body that is not JSON: nobody can vouch for it."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise SavedAnswerError(f"the answer of {endpoint} is not JSON and can't be scrubbed") from error
    persons = dict(persons_in(document, people, account_uid))
    return Fixture(
        url=answer.url,
        status=answer.status,
        headers={name: value for name, value in answer.headers.items() if name in KEPT_HEADERS},
        body=_Scrubber(persons, account_uid).scrubbed(document),
        observed_at=answer.observed_at,
    )


def persons_in(value: Any, people: Pseudonymiser, account_uid: str | None) -> list[tuple[str, str]]:
    """Each person's id and name, with what stands for it; the longest first, so that no part of one is left."""
    found: dict[str, str] = {}
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            if _is_person(current, account_uid):
                uid = str(current.get("id") or current.get("idstr") or "")
                number = str(10**9 + int(people.key_of(uid), 16) % (9 * 10**9))
                if uid:
                    found[uid] = number
                name = current["screen_name"]
                if len(name) > 1:
                    found[name] = f"user{number}"
            pending += current.values()
        elif isinstance(current, list):
            pending += current
    return sorted(found.items(), key=lambda pair: len(pair[0]), reverse=True)


def _is_person(value: dict[str, Any], account_uid: str | None) -> bool:
    if not isinstance(value.get("screen_name"), str):
        return False
    uid = str(value.get("id") or value.get("idstr") or "")
    institution = value.get("verified") is True and value.get("verified_type") in INSTITUTIONS
    return not institution and (account_uid is None or uid != account_uid)


@dataclass(frozen=True, slots=True)
class _Scrubber:
    """Rewrites a document. `persons` are the replacements for ids and names; `account_uid` stays as it is."""

    persons: dict[str, str]
    account_uid: str | None

    def scrubbed(self, value: Any, private: bool = False) -> Any:
        """The value without people; `private`: it belongs to something that a person wrote."""
        if isinstance(value, list):
            return [self.scrubbed(entry, private) for entry in value]
        if isinstance(value, dict):
            person = _is_person(value, self.account_uid)
            user = value.get("user")
            wrote = private or person or (isinstance(user, dict) and _is_person(user, self.account_uid))
            return {self._named(name): self._member(name, member, person, wrote) for name, member in value.items()}
        if isinstance(value, str):
            return self._named(value)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**19:
            return int(self.persons.get(str(value), value))
        return value

    def _member(self, name: str, member: Any, person: bool, of_person: bool) -> Any:
        if isinstance(member, str):
            if name in _SECRETS:
                return "redacted" if member else ""
            if of_person and (name in _TEXTS or (person and name in _ABOUT)):
                return _filled(member)
            if person and "//" in member:
                return "https://tvax1.sinaimg.cn/default.jpg"
            return self._named(member)
        # A post or comment inside a person's is judged by its own author.
        return self.scrubbed(member, of_person and name not in ("retweeted_status", "comments", "cards", "data"))

    def _named(self, text: str) -> str:
        for raw, replacement in self.persons.items():
            text = text.replace(raw, replacement)
        return text


def _filled(html: str) -> str:
    """A text of the same build: tags, digits and signs stay, except that links lose their target; words are filler."""
    filled: list[str] = []
    in_tag, count = False, 0
    for sign in html:
        if sign == "<":
            in_tag = True
        if in_tag or not sign.isalpha():
            filled.append(sign)
        elif sign.isascii():
            filled.append("a")
        else:
            filled.append(FILLER[count % len(FILLER)])
            count += 1
        if sign == ">":
            in_tag = False
    return _without_targets("".join(filled))


def _without_targets(html: str) -> str:
    for quote in "'\"":
        parts = html.split(f"href={quote}")
        html = parts[0] + "".join(f"href={quote}/n/USER{quote}{part.partition(quote)[2]}" for part in parts[1:])
    return html
