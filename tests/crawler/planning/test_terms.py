"""The terms of a plan: what the settings promise, what the lanes may ask for, and where the two contradict."""

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.planning.plan import MODEL
from crawler.planning.promises import PROMISES
from crawler.planning.terms import UNBOUNDED, terms_of
from schemas.errors import SettingsError
from schemas.settings import Crawl, Settings

UNLIMITED = {"requests_per_minute": 10**9, "requests_per_day": 10**12, "government_factor": 1}


def settings(**crawl: object) -> Settings:
    return Settings(home=Path("nowhere"), origin="replica", crawl=Crawl.model_validate({**UNLIMITED, **crawl}))


def test_the_defaults_are_those_of_the_plan() -> None:
    terms = terms_of(settings())
    assert terms.promises == PROMISES
    assert terms.model == MODEL
    assert terms.budget.render_cost == 100


def test_what_is_set_is_promised() -> None:
    terms = terms_of(settings(visit_every_last_min=90, render_every_first_h=6, tier_weight_normal=1.5, watch_h=48))
    assert terms.promises["last"].every == timedelta(minutes=90)
    assert terms.promises["first"].render_every == timedelta(hours=6)
    assert terms.promises["normal"].weight == 1.5
    assert terms.model.life == 48 * 3_600


def test_the_budget_follows_from_the_delay() -> None:
    slow, fast = terms_of(settings(delay_s=20)), terms_of(settings(delay_s=10))
    assert fast.budget.per_hour == pytest.approx(2 * slow.budget.per_hour)
    assert slow.delay == 2 * fast.delay
    assert terms_of(settings(delay_s=0)).budget.per_hour == UNBOUNDED


def test_the_budget_is_the_sum_of_the_lanes() -> None:
    lanes = [{"name": "one"}, {"name": "two", "delay_s": 36, "requests_per_day": 1_200}]
    terms = terms_of(settings(lanes=lanes, delay_s=10))
    # A delay is a quarter longer on average, by its jitter.
    assert terms.lanes == {"one": 288.0, "two": 50.0}
    assert terms.budget.per_hour == 338.0
    assert terms_of(settings(lanes=lanes, delay_s=10, share=0.5)).budget.per_hour == 169.0
    assert terms_of(settings(delay_s=1, requests_per_minute=2)).budget.per_hour == 120.0


def test_the_live_defaults_keep_their_promises_to_all_accounts_of_the_list() -> None:
    terms = terms_of(Settings(home=Path("nowhere"), origin="live"))
    assert terms.lanes == {"guest": 192.0}
    assert terms.delay == timedelta(seconds=18.75)
    assert terms.shortages(["normal"] * 48) == ()
    assert terms.shortages(["normal"] * 80)


def test_a_promise_that_one_account_alone_overdraws_is_refused() -> None:
    asks = settings(delay_s=1_800, visit_every_first_min=10, render_cost=1)
    with pytest.raises(SettingsError, match=r"crawl\.visit_every_first_min .*one account of tier first .*crawl\.delay"):
        terms_of(asks)
    assert terms_of(asks, ["normal", "last"]).budget.per_hour == 1.6, "nobody is in the first tier"


def test_promises_to_all_accounts_that_the_budget_cant_keep_are_told_by_tier() -> None:
    terms = terms_of(settings(delay_s=60, render_cost=1))
    assert terms.shortages(["first"] * 10) == ()
    (said,) = terms.shortages(["first"] * 10 + ["normal"] * 100 + ["last"] * 0)
    assert said.startswith("tier normal: the promises to 100 accounts can't be kept")
    assert len(terms.shortages(["first"] * 100 + ["last"])) == 2


def test_a_page_that_does_not_fit_into_an_hour_is_told() -> None:
    terms = terms_of(settings(delay_s=48, render_cost=100))
    assert [said.partition(":")[0] for said in terms.shortages(["last"])] == ["no page is rendered"]
    assert terms.shortages([]) == ()
