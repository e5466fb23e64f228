"""Knows the addresses of a ticket's audits.
It must not know what is written into one: that is `sandbox.audits`."""

from __future__ import annotations

from flask import Blueprint, jsonify

from sandbox.api import here, tickets
from sandbox.errors import not_found

blueprint = Blueprint("audits", __name__, url_prefix="/api/v2/tickets/<int:ticket_id>/audits")


@blueprint.get("")
def index(ticket_id: int) -> here.Answer:
    """List a ticket's audits, oldest first."""
    here.agent()
    tickets.one(ticket_id)
    return jsonify(here.page("audits", "audit", here.state().find("audit", ticket_id=ticket_id)))


@blueprint.get("/<int:audit_id>")
def show(ticket_id: int, audit_id: int) -> here.Answer:
    """Show one audit."""
    here.agent()
    audit = here.one("audit", audit_id)
    if audit["ticket_id"] != ticket_id:
        raise not_found()
    return here.answer("audit", "audit", audit)
