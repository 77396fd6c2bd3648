"""The named failures of parsing."""

from schemas.errors import WeiplomacyError


class ParsingError(WeiplomacyError):
    """An answer that can't become events."""


class DriftError(ParsingError):
    """The answer has not the shape that is known; `path` is where."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class WrongAccountError(ParsingError):
    """The answer is about another account than the one that was asked for: nothing in it is attributed."""

    def __init__(self, account_id: str, expected: str, found: str) -> None:
        super().__init__(f"asked for {account_id} ({expected}), Weibo answered with {found}")
        self.account_id = account_id
        self.expected = expected
        self.found = found
