"""Reading KILL QUERY."""

import pytest

from deploy.clickhouse import kill


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("KILL QUERY WHERE query_id = 'a'", kill.Kill("a", True, None)),
        ("kill query where query_id='a' sync", kill.Kill("a", True, None)),
        (r"KILL QUERY WHERE query_id = 'it\'s' ASYNC FORMAT JSON", kill.Kill("it's", True, "JSON")),
        ("KILL QUERY WHERE query_id = 'a' TEST", kill.Kill("a", False, None)),
        ("KILL QUERY WHERE query_id = 'a' OR 1", None),
        ("KILL QUERY WHERE user = 'a'", None),
        ("KILL QUERY WHERE query_id IN ('a')", None),
        ("KILL MUTATION WHERE query_id = 'a'", None),
    ],
)
def test_kill(sql: str, expected: kill.Kill | None) -> None:
    assert kill.read(sql) == expected


def test_the_answer_is_a_statement_of_values() -> None:
    answer = kill.answer("i'd", "me", "SELECT 'x'", found=False)
    assert answer == (
        r"SELECT 'waiting' AS kill_status, 'i\'d' AS query_id, 'me' AS user, 'SELECT \'x\'' AS query WHERE 0"
    )
