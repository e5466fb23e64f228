"""Knows what customers do at the desk: write a first message, after an earlier thread where there is one, and write on.
It must not know who asks for it: the control plane, the customer's pages or the sample stream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox import people
from sandbox.errors import not_found
from sandbox.state import Doc, State
from sandbox.tickets import Written

if TYPE_CHECKING:
    from sandbox.api.here import Desk

BETWEEN_MESSAGES = timedelta(minutes=30)
"""How far apart the earlier messages of a thread lie (our choice)."""


def write(desk: Desk, given: Mapping[str, Any]) -> int:
    """A customer writes; gives back the ticket's id.

    `given` has `requester {name, email}`, `channel`, `subject`, `body`, `tags`, and an earlier `thread`, whose messages
    (`{author: customer|agent|bot, body}`, oldest first) are stored without a word to triggers or webhooks: only the
    newest message, `body`, is news.
    """
    now = desk.clock()
    requester = people.requester(desk.state, given.get("requester") or {}, now)
    channel, earlier = str(given.get("channel") or "email"), list(given.get("thread") or [])
    ticket_id: int | None = None
    with desk.state.transaction():  # a thread is there as a whole, or not at all
        for place, message in enumerate(earlier):
            at = now - BETWEEN_MESSAGES * (len(earlier) - place)
            ticket_id = _say(desk, ticket_id, message, given, requester, channel, at, notify=False)
    newest = {"author": "customer", "body": given.get("body")}
    return _say(desk, ticket_id, newest, given, requester, channel, now, notify=True)


def reply(desk: Desk, ticket: Doc, comment: Doc, customer: Doc) -> Written:
    """A customer writes on, by the ticket's own channel; on a closed ticket that makes a follow-up, as in Zendesk."""
    channel = ticket["via"]["channel"]
    if ticket["status"] != "closed":
        body = {"comment": comment}
        return desk.tickets.update(ticket["id"], body, actor=customer, channel=channel, now=desk.clock())
    follow_up = {"subject": ticket["subject"], "comment": comment, "via": {"channel": "closed_ticket"}}
    follow_up |= {"tags": ticket["tags"], "via_followup_source_id": ticket["id"]}
    return desk.tickets.create(follow_up, actor=customer, channel=channel, now=desk.clock())


def author(state: State, named: Any, ticket: Mapping[str, Any]) -> Doc:
    """The customer, the desk's bot, an agent (the assignee, or the first), or the user with this id. Raises 404."""
    if named == "customer":
        return _user(state, ticket["requester_id"])
    known = state.get("setting", "people") or {}
    if named == "bot":
        return _user(state, known.get("bot"))
    if named == "agent":
        assignee = state.get("user", ticket.get("assignee_id")) if ticket.get("assignee_id") else None
        return assignee or _user(state, known.get("agent"))
    return _user(state, named)


def _user(state: State, user_id: Any) -> Doc:
    found = state.get("user", user_id)
    if found is None:
        raise not_found()
    return found


def _say(
    desk: Desk,
    ticket_id: int | None,
    message: Mapping[str, Any],
    given: Mapping[str, Any],
    requester: Doc,
    channel: str,
    at: datetime,
    *,
    notify: bool,
) -> int:
    """Put one message on the ticket, which the first one makes."""
    writer = author(desk.state, message.get("author", "customer"), {"requester_id": requester["id"]})
    comment = {"body": message.get("body"), "public": message.get("public", True)}
    if ticket_id is not None:
        via = channel if writer["id"] == requester["id"] else "web"
        desk.tickets.update(ticket_id, {"comment": comment}, actor=writer, channel=via, now=at, notify=notify)
        return ticket_id
    body: Doc = {key: given[key] for key in ("subject", "priority", "group_id", "external_id") if key in given}
    body |= {"comment": comment, "requester_id": requester["id"], "tags": given.get("tags") or []}
    written = desk.tickets.create(body, actor=writer, channel=channel, now=at, notify=notify)
    return int(written.ticket["id"])
