"""Knows how the form on a ticket's page becomes an update that holds only what the agent changed.
It must not know who the agent is, nor store anything.

Each control `NAME` may have a hidden twin `was.NAME`: what stood there when the page was drawn. A control that equals
its twin is left out of the update, so that a page that was open for a while takes nothing back that others did since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from sandbox import fields

Doc = dict[str, Any]
Form = MultiDict[str, str]

_PLAIN = ("status", "priority", "type", "group_id", "assignee_id", "subject")


def update(form: Form, ticket: Mapping[str, Any], desk_fields: Iterable[Doc]) -> Doc:
    """The body of a ticket update, as REST has it; empty where nothing was changed and nothing written."""
    body: Doc = {name: form[name] or None for name in _PLAIN if _changed(form, name)}
    if _changed(form, "due_at"):
        body["due_at"] = _moment(form["due_at"].strip())
    if _changed(form, "tags"):
        body["tags"] = _tags(form, ticket)
    custom = [one for field in fields.custom(desk_fields).values() if (one := _field(form, field)) is not None]
    if custom:
        body["custom_fields"] = custom
    if form.get("body", "").strip():
        body["comment"] = {"body": form["body"], "public": form.get("kind") == "public"}
    return body


def _changed(form: Form, name: str) -> bool:
    return name in form and form[name].strip() != form.get(f"was.{name}", None)


def _moment(given: str) -> str | None:
    """An ISO time from a day and an hour in UTC; a day alone means its noon. What is none is refused later."""
    day, _, hour = given.partition(" ")
    return f"{day}T{hour.strip() or '12:00'}:00Z" if given else None


def _tags(form: Form, ticket: Mapping[str, Any]) -> list[str]:
    """The ticket's tags of now, with those that the agent added and without those taken away."""
    before, after = set(fields.tag_list(form.get("was.tags", ""))), set(fields.tag_list(form["tags"]))
    return sorted((set(ticket["tags"]) | (after - before)) - (before - after))


def _field(form: Form, field: Doc) -> Doc | None:
    """`{id, value}` of a custom field that was changed. A browser leaves out a box that is not ticked."""
    name = f"field.{field['id']}"
    if name not in form and f"was.{name}" not in form:
        return None
    picked = form.getlist(name)
    if " ".join(picked) == form.get(f"was.{name}", None):
        return None
    return {"id": field["id"], "value": picked if field["type"] == "multiselect" else "".join(picked)}
