"""How far the posts of one account usually stray from what is usual there, over all accounts, learnt while running.

Of twelve posts of its own nobody knows how far an account's posts stray; of twelve posts of it and what other accounts
do one knows it better. The logarithm of an account's spread is taken as normal around the mean of all accounts, and as
measured with a variance that falls with its posts: what is believed is the mean of both, each weighing by its precision
(empirical Bayes, as limma moderates variances: Smyth 2004). Where accounts are much alike their mean says much; where
calm and wild ones stand side by side it says little, and each is taken as it is. By age, and by metric.

What is learnt is used only from the next adoption of the general curve on (growth_curve), as the curve is.
"""

from math import exp, log
from typing import Any, Final

NARROWEST: Final = 0.25
"""No spread is believed below this: posts are never within a quarter of each other for long."""
_MEASURED: Final = 0.83
"""Variance of the logarithm of a spread of n posts, times n: it is known as well as a standard deviation of 0.6·n
posts, whose logarithm has a variance of 1/(2·0.6·n)."""
_FIRST_MEAN, _FIRST_VARIANCE = log(0.8), 1.0
"""Before anything is learnt: posts within a factor of two or so, and next to nothing known of it."""
_PRIOR: Final = 5.0
_MOST: Final = 400.0
"""As many spreads the beginning weighs, and as many the last ones: what is older fades."""
_LEAST_VARIANCE: Final = 0.02
"""Accounts are never taken as more alike than to a seventh."""
_FARTHEST: Final = 2.0
"""A spread counts as if it were no farther than this from the mean: an account whose posts are all alike, or not at
all, says little of others."""
_DIGITS: Final = 5
"""What is learnt is kept short: it is written down often."""


class UsualSpreads:
    """The spreads of accounts' posts, at each of so many ages, of each of so many metrics."""

    def __init__(self, ages: int, metrics: int) -> None:
        cells = ages * metrics
        self._metrics = metrics
        self._means = [round(_FIRST_MEAN, _DIGITS)] * cells
        self._variances = [_FIRST_VARIANCE] * cells
        self._seen = [_PRIOR] * cells
        self._in_use = list(self._means), list(self._variances)
        #: Whether anything has changed since this was set back.
        self.changed = False

    def learn(self, at: int, metric: int, spread: float, members: int) -> None:
        """The posts of an account stray so far at an age, as so many of them say."""
        self.changed = True
        cell = at * self._metrics + metric
        mean, variance = self._means[cell], self._variances[cell]
        off = min(max(log(max(spread, NARROWEST)) - mean, -_FARTHEST), _FARTHEST)
        self._seen[cell] = seen = min(self._seen[cell] + 1.0, _MOST)
        self._means[cell] = round(mean + off / seen, _DIGITS)
        self._variances[cell] = round(variance + (off * off - _MEASURED / members - variance) / seen, _DIGITS)

    def believed(self, at: int, metric: int, spread: float, members: int) -> tuple[float, float]:
        """The spread of an account of which so many posts say this, and as of how many posts it is known."""
        cell = at * self._metrics + metric
        mean, variance = self._in_use[0][cell], max(self._in_use[1][cell], _LEAST_VARIANCE)
        weight = variance / (variance + _MEASURED / members)
        return exp(mean + weight * (log(max(spread, NARROWEST)) - mean)), members + _MEASURED / variance

    def adopt(self) -> None:
        """Use what was learnt."""
        self.changed = True
        self._in_use = list(self._means), list(self._variances)

    def dump(self) -> list[Any]:
        """What `load` takes."""
        return [self._means, self._variances, self._seen, *self._in_use]

    def load(self, value: list[Any]) -> None:
        """Take up what `dump` gave."""
        self._means, self._variances, self._seen, means, variances = ([float(one) for one in row] for row in value)
        self._in_use = means, variances
