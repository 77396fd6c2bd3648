import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.delivery.address import check_secrets, parse
from consumers.delivery.errors import AddressError


@pytest.mark.parametrize(
    ("written", "kind", "base", "path"),
    [
        ("mailto:press@example.org", "mailto", "", "press@example.org"),
        ("mailto:a+b%25c@example.org?via=smtps://mail.example.org", "mailto", "", "a+b%c@example.org"),
        ("alertmanager+http://host:9093", "alertmanager", "http://host:9093", ""),
        ("alertmanager+https://me@host/prefix/", "alertmanager", "https://host", "/prefix"),
        ("alertmanager+http://[::1]:9093", "alertmanager", "http://[::1]:9093", ""),
        ("webhook+https://host/a/b?list=1", "webhook", "https://host", "/a/b?list=1"),
        ("dingtalk://", "dingtalk", "https://oapi.dingtalk.com", ""),
        ("wecom://", "wecom", "https://qyapi.weixin.qq.com", ""),
        ("feishu://", "feishu", "https://open.feishu.cn", ""),
        ("LARK://", "lark", "https://open.larksuite.com", ""),
        ("lark+http://127.0.0.1:8001", "lark", "http://127.0.0.1:8001", ""),
        ("slack://{secret}/#alerts", "slack", "", ""),
        ("ntfy://ntfy.example.org/topic", "ntfy", "", ""),
    ],
)
def test_an_address_is_taken_apart(written, kind, base, path):
    address = parse(written, "press")
    assert (address.kind, address.base, address.path) == (kind, base, path)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "is expected as its address"),
        ("press@example.org", "is expected as its address"),
        ("mailto:press", "mailto:name@example.org"),
        ("mailto:a@b.org,c@d.org", "one recipient per channel"),
        ("mailto:a@b.org%0d%0aBcc:c@d.org", "mailto:name@example.org"),
        ("mailto:a@b.org?subject=x", "mailto takes via, from and user"),
        ("mailto:a@b.org?from=x%0d%0aBcc:y@z.org", "is no e-mail address"),
        ("mailto:a@b.org?via=smtp://x&via=smtp://y", "something twice"),
        ("mailto:a@b.org?password=hunter2", 'add password = "file:'),
        ("alertmanager://host", r"alertmanager\+https"),
        ("alertmanager+ftp://host", r"alertmanager\+https"),
        ("alertmanager+http://", "no host"),
        ("alertmanager+http://me:hunter2@host", "a password stands in its address"),
        ("webhook+https://me@host/", "has a user"),
        ("webhook+https://host/?token=hunter2", "least of all a secret"),
        ("webhook+https://host:99999/", "no URL"),
        ("dingtalk://hunter2", "is a secret"),
        ("dingtalk://?access_token=hunter2", "least of all a secret"),
        ("wecom://hunter2", "is a secret"),
        ("https://oapi.dingtalk.com/robot/send?access_token=hunter2", "write dingtalk://"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=hunter2", "write wecom://"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/hunter2", "write feishu://"),
        ("https://example.org/hook", r"write webhook\+https://"),
        ("mail to:x@y.org", "a blank"),
        ("webhook+https://host/\r\nx", "a control character"),
        ("webhook+https://hóst/", "beyond ASCII"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write_and_without_the_secret(written, words):
    with pytest.raises(AddressError, match=words) as caught:
        parse(written, "press")
    assert "channel press" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@given(st.one_of(st.text(), st.builds("{}:{}".format, st.sampled_from(["mailto", "wecom", "slack"]), st.text())))
def test_whatever_is_written_is_read_or_refused_by_name(written):
    try:
        assert parse(written, "press").written == written
    except AddressError as error:
        assert "channel press" in str(error)


@pytest.mark.parametrize(
    ("written", "names", "words"),
    [
        ("dingtalk://", set(), "needs a token"),
        ("dingtalk://", {"token", "password"}, "takes no password"),
        ("wecom://", {"token", "secret"}, "takes no secret"),
        ("webhook+https://host/", set(), "needs a secret"),
        ("alertmanager+http://host", {"password"}, "no user"),
        ("alertmanager+http://me@host", {"password", "token"}, "not both"),
        ("mailto:a@b.org", {"password"}, "no user"),
        ("slack://{secret}/#x", set(), "needs a secret"),
        ("slack://{secret}/#x", {"secret", "token"}, "takes no token"),
        ("ntfy://topic", {"secret"}, "takes no secret"),
    ],
)
def test_secrets_that_do_not_fit_are_said_by_name(written, names, words):
    with pytest.raises(AddressError, match=words):
        check_secrets(parse(written, "press"), names, "press")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("dingtalk://", {"token"}),
        ("lark://", {"token", "secret"}),
        ("alertmanager+http://me@host", {"password"}),
        ("alertmanager+http://host", set()),
        ("mailto:a@b.org?user=me", {"password"}),
        ("tgram://{secret}/-1", {"secret"}),
    ],
)
def test_secrets_that_fit_pass(written, names):
    check_secrets(parse(written, "press"), names, "press")
