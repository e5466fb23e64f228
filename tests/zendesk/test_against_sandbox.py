"""Knows the way of one ticket over a whole desk: loaded, recalled, prepared, written once, and found done afterwards.

It must not script answers: what the sandbox says is taken as it comes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from integration.model import (
    AddTags,
    Charge,
    Desk,
    Field,
    MacroRef,
    Note,
    Plan,
    Priority,
    Refused,
    Reply,
    Route,
    SetFields,
    SetPriority,
    Status,
    TryLater,
    Who,
)
from integration.wire import option
from integration.zendesk import ClientCredentials, Session, Tickets
from sandbox.app import Running, running
from sandbox.settings import SandboxSettings

ANSWER = "Hello {{ticket.requester.first_name}}, follow it at [[tracking_page]]."


@dataclass(frozen=True, slots=True)
class House:
    """A sandbox with our fields and one answer in it, and our voice to it."""

    served: Running
    session: Session
    tickets: Tickets
    desk: Desk

    def write(self, **said: Any) -> int:
        """A customer writes; gives the ticket's id."""
        given = {"requester": {"name": "Priya Raman", "email": "priya@customer.example"}, "channel": "email"} | said
        made = requests.post(f"{self.served.url}/sandbox/tickets", json=given, timeout=5)
        assert made.status_code == 201, made.text
        return int(made.json()["ticket"]["id"])

    def control(self, path: str, **body: Any) -> None:
        """Turn a switch of the sandbox's."""
        done = requests.put(f"{self.served.url}/sandbox/{path}", json=body, timeout=5)
        assert done.ok, done.text

    def comments(self, ticket_id: int) -> list[dict[str, Any]]:
        """What the desk keeps of a conversation."""
        return self.served.desk.state.find("comment", ticket_id=ticket_id)

    def calls(self) -> dict[str, int]:
        """How often each endpoint was asked."""
        counted: dict[str, int] = self.served.desk.calls.since(None)["calls"]
        return counted


@pytest.fixture
def house() -> Iterator[House]:
    """A fresh desk with the charge and marker fields, a group and an answer macro."""
    settings = SandboxSettings(db_path=":memory:")
    client = ClientCredentials(client_id=settings.client_id, client_secret=settings.client_secret)
    with running(settings) as served, Session(served.url, client) as session:
        desk = _furnished(session)
        # As if some seconds had passed since the customer wrote: a comment on a ticket that has just changed waits.
        tickets = Tickets(session, lambda: desk, clock=lambda: datetime.now(UTC) + timedelta(seconds=5))
        yield House(served, session, tickets, desk)


def _furnished(session: Session) -> Desk:
    options = [{"name": word, "value": option(Field.CHARGE, word)} for word in Charge]
    charge = {"type": "tagger", "title": "Attune charge", "custom_field_options": options}
    made = {
        Field.CHARGE: session.ask("POST", "ticket_fields", body={"ticket_field": charge}),
        Field.MARKER: session.ask("POST", "ticket_fields", body={"ticket_field": {"type": "text", "title": "Marker"}}),
    }
    actions = [{"field": "comment_value_html", "value": f"<p>{ANSWER}</p>"}]
    macro = session.ask("POST", "macros", body={"macro": {"title": "Attune::Answers::Order", "actions": actions}})
    return Desk(
        self_id=session.ask("GET", "users/me")["user"]["id"],
        fields={field: answer["ticket_field"]["id"] for field, answer in made.items()},
        senior_group_id=session.ask("GET", "groups")["groups"][-1]["id"],
        macros=(MacroRef(key="answer/order_status", id=macro["macro"]["id"], title=macro["macro"]["title"]),),
    )


def reply_to(house: House, message_id: int, text: str = "On its way.\n\nAttune <support>") -> Plan:
    reading = SetFields(values={Field.CHARGE: "calm", Field.MARKER: str(message_id)}, because="read")
    tags = AddTags(tags=frozenset({"attune_answered"}), because="answered")
    return Plan(actions=(reading, tags, Reply(macro=house.desk.macros[0], text=text, because="calm")), because="calm")


def test_conversation_is_loaded_with_who_wrote_what(house: House):
    """Customer and agent are told apart in a thread, in order, over the desk's own sideloads, in two calls."""
    thread = [{"author": "customer", "body": "Where is it?"}, {"author": "agent", "body": "Let me see."}]
    ticket_id = house.write(subject="Parcel", body="And now?", thread=thread, tags=["vip"])
    before = house.session.calls
    ticket = house.tickets.load(ticket_id)
    assert [message.who for message in ticket.messages] == [Who.CUSTOMER, Who.AGENT, Who.CUSTOMER]
    assert ticket.newest is not None
    assert (ticket.newest.text, ticket.requester.name, ticket.channel) == ("And now?", "Priya Raman", "email")
    assert ticket.tags == {"vip"}
    assert ticket.fields == {Field.CHARGE: None, Field.MARKER: None}
    assert house.session.calls - before == 2


def test_one_ticket_goes_its_whole_way(house: House):
    """Loaded, recalled, prepared and answered in six calls, after which the ticket shows reading, marker and reply."""
    earlier, ticket_id = house.write(body="First."), house.write(subject="Parcel", body="Where is my parcel?")
    before = house.session.calls
    ticket = house.tickets.load(ticket_id)
    assert ticket.newest is not None
    history = house.tickets.recall(ticket, datetime.now(UTC))
    answer = house.tickets.prepare(ticket, house.desk.macros[0])
    applied = house.tickets.apply(reply_to(house, ticket.newest.id), ticket)
    assert house.session.calls - before == 6
    assert (history.tickets_90d, [past.id for past in history.recent]) == (2, [earlier])
    assert (answer.text, answer.missing) == ("Hello Priya, follow it at [[tracking_page]].", ("tracking_page",))
    assert applied.dropped == ()
    assert applied.before["status"] == ticket.status.value
    after = house.tickets.load(ticket_id)
    assert applied.comment_id == after.messages[-1].id
    assert applied.after["updated_at"] == after.stamp
    assert (after.status, after.messages[-1].who, after.messages[-1].public) == (Status.PENDING, Who.BOT, True)
    assert after.messages[-1].text.split() == ["On", "its", "way.", "Attune", "<support>"]
    assert after.fields == {Field.CHARGE: "attune_charge_calm", Field.MARKER: str(ticket.newest.id)}
    assert after.tags == {"attune_answered", "attune_charge_calm"}


def test_reply_to_a_fresh_message_waits_and_then_goes(house: House):
    """By the true clock a reply right after the customer's message is put off by two seconds at most, then sent."""
    tickets = Tickets(house.session, lambda: house.desk)
    ticket_id = house.write(body="Where is it?")
    with pytest.raises(TryLater) as caught:
        tickets.apply(reply_to(house, 1), tickets.load(ticket_id))
    assert timedelta() < caught.value.after <= timedelta(seconds=2)
    assert len(house.comments(ticket_id)) == 1
    time.sleep(caught.value.after.total_seconds())
    tickets.apply(reply_to(house, 1), tickets.load(ticket_id))
    assert len(house.comments(ticket_id)) == 2


def test_a_note_on_a_fresh_message_waits_and_marks_do_not(house: House):
    """A second message within the stamp's second goes unseen: below a note it would look attended to."""
    tickets = Tickets(house.session, lambda: house.desk)
    ticket = tickets.load(house.write(body="A lid is broken."))
    with pytest.raises(TryLater):
        tickets.apply(Plan(actions=(Note(text="For people.", because=""),), because=""), ticket)
    assert len(house.comments(ticket.id)) == 1
    marks = AddTags(tags=frozenset({"attune_unsure"}), because="")
    assert tickets.apply(Plan(actions=(marks,), because=""), ticket).after["tags"] == ["attune_unsure"]


def test_answers_own_switches_are_honoured(house: House):
    """A macro that an admin made internal misses a public comment; one that is switched off is no answer."""
    macro, ticket = house.desk.macros[0], house.tickets.load(house.write(body="Where is it?"))
    actions = [
        {"field": "comment_value_html", "value": "<p>Hi</p>"},
        {"field": "comment_mode_is_public", "value": False},
    ]
    house.session.ask("PUT", f"macros/{macro.id}", body={"macro": {"actions": actions}})
    answer = house.tickets.prepare(ticket, macro)
    assert (answer.text, answer.missing) == ("Hi", ("a public comment (the macro writes an internal note)",))
    house.session.ask("PUT", f"macros/{macro.id}", body={"macro": {"active": False}})
    with pytest.raises(Refused, match="switched off"):
        house.tickets.prepare(ticket, macro)


def test_note_route_and_priority_in_one_audit(house: House):
    """What is brought to people is one private note, one group and one raised priority, in one audit."""
    ticket = house.tickets.load(house.write(body="This is the third time!"))
    group = house.desk.senior_group_id
    assert group is not None
    actions = (
        SetFields(values={Field.CHARGE: "charged"}, because=""),
        Note(text="{{ticket.requester.email}} is upset.", because=""),
        Route(group_id=group, because=""),
        SetPriority(priority=Priority.HIGH, because=""),
    )
    audits = len(house.served.desk.state.find("audit", ticket_id=ticket.id))
    house.tickets.apply(Plan(actions=actions, because="charged"), ticket)
    after = house.tickets.load(ticket.id)
    assert (after.group_id, after.priority, after.messages[-1].public) == (group, Priority.HIGH, False)
    assert after.messages[-1].text == "{{ticket.requester.email}} is upset."
    assert len(house.served.desk.state.find("audit", ticket_id=ticket.id)) == audits + 1


def test_lost_answer_leads_to_one_reply(house: House):
    """The desk writes and its answer is lost; the write is not sent again, and loading again shows that it was done."""
    ticket = house.tickets.load(house.write(body="Where is it?"))
    assert ticket.newest is not None
    house.control("faults", api_drop_answer_rate=1.0, only_methods="PUT")
    with pytest.raises(TryLater):
        house.tickets.apply(reply_to(house, ticket.newest.id), ticket)
    house.control("faults", api_drop_answer_rate=0.0)
    again = house.tickets.load(ticket.id)
    assert again.fields[Field.MARKER] == str(ticket.newest.id)
    assert house.calls()["PUT /api/v2/tickets/<ticket_id>"] == 1
    with pytest.raises(TryLater):  # the same plan on the old stamp
        house.tickets.apply(reply_to(house, ticket.newest.id), ticket)
    assert len(house.comments(ticket.id)) == 2


def test_passing_faults_are_passing(house: House):
    """A desk that answers 503 with a time is tried again then, and nothing was written."""
    ticket = house.tickets.load(house.write(body="Where is it?"))
    house.control("faults", api_error_rate=1.0, api_error_status=503, api_error_retry_after_s=7, only_methods="PUT")
    with pytest.raises(TryLater) as caught:
        house.tickets.apply(reply_to(house, 1), ticket)
    assert caught.value.after.total_seconds() == 7
    assert len(house.comments(ticket.id)) == 1


def test_update_budget_holds_us_back_before_the_desk_does(house: House):
    """With our half of the minute's updates spent, the next call waits without being sent: agents keep theirs."""
    house.control("limits", tickets_update=4)
    for _ in range(2):
        ticket = house.tickets.load(house.write(body="Where is it?"))
        house.tickets.apply(reply_to(house, 1), ticket)
    with pytest.raises(TryLater, match="pause") as caught:
        house.tickets.load(ticket.id)
    assert 0 < caught.value.after.total_seconds() <= 60
    assert "429" not in house.served.desk.calls.since(None)["statuses"]


def test_withdrawn_token_is_renewed(house: House):
    """An admin deletes the client's tokens: the next call gets a new one and goes on."""
    ticket_id = house.write(body="Where is it?")
    house.tickets.load(ticket_id)
    assert requests.post(f"{house.served.url}/sandbox/tokens/revoke", timeout=5).json()["revoked"] == 1
    assert house.tickets.load(ticket_id).id == ticket_id


def test_deleted_field_is_told_and_tags_remain(house: House):
    """A field that an admin has deleted is named, and agents still see the reading as a tag."""
    ticket = house.tickets.load(house.write(body="Where is it?"))
    house.session.ask("DELETE", f"ticket_fields/{house.desk.fields[Field.CHARGE]}")
    applied = house.tickets.apply(reply_to(house, 1), ticket)
    assert "custom_fields.charge" in applied.dropped
    assert "attune_charge_calm" in house.tickets.load(ticket.id).tags


def test_deleted_and_closed_tickets_are_refused(house: House):
    """Neither a deleted nor a closed ticket will take an answer, now or later."""
    ticket = house.tickets.load(house.write(body="Where is it?"))
    house.session.ask("PUT", f"tickets/{ticket.id}", body={"ticket": {"status": "closed"}})
    with pytest.raises(Refused):
        house.tickets.apply(reply_to(house, 1), house.tickets.load(ticket.id))
    house.session.ask("DELETE", f"tickets/{ticket.id}")
    with pytest.raises(Refused):
        house.tickets.load(ticket.id)
