"""Knows the address where tokens are given.
It must not know what makes a token valid: that is `sandbox.auth`."""

from __future__ import annotations

from flask import Blueprint, jsonify, request

from sandbox import auth
from sandbox.api import here
from sandbox.state import Doc

blueprint = Blueprint("oauth", __name__)


@blueprint.post("/oauth/tokens")
def token() -> here.Answer:
    """Give a token for client credentials, sent as JSON or as a form."""
    asked: Doc = here.body() if request.is_json else dict(request.form)
    if isinstance(asked.get("expires_in"), str) and asked["expires_in"].isdigit():
        asked["expires_in"] = int(asked["expires_in"])
    desk = here.desk()
    return jsonify(auth.grant(desk.state, desk.settings, asked, here.now())), 201
