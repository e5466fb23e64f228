"""Knows how often each endpoint was called since the process began.
It must not know what was asked or answered."""

from __future__ import annotations

import threading
from collections import Counter, deque
from datetime import datetime
from typing import Any

KEPT = 200_000
"""The newest calls that are remembered: an hour of the fastest bench, at some 30 MB."""


class Calls:
    """The log of calls. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._log: deque[tuple[datetime, str, int]] = deque(maxlen=KEPT)

    def add(self, method: str, pattern: str, status: int, now: datetime) -> None:
        """Note one call; `pattern` is the path with its parameters' names, as `/api/v2/tickets/<int:ticket_id>`."""
        with self._lock:
            self._log.append((now, f"{method} {pattern.replace('<int:', '<')}", status))

    def since(self, since: datetime | None) -> dict[str, Any]:
        """Counts by method and pattern, by status, and in all."""
        with self._lock:
            kept = [(name, status) for at, name, status in self._log if since is None or at >= since]
        return {
            "total": len(kept),
            "calls": dict(Counter(name for name, _ in kept).most_common()),
            "statuses": {str(status): count for status, count in Counter(status for _, status in kept).items()},
        }
