"""What terms of waves cost: CPU of a comment, of asking for an account's terms, and bytes of what is remembered.

python -m tests.benchmarks.term_costs FILE

FILE has texts of people, one JSON object a line with the text under `content`: those of ../shared/sentiment will do.
Twelve accounts have 300 comments a day for ten days; then each has a wave of 3,000 comments within three hours.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from consumers.alerting.terms import Terms
from schemas.events import Comment
from tests.benchmarks.processes import machine

BEGIN = datetime(2016, 9, 1, tzinfo=UTC)
ACCOUNTS, DAYS, A_DAY, WAVE = 12, 10, 300, 3_000
DAY = timedelta(days=1)


def measure(texts: Sequence[str], seed: int = 1) -> dict[str, Any]:
    """Feed usual days and waves; CPU in µs, sizes in bytes as they are written down."""
    dice, terms = random.Random(seed), Terms({})
    usual = list(_comments(dice, texts, BEGIN, DAYS * DAY, DAYS * A_DAY))
    waves = list(_comments(dice, texts, BEGIN + DAYS * DAY, timedelta(hours=3), WAVE))
    spent = [_spent(lambda comments=comments: [terms.feed(one) for one in comments]) for comments in (usual, waves)]  # type: ignore[misc]
    at = BEGIN + DAYS * DAY + timedelta(hours=3)
    accounts = [f"uid:{account}" for account in range(ACCOUNTS)]
    asked = _spent(lambda: [terms.of_account(account, at) for account in accounts])
    sizes = dict.fromkeys(accounts, 0)
    for key in terms.dirty():
        if (state := terms.dump(key)) is not None:
            sizes[key.partition("/")[0]] += len(to_json(state))
    return {
        "comments": len(usual) + len(waves),
        "us_per_usual_comment": round(spent[0] / len(usual), 1),
        "us_per_comment_of_a_wave": round(spent[1] / len(waves), 1),
        "us_to_ask_for_an_account": round(asked / ACCOUNTS),
        "bytes_per_account_mean": sum(sizes.values()) // ACCOUNTS,
        "bytes_per_account_most": max(sizes.values()),
        **machine(),
    }


def _spent(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e6


def _comments(
    dice: random.Random, texts: Sequence[str], begin: datetime, span: timedelta, of_account: int
) -> Iterator[Comment]:
    for number in range(of_account):
        written = begin + number / of_account * span
        for account in range(ACCOUNTS):
            yield Comment.model_construct(
                account_id=f"uid:{account}",
                observed_at=written + timedelta(minutes=30),
                post_id="4059000000000001",
                comment_id=str(4_059_000_000_000_000 + int((written - BEGIN).total_seconds() * 1_000)),
                author_key=f"{dice.getrandbits(128):032x}",
                author_account_id=None,
                created_at=written,
                text=dice.choice(texts),
            )


def main() -> int:
    """Measure, and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    lines = parser.parse_args().file.read_text(encoding="utf-8").splitlines()
    print(json.dumps(measure([json.loads(line)["content"] for line in lines])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
