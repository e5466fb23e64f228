"""Knows the addresses of users.
It must not know what makes a user valid: that is `sandbox.people`."""

from __future__ import annotations

from flask import Blueprint, jsonify, request

from sandbox import people
from sandbox.api import here
from sandbox.errors import forbidden, not_found
from sandbox.shapes import iso
from sandbox.state import Doc

blueprint = Blueprint("users", __name__, url_prefix="/api/v2/users")


@blueprint.get("")
def index() -> here.Answer:
    """List users, of one `role` or of several in `role[]`."""
    here.staff()
    roles = {*request.args.getlist("role"), *request.args.getlist("role[]")}
    users = [u for u in here.state().list("user") if u["active"] and (not roles or u["role"] in roles)]
    return jsonify(here.page("users", "user", users))


@blueprint.get("/me")
def me() -> here.Answer:
    """Show who is signed in."""
    return jsonify({"user": {**here.shown("user", here.me()), "authenticity_token": "sandbox"}})


@blueprint.get("/show_many")
def show_many() -> here.Answer:
    """Show users by `ids` or `external_ids`."""
    here.staff()
    outer = here.ids("external_ids")
    users = [u for u in here.state().list("user") if u["external_id"] in outer] if outer else []
    return jsonify(here.page("users", "user", users or here.state().many("user", here.ids())))


@blueprint.get("/search")
@blueprint.get("/autocomplete", endpoint="autocomplete")
def search() -> here.Answer:
    """Find users by a part of their name or address, or by `external_id`."""
    here.staff()
    outer, text = request.args.get("external_id"), request.args.get("query", request.args.get("name", ""))
    email = text.removeprefix("email:").strip('"').lower()
    if outer is not None:
        users = here.state().find("user", external_id=outer)
    elif "@" in email:
        users = here.state().find("user", email=email)
    else:
        listed = here.state().list("user")
        users = [u for u in listed if text.lower() in f"{u['name']} {u['email'] or ''}".lower()]
    return jsonify(here.page("users", "user", [user for user in users if user["active"]]))


@blueprint.post("")
def create() -> here.Answer:
    """Make a user."""
    user = people.add(here.state(), _given(), here.now())
    return here.answer("user", "user", user, 201)


@blueprint.post("/create_or_update")
def create_or_update() -> here.Answer:
    """Make a user, or change the one with this address or external id."""
    given = _given()
    known = people.by_email(here.state(), str(given.get("email") or ""))
    if known is None and given.get("external_id") is not None:
        known = next(iter(here.state().find("user", external_id=given["external_id"])), None)
    if known is not None:
        return here.answer("user", "user", _changed(known, given))
    return here.answer("user", "user", people.add(here.state(), given, here.now()), 201)


@blueprint.get("/<int:user_id>")
def show(user_id: int) -> here.Answer:
    """Show a user; an end user sees nobody else."""
    if not people.is_staff(here.me()) and here.me()["id"] != user_id:
        raise forbidden()
    return here.answer("user", "user", here.one("user", user_id))


@blueprint.put("/<int:user_id>")
def update(user_id: int) -> here.Answer:
    """Change a user."""
    return here.answer("user", "user", _changed(here.one("user", user_id), _given()))


@blueprint.delete("/<int:user_id>")
def delete(user_id: int) -> here.Answer:
    """Softly delete a user: shown as inactive from now on."""
    here.admin()
    user = here.one("user", user_id)
    return here.answer(
        "user", "user", here.state().put("user", user | {"active": False, "updated_at": iso(here.now())})
    )


@blueprint.get("/<int:user_id>/tickets/requested")
@blueprint.get("/<int:user_id>/requests", endpoint="requests")
def requested(user_id: int) -> here.Answer:
    """List the tickets a user asked for."""
    return _tickets_of(user_id, "requester_id")


@blueprint.get("/<int:user_id>/tickets/assigned")
def assigned(user_id: int) -> here.Answer:
    """List the tickets a user has to answer."""
    return _tickets_of(user_id, "assignee_id")


@blueprint.get("/<int:user_id>/groups")
def groups(user_id: int) -> here.Answer:
    """List the groups a user is in."""
    here.staff()
    here.one("user", user_id)
    found = here.state().many("group", people.group_ids(here.state(), user_id))
    return jsonify(here.page("groups", "group", found))


@blueprint.get("/<int:user_id>/group_memberships")
def group_memberships(user_id: int) -> here.Answer:
    """List a user's group memberships."""
    here.staff()
    found = here.state().find("group_membership", user_id=user_id)
    return jsonify(here.page("group_memberships", "group_membership", found))


@blueprint.get("/<int:user_id>/related")
def related(user_id: int) -> here.Answer:
    """Count what hangs on a user."""
    here.staff()
    here.one("user", user_id)
    counts = {
        "requested_tickets": len(_live(here.state().find("ticket", requester_id=user_id))),
        "assigned_tickets": len(_live(here.state().find("ticket", assignee_id=user_id))),
        "ccd_tickets": 0,
        "organization_subscriptions": 0,
    }
    return jsonify({"user_related": counts})


def _given() -> Doc:
    """The user in the request. Agents may make end users; only admins make staff."""
    here.agent()
    given = here.body("user")
    if given.get("role", "end-user") != "end-user":
        here.admin()
    return given


def _changed(user: Doc, given: Doc) -> Doc:
    if people.is_staff(user) and user["id"] != here.me()["id"]:
        here.admin()
    changed = user | {key: value for key, value in given.items() if key in people.WRITABLE}
    people.check(here.state(), changed)
    return here.state().put("user", changed | {"updated_at": iso(here.now())})


def _tickets_of(user_id: int, key: str) -> here.Answer:
    if not people.is_staff(here.me()) and here.me()["id"] != user_id:
        raise forbidden()
    if here.state().get("user", user_id) is None:
        raise not_found()
    tickets = _live(here.state().find("ticket", **{key: user_id}))
    order = request.args.get("sort") or request.args.get("sort_by", "id")
    tickets.sort(key=lambda t: (t.get(order.lstrip("-")) or "", t["id"]) if order.lstrip("-") != "id" else t["id"])
    if order.startswith("-") or request.args.get("sort_order") == "desc":
        tickets.reverse()
    answer = here.paged("tickets", tickets, here.ticket_show())
    return jsonify({**answer, **here.sideloads(answer["tickets"])})


def _live(tickets: list[Doc]) -> list[Doc]:
    return [ticket for ticket in tickets if ticket["status"] != "deleted"]
