"""What can go wrong in the replica, by name."""


class ReplicaError(Exception):
    """Base of the replica's own failures; the message is one clear sentence."""


class AccountListError(ReplicaError):
    """The list of accounts can't be read."""


class ClockFileError(ReplicaError):
    """The clock file is not what it must be."""


class PortTakenError(ReplicaError):
    """A port is in use by somebody else."""


class StateError(ReplicaError):
    """The state folder can't be used."""


class ScenarioError(ReplicaError):
    """A scenario of faults is not what it must be."""


class EffectsError(ReplicaError):
    """The effects that are asked for can't be."""
