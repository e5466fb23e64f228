"""Knows how an update is written down: which events its audit holds, from the ticket before and after.
It must not know why the ticket changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.comments import via
from sandbox.shapes import iso
from sandbox.state import State

Doc = dict[str, Any]

WATCHED = (
    "subject",
    "status",
    "priority",
    "type",
    "group_id",
    "assignee_id",
    "requester_id",
    "organization_id",
    "brand_id",
    "ticket_form_id",
    "external_id",
    "due_at",
    "problem_id",
    "custom_status_id",
    "collaborator_ids",
    "email_cc_ids",
    "follower_ids",
    "is_public",
    "tags",
)
"""Properties of a ticket whose changes are events. Times and derived values are not."""


def changes(before: Doc | None, after: Doc) -> list[Doc]:
    """The Create or Change events between two states of a ticket, without ids."""
    then = _watched(before) if before is not None else {}
    events = []
    for name, value in _watched(after).items():
        if before is None and value not in (None, [], "", False):
            events.append({"type": "Create", "field_name": name, "value": _said(value)})
        elif before is not None and then.get(name) != value:
            previous = _said(then.get(name))
            events.append({"type": "Change", "field_name": name, "value": _said(value), "previous_value": previous})
    return events


def comment_event(comment: Mapping[str, Any]) -> Doc:
    """The event that stands for a comment; it carries the comment's own id."""
    kept = ("id", "type", "author_id", "body", "html_body", "plain_body", "public", "attachments", "audit_id")
    return {key: comment[key] for key in kept}


def make(ticket_id: int, *, author_id: int, channel: str, now: datetime, metadata: object = None) -> Doc:
    """An audit without an id and without events."""
    return {
        "id": None,
        "ticket_id": ticket_id,
        "created_at": iso(now),
        "author_id": author_id,
        "via": via(channel),
        "metadata": {"system": {}, "custom": metadata if isinstance(metadata, dict) else {}},
        "events": [],
    }


def numbered(state: State, events: list[Doc]) -> list[Doc]:
    """Events with ids; those that have one keep it."""
    return [event if "id" in event else {"id": state.next_id("event"), **event} for event in events]


def _watched(ticket: Doc) -> Doc:
    values = {name: ticket.get(name) for name in WATCHED}
    return values | {str(entry["id"]): entry["value"] for entry in ticket["custom_fields"]}


def _said(value: Any) -> Any:
    """Ids stand in events as text: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/"""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value) if isinstance(value, int) else value
