"""Knows what loading, recalling, preparing and applying must ask of an account, and what lost answers must not do.

It must not know how tickets are judged."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from integration.model import AddTags, Desk, Field, MacroRef, Note, Plan, Refused, Reply, SetFields, TryLater, Who
from integration.zendesk import ReadyToken, Session, Tickets
from tests.zendesk.loopback import Loopback, Said, Seen, serving

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SELF, CUSTOMER, AGENT = 900, 11, 12
DESK = Desk(self_id=SELF, fields={Field.CHARGE: 102, Field.MARKER: 104})
MACRO = MacroRef(key="answer/order_status", id=15, title="Attune::Answers::Order status")
READING = SetFields(values={Field.CHARGE: "calm", Field.MARKER: "1001"}, because="read")
REPLY = Plan(actions=(READING, Reply(macro=MACRO, text="On its way.", because="calm")), because="calm")
MARKS = Plan(actions=(AddTags(tags=frozenset({"attune_unsure"}), because=""),), because="unsure")
NOTE = Plan(actions=(Note(text="Look.", because="charged"),), because="charged")


@dataclass
class Account:
    """An account with one ticket, as far as these tests look; its switches are the troubles it can make."""

    ticket: dict[str, Any] = field(
        default_factory=lambda: {
            "id": 42,
            "subject": "Parcel",
            "requester_id": CUSTOMER,
            "via": {"channel": "email"},
            "status": "open",
            "priority": None,
            "tags": ["vip"],
            "updated_at": "2026-11-21T11:00:00Z",
            "created_at": "2026-11-21T10:00:00Z",
            "custom_fields": [{"id": 102, "value": None}, {"id": 104, "value": None}],
        }
    )
    comments: list[dict[str, Any]] = field(default_factory=lambda: [comment(1001, CUSTOMER, "Where is it?")])
    users: dict[int, dict[str, Any]] = field(
        default_factory=lambda: {
            CUSTOMER: {"id": CUSTOMER, "role": "end-user", "name": "Ada"},
            AGENT: {"id": AGENT, "role": "agent", "name": "Bo"},
            SELF: {"id": SELF, "role": "admin", "name": "Attune"},
        }
    )
    gone: frozenset[str] = frozenset()  # paths that answer 404
    sideloads: bool = True
    macro_body: str = "Hello Ada, it is at [[tracking_page]]."
    macro_active: bool = True
    drops_next_answer: bool = False
    warns: str = ""
    odd: bool = False  # what zenpy reads is an empty object

    def __call__(self, seen: Seen) -> Said | None:
        path, query = urlsplit(seen.path).path, parse_qs(urlsplit(seen.path).query)
        if path in self.gone:
            return Said(404, {"error": "RecordNotFound", "description": "Not found"})
        if seen.method == "PUT":
            return self._updated(json.loads(seen.body)["ticket"])
        if self.odd and path.endswith(("/show_many", "/apply")):
            return Said(json={})
        routes = {
            "/api/v2/tickets/42": lambda: {"ticket": self.ticket} | self._people([CUSTOMER], query),
            "/api/v2/tickets/42/comments": lambda: self._comments(query),
            "/api/v2/users/show_many": lambda: {"users": [self.users[int(i)] for i in query["ids"][0].split(",")]},
            "/api/v2/users/11/tickets/requested": lambda: {"tickets": [self.ticket, {**self.ticket, "id": 41}]},
            "/api/v2/macros/15": lambda: {"macro": {"id": 15, "active": self.macro_active}},
            "/api/v2/tickets/42/macros/15/apply": lambda: {
                "result": {"ticket": {"id": 42, "comment": {"body": self.macro_body, "public": True}}}
            },
        }
        return Said(json=routes[path]())

    def _comments(self, query: dict[str, list[str]]) -> dict[str, Any]:
        start, size = int(query.get("page[after]", ["0"])[0]), int(query["page[size]"][0])
        rows, more = self.comments[start : start + size], start + size < len(self.comments)
        after = f"https://acme.zendesk.com/api/v2/tickets/42/comments?page%5Bsize%5D={size}"
        links = {"next": f"{after}&include=users&page%5Bafter%5D={start + size}" if more else None}
        people = self._people(sorted({row["author_id"] for row in rows}), query)
        return {"comments": rows, "meta": {"has_more": more}, "links": links} | people

    def _people(self, ids: list[int], query: dict[str, list[str]]) -> dict[str, Any]:
        asked = "users" in query.get("include", [""])[0].split(",")
        return {"users": [self.users[id_] for id_ in ids]} if asked and self.sideloads else {}

    def _updated(self, wanted: dict[str, Any]) -> Said | None:
        if self.ticket["status"] == "closed":
            return Said(422, {"error": "RecordInvalid", "details": {"status": []}})
        if wanted.get("updated_stamp") != self.ticket["updated_at"]:
            return Said(409, {"error": "UpdateConflict"})
        said = wanted.pop("comment", None)
        events = []
        if said:
            self.comments.append(comment(1001 + len(self.comments), SELF, said["html_body"], public=said["public"]))
            events = [{"type": "Comment", "id": self.comments[-1]["id"]}]
        self.ticket |= {name: value for name, value in wanted.items() if name in self.ticket}
        self.ticket["updated_at"] = "2026-11-21T11:00:09Z"
        if self.drops_next_answer:
            self.drops_next_answer = False
            return None
        headers = {"X-Zendesk-API-Warn": self.warns} if self.warns else {}
        return Said(json={"ticket": self.ticket, "audit": {"id": 22, "events": events}}, headers=headers)


def comment(id_: int, author_id: int, text: str, public: bool = True) -> dict[str, Any]:
    at = f"2026-11-21T10:{id_ % 60:02d}:00Z"
    return {"id": id_, "author_id": author_id, "plain_body": text, "public": public, "created_at": at, "via": {}}


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def server(account: Account) -> Iterator[Loopback]:
    with serving(account) as made:
        yield made


@pytest.fixture
def tickets(server: Loopback) -> Iterator[Tickets]:
    with Session(server.url, ReadyToken(token="t")) as session:
        yield Tickets(session, lambda: DESK)


def test_ticket_is_loaded_in_two_calls(tickets: Tickets, server: Loopback):
    """An ordinary ticket costs two calls, the ticket first and then its comments, people sideloaded with both."""
    ticket = tickets.load(42)
    assert (ticket.requester.name, ticket.stamp) == ("Ada", "2026-11-21T11:00:00Z")
    assert [(message.id, message.who) for message in ticket.messages] == [(1001, Who.CUSTOMER)]
    assert [urlsplit(one.path).path for one in server.seen] == ["/api/v2/tickets/42", "/api/v2/tickets/42/comments"]


def test_long_conversation_is_loaded_whole(account: Account, tickets: Tickets, server: Loopback):
    """Every page of comments is read, each with the people of that page."""
    account.comments = [comment(1000 + n, AGENT if n == 249 else CUSTOMER, str(n)) for n in range(250)]
    ticket = tickets.load(42)
    assert len(ticket.messages) == 250
    assert {message.id for message in ticket.messages if message.who is Who.AGENT} == {1249}
    assert len(server.seen) == 4


def test_people_that_no_sideload_brought_are_looked_up(account: Account, tickets: Tickets, server: Loopback):
    """Who wrote is known even where an account sideloads nobody: an agent must never be taken for a rule."""
    account.sideloads = False
    account.comments.append(comment(1002, AGENT, "I am on it."))
    ticket = tickets.load(42)
    assert [message.who for message in ticket.messages] == [Who.CUSTOMER, Who.AGENT]
    assert ticket.requester.name == "Ada"
    assert server.seen[-1].path == "/api/v2/users/show_many?ids=11,12"


def test_people_who_cannot_be_seen_stay_unknown(account: Account, tickets: Tickets):
    """A ticket is loaded also where the right to see its people is missing."""
    account.sideloads, account.gone = False, frozenset({"/api/v2/users/show_many"})
    assert [message.who for message in tickets.load(42).messages] == [Who.CUSTOMER]


def test_deleted_ticket_is_refused(account: Account, tickets: Tickets):
    """A ticket that is not there will not come back by asking again."""
    account.gone = frozenset({"/api/v2/tickets/42"})
    with pytest.raises(Refused, match="deleted"):
        tickets.load(42)


def test_history_is_recalled_in_one_call(tickets: Tickets, server: Loopback):
    """The requester's newest tickets come in one call, this one left out of the recent ones."""
    history = tickets.recall(tickets.load(42), NOW)
    assert (history.tickets_90d, history.days_open, [past.id for past in history.recent]) == (2, 0, [41])
    assert parse_qs(urlsplit(server.seen[-1].path).query)["sort"] == ["-id"]
    assert len(server.seen) == 3


def test_history_that_may_not_be_asked_is_unknown(account: Account, tickets: Tickets):
    """Where the requester's tickets cannot be listed the history is unknown, and the ticket is not lost."""
    account.gone = frozenset({"/api/v2/users/11/tickets/requested"})
    history = tickets.recall(tickets.load(42), NOW)
    assert (history.tickets_90d, history.recent, history.days_open) == (None, (), 0)


def test_answer_is_prepared_without_a_change(tickets: Tickets, server: Loopback):
    """The macro is rendered by the desk, nothing is written, and the fact that nobody gave is named."""
    answer = tickets.prepare(tickets.load(42), MACRO)
    assert (answer.text, answer.missing) == ("Hello Ada, it is at [[tracking_page]].", ("tracking_page",))
    assert server.seen[-1].path == "/api/v2/tickets/42/macros/15/apply"
    assert server.count("PUT") == 0


def test_deleted_macro_is_refused(account: Account, tickets: Tickets):
    """An answer that an admin has deleted is refused."""
    account.gone = frozenset({"/api/v2/tickets/42/macros/15/apply"})
    with pytest.raises(Refused):
        tickets.prepare(tickets.load(42), MACRO)


def test_switched_off_macro_is_refused(account: Account, tickets: Tickets, server: Loopback):
    """An answer that an admin has switched off is refused before it is rendered."""
    account.macro_active = False
    with pytest.raises(Refused, match="switched off"):
        tickets.prepare(tickets.load(42), MACRO)
    assert server.seen[-1].path == "/api/v2/macros/15"


def test_odd_answers_do_not_lose_the_ticket(account: Account, tickets: Tickets):
    """What zenpy cannot read leaves people unknown and an answer without its text; the ticket itself is there."""
    account.sideloads, account.odd = False, True
    ticket = tickets.load(42)
    assert [message.who for message in ticket.messages] == [Who.CUSTOMER]
    assert tickets.prepare(ticket, MACRO).missing == ("the answer's text",)


def test_plan_is_one_update(account: Account, tickets: Tickets, server: Loopback):
    """Reply, reading and marker are one PUT; what it did and what stood there before come back."""
    applied = tickets.apply(REPLY, tickets.load(42))
    assert server.count("PUT") == 1
    assert (applied.audit_id, applied.comment_id, applied.dropped) == (22, 1002, ())
    assert applied.before == {"tags": ["vip"], "fields": {"charge": None, "marker": None}, "status": "open"}
    assert applied.after["updated_at"] == "2026-11-21T11:00:09Z"
    assert account.ticket["tags"] == ["attune_charge_calm", "vip"]


def test_empty_plan_sends_nothing(tickets: Tickets, server: Loopback):
    """A plan without a change costs no call."""
    ticket = tickets.load(42)
    before = len(server.seen)
    assert tickets.apply(Plan(actions=(), because="nothing to do"), ticket).audit_id is None
    assert len(server.seen) == before


@pytest.mark.parametrize(
    ("age_s", "left_s"), [(-3.0, 5.0), (0.0, 2.0), (0.5, 1.5), (1.9, 0.1), (2.0, None), (60.0, None)]
)
@pytest.mark.parametrize("plan", [REPLY, NOTE], ids=["reply", "note"])
def test_a_comment_waits_until_the_second_of_the_stamp_is_over(
    server: Loopback, plan: Plan, age_s: float, left_s: float | None
):
    """A ticket loaded as it changed gets no reply or note yet: another comment of that second would go unseen."""
    loaded_at = datetime(2026, 11, 21, 11, 0, tzinfo=UTC) + timedelta(seconds=age_s)
    with Session(server.url, ReadyToken(token="t")) as session:
        tickets = Tickets(session, lambda: DESK, clock=lambda: loaded_at)
        ticket = tickets.load(42)
        assert ticket.loaded_at == loaded_at
        if left_s is None:
            assert tickets.apply(plan, ticket).comment_id == 1002
            return
        with pytest.raises(TryLater) as caught:
            tickets.apply(plan, ticket)
    assert caught.value.after == timedelta(seconds=left_s)
    assert server.count("PUT") == 0


def test_marks_do_not_wait(server: Loopback):
    """What nobody reads as an answer is written at once, however young the ticket's last change is."""
    with Session(server.url, ReadyToken(token="t")) as session:
        tickets = Tickets(session, lambda: DESK, clock=lambda: datetime(2026, 11, 21, 11, 0, tzinfo=UTC))
        assert tickets.apply(MARKS, tickets.load(42)).audit_id == 22


def test_ticket_that_moved_is_tried_again(account: Account, tickets: Tickets):
    """A ticket that changed since it was loaded is not written over."""
    ticket = tickets.load(42)
    account.ticket["updated_at"] = "2026-11-21T11:30:00Z"
    with pytest.raises(TryLater) as caught:
        tickets.apply(REPLY, ticket)
    assert caught.value.after.total_seconds() == 0
    assert len(account.comments) == 1


def test_closed_ticket_is_refused(account: Account, tickets: Tickets):
    """A closed ticket cannot be changed, now or later."""
    account.ticket["status"] = "closed"
    with pytest.raises(Refused, match="closed"):
        tickets.apply(NOTE, tickets.load(42))


def test_lost_answer_does_not_become_a_second_reply(account: Account, tickets: Tickets, server: Loopback):
    """The desk writes and its answer is lost: the write is not repeated, and the next load shows that it was done."""
    account.drops_next_answer = True
    with pytest.raises(TryLater):
        tickets.apply(REPLY, tickets.load(42))
    assert server.count("PUT") == 1
    again = tickets.load(42)
    assert again.fields[Field.MARKER] == "1001"
    assert [message.who for message in again.messages] == [Who.CUSTOMER, Who.BOT]
    assert again.messages[1].ours


def test_stale_plan_after_a_lost_answer_is_refused_by_the_stamp(account: Account, tickets: Tickets, server: Loopback):
    """Even the same plan sent again after a lost answer writes nothing: its stamp is old."""
    ticket = tickets.load(42)
    account.drops_next_answer = True
    for _ in range(2):
        with pytest.raises(TryLater):
            tickets.apply(REPLY, ticket)
    assert (server.count("PUT"), len(account.comments)) == (2, 2)


def test_silently_dropped_keys_are_told(account: Account, tickets: Tickets, caplog: pytest.LogCaptureFixture):
    """Keys that the desk says it left out come back by name, and the log counts them."""
    account.warns = 'Removed restricted keys ["safe_update"] from parameters according to allowlist'
    caplog.set_level(logging.INFO)
    assert tickets.apply(NOTE, tickets.load(42)).dropped == ("safe_update",)
    assert "left keys out" in caplog.text
    assert "Where is it" not in caplog.text
