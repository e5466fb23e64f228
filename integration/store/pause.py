"""The pause that Zendesk asked for, known to every process on this database.

It must not know who asked for it, nor wait.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Values(Protocol):
    """Where small values are kept."""

    def get(self, name: str) -> str | None: ...
    def set(self, name: str, value: str) -> None: ...


class SharedPause:
    """Until when nobody may call Zendesk, known to every process on this database."""

    def __init__(self, store: Values) -> None:
        self._store = store

    def until(self) -> datetime | None:
        """When the pause ends (aware), or None where there is none."""
        value = self._store.get("pause")
        return datetime.fromisoformat(value) if value else None

    def set(self, until: datetime) -> None:
        """Pause until then; an earlier end does not shorten a longer pause."""
        standing = self.until()
        self._store.set("pause", (until if standing is None else max(until, standing)).isoformat())
