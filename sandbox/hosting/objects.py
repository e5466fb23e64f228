"""Knows the objects that an app gets of a desk, by the names of Zendesk's client API: ticket, current user, account.
It must not know frames or messages, nor change anything."""

from __future__ import annotations

from typing import Any

from sandbox.fields import tag_list
from sandbox.settings import SandboxSettings
from sandbox.shapes import SYSTEM_TYPES
from sandbox.state import State

Doc = dict[str, Any]

PLAN = "Sandbox"
"""What `currentAccount.planName` says here; on an account it is the plan that was bought."""

_CHANNELS = {"native_messaging": "messaging"}


def account(settings: SandboxSettings) -> Doc:
    """`currentAccount`: https://developer.zendesk.com/api-reference/apps/apps-support-api/all_locations/"""
    return {"subdomain": settings.subdomain, "planName": PLAN, "timeFormat": "24h"}


def current_user(state: State, user: Doc) -> Doc:
    """`currentUser`: who is signed in."""
    memberships = [one["group_id"] for one in state.find("group_membership", user_id=user["id"])]
    groups = [{"id": one["id"], "name": one["name"]} for one in state.many("group", memberships)]
    return person(user) | {"timeZone": {"name": user["time_zone"]}, "tags": user["tags"], "groups": groups}


def person(user: Doc) -> Doc:
    """A user as others see them."""
    return {
        "id": user["id"],
        "name": user["name"],
        "email": user["email"],
        "role": user["role"],
        "locale": user["locale"],
        "externalId": user["external_id"],
        "avatarUrl": "",
    }


def ticket(state: State, found: Doc) -> Doc:
    """`ticket`, with what was said in both of the ways that apps know: `comments` and `conversation`."""
    comments = state.find("comment", ticket_id=found["id"])
    known = [found["requester_id"], found["assignee_id"], *(comment["author_id"] for comment in comments)]
    users = {user["id"]: user for user in state.many("user", [one for one in known if one is not None])}
    group = state.get("group", found["group_id"]) if found["group_id"] else None
    assignee, requester = users.get(found["assignee_id"]), users.get(found["requester_id"])
    return {
        "id": found["id"],
        "subject": found["subject"] or "",
        "description": found["description"],
        "status": found["status"],
        "priority": found["priority"],
        "type": found["type"],
        "tags": tag_list(found["tags"]),
        "createdAt": found["created_at"],
        "updatedAt": found["updated_at"],
        "via": {"channel": found["via"]["channel"]},
        "requester": person(requester) if requester else None,
        "assignee": {
            "user": person(assignee) if assignee else None,
            "group": {"id": group["id"], "name": group["name"]} if group else None,
        },
        "customFields": _custom_fields(state, found),
        "comments": [_comment(comment, users) for comment in comments],
        "conversation": [_said(comment, users, found) for comment in comments if comment["public"]],
    }


def _custom_fields(state: State, found: Doc) -> Doc:
    """Values by the name that `ticket.customField:NAME` takes; null where none is set."""
    values = {entry["id"]: entry["value"] for entry in found["custom_fields"]}
    fields = [one for one in state.list("ticket_field") if one["type"] not in SYSTEM_TYPES and one["active"]]
    return {f"custom_field_{one['id']}": values.get(one["id"]) for one in fields}


def _comment(comment: Doc, users: dict[int, Doc]) -> Doc:
    return {
        "id": comment["id"],
        "author": _author(comment, users),
        "value": comment["html_body"],
        "public": comment["public"],
        "createdAt": comment["created_at"],
        "via": {"channel": (comment.get("via") or {}).get("channel")},
        "imageAttachments": [],
        "nonImageAttachments": [],
    }


def _said(comment: Doc, users: dict[int, Doc], found: Doc) -> Doc:
    channel = found["via"]["channel"]
    return {
        "author": _author(comment, users),
        "channel": {"name": _CHANNELS.get(channel, channel)},
        "message": {"content": comment["html_body"], "contentType": "text/html"},
        "timestamp": comment["created_at"],
        "attachments": [],
    }


def _author(comment: Doc, users: dict[int, Doc]) -> Doc:
    user = users.get(comment["author_id"])
    if user is None:
        return {"id": comment["author_id"], "name": "System", "role": "system", "email": None}
    return person(user)
