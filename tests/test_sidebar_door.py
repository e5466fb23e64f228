"""The app's door by HTTP: who is let in, what each wrong call gets, what answers carry, what is kept."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from integration import sidebar
from integration.model import (
    Charge,
    Correction,
    Desk,
    EventKind,
    Field,
    History,
    Intent,
    Label,
    MacroRef,
    Outcome,
    PastTicket,
    Plan,
    Refused,
    Reply,
    Requester,
    Restriction,
    Rules,
    SetFields,
    Signal,
    Source,
    Staff,
    Status,
    Ticket,
    TicketEvent,
    TryLater,
    Who,
)
from integration.sidebar import routes
from integration.store import Store, migrate
from integration.store.judgements import MOST_PRESSES
from integration.worker import Onlooker, Talks
from tests.strategies import message, reading, sign, ticket

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET, ACCOUNT, AGENT = "s" * 40, "https://acme.zendesk.com", 5
SAM = Staff(id=AGENT, staff=True, groups=frozenset({1}))
EVIL = "<script>alert(1)</script> <img src=x onerror=alert(2)>"
MACRO = MacroRef(key="empathy/damaged/item", id=9, title=f"Attune::{EVIL}")


@dataclass
class House:
    """The door on a real store; Zendesk and the queue are stand-ins that can be told to fail."""

    store: Store
    ticket: Ticket = field(default_factory=lambda: ticket(requester=Requester(id=7)))
    staff: Staff | Exception = SAM
    trouble: Exception | None = None
    queued: list[TicketEvent] = field(default_factory=list)
    installed: bool = True
    queue_away: bool = False
    history: History = field(default_factory=History)
    now: datetime = NOW
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self._client(None)
        self.with_dashboard = self._client(lambda: "https://attune.example/dashboard/enter/abc")

    def _client(self, entry: Callable[[], str] | None) -> FlaskClient:
        onlooker = Onlooker(
            zendesk=self,
            staff=self._staff,
            judgements=lambda: self.store.judgements,
            rules=self.store.rules,
            desk=lambda: Desk(self_id=1, macros=(MACRO,)),
            enqueue=self._enqueue,
            clock=lambda: NOW,
            talks=Talks(clock=lambda: self.now),
        )
        behind = sidebar.Behind(
            secret=self._secret,
            account=lambda: ACCOUNT,
            onlooker=lambda: onlooker,
            clock=lambda: NOW,
            entry_url=entry,
        )
        app = Flask("attune", static_folder=None)
        app.register_blueprint(sidebar.blueprint(behind))
        return app.test_client()

    def load(self, ticket_id: int) -> Ticket:
        self.calls.append("load")
        if self.trouble:
            raise self.trouble
        if ticket_id != self.ticket.id:
            raise Refused("Zendesk answered 404 RecordNotFound")
        return self.ticket

    def recall(self, ticket: Ticket, now: datetime) -> History:
        self.calls.append("recall")
        assert (ticket.id, now) == (self.ticket.id, NOW)
        return self.history

    def _staff(self, agent_id: int) -> Staff:
        self.calls.append("staff")
        if isinstance(self.staff, Exception):
            raise self.staff
        return replace(self.staff, id=agent_id)

    def _enqueue(self, event: TicketEvent) -> None:
        if self.queue_away:
            raise TryLater("the queue cannot be reached")
        self.queued.append(event)

    def _secret(self) -> str:
        if not self.installed:
            raise TryLater("the app is not installed in this account yet: run `flask install --app`")
        return SECRET

    def read(self, message_id: int = 1000, *, replied: bool = False, **changes: Any) -> None:
        """Have one message read, and answered where so wanted, as the worker keeps it."""
        event = TicketEvent(
            delivery_id=f"m{message_id}", ticket_id=42, kind=EventKind.CUSTOMER_MESSAGE, happened_at=NOW
        )
        its = reading(**{"text": "My order\n\nWhere is my order 40031?", **changes})
        plan = Plan(actions=(), because="left to people", silence=("charged",))
        at = NOW
        if replied:
            event, at = replace(event, delivery_id=f"answered-{message_id}"), NOW + timedelta(seconds=1)
            plan = Plan(actions=(Reply(macro=MACRO, text="", because="routine"),), because="routine")
        self.store.record(Outcome(event=event, plan=plan, at=at, reading=its, message_id=message_id))

    def call(
        self,
        method: str = "GET",
        path: str = "tickets/42",
        *,
        claims: Mapping[str, Any] | None = None,
        body: Any = None,
        client: FlaskClient | None = None,
        **more: Any,
    ) -> TestResponse:
        """One call with a good token, or with these claims in it."""
        plain = {"iss": ACCOUNT, "aud": "attune", "sub": str(AGENT), "ticket": "42", "exp": NOW.timestamp() + 120}
        headers = {"Authorization": "Bearer " + jwt.encode({**plain, **(claims or {})}, SECRET, algorithm="HS256")}
        if body is not None:
            more["data"], headers["Content-Type"] = json.dumps(body), "application/json"
        return (client or self.client).open(f"/sidebar/{path}", method=method, headers=headers, **more)

    def correct(self, label: str, value: str, **more: Any) -> TestResponse:
        """Put one label right."""
        return self.call("POST", "tickets/42/corrections", body={"label": label, "value": value}, **more)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """A door on a fresh database of either kind."""
    migrate(database_url)
    found = House(Store(database_url))
    yield found
    found.store.close()


# --- who is let in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer", "Basic abc", "Bearer a.b.c", "Bearer " + "x" * 9000])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "tickets/42"), ("POST", "tickets/42/corrections"), ("POST", "enter")]
)
def test_without_a_token(house: House, header: str, method: str, path: str) -> None:
    """Nobody is told anything, on no address, and Zendesk is not asked."""
    answer = house.client.open(f"/sidebar/{path}", method=method, headers={"Authorization": header})
    assert (answer.status_code, answer.get_json()["error"]) == (401, "NotTrusted")
    assert house.calls == []


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.zendesk.com"},
        {"ticket": "43"},
        {"ticket": ""},
        {"exp": NOW.timestamp() - 1},
        {"exp": NOW.timestamp() + 3600},
        {"aud": "other"},
        {"sub": "admin"},
    ],
    ids=str,
)
def test_a_token_for_something_else(house: House, claims: Mapping[str, Any]) -> None:
    """Of another account or ticket, too old or too long: 401, and Zendesk is not asked."""
    house.read()
    assert house.call(claims=claims).status_code == 401
    assert house.calls == []


@pytest.mark.parametrize(
    "staff",
    [
        replace(SAM, staff=False),
        replace(SAM, active=False),
        replace(SAM, restriction=Restriction.ASSIGNED),
        replace(SAM, restriction=Restriction.GROUPS, groups=frozenset({99})),
        replace(SAM, barred=frozenset({1})),
    ],
)
def test_an_agent_who_may_not(house: House, staff: Staff) -> None:
    """Whoever the desk shows nothing of this ticket is shown nothing by us, nor may they put anything right."""
    house.read()
    house.staff = staff
    for answer in (house.call(), house.correct("charge", "charged")):
        assert (answer.status_code, answer.get_json()["error"]) == (403, "Refused")
    assert house.store.corrections(42) == ()
    assert house.queued == []


@pytest.mark.parametrize(
    "path",
    ["tickets/-1", "tickets/0", "tickets/042", "tickets/%2e%2e", f"tickets/{10**30}", "tickets/4e1", "tickets/٤٢"],
)
def test_addresses_that_are_no_ticket(house: House, path: str) -> None:
    """What is no number of a ticket is named as such."""
    answer = house.call(path=path)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "NotUnderstood")


def test_an_agent_with_limits_sees_no_other_tickets(house: House) -> None:
    """The customer's earlier tickets may be ones that the desk hides from a limited agent: they are left out."""
    past = PastTicket(id=41, subject="My secret matter", status=Status.OPEN, created_at=NOW)
    house.history = History(recent=(past,))
    house.read()
    assert [one["id"] for one in house.call().get_json()["earlier"]] == [41]
    for limits in ({"restriction": Restriction.GROUPS}, {"barred": frozenset({9})}):
        house.staff = replace(SAM, **limits)
        limited = house.call()
        assert limited.status_code == 200
        assert limited.get_json()["earlier"] == []
        assert "secret matter" not in limited.text


@pytest.mark.parametrize(
    "path", ["tickets/42/../43", "tickets/42%2f..%2f43", "tickets/42/43", "tickets/", "tickets/43"]
)
def test_paths_that_climb(house: House, path: str) -> None:
    """No path leads from the ticket of the token to another one."""
    house.read()
    assert house.call(path=path).status_code in {401, 404}
    assert "load" not in house.calls


# --- what every answer carries ---------------------------------------------------------------------------------------


def test_every_answer_is_json_and_nobodys_page(house: House) -> None:
    """Good or bad: JSON, not to be sniffed, framed or kept, and no page of another origin may read it."""
    house.read()
    for answer in (
        house.call(),
        house.call(claims={"iss": "x"}),
        house.call(path="tickets/x"),
        house.call("POST", "enter"),
    ):
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


def test_markup_comes_out_as_the_text_it_is(house: House) -> None:
    """A script in a macro title or a reason is text in JSON, in a message it is gone, and a placeholder is broken."""
    house.ticket = ticket(subject=EVIL, messages=(message(f"{EVIL} {{{{ticket.id}}}} where is it? I am furious"),))
    house.read(
        evidence=(sign(Signal.FEELING, "furious", EVIL),), charge=Charge.CHARGED, intent=Intent.DAMAGED_OR_WRONG_ITEM
    )
    answer = house.call()
    assert answer.headers["Content-Type"] == "application/json"
    shown = answer.get_json()
    assert shown["because"] == [EVIL]
    assert shown["said"]["text"] == "{ {ticket.id} } where is it? I am furious"
    assert shown["macros"][0]["title"] == MACRO.title


def test_what_cannot_be_had(house: House) -> None:
    """Not installed, Zendesk away or slow: 503 with a time to come again; gone: 404."""
    house.installed = False
    answer = house.call()
    assert (answer.status_code, answer.get_json()["error"]) == (503, "TryLater")
    assert "flask install --app" in answer.get_json()["description"]
    assert int(answer.headers["Retry-After"]) >= 1
    house.installed = True
    house.trouble = TryLater("Zendesk did not answer in time", timedelta(minutes=5))
    assert house.call().headers["Retry-After"] == "30"
    house.trouble = Refused("Zendesk answered 404 RecordNotFound")
    gone = house.call()
    assert (gone.status_code, gone.get_json()["error"]) == (404, "Refused")
    house.trouble = None
    house.ticket = replace(house.ticket, status=Status.DELETED)
    assert house.call().status_code == 404


def test_a_slow_desk_leaves_room_for_others(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While as many calls as may be wait for Zendesk, one more is told to come again, and the next one is served."""
    monkeypatch.setattr(routes, "PATIENCE_S", 0.05)
    house.read()
    arrived, go_on = threading.Semaphore(0), threading.Event()
    load = house.load

    def slow(ticket_id: int) -> Ticket:
        arrived.release()
        assert go_on.wait(20)
        return load(ticket_id)

    monkeypatch.setattr(house, "load", slow)
    statuses: list[int] = []
    waiting = [
        threading.Thread(target=lambda: statuses.append(house.call().status_code)) for _ in range(routes.AT_ONCE)
    ]
    for one in waiting:
        one.start()
    for _ in waiting:
        assert arrived.acquire(timeout=20)
    assert house.call().status_code == 503
    go_on.set()
    for one in waiting:
        one.join(20)
    assert statuses == [200] * routes.AT_ONCE
    assert house.call().status_code == 200


# --- bodies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"charge"',
        b"{}",
        b'{"label": "charge"}',
        b'{"label": "charge", "value": 1}',
        b'{"label": "charge", "value": null}',
        b'{"label": ["charge"], "value": "calm"}',
        b'{"label": "charge", "value": ["calm"]}',
        b'{"label": "marker", "value": "7"}',
        b'{"label": "charge", "value": "furious"}',
        b'{"label": "charge", "value": "attune_charge_calm"}',
        b'{"label": "answer", "value": "charged"}',
        b'{"label": "charge", "value": "calm", "by": 1}',
        b'{"label": "charge", "value": "calm", "source": "field", "ticket_id": 43}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=lambda raw: repr(raw[:40]),
)
def test_bodies_that_are_refused(house: House, raw: bytes) -> None:
    """Not JSON, another type, an unknown word, or one key more than asked for: 400, and nothing is kept."""
    house.read()
    answer = house.call("POST", "tickets/42/corrections", data=raw, content_type="application/json")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "NotUnderstood")
    assert house.store.corrections(42) == ()
    assert house.queued == []


def test_other_bodies(house: House) -> None:
    """A form, which any page can send, is not taken; a huge body is not even read."""
    house.read()
    form = house.call("POST", "tickets/42/corrections", data={"label": "charge", "value": "calm"})
    assert form.status_code == 400
    huge = house.call(
        "POST", "tickets/42/corrections", data=b"x" * (sidebar.LARGEST_BODY_BYTES + 1), content_type="application/json"
    )
    assert (huge.status_code, huge.get_json()["error"]) == (413, "NotUnderstood")
    assert house.call("POST", "tickets/42").status_code == 405


# --- corrections -----------------------------------------------------------------------------------------------------


def test_a_press_is_kept_and_handed_on(house: House) -> None:
    """It is stored with who made it, queued for the worker, and answered the same however often it is pressed."""
    house.read()
    first, second = house.correct("charge", "charged"), house.correct("charge", "charged")
    assert first.get_json() == second.get_json()
    assert first.get_json() | {"says": ""} == {
        "label": "charge",
        "was": "calm",
        "is_now": "charged",
        "at": NOW.isoformat(),
        "says": "",
    }
    (row,) = house.store.corrections(42)
    assert (row["by"], row["source"], row["message_id"], row["was"]) == (AGENT, "sidebar", 1000, "attune_charge_calm")
    assert {one.delivery_id for one in house.queued} == {row["delivery_id"]}
    assert {one.kind for one in house.queued} == {EventKind.CORRECTION}
    shown = house.call().get_json()["reading"]["charge"]
    assert (shown["value"], shown["corrected_from"]) == ("charged", "calm")


def test_there_and_back_again(house: House) -> None:
    """Another word is another correction, and the first word again is a third one."""
    house.read()
    for value in ("charged", "calm", "charged"):
        assert house.correct("charge", value).status_code == 200
    assert [one.is_now for one in house.store.judgements.corrections(42)] == ["charged", "calm", "charged"]
    assert [one.was for one in house.store.judgements.corrections(42)] == ["calm", "charged", "calm"]


def test_nobody_changes_their_mind_forever(house: House) -> None:
    """Each press is a row and a write in Zendesk: a hundred of one label are taken, and then the desk is left."""
    house.read()
    values = ("charged", "calm")
    for turn in range(MOST_PRESSES):
        at = NOW - timedelta(seconds=MOST_PRESSES - turn)
        house.store.judgements.press(pressed(values[turn % 2], at))
    refused = house.correct("charge", values[0])
    assert (refused.status_code, refused.get_json()["error"]) == (409, "Refused")
    assert house.correct("charge", values[1]).status_code == 200  # what stands already changes nothing
    assert house.correct("urgency", "high").status_code == 200
    assert len(house.store.corrections(42)) == MOST_PRESSES + 1


def pressed(value: str, at: datetime = NOW) -> Correction:
    """A press on the charge of the one message."""
    return Correction(
        delivery_id="",
        ticket_id=42,
        message_id=1000,
        label=Label.CHARGE,
        was="calm",
        is_now=value,
        at=at,
        by=AGENT,
        source=Source.SIDEBAR,
    )


def test_what_stands_already_is_no_correction(house: House) -> None:
    """The word that was read is not kept as a correction."""
    house.read()
    answer = house.correct("urgency", "normal").get_json()
    assert (answer["was"], answer["is_now"]) == ("normal", "normal")
    assert "nothing changes" in answer["says"]
    assert house.store.corrections(42) == ()


def test_presses_at_the_same_moment(house: House) -> None:
    """Ten presses of one word at once are one correction, on either database."""
    house.read()

    def press(value: str) -> None:
        house.store.judgements.press(pressed(value))

    presses = [threading.Thread(target=press, args=("charged",)) for _ in range(10)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert [one.is_now for one in house.store.judgements.corrections(42)] == ["charged"]


def test_a_queue_that_is_away(house: House) -> None:
    """The correction is kept, the agent is asked to press again, and pressing again hands it on."""
    house.read()
    house.queue_away = True
    assert house.correct("charge", "charged").status_code == 503
    assert len(house.store.corrections(42)) == 1
    house.queue_away = False
    assert house.correct("charge", "charged").status_code == 200
    assert len(house.store.corrections(42)) == 1
    assert len(house.queued) == 1


@pytest.mark.parametrize(
    ("label", "value", "reads"),
    [("charge", "charged", False), ("answer", "should_not", True), ("answer", "was_fine", False)],
)
def test_nothing_to_put_right(house: House, label: str, value: str, reads: bool) -> None:
    """A message that nobody has read, or an answer that nobody gave, is 409 with the reason."""
    if reads:
        house.read()
    answer = house.correct(label, value)
    assert (answer.status_code, answer.get_json()["error"]) == (409, "Refused")
    assert house.store.corrections(42) == ()


def test_what_stands_in_the_fields_since_the_last_reading(house: House) -> None:
    """A press counts as standing once the worker has carried it out, and no more once that was undone."""
    house.read()
    house.correct("charge", "charged")
    assert house.store.judgements.standing(42) == {}
    (event,) = house.queued
    written = SetFields(values={Field.CHARGE: "attune_charge_charged"}, because="a person said so")
    house.store.record(Outcome(event=event, plan=Plan(actions=(written,), because="carried out"), at=NOW))
    assert house.store.judgements.standing(42) == {Field.CHARGE: "attune_charge_charged"}
    assert [one.label for one in house.store.judgements.pressed(event.delivery_id)] == [Label.CHARGE]
    house.store.archive.mark_undone([event.delivery_id], NOW)
    assert house.store.judgements.standing(42) == {}


def test_a_reading_comes_back_as_it_was(house: House) -> None:
    """What is kept of a reading gives the same reading, without a word of it."""
    its = reading(evidence=(sign(Signal.FEELING, "Where", "a reason"),), readable=False, why_unreadable="why")
    house.read(evidence=its.evidence, readable=False, why_unreadable="why", text="some words")
    (found,) = house.store.judgements.readings(42)
    wordless = tuple(replace(one, quote="") for one in its.evidence)
    assert found.reading == replace(its, text="", evidence=wordless)
    assert (found.characters, found.silence) == (len("some words"), ("charged",))


# --- wording help ----------------------------------------------------------------------------------------------------

ASKING = "Hello Mary, could you please send me your order number so that I can look into it for you today?"


def drafted(house: House, text: str, *, public: bool = True, **more: Any) -> TestResponse:
    """Ask for help with a draft."""
    return house.call("POST", "tickets/42/draft", body={"text": text, "public": public}, **more)


def test_a_draft_that_asks_again(house: House) -> None:
    """Advice names the words of the draft; an internal note gets none; the conversation is asked for once."""
    house.read()
    advice = drafted(house, ASKING).get_json()["advice"]
    assert [one["kind"] for one in advice] == ["asks_again"]
    assert ASKING[advice[0]["start"] : advice[0]["end"]] == advice[0]["quote"]
    assert drafted(house, ASKING, public=False).get_json() == {"advice": []}
    assert drafted(house, "").get_json() == {"advice": []}
    assert house.calls.count("load") == 1
    house.now += timedelta(seconds=30)
    drafted(house, ASKING)
    assert house.calls.count("load") == 2


def test_a_draft_on_what_was_not_read(house: House) -> None:
    """Without a reading there is no advice, and no error either."""
    assert drafted(house, ASKING).get_json() == {"advice": []}


def test_a_draft_by_somebody_who_may_not(house: House) -> None:
    """What one agent's draft brought in is not told to another who may not see the ticket."""
    house.read()
    assert drafted(house, ASKING).status_code == 200
    house.staff = replace(SAM, restriction=Restriction.ASSIGNED)
    assert drafted(house, ASKING).status_code == 403
    assert drafted(house, ASKING, claims={"ticket": "43"}).status_code == 401


@pytest.mark.parametrize(
    "body",
    [{"text": 1, "public": True}, {"text": "x", "public": 1}, {"text": "x"}, {"text": "x" * 65_537, "public": True}],
)
def test_drafts_that_are_refused(house: House, body: Mapping[str, Any]) -> None:
    """Another type or more than a comment may hold: 400, and the text is not repeated."""
    answer = house.call("POST", "tickets/42/draft", body=body)
    assert answer.status_code == 400
    assert "xxx" not in answer.text


def test_nothing_of_a_draft_is_kept(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The log names counts; the database has as many rows as before."""
    caplog.set_level(logging.DEBUG)
    house.read()
    before = len(house.store.outcomes(42))
    drafted(house, ASKING)
    assert "order number" not in caplog.text
    assert (len(house.store.outcomes(42)), house.store.corrections(42)) == (before, ())


def test_how_often_it_was_asked_again(house: House) -> None:
    """The glance counts the agents' messages that ask for what had been given, judged by what was known then."""
    first = message("My order 40031 has not come. Where is it?")
    early = message("Which shop is it?", id=999, who=Who.AGENT, author_id=12, at=first.at - timedelta(hours=1))
    asks = message(ASKING, id=1001, who=Who.AGENT, author_id=12)
    house.ticket = replace(house.ticket, messages=(early, first, asks, message("40031, again!", id=1002)))
    house.read(1002)
    assert house.call().get_json()["asked_again"] == 1


# --- the way to the dashboard ----------------------------------------------------------------------------------------


def test_the_way_to_the_dashboard(house: House) -> None:
    """Whoever sees all tickets gets a link; others do not, and without a dashboard it says so."""
    assert house.call("POST", "enter", claims={"ticket": ""}).status_code == 503
    good = house.call("POST", "enter", claims={"ticket": ""}, client=house.with_dashboard)
    assert good.get_json() == {"url": "https://attune.example/dashboard/enter/abc"}
    assert house.call("POST", "enter", body={"admin": True}, client=house.with_dashboard).status_code == 400
    house.staff = replace(SAM, restriction=Restriction.GROUPS)
    assert house.call("POST", "enter", client=house.with_dashboard).status_code == 403


# --- what is not written down ----------------------------------------------------------------------------------------


def test_no_word_reaches_the_log_or_the_database(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A customer's words are shown, and neither logged nor kept."""
    caplog.set_level(logging.DEBUG)
    words = "my late husband's account"
    house.ticket = ticket(messages=(message(words),))
    house.read(text=words)
    assert words in house.call().get_json()["said"]["text"]
    house.correct("charge", "charged")
    house.call(claims={"ticket": "43"})
    house.call("POST", "tickets/42/corrections", body={"label": words, "value": words})
    assert words not in caplog.text
    assert words not in json.dumps([dict(row) for row in house.store.corrections(42)], default=str)
    assert words not in json.dumps([dict(row) for row in house.store.outcomes(42)], default=str)


def test_a_skipped_ticket_asks_no_more(house: House) -> None:
    """Where there is nothing to show, the customer's past is not asked for."""
    house.ticket = replace(house.ticket, tags=frozenset({Rules().skip_tag}))
    assert house.call().get_json()["state"] == "nothing"
    assert house.calls == ["staff", "load"]


def test_whoever_asked_for_a_person_on_our_page(house: House) -> None:
    """Without a word to read the tag says it: said first, with its reason, until a person has answered in public."""
    asked = frozenset({"attune_wants_person"})
    house.ticket = replace(house.ticket, tags=asked)
    house.read(intent=Intent.ORDER_STATUS)
    assert not house.call().get_json()["cue"].startswith("They asked for a person")  # the mark of an earlier wish
    house.read(intent=Intent.ORDER_STATUS, replied=True)
    found = house.call().get_json()
    assert found["cue"].startswith("They asked for a person")
    assert found["because"][0] == "The customer asks for a person, and nobody has answered since."
    assert not [one for one in found["macros"] if "Answers" in one["title"]]
    newest = house.ticket.messages[-1]
    for who, public, still in ((Who.AGENT, False, True), (Who.BOT, True, True), (Who.AGENT, True, False)):
        later = replace(newest, id=newest.id + 1, who=who, public=public, text="I am on it.", at=newest.at)
        house.ticket = replace(house.ticket, messages=(newest, later))
        assert house.call().get_json()["cue"].startswith("They asked for a person") is still, (who, public)
