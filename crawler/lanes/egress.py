"""Whether the ways out of the lanes are there, before anything is asked by them."""

import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from crawler.lanes.plans import LanePlan
from schemas.errors import UnreachableError, first_reason

PATIENCE_S = 5.0
"""For one connection to a proxy, machine time."""


class EgressError(UnreachableError):
    """No lane has a way out."""


def refuse_dead_ways(plans: Sequence[LanePlan], patience_s: float = PATIENCE_S) -> None:
    """Raises EgressError where every lane goes out by a proxy, and none of these takes a connection.

    Where one does, the crawl can go on: its health says what is wrong with the others.
    """
    problems: dict[str, str] = {}
    for plan in plans:
        if plan.egress_proxy is None or (problem := _refusal(plan.egress_proxy, patience_s)) is None:
            return
        problems[f"the proxy {plan.egress_proxy} of the lane {plan.name} does not answer"] = problem
    said = "; ".join(f"{what} ({why})" for what, why in problems.items())
    raise EgressError(f"{said}, nothing was crawled: is it up, or does egress_proxy in [crawl] name another address?")


def _refusal(proxy: str, patience_s: float) -> str | None:
    address = urlsplit(proxy)
    try:
        socket.create_connection((address.hostname, address.port or 0), patience_s).close()
    except (OSError, ValueError) as error:
        return first_reason(error)
    return None
