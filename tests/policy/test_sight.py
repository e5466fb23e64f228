"""Who may see which ticket: every kind of person and every limit that a desk can set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from integration import wire
from integration.model import NotUnderstood, Requester, Restriction, Staff
from integration.policy import sight
from tests.strategies import ticket

SAM = Staff(id=5, staff=True, groups=frozenset({1, 2}), organization_id=30)
MINE = ticket(group_id=1, assignee_id=5, requester=Requester(id=7, organization_id=30))
OTHERS = ticket(group_id=9, assignee_id=6, requester=Requester(id=7, organization_id=31))
NOBODYS = ticket(group_id=None, assignee_id=None, requester=Requester(id=7))


@pytest.mark.parametrize(
    ("changes", "mine", "others", "nobodys"),
    [
        ({}, True, True, True),
        ({"restriction": Restriction.GROUPS}, True, False, False),
        ({"restriction": Restriction.ASSIGNED}, True, False, False),
        ({"restriction": Restriction.ORGANIZATION}, True, False, False),
        ({"restriction": Restriction.ORGANIZATION, "organization_id": None}, False, False, False),
        ({"barred": frozenset({9})}, True, False, True),
        ({"barred": frozenset({9}), "admin": True}, True, True, True),
        ({"restriction": Restriction.ORGANIZATION, "barred": frozenset({1})}, False, False, False),
        ({"restriction": Restriction.OTHER}, False, False, False),
        ({"restriction": Restriction.OTHER, "admin": True}, True, True, True),
        ({"restriction": Restriction.GROUPS, "light": True}, True, False, False),
        ({"active": False}, False, False, False),
        ({"active": False, "admin": True}, False, False, False),
        ({"staff": False}, False, False, False),
    ],
)
def test_the_desks_own_limits_hold(changes: dict[str, Any], mine: bool, others: bool, nobodys: bool) -> None:
    """A limited agent sees in the sidebar what they see in the desk, and nobody from outside sees anything."""
    who = replace(SAM, **changes)
    assert [not sight.may_not_see(who, one) for one in (MINE, OTHERS, NOBODYS)] == [mine, others, nobodys]


@pytest.mark.parametrize(
    ("changes", "corrects", "looks_over"),
    [
        ({}, True, True),
        ({"light": True}, False, True),
        ({"restriction": Restriction.GROUPS}, True, False),
        ({"barred": frozenset({9})}, True, False),
        ({"barred": frozenset({9}), "admin": True}, True, True),
        ({"restriction": Restriction.GROUPS, "admin": True}, True, True),
        ({"staff": False}, True, False),
        ({"active": False}, True, False),
    ],
)
def test_more_than_looking(changes: dict[str, Any], corrects: bool, looks_over: bool) -> None:
    """Light agents correct nothing, and who sees some tickets only does not see the figures of all."""
    who = replace(SAM, **changes)
    assert bool(sight.may_not_correct(who)) is not corrects
    assert bool(sight.may_not_see_all(who)) is not looks_over


@pytest.mark.parametrize(
    ("user", "found"),
    [
        ({"role": "agent", "active": True, "suspended": False}, Staff(id=5, staff=True)),
        ({"role": "admin", "active": True, "suspended": False}, Staff(id=5, staff=True, admin=True)),
        ({"role": "end-user", "active": True, "suspended": False}, Staff(id=5, staff=False)),
        ({"role": "agent", "active": True, "suspended": True}, Staff(id=5, staff=True, active=False)),
        ({"role": "agent", "active": False, "suspended": False}, Staff(id=5, staff=True, active=False)),
        ({"role": "agent"}, Staff(id=5, staff=True, active=False)),
        (
            {"role": "agent", "role_type": 1, "active": True, "suspended": False, "ticket_restriction": "groups"},
            Staff(id=5, staff=True, light=True, restriction=Restriction.GROUPS, groups=frozenset({8})),
        ),
        (
            {"role": "agent", "active": True, "suspended": False, "ticket_restriction": "within-brands"},
            Staff(id=5, staff=True, restriction=Restriction.OTHER),
        ),
        (
            {"role": "agent", "active": True, "suspended": False, "ticket_restriction": "none", "default_group_id": 8},
            Staff(id=5, staff=True, restriction=Restriction.OTHER, groups=frozenset({8})),
        ),
    ],
)
def test_as_zendesk_tells(user: dict[str, Any], found: Staff) -> None:
    """What is not said counts against looking: no word on being active, a limit that we do not know."""
    groups = [{"group_id": 8}] if found.groups else []
    assert wire.staff({"user": {"id": 5, **user}}, groups) == found


def test_private_groups() -> None:
    """Who is not in a private group is kept out of it, but for admins; a group of which nothing is said is open."""
    rows = [{"id": 8, "is_public": False}, {"id": 9, "is_public": False}, {"id": 10, "is_public": True}, {"id": 11}]
    private = wire.private_groups(rows)
    assert private == {8, 9}
    shown = {"id": 5, "active": True, "suspended": False}
    agent = wire.staff({"user": {**shown, "role": "agent"}}, [{"group_id": 8}], private)
    assert agent.barred == {9}
    assert wire.staff({"user": {**shown, "role": "admin"}}, [], private).barred == frozenset()


@pytest.mark.parametrize("shown", [{}, {"user": {}}, {"user": []}, {"user": {"id": "x"}}])
def test_nobody_at_all(shown: dict[str, Any]) -> None:
    """An answer without a user is not understood, rather than read as somebody."""
    with pytest.raises(NotUnderstood):
        wire.staff(shown)
