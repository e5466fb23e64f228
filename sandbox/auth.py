"""Knows bearer tokens: how one is given for a client's secret, how long it lives, and what its scope lets it do.
It must not know HTTP; the time comes in."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from sandbox.errors import ApiError, bad_request, forbidden, invalid_token
from sandbox.settings import SandboxSettings
from sandbox.shapes import iso, parse
from sandbox.state import State

Doc = dict[str, Any]

SHORTEST_LIFE_S, LONGEST_LIFE_S = 300, 172_800
"""https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/"""

READY_TOKEN_SCOPE = "read write"  # noqa: S105 - a scope, not a secret
_SCOPE = re.compile(
    r"(read|write|impersonate|(tickets|users|auditlogs|organizations|hc|apps|triggers|automations|targets|webhooks)"
    r":(read|write))"
)
# The first part of a path whose scope has another name than the part itself.
_RESOURCE = {"help_center": "hc", "trigger_categories": "triggers", "ticket_audits": "auditlogs"}


def grant(state: State, settings: SandboxSettings, asked: Doc, now: datetime) -> Doc:
    """The answer to `POST /oauth/tokens` for the client credentials grant. Raises 400 or 401.

    A scope that is not a text of known words gives a token all the same; every request with it is then forbidden.
    """
    if asked.get("grant_type") != "client_credentials":
        raise _refused(400, "unsupported_grant_type", "The authorization grant type is not supported.")
    given = (str(asked.get("client_id")), str(asked.get("client_secret")))
    if not all(map(secrets.compare_digest, given, (settings.client_id, settings.client_secret))):
        raise _refused(401, "invalid_client", "Client authentication failed due to unknown client.")
    life_s = asked.get("expires_in", settings.token_life_s)
    if not isinstance(life_s, int) or not SHORTEST_LIFE_S <= life_s <= LONGEST_LIFE_S:
        raise bad_request("InvalidParameter", f"expires_in must be from {SHORTEST_LIFE_S} to {LONGEST_LIFE_S}")
    token = mint(state, integration_user(state)["id"], scope=asked.get("scope"), life_s=life_s, now=now)
    return {"access_token": token, "token_type": "bearer", "scope": asked.get("scope"), "expires_in": life_s}


def mint(state: State, user_id: int, *, scope: object, life_s: int | None, now: datetime) -> str:
    """Store a new token of a user; one without a life never ends."""
    token = secrets.token_hex(32)
    ends = None if life_s is None else iso(now + timedelta(seconds=life_s))
    state.put("token", {"id": token, "user_id": user_id, "scope": scope, "expires_at": ends})
    return token


def revoke_all(state: State) -> int:
    """Make every granted token worthless; returns how many there were. The ready token is a setting and stays."""
    with state.transaction():
        tokens = state.list("token")
        for token in tokens:
            state.delete("token", token["id"])
    return len(tokens)


def who(state: State, settings: SandboxSettings, token: str, now: datetime) -> tuple[Doc, object]:
    """The user and the scope of a bearer token. Raises 401 for one that is unknown, ended or revoked."""
    if settings.ready_token and secrets.compare_digest(token.encode(), settings.ready_token.encode()):
        return integration_user(state), READY_TOKEN_SCOPE
    known = state.get("token", token)
    if known is None or (known["expires_at"] is not None and parse(known["expires_at"]) <= now):
        raise invalid_token()
    user = state.get("user", known["user_id"])
    if user is None or not user["active"] or user["suspended"]:
        raise invalid_token()
    return user, known["scope"]


def check_scope(scope: object, method: str, path: str) -> None:
    """Raise 403 unless the scope covers this request; `path` begins with `/api/v2/`."""
    words = scope.split() if isinstance(scope, str) else []
    if not words or not all(_SCOPE.fullmatch(word) for word in words):
        raise forbidden()
    need = "read" if method in ("GET", "HEAD") else "write"
    part = path.removeprefix("/api/v2/").split("/")[0]
    if need not in words and f"{_RESOURCE.get(part, part)}:{need}" not in words:
        raise forbidden()


def integration_user(state: State) -> Doc:
    """The user whom the OAuth client acts as. Raises LookupError on a desk that was not seeded."""
    known = state.get("setting", "people")
    found = state.get("user", known["integration"]) if known else None
    if found is None:
        raise LookupError("the desk has no integration user: it was not seeded")
    return found


def _refused(status: int, error: str, description: str) -> ApiError:
    return ApiError(status, {"error": error, "error_description": description})
