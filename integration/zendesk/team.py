"""Knows what is asked of Zendesk about who works in the desk and whose customer somebody is, now and then.

It must not choose anybody, nor fail a ticket: what cannot be read is said to be unknown.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from integration import wire
from integration.model import AttuneError, Organization, Team
from integration.zendesk.session import PAGE_SIZE, Declined, Session

Json = dict[str, Any]
# Our choice: long enough to cost six calls at most in that time, short enough to follow people coming and going.
FRESH_FOR = timedelta(minutes=2)
# Where a group that a rule names is not known, it may be new, and we look again this soon; our choice.
LOOK_AGAIN_AFTER = timedelta(seconds=20)
# Search gives no more. https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/
MOST_FOUND = 1000
# Organizations remembered at once; our choice, a few hundred kilobytes.
MOST_ORGANIZATIONS = 1000
# What was handed over as charged, urgent or protected, and what was charged where it was; either tag will do.
OPEN_CHARGED = "type:ticket status<solved tags:attune_senior tags:attune_charge_charged"
log = logging.getLogger("attune.zendesk")


class TeamReader:
    """The people of one account; may be used from any thread."""

    def __init__(self, session: Session, self_id: Callable[[], int], *, clock: Callable[[], datetime]) -> None:
        """`self_id` gives our own user's id, so that we never name ourselves; `clock` is aware, UTC."""
        self._session = session
        self._self_id = self_id
        self._clock = clock
        self._lock = threading.Lock()
        self._team: tuple[datetime, Team, Mapping[int, int]] | None = None
        self._organizations: dict[int, tuple[datetime, Organization | None]] = {}

    def team(self, groups: Iterable[int] = ()) -> tuple[Team, Mapping[int, int]]:
        """Everybody in a group, without their load, and who has each open charged ticket (assignee by ticket id).

        `groups` are those that rules name: one that is not known yet is looked for sooner.
        """
        with self._lock:  # one thread asks, the others wait for its answer
            now = self._clock()
            if self._team is None or now - self._team[0] >= _lasts(self._team[1], groups):
                self._team = (now, *self._read())
            return self._team[1:]

    def organization(self, organization_id: int) -> Organization | None:
        """What the desk says of an organization; None where it cannot be read. One call, then none for two minutes."""
        now = self._clock()
        at, known = self._organizations.get(organization_id, (None, None))
        if at is not None and now - at < FRESH_FOR:
            return known
        try:
            known = wire.organization(self._session.ask("GET", f"organizations/{organization_id}"))
        except AttuneError as failure:
            log.warning("an organization could not be read: %s", failure)
            known = None
        if len(self._organizations) >= MOST_ORGANIZATIONS:
            self._organizations.clear()
        self._organizations[organization_id] = (now, known)
        return known

    def _read(self) -> tuple[Team, Mapping[int, int]]:
        try:
            groups = wire.groups(self._session.each("groups", "groups"))
            memberships, users = self._people()
            omnichannel = wire.omnichannel(self._session.ask("GET", "account/settings"))
            available, self_id = self._availability(), self._self_id()
            agents = wire.agents(memberships, users, available, self_id, assignable=self._assignable())
        except AttuneError as failure:
            log.warning("the team could not be read: %s", failure)
            return Team(trouble=str(failure)), {}
        open_now = self._open_charged()
        team = Team(agents=agents, groups=groups, omnichannel=omnichannel, load_known=open_now is not None)
        return team, open_now or {}

    def _people(self) -> tuple[list[Json], dict[int, Json]]:
        """The memberships with their people, who come along where the account sideloads them.

        https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/
        """
        pages = list(self._session.pages("group_memberships", {"include": "users"}))
        memberships = [row for page in pages for row in page.get("group_memberships") or [] if isinstance(row, dict)]
        users = _by_id(row for page in pages for row in page.get("users") or [])
        lacking = sorted(wire.members(memberships) - users.keys())
        for start in range(0, len(lacking), PAGE_SIZE):
            ids = ",".join(map(str, lacking[start : start + PAGE_SIZE]))
            users |= _by_id(self._session.ask("GET", "users/show_many", params={"ids": ids}).get("users") or [])
        return memberships, users

    def _assignable(self) -> frozenset[int] | None:
        """Whom Zendesk lets hold tickets, or None where the account does not tell."""
        try:
            return wire.members(self._session.each("group_memberships/assignable", "group_memberships"))
        except Declined:
            return None

    def _availability(self) -> dict[int, bool]:
        """Who is at work; nothing is known where the account's plan has no unified agent status.

        https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/
        """
        try:
            return wire.availability(self._session.each("agent_availabilities", "data"))
        except Declined:
            return {}

    def _open_charged(self) -> Mapping[int, int] | None:
        """Who has each open charged ticket, or None where that cannot be counted.

        https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/
        """
        try:
            rows = self._session.each("search", "results", {"query": OPEN_CHARGED, "per_page": PAGE_SIZE})
            return wire.held(islice(rows, MOST_FOUND))
        except AttuneError as failure:
            log.warning("open charged tickets could not be counted: %s", failure)
            return None


def _lasts(team: Team, groups: Iterable[int]) -> timedelta:
    known = team.groups is None or set(groups) <= set(team.groups.values())
    return FRESH_FOR if known else LOOK_AGAIN_AFTER


def _by_id(rows: Any) -> dict[int, Json]:
    return {row["id"]: row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int)}
