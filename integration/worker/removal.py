"""What goes from our books when words, tickets or people are taken out of Zendesk.

It must not know SQL, Zendesk's field names, or how an event came here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from integration.model import EventKind, Ticket, TicketEvent

# Zendesk writes this character over every one that it blacks out.
# https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-string-in-comment
BLACKED_OUT = "▇"
REMOVALS = frozenset({EventKind.REDACTED, EventKind.GONE, EventKind.ERASED, EventKind.PERSON_GONE})


class Archive(Protocol):
    """What following a removal asks of the store."""

    def blank(self, ticket_ids: Iterable[int], because: str) -> int: ...
    def gone(self, ticket_ids: Iterable[int], now: datetime) -> int: ...
    def erase(self, ticket_ids: Iterable[int]) -> int: ...
    def held(self, requester_id: int, ticket_ids: Iterable[int] = ()) -> Any: ...
    def forget(self, held: Any) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Removals:
    """Follows what was removed in Zendesk."""

    archive: Archive
    clock: Callable[[], datetime]

    def follow(self, event: TicketEvent) -> str:
        """Take out of our books what `event` says was taken out of Zendesk; gives back what went, in plain words."""
        match event.kind:
            case EventKind.REDACTED:
                return f"words were blacked out: {self.redacted(event.ticket_id)} readings lost their reasons"
            case EventKind.GONE:
                went = self.archive.gone([event.ticket_id], self.clock())
                return f"the ticket was deleted or merged away: {went} readings lost their reasons"
            case EventKind.ERASED:
                return f"the ticket was deleted for good: {self.archive.erase([event.ticket_id])} outcomes went"
            case EventKind.PERSON_GONE if event.note.isascii() and event.note.isdigit():
                held = self.archive.held(int(event.note))
                self.archive.forget(held)
                return f"a user was deleted: {held.outcomes} outcomes and {held.corrections} corrections went"
        return "nothing to remove"

    def redacted(self, ticket_id: int) -> int:
        """Words of the ticket were blacked out; gives back how many readings lost their reasons."""
        return self.archive.blank([ticket_id], "words of the ticket were blacked out in Zendesk")


def blacked_out(ticket: Ticket) -> bool:
    """Whether somebody has blacked out words of the ticket: no event is needed to see it."""
    return any(BLACKED_OUT in message.text for message in ticket.messages)
