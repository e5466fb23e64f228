"""Knows the addresses of views, and which tickets a view shows.
It must not know how a condition is met: that is `sandbox.triggers`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, request

from sandbox import people
from sandbox.api import here, tickets
from sandbox.errors import record_invalid
from sandbox.shapes import iso
from sandbox.state import Doc
from sandbox.triggers import PRIORITIES, STATUSES, ticket_matches

blueprint = Blueprint("views", __name__, url_prefix="/api/v2/views")

MOST_COLUMNS = 10
"""https://developer.zendesk.com/api-reference/business-rules/views/"""

_NARROWING = frozenset({"status", "type", "group_id", "assignee_id", "requester_id"})
_TITLES = {
    "status": "Status",
    "requester": "Requester",
    "subject": "Subject",
    "created": "Requested",
    "updated": "Updated",
    "assignee": "Assignee",
    "group": "Group",
    "priority": "Priority",
    "type": "Type",
    "nice_id": "ID",
}
_COLUMN_KEYS = {
    "created": "created_at",
    "created_at": "created_at",
    "updated": "updated_at",
    "updated_at": "updated_at",
    "requester": "requester_id",
    "assignee": "assignee_id",
    "group": "group_id",
    "nice_id": "id",
}


@blueprint.get("")
@blueprint.get("/active", endpoint="active")
def index() -> here.Answer:
    """List the views the caller may see."""
    here.staff()
    only_active = (request.endpoint or "").endswith("active") or request.args.get("active", "").lower() == "true"
    found = [v for v in here.state().list("view") if _visible(v) and (v["active"] or not only_active)]
    if "group_id" in request.args:
        wanted = int(request.args["group_id"])
        found = [v for v in found if wanted in (v["restriction"] or {}).get("ids", [])]
    key = {"alphabetical": "title", "created_at": "created_at", "updated_at": "updated_at"}.get(
        request.args.get("sort_by", ""), "position"
    )
    found.sort(key=lambda v: (v[key], v["id"]), reverse=request.args.get("sort_order") == "desc")
    return jsonify(here.page("views", "view", found))


@blueprint.post("")
def create() -> here.Answer:
    """Make a view."""
    here.agent()
    return here.answer("view", "view", here.state().put("view", _made(here.body("view"))))


@blueprint.get("/<int:view_id>")
def show(view_id: int) -> here.Answer:
    """Show a view."""
    here.staff()
    return here.answer("view", "view", here.one("view", view_id))


@blueprint.put("/<int:view_id>")
def update(view_id: int) -> here.Answer:
    """Change a view; a list of conditions replaces the old one."""
    here.agent()
    view = _written(here.one("view", view_id), here.body("view"))
    return here.answer("view", "view", here.state().put("view", _checked(view)))


@blueprint.delete("/<int:view_id>")
def delete(view_id: int) -> here.Answer:
    """Remove a view."""
    here.agent()
    here.one("view", view_id)
    here.state().delete("view", view_id)
    return "", 204


@blueprint.get("/<int:view_id>/tickets")
def list_tickets(view_id: int) -> here.Answer:
    """List the tickets of a view."""
    here.staff()
    answer = here.paged("tickets", _tickets(here.one("view", view_id)), here.ticket_show())
    return jsonify({**answer, **here.sideloads(answer["tickets"])})


@blueprint.get("/<int:view_id>/execute")
def execute(view_id: int) -> here.Answer:
    """Show a view as a table: columns and rows."""
    here.staff()
    return jsonify(_table(here.one("view", view_id)))


@blueprint.get("/<int:view_id>/count")
def count(view_id: int) -> here.Answer:
    """Count the tickets of a view."""
    here.staff()
    return jsonify({"view_count": _counted(here.one("view", view_id))})


@blueprint.get("/count_many")
def count_many() -> here.Answer:
    """Count the tickets of several views, named by `ids`."""
    here.staff()
    return jsonify({"view_counts": [_counted(view) for view in here.state().many("view", here.ids())]})


@blueprint.post("/preview")
def preview() -> here.Answer:
    """Show what a view that is not stored would show."""
    here.agent()
    return jsonify(_table(_made({"title": "Preview", **here.body("view")}) | {"id": 0}))


@blueprint.post("/preview/count")
def preview_count() -> here.Answer:
    """Count what a view that is not stored would show."""
    here.agent()
    return jsonify({"view_count": _counted(_made({"title": "Preview", **here.body("view")}) | {"id": 0})})


def _made(given: Doc) -> Doc:
    stamp = iso(here.now())
    view: Doc = {
        "id": None,
        "title": "",
        "active": True,
        "default": False,
        "position": here.state().count("view") + 1,
        "description": "",
        "execution": _execution({}),
        "conditions": {"all": [], "any": []},
        "restriction": None,
        "watchable": True,
        "created_at": stamp,
        "updated_at": stamp,
    }
    return _checked(_written(view, given))


def _written(view: Doc, given: Doc) -> Doc:
    """Conditions come at the top (`all`, `any`) or nested; columns and order come in `output`."""
    written = view | {k: given[k] for k in ("title", "active", "description", "position", "restriction") if k in given}
    nested: Doc = given["conditions"] if isinstance(given.get("conditions"), dict) else given
    for key in ("all", "any"):
        if key in nested:
            written["conditions"] = {**written["conditions"], key: nested[key] or []}
    if isinstance(given.get("output"), dict):
        written["execution"] = _execution(given["output"])
    return written | {"updated_at": iso(here.now())}


def _execution(output: Doc) -> Doc:
    columns = [str(column) for column in output.get("columns", ["status", "requester", "subject", "created"])]
    described = [_column(column) for column in columns]
    return {
        "columns": described,
        "fields": [column for column in described if not str(column["id"]).isdigit()],
        "custom_fields": [column for column in described if str(column["id"]).isdigit()],
        "group_by": output.get("group_by"),
        "group_order": output.get("group_order", "asc"),
        "sort_by": output.get("sort_by", "nice_id"),
        "sort_order": output.get("sort_order", "desc"),
    }


def _column(column: str) -> Doc:
    field = here.state().get("ticket_field", column) if column.isdigit() else None
    if field is not None:
        return {"id": field["id"], "title": field["title"], "type": field["type"]}
    return {"id": column, "title": _TITLES.get(column, column.replace("_", " ").capitalize()), "filterable": True}


def _checked(view: Doc) -> Doc:
    if not str(view["title"] or "").strip():
        raise record_invalid("title", "Title: cannot be blank", "BlankValue")
    if len(view["execution"]["columns"]) > MOST_COLUMNS:
        raise record_invalid("output", f"Output: no more than {MOST_COLUMNS} columns", "TooManyValues")
    if not any(condition.get("field") in _NARROWING for condition in view["conditions"]["all"]):
        message = f"Conditions: one of {', '.join(sorted(_NARROWING))} must be among all"
        raise record_invalid("conditions", message, "BlankValue")
    return view


def _visible(view: Doc) -> bool:
    restriction = view["restriction"] or {}
    if not restriction or here.me()["role"] == "admin":
        return True
    if restriction.get("type") == "User":
        return bool(restriction.get("id") == here.me()["id"])
    groups = {restriction.get("id"), *restriction.get("ids", [])}
    return bool(groups & set(people.group_ids(here.state(), here.me()["id"])))


def _tickets(view: Doc) -> list[Doc]:
    state, now, viewer = here.state(), here.now(), here.me()["id"]
    fields = state.list("ticket_field")
    found = [t for t in tickets.live(state.list("ticket")) if _in_view(view, t, fields, now, viewer)]
    key = request.args.get("sort_by") or view["execution"]["sort_by"] or "nice_id"
    down = (request.args.get("sort_order") or view["execution"]["sort_order"]) == "desc"
    return sorted(found, key=lambda ticket: (_place(key, ticket), ticket["id"]), reverse=down)


def _in_view(view: Doc, ticket: Doc, fields: list[Doc], now: datetime, viewer: int) -> bool:
    return ticket_matches(view["conditions"], ticket, fields, now, viewer_id=viewer)


def _place(key: str, ticket: Doc) -> tuple[int, Any]:
    """Where a ticket stands by one column; tickets without a value come first."""
    value = _value(key, ticket)
    if key in ("priority", "status"):
        return 1, (PRIORITIES if key == "priority" else STATUSES).index(value or "")
    if value is None:
        return 0, 0
    return 1, value if isinstance(value, int) else str(value)


def _value(column: str, ticket: Doc) -> Any:
    if column.isdigit():
        return next((entry["value"] for entry in ticket["custom_fields"] if str(entry["id"]) == column), None)
    return ticket.get(_COLUMN_KEYS.get(column, column))


def _table(view: Doc) -> Doc:
    columns = view["execution"]["columns"]

    def row(ticket: Doc) -> Doc:
        small = {key: ticket[key] for key in ("id", "subject", "description", "status", "type", "priority")}
        small["url"] = f"{here.base()}/api/v2/tickets/{ticket['id']}.json"
        cells = {str(column["id"]): _value(str(column["id"]), ticket) for column in columns}
        return {"ticket": small, "ticket_id": ticket["id"], **cells}

    answer = here.paged("rows", _tickets(view), row)
    rows = answer["rows"]
    people_ids = [row[key] for row in rows for key in ("requester", "assignee") if row.get(key) is not None]
    users = [here.shown("user", user) for user in here.state().many("user", people_ids)]
    view_shown = {key: here.shown("view", view)[key] for key in ("id", "url")}
    return {**answer, "columns": columns, "view": view_shown, "users": users, "groups": []}


def _counted(view: Doc) -> Doc:
    number = len(_tickets(view))
    url = f"{here.base()}/api/v2/views/{view['id']}/count.json"
    return {"view_id": view["id"], "url": url, "value": number, "pretty": str(number), "fresh": True, "active": True}
