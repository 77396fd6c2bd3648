"""The tree of named failures. Each room adds its own branch; the command prints the message and nothing else."""

from datetime import datetime

from pydantic import ValidationError


class WeiplomacyError(Exception):
    """Anything that went wrong and has a name: the message says what, to which thing, and what to do.

    `exit_code` is what the command ends with when this error reaches the user.
    """

    exit_code = 1


class SettingsError(WeiplomacyError):
    """A setting is unknown, of a wrong type, or contradicts another."""

    exit_code = 2


class UnreachableError(WeiplomacyError):
    """A part that is needed does not answer (Kafka, ClickHouse, the replica)."""

    exit_code = 3


class ContractError(WeiplomacyError):
    """A message does not satisfy the contract between crawler and consumers."""


def first_reason(error: Exception) -> str:
    """Why something can't be read or written, for the sentence of a named failure: no library's head lines.

    Of a validation the first problem with its place, of the system its own words, of anything else the first line.
    """
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        return f"{place}: {reason}" if place else reason
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).partition("\n")[0]


def tried(began: datetime | None, ended: datetime) -> str:
    """Since when something does not answer, for the sentence of an UnreachableError. Moments are UTC, machine time."""
    if began is None or (seconds := (ended - began).total_seconds()) < 1:
        return f"tried at {ended:%H:%M:%S} UTC"
    return f"tried for {seconds:.0f} s, since {began:%H:%M:%S} UTC"
