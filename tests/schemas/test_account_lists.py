from pathlib import Path

import pytest

from schemas.account_lists import AccountListError, read
from schemas.accounts import Account, Mission
from schemas.registry import BASE_LIST


def listed(folder: Path, text: str) -> Path:
    file = folder / "accounts.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(AccountListError) as caught:
        read(listed(folder, text))
    return caught.value.problems


def test_a_uid_or_a_name_is_enough(tmp_path: Path) -> None:
    by_number, by_name, by_id = read(
        listed(
            tmp_path,
            '[[account]]\nuid = 1743951792\n\n[[account]]\nscreen_name = "某大使馆"\n\n'
            '[[account]]\nid = "mine"\nuid = "42"\n',
        )
    )
    assert (by_number.id, by_number.uid, by_number.screen_name) == ("uid:1743951792", "1743951792", None)
    assert (by_number.mission, by_number.country_code, by_number.name_zh) == (Mission.OTHER, None, "uid 1743951792")
    assert (by_name.id, by_name.uid, by_name.name_en) == ("name:70598117edbadeb1", None, "某大使馆")
    assert by_id.id == "mine"


def test_an_editors_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    assert len(read(listed(tmp_path, "\ufeff[[account]]\nuid = 1\n"))) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "there is no [[account]] in it"),
        ("[[account]]\n", "line 1: needs a uid or a screen_name"),
        ('\n[[account]]\nuid = 1\n# a word\n  [[ account ]]\nuid = "x"\n', "line 5: uid: String should match"),
        ("[[account]]\nuid = 1\ncolour = 2\n", "line 1: 'colour' is not a field of it"),
        ('[[account]]\nuid = 1\nmission = "castle"\n', "line 1: mission: Input should be 'embassy'"),
        ('[[account]]\nuid = 1\ncountry_code = "us"\n', "line 1: country_code: String should match"),
        ('[[account]]\nuid = 1\nid = "US Embassy"\n', "line 1: id: String should match"),
        ('[[account]]\nscreen_name = "@name"\n', "line 1: screen_name: String should match"),
        ("[[account]]\nuid = true\n", "line 1: uid: "),
        ("[[account]]\nuid = 1\nvalid_from = 2020-01-02\nvalid_to = 2020-01-01\n", "line 1: valid_from 2020-01-02"),
        ("account = 3\n", "[[account]]: Input should be"),
        ("account = [3]\n", "account number 1: Input should be"),
        ("[[acount]]\nuid = 1\n", "'acount' is not known"),
        ('[[account]]\nuid = 1\n[[bloc]]\nid = "EU"\n', "line 3: name_en: Field required"),
        ("[[account]\n", "Expected"),
    ],
)
def test_a_problem_is_told_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    assert any(problem.startswith(expected) for problem in problems(tmp_path, text)), problems(tmp_path, text)


def test_all_problems_are_told_at_once_and_the_message_is_bounded(tmp_path: Path) -> None:
    text = "[[account]]\nmission = 1\n" * 30
    assert len(problems(tmp_path, text)) == 30
    with pytest.raises(AccountListError, match="and 20 more"):
        read(listed(tmp_path, text))


def test_a_list_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(AccountListError, match="can't be read") as caught:
        read(tmp_path / "missing.toml")
    assert caught.value.exit_code == 2
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(AccountListError, match="binary"):
        read(tmp_path / "binary.toml")


SAME = {
    "uid": 'id = "a"\nuid = 1\n{a}\n[[account]]\nid = "b"\nuid = 1\n{b}\n',
    "screen name": 'id = "a"\nscreen_name = "Name"\n{a}\n[[account]]\nid = "b"\nscreen_name = "name"\n{b}\n',
    "domain": 'id = "a"\nuid = 1\ndomain = "d"\n{a}\n[[account]]\nid = "b"\nuid = 2\ndomain = "D"\n{b}\n',
}


@pytest.mark.parametrize("what", SAME)
@pytest.mark.parametrize(
    ("a", "b", "clash"),
    [
        ("", "", True),
        ("valid_to = 2020-01-01", "valid_from = 2020-01-02", False),
        ("valid_to = 2020-01-01", "valid_from = 2020-01-01", True),
        ("valid_from = 2021-01-01", "valid_to = 2020-12-31", False),
        ("valid_from = 2021-01-01", "valid_to = 2021-01-01", True),
        ("valid_to = 2020-01-01", "", True),
    ],
)
def test_two_accounts_may_share_a_thing_one_after_the_other(
    tmp_path: Path, what: str, a: str, b: str, clash: bool
) -> None:
    text = "[[account]]\n" + SAME[what].format(a=a, b=b)
    if clash:
        [problem] = problems(tmp_path, text)
        assert f"has the {what} " in problem
        assert problem.endswith("at the same time as a (line 1)")
    else:
        assert len(read(listed(tmp_path, text))) == 2


def test_an_id_is_never_used_twice(tmp_path: Path) -> None:
    earlier = '[[account]]\nid = "a"\nuid = 1\nvalid_to = 2020-01-01\n'
    later = '[[account]]\nid = "a"\nuid = 2\nvalid_from = 2021-01-01\n'
    text = earlier + later
    assert problems(tmp_path, text) == ("line 5: the id a is taken (line 1)",)


def test_blocs_follow_from_the_country_but_china_speaks_for_itself(tmp_path: Path) -> None:
    bloc = '[[bloc]]\nid = "EU"\nname_en = "European Union"\nname_zh = "欧盟"\nas_of = 2025-12-31\ncountries = ["FR"]\n'
    france, mission, other = read(
        listed(
            tmp_path,
            bloc + '[[account]]\nuid = 1\ncountry_code = "FR"\n'
            '[[account]]\nuid = 2\ncountry_code = "FR"\nmission = "chinese_mission"\n'
            '[[account]]\nuid = 3\ncountry_code = "FR"\nbloc = ["own"]\n',
        )
    )
    assert (france.bloc, mission.bloc, other.bloc) == (("EU",), (), ("own",))


BASE = read(BASE_LIST)


def base(account_id: str) -> Account:
    return next(account for account in BASE if account.id == account_id)


def test_the_base_list_is_the_48_of_which_31_have_a_uid_and_none_is_confirmed() -> None:
    assert len(BASE) == 48
    assert sum(account.uid is None for account in BASE) == 17
    assert all(account.uid_confirmed_at is None for account in BASE)
    assert all(account.uid_source for account in BASE if account.uid)
    assert all(a.country_code and a.country_en and a.country_zh and a.name_en and a.name_zh for a in BASE)
    assert [account.id for account in BASE if account.printed_screen_name is None] == ["eu-delegation"]


@pytest.mark.parametrize(
    ("mission", "ids"),
    [
        (Mission.SECTION, {"gb-culture-section", "pl-culture-section", "in-culture-section", "lt-commerce-section"}),
        (Mission.TOURISM_OFFICE, {"tr-tourism-office"}),
        (Mission.DELEGATION, {"eu-delegation"}),
        (Mission.CHINESE_MISSION, {"cn-embassy-in-zimbabwe", "cn-embassy-in-sri-lanka"}),
    ],
)
def test_what_is_no_embassy_says_so(mission: Mission, ids: set[str]) -> None:
    assert {account.id for account in BASE if account.mission is mission} == ids


def test_a_printed_name_is_kept_beside_the_corrected_one() -> None:
    corrected = {a.id for a in BASE if a.printed_screen_name not in (None, a.screen_name)}
    assert corrected == {"dk-embassy"}
    assert base("dk-embassy").screen_name == "丹麦驻华大使馆"


def test_related_accounts_are_named_with_their_source() -> None:
    related = {account.id: [other.screen_name for other in account.related] for account in BASE if account.related}
    assert related == {
        "gb-culture-section": ["英国驻华使馆"],
        "cn-embassy-in-sri-lanka": ["斯里兰卡驻广州总领事馆"],
        "eg-embassy": ["埃及驻华使馆文化处", None],
        "id-embassy": ["印度尼西亚驻广州总领事馆"],
    }


def test_the_base_list_agrees_with_the_collected_one(shared: Path) -> None:
    import csv

    with (shared / "weibo" / "embassies_2016.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    collected = [(row["country_code"], row["country"], row["screen_name"], row["uid"] or None) for row in rows]
    assert [(a.country_code, a.country_en, a.screen_name, a.uid) for a in BASE] == collected
