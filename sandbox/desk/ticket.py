"""Knows one ticket's page: its conversation, properties, events and person; the form that saves it; and its macros.
It must not know how a ticket is stored or changed: the form goes through the same `Tickets` as the API."""

from __future__ import annotations

from typing import Any

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from sandbox import controls, display, people
from sandbox.api import macros
from sandbox.desk import form
from sandbox.desk.door import blueprint, here, live_ticket, page, signed_in, wants_json
from sandbox.desk.queue import mark_seen
from sandbox.display import Names

Doc = dict[str, Any]

OTHERS = 10
"""How many of a customer's other tickets stand beside one of theirs (our choice)."""


@blueprint.get("/tickets/<int:ticket_id>")
def ticket(ticket_id: int) -> ResponseReturnValue:
    """Show one ticket: properties at the left, the conversation in the middle, the person and apps at the right."""
    at, names, fields = here(), Names(here().state), here().state.list("ticket_field")
    found, now, me = live_ticket(ticket_id), here().clock(), signed_in()
    mark_seen(at.state, me["id"], found)
    requester, others = names.user(found["requester_id"]), _others(found)
    return page(
        "ticket.html",
        ticket=found,
        row=display.row(found, names, fields, now),
        comments=display.conversation(found, at.state.find("comment", ticket_id=ticket_id), names, now),
        history=display.history(at.state.find("audit", ticket_id=ticket_id), names, fields, now),
        requester=requester,
        organization=names.organization(requester.get("organization_id")),
        others=[display.row(one, names, fields, now) for one in others[:OTHERS]],
        others_left=len(others[OTHERS:]),
        controls=controls.of(found, fields, _groups(), _assignable()),
        statuses=controls.STATUSES,
        light=people.is_light(me),
        closed=found["status"] == "closed",
        rating=found["satisfaction_rating"],
    )


@blueprint.post("/tickets/<int:ticket_id>/agent")
def save(ticket_id: int) -> ResponseReturnValue:
    """Save what the agent wrote and changed, as that agent. A script gets `{said}` or `{error}`."""
    at, me, found = here(), signed_in(), live_ticket(ticket_id)
    body = form.update(request.form, found, at.state.list("ticket_field"))
    written = at.tickets.update(ticket_id, body, actor=me, channel="web", now=at.clock())
    mark_seen(at.state, me["id"], written.ticket)
    if wants_json():
        return jsonify({"said": _said(body, written.ticket, written.comment), "status": written.ticket["status"]})
    return redirect(url_for("desk.ticket", ticket_id=ticket_id, _anchor="latest"), 303)


@blueprint.get("/macros")
def list_macros() -> ResponseReturnValue:
    """The macros that the signed-in agent is offered, by title."""
    offered = sorted(macros.offered(), key=lambda macro: str(macro["title"]).lower())
    return jsonify({"macros": [{"id": macro["id"], "title": macro["title"]} for macro in offered]})


@blueprint.get("/tickets/<int:ticket_id>/macros/<int:macro_id>")
def try_macro(ticket_id: int, macro_id: int) -> ResponseReturnValue:
    """What the macro would put into the form; nothing changes.

    `body` and `public`, `set` (controls by name), and the tags that it would `add` and `remove`.
    """
    found = live_ticket(ticket_id)
    macro, effect = macros.effect(found, macro_id)
    comment = effect.pop("comment", None) or {"body": "", "public": None}
    custom = {f"field.{one['id']}": controls.text(one["value"]) for one in effect.pop("custom_fields", [])}
    before, after = set(found["tags"]), set(effect.pop("tags", found["tags"]))
    plain = {name: controls.text(value) for name, value in effect.items() if name in controls.NAMES}
    told = {"title": macro["title"], "body": comment["body"], "public": comment["public"], "set": plain | custom}
    return jsonify({**told, "add": sorted(after - before), "remove": sorted(before - after)})


def _others(found: Doc) -> list[Doc]:
    """The requester's other tickets, the newest first."""
    same = here().state.find("ticket", requester_id=found["requester_id"])
    return [one for one in same if one["id"] != found["id"] and one["status"] != "deleted"][::-1]


def _groups() -> list[Doc]:
    return [group for group in here().state.list("group") if not group["deleted"]]


def _assignable() -> list[Doc]:
    """Who may be given a ticket, programs left out, each with the ids of their groups."""
    state = here().state
    able = [user for user in state.list("user") if people.may_be_assigned(user) and not people.is_robot(user)]
    return [user | {"groups": people.group_ids(state, user["id"])} for user in able]


def _said(body: Doc, ticket: Doc, comment: Doc | None) -> str:
    """One sentence for the agent about what was saved."""
    if not body:
        return "Nothing was changed."
    now = f"The ticket is {display.STATUSES[ticket['status']].lower()}."
    if comment is None:
        return f"Saved. {now}"
    if body["comment"]["public"] and not comment["public"]:
        return "Saved as an internal note: light agents cannot write to customers."
    what = "Reply sent" if comment["public"] else "Internal note added"
    return f"{what}. {now}"
