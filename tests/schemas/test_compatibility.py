import copy
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from schemas.compatibility import breaks, moved
from schemas.counts import Counter


class Part(BaseModel):
    kind: Literal["picture", "video"]
    url: str = Field(max_length=10)


class Old(BaseModel):
    ident: str = Field(pattern="^[0-9]+$")
    number: int = Field(ge=0)
    maybe: int | None = None
    counter: Counter | None = None
    parts: tuple[Part, ...] = ()
    tally: dict[str, int] = {}
    type: Literal["thing.v1"] = "thing.v1"


IN_PARTS = "the event, field parts, each of its values"
OLD: dict[str, Any] = Old.model_json_schema()


def changed(**fields: Any) -> dict[str, Any]:
    """The schema of Old with fields of other annotations, or (annotation, default)."""
    namespace: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for name, field in fields.items():
        annotation, default = field if isinstance(field, tuple) else (field, ...)
        namespace["__annotations__"][name] = annotation
        namespace[name] = Field() if default is ... else default
    return type("New", (Old,), namespace).model_json_schema()


def without(name: str) -> dict[str, Any]:
    schema = copy.deepcopy(OLD)
    del schema["properties"][name]
    schema["required"] = [field for field in schema["required"] if field != name]
    return schema


class OtherPart(BaseModel):
    kind: Literal["picture", "video"]
    url: str = Field(max_length=10)
    size: int


class WiderPart(BaseModel):
    kind: Literal["picture", "video", "audio"]
    url: str = Field(max_length=10)


class NarrowerPart(BaseModel):
    kind: Literal["picture"]
    url: str = Field(max_length=9)


def test_nothing_changed_breaks_nothing() -> None:
    assert breaks(OLD, OLD) == []


@pytest.mark.parametrize(
    "new",
    [
        changed(added=(int, 0)),
        changed(added=(str | None, None)),
        changed(added=(tuple[Part, ...], ())),
        changed(maybe=(int | None, 5)),
    ],
)
def test_an_optional_field_may_be_added(new: dict[str, Any]) -> None:
    assert breaks(OLD, new) == []


def test_words_may_change() -> None:
    class Reworded(Old):
        """Other words."""

        number: int = Field(ge=0, title="Another", description="Better said.", examples=[1])

    assert breaks(OLD, Reworded.model_json_schema()) == []


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (without("maybe"), ["the event, field maybe: is gone"]),
        (without("number"), ["the event, field number: is gone"]),
        (changed(added=int), ["the event, field added: is new and required"]),
        (changed(maybe=int | None), ["the event, field maybe: is now required"]),
        (changed(number=(int, Field(default=0, ge=0))), ["the event, field number: may now be missing"]),
        (changed(maybe=(int, 0)), ["the event, field maybe: null is no longer allowed"]),
        (
            changed(maybe=(int | str | None, None)),
            ["the event, field maybe: string is allowed, which older readers refuse"],
        ),
        (
            changed(number=str),
            [
                "the event, field number: integer is no longer allowed",
                "the event, field number: string is allowed, which older readers refuse",
            ],
        ),
        (changed(number=(int, Field(ge=1))), ["the event, field number: minimum was 0 and is 1"]),
        (changed(number=int), ["the event, field number: minimum was 0 and is free"]),
        (changed(number=(int, Field(ge=0, lt=5))), ["the event, field number: exclusiveMaximum was free and is 5"]),
        (changed(ident=str), ["the event, field ident: pattern was '^[0-9]+$' and is free"]),
        (
            changed(ident=(Literal["1"], ...)),
            [
                "the event, field ident: was free and is one of '1'",
                "the event, field ident: pattern was '^[0-9]+$' and is free",
            ],
        ),
        (
            changed(type=(Literal["thing.v2"], "thing.v2")),
            [
                "the event, field type: 'thing.v1' is no longer allowed",
                "the event, field type: 'thing.v2' is allowed, which older readers refuse",
            ],
        ),
        (
            changed(tally=(dict[str, str], {})),
            [
                "the event, field tally, each of its values: integer is no longer allowed",
                "the event, field tally, each of its values: string is allowed, which older readers refuse",
            ],
        ),
        (
            changed(tally=(dict[str, Any], {})),
            ["the event, field tally: additionalProperties was {'type': 'integer'} and is True"],
        ),
        (
            changed(parts=(tuple[OtherPart, ...], ())),
            [f"{IN_PARTS}, field size: is new and required"],
        ),
        (
            changed(parts=(tuple[WiderPart, ...], ())),
            [f"{IN_PARTS}, field kind: 'audio' is allowed, which older readers refuse"],
        ),
        (
            changed(parts=(tuple[NarrowerPart, ...], ())),
            [
                f"{IN_PARTS}, field kind: 'video' is no longer allowed",
                f"{IN_PARTS}, field url: maxLength was 10 and is 9",
            ],
        ),
        (changed(counter=(int | None, None)), None),
    ],
)
def test_what_would_break_a_reader_is_told(new: dict[str, Any], expected: list[str] | None) -> None:
    found = breaks(OLD, new)
    if expected is None:
        assert found
    else:
        assert sorted(found) == sorted(expected)


CONTRACT: dict[str, Any] = {
    "channels": {
        "a": {"messages": {"x": {}, "y": {}}, "bindings": {"kafka": {"partitions": 8}}},
        "b": {"messages": {"z": {}}, "bindings": {"kafka": {"partitions": 1}}},
    }
}


def test_an_event_that_leaves_its_topic_and_other_partitions_are_told() -> None:
    new = copy.deepcopy(CONTRACT)
    assert moved(CONTRACT, new) == []
    new["channels"]["c"] = new["channels"]["b"]
    assert moved(CONTRACT, new) == []
    del new["channels"]["b"], new["channels"]["a"]["messages"]["y"]
    new["channels"]["a"]["bindings"]["kafka"]["partitions"] = 16
    assert moved(CONTRACT, new) == [
        "y is no longer in the topic a",
        "the topic a had 8 partitions and has 16",
        "the topic b is gone",
    ]
