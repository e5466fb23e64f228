"""Knows which conditions and actions the sandbox's triggers understand, with the operators and values of each.
It must not know how they are evaluated; it is the answer of GET /api/v2/triggers/definitions and the via table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.shapes import SYSTEM_TYPES

# Channel (the REST API's `via.channel`), Zendesk's number for it and its title in placeholders.
# https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/
_VIA_TYPES: tuple[tuple[str, int, str], ...] = (
    ("web", 0, "Web Form"),
    ("web_form", 0, "Web Form"),
    ("email", 4, "Mail"),
    ("mail", 4, "Mail"),
    ("api", 5, "Web Service"),
    ("web_service", 5, "Web Service"),
    ("rule", 8, "Rule"),
    ("linked_problem", 9, "Linked Problem"),
    ("merge", 19, "Merge"),
    ("batch", 20, "Batch"),
    ("recovered_from_suspended_tickets", 21, "Recovered From Suspended Tickets"),
    ("closed_ticket", 27, "Closed Ticket"),
    ("chat", 29, "Chat"),
    ("twitter", 30, "Twitter"),
    ("voicemail", 33, "Voicemail"),
    ("voice", 34, "Phone Call (Inbound)"),
    ("phone_call_inbound", 34, "Phone Call (Inbound)"),
    ("phone_call_outbound", 35, "Phone Call (Outbound)"),
    ("ticket_sharing", 36, "Ticket Sharing"),
    ("facebook", 38, "Facebook Post"),
    ("api_voicemail", 44, "Voicemail (API)"),
    ("web_widget", 48, "Web Widget"),
    ("mobile_sdk", 49, "Mobile SDK"),
    ("mobile", 56, "Mobile"),
    ("sms", 57, "Text Message"),
    ("whatsapp", 74, "WhatsApp"),
    ("native_messaging", 75, "Messaging"),
)
VIA_IDS: dict[str, int] = {channel: number for channel, number, _ in _VIA_TYPES}
VIA_TITLES: dict[str, str] = {channel: title for channel, _, title in _VIA_TYPES}

_Pairs = tuple[tuple[str, str], ...]
_IS: _Pairs = (("is", "Is"), ("is_not", "Is not"))
_ORDER: _Pairs = (("less_than", "Less than"), ("greater_than", "Greater than"))
_MOVED: _Pairs = (
    ("changed", "Changed"), ("value", "Changed to"), ("value_previous", "Changed from"), ("not_changed", "Not changed"),
    ("not_value", "Not changed to"), ("not_value_previous", "Not changed from"),
)  # fmt: skip
_HAS: _Pairs = (("present", "Present"), ("not_present", "Not present"))
_WORDS: _Pairs = (
    ("includes", "Contains at least one of the following"), ("not_includes", "Contains none of the following"),
)  # fmt: skip
_PHRASE: _Pairs = (("is", "Contains the following string"), ("is_not", "Does not contain the following string"))
# Operators that need no value.
_TERMINAL = {"changed", "not_changed", "present", "not_present"}

_STATUSES: _Pairs = (
    ("new", "New"), ("open", "Open"), ("pending", "Pending"), ("hold", "On-hold"), ("solved", "Solved"),
    ("closed", "Closed"),
)  # fmt: skip
_PRIORITIES: _Pairs = (("", "-"), ("low", "Low"), ("normal", "Normal"), ("high", "High"), ("urgent", "Urgent"))
_TYPES: _Pairs = (
    ("", "-"), ("question", "Question"), ("incident", "Incident"), ("problem", "Problem"), ("task", "Task"),
)  # fmt: skip
_SCORES: _Pairs = (
    ("unoffered", "Unoffered"), ("offered", "Offered"), ("bad", "Bad"), ("bad_with_comment", "Bad with comment"),
    ("good", "Good"), ("good_with_comment", "Good with comment"),
)  # fmt: skip
_COMMENTS: _Pairs = (
    ("true", "Public"), ("false", "Private"), ("not_relevant", "Present (public or private)"),
    ("requester_can_see_comment", "Present, and requester can see the comment"),
)  # fmt: skip
_ROLES: _Pairs = (("all", "(any)"), ("end_user", "(end user)"), ("agent", "(agent)"), ("admin", "(admin)"))
# Ticket fields that hold one of a list of options, and how the definitions name the others.
_LIST_FIELDS = ("tagger", "multiselect", "checkbox")
_TEXT_TYPES = {"date": "date", "integer": "text", "decimal": "text"}


def definitions(
    fields: Iterable[Mapping[str, Any]],
    groups: Iterable[Mapping[str, Any]],
    webhooks: Iterable[Mapping[str, Any]] = (),
    agents: Iterable[Mapping[str, Any]] = (),
    brands: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Give the value of `definitions` in the answer of GET /api/v2/triggers/definitions for this account.

    All arguments are REST objects. The parts are `actions`, `conditions_all` and `conditions_any`; conditions about
    the update itself stand in `conditions_all` as well, as every one of ours may be used in both.
    """
    custom = [field for field in fields if field.get("type") not in SYSTEM_TYPES]
    people = _named(agents)
    teams = _named(groups)
    conditions = [
        *_update_conditions(people),
        *_ticket_conditions(teams, people, _named(brands)),
        *(_field_condition(field) for field in custom),
    ]
    return {
        "actions": [*_ticket_actions(teams, people), *map(_field_action, custom), *_notifications(_named(webhooks))],
        "conditions_all": conditions,
        "conditions_any": [{key: value for key, value in one.items() if key != "values"} for one in conditions],
    }


def _update_conditions(people: _Pairs) -> list[dict[str, Any]]:
    vias = tuple((str(number), title) for number, title in {number: title for _, number, title in _VIA_TYPES}.items())
    return [
        _condition("update_type", "Ticket", "Ticket: Is", _IS[:1], (("Create", "Created"), ("Change", "Updated"))),
        _condition("comment_is_public", "Comment", "Ticket: Comment", _IS[:1], _COMMENTS),
        _condition("comment_includes_word", "Comment text", "Ticket: Comment", _WORDS + _PHRASE),
        _condition("current_via_id", "Update via", "Ticket: Update", _IS, vias),
        _condition("via_id", "Channel", "Ticket", _IS, vias),
        _condition("role", "Current user", "Other", _IS, _ROLES + people),
        _condition("satisfaction_score", "Satisfaction", "Ticket", _IS + _ORDER + _MOVED, _SCORES),
    ]


def _ticket_conditions(teams: _Pairs, people: _Pairs, brands: _Pairs) -> list[dict[str, Any]]:
    on_ticket: _Pairs = (("", "-"), ("current_user", "(current user)"), ("requester_id", "(requester)"))
    asking: _Pairs = (("current_user", "(current user)"), ("assignee_id", "(assignee)"))
    return [
        _condition("status", "Status", "Ticket", _IS + _ORDER + _MOVED, _STATUSES),
        _condition("priority", "Priority", "Ticket", _IS + _ORDER + _MOVED, _PRIORITIES),
        _condition("ticket_type", "Type", "Ticket", _IS + _MOVED, _TYPES),
        _condition("group_id", "Group", "Ticket", _IS + _MOVED, (("", "-"), *teams)),
        _condition("assignee_id", "Assignee", "Ticket", _IS + _MOVED, on_ticket + people),
        _condition("requester_id", "Requester", "Ticket", _IS + _MOVED, asking + people),
        _condition("brand_id", "Brand", "Ticket", _IS + _MOVED, brands),
        _condition("current_tags", "Tags", "Ticket", _WORDS),
        _condition("subject_includes_word", "Subject text", "Ticket", _WORDS + _PHRASE),
    ]


def _field_condition(field: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(field.get("type"))
    subject, title = f"custom_fields_{field['id']}", str(field.get("title", ""))
    if kind == "multiselect":
        return _condition(subject, title, "Ticket: Custom fields", _WORDS + _HAS, _options(field))
    if kind in _LIST_FIELDS:
        return _condition(subject, title, "Ticket: Custom fields", _IS + _HAS + _MOVED, _options(field))
    return _condition(
        subject, title, "Ticket: Custom fields", _IS + _ORDER + _HAS + _MOVED[:1], kind=_TEXT_TYPES.get(kind, "text")
    )


def _ticket_actions(teams: _Pairs, people: _Pairs) -> list[dict[str, Any]]:
    return [
        _action("status", "Status", "Ticket", _STATUSES[1:]),
        _action("priority", "Priority", "Ticket", _PRIORITIES[1:]),
        _action("type", "Type", "Ticket", _TYPES[1:]),
        _action("group_id", "Group", "Ticket", (("", "-"), *teams), nullable=True),
        _action("assignee_id", "Assignee", "Ticket", (("", "-"), ("current_user", "(current user)"), *people), True),
        _action("set_tags", "Set tags", "Ticket", kind="text"),
        _action("current_tags", "Add tags", "Ticket", kind="text"),
        _action("remove_tags", "Remove tags", "Ticket", kind="text"),
        _action("comment_value", "Internal note", "Ticket", kind="text"),
    ]


def _field_action(field: Mapping[str, Any]) -> dict[str, Any]:
    listed = field.get("type") in _LIST_FIELDS
    kind = "list" if listed else _TEXT_TYPES.get(str(field.get("type")), "text")
    values = _options(field) if listed else ()
    return _action(
        f"custom_fields_{field['id']}", str(field.get("title", "")), "Ticket: Custom fields", values, True, kind
    )


def _notifications(webhooks: _Pairs) -> list[dict[str, Any]]:
    action = _action("notification_webhook", "Notify active webhook", "Notify by", webhooks)
    return [action | {"repeatable": True}]


def _condition(
    subject: str, title: str, group: str, operators: _Pairs, values: _Pairs = (), kind: str = ""
) -> dict[str, Any]:
    return {
        "title": title,
        "subject": subject,
        "type": kind or ("list" if values else "text"),
        "group": group,
        "nullable": any(value == "" for value, _ in values),
        "repeatable": False,
        "operators": [{"value": value, "title": text, "terminal": value in _TERMINAL} for value, text in operators],
        "values": [{"value": value, "title": text, "enabled": True} for value, text in values],
    }


def _action(
    subject: str, title: str, group: str, values: _Pairs = (), nullable: bool = False, kind: str = "list"
) -> dict[str, Any]:
    return {
        "title": title,
        "subject": subject,
        "type": kind,
        "group": group,
        "nullable": nullable,
        "repeatable": False,
        "values": [{"value": value, "title": text, "enabled": True} for value, text in values],
    }


def _named(things: Iterable[Mapping[str, Any]]) -> _Pairs:
    return tuple((str(one["id"]), str(one.get("name", ""))) for one in things)


def _options(field: Mapping[str, Any]) -> _Pairs:
    if field.get("type") == "checkbox":
        return (("true", "Checked"), ("false", "Unchecked"))
    options = field.get("custom_field_options") or []
    return (("", "-"), *((str(one.get("value")), str(one.get("name"))) for one in options))
