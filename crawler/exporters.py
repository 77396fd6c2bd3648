"""Feeds: one JSON object per event and line, as the contract writes it."""

from typing import IO, Any

from pydantic import BaseModel
from scrapy.exporters import BaseItemExporter

from crawler.items import Page


class EventLinesExporter(BaseItemExporter):
    """Writes the events of each page as lines of JSON; Scrapy's own exporter would drop the zone of moments."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(dont_fail=True, **kwargs)
        self._file = file

    def export_item(self, item: Any) -> None:
        """Write a page's events, or one other item."""
        models: tuple[BaseModel, ...] = item.events if isinstance(item, Page) else (item,)
        for model in models:
            self._file.write(model.model_dump_json().encode() + b"\n")
