"""Knows how one person of the desk is asked after: who they are, and which tickets they may see.

It must not judge whether they may see a ticket; what it was told it remembers for a few seconds only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from integration import wire
from integration.model import NotAllowed, Restriction, Staff
from integration.zendesk.session import Declined, Session

# Our choice: several calls of one glance share an answer, and who was suspended sees nothing more ten seconds later.
FRESH_FOR = timedelta(seconds=10)
# People remembered at once; our choice, more than look within ten seconds.
MOST_PEOPLE = 1000


class StaffReader:
    """The people of one account, one by one; may be used from any thread."""

    def __init__(self, session: Session, *, clock: Callable[[], datetime]) -> None:
        """`clock` is aware, UTC."""
        self._session = session
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[int, tuple[datetime, Staff]] = {}

    def staff(self, user_id: int) -> Staff:
        """One call, a second one for who sees their groups' tickets only; then none for ten seconds.

        Raises NotAllowed where the desk knows nobody of this id.
        """
        now = self._clock()
        with self._lock:
            at, known = self._known.get(user_id, (None, None))
        if at is not None and known is not None and timedelta(0) <= now - at < FRESH_FOR:
            return known
        found = self._asked(user_id)
        with self._lock:
            if len(self._known) >= MOST_PEOPLE:
                self._known.clear()
            self._known[user_id] = (now, found)
        return found

    def _asked(self, user_id: int) -> Staff:
        try:
            shown = self._session.ask("GET", f"users/{user_id}")
            found = wire.staff(shown)
            if found.restriction is not Restriction.GROUPS or found.admin:
                return found
            return wire.staff(shown, self._session.each(f"users/{user_id}/group_memberships", "group_memberships"))
        except Declined as declined:
            if declined.status not in _NOBODY:
                raise
            raise NotAllowed("the desk knows no such agent") from None


_NOBODY = frozenset({403, 404})
