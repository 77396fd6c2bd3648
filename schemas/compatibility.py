"""Whether a later version of the contract would break somebody: JSON Schemas compared, as pure functions.

Two readers count. The one of the older version, who reads what is written from now on: nothing that it needs may go
away, and nothing may take a form that it refuses. And the one of the newer version, who reads what is kept in Kafka:
nothing may be demanded that was not written then. So a field may be added when it is not required, and nothing else
may change; a wider enumeration or limit is refused by the older reader and is a break as well.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

#: Limits below and above, and what is compared for being the same.
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
FORMS = ("pattern", "format")


def breaks(old: Schema, new: Schema) -> list[str]:
    """What breaks between two versions of one JSON Schema, in sentences; empty where nothing does.

    Understands what pydantic writes: `$ref` to `$defs`, `anyOf`, `type`, `enum`, `const`, limits, `pattern`, `format`,
    `properties`, `required`, `additionalProperties` and `items`.
    """
    return list(_compared(old, new, old, new, "the event"))


def _compared(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> Iterator[str]:
    before, after = _alternatives(old, old_root), _alternatives(new, new_root)
    for kind in sorted(before.keys() - after.keys()):
        yield f"{place}: {kind} is no longer allowed"
    for kind in sorted(after.keys() - before.keys()):
        yield f"{place}: {kind} is allowed, which older readers refuse"
    for kind in sorted(before.keys() & after.keys()):
        yield from _leaf(before[kind], after[kind], old_root, new_root, place)


def _alternatives(schema: Schema, root: Schema) -> dict[str, Schema]:
    """The forms that a value may take, by JSON type. Several of one type are told apart by their order."""
    found: dict[str, Schema] = {}
    pending: list[Schema] = [schema]
    while pending:
        part = _resolved(pending.pop(0), root)
        if "anyOf" in part:
            pending += part["anyOf"]
            continue
        kinds = part.get("type", _kind_of(part))
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            name, number = kind, 2
            while name in found:
                name, number = f"{kind} ({number})", number + 1
            found[name] = part
    return found


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def _kind_of(schema: Schema) -> str:
    if "const" in schema or "enum" in schema:
        return "enumeration"
    return "object" if "properties" in schema else "anything"


def _leaf(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> Iterator[str]:
    yield from _values(_named(old), _named(new), place)
    for name in LOWER + UPPER + FORMS:
        if old.get(name) != new.get(name):
            yield f"{place}: {name} was {_shown(old.get(name))} and is {_shown(new.get(name))}"
    if "properties" in old or "properties" in new:
        yield from _fields(old, new, old_root, new_root, place)
    for name in ("items", "additionalProperties"):
        # Absent, true and {} all allow anything.
        before, after = (schema.get(name, True) for schema in (old, new))
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _compared(before, after, old_root, new_root, f"{place}, each of its values")
        elif (before or before == {}) != (after or after == {}) or isinstance(before, Mapping) != isinstance(
            after, Mapping
        ):
            yield f"{place}: {name} was {_shown(before)} and is {_shown(after)}"


def _named(schema: Schema) -> set[Any] | None:
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def _values(old: set[Any] | None, new: set[Any] | None, place: str) -> Iterator[str]:
    if old is None or new is None:
        if old is not new:
            yield f"{place}: was {_shown(old)} and is {_shown(new)}"
        return
    for value in sorted(map(repr, old - new)):
        yield f"{place}: {value} is no longer allowed"
    for value in sorted(map(repr, new - old)):
        yield f"{place}: {value} is allowed, which older readers refuse"


def _fields(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in before:
        where = f"{place}, field {name}"
        if name not in after:
            yield f"{where}: is gone"
            continue
        if name in needed_before and name not in needed_after:
            yield f"{where}: may now be missing"
        if name not in needed_before and name in needed_after:
            yield f"{where}: is now required"
        yield from _compared(before[name], after[name], old_root, new_root, where)
    for name in after:
        if name not in before and name in needed_after:
            yield f"{place}, field {name}: is new and required"


def _shown(value: Any) -> str:
    if value is None:
        return "free"
    return "one of " + ", ".join(sorted(map(repr, value))) if isinstance(value, set) else repr(value)


def moved(old: Schema, new: Schema) -> list[str]:
    """What breaks between two AsyncAPI documents: events that left their topic, and topics that changed partitions.

    More partitions would send an account's later events to another partition than its earlier ones.
    """
    problems = []
    for name, before in old["channels"].items():
        after = new["channels"].get(name)
        if after is None:
            problems.append(f"the topic {name} is gone")
            continue
        problems += [
            f"{event} is no longer in the topic {name}"
            for event in before["messages"]
            if event not in after["messages"]
        ]
        was, now = (channel["bindings"]["kafka"]["partitions"] for channel in (before, after))
        if was != now:
            problems.append(f"the topic {name} had {was} partitions and has {now}")
    return problems
