"""Knows the addresses of tickets: one by one, in lists, deleted and merged.
It must not know the rules of an update: that is `sandbox.tickets`."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox import properties
from sandbox.api import here
from sandbox.errors import ApiError, not_found
from sandbox.shapes import iso, parse
from sandbox.state import Doc
from sandbox.tickets import Written

blueprint = Blueprint("tickets", __name__, url_prefix="/api/v2")

IDEMPOTENCY_LIFE = timedelta(hours=2)
"""How long a key is remembered; second-hand knowledge, nothing official says it."""

_ONE_KEY_AT_A_TIME = threading.Lock()


@blueprint.get("/tickets")
def index() -> here.Answer:
    """List all live tickets, by id or as `sort` says; `external_id` narrows."""
    here.staff()
    tickets = live(here.state().list("ticket"))
    if "external_id" in request.args:
        tickets = [t for t in tickets if t["external_id"] == request.args["external_id"]]
    answer = here.paged("tickets", ordered(tickets), here.ticket_show())
    return jsonify({**answer, **here.sideloads(answer["tickets"])})


@blueprint.post("/tickets")
def create() -> here.Answer:
    """Make a ticket. A repeated `Idempotency-Key` gives the first answer again."""
    here.agent()
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return _created(here.body("ticket"))
    with _ONE_KEY_AT_A_TIME:
        return _created_once(key, here.body("ticket"))


@blueprint.get("/tickets/count")
def count() -> here.Answer:
    """Count the live tickets."""
    here.staff()
    return here.count_answer(len(live(here.state().list("ticket"))))


@blueprint.get("/tickets/show_many")
def show_many() -> here.Answer:
    """Show tickets by `ids`; unknown ones are left out."""
    here.staff()
    answer = here.paged("tickets", live(here.state().many("ticket", here.ids())), here.ticket_show())
    return jsonify({**answer, **here.sideloads(answer["tickets"])})


@blueprint.get("/tickets/<int:ticket_id>")
def show(ticket_id: int) -> here.Answer:
    """Show a ticket, with `include=users,groups,comment_count,metric_sets`."""
    here.staff()
    ticket = one(ticket_id)
    shown, wanted = here.ticket_show()(ticket), here.included()
    if "comment_count" in wanted:
        shown["comment_count"] = len(here.state().find("comment", ticket_id=ticket_id))
    if "metric_sets" in wanted:
        shown["metric_set"] = metric_set(ticket)
    return jsonify({"ticket": shown, **here.sideloads([ticket])})


@blueprint.put("/tickets/<int:ticket_id>")
def update(ticket_id: int) -> here.Answer:
    """Change a ticket; the answer holds it and the audit of what changed."""
    written = here.desk().tickets.update(
        ticket_id, here.body("ticket"), actor=here.staff(), channel="api", now=here.now()
    )
    return _written(written, 200)


@blueprint.delete("/tickets/<int:ticket_id>")
def delete(ticket_id: int) -> here.Answer:
    """Softly delete a ticket."""
    here.desk().tickets.delete(ticket_id, actor=here.agent(), now=here.now())
    return "", 204


@blueprint.get("/tickets/<int:ticket_id>/related")
def related(ticket_id: int) -> here.Answer:
    """Say what hangs on a ticket."""
    here.staff()
    ticket = one(ticket_id)
    incidents = here.state().find("ticket", problem_id=ticket_id)
    return jsonify(
        {
            "topic_id": None,
            "jira_issue_ids": [],
            "followup_source_ids": [str(id) for id in ticket["followup_ids"]],
            "from_archive": False,
            "incidents": len(incidents),
        }
    )


@blueprint.get("/tickets/<int:ticket_id>/metrics")
def metrics(ticket_id: int) -> here.Answer:
    """Show a ticket's counts and times."""
    here.staff()
    return jsonify({"ticket_metric": metric_set(one(ticket_id))})


@blueprint.put("/tickets/<int:ticket_id>/mark_as_spam")
def mark_as_spam(ticket_id: int) -> here.Answer:
    """Delete a ticket and suspend its requester."""
    actor, ticket = here.agent(), one(ticket_id)
    here.desk().tickets.delete(ticket_id, actor=actor, now=here.now())
    requester = here.one("user", ticket["requester_id"])
    here.state().put("user", requester | {"suspended": True})
    return "", 200


@blueprint.get("/deleted_tickets")
def deleted() -> here.Answer:
    """List the softly deleted tickets."""
    here.agent()
    gone = [t for t in here.state().list("ticket") if t["status"] == "deleted"]
    return jsonify(here.paged("deleted_tickets", gone, _deleted_shown))


@blueprint.put("/deleted_tickets/<int:ticket_id>/restore")
def restore(ticket_id: int) -> here.Answer:
    """Bring a deleted ticket back."""
    here.agent()
    here.desk().tickets.restore(ticket_id, here.now())
    return "", 200


@blueprint.get("/suspended_tickets")
def suspended() -> here.Answer:
    """List suspended tickets; no mail is ever suspended here."""
    here.agent()
    return jsonify(here.page("suspended_tickets", "suspended_ticket", []))


def live(tickets: list[Doc]) -> list[Doc]:
    """Those that are not deleted."""
    return [ticket for ticket in tickets if ticket["status"] != "deleted"]


def one(ticket_id: int) -> Doc:
    """The live ticket, or 404."""
    ticket = here.one("ticket", ticket_id)
    if ticket["status"] == "deleted":
        raise not_found()
    return ticket


def ordered(tickets: list[Doc]) -> list[Doc]:
    """Tickets as `sort=-updated_at` or `sort_by` and `sort_order` want them; by id where nothing is said."""
    wanted = request.args.get("sort") or request.args.get("sort_by") or "id"
    key = wanted.lstrip("-")
    down = wanted.startswith("-") or request.args.get("sort_order") == "desc"

    def place(ticket: Doc) -> tuple[Any, int]:
        return ("" if key == "id" else str(ticket.get(key) or ""), ticket["id"])

    return sorted(tickets, key=place, reverse=down)


def metric_set(ticket: Doc) -> Doc:
    """A ticket's metrics in REST shape, as far as this desk measures them."""
    return {"ticket_id": ticket["id"], "created_at": ticket["created_at"], **ticket["_metrics"]}


def warn(response: Response, action: str, dropped: tuple[str, ...]) -> Response:
    """Name what was dropped without a word in the body; this header is all that says so. Its form is on record."""
    if dropped:
        wrong = json.dumps([f"ticket.{name}" for name in dropped if name in properties.KNOWN])
        unknown = json.dumps([f"ticket.{name}" for name in dropped if name not in properties.KNOWN])
        response.headers["x-zendesk-api-warn"] = (
            f'{{:allowed_parameters=>{{:controller=>"tickets", :action=>"{action}",'
            f" :unpermitted_keys=>{unknown}, :invalid_values=>{wrong}}}}}"
        )
    return response


def _created(ticket: Doc) -> Response:
    written = here.desk().tickets.create(ticket, actor=here.me(), channel="api", now=here.now())
    response = _written(written, 201)
    response.headers["Location"] = f"{here.base()}/api/v2/tickets/{written.ticket['id']}.json"
    return response


def _created_once(key: str, ticket: Doc) -> Response:
    digest = hashlib.sha256(json.dumps(ticket, sort_keys=True).encode()).hexdigest()
    known = here.state().get("idempotency", key)
    if known is None or parse(known["at"]) + IDEMPOTENCY_LIFE < here.now():
        response = _created(ticket)
        kept = {"id": key, "digest": digest, "at": iso(here.now()), "answer": response.get_json()}
        here.state().put("idempotency", kept)
        response.headers["x-idempotency-lookup"] = "miss"
        return response
    if known["digest"] != digest:
        description = "Request parameters don't match the given idempotency key"
        raise ApiError(400, {"error": "IdempotentRequestError", "description": description})
    response = jsonify(known["answer"])
    response.status_code = 201
    response.headers["x-idempotency-lookup"] = "hit"
    return response


def _written(written: Written, status: int) -> Response:
    shown, audit = here.ticket_show()(written.ticket), here.shown("audit", written.audit)
    response = jsonify({"ticket": shown, "audit": audit})
    response.status_code = status
    return warn(response, "create" if status == 201 else "update", written.dropped)


def _deleted_shown(ticket: Doc) -> Doc:
    actor = here.state().get("user", ticket["_deleted_by"])
    return {
        "id": ticket["id"],
        "subject": ticket["subject"],
        "actor": {"id": ticket["_deleted_by"], "name": actor["name"] if actor else ""},
        "deleted_at": ticket["_deleted_at"],
        "previous_state": ticket["_previous_state"],
    }
