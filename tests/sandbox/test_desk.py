"""The desk's pages over a real app in memory: the door, the frame and the queue.
They know the pages as a browser does, never the templates."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from sandbox import people
from sandbox.api.here import Desk
from sandbox.desk import PAGE_SIZE
from sandbox.desk.door import AGENT_COOKIE
from tests.sandbox.browsing import NOW, app, be, client, csrf, desk, page, save, write_in, written

__all__ = ["app", "client", "desk"]

POLICY = "default-src 'none'; style-src 'self'; script-src 'self'"


def test_home_leads_to_the_desk(client: FlaskClient) -> None:
    """Whoever opens the bare address sees the desk."""
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/")


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
    assert (badge.text, set(badge["class"])) == ("our charge Charged", {"badge", "tone-alarm", "shape-full"})


def test_views_at_the_left(client: FlaskClient, desk: Desk) -> None:
    """Each view tells how many tickets it holds and shows only those."""
    for status in ("open", "solved"):
        write_in(client, subject=f"is {status}")
        ticket = desk.state.list("ticket")[-1]
        save(client, ticket, status=status)
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


@pytest.mark.parametrize("path", ["/desk/", "/desk/customer/write", "/desk/static/desk.css", "/desk/static/desk.js"])
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
    for path in ("/desk/", "/desk/customer/write", "/desk/tickets/1"):
        shown = page(client, path)
        for entry in shown.select("input:not([type=hidden]), textarea, select"):
            named = entry.get("aria-label") or (entry.get("id") and shown.select_one(f"label[for={entry['id']}]"))
            assert named or entry.find_parent("label"), entry


# --- who one is, how a list is sorted, what one has not read ---------------------------------------------------------


def test_one_is_who_one_chose_to_be(client: FlaskClient, desk: Desk) -> None:
    """The menu lists everybody who works here but no program; a choice lasts, and leads back to where one was."""
    menu = page(client, "/desk/").select_one(".me")
    assert menu is not None
    assert "You are: Ada Admin" in re.sub(r"\s+", " ", menu.text)
    assert "Lee Light Light agent" in re.sub(r"\s+", " ", menu.text)
    assert "Attune" not in menu.text
    assert "Uma Unwell" not in menu.text
    bea = desk.state.find("user", email="bea@sandbox.example")[0]
    answer = client.post("/desk/agent", data={"csrf": csrf(client), "agent": bea["id"], "back": "/desk/?q=x"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/?q=x")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "You are: Bea Lindqvist" in re.sub(r"\s+", " ", page(client, "/desk/").text)


def test_nobody_becomes_a_program_or_is_led_elsewhere(client: FlaskClient, desk: Desk) -> None:
    """A cookie or a form that names no agent of this desk means nothing, and no form leads to another site."""
    robot = desk.state.find("user", email="attune@sandbox.example")[0]
    assert client.post("/desk/agent", data={"csrf": csrf(client), "agent": robot["id"]}).status_code == 400
    client.set_cookie(AGENT_COOKIE, str(robot["id"]), path="/desk")
    assert "You are: Ada Admin" in re.sub(r"\s+", " ", page(client, "/desk/").text)
    ada = desk.state.find("user", email="ada@sandbox.example")[0]
    form = {"csrf": csrf(client), "agent": ada["id"], "back": "//evil.example/desk/"}
    assert client.post("/desk/agent", data=form).headers["Location"] == "/desk/"


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("sort=priority", ["b", "c", "a"]),
        ("sort=priority&order=asc", ["a", "c", "b"]),
        ("sort=requester", ["c", "a", "b"]),
        ("sort=subject&order=desc", ["c", "b", "a"]),
        ("sort=nonsense", ["c", "b", "a"]),
    ],
)
def test_a_list_is_sorted_by_the_column_asked_for(
    client: FlaskClient, desk: Desk, query: str, order: list[str]
) -> None:
    """A press on a column's head sorts by it, and the head says so to those who listen."""
    for subject, name, priority in (("a", "Mo", None), ("b", "Zoe", "urgent"), ("c", "Al", "low")):
        ticket = written(client, desk, subject=subject, name=name, email=f"{name}@example.com".lower())
        desk.state.put("ticket", ticket | {"priority": priority})
    shown = page(client, f"/desk/?{query}")
    assert [one.text for one in shown.select("td.subject a")] == order
    assert len(shown.select("th[aria-sort]")) == 1


def test_what_changed_since_one_looked_is_marked(client: FlaskClient, desk: Desk) -> None:
    """A ticket is unread until this agent opens it, and again once it changed; another agent's look does not count."""
    ticket = written(client, desk)

    def unread() -> bool:
        return bool(page(client, "/desk/").select("tr.unread"))

    assert unread()
    page(client, f"/desk/tickets/{ticket['id']}")
    assert not unread()
    be(client, desk)
    assert unread()
    save(client, ticket, body="On it", kind="internal")
    assert not unread()
    customer = desk.state.get("user", ticket["requester_id"])
    assert customer is not None
    said = {"comment": {"body": "Hello?"}}
    desk.tickets.update(ticket["id"], said, actor=customer, channel="email", now=NOW.replace(hour=11))
    assert unread()
