"""The feed: a line per event, as the contract writes it."""

import io
from datetime import UTC, datetime

from crawler.exporters import EventLinesExporter
from crawler.items import NameResult, Page
from crawler.receipts import Visit
from schemas.events import AccountSnapshot, PostSeen
from tests.schemas.examples import POST, SNAPSHOT

NOW = datetime(2017, 1, 2, tzinfo=UTC)


async def test_a_page_is_a_line_per_event_that_the_contract_reads_back() -> None:
    out = io.BytesIO()
    exporter = EventLinesExporter(out)
    visit = Visit("us-embassy", "embassy", "c", "guest", NOW)
    exporter.export_item(Page("one", (SNAPSHOT, POST), visit))
    exporter.export_item(Page("none", (), visit))
    first, second = out.getvalue().splitlines()
    assert AccountSnapshot.model_validate_json(first) == SNAPSHOT
    assert PostSeen.model_validate_json(second) == POST
    # A line of its own, whatever a text holds, and moments with their zone.
    assert out.getvalue().endswith(b"\n")
    assert b"\\n" in second
    assert b'"observed_at":"2017-01-02T03:04:05.678' in first


def test_what_is_no_page_is_a_line_too() -> None:
    out = io.BytesIO()
    result = NameResult(account_id="a", uid="1", screen_name="名", response_class="ok", detail="", observed_at=NOW)
    EventLinesExporter(out).export_item(result)
    assert NameResult.model_validate_json(out.getvalue()) == result
