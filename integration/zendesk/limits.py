"""Knows how Zendesk says how much we may still ask, and when to ask again after a refusal.

It must not wait or ask: headers and the time in, values out; the shared pause is only described here.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

# Where a 429 names no time. Zendesk counts by the minute, so half of one meets the next count soon enough.
DEFAULT_WAIT = timedelta(seconds=30)
# The longest wait we believe; the longest window Zendesk documents is ten minutes (updates of one ticket).
LONGEST_WAIT = timedelta(minutes=15)

# Our share of the account's ticket updates: agents at work use the same budget, and must never wait for us.
OUR_SHARE_OF_UPDATES = 0.5

_PART = re.compile(r"(total|remaining|resets)\s*=\s*(\d+)", re.IGNORECASE)
_SECONDS = re.compile(r"\s*(\d{1,9})(?:\.\d+)?\s*")


class Pause(Protocol):
    """Until when nobody may speak to Zendesk; shared by all threads and, where the store keeps it, all processes."""

    def until(self) -> datetime | None:
        """When the pause ends (aware), or None where there is none."""

    def set(self, until: datetime) -> None:
        """Pause until then."""


class MemoryPause:
    """A pause that only this process knows of."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: datetime | None = None

    def until(self) -> datetime | None:
        """When the pause ends, or None."""
        with self._lock:
            return self._until

    def set(self, until: datetime) -> None:
        """Pause until then; an earlier end does not shorten a longer pause."""
        with self._lock:
            self._until = until if self._until is None else max(until, self._until)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateState:
    """What the last answer said of our budget; None where it said nothing.

    https://developer.zendesk.com/api-reference/introduction/rate-limits/
    """

    limit: int | None  # requests a minute, whole account
    remaining: int | None
    resets_at: datetime | None
    updates_limit: int | None  # ticket updates a minute, whole account: 100, on trials 20
    updates_remaining: int | None
    updates_reset_at: datetime | None

    def spent_until(self, now: datetime) -> datetime | None:
        """When a spent budget fills again, or None where something is left for us or no time was named."""
        others = int((self.updates_limit or 0) * (1 - OUR_SHARE_OF_UPDATES))
        budgets = ((self.remaining, 0, self.resets_at), (self.updates_remaining, others, self.updates_reset_at))
        spent = (at for left, kept, at in budgets if left is not None and left <= kept and at is not None)
        return max((at for at in spent if at > now), default=None)


def read_rates(headers: Mapping[str, str], now: datetime) -> RateState | None:
    """Read the account's and the ticket update's headers, of either spelling; None where there are none.

    `ratelimit-reset` and `resets` are seconds from now.
    """
    given = {name.lower(): value for name, value in headers.items()}
    account = {
        part: _first_number(given, *(f"{stem}{suffix}" for stem in ("x-rate-limit", "ratelimit", "rate-limit")))
        for part, suffix in (("total", ""), ("limit", "-limit"), ("remaining", "-remaining"), ("reset", "-reset"))
    }
    updates = _parts(given.get("zendesk-ratelimit-tickets-update") or given.get("zendesk-rate-limit-tickets-update"))
    if not updates and all(value is None for value in account.values()):
        return None
    return RateState(
        limit=account["total"] if account["total"] is not None else account["limit"],
        remaining=account["remaining"],
        resets_at=_later(now, account["reset"]),
        updates_limit=updates.get("total"),
        updates_remaining=updates.get("remaining"),
        updates_reset_at=_later(now, updates.get("resets")),
    )


def wait_named(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long `Retry-After` asks to wait, in seconds or by a date; None where it says nothing that can be read."""
    given = {name.lower(): value for name, value in headers.items()}
    wait = _wait(given.get("retry-after", ""), now)
    return None if wait is None else min(wait, LONGEST_WAIT)


def limit_wait(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How long to wait after a 429: what `Retry-After` says, else until the count begins anew, else DEFAULT_WAIT."""
    rates, named = read_rates(headers, now), wait_named(headers, now)
    if named is not None:
        return named
    return rates.resets_at - now if rates and rates.resets_at else DEFAULT_WAIT


def _wait(value: str, now: datetime) -> timedelta | None:
    if seconds := _SECONDS.fullmatch(value):
        return timedelta(seconds=int(seconds.group(1)))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max((at if at.tzinfo else at.replace(tzinfo=UTC)) - now, timedelta(0))


def _first_number(given: Mapping[str, str], *names: str) -> int | None:
    found = (_SECONDS.fullmatch(given.get(name, "")) for name in names)
    return next((int(one.group(1)) for one in found if one), None)


def _parts(value: str | None) -> dict[str, int]:
    """`total=100; remaining=99; resets=41`."""
    return {name.lower(): int(number[:9]) for name, number in _PART.findall(value or "")}


def _later(now: datetime, seconds: int | None) -> datetime | None:
    return None if seconds is None else now + min(timedelta(seconds=seconds), LONGEST_WAIT)
