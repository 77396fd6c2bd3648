import json
from math import exp, log, sqrt
from random import Random

import pytest

from consumers.alerting.baselines import METRICS, Group, encode
from consumers.alerting.growth_curve import AGES, GrowthCurve
from consumers.alerting.usual_spreads import NARROWEST, UsualSpreads

AT, METRIC = 4, 1
CURVE = GrowthCurve()


def spreads() -> UsualSpreads:
    return UsualSpreads(len(AGES), len(METRICS))


def measured(chance: Random, true: float, members: int) -> float:
    """What so many posts say of a spread."""
    return true * exp(chance.gauss(0.0, sqrt(0.83 / members)))


def taught(differ: float, members: int, seed: int = 1) -> tuple[UsualSpreads, list[tuple[float, float]]]:
    """What accounts teach whose spreads are 0.6 in the middle and differ so much; each with what its posts said."""
    chance, found, accounts = Random(seed), spreads(), []
    for _ in range(400):
        true = 0.6 * exp(chance.gauss(0.0, differ))
        said = measured(chance, true, members)
        found.learn(AT, METRIC, said, members)
        accounts.append((true, said))
    found.adopt()
    return found, accounts


def error(pairs: list[tuple[float, float]]) -> float:
    return sqrt(sum(log(one / other) ** 2 for one, other in pairs) / len(pairs))


@pytest.mark.parametrize("differ", (0.05, 0.2, 0.4))
@pytest.mark.parametrize("members", (6, 12, 40))
def test_what_is_believed_is_nearer_to_the_truth_than_what_few_posts_say(differ: float, members: int) -> None:
    found, accounts = taught(differ, members)
    believed = [(true, found.believed(AT, METRIC, said, members)[0]) for true, said in accounts]
    assert error(believed) < error(accounts)


def test_where_accounts_are_alike_their_mean_says_as_much_as_many_posts_and_else_little() -> None:
    alike, _ = taught(0.05, 12)
    unlike, _ = taught(0.6, 12)
    spread, known = alike.believed(AT, METRIC, 1.2, 12)
    assert 0.55 < spread < 0.8 and known > 40
    spread, known = unlike.believed(AT, METRIC, 1.2, 12)
    assert 0.95 < spread <= 1.2 and 12 < known < 20


def test_many_posts_of_its_own_outweigh_all_others() -> None:
    found, _ = taught(0.2, 12)
    assert found.believed(AT, METRIC, 1.2, 10_000)[0] == pytest.approx(1.2, rel=0.01)


def test_other_ages_and_metrics_learn_nothing_of_it() -> None:
    found, _ = taught(0.05, 12)
    for at, metric in ((AT + 1, METRIC), (AT, METRIC - 1)):
        assert found.believed(at, metric, 1.2, 12) == spreads().believed(at, metric, 1.2, 12)


def test_what_is_learnt_counts_from_the_next_adoption_on() -> None:
    found = spreads()
    before = found.believed(AT, METRIC, 1.2, 12)
    for _ in range(50):
        found.learn(AT, METRIC, 0.5, 12)
    assert found.believed(AT, METRIC, 1.2, 12) == before
    found.adopt()
    assert found.believed(AT, METRIC, 1.2, 12)[0] < before[0]


def test_an_account_whose_posts_are_all_alike_moves_the_others_little() -> None:
    found, _ = taught(0.2, 12)
    before = found.believed(AT, METRIC, 1.2, 12)[0]
    found.learn(AT, METRIC, 0.0, 100)
    found.adopt()
    assert found.believed(AT, METRIC, 1.2, 12)[0] == pytest.approx(before, rel=0.02)
    assert found.believed(AT, METRIC, 0.0, 100)[0] >= NARROWEST


def test_written_down_and_taken_up_it_goes_on_the_same() -> None:
    found, _ = taught(0.2, 12)
    found.learn(AT, METRIC, 3.0, 12)
    again = spreads()
    again.load(json.loads(json.dumps(found.dump())))
    for one in (found, again):
        one.learn(AT, METRIC, 2.0, 12)
    assert again.dump() == found.dump()
    assert again.believed(AT, METRIC, 1.2, 12) == found.believed(AT, METRIC, 1.2, 12)


def test_a_group_of_few_posts_is_known_better_among_accounts_like_it() -> None:
    """Twelve posts that stray far by chance; all other accounts' posts are within half as much."""
    found = spreads()
    alone, among = Group(), Group(found)
    chance = Random(3)
    for _ in range(300):
        other = Group(found)
        for _ in range(12):
            other.add(AT, [encode(50 * exp(chance.gauss(0.0, 0.5)))] * 4)
        other.teach(AT)
    found.adopt()
    for _ in range(12):
        codes = [encode(50 * exp(chance.gauss(0.0, 1.0)))] * 4
        alone.add(AT, codes)
        among.add(AT, codes)
    by_itself, usual = alone.usual(AT, CURVE), among.usual(AT, CURVE)
    assert by_itself is not None and usual is not None
    assert usual.spreads[METRIC] < 0.75 * by_itself.spreads[METRIC]
    assert usual.centres == by_itself.centres


def test_four_posts_teach_nothing() -> None:
    found = spreads()
    before = found.dump()
    few = Group(found)
    for count in (1, 10, 100, 1_000):
        few.add(AT, [encode(count)] * 4)
        few.teach(AT)
    assert found.dump() == before
