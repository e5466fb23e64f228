"""The addresses of the app, each behind the same check of who calls; every answer is JSON, errors too.

It must not read a ticket, decide, or call Zendesk; a log line names ids, never what somebody wrote.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from integration import gate
from integration.model import (
    AttuneError,
    Label,
    NotAllowed,
    NotThere,
    NotTrusted,
    NotUnderstood,
    Refused,
    TryLater,
)
from integration.sidebar import asked

log = logging.getLogger("attune.sidebar")

# A draft of the longest comment, as JSON writes letters that are not ASCII at their longest, has a few more bytes.
LARGEST_BODY_BYTES = 512 * 1024
# The app reads these answers through Zendesk's proxy; no page, of anybody, may read, frame or keep them.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
# A process answers with eight threads, and Zendesk's deliveries come by the same ones: so many may wait for Zendesk on
# behalf of agents, and the others wait this long for a place, in seconds. Our choices.
AT_ONCE, PATIENCE_S = 5, 2.0
_NO_DASHBOARD = "This Attune has no dashboard to open: bring it up to date."

Json = dict[str, Any]


class Onlooker(Protocol):
    """What the door asks on behalf of an agent."""

    def glance(self, agent_id: int, ticket_id: int) -> Json: ...
    def correct(self, agent_id: int, ticket_id: int, label: Label, value: str) -> Json: ...
    def advise(self, agent_id: int, ticket_id: int, text: str, *, public: bool) -> Json: ...
    def look_over(self, agent_id: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What stands behind the door; each is asked anew for a request."""

    secret: Callable[[], str]  # raises TryLater where the app is not installed
    account: Callable[[], str]  # its base address
    onlooker: Callable[[], Onlooker]
    clock: Callable[[], datetime]
    entry_url: Callable[[], str] | None = None  # a link into the dashboard that works once; None where there is none


def blueprint(behind: Behind) -> Blueprint:
    """The routes, given what stands behind them."""
    door = Blueprint("sidebar", __name__, url_prefix="/sidebar")
    places = threading.BoundedSemaphore(AT_ONCE)

    @door.get("/tickets/<number>")
    def glance(number: str) -> Response:
        def seen() -> Json:
            agent, ticket = _about(behind, number)
            return behind.onlooker().glance(agent, ticket)

        return _answered(places, seen)

    @door.post("/tickets/<number>/corrections")
    def correct(number: str) -> Response:
        def corrected() -> Json:
            agent, ticket = _about(behind, number)
            label, value = asked.correction(_body())
            return behind.onlooker().correct(agent, ticket, label, value)

        return _answered(places, corrected)

    @door.post("/tickets/<number>/draft")
    def advise(number: str) -> Response:
        def advice() -> Json:
            agent, ticket = _about(behind, number)
            draft = asked.draft(_body())
            return behind.onlooker().advise(agent, ticket, draft.text, public=draft.public)

        return _answered(places, advice)

    @door.post("/enter")
    def enter() -> Response:
        return _answered(places, lambda: {"url": _entry(behind)})

    @door.after_request
    def harden(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    return door


def _about(behind: Behind, number: str) -> tuple[int, int]:
    """The agent and the ticket of a call about one ticket, where the token is about that one. Raises NotTrusted."""
    call, ticket_id = _call(behind), asked.ticket_number(number)
    if call.ticket_id != ticket_id:
        raise NotTrusted("the token is about another ticket")
    return call.agent_id, ticket_id


def _call(behind: Behind) -> gate.Call:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotTrusted("the call carries no token")
    return gate.check_call(token.strip(), behind.secret(), behind.account(), behind.clock())


def _body() -> bytes:
    request.max_content_length = LARGEST_BODY_BYTES
    if request.mimetype != "application/json":
        raise NotUnderstood("the body must be sent as application/json")
    return request.get_data()


def _entry(behind: Behind) -> str:
    call = _call(behind)
    request.max_content_length = LARGEST_BODY_BYTES
    asked.nothing_else(request.get_data())
    behind.onlooker().look_over(call.agent_id)
    if behind.entry_url is None:
        raise TryLater(_NO_DASHBOARD)
    return behind.entry_url()


def _answered(places: threading.BoundedSemaphore, act: Callable[[], Mapping[str, Any]]) -> Response:
    """The answer, or the failure as JSON."""
    try:
        with _place(places):
            return jsonify(act())
    except RequestEntityTooLarge:
        return _said(413, "NotUnderstood", f"The body is larger than {LARGEST_BODY_BYTES} bytes.")
    except HTTPException as broken:  # a body that stops in the middle
        return _said(400, "NotUnderstood", broken.description or "The request could not be read.")
    except TryLater as later:
        log.warning("cannot serve the app: %s", later)
        answer = _said(503, "TryLater", str(later))
        answer.headers["Retry-After"] = str(max(1, min(30, math.ceil(later.after.total_seconds()))))
        return answer
    except AttuneError as failure:
        kind, status = next((name, status) for type_, (name, status) in _STATUSES.items() if isinstance(failure, type_))
        log.info("refused a call of the app with %d: %s", status, kind)
        return _said(status, kind, str(failure))


@contextmanager
def _place(places: threading.BoundedSemaphore) -> Iterator[None]:
    """One of the places at the door; raises TryLater where none gets free in time."""
    if not places.acquire(timeout=PATIENCE_S):
        raise TryLater("too many agents ask at the same moment")
    try:
        yield
    finally:
        places.release()


# Looked through in this order: the two kinds of Refused stand before it.
_STATUSES: Mapping[type[AttuneError], tuple[str, int]] = {
    NotTrusted: ("NotTrusted", 401),
    NotUnderstood: ("NotUnderstood", 400),
    NotAllowed: ("Refused", 403),
    NotThere: ("Refused", 404),
    Refused: ("Refused", 409),
}


def _said(status: int, error: str, description: str) -> Response:
    answer = jsonify(error=error, description=description)
    answer.status_code = status
    return answer
