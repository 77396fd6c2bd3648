"""Which uid a name leads to, and what a session is."""

from dataclasses import dataclass
from typing import Any

from crawler.parsing.fields import Field, payload


@dataclass(frozen=True, slots=True)
class SessionState:
    """What /api/config says of the session."""

    logged_in: bool
    token: str | None


def parse_name(data: Any) -> str:
    """The uid that `/n/NAME` leads to. Raises DriftError where there is none."""
    return Field("$", data)["uid"].id()


def parse_config(data: Any) -> SessionState:
    """The state of the session. Raises DriftError where the answer is no object."""
    config = payload(data)
    return SessionState(config["login"].value is True, config["st"].line())
