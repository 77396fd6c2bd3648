"""What is usual is never taken for rarer than it is, and hardly for more usual."""

import json

from hypothesis import given
from hypothesis import strategies as st

from consumers.alerting.term_cutting import terms_of
from consumers.alerting.usual_terms import MOST_PEOPLE, UsualTerms

PEOPLE = st.lists(st.text("一二三四五六七八 ab", max_size=12).map(terms_of), max_size=60)


def learned(people: list[set[str]]) -> UsualTerms:
    usual = UsualTerms()
    for terms in people:
        usual.learn(terms)
    return usual


@given(PEOPLE)
def test_a_term_is_at_least_as_usual_as_it_was_counted(people: list[set[str]]) -> None:
    usual = learned(people)
    assert usual.people == len(people)
    for term in set().union(*people, {"九十"}):
        assert sum(term in terms for terms in people) <= usual.of(term) <= len(people)


@given(PEOPLE, st.randoms())
def test_order_and_a_restart_change_nothing(people: list[set[str]], dice: object) -> None:
    shuffled = list(people)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    usual = learned(people)
    assert learned(shuffled).dump() == usual.dump()
    assert UsualTerms.load(json.loads(json.dumps(usual.dump()))).dump() == usual.dump()


def test_what_was_never_written_passes_for_hardly_usual() -> None:
    # Each person's 24 terms are their own: the worst for a table of fixed size.
    people = [terms_of("".join(chr(0x4E00 + 10 * person + place) for place in range(9))) for person in range(1_000)]
    usual = learned(people)
    foreign = [usual.of(chr(0x9000 + number) + chr(0x9100 + number)) for number in range(200)]
    assert sum(foreign) / len(foreign) < 0.02 * usual.people


def test_old_people_count_half() -> None:
    usual = learned([{"签证"}] * 40)
    usual.halve()
    assert (usual.people, usual.of("签证")) == (20, 20)
    for _ in range(10_000):
        usual.learn({"签证"})
    assert usual.people <= MOST_PEOPLE
    assert usual.of("签证") == usual.people
