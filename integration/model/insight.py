"""How tickets went, one by one and all together: times beside feelings, each figure with what it was counted from.

It must not count anything itself, nor hold a customer's words: ids, times, labels and counts only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from integration.model.desk import Rung
from integration.model.plan import Figures
from integration.model.reading import Charge, Intent, Sentiment
from integration.model.sight import Correction, Label
from integration.model.ticket import Choice, EventKind

# A figure of fewer says "too few": of four tickets one more or less moves a share by a quarter. Our choice.
LEAST = 5


class Group(StrEnum):
    """Who had the first hand in a ticket; every figure is shown for each apart."""

    ANSWERED = "answered"  # Attune replied
    ROUTED = "routed"  # charged, or brought to people by Attune; no reply of ours
    OTHER = "other"


class Unit(StrEnum):
    """What a spread is counted in."""

    SECONDS = "seconds"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """How one customer message was read, corrections laid over it."""

    message_id: int | None
    at: datetime
    sentiment: Sentiment
    polarity: float  # -1…1
    charge: Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One outcome, as far as it says how a ticket went."""

    delivery_id: str
    kind: EventKind
    happened_at: datetime
    at: datetime
    message_id: int | None = None
    felt: Felt | None = None  # None where nothing was read
    intent: Intent | None = None
    language: str = ""
    wants_person: bool = False  # read in the customer's words
    choice: Choice | None = None  # on our page
    replied: bool = False  # this wrote an automated public reply
    drafted: bool = False  # this wrote a draft
    routed: bool = False  # this handed the ticket to people
    solved: bool = False  # this solved the ticket
    silence: tuple[str, ...] = ()  # why no reply was sent; our own words


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What is written down of one ticket, as far as it says how the ticket went."""

    moments: tuple[Moment, ...] = ()
    corrected: tuple[Correction, ...] = ()  # oldest first
    came_back: bool = False  # after a reply of ours: a person asked for, the same asked again, the link taken
    reopens: int = 0  # as counted before


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How one ticket went, as far as Attune saw it: one row per ticket, written anew whenever the ticket is loaded."""

    ticket_id: int
    requester_id: int
    channel: str
    language: str  # of the newest reading; empty where none
    intent: Intent | None  # of the newest reading
    created_at: datetime
    asked_at: datetime  # the customer's first public message; `created_at` where there is none
    seen_at: datetime  # when Attune last looked at the ticket
    first_reply_at: datetime | None  # the first public reply by anybody, Attune included
    first_person_at: datetime | None  # the first public reply by a person
    solved_at: datetime | None  # None while it is open, or where nobody told us when
    solved: bool  # as the ticket stands
    reopens: int
    customer_messages: int  # public ones
    agent_messages: int  # public ones by people
    our_replies: int  # automated public replies
    asked_again: int | None  # how often an agent asked for a fact that was given; None where nobody counts it
    wanted_person: bool  # the customer asked for a person, in words or on our page
    way_out: bool  # after a reply of ours they asked for a person, asked again, or took the link
    rating: str  # good, bad, or empty
    first: Felt | None  # mood of the first message that was read
    last: Felt | None  # mood of the last one; the same as `first` where only one was read
    worst: Charge | None  # the strongest charge of any message
    group: Group
    assignee_id: int | None
    touched: bool  # a person wrote on it, in public or not, or corrected something
    drafted: bool  # it holds a draft of ours
    held: tuple[str, ...]  # why the newest message that was read got no reply of ours; our own words
    corrected: frozenset[Label]  # labels that a person changed, and did not change back
    judged: frozenset[Label]  # labels that a person spoke about at all, `was_fine` included
    promises_open: int
    next_due: datetime | None  # of the open promises, the earliest that names a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """k of n, with the interval that holds the true share in 95 of 100 cases (Wilson)."""

    k: int
    n: int
    low: float  # 0…1
    high: float  # 0…1

    @property
    def value(self) -> float | None:
        """The share, 0…1, or None where n is too few to say."""
        return None if self.too_few else self.k / self.n

    @property
    def too_few(self) -> bool:
        """Whether there are too few to say."""
        return self.n < LEAST


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The middle of n values, with the interval that holds the true median in 95 of 100 cases (order statistics)."""

    n: int
    median: float | None  # None where n is too few
    low: float | None  # None where n is too few for an interval: five values cannot give one
    high: float | None
    unit: Unit = Unit.SECONDS

    @property
    def too_few(self) -> bool:
        """Whether there are too few to say."""
        return self.n < LEAST


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How many tickets began in one mood and ended in another; `very_` counts with its plain word."""

    start: Sentiment  # negative, neutral or positive
    end: Sentiment
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """Everything counted of one group of tickets: speed, feeling and effort beside each other."""

    group: Group
    tickets: int
    solved: int  # of these
    first_reply: Spread  # from the customer's first message
    first_person: Spread  # of those that a person answered
    resolution: Spread  # of those solved
    good_ratings: Share  # of those rated
    effort: Spread  # messages that the customer had to write, of those solved
    turns: tuple[Turn, ...]  # all nine, of tickets with at least two messages read
    better: Share  # of tickets with at least two messages read: the last feels better than the first
    worse: Share
    reopened: Share  # of tickets ever solved
    reopens: int  # all of them: a ticket may come back more than once
    ways_out: Share  # of those answered by Attune; 0 of 0 elsewhere
    wanted_person: Share  # of all
    had_to_repeat: Share  # of those where a person wrote and it is counted: an agent asked for a fact that was given


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """One reason for which no reply was sent, and on how many tickets it was among the reasons."""

    reason: str
    tickets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Of the tickets with this label that a person touched, on how many they let it stand.

    It is an upper bound: a person who does not look, or does not bother, corrects nothing. It says nothing about
    tickets that nobody touched, and cannot be compared with an accuracy that was measured against second readers.
    """

    label: Label
    stood: Share  # of `touched`, those not corrected
    corrected: int  # tickets
    said_so: int  # tickets on which a person spoke about this label at all
    shown: int  # tickets with this label, touched or not


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far one intent may go, and what came of its answers."""

    intent: Intent
    rung: Rung
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The charged tickets that one agent carries now; there to look after people, not to rank them."""

    agent_id: int
    name: str
    charged: int
    cap: int  # charged tickets at once, as the rules say

    @property
    def full(self) -> bool:
        """Whether they should get no more."""
        return self.charged >= self.cap


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A ticket with open promises."""

    ticket_id: int
    promises: int
    due: datetime | None  # the earliest that names a time
    overdue: bool
    assignee_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The tickets that began on one day (UTC)."""

    day: date
    tickets: Mapping[Group, int]  # every group, 0 included

    @property
    def all(self) -> int:
        """All tickets of the day."""
        return sum(self.tickets.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Everything of the figures page: never one number. Tickets that began in since ≤ t < until."""

    since: datetime
    until: datetime
    tickets: int
    groups: tuple[GroupFigures, ...]  # answered, routed, other
    held_back: tuple[HeldBack, ...]  # the most frequent first, at most twelve
    held_back_tickets: int  # tickets that were read and got no reply
    accuracy: tuple[Accuracy, ...]  # one per label
    standing: tuple[Standing, ...]  # by intent's name
    load: tuple[Load, ...]  # as of now, whatever the period; by name, never by figures
    owed: tuple[Owed, ...]  # as of now, whatever the period; the earliest due first
    days: tuple[Day, ...]  # every day of the period, oldest first
    names: Mapping[int, str] = field(default_factory=dict)  # of agents, where known
