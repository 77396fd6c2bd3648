"""The sender's turns without a broker: what it does with an alert that breaks it."""

import time
from typing import Any

from kafka.structs import TopicPartition

from consumers.batches import Batch, Range
from consumers.delivery.sender import Sending
from consumers.delivery.workers import Workers
from schemas.alerts import AlertChanged
from tests.consumers.alerting.test_alerting import Kept
from tests.consumers.delivery.test_desk import NOON, alert, desk
from tests.consumers.delivery.test_workers import Ear, wait_for
from tests.consumers.records import record_of


class Noon:
    """A clock that stands."""

    def now(self) -> Any:
        return NOON


def test_nothing_is_sent_before_it_is_written_down() -> None:
    ear = Ear()
    one, kept = desk(), Kept()
    workers = Workers(one)
    with workers.lock:
        workers.serve({"press": ear})
    sending = Sending(one, workers, kept, {}, Noon())  # type: ignore[arg-type]
    try:
        for number, change in ((1, "started"), (2, "ended")):
            record = record_of(alert(NOON, number, episode_id="e", change=change), number)
            sending.write(
                Batch(TopicPartition("weibo.alerts", 0), Range(number, number), [record]), lambda seconds: None
            )
            time.sleep(0.2)
            # A sender that is killed here reads the first change again: told then, it would come after the second.
            assert ear.heard == []
        sending.settle()
        wait_for(lambda: bool(ear.heard))
        assert ear.heard == ["e:2"], "and both in one message"
    finally:
        workers.stop()


def test_an_alert_that_breaks_the_desk_stops_nothing_and_is_said(caplog: Any, monkeypatch: Any) -> None:
    one, kept = desk(), Kept()
    take = one.take

    def breaking(told: AlertChanged, *moments: Any) -> Any:
        if told.episode_id == "bad":
            raise ZeroDivisionError
        return take(told, *moments)

    monkeypatch.setattr(one, "take", breaking)
    sending = Sending(one, Workers(one), kept, {}, Noon())  # type: ignore[arg-type]
    alerts = [alert(NOON, episode_id="bad"), alert(NOON, episode_id="good")]
    records = [record_of(each, offset) for offset, each in enumerate(alerts)]
    sending.write(Batch(TopicPartition("weibo.alerts", 0), Range(0, 1), records), lambda seconds: None)
    sending.settle()
    assert one.outbox.owes() == {("press", "good", 1)}
    assert kept.offsets == {"weibo.alerts:0": 2}
    assert "alert:bad:1 could not be told" in caplog.text
