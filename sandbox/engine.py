"""Knows what a desk does by itself after a ticket has changed: triggers run in order, webhooks are told.
It must not know how tickets are stored or changed; the app gives it the state and a function that updates a ticket."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.changes import TicketChange
from sandbox.events import PREFIX, events_of, pretty
from sandbox.faults import Faults
from sandbox.limits import Limits
from sandbox.triggers import action_changes, context, in_order, matches, render
from sandbox.webhooks import Courier

if TYPE_CHECKING:
    from sandbox.settings import SandboxSettings
    from sandbox.state import State

_log = logging.getLogger(__name__)

UpdateTicket = Callable[[int, dict[str, Any], Mapping[str, Any]], dict[str, Any]]
"""Takes a ticket's id, the body of its update and the trigger that wants it; gives the REST ticket afterwards.

It may report the update to `Engine.ticket_changed` with `via_channel="rule"`: that tells event webhooks and runs no
triggers, since the cycle that caused it goes on with the new ticket."""


class Engine:
    """The desk's own doings: `courier` delivers, `limits` counts requests, `faults` makes trouble."""

    def __init__(self, state: State, settings: SandboxSettings) -> None:
        self._state = state
        self.faults = Faults()
        self.limits = Limits(
            account=settings.requests_per_minute,
            tickets_update=settings.ticket_updates_per_minute,
            per_ticket_updates=settings.updates_per_ticket_in_10_minutes,
            incremental=settings.exports_per_minute,
        )
        self.courier = Courier(state, settings.delivery, self.faults)
        self._account_id = settings.delivery.account_id
        self.update_ticket: UpdateTicket | None = None

    def start(self) -> None:
        """Begin to deliver webhooks, first those an earlier run left."""
        self.courier.start()

    def stop(self) -> None:
        """Let the attempts on the wire end, and deliver no more."""
        self.courier.stop()

    def ticket_changed(self, change: TicketChange) -> None:
        """Act on a committed change: tell the webhooks subscribed to its events, then run one cycle of triggers."""
        self._tell_subscribers(change)
        if change.via_channel != "rule":
            self._run_triggers(change)

    def _tell_subscribers(self, change: TicketChange) -> None:
        subscribed = [one for one in self._state.list("webhook") if any(map(_is_ticket_event, one["subscriptions"]))]
        if not subscribed:
            return
        for event in events_of(change, self._users_of(change, []), self._account_id, time.time_ns()):
            for webhook in subscribed:
                if event["type"] in webhook["subscriptions"]:
                    self.courier.send(webhook, pretty(event), event["type"])

    def _run_triggers(self, change: TicketChange) -> None:
        """Fire the first active trigger that has not fired and whose conditions are met, until there is none.

        That is Zendesk's cycle: from the top again after each change; as each trigger fires at most once, it ends.
        https://support.zendesk.com/hc/en-us/articles/4408822236058
        """
        active = [one for one in self._state.list("trigger") if one.get("active", True)]
        left = in_order(active, self._state.list("trigger_category"))
        fields = self._state.list("ticket_field")
        while (fired := next((one for one in left if matches(one["conditions"], change, fields)), None)) is not None:
            left.remove(fired)
            change = self._fire(fired, change, fields)

    def _fire(self, trigger: Mapping[str, Any], change: TicketChange, fields: list[dict[str, Any]]) -> TicketChange:
        actions = trigger.get("actions") or []
        wanted = action_changes(actions, change)
        if wanted and self.update_ticket is not None and change.after.get("status") != "closed":
            change = replace(change, after=self.update_ticket(int(change.after["id"]), wanted, trigger))
        for action in actions:
            if action.get("field") == "notification_webhook":
                self._notify(action.get("value"), change, fields)
        return change

    def _notify(self, value: Any, change: TicketChange, fields: list[dict[str, Any]]) -> None:
        """The action's value is [webhook id, text with placeholders]."""
        webhook_id, *rest = value if isinstance(value, list) else [value]
        webhook = self._state.get("webhook", str(webhook_id))
        if webhook is None:
            _log.warning("a trigger names webhook %s, which does not exist", webhook_id)
            return
        body = rest[0] if rest and isinstance(rest[0], str) else ""
        comments = self._state.find("comment", ticket_id=change.after["id"]) if "latest_" in body else []
        group = self._state.get("group", change.after.get("group_id"))
        groups = {group["id"]: group} if group else {}
        said = context(change, self._users_of(change, comments), groups, comments=comments, fields=fields)
        self.courier.send(webhook, render(body, said))

    def _users_of(self, change: TicketChange, comments: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
        wanted = {change.after.get(key) for key in ("requester_id", "assignee_id", "submitter_id")}
        wanted |= {one.get("author_id") for one in [change.comment or {}, *comments[-1:]]}
        found = (self._state.get("user", one) for one in wanted if one is not None)
        return {user["id"]: user for user in found if user is not None}


def _is_ticket_event(subscription: str) -> bool:
    return subscription.startswith(PREFIX)
