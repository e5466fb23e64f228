"""Knows the addresses through which an app is uploaded and installed.
It must not know what an app does: the zip is kept as it came, for the desk to serve."""

from __future__ import annotations

import io
import json
import secrets
import zipfile

from flask import Blueprint, jsonify, request

from sandbox.api import here
from sandbox.errors import ApiError, record_invalid
from sandbox.shapes import iso
from sandbox.state import Doc

blueprint = Blueprint("apps", __name__, url_prefix="/api/v2/apps")


@blueprint.post("/uploads")
def upload() -> here.Answer:
    """Take an app's zip, sent as the form file `uploaded_data`; `manifest.json` must be at its root."""
    here.admin()
    sent = request.files.get("uploaded_data")
    if sent is None:
        raise record_invalid("uploaded_data", "uploaded_data is missing", "BlankValue")
    content = sent.read()
    manifest = _manifest(content)
    kept = here.state().put("upload", {"id": None, "manifest": manifest, "created_at": iso(here.now())})
    here.state().put_file(_upload_file(kept["id"]), content)
    return jsonify({"id": kept["id"]}), 201


@blueprint.post("")
def create() -> here.Answer:
    """Make an app of an upload; a job says when it is there."""
    here.admin()
    app_id = here.state().next_id("app")
    return _build(app_id, {"id": app_id, "created_at": iso(here.now()), "state": "published", "visibility": "private"})


@blueprint.put("/<int:app_id>")
def update(app_id: int) -> here.Answer:
    """Put a new upload in an app's place; its installations stay."""
    here.admin()
    return _build(app_id, here.one("app", app_id))


@blueprint.get("/owned")
@blueprint.get("", endpoint="index")
def owned() -> here.Answer:
    """List the account's own apps."""
    here.staff()
    return jsonify({"apps": [_app_shown(app) for app in here.state().list("app")]})


@blueprint.get("/<int:app_id>")
def show(app_id: int) -> here.Answer:
    """Show an app."""
    here.staff()
    return jsonify(_app_shown(here.one("app", app_id)))


@blueprint.delete("/<int:app_id>")
def delete(app_id: int) -> here.Answer:
    """Remove an app and its installations."""
    here.admin()
    here.one("app", app_id)
    for installation in here.state().find("app_installation", app_id=app_id):
        here.state().delete("app_installation", installation["id"])
    here.state().delete("app", app_id)
    return "", 204


@blueprint.get("/job_statuses/<job_id>")
def job(job_id: str) -> here.Answer:
    """Show how the making of an app went."""
    here.admin()
    return jsonify(here.one("app_job", job_id))


@blueprint.post("/installations")
def install() -> here.Answer:
    """Install an app with its settings. Raises 422 where a required one is missing."""
    here.admin()
    given, stamp = here.body(), iso(here.now())
    app = here.state().get("app", given.get("app_id"))
    if app is None:
        raise record_invalid("app_id", "App is invalid")
    settings = _settings(app, given.get("settings"))
    installation = {
        "id": None,
        "app_id": app["id"],
        "product": "support",
        "settings": settings,
        "enabled": bool(given.get("enabled", True)),
        "created_at": stamp,
        "updated_at": stamp,
        "requirements": [],
    }
    return jsonify(_installation_shown(here.state().put("app_installation", installation))), 201


@blueprint.get("/installations")
def installations() -> here.Answer:
    """List installations."""
    here.staff()
    return jsonify({"installations": [_installation_shown(one) for one in here.state().list("app_installation")]})


@blueprint.get("/installations/<int:installation_id>")
def show_installation(installation_id: int) -> here.Answer:
    """Show an installation, without secure settings."""
    here.staff()
    return jsonify(_installation_shown(here.one("app_installation", installation_id)))


@blueprint.put("/installations/<int:installation_id>")
def update_installation(installation_id: int) -> here.Answer:
    """Change an installation's settings, or switch it on or off."""
    here.admin()
    given, installation = here.body(), here.one("app_installation", installation_id)
    app = here.one("app", installation["app_id"])
    merged = {**installation["settings"], **(given.get("settings") or {})}
    installation |= {"settings": _settings(app, merged), "updated_at": iso(here.now())}
    installation["enabled"] = bool(given.get("enabled", installation["enabled"]))
    return jsonify(_installation_shown(here.state().put("app_installation", installation)))


@blueprint.delete("/installations/<int:installation_id>")
def uninstall(installation_id: int) -> here.Answer:
    """Remove an installation."""
    here.admin()
    here.one("app_installation", installation_id)
    here.state().delete("app_installation", installation_id)
    return "", 204


def app_file(app_id: int) -> str:
    """The name under which `State.get_file` gives an app's zip."""
    return f"app/{app_id}.zip"


def _upload_file(upload_id: int) -> str:
    return f"upload/{upload_id}.zip"


def _manifest(content: bytes) -> Doc:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            manifest = json.loads(archive.read("manifest.json"))
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise record_invalid("uploaded_data", "The zip has no readable manifest.json at its root") from None
    if not isinstance(manifest, dict) or "location" not in manifest:
        raise record_invalid("uploaded_data", "manifest.json names no location")
    return manifest


def _build(app_id: int, app: Doc) -> here.Answer:
    given, state = here.body(), here.state()
    kept = state.get("upload", given.get("upload_id"))
    content = state.get_file(_upload_file(kept["id"])) if kept else None
    if kept is None or content is None:
        raise record_invalid("upload_id", "Upload is invalid")
    manifest = kept["manifest"]
    name = given.get("name") or app.get("name") or manifest.get("name") or "App"
    app |= {"name": name, "short_description": given.get("short_description", ""), "updated_at": iso(here.now())}
    app |= {"manifest": manifest, "version": manifest.get("version"), "framework_version": "2.0"}
    job_id = secrets.token_hex(12)
    with state.transaction():
        state.put("app", app)
        state.put_file(app_file(app_id), content)
        done = {"status": "completed", "message": None, "progress": 100, "app_id": app_id}
        state.put("app_job", {"id": job_id, "job_id": job_id, **done})
    return jsonify({"job_id": job_id}), 202


def _settings(app: Doc, given: object) -> Doc:
    """Settings by name, with the manifest's defaults; `name` and `title` are the installation's own."""
    if not isinstance(given, dict):
        raise ApiError(400, {"error": "BadRequest", "description": "settings must be an object"})
    parameters = app["manifest"].get("parameters") or []
    known = {parameter["name"]: parameter for parameter in parameters}
    settings = {name: parameter.get("default") for name, parameter in known.items()}
    settings |= {name: value for name, value in given.items() if name in known or name in ("name", "title")}
    for name, parameter in known.items():
        if parameter.get("required") and settings[name] in (None, ""):
            raise record_invalid(name, f"{name} cannot be blank", "BlankValue")
    return settings


def _app_shown(app: Doc) -> Doc:
    shown = {key: value for key, value in app.items() if key != "manifest"}
    return shown | {"owner_id": 1, "parameters": app["manifest"].get("parameters") or [], "installable": True}


def _installation_shown(installation: Doc) -> Doc:
    app = here.one("app", installation["app_id"])
    secure = {p["name"] for p in app["manifest"].get("parameters") or [] if p.get("secure")}
    open_settings = {name: value for name, value in installation["settings"].items() if name not in secure}
    listed = [{"name": name, "value": value} for name, value in open_settings.items()]
    return here.shown("app_installation", installation) | {"settings": open_settings, "settings_objects": listed}
