"""What an admin looks at afterwards: who did what and when, what is searched for, and who is signed in to look.

It must not hold a customer's words, nor know how any of it is stored or drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from integration.model.plan import Change


class Hand(StrEnum):
    """Who did it."""

    ATTUNE = "attune"  # a write on a ticket
    LADDER = "ladder"  # an intent that fell back by itself
    DASHBOARD = "dashboard"  # an admin, signed in to the dashboard
    FLASK = "flask"  # an admin at the server, by a command
    PERSON = "person"  # somebody in Zendesk who changed a label


class Deed(StrEnum):
    """What kind of thing was done."""

    WRITE = "write"
    SWITCH = "switch"
    FALL = "fall"
    CORRECTION = "correction"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One line of the audit log."""

    at: datetime
    by: Hand
    deed: Deed
    what: str  # such as "sending", "rungs.order_status", "charge"; of a write, the event's kind
    because: str = ""
    was: str = ""
    is_now: str = ""
    ticket_id: int | None = None
    delivery_id: str = ""
    changes: tuple[Change, ...] = ()  # of a write
    added: frozenset[str] = frozenset()  # tags that a write put there
    dropped: frozenset[str] = frozenset()  # tags that a write took off
    said: str = ""  # "reply" or "note", where a write held one


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody searches for; what is left open fits everything."""

    words: str = ""  # anywhere in the reason, in whatever case
    ticket_id: int | None = None
    delivery_id: str = ""  # the whole id
    kind: str = ""  # of an event
    state: str = ""  # of an event: "done", "intended", "failed" or "undone"
    by: Hand | None = None
    deed: Deed | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody signed in to the dashboard."""

    until: datetime
    may_switch: bool  # false: may look only
