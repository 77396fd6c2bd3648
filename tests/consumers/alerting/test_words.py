from consumers.alerting.words import PostWords, first_words
from tests.schemas.examples import POST


def post(post_id: int, text: str = "你好", account_id: str = "us-embassy") -> object:
    return POST.model_copy(update={"post_id": str(post_id), "text": text, "account_id": account_id})


def test_words_are_one_short_line() -> None:
    assert first_words("新年快乐\n\n  #中美关系#\t你好") == "新年快乐 #中美关系# 你好"
    assert first_words("字" * 80) == "字" * 80
    assert first_words("字" * 81) == "字" * 79 + "…"


def test_the_newest_posts_of_each_account_are_remembered() -> None:
    words = PostWords(most=2)
    for event in (post(3), post(1), post(2), post(9, account_id="fr-embassy")):
        words.feed(event)  # type: ignore[arg-type]
    known = {number for number in range(10) if words.of(str(number))}
    assert known == {2, 3, 9}
    assert words.dirty() == ["1", "2", "3", "9"]
    assert words.dump("1") is None


def test_an_edit_is_what_is_quoted_from_then_on_and_the_same_again_is_no_news() -> None:
    words = PostWords()
    for event in (post(1), post(1, "再见"), post(1, "再见")):
        words.feed(event)  # type: ignore[arg-type]
        if event is not None and words.dirty():
            text = words.of("1")
    assert text is not None and text.text == "再见"
    words.feed(post(1, "再见"))  # type: ignore[arg-type]
    assert words.dirty() == []


def test_words_outlive_a_restart() -> None:
    words, again = PostWords(), PostWords()
    words.feed(POST)
    for key in words.dirty():
        state = words.dump(key)
        assert state is not None
        again.load(key, state)
    assert again.of(POST.post_id) == words.of(POST.post_id) is not None
    assert again.dirty() == []
