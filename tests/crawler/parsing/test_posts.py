from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.endpoints import TimelineCursor
from crawler.parsing.errors import DriftError, WrongAccountError
from crawler.parsing.profile import parse_profile
from crawler.parsing.removals import parse_removal
from crawler.parsing.status import parse_detail, parse_extend, parse_status
from crawler.parsing.timeline import parse_timeline
from schemas.counts import Precision, value_of
from schemas.events import EngagementSample, PostSeen

LONG = "开头很长的一段话，后面还有"
FULL = f"{LONG}很多<br />第二段 <a href='/n/x'>@x</a>"
PICTURE = {
    "pid": "a1",
    "url": "https://wx1.sinaimg.cn/orj360/a1.jpg",
    "large": {"url": "https://wx1.sinaimg.cn/large/a1.jpg"},
}


def only(events):
    (seen,) = [event for event in events if isinstance(event, PostSeen)]
    return seen


def test_one_version_from_timeline_extend_show_and_detail(context, mblog, timeline):
    cut = mblog(text=f'{LONG} ...<a href="/status/5335770762054635">全文</a>', isLongText=True, pics=[PICTURE])
    first = only(parse_timeline(timeline(cut), context).events)
    assert (first.text, first.text_truncated) == (LONG, True)

    extended = {"ok": 1, "data": {"ok": 1, "longTextContent": FULL, "reposts_count": 1, "comments_count": 2}}
    whole, sample = parse_extend(extended, context, first)
    assert (whole.text, whole.text_truncated) == (f"{LONG}很多\n第二段 @x", False)
    assert whole.content_version != first.content_version
    assert whole.created_at == first.created_at
    assert (sample.reposts, sample.comments, sample.likes) == (1, 2, None)

    smaller = PICTURE | {"url": "https://wx3.sinaimg.cn/orj480/a1.jpg", "large": None}
    complete = cut | {
        "longText": {"longTextContent": FULL},
        "pics": {"0": smaller},
        "source": "iPhone",
        "edit_count": 1,
    }
    shown = only(parse_status({"ok": 1, "data": complete}, context))
    detailed = only(parse_detail({"status": complete, "call": 1}, context))
    uncut = only(parse_timeline(timeline(mblog(text=FULL, pics=[PICTURE], mblogtype=2)), context).events)
    assert {whole.event_id, shown.event_id, detailed.event_id, uncut.event_id} == {whole.event_id}


def test_what_is_shown_beside_the_words_is_read_wherever_it_is_shown(context, mblog, timeline):
    shown = {
        "source": '<a href="//app.weibo.com/t/feed/1">iPhone 14 Pro</a> ',
        "region_name": "发布于 北京",
        "edit_count": 2,
        "edit_at": "Tue Nov 24 11:30:00 +0800 2026",
    }
    link = "<a href='https://weibo.cn/sinaurl?u=https%3A%2F%2Fexample.org%2F'>网页链接</a>"
    mobile = mblog(
        **shown,
        text=f"看 {link}",
        pics=[PICTURE],
        page_info={
            "type": "video",
            "play_count": "49万次播放",
            "media_info": {"stream_url": "https://f.example/v.mp4"},
        },
    )
    desktop = mblog(
        **shown,
        text_raw="看 http://t.cn/A",
        text="看 网页链接",
        url_struct=[{"short_url": "http://t.cn/A", "long_url": "https://example.org/"}],
        reads_count=4711,
    )
    answers = [
        (parse_timeline(timeline(mobile), context).events, 490_000),
        (parse_status({"ok": 1, "data": mobile}, context), 490_000),
        (parse_detail({"status": mobile, "call": 1}, context), 490_000),
        (parse_status({"ok": 1, **desktop}, context), 4711),
        (parse_timeline({"ok": 1, "data": {"list": [desktop], "since_id": 5}}, context).events, 4711),
    ]
    for (seen, sample), views in answers:
        assert (seen.source, seen.region, seen.edit_count) == ("iPhone 14 Pro", "北京", 2)
        assert seen.edited_at == datetime(2026, 11, 24, 3, 30, tzinfo=UTC)
        assert seen.links == ("https://example.org/",)
        assert value_of(sample.views) == views
        assert (sample.reposts, sample.comments, sample.likes) == (1, 2, 3)
    for seen, _ in (events for events, views in answers if views == 490_000):
        assert {medium.kind for medium in seen.media} == {"picture", "video"}
        assert all(medium.url.startswith("https://") for medium in seen.media)


def test_views_that_are_not_shown_are_not_0(context, mblog, timeline):
    events = parse_timeline(timeline(mblog(), mblog(id="2", reads_count="")), context).events
    assert [event.views for event in events if isinstance(event, EngagementSample)] == [None, None]


@pytest.mark.parametrize(
    "change",
    [
        {"text": "你好!"},
        {"isLongText": True},
        {"pics": [PICTURE]},
        {"retweeted_status": {"id": "1", "text": "x", "user": {"id": 5}}},
        {"page_info": {"type": "video", "object_id": "1034:77"}},
    ],
)
def test_what_a_post_says_makes_its_version(context, mblog, timeline, change):
    before, after = (only(parse_timeline(timeline(post), context).events) for post in (mblog(), mblog(**change)))
    assert before.content_version != after.content_version


def test_a_drifted_post_loses_no_other(context, mblog, timeline):
    page = parse_timeline(
        timeline(mblog(id="x"), mblog(), mblog(id="2", text=None), mblog(id="3", reposts_count="many")), context
    )
    assert [post.post_id for post in page.posts] == ["5335770762054635", "3"]
    assert page.events[3].reposts is None
    assert [problem.partition(":")[0] for problem in page.problems] == [
        "$.data.cards[0].mblog.id",
        "$.data.cards[2].mblog.text",
        "$.data.cards[3].mblog.reposts_count",
    ]


def test_a_missing_count_is_null_and_a_capped_one_a_lower_bound(context, mblog, timeline):
    post = mblog(reposts_count="100万+", number_display_strategy={"display_text": "100万+"})
    del post["comments_count"]
    sample = parse_timeline(timeline(post), context).events[1]
    assert isinstance(sample, EngagementSample)
    assert (sample.reposts.precision, sample.comments, sample.likes) == (Precision.LOWER_BOUND, None, 3)


def test_posts_of_others_are_not_attributed(context, mblog, timeline):
    stranger = mblog(id="7", user={"id": 99, "screen_name": "somebody"})
    nobodys = mblog(id="8", user=None)
    page = parse_timeline(timeline(stranger, mblog(), nobodys), context)
    assert [post.post_id for post in page.posts] == ["5335770762054635"]
    assert page.foreign == 2
    with pytest.raises(WrongAccountError):
        parse_timeline(timeline(stranger), context)
    with pytest.raises(WrongAccountError):
        parse_status({"ok": 1, "data": stranger}, context)
    with pytest.raises(DriftError):
        parse_status({"ok": 1, "data": nobodys}, context)


@pytest.mark.parametrize("change", [{"mblogtype": 2}, {"isTop": 1}, {"title": {"text": "置顶"}}])
def test_pinned_by_the_post(context, mblog, timeline, change):
    assert parse_timeline(timeline(mblog(**change)), context).posts[0].pinned


def test_pinned_by_the_card_and_posts_in_groups(context, mblog):
    cards = [
        {"card_type": 9, "profile_type_id": "proweibotop_1", "mblog": mblog(id="1")},
        {"card_type": 9, "profile_type_id": "proweibo_2", "mblog": mblog(id="2")},
        {"card_type": 11, "card_group": [{"card_type": 42}, {"card_type": 9, "mblog": mblog(id="3")}]},
        {"card_type": 58},
        "odd",
    ]
    page = parse_timeline({"ok": 1, "data": {"cards": cards, "cardlistInfo": {"total": 3}}}, context)
    assert [(post.post_id, post.pinned) for post in page.posts] == [("1", True), ("2", False), ("3", False)]
    assert (page.cursor, page.total) == (None, 3)


@pytest.mark.parametrize(
    ("info", "cursor"),
    [
        ({"since_id": 4781413147084961}, TimelineCursor(since_id="4781413147084961")),
        ({"since_id": "4857532763609089kp2"}, TimelineCursor(since_id="4857532763609089kp2")),
        ({"page": 2}, TimelineCursor(page=2)),
        ({"since_id": "", "page": None}, None),
        ({"since_id": 0}, None),
        ({"since_id": "&x=1"}, None),
    ],
)
def test_cursors(context, mblog, timeline, info, cursor):
    assert parse_timeline(timeline(mblog(), **info), context).cursor == cursor


def test_a_repost_of_a_deleted_post(context, mblog, timeline):
    gone = {"id": "5", "user": None, "deleted": "1", "state": 7, "text": "抱歉，此微博已被作者删除。"}
    seen = only(parse_timeline(timeline(mblog(retweeted_status=gone)), context).events)
    assert seen.kind == "repost"
    assert seen.reposted.removed
    assert (seen.reposted.author_key, seen.reposted.text) == (None, "抱歉，此微博已被作者删除。")


@pytest.mark.parametrize(
    ("user", "name", "text"),
    [
        ({"id": 5, "screen_name": "张三", "verified": False, "verified_type": -1}, None, "和@~"),
        ({"id": 5, "screen_name": "张三", "verified": True, "verified_type": 0}, None, "和@~"),
        ({"id": 5, "screen_name": "张三", "verified": False, "verified_type": 3}, None, "和@~"),
        ({"id": 5, "screen_name": "新华社", "verified": True, "verified_type": 3}, "新华社", "和@李四"),
        ({"id": 1918101143, "screen_name": "澳大利亚"}, "澳大利亚", "和@李四"),
    ],
)
def test_only_institutions_are_named_in_reposts(context, mblog, timeline, *, user, name, text):
    original = {"id": "5", "user": user, "text": "和<a href='/n/李四'>@李四</a>"}
    seen = only(parse_timeline(timeline(mblog(retweeted_status=original)), context).events)
    assert seen.reposted.author_name == name
    assert seen.reposted.text.startswith(text)
    assert len(seen.reposted.author_key) == 32
    if name is None:
        assert "张三" not in seen.model_dump_json()
        assert "李四" not in seen.model_dump_json()


def test_counters_of_extend_that_are_unreadable_are_drift(context, mblog, timeline):
    post = parse_timeline(timeline(mblog()), context).posts[0].seen
    with pytest.raises(DriftError, match=r"\$\.data\.reposts_count"):
        parse_extend({"ok": 1, "data": {"longTextContent": "a", "reposts_count": "?"}}, context, post)


def test_a_removal_is_confirmed_by_its_notice(context):
    event = parse_removal({"ok": 0, "errno": "20101", "msg": "该微博不存在"}, context, "5")
    assert (event.removal, event.notice, event.confirmed_at) == ("unknown", "该微博不存在", context.observed_at)


@pytest.mark.parametrize("wrong", [{"id": 5}, {"screen_name": "somebody"}])
def test_a_profile_of_another_is_refused(context, wrong):
    user = {"id": 1743951792, "screen_name": "美国驻华大使馆", "followers_count": "105.9万"}
    page = parse_profile({"ok": 1, "data": {"userInfo": user, "tabsInfo": {"tabs": {"0": TAB}}}}, context)
    assert page.snapshot.followers.raw == "105.9万"
    assert page.timeline_container == "1076031743951792"
    with pytest.raises(WrongAccountError):
        parse_profile({"ok": 1, "data": {"userInfo": user | wrong}}, context)


def test_an_account_that_was_read_before_may_change_its_name_and_not_its_uid(context):
    known = replace(context, known=True)
    user = {"id": 1743951792, "screen_name": "美国大使馆", "followers_count": 7}
    assert parse_profile({"ok": 1, "data": {"userInfo": user}}, known).snapshot.screen_name == "美国大使馆"
    with pytest.raises(WrongAccountError):
        parse_profile({"ok": 1, "data": {"userInfo": user | {"id": 5}}}, known)


TAB = {"tab_type": "weibo", "containerid": "1076031743951792"}


def test_totals_of_weibo_com(context):
    user = {
        "idstr": "1743951792",
        "screen_name": "美国驻华大使馆",
        "friends_count": 7,
        "followers_count": "?",
        "followers_count_str": "24.7万",
        "status_total_counter": {"comment_cnt": "280,199", "repost_cnt": "0", "like_cnt": ""},
        "ip_location": "IP属地：北京",
    }
    page = parse_profile({"ok": 1, "data": {"user": user}}, context)
    snapshot = page.snapshot
    assert (snapshot.comments_received, snapshot.reposts_received, snapshot.likes_received) == (280_199, 0, None)
    assert (snapshot.following, snapshot.posts, snapshot.region) == (7, None, "北京")
    assert snapshot.followers.value == 247_000
    assert len(page.problems) == 1
