"""What a person who takes over should know of a ticket, piece by piece: the note and the sidebar are drawn from it.

It must not say how any of it is found, nor write a sentence for anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from integration.model.desk import MacroRef
from integration.model.reading import Charge, Sentiment
from integration.model.ticket import Status, Who


class FactKind(StrEnum):
    """What a fact is about, in the order in which an agent needs it."""

    REFERENCE = "reference"
    AMOUNT = "amount"
    DATE = "date"
    DEVICE = "device"
    COUNT = "count"
    DURATION = "duration"
    ERROR = "error"
    PLAN = "plan"
    QUANTITY = "quantity"
    NAME = "name"
    ATTACHMENT = "attachment"
    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something the customer has already told us, in their own words, masked."""

    kind: FactKind
    text: str
    message_id: int | None = None  # None where it stands in the subject
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A piece of one message in its writer's words, masked: one sentence, or sentences that stand together."""

    who: Who
    text: str
    message_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One thing that was tried, in its writer's words, masked."""

    who: Who
    text: str
    message_id: int
    at: datetime


class Kept(StrEnum):
    """Whether a promise was kept, as far as the conversation shows."""

    YES = "yes"
    NO = "no"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promise in its writer's words, masked."""

    who: Who  # who said so; CUSTOMER where the customer tells what they were promised
    text: str
    message_id: int
    at: datetime
    due: datetime | None
    kept: Kept
    why: str  # plain words, free of the customer's own; empty where it is open


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """How the customer feels, and since which message."""

    charge: Charge
    emotions: tuple[str, ...]  # strongest first
    since_message: int | None = None  # the message from which it shows, None where no earlier one does
    since: datetime | None = None
    place: int = 0  # which of the customer's messages that is, from 1
    words: str = ""  # those that show it there, masked


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A macro of the desk that fits, and why, in one line for the agent."""

    macro: MacroRef
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier ticket of the same customer that matters to this one, and why."""

    id: int
    subject: str  # masked, at most six words
    status: Status
    sentiment: Sentiment | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """What a person needs so that the customer never has to repeat anything."""

    wants: str  # in plain words; empty where the message could not be read
    feels: Mood
    facts: tuple[Fact, ...]
    tried: tuple[Try, ...]  # newest first
    promises: tuple[Promise, ...]  # broken ones first, then open ones, then kept ones
    earlier: tuple[Earlier, ...]
    do_not_ask: tuple[str, ...]  # what the facts answer already: “order number”
    opening: str  # how to begin, naming the concrete event; empty where the customer has written nothing
    macros: tuple[Suggestion, ...]
    began: tuple[Said, ...] = ()  # what the customer wrote before the newest message, oldest first
    answered: Said | None = None  # what they were last answered, courtesies left out
