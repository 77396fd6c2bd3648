"""Every row of the running stack is the replica's truth of its moment: accounts, samples, posts, what is under them.

Needs a stack whose origin is the replica, as `weiplomacy demo` leaves it. A rounded count must contain the truth; an
exact one must be it. Only rows observed while the replica's clock stood still can be compared so: the demo's are.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from clickhouse_connect.driver.client import Client
from rich.progress import track

from deploy.stack.bring_up import ask_replica
from schemas.clickhouse import connect
from schemas.errors import WeiplomacyError
from schemas.settings import Settings, load

SNAPSHOTS = """
SELECT uid, observed_at, screen_name, verified, followers_low, followers_high, following_low, following_high,
       posts_low, posts_high, followers_precision, following_precision, posts_precision
FROM weibo.snapshots WHERE ce_source = 'urn:weiplomacy:replica' AND isNotNull(uid)
"""
SAMPLES = """
SELECT post_id, observed_at, created_at, reposts_low, reposts_high, comments_low, comments_high, likes_low, likes_high,
       views_low, views_high, reposts_precision, comments_precision, likes_precision, views_precision
FROM weibo.samples WHERE ce_source = 'urn:weiplomacy:replica' ORDER BY post_id, observed_at
"""
POSTS = """
SELECT post_id, observed_at, created_at, text_truncated, kind, text FROM weibo_store.post_versions
WHERE ce_source = 'urn:weiplomacy:replica' ORDER BY post_id, observed_at
"""
COMMENTS = """
SELECT post_id, comment_id, observed_at, root_id, created_at, list_order, has_picture, likes - likes_below AS low,
       likes + likes_above AS high, if(isNull(likes), NULL, 'shown') AS precision
FROM weibo_store.comment_versions WHERE ce_source = 'urn:weiplomacy:replica' ORDER BY post_id, observed_at
"""
REPOSTS = """
SELECT post_id, repost_id, observed_at, created_at, author_account_id FROM weibo_store.repost_versions
WHERE ce_source = 'urn:weiplomacy:replica' ORDER BY post_id, observed_at
"""

Difference = tuple[str, str, str]


class Truth:
    """The replica's truth, asked for once per question."""

    def __init__(self, settings: Settings) -> None:
        self.accounts = lru_cache(maxsize=8)(self._accounts)
        self.post = lru_cache(maxsize=64)(self._post)
        self.comments = lru_cache(maxsize=8)(self._comments)
        self.reposts = lru_cache(maxsize=8)(self._reposts)
        self._settings = settings

    def _ask(self, path: str, **query: str | int) -> Any:
        return ask_replica(self._settings, f"{path}?{urlencode(query)}")

    def _accounts(self, at: datetime) -> dict[int, Any]:
        return {int(row["uid"]): row for row in self._ask("/truth", at=at.isoformat())["accounts"]}

    def _post(self, mid: int, at: datetime) -> Any:
        return self._ask("/truth/post", mid=mid, at=at.isoformat())["post"]

    def _comments(self, mid: int, at: datetime) -> dict[int, Any]:
        found = self._rows("comments", mid, at)
        replies = {int(reply["id"]): reply for row in found.values() for reply in row["children"]}
        return found | replies

    def _reposts(self, mid: int, at: datetime) -> dict[int, Any]:
        return self._rows("reposts", mid, at)

    def _rows(self, what: str, mid: int, at: datetime) -> dict[int, Any]:
        found: dict[int, Any] = {}
        while True:
            page = self._ask(f"/truth/{what}", mid=mid, at=at.isoformat(), limit=1000, offset=len(found))[what]
            new = {int(row["id"]): row for row in page if int(row["id"]) not in found}
            if not new:
                return found
            found |= new


def within(low: int | None, high: int | None, precision: str | None, truth: int | None) -> bool:
    """Whether a shown count is true: unknown where nothing is shown, else an interval that holds the truth."""
    if precision is None or low is None:
        return True
    return truth is not None and low <= truth and (high is None or truth <= high)


def snapshots(client: Client, truth: Truth) -> Iterator[list[Difference]]:
    """The differences of each snapshot."""
    for row in client.query(SNAPSHOTS).result_rows:
        uid, at, name, verified, *counts = row
        true = truth.accounts(at).get(uid)
        if true is None:
            yield [("account", str(uid), "is not in the truth")]
            continue
        found = [
            (field, f"{uid} at {at}", f"shown {low}..{high}, true {true[field]}")
            for field, low, high, precision in zip(
                ("followers", "following", "posts"), counts[0:6:2], counts[1:6:2], counts[6:], strict=True
            )
            if not within(low, high, precision, true[field])
        ]
        if name != true["screen_name"] or verified != true["verified"]:
            found.append(("name or verification", f"{uid} at {at}", f"{name!r}, {verified}"))
        yield found


def samples(client: Client, truth: Truth) -> Iterator[list[Difference]]:
    """The differences of each engagement sample."""
    for row in client.query(SAMPLES).result_rows:
        mid, at, created, *counts = row
        true = truth.post(mid, at)
        if true is None:
            yield [("post", str(mid), f"is not in the truth at {at}")]
            continue
        found = [
            (field, f"{mid} at {at}", f"shown {low}..{high}, true {true[field]}")
            for field, low, high, precision in zip(
                ("reposts", "comments", "likes", "views"), counts[0:8:2], counts[1:8:2], counts[8:], strict=True
            )
            if not within(low, high, precision, true[field])
        ]
        if created is not None and created.replace(microsecond=0) != datetime.fromisoformat(true["created_at"]).replace(
            microsecond=0
        ):
            found.append(("created_at", f"{mid}", f"shown {created}, true {true['created_at']}"))
        yield found


def posts(client: Client, truth: Truth) -> Iterator[list[Difference]]:
    """The differences of each post version: whole texts are compared without their spaces."""
    for mid, at, _created, truncated, kind, text in client.query(POSTS).result_rows:
        true = truth.post(mid, at)
        if true is None:
            yield [("post", str(mid), f"is not in the truth at {at}")]
            continue
        found = []
        if (kind == "repost") != (true["original"] is not None):
            found.append(("kind", str(mid), kind))
        shown, whole = "".join(text.split()), "".join(true["text"].split())
        if not truncated and shown != whole:
            found.append(("text", f"{mid} at {at}", f"{shown[:60]!r} for {whole[:60]!r}"))
        yield found


def comments(client: Client, truth: Truth) -> Iterator[list[Difference]]:
    """The differences of each comment. Texts hold hashed names and are not compared."""
    for mid, comment, at, root, created, order, picture, low, high, precision in client.query(COMMENTS).result_rows:
        true = truth.comments(mid, at).get(comment)
        if true is None:
            yield [("comment", str(comment), f"is not under {mid} at {at}")]
            continue
        found = []
        if not within(low, high, precision, true["likes"]):
            found.append(("likes", f"comment {comment} at {at}", f"shown {low}..{high}, true {true['likes']}"))
        if picture != true["has_picture"] or str(root or "") != (true["root_id"] or ""):
            found.append(("shape", f"comment {comment}", f"picture {picture}, root {root}"))
        # The list by time shows a day or a minute; the id tells the rest, and the replica's ids of comments know no
        # more than which 64 seconds it was.
        least = timedelta(seconds=64) if order == "time" else timedelta.resolution
        if created is not None and abs(created - datetime.fromisoformat(true["created_at"])) >= least:
            found.append(("created_at", f"comment {comment}", f"shown {created}, true {true['created_at']}"))
        yield found


def reposts(client: Client, truth: Truth) -> Iterator[list[Difference]]:
    """The differences of each repost. Their authors are private people, so all that is compared is when and that."""
    for mid, repost, at, created, account in client.query(REPOSTS).result_rows:
        true = truth.reposts(mid, at).get(repost)
        if true is None:
            yield [("repost", str(repost), f"is not under {mid} at {at}")]
            continue
        found = []
        if created is not None and created != datetime.fromisoformat(true["created_at"]):
            found.append(("created_at", f"repost {repost}", f"shown {created}, true {true['created_at']}"))
        if account is not None:
            found.append(("author", f"repost {repost}", f"is no account, and said to be {account}"))
        yield found


KINDS: Mapping[str, Callable[[Client, Truth], Iterator[list[Difference]]]] = {
    "snapshots": snapshots,
    "samples": samples,
    "posts": posts,
    "comments": comments,
    "reposts": reposts,
}
"""What is compared: each yields the differences of one row after another."""


def main(arguments: list[str] | None = None) -> int:
    """Compare everything; 0 where nothing differs and there was something to compare."""
    parser = argparse.ArgumentParser(prog="weiplomacy drill truth", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--show", type=int, default=10, help="how many differences to print")
    options = parser.parse_args(arguments)
    settings = load()
    compared: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    shown: list[Difference] = []
    try:
        client, truth = connect(settings), Truth(settings)
        for kind, compare in KINDS.items():
            for differences in track(compare(client, truth), description=kind, total=None, disable=options.json):
                compared[kind] += 1
                differing[kind] += bool(differences)
                shown += differences
    except WeiplomacyError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    total, wrong = compared.total(), differing.total()
    if options.json:
        print(json.dumps({"compared": compared, "differing": differing, "differences": shown}))
    else:
        for difference in shown[: options.show]:
            print("differs:", *difference)
        parts = ", ".join(f"{kind} {compared[kind]:,}" for kind in compared)
        print(f"truth: {total:,} rows compared ({parts}), {wrong:,} differ")
    return 0 if total and not wrong else 1


if __name__ == "__main__":
    raise SystemExit(main())
