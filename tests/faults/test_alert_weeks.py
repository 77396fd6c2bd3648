"""The plan of the weeks, and when a target is missed; `weiplomacy drill alert-weeks` lets them pass."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from consumers.delivery.log import Delivery
from deploy.replica.effects import Effects
from deploy.replica.server import EMBASSIES
from schemas.registry import load
from schemas.settings import Settings
from tests.faults.alert_chain import Chain, ways
from tests.faults.alert_labels import TOLD_BY, Found, Label, labels_of
from tests.faults.alert_weeks import END, Plan, Result, cast
from tests.faults.test_alert_labels import alert, label

PLAN = Plan(14, 800, 10, 8)
CHAIN = Chain((), (), (), (), ())


def result(found: list[Found], false: int = 0, wrong: tuple[str, ...] = ()) -> Result:
    told = [(alert("post_rise", hours), "false") for hours in range(false)]
    accounts = [f"account-{number}" for number in range(10)]
    return Result(
        PLAN, accounts, found, 3, [30.0], told, Counter(), Counter(press=2), Counter(), 0, CHAIN, 60.0, list(wrong)
    )


def of(label: Label, *, looks: int = 1, is_found: bool = True) -> Found:
    return Found(label, alert("post_rise", 1) if is_found else None, looks)


def test_two_weeks_have_a_label_of_every_kind_among_ten_accounts(tmp_path: Path) -> None:
    effects = Effects(EMBASSIES, PLAN.seed, PLAN.span)
    ids = {one.uid: one.id for one in load(Settings(home=tmp_path)).accounts if one.uid}
    accounts = cast(effects, ids, 10)
    assert accounts == cast(effects, ids, 10)
    assert len(accounts) == 10
    labels = labels_of(effects.document(), {uid: one for uid, one in ids.items() if one in accounts})
    assert {one.kind for one in labels if one.must} >= set(TOLD_BY) - {"followers"}
    assert all(PLAN.span.since <= one.onset or one.kind in ("born", "slow") for one in labels)
    course = PLAN.course
    assert (course.end, course.end - course.begin) == (END, timedelta(days=14))
    assert course.begin < PLAN.span.since < course.away < course.back < course.end


def test_everything_found_soon_and_nothing_in_vain_reaches_every_target() -> None:
    fine = result([of(label(), looks=2), of(label("removal", 1.0))])
    assert fine.missed == []
    assert "2 of 2 labels found, 60 min" in fine.line()
    assert fine.line().endswith("every target reached")


def test_what_is_missed_late_or_in_vain_is_said() -> None:
    assert result([]).missed == ["no label could be seen"]
    assert result([of(label()), of(label(), is_found=False)]).missed == ["recall 0.500, 0.95 wanted"]
    assert result([of(label()), of(label(size=2.0), is_found=False)]).missed == []
    assert result([of(label(), looks=3)]).missed == ["3 looks until the alert, 2 wanted"]
    assert result([of(label())], false=1).missed == []
    assert result([of(label())], false=2).missed == ["2 false, 1 allowed"]
    broken = result([of(label())], wrong=("a consumer ended",))
    assert broken.line().endswith("MISSED: a consumer ended")
    lucky = replace(broken, false=[(alert("post_rise", 1), "by luck")], wrong=[])
    assert "0 false, 1 by luck" in lucky.line()
    assert lucky.missed == []


def test_how_episodes_were_told() -> None:
    now, later, muted, held = (alert("post_rise", hours) for hours in range(4))
    muted = muted.model_copy(update={"muted_by": "account_wave:x"})
    log = [
        Delivery(END, "press", now.episode_id, 1, "owed"),
        Delivery(END, "press", now.episode_id, 1, "delivered"),
        Delivery(END, "press", later.episode_id, 1, "delivered", digest="d"),
    ]
    assert ways([now, later, muted, held, alert("post_rise", 0, "ended")], log) == {
        "at once": 1,
        "in a digest": 1,
        "spoken for": 1,
        "held back": 1,
    }
