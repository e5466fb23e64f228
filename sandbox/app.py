"""Knows how a desk is put together and served: parts joined, every request signed in, limited, counted and answered.
It must not know any one resource, nor how anything is stored."""

from __future__ import annotations

import ipaddress
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox import auth, customers
from sandbox.api.families import BLUEPRINTS, PUBLIC
from sandbox.api.here import Desk
from sandbox.calls import Calls
from sandbox.desk import blueprint as pages
from sandbox.engine import Engine
from sandbox.errors import ApiError, not_authenticated
from sandbox.faults import FaultAnswer
from sandbox.hosting import APPS_NAME
from sandbox.hosting import blueprint as apps
from sandbox.seed import seed
from sandbox.settings import SandboxSettings
from sandbox.shapes import show_ticket
from sandbox.state import State
from sandbox.streaming import Stream, samples
from sandbox.tickets import SYSTEM, Tickets

API, OAUTH, CONTROL = "/api/v2/", "/oauth/", "/sandbox/"

# What the limits call an endpoint; all others count towards the account alone.
LIMITED = {
    "tickets.update": "tickets_update",
    "tickets.index": "tickets_index",
    "incremental.tickets": "incremental",
    "incremental.ticket_events": "incremental",
    "incremental.users": "incremental",
    "search.export": "search_export",
    "views.execute": "views_execute",
    "views.tickets": "views_execute",
    "views.count": "views_execute",
    "ticket_fields.put_option": "field_options_write",
}


def utc_now() -> datetime:
    """The time, aware and UTC."""
    return datetime.now(UTC)


def create_app(settings: SandboxSettings, *, clock: Callable[[], datetime] = utc_now) -> Flask:
    """A desk, seeded and ready for requests. Its `Desk` is `app.extensions["sandbox"]`; start and stop its engine.

    Webhooks are delivered only once `engine.start()` was called; `serve` and `running` do.
    """
    app = Flask("sandbox")
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it, its base class has not
    app.url_map.strict_slashes = False
    state = State(settings.db_path)
    seed(state, settings, clock())
    engine = Engine(state, settings)
    tickets = Tickets(state, settings, engine.ticket_changed)
    engine.update_ticket = _for_triggers(state, settings, tickets, clock)
    stream = Stream(samples(), lambda row: customers.write(desk, row))
    desk = Desk(
        state=state, settings=settings, engine=engine, tickets=tickets, calls=Calls(), stream=stream, clock=clock
    )
    app.extensions["sandbox"] = desk
    for blueprint in (*BLUEPRINTS, pages, apps):
        app.register_blueprint(blueprint)
    _guard(app, desk)
    _refuse_in_json(app)
    app.wsgi_app = _WithoutSuffix(app.wsgi_app)  # type: ignore[method-assign] # Flask's documented way to wrap
    return app


def serve(settings: SandboxSettings, port: int, host: str = "127.0.0.1") -> None:
    """Serve a desk until interrupted; what is stored stays for the next start."""
    with running(settings, port=port, host=host) as server:
        server.thread.join()


class Running:
    """A desk that is being served: its address, its `Desk` and its thread."""

    def __init__(self, app: Flask, server: BaseWSGIServer) -> None:
        self.app = app
        self.desk: Desk = app.extensions["sandbox"]
        self.url = self.desk.settings.public_url
        self.thread = threading.Thread(target=server.serve_forever, name="sandbox", daemon=True)


@contextmanager
def running(settings: SandboxSettings, *, port: int = 0, host: str = "127.0.0.1") -> Iterator[Running]:
    """Serve a desk in a thread for as long as the context lasts; port 0 takes a free one."""
    server = make_server(host, port, _not_ready, threaded=True, request_handler=_Handler)
    app = create_app(replace(settings, public_url=f"http://{host}:{server.server_port}"))
    server.app = app
    desk: Desk = app.extensions["sandbox"]
    desk.engine.start()
    served = Running(app, server)
    served.thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        served.thread.join()
        server.server_close()
        desk.stream.stop()
        desk.engine.stop()
        desk.state.close()


class _Handler(WSGIRequestHandler):
    """An answer's head and body leave at once: else each answer may wait 40 ms for an acknowledgement."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: calls are counted, not printed."""


class _WithoutSuffix:
    """Takes `.json` off API paths. The webhook API never had the suffix and answers 404 to it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        if path.startswith(API) and path.endswith(".json") and not path.startswith(API + "webhooks"):
            environ["PATH_INFO"] = path.removesuffix(".json")
        return self._app(environ, start_response)


def _guard(app: Flask, desk: Desk) -> None:
    """Put the checks before, and the headers after, every request."""

    @app.before_request
    def before() -> Response | None:
        request.get_data(cache=True)  # a body left unread resets the connection before the answer arrives
        g.limit_headers = {}
        if not _is_named_locally(desk):
            return _forbidden()
        if request.path.startswith(CONTROL):
            return _only_loopback()
        if request.path.startswith((API, OAUTH)):
            if fault := desk.engine.faults.before_request(request.method, request.path):
                return _fault(fault)
            return _admit(desk)
        return None

    @app.after_request
    def after(response: Response) -> Response:
        if not request.path.startswith((API, OAUTH)):
            return response
        pattern = request.url_rule.rule if request.url_rule else "unknown path"
        desk.calls.add(request.method, pattern, response.status_code, desk.clock())
        if fault := desk.engine.faults.after_request(request.method, request.path):
            response = _fault(fault)
        response.headers.update(g.get("limit_headers", {}))
        response.headers["X-Request-Id"] = secrets.token_hex(8)
        return response


def _refuse_in_json(app: Flask) -> None:
    """Give every refusal of the API a JSON body; the desk's pages keep their own."""

    @app.errorhandler(ApiError)
    def refused(error: ApiError) -> Response:
        response = jsonify(error.body)
        response.status_code = error.status
        response.headers.update(error.headers)
        return response

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> Response | HTTPException:
        if not request.path.startswith((API, OAUTH, CONTROL)):
            return error
        name = "InvalidEndpoint" if error.code == 404 else (error.name or "Error").replace(" ", "")
        response = jsonify({"error": name, "description": "Not found" if error.code == 404 else error.description})
        response.status_code = error.code or 500
        return response


def _admit(desk: Desk) -> Response | None:
    """Sign the caller in, count the request against the limits, and look at the token's scope: in Zendesk's order."""
    if request.path.startswith(OAUTH):
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        if request.endpoint in PUBLIC:
            return None
        raise not_authenticated()
    g.user, scope = auth.who(desk.state, desk.settings, token.strip(), desk.clock())
    path_ids = request.view_args or {}
    verdict = desk.engine.limits.take(
        LIMITED.get(request.endpoint or "", ""), g.user["id"], path_ids.get("ticket_id") or path_ids.get("view_id")
    )
    g.limit_headers = verdict.headers
    if verdict.retry_after is not None:
        return Response(verdict.body, status=429, content_type=verdict.content_type)
    auth.check_scope(scope, request.method, request.path)
    return None


def _only_loopback() -> Response | None:
    """The control plane is for whoever sits at this machine, and not for web pages that their browser shows."""
    caller = ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - an unknown caller is refused
    origin = request.headers.get("Origin")
    if caller.is_loopback and _is_local(f"//{request.host}") and (origin is None or _is_local(origin)):
        return None
    return _forbidden()


def _is_named_locally(desk: Desk) -> bool:
    """Whether the caller knows this desk by a name of its own.

    The client secret is public, so a page whose name was bent to lead here (DNS rebinding) could otherwise sign in.
    """
    name = _name(f"//{request.host}")
    if name == APPS_NAME:  # of all that is served, the files of apps alone
        return request.blueprint == apps.name
    return _is_local(f"//{request.host}") or name == _name(desk.settings.public_url) != ""


def _forbidden() -> Response:
    response = jsonify({"error": "Forbidden", "description": "loopback only"})
    response.status_code = 403
    return response


def _is_local(address: str) -> bool:
    name = _name(address)
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _name(address: str) -> str:
    """The host of an address; empty where it has none or is no address."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _fault(fault: FaultAnswer) -> Response:
    response = Response(fault.text, content_type="text/plain; charset=utf-8") if fault.text else jsonify(fault.body)
    response.status_code = fault.status
    response.headers.update(fault.headers)
    return response


def _for_triggers(
    state: State, settings: SandboxSettings, tickets: Tickets, clock: Callable[[], datetime]
) -> Callable[[int, dict[str, Any], Any], dict[str, Any]]:
    """The function through which triggers change tickets: their events join the audit that made them fire."""

    def update(ticket_id: int, body: dict[str, Any], trigger: Any) -> dict[str, Any]:
        audits = state.find("audit", ticket_id=ticket_id)
        rule = {"id": trigger["id"], "title": trigger["title"]}
        try:
            written = tickets.update(
                ticket_id, body, actor=SYSTEM, channel="rule", now=clock(), rule=rule, audit_id=audits[-1]["id"]
            )
            ticket = written.ticket
        except ApiError:  # a rule of the record stands above a trigger: the ticket stays as it is
            ticket = state.get("ticket", ticket_id) or {}
        return show_ticket(ticket, state.list("ticket_field"), settings.public_url)

    return update


def _not_ready(environ: dict[str, Any], start_response: Any) -> list[bytes]:  # noqa: ARG001 - WSGI's signature
    start_response("503 Service Unavailable", [("Retry-After", "1")])
    return [b""]
