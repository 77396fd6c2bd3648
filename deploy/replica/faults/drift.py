"""Answers whose JSON has another shape than yesterday."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from deploy.replica.exchange import JSON, Reply, json_reply
from deploy.replica.faults.scenario import Fault

_LIKES: Final = ("attitudes_count", "like_count", "like_counts")
Change = Callable[[dict[str, Any]], bool]
"""Changes an object in place, and says whether it did."""


def drifted(fault: Fault, reply: Reply) -> Reply:
    """The reply as the fault leaves it: the same value where there is nothing to change."""
    if reply.content_type != JSON or reply.status != 200:
        return reply
    document = json.loads(reply.body)
    change = _CHANGES[fault.kind.name](fault)
    # Not `any`: every object is to be changed.
    changed = [change(found) for found in _objects(document)]
    return replace(json_reply(document), headers=reply.headers) if any(changed) else reply


def _objects(document: Any) -> list[dict[str, Any]]:
    """All objects of a document, the outer ones first."""
    found, waiting = [], [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            found.append(value)
            waiting += reversed(list(value.values()))
        elif isinstance(value, list):
            waiting += reversed(value)
    return found


def _renamed(fault: Fault) -> Change:
    field, to = fault.settings["field"], fault.settings["to"]

    def change(found: dict[str, Any]) -> bool:
        if field not in found:
            return False
        items = [(to if name == field else name, value) for name, value in found.items()]
        found.clear()
        found.update(items)
        return True

    return change


def _likes_zero(_fault: Fault) -> Change:
    def change(found: dict[str, Any]) -> bool:
        likes = [name for name in _LIKES if name in found]
        # A number that was written as a text stays one.
        found.update({name: "0" if isinstance(found[name], str) else 0 for name in likes})
        return bool(likes)

    return change


def _list_as_object(fault: Fault) -> Change:
    field = fault.settings["field"]

    def change(found: dict[str, Any]) -> bool:
        if not isinstance(found.get(field), list):
            return False
        found[field] = {str(place): entry for place, entry in enumerate(found[field])}
        return True

    return change


def _missing_counter(fault: Fault) -> Change:
    field, of = fault.settings["field"], fault.settings["of"]

    def change(found: dict[str, Any]) -> bool:
        if field not in found or fault.draws("misses", found.get("id", "")) >= of:
            return False
        del found[field]
        return True

    return change


def _missing_list(fault: Fault) -> Change:
    field = fault.settings["field"]

    def change(found: dict[str, Any]) -> bool:
        return isinstance(found.get(field), list) and found.pop(field) is not None

    return change


_CHANGES: Final[Mapping[str, Callable[[Fault], Change]]] = {
    "renamed-field": _renamed,
    "likes-zero": _likes_zero,
    "list-as-object": _list_as_object,
    "missing-counter": _missing_counter,
    "missing-list": _missing_list,
}
