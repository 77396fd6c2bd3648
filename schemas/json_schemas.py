"""The contract, generated: a JSON Schema per event type and an AsyncAPI document, in schemas/json.

`python -m schemas.json_schemas` writes them, `--check` compares (exit code 1 where they differ), and `--release`
keeps a copy for the version of the project, which later versions are compared with and which never changes.
"""

import argparse
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from schemas import asyncapi
from schemas.compatibility import breaks, moved
from schemas.errors import WeiplomacyError
from schemas.events import EVENT_MODELS, AnyEvent, type_of

FOLDER = Path(__file__).parent / "json"
RELEASES = "released"
ASYNCAPI = "asyncapi.json"


class ReleasedError(WeiplomacyError):
    """The contract of this version is released and differs: raise the version of the project first."""


def json_schema(model: type[AnyEvent]) -> dict[str, Any]:
    """The JSON Schema of an event's value."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:weiplomacy:schema:{type_of(model)}",
        **model.model_json_schema(mode="validation"),
    }


def documents() -> dict[str, str]:
    """All generated documents, by file name."""
    found = {f"{type_of(model)}.json": json_schema(model) for model in EVENT_MODELS}
    return {name: _text(content) for name, content in {**found, ASYNCAPI: asyncapi.document()}.items()}


def write(folder: Path = FOLDER) -> list[str]:
    """Write what differs, remove what is no longer generated, and return the names of both."""
    changed = differences(folder)
    folder.mkdir(parents=True, exist_ok=True)
    current = documents()
    for name in changed:
        if name in current:
            (folder / name).write_text(current[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return changed


def differences(folder: Path = FOLDER) -> list[str]:
    """The names of documents that are missing, differ, or are no longer generated."""
    current = documents()
    kept = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.json")}
    return sorted(name for name in current.keys() | kept.keys() if current.get(name) != kept.get(name))


def broken(folder: Path = FOLDER) -> list[str]:
    """What the models of today break of any released contract, in sentences."""
    current = {name: json.loads(text) for name, text in documents().items()}
    problems = []
    for file in sorted((folder / RELEASES).glob("*/*.json")):
        release, old = file.parent.name, json.loads(file.read_text(encoding="utf-8"))
        if file.name not in current:
            found = ["the event type is gone"]
        else:
            found = (moved if file.name == ASYNCAPI else breaks)(old, current[file.name])
        problems += [f"{release}, {file.stem}: {problem}" for problem in found]
    return problems


def release(number: str, folder: Path = FOLDER) -> Path:
    """Keep a copy of the contract as that of a version. Raises ReleasedError where another one is kept already."""
    place = folder / RELEASES / number
    if place.is_dir():
        if differences(place):
            raise ReleasedError(f"the contract of {number} is released and differs from the models: raise the version")
        return place
    write(place)
    return place


def main(arguments: list[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m schemas.json_schemas", description="The contract, generated.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--check", action="store_true", help="compare only; exit code 1 where something differs or breaks"
    )
    what.add_argument("--release", action="store_true", help="keep a copy for this version of the project")
    chosen = parser.parse_args(arguments)
    if chosen.check:
        problems = [f"{name} differs from the models: run python -m schemas.json_schemas" for name in differences()]
        problems += broken()
        _say(*problems or ["the documents are those of the models, and nothing released is broken"])
        return 1 if problems else 0
    _say(*[f"written: {name}" for name in write()] or ["nothing to change"])
    if chosen.release:
        _say(f"released: {release(version('weiplomacy'))}")
    return 0


def _say(*sentences: str) -> None:
    for sentence in sentences:
        print(sentence)  # noqa: T201  (a command)


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
