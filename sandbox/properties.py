"""Knows what each property of a ticket may be set to, and what setting one does to the others.
It must not know comments, audits, or who is told of the change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sandbox import fields, people
from sandbox.errors import record_invalid
from sandbox.shapes import parse
from sandbox.state import State

Doc = dict[str, Any]

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")
TYPES = ("problem", "incident", "question", "task")

_CHOICES = {"status": STATUSES, "priority": (*PRIORITIES, None), "type": (*TYPES, None)}
_PLAIN = ("subject", "external_id", "due_at", "problem_id", "brand_id", "custom_status_id", "organization_id")
_ID_LISTS = ("collaborator_ids", "follower_ids", "email_cc_ids", "sharing_agreement_ids")

# Taken note of elsewhere, or accepted and without effect here.
_ELSEWHERE = frozenset(
    {
        "additional_collaborators",
        "assignee_email",
        "assignee_id",
        "attribute_value_ids",
        "collaborators",
        "comment",
        "custom_fields",
        "email_ccs",
        "fields",
        "followers",
        "group_id",
        "id",
        "macro_id",
        "macro_ids",
        "metadata",
        "raw_subject",
        "requester",
        "requester_id",
        "safe_update",
        "tags",
        "ticket_form_id",
        "updated_stamp",
    }
)
ON_CREATE = frozenset({"description", "recipient", "submitter_id", "via", "via_followup_source_id", "via_id"})
IN_BULK = frozenset({"additional_tags", "remove_tags"})
"""Documented for `update_many` with one `ticket` only; elsewhere they are dropped, as other unknown keys are.
https://developer.zendesk.com/documentation/ticketing/managing-tickets/adding-tags-to-tickets-without-overwriting-existing-tags/"""

KNOWN = _ELSEWHERE | set(_CHOICES) | set(_PLAIN) | set(_ID_LISTS)


def apply(
    state: State, ticket: Doc, body: Mapping[str, Any], desk_fields: Iterable[Doc], now: datetime
) -> tuple[Doc, list[str]]:
    """The ticket with the update's properties in it, and the names of keys and fields that were dropped.

    Raises 422 for a value that its property cannot have. The ticket given is left as it was.
    """
    after = dict(ticket)
    for name, choices in _CHOICES.items():
        if name in body:
            after[name] = _chosen(name, body[name], choices)
    _set_plain(after, body)
    _set_people(state, after, body, now)
    dropped = _set_fields_and_tags(after, body, fields.custom(desk_fields))
    if "status" not in body and after["status"] == "new" and after["assignee_id"] is not None:
        after["status"] = "open"
    return after, dropped


def assign_solver(state: State, ticket: Doc, actor: Doc) -> None:
    """A ticket solved by staff while nobody has it goes to whoever solved it (setting "assign tickets upon solve")."""
    if ticket["status"] == "solved" and ticket["assignee_id"] is None and people.may_be_assigned(actor):
        ticket["assignee_id"] = actor["id"]
        groups = people.group_ids(state, actor["id"])
        if groups and ticket["group_id"] not in groups:
            ticket["group_id"] = groups[0]


def _chosen(name: str, value: Any, choices: tuple[Any, ...]) -> Any:
    value = value or None
    if value not in choices:
        raise record_invalid(name, f"{name.title()}: {value} is not valid")
    return value


def _set_plain(after: Doc, body: Mapping[str, Any]) -> None:
    for name in _PLAIN:
        if name in body:
            after[name] = body[name]
    if "raw_subject" in body and "subject" not in body:
        after["subject"] = body["raw_subject"]
    after["raw_subject"] = after["subject"]
    for name in _ID_LISTS:
        if isinstance(body.get(name), list):
            after[name] = [int(one) for one in body[name]]
    if after["due_at"] is not None:
        try:
            parse(str(after["due_at"]))
        except ValueError:
            raise record_invalid("due_at", "Due date is invalid") from None


def _set_people(state: State, after: Doc, body: Mapping[str, Any], now: datetime) -> None:
    if isinstance(body.get("requester"), dict):
        after["requester_id"] = people.requester(state, body["requester"], now)["id"]
    elif body.get("requester_id") is not None:
        after["requester_id"] = people.requester(state, {"id": body["requester_id"]}, now)["id"]
    if "group_id" in body:
        after["group_id"] = _group_id(state, body["group_id"])
    named = body.get("assignee_email")
    if "assignee_id" in body or named:
        found = people.by_email(state, str(named)) if named else state.get("user", body["assignee_id"])
        nobody = not named and body["assignee_id"] in (None, "", 0)
        if not nobody and (found is None or not people.may_be_assigned(found)):
            raise record_invalid("assignee_id", "Assignee is invalid")
        after["assignee_id"] = None if found is None else found["id"]
    _fit_group(state, after, group_named=body.get("group_id") is not None, assignee_named="assignee_id" in body)


def _fit_group(state: State, after: Doc, *, group_named: bool, assignee_named: bool) -> None:
    """An assignee is always in the ticket's group. A person alone brings their default group; a group alone sends
    away an assignee who is not in it; both, and not fitting, are refused."""
    if after["assignee_id"] is None:
        return
    groups = people.group_ids(state, after["assignee_id"])
    if after["group_id"] in groups:
        return
    if group_named and assignee_named:
        raise record_invalid("assignee_id", "Assignee is not a member of the group")
    if group_named:
        after["assignee_id"] = None
    elif groups:
        after["group_id"] = groups[0]


def _group_id(state: State, given: Any) -> int | None:
    if given in (None, "", 0):
        return None
    group = state.get("group", given)
    if group is None or group["deleted"]:
        raise record_invalid("group_id", "Group is invalid")
    return int(group["id"])


def _set_fields_and_tags(after: Doc, body: Mapping[str, Any], custom: dict[int, Doc]) -> list[str]:
    changes: fields.Values = {}
    unknown: list[str] = []
    for key in ("fields", "custom_fields"):
        if body.get(key):
            named, lost = fields.wanted(body[key], custom)
            changes |= named
            unknown += [f"{key}.{field_id}" for field_id in lost]
    new_tags = fields.tag_list(body["tags"]) if body.get("tags") is not None else None
    if body.get("additional_tags") or body.get("remove_tags"):
        start = set(after["tags"] if new_tags is None else new_tags) | set(fields.tag_list(body.get("additional_tags")))
        new_tags = sorted(start - set(fields.tag_list(body.get("remove_tags"))))
    before = {entry["id"]: entry["value"] for entry in after["custom_fields"]}
    values, after["tags"] = fields.settle(custom, before, after["tags"], changes, new_tags)
    after["custom_fields"] = [{"id": id, "value": value} for id, value in values.items() if value is not None]
    return unknown
