"""What we decide, what came of it, and how far each kind of answer may go.

It must not know how a plan is made or carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from integration.model.desk import MacroRef, Rung
from integration.model.reading import Intent, Reading
from integration.model.ticket import Field, Priority, Status, Ticket, TicketEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFields:
    """Put the reading and the marker into our ticket fields."""

    values: Mapping[Field, str]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTags:
    """Add tags, and drop those of ours that no longer hold."""

    tags: frozenset[str]
    because: str
    drop: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One automated public reply; the ticket is left pending."""

    macro: MacroRef
    text: str
    because: str
    link: str = ""  # the address in the text that leads to a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One internal note."""

    text: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Hand the ticket to a group, and there to a person where one is named."""

    group_id: int
    because: str
    assignee_id: int | None = None  # a member of the group


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPriority:
    """Raise the priority; it is never lowered."""

    priority: Priority
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForReview:
    """Ask a person to look, because we are not sure."""

    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatus:
    """Open the ticket for people, or solve it: at its customer's word, or where a mere thank-you reopened it."""

    status: Status
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Make the ticket a task that is due at a booked time."""

    due_at: datetime  # aware, UTC
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Take the ticket off our own name, so that it waits where people look."""

    because: str


Action = SetFields | AddTags | Reply | Note | Route | SetPriority | AskForReview | SetStatus | Schedule | Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What should be done, and why; with no actions it says why there are none."""

    actions: tuple[Action, ...]
    because: str
    silence: tuple[str, ...] = ()  # why no automated reply is sent; empty exactly when one is
    macros: tuple[MacroRef, ...] = ()  # suggested to the agent
    notes: tuple[str, ...] = ()  # findings for the admin, such as that nobody is free


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What one write did, and what stood there before."""

    audit_id: int | None
    comment_id: int | None  # of the reply or note
    before: Mapping[str, object]  # the earlier value of everything touched
    after: Mapping[str, object]
    dropped: tuple[str, ...] = ()  # keys that the desk silently left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """The time that a customer booked with a person."""

    ticket_id: int
    slot: datetime  # when it begins; aware, UTC
    language: str  # ISO 639-1, in which the customer read it
    changes: int  # how often it was chosen anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Exactly one per event taken from the queue."""

    event: TicketEvent
    plan: Plan
    at: datetime
    reading: Reading | None = None
    applied: Applied | None = None
    message_id: int | None = None  # the customer's message that was read
    requester_id: int | None = None
    notes: tuple[str, ...] = ()  # findings for the admin, such as a field that is gone
    ticket: Ticket | None = None  # as it was loaded; never stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value that a write changed, by our name for it: `status`, `group_id`, `fields.charge`."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One write of ours as the journal keeps it."""

    delivery_id: str
    ticket_id: int
    at: datetime
    changes: tuple[Change, ...] = ()
    added: frozenset[str] = frozenset()  # tags that we put there and that were not there before
    dropped: frozenset[str] = frozenset()  # tags that we took off
    said: str = ""  # `reply` or `note`, where it held one


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """What is put back on one ticket, and what stays as it is and why."""

    ticket_id: int
    values: Mapping[str, object] = field(default_factory=dict)  # by the names of Change
    tags: frozenset[str] | None = None  # the whole list as it is to be, or None where it stays
    off: frozenset[str] = frozenset()  # of the tags, those that go
    on: frozenset[str] = frozenset()  # and those that come back
    kept: tuple[str, ...] = ()  # what is not put back, each with its reason
    stop: str = ""  # why nothing may be touched at all

    @property
    def changes_something(self) -> bool:
        """Whether the ticket has to be written at all."""
        return bool(self.values) or self.tags is not None


class Mover(StrEnum):
    """Who moved an intent to another rung."""

    ADMIN = "admin"
    LADDER = "ladder"  # Attune itself, and only downwards


class Echo(StrEnum):
    """What came back after an answer of ours."""

    WAY_OUT = "way_out"  # the customer asked for a person, or asked the same again
    REOPEN = "reopen"  # a solved ticket came back
    RATING = "rating"  # good or bad
    CORRECTION = "correction"  # a person changed what we had read
    GRAVE = "grave"  # danger, death or harm after our answer, or a correction to charged or critical


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """An answer of ours: the reply or draft that one outcome holds."""

    delivery_id: str
    message_id: int | None  # the customer's message that it answers
    intent: Intent
    sent: bool  # false: a draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of one intent's answers since some moment; each answer counts once under each name."""

    sent: int = 0  # automated replies
    drafted: int = 0
    ways_out: int = 0  # of those sent
    reopens: int = 0  # of those sent
    rated_good: int = 0  # of those sent
    rated_bad: int = 0  # of those sent
    corrections: int = 0  # of those sent
    drafts_corrected: int = 0  # of those drafted
    grave: tuple[str, ...] = ()  # what happened, in our own words


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One move of one intent on the ladder."""

    id: int
    intent: Intent
    was: Rung
    is_now: Rung
    at: datetime
    because: str
    by: Mover
    ticket_id: int | None = None  # the ticket that brought a fall about, where it was one
