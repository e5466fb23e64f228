"""The roster: when the team is asked for, what each person is taken to carry, and that two at once never collide.

Policy is the real one; Zendesk and the store are small stand-ins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from integration import policy
from integration.model import Agent, Charge, Intent, Organization, Plan, Requester, Route, Rules, Rung, Team
from integration.worker import Roster
from tests.policy.macros import MACROS
from tests.strategies import NOW, SENIOR_GROUP, answered, reading, ticket

ASSIGNING = Rules(default_rung=Rung.SEND, rungs={}, assign=True, pause_after_charged=0)
ANGRY = reading(charge=Charge.CHARGED, intent=Intent.COMPLAINT)


@dataclass
class Account:
    """Zendesk as the roster sees it: two people, and what search finds of their open charged tickets."""

    found: Mapping[int, int] = field(default_factory=dict)
    load_known: bool = True
    company: Organization | None = None
    asked: list[str] = field(default_factory=list)

    def team(self, groups: Iterable[int] = ()) -> tuple[Team, Mapping[int, int]]:
        self.asked.append("team")
        people = tuple(Agent(id=id_, name=f"A{id_}", groups=frozenset({SENIOR_GROUP})) for id_ in (11, 12))
        groups = {"Senior": SENIOR_GROUP}
        return Team(agents=people, groups=groups, omnichannel=False, load_known=self.load_known), self.found

    def organization(self, organization_id: int) -> Organization | None:
        self.asked.append(f"organization {organization_id}")
        return self.company


@dataclass
class Given:
    """What was given, as the store has it."""

    rows: list[tuple[int, int, datetime]] = field(default_factory=list)

    def assigned(self, since: datetime) -> tuple[tuple[int, int, datetime], ...]:
        return tuple(row for row in self.rows if row[2] >= since)


def a_case(number: int = 42, **changes: Any) -> policy.Case:
    plain: dict[str, Any] = {"rules": ASSIGNING, "reading": ANGRY, "ticket": ticket(id=number)}
    return policy.Case(**answered(MACROS, **{**plain, **changes}))


def named(plan: Plan) -> int | None:
    return next((action.assignee_id for action in plan.actions if isinstance(action, Route)), None)


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, ["team"]),
        ({"reading": reading()}, []),
        ({"ticket": ticket(assignee_id=12)}, []),
        ({"rules": replace(ASSIGNING, assign=False)}, []),
        ({"rules": replace(ASSIGNING, assign=False, groups_for={"fraud": SENIOR_GROUP})}, ["team"]),
        ({"ticket": ticket(requester=Requester(id=7, organization_id=3))}, ["organization 3", "team"]),
        ({"ticket": ticket(requester=Requester(id=7, organization_id=3)), "reading": reading()}, ["organization 3"]),
        (
            {
                "ticket": ticket(requester=Requester(id=7, organization_id=3)),
                "rules": replace(ASSIGNING, assign=False, vip_tags=frozenset()),
            },
            [],
        ),
    ],
)
def test_zendesk_is_asked_only_where_it_could_matter(changes: dict[str, Any], asked: list[str]) -> None:
    """The team for tickets that go to a special group, the organization where somebody could be of high value."""
    account = Account()
    Roster(account, Given()).decide(a_case(**changes))
    assert account.asked == asked


@pytest.mark.parametrize(
    ("found", "given", "load_known", "chosen"),
    [
        ({}, [], True, 11),
        ({1: 11}, [], True, 12),
        ({1: 11, 2: 12, 3: 12}, [], True, 11),
        ({}, [(11, 1, ago(5))], True, 12),  # given just now, and search cannot find it yet
        ({1: 12}, [(11, 1, ago(5)), (11, 2, ago(300))], True, 11),  # handed on since; and long closed
        ({}, [(11, 1, ago(300))], False, 12),  # nothing can be counted: what was given today counts as open
        ({42: 11}, [(11, 42, ago(1))], True, 11),  # the ticket in question counts for nobody
    ],
)
def test_what_somebody_carries_is_what_is_found_and_what_was_given_lately(
    found: dict[int, int], given: list[tuple[int, int, datetime]], load_known: bool, chosen: int
) -> None:
    """Open tickets as searched, and our own choices that the search cannot know yet, each ticket once."""
    roster = Roster(Account(found=found, load_known=load_known), Given(rows=given))
    assert named(roster.decide(a_case())) == chosen


def test_many_at_once_are_spread() -> None:
    """Twelve tickets decided by eight threads at once fill two people to their cap of six and no further."""
    roster = Roster(Account(), Given())
    with ThreadPoolExecutor(8) as threads:
        names = [named(plan) for plan in threads.map(lambda n: roster.decide(a_case(n)), range(100, 114))]
    assert (names.count(11), names.count(12), names.count(None)) == (6, 6, 2)


def test_a_second_look_at_the_same_ticket_names_the_same_person() -> None:
    """A write that met an edit conflict is decided anew, and its own first choice does not count against anybody."""
    roster = Roster(Account(), Given())
    assert {named(roster.decide(a_case(7))) for _ in range(5)} == {11}


def test_a_choice_that_was_never_written_is_forgotten() -> None:
    """A minute later only what stands in the database counts."""
    roster = Roster(Account(), Given())
    assert named(roster.decide(a_case(1))) == 11
    assert named(roster.decide(a_case(2, now=NOW + timedelta(minutes=1)))) == 11


def test_high_value_reaches_the_plan_without_the_team() -> None:
    """The organization's tag stops the bot also where nobody is ever named."""
    rules = Rules(default_rung=Rung.SEND, rungs={})
    theirs = ticket(requester=Requester(id=7, name="Mary", organization_id=3))
    mild = a_case(ticket=theirs, reading=reading(charge=Charge.MILD), rules=rules)
    plain = Roster(Account(company=Organization()), Given()).decide(mild)
    valued = Roster(Account(company=Organization(tags=frozenset({"vip"}))), Given()).decide(mild)
    assert plain.silence == ()
    assert "a high-value customer who is not calm" in valued.silence
