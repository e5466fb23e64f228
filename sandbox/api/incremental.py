"""Knows the incremental exports: everything that changed since a time, in an order that loses nothing.
It must not know why a ticket changed."""

from __future__ import annotations

from flask import Blueprint, jsonify, request

from sandbox import paging
from sandbox.api import here
from sandbox.errors import bad_request
from sandbox.shapes import parse
from sandbox.state import Doc

blueprint = Blueprint("incremental", __name__, url_prefix="/api/v2/incremental")

LARGEST_PAGE = 1000
"""Items: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/"""


@blueprint.get("/tickets/cursor")
def tickets() -> here.Answer:
    """Export tickets by cursor, deleted ones too; admins only. The newest minute is held back."""
    here.admin()
    stamp, after_id = _start()
    size = paging.whole(request.args, "per_page", LARGEST_PAGE, LARGEST_PAGE)
    until = int(here.now().timestamp()) - here.desk().settings.export_delay_s
    found = here.state().since("ticket", stamp, until, size + 1, after_id)
    more, found = len(found) > size, found[:size]
    last = (found[-1]["generated_timestamp"], found[-1]["id"]) if found else (stamp, after_id)
    cursor = paging.encode(list(last))
    show = here.ticket_show()
    answer: Doc = {
        "tickets": [show(ticket) for ticket in found],
        "after_cursor": cursor,
        "after_url": f"{request.base_url}?cursor={cursor}",
        "before_cursor": None,
        "before_url": None,
        "end_of_stream": not more,
    }
    return jsonify({**answer, **here.sideloads(found)})


@blueprint.get("/users/cursor")
def users() -> here.Answer:
    """Export users by cursor, deleted ones too; admins only. The newest minute is held back."""
    here.admin()
    start = _start()
    size = paging.whole(request.args, "per_page", LARGEST_PAGE, LARGEST_PAGE)
    until = int(here.now().timestamp()) - here.desk().settings.export_delay_s
    stamped = sorted(
        (int(parse(user["updated_at"]).timestamp()), user["id"], user) for user in here.state().list("user")
    )
    found = [(stamp, user_id, user) for stamp, user_id, user in stamped if start < (stamp, user_id) and stamp <= until]
    more, found = len(found) > size, found[:size]
    cursor = paging.encode([found[-1][0], found[-1][1]] if found else list(start))
    return jsonify(
        {
            "users": [here.shown("user", user) for _, _, user in found],
            "after_cursor": cursor,
            "after_url": f"{request.base_url}?cursor={cursor}",
            "before_cursor": None,
            "before_url": None,
            "end_of_stream": not more,
        }
    )


@blueprint.get("/ticket_events")
def ticket_events() -> here.Answer:
    """Export what happened to tickets, by time; `include=comment_events` adds the comments' texts. Admins only."""
    here.admin()
    start = _start_time()
    until = int(here.now().timestamp()) - here.desk().settings.export_delay_s
    stamped = [(int(parse(audit["created_at"]).timestamp()), audit) for audit in here.state().list("audit")]
    found = sorted((pair for pair in stamped if start <= pair[0] <= until), key=lambda pair: pair[0])
    more, found = len(found) > LARGEST_PAGE, found[:LARGEST_PAGE]
    end = found[-1][0] if found else start
    with_text = "comment_events" in here.included()
    return jsonify(
        {
            "ticket_events": [_event(stamp, audit, with_text) for stamp, audit in found],
            "next_page": f"{request.base_url}?start_time={end}",
            "count": len(found),
            "end_of_stream": not more,
            "end_time": end,
        }
    )


def _start() -> tuple[int, int]:
    """The (time, id) that everything must follow."""
    if "cursor" not in request.args:
        return _start_time() - 1, 2**63 - 1  # a ticket stamped exactly at the start time is wanted
    cursor = paging.decode(request.args["cursor"])
    if not isinstance(cursor, list) or len(cursor) != 2 or not all(isinstance(part, int) for part in cursor):
        raise bad_request("InvalidParameter", "cursor is not valid")
    return cursor[0], cursor[1]


def _start_time() -> int:
    text = request.args.get("start_time", "")
    if not text.isdigit():
        raise bad_request("InvalidParameter", "start_time must be given as a Unix time")
    if int(text) > here.now().timestamp() - here.desk().settings.export_delay_s:
        raise bad_request("StartTimeTooRecent", "Too recent start_time. Use a start_time older than one minute")
    return int(text)


def _event(stamp: int, audit: Doc, with_text: bool) -> Doc:
    children = [{**event, "event_type": event["type"], "via": audit["via"]["channel"]} for event in audit["events"]]
    if not with_text:
        kept = ("id", "event_type", "via")
        children = [
            {key: child[key] for key in kept} | {"comment_present": True, "comment_public": child["public"]}
            if child["event_type"] == "Comment"
            else child
            for child in children
        ]
    return {
        "id": audit["id"],
        "ticket_id": audit["ticket_id"],
        "timestamp": stamp,
        "created_at": audit["created_at"],
        "updater_id": audit["author_id"],
        "via": audit["via"]["channel"],
        "system": {},
        "metadata": audit["metadata"],
        "event_type": "Audit",
        "child_events": children,
    }
