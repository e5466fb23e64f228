"""Knows Zendesk's placeholders: what {{ticket.id}} and its kin say about a change, and the bit of Liquid they use.
It must not know who asked for the text, nor send it anywhere; unknown placeholders become nothing, as in Zendesk."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sandbox.changes import TicketChange
from sandbox.definitions import VIA_TITLES

# {{ path | filter: 'x' }}, with or without the dashes that trim white space. It ends before the next pair of braces, so
# that a text full of open ones is read in time that grows with its length alone.
_PLACEHOLDER = re.compile(r"\{\{-?((?:(?!\{\{|\}\}).)*?)-?\}\}", re.DOTALL)
_PIPE = re.compile(r"""\|(?=(?:[^'"]|'[^']*'|"[^"]*")*$)""")
# A part whose own text differs from its members' keeps it under this name: {{ticket.latest_comment}} is a text, and
# {{ticket.latest_comment.id}} is a number.
_ITSELF = ""


def render(text: str, context: Mapping[str, Any]) -> str:
    """Fill in the placeholders of `text`. Nothing is escaped unless the text asks for it.

    https://developer.zendesk.com/documentation/ticketing/reference-guides/placeholders-reference/
    """
    return _PLACEHOLDER.sub(lambda found: _filled(found.group(1), context), text)


def context(
    change: TicketChange,
    users: Mapping[int, Mapping[str, Any]],
    groups: Mapping[int, Mapping[str, Any]],
    *,
    comments: Sequence[Mapping[str, Any]] = (),
    fields: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Give what placeholders can name for one change.

    `users` and `groups` map ids to REST objects; `comments` are the ticket's comments, oldest first (only the change's
    own one is known without them); `fields` are the ticket fields, for the titles of drop-down options.
    """
    return {
        "ticket": _ticket(change, users, groups, comments) | _ticket_fields(change.after, fields),
        "current_user": _user(change.actor),
        "satisfaction": {
            "current_rating": ((change.after.get("satisfaction_rating") or {}).get("score") or "").title()
        },
    }


def _filled(expression: str, context: Mapping[str, Any]) -> str:
    path, *filters = (part.strip() for part in _PIPE.split(expression))
    text = _text(_looked_up(path, context))
    for one in filters:
        name, _, argument = (part.strip() for part in one.partition(":"))
        if name in _FILTERS:
            text = _FILTERS[name](text, argument.strip("'\""))
    return text


# Filters that are not listed leave the text as it is, as Liquid does when it is not strict.
_FILTERS: dict[str, Callable[[str, str], str]] = {
    "default": lambda text, argument: text or argument,
    "escape": lambda text, _: html.escape(text),
    "upcase": lambda text, _: text.upper(),
    "downcase": lambda text, _: text.lower(),
    "strip": lambda text, _: text.strip(),
    "strip_newlines": lambda text, _: text.replace("\r", "").replace("\n", ""),
}


def _looked_up(path: str, context: Mapping[str, Any]) -> Any:
    found: Any = context
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get(_ITSELF)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _ticket(
    change: TicketChange,
    users: Mapping[int, Mapping[str, Any]],
    groups: Mapping[int, Mapping[str, Any]],
    comments: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    ticket = change.after
    told = list(comments) or ([change.comment] if change.comment else [])
    public = [comment for comment in told if comment.get("public")]
    group = groups.get(ticket.get("group_id") or 0, {})
    requester = users.get(ticket.get("requester_id") or 0, {})
    return {
        "id": ticket.get("id"),
        "external_id": ticket.get("external_id"),
        "title": ticket.get("subject"),
        "description": ticket.get("description"),
        "status": str(ticket.get("status") or "").title(),
        "priority": str(ticket.get("priority") or "").title(),
        "ticket_type": str(ticket.get("type") or "").title(),
        "tags": " ".join(ticket.get("tags") or []),
        "via": VIA_TITLES.get(str((ticket.get("via") or {}).get("channel")), ""),
        "url": ticket.get("url"),
        "brand": {"id": ticket.get("brand_id")},
        "organization": {"id": ticket.get("organization_id")},
        "group": {"id": group.get("id"), "name": group.get("name")},
        "requester": _user(requester),
        "assignee": _user(users.get(ticket.get("assignee_id") or 0, {})),
        "submitter": _user(users.get(ticket.get("submitter_id") or 0, {})),
        "latest_comment": _comment(told, users),
        "latest_public_comment": _comment(public, users),
        **_times(ticket),
    }


def _user(user: Mapping[str, Any]) -> dict[str, Any]:
    name = str(user.get("name") or "")
    first, _, last = name.partition(" ")
    return {
        _ITSELF: name,
        "id": user.get("id"),
        "name": name,
        "first_name": first,
        "last_name": last,
        "email": user.get("email"),
        "role": user.get("role"),
        "locale": user.get("locale"),
        "language": user.get("locale"),
        "external_id": user.get("external_id"),
    }


def _comment(told: Sequence[Mapping[str, Any]], users: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    if not told:
        return {}
    last = told[-1]
    return {
        _ITSELF: last.get("body"),
        "id": last.get("id"),
        "value": last.get("body"),
        "is_public": bool(last.get("public")),
        "created_at": last.get("created_at"),
        "author": _user(users.get(last.get("author_id") or 0, {})),
    }


def _times(ticket: Mapping[str, Any]) -> dict[str, str]:
    """Each time stands twice: as a date to read, and with a timestamp to compute with."""
    said = {}
    for name in ("created_at", "updated_at"):
        stamp = str(ticket.get(name) or "")
        said[f"{name}_with_timestamp"] = stamp
        said[name] = f"{datetime.fromisoformat(stamp.replace('Z', '+00:00')):%B %d, %Y}" if stamp else ""
    return said


def _ticket_fields(ticket: Mapping[str, Any], fields: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    titles = {
        field["id"]: {one.get("value"): one.get("name") for one in field.get("custom_field_options") or []}
        for field in fields
    }
    said: dict[str, Any] = {}
    for one in ticket.get("custom_fields") or []:
        key, value = one.get("id"), one.get("value")
        said[f"ticket_field_{key}"] = value
        picked = value if isinstance(value, list) else [value]
        said[f"ticket_field_option_title_{key}"] = ", ".join(
            str(titles[key][tag]) for tag in picked if tag in titles.get(key, {})
        )
    return said
