"""Knows how to ask why a ticket is open: its audits, page by page.

It must not judge the message that opened it.
"""

from __future__ import annotations

from collections.abc import Callable

from integration import wire
from integration.model import Desk, Ticket
from integration.zendesk.session import Session


class Reopened:
    """Whether a ticket was solved until its newest message came; may be used from any thread."""

    def __init__(self, session: Session, desk: Callable[[], Desk]) -> None:
        self._session = session
        self._desk = desk

    def __call__(self, ticket: Ticket) -> bool:
        """One call for each 100 audits, asked only for a message that is thanks alone. Raises TryLater, Refused."""
        audits = self._session.each(f"/api/v2/tickets/{ticket.id}/audits", "audits")
        return wire.merely_reopened(audits, ticket, self._desk())
