"""The desk's pages over a real app in memory: what they show, what their forms do, and what they refuse.
They know the pages as a browser does, never the templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from sandbox import people
from sandbox.api.here import Desk
from sandbox.app import create_app
from sandbox.desk import PAGE_SIZE
from sandbox.settings import SandboxSettings

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'"


@pytest.fixture
def app() -> Iterator[Flask]:
    """A seeded desk in memory whose clock stands still."""
    made = create_app(SandboxSettings(db_path=":memory:"), clock=lambda: NOW)
    yield made
    made.extensions["sandbox"].state.close()


@pytest.fixture
def desk(app: Flask) -> Desk:
    """The desk's parts, emptied of the tickets and views it was seeded with, with an agent and a drop-down of ours."""
    desk: Desk = app.extensions["sandbox"]
    for kind in ("ticket", "view", "comment", "audit"):
        for one in desk.state.list(kind):
            desk.state.delete(kind, one["id"])
    people.add(desk.state, {"name": "Sam Reed", "email": "sam@desk.test", "role": "agent"}, NOW)
    desk.state.put(
        "ticket_field",
        {
            "id": 77, "type": "tagger", "title": "Our charge", "active": True,
            "custom_field_options": [{"id": 1, "name": "Charged", "value": "attune_charge__charged"}],
        },
    )  # fmt: skip
    return desk


@pytest.fixture
def client(app: Flask, desk: Desk) -> FlaskClient:
    """A browser on this machine."""
    return app.test_client()


def page(client: FlaskClient, path: str) -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def csrf(client: FlaskClient) -> str:
    field = page(client, "/desk/tickets/new").find("input", {"name": "csrf"})
    assert field is not None
    return str(field["value"])


def write_in(client: FlaskClient, **changes: str) -> Any:
    given = {
        "name": "Ada Quill",
        "email": "ada@example.com",
        "channel": "email",
        "subject": "Late",
        "body": "Where is it?",
    }
    return client.post("/desk/tickets", data={"csrf": csrf(client), **given, **changes})


def agent_id(desk: Desk) -> str:
    return str(desk.state.find("user", email="sam@desk.test")[0]["id"])


def test_home_leads_to_the_desk(client: FlaskClient) -> None:
    """Whoever opens the bare address sees the desk."""
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/")


def test_customer_writes_in(client: FlaskClient, desk: Desk) -> None:
    """The form makes a customer and a ticket of the chosen channel, and shows it."""
    answer = write_in(client, channel="chat", subject="")
    (ticket,) = desk.state.list("ticket")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/desk/tickets/{ticket['id']}")
    assert (ticket["via"]["channel"], ticket["status"], ticket["is_public"]) == ("chat", "new", True)
    customer = desk.state.get("user", ticket["requester_id"])
    assert customer is not None
    assert (customer["email"], customer["role"]) == ("ada@example.com", "end-user")
    shown = page(client, answer.headers["Location"])
    assert "Where is it?" in shown.select_one(".comment.customer.public .body").text  # type: ignore[union-attr]


def test_known_customer_is_not_made_twice(client: FlaskClient, desk: Desk) -> None:
    """A second message from an address belongs to the person who has it."""
    write_in(client)
    write_in(client, name="Somebody Else", email="ADA@example.com")
    assert len({ticket["requester_id"] for ticket in desk.state.list("ticket")}) == 1


def test_agent_answers_in_public(client: FlaskClient, desk: Desk) -> None:
    """A public reply stands in the conversation as the agent's, and the ticket has the status chosen."""
    write_in(client)
    (ticket,) = desk.state.list("ticket")
    form = {"csrf": csrf(client), "agent": agent_id(desk), "kind": "public", "status": "pending", "body": "On its way"}
    answer = client.post(f"/desk/tickets/{ticket['id']}/agent", data=form)
    assert answer.status_code == 303
    shown = page(client, f"/desk/tickets/{ticket['id']}")
    last = shown.select(".comment")[-1]
    assert set(last["class"]) == {"comment", "agent", "public"}
    assert "Sam Reed" in last.text
    assert desk.state.list("ticket")[0]["status"] == "pending"


def test_internal_note_looks_different(client: FlaskClient, desk: Desk) -> None:
    """A note is marked in words and by its class, so that nobody takes it for a reply."""
    write_in(client)
    (ticket,) = desk.state.list("ticket")
    form = {"csrf": csrf(client), "agent": agent_id(desk), "kind": "internal", "status": "open", "body": "Check stock"}
    client.post(f"/desk/tickets/{ticket['id']}/agent", data=form)
    last = page(client, f"/desk/tickets/{ticket['id']}").select(".comment")[-1]
    assert "internal" in last["class"]
    assert "Internal note" in last.text
    assert desk.state.list("comment")[-1]["public"] is False


def test_status_alone(client: FlaskClient, desk: Desk) -> None:
    """An empty text changes the status and adds no comment."""
    write_in(client)
    (ticket,) = desk.state.list("ticket")
    form = {"csrf": csrf(client), "agent": agent_id(desk), "kind": "public", "status": "solved", "body": " "}
    client.post(f"/desk/tickets/{ticket['id']}/agent", data=form)
    assert desk.state.list("ticket")[0]["status"] == "solved"
    assert len(desk.state.list("comment")) == 1


def test_customer_writes_on_and_rates(client: FlaskClient, desk: Desk) -> None:
    """A solved ticket can be rated by its requester, and a further message opens it again."""
    write_in(client)
    (ticket,) = desk.state.list("ticket")
    address, token = f"/desk/tickets/{ticket['id']}", csrf(client)
    client.post(f"{address}/agent", data={"csrf": token, "status": "solved", "agent": agent_id(desk)})
    client.post(f"{address}/rating", data={"csrf": token, "score": "bad", "comment": "Too slow"})
    assert "bad: Too slow" in page(client, address).select_one("#side").text  # type: ignore[union-attr]
    client.post(f"{address}/customer", data={"csrf": token, "body": "Still broken"})
    (ticket,) = desk.state.list("ticket")
    assert (ticket["status"], ticket["satisfaction_rating"]["score"]) == ("open", "bad")
    assert desk.state.list("comment")[-1]["author_id"] == ticket["requester_id"]


def test_what_people_write_is_never_markup(client: FlaskClient, desk: Desk) -> None:
    """Subject, name, tags and text are shown as text; HTML from the API is cleaned before it is shown."""
    write_in(client, name="<b>Ada</b>", subject="<img src=x onerror=alert(1)>", body="1 < 2 & <i>so</i>")
    (ticket,) = desk.state.list("ticket")
    sneaky = '<p onclick="x()">hi<script>x()</script><a href="javascript:x()">l</a></p>'
    agent = desk.state.find("user", email="sam@desk.test")[0]
    desk.tickets.update(ticket["id"], {"comment": {"html_body": sneaky}}, actor=agent, channel="api", now=NOW)
    stored = desk.state.list("comment")[-1]
    desk.state.put("comment", {**stored, "html_body": stored["html_body"] + sneaky})
    for path in ("/desk/", f"/desk/tickets/{ticket['id']}"):
        shown = page(client, path)
        assert shown.select_one("main img, main script, main [onclick], main [href^=javascript]") is None
        assert "<img src=x onerror=alert(1)>" in shown.text
    assert "<b>Ada</b>" in page(client, "/desk/").text


def test_list_shows_newest_first_with_its_properties(client: FlaskClient, desk: Desk) -> None:
    """The list names subject, requester, status, priority, group and tags; Attune's readings are badges."""
    for subject in ("First", "Second"):
        write_in(client, subject=subject)
    agent = desk.state.find("user", email="sam@desk.test")[0]
    group = desk.state.put("group", {"name": "Seniors", "deleted": False})
    body = {
        "custom_fields": [{"id": 77, "value": "attune_charge__charged"}],
        "priority": "high",
        "group_id": group["id"],
        "tags": ["vip"],
    }
    first = desk.state.list("ticket")[0]
    desk.tickets.update(first["id"], body, actor=agent, channel="api", now=NOW.replace(hour=10))
    top, below = page(client, "/desk/").select("tbody tr")
    assert "Second" in below.text
    for text in ("First", "Ada Quill", "new", "high", "Seniors", "vip"):
        assert text in top.text
    assert "attune_charge__charged" not in top.text
    badge = top.select_one(".badge")
    assert badge is not None
    assert (badge.text, set(badge["class"])) == ("our charge Charged", {"badge", "tone-alarm"})


def test_views_at_the_left(client: FlaskClient, desk: Desk) -> None:
    """Each view tells how many tickets it holds and shows only those."""
    for status in ("open", "solved"):
        write_in(client, subject=f"is {status}")
        ticket = desk.state.list("ticket")[-1]
        client.post(
            f"/desk/tickets/{ticket['id']}/agent",
            data={"csrf": csrf(client), "status": status, "agent": agent_id(desk)},
        )
    conditions = {"all": [{"field": "status", "operator": "less_than", "value": "solved"}], "any": []}
    view = desk.state.put("view", {"title": "Unsolved", "active": True, "position": 1, "conditions": conditions})
    shown = page(client, f"/desk/?view={view['id']}")
    current = shown.select_one(".views [aria-current=page]")
    assert current is not None
    assert re.sub(r"\s+", " ", current.text).strip() == "Unsolved 1"
    assert [one.text for one in shown.select("tbody td.subject a")] == ["is open"]


def test_search(client: FlaskClient, desk: Desk) -> None:
    """Words are looked for in subject, text, tags and requester; all of them must be there."""
    write_in(client, subject="Parcel late")
    write_in(client, subject="Invoice", email="bo@example.com", name="Bo")
    assert [one.text for one in page(client, "/desk/?q=bo+invoice").select("td.subject a")] == ["Invoice"]
    assert page(client, "/desk/?q=bo+parcel").select("td.subject a") == []


def test_long_lists_have_pages(client: FlaskClient, desk: Desk) -> None:
    """Older tickets stand on later pages, and none is lost between them."""
    customer = people.add(desk.state, {"name": "Bo", "email": "bo@example.com"}, NOW)
    for number in range(PAGE_SIZE + 3):
        body = {"subject": f"n{number}", "comment": {"body": "x"}}
        desk.tickets.create(body, actor=customer, channel="web", now=NOW)
    pages = [page(client, f"/desk/?page={number}").select("td.subject a") for number in (1, 2)]
    assert [len(one) for one in pages] == [PAGE_SIZE, 3]
    assert len({link.text for one in pages for link in one}) == PAGE_SIZE + 3


@pytest.mark.parametrize("token", [None, "", "wrong", "ü"])
def test_forms_from_elsewhere_are_refused(client: FlaskClient, desk: Desk, token: str | None) -> None:
    """A form without this process's token changes nothing."""
    form = {"name": "Eve", "email": "eve@example.com", "channel": "email", "body": "x"}
    answer = client.post("/desk/tickets", data=form if token is None else {**form, "csrf": token})
    assert answer.status_code == 400
    assert desk.state.list("ticket") == []


@pytest.mark.parametrize(("remote", "host"), [("192.0.2.7", "127.0.0.1"), ("127.0.0.1", "evil.example")])
def test_only_this_machine_is_served(client: FlaskClient, remote: str, host: str) -> None:
    """Another machine, and a name that was bent to point here, see nothing of the desk."""
    answer = client.get("/desk/", headers={"Host": host}, environ_base={"REMOTE_ADDR": remote})
    assert answer.status_code == 403
    assert "ticket" not in answer.text.lower().replace("tickets?", "")


@pytest.mark.parametrize("path", ["/desk/", "/desk/tickets/new", "/desk/static/desk.css", "/desk/static/desk.js"])
def test_pages_run_no_foreign_or_inline_code(client: FlaskClient, path: str) -> None:
    """Every answer has the strict policy, and no page needs anything the policy forbids."""
    answer = client.get(path, buffered=True)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith(POLICY)
    assert "unsafe" not in policy
    shown = BeautifulSoup(answer.text, "html.parser")
    assert shown.select("style, [style], script:not([src]), [onclick], [onsubmit], [onload]") == []


@pytest.mark.parametrize("path", ["/desk/tickets/999", "/desk/?view=999"])
def test_unknown_things_are_404(client: FlaskClient, path: str) -> None:
    """A ticket or view that does not exist is not found."""
    assert client.get(path).status_code == 404


def test_refusal_is_told_in_words(client: FlaskClient, desk: Desk) -> None:
    """What a rule of the record forbids is shown as a page with its reason, and nothing has changed."""
    answer = write_in(client, email="not an address")
    assert answer.status_code == 422
    assert "is not properly formatted" in BeautifulSoup(answer.text, "html.parser").select_one("[role=alert]").text  # type: ignore[union-attr]
    assert desk.state.list("ticket") == []


def test_forms_are_labelled(client: FlaskClient) -> None:
    """Every field a person fills in has a label, so the desk can be used by ear."""
    write_in(client)
    for path in ("/desk/tickets/new", "/desk/tickets/1"):
        shown = page(client, path)
        for entry in shown.select("main input:not([type=hidden]), main textarea, main select"):
            named = entry.get("id") and shown.select_one(f"label[for={entry['id']}]")
            assert named or entry.find_parent("label"), entry
