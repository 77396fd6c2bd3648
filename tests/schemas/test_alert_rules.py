"""The rules of alerts: what a file may say, what is wrong and where, and how it is reloaded and written."""

import tomllib
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.alerting.findings import FindingKind
from schemas.alert_rules import GROUPS, KINDS, Cap, QuietHours, document
from schemas.alert_rules_file import Reloading, RulesFileError, load, parse
from schemas.alert_rules_writing import TEMPLATE, appended, entry, with_value, write
from schemas.alert_subjects import resolve
from schemas.registry import Registry
from schemas.registry import load as load_registry
from schemas.settings import Settings
from tests.schemas.examples import ALERT

REGISTRY: Registry = load_registry(Settings(home=Path("/nonexistent")))
CHANNEL = '[[channel]]\nname = "press"\naddress = "mailto:press@example.org"\n'


def said(text, **more):
    """The sentences that loading says."""
    return [str(problem) for problem in parse(text, REGISTRY, environment={}, **more)[1]]


def subscription(**values):
    """A subscription and its channel, as text."""
    return CHANNEL + entry("subscription", {"name": "s", "channels": ("press",), **values})


def test_every_kind_of_finding_is_in_one_group():
    listed = [kind for kinds in GROUPS.values() for kind in kinds]
    assert sorted(listed) == sorted(FindingKind.__args__)
    assert set(listed) == KINDS


def test_without_a_file_and_with_the_documented_one_there_are_no_rules(tmp_path):
    for file in (tmp_path / "alerts.toml", TEMPLATE):
        rules, problems = load(file, REGISTRY)
        assert (rules.subscriptions, rules.channels, rules.silences, problems) == ((), (), (), ())


def test_the_example_of_the_documentation_is_right():
    text = TEMPLATE.read_text().partition("# For example:\n")[2]
    rules, problems = parse("\n".join(line[2:] for line in text.splitlines()), REGISTRY)
    assert problems == ()
    (one,) = rules.subscriptions
    assert one.subjects.accounts == {"de-embassy"}
    assert one.subjects.countries == {"DE"}
    assert (one.at_most, one.quiet) == (Cap(1, "month"), QuietHours(time(22), time(7)))
    assert (one.timezone, one.comes_through, one.level, one.language) == ("Asia/Shanghai", "critical", 1, "en")


def test_defaults_need_no_editing():
    (one,) = parse(subscription(), REGISTRY)[0].subscriptions
    assert one.subjects.everybody
    assert all(one.is_about(kind, "ops" if kind in GROUPS["watcher"] else "press") != (kind in GROUPS["watcher"])
               for kind in KINDS), "the watcher's own troubles are for ops alone"  # fmt: skip


@pytest.mark.parametrize(
    ("words", "accounts"),
    [
        ("德国", {"de-embassy"}),
        ("germany", {"de-embassy"}),
        ("@美国驻华大使馆", {"us-embassy"}),
        ("usembassy", {"us-embassy"}),
        ("uid:1743951792", {"us-embassy"}),
        ("uid:123", {"uid:123"}),
        ("US", {account.id for account in REGISTRY.accounts if account.country_code == "US"}),
        ("bloc:g7", {account.id for account in REGISTRY.accounts if "G7" in account.bloc}),
        ("tier:normal", {account.id for account in REGISTRY.accounts if account.tier == "normal"}),
    ],
)
def test_whom_words_name(words, accounts):
    subjects, problems = resolve((words,), REGISTRY)
    assert (subjects.accounts, problems) == (accounts, [])


def test_whom_a_rule_concerns():
    germany, _ = resolve(("DE",), REGISTRY)
    of = ALERT.model_copy
    assert not germany.concerned(ALERT)
    assert germany.concerned(of(update={"account_id": "de-embassy"}))
    assert germany.concerned(of(update={"account_id": None, "post_id": None, "country": "DE"}))
    wave = of(update={"account_id": None, "post_id": None, "accounts": ("us-embassy", "de-embassy")})
    assert germany.concerned(wave)
    assert not germany.concerned(of(update={"accounts": ("us-embassy", "de-embassy")})), "another account's own"
    assert not germany.covers(wave), "what silences one account does not silence a wave over many"
    assert resolve(("post:4059000000000001",), REGISTRY)[0].covers(ALERT)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (subscription(who=("germny",)), "line 4 (subscription s): who: 'germny' is not in the registry (did you mean"),
        (subscription(who=("germny",)), "nothing is left of its who, so that it can never fire"),
        (subscription(metrics=("lieks",)), "line 4 (subscription s): metrics: 'lieks' is not known (did you mean like"),
        (subscription(about=("rise",)), "about: 'rise' is not known (did you mean rises?)"),
        (subscription(channels=("pres",)), "channels: 'pres' is not known (did you mean press?)"),
        (subscription(timezone="Mars/Base"), "timezone: no such time zone; Asia/Shanghai and Europe/Berlin are ('Mars"),
        (subscription(level=0.5), "level: an episode begins at 1, so that a lower level always fires"),
        (subscription(level=1e9), "level: Input should be less than or equal to 1000"),
        (subscription(at_most="0/day"), "at_most: with 0 it can never fire"),
        (subscription(at_most="often"), "at_most: so many per time is expected, such as 3/day"),
        (subscription(quiet="22-7"), "quiet: two times of day are expected, such as 22:00-07:00"),
        (subscription(quiet="25:00-26:00"), "quiet: two times of day are expected"),
        (subscription(quiet="09:00-09:00"), "quiet hours that never end"),
        (subscription(colour="red"), "line 4 (subscription s): 'colour' is not a field of it"),
        (subscription(subjects="x"), "subjects: is not a field of it"),
        (
            subscription(about=("followers",), metrics=("likes",)),
            "it can never fire: followers is never decided by lik",
        ),
        (subscription(about=("removals",), metrics=("likes",)), "metrics have no effect: removals is not decided by a"),
        (subscription() + entry("subscription", {"name": "s", "channels": ("press",)}), "of that name already"),
        (CHANNEL, "channel press: no subscription uses it"),
        (CHANNEL + CHANNEL, "line 4 (channel press): there is a channel of that name already"),
        ("[[chanel]]\n", "'chanel' is not known: only [[subscription]], [[channel]] and [[silence]] are"),
        ('[[channel]]\nname = "x"\naddress = "press"\n', "line 1 (channel x): address: a URL is expected"),
        (
            '[[channel]]\nname = "x"\naddress = "a:b"\ntoken = "env:NO"\n',
            "it can't be used: token: the environment has no variable NO",
        ),
        ('[[channel]]\nname = "x"\naddress = "a:b"\ntoken = "file:/no/x"\n', "the file /no/x can't be read (No such"),
        (entry("silence", {"who": ("DE",), "author": "a", "reason": "r"}), "until: Field required"),
        (entry("silence", {"who": ("DE",), "author": "a", "reason": "r", "until": "soon"}), "a moment is expected"),
        (
            entry("silence", {"who": ("all",), "author": "a", "reason": "r", "until": "2016-01-01"}),
            "it silences everything until 2016-01-01 16:00 UTC",
        ),
    ],
)
def test_what_is_wrong_is_said_by_line_and_name(text, sentence):
    assert any(sentence in one for one in said(text)), said(text)


def test_the_rest_goes_on():
    text = (
        subscription(who=("germny", "FR"), metrics=("likes", "lieks"), about=("rises", "rise"))
        + entry("subscription", {"name": "bad", "channels": ("press",), "level": 0})
        + entry("subscription", {"name": "good", "channels": ("press", "none")})
        + entry("silence", {"who": ("Narnia",), "author": "a", "reason": "r", "until": "2030-01-01"})
    )
    rules, problems = parse(text, REGISTRY)
    first, good = rules.subscriptions
    assert (first.subjects.accounts, first.metrics, first.about) == ({"fr-embassy"}, ("likes",), ("rises",))
    assert (good.name, good.channels, rules.silences) == ("good", ("press",), ())
    assert len(problems) == 7


def test_a_secret_in_the_wrong_place_is_refused_and_not_repeated():
    for line in (
        'address = "mailto:a@example.org"\npassword = "hunter2"',
        'address = "smtp://user:hunter2@example.org"',
        'address = "https://example.org/?access_token=hunter2"',
        'address = "mailto:a@example.org"\nsecret = "env:hunter2 "',
        'address = "mailto:a@example.org"\nsecret = ["hunter2"]',
    ):
        (one,) = said(f'[[channel]]\nname = "x"\n{line}\n')
        assert "hunter2" not in one
        assert one.startswith("line 1 (channel x): ")


def test_secrets_are_places_and_a_channel_that_is_refused_is_told(tmp_path):
    (tmp_path / "s").write_text("hunter2")
    text = f'{CHANNEL}token = "file:{tmp_path}/s"\nsecret = "env:S"\n' + entry(
        "subscription", {"name": "s", "channels": ("press",)}
    )
    rules, problems = parse(text, REGISTRY, environment={"S": "x"})
    assert (rules.channels[0].secrets, problems) == ({"token": f"file:{tmp_path}/s", "secret": "env:S"}, ())
    (refused,) = said(text.replace("env:S", f"file:{tmp_path}/s"), refuses=lambda channel: f"{channel.name} is full")
    assert refused == "line 1 (channel press): it can't be used: press is full"


def test_quiet_hours_go_over_midnight_in_their_time_zone():
    night = QuietHours(time(22), time(7))
    assert night.hold(datetime(2016, 7, 1, 22, 30, tzinfo=UTC), "Asia/Shanghai"), "half past six in Beijing"
    assert not night.hold(datetime(2016, 7, 1, 23, tzinfo=UTC), "Asia/Shanghai")
    assert night.hold(datetime(2016, 7, 1, 20, tzinfo=UTC), "Europe/Berlin"), "ten in the evening in summer"
    assert not night.hold(datetime(2016, 12, 1, 20, tzinfo=UTC), "Europe/Berlin")


def test_a_silence_ends_with_its_day_in_beijing():
    (one,) = parse(entry("silence", {"who": ("DE",), "author": "a", "reason": "r", "until": "2016-12-31"}), REGISTRY)[
        0
    ].silences
    assert one.until == datetime(2016, 12, 31, 16, tzinfo=UTC)
    assert one.holds(one.until - timedelta(seconds=1))
    assert not one.holds(one.until)
    assert document(one)["until"] == "2016-12-31T16:00:00+00:00"


def test_a_wrong_edit_keeps_the_old_rules_and_says_so():
    reloading = Reloading(REGISTRY)
    assert reloading.offer(subscription()) == ("alert rules in force: 1 subscriptions, 1 channels, 0 silences",)
    rules = reloading.rules
    assert reloading.offer(subscription()) == ()
    *_, kept = reloading.offer(subscription(level=0))
    assert "those before it stay in force" in kept
    (broken,) = reloading.offer("[[subscription]\n")
    assert "the rules before the edit stay in force" in broken
    assert reloading.rules is rules
    reloading.offer(subscription(level=2))
    assert reloading.rules.subscriptions[0].level == 2


def test_the_first_rules_are_taken_as_far_as_they_are_right():
    reloading = Reloading(REGISTRY)
    assert "there are no rules" in reloading.offer("[[")[0]
    reloading.offer(subscription() + entry("subscription", {"name": "bad", "channels": ("press",), "level": 0}))
    assert [one.name for one in reloading.rules.subscriptions] == ["s"]


def test_a_file_that_is_no_toml_has_no_rest(tmp_path):
    file = tmp_path / "alerts.toml"
    file.write_text("[[subscription]\n")
    with pytest.raises(RulesFileError, match=r"alerts\.toml are wrong: .*line 1"):
        load(file, REGISTRY)
    with pytest.raises(RulesFileError, match="can't be read: Is a directory"):
        load(tmp_path, REGISTRY)


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@given(TEXTS, st.lists(TEXTS, max_size=3), st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_is_read_again(text, several, number):
    written = entry("silence", {"who": tuple(several), "reason": text, "level": number, "none": None})
    assert tomllib.loads(written) == {"silence": [{"who": several, "reason": text, "level": number}]}


def test_comments_stay_where_something_is_added_or_changed(tmp_path):
    file = tmp_path / "sub" / "alerts.toml"
    write(file, lambda text: appended(text, entry("silence", {"who": ("DE",), "until": "2030-01-01"})))
    assert file.read_text().startswith(TEMPLATE.read_text())
    file.write_text("# mine\n[[silence]] # one\nuntil = 2030-01-01 # soon\n[[silence]]\nwho = ['FR']")
    file.chmod(0o600)
    moment = datetime(2016, 1, 2, 3, tzinfo=UTC)
    write(file, lambda text: with_value(text, "silence", 0, "until", moment))
    write(file, lambda text: with_value(text, "silence", 1, "until", moment))
    text = file.read_text()
    assert text.startswith("# mine\n[[silence]] # one\n")
    assert [one["until"] for one in tomllib.loads(text)["silence"]] == [moment, moment]
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["alerts.toml"]


@pytest.mark.parametrize("text", ["silence = [{until = 1}]\n", '[[silence]]\nuntil = """\n[[silence]]\nuntil = 2"""\n'])
def test_what_only_a_person_can_change_is_left_alone(text):
    with pytest.raises(RulesFileError):
        with_value(text, "silence", 0, "until", "2030-01-01")


def test_a_link_is_followed_and_a_place_that_is_none_is_told(tmp_path):
    real, link = tmp_path / "real.toml", tmp_path / "alerts.toml"
    real.write_text("# x\n")
    link.symlink_to(real)
    write(link, lambda text: text + "# y\n")
    assert link.is_symlink()
    assert real.read_text() == "# x\n# y\n"
    with pytest.raises(RulesFileError, match="can't be read: Not a directory"):
        write(real / "below" / "alerts.toml", lambda text: text)
