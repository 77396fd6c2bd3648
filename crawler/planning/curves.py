"""A post's curve of engagement as far as it is known, and what a sample of it is expected to be worth.

The model, in the order of its reasons:

- A post's reactions slow down like a power of its age in waking time (`scale`, `power`): the many answers of the first
  hour, then a tail that takes days. This is the prior; how high the curve is, only the post's own samples say.
- What a post does now matters more than what it did: each sample is forgotten by a power of the age since then
  (`memory`). So a second wave, or a sudden end, is believed after one or two samples. The prior counts as much as
  `prior_share` of the growth of a whole life, and `prior_reactions` reactions: a single repost of a small post is no
  wave.
- A straight line over a gap of length h in which g reactions come is wrong, at each moment of it and on average, by
  about 0.3·√g when they come one by one (a bridge of a Poisson process), and in proportion to g when they come
  in bursts. Hence error(h, g) = h · (g / √(1 + `grain`·g) + `bursts`·g), as a part of what the post has in the end.
- Few gaps of equal error are the cheapest way to any total error (each request then saves as much as any other). For a
  rate that falls like 1/age this alone gives the ages ∝ k².
- The rebuilt curve stands still after the last sample. That costs about 1 / `hold` times as much, per gap, as a line;
  the last sample therefore lies before the end, and the gaps before it are widened or narrowed to fit.

Where the numbers come from: a search over made-up cascades (people who pass a post on to people, by day and night, a
few with very many followers, some posts pushed by robots) whose fixed intervals, ladder and ages ∝ k² have the errors
that were measured on real ones. There the error hardly depends on any of the numbers: halved or doubled they change it
by one or two parts in a hundred. Among those that do equally well, rounded ones were taken that also do well on
30 real cascades; tests/benchmarks/sampling.py says how well, and how much of that is owed to the choice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import pow, sqrt

from crawler.planning.daylight import DAY, waking

STEPS = 20
"""Halvings when a moment is looked for: a day ÷ 2²⁰ is a tenth of a second."""
LANDING = 3
"""With at most so many samples left, a post's gaps are fitted to its end."""
STRIDES = 10
"""Into so many parts the rest of a life is cut to foresee its demand."""
FRESH = 0.82
"""A post that was never sampled takes so many samples of those foreseen: some fall silent at once."""
SHORTEST = 1.0
"""Seconds between two samples of one post, at the least."""


@dataclass(frozen=True, slots=True)
class CurveModel:
    """The parameters of the model above. `life`: seconds after publication for which a post's curve is of interest.

    `floor`: a post with fewer reactions is judged as if it had so many, so that a first like is no event.
    """

    scale: float = 900.0
    power: float = 0.22
    memory: float = 0.4
    prior_share: float = 0.008
    prior_reactions: float = 0.2
    grain: float = 1.6
    bursts: float = 0.4
    hold: float = 0.5
    life: float = DAY
    floor: float = 10.0

    def reached(self, age: float) -> float:
        """The prior's share of an endless life that is reached at a waking age in seconds."""
        return 1.0 - pow(1.0 + max(age, 0.0) / self.scale, -self.power)


@dataclass(frozen=True, slots=True)
class Curve:
    """What is known of a post: when it was published, its last known count, and how fast it has lately grown.

    Moments are Unix seconds, ages seconds after publication. `came` and `foreseen` are the reactions of the gaps so
    far and the prior's mass over them, both forgotten with age. Made by `begin`, carried on by `observe`.
    """

    published: float
    age: float
    count: float
    came: float
    foreseen: float
    reached: float
    rate: float
    final: float
    end: float

    @property
    def sampled_at(self) -> float:
        """When it was last sampled; the moment of publication where it never was."""
        return self.published + self.age


def begin(model: CurveModel, published: float, count: float = 0.0) -> Curve:
    """A post that was never sampled. A count that is known without a sample (its publication) is `count`."""
    end = model.reached(waking(published + model.life) - waking(published))
    return _judged(model, Curve(published, 0.0, max(count, 0.0), 0.0, 0.0, 0.0, 0.0, 0.0, end))


def observe(model: CurveModel, curve: Curve, moment: float, count: float | None) -> Curve:
    """The curve after a sample. A count that is not known (not shown, or only a lower bound) is None and changes
    nothing, nor does a sample that is not newer than the last one. A count that fell is a gap without growth.
    """
    age = moment - curve.published
    if count is None or age <= curve.age:
        return curve
    born = waking(curve.published)
    awake, before = waking(moment) - born, waking(curve.sampled_at) - born
    kept = pow((awake + model.scale) / (before + model.scale), -1.0 / model.memory)
    reached = model.reached(awake)
    return _judged(
        model,
        replace(
            curve,
            age=age,
            count=max(count, 0.0),
            came=curve.came * kept + max(count - curve.count, 0.0),
            foreseen=curve.foreseen * kept + reached - curve.reached,
            reached=reached,
        ),
    )


def known(
    model: CurveModel, published: float, samples: Iterable[tuple[float, float | None]], count: float = 0.0
) -> Curve:
    """The curve of a post with samples (moment, count), in any order."""
    curve = begin(model, published, count)
    for moment, value in sorted(samples, key=lambda sample: sample[0]):
        curve = observe(model, curve, moment, value)
    return curve


def growth(model: CurveModel, curve: Curve, moment: float) -> float:
    """How many reactions are expected between the last sample and a moment."""
    reached = model.reached(waking(moment) - waking(curve.published))
    return curve.rate * max(reached - curve.reached, 0.0)


def expected_error(model: CurveModel, curve: Curve, moment: float) -> float:
    """What a sample at that moment ends: the expected error of the gap since the last one.

    It is the mean deviation over the post's life as a part of its final count; 0 where the moment is not later than
    the last sample, and no more than at the end of its life.
    """
    moment = min(moment, curve.published + model.life)
    reached = model.reached(waking(moment) - waking(curve.published))
    return _gap(model, curve, curve.age, curve.reached, moment - curve.published, reached)


def foreseen(model: CurveModel, curve: Curve, moment: float) -> Curve:
    """The curve after a sample at that moment which shows what is expected."""
    return observe(model, curve, moment, curve.count + growth(model, curve, moment))


def due(model: CurveModel, curve: Curve, price: float) -> float | None:
    """The moment at which the next sample pays, at a price per request in units of `expected_error`.

    None where no further sample does: what is left of its life changes too little.
    """
    left = _left(model, curve, price, LANDING)
    if left > LANDING:
        return curve.published + _next_age(model, curve, curve.age, curve.reached, price)
    costs = {samples: left**2 / (samples + model.hold) + samples for samples in range(LANDING + 2)}
    samples = min(costs, key=costs.__getitem__)
    if samples == 0:
        return None
    for _ in range(3):
        price *= (left / (samples + model.hold)) ** 2
        left = _left(model, curve, price, LANDING + 2)
    return curve.published + _next_age(model, curve, curve.age, curve.reached, price)


def remaining(model: CurveModel, curve: Curve, price: float, now: float) -> float:
    """About how many samples the post will take from now on at that price: its demand.

    The time between samples is worked out at a few ages only, so that it costs the same for any price.
    """
    born = waking(curve.published)
    age, end = max(now - curve.published, _next_age(model, curve, curve.age, curve.reached, price)), model.life
    if age >= end:
        return 0.0
    total = 1.0
    ratio = (end / age) ** (1.0 / STRIDES)
    reached = model.reached(waking(curve.published + age) - born)
    for _ in range(STRIDES):
        later = age * ratio
        reached_later = model.reached(waking(curve.published + later) - born)
        pace = curve.rate * (reached_later - reached) / (later - age)
        if pace > 0:
            gap = later - age
            for _ in range(4):
                weight = 1.0 / sqrt(1.0 + model.grain * pace * gap) + model.bursts
                gap = sqrt(price * model.life * curve.final / (pace * weight))
            total += (later - age) / gap
        age, reached = later, reached_later
    return max(total * (FRESH if curve.age == 0 else 1.0) - model.hold, 0.0)


def _judged(model: CurveModel, curve: Curve) -> Curve:
    """With the height that the samples give the rest of the curve, and its expected end."""
    overall = (curve.count + 0.2) / (curve.reached + 0.04)
    prior = model.prior_share + model.prior_reactions / overall
    rate = (curve.came + prior * overall) / (curve.foreseen + prior)
    final = curve.count + rate * max(curve.end - curve.reached, 0.0)
    return replace(curve, rate=rate, final=max(final, model.floor))


def _gap(model: CurveModel, curve: Curve, age: float, reached: float, later: float, reached_later: float) -> float:
    came = curve.rate * max(reached_later - reached, 0.0)
    error = came / sqrt(1.0 + model.grain * came) + model.bursts * came
    return max(later - age, 0.0) / model.life * error / curve.final


def _next_age(model: CurveModel, curve: Curve, age: float, reached: float, price: float) -> float:
    """The age at which a gap that begins at an age has the error of the price; the end of life where none has."""
    if _gap(model, curve, age, reached, model.life, curve.end) <= price:
        return model.life
    born = waking(curve.published)
    low, high = age, model.life
    for _ in range(STEPS):
        middle = (low + high) / 2
        awake = waking(curve.published + middle) - born
        if _gap(model, curve, age, reached, middle, model.reached(awake)) < price:
            low = middle
        else:
            high = middle
    return min(max(high, age + SHORTEST), model.life)


def _left(model: CurveModel, curve: Curve, price: float, most: int) -> float:
    """How many gaps of the price are left, the last one as a part of one; more than `most` where there are more."""
    age, reached = curve.age, curve.reached
    born = waking(curve.published)
    for gaps in range(most + 1):
        rest = _gap(model, curve, age, reached, model.life, curve.end)
        if rest < price:
            return gaps + sqrt(rest / price)
        age = _next_age(model, curve, age, reached, price)
        reached = model.reached(waking(curve.published + age) - born)
    return most + 1.0
