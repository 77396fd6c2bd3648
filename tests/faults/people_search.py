"""Whether what a crawl leaves behind names one of the replica's private people: any of the million, by name or uid."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from clickhouse_connect.driver.client import Client

from deploy.replica.people import person
from deploy.replica.server import SEED
from deploy.replica.wording import NICK_FIRST, NICK_SECOND
from tests.event_reader import every_record

_NAME = re.compile(f"(?:{'|'.join(NICK_FIRST)})(?:{'|'.join(NICK_SECOND)})([0-9]{{6}})")
_UID = re.compile(r"(?<![0-9])7[0-9]{9}(?![0-9])")
#: Keyed hashes: what looks like a uid within one is chance.
_HASH = re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-f]*[a-f])[0-9a-f]{16,64}(?![0-9A-Za-z])")
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
_FIRST_UID, _STEP = 7_000_000_000, 997

Text = tuple[str, str]
"""A text, and where it stands."""


def people_named(texts: Iterable[Text]) -> dict[str, str]:
    """The names and uids of private people that stand in texts, each with the first place where one stands.

    Also found: what JSON has escaped, however often, and what a dead letter holds in base64.
    """
    found: dict[str, str] = {}
    for place, text in texts:
        for plain in (text, *_decoded(text)):
            for one in _named(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), plain)):
                found.setdefault(one, place)
    return found


def left_behind(servers: list[str], client: Client, folders: Iterable[Path]) -> Iterator[Text]:
    """All that a crawl and its loader leave: topics, tables, and the files of their folders, logs among them."""
    for record in every_record(servers):
        words = [record.key, record.value, *(value for _, value in record.headers)]
        yield f"topic {record.topic}", " ".join((word or b"").decode("utf-8", "replace") for word in words)
    tables = client.query("SELECT name FROM system.tables WHERE database = 'weibo_store'").result_rows
    for (table,) in tables:
        rows = client.raw_query(f"SELECT * FROM weibo_store.`{table}` FORMAT JSONEachRow")
        yield f"table {table}", rows.decode("utf-8", "replace")
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file():
                yield f"file {file.name}", file.read_bytes().decode("utf-8", "replace")


def _named(text: str) -> Iterator[str]:
    yield from (name[0] for name in _NAME.finditer(text) if person(SEED, int(name[1])).name == name[0])
    yield from (uid for uid in _UID.findall(_HASH.sub(" ", text)) if _is_uid(int(uid)))


def _decoded(text: str) -> Iterator[str]:
    for found in _BASE64.findall(text):
        try:
            yield base64.b64decode(found, validate=True).decode("utf-8", "replace")
        except binascii.Error:
            continue


def _is_uid(uid: int) -> bool:
    number = (uid - _FIRST_UID) // _STEP
    return number < 1_000_000 and person(SEED, number).uid == uid
