"""Knows Zendesk's conditions: whether a change of a ticket (or a ticket in a view) meets them, and what actions mean.
It must not know where triggers are stored, nor how a webhook is sent; it holds no state, clock or network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sandbox.changes import TicketChange
from sandbox.definitions import VIA_IDS, definitions
from sandbox.placeholders import context, render

__all__ = ["action_changes", "context", "definitions", "in_order", "matches", "render", "ticket_matches"]

Ticket = Mapping[str, Any]
Fields = Iterable[Mapping[str, Any]]

# Orders that "less than" and "greater than" go by.
# https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = ("", "low", "normal", "high", "urgent")
SCORES = ("unoffered", "offered", "bad", "bad_with_comment", "good", "good_with_comment")

# Operators that ask what this update did, and what each asks about (value before, value after, wanted value).
_MOVES: dict[str, Callable[[Any, Any, Any], bool]] = {
    "changed": lambda old, new, _: bool(old != new),
    "not_changed": lambda old, new, _: bool(old == new),
    "value": lambda old, new, wanted: bool(old != new and new == wanted),
    "value_previous": lambda old, new, wanted: bool(old != new and old == wanted),
    "not_value": lambda old, new, wanted: not (old != new and new == wanted),
    "not_value_previous": lambda old, new, wanted: not (old != new and old == wanted),
}
# The words that Zendesk's rule editor shows for the same operators.
_ALIASES = {
    "changed_to": "value",
    "changed_from": "value_previous",
    "not_changed_to": "not_value",
    "not_changed_from": "not_value_previous",
    "any_of": "includes",
    "none_of": "not_includes",
}


def matches(conditions: Mapping[str, Any], change: TicketChange, fields: Fields) -> bool:
    """Say whether `change` meets `conditions`: each of `all`, and at least one of `any` if there is one.

    `fields` are the account's ticket fields in REST form. A condition this sandbox does not know is never met, so
    that a trigger it cannot judge stays silent.
    https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
    """
    known = {int(field["id"]): field for field in fields}
    every = conditions.get("all") or []
    some = conditions.get("any") or []
    return all(_met(one, change, known) for one in every) and (
        not some or any(_met(one, change, known) for one in some)
    )


def ticket_matches(
    conditions: Mapping[str, Any], ticket: Ticket, fields: Fields, now: datetime, viewer_id: int | None = None
) -> bool:
    """Say whether a ticket belongs to a view: the same conditions over a ticket at rest.

    `now` (aware, UTC) is what "hours since" is counted from; `viewer_id` is whom `current_user` means.
    """
    known = {int(field["id"]): field for field in fields}
    channel = str((ticket.get("via") or {}).get("channel", ""))
    still = TicketChange(
        before=dict(ticket), after=dict(ticket), comment=None, actor={"id": viewer_id}, via_channel=channel, audit_id=0
    )

    def met(one: Mapping[str, Any]) -> bool:
        if one.get("field") in ("created_at", "updated_at"):
            return _hours_met(one, ticket, now)
        return _met(one, still, known)

    every, some = conditions.get("all") or [], conditions.get("any") or []
    return all(met(one) for one in every) and (not some or any(met(one) for one in some))


def in_order(triggers: Iterable[Mapping[str, Any]], categories: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort triggers as Zendesk fires them: by their category's position, then their own, then their id."""
    places = {str(category["id"]): int(category.get("position") or 0) for category in categories}

    def place(trigger: Mapping[str, Any]) -> tuple[int, int, int]:
        own = int(trigger.get("position") or 0)
        return places.get(str(trigger.get("category_id")), 0), own, int(trigger["id"])

    return sorted(triggers, key=place)


def action_changes(actions: Sequence[Mapping[str, Any]], change: TicketChange) -> dict[str, Any]:
    """Translate a trigger's actions on the ticket into the body of a ticket update; empty when none would change it.

    Notifications are not ticket changes and are left out. Comments become private notes.
    https://developer.zendesk.com/documentation/ticketing/reference-guides/actions-reference/
    """
    ticket = change.after
    tags: list[str] = list(ticket.get("tags") or [])
    wanted: dict[str, Any] = {}
    custom: dict[int, Any] = {}
    for action in actions:
        name, value = str(action.get("field")), action.get("value")
        if name in _TAG_ACTIONS:
            tags = _TAG_ACTIONS[name](tags, _words(value))
        elif name in ("status", "priority", "type", "subject"):
            wanted[name] = value or None
        elif name in ("group_id", "assignee_id"):
            wanted[name] = _person(value, change)
        elif name.startswith("custom_fields_"):
            custom[int(name.removeprefix("custom_fields_"))] = value
        elif name == "comment_value":
            text = value[-1] if isinstance(value, list) else value
            wanted["comment"] = {"body": str(text), "public": False}
    wanted = {name: value for name, value in wanted.items() if ticket.get(name) != value}
    if sorted(tags) != sorted(ticket.get("tags") or []):
        wanted["tags"] = tags
    fresh = [{"id": key, "value": value} for key, value in custom.items() if _custom_value(ticket, key) != value]
    return wanted | ({"custom_fields": fresh} if fresh else {})


_TAG_ACTIONS: dict[str, Callable[[list[str], list[str]], list[str]]] = {
    "set_tags": lambda _, given: given,
    "current_tags": lambda tags, given: tags + [tag for tag in given if tag not in tags],
    "remove_tags": lambda tags, given: [tag for tag in tags if tag not in given],
}


def _met(condition: Mapping[str, Any], change: TicketChange, fields: Mapping[int, Mapping[str, Any]]) -> bool:
    name = str(condition.get("field", ""))
    operator = str(condition.get("operator") or "is")
    operator = _ALIASES.get(operator, operator)
    value = condition.get("value")
    if name in _SPECIAL:
        return _SPECIAL[name](operator, value, change)
    if name.startswith("custom_fields_"):
        return _custom_field_met(name, operator, value, change, fields)
    if name in _IDS:
        return _compared(operator, _of(change, name), _person(value, change), ())
    if name in _ORDERS:
        key, order = _ORDERS[name]
        return _compared(operator, _of(change, key, ""), value or "", order)
    return False


# Conditions on a property of the ticket that has an order (or none), by the condition's name.
_ORDERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "status": ("status", STATUSES),
    "priority": ("priority", PRIORITIES),
    "type": ("type", ()),
    "ticket_type": ("type", ()),
    "recipient": ("recipient", ()),
}
_IDS = (
    "group_id", "assignee_id", "requester_id", "submitter_id", "organization_id", "brand_id", "ticket_form_id",
    "custom_status_id",
)  # fmt: skip


def _of(change: TicketChange, key: str, empty: Any = None) -> tuple[Any, Any]:
    """Give the value of a ticket property before and after; a ticket just created had nothing before."""
    before = change.before.get(key) if change.before else None
    after = change.after.get(key)
    return (empty if before is None else before), (empty if after is None else after)


def _compared(operator: str, pair: tuple[Any, Any], wanted: Any, order: tuple[str, ...]) -> bool:
    old, new = pair
    if operator in _MOVES:
        return _MOVES[operator](old, new, wanted)
    if operator in ("is", "is_not"):
        return bool(new == wanted) is (operator == "is")
    if operator in ("includes", "not_includes"):
        given = [str(one) for one in wanted] if isinstance(wanted, list) else _words(wanted)
        return (str(new) in given) is (operator == "includes")
    if operator in ("present", "not_present"):
        return (new in (None, "", [])) is (operator == "not_present")
    if operator in ("less_than", "greater_than") and order and new in order and wanted in order:
        step = order.index(new) - order.index(wanted)
        return step < 0 if operator == "less_than" else step > 0
    return False


def _person(value: Any, change: TicketChange) -> int | None:
    """Resolve the value of an id condition or action: a number in any form, a role on the ticket, or nobody."""
    named = {
        "current_user": change.actor.get("id"),
        "requester_id": change.after.get("requester_id"),
        "assignee_id": change.after.get("assignee_id"),
        "current_groups": change.after.get("group_id"),
    }
    if value in named:
        found: int | None = named[value]
        return found
    text = str(value or "")
    return int(text) if text.lstrip("-").isdigit() else None


def _update_type(operator: str, value: Any, change: TicketChange) -> bool:
    kind = "create" if change.before is None else "change"
    return (str(value).lower() == kind) is (operator != "is_not")


def _comment_is_public(_operator: str, value: Any, change: TicketChange) -> bool:
    """`not_relevant` means that there is a comment of either kind; the others also ask who can read it."""
    if change.comment is None:
        return False
    public = bool(change.comment.get("public"))
    wanted = str(value).lower()
    if wanted == "not_relevant":
        return True
    if wanted == "requester_can_see_comment":
        return public or change.comment.get("author_id") == change.after.get("requester_id")
    return public is (wanted == "true")


def _tags_met(operator: str, value: Any, change: TicketChange) -> bool:
    tags = change.after.get("tags") or []
    found = any(tag in tags for tag in _words(value))
    if operator in ("changed", "not_changed"):
        before = (change.before or {}).get("tags") or []
        return (sorted(before) != sorted(tags)) is (operator == "changed")
    return found is (operator in ("includes", "is"))


def _role_met(operator: str, value: Any, change: TicketChange) -> bool:
    """The updater is an end user, an agent (admins are agents too), an admin, someone on the ticket, or one person."""
    role, wanted = str(change.actor.get("role", "")), str(value)
    if wanted in ("end_user", "end-user"):
        found = role == "end-user"
    elif wanted in ("agent", "admin"):
        found = role == "admin" or (role == "agent" and wanted == "agent")
    elif wanted == "all":
        found = True
    else:
        person = _person(value, change)
        found = person is not None and change.actor.get("id") == person
    return found is (operator != "is_not")


def _via_met(operator: str, value: Any, channel: str) -> bool:
    wanted = str(value)
    found = channel == wanted or str(VIA_IDS.get(channel, "")) == wanted
    return found is (operator != "is_not")


def _words_met(operator: str, value: Any, text: str) -> bool:
    """Words are whole and case does not count; `is` looks for the whole phrase anywhere in the text."""
    low, phrase = text.lower(), str(value or "").lower().strip()
    if operator in ("is", "is_not"):
        return (phrase in low) is (operator == "is")
    found = bool(set(_words(phrase)) & set("".join(char if char.isalnum() else " " for char in low).split()))
    return found is (operator == "includes")


def _score_met(operator: str, value: Any, change: TicketChange) -> bool:
    def score(ticket: Ticket | None) -> str:
        return str(((ticket or {}).get("satisfaction_rating") or {}).get("score") or "unoffered")

    old, new = score(change.before), score(change.after)
    plain = {"good": ("good", "good_with_comment"), "bad": ("bad", "bad_with_comment")}
    if operator in ("is", "is_not") and value in plain:
        return (new in plain[value]) is (operator == "is")
    return _compared(operator, (old, new), value, SCORES)


_SPECIAL: dict[str, Callable[[str, Any, TicketChange], bool]] = {
    "update_type": _update_type,
    "comment_is_public": _comment_is_public,
    "current_tags": _tags_met,
    "role": _role_met,
    "satisfaction_score": _score_met,
    "current_via_id": lambda operator, value, change: _via_met(operator, value, change.via_channel),
    "via_id": lambda operator, value, change: _via_met(
        operator, value, str((change.after.get("via") or {}).get("channel", ""))
    ),
    "subject_includes_word": lambda operator, value, change: _words_met(
        operator, value, str(change.after.get("subject") or "")
    ),
    "comment_includes_word": lambda operator, value, change: (
        change.comment is not None and _words_met(operator, value, str(change.comment.get("body") or ""))
    ),
}


def _custom_field_met(
    name: str, operator: str, value: Any, change: TicketChange, fields: Mapping[int, Mapping[str, Any]]
) -> bool:
    """A drop-down's wanted value may be its option's tag or its option's id; a tick box counts empty as false."""
    key = int(name.removeprefix("custom_fields_"))
    field = fields.get(key)
    if field is None:
        return False
    options = {str(one.get("id")): one.get("value") for one in field.get("custom_field_options") or []}
    wanted = options.get(str(value), value)
    old, new = (_custom_value(ticket, key) for ticket in (change.before or {}, change.after))
    if field.get("type") == "checkbox":
        old, new, wanted = (str(one or False).lower() for one in (old, new, wanted))
    if isinstance(new, list) and operator in ("includes", "not_includes"):
        given = [options.get(one, one) for one in map(str, value)] if isinstance(value, list) else _words(wanted)
        return any(one in new for one in given) is (operator == "includes")
    if operator in ("less_than", "greater_than"):
        return _amount_met(operator, new, wanted)
    return _compared(operator, (old or "", new or ""), wanted or "", ())


def _amount_met(operator: str, value: Any, wanted: Any) -> bool:
    """Compare numbers as numbers and everything else (ISO dates) as text; an empty field is neither more nor less."""
    if value in (None, ""):
        return False
    try:
        step = float(value) - float(wanted)
    except (TypeError, ValueError):
        step = float((str(value) > str(wanted)) - (str(value) < str(wanted)))
    return step < 0 if operator == "less_than" else step > 0


def _custom_value(ticket: Ticket, field_id: int) -> Any:
    for one in ticket.get("custom_fields") or []:
        if one.get("id") == field_id:
            return one.get("value")
    return None


def _hours_met(condition: Mapping[str, Any], ticket: Ticket, now: datetime) -> bool:
    """`created_at less_than 4` means that fewer than four hours have gone since."""
    text = str(ticket.get(str(condition.get("field"))) or "")
    if not text:
        return False
    gone = now - datetime.fromisoformat(text.replace("Z", "+00:00"))
    wanted = timedelta(hours=float(condition.get("value") or 0))
    operator = str(condition.get("operator"))
    if operator.startswith("less_than"):
        return gone < wanted
    if operator.startswith("greater_than"):
        return gone > wanted
    return operator == "is" and wanted <= gone < wanted + timedelta(hours=1)


def _words(value: Any) -> list[str]:
    """Tags and words come as one string with spaces or commas, or as a list."""
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value or "").replace(",", " ").split()
