"""Knows what every page of the desk shares: who is let in, which agent somebody is, the frame, and how a no is told.
It must not know what stands on a page."""

from __future__ import annotations

import ipaddress
import secrets
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from sandbox import display, people
from sandbox.errors import ApiError

if TYPE_CHECKING:
    from sandbox.api.here import Desk

Doc = dict[str, Any]

blueprint = Blueprint("desk", "sandbox", url_prefix="/desk", template_folder="templates", static_folder="static")

AGENT_COOKIE = "desk_agent"
"""Holds the user id of the agent that this browser is. There is no secret in it: the desk has no sign-in."""

CSRF = secrets.token_urlsafe(32)
"""Stands in every form of this process. A page from elsewhere cannot read it, so it cannot post."""

# Nothing but our own style sheets and scripts, and frames for apps, which are served on this machine; nobody may frame
# a page or post it elsewhere.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " frame-src 'self' http://localhost:* http://127.0.0.1:*; base-uri 'none'; frame-ancestors 'none'"
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
    names = {"localhost", _host(here().settings.public_url)}
    name = _host(f"//{request.host}")
    if not _is_loopback(request.remote_addr) or not (name in names or _is_loopback(name)):
        abort(403, "the desk answers on this machine only")  # the name is checked against DNS rebinding
    if request.method == "POST" and not secrets.compare_digest(request.form.get("csrf", "").encode(), CSRF.encode()):
        abort(400, "This form is from an earlier start of the sandbox: load the page again.")
    g.user = signed_in()  # what the API's own functions ask for when they ask who is there


@blueprint.after_request
def harden(response: Response) -> Response:
    """Set the headers that every page has; style sheets and scripts may be kept by the browser."""
    response.headers.update(_HEADERS)
    if request.endpoint == "desk.static":
        response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.errorhandler(ApiError)
def refused(error: ApiError) -> ResponseReturnValue:
    """Tell what a rule of the record said no to."""
    said = words_of(error.body)
    if wants_json():
        return jsonify({"error": said}), error.status
    return page("refused.html", status=error.status, said=said), error.status


@blueprint.errorhandler(HTTPException)
def failed(error: HTTPException) -> ResponseReturnValue:
    """Tell a script in JSON what went wrong; a person gets the plain page."""
    return (jsonify({"error": error.description}), error.code or 500) if wants_json() else error


@blueprint.context_processor
def shown_everywhere() -> Doc:
    """What every page can use."""
    return {
        "csrf": CSRF,
        "clock_text": display.clock_text,
        "channels": display.CHANNELS,
        "role": role,
        "initials": display.initials,
        "me": g.get("user"),
        "agents": agents(),
    }


@blueprint.post("/agent")
def be() -> ResponseReturnValue:
    """Be another agent from now on, in this browser."""
    wanted = request.form.get("agent", "")
    if wanted not in {str(one["id"]) for one in agents()}:
        abort(400, "No such agent.")
    back = request.form.get("back", "")
    answer = redirect(back if back.startswith("/desk/") else url_for("desk.tickets"), 303)
    answer.set_cookie(AGENT_COOKIE, wanted, path="/desk", httponly=True, samesite="Lax")
    return answer


def page(name: str, **shown: Any) -> str:
    """Draw a page of the desk."""
    return render_template(f"desk/{name}", **shown)


def here() -> Desk:
    """The desk that this request came to."""
    return cast("Desk", current_app.extensions["sandbox"])


def signed_in() -> Doc:
    """The agent whom this browser's cookie names, else the first one."""
    everybody = agents()
    wanted = request.cookies.get(AGENT_COOKIE)
    return next((user for user in everybody if str(user["id"]) == wanted), everybody[0])


def agents() -> list[Doc]:
    """The people who work at this desk, light agents among them: active staff that is no program."""
    staff = [user for user in here().state.list("user") if people.is_staff(user)]
    able = [user for user in staff if user["active"] and not user["suspended"]]
    return [user for user in able if not people.is_robot(user)] or staff


def role(user: Doc) -> str:
    """What an agent is on this desk, in words."""
    if people.is_light(user):
        return "Light agent"
    return "Admin" if user["role"] == "admin" else "Agent"


def live_ticket(ticket_id: int) -> Doc:
    """The ticket; 404 for one that is deleted or was never there."""
    found = here().state.get("ticket", ticket_id)
    if found is None or found["status"] == "deleted":
        abort(404, "There is no such ticket.")
    return found


def wants_json() -> bool:
    """Whether a script asks, which shows the answer on the page that is open."""
    return request.accept_mimetypes.best == "application/json"


def words_of(body: Doc) -> str:
    """The sentences in a refusal, whichever of Zendesk's shapes it has."""
    details = body.get("details")
    if isinstance(details, dict):
        return " ".join(str(one.get("description", "")) for each in details.values() for one in each)
    error = body.get("error")
    return str(error.get("message") if isinstance(error, dict) else body.get("description") or error)


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _is_loopback(name: str | None) -> bool:
    try:
        return ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return False
