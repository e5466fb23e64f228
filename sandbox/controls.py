"""Knows which properties of a ticket an agent may change on its page, and the control each one is shown as.
It must not know requests, templates or storage: documents in, plain values out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox import display, fields
from sandbox.properties import PRIORITIES, TYPES
from sandbox.shapes import parse

Doc = dict[str, Any]

STATUSES = {key: name for key, name in display.STATUSES.items() if key not in ("new", "closed")}
"""What a ticket can be submitted as, in words: nothing goes back to being new, and time closes."""

NAMES = frozenset({"status", "priority", "type", "group_id", "assignee_id", "subject"})
"""Controls for what every ticket has, by the name that REST has for it too."""

# The kind of a control for each type of field; any other type is a line of text.
_KINDS = {
    "tagger": "choice", "multiselect": "choices", "checkbox": "tick", "date": "date", "integer": "number",
    "textarea": "text",
}  # fmt: skip


def of(ticket: Doc, desk_fields: Iterable[Doc], groups: list[Doc], assignable: list[Doc]) -> dict[str, list[Doc]]:
    """The controls of a ticket's properties: `main` always shown, `more` behind a fold.

    Each is `{name, label, kind, value, options}`; a choice's options are `{value, name}` and carry `groups` for people.
    """
    people = [
        {"value": str(one["id"]), "name": one["name"], "groups": " ".join(map(str, one["groups"]))}
        for one in assignable
    ]
    teams = [{"value": str(one["id"]), "name": one["name"]} for one in groups]
    main = [
        _choice("assignee_id", "Assignee", ticket["assignee_id"], people),
        _choice("group_id", "Group", ticket["group_id"], teams),
        _choice("priority", "Priority", ticket["priority"], _worded(PRIORITIES)),
        _choice("type", "Type", ticket["type"], _worded(TYPES)),
        {"name": "due_at", "label": "Due (UTC)", "kind": "moment", "value": _moment(ticket["due_at"]), "options": []},
    ]
    own = [_of_field(field, ticket) for field in fields.custom(desk_fields).values() if field.get("active", True)]
    drop_downs = [one for one in own if one["kind"] == "choice"]
    subject: Doc = {
        "name": "subject",
        "label": "Subject",
        "kind": "line",
        "value": ticket["subject"] or "",
        "options": [],
    }
    return {"main": main + drop_downs, "more": [subject, *(one for one in own if one["kind"] != "choice")]}


def text(value: Any) -> str:
    """A property's value as a form holds it."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, bool):
        return "true" if value else ""
    return "" if value is None else str(value)


def _choice(name: str, label: str, value: Any, options: list[Doc]) -> Doc:
    """A drop-down; a value that is not offered (somebody who left) is offered as it stands, so that it is not lost."""
    held = text(value)
    if held and held not in {option["value"] for option in options}:
        options = [*options, {"value": held, "name": f"#{held}"}]
    return {"name": name, "label": label, "kind": "choice", "value": held, "options": options}


def _of_field(field: Doc, ticket: Doc) -> Doc:
    name, kind = f"field.{field['id']}", _KINDS.get(field["type"], "line")
    value = next((entry["value"] for entry in ticket["custom_fields"] if entry["id"] == field["id"]), None)
    options = [{"value": one["value"], "name": one["name"]} for one in field.get("custom_field_options") or []]
    if kind == "choice":
        return _choice(name, field["title"], value, options)
    return {"name": name, "label": field["title"], "kind": kind, "value": text(value), "options": options}


def _worded(values: Iterable[str]) -> list[Doc]:
    return [{"value": value, "name": value.capitalize()} for value in values]


def _moment(stamp: str | None) -> str:
    """An ISO time as a day and an hour that can be typed, in UTC."""
    return f"{parse(stamp):%Y-%m-%d %H:%M}" if stamp else ""
