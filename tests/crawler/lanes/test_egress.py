"""Dead proxies."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from crawler.lanes.egress import EgressError, refuse_dead_ways
from crawler.lanes.plans import LanePlan
from tests.crawler.lanes.hands import Hands, lane
from tests.kafka_process import free_port


@pytest.fixture
def proxy() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def plan(name: str, proxy: str | None) -> LanePlan:
    return replace(lane(name, Hands()).plan, egress_proxy=proxy)


def test_one_way_out_is_enough(proxy: str) -> None:
    dead = plan("dead", f"http://127.0.0.1:{free_port()}")
    refuse_dead_ways([dead, plan("well", proxy)])
    refuse_dead_ways([dead, plan("none", None)])


def test_proxies_that_are_all_dead_are_named_in_a_sentence() -> None:
    port, other = free_port(), free_port()
    plans = [plan("one", f"http://127.0.0.1:{port}"), plan("two", f"http://[::1]:{other}")]
    with pytest.raises(EgressError) as caught:
        refuse_dead_ways(plans)
    said = str(caught.value)
    assert f"the proxy http://127.0.0.1:{port} of the lane one does not answer (Connection refused)" in said
    assert f"the proxy http://[::1]:{other} of the lane two does not answer (" in said
    assert "nothing was crawled" in said
    assert "\n" not in said
    assert caught.value.exit_code == 3
