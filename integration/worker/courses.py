"""Writes down how each ticket goes, whenever an event of it has its outcome; the figures are counted from it.

It must not judge, count a figure, or ever stand in the way of the event.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Protocol

from integration import insights
from integration.model import Applied, Course, Outcome, Status, Ticket, Trail, TryLater
from integration.policy import promises
from integration.worker.drafting import repeats

log = logging.getLogger("attune.worker")


class Book(Protocol):
    """What is asked of the store."""

    def trail(self, ticket_id: int, newest: Outcome | None = None) -> Trail: ...
    def put(self, one: Course) -> None: ...


@dataclass(frozen=True, slots=True)
class Courses:
    """Keeps every ticket's course up to date."""

    book: Book

    def follow(self, outcome: Outcome) -> None:
        """Count the course of the outcome's ticket anew; nothing where no ticket was loaded.

        Raises TryLater where the database is away: then the outcome cannot be written either. A fault of ours in
        counting is logged, and the event gets its outcome all the same.
        """
        if outcome.ticket is None:
            return
        try:
            self.book.put(self._course(outcome.ticket, outcome))
        except TryLater:
            raise
        except Exception as bug:  # figures are beside the job: a ticket that cannot be counted is still attended to
            log.error("ticket %d: its course was not counted: %s", outcome.ticket.id, type(bug).__name__)

    def _course(self, loaded: Ticket, outcome: Outcome) -> Course:
        ticket = _as_left(loaded, outcome.applied)
        trail = self.book.trail(ticket.id, outcome)
        language = next((one.language for one in reversed(trail.moments) if one.language), "")
        again = repeats(ticket, language)
        return insights.course(ticket, trail, promises.made(ticket, outcome.at), now=outcome.at, asked_again=again)


def _as_left(ticket: Ticket, applied: Applied | None) -> Ticket:
    """The ticket with the status and the assignee that our write left on it."""
    after = applied.after if applied else {}
    status, assignee = after.get("status"), after.get("assignee_id", ticket.assignee_id)
    return replace(
        ticket,
        status=Status(status) if isinstance(status, str) and status in set(Status) else ticket.status,
        assignee_id=assignee if isinstance(assignee, int) else None,
    )
