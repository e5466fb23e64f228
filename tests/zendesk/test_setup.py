"""What install does to a real (sandbox) account, and to the ledger."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from integration import content
from integration.model import Charge, Field, Owned, Refused
from integration.wire import resources
from integration.zendesk import setup
from integration.zendesk.comparison import InstallPlan, Verb, compare
from integration.zendesk.likeness import macro_text
from integration.zendesk.standing import Standing
from tests.zendesk.conftest import Account, CrashError
from tests.zendesk.installing import (
    CUSTOMER_WROTE,
    FACTS,
    ORDER_STATUS,
    URL,
    as_by_an_earlier_version,
    install,
    plan,
    uninstall,
    verbs,
)

# --- install ----------------------------------------------------------------------------------------------------------


def test_a_fresh_install_creates_everything_that_the_plan_showed(account: Account) -> None:
    """Every step of the first plan is a creation with a title and a reason, and all of it stands afterwards."""
    before = Counter({kind: len(things) for kind, things in account.everything().items()})
    shown = plan(account)
    assert {step.verb for step in shown.steps} == {Verb.CREATE}
    assert all(step.title and step.because for step in shown.steps)
    assert account.ledger.rows() == ()

    report = install(account)

    after = Counter({kind: len(things) for kind, things in account.everything().items()})
    texts = len(content.answers()) + len(content.empathy())
    assert after - before == Counter(
        webhook=1, trigger=4, trigger_category=1, ticket_field=4, group=1, view=3, macro=texts
    )
    assert len(report.secret) > 20
    assert all(row.made_by_us for row in account.ledger.rows())


def test_installing_again_changes_nothing(account: Account) -> None:
    """The second plan is empty, and carrying it out leaves every document of the account as it is."""
    first = install(account)
    before, rows = account.everything(), account.ledger.rows()
    assert plan(account).changes == ()
    assert install(account).secret == first.secret
    assert account.everything() == before
    assert account.ledger.rows() == rows


def test_the_webhook_is_one_that_triggers_may_use(account: Account) -> None:
    """It takes trigger events, posts JSON to our door, and every trigger sends only ids to it."""
    install(account)
    webhook = account.thing(resources.WEBHOOK_KEY)
    assert webhook["subscriptions"] == ["conditional_ticket_events"]
    assert (webhook["http_method"], webhook["request_format"]) == ("POST", "json")
    assert webhook["endpoint"] == f"{URL}/zendesk/events"
    for row in account.ledger.rows():
        if row.kind == resources.TRIGGER:
            [action] = account.thing(row.key)["actions"]
            assert action["value"][0] == webhook["id"]
            body = json.loads(action["value"][1])
            assert set(body) == {"ticket_id", "kind", "happened_at"}
            assert "comment" not in action["value"][1]


def test_another_public_url_changes_the_webhook_and_nothing_else(account: Account) -> None:
    """The same webhook, with its secret, then leads to the new address."""
    first = install(account)
    before = account.thing(resources.WEBHOOK_KEY)["id"]
    shown = plan(account, "https://new.example")
    assert verbs(shown) == {resources.WEBHOOK_KEY: Verb.UPDATE}
    assert install(account, "https://new.example").secret == first.secret
    assert account.thing(resources.WEBHOOK_KEY)["id"] == before
    assert account.thing(resources.WEBHOOK_KEY)["endpoint"] == "https://new.example/zendesk/events"
    assert plan(account, "https://new.example").changes == ()


def test_options_carry_the_words_that_readings_are_written_with(account: Account) -> None:
    """Each drop-down has an option for every word, with a readable name, hidden from customers."""
    install(account)
    charge = account.thing("field/charge")
    shown = {option["value"]: option["name"] for option in charge["custom_field_options"]}
    assert shown == {f"attune_charge_{word}": word.capitalize() for word in Charge}
    assert charge["visible_in_portal"] is False
    assert account.thing("field/marker")["type"] == "text"
    names = [option["name"] for option in account.thing("field/sentiment")["custom_field_options"]]
    assert "Very negative" in names


def test_facts_fill_the_answers_and_stay_when_not_named_again(account: Account) -> None:
    """A fact given later is written into the untouched macro, escaped, and a later install does not take it out."""
    install(account)
    assert "[[tracking_page]]" in macro_text(account.thing(ORDER_STATUS))
    assert verbs(plan(account, facts=FACTS)) == {ORDER_STATUS: Verb.UPDATE}
    install(account, facts=FACTS)
    assert "track?a=1&amp;b=2" in macro_text(account.thing(ORDER_STATUS))
    assert plan(account).changes == ()


def test_macros_add_a_tag_and_never_replace_tags(account: Account) -> None:
    """No macro of ours holds set_tags, which would wipe the ticket's own."""
    install(account)
    fields = {
        action["field"] for row in account.ledger.rows() if row.kind == "macro" for action in _actions(account, row)
    }
    assert fields == {"comment_value_html", "comment_mode_is_public", "current_tags"}


def _actions(account: Account, row: Owned) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = account.thing(row.key)["actions"]
    return found


# --- an admin's edits -------------------------------------------------------------------------------------------------


def test_an_edited_macro_keeps_the_admins_text(account: Account) -> None:
    """Neither a new fact nor a new version writes over a text that somebody changed in the desk."""
    install(account)
    actions = [{"field": "comment_value_html", "value": "<p>Our own words: [[tracking_page]]</p>"}]
    account.edit(ORDER_STATUS, actions=actions)
    as_by_an_earlier_version(account, ORDER_STATUS)
    shown = {step.key: step for step in plan(account, facts=FACTS).steps}
    assert shown[ORDER_STATUS].verb is Verb.KEEP
    assert "edited" in shown[ORDER_STATUS].because
    install(account, facts=FACTS)
    assert account.thing(ORDER_STATUS)["actions"] == actions


def test_an_untouched_macro_of_an_earlier_version_is_updated(account: Account) -> None:
    """What nobody edited follows our texts."""
    install(account, facts=FACTS)
    as_by_an_earlier_version(account, ORDER_STATUS)
    assert verbs(plan(account, facts=FACTS)) == {ORDER_STATUS: Verb.UPDATE}
    install(account, facts=FACTS)
    assert plan(account, facts=FACTS).changes == ()


def test_a_changed_definition_restores_conditions_but_not_titles(account: Account) -> None:
    """A trigger of an earlier version gets our conditions back and keeps the name that an admin gave it."""
    install(account)
    meant = account.thing(CUSTOMER_WROTE)["conditions"]
    account.edit(CUSTOMER_WROTE, title="Ring the bell", conditions={"all": meant["all"][:1], "any": []})
    as_by_an_earlier_version(account, CUSTOMER_WROTE)
    install(account)
    assert account.thing(CUSTOMER_WROTE)["conditions"] == meant
    assert account.thing(CUSTOMER_WROTE)["title"] == "Ring the bell"
    assert plan(account).changes == ()


@pytest.mark.parametrize(
    ("key", "edit"),
    [
        (CUSTOMER_WROTE, {"active": False}),
        (CUSTOMER_WROTE, {"conditions": {"all": [{"field": "status", "operator": "is", "value": "open"}], "any": []}}),
        ("view/charged_now", {"title": "Hot", "position": 99}),
        ("field/charge", {"title": "Heat", "description": "How hot"}),
        ("group/senior", {"name": "The calm ones"}),
        (resources.WEBHOOK_KEY, {"name": "Do not touch"}),
        (resources.CATEGORY_KEY, {"name": "Robots"}),
    ],
)
def test_without_a_new_definition_an_admins_edit_is_left(account: Account, key: str, edit: dict[str, Any]) -> None:
    """What an admin changed stays, and nothing is made a second time under its old name."""
    install(account)
    account.edit(key, **edit)
    assert plan(account).changes == ()
    install(account)
    assert {name: account.thing(key)[name] for name in edit} == edit


def test_what_was_deleted_in_the_desk_is_made_again_with_all_that_depends_on_it(account: Account) -> None:
    """A new webhook has a new id, so the triggers are pointed at it."""
    install(account)
    account.delete(resources.WEBHOOK_KEY)
    assert verbs(plan(account)) == {
        resources.WEBHOOK_KEY: Verb.CREATE,
        **{row.key: Verb.UPDATE for row in account.ledger.rows() if row.kind == resources.TRIGGER},
    }
    install(account)
    [action] = account.thing(CUSTOMER_WROTE)["actions"]
    assert action["value"][0] == account.thing(resources.WEBHOOK_KEY)["id"]
    assert plan(account).changes == ()


def test_a_missing_option_is_added_and_no_other_is_touched(account: Account) -> None:
    """Options go in one by one: a list that is resent without one of them would wipe that one from tickets."""
    install(account)
    ours = account.thing("field/charge")["custom_field_options"]
    extra = {**ours[0], "id": 5, "name": "Boiling", "value": "boiling"}
    account.edit("field/charge", custom_field_options=[*ours[1:], extra])
    assert verbs(plan(account)) == {"field/charge": Verb.UPDATE}
    install(account)
    after = account.thing("field/charge")["custom_field_options"]
    assert {option["value"] for option in after} == {option["value"] for option in [*ours, extra]}
    kept = {option["id"]: (option["name"], option["value"]) for option in after}
    assert all(kept[option["id"]] == (option["name"], option["value"]) for option in [*ours[1:], extra])
    assert plan(account).changes == ()


def test_a_rule_that_is_no_longer_ours_is_removed_and_other_things_stay() -> None:
    """A new version takes its old triggers and views away, and leaves what people may be using."""
    rows = [
        Owned(key=f"{kind}/old", kind=kind, zendesk_id="5", made_by_us=True, definition="", title="Old")
        for kind in (resources.TRIGGER, resources.VIEW, resources.MACRO, resources.FIELD)
    ]
    there = {row.kind: ({"id": 5, "title": "Old"},) for row in rows}
    standing = Standing(account=resources.Account(self_id="7"), things=there)
    shown = {step.kind: step.verb for step in compare((), standing, rows).steps}
    assert shown == {
        resources.TRIGGER: Verb.REMOVE,
        resources.VIEW: Verb.REMOVE,
        resources.MACRO: Verb.KEEP,
        resources.FIELD: Verb.KEEP,
    }


# --- what stood there before ------------------------------------------------------------------------------------------


def test_a_lost_ledger_doubles_nothing_and_still_uninstalls(account: Account) -> None:
    """Everything is found again by name or address and known as ours by its mark."""
    empty = account.ids()
    install(account, facts=FACTS)
    before = account.ids()
    for row in account.ledger.rows():
        account.ledger.remove(row.key)
    assert {step.verb for step in plan(account).steps} == {Verb.ADOPT}
    install(account)
    assert account.ids() == before
    assert plan(account).changes == ()
    assert "shop.example" in macro_text(account.thing(ORDER_STATUS))
    uninstall(account)
    assert account.ids() == empty


@pytest.mark.parametrize("puts", [0, 1, 5, 6, 7, 12, 30])
def test_an_interrupted_install_goes_on_where_it_stopped(account: Account, puts: int) -> None:
    """A crash between making a thing and writing it down leaves neither a gap nor a double."""
    empty = account.ids()
    account.ledger.puts_left = puts
    with pytest.raises(CrashError):
        install(account)
    account.ledger.puts_left = None
    install(account)
    titles = Counter(
        (kind, str(t.get("title") or t.get("name")))
        for kind in ("macro", "trigger", "view", "webhook", "trigger_category", "ticket_field")
        for t in account.things(kind)
    )
    assert set(titles.values()) == {1}
    uninstall(account)
    assert account.ids() == empty


def test_a_group_that_stood_there_is_used_and_left_behind(account: Account) -> None:
    """The senior group may be one that the desk already has; it is adopted by name and survives uninstall."""
    group = account.served.desk.state.list("group")[0]
    shown = {step.key: step for step in plan(account, senior_group=group["name"].upper()).steps}
    assert shown["group/senior"].verb is Verb.ADOPT
    install(account, senior_group=group["name"])
    assert setup.desk(account.ledger.rows(), 7).senior_group_id == group["id"]
    assert plan(account).changes == ()
    uninstall(account)
    assert account.served.desk.state.get("group", group["id"]) == group


def test_changing_to_another_group_leaves_nothing_of_ours_behind(account: Account) -> None:
    """The group that install made first is no longer used, and uninstall still removes it."""
    empty = account.ids()
    name = account.things("group")[0]["name"]
    install(account)
    install(account, senior_group=name)
    assert setup.desk(account.ledger.rows(), 7).senior_group_id == account.things("group")[0]["id"]
    assert plan(account).changes == ()
    uninstall(account)
    assert account.ids() == empty


def test_senior_members_are_added_once_and_taken_out_again(account: Account) -> None:
    """Agents are put into the group by address; not naming them later does not take them out."""
    empty = account.ids()
    email = next(u["email"] for u in account.things("user") if u["role"] == "agent")
    install(account, senior_members=[email.upper()])
    group = account.thing("group/senior")["id"]
    assert len([m for m in account.things("group_membership") if m["group_id"] == group]) == 1
    assert plan(account).changes == ()
    assert plan(account, senior_members=[email]).changes == ()
    uninstall(account)
    assert account.ids() == empty


def test_a_customer_cannot_be_made_a_senior_member(account: Account) -> None:
    """An address that is no agent's is named, and nothing is made."""
    before = account.everything()
    with pytest.raises(Refused, match=r"nobody@nowhere\.example"):
        plan(account, senior_members=["nobody@nowhere.example"])
    assert account.everything() == before


# --- what Zendesk will not do -----------------------------------------------------------------------------------------


_VIEWS = ("charged_now", "urgent_now", "answered")


def test_what_is_refused_is_reported_and_the_rest_goes_on(account: Account) -> None:
    """A field that Zendesk refuses keeps back what needs it, names it, and nothing else."""
    shown = plan(account)
    poisoned = tuple(
        replace(step, wanted=replace(step.wanted, behaviour={**step.wanted.behaviour, "type": "nonsense"}))
        if step.key == "field/charge" and step.wanted
        else step
        for step in shown.steps
    )
    report = setup.carry_out(InstallPlan(steps=poisoned), account.session, account.ledger)
    refused = {step.key: why for step, why in report.refused}
    assert set(refused) == {"field/charge", "trigger/field_corrected", *(f"view/{v}" for v in _VIEWS)}
    assert "field/charge" in refused["view/charged_now"]
    assert report.secret
    install(account)
    assert plan(account).changes == ()


# --- the desk that the rest of Attune knows ---------------------------------------------------------------------------


def test_the_desk_names_every_id(account: Account) -> None:
    """Fields, senior group and all macros are found by our own names for them."""
    install(account)
    desk = setup.desk(account.ledger.rows(), 7)
    assert set(desk.fields) == set(Field)
    assert desk.fields[Field.CHARGE] == account.thing("field/charge")["id"]
    assert desk.senior_group_id == account.thing("group/senior")["id"]
    assert {macro.key for macro in desk.macros} == {text.key for text in (*content.answers(), *content.empathy())}
    assert all(macro.title.startswith("Attune::") for macro in desk.macros)


def test_a_desk_without_install_is_empty() -> None:
    """Before install there is nothing to write to, and no group to route to."""
    desk = setup.desk((), 7)
    assert (dict(desk.fields), desk.senior_group_id, desk.macros) == ({}, None, ())
