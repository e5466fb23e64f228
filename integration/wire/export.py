"""Knows the rows of the incremental exports: of tickets, and of users.

It must not know when or how often the export is asked.
"""

from __future__ import annotations

from integration.wire import values
from integration.wire.values import Json

_MERGED_TAG = "closed_by_merge"
_NOTHING_TO_DO = frozenset({"solved", "closed", "deleted"})


def unsolved(page: Json) -> list[tuple[int, str]]:
    """The tickets of one page that still wait, as (id, version stamp)."""
    rows = (row for row in page.get("tickets") or [] if isinstance(row, dict))
    return [
        (values.number(row.get("id"), "ticket.id"), values.text(row.get("updated_at")))
        for row in rows
        if values.word(row.get("status")) not in _NOTHING_TO_DO and row.get("updated_at")
    ]


def gone(page: Json) -> list[int]:
    """The tickets of one page that were deleted, or closed because they were merged into another."""
    rows = (row for row in page.get("tickets") or [] if isinstance(row, dict))
    return [
        values.number(row.get("id"), "ticket.id")
        for row in rows
        if values.word(row.get("status")) == "deleted" or _MERGED_TAG in values.words(row.get("tags"))
    ]


def left(page: Json) -> list[int]:
    """The users of one page that were deleted: Zendesk calls them no longer active; a suspended user still is."""
    rows = (row for row in page.get("users") or [] if isinstance(row, dict))
    return [values.number(row.get("id"), "user.id") for row in rows if row.get("active") is False]
