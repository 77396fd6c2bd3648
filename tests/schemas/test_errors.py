"""The words that the sentences of named failures are made of."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError, field_validator

from schemas.errors import first_reason, tried

NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


class Inner(BaseModel):
    number: int = 0
    word: str = ""

    @field_validator("word")
    @classmethod
    def _is_short(cls, word: str) -> str:
        if len(word) > 3:
            raise ValueError("a short word is expected")
        return word


class Outer(BaseModel):
    inner: Inner


def refusal(text: str) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate_json(text)
    return caught.value


def test_a_validation_is_its_first_problem_with_its_place() -> None:
    assert first_reason(refusal('{"inner": {"number": "x"}}')).startswith("inner.number: Input should be a valid int")
    assert first_reason(refusal('{"inner": {"word": "hello"}}')) == "inner.word: a short word is expected"
    assert first_reason(refusal("{")).startswith("Invalid JSON: EOF")


def test_the_system_says_it_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nothing") as caught:
        (tmp_path / "nothing").read_bytes()
    assert first_reason(caught.value) == "No such file or directory"
    assert first_reason(OSError("a word of a library")) == "a word of a library"
    assert first_reason(ValueError("first\nsecond")) == "first"


def test_since_when_something_was_tried() -> None:
    assert tried(None, NOW) == tried(NOW, NOW) == "tried at 03:04:05 UTC"
    assert tried(NOW - timedelta(seconds=65.4), NOW) == "tried for 65 s, since 03:02:59 UTC"
