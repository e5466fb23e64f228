"""Knows the addresses of triggers and their categories, and which conditions and actions a desk accepts.
It must not know when a trigger fires: that is `sandbox.triggers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify, request

from sandbox.api import here
from sandbox.errors import category_refused, record_invalid
from sandbox.shapes import iso
from sandbox.state import Doc
from sandbox.triggers import definitions, in_order
from sandbox.webhooks import FOR_TRIGGERS

blueprint = Blueprint("triggers", __name__, url_prefix="/api/v2")

_WRITABLE = ("title", "active", "description", "actions", "position")


@blueprint.get("/triggers")
@blueprint.get("/triggers/search", endpoint="search")
def index() -> here.Answer:
    """List triggers in the order they fire; `active`, `category_id` and `query` narrow."""
    return jsonify(here.page("triggers", "trigger", _narrowed()))


@blueprint.get("/triggers/active")
def active() -> here.Answer:
    """List the triggers that fire."""
    return jsonify(here.page("triggers", "trigger", [t for t in _narrowed() if t["active"]]))


@blueprint.get("/triggers/definitions")
def show_definitions() -> here.Answer:
    """List the conditions and actions that are valid on this desk now."""
    here.agent()
    return jsonify({"definitions": _definitions()})


@blueprint.post("/triggers")
def create() -> here.Answer:
    """Make a trigger; admins only."""
    here.admin()
    given, stamp = here.body("trigger"), iso(here.now())
    with here.state().transaction():
        trigger: Doc = {
            "id": None,
            "title": "",
            "active": True,
            "position": here.state().count("trigger") + 1,
            "description": "",
            "conditions": {"all": [], "any": []},
            "actions": [],
            "category_id": _category_id(given),
            "default": False,
            "created_at": stamp,
            "updated_at": stamp,
        }
        trigger = here.state().put("trigger", _checked(trigger | _writable(given)))
    return here.answer("trigger", "trigger", trigger, 201)


@blueprint.get("/triggers/<int:trigger_id>")
def show(trigger_id: int) -> here.Answer:
    """Show a trigger."""
    here.agent()
    return here.answer("trigger", "trigger", here.one("trigger", trigger_id))


@blueprint.put("/triggers/<int:trigger_id>")
def update(trigger_id: int) -> here.Answer:
    """Change a trigger. Conditions and actions are replaced whole: what a list leaves out is gone."""
    here.admin()
    given, trigger = here.body("trigger"), here.one("trigger", trigger_id)
    if "category_id" in given or "category" in given:
        trigger["category_id"] = _category_id(given)
    trigger |= _writable(given) | {"updated_at": iso(here.now())}
    return here.answer("trigger", "trigger", here.state().put("trigger", _checked(trigger)))


@blueprint.delete("/triggers/<int:trigger_id>")
def delete(trigger_id: int) -> here.Answer:
    """Remove a trigger."""
    here.admin()
    here.one("trigger", trigger_id)
    here.state().delete("trigger", trigger_id)
    return "", 204


@blueprint.get("/trigger_categories")
def categories() -> here.Answer:
    """List the categories; `include=rule_counts` counts their triggers."""
    here.agent()
    found = sorted(here.state().list("trigger_category"), key=lambda c: (c["position"], int(c["id"])))
    answer = here.page("trigger_categories", "trigger_category", found, cursor_only=True)
    if "rule_counts" in here.included():
        for category in answer["trigger_categories"]:
            mine = here.state().find("trigger", category_id=category["id"])
            live = sum(1 for trigger in mine if trigger["active"])
            category["rule_counts"] = {"active_count": live, "inactive_count": len(mine) - live}
    return jsonify(answer)


@blueprint.post("/trigger_categories")
def create_category() -> here.Answer:
    """Make a category."""
    here.admin()
    category = _put_category(here.body("trigger_category"))
    return here.answer("trigger_category", "trigger_category", category)


@blueprint.get("/trigger_categories/<category_id>")
def show_category(category_id: str) -> here.Answer:
    """Show a category."""
    here.agent()
    return here.answer("trigger_category", "trigger_category", _category(category_id))


@blueprint.patch("/trigger_categories/<category_id>")
def update_category(category_id: str) -> here.Answer:
    """Change a category's name or position."""
    here.admin()
    given = here.body("trigger_category")
    category = _category(category_id) | {key: given[key] for key in ("name", "position") if key in given}
    category = here.state().put("trigger_category", category | {"updated_at": iso(here.now())})
    return here.answer("trigger_category", "trigger_category", category)


@blueprint.delete("/trigger_categories/<category_id>")
def delete_category(category_id: str) -> here.Answer:
    """Remove a category that holds no trigger."""
    here.admin()
    _category(category_id)
    if here.state().find("trigger", category_id=category_id):
        raise category_refused(400, "CategoryNotEmpty", "The category still holds triggers")
    here.state().delete("trigger_category", category_id)
    return "", 204


def _narrowed() -> list[Doc]:
    here.agent()
    found = [dict(t) for t in in_order(here.state().list("trigger"), here.state().list("trigger_category"))]
    wanted = request.args
    if "active" in wanted:
        found = [t for t in found if t["active"] is (wanted["active"].lower() == "true")]
    if "category_id" in wanted:
        found = [t for t in found if t["category_id"] == wanted["category_id"]]
    if wanted.get("query"):
        found = [t for t in found if wanted["query"].lower() in t["title"].lower()]
    key = wanted.get("sort_by") or wanted.get("sort", "").lstrip("-")
    key = "title" if key == "alphabetical" else key
    if key in ("title", "created_at", "updated_at"):
        down = wanted.get("sort_order") == "desc" or wanted.get("sort", "").startswith("-")
        found.sort(key=lambda t: (t[key], t["id"]), reverse=down)
    return found


def _definitions() -> Doc:
    state = here.state()
    agents = [user for user in state.list("user") if user["role"] != "end-user" and user["active"]]
    hooks = [hook for hook in state.list("webhook") if hook["subscriptions"] == [FOR_TRIGGERS]]
    groups = [group for group in state.list("group") if not group["deleted"]]
    return definitions(state.list("ticket_field"), groups, hooks, agents, state.list("brand"))


def _writable(given: Doc) -> Doc:
    """The trigger's own keys, with conditions nested or (as the conditions reference has it) at the top."""
    written = {key: given[key] for key in _WRITABLE if key in given}
    nested = given.get("conditions", given)
    if isinstance(nested, dict) and ("all" in nested or "any" in nested):
        written["conditions"] = {key: nested.get(key) or [] for key in ("all", "any")}
    return written


def _checked(trigger: Doc) -> Doc:
    if not str(trigger["title"] or "").strip():
        raise record_invalid("title", "Title: cannot be blank", "BlankValue")
    if not trigger["actions"]:
        raise record_invalid("base", "Trigger must have at least one action", "BlankValue")
    conditions = [*trigger["conditions"]["all"], *trigger["conditions"]["any"]]
    if not conditions:
        raise record_invalid("base", "Trigger must have at least one condition", "BlankValue")
    known = _definitions()
    rules = {rule["subject"]: rule for rule in known["conditions_all"]}
    for condition in conditions:
        _check_condition(condition, rules)
    doings = {rule["subject"]: rule for rule in known["actions"]}
    for action in trigger["actions"]:
        _check_action(action, doings)
    return trigger


def _check_condition(condition: Any, rules: Mapping[str, Doc]) -> None:
    name = condition.get("field") if isinstance(condition, dict) else None
    rule = rules.get("ticket_type" if name == "type" else str(name))
    if rule is None:
        raise record_invalid("conditions", f"Condition field {name} is not valid")
    operators = {one["value"]: one["terminal"] for one in rule["operators"]}
    operator = condition.get("operator", "is")
    if operator not in operators:
        raise record_invalid("conditions", f"Condition operator {operator} is not valid for {name}")
    if not operators[operator]:
        _check_value("conditions", str(name), condition.get("value"), rule)


def _check_action(action: Any, rules: Mapping[str, Doc]) -> None:
    name = action.get("field") if isinstance(action, dict) else None
    rule = rules.get(str(name))
    if rule is None:
        raise record_invalid("actions", f"Action field {name} is not valid")
    value = action.get("value")
    if name == "notification_webhook":
        if not isinstance(value, list) or not value or here.state().get("webhook", str(value[0])) is None:
            raise record_invalid("actions", "Webhook is invalid")
        value = value[0]
    _check_value("actions", str(name), value, rule)


def _check_value(where: str, name: str, value: Any, rule: Doc) -> None:
    """A value from a list must be in it; a drop-down's may also be its option's id."""
    allowed = {one["value"] for one in rule["values"]}
    if rule["type"] != "list" or not rule["values"]:
        allowed = set() if name != "notification_webhook" else allowed
    if name.startswith("custom_fields_"):
        field = here.state().get("ticket_field", name.removeprefix("custom_fields_")) or {}
        allowed |= {str(option["id"]) for option in field.get("custom_field_options", [])}
    for one in value if isinstance(value, list) else [value]:
        said = str(one).lower() if isinstance(one, bool) else "" if one is None else str(one)
        if (allowed or name == "notification_webhook") and said not in allowed:
            raise record_invalid(where, f"{one} is not a valid value for {name}")


def _category_id(given: Doc) -> str:
    """The category a trigger goes into: named, made on the spot, or the first one."""
    if isinstance(given.get("category"), dict):
        return str(_put_category(given["category"])["id"])
    if given.get("category_id") is None:
        return str(here.state().list("trigger_category")[0]["id"])
    if here.state().get("trigger_category", given["category_id"]) is None:
        raise record_invalid("category_id", "Category does not exist")
    return str(given["category_id"])


def _put_category(given: Doc) -> Doc:
    if not str(given.get("name") or "").strip():
        raise category_refused(400, "InvalidInput", "name cannot be blank")
    place, stamp = given.get("position", here.state().count("trigger_category")), iso(here.now())
    fresh = {"id": None, "name": given["name"], "position": place, "created_at": stamp, "updated_at": stamp}
    return here.state().put("trigger_category", fresh)


def _category(category_id: str) -> Doc:
    found = here.state().get("trigger_category", category_id)
    if found is None:
        raise category_refused(404, "TriggerCategoryNotFound", "No such category")
    return found
