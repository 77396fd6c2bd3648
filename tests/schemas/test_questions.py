"""The files of the question pack: what a head may say, what is refused, and what holds of all of ours."""

import re
from collections import defaultdict

import pytest

from schemas.question_list import DOCUMENT, renewed
from schemas.questions import QuestionFileError, UnknownQuestionError, declared, find, parse

TEXT = """-- group: audience
-- english: Who leads?
-- chinese: 谁领先？
-- parameter: at Date = today; the day; 日期
-- parameter: side String in over|under = over; which side; 哪一侧
-- parameter: post UInt64 required; the post; 微博
-- note: of what is known; 已知者
SELECT {post:UInt64}, {side:String} -- a comment of its own
FROM weibo.ranking(at = toString({at:Date}))
LEFT JOIN weibo.accounts AS accounts USING (account_id)
"""


def test_a_file_is_a_head_and_one_select():
    question = parse("who-leads.sql", TEXT)
    assert (question.name, question.group) == ("who-leads", "audience")
    assert (question.english, question.chinese) == ("Who leads?", "谁领先？")
    assert [(one.name, one.type, one.default, one.choices) for one in question.parameters] == [
        ("at", "Date", "today", ()),
        ("side", "String", "over", ("over", "under")),
        ("post", "UInt64", None, ()),
    ]
    assert question.notes == (("of what is known", "已知者"),)
    assert question.views == ("ranking", "accounts")
    assert question.sql.startswith("SELECT {post:UInt64}")
    assert question.sql.endswith("USING (account_id)")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("-- group: audience\n", "", "-- group: …"),
        ("audience", "nonsense", "its group is none of"),
        ("-- english: Who leads?\n", "-- english:\n", "-- english: …"),
        ("-- chinese: 谁领先？\n", "", "-- chinese: …"),
        ("-- note: of", "-- remark: of", "its head has remark"),
        ("; 已知者", "", "a note reads"),
        ("Date = today", "Datum = today", "a parameter reads"),
        ("= today; the day; 日期", "= today; the day", "a parameter reads"),
        ("{at:Date}", "'2016-12-31'", "are not those of its SQL"),
        ("{at:Date}", "{on:Date}", "are not those of its SQL"),
        ("{at:Date}", "{at:String}", "are not those of its SQL"),
        ("weibo.accounts AS", "weibo_store.accounts AS", "views of weibo"),
        ("SELECT", "INSERT", "exactly one SELECT"),
        ("USING (account_id)", "USING (account_id); DROP TABLE x", "exactly one SELECT"),
    ],
)
def test_a_broken_file_says_why(old, new, why):
    assert old in TEXT
    with pytest.raises(QuestionFileError, match=re.escape(why)) as caught:
        parse("who-leads.sql", TEXT.replace(old, new))
    assert "who-leads.sql" in str(caught.value)


@pytest.mark.parametrize("name", ["Who.sql", "who_leads.sql", "who-.sql", "who.txt"])
def test_names_are_small_words(name):
    with pytest.raises(QuestionFileError, match="in-small-words"):
        parse(name, TEXT)


def test_ours_are_in_both_languages_and_mean_the_same_by_the_same_name():
    questions = declared()
    assert len({question.english for question in questions}) == len(questions)
    types = defaultdict(set)
    for question in questions:
        chinese = [
            question.chinese,
            *(one.chinese for one in question.parameters),
            *(note[1] for note in question.notes),
        ]
        assert all(re.search(r"[\u4e00-\u9fff]", words) for words in chinese), question.name
        assert all(ord(letter) < 0x4E00 for letter in question.english), question.name
        for parameter in question.parameters:
            types[parameter.name].add(parameter.type)
    assert {name: found for name, found in types.items() if len(found) > 1} == {}


def test_no_two_of_ours_differ_in_a_filter_only():
    def without_filters(sql):
        kept = re.sub(r"(?s)\b(WHERE|HAVING)\b.*?(?=\n *(?:GROUP|ORDER|LIMIT|WINDOW|ARRAY|\))|$)", "", sql)
        return " ".join(re.sub(r"LIMIT \S+|\d+|'[^']*'", "", kept).split())

    shapes = defaultdict(list)
    for question in declared():
        shapes[without_filters(question.sql)].append(question.name)
    assert [names for names in shapes.values() if len(names) > 1] == []


def test_ours_set_nothing():
    # An analyst's access is read-only, which forbids settings in a query too.
    assert [one.name for one in declared() if re.search(r"\bSETTINGS\b", one.sql)] == []


def test_an_unknown_question_names_close_ones():
    question = parse("who-leads.sql", TEXT)
    assert find([question], "Who_Leads") is question
    for wrong in ("wholeads", "leads"):
        with pytest.raises(UnknownQuestionError, match=r"did you mean who-leads\?"):
            find([question], wrong)
    with pytest.raises(UnknownQuestionError, match="'zzz': `weiplomacy ask` lists them"):
        find([question], "zzz")


def test_the_list_in_the_documentation_is_that_of_the_pack():
    document = DOCUMENT.read_text(encoding="utf-8")
    assert renewed(document, declared()) == document, "run `python -m schemas.question_list`"
    for question in declared():
        assert f"| `{question.name}` |" in document
