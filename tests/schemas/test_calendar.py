"""The calendar: what a list may say, what is refused and where, and that the table holds what the lists say."""

from datetime import UTC, date, datetime

import pytest

from schemas import calendar
from schemas.calendar import CalendarError, load, read
from schemas.calendar_table import load_calendar
from schemas.settings import Calendar, Settings

WORDS = 'name_en = "x"\nname_zh = "某"\nkind = "death"\nsource = "y"\n'
NOW = datetime(2016, 12, 31, 15, 59, tzinfo=UTC)


def written(tmp_path, text):
    file = tmp_path / "calendar.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_ours_has_the_days_of_2016():
    days = {(event.day, event.country_code): event for event in load(Settings(), date(2016, 12, 31))}
    assert days[date(2016, 9, 28), "IL"].name_en == "Death of Shimon Peres"
    assert days[date(2016, 10, 13), "TH"].name_zh == "泰国国王普密蓬·阿杜德逝世"
    for month, day in ((7, 7), (9, 18), (12, 13)):
        assert days[date(2016, month, day), None].kind == "anniversary"
        assert days[date(2017, month, day), None].day.year == 2017, "next year's stand there as well"
    assert (date(2013, 12, 13), None) not in days, "the memorial day began in 2014"
    assert (date(2018, 9, 18), None) not in days
    assert all(event.source and event.name_zh for event in days.values())


def test_yearly_ones_stand_in_each_of_their_years(tmp_path):
    file = written(
        tmp_path,
        f'[[yearly]]\nmonth_day = "02-29"\n{WORDS}[[yearly]]\nmonth_day = "03-01"\nsince = 2014\nuntil = 2015\n{WORDS}',
    )
    assert [event.day.isoformat() for event in read(file, 2019)] == [
        "2012-02-29", "2016-02-29", "2020-02-29", "2014-03-01", "2015-03-01",
    ]  # fmt: skip


def test_the_operators_own_is_added_and_wins(tmp_path):
    file = written(
        tmp_path,
        '[[event]]\nday = 2016-09-28\nname_en = "death of shimon peres"\nname_zh = "佩雷斯"\ncountry_code = "IL"\n'
        'kind = "death"\nsource = "ours"\n[[event]]\nday = 2016-12-20\nuntil = 2016-12-22\ncountry_code = "US"\n'
        + WORDS,
    )
    events = load(Settings(calendar=Calendar(file=file)), date(2016, 12, 31))
    assert len(events) == len(load(Settings(), date(2016, 12, 31))) + 1
    assert [event.source for event in events if event.day == date(2016, 9, 28)] == ["ours"]
    assert [event.last_day for event in events if event.day == date(2016, 12, 20)] == [date(2016, 12, 22)]
    assert list(events) == sorted(events, key=lambda event: event.day)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[event]", "line 1"),
        ("[[evnt]]\n", "'evnt' is not known: only event and yearly are"),
        ("event = 3\n", r"\[\[event\]\]: Input should be a valid dictionary"),
        (f"\n[[event]]\nday = 2016-02-30\n{WORDS}", "line 3"),
        (f'[[event]]\nday = "soon"\n{WORDS}', "line 1: day: Input should be a valid date"),
        (f"[[event]]\nday = 1066-10-14\n{WORDS}", "line 1: day: Input should be greater than or equal to 1970-01-01"),
        (f"[[event]]\nday = 2016-09-28\nuntil = 2016-09-27\n{WORDS}", "until 2016-09-27 is before day 2016-09-28"),
        (f"[[event]]\nday = 2016-09-28\ncountry_code = \"Israel\"\n{WORDS}", "country_code: String should match"),
        (f"[[event]]\nday = 2016-09-28\ncolour = 3\n{WORDS}", "line 1: 'colour' is not a field of it"),
        ("[[event]]\nday = 2016-09-28\n", "name_en: Field required"),
        (f"[[event]]\nday = 2016-09-28\n{WORDS}" * 2, r"line 7: x on 2016-09-28 stands there twice \(line 1\)"),
        (f'[[yearly]]\nmonth_day = "02-30"\n{WORDS}', "month_day '02-30' is no day"),
        (f'[[yearly]]\nmonth_day = "9-18"\n{WORDS}', "month_day: String should match"),
        (f'[[yearly]]\nmonth_day = "09-18"\nsince = 2015\nuntil = 2014\n{WORDS}', "since 2015 is after until 2014"),
    ],
)  # fmt: skip
def test_a_wrong_calendar_says_where(tmp_path, text, words):
    file = written(tmp_path, text)
    with pytest.raises(CalendarError, match=words) as caught:
        read(file, 2016)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_problem_is_named_and_many_are_counted(tmp_path):
    file = written(tmp_path, "[[event]]\n" * 5)
    with pytest.raises(CalendarError, match=r"line 1: name_en.*; and 15 more") as caught:
        read(file, 2016)
    assert len(caught.value.problems) == 25


def test_a_calendar_that_is_not_there_is_told(tmp_path):
    missing = tmp_path / "mine.toml"
    with pytest.raises(CalendarError, match=r"mine\.toml is wrong: it can't be read"):
        load(Settings(calendar=Calendar(file=missing)), date(2016, 12, 31))


@pytest.mark.stack
def test_the_table_holds_the_calendar_and_is_loaded_when_it_changed(migrated, monkeypatch, tmp_path):
    client, settings = migrated
    assert load_calendar(client, settings, NOW)
    assert not load_calendar(client, settings, NOW)
    events = load(settings, date(2016, 12, 31))
    assert client.query("SELECT count(), min(day_from) FROM weibo.calendar").result_rows == [
        (len(events), date(2009, 1, 1))
    ]
    peres = "SELECT day_to, name_zh, country_code, kind FROM weibo.calendar WHERE day_from = '2016-09-28'"
    assert client.query(peres).result_rows == [(date(2016, 9, 28), "西蒙·佩雷斯逝世", "IL", "death")]
    monkeypatch.setattr(calendar, "BASE_LIST", written(tmp_path, f"[[event]]\nday = 2016-09-28\n{WORDS}"))
    assert load_calendar(client, settings, NOW.replace(year=2017))
    assert client.query("SELECT name_en FROM weibo.calendar").result_rows == [("x",)]
    # A minute later it is another year in Beijing, and yearly ones reach one year further.
    monkeypatch.setattr(calendar, "BASE_LIST", written(tmp_path, f'[[yearly]]\nmonth_day = "09-18"\n{WORDS}'))
    assert load_calendar(client, settings, NOW.replace(year=2018))
    assert load_calendar(client, settings, NOW.replace(year=2018, hour=16, minute=0))
    assert client.query("SELECT max(day_from) FROM weibo.calendar").result_rows == [(date(2020, 9, 18),)]
