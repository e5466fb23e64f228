"""Knows how a stored document looks in an answer: private keys gone, links made, custom fields complete.
It must not know who asked, nor what they may see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

Doc = dict[str, Any]

SYSTEM_TYPES = frozenset({"subject", "description", "status", "tickettype", "priority", "group", "assignee"})
"""Types of the fields that every desk has; they carry no value in `custom_fields`."""

_PATH = {
    "app_installation": "/api/v2/apps/installations/{id}.json",
    "brand": "/api/v2/brands/{id}.json",
    "group": "/api/v2/groups/{id}.json",
    "group_membership": "/api/v2/group_memberships/{id}.json",
    "job_status": "/api/v2/job_statuses/{id}.json",
    "macro": "/api/v2/macros/{id}.json",
    "organization": "/api/v2/organizations/{id}.json",
    "satisfaction_rating": "/api/v2/satisfaction_ratings/{id}.json",
    "ticket": "/api/v2/tickets/{id}.json",
    "ticket_field": "/api/v2/ticket_fields/{id}.json",
    "trigger": "/api/v2/triggers/{id}.json",
    "user": "/api/v2/users/{id}.json",
    "view": "/api/v2/views/{id}.json",
}


def iso(moment: datetime) -> str:
    """A moment as Zendesk writes it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str) -> datetime:
    """A moment from ISO 8601 text; without an offset it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def show(kind: str, doc: Doc, base: str) -> Doc:
    """The document as the REST API answers it; `base` is the desk's address without a slash at its end."""
    shown = {key: value for key, value in doc.items() if not key.startswith("_")}
    if kind in _PATH:
        shown = {"url": base + _PATH[kind].format(id=doc["id"]), **shown}
    if kind == "ticket_field" and "custom_field_options" in shown:
        options = shown["custom_field_options"]
        path = f"{base}/api/v2/ticket_fields/{doc['id']}/options"
        shown["custom_field_options"] = [{"url": f"{path}/{option['id']}.json", **option} for option in options]
    if kind == "comment":
        shown.pop("ticket_id", None)
    return shown


def show_ticket(doc: Doc, fields: Iterable[Doc], base: str) -> Doc:
    """A ticket, with a value (null where none is set) for every active custom field of the desk."""
    shown = show("ticket", doc, base)
    values = {entry["id"]: entry["value"] for entry in doc["custom_fields"]}
    shown["custom_fields"] = [
        {"id": field["id"], "value": values.get(field["id"], False if field["type"] == "checkbox" else None)}
        for field in fields
        if field["type"] not in SYSTEM_TYPES and field["active"]
    ]
    shown["fields"] = shown["custom_fields"]
    return shown
