"""How sure a share or a median is that was counted from few: intervals that hold the true value in 95 of 100 cases.

It must not know what is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, floor, sqrt

# Of the standard normal distribution: an interval that holds the true share in 95 of 100 cases.
Z = 1.96
# Up to so many values the places of the median's interval are counted exactly; beyond, the normal distribution is off
# by less than one place.
EXACT_UP_TO = 100
# What may lie outside on either side: half of 5 in 100.
TAIL = 0.025


def interval(count: int, of: int) -> tuple[float, float]:
    """Wilson's score interval of a share, 0…1: honest for small numbers, where the plain share is not.

    https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
    """
    if of <= 0:
        return 0.0, 1.0
    share = count / of
    spread = Z * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    middle, scale = share + Z * Z / (2 * of), 1 + Z * Z / of
    low = 0.0 if count == 0 else max(0.0, (middle - spread) / scale)
    return low, 1.0 if count == of else min(1.0, (middle + spread) / scale)


def median_interval(ordered: Sequence[float]) -> tuple[float, float] | None:
    """The values between which the true median lies, from values in ascending order; None for five or fewer.

    By order statistics: it supposes nothing of how the values are spread.
    https://en.wikipedia.org/wiki/Median#Confidence_interval_via_order_statistics
    """
    place = _place(len(ordered))
    return (ordered[place - 1], ordered[-place]) if place else None


def _place(n: int) -> int:
    """How far from either end the interval begins, from 1; 0 where even all values are too few."""
    if n > EXACT_UP_TO:
        return max(1, floor((n + 1 - Z * sqrt(n)) / 2))
    outside, place = 0.0, 0
    while place < n and outside + comb(n, place) / 2**n <= TAIL:
        outside += comb(n, place) / 2**n
        place += 1
    return place
