"""One state folder, one origin: what comes from the replica never mixes with what comes from Weibo."""

from pathlib import Path

from schemas.errors import SettingsError, first_reason
from schemas.settings import Origin, Settings

FILE = "origin"
#: Of a folder of the replica: the clock that replica and crawler read.
CLOCK = "clock.json"


class OriginError(SettingsError):
    """The state folder holds data of the other origin, or its mark is broken."""


def recorded(home: Path) -> Origin | None:
    """The origin that a state folder has; None where it has none yet. Raises OriginError where its mark is broken."""
    try:
        mark = (home / FILE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise OriginError(f"the state folder {home} can't be read: {home / FILE}: {first_reason(error)}") from error
    if mark == "live":
        return "live"
    if mark == "replica":
        return "replica"
    raise OriginError(
        f"the state folder {home} is broken: {home / FILE} says {mark[:40]!r}, neither live nor replica: write into it "
        "the one that the data come from"
    )


def claim(settings: Settings, wanted: Origin | None = None) -> Origin:
    """Decide the origin and record it in the state folder.

    `wanted` wins over the setting; without both it is what the folder holds, else live. Raises OriginError where the
    folder holds the other, or can't be written.
    """
    held = recorded(settings.home)
    origin = wanted or settings.origin or held or "live"
    if held and held != origin:
        raise OriginError(
            f"the state folder {settings.home} holds data of {_words(held)} and refuses {_words(origin)}: "
            f"set WEIPLOMACY_HOME to another folder, or WEIPLOMACY_ORIGIN={held}"
        )
    if not held:
        _record(settings.home, origin)
    return origin


def source_of(origin: Origin) -> str:
    """What events of this origin carry as `ce_source`."""
    return f"urn:weiplomacy:{origin}"


def clock_file_of(settings: Settings) -> Path | None:
    """The clock that the data are dated by: the one of the settings, else the replica's in a folder of the replica.

    None: machine time. Raises OriginError.
    """
    if settings.clock_file or (settings.origin or recorded(settings.home)) != "replica":
        return settings.clock_file
    clock = settings.home / CLOCK
    return clock if clock.exists() else None


def _record(home: Path, origin: Origin) -> None:
    partial = home / (FILE + ".partial")
    try:
        home.mkdir(parents=True, exist_ok=True)
        # Replaced in one step: a full disk leaves no empty mark behind.
        partial.write_text(origin + "\n", encoding="utf-8")
        partial.replace(home / FILE)
    except OSError as error:
        raise OriginError(f"the state folder {home} can't be written: {first_reason(error)}") from error


def _words(origin: Origin) -> str:
    return "the replica" if origin == "replica" else "the live site"
