"""Knows the addresses of comments and of a ticket's tags.
It must not know how a comment is made: that is `sandbox.comments`."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from sandbox import audits, fields
from sandbox.api import here, tickets
from sandbox.errors import not_found, record_invalid
from sandbox.state import Doc
from sandbox.text import to_html

blueprint = Blueprint("comments", __name__, url_prefix="/api/v2/tickets/<int:ticket_id>")

REDACTED = "▇"
"""What each character becomes: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/"""


@blueprint.get("/comments")
def index(ticket_id: int) -> here.Answer:
    """List a ticket's comments, oldest first unless `sort=-created_at` or `sort_order=desc`; `include=users`."""
    here.staff()
    tickets.one(ticket_id)
    comments = here.state().find("comment", ticket_id=ticket_id)
    if request.args.get("sort") == "-created_at" or request.args.get("sort_order") == "desc":
        comments.reverse()
    answer = here.page("comments", "comment", comments)
    if "users" in here.included():
        users = here.state().many("user", [comment["author_id"] for comment in answer["comments"]])
        answer["users"] = [here.shown("user", user) for user in users]
    return jsonify(answer)


@blueprint.get("/comments/count")
def count(ticket_id: int) -> here.Answer:
    """Count a ticket's comments."""
    here.staff()
    tickets.one(ticket_id)
    return here.count_answer(len(here.state().find("comment", ticket_id=ticket_id)))


@blueprint.put("/comments/<int:comment_id>/redact")
def redact(ticket_id: int, comment_id: int) -> here.Answer:
    """Black out every occurrence of `text` in a comment, for ever. Raises 422 on a closed ticket."""
    here.agent()
    wanted = str(here.body().get("text") or "")
    ticket, comment = tickets.one(ticket_id), _comment(ticket_id, comment_id)
    if ticket["status"] == "closed":
        raise record_invalid("base", "Comments of closed tickets cannot be redacted")
    if not wanted or wanted not in comment["body"]:
        raise record_invalid("text", "The text was not found in the comment")
    body = comment["body"].replace(wanted, REDACTED * len(wanted))
    comment |= {"body": body, "plain_body": body, "html_body": to_html(body)}
    _rewrite(ticket, comment, {"type": "CommentRedactionEvent", "comment_id": comment_id})
    return here.answer("comment", "comment", comment)


@blueprint.put("/comments/<int:comment_id>/make_private")
def make_private(ticket_id: int, comment_id: int) -> here.Answer:
    """Hide a public comment from the requester."""
    here.agent()
    ticket, comment = tickets.one(ticket_id), _comment(ticket_id, comment_id)
    event = {"type": "CommentPrivacyChange", "comment_id": comment_id, "public": False}
    _rewrite(ticket, comment | {"public": False}, event)
    return "", 200


@blueprint.get("/tags")
def tags(ticket_id: int) -> here.Answer:
    """List a ticket's tags."""
    here.staff()
    return jsonify({"tags": tickets.one(ticket_id)["tags"]})


@blueprint.post("/tags")
def set_tags(ticket_id: int) -> here.Answer:
    """Replace a ticket's tags."""
    return _tagged(ticket_id, set(), 201)


@blueprint.put("/tags")
def add_tags(ticket_id: int) -> here.Answer:
    """Add tags; takes `safe_update` and `updated_stamp`."""
    return _tagged(ticket_id, set(tickets.one(ticket_id)["tags"]), 200)


@blueprint.delete("/tags")
def remove_tags(ticket_id: int) -> here.Answer:
    """Take tags off; takes `safe_update` and `updated_stamp`."""
    given = here.body()
    left = sorted(set(tickets.one(ticket_id)["tags"]) - set(fields.tag_list(given.get("tags"))))
    _update_tags(ticket_id, left, given)
    return "", 204


def _tagged(ticket_id: int, kept: set[str], status: int) -> here.Answer:
    given = here.body()
    new = _update_tags(ticket_id, sorted(kept | set(fields.tag_list(given.get("tags")))), given)
    response: Response = jsonify({"tags": new})
    return response, status


def _update_tags(ticket_id: int, new: list[str], given: Doc) -> list[str]:
    """One update through the one door for updates, with the caller's stamp if there is one."""
    safe: Doc = {key: given[key] for key in ("safe_update", "updated_stamp") if key in given}
    written = here.desk().tickets.update(
        ticket_id, {"tags": new, **safe}, actor=here.agent(), channel="api", now=here.now()
    )
    return list(written.ticket["tags"])


def _comment(ticket_id: int, comment_id: int) -> Doc:
    comment = here.one("comment", comment_id)
    if comment["ticket_id"] != ticket_id:
        raise not_found()
    return comment


def _rewrite(ticket: Doc, comment: Doc, event: Doc) -> None:
    """Store a changed comment, change it in its audit too, and note the event in an audit of its own."""
    state = here.state()
    with state.transaction():
        state.put("comment", comment)
        told = here.one("audit", comment["audit_id"])
        told["events"] = [audits.comment_event(comment) if e["id"] == comment["id"] else e for e in told["events"]]
        state.put("audit", told)
        if ticket["description"] and comment["id"] == state.find("comment", ticket_id=ticket["id"])[0]["id"]:
            state.put("ticket", ticket | {"description": comment["body"]})
        audit = audits.make(ticket["id"], author_id=here.me()["id"], channel="api", now=here.now())
        state.put("audit", audit | {"events": audits.numbered(state, [event])})
