import pytest

from consumers.delivery.channels.alertmanager import Alertmanager
from consumers.delivery.channels.dingtalk import DingTalk
from consumers.delivery.channels.feishu import Feishu
from consumers.delivery.channels.long_tail import LongTail
from consumers.delivery.channels.mail import Mail, Server
from consumers.delivery.channels.webhook import Webhook
from consumers.delivery.channels.wecom import WeCom
from consumers.delivery.errors import AddressError, SecretError
from consumers.delivery.opening import Defaults, open_channel

NONE = Defaults()
TOKEN = "9f1c2a7e5b3d4c6f8a0b1c2d3e4f5a6b"
ENVIRONMENT = {
    "TOKEN": TOKEN,
    "DINGTALK_URL": f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}",
    "WECOM_URL": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKEN}",
    "FEISHU_URL": f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}",
    "SLACK": "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "TELEGRAM": "123456789:AAFdlkjsdlkjsdlkjsdlkjsdlkjsdlkjsdl",
    "NOT_A_TOKEN": "not a token",
    "SHORT": "short",
}


def opened(to: str, defaults: Defaults = NONE, **secrets: str):
    return open_channel("press", to, secrets, defaults, environment=ENVIRONMENT)


def test_every_kind_opens():
    assert isinstance(opened("alertmanager+http://host:9093"), Alertmanager)
    assert isinstance(opened("webhook+https://host/hook", secret="env:TOKEN"), Webhook)
    assert isinstance(opened("dingtalk://", token="env:TOKEN", secret="env:TOKEN"), DingTalk)
    assert isinstance(opened("wecom://", token="env:TOKEN"), WeCom)
    assert isinstance(opened("feishu://", token="env:TOKEN"), Feishu)
    assert isinstance(opened("lark://", token="env:TOKEN"), Feishu)
    assert isinstance(opened("slack://{secret}/#alerts", secret="env:SLACK"), LongTail)
    assert isinstance(opened("tgram://{secret}/-100123", secret="env:TELEGRAM"), LongTail)


@pytest.mark.parametrize(
    ("to", "name"), [("dingtalk://", "DINGTALK_URL"), ("wecom://", "WECOM_URL"), ("feishu://", "FEISHU_URL")]
)
def test_the_whole_url_of_a_robot_will_do_as_its_token(to, name):
    assert opened(to, token=f"env:{name}").token.get_secret_value() == TOKEN


def test_mail_takes_its_server_from_the_address_or_the_defaults():
    told = Defaults(via="smtps://mail.example.org", sender="alerts@example.org")
    made = opened("mailto:press@example.org", told)
    assert isinstance(made, Mail)
    assert (made.server, made.sender) == (Server("mail.example.org", 465, "tls"), "alerts@example.org")
    made = opened("mailto:a@b.org?via=smtp://other:2525&from=x@y.org&user=me", told, password="env:TOKEN")
    assert (made.server, made.sender) == (Server("other", 2525, "starttls", "me"), "x@y.org")


@pytest.mark.parametrize(
    ("to", "secrets", "words"),
    [
        ("mailto:a@b.org", {}, "add via=smtp://mail.example.org from=alerts@example.org"),
        ("mailto:a@b.org?via=smtp://x", {}, "add from=alerts@example.org"),
        ("mailto:a@b.org?via=http://x&from=a@b.org", {}, "via is smtp://host"),
        ("mailto:a@b.org?via=smtp://me@x&from=a@b.org", {}, "the user is user="),
        ("mailto:a@b.org?via=smtp%2Bplain://x&from=a@b.org&user=me", {"password": "env:TOKEN"}, "in the clear"),
        ("dingtalk://", {"token": "env:NOT_A_TOKEN"}, "its token is none"),
        ("webhook+https://host", {"secret": "env:SHORT"}, "at least 24"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", {}, "stands in the address"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", {}, "stands in the address"),
        ("wecombot://{secret}", {"secret": "env:TOKEN"}, "use wecom://"),
        ("schan://{secret}", {"secret": "env:TOKEN"}, "nobody can tell"),
        ("nosuchthing://x", {}, "apprise can't read"),
    ],
)
def test_what_can_not_be_opened_is_said_by_name(to, secrets, words):
    with pytest.raises((AddressError, SecretError), match=words) as caught:
        opened(to, **secrets)
    assert "channel press" in str(caught.value)
    assert not any(value in str(caught.value) for value in ENVIRONMENT.values())


def test_a_name_is_a_name():
    with pytest.raises(AddressError, match="can't be a channel's name"):
        open_channel("a/b", "dingtalk://", {})


@pytest.mark.parametrize(
    ("to", "secrets"),
    [
        ("alertmanager+http://me@host", {"password": "env:TOKEN"}),
        ("webhook+https://host", {"secret": "env:TOKEN", "token": "env:TOKEN"}),
        ("dingtalk://", {"token": "env:TOKEN", "secret": "env:TOKEN"}),
        ("mailto:a@b.org?via=smtp://x&from=a@b.org&user=me", {"password": "env:TOKEN"}),
        ("slack://{secret}/#alerts", {"secret": "env:SLACK"}),
    ],
)
def test_no_repr_holds_a_secret(to, secrets):
    shown = repr(opened(to, **secrets))
    assert not any(value in shown for value in ENVIRONMENT.values())
