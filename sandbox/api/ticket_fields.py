"""Knows the addresses of ticket fields and their options, and what losing an option does to tickets and macros.
It must not know how values and tags hang together: that is `sandbox.fields`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import cast

from flask import Blueprint, jsonify

from sandbox import fields
from sandbox.api import here
from sandbox.errors import not_found, record_invalid
from sandbox.shapes import iso
from sandbox.state import Doc

blueprint = Blueprint("ticket_fields", __name__, url_prefix="/api/v2/ticket_fields")

TYPES = ("text", "textarea", "checkbox", "date", "integer", "decimal", "regexp", "tagger", "multiselect")
_LISTS = ("tagger", "multiselect")
_WRITABLE = (
    "title",
    "description",
    "active",
    "required",
    "collapsed_for_agents",
    "regexp_for_validation",
    "title_in_portal",
    "visible_in_portal",
    "editable_in_portal",
    "required_in_portal",
    "agent_description",
    "position",
    "tag",
    "agent_can_edit",
)


@blueprint.get("")
def index() -> here.Answer:
    """List all fields, the system's first."""
    here.staff()
    return jsonify(here.page("ticket_fields", "ticket_field", here.state().list("ticket_field")))


@blueprint.post("")
def create() -> here.Answer:
    """Make a field; admins only."""
    here.admin()
    given, state = here.body("ticket_field"), here.state()
    if given.get("type") not in TYPES:
        raise record_invalid("type", f"Type: {given.get('type')} is not valid")
    field = blank(str(given["type"]), here.now()) | {key: given[key] for key in _WRITABLE if key in given}
    field |= {"creator_user_id": here.me()["id"], "position": field["position"] or state.count("ticket_field") + 1}
    with state.transaction():
        if field["type"] in _LISTS:
            if not given.get("custom_field_options"):
                raise record_invalid("base", "A drop-down field must have at least one option", "BlankValue")
            field["custom_field_options"] = _options(given["custom_field_options"], [])
        field = state.put("ticket_field", _checked(field))
    return here.answer("ticket_field", "ticket_field", field, 201)


@blueprint.get("/<int:ticket_field_id>")
def show(ticket_field_id: int) -> here.Answer:
    """Show a field."""
    here.staff()
    return here.answer("ticket_field", "ticket_field", here.one("ticket_field", ticket_field_id))


@blueprint.put("/<int:ticket_field_id>")
def update(ticket_field_id: int) -> here.Answer:
    """Change a field. Options that the list leaves out are gone, and their values with them, on tickets and macros."""
    here.admin()
    given, state = here.body("ticket_field"), here.state()
    with state.transaction():
        field = here.one("ticket_field", ticket_field_id)
        changed = field | {key: given[key] for key in _WRITABLE if key in given} | {"updated_at": iso(here.now())}
        if field["type"] in _LISTS and "custom_field_options" in given:
            changed["custom_field_options"] = _options(given["custom_field_options"], field["custom_field_options"])
            _wipe(field, _values(field) - _values(changed))
        changed = state.put("ticket_field", _checked(changed))
    return here.answer("ticket_field", "ticket_field", changed)


@blueprint.delete("/<int:ticket_field_id>")
def delete(ticket_field_id: int) -> here.Answer:
    """Remove a field and its values from all tickets; system fields stay."""
    here.admin()
    field = here.one("ticket_field", ticket_field_id)
    if not field["removable"]:
        raise record_invalid("base", "System fields cannot be deleted")
    with here.state().transaction():
        here.state().delete("ticket_field", ticket_field_id)
    return "", 204


@blueprint.get("/<int:ticket_field_id>/options")
def options(ticket_field_id: int) -> here.Answer:
    """List a drop-down's options."""
    here.staff()
    found = here.one("ticket_field", ticket_field_id).get("custom_field_options", [])
    return jsonify(here.paged("custom_field_options", found, lambda option: _option_shown(ticket_field_id, option)))


@blueprint.post("/<int:ticket_field_id>/options")
def put_option(ticket_field_id: int) -> here.Answer:
    """Add an option, or change the one with the given id or value; the others stay."""
    here.admin()
    given, state = here.body("custom_field_option"), here.state()
    with state.transaction():
        field = here.one("ticket_field", ticket_field_id)
        kept = field.get("custom_field_options", [])
        known = next((o for o in kept if given.get("id") == o["id"] or given.get("value") == o["value"]), None)
        rest = [known | given if option is known else option for option in kept] if known else [*kept, given]
        changed = field | {"custom_field_options": _options(rest, kept)}
        _wipe(field, _values(field) - _values(changed))
        state.put("ticket_field", _checked(changed))
    value = str(given.get("value") or (known or {}).get("value")).lower()
    option = next(option for option in changed["custom_field_options"] if option["value"] == value)
    return jsonify({"custom_field_option": _option_shown(ticket_field_id, option)}), 200 if known else 201


@blueprint.get("/<int:ticket_field_id>/options/<int:option_id>")
def show_option(ticket_field_id: int, option_id: int) -> here.Answer:
    """Show one option."""
    here.staff()
    return jsonify({"custom_field_option": _option_shown(ticket_field_id, _option(ticket_field_id, option_id))})


@blueprint.delete("/<int:ticket_field_id>/options/<int:option_id>")
def delete_option(ticket_field_id: int, option_id: int) -> here.Answer:
    """Remove an option, and its value from tickets and macros."""
    here.admin()
    state = here.state()
    with state.transaction():
        gone, field = _option(ticket_field_id, option_id), here.one("ticket_field", ticket_field_id)
        kept = [option for option in field["custom_field_options"] if option["id"] != option_id]
        state.put("ticket_field", field | {"custom_field_options": kept})
        _wipe(field, {gone["value"]})
    return "", 204


def blank(kind: str, now: datetime) -> Doc:
    """A field of this type nobody has said anything about yet."""
    return {
        "id": None,
        "type": kind,
        "title": "",
        "raw_title": "",
        "description": "",
        "raw_description": "",
        "position": 0,
        "active": True,
        "required": False,
        "collapsed_for_agents": False,
        "regexp_for_validation": None,
        "title_in_portal": "",
        "raw_title_in_portal": "",
        "visible_in_portal": False,
        "editable_in_portal": False,
        "required_in_portal": False,
        "agent_can_edit": True,
        "tag": None,
        "created_at": iso(now),
        "updated_at": iso(now),
        "removable": True,
        "key": None,
        "agent_description": None,
    }


def _checked(field: Doc) -> Doc:
    if not str(field["title"] or "").strip():
        raise record_invalid("title", "Title: cannot be blank", "BlankValue")
    portal = field["title_in_portal"] or field["title"]
    raw = {"raw_title": field["title"], "raw_description": field["description"], "raw_title_in_portal": portal}
    return field | raw | {"title_in_portal": portal}


def _options(given: list[Doc], known: list[Doc]) -> list[Doc]:
    """The options as they will be stored: ids kept where the id or the value is known, tags in lower case."""
    made = []
    for place, one in enumerate(given):
        name, value = str(one.get("name") or "").strip(), str(one.get("value") or "").strip().lower()
        if not name or not value or " " in value:
            raise record_invalid("custom_field_options", "Custom field options: name and tag are needed", "BlankValue")
        same = next((o for o in known if o["id"] == one.get("id") or o["value"] == value), None)
        id = same["id"] if same else here.state().next_id("option")
        made.append({"id": id, "name": name, "raw_name": name, "value": value, "default": False, "position": place})
    for key in ("name", "value"):
        twice = [text for text, times in Counter(option[key] for option in made).items() if times > 1]
        if twice:
            raise record_invalid("custom_field_options", f"Custom field options: {twice[0]} is used twice")
    return made


def _values(field: Doc) -> set[str]:
    return {option["value"] for option in field.get("custom_field_options", [])}


def _wipe(field: Doc, gone: set[str]) -> None:
    """Take lost values off every ticket, with their tags, and out of every macro. It leaves no audit, as in Zendesk."""
    if not gone:
        return
    state = here.state()
    for ticket in state.list("ticket"):
        values = {entry["id"]: entry["value"] for entry in ticket["custom_fields"]}
        lost = fields.field_tags(field, values.get(field["id"])) & gone
        if lost:
            left = [e for e in ticket["custom_fields"] if e["id"] != field["id"] or isinstance(e["value"], list)]
            left = [
                e | {"value": [v for v in e["value"] if v not in lost]} if e["id"] == field["id"] else e for e in left
            ]
            state.put("ticket", ticket | {"custom_fields": left, "tags": sorted(set(ticket["tags"]) - lost)})
    for macro in state.list("macro"):
        name = f"custom_fields_{field['id']}"
        kept = [a for a in macro["actions"] if not (a["field"] == name and a["value"] in gone)]
        if len(kept) < len(macro["actions"]):
            state.put("macro", macro | {"actions": kept})


def _option(field_id: int, option_id: int) -> Doc:
    found = here.one("ticket_field", field_id).get("custom_field_options", [])
    option = next((one for one in found if one["id"] == option_id), None)
    if option is None:
        raise not_found()
    return cast(Doc, option)


def _option_shown(field_id: int, option: Doc) -> Doc:
    return {"url": f"{here.base()}/api/v2/ticket_fields/{field_id}/options/{option['id']}.json", **option}
