"""One budget over many posts: the price per request at which their demand is what the budget holds."""

from collections.abc import Sequence

from crawler.planning.curves import Curve, CurveModel, due, remaining

CHEAPEST, DEAREST = 1e-7, 10.0
ROUNDS = 6


def price_for(model: CurveModel, curves: Sequence[Curve], requests: float, now: float, price: float) -> float:
    """The price at which the posts together take about so many requests to the end of their lives.

    `price` is where the search begins: the price so far. Every post pays the same price, so that no request could
    save more elsewhere. Without posts it stays as it is, without requests it is the dearest.
    """
    if not curves:
        return price
    if requests <= 0:
        return DEAREST
    for _ in range(ROUNDS):
        demand = sum(remaining(model, curve, price, now) for curve in curves)
        # Demand falls about like one over the root of the price.
        price *= min(max((demand + 0.01) / requests, 0.25), 4.0) ** 1.8
        price = min(max(price, CHEAPEST), DEAREST)
    return price


def next_due(model: CurveModel, curve: Curve, price: float, now: float) -> float | None:
    """When a post's next sample pays, not before now; None where none does any more."""
    moment = due(model, curve, price)
    return None if moment is None else max(moment, now)
