"""Why a message did not get through, or a channel can't be opened. No message of theirs holds a secret."""

from typing import ClassVar

from schemas.errors import SettingsError, WeiplomacyError


class AddressError(SettingsError):
    """The address of a channel can't be read, lacks something, or holds a secret in the clear."""


class SecretError(SettingsError):
    """A secret that a rule names is missing, empty or of no use."""


class DeliveryError(WeiplomacyError):
    """A message did not get through. Which of the branches below it is says what to do next.

    `code` and `words` are the provider's own, `retry_after_s` seconds that it asks to wait, None where it names none.
    """

    #: Whether the same message may get through later without anybody repairing anything.
    retryable: ClassVar[bool]

    def __init__(self, message: str, *, code: str = "", words: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.words = words
        self.retry_after_s = retry_after_s


class UnavailableError(DeliveryError):
    """The provider does not answer, is out of order, or answers what is no answer of its kind."""

    retryable = True


class ThrottledError(DeliveryError):
    """The provider has had enough of us for a while."""

    retryable = True


class RejectedError(DeliveryError):
    """The provider refuses this message: its form, size or words. Others may pass."""

    retryable = False


class DeniedError(DeliveryError):
    """The provider refuses us: a wrong secret, signature, keyword or address of ours, or the target is gone."""

    retryable = False
