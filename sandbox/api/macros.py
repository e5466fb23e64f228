"""Knows the addresses of macros, and what a macro would do to a ticket.
It must not know how placeholders are filled in: that is `sandbox.placeholders`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request

from sandbox import people, text
from sandbox.api import here, tickets
from sandbox.changes import TicketChange
from sandbox.errors import record_invalid
from sandbox.fields import tag_list
from sandbox.shapes import iso, show_ticket
from sandbox.state import Doc
from sandbox.triggers import context, render

blueprint = Blueprint("macros", __name__, url_prefix="/api/v2")

_PROPERTIES = ("status", "type", "priority", "group_id", "assignee_id", "subject", "custom_status_id", "ticket_form_id")
_FIELDS = frozenset(
    (*_PROPERTIES, "set_tags", "current_tags", "remove_tags", "comment_value", "comment_value_html",
     "comment_mode_is_public", "side_conversation", "brand_id", "due_at", "cc", "follower")
)  # fmt: skip


@blueprint.get("/macros")
@blueprint.get("/macros/search", endpoint="search")
def index() -> here.Answer:
    """List macros; `active`, `category`, `query` narrow, `sort_by` and `sort_order` sort."""
    macros = _narrowed(here.state().list("macro"))
    return jsonify(here.page("macros", "macro", macros))


@blueprint.get("/macros/active")
def active() -> here.Answer:
    """List the macros that agents see."""
    macros = [macro for macro in _narrowed(here.state().list("macro")) if macro["active"]]
    return jsonify(here.page("macros", "macro", macros))


@blueprint.get("/macros/categories")
def categories() -> here.Answer:
    """List the first parts of titles such as `Empathy::Delay::Apology`."""
    here.staff()
    titles = [macro["title"] for macro in here.state().list("macro") if macro["active"] and "::" in macro["title"]]
    return jsonify({"categories": sorted({title.split("::")[0].strip() for title in titles})})


@blueprint.post("/macros")
def create() -> here.Answer:
    """Make a macro."""
    here.agent()
    given, stamp = here.body("macro"), iso(here.now())
    macro: Doc = {
        "id": None,
        "title": "",
        "active": True,
        "position": here.state().count("macro") + 1,
        "description": None,
        "actions": [],
        "restriction": None,
        "default": False,
        "created_at": stamp,
        "updated_at": stamp,
    }
    return here.answer("macro", "macro", here.state().put("macro", _checked(macro | _writable(given))))


@blueprint.get("/macros/<int:macro_id>")
def show(macro_id: int) -> here.Answer:
    """Show a macro."""
    here.staff()
    return here.answer("macro", "macro", here.one("macro", macro_id))


@blueprint.put("/macros/<int:macro_id>")
def update(macro_id: int) -> here.Answer:
    """Change a macro; `actions` replaces all of them."""
    here.agent()
    macro = here.one("macro", macro_id) | _writable(here.body("macro")) | {"updated_at": iso(here.now())}
    return here.answer("macro", "macro", here.state().put("macro", _checked(macro)))


@blueprint.delete("/macros/<int:macro_id>")
def delete(macro_id: int) -> here.Answer:
    """Remove a macro."""
    here.agent()
    here.one("macro", macro_id)
    here.state().delete("macro", macro_id)
    return "", 204


@blueprint.get("/macros/<int:macro_id>/apply")
def preview(macro_id: int) -> here.Answer:
    """Say what the macro changes, on no ticket in particular: placeholders stay as they are."""
    here.staff()
    return jsonify({"result": {"ticket": _effect(here.one("macro", macro_id), {"tags": []}, None)}})


@blueprint.get("/tickets/<int:ticket_id>/macros/<int:macro_id>/apply")
def apply(ticket_id: int, macro_id: int) -> here.Answer:
    """Show the ticket as the macro would leave it, placeholders filled in. Nothing is changed."""
    here.staff()
    ticket = tickets.one(ticket_id)
    shown = here.ticket_show()(ticket)
    _, would = effect(ticket, macro_id)
    values = {entry["id"]: entry["value"] for entry in would.pop("custom_fields", [])}
    fields = [entry | {"value": values.get(entry["id"], entry["value"])} for entry in shown["custom_fields"]]
    result = shown | would | {"custom_fields": fields, "fields": fields}
    return jsonify({"result": {"ticket": result}})


def offered() -> list[Doc]:
    """The active macros that the signed-in user may apply."""
    return [macro for macro in here.state().list("macro") if macro["active"] and _visible(macro)]


def effect(ticket: Doc, macro_id: int) -> tuple[Doc, Doc]:
    """A macro, and what it would change on the ticket, placeholders filled in. Raises 404."""
    macro = here.one("macro", macro_id)
    return macro, _effect(macro, ticket, _context(ticket))


def _narrowed(macros: list[Doc]) -> list[Doc]:
    here.staff()
    wanted = request.args
    if "active" in wanted:
        macros = [m for m in macros if m["active"] is (wanted["active"].lower() == "true")]
    if "category" in wanted:
        macros = [m for m in macros if m["title"].split("::")[0].strip() == wanted["category"]]
    if "group_id" in wanted:
        macros = [m for m in macros if wanted["group_id"] in _group_ids(m)]
    if wanted.get("query"):
        macros = [m for m in macros if wanted["query"].lower() in m["title"].lower()]
    if wanted.get("access") == "personal":
        macros = [m for m in macros if (m["restriction"] or {}).get("type") == "User"]
    elif wanted.get("access") == "shared":
        macros = [m for m in macros if (m["restriction"] or {}).get("type") != "User"]
    macros = [m for m in macros if _visible(m)]
    key = wanted.get("sort_by", "position")
    key = "title" if key == "alphabetical" else key if key in ("created_at", "updated_at", "position") else "position"
    return sorted(macros, key=lambda m: (m[key], m["id"]), reverse=wanted.get("sort_order") == "desc")


def _group_ids(macro: Doc) -> set[str]:
    restriction = macro["restriction"] or {}
    return {
        str(id) for id in [restriction.get("id"), *restriction.get("ids", [])] if restriction.get("type") == "Group"
    }


def _visible(macro: Doc) -> bool:
    restriction = macro["restriction"] or {}
    if restriction.get("type") == "User":
        return bool(restriction.get("id") == here.me()["id"])
    groups = _group_ids(macro)
    mine = {str(id) for id in people.group_ids(here.state(), here.me()["id"])}
    return not groups or here.me()["role"] == "admin" or bool(groups & mine)


def _writable(given: Doc) -> Doc:
    keys = ("title", "active", "description", "actions", "restriction", "position")
    return {key: given[key] for key in keys if key in given}


def _checked(macro: Doc) -> Doc:
    if not str(macro["title"] or "").strip():
        raise record_invalid("title", "Title: cannot be blank", "BlankValue")
    if not isinstance(macro["actions"], list) or not macro["actions"]:
        raise record_invalid("base", "Macro must have at least one action", "BlankValue")
    for action in macro["actions"]:
        _check_action(action)
    return macro


def _check_action(action: Any) -> None:
    name = str(action.get("field")) if isinstance(action, dict) else ""
    if name.startswith("custom_fields_"):
        if here.state().get("ticket_field", name.removeprefix("custom_fields_")) is None:
            raise record_invalid("actions", f"Action field {name} does not exist")
    elif name not in _FIELDS:
        raise record_invalid("actions", f"Action field {name or action} is not valid")
    if name == "group_id" and action.get("value") and here.state().get("group", action["value"]) is None:
        raise record_invalid("actions", f"Group {action['value']} does not exist")


def _effect(macro: Doc, ticket: Doc, filled: Doc | None) -> Doc:
    """What the macro's actions change; `filled` is the placeholders' context, None leaves them as they are."""
    effect: Doc = {}
    actions = {action["field"]: action.get("value") for action in macro["actions"]}
    for name in _PROPERTIES:
        if name in actions:
            effect[name] = _property(name, actions[name])
    custom = {name: value for name, value in actions.items() if name.startswith("custom_fields_")}
    if custom:
        effect["custom_fields"] = [
            {"id": int(name.removeprefix("custom_fields_")), "value": value} for name, value in custom.items()
        ]
    if any(name in actions for name in ("set_tags", "current_tags", "remove_tags")):
        start = set(tag_list(actions["set_tags"]) if "set_tags" in actions else ticket["tags"])
        start |= set(tag_list(actions.get("current_tags")))
        effect["tags"] = sorted(start - set(tag_list(actions.get("remove_tags"))))
    comment = _comment(actions, filled)
    return effect | ({"comment": comment} if comment else {})


def _property(name: str, value: Any) -> Any:
    if name == "assignee_id" and value == "current_user":
        return here.me()["id"]
    if name.endswith("_id"):
        return int(value) if str(value or "").isdigit() else None
    return value


def _comment(actions: Doc, filled: Doc | None) -> Doc | None:
    """`body` as text, `html_body`, whether it is public, and Zendesk's list of [channel, text] pairs."""
    plain, markup = actions.get("comment_value"), actions.get("comment_value_html")
    if plain is None and markup is None:
        return None
    channel, given = ("channel:all", plain) if not isinstance(plain, list) else (plain[0], plain[-1])
    if markup is not None:
        html_body = text.clean_html(_filled(str(markup), filled, escape=True))
        body = text.html_to_text(html_body)
    else:
        body = _filled(str(given), filled, escape=False)
        html_body = text.to_html(body)
    public = str(actions.get("comment_mode_is_public", "true")).lower() == "true"
    return {"body": body, "html_body": html_body, "public": public, "scoped_body": [[channel, body]]}


def _filled(template: str, filled: Doc | None, *, escape: bool) -> str:
    if filled is None:
        return template
    return render(template, _escaped(filled) if escape else filled)


def _escaped(value: Any) -> Any:
    """A customer's name or subject must not become markup in an agent's reply."""
    if isinstance(value, dict):
        return {key: _escaped(inner) for key, inner in value.items()}
    return text.escape(value) if isinstance(value, str) else value


def _context(ticket: Doc) -> Doc:
    state = here.state()
    comments = state.find("comment", ticket_id=ticket["id"])
    desk_fields = state.list("ticket_field")
    shown = show_ticket(ticket, desk_fields, here.base())
    ids = [ticket[key] for key in ("requester_id", "assignee_id", "submitter_id") if ticket[key] is not None]
    users = {user["id"]: user for user in state.many("user", [*ids, *(comment["author_id"] for comment in comments)])}
    groups = {group["id"]: group for group in state.list("group")}
    at_rest = TicketChange(before=shown, after=shown, comment=None, actor=here.me(), via_channel="api", audit_id=0)
    return context(at_rest, users, groups, comments=comments, fields=desk_fields)
