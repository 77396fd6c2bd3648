"""What can go wrong when the stack is brought up, each with a name."""

from schemas.errors import SettingsError, UnreachableError, WeiplomacyError


class StackError(WeiplomacyError):
    """The one-machine stack can't be brought up or down."""


class PortTakenError(StackError):
    """Another program listens on a port that a part needs."""


class StateFolderError(StackError):
    """The state folder can't be used: not writable, full, or broken."""


class JarsError(StackError):
    """Kafka's jars are not here and can't be fetched."""


class BrowserError(StackError):
    """No browser can be launched."""


class PartError(StackError):
    """A part of the stack did not start, or is down."""


class SilentPartError(StackError):
    """A part runs, and does not say what it is doing."""


class TopicError(SettingsError):
    """A topic that is there differs from its declaration in a way that can't be mended."""


class KafkaUnreachableError(UnreachableError):
    """No Kafka broker answers."""
