"""Knows how a plan is written as one ticket update, and what the answer to it says was done.

It must not decide anything, nor send it: a plan and a ticket in, the body of one PUT out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import TypeVar

from integration.model import (
    Action,
    AddTags,
    Applied,
    AskForReview,
    Desk,
    Field,
    Note,
    Plan,
    Priority,
    Release,
    Reply,
    Route,
    Schedule,
    SetFields,
    SetPriority,
    SetStatus,
    Status,
    Ticket,
)
from integration.wire import values
from integration.wire.conversation import our_fields
from integration.wire.options import REVIEW_TAG, option, option_tags
from integration.wire.values import Json

_PRIORITIES = list(Priority)
_CANNOT_PEND = frozenset({Status.CLOSED, Status.DELETED, Status.PENDING})
# What Zendesk changes by itself when an update names these: a new group sends away an assignee who is not in it, a new
# assignee opens a new ticket. https://support.zendesk.com/hc/en-us/articles/4408894213018
_MOVED_ALONG: Mapping[str, frozenset[str]] = {
    "group_id": frozenset({"assignee_id"}),
    "assignee_id": frozenset({"group_id", "status"}),
}
# Who solves a ticket that is nobody's gets it, with a group. The same page tells.
_MOVED_BY_SOLVING = frozenset({"assignee_id", "group_id"})
_WARNED_LIST = re.compile(r"\[([^\]]*)\]")
_WARNED_KEY = re.compile(r"[A-Za-z_][\w.\[\]-]*")
# How a line of a note begins: “Wants:”, “Do not ask again:”. In bold, eyes find their line without reading the others.
_LABEL = re.compile(r"(^|<p>|<br>)([A-Z][\w ,]{2,40}:)(?= )")

A = TypeVar("A", bound=Action)


def update(plan: Plan, ticket: Ticket, desk: Desk) -> Json:
    """The body of `PUT /api/v2/tickets/{id}`, or an empty object where nothing would change.

    One update holds everything, so that it is one audit and one run of the desk's triggers, and carries the ticket's
    version stamp as it was written: a mismatch answers 409. Raises ValueError where a plan holds two comments.
    https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/
    """
    body = _comment(plan) | _fields(plan, desk) | _tags(plan, ticket) | _group(plan, ticket) | _priority(plan, ticket)
    body |= _status(plan, ticket) | _task(plan, ticket) | _released(plan, ticket)
    if _only(plan, Reply) and ticket.status not in _CANNOT_PEND:
        body["status"] = Status.PENDING.value
    if not body:
        return {}
    if ticket.stamp:
        body |= {"safe_update": True, "updated_stamp": ticket.stamp}
    return {"ticket": body}


def lesser(body: Json, desk: Desk) -> tuple[Json, ...]:
    """The update without what Zendesk may refuse since an admin took it away: person, options, group.

    The marker stays, and so do the options' tags. Without the group nobody is named either: a person alone would bring
    a group of their own. Nothing comes back where the update names none of them.
    """
    ticket = values.mapping(body.get("ticket"))
    marker = desk.fields.get(Field.MARKER)
    marked = [one for one in values.objects(ticket.get("custom_fields")) if one["id"] == marker]
    plain = {name: value for name, value in ticket.items() if name != "custom_fields"}
    without_options = plain | ({"custom_fields": marked} if marked else {})
    found = (
        _without_person(ticket),
        without_options,
        _without_person(without_options),
        _without_group(ticket),
        _without_group(without_options),
        *_without_solving(ticket),
        *_without_solving(without_options),
    )
    return tuple({"ticket": one} for place, one in enumerate(found) if one not in (ticket, *found[:place]))


def _without_solving(ticket: Json) -> tuple[Json, ...]:
    """Solving is refused where a field is required for it, or nobody is assigned: then the ticket stays open."""
    solving = ticket.get("status") == Status.SOLVED.value
    return ({name: value for name, value in ticket.items() if name != "status"},) if solving else ()


def _without_person(ticket: Json) -> Json:
    return {name: value for name, value in ticket.items() if name != "assignee_id"}


def _without_group(ticket: Json) -> Json:
    return {name: value for name, value in ticket.items() if name not in ("group_id", "assignee_id")}


def applied(
    sent: Json, ticket: Ticket, desk: Desk, answered: Json, warning: str = "", wanted: Json | None = None
) -> Applied:
    """What the update `sent` did: read from Zendesk's answer to it and from its `x-zendesk-api-warn` header.

    `wanted` is the whole update where Zendesk refused it and `sent` is what was left.
    """
    whole = values.mapping((wanted or sent).get("ticket"))
    body, row = values.mapping(sent.get("ticket")), values.mapping(answered.get("ticket"))
    audit = values.mapping(answered.get("audit"))
    spoken = [one for one in values.objects(audit.get("events")) if one.get("type") == "Comment"]
    return Applied(
        audit_id=values.maybe_number(audit.get("id")),
        comment_id=values.maybe_number(spoken[0].get("id")) if spoken else None,
        before=_before(body, ticket, desk),
        after={**_after(body, row, desk), "updated_at": values.text(row.get("updated_at"))},
        dropped=tuple(dict.fromkeys([*_warned(warning), *_left_out(whole, body), *_not_kept(whole, row, desk)])),
    )


def markup(text: str) -> str:
    """Our text as HTML: everything in it is text, blank lines part paragraphs, and no placeholder is left to fill.

    Zendesk renders `{{…}}` and `{%…%}` in what agents write; a customer's words quoted in a note must not be rendered.
    """
    safe = html.escape(text.strip(), quote=False).replace("{{", "&#123;&#123;").replace("{%", "&#123;%")
    paragraphs = re.split(r"\n\s*\n", safe.replace("\r\n", "\n"))
    return "".join(f"<p>{paragraph.strip().replace(chr(10), '<br>')}</p>" for paragraph in paragraphs if paragraph)


def _only(plan: Plan, kind: type[A]) -> A | None:
    return next((action for action in plan.actions if isinstance(action, kind)), None)


def _comment(plan: Plan) -> Json:
    """`public` is always said: without it a comment inherits the visibility the ticket started with."""
    spoken = [action for action in plan.actions if isinstance(action, Reply | Note)]
    if len(spoken) > 1:
        raise ValueError("one ticket update holds one comment; this plan has several")
    if not spoken:
        return {}
    said, text = spoken[0], markup(spoken[0].text)
    if isinstance(said, Note):
        text = _LABEL.sub(r"\1<strong>\2</strong>", text)
    elif said.link:
        text = _linked(text, said.link)
    return {"comment": {"html_body": text, "public": isinstance(said, Reply)}}


def _linked(text: str, address: str) -> str:
    """The same HTML with the address, once, as a link: not every mail program makes one of plain text."""
    shown = html.escape(address, quote=False)
    return text.replace(shown, f'<a href="{html.escape(address)}">{shown}</a>', 1)


def _values(plan: Plan) -> dict[Field, str]:
    actions = (action for action in plan.actions if isinstance(action, SetFields))
    return {field: value for action in actions for field, value in action.values.items()}


def _fields(plan: Plan, desk: Desk) -> Json:
    """Fields that install has not made are left out; their options still stand on the ticket as tags."""
    entries = [
        {"id": desk.fields[field], "value": option(field, value)}
        for field, value in _values(plan).items()
        if field in desk.fields
    ]
    return {"custom_fields": entries} if entries else {}


def _tags(plan: Plan, ticket: Ticket) -> Json:
    """The whole list, since an update replaces it; in the alphabet's order, so that the same plan writes the same."""
    tags = set(ticket.tags)
    for action in plan.actions:
        if isinstance(action, AddTags):
            tags = (tags - action.drop) | action.tags
        if isinstance(action, AskForReview):
            tags.add(REVIEW_TAG)
    for field, value in _values(plan).items():
        if option_tags(field):
            tags = (tags - option_tags(field)) | {option(field, value)}
    return {"tags": sorted(tags)} if tags != ticket.tags else {}


def _group(plan: Plan, ticket: Ticket) -> Json:
    """A person is named together with the group: alone they would bring their default group.

    https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-ticket
    """
    route = _only(plan, Route)
    if route and route.assignee_id not in (None, ticket.assignee_id):
        return {"group_id": route.group_id, "assignee_id": route.assignee_id}
    return {"group_id": route.group_id} if route and route.group_id != ticket.group_id else {}


def _priority(plan: Plan, ticket: Ticket) -> Json:
    """Raised only: a ticket that a person made urgent stays urgent."""
    wanted = _only(plan, SetPriority)
    return {"priority": wanted.priority.value} if wanted and _rank(wanted.priority) > _rank(ticket.priority) else {}


def _status(plan: Plan, ticket: Ticket) -> Json:
    wanted = _only(plan, SetStatus)
    return {"status": wanted.status.value} if wanted and wanted.status is not ticket.status else {}


def _task(plan: Plan, ticket: Ticket) -> Json:
    """Only a task has a due time. https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/"""
    wanted = _only(plan, Schedule)
    if wanted is None or (ticket.type == "task" and ticket.due_at == wanted.due_at):
        return {}
    return {"type": "task", "due_at": wanted.due_at.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _released(plan: Plan, ticket: Ticket) -> Json:
    """Nobody is named instead of us, unless the same plan names a person."""
    route = _only(plan, Route)
    named = route is not None and route.assignee_id is not None
    return {"assignee_id": None} if _only(plan, Release) and ticket.assignee_id is not None and not named else {}


def _rank(priority: Priority | None) -> int:
    return -1 if priority is None else _PRIORITIES.index(priority)


def _written(body: Json, desk: Desk) -> dict[Field, str]:
    names = {id_: field for field, id_ in desk.fields.items()}
    return {names[one["id"]]: one["value"] for one in values.objects(body.get("custom_fields"))}


def _before(body: Json, ticket: Ticket, desk: Desk) -> Mapping[str, object]:
    return _touched(
        body,
        tags=sorted(ticket.tags),
        fields={field.value: ticket.fields.get(field) for field in _written(body, desk)},
        group_id=ticket.group_id,
        assignee_id=ticket.assignee_id,
        priority=ticket.priority.value if ticket.priority else None,
        status=ticket.status.value,
        type=ticket.type or None,
        due_at=ticket.due_at.isoformat() if ticket.due_at else None,
    )


def _after(body: Json, row: Json, desk: Desk) -> Mapping[str, object]:
    kept = our_fields(row, desk)
    return _touched(
        body,
        tags=sorted(values.words(row.get("tags"))),
        fields={field.value: kept.get(field) for field in _written(body, desk)},
        group_id=values.maybe_number(row.get("group_id")),
        assignee_id=values.maybe_number(row.get("assignee_id")),
        priority=values.word(row.get("priority")) or None,
        status=values.word(row.get("status")) or None,
        type=values.word(row.get("type")) or None,
        due_at=due.isoformat() if (due := values.moment(row.get("due_at"))) else None,
    )


def _touched(body: Json, **now: object) -> dict[str, object]:
    """Of these, what the update names or moves along; our own fields stand under `fields`, by our names for them."""
    touched = set(body).union(*(along for name, along in _MOVED_ALONG.items() if name in body))
    if body.get("status") == Status.SOLVED.value:
        touched |= _MOVED_BY_SOLVING
    return {name: value for name, value in now.items() if ("custom_fields" if name == "fields" else name) in touched}


def _left_out(whole: Json, body: Json) -> list[str]:
    return [name for name in ("group_id", "assignee_id", "status") if name in whole and name not in body]


def _not_kept(body: Json, row: Json, desk: Desk) -> list[str]:
    """Our fields that the answer does not show as written; nothing can be said where it shows no fields at all."""
    if not isinstance(row.get("custom_fields"), list):
        return []
    kept = our_fields(row, desk)
    sent = _written(body, desk)
    return [f"custom_fields.{field}" for field in sent if option(field, kept.get(field) or "") != sent[field]]


def _warned(warning: str) -> list[str]:
    """The keys that Zendesk says it left out, such as `Removed restricted keys ["foo"] from parameters …`."""
    listed = _WARNED_LIST.search(warning)
    if listed:
        return _WARNED_KEY.findall(listed.group(1))
    return [warning.strip()[:200]] if warning.strip() else []
