"""The benchmark of questions on a small population: of the shape that it says, made once, and asked through."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas import migrate, registry
from schemas.clickhouse import connect
from schemas.questions import Parameter, Question
from schemas.settings import Settings
from tests.benchmarks import filling, questions
from tests.benchmarks.asking import quantile
from tests.benchmarks.drawing import Stock, UndrawableError, is_about_one
from tests.benchmarks.population import MOST_ACCOUNTS, Scale, parts, scale_of
from tests.clickhouse_process import ClickHouseProcess

END = datetime(2026, 11, 25, tzinfo=UTC)
DAY = END.date()


def question(*parameters: Parameter) -> Question:
    return Question("q", "posts", "?", "？", tuple(parameters), (), "SELECT 1", ("posts",))


def parameter(name: str, kind: str, default: str | None = None, choices: tuple[str, ...] = ()) -> Parameter:
    return Parameter(name, kind, default, choices, "", "")


def test_a_scale_has_about_the_samples_that_are_wanted() -> None:
    for samples in (1_000, 1_000_000, 100_000_000, 1_000_000_000):
        scale = scale_of(samples, END)
        assert abs(scale.samples - samples) <= scale.accounts * 10
        assert scale.end == END
    assert scale.accounts == MOST_ACCOUNTS
    assert 300 < (scale.end - scale.begin).days < 500


def test_months_hold_each_visit_once() -> None:
    scale = Scale(3, 5_000, datetime(2026, 11, 30, 23, 50, tzinfo=UTC))
    months = scale.months()
    assert [visit for first, behind in months for visit in range(first, behind)] == list(range(5_000))
    assert months[0] == (0, 1)
    names = [part.name for part in parts(scale, [])]
    assert len(names) == len(set(names))


def test_values_are_drawn_for_every_parameter_or_refused_by_name() -> None:
    stock = Stock(["a1"], [5], ["US"], ["EU"], DAY, DAY)
    chance = random.Random(1)
    asked = question(
        parameter("account", "String"), parameter("post", "UInt64"), parameter("until", "Date", "today"),
        parameter("side", "UInt32", "300", ("300", "900")), parameter("limit", "UInt16", "20"),
        parameter("times", "Float64", "3"), parameter("days", "UInt16", "1"),
    )  # fmt: skip
    values = stock.values(asked, chance)
    assert (values["account"], values["post"], values["until"], values["limit"]) == ("a1", 5, "2026-11-25", 20)
    assert values["side"] in (300, 900)
    assert values["days"] in (1, 7, 30, 90)
    assert values["times"] == 3.0
    assert is_about_one(asked)
    assert {stock.values(question(parameter("country", "String", "")), chance)["country"] for _ in range(99)} == {
        "",
        "US",
    }
    with pytest.raises(UndrawableError, match="q needs word"):
        stock.values(question(parameter("word", "String")), chance)


def test_a_quantile_is_a_value_that_was_measured() -> None:
    assert [quantile(range(1, 21), share) for share in (0.5, 0.95, 1.0)] == [10, 19, 20]
    assert quantile([7.0], 0.95) == 7.0


@pytest.mark.stack
def test_a_part_that_is_made_twice_is_there_once_and_has_the_shape_that_is_promised(
    clickhouse: ClickHouseProcess, empty: Settings
) -> None:
    client = connect(empty)
    migrate.apply(client, empty)
    names = [account.id for account in registry.load(empty).accounts]
    scale = scale_of(60_000, END)
    some = list(parts(scale, names))
    client.command("DROP DATABASE IF EXISTS bench SYNC")
    assert filling.agreed(client, scale) == scale

    def fill() -> None:
        filling.fill(lambda: connect(empty), some, 2, lambda sentence: None)

    fill()
    # As if it had been killed after the inserts, and before they were written down.
    client.command("TRUNCATE TABLE bench.done")
    fill()
    rows, places, moments, posts, late = client.query(
        "SELECT count(), uniqExact(kafka_partition, kafka_offset), uniqExact(account_id, observed_at), "
        "uniqExact(account_id, post_id), countIf(observed_at < created_at) FROM weibo_store.engagement_samples"
    ).result_rows[0]
    assert rows == places == scale.samples
    assert moments == scale.samples / 10
    assert late == 0
    known = "SELECT account_id, post_id FROM weibo_store.post_versions"
    assert client.query(
        "SELECT count() FROM (SELECT DISTINCT account_id, post_id FROM weibo_store.engagement_samples) "
        f"WHERE (account_id, post_id) NOT IN ({known})"
    ).result_rows == [(0,)]  # fmt: skip
    falls = client.query(
        "SELECT count() FROM (SELECT likes < lagInFrame(likes) OVER (PARTITION BY account_id, post_id ORDER BY "
        "observed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS fell FROM weibo_store.engagement_samples) WHERE fell"
    ).result_rows[0][0]
    assert 0 < falls < posts / 20
    filling.derive(lambda: connect(empty), 2, lambda sentence: None)
    assert client.query("SELECT count() FROM weibo.post_measures").result_rows == [(posts,)]
    assert client.query("SELECT uniqExact(account_id) FROM weibo.account_days").result_rows == [(scale.accounts,)]
    with pytest.raises(filling.OtherScaleError, match="name another folder"):
        filling.agreed(client, scale_of(120_000, END))
    client.command("DROP DATABASE bench SYNC")
    client.close()


@pytest.mark.stack
@pytest.mark.timeout(300)
def test_the_benchmark_asks_its_questions_and_ends_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--samples", "2e4", "--data", str(tmp_path), "--warm", "2", "--cold", "1", "--json"]
    for name in ("post-history", "ranking", "top-posts"):
        given += ["--only", name]
    code = questions.main(given)
    document = json.loads(capsys.readouterr().out)
    assert [one["question"] for one in document["questions"]] == ["post-history", "ranking", "top-posts"]
    assert [one["about"] for one in document["questions"]] == ["one", "all", "all"]
    assert document["not_answered"] == {}
    assert all(one["warm"]["rows"] > 0 and one["cold"]["p50"] > 0 for one in document["questions"])
    assert document["questions"][2]["raw"]["rows"] > 0
    assert {table["table"] for table in document["tables"]} >= {"engagement_samples", "post_measures"}
    assert code == (1 if document["slower_than_the_target"] else 0)
    # Begun again, nothing is made anew; and a table and a line are for people.
    assert questions.main([one for one in given if one != "--json"]) in (0, 1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("3 questions on 20,160 samples")
