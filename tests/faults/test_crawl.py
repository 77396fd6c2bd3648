"""A drill of the crawl in short: one visit to one account; `weiplomacy drill crawl` does both halves whole."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.crawl import Plan, campaign, plan_of, scenario_of, witness_of
from tests.faults.crawl_stage import NOW
from tests.kafka_process import KafkaProcess

SEED = 3


def test_a_plan_follows_from_its_seed_and_meets_what_befalls_accounts(tmp_path: Path) -> None:
    scenario = scenario_of(tmp_path, SEED)
    witness = witness_of(tmp_path, scenario)
    plan = plan_of(witness, scenario, SEED, 12, 6, 8)
    assert plan == plan_of(witness, scenario, SEED, 12, 6, 8)
    assert len(plan.accounts) == 6
    assert (len(plan.moments), len(plan.blows), len(plan.loader_dies)) == (12, 8, 4)
    last = plan.moments[-1]
    met = {name for account in plan.accounts for name in witness.befalls(account, [NOW + timedelta(hours=3.5), last])}
    assert met >= {"an old post pinned", "gone for three hours, without a word", "closed for good", "a new name"}
    # The witness sees less than there is, and nothing that there never was.
    for account in plan.accounts:
        assert witness.seen(account, last) <= witness.ever(account, last)


@pytest.mark.stack
@pytest.mark.timeout(300)
def test_under_faults_receipts_account_for_all_that_could_be_seen(browser: Path, tmp_path: Path) -> None:
    scenario = scenario_of(tmp_path, SEED)
    witness = witness_of(tmp_path, scenario)
    # A broker of its own: what other tests have published is not accounted for by this one.
    kafka = KafkaProcess(tmp_path / "kafka")
    try:
        kafka.start()
        plan = Plan(["at-embassy"], [NOW], scenario, speed=1_200)
        result = campaign(tmp_path, kafka, browser, plan, witness)
    finally:
        kafka.stop()
    assert result.wrong == []
    assert result.account.receipts == 1
    assert result.account.captured.total() + result.account.named.total() > 0
