"""Install and uninstall as one call each, with what every test of them needs.

It must not assert anything but that Zendesk refused nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from integration.zendesk import setup
from integration.zendesk.comparison import InstallPlan, Verb
from integration.zendesk.likeness import Prints
from tests.zendesk.conftest import Account

URL = "https://attune.example"
FACTS = {"tracking_page": "https://shop.example/track?a=1&b=2"}
ORDER_STATUS = "macro/answer/order_status"
CUSTOMER_WROTE = "trigger/customer_wrote"


def plan(account: Account, url: str = URL, **given: Any) -> InstallPlan:
    """What install would do now."""
    return setup.plan(account.session, account.ledger.rows(), public_url=url, **given)


def install(account: Account, url: str = URL, **given: Any) -> setup.Report:
    """Install, and expect nothing to be refused."""
    report = setup.carry_out(plan(account, url, **given), account.session, account.ledger)
    assert report.refused == ()
    return report


def uninstall(account: Account, keep_fields: bool = False) -> setup.Report:
    """Uninstall, and expect nothing to be refused."""
    steps = setup.plan_removal(account.session, account.ledger.rows(), keep_fields=keep_fields)
    report = setup.carry_out(steps, account.session, account.ledger)
    assert report.refused == ()
    return report


def verbs(steps: InstallPlan) -> dict[str, Verb]:
    """What is done, by key, leaving out what is kept."""
    return {step.key: step.verb for step in steps.changes}


def as_by_an_earlier_version(account: Account, key: str) -> None:
    """Make the ledger say that an earlier version of Attune wrote this, with another definition."""
    row = account.ledger.row(key)
    before = Prints.read(row.definition)
    account.ledger.put(replace(row, definition=str(replace(before, behaviour="earlier", texts="earlier"))))
