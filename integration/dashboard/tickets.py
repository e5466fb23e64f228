"""One ticket's story: every event with its reading and plan, why there was no reply, what was written, what undone.

It must not show a customer's words: none are kept here; the ticket itself is a link away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

from integration.dashboard import guard, words
from integration.dashboard.behind import Behind

# What a reading says, in the order in which people ask.
READ = ("sentiment", "charge", "urgency", "intent", "language")
# Below this confidence an agent is told "perhaps"; the same line as in the sidebar.
SURE = 0.65


def add(dashboard: Blueprint, behind: Behind) -> None:
    """The route of a ticket's page."""

    @dashboard.get("/tickets/<int:ticket_id>")
    def ticket(ticket_id: int) -> Response:
        return guard.looking(behind, lambda room: _told(room, ticket_id))


def chapter(row: Mapping[str, Any], failures: tuple[str, ...]) -> dict[str, Any]:
    """One event as the page tells it."""
    reading = row["reading"] or {}
    confidence = reading.get("confidence") or {}
    return {
        "row": row,
        "upshot": words.upshot(row, failures),
        "read": [(name, reading.get(name), confidence.get(name)) for name in READ if reading.get(name)],
        "emotions": sorted((reading.get("emotions") or {}).items(), key=lambda pair: -pair[1]),
        "evidence": sorted(reading.get("evidence") or (), key=lambda one: -float(one["weight"])),
        "unreadable": reading.get("why_unreadable") or "",
        "actions": [
            (words.action(one, drafted=row["drafted"]), str(one.get("because") or "")) for one in row["plan"]["actions"]
        ],
        "silence": [] if row["replied"] else row["plan"].get("silence") or [],
        "macros": [macro["title"] for macro in row["plan"].get("macros") or ()],
        "written": row["written"],
    }


def _told(room: guard.Room, ticket_id: int) -> Response:
    story = room.memory.audit.story(ticket_id) if ticket_id < 10**18 else ()  # what a 64-bit number holds
    corrections = room.memory.corrections(ticket_id) if story else ()
    if not story:
        text = f"Attune has written nothing down about ticket {ticket_id}: it never saw it, or it was forgotten since."
        return guard.said("No such ticket here", text, 404)
    return guard.page(
        "ticket.html",
        ticket_id=ticket_id,
        chapters=[chapter(row, room.behind.failures) for row in reversed(story)],
        corrections=corrections,
        desk=room.behind.desk(),
        sure=SURE,
    )
