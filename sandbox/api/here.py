"""Knows what a request handler may reach: the desk's parts, who is signed in, the request's JSON, and answers in shape.
It must not know any one resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import current_app, g, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox import paging, people, shapes
from sandbox.calls import Calls
from sandbox.engine import Engine
from sandbox.errors import bad_request, forbidden, not_found, too_many_values
from sandbox.settings import SandboxSettings
from sandbox.state import State
from sandbox.streaming import Stream
from sandbox.tickets import Tickets

Doc = dict[str, Any]
Answer = ResponseReturnValue

MOST_IDS = 100
"""Ids or objects in one call; more are refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts of one desk; `clock` gives the time, aware and UTC."""

    state: State
    settings: SandboxSettings
    engine: Engine
    tickets: Tickets
    calls: Calls
    stream: Stream
    clock: Callable[[], datetime]


def desk() -> Desk:
    """The desk that this request came to."""
    return cast(Desk, current_app.extensions["sandbox"])


def state() -> State:
    """The desk's documents."""
    return desk().state


def now() -> datetime:
    """The time of this request."""
    return desk().clock()


def me() -> Doc:
    """The user whose token came with the request."""
    return cast(Doc, g.user)


def base() -> str:
    """The address under which the caller reaches this desk, for links."""
    return request.host_url.rstrip("/")


def staff() -> Doc:
    """The signed-in user; 403 for end users."""
    if not people.is_staff(me()):
        raise forbidden()
    return me()


def agent() -> Doc:
    """The signed-in user; 403 for end users and light agents."""
    if people.is_light(staff()):
        raise forbidden()
    return me()


def admin() -> Doc:
    """The signed-in user; 403 unless an admin."""
    if me()["role"] != "admin":
        raise forbidden()
    return me()


def body(key: str | None = None) -> Doc:
    """The request's JSON object, or the object under `key` in it. Raises 400."""
    given = request.get_json(silent=True, force=True) if request.data else {}
    if not isinstance(given, dict):
        raise bad_request("Unprocessable", "The request body is not a JSON object")
    if key is None:
        return given
    if not isinstance(given.get(key), dict):
        raise bad_request("ParameterMissing", f"param is missing or the value is empty: {key}")
    return cast(Doc, given[key])


def one(kind: str, id: object) -> Doc:
    """The document, or 404."""
    found = state().get(kind, id)
    if found is None:
        raise not_found()
    return found


def ids(name: str = "ids") -> list[str]:
    """The query's list of ids, at most a hundred. Raises 400."""
    given = [part for part in request.args.get(name, "").split(",") if part.strip()]
    if len(given) > MOST_IDS:
        raise too_many_values(MOST_IDS)
    return [part.strip() for part in given]


def shown(kind: str, doc: Doc) -> Doc:
    """The document as this request's answer shows it."""
    return shapes.show(kind, doc, base())


def answer(key: str, kind: str, doc: Doc, status: int = 200) -> Answer:
    """`{key: document}`."""
    return jsonify({key: shown(kind, doc)}), status


def page(key: str, kind: str, docs: Sequence[Doc], *, cursor_only: bool = False) -> Doc:
    """One page of documents, by the paging the query asks for."""
    return paged(key, docs, lambda doc: shown(kind, doc), cursor_only=cursor_only)


def paged(key: str, docs: Sequence[Doc], show: Callable[[Doc], Doc], *, cursor_only: bool = False) -> Doc:
    """One page of documents, each through `show`."""
    return paging.page(key, docs, request.args, request.base_url, show, cursor_only=cursor_only)


def ticket_show() -> Callable[[Doc], Doc]:
    """A function that shows tickets, with the desk's fields read once."""
    fields, address = state().list("ticket_field"), base()
    return lambda doc: shapes.show_ticket(doc, fields, address)


def included() -> set[str]:
    """The sideloads the query asks for."""
    return {part.strip() for part in request.args.get("include", "").split(",") if part.strip()}


def sideloads(tickets: Iterable[Doc]) -> Doc:
    """The users and groups of tickets, as far as `include` asks for them."""
    tickets, wanted, loaded = list(tickets), included(), {}
    if "users" in wanted:
        keys = ("requester_id", "submitter_id", "assignee_id")
        found = state().many("user", [t[key] for t in tickets for key in keys if t[key] is not None])
        loaded["users"] = [shown("user", user) for user in found]
    if "groups" in wanted:
        found = state().many("group", [t["group_id"] for t in tickets if t["group_id"] is not None])
        loaded["groups"] = [shown("group", group) for group in found]
    return loaded


def count_answer(number: int) -> Answer:
    """Zendesk's count object."""
    return jsonify({"count": {"value": number, "refreshed_at": shapes.iso(now())}})
