"""Knows the deliveries that Zendesk sends: our own trigger's bodies and the envelopes of event subscriptions.

It must not know how they are signed or queued."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import wire
from integration.model import EventKind, NotUnderstood

RECEIVED = datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC)
HEADERS = {"X-Zendesk-Webhook-Invocation-Id": "01KAINVOCATION"}


def read(body: object, headers: dict[str, str] = HEADERS) -> Any:
    return wire.event(body if isinstance(body, bytes) else json.dumps(body).encode(), headers, RECEIVED)


def trigger(**changes: object) -> dict[str, object]:
    return {"ticket_id": "42", "kind": "customer_message", "happened_at": "2026-11-21T12:00:00Z"} | changes


def envelope(name: str, **changes: object) -> dict[str, object]:
    return {
        "type": f"zen:event-type:{name}",
        "account_id": 12514403,
        "id": "6b9b0000-5725-4e92-bebe-000000000001",
        "subject": "zen:ticket:42",
        "time": "2026-11-21T12:00:00.123456789Z",
        "zendesk_event_version": "2022-11-06",
        "detail": {"id": "42", "status": "OPEN", "priority": "", "tags": ["one", "two"], "via": {"channel": "mail"}},
        "event": {},
    } | changes


def comment(is_staff: object = False, is_public: object = True) -> dict[str, object]:
    author = {"id": "8", "name": "Ada", "is_staff": is_staff}
    return {"comment": {"id": "7", "body": "Where is it?", "is_public": is_public, "author": author}}


@pytest.mark.parametrize("kind", sorted(set(EventKind) - {EventKind.UNKNOWN, EventKind.WAY_OUT}))
def test_our_triggers_are_understood(kind: EventKind):
    """Each kind that install writes into a trigger comes out as itself, its ticket's id from text."""
    event = read(trigger(kind=kind.value))
    assert (event.ticket_id, event.kind, event.note) == (42, kind, "")
    assert event.happened_at == datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "change", "kind", "note"),
    [
        ("ticket.created", {}, EventKind.CUSTOMER_MESSAGE, ""),
        ("ticket.comment_added", comment(), EventKind.CUSTOMER_MESSAGE, ""),
        ("ticket.comment_added", comment(is_staff=True), EventKind.UNKNOWN, "written by staff"),
        ("ticket.comment_added", comment(is_staff="true"), EventKind.UNKNOWN, "written by staff"),
        ("ticket.comment_added", comment(is_public=False), EventKind.UNKNOWN, "not public"),
        ("ticket.comment_added", {}, EventKind.CUSTOMER_MESSAGE, ""),
        ("ticket.status_changed", {"current": "SOLVED", "previous": "OPEN"}, EventKind.CLOSED, ""),
        ("ticket.status_changed", {"current": "CLOSED"}, EventKind.CLOSED, ""),
        ("ticket.status_changed", {"current": "OPEN"}, EventKind.UNKNOWN, "ticket.status_changed"),
        ("ticket.custom_field_changed", {"current": "x"}, EventKind.CORRECTION, ""),
        ("ticket.satisfaction_rating_changed", {}, EventKind.RATED, ""),
        ("ticket.merged", {"target_ticket_id": "9"}, EventKind.GONE, ""),
        ("ticket.soft_deleted", {}, EventKind.GONE, ""),
        ("ticket.marked_as_spam", {}, EventKind.GONE, ""),
        ("ticket.permanently_deleted", {}, EventKind.ERASED, ""),
        ("ticket.comment_redacted", {"comment": {"id": "7"}}, EventKind.REDACTED, ""),
        ("ticket.attachment_redacted_from_comment", {}, EventKind.REDACTED, ""),
        ("ticket.something_of_2031", {}, EventKind.UNKNOWN, "ticket.something_of_2031"),
        ("messaging_ticket.message_added", {"actor": {"type": "end_user"}}, EventKind.CUSTOMER_MESSAGE, ""),
        ("messaging_ticket.message_added", {"actor": {"type": "agent"}}, EventKind.UNKNOWN, "written by agent"),
    ],
)
def test_subscribed_events_are_understood(name: str, change: dict[str, object], kind: EventKind, note: str):
    """Each type of envelope becomes one of our kinds, and what we do not know keeps the sender's name."""
    event = read(envelope(name, event=change))
    assert (event.kind, event.note, event.ticket_id) == (kind, note, 42)


@pytest.mark.parametrize("detail", [{"id": "77"}, None])
def test_a_deleted_user_is_named_and_no_ticket(detail: dict[str, str] | None):
    """The event of a user has no ticket: the user's id is the note, from the detail or from the subject."""
    event = read(envelope("user.deleted", detail=detail, subject="zen:user:77"))
    assert (event.kind, event.note, event.ticket_id) == (EventKind.PERSON_GONE, "77", 0)


def test_a_deleted_user_without_an_id_is_refused():
    """Whoever was deleted has to be named."""
    with pytest.raises(NotUnderstood, match=r"detail\.id"):
        read(envelope("user.deleted", detail=None, subject="zen:user:"))


def test_nine_digit_fractions_are_read():
    """A time finer than a microsecond is cut, not refused."""
    assert read(envelope("ticket.created")).happened_at == datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)


def test_invocation_id_wins_over_the_envelopes():
    """The header's id is the delivery's; without the header the envelope's own is, and without both it is not told."""
    body = envelope("ticket.created")
    assert read(body).delivery_id == "01KAINVOCATION"
    assert read(body, {"x-zendesk-webhook-invocation-id": "lower"}).delivery_id == "lower"
    assert read(body, {}).delivery_id == "6b9b0000-5725-4e92-bebe-000000000001"
    with pytest.raises(NotUnderstood, match="invocation-id"):
        read(trigger(), {})


def test_ticket_is_found_in_the_subject():
    """Where the detail names no id, the envelope's subject does."""
    assert read(envelope("ticket.created", detail=None)).ticket_id == 42


@pytest.mark.parametrize(
    "at", [None, "", "yesterday", "{{ticket.updated_at_with_timestamp}}", 7, "0001-01-01T00:00:00+23:00"]
)
def test_event_without_a_time_is_not_lost(at: object):
    """A missing or garbled time is the time of receipt."""
    assert read(trigger(happened_at=at)).happened_at == RECEIVED


def test_unknown_word_of_a_trigger_is_named():
    """A kind that an admin wrote by hand is UNKNOWN and keeps its name."""
    event = read(trigger(kind="Escalated"))
    assert (event.kind, event.note) == (EventKind.UNKNOWN, "escalated")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"{", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"[1]", "object"),
        (b"42", "object"),
        (trigger(ticket_id=None), "ticket_id"),
        (trigger(ticket_id=""), "ticket_id"),
        (trigger(ticket_id="{{ticket.id}}"), "ticket_id"),
        (trigger(ticket_id=True), "ticket_id"),
        (trigger(ticket_id=0), "ticket_id"),
        (trigger(ticket_id="-3"), "ticket_id"),
        (trigger(ticket_id="9" * 50), "ticket_id"),
        (trigger(kind=""), "kind"),
        (trigger(kind=None), "kind"),
        (envelope("ticket.created", detail={}, subject="zen:user:8"), "detail.id"),
        (envelope("ticket.created", detail="x", subject=None), "detail.id"),
    ],
)
def test_what_is_missing_is_named(body: object, named: str):
    """A delivery that cannot be understood says which field is at fault."""
    with pytest.raises(NotUnderstood, match=named):
        read(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(detail=json_values, change=json_values, time=json_values, ticket=json_values)
def test_nothing_but_not_understood_comes_out(detail: object, change: object, time: object, ticket: object):
    """Whatever stands in the fields, an event comes out or NotUnderstood does."""
    for name in ("ticket.comment_added", "ticket.status_changed", "messaging_ticket.message_added"):
        assert read(envelope(name, detail=detail, event=change, time=time)).ticket_id > 0
    try:
        assert read({"ticket_id": ticket, "kind": change, "happened_at": time}).ticket_id > 0
    except NotUnderstood:
        return


@pytest.mark.parametrize("number", ["9999999999999999999", str(10**40), "-1", "0"])
def test_a_number_that_no_ticket_has(number: str) -> None:
    """An id beyond 64 bits would be accepted and then never be written down: it is refused at the door."""
    body = json.dumps({"ticket_id": number, "kind": "customer_message"}).encode()
    with pytest.raises(NotUnderstood, match="ticket_id"):
        read(body)


def test_half_a_character_in_a_kind() -> None:
    """A lone surrogate, which no database takes, is replaced; the event is kept."""
    found = read(b'{"ticket_id": "1", "kind": "x\\ud800"}')
    assert found.note == "x?"


def test_a_way_out_is_chosen_on_our_page_only():
    """A webhook that claims one is an unknown kind: nothing is done for it."""
    event = read(trigger(kind="way_out"))
    assert (event.kind, event.note, event.choice) == (EventKind.UNKNOWN, "way_out", None)
