"""What ClickHouse holds after a drill of the crawl: receipts as statements, and each thing since when it is held."""

from collections.abc import Collection
from datetime import datetime

from clickhouse_connect.driver.client import Client

from tests.faults.accounting import Item, Lack, Statement

RECEIPTS = """
SELECT account_id, cycle, started_at, ended_at, complete, stop_reason,
    arrayZip(missing_kind, missing_what, missing_count, missing_reason), lists_post_id
FROM weibo.receipts WHERE spider = 'embassy' ORDER BY ended_at
"""
HELD = """
SELECT account_id, post_id, 'post', post_id, min(observed_at) FROM weibo_store.post_versions GROUP BY ALL
UNION ALL
SELECT account_id, post_id, if(isNull(any(root_id)), 'comment', 'reply'), comment_id, min(observed_at)
FROM weibo_store.comment_versions GROUP BY account_id, post_id, comment_id
UNION ALL
SELECT account_id, post_id, 'repost', repost_id, min(observed_at) FROM weibo_store.repost_versions GROUP BY ALL
"""


def statements(client: Client, accounts: Collection[str]) -> list[Statement]:
    """The receipts of these accounts, the oldest first."""
    found = []
    for account, cycle, began, ended, complete, stop, missing, lists in client.query(RECEIPTS).result_rows:
        if account in accounts:
            lacks = tuple(Lack(*one) for one in missing)
            posts = frozenset(int(post) for post in lists)
            found.append(Statement(account, cycle, began, ended, complete, stop, lacks, posts))
    return found


def held(client: Client) -> dict[Item, datetime]:
    """Everything that is held, with the moment of its first observation."""
    rows = client.query(HELD).result_rows
    return {Item(account, int(post), kind, int(identity)): at for account, post, kind, identity, at in rows}
