import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsing.times import SHANGHAI, ShownTime, read_time

SEEN = datetime(2024, 3, 1, 4, 30, 15, tzinfo=UTC)  # 12:30:15 in Shanghai

LOCAL = st.datetimes(SEEN.replace(year=2011, tzinfo=None), SEEN.replace(year=2035, tzinfo=None))


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/New_York"], autouse=True)
def machine_zone(request, monkeypatch):
    """Nothing here may depend on where the machine is."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield os.environ["TZ"]
    monkeypatch.undo()
    time.tzset()


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "moment"),
    [
        ("Sat Jan 14 18:39:37 +0800 2023", utc(2023, 1, 14, 10, 39, 37)),
        ("Mon Nov 18 10:00:00 +0800 2024", utc(2024, 11, 18, 2)),
        ("刚刚", SEEN),
        ("5秒前", SEEN - timedelta(seconds=5)),
        ("3分钟前", SEEN - timedelta(minutes=3)),
        ("2小时前", SEEN - timedelta(hours=2)),
        ("今天 12:30", utc(2024, 3, 1, 4, 30)),
        ("昨天 23:05", utc(2024, 2, 29, 15, 5)),
        ("02-29", utc(2024, 2, 28, 16)),
        ("03-02", utc(2023, 3, 1, 16)),
        ("07-12 08:30", utc(2023, 7, 12, 0, 30)),
        ("06月17日 18:12", utc(2023, 6, 17, 10, 12)),
        ("2016-12-20", utc(2016, 12, 19, 16)),
        ("2020-06-05 11:11:05", utc(2020, 6, 5, 3, 11, 5)),
        ("2016年12月20日 08:30", utc(2016, 12, 20, 0, 30)),
        ("06月17日 18:12\xa0来自微博 weibo.com", utc(2023, 6, 17, 10, 12)),
    ],
)
def test_every_known_form(shown, moment):
    assert read_time(shown, SEEN).moment == moment


def test_the_29th_of_february_is_the_last_one():
    assert read_time("02-29", utc(2027, 5, 1)).moment == utc(2024, 2, 28, 16)


def test_new_year_in_shanghai_comes_before_utc():
    seen = utc(2023, 12, 31, 17)  # 01:00 on 1 January in Shanghai
    assert read_time("01-01", seen).moment == utc(2023, 12, 31, 16)
    assert read_time("今天 00:30", seen).moment == utc(2023, 12, 31, 16, 30)
    assert read_time("12-31", seen).moment == utc(2023, 12, 30, 16)


@pytest.mark.parametrize(
    "odd", [None, 0, "", "soon", "02-30", "13-01", "2023-02-29", "Sat Foo 14 18:39:37 +0800 2023", "1970-01-01"]
)
def test_what_is_no_time_is_none(odd):
    assert read_time(odd, SEEN) is None


@given(st.text() | st.integers() | st.none() | st.from_regex(r"[0-9]{1,5}[-秒分小月年前今天 :]{1,3}[0-9]{0,5}"))
def test_never_raises(value):
    read_time(value, SEEN)


@given(LOCAL)
def test_the_long_form_is_read_to_the_second(local):
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    shown = f"{days[local.weekday()]} {months[local.month - 1]} {local:%d %H:%M:%S} +0800 {local.year}"
    assert read_time(shown, SEEN).moment == local.replace(microsecond=0, tzinfo=SHANGHAI)


@given(
    LOCAL,
    st.timedeltas(timedelta(0), timedelta(days=364)),
)
def test_a_date_without_year_spans_the_truth(seen_local, age):
    seen = seen_local.replace(tzinfo=SHANGHAI)
    truth = (seen - age).replace(microsecond=0)
    shown = read_time(f"{truth:%m-%d}", seen)
    if (truth.month, truth.day) != (seen.month, seen.day):
        assert shown.earliest <= truth <= shown.latest


def test_the_id_refines_a_date_to_the_second():
    shown = read_time("06-14", utc(2019, 6, 15, 6))
    assert shown.refined_by("4383183661430868") == utc(2019, 6, 14, 12, 38, 3)


def test_an_id_of_another_making_is_not_followed():
    shown = read_time("2010-06-18", utc(2019, 6, 15, 6))
    for other in ("20110061812539159", "1", "redacted", "9" * 19):
        assert shown.refined_by(other) == shown.moment


@pytest.mark.parametrize(("seconds", "end"), [(-90, "earliest"), (90, "latest")])
def test_an_id_just_outside_means_the_end_of_what_is_shown(seconds, end):
    told = utc(2019, 6, 14, 12, 38, 3)  # by the id
    width = timedelta(hours=1)
    earliest = told - timedelta(seconds=seconds) if end == "earliest" else told - timedelta(seconds=seconds) - width
    shown = ShownTime(earliest + width, earliest, earliest + width)
    assert shown.refined_by("4383183661430868") == getattr(shown, end)


def test_an_exact_time_is_not_refined():
    shown = read_time("Fri Jun 14 20:40:17 +0800 2019", SEEN)
    assert shown.refined_by("4383184227485243") == utc(2019, 6, 14, 12, 40, 17)  # the id says 18
