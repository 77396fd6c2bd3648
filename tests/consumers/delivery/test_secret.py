import pytest

from consumers.delivery.errors import SecretError
from consumers.delivery.secret import MOST_BYTES, read


def test_a_secret_is_read_from_a_file_or_the_environment(tmp_path):
    file = tmp_path / "token"
    file.write_text("geheim/字\n", encoding="utf-8")
    assert read(f"file:{file}", "press").get_secret_value() == "geheim/字"
    assert read("env:TOKEN", "press", {"TOKEN": "geheim"}).get_secret_value() == "geheim"
    assert "geheim" not in repr(read("env:TOKEN", "press", {"TOKEN": "geheim"}))


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("env:NOBODY", "no variable NOBODY"),
        ("env:EMPTY", "is empty"),
        ("env:LINES", "line ends or control characters"),
        ("env:", "file:/absolute/path or env:NAME"),
        ("file:relative", "file:/absolute/path or env:NAME"),
        ("file:/nowhere/at/all", "can't be read: No such file"),
        ("file:/", "can't be read: Is a directory"),
        ("hunter2", "file:/absolute/path or env:NAME"),
    ],
)
def test_what_is_wrong_is_said_by_name_without_the_secret(reference, words):
    environment = {"EMPTY": " \n", "LINES": "hunter2\nhunter3"}
    with pytest.raises(SecretError, match=words) as caught:
        read(reference, "press", environment)
    assert "channel press" in str(caught.value)
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(("data", "words"), [(b"\xff\xfe", "not text"), (b"x" * (MOST_BYTES + 1), "larger than")])
def test_a_file_that_is_no_secret_is_refused(tmp_path, data, words):
    file = tmp_path / "token"
    file.write_bytes(data)
    with pytest.raises(SecretError, match=words):
        read(f"file:{file}", "press")
