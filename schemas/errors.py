"""The tree of named failures. Each room adds its own branch; the command prints the message and nothing else."""


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
