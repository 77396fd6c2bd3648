import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, DataError, OperationalError, ProgrammingError
from urllib3.exceptions import ReadTimeoutError

from consumers.insert_errors import Blame, blame
from consumers.limits import DeadLetterLimit, NewestMessages
from consumers.retrying import RetryPolicy


def test_waits_grow_to_a_cap_and_never_end():
    policy = RetryPolicy(first_s=0.2, factor=2, most_s=5)
    assert [policy.wait_s(n) for n in (1, 2, 3)] == [0.2, 0.4, 0.8]
    assert policy.wait_s(10**9) == 5


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationalError("Error executing HTTP request"), Blame.TRANSIENT),
        (ProgrammingError("Unrecognized column 'x' in table y"), Blame.SCHEMA),
        (ConnectionResetError(), Blame.TRANSIENT),
        (ReadTimeoutError(None, None, "slow"), Blame.TRANSIENT),  # type: ignore[arg-type]
        (DatabaseError("Code: 252. DB::Exception: Too many parts (300)", code=252), Blame.TRANSIENT),
        (DatabaseError("Code: 252. DB::Exception: Too many partitions for single INSERT", code=252), Blame.SCHEMA),
        (DatabaseError("MEMORY_LIMIT_EXCEEDED", code=241), Blame.TRANSIENT),
        (DatabaseError("a code of a later version", code=9_999), Blame.TRANSIENT),
        (DatabaseError("CANNOT_PARSE_TEXT", code=6), Blame.DATA),
        (DatabaseError("UNKNOWN_TABLE", code=60), Blame.SCHEMA),
        (DatabaseError("READONLY", code=164), Blame.SCHEMA),
        (DatabaseError("ACCESS_DENIED", code=497), Blame.SCHEMA),
        (DataError("Unable to create native array for column"), Blame.DATA),
        (AttributeError("'int' object has no attribute 'encode'"), Blame.DATA),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), Blame.DATA),
    ],
)
def test_blame_is_told_by_code_and_words(error, expected):
    assert blame(error) is expected


def test_a_few_bad_messages_never_stop():
    newest = NewestMessages(DeadLetterLimit(share=0.9, least=500, window=2_000))
    assert not newest.add(499, 499)
    assert not newest.add(10_000, 100)
    assert not any(newest.add(100, 80) for _ in range(100))


def test_nearly_everything_invalid_stops():
    newest = NewestMessages(DeadLetterLimit(share=0.9, least=500, window=2_000))
    assert [newest.add(100, 95) for _ in range(6)] == [False, False, False, False, True, True]


def test_good_messages_of_long_ago_do_not_hide_a_bad_deployment():
    newest = NewestMessages(DeadLetterLimit(share=0.9, least=500, window=2_000))
    newest.add(1_000_000, 0)
    assert any(newest.add(500, 500) for _ in range(5))


def test_a_share_above_one_never_stops():
    newest = NewestMessages(DeadLetterLimit(share=1.5))
    assert not any(newest.add(1_000, 1_000) for _ in range(10))
