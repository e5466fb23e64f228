"""The sidebar's server as the app meets it: over HTTP with signed calls, beside a real desk and a working worker."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
import requests

from integration.model import TryLater
from tests.e2e.conftest import Stage
from tests.e2e.staging import CALM, CHARGED, acted, admin, audits

ONE_DATABASE = True

SECRET = "an app's shared secret, long enough to sign with"


@pytest.fixture(scope="module", autouse=True)
def app_installed(stage: Stage) -> None:
    """The secret that Zendesk's proxy would sign with; the database holds it sealed."""
    with pytest.raises(TryLater, match="flask install --app"):
        stage.parts.sidebar_secret()
    stage.parts.keep_sidebar_secret(SECRET)
    assert stage.parts.sidebar_secret() == SECRET
    assert SECRET not in str(stage.parts.store.get("sidebar secret"))


def agent(stage: Stage, name: str = "sam") -> int:
    """An agent's user id."""
    (user,) = stage.served.desk.state.find("user", email=f"{name}@sandbox.example")
    return int(user["id"])


def token(stage: Stage, ticket: int | str, by: int, secret: str = SECRET, **claims: Any) -> str:
    """What the proxy would sign for this agent."""
    said = {"iss": stage.desk, "aud": "attune", "sub": str(by), "ticket": str(ticket), "exp": int(time.time()) + 120}
    return jwt.encode({**said, **claims}, secret, algorithm="HS256")


def call(
    stage: Stage, method: str, path: str, ticket: int | str, *, by: int | None = None, body: Any = None
) -> requests.Response:
    """One call of the app."""
    return requests.request(
        method,
        f"{stage.environ['PUBLIC_URL']}/sidebar/{path}",
        headers={"Authorization": f"Bearer {token(stage, ticket, by or agent(stage))}"},
        json=body,
        timeout=20,
    )


def glance(stage: Stage, ticket: int, by: int | None = None) -> dict[str, Any]:
    """What the agent sees."""
    answer = call(stage, "GET", f"tickets/{ticket}", ticket, by=by)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def correct(stage: Stage, ticket: int, label: str, value: str, by: int | None = None) -> dict[str, Any]:
    """Put one label right, as the app does."""
    body = {"label": label, "value": value}
    answer = call(stage, "POST", f"tickets/{ticket}/corrections", ticket, by=by, body=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def field_of(stage: Stage, ticket: int, name: str) -> Any:
    """What stands in one of our fields."""
    fields: Mapping[Any, Any] = stage.parts.desk().fields
    shown = stage.ask(f"tickets/{ticket}")["ticket"]["custom_fields"]
    return next(one["value"] for one in shown if one["id"] == fields[name])


def test_an_answered_ticket_and_who_asks_for_a_person_then(stage: Stage) -> None:
    """What Attune answered needs nothing; once the customer took the way to a person, it needs one."""
    number = stage.write(CALM)
    stage.settled(number)
    assert glance(stage, number)["cue"].startswith("Attune has answered this")
    assert glance(stage, number)["macros"] == []
    admin(stage, "PUT", f"tickets/{number}/tags", tags=["attune_wants_person"])
    assert glance(stage, number)["cue"].startswith("They asked for a person")


def test_a_charged_ticket_at_one_glance(stage: Stage) -> None:
    """Mood, reasons with their places in the text, promises and macros are there, from at most five calls."""
    number = stage.write(CHARGED, subject="Refund <b>5512</b> {{ticket.id}}")
    stage.settled(number)
    glance(stage, number)
    before = stage.parts.session.calls
    seen = glance(stage, number)
    assert stage.parts.session.calls - before <= 5
    assert seen["state"] == "read"
    assert seen["reading"]["charge"]["value"] == "charged"
    assert seen["said"]["marks"]
    text = seen["said"]["text"]
    assert all(text[mark["start"] : mark["end"]].strip() for mark in seen["said"]["marks"])
    assert seen["cue"]
    assert seen["macros"]
    assert seen["ours"]["kind"] == "none"
    assert "the feeling is charged" in seen["ours"]["why_not"]
    assert seen["trend"]["direction"] == "unknown"
    assert seen["choices"]["charge"] == ["calm", "mild", "charged"]


def test_a_correction_acts(stage: Stage) -> None:
    """Put right in the sidebar: the field follows in one journalled write, and no bot speaks on the ticket again."""
    number = stage.write(CALM)
    stage.settled(number)
    seen = glance(stage, number)
    assert seen["ours"]["kind"] == "sent"
    assert seen["ours"]["intent"] == "order_status"
    was = seen["reading"]["charge"]["value"]
    said = correct(stage, number, "charge", "charged")
    assert (said["was"], said["is_now"]) == (was, "charged")
    assert "No automatic reply" in said["says"]
    assert correct(stage, number, "charge", "charged") == said
    now = glance(stage, number)["reading"]["charge"]
    assert (now["value"], now["corrected_from"], now["sure"]) == ("charged", was, True)
    stage.until(lambda: field_of(stage, number, "charge") == "attune_charge_charged", "the field")
    stage.until(lambda: len(acted(stage, number)) == 2, "the journalled write")
    assert len(stage.parts.store.corrections(number)) == 1
    assert len(audits(stage, number)) == 2
    figures = stage.parts.store.autonomy.last_sent(number)
    assert figures is not None

    stage.reply(number, "Thanks. And where is my order 48215?")
    stage.until(lambda: any(one["message_id"] for one in stage.outcomes(number)[2:]), "the next reading")
    last = stage.outcomes(number)[-1]
    assert "a person corrected how this ticket was read" in last["plan"]["silence"]
    assert last["charge"] == "charged"
    assert not last["replied"]
    assert not last["drafted"]
    assert sum(one["public"] for one in stage.ours(stage.ticket(number))) == 1
    assert glance(stage, number)["reading"]["charge"]["value"] == "charged"


def test_a_correction_is_undone(stage: Stage) -> None:
    """The field that a correction wrote goes back by `flask undo`, as every other write of ours does."""
    number = stage.write("How do I change my invoice address? Regards, Kim")
    stage.settled(number)
    was = field_of(stage, number, "urgency")
    correct(stage, number, "urgency", "critical")
    stage.until(lambda: field_of(stage, number, "urgency") == "attune_urgency_critical", "the field")
    stage.until(lambda: len(acted(stage, number)) == 2, "the journal")
    (write,) = [one for one in stage.parts.store.archive.writes(ticket_id=number) if one.delivery_id[:7] == "sidebar"]
    stage.parts.undoer.undo([write])
    assert field_of(stage, number, "urgency") == was


def test_a_field_change_by_hand_counts_once_beside_the_sidebar(stage: Stage) -> None:
    """What the sidebar put into the field is no second correction when an agent changes another field later."""
    number = stage.write(CALM)
    stage.settled(number)
    correct(stage, number, "charge", "mild")
    stage.until(lambda: len(acted(stage, number)) == 2, "the sidebar's write")
    urgency = stage.parts.desk().fields
    field_id = next(id_ for name, id_ in urgency.items() if name == "urgency")
    admin(
        stage,
        "PUT",
        f"tickets/{number}",
        ticket={"custom_fields": [{"id": field_id, "value": "attune_urgency_normal"}]},
    )
    stage.until(lambda: len(stage.parts.store.corrections(number)) >= 2, "the field's correction")
    stage.until(lambda: len(stage.outcomes(number)) == 3, "its outcome")
    found = [(one["field"], one["source"], one["is_now"]) for one in stage.parts.store.corrections(number)]
    assert found == [("charge", "sidebar", "attune_charge_mild"), ("urgency", "field", "attune_urgency_normal")]


def test_should_not_have_been_answered(stage: Stage) -> None:
    """The verdict is kept, counts against the answer, and silences the bot; the last word is shown."""
    number = stage.write(CALM)
    stage.settled(number)
    assert correct(stage, number, "answer", "should_not")["is_now"] == "should_not"
    stage.until(lambda: len(stage.outcomes(number)) == 2, "the worker's note")
    assert glance(stage, number)["verdict"] == "should_not"
    assert "counts against" in correct(stage, number, "answer", "should_not")["says"]
    assert correct(stage, number, "answer", "was_fine")["was"] == "should_not"
    assert glance(stage, number)["verdict"] == "was_fine"


def test_who_may_not_see_it(stage: Stage) -> None:
    """Suspended, a customer, nobody, of another group: turned away. A light agent of the group looks, and only that."""
    number = stage.write(CALM)
    ticket = stage.settled(number)
    for by in (agent(stage, "uma"), ticket["requester_id"], 999_999_999):
        answer = call(stage, "GET", f"tickets/{number}", number, by=by)
        assert (answer.status_code, answer.json()["error"]) == (403, "Refused")
    light = agent(stage, "lee")
    assert call(stage, "GET", f"tickets/{number}", number, by=light).status_code == 403
    (group,) = [one for one in stage.ask("groups")["groups"] if one["name"] == "Support"]
    admin(stage, "PUT", f"tickets/{number}", ticket={"group_id": group["id"]})
    assert glance(stage, number, by=light)["state"] == "read"
    body = {"label": "charge", "value": "charged"}
    refused = call(stage, "POST", f"tickets/{number}/corrections", number, by=light, body=body)
    assert refused.status_code == 403
    assert call(stage, "POST", "enter", "", by=light).status_code == 403


def test_what_is_not_there(stage: Stage) -> None:
    """A deleted ticket and one that never was are 404; a ticket without a customer's word says so and hides."""
    number = stage.write(CALM)
    stage.settled(number)
    admin(stage, "DELETE", f"tickets/{number}")
    for gone in (number, 999_999):
        assert call(stage, "GET", f"tickets/{gone}", gone).status_code == 404


def test_help_with_a_draft(stage: Stage) -> None:
    """A draft that asks for what stands in the ticket is told so, by way of the real desk."""
    number = stage.write(CHARGED)
    stage.settled(number)
    body = {"text": "Hello, could you please tell me your order number, so that I can look into it?", "public": True}
    answer = call(stage, "POST", f"tickets/{number}/draft", number, body=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["advice"][0]["kind"] == "asks_again"
