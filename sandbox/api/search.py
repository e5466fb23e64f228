"""Knows the addresses of search, its order, and its cap of a thousand results.
It must not know the search language: that is `sandbox.query`."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, jsonify, request

from sandbox import paging, query
from sandbox.api import here, tickets
from sandbox.errors import bad_request, search_refused
from sandbox.state import Doc

blueprint = Blueprint("search", __name__, url_prefix="/api/v2/search")

MOST_RESULTS = 1000
"""Beyond it pages are refused: https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/"""

_KINDS = ("ticket", "user", "group")
_SORTS = {"created_at": "created_at", "updated_at": "updated_at", "created": "created_at", "updated": "updated_at"}


@blueprint.get("")
def index() -> here.Answer:
    """Search, newest first unless `sort_by` and `sort_order` say otherwise."""
    here.staff()
    asked = query.read(request.args.get("query", ""))
    found = _ordered(_found(asked), asked)
    size = min(paging.whole(request.args, "per_page", 100, 10**9), 100)
    if (paging.whole(request.args, "page", 1, 10**9) - 1) * size >= MOST_RESULTS:
        raise search_refused("Invalid search: Requested response size was greater than Search Response Limits")
    answer = here.paged("results", found[:MOST_RESULTS], _result_show())
    return jsonify({**answer, "count": len(found), "facets": None})


@blueprint.get("/count")
def count() -> here.Answer:
    """Count what a search would find."""
    here.staff()
    return jsonify({"count": len(_found(query.read(request.args.get("query", ""))))})


@blueprint.get("/export")
def export() -> here.Answer:
    """Search one kind of thing without the cap, by cursor."""
    here.staff()
    kind = request.args.get("filter[type]")
    if kind not in _KINDS:
        raise bad_request("InvalidParameter", "filter[type] must be given")
    asked = query.read(f"type:{kind} {request.args.get('query', '')}")
    answer = here.paged("results", _ordered(_found(asked), asked), _result_show(), cursor_only=True)
    return jsonify({**answer, "facets": None})


def _found(asked: query.Query) -> list[Doc]:
    state = here.state()
    groups = {group["id"]: group for group in state.list("group")}
    around = query.Surroundings(user=_user, groups=groups, bodies=_bodies, now=here.now(), me=here.me()["id"])
    found = []
    if asked.kind in (None, "ticket"):
        candidates = _candidates(asked)
        found += [t | {"_kind": "ticket"} for t in candidates if query.meets("ticket", t, asked, around)]
    if asked.kind in (None, "user") and not _only_of_tickets(asked):
        live = (user for user in state.list("user") if user["active"])
        found += [u | {"_kind": "user"} for u in live if query.meets("user", u, asked, around)]
    if asked.kind == "group":
        words = " ".join(term.value for term in asked.terms).lower()
        found += [g | {"_kind": "group"} for g in groups.values() if not g["deleted"] and words in g["name"].lower()]
    return found


def _candidates(asked: query.Query) -> list[Doc]:
    """The tickets worth looking at: those of one requester where the query names one by id."""
    for term in asked.terms:
        if term.key == "requester" and term.value.isdigit() and not term.negated:
            return tickets.live(here.state().find("ticket", requester_id=int(term.value)))
    return tickets.live(here.state().list("ticket"))


def _only_of_tickets(asked: query.Query) -> bool:
    """Without a `type:`, terms that only tickets know leave users out."""
    known = {"", "created", "updated", "email", "name", "role", "tags", "external_id", "id", "phone"}
    return asked.kind is None and any(term.key not in known for term in asked.terms)


def _user(user_id: int) -> Doc | None:
    return here.state().get("user", user_id)


def _bodies(ticket_id: int) -> str:
    return " ".join(comment["body"] for comment in here.state().find("comment", ticket_id=ticket_id))


def _ordered(found: list[Doc], asked: query.Query) -> list[Doc]:
    wanted = request.args.get("sort_by") or asked.order_by or "created_at"
    key = _SORTS.get(wanted, wanted if wanted in ("status", "priority") else "created_at")
    down = request.args.get("sort_order", "desc" if asked.down else "asc") != "asc"
    return sorted(found, key=lambda doc: (str(doc.get(key) or ""), doc["id"]), reverse=down)


def _result_show() -> Callable[[Doc], Doc]:
    show_ticket = here.ticket_show()

    def show(doc: Doc) -> Doc:
        kind = doc["_kind"]
        shown = show_ticket(doc) if kind == "ticket" else here.shown(kind, doc)
        return {**shown, "result_type": kind}

    return show
