"""Scenarios: what they may say, and one sentence for what they may not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.replica.__main__ import main
from deploy.replica.errors import ScenarioError
from deploy.replica.faults.kinds import KINDS, documentation
from deploy.replica.faults.match import Match
from deploy.replica.faults.scenario import find_scenario, read_scenario, scenario_of, toml_document
from tests.deploy.replica.conftest import MOMENT
from tests.deploy.replica.faults.conftest import Controls
from tests.deploy.replica.guest import API, Guest

BAD: tuple[tuple[Any, str], ...] = (
    ({"faults": []}, "a scenario has no 'faults'; it may have fault, latency_ms, seed"),
    ({"fault": {"kind": "418"}}, "write [[fault]]"),
    ({"seed": "x"}, "seed is a whole number"),
    ({"latency_ms": -1}, "latency_ms is a number from 0"),
    ({"kind": "419"}, "there is no kind '419'; the kinds are 432, 418"),
    ({"kind": 419}, "there is no kind 419"),
    ({"kind": []}, "a fault's name is a text"),
    ({"kind": "418", "name": ""}, "a fault's name is a text of 1 to 80 characters"),
    ({"kind": "418", "delay_ms": 3}, "fault '418' of kind 418 has no 'delay_ms'; it may have kind, match, name"),
    ({"kind": "slow", "delay_ms": "3"}, "fault 'slow': delay_ms is a number from 0 to 600000, not '3'"),
    ({"kind": "cut", "part": 1.5}, "part is a number from 0 to 1, not 1.5"),
    ({"kind": "429", "retry_after_s": 1.5}, "retry_after_s is a whole number"),
    ({"kind": "hang", "head": "no"}, "head is true or false"),
    ({"kind": "removed", "reason": "fun"}, "reason is one of author, complaints, half-year, permission, not 'fun'"),
    ({"kind": "falling", "counters": ["views"]}, "counters is one of reposts, comments, likes, not 'views'"),
    ({"kind": "server-error", "status": 200}, "status is one of 500, 502, 503, 504, not '200'"),
    ({"kind": "renamed-field", "to": ""}, "to is a text"),
    ({"kind": "418", "match": []}, "match is a table"),
    (
        {"kind": "418", "match": {"url": "x"}},
        "the match of a fault of kind 418 has no 'url'; it may have address",
    ),
    ({"kind": "removed", "match": {"times": 1}}, "has no 'times'; it may have from, mid, share, uid, until"),
    ({"kind": "418", "match": {"endpoint": "timelin"}}, "there is no endpoint 'timelin'; the endpoints are children"),
    ({"kind": "418", "match": {"share": True}}, "share is a number from 0 to 1, not True"),
    ({"kind": "418", "match": {"by": "luck"}}, 'by is "count" or "request"'),
    ({"kind": "418", "match": {"uid": "x"}}, "uid is a whole number"),
    ({"kind": "418", "match": {"session": "x"}}, "session is a whole number"),
    ({"kind": "418", "match": {"host": [1]}}, "host is a text or a list of texts"),
    ({"kind": "418", "match": {"from": "2017-01-01"}}, "from is a moment with an offset"),
    ({"kind": "418", "match": {"until": "soon"}}, "until is a moment with an offset"),
    ({"kind": "418", "match": {"from": "+2h", "until": "+1h"}}, "is not after from"),
    ({"fault": [{"kind": "418"}, {"kind": "418"}]}, "two faults have the name '418'"),
    ({"fault": [{"kind": "418", "name": str(place)} for place in range(201)]}, "201 faults are more than the 200"),
)


@pytest.mark.parametrize(("document", "words"), BAD)
def test_what_is_wrong_is_said_in_a_sentence(document: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        scenario_of(document, MOMENT)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_same_sentence_comes_from_the_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "scenario.toml"
    state = ["--state", str(tmp_path / "state"), "--scenario"]
    for text, words in (
        ('[[fault]]\nkind = "419"\n', "scenario.toml: fault '419': there is no kind '419'"),
        ("[[fault]\n", "scenario.toml: this is not TOML"),
        ("\udce4", "can't be read"),
    ):
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
        assert main([*state, str(file)]) == 2
        sentence = capsys.readouterr().err
        assert words in sentence
        assert sentence.count("\n") == 1
    assert main([*state, "nothing"]) == 2
    assert "there is no scenario nothing: give a file, or one of everything, peaceful" in capsys.readouterr().err


async def test_the_same_sentence_comes_from_the_control_port(guest: Guest, controls: Controls) -> None:
    for document, words in BAD:
        status, answer = await controls.try_post(document)
        assert status == 400
        assert words in answer["error"]
    assert (await controls.try_post([1]))[1]["error"] == "a scenario or a fault is an object"
    assert (await controls.post_toml("seed ="))[0] == 400
    assert (await controls.get("/faults"))["faults"] == []


async def test_a_scenario_comes_as_toml_too(guest: Guest, controls: Controls) -> None:
    text = '[[fault]]\nname = "it"\nkind = "418"\nmatch = { until = 2017-01-06T00:00:00+08:00 }\n'
    status, answer = await controls.post_toml(text)
    assert status == 200
    assert answer["faults"][0]["until"] == "2017-01-05T16:00:00+00:00"
    assert (await guest.get(f"{API}/api/config")).status == 418


def test_moments_may_be_offsets() -> None:
    [fault] = scenario_of({"kind": "418", "match": {"from": "+90s", "until": "+1.5d"}}, MOMENT).faults
    assert (fault.match.since, fault.match.until) == (MOMENT + timedelta(seconds=90), MOMENT + timedelta(hours=36))


def test_nothing_said_is_nothing_bounded() -> None:
    [fault] = scenario_of({"kind": "418"}, MOMENT).faults
    assert fault.match == Match()
    assert (fault.name, fault.settings) == ("418", {})
    assert scenario_of({"kind": 418}, MOMENT).faults == (fault,)


def test_ready_scenarios() -> None:
    everything = read_scenario(find_scenario("everything"), datetime.now(UTC))
    assert {fault.kind.name for fault in everything.faults} == set(KINDS)
    blocks = [fault for fault in everything.faults if fault.kind.group in ("block", "transport", "drift")]
    assert all(fault.match.share <= 0.02 for fault in blocks)
    assert read_scenario(find_scenario("peaceful"), datetime.now(UTC)).faults == ()


def test_the_table_documents_every_kind_and_setting() -> None:
    for row in documentation():
        assert row["says"]
        assert not {"name", "kind", "match"} & {setting["name"] for setting in row["settings"]}
        for setting in row["settings"]:
            assert setting["says"]
            assert (
                not setting["choices"]
                or isinstance(setting["default"], tuple)
                or setting["default"] in setting["choices"]
            )


def test_every_setting_may_be_written_as_its_default() -> None:
    for kind in KINDS.values():
        values = {
            setting.name: list(setting.default) if isinstance(setting.default, tuple) else setting.default
            for setting in kind.settings
        }
        [fault] = scenario_of({"kind": kind.name, **values}, MOMENT).faults
        assert fault.settings == {setting.name: setting.default for setting in kind.settings}


def test_a_file_is_read_as_written(tmp_path: Path) -> None:
    document = toml_document('seed = 3\nlatency_ms = 20\n[[fault]]\nkind = "slow"\nmatch.uid = ["1", 2]\n')
    scenario = scenario_of(document, MOMENT)
    assert (scenario.seed, scenario.latency_ms, scenario.faults[0].seed) == (3, 20.0, 3)
    assert scenario.faults[0].match.uid == {1, 2}
