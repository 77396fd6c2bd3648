"""Carrying a plan out: what is asked for, when, and when no more; without a crawl."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.http import Request

from crawler.endpoints import profile_url, status_url, timeline_url
from crawler.items import Page
from crawler.memory.keeper import Keeper
from crawler.memory.membership import Gained, Gone, Ownership
from crawler.memory.records import AccountMemory, PostMemory, SampleMemory
from crawler.memory.topic import Restored
from crawler.planning.plan import PlannedVisit
from crawler.planning.retries import Retries
from crawler.planning.watched import Kind
from crawler.receipts import Visit
from crawler.spiders.resample import ResampleSpider
from crawler.spiders.visiting import Output
from schemas.clock import write_clock
from schemas.errors import SettingsError
from schemas.events import CrawlReceipt
from schemas.settings import Crawl, Settings
from schemas.topics import MEMORY

NOW = datetime(2017, 1, 2, 3, tzinfo=UTC)
UIDS = {"us-embassy": "1743951792", "fr-embassy": "1655886300"}
ACCOUNTS = "".join(f'[[account]]\nid = "{name}"\nuid = "{uid}"\n' for name, uid in UIDS.items())
NAMELESS = '[[account]]\nid = "nameless"\nscreen_name = "某大使馆"\n'
UNLIMITED = {"delay_s": 0, "government_factor": 1, "requests_per_minute": 10**9, "requests_per_day": 10**12}
ALL = frozenset(range(MEMORY.partitions))


def made(folder: Path, accounts: str = ACCOUNTS, arguments: dict[str, str] | None = None, **crawl: Any) -> Any:
    """A spider without a crawl; its clock stands still."""
    file = folder / "accounts.toml"
    file.write_text(accounts, encoding="utf-8")
    write_clock(folder / "clock.json", NOW, 0)
    spider = ResampleSpider()
    spider.settings_in_force = Settings(
        home=folder,
        origin="replica",
        clock_file=folder / "clock.json",
        crawl=Crawl.model_validate({"accounts_file": file, **UNLIMITED, **crawl}),
    )
    counted: Counter[str] = Counter()
    stats = SimpleNamespace(
        inc_value=lambda name, count=1: counted.update({name: count}), set_value=lambda name, value: None
    )
    spider.crawler = SimpleNamespace(stats=stats)  # type: ignore[assignment]
    spider.prepare({"accounts": "all", **(arguments or {})})
    if spider.refusal is None:
        # So that a visit is one request; the account's figures have a test of their own.
        spider._figures_at.update(dict.fromkeys(UIDS, NOW))
    return spider


@pytest.fixture
async def spider(tmp_path: Path) -> Any:
    return made(tmp_path)


async def end_of(spider: Any, request: Request) -> CrawlReceipt:
    """The request has ended, and with it its visit."""
    visit: Visit = request.meta["visit"]
    visit.request_ended(request.meta["wanted_by"])
    [page] = [page async for page in spider.close_visit(visit)]
    assert isinstance(page, Page)
    receipt = page.events[0]
    assert isinstance(receipt, CrawlReceipt)
    return receipt


async def next_of(outputs: AsyncIterator[Any]) -> Any:
    async with asyncio.timeout(10):
        return await anext(outputs)


async def test_accounts_that_were_never_visited_are_asked_for_plainly_at_once(spider: Any) -> None:
    outputs = spider.start()
    asked, cycles = {}, set()
    for _ in UIDS:
        request = await next_of(outputs)
        receipt = await end_of(spider, request)
        asked[receipt.account_id] = request.url
        cycles.add(receipt.cycle)
        write_clock(spider.settings_in_force.clock_file, NOW + timedelta(seconds=3), 0)
    assert asked == {name: timeline_url(uid) for name, uid in UIDS.items()}
    assert len(cycles) == spider.planned_visits == 2, "each visit is a cycle of its own"
    assert spider.unfinished() == []
    await outputs.aclose()


async def test_no_visit_begins_before_its_moment_or_beside_another_of_its_room(spider: Any) -> None:
    outputs = spider.start()
    first = await next_of(outputs)
    second = asyncio.ensure_future(anext(outputs))
    await asyncio.sleep(0.3)
    assert not second.done(), "there is one place for a visit, and it is taken"
    await end_of(spider, first)
    await asyncio.sleep(0.3)
    assert not second.done(), "its moment has not come"
    write_clock(spider.settings_in_force.clock_file, NOW + timedelta(seconds=2), 0)
    async with asyncio.timeout(10):
        assert (await second).url != first.url
    assert [visit.account_id for visit in spider.unfinished()] == [(await second).meta["visit"].account_id]
    await outputs.aclose()


async def test_an_account_is_not_visited_again_before_its_memory_is_written(tmp_path: Path) -> None:
    spider = made(tmp_path, '[[account]]\nid = "us-embassy"\nuid = "1743951792"\n', concurrent_requests=2)
    outputs = spider.start()
    first = await next_of(outputs)
    visit = first.meta["visit"]
    visit.request_ended(first.meta["wanted_by"])
    closing = spider.close_visit(visit)
    assert isinstance(await next_of(closing), Page)
    write_clock(spider.settings_in_force.clock_file, NOW + timedelta(hours=3), 0)
    again = asyncio.ensure_future(anext(outputs))
    await asyncio.sleep(0.3)
    assert not again.done()
    with pytest.raises(StopAsyncIteration):
        await next_of(closing)
    write_clock(spider.settings_in_force.clock_file, NOW + timedelta(hours=6), 0)
    async with asyncio.timeout(10):
        assert (await again).meta["visit"] is not visit
    await outputs.aclose()


async def test_what_failed_is_not_asked_for_with_every_plan(spider: Any) -> None:
    account = spider.registry.by_id["us-embassy"]
    for answered, stop, waits in (
        ({"network_error": 1}, "failed", True),
        ({}, "failed", False),  # the lanes could not go on
        ({"ok": 1}, "interrupted", False),
    ):
        spider.retries = Retries()
        spider.planned[account.id] = PlannedVisit(NOW, Kind.TIMELINE, account.id, (), 1.0, 1, "")
        await spider.visiting.acquire()
        async for request in spider.visit(account, spider.begin_plain):
            visit: Visit = request.meta["visit"]
        visit.open.clear()
        visit.responses.update(answered)
        visit.stop(stop)
        assert [page async for page in spider.close_visit(visit)]
        assert list(spider.retries.again_at(account.id)) == ([Kind.TIMELINE] if waits else [])


async def test_it_ends_when_its_time_is_over(tmp_path: Path) -> None:
    spider = made(tmp_path, arguments={"minutes": "5"})
    outputs = spider.start()
    await end_of(spider, await next_of(outputs))
    write_clock(spider.settings_in_force.clock_file, NOW + timedelta(minutes=5), 0)
    with pytest.raises(StopAsyncIteration):
        await next_of(outputs)


async def test_an_account_without_a_uid_is_told_once(tmp_path: Path) -> None:
    spider = made(tmp_path, NAMELESS)
    outputs = spider.start()
    page = await next_of(outputs)
    [receipt] = page.events
    assert (receipt.account_id, receipt.complete) == ("nameless", False)
    assert "registry resolve nameless" in receipt.problems[0]
    spider.shared()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await anext(outputs)


async def test_the_accounts_are_those_that_the_group_says(spider: Any) -> None:
    spider.memory = Keeper(owned=Ownership())
    outputs = spider.start()
    first = asyncio.ensure_future(anext(outputs))
    await asyncio.sleep(0.3)
    assert not first.done(), "nothing is ours yet"
    spider.memory.follow(Gained(ALL, 1, Restored()))
    spider.shared()
    async with asyncio.timeout(10):
        request = await first
    visit = request.meta["visit"]

    spider.memory.follow(Gone(ALL))
    wanted = request.meta["wanted_by"]
    further = spider.ask(visit, request.url, request.meta["endpoint"], "", lambda *_: iter(()), wanted)
    kept: list[Output] = list(spider.ended(visit, iter([further]), wanted))
    assert kept == [], "nothing more is asked for"
    assert visit.in_flight == 0
    receipt = visit.receipt(NOW)
    assert (receipt.stop_reason, receipt.complete) == ("interrupted", False)
    assert [missing.reason for missing in receipt.missing] == ["interrupted"]
    await outputs.aclose()


async def test_the_figures_of_an_account_are_asked_for_now_and_then(spider: Any) -> None:
    account = spider.registry.by_id["us-embassy"]
    spider._figures_at.clear()
    asked = []
    for hours in (0, 1, 5, 6, 7):
        write_clock(spider.settings_in_force.clock_file, NOW + timedelta(hours=hours), 0)
        urls = [request.url for request in spider.begin_plain(spider._visit(account), account, account.uid)]
        assert urls[-1] == timeline_url(account.uid)
        asked.append(profile_url(account.uid) in urls)
    assert asked == [True, False, False, True, False]


async def test_posts_are_asked_for_by_themselves(spider: Any) -> None:
    sample = SampleMemory(at=NOW, reposts=1, comments=1, likes=1)
    posts = [PostMemory(post_id=str(n), last_seen_at=NOW, version="0" * 16, samples=(sample,)) for n in (5, 6)]
    memory = AccountMemory(account_id="us-embassy", posts=tuple(posts))
    spider.memory = Keeper({"us-embassy": memory})
    spider.planned["us-embassy"] = PlannedVisit(NOW, Kind.POST, "us-embassy", ("5", "7"), 1.0, 1, "")
    account = spider.registry.by_id["us-embassy"]
    visit = spider._visit(account)
    assert [request.url for request in spider.begin_posts(visit, account, account.uid)] == [status_url("5")]
    assert visit.stop_reason == "page_limit"
    await spider.remember(visit)
    assert spider.memory.of("us-embassy").visited_at is None, "its newest posts were not looked at"


async def test_what_stands_under_posts_is_read_when_the_page_is_rendered(
    spider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(spider, "under", lambda visit, post: iter(asked.append(post.post_id) or ()))  # type: ignore[func-returns-value]
    page = SimpleNamespace(posts=[SimpleNamespace(post_id="5", pinned=False)])
    for kind, expected in ((Kind.TIMELINE, []), (Kind.RENDERED, ["5"])):
        spider.planned["us-embassy"] = PlannedVisit(NOW, kind, "us-embassy", (), 1.0, 1, "")
        visit = spider._visit(spider.registry.by_id["us-embassy"])
        assert list(spider._comments(visit, page)) == []
        assert asked == expected


async def test_promises_that_cant_be_kept_are_said(tmp_path: Path) -> None:
    many = "".join(f'[[account]]\nuid = "{1_000_000 + number}"\n' for number in range(60))
    spider = made(tmp_path, many, requests_per_day=600, render_cost=1, visit_every_normal_min=60)
    outputs = spider.start()
    await next_of(outputs)
    assert any("tier normal: the promises to 60 accounts can't be kept in the long run" in said for said in spider.says)
    await outputs.aclose()


@pytest.mark.parametrize(
    ("arguments", "crawl", "words"),
    [
        ({"since": "2016-12-01"}, {}, "fills nothing back"),
        ({"minutes": "0"}, {}, "a whole number from 1 on"),
        ({}, {"requests_per_day": 10}, "crawl.visit_every_normal_min promises one account"),
    ],
)
async def test_what_can_not_be_carried_out_is_refused(
    tmp_path: Path, arguments: dict[str, str], crawl: dict[str, Any], words: str
) -> None:
    refusal = made(tmp_path, arguments=arguments, **crawl).refusal
    assert words in str(refusal)
    assert isinstance(refusal, SettingsError) == bool(crawl)
