"""What uninstall removes from a real (sandbox) account, and what it leaves."""

from __future__ import annotations

from integration.wire import resources
from integration.zendesk import setup
from integration.zendesk.comparison import Verb
from tests.zendesk.conftest import Account
from tests.zendesk.installing import CUSTOMER_WROTE, FACTS, ORDER_STATUS, install, uninstall, verbs


def test_uninstall_removes_exactly_what_install_made(account: Account) -> None:
    """Afterwards the account holds, document for document, what it held before."""
    before = account.everything()
    install(account, facts=FACTS)
    uninstall(account)
    assert account.everything() == before
    assert account.ledger.rows() == ()


def test_uninstall_says_what_is_lost(account: Account) -> None:
    """The plan warns that deleting a field wipes its values, before anything is done."""
    install(account)
    steps = setup.plan_removal(account.session, account.ledger.rows()).steps
    warned = {step.kind for step in steps if "WARNING" in step.because}
    assert resources.FIELD in warned
    assert all(step.because for step in steps)


def test_fields_can_be_kept(account: Account) -> None:
    """With keep_fields the history stays in the tickets, and a later install uses the same fields again."""
    install(account)
    fields = account.thing("field/charge")["id"]
    uninstall(account, keep_fields=True)
    assert {row.kind for row in account.ledger.rows()} == {resources.FIELD}
    install(account)
    assert account.thing("field/charge")["id"] == fields


def test_uninstall_does_not_mind_what_is_already_gone(account: Account) -> None:
    """Things that an admin has deleted are forgotten; one deleted between plan and deed as well."""
    install(account)
    account.delete(CUSTOMER_WROTE)
    account.delete(ORDER_STATUS)
    shown = setup.plan_removal(account.session, account.ledger.rows())
    assert verbs(shown)[CUSTOMER_WROTE] is Verb.FORGET
    account.delete("view/answered")
    assert setup.carry_out(shown, account.session, account.ledger).refused == ()
    assert account.ledger.rows() == ()


def test_a_category_with_somebody_elses_trigger_stays(account: Account) -> None:
    """A trigger that an admin put into our category is not ours to remove, so the category stays."""
    install(account)
    category = account.thing(resources.CATEGORY_KEY)["id"]
    actions = [{"field": "current_tags", "value": "theirs"}]
    ours = account.thing(CUSTOMER_WROTE)
    theirs = account.served.desk.state.put("trigger", {**ours, "id": 99, "title": "Theirs", "actions": actions})
    uninstall(account)
    assert account.served.desk.state.get("trigger", theirs["id"]) is not None
    assert account.served.desk.state.get("trigger_category", category) is not None


def test_a_webhook_that_others_use_is_not_forgotten(account: Account) -> None:
    """Zendesk refuses to delete it: the plan said who uses it, the rest goes, and a later uninstall tries again."""
    install(account)
    theirs = {**account.thing(CUSTOMER_WROTE), "id": 99, "title": "Theirs"}
    account.served.desk.state.put("trigger", theirs)
    shown = setup.plan_removal(account.session, account.ledger.rows())
    [warned] = [step.because for step in shown.steps if step.key == resources.WEBHOOK_KEY]
    assert "Theirs" in warned
    report = setup.carry_out(shown, account.session, account.ledger)
    assert [step.key for step, _ in report.refused] == [resources.WEBHOOK_KEY]
    assert [row.key for row in account.ledger.rows()] == [resources.WEBHOOK_KEY]
    account.served.desk.state.delete("trigger", 99)
    uninstall(account)
    assert account.ledger.rows() == ()
