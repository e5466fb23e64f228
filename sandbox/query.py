"""Knows Zendesk's search language: a query in words, and whether a ticket or user is what it asks for.
It must not know storage or HTTP: documents in, yes or no out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.errors import search_refused
from sandbox.shapes import parse

Doc = dict[str, Any]

_TERM = re.compile(r'(-?)(?:([A-Za-z_0-9]+)(>=|<=|:|>|<))?("[^"]*"|\S+)')
_ORDERS = {
    "priority": ("", "low", "normal", "high", "urgent"),
    "status": ("new", "open", "pending", "hold", "solved", "closed"),
}
_TIMES = {"created": "created_at", "updated": "updated_at", "solved": "solved_at"}
_PEOPLE = {"requester": "requester_id", "assignee": "assignee_id", "submitter": "submitter_id"}
_AGES = {"hour": 3600, "minute": 60, "day": 86400, "week": 604800, "month": 2592000, "year": 31536000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One part of a query: `-tags:x` is a negated term on `tags`; a plain word has no key."""

    key: str
    operator: str
    value: str
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query read: what kind of thing is wanted, the terms it must meet, and an order if the query names one."""

    kind: str | None
    terms: tuple[Term, ...]
    order_by: str | None = None
    down: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a term may refer to beyond the document itself."""

    user: Callable[[int], Doc | None]
    groups: Mapping[int, Doc]
    bodies: Callable[[int], str]
    """All comments of a ticket as one text."""
    now: datetime
    me: int = 0
    fields: Sequence[Doc] = field(default_factory=tuple)


def read(text: str) -> Query:
    """The query in parts. Raises 422 for an empty one."""
    terms, kind, order_by, down = [], None, None, True
    for sign, name, operator, quoted in _TERM.findall(text):
        key, value = name.lower(), quoted.strip('"')
        if key == "type":
            kind = value.lower()
        elif key in ("order_by", "sort_by"):
            order_by = value
        elif key == "sort":
            down = value != "asc"
        else:
            terms.append(Term(key=key, operator=operator or ":", value=value, negated=bool(sign)))
    if not text.strip():
        raise search_refused("Invalid search: query is missing")
    return Query(kind=kind, terms=tuple(terms), order_by=order_by, down=down)


def meets(kind: str, doc: Doc, query: Query, around: Surroundings) -> bool:
    """Whether the document is what the query asks for: all words, none of the negated terms, and of several terms on
    one property at least one (`tags:a tags:b` is either; `tags:"a b"` is both)."""
    if query.kind not in (None, kind):
        return False
    met = _ticket_met if kind == "ticket" else _user_met
    either: dict[str, list[bool]] = {}
    for place, term in enumerate(query.terms):
        apart = term.negated or not term.key or term.operator != ":"
        either.setdefault(f"{place}" if apart else term.key, []).append(met(doc, term, around) is not term.negated)
    return all(any(found) for found in either.values())


def _ticket_met(ticket: Doc, term: Term, around: Surroundings) -> bool:
    key, value = term.key, term.value
    if key == "":
        return _words_in(value, f"{ticket['id']} {ticket['subject'] or ''} {around.bodies(ticket['id'])}")
    if key in _TIMES:
        stored = ticket["_metrics"].get("solved_at") if key == "solved" else ticket[_TIMES[key]]
        return _time_met(stored, term.operator, value, around.now)
    if key in _ORDERS:
        return _order_met(ticket[key] or "", term.operator, value.lower(), _ORDERS[key])
    if key in _PEOPLE:
        return _person_met(ticket[_PEOPLE[key]], value, around)
    if key == "tags":
        return (value == "*" and bool(ticket["tags"])) or set(value.lower().split()) <= set(ticket["tags"])
    if key == "fieldvalue":
        return any(str(entry["value"]) == value for entry in ticket["custom_fields"])
    if key.startswith("custom_field_"):
        values = {str(entry["id"]): str(entry["value"]) for entry in ticket["custom_fields"]}
        found = values.get(key.removeprefix("custom_field_"))
        return found is not None if value == "*" else found == value
    return _plain_met(ticket, key, value, around)


def _plain_met(ticket: Doc, key: str, value: str, around: Surroundings) -> bool:
    if key == "subject":
        return _words_in(value, ticket["subject"] or "")
    if key == "description":
        return _words_in(value, ticket["description"])
    if key == "comment":
        return _words_in(value, around.bodies(ticket["id"]))
    if key == "via":
        return bool(ticket["via"]["channel"] == {"mail": "email", "api": "api"}.get(value, value))
    if key == "group":
        group = around.groups.get(ticket["group_id"] or 0)
        if value.lower() == "none" or group is None:
            return group is None and value.lower() == "none"
        return value in (str(group["id"]), group["name"]) or value.lower() == str(group["name"]).lower()
    if key in ("ticket_type", "external_id", "brand_id", "organization_id", "id"):
        found = ticket["type"] if key == "ticket_type" else ticket.get(key)
        return str(found).lower() == value.lower()
    raise search_refused(f"Invalid search: unknown property {key}")


def _user_met(user: Doc, term: Term, around: Surroundings) -> bool:
    key, value = term.key, term.value
    if key == "":
        return _words_in(value, f"{user['name']} {user['email'] or ''}")
    if key in ("created", "updated"):
        return _time_met(user[_TIMES[key]], term.operator, value, around.now)
    if key == "email":
        return (value == "*" and bool(user["email"])) or user["email"] == value.lower()
    if key == "role":
        return bool(user["role"] == value.lower().replace("_", "-"))
    if key == "name":
        return _words_in(value, user["name"])
    if key == "tags":
        return set(value.lower().split()) <= set(user["tags"])
    if key in ("external_id", "id", "phone", "notes", "details"):
        return str(user.get(key)).lower() == value.lower()
    if key in ("suspended", "verified"):
        return bool(user[key]) is (value.lower() == "true")
    return False


def _words_in(wanted: str, text: str) -> bool:
    text = text.lower()
    return all(word.rstrip("*") in text for word in wanted.lower().split()) if "*" in wanted else wanted.lower() in text


def _order_met(found: str, operator: str, value: str, order: tuple[str, ...]) -> bool:
    value = "" if value == "none" else value
    if value not in order:
        raise search_refused(f"Invalid search: {value} is not a valid value")
    return _compare(order.index(found), operator, order.index(value))


def _person_met(id: int | None, value: str, around: Surroundings) -> bool:
    if value.lower() == "none":
        return id is None
    if value.lower() == "me":
        return id == around.me
    user = around.user(id) if id is not None else None
    if user is None:
        return False
    return value in (str(user["id"]), user["email"]) or value.lower() in str(user["name"]).lower()


def _time_met(stored: str | None, operator: str, value: str, now: datetime) -> bool:
    """Dates (a whole day for `:`), times, and ages such as `2hours`."""
    if stored is None:
        return False
    found = parse(stored)
    age = re.fullmatch(r"(\d+)(hour|minute|day|week|month|year)s?", value)
    if age:
        return _compare(found, operator, now - timedelta(seconds=int(age[1]) * _AGES[age[2]]))
    try:
        wanted = parse(value)
    except ValueError:
        raise search_refused(f"Invalid search: {value} is not a time") from None
    if len(value) == len("2026-11-21") and operator == ":":
        return wanted.date() == found.astimezone(UTC).date()
    if len(value) == len("2026-11-21") and operator in (">", "<="):
        wanted += timedelta(days=1, seconds=-1)
    return _compare(found, operator, wanted)


def _compare(found: Any, operator: str, wanted: Any) -> bool:
    if operator == ":":
        return bool(found == wanted)
    if operator == ">":
        return bool(found > wanted)
    if operator == "<":
        return bool(found < wanted)
    return bool(found >= wanted) if operator == ">=" else bool(found <= wanted)
