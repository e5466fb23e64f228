"""Decides with the team at hand: looks up who could take a ticket and what each carries, and lets the policy choose.

It must not know HTTP or SQL, nor choose by itself: it hands the policy what the desk and our own outcomes say.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from integration import policy
from integration.model import Agent, Organization, Plan, Route, Team

# Zendesk finds a changed ticket after a minute or so, and what it found is remembered for two; our choice is ample.
# https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/
NOT_FOUND_YET = timedelta(minutes=10)
# Where open tickets cannot be counted, what was given in a working day counts as still open; our choice.
STILL_OPEN = timedelta(hours=8)
# How far back what we gave matters: the longest pause that a rule allows, and the hour of the run before it.
LOOK_BACK = timedelta(hours=9)
# A choice of this process that is not yet in the database counts this long: the write takes a second or two.
CHOSEN_COUNTS = timedelta(minutes=1)


class Account(Protocol):
    """What is asked of Zendesk."""

    def team(self, groups: Iterable[int] = ()) -> tuple[Team, Mapping[int, int]]: ...
    def organization(self, organization_id: int) -> Organization | None: ...


class Given(Protocol):
    """What is asked of the store."""

    def assigned(self, since: datetime) -> tuple[tuple[int, int, datetime], ...]: ...


class Roster:
    """The team of one desk; may be used from any thread."""

    def __init__(self, account: Account, given: Given) -> None:
        self._account = account
        self._given = given
        self._lock = threading.Lock()
        self._chosen: dict[int, tuple[int, int, datetime]] = {}  # by ticket: assignee, ticket, when

    def decide(self, case: policy.Case) -> Plan:
        """The plan of `policy.decide`, with the team looked up where somebody may be named.

        One choice at a time in this process, so that two tickets at once do not both go to the one who has the fewest.
        """
        case = self._with_organization(case)
        if not _asks_for_team(case):
            return policy.decide(case)
        team, open_now = self._account.team(case.rules.groups_for.values())
        with self._lock:
            laden = self._laden(team, open_now, case.now, but=case.ticket.id)
            plan = policy.decide(replace(case, team=replace(laden, organization=case.team.organization)))
            self._remember(plan, case)
        return plan

    def team(self, now: datetime) -> Team:
        """Everybody in a group, with what they carry now."""
        team, open_now = self._account.team()
        return self._laden(team, open_now, now)

    def _with_organization(self, case: policy.Case) -> policy.Case:
        whose = case.ticket.requester.organization_id
        if whose is None or not (case.rules.vip_tags or case.rules.vip_fields):
            return case
        return replace(case, team=replace(case.team, organization=self._account.organization(whose)))

    def _laden(self, team: Team, open_now: Mapping[int, int], now: datetime, but: int | None = None) -> Team:
        """The team with each one's load; `but` is the ticket in question, so that a second look chooses the same."""
        if team.agents is None:
            return team
        given = self._given_lately(now, but)
        held = {ticket: agent for ticket, agent in open_now.items() if ticket != but}
        counts_since = now - (NOT_FOUND_YET if team.load_known else STILL_OPEN)
        for agent, ticket, at in given:
            if at >= counts_since:
                held.setdefault(ticket, agent)
        return replace(team, agents=tuple(_with_load(agent, held.values(), given) for agent in team.agents))

    def _given_lately(self, now: datetime, but: int | None) -> list[tuple[int, int, datetime]]:
        """Our own choices, the newest of each ticket: those written down, and those of this process on their way."""
        newest = {ticket: (agent, ticket, at) for agent, ticket, at in self._given.assigned(now - LOOK_BACK)}
        on_their_way = dict(self._chosen)  # `flask team` looks without the lock
        for ticket, chosen in on_their_way.items():
            if now - chosen[2] < CHOSEN_COUNTS:
                newest.setdefault(ticket, chosen)
        newest.pop(but or 0, None)
        return sorted(newest.values(), key=lambda one: one[2])

    def _remember(self, plan: Plan, case: policy.Case) -> None:
        self._chosen = {t: one for t, one in self._chosen.items() if case.now - one[2] < CHOSEN_COUNTS}
        self._chosen.pop(case.ticket.id, None)
        route = next((action for action in plan.actions if isinstance(action, Route)), None)
        if route is not None and route.assignee_id is not None:
            self._chosen[case.ticket.id] = (route.assignee_id, case.ticket.id, case.now)


def _asks_for_team(case: policy.Case) -> bool:
    """Whether knowing the team could change the plan; else nothing is asked of Zendesk."""
    held = case.ticket.assignee_id not in (None, case.desk.self_id)
    return bool(case.rules.assign or case.rules.groups_for) and not held and bool(policy.for_senior(case))


def _with_load(agent: Agent, holders: Iterable[int], given: Iterable[tuple[int, int, datetime]]) -> Agent:
    return replace(
        agent,
        open_charged=sum(1 for holder in holders if holder == agent.id),
        taken=tuple(at for whom, _ticket, at in given if whom == agent.id),
    )
