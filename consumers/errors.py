"""The named failures of the consumers. Each ends the process: Kafka replays, the supervisor restarts."""

from schemas.errors import UnreachableError, WeiplomacyError


class ConsumerError(WeiplomacyError):
    """Something that reads Kafka can't go on."""


class KafkaUnreachableError(UnreachableError):
    """No Kafka answers at the address of the settings, or it stopped answering."""


class TopicMissingError(ConsumerError):
    """A topic that is to be read does not exist."""


class TopicReplacedError(ConsumerError):
    """A topic was deleted and created anew: its offsets no longer mean what the tables say."""


class OffsetsLostError(ConsumerError):
    """Kafka no longer holds what comes next."""


class OffsetsResetError(ConsumerError):
    """The committed offsets lie far behind what the tables hold."""


class FencedError(ConsumerError):
    """Another process of the same name took over."""


class UnreadableRecordError(ConsumerError):
    """Kafka's client can't read a record, so nothing can be said or done about the message in it."""


class OverlappingBatchesError(ConsumerError):
    """The tables hold two batches that share offsets: two writers wrote the same partition."""


class ExpiredRangesError(ConsumerError):
    """A batch was left half done so long ago that the tables no longer say its range."""


class SchemaMismatchError(ConsumerError):
    """A table is missing, or has other columns or a view that fails; no message is to blame."""


class DerivationError(ConsumerError):
    """A derived table can't be computed, however long one waits."""


class TooManyDeadLettersError(ConsumerError):
    """Nearly everything is invalid: a bad deployment, not bad messages."""


class DrainTimeoutError(ConsumerError):
    """It was asked to stop while it could not write; Kafka still holds the messages."""


class PartitionGivenUpError(Exception):
    """The partition went to another consumer while its batch waited; nothing more is written for it here."""
