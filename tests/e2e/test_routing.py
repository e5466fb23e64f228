"""Thirty charged tickets over a whole desk: who gets them, that nobody gets too many, and what the admin is told.

It must not choose anybody: it looks at who stands on the tickets in the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from integration.cli import console
from integration.zendesk import team
from tests.e2e.conftest import Stage
from tests.e2e.staging import CHARGED, acted, admin, thing

ONE_DATABASE = True

SENIORS = ("bea", "sam", "noor", "sol")
UNFIT = ("lee", "uma")  # a light agent, and a suspended one
MILD = "I am a bit annoyed that order 48213 is late again. Where is it?"


def person(stage: Stage, name: str) -> int:
    return int(stage.served.desk.state.find("user", email=f"{name}@sandbox.example")[0]["id"])


def said(stage: Stage, *words: str) -> str:
    code, text = stage.flask(*words)
    assert code == 0, text
    return text


@pytest.fixture
def seniors(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The senior group with four people who may hold tickets and two who may not; naming is on, pauses are off."""
    monkeypatch.setattr(console.out, "width", 300)
    group, state = int(thing(stage, "group/senior")), stage.served.desk.state
    for name in (*SENIORS, *UNFIT):
        if not [one for one in state.find("group_membership", user_id=person(stage, name)) if one["group_id"] == group]:
            state.put(
                "group_membership", {"id": None, "user_id": person(stage, name), "group_id": group, "default": False}
            )
    said(stage, "rules", "assign=true", "pause_after_charged=0")
    yield group
    said(stage, "rules", "assign=false", "pause_after_charged=3", "charged_per_person=6")


def test_thirty_charged_tickets_are_spread(stage: Stage, seniors: int) -> None:
    """Four people get six each, English first; the last six stay with the group, tagged, and the admin reads why."""
    before = stage.parts.session.calls
    written = [stage.write(f"{CHARGED} Case {number}.") for number in range(30)]
    tickets = [stage.settled(ticket) for ticket in written]
    names = {person(stage, name): name for name in (*SENIORS, *UNFIT)}
    spread = Counter(names.get(ticket["assignee_id"], "nobody") for ticket in tickets)
    print(f"\nspread of 30: {dict(spread)}; {stage.parts.session.calls - before} calls")  # noqa: T201 - the brief's figure
    assert spread == {**dict.fromkeys(SENIORS, 6), "nobody": 6}
    assert {ticket["group_id"] for ticket in tickets} == {seniors}
    for ticket in tickets:
        alone = ticket["assignee_id"] is None
        assert ("attune_nobody_free" in ticket["tags"]) is alone
        (outcome,) = acted(stage, ticket["id"])
        assert outcome["assignee_id"] == ticket["assignee_id"]
        assert any("4 at the cap" in note for note in outcome["notes"]) is alone
    shown = said(stage, "team")
    for part in ("6 of 6", "no: at the cap", "cannot hold tickets", "no: suspended", "nobody in Senior"):
        assert part in " ".join(shown.split()), shown
    assert "nobody in Senior Support is free" in " ".join(stage.flask("doctor")[1].split())


def test_a_ticket_that_a_person_holds_stays_there(stage: Stage, seniors: int) -> None:
    """A calm ticket in an agent's hands turns charged: marked and raised, and still the same person's."""
    said(stage, "rules", "charged_per_person=100")
    ticket = stage.write("Thanks for your help, could you look at invoice 7?")
    stage.settled(ticket)
    support = stage.served.desk.state.find("group", name="Support")[0]["id"]
    held = {"ticket": {"assignee_id": person(stage, "noor"), "group_id": support}}
    stage.parts.session.put(f"tickets/{ticket}", json=held)
    stage.reply(ticket, CHARGED)
    after = stage.settled(ticket, outcomes=2)
    assert (after["assignee_id"], after["group_id"]) == (person(stage, "noor"), support)
    assert after["priority"] == "high"


def test_a_valued_customer_who_is_not_calm_meets_a_person(stage: Stage, seniors: int) -> None:
    """The organization's tag brings a mild ticket to people; the same words of anybody else go their usual way."""
    said(stage, "rules", "charged_per_person=100")
    theirs = stage.write(MILD, name="Gwen Asante")
    gwen = stage.served.desk.state.find("user", email="gwen@northwind.example")[0]
    valued = stage.control("POST", "tickets", requester={"id": gwen["id"]}, channel="email", subject="", body=MILD)
    plain, vip = stage.settled(theirs), stage.settled(int(valued["ticket"]["id"]))
    assert "attune_vip" not in plain["tags"]
    assert {"attune_vip", "attune_senior"} <= set(vip["tags"])
    assert vip["group_id"] == seniors
    assert vip["assignee_id"] in {person(stage, name) for name in SENIORS}
    assert not [one for one in stage.ours(vip) if one["public"]]


def test_a_kind_has_a_group_of_its_own_until_that_is_gone(
    stage: Stage, seniors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fraud goes where the rule says, in reach of a person there; with the group deleted, to the senior one again."""
    monkeypatch.setattr(team, "LOOK_AGAIN_AFTER", timedelta())
    words = "Someone stole my card and there are charges on my account that I did not make. Please block it."
    group = int(admin(stage, "POST", "groups", group={"name": "Fraud desk"})["group"]["id"])
    joined = {"user_id": person(stage, "noor"), "group_id": group}
    admin(stage, "POST", "group_memberships", group_membership=joined)
    assert f"fraud: {group}" in said(stage, "rules", "charged_per_person=100", f"groups_for.fraud={group}")
    stage.parts.__dict__.pop("roster", None)  # another process, which has not looked yet
    assert "Fraud desk" in said(stage, "team")
    theirs = stage.settled(stage.write(words))
    assert theirs["group_id"] == group
    admin(stage, "DELETE", f"groups/{group}")
    stage.parts.__dict__.pop("roster", None)
    assert "groups_for names groups that are not there" in " ".join(stage.flask("doctor")[1].split())
    assert "fraud" not in said(stage, "rules", "groups_for.fraud=").split("groups_for")[1].splitlines()[0]
