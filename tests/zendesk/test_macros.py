"""In which languages and for which groups install puts the empathy macros into the menu, and what it remembers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from integration import content
from integration.model import Refused
from integration.wire.resources import (
    macro_key,
)
from integration.zendesk import setup
from integration.zendesk.comparison import Verb
from integration.zendesk.findings import Case, Level
from integration.zendesk.resource_checks import macros as check
from tests.zendesk.conftest import TOKEN, Account, Command
from tests.zendesk.installing import ORDER_STATUS, URL, as_by_an_earlier_version, install, plan, uninstall, verbs

DELAY = "macro/empathy/delay/first"
GERMAN_DELAY = f"{DELAY}/de"


def keys(*languages: str) -> set[str]:
    """The ledger keys of the empathy macros of these languages."""
    return {macro_key(text.key) for text in content.empathy(*languages)}


def installed(account: Account) -> set[str]:
    """The ledger keys of the empathy macros that stand."""
    return {row.key for row in account.ledger.rows() if row.key.startswith("macro/empathy/")}


def seen_by(account: Account, rows: Iterable[str]) -> set[str]:
    """Who sees these macros, by the desk's own words."""
    return {str(account.thing(key).get("restriction")) for key in rows}


# --- languages --------------------------------------------------------------------------------------------------------


def test_english_alone_is_the_default(account: Account) -> None:
    """Nobody gets two hundred macros without asking for them."""
    install(account)
    assert installed(account) == keys("en")
    assert plan(account).remark == "Empathy macros in English."


def test_chosen_languages_are_shown_installed_and_remembered(account: Account) -> None:
    """The plan creates them, the next one without a word of them changes nothing, and the desk knows them."""
    install(account)
    shown = plan(account, macro_languages=["de", "es"])
    assert shown.remark == "Empathy macros in English, Deutsch, Español."
    assert verbs(shown) == dict.fromkeys(keys("de", "es"), Verb.CREATE)
    install(account, macro_languages=["de", "es"])
    assert plan(account).changes == ()
    assert plan(account).remark == shown.remark
    known = {macro.key: macro.title for macro in setup.desk(account.ledger.rows(), 7).macros}
    assert known["empathy/delay/first/de"] == "Attune::Empathy::Deutsch::Verspätung::Zum ersten Mal"
    assert len(known) == len(content.answers()) + 3 * len(content.empathy())


def test_naming_others_takes_the_former_ones_away(account: Account) -> None:
    """What was named last holds; English stays, and so do texts that somebody made their own, until uninstall."""
    empty = account.ids()
    install(account, macro_languages=["de", "fr"])
    account.edit(GERMAN_DELAY, title="Attune::Empathy::Deutsch::Unser eigener")
    edited = account.thing(GERMAN_DELAY)["id"]
    shown = verbs(plan(account, macro_languages=["fr"]))
    assert shown == {**dict.fromkeys(keys("de"), Verb.REMOVE), GERMAN_DELAY: Verb.FORGET}
    install(account, macro_languages=["fr"])
    assert installed(account) == keys("en", "fr")
    assert edited in {thing["id"] for thing in account.things("macro")}
    assert plan(account).changes == ()
    install(account, macro_languages=["en"])
    assert installed(account) == keys("en")
    uninstall(account)
    assert account.ids() == empty


def test_a_lost_ledger_finds_its_languages_again(account: Account) -> None:
    """What stands under our mark is adopted in every language, so that uninstall leaves nothing behind."""
    empty = account.ids()
    group = account.things("group")[0]["name"]
    install(account, macro_languages=["pt"], macro_groups=[group])
    for row in account.ledger.rows():
        account.ledger.remove(row.key)
    assert {step.verb for step in plan(account).steps} == {Verb.ADOPT}
    install(account)
    assert installed(account) == keys("en", "pt")
    assert plan(account).remark == f"Empathy macros in English, Português; seen by {group} only."
    assert plan(account).changes == ()
    uninstall(account)
    assert account.ids() == empty


def test_an_install_of_an_earlier_version_keeps_its_macros(account: Account) -> None:
    """The keys of English have not changed, so a new text goes into the macro that agents know."""
    install(account)
    before = account.thing(DELAY)["id"]
    as_by_an_earlier_version(account, DELAY)
    install(account)
    assert account.thing(DELAY)["id"] == before
    assert plan(account).changes == ()


def test_doctor_names_macros_that_came_with_a_new_version(account: Account) -> None:
    """It looks at the languages that are installed, and at no others."""
    install(account, macro_languages=["de"], facts=dict.fromkeys(content.facts(), "x"))
    assert [finding.level for finding in check(_case(account))] == [Level.OK]
    account.ledger.remove(GERMAN_DELAY)
    [finding] = check(_case(account))
    assert finding.level is Level.WARNING
    assert finding.what.startswith("not in the desk yet, new in this version: Attune::Empathy::Deutsch::")


def _case(account: Account) -> Case:
    return Case(
        session=account.session,
        rows=account.ledger.rows(),
        public_url=URL,
        stored_secret="",
        clock=lambda: datetime.now(UTC),
    )


# --- groups -----------------------------------------------------------------------------------------------------------


def test_a_group_sees_the_empathy_macros_alone_and_that_is_remembered(account: Account) -> None:
    """Answers stay with everybody; a macro that comes later is kept to the same group."""
    group = account.things("group")[0]
    install(account)
    texts = {key: account.thing(key)["actions"] for key in keys("en")}
    shown = plan(account, macro_groups=[group["name"].upper()])
    assert verbs(shown) == dict.fromkeys(keys("en"), Verb.UPDATE)
    assert {step.because for step in shown.changes} == {"other groups are to see it"}
    assert shown.remark == f"Empathy macros in English; seen by {group['name']} only."
    install(account, macro_groups=[group["name"]])
    install(account, macro_languages=["de"])
    assert plan(account).changes == ()
    only = str({"type": "Group", "id": group["id"], "ids": [group["id"]]})
    assert seen_by(account, keys("en", "de")) == {only}
    assert seen_by(account, [ORDER_STATUS]) == {"None"}
    assert {key: account.thing(key)["actions"] for key in keys("en")} == texts


def test_a_renamed_group_stays_the_same_group(account: Account) -> None:
    """What is remembered is the group, not its name."""
    group = account.things("group")[0]
    install(account, macro_groups=[group["name"]])
    account.served.desk.state.put("group", {**group, "name": "The patient ones"})
    assert plan(account).changes == ()
    assert plan(account).remark.endswith("seen by The patient ones only.")


def test_everybody_sees_them_again_when_asked(account: Account) -> None:
    """No group at all lifts what install wrote, for good."""
    names = [group["name"] for group in account.things("group")[:2]]
    install(account, macro_groups=names)
    assert plan(account, macro_groups=names[::-1]).changes == ()
    install(account, macro_groups=[])
    assert seen_by(account, keys("en")) == {"None"}
    assert plan(account).changes == ()


def test_an_admins_own_restriction_is_left_and_not_spread(account: Account) -> None:
    """What somebody set by hand on one macro is no choice for all of them."""
    group = account.things("group")[0]["id"]
    install(account)
    account.edit(DELAY, restriction={"type": "Group", "id": group, "ids": [group]})
    assert plan(account).changes == ()
    install(account, macro_languages=["de"])
    assert seen_by(account, keys("de")) == {"None"}
    assert account.thing(DELAY)["restriction"]["id"] == group


def test_a_group_that_is_not_there_is_refused(account: Account) -> None:
    """It is named together with those that are, and nothing is changed."""
    before = account.everything()
    with pytest.raises(Refused, match="there is no group Tier 9; there are .*" + account.things("group")[0]["name"]):
        plan(account, macro_groups=["Tier 9"])
    assert account.everything() == before


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_shows_and_takes_both_choices(
    command: Command, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--dry-run` says what would stand and writes nothing; afterwards a plain install has nothing to do."""
    group = account.things("group")[0]["name"]
    monkeypatch.setenv("ZENDESK_URL", account.served.url)
    monkeypatch.setenv("ZENDESK_ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv("PUBLIC_URL", URL)
    before = account.everything()
    choice = ("--macro-language", "DE", "--macro-group", group)
    code, said = command("install", "--dry-run", *choice)
    remark = f"Empathy macros in English, Deutsch; seen by {group} only."
    assert (code, remark in said, "Verspätung" in said) == (0, True, True), said
    assert account.everything() == before
    assert command("install", "--yes", *choice)[0] == 0
    code, said = command("install")
    assert (code, "Nothing to install" in said, remark in said) == (0, True, True), said
    assert command("install", "--yes", "--macro-group", "")[0] == 0
    assert "seen by" not in command("install")[1]


def test_a_language_without_macros_is_refused_by_name(command: Command) -> None:
    """The words for it name what there is."""
    code, said = command("install", "--macro-language", "nl")
    assert code == 2
    assert all(f"'{language}'" in said for language in content.LANGUAGES)
