"""Knows how a ticket is looked at and put back when our writes are undone: one call for each.

It must not decide what goes back, nor know Zendesk's field names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import requests

from integration import wire
from integration.model import Desk, Refused, Status, Ticket, Undoing
from integration.zendesk.session import Declined, Session, json_of
from integration.zendesk.tickets import put


class Restorer:
    """Looks at tickets without their conversation, and puts back what stood there."""

    def __init__(self, session: Session, desk: Callable[[], Desk]) -> None:
        self._session = session
        self._desk = desk

    def look(self, ticket_id: int) -> Ticket | None:
        """The ticket as it is now, without its comments; None where it was deleted or may not be seen."""
        try:
            row = self._session.ask("GET", f"tickets/{ticket_id}").get("ticket") or {}
        except Declined as declined:
            if declined.status == requests.codes.not_found:
                return None
            raise
        return wire.ticket(row, (), {}, self._desk())

    def put_back(self, undoing: Undoing, ticket: Ticket) -> tuple[str, tuple[str, ...]]:
        """Write it in one update; gives back the ticket's version afterwards, and what Zendesk did not set back.

        Raises TryLater where the ticket moved meanwhile; where nothing of it is accepted, Refused.
        """
        desk = self._desk()
        answered = self._put(ticket.id, wire.restoring(undoing, ticket, desk))
        left = wire.not_restored(undoing, answered, desk)
        if undoing.values.get("status") == Status.NEW and "status" in left and not _is_open(answered):
            # Zendesk took the rest and left the status: open is the next best for a ticket that waits for people.
            opened = Undoing(ticket_id=ticket.id, values={"status": Status.OPEN.value})
            stamped = replace(ticket, stamp=wire.version(answered))
            answered = self._put(ticket.id, wire.restoring(opened, stamped, desk))
        return wire.version(answered), left

    def requested(self, requester_id: int) -> frozenset[int]:
        """The ids of the tickets that a person wrote."""
        path = f"users/{requester_id}/tickets/requested"
        return frozenset(int(row["id"]) for row in self._session.each(path, "tickets") if row.get("id"))

    def person(self, email: str) -> int:
        """The id of the user with this e-mail address. Raises Refused where there is none."""
        found = self._session.ask("GET", "users/search", params={"query": f'email:"{email}"'}).get("users") or []
        ids = [int(user["id"]) for user in found if str(user.get("email") or "").lower() == email.lower()]
        if not ids:
            raise Refused("Zendesk knows nobody with this e-mail address: give the user's id instead")
        return ids[0]

    def _put(self, ticket_id: int, body: dict[str, Any]) -> dict[str, Any]:
        _sent, response = put(self._session, ticket_id, body, wire.restoring_less(body))
        return json_of(response)


def _is_open(answered: dict[str, Any]) -> bool:
    return bool((answered.get("ticket") or {}).get("status") in {Status.NEW.value, Status.OPEN.value})
