"""Knows the pages of the help desk: lists of tickets, one ticket with its conversation, and the forms that write.
It must not know how a ticket is stored or changed: forms go through the same `Tickets` as the API."""

from __future__ import annotations

import ipaddress
import secrets
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from sandbox import display, people
from sandbox.errors import ApiError

if TYPE_CHECKING:
    from sandbox.api.here import Desk

Doc = dict[str, Any]

blueprint = Blueprint("desk", __name__, url_prefix="/desk", template_folder="templates", static_folder="static")

PAGE_SIZE = 50
"""Tickets on one page of a list (our choice)."""

_CSRF = secrets.token_urlsafe(32)
"""Stands in every form of this process. A page from elsewhere cannot read it, so it cannot post."""

# Nothing but our own style sheet and script; nobody may frame a page or post it elsewhere.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@blueprint.record_once
def _lead_home(setup: BlueprintSetupState) -> None:
    """The desk is what a person who opens the sandbox's address wants to see."""
    setup.app.add_url_rule("/", "home", lambda: redirect(url_for("desk.tickets")))


@blueprint.before_request
def guard() -> None:
    """The desk has no sign-in: it serves this machine alone, under its own name, and takes forms it made itself."""
    names = {"localhost", _host(_desk().settings.public_url)}
    name = _host(f"//{request.host}")
    if not _is_loopback(request.remote_addr) or not (name in names or _is_loopback(name)):
        abort(403, "the desk answers on this machine only")  # the name is checked against DNS rebinding
    if request.method == "POST" and not secrets.compare_digest(request.form.get("csrf", "").encode(), _CSRF.encode()):
        abort(400, "this form is from an earlier start of the sandbox: load the page again")


@blueprint.after_request
def harden(response: Response) -> Response:
    """Set the headers that every page has; the style sheet and the script may be kept by the browser."""
    response.headers.update(_HEADERS)
    if request.endpoint == "desk.static":
        response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.errorhandler(ApiError)
def refused(error: ApiError) -> ResponseReturnValue:
    """Show what a rule of the record said no to."""
    return _page("refused.html", status=error.status, said=_words_of(error.body)), error.status


@blueprint.context_processor
def shown_everywhere() -> Doc:
    """What every page can use."""
    return {"csrf": _CSRF, "clock_text": display.clock_text, "channels": display.CHANNELS}


@blueprint.get("/")
def tickets() -> ResponseReturnValue:
    """List tickets, the last changed first: all, those of the `view`, or those that the words of `q` find."""
    at, names, fields = _desk(), display.Names(_desk().state), _desk().state.list("ticket_field")
    found = _live_tickets()
    view = _view(request.args.get("view"))
    if view is not None:
        found = display.in_view(view, found, fields, at.clock(), _agent(None)["id"])
    words = request.args.get("q", "").strip()
    found = display.found_by(words, found, names)
    page = max(1, request.args.get("page", 1, int))
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    rows = [display.row(ticket, names, fields, at.clock()) for ticket in shown]
    pages = -(-len(found) // PAGE_SIZE)
    return _page("tickets.html", rows=rows, view=view, words=words, count=len(found), page=page, pages=pages)


@blueprint.get("/tickets/<int:ticket_id>")
def ticket(ticket_id: int) -> ResponseReturnValue:
    """Show one ticket: conversation in the middle, person and properties at the side, two ways to answer below."""
    at, names, fields = _desk(), display.Names(_desk().state), _desk().state.list("ticket_field")
    found, now = _ticket(ticket_id), _desk().clock()
    said = display.conversation(found, at.state.find("comment", ticket_id=ticket_id), names, now)
    others = [one for one in at.state.find("ticket", requester_id=found["requester_id"]) if one["id"] != ticket_id]
    return _page(
        "ticket.html",
        ticket=found,
        row=display.row(found, names, fields, now),
        comments=said,
        requester=names.user(found["requester_id"]),
        fields=display.other_fields(found, fields),
        history=display.history(at.state.find("audit", ticket_id=ticket_id), names, fields, now),
        others=[display.row(one, names, fields, now) for one in others if one["status"] != "deleted"][::-1],
        agents=_agents(),
        statuses={key: name for key, name in display.STATUSES.items() if key != "new"},
        rating=found["satisfaction_rating"],
    )


@blueprint.get("/tickets/new")
def new_ticket() -> ResponseReturnValue:
    """Show the form by which a customer writes in."""
    return _page("new.html")


@blueprint.post("/tickets")
def write_in() -> ResponseReturnValue:
    """Make a ticket as a customer, by the channel chosen; an unknown address becomes a new customer."""
    at, form = _desk(), request.form
    channel = form.get("channel", "email")
    if channel not in display.CHANNELS:
        abort(400, "no such channel")
    now = at.clock()
    customer = people.requester(at.state, {"name": form.get("name", ""), "email": form.get("email", "")}, now)
    body = {
        "requester_id": customer["id"], "subject": form.get("subject", "").strip() or None,
        "comment": {"body": form.get("body", ""), "public": True},
    }  # fmt: skip
    written = at.tickets.create(body, actor=customer, channel=channel, now=now)
    return redirect(url_for("desk.ticket", ticket_id=written.ticket["id"]), 303)


@blueprint.post("/tickets/<int:ticket_id>/customer")
def answer_as_customer(ticket_id: int) -> ResponseReturnValue:
    """Add the requester's next message, by the ticket's own channel."""
    at, found = _desk(), _ticket(ticket_id)
    customer = at.state.get("user", found["requester_id"]) or abort(404)
    body = {"comment": {"body": request.form.get("body", ""), "public": True}}
    at.tickets.update(ticket_id, body, actor=customer, channel=found["via"]["channel"], now=at.clock())
    return _back_to(ticket_id)


@blueprint.post("/tickets/<int:ticket_id>/agent")
def answer_as_agent(ticket_id: int) -> ResponseReturnValue:
    """Add a public reply or an internal note and set the status; an empty text changes the status alone."""
    at, form = _desk(), request.form
    body: Doc = {}
    if form.get("status") in display.STATUSES:
        body["status"] = form["status"]
    if form.get("body", "").strip():
        body["comment"] = {"body": form["body"], "public": form.get("kind") == "public"}
    at.tickets.update(ticket_id, body, actor=_agent(form.get("agent")), channel="web", now=at.clock())
    return _back_to(ticket_id)


@blueprint.post("/tickets/<int:ticket_id>/rating")
def rate(ticket_id: int) -> ResponseReturnValue:
    """Say as the customer how a solved ticket went."""
    at, found = _desk(), _ticket(ticket_id)
    customer = at.state.get("user", found["requester_id"]) or abort(404)
    given = {"score": request.form.get("score", ""), "comment": request.form.get("comment", "").strip()}
    at.tickets.rate(ticket_id, given, actor=customer, now=at.clock())
    return _back_to(ticket_id)


def _page(name: str, **shown: Any) -> str:
    """Draw a page inside the frame that all share: the views at the left, with how many tickets each holds."""
    at = _desk()
    fields, found = at.state.list("ticket_field"), _live_tickets()
    viewer, now = _agent(None)["id"], at.clock()
    views = [
        {"id": view["id"], "title": view["title"], "count": len(display.in_view(view, found, fields, now, viewer))}
        for view in _views()
    ]
    current = shown.get("view")
    return render_template(
        f"desk/{name}", views=views, total=len(found), current=current["id"] if current else None, **shown
    )


def _desk() -> Desk:
    return cast("Desk", current_app.extensions["sandbox"])


def _live_tickets() -> list[Doc]:
    """Every live ticket, read once for a page: the list and the counts of the views both need them all."""
    if "live_tickets" not in g:
        g.live_tickets = display.live_tickets(_desk().state)
    return cast("list[Doc]", g.live_tickets)


def _views() -> list[Doc]:
    active = [view for view in _desk().state.list("view") if view.get("active", True)]
    return sorted(active, key=lambda view: (view.get("position") or 0, view["id"]))


def _view(wanted: str | None) -> Doc | None:
    if not wanted:
        return None
    return _desk().state.get("view", wanted) or abort(404)


def _ticket(ticket_id: int) -> Doc:
    found = _desk().state.get("ticket", ticket_id)
    if found is None or found["status"] == "deleted":
        abort(404)
    return found


def _agents() -> list[Doc]:
    """The people who may answer: staff that is neither light nor a program."""
    staff = [user for user in _desk().state.list("user") if people.may_be_assigned(user)]
    return [user for user in staff if not people.is_robot(user)] or staff


def _agent(wanted: str | None) -> Doc:
    """The agent whom the form names, else the first one."""
    agents = _agents()
    return next((user for user in agents if str(user["id"]) == wanted), agents[0])


def _back_to(ticket_id: int) -> ResponseReturnValue:
    return redirect(url_for("desk.ticket", ticket_id=ticket_id, _anchor="latest"), 303)


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _is_loopback(name: str | None) -> bool:
    try:
        return ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return False


def _words_of(body: Doc) -> str:
    """The sentences in a refusal, whichever of Zendesk's shapes it has."""
    details = body.get("details")
    if isinstance(details, dict):
        return " ".join(str(one.get("description", "")) for each in details.values() for one in each)
    error = body.get("error")
    return str(error.get("message") if isinstance(error, dict) else body.get("description") or error)
