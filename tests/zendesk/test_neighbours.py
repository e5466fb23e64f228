"""What install leaves alone in a real (sandbox) account: another Attune, and an admin's own things of our names.

It must not repeat what install makes of an account that holds neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from integration.model import Refused
from integration.wire import resources
from integration.zendesk.comparison import Verb
from tests.zendesk.conftest import Account
from tests.zendesk.installing import CUSTOMER_WROTE, ORDER_STATUS, URL, install, plan, uninstall, verbs


def _everything_by_another(account: Account) -> None:
    """Install from elsewhere, into a ledger that this installation never sees."""
    install(account, "https://production.example")
    for row in account.ledger.rows():
        account.ledger.remove(row.key)


def test_another_attunes_account_is_refused_and_left_alone(account: Account) -> None:
    """A second installation at another address is told where the first one listens, and nothing is changed."""
    _everything_by_another(account)
    before = account.everything()
    with pytest.raises(Refused, match=r"listens at https://production\.example/zendesk/events.*--take-over"):
        plan(account)
    assert account.everything() == before


def test_another_attune_is_taken_over_when_asked(account: Account) -> None:
    """Its webhook then leads to us, nothing is doubled, a later install is quiet, and uninstall removes it all."""
    empty = account.ids()
    _everything_by_another(account)
    before = account.ids()
    shown = {step.key: step for step in plan(account, take_over=True).steps}
    assert {step.verb for step in shown.values()} == {Verb.ADOPT}
    assert "production.example" in shown[resources.WEBHOOK_KEY].because
    install(account, take_over=True)
    assert account.ids() == before
    assert account.thing(resources.WEBHOOK_KEY)["endpoint"] == f"{URL}/zendesk/events"
    assert plan(account).changes == ()
    assert plan(account, take_over=True).changes == ()
    uninstall(account)
    assert account.ids() == empty


def _theirs(account: Account, ours: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """An admin's own things of our names, switched to the admin's purposes and without our mark."""
    made = {}
    for number, (key, thing) in enumerate(ours.items(), start=9000):
        own = {**thing, "id": f"{number}" if key == resources.WEBHOOK_KEY else number, "description": "Our own."}
        if key == ORDER_STATUS:
            own["actions"] = [{"field": "comment_value_html", "value": "<p>For agents' eyes</p>"}]
        if "conditions" in own:
            own["conditions"] = {"all": [{"field": "status", "operator": "is", "value": "open"}], "any": []}
        made[key] = account.served.desk.state.put(key.partition("/")[0], own)
    return made


SAME_NAMED = (CUSTOMER_WROTE, "view/charged_now", ORDER_STATUS, resources.WEBHOOK_KEY)


def test_an_admins_own_things_of_our_names_are_neither_used_nor_written(account: Account) -> None:
    """Without our mark a trigger, view, macro or webhook is somebody else's: ours is made beside it, theirs stays."""
    install(account)
    ours = {key: account.thing(key) for key in SAME_NAMED}
    uninstall(account)
    theirs = _theirs(account, ours)
    before = account.everything()
    assert {verb for key, verb in verbs(plan(account)).items() if key in SAME_NAMED} == {Verb.CREATE}
    install(account)
    for key, thing in theirs.items():
        assert account.served.desk.state.get(key.partition("/")[0], thing["id"]) == thing
        assert account.thing(key)["id"] != thing["id"]
    assert plan(account).changes == ()
    uninstall(account)
    assert account.everything() == before


def test_what_an_earlier_version_took_from_an_admin_is_given_back(account: Account) -> None:
    """A ledger that names an admin's own trigger is put right: ours is made, and theirs is not written."""
    install(account)
    [theirs] = _theirs(account, {CUSTOMER_WROTE: account.thing(CUSTOMER_WROTE)}).values()
    account.delete(CUSTOMER_WROTE)
    row = account.ledger.row(CUSTOMER_WROTE)
    account.ledger.put(replace(row, zendesk_id=str(theirs["id"]), made_by_us=False, definition=""))
    assert verbs(plan(account)) == {CUSTOMER_WROTE: Verb.CREATE}
    install(account)
    assert account.served.desk.state.get("trigger", theirs["id"]) == theirs
    assert plan(account).changes == ()
