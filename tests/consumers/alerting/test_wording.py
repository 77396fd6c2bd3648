"""The wording of alerts: what it says, that it always says something, and that strangers' words change nothing."""

import re
import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.alerting import figures
from consumers.alerting.baselines import METRICS, WEIGHTS
from consumers.alerting.episodes import SEVERITIES
from consumers.alerting.findings import BasisKind, FindingKind
from consumers.alerting.phrases_en import ENGLISH
from consumers.alerting.phrases_zh import CHINESE
from consumers.alerting.quoting import quoted
from consumers.alerting.wording import worded
from schemas.alert_rules import MEASURED
from schemas.alerts import AlertBasis
from schemas.registry import load
from schemas.settings import Settings
from tests.schemas.examples import ALERT, MOMENT

ACCOUNTS = load(Settings(home=Path("/nonexistent"))).by_id
KINDS = FindingKind.__args__
CHANGES = ("started", "escalated", "updated", "ended")
OPTIONAL = {
    name: ()
    if name in ("topics", "terms", "accounts", "behind", "curve")
    else False
    if name in ("incomplete", "at_least")
    else None
    for name, field in type(ALERT).model_fields.items()
    if not field.is_required() and name not in ("type", "account_id", "ended_at")
}
BARE = ALERT.model_copy(update=OPTIONAL)


def of(base=ALERT, **values):
    return base.model_copy(update=values)


FIRST = of(number=1, change="started", value=600, severity="notice", score=1.2,
           observed_at=MOMENT - timedelta(minutes=80))  # fmt: skip


def test_a_rise_in_english():
    said = worded(ALERT, "en", ACCOUNTS, FIRST)
    assert said.title == (
        "Embassy of the United States in China: a post is taking off: at least 900 comments (7.5 times what was "
        "expected) – now a warning"
    )
    assert said.text == (
        "A post of the Embassy of the United States in China has at least 900 comments, 2 h 4 min after its "
        "publication. Expected at this point: 120 (usually 60 to 241). This is 7.5 times as much. It is growing by "
        "640 comments an hour.\n\n"
        "The post begins: “新年快乐 ［心］”. Topics: “中美关系”. Words that mark it: “签证”. 2 accounts share in "
        "it: Embassy of the United States in China, gb-embassy.\n\n"
        "Since the last message, 80 min earlier: comments from at least 600 to at least 900, severity from notice to "
        "warning, score from 1.2 to 2.5.\n\n"
        "The expectation rests on 18 posts of the same type by this account (4 Oct 2016 to 2 Jan 2017). The "
        "expectation is provisional, warming up: 18 of 20 posts followed; until then this is never more than a "
        "notice.\n\n"
        "Observed on 2 Jan 2017, 11:04 Beijing time (03:04 UTC), 30 min after the observation before. The last visit "
        "read 90 % of what it should have read. The data may be incomplete: some are late or missing, so that this "
        "may change.\n\n"
        "Severity: warning. The score is 2.5; a notice begins at 1, a warning at 2, what is critical at 4."
    )
    facts = dict(said.facts)
    assert facts["Usual range"] == "60 – 241"
    assert facts["Speed"] == "640 an hour"
    assert facts["Curve"] == "weiplomacy ask post-curve --post 4059000000000001"
    assert facts["SQL"] == (
        f"weiplomacy sql \"SELECT * FROM weibo.alerts WHERE episode_id = '{ALERT.episode_id}' ORDER BY number\""
    )
    assert said.links == (("The post on Weibo", "https://m.weibo.cn/status/4059000000000001"),)


def test_a_rise_in_chinese():
    said = worded(of(value=34_567), "zh", ACCOUNTS)
    assert said.title == "美国驻华大使馆：一条微博迅速升温，已有至少3.5万条评论（预期的287倍），现为“警告”级"
    assert said.text == (
        "美国驻华大使馆的一条微博发布2小时4分钟后已有至少3.5万条评论。此时的预期为120（通常在60至241之间）。"
        "实际为预期的287倍。目前每小时增加约640条评论。\n\n"
        "微博开头：“新年快乐 ［心］”。话题：“中美关系”。特征词：“签证”。"
        "共2个帐号涉及其中：美国驻华大使馆、gb-embassy。\n\n"
        "此前级别为“提示”。\n\n"
        "预期依据为该帐号同类型的18条微博（2016年10月4日至2017年1月2日）。"
        "预期尚属初步，积累中：20条微博中已跟踪18条微博；在此之前级别不高于“提示”。\n\n"
        "观测于2017年1月2日11:04（北京时间；UTC 03:04），距上次观测30分钟。最近一次访问读到应读内容的90%。"
        "数据可能不全：部分数据迟到或缺失，结果可能变化。\n\n"
        "级别：警告。评分为2.5（1起为提示，2起为警告，4起为严重）。"
    )


END = of(
    change="ended", severity="critical", ended_at=MOMENT, started_at=MOMENT - timedelta(hours=5, minutes=10), score=0.3,
    value=3_500, at_least=False, peak_value=3_400, peak_score=5.6, peak_at=MOMENT - timedelta(hours=12),
    topics=(), terms=(), accounts=(), coverage=None, incomplete=False, words=None,
)  # fmt: skip


def test_an_end_says_how_long_it_was_how_high_and_when():
    said = worded(END, "en", ACCOUNTS)
    assert said.title == "Embassy of the United States in China: the rise of a post is over, after 5 h 10 min"
    assert said.text.startswith(
        "The rise of the post is over. It lasted 5 h 10 min, from 2 Jan 2017, 05:54 Beijing time (1 Jan 21:54 UTC) to "
        "2 Jan 2017, 11:04 Beijing time (03:04 UTC). The peak was 3,400 comments on 1 Jan 2017, 23:04 Beijing time "
        "(15:04 UTC), with a score of 5.6."
    )
    assert "最高为3,400条评论，时间为2017年1月1日23:04（北京时间；UTC 15:04），评分5.6。" in worded(END, "zh").text
    unheard = of(END, detail="not_heard_of", metric=None, value=None)
    text = worded(unheard, "en", previous=FIRST).text
    assert text.startswith("Nothing was observed of it for so long that the alert is closed; it may still go on.")
    assert "The peak was 3,400 comments on" in text, "what it was is known from the message before"
    assert "For a day it reached no new height." in worded(of(END, detail="no_new_height"), "en").text


@pytest.mark.parametrize(
    ("values", "english", "chinese"),
    [
        (
            {"kind": "post_removed", "detail": "deleted_by_author"},
            "(Weibo says that its author deleted it)",
            "被作者删",
        ),
        ({"kind": "post_removed", "detail": "<b>gone</b>"}, "(＜b＞gone＜/b＞)", "（＜b＞gone＜/b＞）"),
        ({"kind": "post_edited", "detail": "text,media"}, "(its text, its pictures or video)", "（正文、图片或视频）"),
        ({"kind": "account_renamed", "detail": "新名"}, "changed its name on Weibo (新名)", "已改名（新名）"),
        (
            {"kind": "account_overdue", "metric": "waited_s", "value": 9000.0},
            "has not visited the Embassy of the United States in China as often as it promises (2 h 30 min).",
            "（2小时30分钟）",
        ),
        (
            {"kind": "account_overdue", "account_id": None, "subject": "all", "detail": "12 of 48"},
            "The crawl stands: 12 of 48 accounts have not been visited",
            "48个中的12个帐号",
        ),
        (
            {"kind": "coverage_low", "metric": "coverage", "value": 0.6, "expected": 0.98, "detail": "blocked"},
            "read 60 % of what they should (the last one was blocked). Expected at this point: 98 %.",
            "只读到应读内容的60%（最近一次访问被阻止）。此时的预期为98%。",
        ),
        (
            {"kind": "country_wave", "account_id": None, "country": "US", "metric": "likes", "value": 5e4},
            "A wave of likes is reaching the accounts of the United States: 50,000.",
            "美国各帐号出现赞高峰：5万。",
        ),
        (
            {"kind": "account_wave", "metric": "comments", "value": 340.0, "per_hour": 680.0, "expected": 20.0},
            "China: 340 in 30 min. Expected at this point: 20. This is 17 times as much. That is 680 comments an hour.",
            "出现评论高峰：30分钟内340。此时的预期为20。实际为预期的17倍。即每小时680条评论。",
        ),
        (
            {"kind": "general_wave", "detail": "12 of 48 accounts above their range; the one that gained most is left"},
            "12 of 48 accounts are above their usual range; the one that gained most is not counted.",
            "48个帐号中有12个高于通常范围；增长最多的一个未计入。",
        ),
        (
            {"kind": "post_rise", "metric": "interactions", "value": 700.0},
            "has 700 weighted interactions. Of these, a repost or comment counts two, a like one.",
            "已有700次加权互动。其中每次转发或评论计2，每个赞计1。",
        ),
        (
            {"kind": "account_silent", "value": 700_000.0, "expected": 604_800.0, "gap_s": 700_000.0},
            "for unusually long (8 days 2 h). For this account, more than 7 days is far beyond its usual gaps.\n\n"
            "Observed on 2 Jan 2017, 11:04 Beijing time (03:04 UTC).\n\n",
            "（8天2小时）。对该帐号而言，超过7天即远超其通常间隔。",
        ),
        ({"kind": "general_wave", "account_id": None}, "reaching all accounts", "全部帐号出现"),
        ({"kind": "lanes_paused", "account_id": None, "lane": "all"}, "All lanes of the crawl are paused", "均已暂停"),
        (
            {"kind": "counts_lost", "metric": "likes", "value": 40.0, "expected": 1200.0},
            "At its height it was 1,200",
            "40",
        ),
        ({"kind": "a_new_kind"}, "Embassy of the United States in China: a new kind", "a new kind"),
    ],
)
def test_what_kinds_say(values, english, chinese):
    assert english in worded(of(BARE, **values), "en", ACCOUNTS).text
    assert chinese in worded(of(BARE, **values), "zh", ACCOUNTS).text


@pytest.mark.parametrize("kind", [*KINDS, "a_new_kind"])
@pytest.mark.parametrize("change", [*CHANGES, "a_new_change"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_and_change_has_words(kind, change, language):
    for base in (ALERT, BARE, END, of(BARE, account_id=None, subject="all"), of(BARE, basis=ALERT.basis)):
        alert = of(base, kind=kind, change=change, ended_at=MOMENT if change == "ended" else None)
        for before in (None, FIRST, BARE):
            said = worded(alert, language, ACCOUNTS, before)
            whole = "\n".join([said.title, said.text, *(f"{label}: {value}" for label, value in said.facts)])
            assert said.title
            assert "\n" not in said.title
            assert all(part for part in said.text.split("\n\n"))
            assert all(label and value for label, value in said.facts)
            assert "None" not in whole
            assert not re.search(r"[{}]|  |[ (（:：，,]\.|（）|\(\)|：。|，。|。。", whole), whole


def test_the_words_say_what_the_detectors_do():
    assert WEIGHTS == (2, 2, 1), "as in `weighted`"
    assert [least for least, _ in SEVERITIES] == [4, 2, 0], "as in `severity`"
    assert MEASURED["post_rise"] == set(METRICS)


def test_chinese_is_chinese():
    for kind in KINDS:
        for change in CHANGES:
            said = worded(of(BARE, kind=kind, change=change), "zh", ACCOUNTS)
            assert not re.search("[A-Za-z]", (said.title + said.text).replace("UTC", ""))


def test_both_languages_have_all_words():
    assert set(KINDS) == set(ENGLISH.kinds) == set(CHINESE.kinds)
    assert {*BasisKind.__args__, ""} == set(ENGLISH.basis) == set(CHINESE.basis)
    for table in ("metrics", "details", "fields", "severities", "graver", "changes", "labels"):
        assert set(getattr(ENGLISH, table)) == set(getattr(CHINESE, table)), table
    for name, kind in ENGLISH.kinds.items():
        other = CHINESE.kinds[name]
        assert (kind.bare is None, kind.has_peak) == (other.bare is None, other.has_peak)


HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=200),
    st.lists(
        st.sampled_from([
            "\n", "\r\n", "\u2028", "\u202e", "\u2066", "\x1b[2J", "@all", "<at user_id='all'>", "https://x.example",
            "[a](b)", "**", "# ", "`", "{who}", "%s", "“", "”", "</p>", "\x00",
            "e\u0301\u0301\u0301\u0301", "None", "www.x",
        ]),
        max_size=12,
    ).map("".join),
)  # fmt: skip


@given(HOSTILE)
def test_words_of_strangers_are_one_plain_line(text):
    flat = quoted(text)
    assert len(flat) <= 80
    assert flat == flat.strip()
    assert not re.search(r"[<>\[\]*`~#|\\@&^$_]|://|(?i:www)\.", flat)
    assert all(one == " " or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs") for one in flat)


@given(HOSTILE, st.sampled_from(["en", "zh"]), st.sampled_from(CHANGES))
def test_words_of_strangers_change_nothing_around_them(text, language, change):
    plain = worded(of(words="XX", topics=("XX",), terms=("XX",), change=change), language, ACCOUNTS)
    said = worded(of(words=text, topics=(text,), terms=(text,), change=change), language, ACCOUNTS)
    if quoted(text):
        expected = plain.text
        for most in (80, 40, 20):
            expected = expected.replace("“XX”", f"“{quoted(text, most)}”", 1)
        assert said.text == expected
    assert (said.title, said.facts, said.links) == (plain.title, plain.facts, plain.links)


@given(HOSTILE, st.sampled_from(KINDS), st.sampled_from(CHANGES), st.sampled_from(["en", "zh"]))
def test_whatever_an_event_says_stays_in_its_place(text, kind, change, language):
    values = {"kind": kind, "change": change, "account_id": None, "words": None, "topics": (), "terms": ()}
    plain = worded(of(**values), language, ACCOUNTS)
    hostile = of(**values, detail=text, lane=text, country=text, url=text, episode_id=text, muted_by=text, story=text)
    said = worded(hostile, language, ACCOUNTS)
    assert "\n" not in said.title
    assert said.text.count("\n") == plain.text.count("\n")
    assert all("\n" not in value for _, value in said.facts)
    assert said.links == ()
    assert "@all" not in said.title + said.text


def test_a_wave_links_the_posts_behind_it():
    wave = of(kind="account_wave", post_id=None, url="https://m.weibo.cn/u/1", behind=("4059000000000002", "40590001"))
    assert worded(wave, "zh").links == (
        ("微博帐号", "https://m.weibo.cn/u/1"),
        ("相关微博", "https://m.weibo.cn/status/4059000000000002"),
        ("相关微博", "https://m.weibo.cn/status/40590001"),
    )


def test_only_weibo_is_linked():
    for url in (
        "https://evil.example/",
        "javascript:alert(1)",
        "https://weibo.com.evil.example/",
        "https://weibo.com/a b",
    ):
        assert worded(of(url=url), "en").links == ()
    assert worded(of(url="http://weibo.com/u/1", post_id=None), "zh").links == (("微博帐号", "http://weibo.com/u/1"),)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 1e300), st.sampled_from(["en", "zh"]))
def test_any_figure_can_be_said_in_few_characters(value, age, language):
    alert = of(value=value, expected=value, per_hour=value, age_s=age, gap_s=age, score=age, peak_value=value)
    said = worded(alert, language, ACCOUNTS)
    assert len(said.title) < 250
    assert all(len(shown) < 250 for _, shown in said.facts)


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0, "0", "0"), (0.04, "0", "0"), (-0.04, "0", "0"), (0.3, "0.3", "0.3"), (9.96, "10", "10"), (12.5, "12", "12"),
        (9_999, "9,999", "9,999"), (9_999.6, "10,000", "1万"), (12_345, "12,345", "1.2万"),
        (-12_345, "-12,345", "-1.2万"),
        (1_234_567, "1,234,567", "123万"), (99_994_999, "99,994,999", "9,999万"), (99_996_000, "99,996,000", "1亿"),
        (123_456_789, "123,456,789", "1.2亿"), (1e20, "1.0e+20", "1.0e+20"),
    ],
)  # fmt: skip
def test_counts(value, english, chinese):
    assert (figures.count(value, "en"), figures.count(value, "zh")) == (english, chinese)


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 s", "0秒"), (89.4, "89 s", "89秒"), (90, "2 min", "2分钟"), (3_599, "60 min", "60分钟"),
        (7_200, "2 h", "2小时"), (7_445, "2 h 4 min", "2小时4分钟"), (86_400, "24 h", "24小时"),
        (172_800, "2 days", "2天"), (180_000, "2 days 2 h", "2天2小时"), (1e8, "1,157 days", "1,157天"),
    ],
)  # fmt: skip
def test_durations(seconds, english, chinese):
    assert (figures.duration(seconds, "en"), figures.duration(seconds, "zh")) == (english, chinese)


def test_what_warms_up_is_never_graver_than_a_notice_and_says_why():
    basis = AlertBasis(kind="series", members=9, wanted=20)
    text = worded(of(severity="notice", score=9.0, basis=basis, before=None), "en").text
    assert "warming up: 9 of 20 periods followed" in text
    assert "Severity: notice. The score is 9, but on a provisional expectation nothing is graver." in text
    assert "warming up" not in worded(of(basis=AlertBasis(kind="account", members=20, wanted=20)), "en").text
