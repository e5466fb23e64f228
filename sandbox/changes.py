"""Knows what one update did to one ticket: the ticket before and after, its comment, who did it, and by which channel.
It must not know how the change was stored, nor who listens to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """One committed update of one ticket, in the shapes of the REST API (ids are ints).

    `before` is None when the ticket was created. `comment` is the comment this update added, if any. `actor` is the
    user who was signed in (role `end-user`, `agent` or `admin`), which is not always the comment's author.
    """

    before: dict[str, Any] | None
    after: dict[str, Any]
    comment: dict[str, Any] | None
    actor: dict[str, Any]
    via_channel: str
    audit_id: int
