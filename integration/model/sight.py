"""What an agent sees of how a ticket was read, and what people say of it: looks, readings, corrections.

It must not know how any of it is kept, shown or judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from integration.model.reading import Reading


class Label(StrEnum):
    """What an agent may correct with one press."""

    SENTIMENT = "sentiment"
    CHARGE = "charge"
    URGENCY = "urgency"
    INTENT = "intent"
    ANSWER = "answer"  # what Attune sent or drafted; its values are those of Verdict


class Verdict(StrEnum):
    """What a person says of an answer of ours."""

    SHOULD_NOT = "should_not"  # it should not have been answered
    WAS_FINE = "was_fine"


class Source(StrEnum):
    """Where a correction was made."""

    FIELD = "field"  # a person changed our field on the ticket
    SIDEBAR = "sidebar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One thing that a person put right; values are our own words, such as "charged", and "" for nothing."""

    delivery_id: str
    ticket_id: int
    message_id: int | None  # the customer's message whose reading, or whose answer, it is about
    label: Label
    was: str
    is_now: str
    at: datetime  # aware, UTC
    by: int | None = None  # the agent's user id, where it is known
    source: Source = Source.FIELD


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReading:
    """How one customer message was read and what came of it, as it is kept: without a word of anybody's."""

    delivery_id: str
    message_id: int
    at: datetime  # aware, UTC
    reading: Reading  # its text is empty, and so are the quotes of its evidence
    characters: int | None = None  # how long the text was that the offsets point into, where that was kept
    replied: bool = False
    drafted: bool = False
    comment_id: int | None = None  # of the reply or note
    silence: tuple[str, ...] = ()  # why no automated reply was sent


class Restriction(StrEnum):
    """Which tickets an agent may see; OTHER stands for a word that we do not know."""

    NONE = "none"
    GROUPS = "groups"
    ASSIGNED = "assigned"
    ORGANIZATION = "organization"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Somebody who looks at tickets, and how far they may look."""

    id: int
    staff: bool  # false: an end user
    active: bool = True  # false: deleted or suspended
    admin: bool = False
    light: bool = False  # reads tickets and comments privately, but may not change them
    restriction: Restriction = Restriction.NONE
    groups: frozenset[int] = frozenset()
    barred: frozenset[int] = frozenset()  # private groups that they are not in
    organization_id: int | None = None
