"""Knows the addresses of webhooks, and what a webhook must be before it is stored.
It must not know how one is delivered: that is `sandbox.webhooks`."""

from __future__ import annotations

import base64
import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, jsonify, request

from sandbox.api import here
from sandbox.errors import ApiError, webhook_refused
from sandbox.shapes import iso
from sandbox.state import Doc
from sandbox.webhooks import FOR_TRIGGERS

blueprint = Blueprint("webhooks", __name__, url_prefix="/api/v2/webhooks")

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FORMATS = ("json", "xml", "form_encoded")
_REQUIRED = ("name", "endpoint", "http_method", "request_format", "status")
_WRITABLE = (*_REQUIRED, "description", "subscriptions", "authentication", "custom_headers")
_CREDENTIALS = {"basic_auth": ("username",), "bearer_token": ("token",), "api_key": ("name", "value")}
_SECRET_DATA = ("password", "token", "value")


@blueprint.get("")
def index() -> here.Answer:
    """List webhooks by cursor; `filter[name_contains]` and `filter[status]` narrow."""
    here.admin()
    wanted = request.args
    found = [
        hook
        for hook in here.state().list("webhook")
        if wanted.get("filter[name_contains]", "").lower() in hook["name"].lower()
        and wanted.get("filter[status]", hook["status"]) == hook["status"]
    ]
    key = wanted.get("sort", "").lstrip("-")
    if key in ("name", "status"):
        found.sort(key=lambda hook: str(hook[key]), reverse=wanted["sort"].startswith("-"))
    return jsonify(here.paged("webhooks", found, _shown, cursor_only=True))


@blueprint.post("")
def create() -> here.Answer:
    """Make a webhook, with a signing secret of its own."""
    here.admin()
    given = _body()
    missing = [(name, f"{name} is required") for name in _REQUIRED if not given.get(name)]
    if missing:
        raise webhook_refused(400, "InvalidInput", *missing)
    stamp, author = iso(here.now()), str(here.me()["id"])
    hook: Doc = {"id": None, "subscriptions": [], "created_at": stamp, "created_by": author}
    hook |= {"updated_at": stamp, "updated_by": author, "signing_secret": _new_secret()}
    hook |= {key: given[key] for key in _WRITABLE if key in given}
    return jsonify({"webhook": _shown(here.state().put("webhook", _checked(hook)))}), 201


@blueprint.post("/test")
def test() -> here.Answer:
    """Send one test request now: of a stored webhook (`?webhook_id=`), or of one not stored yet."""
    here.admin()
    given = here.body().get("request") or here.body().get("webhook") or {}
    stored = _one(request.args["webhook_id"]) if "webhook_id" in request.args else {}
    if not {**stored, **given}.get("endpoint"):
        raise webhook_refused(400, "InvalidInput", ("endpoint", "endpoint is required"))
    return jsonify(here.desk().engine.courier.test(stored, given))


@blueprint.get("/<webhook_id>")
def show(webhook_id: str) -> here.Answer:
    """Show a webhook, without its secrets."""
    here.admin()
    return jsonify({"webhook": _shown(_one(webhook_id))})


@blueprint.put("/<webhook_id>")
def update(webhook_id: str) -> here.Answer:
    """Replace a webhook; everything required must be there."""
    here.admin()
    given, hook = _body(), _one(webhook_id)
    missing = [(name, f"{name} is required") for name in _REQUIRED if not given.get(name)]
    if missing:
        raise webhook_refused(400, "InvalidInput", *missing)
    kept = {key: value for key, value in hook.items() if key not in ("authentication", "custom_headers", "description")}
    return _changed(hook, kept, given)


@blueprint.patch("/<webhook_id>")
def patch(webhook_id: str) -> here.Answer:
    """Change some of a webhook."""
    here.admin()
    hook = _one(webhook_id)
    return _changed(hook, hook, _body())


@blueprint.delete("/<webhook_id>")
def delete(webhook_id: str) -> here.Answer:
    """Remove a webhook that no active trigger names."""
    here.admin()
    _one(webhook_id)
    for trigger in here.state().list("trigger"):
        named = [a["value"][0] for a in trigger["actions"] if a["field"] == "notification_webhook"]
        if trigger["active"] and webhook_id in named:
            raise webhook_refused(400, "WebhookInUse", ("id", f"trigger {trigger['id']} uses this webhook"))
    here.state().delete("webhook", webhook_id)
    return "", 204


@blueprint.get("/<webhook_id>/signing_secret")
def signing_secret(webhook_id: str) -> here.Answer:
    """Reveal the signing secret."""
    here.admin()
    return jsonify({"signing_secret": _one(webhook_id)["signing_secret"]})


@blueprint.post("/<webhook_id>/signing_secret")
def reset_signing_secret(webhook_id: str) -> here.Answer:
    """Make a new signing secret; the old one signs nothing from now on."""
    here.admin()
    hook = here.state().put("webhook", _one(webhook_id) | {"signing_secret": _new_secret()})
    return jsonify({"signing_secret": hook["signing_secret"]}), 201


@blueprint.get("/<webhook_id>/invocations")
def invocations(webhook_id: str) -> here.Answer:
    """List the deliveries of the last days, newest first; `filter[status]`, `filter[from_ts]`, `filter[to_ts]`."""
    here.admin()
    _one(webhook_id)
    wanted = request.args
    found = [
        one
        for one in reversed(here.state().find("invocation", webhook_id=webhook_id))
        if wanted.get("filter[status]", one["status"]) == one["status"]
        and wanted.get("filter[from_ts]", "") <= one["created_at"] <= wanted.get("filter[to_ts]", "9999")
    ]
    return jsonify(here.paged("invocations", found, _invocation_shown, cursor_only=True))


@blueprint.get("/<webhook_id>/invocations/<invocation_id>/attempts")
def attempts(webhook_id: str, invocation_id: str) -> here.Answer:
    """List what was sent for one delivery and how it was answered."""
    here.admin()
    _one(webhook_id)
    found = here.state().find("attempt", invocation_id=invocation_id)
    return jsonify({"attempts": [here.shown("attempt", one) for one in found]})


def _body() -> Doc:
    try:
        return here.body("webhook")
    except ApiError:
        raise webhook_refused(400, "InvalidInput", ("webhook", "webhook is required")) from None


def _one(webhook_id: str) -> Doc:
    hook = here.state().get("webhook", webhook_id)
    if hook is None:
        raise webhook_refused(404, "WebhookNotFound")
    return hook


def _changed(hook: Doc, kept: Doc, given: Doc) -> here.Answer:
    if "subscriptions" in given and _for_triggers(given) is not _for_triggers(hook):
        raise webhook_refused(400, "InvalidInput", ("subscriptions", "the kind of a webhook cannot be changed"))
    changed = kept | {key: given[key] for key in _WRITABLE if key in given}
    stamp = {"updated_at": iso(here.now()), "updated_by": str(here.me()["id"])}
    here.state().put("webhook", _checked(changed | stamp))
    return "", 204


def _for_triggers(hook: Doc) -> bool:
    return FOR_TRIGGERS in (hook.get("subscriptions") or [])


def _checked(hook: Doc) -> Doc:
    faults = [*_wrong_choices(hook), *_wrong_subscriptions(hook), *_wrong_authentication(hook.get("authentication"))]
    address = urlsplit(str(hook["endpoint"]))
    if address.scheme not in ("http", "https") or not address.netloc:
        faults.append(("endpoint", "endpoint must be an http or https address"))
    headers = hook.get("custom_headers") or {}
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        faults.append(("custom_headers", "custom_headers must be an object of texts"))
    if faults:
        raise webhook_refused(400, "InvalidInput", *faults)
    return hook


def _wrong_choices(hook: Doc) -> list[tuple[str, str]]:
    choices = {"http_method": METHODS, "request_format": FORMATS, "status": ("active", "inactive")}
    return [
        (name, f"{name} must be one of {', '.join(words)}")
        for name, words in choices.items()
        if hook[name] not in words
    ]


def _wrong_subscriptions(hook: Doc) -> list[tuple[str, str]]:
    """Trigger webhooks and event webhooks exclude each other; event webhooks are POST with JSON."""
    wanted = hook["subscriptions"]
    if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
        return [("subscriptions", "subscriptions must be a list of texts")]
    events = [one for one in wanted if one.startswith("zen:event-type:")]
    if set(wanted) - set(events) - {FOR_TRIGGERS}:
        return [("subscriptions", "subscriptions holds an unknown event")]
    if events and FOR_TRIGGERS in wanted:
        return [("subscriptions", f"{FOR_TRIGGERS} cannot be combined with events")]
    if events and (hook["http_method"], hook["request_format"]) != ("POST", "json"):
        return [("http_method", "event webhooks must be POST and json")]
    return []


def _wrong_authentication(given: Any) -> list[tuple[str, str]]:
    if given is None:
        return []
    kind = given.get("type") if isinstance(given, dict) else None
    if kind not in _CREDENTIALS:
        return [("authentication", "authentication.type is not valid")]
    lacking = [name for name in _CREDENTIALS[kind] if not (given.get("data") or {}).get(name)]
    return [("authentication", f"authentication.data.{name} is required") for name in lacking]


def _invocation_shown(invocation: Doc) -> Doc:
    """One that is not done yet has no time of completion."""
    shown = here.shown("invocation", invocation)
    return {key: value for key, value in shown.items() if value is not None}


def _new_secret() -> Doc:
    return {"algorithm": "SHA256", "secret": base64.b64encode(secrets.token_bytes(32)).decode()}


def _shown(hook: Doc) -> Doc:
    """Without what signs or signs in: those are never shown again."""
    shown = {key: value for key, value in hook.items() if key != "signing_secret" and not key.startswith("_")}
    if shown.get("authentication"):
        given = shown["authentication"]
        data = {key: value for key, value in (given.get("data") or {}).items() if key not in _SECRET_DATA}
        shown["authentication"] = {**given, "data": data}
    return shown
