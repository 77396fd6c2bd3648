"""The alerter's turns without a broker: what it does with an event that breaks a detector."""

from typing import Any

from kafka.structs import TopicPartition

from consumers.alerting.alerter import Alerting
from consumers.batches import Batch, Range
from schemas.alerts import AlertChanged
from schemas.events import AnyEvent
from tests.consumers.alerting.test_watch import Loud, sample, watch
from tests.consumers.records import record_of

PARTITION = TopicPartition("weibo.engagement", 0)


class Kept:
    """A memory that keeps what it is given."""

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {}
        self.alerts: list[AlertChanged] = []

    def close_turn(self, changed: Any, offsets: dict[str, int], alerts: list[AlertChanged]) -> None:
        self.offsets = dict(offsets)
        self.alerts += alerts


class Breaking(Loud):
    """Breaks at a count that nobody thought of."""

    def feed(self, event: AnyEvent) -> Any:
        if getattr(event, "likes", None) == 13:
            raise ZeroDivisionError
        return super().feed(event)


def test_an_event_that_breaks_a_detector_stops_nothing_and_is_said(caplog: Any) -> None:
    watching = watch()
    watching._detectors["loud"] = Breaking()
    kept = Kept()
    alerting = Alerting(watching, kept, {})  # type: ignore[arg-type]
    events = [sample(0, 150), sample(1, 13), sample(2, 500)]
    records = [record_of(event, offset) for offset, event in enumerate(events)]
    alerting.write(Batch(PARTITION, Range(0, 2), records), lambda seconds: None)
    alerting.settle()
    assert [alert.change for alert in kept.alerts] == ["started", "escalated"]
    assert kept.offsets == {"weibo.engagement:0": 3}
    assert "weibo.engagement:0 1 could not be judged" in caplog.text
    assert alerting.trouble.startswith("; 1 events")


def test_an_event_of_a_broken_clock_is_said(caplog: Any) -> None:
    alerting = Alerting(watch(), Kept(), {})  # type: ignore[arg-type]
    events = [sample(0, 150), sample(60 * 24 * 365, 500), sample(2, 500)]
    records = [record_of(event, offset) for offset, event in enumerate(events)]
    alerting.write(Batch(PARTITION, Range(0, 2), records), lambda seconds: None)
    assert "weibo.engagement:0 1 is dated 2018-01-02" in caplog.text
    assert alerting.trouble == "; 1 events are held, dated far ahead of all others: see the log"
    last = record_of(sample(60 * 25, 10), 3)
    alerting.write(Batch(PARTITION, Range(3, 3), [last]), lambda seconds: None)
    assert alerting.trouble == "; 1 events were refused, dated far ahead of all others: see the log"


def test_nothing_to_say_of_what_went_well() -> None:
    assert Alerting(watch(), Kept(), {}).trouble == ""  # type: ignore[arg-type]
