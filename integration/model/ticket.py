"""What comes in: the event, the ticket with its conversation, and what is known of its requester.

It must not know how any of it is read or written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from integration.model.reading import Sentiment
from integration.model.sight import Correction


class EventKind(StrEnum):
    """Why we were called; an unknown kind is named, not crashed on."""

    CUSTOMER_MESSAGE = "customer_message"
    CORRECTION = "correction"  # a person changed one of our fields
    CLOSED = "closed"  # the ticket was solved or closed
    RATED = "rated"  # the customer rated the contact
    WAY_OUT = "way_out"  # the customer used the link to a person; only our own page makes it
    REDACTED = "redacted"  # words of the ticket were blacked out
    GONE = "gone"  # the ticket was deleted, or merged into another
    ERASED = "erased"  # the ticket was deleted for good
    PERSON_GONE = "person_gone"  # a user was deleted: ticket_id is 0, and the note is the user's id
    UNKNOWN = "unknown"


class Choice(StrEnum):
    """What a customer may choose on the page that every automated reply links to."""

    PERSON = "person"  # a person, now
    TIME = "time"  # a person, at a booked time
    SOLVED = "solved"  # nothing more is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEvent:
    """A hint to look at a ticket: thin, so that late, doubled and disordered deliveries do no harm."""

    delivery_id: str  # the sender's invocation id, constant over its retries; our workflow id
    ticket_id: int
    kind: EventKind
    happened_at: datetime  # aware, UTC
    choice: Choice | None = None  # of a WAY_OUT
    note: str = ""  # the sender's own name of the kind where it is UNKNOWN; the user's id where it is PERSON_GONE


class Who(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"  # we ourselves, or another machine of the desk
    SYSTEM = "system"  # a rule, a merge, a notification


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One comment of a ticket; `text` is as written (it may hold HTML, quotes and signatures)."""

    id: int
    who: Who
    text: str
    at: datetime
    public: bool
    author_id: int | None = None
    ours: bool = False  # written by Attune's own user


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """The customer whose ticket it is, as the desk knows them."""

    id: int
    name: str = ""
    email: str = ""
    locale: str = ""
    tags: frozenset[str] = frozenset()
    suspended: bool = False  # or deleted
    organization_id: int | None = None  # the one this ticket belongs to, else their own


class Status(StrEnum):
    """Zendesk's status categories."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    HOLD = "hold"
    SOLVED = "solved"
    CLOSED = "closed"
    DELETED = "deleted"


class Priority(StrEnum):
    """Zendesk's four priorities; ordered."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Field(StrEnum):
    """The ticket fields that Attune owns."""

    SENTIMENT = "sentiment"
    CHARGE = "charge"
    URGENCY = "urgency"
    MARKER = "marker"  # the comment that the last write answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as it is now, with its whole conversation, oldest message first."""

    id: int
    subject: str
    requester: Requester
    channel: str  # LABELS.md's words: email, web, chat, native_messaging, ...
    status: Status
    priority: Priority | None
    tags: frozenset[str]
    group_id: int | None
    assignee_id: int | None
    messages: tuple[Message, ...]
    stamp: str  # the version stamp, exactly as the desk wrote it
    created_at: datetime
    fields: Mapping[Field, str | None] = field(default_factory=dict)  # our own fields; absent when not installed
    from_messaging: bool = False  # an active conversation that the tickets API cannot answer
    has_ccs: bool = False
    shared: bool = False  # with another account, a side conversation, a follow-up, or merged with another ticket
    satisfaction: str = ""  # good, bad, offered, or empty
    given: Mapping[int, str] = field(default_factory=dict)  # other custom fields by id, as text; never stored
    type: str = ""  # question, incident, problem, task, or empty
    due_at: datetime | None = None  # of a task
    loaded_at: datetime | None = None  # our clock just before we asked for it

    @property
    def newest(self) -> Message | None:
        """The newest public message of the customer, or None where there is none."""
        return next((m for m in reversed(self.messages) if m.who is Who.CUSTOMER and m.public), None)

    def after(self, message: Message) -> tuple[Message, ...]:
        """What was written after `message`, in order."""
        position = next(i for i, m in enumerate(self.messages) if m.id == message.id)
        return self.messages[position + 1 :]

    def before(self, message: Message) -> tuple[Message, ...]:
        """What was written before `message`, in order."""
        position = next(i for i, m in enumerate(self.messages) if m.id == message.id)
        return self.messages[:position]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTicket:
    """One earlier ticket of the same requester."""

    id: int
    subject: str
    status: Status
    created_at: datetime
    sentiment: Sentiment | None = None  # as read by us then, where we did
    assignee_id: int | None = None  # who had it last
    satisfaction: str = ""  # good, bad, offered, or empty


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the desk and we know of the requester beside this ticket; None where it is not known."""

    tickets_90d: int | None = None  # tickets in the last 90 days, this one included
    reopens: int | None = None
    bad_ratings: int | None = None
    days_open: int | None = None
    recent: tuple[PastTicket, ...] = ()  # newest first, this ticket left out
    corrections: tuple[Correction, ...] = ()  # what people put right on this ticket, oldest first
