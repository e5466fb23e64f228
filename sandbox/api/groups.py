"""Knows the addresses of groups and of who is in them.
It must not know what a ticket does with a group: that is `sandbox.properties`."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, jsonify, request

from sandbox import people
from sandbox.api import here
from sandbox.errors import record_invalid
from sandbox.shapes import iso
from sandbox.state import Doc, State

blueprint = Blueprint("groups", __name__, url_prefix="/api/v2")


@blueprint.get("/groups")
@blueprint.get("/groups/assignable", endpoint="assignable")
def index() -> here.Answer:
    """List groups; deleted ones only with `exclude_deleted=false`."""
    here.staff()
    deleted_too = request.args.get("exclude_deleted", "true").lower() == "false"
    found = [g for g in here.state().list("group") if deleted_too or not g["deleted"]]
    return jsonify(here.page("groups", "group", found))


@blueprint.post("/groups")
def create() -> here.Answer:
    """Make a group; admins only."""
    here.admin()
    given, stamp = here.body("group"), iso(here.now())
    group = {
        "id": None,
        "is_public": True,
        "name": "",
        "description": "",
        "default": False,
        "deleted": False,
        "created_at": stamp,
        "updated_at": stamp,
    }
    return here.answer("group", "group", here.state().put("group", _checked(group | _writable(given))), 201)


@blueprint.get("/groups/<int:group_id>")
def show(group_id: int) -> here.Answer:
    """Show a group."""
    here.staff()
    return here.answer("group", "group", here.one("group", group_id))


@blueprint.put("/groups/<int:group_id>")
def update(group_id: int) -> here.Answer:
    """Change a group."""
    here.admin()
    group = here.one("group", group_id) | _writable(here.body("group")) | {"updated_at": iso(here.now())}
    return here.answer("group", "group", here.state().put("group", _checked(group)))


@blueprint.delete("/groups/<int:group_id>")
def delete(group_id: int) -> here.Answer:
    """Softly delete a group, with its memberships."""
    here.admin()
    state = here.state()
    with state.transaction():
        group = here.one("group", group_id)
        if group["default"]:
            raise record_invalid("base", "The default group cannot be deleted")
        state.put("group", group | {"deleted": True})
        for membership in state.find("group_membership", group_id=group_id):
            state.delete("group_membership", membership["id"])
    return "", 204


@blueprint.get("/groups/<int:group_id>/memberships")
def memberships(group_id: int) -> here.Answer:
    """List who is in a group."""
    here.staff()
    here.one("group", group_id)
    return _listed(here.state().find("group_membership", group_id=group_id))


@blueprint.get("/groups/<int:group_id>/users")
def users(group_id: int) -> here.Answer:
    """List the users in a group."""
    here.staff()
    here.one("group", group_id)
    ids = [membership["user_id"] for membership in here.state().find("group_membership", group_id=group_id)]
    return jsonify(here.page("users", "user", here.state().many("user", ids)))


@blueprint.get("/group_memberships")
def all_memberships() -> here.Answer:
    """List all memberships."""
    here.staff()
    return _listed(here.state().list("group_membership"))


@blueprint.get("/group_memberships/assignable")
@blueprint.get("/groups/<int:group_id>/memberships/assignable", endpoint="assignable_in_group")
def assignable_memberships(group_id: int | None = None) -> here.Answer:
    """List the memberships of people whom tickets can be given to."""
    here.staff()
    found = here.state().list("group_membership")
    fit = {user["id"] for user in here.state().list("user") if people.may_be_assigned(user)}
    return _listed([m for m in found if m["user_id"] in fit and group_id in (None, m["group_id"])])


@blueprint.post("/group_memberships")
def join() -> here.Answer:
    """Put an agent into a group; admins only."""
    here.admin()
    given = here.body("group_membership")
    membership = add_member(here.state(), given.get("user_id"), given.get("group_id"), here.now())
    return here.answer("group_membership", "group_membership", membership, 201)


@blueprint.get("/group_memberships/<int:membership_id>")
def show_membership(membership_id: int) -> here.Answer:
    """Show a membership."""
    here.staff()
    return here.answer("group_membership", "group_membership", here.one("group_membership", membership_id))


@blueprint.delete("/group_memberships/<int:membership_id>")
def leave(membership_id: int) -> here.Answer:
    """Take an agent out of a group."""
    here.admin()
    here.one("group_membership", membership_id)
    here.state().delete("group_membership", membership_id)
    return "", 204


def add_member(state: State, user_id: object, group_id: object, now: datetime) -> Doc:
    """Put a user into a group; their first group is their default. Raises 422 for anyone but staff, or twice."""
    with state.transaction():
        user, group = state.get("user", user_id), state.get("group", group_id)
        if user is None or not people.is_staff(user):
            raise record_invalid("user_id", "User must be an agent")
        if group is None or group["deleted"]:
            raise record_invalid("group_id", "Group is invalid")
        known = state.find("group_membership", user_id=user["id"])
        if any(membership["group_id"] == group["id"] for membership in known):
            raise record_invalid("user_id", "User is already a member of the group", "DuplicateValue")
        if not known:
            state.put("user", user | {"default_group_id": group["id"]})
        membership = {"id": None, "user_id": user["id"], "group_id": group["id"], "default": not known}
        return state.put("group_membership", membership | {"created_at": iso(now), "updated_at": iso(now)})


def _listed(found: list[Doc]) -> here.Answer:
    answer = here.page("group_memberships", "group_membership", found)
    if "users" in here.included():
        users = here.state().many("user", [membership["user_id"] for membership in answer["group_memberships"]])
        answer["users"] = [here.shown("user", user) for user in users]
    return jsonify(answer)


def _writable(given: Doc) -> Doc:
    return {key: given[key] for key in ("name", "description", "is_public") if key in given}


def _checked(group: Doc) -> Doc:
    if not str(group["name"] or "").strip():
        raise record_invalid("name", "Name: cannot be blank", "BlankValue")
    same = [g for g in here.state().find("group", name=group["name"]) if not g["deleted"] and g["id"] != group["id"]]
    if same:
        raise record_invalid("name", f"Name: {group['name']} has already been taken", "DuplicateValue")
    return group
