import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsing.text import Mentions, read_html, read_plain


def hidden(name):
    return "~" + "x" * len(name)


def test_line_breaks_emoji_topics_links():
    html = (
        "你好<br />世界<span class=\"url-icon\"><img alt=[偷笑] src='//x' /></span> "
        '<a href="https://m.weibo.cn/search?containerid=231522&luicode=1"><span class="surl-text">#话题#</span></a>'
        "<a href='/n/胡歌'>@胡歌</a> <a href=\"https://weibo.cn/sinaurl?f=w&amp;u=http%3A%2F%2Ft.cn%2FRILXvp2\">链接</a>"
        '<a href="https://m.weibo.cn/p/index?containerid=1008&luicode=10000011&lfid=1076">超话</a> '
    )
    read = read_html(html)
    assert read.text == "你好\n世界[偷笑] #话题#@胡歌 链接超话"
    assert read.topics == ("话题",)
    assert read.links == ("http://t.cn/RILXvp2", "https://m.weibo.cn/p/index?containerid=1008")
    assert not read.truncated


@pytest.mark.parametrize(
    "mark", ['...<a href="/status/4383404751066167">全文</a>', '\u200b\u200b\u200b ...<span class="expand">展开</span>']
)
def test_the_mark_of_a_long_text_is_cut_off(mark):
    read = read_html(f"开头<br />{mark}")
    assert (read.text, read.truncated) == ("开头", True)


def test_a_link_that_only_says_so_is_no_mark():
    read = read_html('读<a href="https://example.org/">全文</a>')
    assert (read.text, read.truncated) == ("读全文", False)


def test_names_of_people_are_renamed_in_links_and_in_plain_text():
    html = "回复<a href='/n/张 三'>@张 三</a>:你好 @李四: 和 //@王五:好"
    assert read_html(html, Mentions.RENAMED, hidden).text == "回复@~xxx:你好 @~xx: 和 //@~xx:好"
    assert read_plain("回复@张三:你好", Mentions.RENAMED, hidden).text == "回复@~xx:你好"


def test_in_a_chain_only_the_chain_is_renamed():
    html = "看 @联合国 说 //<a href='/n/张三'>@张三</a>:对 // @李四:对"
    assert read_html(html, Mentions.CHAIN_RENAMED, hidden).text == "看 @联合国 说 //@~xx:对 // @~xx:对"


@pytest.mark.parametrize(
    ("text", "hidden_text"),
    [
        ("回复@张三:好", "回复@~xx:好"),
        ("回复 张三：好", "回复~xx：好"),
        ("回复＠张三：好", "回复@~xx：好"),
        ("好//＠张三:嗯", "好//@~xx:嗯"),
        ("看https://m.weibo.cn/u/7000000017?x=1 吧", "看https://m.weibo.cn/u/~xxxxxxxxxx?x=1 吧"),
        ("weibo.com/n/%E5%BC%A0%E4%B8%89", "weibo.com/n/~xx"),
        ("见 www.weibo.com/zhangsan/Abc", "见 www.weibo.com/~xxxxxxxx/Abc"),
        (
            "m.weibo.cn/detail/4059000000000001 weibo.com/tv/show",
            "m.weibo.cn/detail/4059000000000001 weibo.com/tv/show",
        ),
        ("notweibo.com/u/7000000017", "notweibo.com/u/7000000017"),
        ("回复是: 好", "回复是: 好"),
    ],
)
def test_in_the_words_of_a_person_no_name_and_no_profile_is_left(text, hidden_text):
    assert read_plain(text, Mentions.RENAMED, hidden).text == hidden_text


@pytest.mark.parametrize(
    "href", ["/u/7000000017", "https://weibo.com/u/7000000017", "/n/张三", "//weibo.com/7000000017"]
)
def test_a_link_to_a_person_never_leaves_whoever_set_it(href):
    html = f"感谢<a href='{href}'>张三</a>和<a href='https://example.org/'>网页链接</a>"
    of_person = read_html(html, Mentions.RENAMED, hidden)
    assert (of_person.text, of_person.links) == ("感谢~xx和网页链接", ("https://example.org/",))
    of_institution = read_html(html, Mentions.CHAIN_RENAMED, hidden)
    assert (of_institution.text, of_institution.links) == ("感谢张三和网页链接", ("https://example.org/",))


def test_a_link_to_a_known_account_stays():
    html = "见<a href='https://weibo.com/u/1743951792'>主页</a>"
    assert read_html(html, Mentions.CHAIN_RENAMED, str).links == ("https://weibo.com/u/1743951792",)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<script>alert(1)</script>a<style>b{}</style>", "a"),
        ("<!-- <b> -->a", "a"),
        ("<![CDATA[<b>]]>a", "]]>a"),  # as HTML has it: a comment that ends at the first >
        ("<textarea><b>x</b></textarea>a", "a"),
        ("a\x00b\x07c", "abc"),
        ("half \ud83d of a pair<br>", "half \ufffd of a pair"),
        ("<b>" * 5000 + "deep" + "</b>" * 5000 + " tail", "deep tail"),
        ("</div></a></span></script>a", "a"),
        ("<a href='javascript:alert(1)'>x</a>", "x"),
        ("&lt;b&gt; &amp;", "<b> &"),
    ],
)
def test_hostile_html(html, text):
    read = read_html(html)
    assert read.text == text
    assert read.links == ()


PLAIN = st.text(alphabet=st.sampled_from(string.ascii_letters + "中文，。！🎉 \n"), max_size=20)
TAGS = st.sampled_from(
    ["a", "b", "p", "div", "span", "script", "style", "textarea", "title", "plaintext", "svg", "math", "table"]
)


@given(st.lists(st.tuples(TAGS, PLAIN, st.booleans()), max_size=20))
def test_no_tag_is_left(parts):
    html = "".join(f"<{tag} x='<b>'>{text}" + (f"</{tag}>" if closed else "") for tag, text, closed in parts)
    assert not re.search(r"</?[a-z]+[^>]*>", read_html(html).text)


@given(st.text() | st.text(alphabet="<>&;/'\"= abhref#@!-[]\ud800\x00"))
def test_never_raises_and_can_be_written(html):
    for mentions in Mentions:
        read = read_html(html, mentions, hidden)
        "".join((read.text, *read.topics, *read.links)).encode()


@given(PLAIN)
def test_plain_text_stays_as_it_is(text):
    assert read_html(text).text == "\n".join(line.rstrip() for line in text.split("\n")).strip()
