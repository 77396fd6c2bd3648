"""The search for private people finds them however they are written, and nobody else."""

import base64
import json

import pytest

from deploy.replica.people import person
from deploy.replica.server import SEED
from tests.faults.people_search import people_named

ONE = person(SEED, 12_345)


@pytest.mark.parametrize(
    "text",
    [
        f"回复@{ONE.name}:谢谢",
        json.dumps({"name": ONE.name}),
        json.dumps(json.dumps({"name": ONE.name})),
        base64.b64encode(f'{{"text": "a comment of some length by {ONE.name}"}}'.encode()).decode(),
        f"https://m.weibo.cn/u/{ONE.uid}?from=feed",
        f"uid{ONE.uid}",
    ],
    ids=["plain", "escaped", "escaped twice", "base64", "address", "word"],
)
def test_a_person_is_found(text: str) -> None:
    found = people_named([("log", "nothing"), ("table", text)])
    assert set(found.values()) == {"table"}
    assert set(found) <= {ONE.name, str(ONE.uid)}


def test_others_are_not() -> None:
    unknown = f"{ONE.name[:-6]}{(12_345 + 1) % 1_000_000:06d}"
    other = unknown if person(SEED, 12_346).name != unknown else "nobody"
    assert people_named([("log", f"{other} {ONE.uid + 1} 17000000001 法国驻华使馆 {'f' * 32}")]) == {}
    by_chance = f"ab{ONE.uid}cdef"
    assert people_named([("topic", f'{{"author_key": "{by_chance}"}}')]) == {}
