"""Knows who is who on the desk: users, their roles and groups, and how a requester is found or made.
It must not know tickets."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sandbox.errors import record_invalid
from sandbox.shapes import iso
from sandbox.state import State

Doc = dict[str, Any]

LIGHT_AGENT_ROLE_TYPE = 1
"""`role_type` of a light agent: https://developer.zendesk.com/api-reference/ticketing/users/users/#json-format"""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def is_staff(user: Doc) -> bool:
    """Agents and admins, light agents among them."""
    return bool(user["role"] != "end-user")


def is_light(user: Doc) -> bool:
    """Staff that may only read and comment privately."""
    return bool(user.get("role_type") == LIGHT_AGENT_ROLE_TYPE)


def may_be_assigned(user: Doc) -> bool:
    """Whether tickets can be given to this user."""
    return is_staff(user) and not is_light(user) and not user["suspended"] and bool(user["active"])


def is_robot(user: Doc) -> bool:
    """Whether a program writes as this user: the integration, or another maker's bot."""
    return user.get("_known_as") in ("integration", "bot")


def group_ids(state: State, user_id: int) -> list[int]:
    """The groups the user is in, the default group first."""
    memberships = state.find("group_membership", user_id=user_id)
    return [m["group_id"] for m in sorted(memberships, key=lambda m: not m["default"])]


def by_email(state: State, email: str) -> Doc | None:
    """The user with this address, or None."""
    found = state.find("user", email=email.strip().lower())
    return found[0] if found else None


def requester(state: State, given: Doc, now: datetime) -> Doc:
    """The user whom `{id}` or `{email, name}` means; an unknown address becomes a new end user. Raises 422."""
    if given.get("id") is not None:
        known = state.get("user", given["id"])
        if known is None:
            raise record_invalid("requester", "Requester is invalid.")
        return known
    email = str(given.get("email") or "").strip().lower()
    known = by_email(state, email) if email else None
    return known or add(state, {**given, "email": email or None, "role": "end-user"}, now)


def add(state: State, given: Doc, now: datetime) -> Doc:
    """Make a user. Raises 422 for a missing name, a bad address, or one that is taken."""
    with state.transaction():
        user = {**blank(now), **{key: value for key, value in given.items() if key in WRITABLE}}
        check(state, user)
        return state.put("user", user)


def check(state: State, user: Doc) -> None:
    """Raise 422 if this user breaks a rule."""
    if not str(user["name"] or "").strip():
        raise record_invalid("name", "Name: is too short (minimum is 1 characters)", "TooShort")
    if user["role"] not in ("end-user", "agent", "admin"):
        raise record_invalid("role", "Role is invalid")
    if user["email"] is None:
        return
    user["email"] = str(user["email"]).strip().lower()
    if not _EMAIL.fullmatch(user["email"]):
        raise record_invalid("email", f"Email: {user['email']} is not properly formatted")
    taken = by_email(state, user["email"])
    if taken is not None and taken["id"] != user.get("id"):
        raise record_invalid("email", f"Email: {user['email']} is already being used by another user", "DuplicateValue")


WRITABLE = frozenset(
    {
        "active",
        "alias",
        "custom_role_id",
        "default_group_id",
        "details",
        "email",
        "external_id",
        "locale",
        "locale_id",
        "moderator",
        "name",
        "notes",
        "only_private_comments",
        "organization_id",
        "phone",
        "restricted_agent",
        "role",
        "role_type",
        "signature",
        "suspended",
        "tags",
        "ticket_restriction",
        "time_zone",
        "user_fields",
        "verified",
    }
)
"""Keys of a user that a caller may set."""


def blank(now: datetime) -> Doc:
    """A user nobody has said anything about yet."""
    return {
        "id": None,
        "name": "",
        "email": None,
        "created_at": iso(now),
        "updated_at": iso(now),
        "time_zone": "UTC",
        "iana_time_zone": "Etc/UTC",
        "phone": None,
        "shared_phone_number": None,
        "photo": None,
        "locale_id": 1,
        "locale": "en-US",
        "organization_id": None,
        "role": "end-user",
        "verified": True,
        "external_id": None,
        "tags": [],
        "alias": "",
        "active": True,
        "shared": False,
        "shared_agent": False,
        "last_login_at": None,
        "two_factor_auth_enabled": None,
        "signature": None,
        "details": "",
        "notes": "",
        "role_type": None,
        "custom_role_id": None,
        "moderator": False,
        "ticket_restriction": None,
        "only_private_comments": False,
        "restricted_agent": False,
        "suspended": False,
        "default_group_id": None,
        "report_csv": False,
        "user_fields": {},
    }
