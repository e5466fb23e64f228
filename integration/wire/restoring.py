"""Knows how an undo is written as one ticket update, what may be left out of it, and what Zendesk made of it.

It must not decide what goes back, nor send it.
"""

from __future__ import annotations

from collections.abc import Iterator

from integration.model import Desk, Field, Status, Ticket, Undoing
from integration.wire import values
from integration.wire.conversation import our_fields
from integration.wire.values import Json

_FIELD = "fields."
_PLACE = ("group_id", "assignee_id")
_TASK = ("type", "due_at")
_STAMP = frozenset({"safe_update", "updated_stamp"})


def restoring(undoing: Undoing, ticket: Ticket, desk: Desk) -> Json:
    """The body of `PUT /api/v2/tickets/{id}` that puts everything back, safely against a change meanwhile."""
    body: Json = {name: value for name, value in undoing.values.items() if not name.startswith(_FIELD)}
    ours = {name.removeprefix(_FIELD): value for name, value in undoing.values.items() if name.startswith(_FIELD)}
    if ours:
        body["custom_fields"] = [{"id": desk.fields[Field(name)], "value": value} for name, value in ours.items()]
    if undoing.tags is not None:
        body["tags"] = sorted(undoing.tags)
    if ticket.stamp:
        body |= {"safe_update": True, "updated_stamp": ticket.stamp}
    return {"ticket": body}


def restoring_less(body: Json) -> Iterator[Json]:
    """The same with less and less in it, for a desk that refuses some of it; never without anything to put back.

    In the agents' interface a priority never goes back to none, nor a status to new; what the API says to that is not
    written down, so the whole is tried first. A group or an assignee may be gone, and so may an option of a field.
    https://support.zendesk.com/hc/en-us/articles/4408894213018-About-native-system-ticket-rules
    """
    ticket = values.mapping(body.get("ticket"))
    plain, opened = _without_none(ticket), _opened(ticket)
    modest = _opened(plain)
    least = {name: modest[name] for name in ("custom_fields", "tags", *_STAMP) if name in modest}
    fewer = (_without(one, *names) for names in (_TASK, _PLACE) for one in (ticket, modest))
    found = (plain, opened, modest, *fewer, _without(modest, *_TASK, *_PLACE), least)
    tried = [ticket]
    for one in (*found, _without(least, "custom_fields")):
        if one not in tried and set(one) - _STAMP:
            tried.append(one)
            yield {"ticket": one}


def _without(ticket: Json, *names: str) -> Json:
    return {name: value for name, value in ticket.items() if name not in names}


def _without_none(ticket: Json) -> Json:
    return _without(ticket, "priority") if ticket.get("priority", "") is None else ticket


def _opened(ticket: Json) -> Json:
    return ticket | {"status": Status.OPEN.value} if ticket.get("status") == Status.NEW.value else ticket


def not_restored(undoing: Undoing, answered: Json, desk: Desk) -> tuple[str, ...]:
    """The names of what the answer shows otherwise than it was to be."""
    row = values.mapping(answered.get("ticket"))
    fields = {f"{_FIELD}{field.value}": value for field, value in our_fields(row, desk).items()}
    stands = {**{name: row.get(name) for name in undoing.values if not name.startswith(_FIELD)}, **fields}
    due = values.moment(row.get("due_at"))
    stands["due_at"] = due.isoformat() if due else None
    wrong = [name for name, value in undoing.values.items() if (stands.get(name) or None) != value]
    tags = frozenset(values.words(row.get("tags")))
    return (*wrong, *(["tags"] if undoing.tags not in (None, tags) else []))


def version(answered: Json) -> str:
    """The ticket's version stamp as an answer shows it."""
    return values.text(values.mapping(answered.get("ticket")).get("updated_at"))
