"""A scenario: a seed, a latency, and faults, read from TOML or JSON and checked against the table of kinds.

    seed = 7                       # another seed strikes others
    latency_ms = 200               # every answer is late by so much
    [[fault]]
    name = "the first page is empty twice"
    kind = "empty"                 # settings of the kind stand beside it
    match = { endpoint = "timeline", page = 1, each = 2, share = 0.1, from = "+30m", until = 2017-02-01T00:00:00Z }

A moment has an offset, or is an offset itself: "+90s", "+30m", "+2h", "+1d" after the scenario was read, by the
replica's clock.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from deploy.replica.chance import unit
from deploy.replica.errors import ScenarioError
from deploy.replica.faults.asked import ENDPOINTS
from deploy.replica.faults.kinds import KINDS, Kind, Setting, Value
from deploy.replica.faults.match import WORDS, Match

READY: Final = Path(__file__).resolve().parent.parent / "scenarios"
"""Scenarios that are there for all, known by their names alone."""
MOST: Final = 200
"""Faults in force at once."""
_SEED: Final = 1
_LATER: Final = re.compile(r"\+([0-9]{1,6}(?:\.[0-9]{1,3})?)([smhd])", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `settings` holds every setting of the kind, `seed` is what its chances are drawn from."""

    name: str
    kind: Kind
    match: Match
    settings: Mapping[str, Any]
    seed: int

    def draws(self, *question: object) -> float:
        """A number from 0 to 1 that belongs to a question."""
        return unit(self.seed, self.name, *question)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A seed, what every answer waits for (milliseconds of machine time), and faults in their order."""

    seed: int = _SEED
    latency_ms: float = 0.0
    faults: tuple[Fault, ...] = ()


def find_scenario(named: str) -> Path:
    """The file of a scenario: a ready one by its name, or any by its path. Raises ScenarioError."""
    ready = READY / f"{named}.toml"
    if re.fullmatch(r"[a-z0-9-]+", named) and ready.is_file():
        return ready
    file = Path(named)
    if not file.is_file():
        names = ", ".join(sorted(found.stem for found in READY.glob("*.toml")))
        raise ScenarioError(f"there is no scenario {named[:200]}: give a file, or one of {names}")
    return file


def read_scenario(file: Path, now: datetime) -> Scenario:
    """The scenario of a TOML file. Raises ScenarioError, whose sentence names the file."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"the scenario {file} can't be read ({error})") from error
    try:
        return scenario_of(toml_document(text), now)
    except ScenarioError as error:
        raise ScenarioError(f"{file}: {error}") from error


def toml_document(text: str) -> dict[str, Any]:
    """A TOML text as a document. Raises ScenarioError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"this is not TOML: {error}") from error


def json_document(text: bytes) -> dict[str, Any]:
    """A JSON text as a document. Raises ScenarioError."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ScenarioError(f"this is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ScenarioError("a scenario or a fault is an object")
    return document


def scenario_of(document: Mapping[str, Any], now: datetime, before: Scenario | None = None) -> Scenario:
    """The scenario of a document, which may also be one fault alone; seed and latency are else those of `before`.

    Raises ScenarioError with a sentence about what is wrong.
    """
    base = before or Scenario()
    if "kind" in document:
        return Scenario(base.seed, base.latency_ms, (fault_of(document, now, base.seed),))
    _known(document, {"seed", "latency_ms", "fault"}, "a scenario")
    listed = document.get("fault", [])
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise ScenarioError("fault is a list of faults: write [[fault]] above each")
    if len(listed) > MOST:
        raise ScenarioError(f"{len(listed)} faults are more than the {MOST} that can be in force at once")
    seed = _whole("seed", document.get("seed", base.seed), -(2**63))
    faults = tuple(fault_of(entry, now, seed) for entry in listed)
    names = [fault.name for fault in faults]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ScenarioError(f"two faults have the name {twice!r}: give each its own")
    return Scenario(seed, _number("latency_ms", document.get("latency_ms", base.latency_ms), 0, 600_000), faults)


def fault_of(entry: Mapping[str, Any], now: datetime, seed: int) -> Fault:
    """One fault of a document. Raises ScenarioError."""
    # A status is as well written as a number.
    named = str(entry["kind"]) if type(entry.get("kind")) is int else entry.get("kind")
    name = entry.get("name", named)
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
        raise ScenarioError(f"a fault's name is a text of 1 to {_LONGEST_NAME} characters, not {_shown(name)}")
    where = f"fault {name!r}"
    kind = KINDS.get(named) if isinstance(named, str) else None
    if kind is None:
        kinds = ", ".join(KINDS)
        raise ScenarioError(f"{where}: there is no kind {_shown(entry.get('kind'))}; the kinds are {kinds}")
    settings = {setting.name: setting for setting in kind.settings}
    _known(entry, {"name", "kind", "match", *settings}, f"{where} of kind {kind.name}")
    try:
        values = {
            setting.name: _value(setting, entry[setting.name]) if setting.name in entry else setting.default
            for setting in settings.values()
        }
        match = _match(entry.get("match", {}), kind, now)
    except ScenarioError as error:
        raise ScenarioError(f"{where}: {error}") from error
    return Fault(name, kind, match, values, seed)


def _match(said: Any, kind: Kind, now: datetime) -> Match:
    if not isinstance(said, dict):
        raise ScenarioError(f"match is a table such as {{ share = 0.1 }}, not {_shown(said)}")
    _known(said, WORDS[kind.group], f"the match of a fault of kind {kind.name}")
    endpoints = _texts("endpoint", said.get("endpoint", sorted(kind.endpoints)))
    unknown = next((name for name in endpoints if name not in ENDPOINTS), None)
    if unknown is not None:
        raise ScenarioError(f"there is no endpoint {_shown(unknown)}; the endpoints are {', '.join(sorted(ENDPOINTS))}")
    by = said.get("by", "count")
    if by not in ("count", "request"):
        raise ScenarioError(f'by is "count" or "request", not {_shown(by)}')
    since, until = _moment("from", said.get("from"), now), _moment("until", said.get("until"), now)
    if since is not None and until is not None and until <= since:
        raise ScenarioError(f"until ({until.isoformat()}) is not after from ({since.isoformat()})")
    plain = Match()
    return Match(
        host=frozenset(name.lower() for name in _texts("host", said["host"])) if "host" in said else plain.host,
        path=tuple(_texts("path", said.get("path", []))),
        endpoint=frozenset(endpoints),
        uid=_ids("uid", said.get("uid", [])),
        mid=_ids("mid", said.get("mid", [])),
        page=frozenset(_whole("page", entry, 1) for entry in _list(said.get("page", []))),
        cursor=frozenset(str(entry) for entry in _ids("cursor", said.get("cursor", []))),
        session=frozenset(_session(entry) for entry in _list(said.get("session", []))),
        address=frozenset(_texts("address", said.get("address", []))),
        share=_number("share", said.get("share", 1.0), 0, 1),
        by=by,
        since=since,
        until=until,
        times=_whole("times", said.get("times", 0), 0),
        each=_whole("each", said.get("each", 0), 0),
        after=_whole("after", said.get("after", 0), 0),
        said=said,
    )


def _value(setting: Setting, value: Any) -> Value:
    name, default = setting.name, setting.default
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ScenarioError(f"{name} is true or false, not {_shown(value)}")
        return value
    if isinstance(default, int):
        return _whole(name, value, int(setting.low), int(setting.high))
    if isinstance(default, float):
        return _number(name, value, setting.low, setting.high)
    if isinstance(default, tuple):
        return tuple(_choice(setting, entry) for entry in _texts(name, value))
    # The status of an answer is one of a few, and may be written as a number.
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text:
        raise ScenarioError(f"{name} is a text, not {_shown(value)}")
    return _choice(setting, text)


def _choice(setting: Setting, text: str) -> str:
    if setting.choices and text not in setting.choices:
        raise ScenarioError(f"{setting.name} is one of {', '.join(setting.choices)}, not {_shown(text)}")
    return text


def _known(entry: Mapping[str, Any], known: set[str] | frozenset[str], whose: str) -> None:
    unknown = next((name for name in entry if name not in known), None)
    if unknown is not None:
        raise ScenarioError(f"{whose} has no {_shown(unknown)}; it may have {', '.join(sorted(known))}")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(name: str, value: Any) -> list[str]:
    entries = _list(value)
    wrong = next((entry for entry in entries if not isinstance(entry, str) or not entry), None)
    if wrong is not None:
        raise ScenarioError(f"{name} is a text or a list of texts, and {_shown(wrong)} is none")
    return entries


def _ids(name: str, value: Any) -> frozenset[int]:
    """Ids may be written as numbers or as texts, as they are elsewhere."""
    entries = _list(value)
    numbers = [int(entry) if isinstance(entry, str) and _NUMBER.fullmatch(entry) else entry for entry in entries]
    return frozenset(_whole(name, entry, 1, 10**18) for entry in numbers)


def _session(value: Any) -> int | str:
    if isinstance(value, str) and re.fullmatch("[0-9a-f]{12}", value):
        return value
    return _whole("session", value, 1)


def _whole(name: str, value: Any, low: int, high: int = 2**63) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ScenarioError(f"{name} is a whole number from {low} to {high}, not {_shown(value)}")
    return value


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ScenarioError(f"{name} is a number from {low:g} to {high:g}, not {_shown(value)}")
    return float(value)


def _moment(name: str, value: Any, now: datetime) -> datetime | None:
    if value is None:
        return None
    later = _LATER.fullmatch(value) if isinstance(value, str) else None
    if later:
        return now + timedelta(seconds=float(later[1]) * _SECONDS[later[2]])
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ScenarioError(f'{name} is a moment with an offset (2017-01-05T06:30:00Z) or "+2h", not {_shown(value)}')
    return moment.astimezone(UTC)


def _shown(value: Any) -> str:
    return repr(value)[:80]
