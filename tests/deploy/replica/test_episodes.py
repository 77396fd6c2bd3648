import itertools
import math
import statistics
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.replica.courses import Effect
from deploy.replica.episodes import CALM, CONDOLENCES, LEAST, RISES, Stage, ordinary_of, stage
from deploy.replica.growth import LIFE
from deploy.replica.world import World

LIST = Path(__file__).parents[3] / "schemas" / "reference_2016" / "embassies.csv"
SINCE = datetime(2016, 9, 26, tzinfo=UTC).timestamp()
UNTIL = SINCE + 21 * 86_400
END = UNTIL + LIFE


@pytest.fixture(scope="module")
def scene() -> Stage:
    return stage(World(LIST, 6), SINCE, UNTIL)


def of_kind(scene: Stage, kind: str) -> list[Effect]:
    return [effect for effect in scene.effects if effect.kind == kind]


def test_the_same_seed_gives_the_same_effects(scene: Stage) -> None:
    assert stage(World(LIST, 6), SINCE, UNTIL).effects == scene.effects
    assert stage(World(LIST, 4), SINCE, UNTIL).effects != scene.effects


def test_there_are_effects_of_every_kind(scene: Stage) -> None:
    kinds = Counter(effect.kind for effect in scene.effects)
    assert set(kinds) >= {*RISES, "condolences"}
    assert {effect.size for effect in of_kind(scene, "organic")} == {1.5, 2.0, 3.0, 5.0, 10.0}


def test_reposts_and_comments_fall_only_where_they_are_deleted(scene: Stage) -> None:
    fallen = set()
    for effect in scene.effects:
        account = scene.world.account(effect.uid)
        assert account is not None
        post = scene.world.post(account, effect.ordinal)
        moments = [post.published + 3_600.0 * hour for hour in range(0, 400, 2)]
        counts = [scene.counters(post, moment) for moment in moments]
        if any(after[0] < before[0] or after[1] < before[1] for before, after in itertools.pairwise(counts)):
            fallen.add(effect.kind)
    assert fallen == {"deletion"}


def test_a_fall_takes_enough_to_be_told_of(scene: Stage) -> None:
    deletions = of_kind(scene, "deletion")
    assert deletions
    for effect in deletions:
        account = scene.world.account(effect.uid)
        assert account is not None
        post = scene.world.post(account, effect.ordinal)
        before, after = (scene.counters(post, effect.onset + second)[2] for second in (-1, 1))
        assert 24 <= before - after <= 0.91 * before


def test_nothing_of_an_effect_comes_before_its_onset(scene: Stage) -> None:
    plain = Stage(scene.world, (), {account.uid: CALM for account in scene.world.accounts})
    effects = [effect for effect in scene.effects if effect.kind not in ("deletion", "born", "slow")]
    for effect in effects:
        assert effect.share(effect.onset) == 0.0 < effect.share(effect.onset + 60)
        assert effect.share(effect.onset + LIFE) == pytest.approx(1.0)
    assert plain.effects == ()


def test_the_size_is_how_many_times_what_was_to_be_expected(scene: Stage) -> None:
    for kind in ("organic", "night", "born", "small"):
        for effect in of_kind(scene, kind):
            account = scene.world.account(effect.uid)
            assert account is not None
            ordinary = scene.ordinary(scene.world.post(account, effect.ordinal))
            for add, own, usual in zip(effect.adds, ordinary.finals, ordinary.usual, strict=True):
                assert own + add >= effect.size * own - 1e-6
                assert add >= (effect.size - 1) * max(usual, 0.775 * LEAST) - 1e-6


def test_candles_stand_on_the_pages_and_days_that_are_known(scene: Stage) -> None:
    codes = {scene.world.account(effect.uid).code for effect in of_kind(scene, "condolences")}  # type: ignore[union-attr]
    assert codes == set(CONDOLENCES)
    days = {datetime.fromtimestamp(effect.onset, UTC).date().isoformat() for effect in of_kind(scene, "condolences")}
    assert days == {"2016-09-28", "2016-10-13"}


def test_a_calm_account_varies_little_and_a_wild_one_as_the_world_does(scene: Stage) -> None:
    account = scene.world.accounts[0]
    posts = [scene.world.post(account, account.published(SINCE) - back) for back in range(1, 80)]
    spreads = []
    for temper in (CALM, 1.0):
        likes = [ordinary_of(scene.world, post, temper).growth.likes + 1 for post in posts]
        logs = statistics.quantiles([math.log(one) for one in likes])
        spreads.append((logs[2] - logs[0]) / 1.349)
    assert spreads[0] < 0.45
    assert spreads[1] > 1.0


def test_a_label_tells_the_truth_in_plain_words(scene: Stage) -> None:
    document = scene.effects[0].document()
    assert document["kind"] == scene.effects[0].kind
    assert datetime.fromisoformat(document["onset"]).timestamp() == pytest.approx(scene.effects[0].onset)
