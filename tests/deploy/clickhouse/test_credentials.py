"""Who asks, and who is let in."""

import base64
from pathlib import Path

import pytest

from deploy.clickhouse.credentials import (
    Credentials,
    Password,
    admit,
    credentials_of,
    password_from,
    refuse_pages,
)
from deploy.clickhouse.errors import Code, QueryError, StartError


def basic(text: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "url", "user", "password"),
    [
        ({}, {}, "default", ""),
        ({"x-clickhouse-user": "me", "x-clickhouse-key": "secret"}, {}, "me", "secret"),
        ({"x-clickhouse-key": "secret"}, {}, "default", "secret"),
        (basic("me:secret:with colons"), {}, "me", "secret:with colons"),
        (basic("me"), {}, "me", ""),
        (basic(":微博"), {}, "default", "微博"),
        ({"authorization": "Basic !!!"}, {}, "default", ""),
        ({"authorization": "Bearer secret"}, {}, "default", ""),
        ({}, {"user": "me", "password": "secret"}, "me", "secret"),
        (basic("me:basic"), {"password": "url"}, "me", "basic"),
    ],
)
def test_where_they_stand(headers: dict[str, str], url: dict[str, str], user: str, password: str) -> None:
    found = credentials_of(headers, url)
    assert (found.user, found.password) == (user, password)
    assert found.given == bool(headers or url)


def test_without_a_password_everybody_is_let_in() -> None:
    admit(Credentials(), None)
    admit(Credentials("x", "y", given=True), None)


def test_the_password_decides() -> None:
    password = Password("geheim")
    admit(Credentials("anybody", "geheim", given=True), password)
    for wrong in ("", "geheim ", "GEHEIM", "\udcff"):
        with pytest.raises(QueryError, match="anybody: Authentication failed") as caught:
            admit(Credentials("anybody", wrong, given=True), password)
        assert (caught.value.code, caught.value.status) == (Code.AUTHENTICATION_FAILED, 403)
    with pytest.raises(QueryError) as caught:
        admit(Credentials(), password)
    assert (caught.value.code, caught.value.status) == (Code.REQUIRED_PASSWORD, 401)


def test_it_does_not_show() -> None:
    assert "geheim" not in repr(Password("geheim")) + repr(vars(Password("geheim")))
    assert "geheim" not in repr(Credentials("me", "geheim", given=True))


def test_a_file_holds_it(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(" geheim\n")
    assert password_from(file).matches("geheim")
    for text in ("", "\n", "a\nb\n"):
        file.write_text(text)
        with pytest.raises(StartError, match="must hold one line"):
            password_from(file)
    with pytest.raises(StartError, match="can't be read: No such file"):
        password_from(tmp_path / "none")


@pytest.mark.parametrize(
    ("headers", "peer"),
    [
        ({"host": "127.0.0.1:8123", "origin": "https://example.org"}, "127.0.0.1"),
        ({"host": "127.0.0.1:8123", "origin": "null"}, "127.0.0.1"),
        ({"host": "127.0.0.1:8123", "origin": "http://example.org"}, "192.0.2.7"),
        ({"host": "127.0.0.1:8123", "sec-fetch-site": "cross-site"}, "127.0.0.1"),
        ({"host": "localhost:8123", "sec-fetch-site": "same-site"}, "::1"),
        ({"host": "rebound.example.org:8123"}, "127.0.0.1"),
        ({"host": "rebound.example.org:8123"}, "::1"),
    ],
)
def test_a_web_page_is_refused(headers: dict[str, str], peer: str) -> None:
    with pytest.raises(QueryError, match="web pages") as refused:
        refuse_pages(headers, peer)
    assert refused.value.code == Code.ACCESS_DENIED.value


@pytest.mark.parametrize(
    ("headers", "peer"),
    [
        ({}, None),
        ({"host": "127.0.0.1:8123"}, "127.0.0.1"),
        ({"host": "localhost"}, "127.0.0.1"),
        ({"host": "[::1]:8123"}, "::1"),
        ({"host": "192.0.2.1:8123", "sec-fetch-site": "none"}, "192.0.2.7"),
        ({"host": "clickhouse.example.org:8123"}, "192.0.2.7"),
    ],
)
def test_a_client_is_no_web_page(headers: dict[str, str], peer: str | None) -> None:
    refuse_pages(headers, peer)
