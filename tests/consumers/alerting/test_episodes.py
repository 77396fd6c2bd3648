"""One story, one episode: it starts once, escalates by its height, and ends; the same after any restart."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from consumers.alerting.episodes import Changed, Episodes, Policy
from consumers.alerting.findings import Basis, Finding, FindingKind, Subject

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
POST = Subject("post", "501", "us-embassy")
ACCOUNT = Subject("account", "us-embassy", "us-embassy")


def finding(hours: float, score: float, subject: Subject = POST, **more: object) -> Finding:
    kind: FindingKind = "post_rise" if subject.kind == "post" else "account_wave"
    fields: dict[str, object] = {"kind": kind, "value": 100 * score, **more}
    return Finding(subject=subject, at=BEGIN + timedelta(hours=hours), score=score, **fields)  # type: ignore[arg-type]


def told(episodes: Episodes, *findings: Finding) -> list[tuple[str, str, int]]:
    changes: list[Changed] = []
    for one in findings:
        changes += episodes.take(one)
    return [(change.change, change.episode.severity, change.episode.number) for change in changes]


def test_a_rise_is_one_episode_and_not_a_message_per_sample() -> None:
    steps = [finding(0, 0.9), finding(1, 1.1), finding(2, 1.2), finding(3, 2.1), finding(4, 2.2), finding(5, 4.5)]
    assert told(Episodes(), *steps) == [
        ("started", "notice", 1),
        ("escalated", "warning", 2),
        ("escalated", "critical", 3),
    ]


def test_steps_within_a_severity_are_updates_for_rules_of_any_level() -> None:
    steps = [finding(0, 4.0), finding(1, 5.0), finding(2, 5.7), finding(3, 7.9), finding(4, 8.1)]
    assert [change for change, _, _ in told(Episodes(), *steps)] == ["started", "updated", "updated"]


def test_it_is_over_when_it_was_low_for_a_while_and_not_at_the_first_low() -> None:
    flapping = [finding(0, 1.5), finding(1, 0.8), finding(2, 0.6), finding(3, 0.8), finding(4, 0.6), finding(6, 0.6)]
    episodes = Episodes()
    assert [change for change, _, _ in told(episodes, *flapping)] == ["started"]
    (ended,) = episodes.take(finding(7, 0.5))
    assert (ended.change, ended.episode.ended_at) == ("ended", BEGIN + timedelta(hours=7))
    assert (ended.episode.peak_score, ended.episode.peak_value) == (1.5, 150)
    assert episodes.open == []


def test_what_stays_high_without_a_new_height_is_over_after_a_day() -> None:
    steps = [finding(hour, 3.0) for hour in range(0, 27, 3)]
    assert [change for change, _, _ in told(Episodes(), *steps)] == ["started", "ended"]


def test_what_is_not_heard_of_is_over_in_the_accounts_own_time() -> None:
    episodes = Episodes(Policy(stale=timedelta(days=9)))
    told(episodes, finding(0, 3.0))
    assert episodes.advance("us-embassy", BEGIN + timedelta(hours=47)) == []
    assert episodes.advance("fr-embassy", BEGIN + timedelta(hours=99)) == []
    (ended,) = episodes.advance("us-embassy", BEGIN + timedelta(hours=48))
    assert (ended.change, ended.finding.detail, ended.finding.value) == ("ended", "not_heard_of", 300)


@pytest.mark.parametrize(("subject", "hours"), [(POST, 7 * 24), (ACCOUNT, 24)])
def test_after_its_end_a_subject_must_go_beyond_what_it_was(subject: Subject, hours: int) -> None:
    episodes = Episodes()
    told(episodes, finding(0, 2.0, subject), finding(1, 0.1, subject), finding(4, 0.1, subject))
    assert told(episodes, finding(6, 2.5, subject)) == []
    assert told(episodes, finding(7, 2.9, subject)) == [("started", "warning", 1)]
    told(episodes, finding(8, 0.1, subject), finding(12, 0.1, subject))
    assert told(episodes, finding(12 + hours, 1.0, subject)) == []
    assert told(episodes, finding(13 + hours, 1.0, subject)) == [("started", "notice", 1)]


@pytest.mark.parametrize(("subject", "hours"), [(POST, 7 * 24), (ACCOUNT, 24)])
def test_ended_episodes_are_forgotten_after_the_cool_down(subject: Subject, hours: int) -> None:
    episodes = Episodes()
    told(episodes, finding(0, 2.0, subject), finding(1, 0.1, subject), finding(4, 0.1, subject))
    episodes.dirty()
    episodes.advance("us-embassy", BEGIN + timedelta(hours=4 + hours))
    assert episodes.dirty() == []
    episodes.advance("us-embassy", BEGIN + timedelta(hours=4 + hours, seconds=1))
    kind = finding(0, 2.0, subject).kind
    assert next((key, episodes.dump(key)) for key in episodes.dirty()) == (f"{kind}:{subject.key}", None)


def test_a_post_that_is_removed_again_is_told_again() -> None:
    gone = [finding(hours, score, kind="post_removed") for hours, score in ((0, 2.0), (5, 0.0), (9, 0.0), (40, 2.0))]
    assert [change for change, _, _ in told(Episodes(), *gone)] == ["started", "ended", "started"]


def test_doubts_keep_it_from_starting_and_from_nothing_else() -> None:
    doubted = finding(0, 5.0, doubts=("first_sight",))
    assert told(Episodes(), doubted) == []
    episodes = Episodes()
    told(episodes, finding(0, 1.5))
    assert told(episodes, finding(1, 5.0, doubts=("after_gap",))) == []
    assert told(episodes, finding(2, 5.0)) == [("escalated", "critical", 2)]


def test_a_provisional_expectation_makes_nothing_graver_than_a_notice() -> None:
    warming = Basis("curve", 9, 20)
    assert told(Episodes(), finding(0, 9.0, basis=warming)) == [("started", "notice", 1)]
    assert told(Episodes(), finding(0, 9.0, basis=Basis("type", 20, 20))) == [("started", "critical", 1)]


def test_late_findings_change_nothing() -> None:
    episodes = Episodes()
    told(episodes, finding(5, 1.5))
    assert told(episodes, finding(4, 9.0), finding(5, 1.5)) == []


def test_a_fact_lasts_until_its_detector_says_that_it_is_over() -> None:
    def gone(hours: float, score: float) -> Finding:
        return finding(hours, score, ACCOUNT, kind="account_gone")

    episodes = Episodes()
    assert [change for change, _, _ in told(episodes, *(gone(hour, 4.0) for hour in range(0, 72, 6)))] == ["started"]
    assert [change for change, _, _ in told(episodes, gone(73, 0.0))] == ["ended"]


def test_a_wave_speaks_for_the_posts_of_its_account_unless_one_is_graver() -> None:
    episodes = Episodes()
    (wave,) = episodes.take(finding(0, 2.5, ACCOUNT))
    (quiet,) = episodes.take(finding(1, 1.5))
    (elsewhere,) = episodes.take(finding(1, 1.5, Subject("post", "9", "fr-embassy")))
    assert (wave.episode.muted_by, quiet.episode.muted_by, elsewhere.episode.muted_by) == (None, wave.episode.id, None)
    (loud,) = episodes.take(finding(2, 4.5))
    assert (loud.change, loud.episode.muted_by) == ("escalated", None)


def test_a_post_that_was_told_speaks_for_the_wave_that_it_makes() -> None:
    episodes = Episodes()
    (post,) = episodes.take(finding(0, 2.5))
    (other,) = episodes.take(finding(0.5, 2.5, Subject("post", "502", "us-embassy")))
    (wave,) = episodes.take(finding(1, 1.5, ACCOUNT))
    assert (other.episode.muted_by, wave.episode.muted_by) == (None, post.episode.id)


def test_accounts_that_rise_together_are_one_story() -> None:
    episodes = Episodes()
    names = ["il-embassy", "us-embassy", "th-embassy", "fr-embassy"]
    rises = [finding(hour, 1.5, Subject("account", name, name)) for hour, name in enumerate(names)]
    changes = [change for one in rises for change in episodes.take(one)]
    first = changes[0].episode.id
    assert [change.episode.story for change in changes] == [None, None, first, first]
    assert changes[3].accounts == tuple(names)
    (late,) = episodes.take(finding(40, 1.5, Subject("account", "jp-embassy", "jp-embassy")))
    assert late.episode.story is None, "another day is another story"


def test_a_second_post_of_one_account_is_no_second_account() -> None:
    episodes = Episodes()
    rises = [finding(0, 1.5, Subject("post", str(number), "us-embassy")) for number in range(5)]
    assert {change.episode.story for one in rises for change in episodes.take(one)} == {None}


@pytest.mark.parametrize("seed", range(30))
def test_a_restart_anywhere_tells_the_same(seed: int) -> None:
    dice = random.Random(seed)
    accounts = ["us-embassy", "fr-embassy", "il-embassy"]
    subjects = [Subject("account", name, name) for name in accounts]
    subjects += [Subject("post", str(500 + number), accounts[number % 3]) for number in range(5)]
    steps = []
    for number in range(300):
        subject, score = dice.choice(subjects), dice.choice([0.1, 0.6, 0.9, 1.2, 2.5, 5.0])
        steps.append(finding(number / 2, score, subject, doubts=dice.choice([(), (), ("after_gap",)])))

    def run(restarts: bool) -> list[Changed]:
        episodes, kept, found = Episodes(), dict[str, list[object]](), list[Changed]()
        for step in steps:
            found += episodes.take(step)
            found += episodes.advance(step.subject.account_id or "", step.at)
            for key in episodes.dirty():
                state = episodes.dump(key)
                if state is None:
                    kept.pop(key, None)
                else:
                    kept[key] = state
            if restarts and dice.random() < 0.2:
                episodes = Episodes()
                for key, state in kept.items():
                    episodes.load(key, state)
        return found

    whole = run(restarts=False)
    assert len(whole) > 20
    assert run(restarts=True) == whole
