from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.parsing.dom import parse_dom
from crawler.parsing.errors import WrongAccountError
from crawler.signals import ResponseClass
from schemas.counts import value_of

HEADER = """<div class="profile-cover"><div class="mod-fil-name m-txt-cut"><div class="mod-fil-n">
<span class="txt-shadow">{name}</span></div></div>
<div class="mod-fil-fans"><div class="txt-shadow">关注<span>120</span></div>
<div class="txt-shadow">粉丝<span>191.3万</span></div></div>
<p class="mod-fil-desc m-text-cut">微博认证：<span>美国驻华大使馆官方微博</span></p></div>"""
POST = """<div class="wb-item-wrap"><div class="wb-item"><div class="card m-panel card9 weibo-member">
{title}<div class="card-wrap"><div class="card-main"><header class="weibo-top m-box"><div class="m-text-box">
<h3 class="m-text-cut">x</h3><h4 class="m-text-cut"><span class="time">3分钟前</span></h4></div></header>
<article class="weibo-main"><div class="weibo-og">
<div class="weibo-text">你好<br>世界<img alt="[赞]"></div></div></article>
<footer class="m-ctrl-box m-box-center-a">
<div class="m-diy-btn m-box-col m-box-center"><i class="m-font m-font-forward"></i><h4>100万+</h4></div>
<div class="m-diy-btn m-box-col m-box-center"><i class="m-font m-font-comment"></i><h4>评论</h4></div>
<div class="m-diy-btn m-box-col m-box-center"><i class="m-icon m-icon-like"></i><h4>12</h4></div>
</footer></div></div></div></div></div>"""
NAME = "美国驻华大使馆"


def test_the_header_gives_the_account(context):
    witness = parse_dom(HEADER.format(name=NAME), context)
    snapshot = witness.snapshot
    assert (value_of(snapshot.followers), snapshot.following, snapshot.posts) == (1_913_000, 120, None)
    assert snapshot.followers.raw == "191.3万"
    assert (snapshot.verified, snapshot.verified_reason, snapshot.via) == (True, "美国驻华大使馆官方微博", "dom")
    assert (witness.blocked_by, witness.problems) == (None, ())


def test_posts_are_texts_without_ids(context):
    page = HEADER.format(name=NAME) + POST.format(title='<div class="f-card-title">置顶</div>') + POST.format(title="")
    witness = parse_dom(page, context)
    assert [post.text for post in witness.posts] == ["你好\n世界[赞]"] * 2
    first, second = witness.posts
    assert (first.pinned, second.pinned) == (True, False)
    assert (value_of(first.reposts), first.comments, first.likes) == (1_000_000, 0, 12)
    assert first.created_at.moment == context.observed_at - timedelta(minutes=3)


def test_people_in_a_text_are_renamed_as_in_its_list(context):
    words = '转 //<a href="/n/somebody">@somebody</a>: 好'
    (post,) = parse_dom(POST.format(title="").replace("你好<br>世界", words), context).posts
    assert "somebody" not in post.text
    assert post.text.startswith("转 //@")


def test_another_name_is_another_account(context):
    with pytest.raises(WrongAccountError):
        parse_dom(HEADER.format(name="somebody"), context)


@pytest.mark.parametrize(
    ("page", "blocked_by"),
    [
        ('<div class="geetest_holder"></div>', ResponseClass.CHALLENGE),
        ("<title>Sina Visitor System</title>", ResponseClass.VISITOR_GATE),
        ('<p class="h5-4con">用户不存在</p>', ResponseClass.NOT_FOUND),
        ('<script>x="geetest_holder"</script>', None),
        ("", None),
    ],
)
def test_what_blocked_the_page(context, page, blocked_by):
    witness = parse_dom(page, context)
    assert (witness.blocked_by, witness.snapshot, witness.posts) == (blocked_by, None, ())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_any_page_can_be_read(context, page):
    assert parse_dom(page, context).snapshot is None
