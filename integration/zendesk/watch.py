"""Knows how to look over the whole account: whether it answers us, which tickets changed lately, and who is gone.

It must not load a conversation or decide what a change means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from integration import wire
from integration.model import AttuneError, NotUnderstood, TryLater
from integration.zendesk.session import Session

# The export refuses a start younger than a minute; two leave room for clocks that differ.
# https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
YOUNGEST_START = timedelta(minutes=2)
# Pages of up to 1,000 rows in one look; the export allows ten calls a minute and others want some of them.
PAGES_AT_ONCE = 3


class Watch:
    """The account as a whole; may be used from any thread."""

    def __init__(self, session: Session, gone: Callable[[list[int]], object] | None = None) -> None:
        """`gone` is told of the tickets that were deleted or merged away, before the cursor moves on."""
        self._session = session
        self._gone = gone

    def look(self) -> str:
        """What is wrong with the account or our right to it, in plain words; empty where all is well."""
        try:
            me = self._session.ask("GET", "/api/v2/users/me").get("user") or {}
        except AttuneError as failure:
            return str(failure)
        return "" if me.get("role") in {"admin", "agent"} else "the token belongs to nobody who may work in this desk"

    def budget(self, now: datetime) -> dict[str, str | int | None]:
        """What answers last said of the calls and ticket updates that are left; empty where none said anything.

        A count of updates whose minute has passed is full again.
        """
        rates, updates = self._session.rates, self._session.update_rates
        if rates is None:
            return {}
        over = updates is not None and updates.updates_reset_at is not None and updates.updates_reset_at <= now
        known = None if updates is None else updates.updates_limit
        left = known if over or updates is None else updates.updates_remaining
        return {
            "at": now.isoformat(),
            "remaining": rates.remaining,
            "limit": rates.limit,
            "updates_remaining": left,
            "updates_limit": known,
        }

    def self_id(self) -> int:
        """The user that our token speaks as. Raises TryLater where Zendesk does not tell."""
        me = self._session.ask("GET", "/api/v2/users/me").get("user") or {}
        if not me.get("id"):
            raise TryLater("Zendesk does not say whose token this is")
        return int(me["id"])

    def changed(self, cursor: str, now: datetime) -> tuple[tuple[tuple[int, str], ...], str]:
        """Unsolved tickets changed since `cursor` as (id, version stamp), and the next cursor.

        An empty cursor begins two minutes ago. Raises Refused where the export is not allowed: it is for admins.
        """
        found: list[tuple[int, str]] = []
        for page, following in self._pages("tickets", cursor, now):
            found += wire.unsolved(page)
            if self._gone and (gone := wire.gone(page)):
                self._gone(gone)
            cursor = following
        return tuple(found), cursor

    def left(self, cursor: str, now: datetime) -> tuple[tuple[int, ...], str]:
        """The users that were deleted since `cursor`, and the next cursor; begins and raises as `changed` does."""
        found: list[int] = []
        for page, following in self._pages("users", cursor, now):
            found += wire.left(page)
            cursor = following
        return tuple(found), cursor

    def _pages(self, of: str, cursor: str, now: datetime) -> Iterator[tuple[dict[str, Any], str]]:
        """The pages of an export from `cursor` on, each with the cursor behind it; a few at once."""
        start = {"cursor": cursor} if cursor else {"start_time": str(int((now - YOUNGEST_START).timestamp()))}
        for _ in range(PAGES_AT_ONCE):
            page = self._session.ask("GET", f"/api/v2/incremental/{of}/cursor", params=start)
            following = str(page.get("after_cursor") or "")
            if not following:
                raise NotUnderstood("after_cursor is missing in the export's answer")
            yield page, following
            start = {"cursor": following}
            if page.get("end_of_stream", True):
                return
