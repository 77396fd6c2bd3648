"""Answers of one embassy, as small as they can be."""

from datetime import UTC, datetime

import pytest

from crawler.parsing.context import Context
from crawler.people import Pseudonymiser

UID = "1743951792"
OTHER_EMBASSY = "1918101143"


@pytest.fixture
def context() -> Context:
    return Context(
        account_id="us-embassy",
        uid=UID,
        screen_name="美国驻华大使馆",
        observed_at=datetime(2026, 11, 24, 4, 0, tzinfo=UTC),
        people=Pseudonymiser(b"0123456789abcdef"),
        institutions={OTHER_EMBASSY: "au-embassy"}.get,
    )


@pytest.fixture
def mblog():
    """Makes a post's object."""

    def make(**changes):
        return {
            "id": "5335770762054635",
            "bid": "Rf0yM8Cvh",
            "created_at": "Tue Nov 24 11:00:00 +0800 2026",
            "text": "你好",
            "user": {"id": int(UID), "screen_name": "美国驻华大使馆"},
            "reposts_count": 1,
            "comments_count": 2,
            "attitudes_count": 3,
        } | changes

    return make


@pytest.fixture
def timeline():
    """Makes the answer with a page of posts."""

    def make(*posts, **info):
        return {
            "ok": 1,
            "data": {"cards": [{"card_type": 9, "mblog": post} for post in posts], "cardlistInfo": info},
        }

    return make
