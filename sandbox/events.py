"""Knows Zendesk's ticket events: which of them one change gives, and the exact text an event webhook sends.
It must not know who subscribed, nor how it is delivered; it is pure, and ids and time come in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from sandbox.changes import TicketChange

PREFIX = "zen:event-type:ticket."
# Event ids are derived, so that the same change always tells the same events. The name space is ours.
_NAMESPACE = UUID("5f6c1f6e-8f0e-4d5b-9d3a-2f7f8a4f0b11")
# Channels whose name in events differs from the REST API's.
_CHANNELS = {"email": "mail", "web": "web_form", "api": "web_service"}
# Ticket properties whose change is an event: the property, the event, and whether the value is written in capitals.
_MOVES: tuple[tuple[str, str, bool], ...] = (
    ("status", "status_changed", True),
    ("priority", "priority_changed", True),
    ("type", "type_changed", True),
    ("subject", "subject_changed", False),
    ("assignee_id", "agent_assignment_changed", False),
    ("group_id", "group_assignment_changed", False),
    ("requester_id", "requester_changed", False),
    ("organization_id", "organization_changed", False),
    ("brand_id", "brand_changed", False),
)


def events_of(
    change: TicketChange, users: Mapping[int, Mapping[str, Any]], account_id: int, time_ns: int
) -> list[dict[str, Any]]:
    """Give the envelopes of all events of one change, in order; `time_ns` counts from 1970.

    Ids are text and "" where there is none, status, priority and type are in capitals. Whether a first comment is also
    `comment_added` is not documented; here it is, because a receiver must stand the doubled news.
    https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
    """
    told = list(_told(change, users))
    return [
        {
            "type": PREFIX + name,
            "account_id": account_id,
            "id": str(uuid5(_NAMESPACE, f"{account_id}/{change.audit_id}/{position}")),
            "time": _nanoseconds(time_ns),
            "zendesk_event_version": "2022-11-06",
            "subject": f"zen:ticket:{change.after['id']}",
            "detail": _detail(change),
            "event": {**event, "meta": {"sequence": {"id": str(change.audit_id), "position": position}}},
        }
        for position, (name, event) in enumerate(told, start=1)
    ]


def pretty(event: Mapping[str, Any]) -> str:
    """Write an envelope as Zendesk sends it: three spaces for each level and a line break at the end."""
    return json.dumps(event, indent=3, ensure_ascii=False) + "\n"


def _told(change: TicketChange, users: Mapping[int, Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    if change.before is None:
        yield "created", {}
    if change.comment is not None:
        yield "comment_added", {"comment": _comment(change.comment, users)}
    if change.before is None:
        return
    before, after = change.before, change.after
    for key, name, capitals in _MOVES:
        if before.get(key) != after.get(key):
            yield name, {"current": _value(after.get(key), capitals), "previous": _value(before.get(key), capitals)}
    yield from _tag_moves(before.get("tags") or [], after.get("tags") or [])
    yield from _field_moves(_custom(before), _custom(after))


def _tag_moves(old: list[str], new: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    if sorted(old) != sorted(new):
        added, removed = [tag for tag in new if tag not in old], [tag for tag in old if tag not in new]
        yield "tags_changed", {"tags_added": {"tags": added}, "tags_removed": {"tags": removed}}


def _field_moves(old: dict[int, Any], new: dict[int, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in sorted(old.keys() | new.keys()):
        if (old.get(key) or None) != (new.get(key) or None):
            yield "custom_field_changed", {"field": {"id": str(key)}, "current": new.get(key), "previous": old.get(key)}


def _comment(comment: Mapping[str, Any], users: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    author = users.get(comment.get("author_id") or 0, {})
    return {
        "id": _value(comment.get("id")),
        "body": comment.get("body") or "",
        "is_public": bool(comment.get("public")),
        "author": {
            "id": _value(comment.get("author_id")),
            "name": author.get("name") or "",
            "is_staff": author.get("role") in ("agent", "admin"),
        },
    }


def _detail(change: TicketChange) -> dict[str, Any]:
    ticket = change.after
    return {
        "actor_id": _value(change.actor.get("id")),
        "assignee_id": _value(ticket.get("assignee_id")),
        "brand_id": _value(ticket.get("brand_id")),
        "created_at": ticket.get("created_at"),
        "custom_status": _value(ticket.get("custom_status_id")),
        "description": ticket.get("description") or "",
        "external_id": ticket.get("external_id"),
        "form_id": _value(ticket.get("ticket_form_id")),
        "group_id": _value(ticket.get("group_id")),
        "id": _value(ticket.get("id")),
        "is_public": bool(ticket.get("is_public", True)),
        "organization_id": _value(ticket.get("organization_id")),
        "priority": _value(ticket.get("priority"), capitals=True),
        "requester_id": _value(ticket.get("requester_id")),
        "status": _value(ticket.get("status"), capitals=True),
        "subject": ticket.get("subject") or "",
        "submitter_id": _value(ticket.get("submitter_id")),
        "tags": list(ticket.get("tags") or []),
        "type": _value(ticket.get("type"), capitals=True),
        "updated_at": ticket.get("updated_at"),
        "via": {"channel": _channel(str((ticket.get("via") or {}).get("channel") or ""))},
    }


def _channel(channel: str) -> str:
    return _CHANNELS.get(channel, channel)


def _value(value: Any, capitals: bool = False) -> str:
    text = "" if value is None else str(value)
    return text.upper() if capitals else text


def _custom(ticket: Mapping[str, Any]) -> dict[int, Any]:
    return {one["id"]: one.get("value") for one in ticket.get("custom_fields") or []}


def _nanoseconds(time_ns: int) -> str:
    """A UTC time with nine digits after the second, which is more than most parsers take."""
    seconds, rest = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
