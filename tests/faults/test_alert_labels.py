"""Alerts beside labels: what counts as seen, found, early, explained, and without a label."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.alerts import AlertChanged
from schemas.events import EngagementSample
from tests.faults.alert_labels import TOLD_BY, Label, Looks, found, labels_of, part, unlabelled

ONSET = datetime(2016, 10, 5, 3, tzinfo=UTC)
END = ONSET + timedelta(days=5)
OF_ACCOUNTS = frozenset(("account_wave", "followers_jump", "account_gone", "account_renamed", "account_silent"))
ABOUT_ACCOUNTS = frozenset(("followers", "gone", "renamed", "silent"))
POST, ACCOUNT = "4030000000000001", "th-embassy"


def label(kind: str = "organic", size: float = 5.0, post: str | None = POST, account: str = ACCOUNT) -> Label:
    return Label(kind, account, post, ONSET, ONSET + timedelta(hours=4), size)


def alert(kind: str, hours: float, change: str = "started", **fields: object) -> AlertChanged:
    at = ONSET + timedelta(hours=hours)
    values = {
        "account_id": ACCOUNT,
        "post_id": POST if kind.startswith("post") else None,
        "audience": "press",
        **fields,
    }
    return AlertChanged(
        episode_id=f"{kind}:x:{hours}", number=1, change=change, kind=kind, severity="notice", subject="post",
        started_at=at, observed_at=at, score=1.2, peak_score=1.2, peak_at=at, software="0", **values,
    )  # fmt: skip


def looks(*hours: float, post: str = POST) -> Looks:
    return Looks.of(
        EngagementSample(
            account_id=ACCOUNT, observed_at=ONSET + timedelta(hours=hour), post_id=post, created_at=ONSET, reposts=1,
            comments=1, likes=1, via="timeline",
        )
        for hour in hours
    )  # fmt: skip


def test_the_first_alert_after_the_onset_finds_a_label_and_looks_are_counted() -> None:
    early, late, later = (alert("post_rise", hours) for hours in (-1, 2, 3))
    escalated = alert("post_rise", 1.5, "escalated")
    ended = alert("post_rise", 1, "ended")
    [one] = found([label()], [later, late, early, ended], looks(-1, 1, 2, 3), END)
    assert (one.alert, one.minutes, one.looks) == (late, 120, 2)
    [one] = found([label()], [early, late, escalated], looks(-1, 1, 1.5, 3), END)
    assert (one.alert, one.minutes) == (escalated, 90)


def test_what_nobody_looked_at_does_not_count_and_what_was_not_told_is_missed() -> None:
    assert found([label()], [], looks(-2, -1), END) == []
    [one] = found([label()], [], looks(1, 2), END)
    assert (one.alert, one.minutes, one.looks) == (None, None, 2)


@pytest.mark.parametrize("kind", sorted(TOLD_BY))
def test_an_alert_of_another_kind_or_post_or_account_finds_nothing(kind: str) -> None:
    of = label(kind, post=None if kind in ABOUT_ACCOUNTS else POST)
    told = [alert(name, 1, post_id=None if name in OF_ACCOUNTS else POST) for name in TOLD_BY[kind]]
    assert all(of.explains(one) for one in told)
    for other in (
        alert("account_overdue", 1, post_id=None),
        alert("post_rise", 1, post_id="4030000000000002"),
        *(one.model_copy(update={"account_id": "il-embassy"}) for one in told),
        *(one.model_copy(update={"observed_at": ONSET - timedelta(hours=1)}) for one in told),
    ):
        assert not of.explains(other)


def test_a_wave_of_the_account_tells_of_a_rise_but_not_for_ever() -> None:
    assert label().explains(alert("account_wave", 27))
    # Of gains that are spread over the time between two visits.
    assert label().explains(alert("account_wave", -0.5))
    assert not label().explains(alert("account_wave", -1))
    assert not label().explains(alert("post_rise", -0.5))
    assert not label().explains(alert("account_wave", 29))
    assert not label("removal").explains(alert("account_wave", 1))


def test_an_account_that_is_gone_takes_its_posts_along_and_shows_at_the_second_look() -> None:
    gone = label("gone", 1.0, post=None)
    assert gone.explains(alert("post_removed", 1, detail="account_gone"))
    assert not gone.explains(alert("post_removed", 1, detail="deleted_by_author"))
    assert not gone.explains(alert("account_gone", 29, post_id=None))
    seen = Looks(accounts={ACCOUNT: [ONSET + timedelta(hours=hours) for hours in (-1, 1, 5)]})
    assert found([gone], [], seen, END) == []
    seen.accounts[ACCOUNT].append(ONSET + timedelta(hours=3))
    [one] = found([gone], [alert("account_gone", 3, post_id=None)], seen, END)
    assert (one.minutes, one.looks) == (180, 2)


def test_a_silence_can_be_seen_when_it_is_far_beyond_the_account_s_own_gaps() -> None:
    silent = label("silent", 1.0, post=None)  # far beyond after four hours
    seen = Looks(accounts={ACCOUNT: [ONSET + timedelta(hours=hours) for hours in (1, 2, 3)]})
    assert found([silent], [], seen, END) == []
    seen.accounts[ACCOUNT] += [ONSET + timedelta(hours=hours) for hours in (5, 6)]
    [one] = found([silent], [alert("account_silent", 6, post_id=None)], seen, END)
    assert (one.minutes, one.looks) == (120, 2)
    # The alerter may know fewer posts, and so shorter gaps.
    [one] = found([silent], [alert("account_silent", 3, post_id=None)], seen, END)
    assert (one.minutes, one.looks) == (0, 0)


def test_only_beginnings_for_readers_that_no_label_explains_are_without_one() -> None:
    alerts = [
        alert("post_rise", -1),
        alert("post_rise", 1),
        alert("post_rise", 1, post_id="4030000000000002"),
        alert("post_rise", 2, "escalated", post_id="4030000000000002"),
        alert("account_overdue", 1, audience="ops"),
    ]
    assert unlabelled([label()], alerts) == [alerts[0], alerts[2]]


def test_a_country_is_explained_by_effects_on_two_of_its_accounts() -> None:
    wave = alert("general_wave", 1, account_id=None)
    assert unlabelled([label()], [wave]) == [wave]
    assert unlabelled([label(), label(account="il-embassy")], [wave]) == []


def test_a_removal_is_looked_at_by_a_visit_to_who_was_known_to_have_the_post() -> None:
    removal = label("removal", 1.0)
    assert looks(1, 2).between(removal, END) == 0
    known = looks(-1)
    known.visits[ACCOUNT] += [ONSET + timedelta(hours=1)]
    assert known.between(removal, END) == 1


def test_rises_below_threefold_need_not_be_found_but_facts_and_falls_must() -> None:
    assert not label(size=2.0).must
    assert all(one.must for one in (label(), label("removal", 1.0), label("deletion", 0.4)))


def test_labels_are_those_of_the_accounts_that_are_crawled() -> None:
    row = {"kind": "wave", "mid": POST, "onset": ONSET.isoformat(), "end": END.isoformat(), "size": 3.0}
    document = {"effects": [{**row, "uid": "1"}, {**row, "uid": "2"}]}
    assert labels_of(document, {"1": ACCOUNT}) == [Label("wave", ACCOUNT, POST, ONSET, END, 3.0)]


def test_parts_of_numbers() -> None:
    assert (part([], 0.5), part([3, 1, 2], 0.5), part([3, 1, 2], 0.9)) == (0, 2, 3)
