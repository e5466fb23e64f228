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
# Groups are made private once in a blue moon; our choice, so that it costs a call a minute at most.
GROUPS_FRESH_FOR = timedelta(minutes=1)
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
        self._private: tuple[datetime, frozenset[int]] | None = None

    def staff(self, user_id: int) -> Staff:
        """One call, a second one for an agent whose groups matter; then none for ten seconds.

        They matter where somebody sees their groups' tickets only, and where the desk has private groups, which is
        asked once a minute. Raises NotAllowed where the desk knows nobody of this id.
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
            if found.admin or not found.staff:
                return found
            private = self._private_groups()
            if not private and found.restriction is not Restriction.GROUPS:
                return found
            memberships = self._session.each(f"users/{user_id}/group_memberships", "group_memberships")
            return wire.staff(shown, memberships, private)
        except Declined as declined:
            if declined.status not in _NOBODY:
                raise
            raise NotAllowed("the desk knows no such agent") from None

    def _private_groups(self) -> frozenset[int]:
        now = self._clock()
        with self._lock:
            kept = self._private
        if kept is not None and timedelta(0) <= now - kept[0] < GROUPS_FRESH_FOR:
            return kept[1]
        found = wire.private_groups(self._session.each("groups", "groups"))
        with self._lock:
            self._private = (now, found)
        return found


_NOBODY = frozenset({403, 404})
