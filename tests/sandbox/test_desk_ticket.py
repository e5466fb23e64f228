"""One ticket's page over a real app in memory: what its form saves, who may save what, and what a macro would do."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from sandbox.api.here import Desk
from sandbox.desk import form
from tests.sandbox.browsing import NOW, app, be, client, desk, page, save, written

__all__ = ["app", "client", "desk"]

LIGHT = "lee@sandbox.example"
FIELDS: list[dict[str, Any]] = [
    {"id": 5, "type": "tagger", "title": "Mood", "active": True, "custom_field_options": []},
    {"id": 6, "type": "checkbox", "title": "Vip", "active": True},
    {"id": 7, "type": "multiselect", "title": "Parts", "active": True, "custom_field_options": []},
]
TICKET = {"tags": ["kept", "old", "since"]}


def now(desk: Desk, ticket: Any) -> Any:
    """The ticket as it is stored now."""
    return desk.state.get("ticket", ticket["id"])


def test_agent_answers_in_public(client: FlaskClient, desk: Desk) -> None:
    """A public reply stands in the conversation as the signed-in agent's, and the ticket has the status chosen."""
    ticket = written(client, desk)
    sam = be(client, desk)
    assert save(client, ticket, kind="public", status="pending", body="On its way").status_code == 303
    last = page(client, f"/desk/tickets/{ticket['id']}").select(".comment")[-1]
    assert set(last["class"]) == {"comment", "agent", "public"}
    assert "Sam Reed" in last.text
    assert now(desk, ticket)["status"] == "pending"
    assert desk.state.list("audit")[-1]["author_id"] == sam["id"]


def test_internal_note_looks_different(client: FlaskClient, desk: Desk) -> None:
    """A note is marked in words and by its class, so that nobody takes it for a reply."""
    ticket = written(client, desk)
    save(client, ticket, kind="internal", status="open", body="Check stock")
    last = page(client, f"/desk/tickets/{ticket['id']}").select(".comment")[-1]
    assert "internal" in last["class"]
    assert "Internal note" in last.text
    assert desk.state.list("comment")[-1]["public"] is False


def test_status_alone(client: FlaskClient, desk: Desk) -> None:
    """An empty text changes the status and adds no comment."""
    ticket = written(client, desk)
    save(client, ticket, kind="public", status="solved", body=" ")
    assert now(desk, ticket)["status"] == "solved"
    assert len(desk.state.list("comment")) == 1


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ([], {}),
        ([("priority", "low"), ("was.priority", "low")], {}),
        ([("priority", "low"), ("was.priority", "")], {"priority": "low"}),
        ([("priority", ""), ("was.priority", "low")], {"priority": None}),
        ([("assignee_id", "7"), ("was.assignee_id", "")], {"assignee_id": "7"}),
        ([("due_at", "2026-03-05 14:00"), ("was.due_at", "")], {"due_at": "2026-03-05T14:00:00Z"}),
        ([("due_at", "2026-03-05"), ("was.due_at", "")], {"due_at": "2026-03-05T12:00:00Z"}),
        ([("due_at", ""), ("was.due_at", "2026-03-05 14:00")], {"due_at": None}),
        ([("tags", "old kept"), ("was.tags", "kept old")], {"tags": ["kept", "old", "since"]}),
        ([("tags", "kept New"), ("was.tags", "kept old")], {"tags": ["kept", "new", "since"]}),
        ([("field.5", "sad"), ("was.field.5", "sad")], {}),
        ([("field.5", "sad"), ("was.field.5", "")], {"custom_fields": [{"id": 5, "value": "sad"}]}),
        ([("was.field.6", "true")], {"custom_fields": [{"id": 6, "value": ""}]}),
        ([("field.6", "true"), ("was.field.6", "true")], {}),
        (
            [("field.7", "a"), ("field.7", "b"), ("was.field.7", "a")],
            {"custom_fields": [{"id": 7, "value": ["a", "b"]}]},
        ),
        ([("field.99", "x"), ("was.field.99", "")], {}),
        ([("requester_id", "1"), ("safe_update", "1"), ("was.requester_id", "2")], {}),
        ([("body", " \n"), ("kind", "public")], {}),
        ([("body", "Hi"), ("kind", "public")], {"comment": {"body": "Hi", "public": True}}),
        ([("body", "Hi")], {"comment": {"body": "Hi", "public": False}}),
    ],
)
def test_only_what_was_changed_is_saved(given: list[tuple[str, str]], body: Any) -> None:
    """A control that stands as it stood is left out, tags are added and taken away, and nothing unasked gets in."""
    assert form.update(MultiDict(given), TICKET, FIELDS) == body


def test_an_old_page_takes_nothing_back(client: FlaskClient, desk: Desk) -> None:
    """What another changed while the page was open stays; what this agent changed is saved."""
    ticket = written(client, desk)
    (ada,) = desk.state.find("user", email="ada@sandbox.example")
    others = {"tags": ["attune_senior"], "priority": "high"}
    desk.tickets.update(ticket["id"], others, actor=ada, channel="api", now=NOW)
    save(client, ticket, tags="mine", was__tags="", priority="", was__priority="", type="question", was__type="")
    after = now(desk, ticket)
    assert (after["tags"], after["priority"], after["type"]) == (["attune_senior", "mine"], "high", "question")


def test_a_field_changed_here_changes_its_tag(client: FlaskClient, desk: Desk) -> None:
    """A drop-down goes through the same rules as the API: its value is a tag."""
    ticket = written(client, desk)
    save(client, ticket, field__77="attune_charge__charged", was__field__77="")
    assert now(desk, ticket)["tags"] == ["attune_charge__charged"]
    shown = page(client, f"/desk/tickets/{ticket['id']}")
    assert shown.select_one("[name='field.77'] option[selected]")["value"] == "attune_charge__charged"  # type: ignore[index]


def test_a_script_is_told_in_a_sentence(client: FlaskClient, desk: Desk) -> None:
    """A save by a script is answered in JSON: what was done, or why it was refused, and then nothing has changed."""
    ticket = written(client, desk)
    done = save(client, ticket, by_script=True, body="Hello", kind="public", status="pending")
    assert done.get_json() == {"said": "Reply sent. The ticket is pending.", "status": "pending"}
    assert save(client, ticket, by_script=True).get_json()["said"] == "Nothing was changed."
    refused = save(client, ticket, by_script=True, body="More", kind="public", assignee_id="77")
    assert (refused.status_code, refused.get_json()) == (422, {"error": "Assignee is invalid"})
    assert len(desk.state.list("comment")) == 2
    stale = client.post(f"/desk/tickets/{ticket['id']}/agent", data={}, headers={"Accept": "application/json"})
    assert (stale.status_code, "load the page again" in stale.get_json()["error"]) == (400, True)


def test_a_time_that_is_none_is_refused(client: FlaskClient, desk: Desk) -> None:
    """A due date is typed as a day and an hour; another is refused with a sentence, and a right one comes back."""
    ticket = written(client, desk)
    refused = save(client, ticket, by_script=True, due_at="next week", was__due_at="")
    assert (refused.status_code, refused.get_json()["error"]) == (422, "Due date is invalid")
    save(client, ticket, due_at="2026-03-05 14:00", was__due_at="")
    shown = page(client, f"/desk/tickets/{ticket['id']}").select_one("[name=due_at]")
    assert shown is not None
    assert shown["value"] == "2026-03-05 14:00"


def test_a_light_agent_writes_notes_and_nothing_else(client: FlaskClient, desk: Desk) -> None:
    """Their page offers a note alone and says so; a forged reply stays private, and a forged change is refused."""
    ticket = written(client, desk)
    be(client, desk, LIGHT)
    shown = page(client, f"/desk/tickets/{ticket['id']}")
    assert [one["value"] for one in shown.select("[name=kind]")] == ["internal"]
    assert "As a light agent" in shown.text
    enabled = {one["name"] for one in shown.select("[form=composer], #composer [name]") if not one.has_attr("disabled")}
    assert enabled == {"csrf", "kind", "body"}
    said = save(client, ticket, by_script=True, body="Hi", kind="public").get_json()["said"]
    assert "internal note" in said
    assert desk.state.list("comment")[-1]["public"] is False
    assert save(client, ticket, by_script=True, priority="urgent").status_code == 403
    assert now(desk, ticket)["priority"] is None


def test_a_closed_ticket_offers_no_form(client: FlaskClient, desk: Desk) -> None:
    """What takes no more messages has no composer and says what happens instead."""
    ticket = written(client, desk)
    desk.state.put("ticket", ticket | {"status": "closed"})
    shown = page(client, f"/desk/tickets/{ticket['id']}")
    assert shown.select_one("#composer") is None
    assert "takes no more messages" in shown.text
    assert save(client, ticket, by_script=True, body="x").status_code == 422


def test_a_macro_says_what_it_would_fill_in(client: FlaskClient, desk: Desk) -> None:
    """The form gets the macro's words with names filled in, who may read them, and controls by name."""
    ticket = desk.state.put("ticket", written(client, desk) | {"tags": ["old", "sorry"]})
    bea = be(client, desk, "bea@sandbox.example")
    actions = [
        {"field": "comment_value", "value": "Dear {{ticket.requester.first_name}}"},
        {"field": "comment_mode_is_public", "value": "false"},
        {"field": "status", "value": "pending"},
        {"field": "assignee_id", "value": "current_user"},
        {"field": "custom_fields_77", "value": "attune_charge__charged"},
        {"field": "current_tags", "value": "late sorry"},
        {"field": "remove_tags", "value": "old"},
    ]
    macro = desk.state.put("macro", {"title": "Late::Sorry", "active": True, "actions": actions, "restriction": None})
    told = client.get(f"/desk/tickets/{ticket['id']}/macros/{macro['id']}").get_json()
    assert told == {
        "title": "Late::Sorry", "body": "Dear Ada", "public": False, "add": ["late"], "remove": ["old"],
        "set": {"status": "pending", "assignee_id": str(bea["id"]), "field.77": "attune_charge__charged"},
    }  # fmt: skip
    assert now(desk, ticket) == ticket
    assert client.get(f"/desk/tickets/{ticket['id']}/macros/12").status_code == 404


def test_macros_that_are_offered(client: FlaskClient, desk: Desk) -> None:
    """An agent is offered active macros that are for everybody, for their group or for themselves, by title."""
    sam, others = be(client, desk), {"type": "User", "id": 1}
    for title, active, restriction in (
        ("b", True, None), ("a", True, {"type": "User", "id": sam["id"]}), ("c", False, None), ("d", True, others),
    ):  # fmt: skip
        desk.state.put("macro", {"title": title, "active": active, "actions": [], "restriction": restriction})
    assert [one["title"] for one in client.get("/desk/macros").get_json()["macros"]] == ["a", "b"]


def test_properties_offer_what_is_there(client: FlaskClient, desk: Desk) -> None:
    """People who may be given a ticket are offered with their groups, programs and light agents are not."""
    ticket = written(client, desk)
    shown = page(client, f"/desk/tickets/{ticket['id']}")
    names = [one.text for one in shown.select("[name=assignee_id] option")]
    assert "Bea Lindqvist" in names
    assert not {"Attune", "Lee Light", "Uma Unwell"} & set(names)
    bea = next(one for one in shown.select("[name=assignee_id] option") if one.text == "Bea Lindqvist")
    assert len(str(bea["data-groups"]).split()) == 2


def test_a_value_that_is_no_longer_offered_is_kept(client: FlaskClient, desk: Desk) -> None:
    """A ticket of somebody who may no longer be given tickets keeps them until an agent chooses another."""
    ticket = written(client, desk)
    uma = desk.state.find("user", email="uma@sandbox.example")[0]
    desk.state.put("ticket", ticket | {"assignee_id": uma["id"]})
    shown = page(client, f"/desk/tickets/{ticket['id']}")
    picked = shown.select_one("[name=assignee_id] option[selected]")
    assert picked is not None
    assert picked["value"] == str(uma["id"])


def test_the_person_and_what_happened(client: FlaskClient, desk: Desk) -> None:
    """Beside a ticket stand its person and their other tickets, and its events name who changed what."""
    first = written(client, desk, subject="First")
    second = written(client, desk, subject="Second")
    be(client, desk)
    save(client, second, priority="high", was__priority="")
    save(client, second, priority="low", was__priority="high")
    shown: BeautifulSoup = page(client, f"/desk/tickets/{second['id']}")
    assert "ada@example.com" in shown.select_one("#person").text  # type: ignore[union-attr]
    assert [one["href"] for one in shown.select("#others a")] == [f"/desk/tickets/{first['id']}"]
    events = shown.select_one("#history").text  # type: ignore[union-attr]
    assert "Sam Reed" in events
    told = [" ".join(one.text.split()) for one in shown.select("#history li li")]
    assert told[:2] == ["priority high →became low", "priority high"]
    assert "public message written" in told


def test_events_are_told_in_words_of_the_desk(client: FlaskClient, desk: Desk) -> None:
    """A drop-down's value stands there by its name, and what a trigger did stands under the trigger's."""
    field = {"field": "custom_fields_77", "value": "attune_charge__charged"}
    starts = {"all": [{"field": "update_type", "operator": "is", "value": "Create"}], "any": []}
    desk.state.put(
        "trigger", {"title": "Mark", "active": True, "position": 1, "conditions": starts, "actions": [field]}
    )
    ticket = written(client, desk)
    (told, *_) = page(client, f"/desk/tickets/{ticket['id']}").select("#history > li")
    assert "Trigger “Mark”" in told.text
    assert "Our charge Charged" in " ".join(told.text.split())


def test_a_very_long_message_has_a_box_of_its_own(client: FlaskClient, desk: Desk) -> None:
    """It can be scrolled by keyboard too, and has a name for those who listen."""
    ticket = written(client, desk, body="word " * 2000)
    (box,) = page(client, f"/desk/tickets/{ticket['id']}").select(".body.long")
    assert (box["tabindex"], box["aria-label"]) == ("0", "Long message")
