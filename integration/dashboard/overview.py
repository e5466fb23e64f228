"""The first page: what happened lately, whether all is well, and the one switch that stops every automated reply.

It must not look into Zendesk: what is shown is what stands in our own house.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response

from integration.dashboard import guard, words
from integration.dashboard.behind import Behind
from integration.model import EventKind, Wanted

# The newest messages on the first page: a screenful.
NEWEST = 15
# What the counts on top are about.
LATELY = timedelta(hours=24)


def add(dashboard: Blueprint, behind: Behind) -> None:
    """The route of the first page."""

    @dashboard.get("/")
    def overview() -> Response:
        return guard.looking(behind, _shown)


def _shown(room: guard.Room) -> Response:
    message = EventKind.CUSTOMER_MESSAGE.value
    newest, _ = room.memory.audit.events(Wanted(kind=message), room.behind.failures, 0, NEWEST)
    return guard.page(
        "overview.html",
        rows=[(row, words.upshot(row, room.behind.failures), words.ago(row["at"], room.now)) for row in newest],
        counts=_counts(room),
        house=room.behind.house(),
        rules=room.memory.rules(),
        now=room.now,
        ago=lambda at: words.ago(at, room.now),
    )


def _counts(room: guard.Room) -> list[tuple[str, int, dict[str, str]]]:
    """What happened in the last day, each with the search that shows it."""
    since = room.now - LATELY
    kind = EventKind.CUSTOMER_MESSAGE.value
    found = []
    for name, state in (("messages read", ""), ("answered", "replied"), ("drafted", "drafted"), ("failed", "failed")):
        of_kind = kind if not state else ""
        wanted = Wanted(kind=of_kind, state=state, since=since)
        count = room.memory.audit.events(wanted, room.behind.failures, 0, 1)[1]
        asked = {"kind": of_kind, "state": state, "since": f"{since:%Y-%m-%d}"}
        found.append((name, count, {word: said for word, said in asked.items() if said}))
    return found
