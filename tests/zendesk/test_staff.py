"""One person of the desk as a (sandbox) desk tells it: how often it is asked, and what follows when they change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integration.model import NotAllowed, Restriction
from integration.zendesk.staff import FRESH_FOR, GROUPS_FRESH_FOR, StaffReader
from tests.zendesk.conftest import Account
from tests.zendesk.test_team import Clock, group, user


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reader(account: Account, clock: Clock) -> StaffReader:
    return StaffReader(account.session, clock=clock)


def calls(account: Account, reader: StaffReader, user_id: int) -> int:
    """How many calls it takes to know somebody."""
    before = account.session.calls
    reader.staff(user_id)
    return account.session.calls - before


def test_one_call_then_none_for_ten_seconds(account: Account, reader: StaffReader, clock: Clock) -> None:
    """Somebody unlimited costs one call, a limited agent two; within ten seconds nobody is asked after again."""
    reader.staff(user(account, "noor@sandbox.example"))  # the token and the groups come with the first call
    sam, lee = user(account, "sam@sandbox.example"), user(account, "lee@sandbox.example")
    assert [calls(account, reader, one) for one in (sam, sam, lee, lee)] == [1, 0, 2, 0]
    clock.now += FRESH_FOR
    assert calls(account, reader, sam) == 1
    clock.now -= timedelta(minutes=1)  # a clock that was put back does not make an old answer young
    assert calls(account, reader, sam) == 2  # the person, and the groups


def test_who_they_are(account: Account, reader: StaffReader) -> None:
    """Role, limits and groups as the desk has them."""
    lee = reader.staff(user(account, "lee@sandbox.example"))
    assert (lee.staff, lee.active, lee.admin, lee.light) == (True, True, False, True)
    assert (lee.restriction, lee.groups) == (Restriction.GROUPS, frozenset({group(account, "Support")}))
    assert reader.staff(user(account, "ada@sandbox.example")).admin
    assert not reader.staff(user(account, "priya@customer.example")).staff


def test_a_private_group_bars_who_is_not_in_it(account: Account, reader: StaffReader, clock: Clock) -> None:
    """An agent without limits of their own is kept out of a group that is private; its people and admins are not."""
    sam, bea = user(account, "sam@sandbox.example"), user(account, "bea@sandbox.example")
    assert reader.staff(sam).barred == frozenset()
    billing = group(account, "Billing")
    account.served.desk.state.put("group", account.served.desk.state.get("group", billing) | {"is_public": False})
    clock.now += GROUPS_FRESH_FOR
    assert reader.staff(sam).barred == {billing}
    assert reader.staff(bea).barred == frozenset()
    assert reader.staff(user(account, "ada@sandbox.example")).barred == frozenset()


def test_a_suspension_is_seen_after_ten_seconds(account: Account, reader: StaffReader, clock: Clock) -> None:
    """Who is suspended is asked after anew, and then is out."""
    sam = user(account, "sam@sandbox.example")
    assert reader.staff(sam).active
    account.served.desk.state.put("user", account.served.desk.state.get("user", sam) | {"suspended": True})
    clock.now += FRESH_FOR
    assert not reader.staff(sam).active


def test_nobody(account: Account, reader: StaffReader) -> None:
    """An id of nobody is refused as not allowed, not as an error of the desk."""
    with pytest.raises(NotAllowed):
        reader.staff(999_999_999)
