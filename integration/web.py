"""The doors: verify, translate, enqueue, answer; and whether everything is well.

It must not read a ticket, decide, or call Zendesk: whoever knocks is answered well under a second.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from integration import gate, wire
from integration.model import NotTrusted, NotUnderstood, TicketEvent, TryLater

log = logging.getLogger("attune.web")

# Zendesk keeps a trigger's payload under 256 KB; ours has three short values. Anything larger is not from our trigger.
LARGEST_BODY_BYTES = 256 * 1024
# A worker that was not heard of for this long counts as gone in /health.
WORKER_SILENCE = timedelta(seconds=30)

# On whatever says nothing stricter of itself, errors before any door among them: nothing to run, frame, sniff or keep.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Health(Protocol):
    """What /health asks of the store."""

    def check(self) -> None: ...
    def alive(self, since: datetime) -> Any: ...


def blueprint(
    *,
    secret: Callable[[], str],
    enqueue: Callable[[TicketEvent], None],
    health: Callable[[], Health],
    clock: Callable[[], datetime],
) -> Blueprint:
    """The routes, given who keeps the secret, who takes the event and who knows how things are."""
    doors = Blueprint("doors", __name__)

    @doors.post("/zendesk/events")
    def events() -> tuple[Response, int] | Response:
        request.max_content_length = LARGEST_BODY_BYTES
        try:
            body, headers = request.get_data(), dict(request.headers)
            key = secret()
            gate.check(headers, body, key, clock())
            event = wire.event(body, headers, clock())
            enqueue(event)
        except RequestEntityTooLarge:
            return _answer(413, "NotUnderstood", f"The body is larger than {LARGEST_BODY_BYTES} bytes.")
        except NotTrusted as refused:
            log.warning("refused a delivery: %s", refused)
            return _answer(401, "NotTrusted", str(refused))
        except NotUnderstood as unclear:
            log.warning("did not understand a delivery: %s", unclear)
            return _answer(400, "NotUnderstood", str(unclear))
        except TryLater as later:
            # Zendesk repeats 503 only with a Retry-After below a minute (zendesk-platform notes, section 1).
            log.error("cannot take a delivery: %s", later)
            return _answer(503, "TryLater", str(later), retry_after=max(5, min(30, int(later.after.total_seconds()))))
        log.info("ticket %d delivery %s kind %s queued", event.ticket_id, event.delivery_id, event.kind)
        return jsonify(accepted=event.delivery_id), 202

    @doors.get("/health")
    def how_are_we() -> tuple[Response, int]:
        parts = _parts(health(), clock())
        well = all(part == "well" for part in parts.values())
        return jsonify(status="well" if well else "not well", **parts), 200 if well else 503

    return doors


def harden(response: Response) -> Response:
    """Put on every answer what it does not say itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def fault(bug: Exception) -> Response | HTTPException:
    """Answer for a fault of ours, and log where it is: its text may repeat what somebody wrote, so it stays out."""
    if isinstance(bug, HTTPException):
        return bug
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(bug.__traceback__)))
    log.error("a fault of Attune's own: %s at %s", type(bug).__name__, places)
    return _answer(500, "Fault", "Something is wrong in Attune itself; its log says where.")


def _parts(health: Health, now: datetime) -> dict[str, str]:
    """Each part in plain words; `well` is the only good one."""
    try:
        health.check()
        workers = dict(health.alive(now - WORKER_SILENCE))
    except TryLater as trouble:
        return {"web": "well", "database": str(trouble), "worker": "not known", "zendesk": "not known"}
    if not workers:
        gone = f"no worker was heard of for {WORKER_SILENCE.seconds} s: start `flask worker`"
        return {"web": "well", "database": "well", "worker": gone, "zendesk": "not known: no worker looks"}
    troubles = sorted(trouble for trouble in workers.values() if trouble)
    return {"web": "well", "database": "well", "worker": "well", "zendesk": troubles[0] if troubles else "well"}


def _answer(status: int, error: str, description: str, retry_after: int | None = None) -> Response:
    answer = jsonify(error=error, description=description)
    answer.status_code = status
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
