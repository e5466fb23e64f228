"""Knows the addresses of organizations: the companies whose people write.
It must not know who belongs to one: that stands on the user."""

from __future__ import annotations

from flask import Blueprint, jsonify

from sandbox.api import here
from sandbox.errors import record_invalid
from sandbox.shapes import iso
from sandbox.state import Doc

blueprint = Blueprint("organizations", __name__, url_prefix="/api/v2/organizations")

_WRITABLE = ("details", "domain_names", "external_id", "group_id", "name", "notes", "organization_fields", "tags")


@blueprint.get("")
def index() -> here.Answer:
    """List organizations."""
    here.staff()
    return jsonify(here.page("organizations", "organization", here.state().list("organization")))


@blueprint.post("")
def create() -> here.Answer:
    """Make an organization; admins only."""
    here.admin()
    blank: Doc = {"details": None, "domain_names": [], "external_id": None, "group_id": None, "name": "", "notes": None}
    blank |= {"organization_fields": {}, "shared_comments": False, "shared_tickets": False, "tags": []}
    made = _checked({"id": None, **blank, **_given(), "created_at": iso(here.now()), "updated_at": iso(here.now())})
    return here.answer("organization", "organization", here.state().put("organization", made), 201)


@blueprint.get("/<int:organization_id>")
def show(organization_id: int) -> here.Answer:
    """Show an organization."""
    here.staff()
    return here.answer("organization", "organization", here.one("organization", organization_id))


@blueprint.put("/<int:organization_id>")
def update(organization_id: int) -> here.Answer:
    """Change an organization; admins only."""
    here.admin()
    changed = here.one("organization", organization_id) | _given() | {"updated_at": iso(here.now())}
    return here.answer("organization", "organization", here.state().put("organization", _checked(changed)))


def _given() -> Doc:
    return {key: value for key, value in here.body("organization").items() if key in _WRITABLE}


def _checked(organization: Doc) -> Doc:
    name = str(organization["name"] or "").strip()
    if not name:
        raise record_invalid("name", "Name: cannot be blank", "BlankValue")
    same = here.state().find("organization", name=name)
    if any(other["id"] != organization["id"] for other in same):
        raise record_invalid("name", f"Name: {name} has already been taken", "DuplicateValue")
    return organization
