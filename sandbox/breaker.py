"""Knows when a webhook's circuit breaker opens, stays open and lets a probe through.
It must not know what a request is; times come in, in seconds on any steady clock."""

from __future__ import annotations

import threading
from collections import deque


class Breaker:
    """The breaker of one webhook. Safe to use from many threads.

    It opens when, within `window_s`, at least `least` requests were made and `share` of them failed, or more than
    `failures` failed. After `open_s` one request may probe: if it succeeds the breaker closes, else it stays open.
    """

    def __init__(self, *, window_s: float, least: int, share: float, failures: int, open_s: float) -> None:
        self._window_s = window_s
        self._least = least
        self._share = share
        self._failures = failures
        self._open_s = open_s
        self._lock = threading.Lock()
        self._seen: deque[tuple[float, bool]] = deque()
        self._failed = 0
        self._open_until: float | None = None
        self._probing = False

    def lets_through(self, now: float) -> bool:
        """Say whether a request may go out now; every yes must be followed by a `count`."""
        with self._lock:
            if self._open_until is None:
                return True
            if now < self._open_until or self._probing:
                return False
            self._probing = True
            return True

    def count(self, now: float, *, failed: bool) -> None:
        """Take in how a request went."""
        with self._lock:
            if self._open_until is not None:
                self._end_probe(now, failed)
                return
            self._seen.append((now, failed))
            self._failed += failed
            while self._seen[0][0] <= now - self._window_s:
                self._failed -= self._seen.popleft()[1]
            many = len(self._seen) >= self._least and self._failed >= self._share * len(self._seen)
            if many or self._failed > self._failures:
                self._open_until = now + self._open_s

    def _end_probe(self, now: float, failed: bool) -> None:
        """Requests that were on the wire when the breaker opened end here too; only a probe's end changes anything."""
        if not self._probing:
            return
        self._probing = False
        if failed:
            self._open_until = now + self._open_s
            return
        self._open_until = None
        self._seen.clear()
        self._failed = 0
