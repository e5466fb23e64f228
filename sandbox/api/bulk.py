"""Knows the addresses that change many tickets at once, and the jobs that report on it.
It must not know the rules of an update: that is `sandbox.tickets`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, jsonify, request

from sandbox.api import here, tickets
from sandbox.errors import ApiError, bad_request, record_invalid, too_many_values
from sandbox.state import Doc

blueprint = Blueprint("bulk", __name__, url_prefix="/api/v2")


@blueprint.put("/tickets/update_many")
def update_many() -> here.Answer:
    """Change tickets: all of `ids` alike by `ticket`, or each by its own object in `tickets`.

    Only the first form takes `additional_tags` and `remove_tags`.
    """
    here.agent()
    given = here.body()
    alike = isinstance(given.get("ticket"), dict)
    updates = [given["ticket"] | {"id": int(id)} for id in here.ids()] if alike else _objects(given)
    if any("safe_update" in one and not one.get("updated_stamp") for one in updates):
        raise bad_request("ParameterMissing", "updated_stamp is required for a safe update")
    return _job("Bulk Update Ticket", [partial(_updated, one, alike) for one in updates])


@blueprint.post("/tickets/create_many")
def create_many() -> here.Answer:
    """Make up to a hundred tickets."""
    here.agent()
    made = _objects(here.body())
    return _job("Bulk Create Ticket", [partial(_created, place, one) for place, one in enumerate(made)])


@blueprint.delete("/tickets/destroy_many")
def destroy_many() -> here.Answer:
    """Softly delete the tickets named by `ids`."""
    here.agent()
    return _job("Bulk Delete Ticket", [partial(_deleted, int(id)) for id in here.ids()])


@blueprint.post("/tickets/<int:ticket_id>/merge")
def merge(ticket_id: int) -> here.Answer:
    """Close the tickets named by `ids` and point them at this one."""
    here.agent()
    given = here.body()
    sources = [int(id) for id in given.get("ids") or []]
    if not sources:
        raise bad_request("ParameterMissing", "param is missing or the value is empty: ids")
    if tickets.one(ticket_id)["status"] == "closed":
        raise record_invalid("status", "Target ticket is closed")
    return _job("Ticket Merge", [partial(_merged, ticket_id, sources, given)])


@blueprint.get("/job_statuses")
def jobs() -> here.Answer:
    """List jobs."""
    here.agent()
    return jsonify(here.page("job_statuses", "job_status", here.state().list("job_status")))


@blueprint.get("/job_statuses/show_many")
def many_jobs() -> here.Answer:
    """Show the jobs named by `ids`."""
    here.agent()
    return jsonify(here.page("job_statuses", "job_status", here.state().many("job_status", here.ids())))


@blueprint.get("/job_statuses/<job_id>")
def job(job_id: str) -> here.Answer:
    """Show a job."""
    here.agent()
    return here.answer("job_status", "job_status", here.one("job_status", job_id))


def _objects(given: Doc) -> list[Doc]:
    found = [one for one in given.get("tickets") or [] if isinstance(one, dict)]
    if not found:
        raise bad_request("ParameterMissing", "param is missing or the value is empty: tickets")
    if len(found) > here.MOST_IDS:
        raise too_many_values(here.MOST_IDS)
    return found


def _job(kind: str, steps: list[Callable[[], Any]]) -> here.Answer:
    """Do the steps and store the job as done. The answer says `queued`, as Zendesk's always does at first."""
    if len(steps) > here.MOST_IDS or not steps:
        raise too_many_values(here.MOST_IDS) if steps else bad_request("ParameterMissing", "no tickets were named")
    results = [step() for step in steps]
    job = {"id": None, "job_type": kind, "total": len(steps), "progress": len(steps), "status": "completed"}
    job = here.state().put("job_status", job | {"message": f"Completed at {here.now():%c}", "results": results})
    waiting = job | {"progress": None, "status": "queued", "message": None, "results": None}
    return here.answer("job_status", "job_status", waiting)


def _updated(ticket: Doc, bulk: bool) -> Doc:
    id = int(ticket.get("id") or request.args.get("id") or 0)
    try:
        here.desk().tickets.update(id, ticket, actor=here.me(), channel="api", now=here.now(), bulk=bulk)
    except ApiError as error:
        return _failed("update", id, error)
    return {"action": "update", "id": id, "status": "Updated", "success": True}


def _created(place: int, ticket: Doc) -> Doc:
    try:
        written = here.desk().tickets.create(ticket, actor=here.me(), channel="api", now=here.now())
    except ApiError as error:
        return _failed("create", 0, error)
    return {"index": place, "id": written.ticket["id"]}


def _deleted(id: int) -> Doc:
    try:
        here.desk().tickets.delete(id, actor=here.me(), now=here.now())
    except ApiError as error:
        return _failed("delete", id, error)
    return {"action": "delete", "id": id, "status": "Deleted", "success": True}


def _merged(target: int, sources: list[int], given: Doc) -> Doc:
    desk, now, actor = here.desk(), here.now(), here.me()
    try:
        for source in sources:
            tags = sorted({*tickets.one(source)["tags"], "closed_by_merge"})
            text = given.get("source_comment") or f"This request was closed and merged into request #{target}."
            comment = {"body": text, "public": bool(given.get("source_comment_is_public", False))}
            closed = {"status": "closed", "tags": tags, "comment": comment}
            desk.tickets.update(source, closed, actor=actor, channel="merge", now=now)
        names = ", ".join(f"#{source}" for source in sources)
        text = given.get("target_comment") or f"Requests {names} were closed and merged into this request."
        comment = {"body": text, "public": bool(given.get("target_comment_is_public", False))}
        desk.tickets.update(target, {"comment": comment}, actor=actor, channel="merge", now=now)
    except ApiError as error:
        return _failed("merge", target, error)
    return {"action": "merge", "id": target, "status": "Merged", "success": True}


def _failed(action: str, id: int, error: ApiError) -> Doc:
    name = {404: "TicketNotFound", 409: "UpdateConflict", 403: "PermissionDenied"}.get(
        error.status, "TicketUpdateFailed"
    )
    details = str(error.body.get("details") or error.body.get("description") or error.body.get("error"))
    return {"id": id, "action": action, "error": name, "success": False, "details": details}
