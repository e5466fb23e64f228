"""Knows what Zendesk posts to us: the body our own trigger sends, and the envelopes of event subscriptions.

It must not know whether the sender is to be trusted, nor what will be done about the event.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from integration.model import EventKind, NotUnderstood, TicketEvent
from integration.wire import values
from integration.wire.values import Json

INVOCATION_HEADER = "x-zendesk-webhook-invocation-id"
# Zendesk's ids are 64-bit numbers; a larger one would not go into a database.
LARGEST_ID = 2**63 - 1
# Characters of a delivery's id; Zendesk's have 26.
LONGEST_DELIVERY = 200
# Characters of an unknown kind's name that are kept; Zendesk's own are shorter.
LONGEST_KIND = 80
_TYPE_PREFIX = "zen:event-type:"
_SUBJECT_PREFIX = "zen:ticket:"
_PERSON_PREFIX = "zen:user:"
# What takes words or tickets out of Zendesk. A merged ticket lives on in the one that it was merged into.
_REMOVALS: Mapping[str, EventKind] = {
    "ticket.comment_redacted": EventKind.REDACTED,
    "ticket.attachment_redacted_from_comment": EventKind.REDACTED,
    "ticket.soft_deleted": EventKind.GONE,
    "ticket.marked_as_spam": EventKind.GONE,
    "ticket.merged": EventKind.GONE,
    "ticket.permanently_deleted": EventKind.ERASED,
}
_DONE = frozenset({"solved", "closed"})
# A way out is chosen on our own page, and never told by a webhook.
_TOLD_BY_TRIGGERS = frozenset(EventKind) - {EventKind.WAY_OUT}


def event(body: bytes, headers: Mapping[str, str], received_at: datetime) -> TicketEvent:
    """Translate one delivery; an unknown kind is UNKNOWN with the sender's own name of it as the note.

    Raises NotUnderstood naming the field when the ticket, the kind or the delivery cannot be told.
    A missing or garbled time becomes `received_at`: losing the event would cost more than its minute is worth.
    """
    given = _parsed(body)
    envelope = values.text(given.get("type")).startswith(_TYPE_PREFIX)
    kind, note = _subscribed_kind(given) if envelope else _trigger_kind(given)
    return TicketEvent(
        delivery_id=_delivery_id(headers, given),
        ticket_id=_subscribed_ticket(given, kind) if envelope else _ticket_id(given.get("ticket_id"), "ticket_id"),
        kind=kind,
        happened_at=values.moment(given.get("time" if envelope else "happened_at")) or received_at,
        note=note.encode("utf-8", "replace").decode()[:LONGEST_KIND],
    )


def _parsed(body: bytes) -> Json:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise NotUnderstood("the body is not JSON") from None
    if not isinstance(given, dict):
        raise NotUnderstood("the body is not a JSON object")
    return given


def _delivery_id(headers: Mapping[str, str], given: Json) -> str:
    """The invocation id stays the same over the sender's retries; an envelope's id does too."""
    found = next((value for name, value in headers.items() if name.lower() == INVOCATION_HEADER), "").strip()
    found = found or values.text(given.get("id")).strip()
    if not found:
        raise NotUnderstood(f"the header {INVOCATION_HEADER} is missing, and so is id")
    if len(found) > LONGEST_DELIVERY:
        raise NotUnderstood(f"the delivery's id is longer than {LONGEST_DELIVERY} characters")
    return found.encode("utf-8", "replace").decode()


def _ticket_id(value: object, name: str) -> int:
    found = values.number(value, name)
    if not 0 < found <= LARGEST_ID:
        raise NotUnderstood(f"{name} is not a ticket's number")
    return found


def _trigger_kind(given: Json) -> tuple[EventKind, str]:
    """Our own trigger's word. https://developer.zendesk.com/documentation/event-connectors/webhooks/"""
    name = values.word(given.get("kind"))
    if not name:
        raise NotUnderstood("kind is missing")
    return (EventKind(name), "") if name in _TOLD_BY_TRIGGERS else (EventKind.UNKNOWN, name)


def _subscribed_ticket(given: Json, kind: EventKind) -> int:
    if kind is EventKind.PERSON_GONE:
        return 0
    detail = values.mapping(given.get("detail"))
    if values.maybe_number(detail.get("id")) is not None:
        return _ticket_id(detail["id"], "detail.id")
    subject = values.text(given.get("subject"))
    return _ticket_id(
        subject.removeprefix(_SUBJECT_PREFIX) if subject.startswith(_SUBJECT_PREFIX) else None, "detail.id"
    )


def _subscribed_kind(given: Json) -> tuple[EventKind, str]:
    """The kind that an envelope's type stands for.

    https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
    """
    name = values.text(given.get("type")).removeprefix(_TYPE_PREFIX)
    detail, change = values.mapping(given.get("detail")), values.mapping(given.get("event"))
    if name in _REMOVALS:
        return _REMOVALS[name], ""
    if name == "user.deleted":
        return EventKind.PERSON_GONE, str(_person(given))
    if name == "ticket.created":
        return EventKind.CUSTOMER_MESSAGE, ""
    if name == "ticket.comment_added":
        return _comment_kind(values.mapping(change.get("comment")))
    if name == "messaging_ticket.message_added":
        return _message_kind(values.mapping(change.get("actor")))
    if name == "ticket.custom_field_changed":
        return EventKind.CORRECTION, ""
    if "satisfaction" in name or "csat" in name:
        return EventKind.RATED, ""
    if name == "ticket.status_changed" and values.word(change.get("current", detail.get("status"))) in _DONE:
        return EventKind.CLOSED, ""
    return EventKind.UNKNOWN, name


def _person(given: Json) -> int:
    detail, subject = values.mapping(given.get("detail")), values.text(given.get("subject"))
    return values.number(detail.get("id") or subject.removeprefix(_PERSON_PREFIX), "detail.id")


def _comment_kind(comment: Json) -> tuple[EventKind, str]:
    if values.flag(values.mapping(comment.get("author")).get("is_staff"), default=False):
        return EventKind.UNKNOWN, "written by staff"
    if not values.flag(comment.get("is_public"), default=True):
        return EventKind.UNKNOWN, "not public"
    return EventKind.CUSTOMER_MESSAGE, ""


def _message_kind(actor: Json) -> tuple[EventKind, str]:
    """https://developer.zendesk.com/api-reference/webhooks/event-types/messaging-events/"""
    author = values.word(actor.get("type"))
    return (EventKind.CUSTOMER_MESSAGE, "") if author == "end_user" else (EventKind.UNKNOWN, f"written by {author}")
