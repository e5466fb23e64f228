"""Knows the customer's side: who they are, their requests as they see them, and what they write, answer and rate.
It must not show what only agents may see: internal notes, tags, fields, other people's requests."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from sandbox import customers, display, people
from sandbox.desk.door import blueprint, here, live_ticket, page
from sandbox.display import Names

Doc = dict[str, Any]

# What a customer is told of a status. That somebody waits for a third party is the desk's own matter.
STATUSES = {
    "new": "Open", "open": "Open", "hold": "Open", "pending": "Awaiting your reply", "solved": "Solved",
    "closed": "Solved",
}  # fmt: skip
# By what a customer can write first; the others only come about.
CHANNELS = {key: name for key, name in display.CHANNELS.items() if key not in ("api", "rule", "merge", "closed_ticket")}


@blueprint.get("/customer")
def customers_side() -> ResponseReturnValue:
    """Choose which customer to be, those who wrote last first."""
    at = here()
    asked: dict[int, list[Doc]] = {}
    for ticket in display.live_tickets(at.state):
        asked.setdefault(ticket["requester_id"], []).append(ticket)
    everybody = [user for user in at.state.list("user") if not people.is_staff(user)]
    everybody.sort(key=lambda user: max((t["updated_at"] for t in asked.get(user["id"], [])), default=""), reverse=True)
    shown = [{**user, "count": len(asked.get(user["id"], []))} for user in everybody]
    return page("customer/choose.html", people=shown)


@blueprint.get("/customer/write")
def new_ticket() -> ResponseReturnValue:
    """Show the form by which a customer writes in, as somebody new or as the customer `who`."""
    who = request.args.get("who")
    return page("customer/write.html", who=_customer(int(who)) if who and who.isdigit() else None, channels=CHANNELS)


@blueprint.post("/tickets")
def write_in() -> ResponseReturnValue:
    """Make a ticket as a customer, by the channel chosen; an unknown address becomes a new customer."""
    at, form = here(), request.form
    channel = form.get("channel", "email")
    if channel not in CHANNELS:
        abort(400, "There is no such channel.")
    customer = people.requester(at.state, {"name": form.get("name", ""), "email": form.get("email", "")}, at.clock())
    body = {
        "requester_id": customer["id"], "subject": form.get("subject", "").strip() or None,
        "comment": {"body": form.get("body", ""), "public": True},
    }  # fmt: skip
    written = at.tickets.create(body, actor=customer, channel=channel, now=at.clock())
    return _to_request(customer["id"], written.ticket["id"])


@blueprint.get("/customer/<int:user_id>")
def requests_of(user_id: int) -> ResponseReturnValue:
    """List a customer's requests, the last changed first."""
    at, customer = here(), _customer(user_id)
    own = [one for one in display.live_tickets(at.state) if one["requester_id"] == user_id and one["is_public"]]
    return page("customer/requests.html", who=customer, requests=[_line(one) for one in own])


@blueprint.get("/customer/<int:user_id>/requests/<int:ticket_id>")
def request_of(user_id: int, ticket_id: int) -> ResponseReturnValue:
    """Show one request as its customer sees it: what is public, and nothing else."""
    at, customer, found = here(), _customer(user_id), _own(user_id, ticket_id)
    said = display.conversation(found, at.state.find("comment", ticket_id=ticket_id), Names(at.state), at.clock())
    public = [one for one in said if one["public"]]
    return page("customer/request.html", who=customer, request=_line(found), ticket=found, said=public)


@blueprint.post("/customer/<int:user_id>/requests/<int:ticket_id>/reply")
def reply_as_customer(user_id: int, ticket_id: int) -> ResponseReturnValue:
    """Write on, by the ticket's own channel; on a closed request that makes a follow-up."""
    comment = {"body": request.form.get("body", ""), "public": True}
    written = customers.reply(here(), _own(user_id, ticket_id), comment, _customer(user_id))
    return _to_request(user_id, written.ticket["id"])


@blueprint.post("/customer/<int:user_id>/requests/<int:ticket_id>/rating")
def rate(user_id: int, ticket_id: int) -> ResponseReturnValue:
    """Say how a solved request went."""
    at, found = here(), _own(user_id, ticket_id)
    given = {"score": request.form.get("score", ""), "comment": request.form.get("comment", "").strip()}
    at.tickets.rate(found["id"], given, actor=_customer(user_id), now=at.clock())
    return _to_request(user_id, ticket_id)


def _customer(user_id: int) -> Doc:
    found = here().state.get("user", user_id)
    if found is None or people.is_staff(found):
        abort(404, "There is no such customer.")
    return found


def _own(user_id: int, ticket_id: int) -> Doc:
    """The customer's own request, if they were ever shown it."""
    found = live_ticket(ticket_id)
    if found["requester_id"] != user_id or not found["is_public"]:
        abort(404, "There is no such request.")
    return found


def _line(ticket: Doc) -> Doc:
    return {
        "id": ticket["id"],
        "subject": ticket["subject"] or str(ticket["description"])[:80],
        "status": STATUSES[ticket["status"]],
        "channel": display.channel(ticket),
        "updated": ticket["updated_at"],
        "ago": display.ago(ticket["updated_at"], here().clock()),
    }


def _to_request(user_id: int, ticket_id: int) -> ResponseReturnValue:
    return redirect(url_for("desk.request_of", user_id=user_id, ticket_id=ticket_id, _anchor="latest"), 303)
