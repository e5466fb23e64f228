"""The team as a whole (sandbox) desk tells it: roles, groups, availability, load, organizations, and what fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from integration.model import AddTags, Desk, Plan, Route
from integration.zendesk import TeamReader, Tickets
from tests.zendesk.conftest import Account

NOW = datetime.now(UTC)


class Clock:
    """A clock that stands until it is moved."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reader(account: Account, clock: Clock) -> TeamReader:
    return TeamReader(account.session, lambda: user(account, "attune@sandbox.example"), clock=clock)


def user(account: Account, email: str) -> int:
    return int(account.served.desk.state.find("user", email=email)[0]["id"])


def group(account: Account, name: str) -> int:
    return int(account.served.desk.state.find("group", name=name)[0]["id"])


def write(account: Account, email: str = "gwen@northwind.example") -> int:
    given = {"requester": {"name": "Gwen Asante", "email": email}, "channel": "email", "body": "Hello"}
    made = requests.post(f"{account.served.url}/sandbox/tickets", json=given, timeout=5).json()
    return int(made["ticket"]["id"])


def test_everybody_is_there_with_who_may_hold_tickets(account: Account, reader: TeamReader) -> None:
    """Groups, language and availability of each; light and suspended people known as such; never ourselves."""
    state = account.served.desk.state
    state.put("availability", {"id": user(account, "sam@sandbox.example"), "status": "offline"})
    state.put("availability", {"id": user(account, "noor@sandbox.example"), "status": "away"})
    team, _ = reader.team()
    assert team.agents is not None
    by_name = {agent.name: agent for agent in team.agents}
    assert "Attune" not in by_name
    assert {name for name, agent in by_name.items() if not agent.assignable} == {"Lee Light", "Uma Unwell"}
    assert {name for name, agent in by_name.items() if agent.suspended} == {"Uma Unwell"}
    assert by_name["Bea Lindqvist"].groups == {group(account, "Billing"), group(account, "Support")}
    assert by_name["Sol Navarro"].language == "es"
    at_work = {name: by_name[name].available for name in ("Sam Okafor", "Noor Haddad", "Bea Lindqvist", "Uma Unwell")}
    assert at_work == {"Sam Okafor": False, "Noor Haddad": False, "Bea Lindqvist": True, "Uma Unwell": None}
    assert team.omnichannel is False
    assert team.groups == {"Support": group(account, "Support"), "Billing": group(account, "Billing")}


def test_open_charged_tickets_are_counted(account: Account, reader: TeamReader) -> None:
    """Those with either of our tags that somebody has and that are not solved."""
    sam, plain = user(account, "sam@sandbox.example"), {"group_id": group(account, "Support")}
    held, solved, calm, unheld = (write(account) for _ in range(4))
    account.session.put(f"tickets/{held}", json={"ticket": {**plain, "assignee_id": sam, "tags": ["attune_senior"]}})
    done = {**plain, "assignee_id": sam, "tags": ["attune_senior"], "status": "solved"}
    account.session.put(f"tickets/{solved}", json={"ticket": done})
    account.session.put(f"tickets/{calm}", json={"ticket": {**plain, "assignee_id": sam}})
    account.session.put(f"tickets/{unheld}", json={"ticket": {"tags": ["attune_charge_charged"]}})
    assert reader.team()[1] == {held: sam}


def test_what_is_known_is_remembered_for_two_minutes(account: Account, reader: TeamReader, clock: Clock) -> None:
    """Six calls at first, none until two minutes have passed, then anew."""
    reader.team()
    before = account.session.calls
    reader.team()
    assert account.session.calls == before
    clock.now += timedelta(minutes=2)
    reader.team()
    assert account.session.calls - before == 6


@pytest.mark.parametrize(
    ("settings", "known"),
    [
        ({"routing": {"enabled": True}}, True),
        ({"routing": {"enabled": False}}, False),
        ({}, None),
        ({"routing": {}}, None),
    ],
)
def test_whether_zendesk_itself_chooses_is_read_or_unknown(
    account: Account, reader: TeamReader, settings: dict[str, Any], known: bool | None
) -> None:
    """By the account's settings; where they do not say, it is not known."""
    account.served.desk.state.put("setting", {"id": "account", "settings": settings})
    assert reader.team()[0].omnichannel is known


def test_trouble_is_told_and_nobody_is_known(account: Account, reader: TeamReader) -> None:
    """Where people cannot be read, the team is unknown and says why; nothing is raised, for team and organization."""
    faults = {"api_error_rate": 1.0}
    requests.put(f"{account.served.url}/sandbox/faults", json=faults, timeout=5).raise_for_status()
    team, held = reader.team()
    assert (team.agents, held) == (None, {})
    assert "Zendesk answered 5" in team.trouble
    assert reader.organization(1) is None


def test_an_organization_is_read_once(account: Account, reader: TeamReader) -> None:
    """Its tags and fields, by one call; the ticket says which one it is."""
    ticket = Tickets(account.session, lambda: Desk(self_id=1)).load(write(account))
    whose = ticket.requester.organization_id
    assert whose is not None
    before = account.session.calls
    found = [reader.organization(whose) for _ in range(3)]
    assert [one.tags if one else None for one in found] == [{"vip"}] * 3
    assert account.session.calls - before == 1


def test_group_and_person_go_in_one_update(account: Account) -> None:
    """Both are written together and journalled; Zendesk opens the ticket."""
    support, sam = group(account, "Support"), user(account, "sam@sandbox.example")
    tickets = Tickets(account.session, lambda: Desk(self_id=1))
    ticket = tickets.load(write(account))
    applied = tickets.apply(Plan(actions=(Route(group_id=support, assignee_id=sam, because=""),), because=""), ticket)
    assert applied.before == {"group_id": None, "assignee_id": None, "status": "new"}
    assert (applied.after["group_id"], applied.after["assignee_id"]) == (support, sam)
    after = tickets.load(ticket.id)
    assert (after.group_id, after.assignee_id, str(after.status)) == (support, sam, "open")


@pytest.mark.parametrize("email", ["lee@sandbox.example", "uma@sandbox.example", "noor@sandbox.example"])
def test_a_person_whom_zendesk_refuses_is_left_out_and_the_rest_is_written(account: Account, email: str) -> None:
    """A light or suspended agent, or one of another group: the rest is written without them, and told."""
    billing = group(account, "Billing")
    tickets = Tickets(account.session, lambda: Desk(self_id=1))
    ticket = tickets.load(write(account))
    route = Route(group_id=billing, assignee_id=user(account, email), because="")
    tags = AddTags(tags=frozenset({"attune_senior"}), because="")
    applied = tickets.apply(Plan(actions=(tags, route), because=""), ticket)
    assert applied.dropped == ("assignee_id",)
    after = tickets.load(ticket.id)
    assert (after.group_id, after.assignee_id, after.tags) == (billing, None, {"attune_senior"})


def test_a_group_that_is_not_known_is_looked_for_sooner(account: Account, reader: TeamReader, clock: Clock) -> None:
    """Twenty seconds after the last look, where a rule names a group that was not there; known ones wait."""
    known = [group(account, "Support")]
    reader.team(known)
    before = account.session.calls
    clock.now += timedelta(seconds=20)
    reader.team(known)
    assert account.session.calls == before
    reader.team([*known, 999])
    assert account.session.calls - before == 6
