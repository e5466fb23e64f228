"""Knows how Zendesk writes a ticket's audits, and reads from them why a ticket is open.

It must not judge the message that opened it.
"""

from __future__ import annotations

from collections.abc import Iterable

from integration.model import Desk, Status, Ticket
from integration.wire import values
from integration.wire.values import Json


def merely_reopened(audits: Iterable[Json], ticket: Ticket, desk: Desk) -> bool:
    """Whether the newest customer message is what reopened a solved ticket, and no person did anything since.

    The audit that holds the comment holds the change of the status as well; rules of the desk speak as users of zero
    and below. https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/
    """
    newest = ticket.newest
    rows = sorted(audits, key=lambda audit: values.maybe_number(audit.get("id")) or 0)
    place = next((n for n, audit in enumerate(rows) if newest and _holds(audit, newest.id)), None)
    if place is None or not _reopens(rows[place]):
        return False
    return not any(_by_a_person(audit, ticket, desk) or _moves(audit) for audit in rows[place + 1 :])


def _holds(audit: Json, comment_id: int) -> bool:
    events = values.objects(audit.get("events"))
    return any(one.get("type") == "Comment" and values.maybe_number(one.get("id")) == comment_id for one in events)


def _reopens(audit: Json) -> bool:
    """One change from solved to open, and no other one of the status beside it."""
    changed = [_change(one) for one in values.objects(audit.get("events")) if _is_status(one)]
    return changed == [(Status.SOLVED.value, Status.OPEN.value)]


def _moves(audit: Json) -> bool:
    return any(_is_status(one) for one in values.objects(audit.get("events")))


def _is_status(event: Json) -> bool:
    return event.get("type") == "Change" and event.get("field_name") == "status"


def _change(event: Json) -> tuple[str, str]:
    return values.word(event.get("previous_value")), values.word(event.get("value"))


def _by_a_person(audit: Json, ticket: Ticket, desk: Desk) -> bool:
    author = values.maybe_number(audit.get("author_id"))
    return author is None or (author > 0 and author not in (desk.self_id, ticket.requester.id))
