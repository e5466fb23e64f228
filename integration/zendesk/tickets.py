"""Knows what is asked of Zendesk about one ticket: load it, recall its requester, prepare an answer, write once.

It must not judge the ticket, nor know Zendesk's field names: those are `wire`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import requests

from integration import wire
from integration.model import (
    Answer,
    Applied,
    Desk,
    History,
    MacroRef,
    Note,
    NotUnderstood,
    Plan,
    Refused,
    Reply,
    Status,
    Ticket,
    TryLater,
)
from integration.zendesk.session import PAGE_SIZE, Declined, Session, json_of
from integration.zendesk.zenpy_reader import Reader

Json = dict[str, Any]
WARNING_HEADER = "x-zendesk-api-warn"  # names the keys that a 2xx answer silently left out
# A version stamp has whole seconds, so a comment in the same second as the stamp we hold goes unseen. One second for
# that, and one for clocks that differ. https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
SETTLED_AFTER = timedelta(seconds=2)
log = logging.getLogger("attune.zendesk")


class Tickets:
    """The tickets of one account; may be used from any thread."""

    def __init__(
        self,
        session: Session,
        desk: Callable[[], Desk],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`desk` gives what install put into the account, as it is at the time of each call; `clock` is aware, UTC."""
        self._session = session
        self._desk = desk
        self._clock = clock
        self._reader = Reader(session)

    def load(self, ticket_id: int) -> Ticket:
        """The ticket as it is now, with its whole conversation: two calls, and one for each 100 comments more.

        The ticket goes first: a comment that comes in between makes its stamp old, and the write is refused.
        Raises Refused for a ticket that is deleted or not to be seen.
        """
        asked_at = self._clock()
        shown = self._session.ask("GET", f"tickets/{ticket_id}", params={"include": "users"})
        row = shown.get("ticket") or {}
        pages = list(self._session.pages(f"tickets/{ticket_id}/comments", {"include": "users"}))
        comments = [one for page in pages for one in _rows(page, "comments")]
        people = _by_id(one for page in (shown, *pages) for one in _rows(page, "users"))
        people |= self._strangers((wire.authors(comments) | {wire.requester_id(row)}) - people.keys())
        return replace(wire.ticket(row, comments, people, self._desk()), loaded_at=asked_at)

    def status(self, ticket_id: int) -> Status:
        """How the ticket stands now: one call. A ticket that is not to be seen counts as deleted."""
        try:
            return wire.status(self._session.ask("GET", f"tickets/{ticket_id}").get("ticket") or {})
        except Refused:
            return Status.DELETED

    def recall(self, ticket: Ticket, now: datetime) -> History:
        """What the desk knows of the requester: one call, their newest 100 tickets.

        Where it may not be asked, the history is unknown rather than the ticket lost.
        """
        path = f"users/{ticket.requester.id}/tickets/requested"
        try:
            rows = list(islice(self._session.each(path, "tickets", _NEWEST_FIRST), PAGE_SIZE))
        except Refused as refused:
            log.warning("no history for ticket %d: %s", ticket.id, refused)
            return History(days_open=wire.days_open(ticket, now))
        return wire.history(rows, ticket, self._desk(), now)

    def prepare(self, ticket: Ticket, macro: MacroRef) -> Answer:
        """The answer macro as Zendesk renders it for this ticket. Two calls.

        Raises Refused where the macro is gone or switched off; an answer that cannot be made out misses its text.
        """
        if wire.switched_off(self._session.ask("GET", f"macros/{macro.id}")):
            raise Refused("the answer macro is switched off")
        try:
            return wire.answer(self._reader.macro_effect(ticket.id, macro.id), macro)
        except NotUnderstood:
            return wire.answer({}, macro)

    def apply(self, plan: Plan, ticket: Ticket) -> Applied:
        """Write the plan in one ticket update, sent once; a plan that changes nothing sends nothing.

        Where an admin has taken away a value that the update names (a group, an option), the rest is written without
        it: a charged ticket must not wait unmarked because of that. Raises TryLater where the ticket has moved, or
        where the fate of the write is not known: loading the ticket again then shows the marker if it was written.
        Raises Refused for a closed or deleted ticket, and TryLater, with nothing written, for a comment on a ticket
        that had only just changed when it was loaded: words that went unseen would stand above it as if attended to.
        """
        if any(isinstance(action, Reply | Note) for action in plan.actions):
            _hold_until_settled(ticket)
        desk = self._desk()
        body = wire.update(plan, ticket, desk)
        if not body:
            return Applied(audit_id=None, comment_id=None, before={}, after={})
        sent, response = put(self._session, ticket.id, body, wire.lesser(body, desk))
        warning = response.headers.get(WARNING_HEADER, "")
        if warning:
            log.warning("ticket %d: Zendesk left keys out of an update", ticket.id)
        return wire.applied(sent, ticket, desk, json_of(response), warning, wanted=body)

    def _strangers(self, ids: frozenset[int]) -> dict[int, Json]:
        """The people whom no answer has brought along; those who cannot be seen stay unknown."""
        try:
            return _by_id(self._reader.users(ids))
        except (Refused, NotUnderstood) as failure:
            log.warning("%d authors stay unknown: %s", len(ids), failure)
            return {}


def put(session: Session, ticket_id: int, body: Json, lesser: Iterable[Json]) -> tuple[Json, requests.Response]:
    """The one critical write: what was sent in the end, and the answer to it.

    After a 422 nothing was written, so a lesser update may follow it.
    """
    rest = iter(lesser)
    while True:
        try:
            return body, session.put(f"tickets/{ticket_id}", json=body)
        except Declined as declined:
            following = next(rest, None)
            if declined.status != requests.codes.unprocessable_entity or following is None:
                raise
        log.warning("ticket %d: Zendesk refuses a value of ours; the rest is written without it", ticket_id)
        body = following


# https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-tickets
_NEWEST_FIRST = {"sort": "-id", "include": "metric_sets"}


def _hold_until_settled(ticket: Ticket) -> None:
    changed = wire.moment(ticket.stamp)
    if changed is None or ticket.loaded_at is None:
        return
    left = SETTLED_AFTER - (ticket.loaded_at - changed)
    if left > timedelta():
        raise TryLater("the ticket has only just changed", left)


def _rows(page: Json, key: str) -> list[Json]:
    return [row for row in page.get(key) or [] if isinstance(row, dict)]


def _by_id(users: Iterable[Json]) -> dict[int, Json]:
    return {int(user["id"]): user for user in users if str(user.get("id", "")).lstrip("-").isdigit()}
