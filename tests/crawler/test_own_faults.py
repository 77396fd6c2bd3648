"""What goes wrong on our side: the browser dies, a page never ends, the run is stopped in the middle of a rendering."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.run import DeliveredReceipt, Order, run
from schemas.settings import Settings
from tests.crawler.little_weibo import LittleWeibo

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]

Make = Callable[..., Settings]
LOADS_POSTS = "containerid=107603"


def descendants(process: int) -> Iterator[int]:
    """Processes that this one started, and those that they started."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        if parent == process:
            yield int(folder.name)
            yield from descendants(int(folder.name))


def kill_the_browser() -> int:
    """`kill -9` for the browser of this process's crawl, whose other processes end with it; how many there were."""
    commands = {process: Path(f"/proc/{process}/cmdline").read_bytes() for process in descendants(os.getpid())}
    browsers = [
        at for at, command in commands.items() if b"--remote-debugging" in command and b"--type=" not in command
    ]
    for process in browsers:
        os.kill(process, signal.SIGKILL)
    return len(browsers)


def visit(settings: Settings, feed: Path, accounts: str) -> dict[str, DeliveredReceipt]:
    order = Order("embassy", {"accounts": accounts, "comment_posts": "0", "repost_pages": "0"}, feed=feed)
    return {receipt.account_id: receipt for receipt in run(settings, order).receipts}


def test_a_killed_browser_is_followed_by_another(settings_for: Make, weibo: LittleWeibo, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill() -> None:
        killed.append(kill_the_browser())
        # The next one has to wait for the posts for longer than a page that was painted without them.
        weibo.slow_at = LOADS_POSTS

    weibo.when[LOADS_POSTS] = kill
    # Whoever waited for a dead browser as long as for a slow one would not end in time.
    receipts = visit(settings_for(render_timeout_s=600), tmp_path / "feed", "us-embassy,fr-embassy")
    assert killed == [1]
    us, french = receipts["us-embassy"], receipts["fr-embassy"]
    # What the dead one had not brought was asked for again, and nothing of it is missing.
    assert us.complete, us.problems
    assert us.posts_captured == 25
    # This site answers everybody with the same account: that it was told so means that it was rendered.
    assert french.stop_reason == "wrong_account"


def test_a_browser_that_dies_again_and_again_is_told(settings_for: Make, weibo: LittleWeibo, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill_and_wait_for_the_next() -> None:
        killed.append(kill_the_browser())
        weibo.when[LOADS_POSTS] = kill_and_wait_for_the_next

    weibo.when[LOADS_POSTS] = kill_and_wait_for_the_next
    receipt = visit(settings_for(render_timeout_s=600), tmp_path / "feed", "us-embassy")["us-embassy"]
    assert len(killed) > 1
    assert not receipt.complete
    # The last of them may have brought the account's figures before it died.
    (missing,) = receipt.missing
    assert missing.what in ("the rendered page", "the newest posts")
    assert missing.reason == "network_error"


def test_a_stop_in_the_middle_of_a_rendering_ends_in_receipts(
    settings_for: Make, weibo: LittleWeibo, tmp_path: Path
) -> None:
    weibo.when[LOADS_POSTS] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    receipts = visit(settings_for(), tmp_path / "feed", "us-embassy,fr-embassy")
    assert {receipt.stop_reason for receipt in receipts.values()} == {"interrupted"}
    us, french = (receipts[account].missing for account in ("us-embassy", "fr-embassy"))
    # The rendering itself was let end: its posts are there, and what would have followed is named.
    assert receipts["us-embassy"].posts_captured == 10
    assert {missing.kind for missing in us if missing.reason == "interrupted"} == {"timeline", "long_text"}
    assert [(missing.kind, missing.reason) for missing in french] == [("visit", "interrupted")]
