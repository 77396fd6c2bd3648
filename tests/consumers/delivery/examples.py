"""Messages for tests: an ordinary one, and words as strangers would write them."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from consumers.delivery.message import Message

NOON = datetime(2016, 9, 28, 12, 0, tzinfo=UTC)

MESSAGE = Message(
    episode_id="post_rise:post:4024819863475101:1475064000",
    number=1,
    change="started",
    severity="warning",
    title="以色列驻华使馆: 转发是往常的 14 倍",
    text="西蒙·佩雷斯逝世。\n\n转发 2,140, 此时此刻通常 90 至 150。",
    starts_at=NOON,
    language="zh",
    markdown="**西蒙·佩雷斯逝世**",
    facts=(("转发", "2,140"), ("预期", "90–150")),
    links=(("微博", "https://weibo.com/1/EalT4?a=1&b=2"), ("SQL", "http://127.0.0.1:8124/play")),
    labels=(
        ("alertname", "post_rise"),
        ("account", "il-embassy"),
        ("country", "IL"),
        ("severity", "warning"),
        ("post", "4024819863475101"),
        ("audience", "press"),
    ),
)

#: A post that takes off at two hours; it was not seen before it was half an hour old.
CURVE = tuple(
    (600.0 * n, None if n < 3 else 20.0 * n + 30.0 * max(n - 12, 0), 8.0 * n, 10.0 * n, 14.0 * n) for n in range(1, 31)
)

#: Each would do something in at least one of the chats, in mail or in a terminal.
HOSTILE = (
    '<at id=all></at> <at user_id="all">everyone</at> @all @所有人 <@all> <!channel> <!here> <@U123>\n'
    "[click](https://evil.example) ![](https://evil.example/seen.png) **bold** `code` # head\n"
    '# head\n- list\n1. list\n> quote\n---\n<font color="warning">x</font><script>alert(1)</script>'
    "<img src=x onerror=alert(1)>\r\nBcc: victim@example.org\x00\x1b[31m \u202egnp.exe \ud800 \\u0041"
)


def hostile(message: Message = MESSAGE) -> Message:
    return replace(
        message,
        title=HOSTILE,
        text=HOSTILE,
        markdown=HOSTILE,
        facts=((HOSTILE, HOSTILE),),
        links=((HOSTILE, "https://weibo.com/a)b*c<d>'\"\r\ne"), ("x", "javascript:alert(1)"), ("y", "https://a@b.cn/")),
        earlier=(HOSTILE,),
    )


texts = st.one_of(
    st.text(max_size=80),
    st.builds(lambda part, times: part * times, st.text(min_size=1, max_size=6), st.integers(1, 4_000)),
    st.sampled_from(["👩\u200d👩\u200d👧" * 1_500, "e\u0301" * 4_000, '"\\\n' * 4_000, "外" * 12_000, HOSTILE * 20]),
)
pairs = st.lists(st.tuples(texts, texts), max_size=50).map(tuple)
figures = st.floats(allow_nan=False, allow_infinity=False)
links = st.lists(
    st.tuples(texts, st.one_of(texts, texts.map(lambda rest: f"https://weibo.com/{rest}"))), max_size=20
).map(tuple)

messages = st.builds(
    Message,
    episode_id=st.text(min_size=1, max_size=80),
    number=st.integers(1, 1_000),
    change=st.sampled_from(["started", "escalated", "updated", "ended", "digest", "test"]),
    severity=st.sampled_from(["notice", "warning", "critical"]),
    title=texts,
    text=texts,
    starts_at=st.datetimes(datetime(2009, 8, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
        lambda moment: moment.replace(microsecond=0)
    ),
    language=st.sampled_from(["en", "zh"]),
    markdown=texts,
    facts=pairs,
    links=links,
    earlier=st.lists(texts, max_size=20).map(tuple),
    picture=st.one_of(st.none(), st.binary(max_size=64)),
    curve=st.lists(st.tuples(figures, st.one_of(st.none(), figures), figures, figures, figures), max_size=30).map(
        tuple
    ),
)
