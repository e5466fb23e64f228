"""Articles, reopened tickets and look-ups on a whole sandbox desk: its own answers are taken as they come."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from integration import wire
from integration.model import Desk, Plan, SetStatus, Status, Ticket
from integration.zendesk import HelpCenter, Reopened, Tickets
from tests.zendesk.conftest import TOKEN, Account, Command
from tests.zendesk.loopback import Said, serving


def desk(account: Account) -> Desk:
    return Desk(self_id=account.session.ask("GET", "/api/v2/users/me")["user"]["id"])


def control(account: Account, path: str, **body: Any) -> dict[str, Any]:
    done = requests.post(f"{account.served.url}/sandbox/{path}", json=body, timeout=5)
    assert done.ok, done.text
    return dict(done.json())


def solved(account: Account) -> int:
    """A ticket that Sam answered and solved."""
    made = control(account, "tickets", requester={"name": "Mia", "email": "mia@customer.example"}, body="How?")
    ticket_id = int(made["ticket"]["id"])
    control(account, f"tickets/{ticket_id}/reply", author="agent", body="Like this.", status="solved")
    return ticket_id


def load(account: Account, ticket_id: int) -> Ticket:
    return Tickets(account.session, lambda: desk(account)).load(ticket_id)


def reopened(account: Account, ticket_id: int) -> bool:
    return Reopened(account.session, lambda: desk(account))(load(account, ticket_id))


def test_a_solved_ticket_that_a_message_opened_is_set_back(account: Account) -> None:
    """The audits say so; the write solves it again, keeps its assignee, and the journal holds what stood before."""
    ticket_id = solved(account)
    control(account, f"tickets/{ticket_id}/reply", body="Thanks!")
    ticket = load(account, ticket_id)
    assert ticket.status is Status.OPEN
    assert reopened(account, ticket_id)
    plan = Plan(actions=(SetStatus(status=Status.SOLVED, because="thanks"),), because="thanks")
    applied = Tickets(account.session, lambda: desk(account)).apply(plan, ticket)
    after = load(account, ticket_id)
    assert (after.status, after.assignee_id, len(after.messages)) == (Status.SOLVED, ticket.assignee_id, 3)
    assert (applied.before["status"], applied.after["status"]) == ("open", "solved")


def test_a_ticket_that_was_open_before_is_not(account: Account) -> None:
    """Thanks on a ticket that waits for us, or that an agent left open, closes nothing."""
    made = control(account, "tickets", requester={"name": "Mia", "email": "mia@customer.example"}, body="How?")
    ticket_id = int(made["ticket"]["id"])
    assert not reopened(account, ticket_id)
    control(account, f"tickets/{ticket_id}/reply", author="agent", body="One moment.", status="pending")
    control(account, f"tickets/{ticket_id}/reply", body="Thanks!")
    assert not reopened(account, ticket_id)


def test_a_second_message_after_the_reopening_one_is_not(account: Account) -> None:
    """What the first message said has to be looked at."""
    ticket_id = solved(account)
    control(account, f"tickets/{ticket_id}/reply", body="It stopped again.")
    control(account, f"tickets/{ticket_id}/reply", body="Thanks!")
    assert not reopened(account, ticket_id)


def test_a_ticket_that_a_person_took_up_again_is_not(account: Account) -> None:
    """An agent who changed anything since the thanks is at work on it, also without a word."""
    ticket_id = solved(account)
    control(account, f"tickets/{ticket_id}/reply", body="Thanks!")
    sam = next(user for user in account.things("user") if user["email"] == "sam@sandbox.example")
    token = control(account, "tokens", user_id=sam["id"], life_s=None)["access_token"]
    changed = requests.put(
        f"{account.served.url}/api/v2/tickets/{ticket_id}",
        json={"ticket": {"priority": "high"}},
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )
    assert changed.ok
    assert not reopened(account, ticket_id)


def test_audits_that_say_nothing_close_nothing(account: Account) -> None:
    """No audits, or odd ones: the ticket stays open."""
    ticket = load(account, solved(account))
    for audits in ([], [{}], [{"id": 1, "events": [{"type": "Comment", "id": "x"}, {"type": "Change"}]}]):
        assert not wire.merely_reopened(audits, ticket, desk(account))


def test_articles_for_everybody_are_found(account: Account) -> None:
    """The Help Center's own ranking, without what is for staff and what is not published."""
    found = HelpCenter(account.session).search("reset password")
    assert found[0].title == "How to reset your password"
    assert found[0].url.endswith(f"/hc/en-us/articles/{found[0].id}")
    assert "<p>" not in found[0].snippet
    titles = {one.title for one in HelpCenter(account.session).search("filter password caller")}
    assert not titles & {"How to reset your password for a caller", "How to change the filter, second edition"}


@pytest.mark.parametrize(
    "row",
    [
        {"user_segment_id": 5},
        {"draft": True},
        {"html_url": "javascript:x"},
        {"id": None},
        {"user_segment_ids": [5]},
    ],
)
def test_what_does_not_say_that_it_is_for_everybody_is_not(row: dict[str, Any]) -> None:
    """A segment, a draft, an odd address, no id; and an answer that leaves the segment out."""
    plain = {"id": 1, "title": "T", "html_url": "https://h.example/1", "locale": "en-us", "draft": False}
    public = {**plain, "user_segment_id": None}
    assert [one.title for one in wire.public_articles({"results": [public]})] == ["T"]
    assert list(wire.public_articles({"results": [{**public, **row}, plain]})) == []


def test_several_help_centers_are_not_searched(account: Account) -> None:
    """A customer of one brand gets no link to another one's pages."""
    brand = account.things("brand")[0]
    account.served.desk.state.put("brand", {**brand, "id": None, "name": "Second", "default": False})
    assert HelpCenter(account.session).search("reset password") == ()


def test_a_help_center_that_fails_costs_no_answer(account: Account) -> None:
    """Whatever Zendesk answers, nothing is raised."""
    account.session.address = "http://127.0.0.1:9"
    assert HelpCenter(account.session).search("reset password") == ()


# --- `flask lookups` -------------------------------------------------------------------------------------------------


@pytest.fixture
def on_sandbox(account: Account, monkeypatch: pytest.MonkeyPatch, command: Command) -> Command:
    """Commands of an installation whose account is the sandbox on this machine."""
    monkeypatch.setenv("ZENDESK_URL", account.served.url)
    monkeypatch.setenv("ZENDESK_ACCESS_TOKEN", TOKEN)
    return command


def test_a_look_up_is_added_tried_shown_and_removed(on_sandbox: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of an admin, with the secret in the environment and nowhere else."""
    order = {"status": "on its way", "customer": {"email": "ada@customer.example"}}
    with serving(lambda _: Said(200, order, {"Content-Type": "application/json"})) as shop:
        intent = ("--intent", "order_status")
        url = f"{shop.url}/orders/{{order_number}}"
        header = "Authorization: Bearer ${SHOP_TOKEN}"
        given = ("--url", url, "--field", "status=status", "--header", header, "--owner-field", "customer.email")
        assert "No look-ups" in on_sandbox("lookups")[1]
        code, said = on_sandbox("lookups", "add", *intent, *given)
        assert code == 0, said
        assert "[[lookup.status]]" in said
        assert "Not set in the environment yet: SHOP_TOKEN" in said
        monkeypatch.setenv("SHOP_TOKEN", "s3cret-value")
        mine = ("order_number=40031", "requester_email=ada@customer.example")
        code, said = on_sandbox("lookups", "try", *intent, *mine)
        assert (code, "on its way" in said) == (0, True), said
        assert shop.seen[-1].headers["Authorization"] == "Bearer s3cret-value"
        code, said = on_sandbox("lookups", "try", *intent, "order_number=40031", "requester_email=eve@x.example")
        assert (code, "belongs to somebody else" in said, "on its way" in said) == (1, True, False)
        code, said = on_sandbox("lookups")
        assert (code, url in said, "${SHOP_TOKEN}" in said, "s3cret" in said) == (0, True, True, False)
        assert on_sandbox("lookups", "remove", *intent)[0] == 0
        assert "No look-ups" in on_sandbox("lookups")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "--intent", "order_status", "--url", "https://s.example/{order_number}", "--field", "a=b"), "owner"),
        (("add", "--intent", "order_status", "--url", "http://s.example/", "--field", "a=b"), "begin with https"),
        (("add", "--intent", "order_status", "--url", "https://s.example/", "--field", "a"), "write NAME=VALUE"),
        (("add", "--intent", "complaint", "--url", "https://s.example/", "--field", "a=b"), "complaint"),
        (("try", "--intent", "order_status"), "no look-up for order_status"),
    ],
)
def test_a_wrong_look_up_is_refused_in_plain_words(command: Command, words: tuple[str, ...], said: str) -> None:
    """Exit code 2, the option's name, and what to write; nothing is kept."""
    code, spoken = command("lookups", *words)
    assert (code, said in spoken) == (2, True), spoken
    assert "No look-ups" in command("lookups")[1]


def test_on_a_real_account_this_machine_is_not_asked(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is for a sandbox only."""
    monkeypatch.setenv("ZENDESK_SUBDOMAIN", "acme")
    code, said = command(
        "lookups", "add", "--intent", "opening_hours", "--url", "http://127.0.0.1:9/hours", "--field", "a=b"
    )
    assert (code, "begin with https" in said) == (2, True)
