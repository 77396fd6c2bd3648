"""Reading the file of alert rules: `alerts.toml` in the state folder, which a person edits (see schemas/alerts.toml).

What is wrong with an entry is said by its line; the rest goes on. A file that is no TOML at all has no rest.
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from schemas.alert_rules import EVERYTHING, GROUPS, KINDS, MEASURED, METRICS, Channel, Rules, Silence, Subscription
from schemas.alert_subjects import Subjects, resolve
from schemas.errors import SettingsError, WeiplomacyError, first_reason
from schemas.registry import Registry
from schemas.toml_entries import places as places_of
from schemas.toml_entries import problems as problems_of

ENTRIES = ("subscription", "channel", "silence")
ABOUT = (EVERYTHING, *GROUPS, *sorted(KINDS))

Refuses = Callable[[Channel], str | None]
"""Why a channel can't be used, in a sentence, or as a named failure; None: it can."""


class RulesFileError(SettingsError):
    """The file of alert rules can't be read, or is no TOML."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something is wrong with a rule. `sentence` begins with the line; `left_out`: so much of it is not in force."""

    sentence: str
    left_out: bool = True

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class _Placed:
    place: str
    name: str

    def __str__(self) -> str:
        return f"{self.place} ({self.name})" if self.name else self.place


def read_text(file: Path) -> str:
    """The file's text; empty where there is none. Raises RulesFileError."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise RulesFileError(f"the alert rules {file} can't be read: {first_reason(error)}") from error


def load(
    file: Path,
    registry: Registry,
    *,
    environment: Mapping[str, str] = os.environ,
    refuses: Refuses | None = None,
) -> tuple[Rules, tuple[Problem, ...]]:
    """The rules of a file, and what is wrong with it. Without the file there are no rules.

    `refuses` judges a channel in full, by its provider's notation; without it only missing secrets are said. Raises
    RulesFileError.
    """
    try:
        return parse(read_text(file), registry, environment=environment, refuses=refuses)
    except RulesFileError as error:
        raise RulesFileError(f"the alert rules {file} are wrong: {error}") from error


def parse(
    text: str,
    registry: Registry,
    *,
    environment: Mapping[str, str] = os.environ,
    refuses: Refuses | None = None,
) -> tuple[Rules, tuple[Problem, ...]]:
    """The rules of a text, and what is wrong with them. Raises RulesFileError where it is no TOML."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesFileError(str(error)) from error
    found: list[Problem] = [
        Problem(f"{name!r} is not known: only [[subscription]], [[channel]] and [[silence]] are")
        for name in document
        if name not in ENTRIES
    ]
    channels = _channels(document, text, environment, refuses, found)
    subscriptions = _subscriptions(document, text, registry, {channel.name for channel in channels}, found)
    silences = _silences(document, text, registry, found)
    used = {name for subscription in subscriptions for name in subscription.channels}
    for channel in channels:
        if channel.name not in used:
            found.append(Problem(f"channel {channel.name}: no subscription uses it", left_out=False))
    return Rules(subscriptions, channels, silences), tuple(found)


Entry = TypeVar("Entry", Subscription, Channel, Silence)


def _entries(
    model: type[Entry], kind: str, document: Mapping[str, Any], text: str, found: list[Problem]
) -> Iterator[tuple[_Placed, Entry]]:
    for place, entry in places_of(kind, document.get(kind), text):
        named = entry.get("name") if isinstance(entry, Mapping) else None
        placed = _Placed(place, f"{kind} {named[:64]}" if isinstance(named, str) and named.isprintable() else "")
        try:
            yield placed, model.model_validate(entry)
        except ValidationError as error:
            # What stands in a channel may be a secret in the wrong place.
            sentences = problems_of(error, str(placed), values=model is not Channel)
            found.extend(Problem(f"{sentence}; the entry is left out") for sentence in sentences)


def _channels(
    document: Mapping[str, Any],
    text: str,
    environment: Mapping[str, str],
    refuses: Refuses | None,
    found: list[Problem],
) -> tuple[Channel, ...]:
    channels: dict[str, Channel] = {}
    for place, channel in _entries(Channel, "channel", document, text, found):
        if channel.name in channels:
            found.append(Problem(f"{place}: there is a channel of that name already; the entry is left out"))
            continue
        channels[channel.name] = channel
        if refusal := _refusal(channel, environment, refuses):
            said = f"{place}: it can't be used: {refusal.removeprefix(f'channel {channel.name}: ')}"
            found.append(Problem(said, left_out=False))
    return tuple(channels.values())


def _refusal(channel: Channel, environment: Mapping[str, str], refuses: Refuses | None) -> str | None:
    if refuses is not None:
        try:
            return refuses(channel)
        except WeiplomacyError as error:
            return str(error)
    for name, reference in channel.secrets.items():
        if missing := missing_secret(reference, environment):
            return f"{name}: {missing}"
    return None


def missing_secret(reference: str, environment: Mapping[str, str]) -> str | None:
    """Why there is no secret at a place (`env:NAME` or `file:/path`), without a word of its value; None: there is."""
    kind, _, place = reference.partition(":")
    if kind == "env":
        return None if environment.get(place) else f"the environment has no variable {place}"
    try:
        with Path(place).open("rb") as file:
            return None if file.read(1) else f"the file {place} is empty"
    except OSError as error:
        return f"the file {place} can't be read ({first_reason(error)})"


def _subscriptions(
    document: Mapping[str, Any], text: str, registry: Registry, channels: set[str], found: list[Problem]
) -> tuple[Subscription, ...]:
    kept: dict[str, Subscription] = {}
    for place, entry in _entries(Subscription, "subscription", document, text, found):
        if entry.name in kept:
            found.append(Problem(f"{place}: there is a subscription of that name already; the entry is left out"))
            continue
        parts = {
            "about": _known(entry.about, ABOUT, place, "about", found),
            "metrics": _known(entry.metrics, METRICS, place, "metrics", found),
            "channels": _known(entry.channels, tuple(sorted(channels)), place, "channels", found),
        }
        subjects = _subjects(entry.who, registry, place, found)
        empty = [name for name in ("about", "metrics", "channels") if getattr(entry, name) and not parts[name]]
        if empty or not subjects:
            what = " and ".join(empty if subjects else [*empty, "who"])
            found.append(Problem(f"{place}: nothing is left of its {what}, so that it can never fire: it is left out"))
            continue
        whole = entry.model_copy(update={**parts, "subjects": subjects})
        found.extend(Problem(f"{place}: {sentence}", left_out=False) for sentence in _pointless(whole))
        kept[entry.name] = whole
    return tuple(kept.values())


def _pointless(entry: Subscription) -> Iterator[str]:
    """Why a rule can never fire although each of its words is right, or has words without effect."""
    if not entry.metrics or EVERYTHING in entry.about:
        return
    measured = {kind for kind in entry.kinds if kind in MEASURED}
    if not measured:
        yield f"metrics have no effect: {', '.join(entry.about)} is not decided by a counter"
    elif all(MEASURED[kind].isdisjoint(entry.metrics) for kind in measured) and measured == entry.kinds:
        yield (
            f"it can never fire: {', '.join(entry.about)} is never decided by {' or '.join(entry.metrics)}, but by "
            f"{', '.join(sorted(frozenset().union(*(MEASURED[kind] for kind in measured))))}"
        )


def _silences(document: Mapping[str, Any], text: str, registry: Registry, found: list[Problem]) -> tuple[Silence, ...]:
    kept = []
    for place, entry in _entries(Silence, "silence", document, text, found):
        about = _known(entry.about, ABOUT, place, "about", found)
        subjects = _subjects(entry.who, registry, place, found)
        if not about or not subjects:
            found.append(Problem(f"{place}: it silences nothing: it is left out"))
            continue
        if subjects.everybody and EVERYTHING in about:
            found.append(
                Problem(
                    f"{place}: it silences everything until {entry.until:%Y-%m-%d %H:%M} UTC: no subscription can fire",
                    left_out=False,
                )
            )
        kept.append(entry.model_copy(update={"about": about, "subjects": subjects}))
    return tuple(kept)


def _known(
    words: tuple[str, ...], known: tuple[str, ...], place: _Placed, field: str, found: list[Problem]
) -> tuple[str, ...]:
    for word in words:
        if word not in known:
            close = difflib.get_close_matches(word, known, n=1)
            hint = f" (did you mean {close[0]}?)" if close else f": there are {', '.join(known)}" if known else ""
            found.append(Problem(f"{place}: {field}: {word[:60]!r} is not known{hint}"))
    return tuple(word for word in words if word in known)


def _subjects(words: tuple[str, ...], registry: Registry, place: _Placed, found: list[Problem]) -> Subjects:
    subjects, sentences = resolve(words, registry)
    found.extend(Problem(f"{place}: who: {sentence}") for sentence in sentences)
    return subjects


class Reloading:
    """The rules in force while their file is edited: an edit that is wrong keeps the old ones, and says so.

    Pure: the text comes from outside, as often as one likes.
    """

    def __init__(self, registry: Registry, refuses: Refuses | None = None) -> None:
        self._registry = registry
        self._refuses = refuses
        self._text: str | None = None
        self._taken = False
        self.rules = Rules()

    def offer(self, text: str) -> tuple[str, ...]:
        """Take the file's text, and return the sentences that are to be said of it; none where it is as before.

        While there is nothing to keep, it is taken as far as it is right.
        """
        if text == self._text:
            return ()
        self._text = text
        try:
            rules, problems = parse(text, self._registry, refuses=self._refuses)
        except RulesFileError as error:
            kept = "the rules before the edit stay in force" if self._taken else "there are no rules"
            return (f"the alert rules are wrong: {error}; {kept}",)
        sentences = tuple(map(str, problems))
        if self._taken and any(problem.left_out for problem in problems):
            return (*sentences, "the edit of the alert rules is wrong: those before it stay in force")
        self.rules, self._taken = rules, True
        taken = f"{len(rules.subscriptions)} subscriptions, {len(rules.channels)} channels"
        return (*sentences, f"alert rules in force: {taken}, {len(rules.silences)} silences")
