"""Undoes our writes on one ticket after the other: look, decide, put back, note that it is undone.

It must not know HTTP, SQL or Zendesk's field names, nor how the result is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from integration import policy
from integration.model import Refused, Ticket, TryLater, Undoing, Written

# Tries per ticket: an edit by somebody else, or a pause that Zendesk asked for, each cost one.
TRIES = 12
# The longest wait for one of them, in seconds: Zendesk's budgets are counted by the minute.
LONGEST_WAIT_S = 60.0


class Restorer(Protocol):
    """What undoing asks about one ticket."""

    def look(self, ticket_id: int) -> Ticket | None: ...
    def put_back(self, undoing: Undoing, ticket: Ticket) -> tuple[str, tuple[str, ...]]: ...


class Journal(Protocol):
    """What undoing notes down."""

    def mark_undone(self, delivery_ids: Collection[str], now: datetime, stamp: str = "") -> None: ...
    def free(self, ticket_id: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What came of one ticket."""

    undoing: Undoing
    remarks: tuple[str, ...] = ()  # what cannot be unsent
    done: bool = False  # the journal says so now, and these writes are not undone again


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoer:
    """Undoes, or shows what undoing would do."""

    restorer: Restorer
    journal: Journal
    self_id: Callable[[], int]  # our own user's
    clock: Callable[[], datetime]
    wait: Callable[[float], object]  # seconds

    def plan(self, writes: Sequence[Written]) -> Undone:
        """What undoing the writes of one ticket would do now; touches nothing."""
        _ticket, undone = self._plan(writes)
        return undone

    def undo(self, writes: Sequence[Written]) -> Undone:
        """Undo the writes of one ticket. Raises TryLater, the ticket being as it was, where Zendesk cannot be had."""
        for tries_left in reversed(range(TRIES)):
            try:
                return self._undo(writes)
            except TryLater as later:
                if not tries_left:
                    raise
                self.wait(min(LONGEST_WAIT_S, later.after.total_seconds()))
        raise AssertionError("unreachable")

    def _undo(self, writes: Sequence[Written]) -> Undone:
        ticket, planned = self._plan(writes)
        if ticket is None or planned.undoing.stop:
            return planned
        stamp, left = "", tuple[str, ...]()
        if planned.undoing.changes_something:
            try:
                stamp, left = self.restorer.put_back(planned.undoing, ticket)
            except Refused as refused:
                return replace(planned, undoing=replace(planned.undoing, stop=str(refused)))
            kept = (*planned.undoing.kept, *(f"{_plain(name)}: Zendesk did not set it back" for name in left))
            planned = replace(planned, undoing=replace(planned.undoing, kept=kept))
        self.journal.mark_undone([one.delivery_id for one in writes], self.clock(), stamp)
        if "due_at" in planned.undoing.values and "due_at" not in left:
            self.journal.free(ticket.id)
        return replace(planned, done=True)

    def _plan(self, writes: Sequence[Written]) -> tuple[Ticket | None, Undone]:
        ticket = self.restorer.look(writes[0].ticket_id)
        if ticket is None:
            stop = "the ticket was deleted, or may not be seen"
            return None, Undone(undoing=Undoing(ticket_id=writes[0].ticket_id, stop=stop))
        undoing = policy.undo(writes, ticket, self.self_id())
        return ticket, Undone(undoing=undoing, remarks=policy.remarks(writes))


def by_ticket(writes: Iterable[Written]) -> dict[int, list[Written]]:
    """The writes of each ticket, in the order in which the tickets were first written."""
    found: dict[int, list[Written]] = {}
    for write in writes:
        found.setdefault(write.ticket_id, []).append(write)
    return found


def _plain(name: str) -> str:
    return name.removeprefix("fields.").removesuffix("_id")
