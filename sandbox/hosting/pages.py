"""Knows the addresses through which apps live on the desk: their files, their page, the ticket they see, the proxy.
It must not know what an app may ask for in its requests: that is `sandbox.hosting.proxy`."""

from __future__ import annotations

import re
import secrets
import uuid
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.test import Client
from werkzeug.wrappers import Response as Plain

from sandbox import auth, people
from sandbox.api.apps import app_file
from sandbox.api.here import Desk
from sandbox.hosting import objects, packages, sdk
from sandbox.hosting.installed import Installed, installed, shown_at
from sandbox.hosting.outward import Answer, NoAnswer, sent
from sandbox.hosting.proxy import NotProxied, Outgoing, prepared

Doc = dict[str, Any]

blueprint = Blueprint("hosting", "sandbox", url_prefix="/desk/apps", template_folder="templates")

APPS_NAME = "apps.localhost"
"""The name of this machine under which apps are served, and nothing else: so a browser keeps them apart from the desk,
as it does on Zendesk, where they have a domain of their own. Names below `localhost` lead to this machine in Chromium
and Firefox without being looked up."""

AGENT_COOKIE = "desk_agent"
"""Holds the id of the agent who sits at the desk; the desk's pages set it."""

SIDEBAR, BACKGROUND, NAV = "ticket_sidebar", "background", "nav_bar"

NO_SDK = (
    "Apps need Zendesk's app SDK, which is not here yet. Run `python -m sandbox sdk` once with a network, then load"
    " this page again. Everything else on the desk works."
)

_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost"})
_ON_APPS_NAME = frozenset({"hosting.asset", "hosting.sdk_script"})
_TOKEN = secrets.token_urlsafe(32)
"""Goes with every call of the proxy. A page from elsewhere cannot read it, so it cannot call."""
_TOKEN_LIFE_S = 60
"""For one call of the API in an agent's name; the token is deleted right after it."""


@blueprint.before_request
def guard() -> None:
    """Apps are served under their own name and the desk under its own, both to this machine alone."""
    if request.remote_addr not in ("127.0.0.1", "::1"):
        abort(403, "the desk answers on this machine only")
    if (_name() == APPS_NAME) is not (request.endpoint in _ON_APPS_NAME):
        abort(404)


@blueprint.before_app_request
def lead_to_the_one_address() -> ResponseReturnValue | None:
    """An account has one address, which apps put into what is signed: the other local name leads to it."""
    own = urlsplit(_desk().settings.public_url)
    elsewhere = _name() in _LOCAL_NAMES - {own.hostname} and own.hostname in _LOCAL_NAMES
    if request.method != "GET" or not elsewhere or not request.path.startswith("/desk") or own.port != _port():
        return None
    return redirect(own.geturl() + request.full_path.removesuffix("?"))


@blueprint.after_app_request
def let_frames_in(response: Response) -> Response:
    """Put into the policy of a page that shows apps that it may frame those, and nothing else."""
    if g.get("shows_apps"):
        policy = response.headers.get("Content-Security-Policy", "")
        kept = [part.strip() for part in policy.split(";") if part.strip() and not part.strip().startswith("frame-src")]
        response.headers["Content-Security-Policy"] = "; ".join([*kept, f"frame-src {_apps_origin()}"])
    return response


@blueprint.app_context_processor
def for_templates() -> Doc:
    """What templates use: `hosting.sidebar(ticket, agent)` and `hosting.nav()`."""
    return {"hosting": Hosting()}


class Hosting:
    """What the desk's templates may ask of the apps."""

    def sidebar(self, ticket: Doc, agent: Doc | None = None) -> Doc:
        """What `desk/apps.html` draws beside a ticket; without an `agent` the one whom the cookie names."""
        user = agent or signed_in()
        shown = [(one, SIDEBAR) for one in shown_at(_desk().state, SIDEBAR)]
        hidden = [(one, BACKGROUND) for one in shown_at(_desk().state, BACKGROUND)]
        return _hosted([*shown, *hidden], user, int(ticket["id"]))

    def nav(self) -> list[Doc]:
        """The menu entries of apps that have a page of their own: `title` and `href`."""
        found = shown_at(_desk().state, NAV)
        return [{"title": one.title, "href": url_for("hosting.nav_page", installation_id=one.id)} for one in found]


def signed_in() -> Doc:
    """The agent whom the cookie names, else the first one who may be given tickets."""
    everybody = [user for user in _desk().state.list("user") if people.is_staff(user)]
    staff = [user for user in everybody if _may_sit_here(user)] or everybody
    wanted = request.cookies.get(AGENT_COOKIE)
    first = next((user for user in staff if people.may_be_assigned(user)), staff[0])
    return next((user for user in staff if str(user["id"]) == wanted), first)


@blueprint.get("/nav/<int:installation_id>")
def nav_page(installation_id: int) -> ResponseReturnValue:
    """Show the page that an app has of its own."""
    app = _installed(installation_id)
    if app.page_at(NAV) is None:
        abort(404)
    page = render_template("desk/app_page.html", title=app.title, sidebar=_hosted([(app, NAV)], signed_in(), None))
    response = Response(page)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers |= {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return response


@blueprint.get("/tickets/<int:ticket_id>")
def ticket(ticket_id: int) -> ResponseReturnValue:
    """The ticket as apps get it, read anew."""
    found = _desk().state.get("ticket", ticket_id)
    if found is None or found["status"] == "deleted":
        abort(404)
    return jsonify(objects.ticket(_desk().state, found)), 200, {"Cache-Control": "no-store"}


@blueprint.post("/<int:installation_id>/request")
def proxied(installation_id: int) -> ResponseReturnValue:
    """Carry an app's request: to the desk's API in the agent's name, elsewhere with settings and token put in.

    The answer is always `{status, headers, body}`, of the host or of the proxy itself.
    """
    if not secrets.compare_digest(request.headers.get("X-CSRF-Token", "").encode(), _TOKEN.encode()):
        abort(403, "this page is from an earlier start of the sandbox: load it again")
    options = request.get_json(silent=True)
    if not isinstance(options, dict):
        abort(400, "the body must be a JSON object with the request's options")
    answer = _carried(options, _installed(installation_id))
    return jsonify({"status": answer.status, "headers": answer.headers, "body": answer.body})


@blueprint.get("/<int:installation_id>/assets/<path:path>")
def asset(installation_id: int, path: str) -> ResponseReturnValue:
    """One file of an app, out of the zip that was uploaded."""
    app = _installed(installation_id)
    package = _desk().state.get_file(app_file(app.app_id))
    found = packages.asset(package, path, url_for("hosting.sdk_script")) if package else None
    if found is None:
        abort(404)
    return _for_an_app(found.content, found.type)


@blueprint.get("/sdk.js")
def sdk_script() -> ResponseReturnValue:
    """Zendesk's app SDK, from the copy on this machine."""
    script = sdk.script(_desk().settings.sdk_folder)
    if script is None:
        abort(404, NO_SDK)
    return _for_an_app(script, packages.TYPES[".js"])


def _hosted(places: list[tuple[Installed, str]], user: Doc, ticket_id: int | None) -> Doc:
    """What the template and its script need to bring frames up; `missing` says why there are none."""
    at, g.shows_apps = _desk(), True
    here = sdk.script(at.settings.sdk_folder) is not None
    frames = [_frame(app, location, user, ticket_id) for app, location in places] if here else []
    known = {
        "token": _TOKEN,
        "appsOrigin": _apps_origin(),
        "ticketId": ticket_id,
        "currentUser": objects.current_user(at.state, user),
        "currentAccount": objects.account(at.settings),
        "frames": [{key: one[key] for key in ("guid", "installationId", "context", "metadata")} for one in frames],
    }
    return {"frames": frames, "missing": NO_SDK if places and not here else "", "known": known}


def _frame(app: Installed, location: str, user: Doc, ticket_id: int | None) -> Doc:
    guid = str(uuid.uuid4())
    query = urlencode({"origin": request.host_url.rstrip("/"), "app_guid": guid})
    path = f"/desk/apps/{app.id}/{app.page_at(location)}"
    context: Doc = {"instanceGuid": guid, "product": "support", "location": location}
    context |= {"account": {"subdomain": _desk().settings.subdomain}, "currentUser": {"id": user["id"]}}
    metadata = {"appId": app.app_id, "installationId": app.id, "name": app.title, "version": app.version}
    return {
        "guid": guid,
        "installationId": app.id,
        "title": app.title,
        "hidden": location == BACKGROUND,
        "src": f"{_apps_origin()}{path}{'&' if '?' in path else '?'}{query}",
        "context": context | ({"ticketId": ticket_id} if ticket_id else {}),
        "metadata": metadata | {"settings": app.open_settings},
    }


def _carried(options: Doc, app: Installed) -> Answer:
    try:
        outgoing = prepared(options, app, request.host_url.rstrip("/"), _desk().clock())
        return sent(outgoing, _port() or 80) if outgoing.parts.netloc else _asked_as(signed_in(), outgoing)
    except NotProxied as error:
        return _refusal(400, "Proxy error: Invalid request", str(error))
    except NoAnswer as error:
        return _refusal(error.status, "Proxy error: No answer", str(error))


def _asked_as(user: Doc, outgoing: Outgoing) -> Answer:
    """The desk's API, asked inside this process with a token of the agent's that lives for this one call."""
    at = _desk()
    token = auth.mint(at.state, user["id"], scope="read write", life_s=_TOKEN_LIFE_S, now=at.clock())
    headers = {name: value for name, value in outgoing.headers.items() if name.lower() != "authorization"}
    try:
        response = Client(current_app, Plain).open(
            path=outgoing.parts.path,
            query_string=outgoing.parts.query,
            method=outgoing.method,
            base_url=request.host_url,
            headers={**headers, "Authorization": f"Bearer {token}"},
            data=outgoing.body,
        )
    finally:
        at.state.delete("token", token)
    return Answer(status=response.status_code, headers=dict(response.headers), body=response.get_data(as_text=True))


def _refusal(status: int, error: str, description: str) -> Answer:
    body = jsonify({"error": error, "description": description}).get_data(as_text=True)
    return Answer(status=status, headers={"Content-Type": "application/json"}, body=body)


def _for_an_app(content: bytes, kind: str) -> Response:
    """A file with the policy under which apps run: nothing from elsewhere, and framed by this desk alone."""
    response = Response(content, content_type=kind)
    names = [f"http://{name}{f':{_port()}' if _port() else ''}" for name in sorted(_LOCAL_NAMES)]
    desk = " ".join(dict.fromkeys([*names, _desk().settings.public_url]))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
        f" connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors {desk}"
    )
    response.headers |= {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _installed(installation_id: int) -> Installed:
    return installed(_desk().state, installation_id) or abort(404)


def _may_sit_here(user: Doc) -> bool:
    return bool(user["active"]) and not user["suspended"] and not people.is_robot(user)


def _apps_origin() -> str:
    return f"http://{APPS_NAME}" + (f":{_port()}" if _port() else "")


def _port() -> int | None:
    return urlsplit(request.host_url).port


def _name() -> str:
    return re.sub(r":\d+$", "", request.host)


def _desk() -> Desk:
    return cast(Desk, current_app.extensions["sandbox"])
