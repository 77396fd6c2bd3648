import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from consumers.delivery.channels.alertmanager import LASTS, REPEAT_S, Alertmanager, alert, alerts
from consumers.delivery.errors import DeniedError, RejectedError, UnavailableError
from tests.consumers.delivery import alertmanager_process
from tests.consumers.delivery.examples import MESSAGE, NOON, hostile
from tests.consumers.delivery.imitations.http_server import Answered, Asked, Imitation

NOW = datetime(2026, 11, 29, 22, 0, tzinfo=UTC)


class Receiver(Imitation):
    """What Alertmanager tells of."""

    def answer(self, asked: Asked) -> Answered:
        told = json.loads(asked.body)
        self.taken += [(one["status"], one["labels"], one["annotations"]) for one in told["alerts"]]
        return Answered()

    def wait_for(self, count: int) -> list:
        until = time.monotonic() + 20
        while len(self.taken) < count and time.monotonic() < until:
            time.sleep(0.02)
        return self.taken


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Iterator[tuple[alertmanager_process.Alertmanager, Receiver]]:
    if alertmanager_process.binary() is None:
        pytest.skip("no Alertmanager is installed here (Debian: apt-get install prometheus-alertmanager)")
    with (
        Receiver() as receiver,
        alertmanager_process.running(tmp_path_factory.mktemp("alertmanager"), receiver.host) as manager,
    ):
        yield manager, receiver


def severe(severity: str, **changes):
    labels = tuple((name, severity if name == "severity" else value) for name, value in MESSAGE.labels)
    return replace(MESSAGE, severity=severity, labels=labels, **changes)


def test_a_real_one_fires_keeps_firing_and_resolves(real):
    manager, receiver = real
    receiver.taken.clear()
    sender = Alertmanager("ops", manager.base)
    started = severe("warning")
    sender.send(started)
    [(status, labels, annotations)] = receiver.wait_for(1)
    assert (status, labels["alertname"], labels["severity"]) == ("firing", "post_rise", "warning")
    assert annotations["summary"] == MESSAGE.title
    assert "转发: 2,140" in annotations["description"]
    [held] = manager.alerts()
    assert held["generatorURL"] == "https://weibo.com/1/EalT4?a=1&b=2"
    before = held["endsAt"]
    time.sleep(0.01)
    sender.send(started)
    [held] = manager.alerts()
    assert held["endsAt"] > before, "sent again, it lasts longer"
    assert held["startsAt"] == "2016-09-28T12:00:00.000Z"
    sender.send(severe("warning", number=2, change="ended", ends_at=NOON + timedelta(hours=2)), started)
    [_, (status, labels, _)] = receiver.wait_for(2)
    assert (status, labels["post"]) == ("resolved", "4024819863475101")
    assert manager.alerts() == []


def test_a_real_one_is_told_that_a_severity_is_over_when_it_grows(real):
    manager, receiver = real
    receiver.taken.clear()
    sender = Alertmanager("ops", manager.base)
    started, grown = severe("notice"), severe("critical", number=2, change="escalated")
    sender.send(started)
    receiver.wait_for(1)
    sender.send(grown, started)
    told = receiver.wait_for(3)
    assert sorted((status, labels["severity"]) for status, labels, _ in told[1:]) == [
        ("firing", "critical"),
        ("resolved", "notice"),
    ]
    assert [one["labels"]["severity"] for one in manager.alerts()] == ["critical"]
    sender.send(replace(grown, number=3, change="ended"), grown)
    assert receiver.wait_for(4)[3][0] == "resolved"
    assert manager.alerts() == []


def test_a_real_one_takes_words_of_strangers_and_moments_ahead_of_its_clock(real):
    manager, receiver = real
    receiver.taken.clear()
    sender = Alertmanager("ops", manager.base)
    ahead = replace(hostile(), starts_at=datetime.now(UTC) + timedelta(days=9))
    labels = (*MESSAGE.labels[:1], ("account", "x\n<script>\x00"), ("country", ""))
    ahead = replace(ahead, labels=labels)
    sender.send(ahead)
    [(_, found, annotations)] = receiver.wait_for(1)
    assert found == {"alertname": "post_rise", "account": "x\n<script>"}
    assert "\n" not in annotations["summary"]
    sender.send(replace(ahead, number=2, change="ended", ends_at=ahead.starts_at + timedelta(hours=1)), ahead)
    assert receiver.wait_for(2)[1][0] == "resolved"


def test_a_real_one_refuses_an_alert_without_labels(real):
    manager, _ = real
    with pytest.raises(RejectedError, match="HTTP 400") as caught:
        Alertmanager("ops", manager.base).send(replace(MESSAGE, labels=()))
    assert caught.value.code == "400"


def test_what_lasts_ends_later_than_it_is_repeated():
    found = alert(MESSAGE, NOW)
    assert datetime.fromisoformat(found["endsAt"]) == NOW + LASTS
    assert timedelta(seconds=5 * REPEAT_S) < LASTS
    assert Alertmanager("ops", "http://x").traits.repeat_s == REPEAT_S


def test_an_end_lies_between_its_start_and_now():
    for ends_at in (None, NOON, NOON - timedelta(days=1), NOW + timedelta(days=1)):
        found = alert(replace(MESSAGE, change="ended", ends_at=ends_at), NOW)
        assert NOON <= datetime.fromisoformat(found["endsAt"]) <= NOW


def test_the_one_before_is_ended_only_where_it_was_known_by_other_labels():
    started, grown = severe("notice"), severe("critical", number=2, change="escalated")
    assert len(alerts(grown, None, NOW)) == 1
    assert len(alerts(severe("notice", number=2, change="updated"), started, NOW)) == 1
    before, current = alerts(grown, started, NOW)
    assert datetime.fromisoformat(before["endsAt"]) == NOW
    assert (before["labels"]["severity"], current["labels"]["severity"]) == ("notice", "critical")
    assert len(alerts(grown, replace(started, change="ended"), NOW)) == 1


@pytest.mark.parametrize(
    ("answered", "error"),
    [
        (Answered(500, b"out of memory"), UnavailableError),
        (Answered(503), UnavailableError),
        (Answered(400, b'"start time must be before end time"'), RejectedError),
        (Answered(401), DeniedError),
    ],
)
def test_what_it_refuses_is_a_failure_by_name(answered, error):
    with Receiver() as server:
        server.next.append(answered)
        with pytest.raises(error):
            Alertmanager("ops", f"http://{server.host}").send(MESSAGE)


def test_user_and_password_or_a_token_go_with_it_and_are_not_shown():
    with Receiver() as server:
        for secrets in ({"user": "me", "password": SecretStr("hunter2!")}, {"token": SecretStr("hunter2!")}):
            server.next.append(Answered())
            sender = Alertmanager("ops", f"http://{server.host}", **secrets)
            sender.send(MESSAGE)
            assert "hunter2!" not in repr(sender)
    assert [asked.headers["authorization"] for asked in server.asked] == ["Basic bWU6aHVudGVyMiE=", "Bearer hunter2!"]
    assert server.asked[0].path == "/api/v2/alerts"
