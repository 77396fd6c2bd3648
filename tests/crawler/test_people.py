import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from crawler.people import KeyFileError, Pseudonymiser, load_key, people_of
from schemas.settings import People, Settings


def test_the_same_person_has_the_same_hash_and_another_key_another():
    one, other = Pseudonymiser(b"k" * 32), Pseudonymiser(b"l" * 32)
    assert one.key_of("17") == one.key_of("17") != one.key_of("18")
    assert one.key_of("17") != other.key_of("17")
    assert len(one.key_of("17")) == 32
    assert one.name_token("张三") != other.name_token("张三")
    assert one.key_of("17")[:12] != one.name_token("17")[1:]


def test_a_key_is_made_once_and_is_its_owners(tmp_path):
    file = tmp_path / "state" / "people.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(load_key, [file] * 8))
    assert len(keys) == 1
    assert keys == {load_key(file)}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["people.key"]


@pytest.mark.parametrize("content", ["", "xyz", "00" * 16, "ü" * 64])
def test_a_broken_key_is_named_and_left_alone(tmp_path, content):
    file = tmp_path / "people.key"
    file.write_text(content, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(KeyFileError, match=r"people\.key"):
        load_key(file)
    assert file.read_text(encoding="utf-8") == content


def test_a_key_that_others_can_read_is_refused(tmp_path):
    file = tmp_path / "people.key"
    load_key(file)
    file.chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        load_key(file)


def test_a_folder_that_is_none_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError):
        load_key(tmp_path / "file" / "people.key")


def test_a_short_key_is_refused():
    with pytest.raises(KeyFileError):
        Pseudonymiser(os.urandom(8))


def test_the_key_may_be_a_setting_and_wins_over_the_file(tmp_path):
    by_file = people_of(Settings(home=tmp_path))
    assert (tmp_path / "people.key").exists()
    assert not by_file.raw
    text = (tmp_path / "people.key").read_text().strip()
    by_setting = people_of(Settings(home=tmp_path / "other", people=People(key=text, raw=True)))
    assert by_setting.key_of("17") == by_file.key_of("17")
    assert by_setting.raw
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("key", ["", "xyz", "00" * 16, "秘密"])
def test_a_setting_that_is_no_key_is_named_and_not_shown(tmp_path, key):
    with pytest.raises(KeyFileError, match=r"people\.key") as error:
        people_of(Settings(home=tmp_path, people=People(key=key)))
    assert not key or key not in str(error.value).removeprefix("the setting people.key is not a key of hashes")
