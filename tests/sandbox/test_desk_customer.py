"""The customer's side over a real app in memory: what customers see and do there, and what they never get to see."""

from __future__ import annotations

from flask.testing import FlaskClient

from sandbox.api.here import Desk
from tests.sandbox.browsing import app, client, csrf, desk, page, save, write_in, written

__all__ = ["app", "client", "desk"]


def test_customer_writes_in(client: FlaskClient, desk: Desk) -> None:
    """The form makes a customer and a ticket of the chosen channel, and shows it to its customer."""
    answer = write_in(client, channel="chat", subject="")
    (ticket,) = desk.state.list("ticket")
    address = f"/desk/customer/{ticket['requester_id']}/requests/{ticket['id']}"
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}#latest")
    assert (ticket["via"]["channel"], ticket["status"], ticket["is_public"]) == ("chat", "new", True)
    customer = desk.state.get("user", ticket["requester_id"])
    assert customer is not None
    assert (customer["email"], customer["role"]) == ("ada@example.com", "end-user")
    assert "Where is it?" in page(client, address).select_one(".comment.mine .body").text  # type: ignore[union-attr]


def test_known_customer_is_not_made_twice(client: FlaskClient, desk: Desk) -> None:
    """A second message from an address belongs to the person who has it."""
    write_in(client)
    write_in(client, name="Somebody Else", email="ADA@example.com")
    assert len({ticket["requester_id"] for ticket in desk.state.list("ticket")}) == 1


def test_an_unknown_channel_is_refused(client: FlaskClient, desk: Desk) -> None:
    """Nobody writes by a channel that only comes about, or by none that exists."""
    for channel in ("merge", "rule", "telepathy"):
        assert write_in(client, channel=channel).status_code == 400
    assert desk.state.list("ticket") == []


def test_a_customer_sees_what_is_public_and_nothing_else(client: FlaskClient, desk: Desk) -> None:
    """Neither notes nor tags nor fields nor the agents' statuses stand on the customer's page; links can be opened."""
    ticket = written(client, desk)
    save(client, ticket, body="SECRET to us", kind="internal", tags="hush", was__tags="")
    save(client, ticket, body="See https://example.com/way?x=1. Bye", kind="public", status="pending")
    shown = page(client, f"/desk/customer/{ticket['requester_id']}/requests/{ticket['id']}")
    assert len(shown.select(".comment")) == 2
    for hidden in ("SECRET", "hush", "Our charge"):
        assert hidden not in shown.text
    assert "Awaiting your reply" in shown.text
    (link,) = shown.select(".comment a")
    assert (link["href"], link["target"]) == ("https://example.com/way?x=1", "_blank")


def test_a_customer_sees_only_their_own(client: FlaskClient, desk: Desk) -> None:
    """Another's request, a deleted one, one that began as a note, and a person who is no customer are not found."""
    ticket = written(client, desk)
    other = written(client, desk, name="Bo", email="bo@example.com")
    own, staff = f"/desk/customer/{ticket['requester_id']}", desk.state.find("user", email="sam@desk.test")[0]
    assert client.get(f"{own}/requests/{other['id']}").status_code == 404
    reply = {"csrf": csrf(client), "body": "x"}
    assert client.post(f"{own}/requests/{other['id']}/reply", data=reply).status_code == 404
    assert client.get(f"/desk/customer/{staff['id']}").status_code == 404
    assert [one.text.strip().split("\n")[0] for one in page(client, own).select(".requests a")] == ["Late"]
    desk.state.put("ticket", ticket | {"is_public": False})
    assert client.get(f"{own}/requests/{ticket['id']}").status_code == 404
    assert page(client, own).select(".requests a") == []


def test_customer_writes_on_and_rates(client: FlaskClient, desk: Desk) -> None:
    """A solved ticket can be rated by its requester, and a further message opens it again."""
    ticket = written(client, desk)
    address, token = f"/desk/customer/{ticket['requester_id']}/requests/{ticket['id']}", csrf(client)
    assert page(client, address).select("[name=score]") == []
    save(client, ticket, status="solved")
    assert len(page(client, address).select("[name=score]")) == 2
    client.post(f"{address}/rating", data={"csrf": token, "score": "bad", "comment": "Too slow"})
    assert "bad: Too slow" in page(client, f"/desk/tickets/{ticket['id']}").select_one("#person").text  # type: ignore[union-attr]
    client.post(f"{address}/reply", data={"csrf": token, "body": "Still broken"})
    (ticket,) = desk.state.list("ticket")
    assert (ticket["status"], ticket["satisfaction_rating"]["score"]) == ("open", "bad")
    assert desk.state.list("comment")[-1]["author_id"] == ticket["requester_id"]


def test_a_message_on_a_closed_request_begins_a_new_one(client: FlaskClient, desk: Desk) -> None:
    """As in Zendesk: a follow-up with the tags of the closed one, and the customer is led to it."""
    ticket = written(client, desk)
    desk.state.put("ticket", ticket | {"status": "closed", "tags": ["vip"]})
    address = f"/desk/customer/{ticket['requester_id']}/requests/{ticket['id']}"
    answer = client.post(f"{address}/reply", data={"csrf": csrf(client), "body": "One more thing"})
    made = desk.state.list("ticket")[-1]
    assert answer.headers["Location"].endswith(f"/requests/{made['id']}#latest")
    assert (made["via"]["channel"], made["tags"], made["requester_id"]) == (
        "closed_ticket",
        ["vip"],
        ticket["requester_id"],
    )


def test_choosing_whom_to_be(client: FlaskClient, desk: Desk) -> None:
    """Those who wrote stand first with the number of their requests, no agent among them; a form can be theirs."""
    ticket = written(client, desk)
    shown = page(client, "/desk/customer")
    people = [one.text for one in shown.select(".people a")]
    assert "Ada Quill" in people[0]
    assert "1 request" in people[0]
    assert not any("Sam Reed" in one for one in people)
    filled = page(client, f"/desk/customer/write?who={ticket['requester_id']}")
    assert [filled.select_one(f"#{name}")["value"] for name in ("name", "email")] == ["Ada Quill", "ada@example.com"]  # type: ignore[index]
