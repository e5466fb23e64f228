"""Shares and spreads with their intervals, from plain numbers.

It must not know what the numbers mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from integration.model import LEAST, Share, Spread, Unit, interval, median_interval


def share(k: int, n: int) -> Share:
    """k of n with Wilson's interval."""
    low, high = interval(k, n)
    return Share(k=k, n=n, low=low, high=high)


def share_of(those: Iterable[bool]) -> Share:
    """How many of these hold."""
    found = list(those)
    return share(sum(found), len(found))


def spread(values: Iterable[float], unit: Unit = Unit.SECONDS) -> Spread:
    """The median with its interval; of fewer than five values neither, of five no interval."""
    ordered = sorted(values)
    if len(ordered) < LEAST:
        return Spread(n=len(ordered), median=None, low=None, high=None, unit=unit)
    low, high = median_interval(ordered) or (None, None)
    return Spread(n=len(ordered), median=float(median(ordered)), low=low, high=high, unit=unit)
