"""What the worker does with one event: every way through `handle`, `attend` and `catch_up`, and what is written down.

Reading and policy are the real ones; Zendesk and the memory are small stand-ins that can be told to fail. That the
queue keeps its promises is shown with real processes in `tests/e2e/test_kills.py`.
"""

# ruff: noqa: ARG002 - stand-ins take everything that the real ones are asked with

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration import worker
from integration.model import (
    Answer,
    Applied,
    AttuneError,
    Desk,
    EventKind,
    Field,
    History,
    MacroRef,
    Message,
    Note,
    NotUnderstood,
    Outcome,
    PastTicket,
    Plan,
    Refused,
    Reply,
    Requester,
    Route,
    Rules,
    Rung,
    Sentiment,
    SetFields,
    Status,
    Ticket,
    TicketEvent,
    TryLater,
    Who,
)
from integration.worker import Attendant

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ME, CUSTOMER, AGENT, SENIOR = 1, 2, 3, 77
CALM = "Hi, where is my order 48213? The tracking page has not moved since Tuesday. Thanks, Ada"
CHARGED = "This is the THIRD time I am writing! I am absolutely furious and done with your excuses!"
MACRO = MacroRef(key="answer/order_status", id=7, title="Attune::Answers::Order status")
DESK = Desk(
    self_id=ME,
    fields={name: 100 + place for place, name in enumerate(Field)},
    senior_group_id=SENIOR,
    macros=(MACRO,),
)


def said(number: int, text: str, who: Who = Who.CUSTOMER, *, public: bool = True) -> Message:
    """A comment, a minute after the one before."""
    author = {Who.CUSTOMER: CUSTOMER, Who.AGENT: AGENT}.get(who, ME)
    at = NOW - timedelta(hours=1) + timedelta(minutes=number)
    return Message(id=number, who=who, text=text, at=at, public=public, author_id=author, ours=who is Who.BOT)


def a_ticket(*messages: Message, **other: Any) -> Ticket:
    """An e-mail ticket of one customer."""
    given: dict[str, Any] = {
        "id": 42,
        "subject": "",
        "requester": Requester(id=CUSTOMER, name="Ada", email="ada@customer.example"),
        "channel": "email",
        "status": Status.NEW,
        "priority": None,
        "tags": frozenset(),
        "group_id": None,
        "assignee_id": None,
        "messages": messages or (said(5, CALM),),
        "stamp": "2026-03-02T08:35:00Z",
        "created_at": NOW - timedelta(hours=1),
        "fields": dict.fromkeys(Field),
    }
    return Ticket(**given | other)


@dataclass
class DeskWithOneTicket:
    """Zendesk as the worker sees it; `troubles` are raised in turn, each where it is due."""

    ticket: Ticket
    troubles: list[tuple[str, Exception]] = field(default_factory=list)
    lose_answer: bool = False  # the next write is done, and nobody hears of it
    history: History = field(default_factory=History)
    asked: list[str] = field(default_factory=list)
    written: list[Plan] = field(default_factory=list)
    dropped: tuple[str, ...] = ()

    def load(self, ticket_id: int) -> Ticket:
        self._due("load")
        assert ticket_id == self.ticket.id
        return self.ticket

    def recall(self, ticket: Ticket, now: datetime) -> History:
        self._due("recall")
        assert now >= NOW
        return self.history

    def prepare(self, ticket: Ticket, macro: MacroRef) -> Answer:
        self._due("prepare")
        return Answer(macro=macro, text="Hello Ada, follow it at https://shop.example/track.")

    def apply(self, plan: Plan, ticket: Ticket) -> Applied:
        self._due("apply")
        self.written.append(plan)
        values = next(one.values for one in plan.actions if isinstance(one, SetFields))
        spoken = next((one for one in plan.actions if isinstance(one, Reply | Note)), None)
        ours = (said(50 + len(self.written), "…", Who.BOT, public=isinstance(spoken, Reply)),) if spoken else ()
        messages = (*self.ticket.messages, *ours)
        fields = {**self.ticket.fields, **values}
        self.ticket = replace(self.ticket, messages=messages, fields=fields, stamp="2026-03-02T09:30:00Z")
        if self.lose_answer:
            self.lose_answer = False
            raise TryLater("Zendesk did not answer in time")
        after = {"updated_at": self.ticket.stamp}
        return Applied(audit_id=9, comment_id=51, before={}, after=after, dropped=self.dropped)

    def _due(self, what: str) -> None:
        self.asked.append(what)
        if self.troubles and self.troubles[0][0] == what:
            raise self.troubles.pop(0)[1]


@dataclass
class Book:
    """What is remembered, under the store's two promises: one outcome per delivery, a finished one stays."""

    outcomes: dict[str, tuple[str, Outcome]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)  # the methods for which the database is away
    broken: set[str] = field(default_factory=set)  # those that have a fault
    corrections: list[tuple[Field, str, str]] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    written_before: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[int, str] = field(default_factory=dict)
    read_before: Mapping[int, Sentiment] = field(default_factory=dict)
    ruled: Rules = field(default_factory=lambda: Rules(default_rung=Rung.SEND, rungs={}))
    asked_for_person: bool = False  # on our page

    def rules(self) -> Rules:
        self._there("rules")
        return self.ruled

    def sentiments(self, ticket_ids: list[int]) -> Mapping[int, Sentiment]:
        return {number: felt for number, felt in self.read_before.items() if number in ticket_ids}

    def replies_since(self, since: datetime) -> int:
        assert since == NOW - timedelta(hours=1)
        return sum(
            isinstance(action, Reply) for _, outcome in self.outcomes.values() for action in outcome.plan.actions
        )

    def wished(self, ticket_id: int) -> bool:
        return self.asked_for_person

    def intend(self, intended: Outcome) -> None:
        self._there("intend")
        self._put("intended", intended)

    def record(self, done: Outcome) -> None:
        self._there("record")
        self._put("done", done)

    def intended_message(self, delivery_id: str) -> int | None:
        state, outcome = self.outcomes.get(delivery_id, ("", None))
        return outcome.message_id if state == "intended" and outcome else None

    def confirm(self, delivery_id: str, now: datetime) -> bool:
        state, outcome = self.outcomes.get(delivery_id, ("", None))
        if state != "intended" or outcome is None:
            return False
        self.outcomes[delivery_id] = ("done", replace(outcome, at=now))
        return True

    def finished(self, delivery_id: str) -> bool:
        self._there("finished")
        return self.outcomes.get(delivery_id, ("",))[0] == "done"

    def standing(self, ticket_id: int) -> Mapping[str, str]:
        return self.written_before

    def last_stamp(self, ticket_id: int) -> str:
        return self.stamps.get(ticket_id, "")

    def correct(self, event: TicketEvent, message_id: int | None, name: Field, was: str, is_now: str) -> None:
        self.corrections.append((name, was, is_now))

    def get(self, name: str) -> str | None:
        return self.kept.get(name)

    def set(self, name: str, value: str) -> None:
        self.kept[name] = value

    def beat(self, name: str, now: datetime, zendesk: str) -> None:
        self.kept[name] = zendesk

    def alive(self, since: datetime) -> Mapping[str, str]:
        return self.kept

    def bury(self, before: datetime) -> None:
        """Nobody dies here."""

    def _put(self, state: str, outcome: Outcome) -> None:
        delivery = outcome.event.delivery_id
        if self.outcomes.get(delivery, ("",))[0] != "done":
            self.outcomes[delivery] = (state, outcome)

    def _there(self, method: str) -> None:
        if method in self.away:
            self.away.remove(method)
            raise TryLater("database: OperationalError")
        if method in self.broken:
            self.broken.remove(method)
            raise KeyError(method)

    def the(self, delivery: str = "d-1") -> Outcome:
        """The finished outcome of a delivery."""
        state, outcome = self.outcomes[delivery]
        assert state == "done"
        return outcome


def an_event(kind: EventKind = EventKind.CUSTOMER_MESSAGE, delivery: str = "d-1", note: str = "") -> TicketEvent:
    """Something happened on the ticket three seconds ago."""
    at = NOW - timedelta(seconds=3)
    return TicketEvent(delivery_id=delivery, ticket_id=42, kind=kind, happened_at=at, note=note)


def attendant(desk: DeskWithOneTicket, book: Book) -> Attendant:
    """The product on the two stand-ins."""
    return Attendant(zendesk=desk, memory=book, desk=lambda: DESK, clock=lambda: NOW)


# --- the main way ----------------------------------------------------------------------------------------------------


def test_a_calm_question_is_loaded_read_written_and_recorded() -> None:
    """Each part is asked once, in order; the outcome holds reading, plan, write and the message that was read."""
    desk, book = DeskWithOneTicket(a_ticket()), Book()
    assert attendant(desk, book).attend(an_event()) is None
    assert desk.asked == ["load", "recall", "prepare", "apply"]
    outcome = book.the()
    assert any(isinstance(action, Reply) for action in outcome.plan.actions)
    assert outcome.reading is not None
    assert outcome.applied is not None
    assert (outcome.message_id, outcome.requester_id, outcome.at) == (5, CUSTOMER, NOW)


def test_a_charged_message_needs_no_canned_answer() -> None:
    """No answer macro is rendered for what a person must answer; it goes to the senior group with a note."""
    desk, book = DeskWithOneTicket(a_ticket(said(5, CHARGED))), Book()
    attendant(desk, book).attend(an_event())
    assert "prepare" not in desk.asked
    assert {Note, Route} <= {type(action) for action in book.the().plan.actions}


def test_what_stands_on_the_ticket_is_journalled_before_the_write() -> None:
    """Where the write fails for now, the journal already says what was meant and what stood there before."""
    desk = DeskWithOneTicket(a_ticket(tags=frozenset({"vip"})), troubles=[("apply", TryLater("429"))])
    book = Book()
    attendant(desk, book).attend(an_event())
    state, intended = book.outcomes["d-1"]
    assert state == "intended"
    assert intended.applied is not None
    assert intended.applied.before["tags"] == ["vip"]


def test_what_zendesk_left_out_is_told() -> None:
    """Keys that were dropped become findings for the admin."""
    desk, book = DeskWithOneTicket(a_ticket(), dropped=("custom_fields.charge",)), Book()
    attendant(desk, book).attend(an_event())
    assert book.the().notes == ("Zendesk left out custom_fields.charge: run `flask doctor`",)


def test_a_plan_without_actions_writes_nothing() -> None:
    """A solved ticket is an outcome with a reason, and neither journalled nor written."""
    desk, book = DeskWithOneTicket(a_ticket(status=Status.SOLVED)), Book()
    attendant(desk, book).attend(an_event())
    assert (book.the().plan.because, book.the().applied, desk.written) == ("the ticket is solved", None, [])


def test_earlier_tickets_carry_how_they_were_read_then() -> None:
    """What we read of earlier tickets goes before what the desk shows of them."""
    past = [PastTicket(id=n, subject="", status=Status.SOLVED, created_at=NOW, sentiment=None) for n in (40, 41)]
    desk = DeskWithOneTicket(a_ticket(), history=History(recent=tuple(past)))
    book = Book(read_before={41: Sentiment.VERY_NEGATIVE})
    history, _, _ = attendant(desk, book).consider(desk.ticket)
    assert [one.sentiment for one in history.recent] == [None, Sentiment.VERY_NEGATIVE]


def test_the_answer_macro_is_gone() -> None:
    """A macro that an admin deleted is no failure: no answer is sent, and the ticket is marked for people."""
    desk = DeskWithOneTicket(a_ticket(), troubles=[("prepare", Refused("Zendesk answered 404"))])
    book = Book()
    attendant(desk, book).attend(an_event())
    assert "there is no answer macro for it" in book.the().plan.silence
    assert len(desk.written) == 1


# --- doubled, repeated, restarted ------------------------------------------------------------------------------------


def test_a_finished_delivery_is_not_looked_at_again() -> None:
    """The same delivery a second time asks nothing and changes nothing."""
    desk, book = DeskWithOneTicket(a_ticket()), Book()
    attendant(desk, book).attend(an_event())
    before, asked = book.the(), len(desk.asked)
    assert attendant(desk, book).attend(an_event()) is None
    assert (book.the(), len(desk.asked)) == (before, asked)


def test_another_delivery_of_the_same_message_writes_nothing() -> None:
    """Its outcome says that the message was attended to; the first one's stays as it is."""
    desk, book = DeskWithOneTicket(a_ticket()), Book()
    attendant(desk, book).attend(an_event())
    attendant(desk, book).attend(an_event(delivery="d-2"))
    assert len(desk.written) == 1
    assert book.the("d-2").plan.because == "this message was already attended to"
    assert book.the("d-2").applied is None


def test_a_write_whose_answer_was_lost_is_confirmed_and_not_repeated() -> None:
    """The next try finds our marker; the journal's row becomes the outcome, reading and reply included."""
    desk, book = DeskWithOneTicket(a_ticket(), lose_answer=True), Book()
    assert isinstance(attendant(desk, book).attend(an_event()), TryLater)
    assert attendant(desk, book).attend(an_event()) is None
    assert len(desk.written) == 1
    assert any(isinstance(action, Reply) for action in book.the().plan.actions)
    assert book.the().reading is not None


def test_the_database_goes_after_the_write() -> None:
    """The write stands and could not be recorded: the event comes again, and is confirmed, not written twice."""
    desk, book = DeskWithOneTicket(a_ticket()), Book(away={"record"})
    later = attendant(desk, book).attend(an_event())
    assert isinstance(later, TryLater)
    assert attendant(desk, book).attend(an_event()) is None
    assert len(desk.written) == 1
    assert any(isinstance(action, Reply) for action in book.the().plan.actions)


@pytest.mark.parametrize("method", ["finished", "rules", "intend", "record"])
def test_a_database_that_is_away_loses_no_event(method: str) -> None:
    """Wherever it goes away, the event is asked to come again, and then has one write and one outcome."""
    desk, book = DeskWithOneTicket(a_ticket()), Book(away={method})
    assert isinstance(attendant(desk, book).attend(an_event()), TryLater)
    assert attendant(desk, book).attend(an_event()) is None
    assert len(desk.written) == 1
    assert book.the().applied is not None


@pytest.mark.parametrize(
    "then",
    [
        lambda desk: replace(desk.ticket, status=Status.CLOSED),
        lambda desk: replace(desk.ticket, status=Status.SOLVED),
        lambda desk: replace(desk.ticket, tags=frozenset({"attune_skip"})),
    ],
    ids=["closed", "solved", "to be left alone"],
)
def test_what_was_intended_and_never_written_is_not_told_as_done(then: Callable[[DeskWithOneTicket], Ticket]) -> None:
    """After a conflict the ticket is another; where nothing is to be done any more, the outcome says nothing was."""
    desk, book = DeskWithOneTicket(a_ticket(), troubles=[("apply", TryLater("409", timedelta(0)))]), Book()
    attendant(desk, book).attend(an_event())
    desk.ticket = then(desk)
    assert attendant(desk, book).attend(an_event()) is None
    assert (book.the().plan.actions, book.the().applied, desk.written) == ((), None, [])


# --- failures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["load", "recall", "prepare", "apply"])
def test_what_may_work_later_comes_again(where: str) -> None:
    """The reason and the wait go back to the queue, nothing is recorded, and the next try does it."""
    later = TryLater("Zendesk answered 503", timedelta(seconds=7))
    desk, book = DeskWithOneTicket(a_ticket(), troubles=[(where, later)]), Book()
    assert attendant(desk, book).attend(an_event()) is later
    assert not book.finished("d-1")
    assert attendant(desk, book).attend(an_event()) is None
    assert len(desk.written) == 1


@pytest.mark.parametrize("failure", [Refused("Zendesk answered 404"), NotUnderstood("ticket.id is missing")])
@pytest.mark.parametrize("where", ["load", "recall", "apply"])
def test_what_will_never_work_is_an_outcome(where: str, failure: AttuneError) -> None:
    """It names the failure; nothing that was intended before counts as done."""
    desk, book = DeskWithOneTicket(a_ticket(), troubles=[(where, failure)]), Book()
    assert attendant(desk, book).attend(an_event()) is None
    assert book.the().plan.because == f"not possible: {failure}"
    assert (book.the().plan.actions, book.the().applied) == ((), None)


@pytest.mark.parametrize("where", ["load", "recall", "prepare", "apply"])
def test_a_fault_of_our_own_is_an_outcome_and_in_the_log(where: str, caplog: pytest.LogCaptureFixture) -> None:
    """One poisoned ticket does not stop the others; what the fault says of itself stays out of outcome and log."""
    bug = KeyError("the customer's words")
    desk, book = DeskWithOneTicket(a_ticket(), troubles=[(where, bug)]), Book()
    with caplog.at_level(logging.ERROR):
        assert attendant(desk, book).attend(an_event()) is None
    assert book.the().plan.because == "a fault of Attune's own: KeyError; see the log"
    assert "ticket 42 delivery d-1: KeyError at _due:" in caplog.text
    assert "the customer's words" not in caplog.text


def test_an_outcome_that_cannot_be_written_down_keeps_the_event(caplog: pytest.LogCaptureFixture) -> None:
    """Where recording itself has a fault, the event is not taken for done: it comes again."""
    desk, book = DeskWithOneTicket(a_ticket()), Book(broken={"record"})
    assert isinstance(attendant(desk, book).attend(an_event()), TryLater)
    assert not book.finished("d-1")
    assert attendant(desk, book).attend(an_event()) is None
    assert len(desk.written) == 1


def test_giving_up_is_an_outcome_too() -> None:
    """After the last try the event has its outcome, with the last reason, and what was intended is not told as done."""
    desk, book = DeskWithOneTicket(a_ticket(), troubles=[("apply", TryLater("down"))]), Book()
    attendant(desk, book).attend(an_event())
    attendant(desk, book).give_up(an_event(), "down")
    assert book.the().plan.because == f"gave up after {worker.TRIES} tries: down"
    assert (book.the().plan.actions, book.the().applied) == ((), None)


# --- other kinds of events -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "other", "because"),
    [
        (EventKind.CLOSED, {"status": Status.SOLVED}, "the ticket is solved"),
        (EventKind.RATED, {"satisfaction": "bad"}, "the customer rated the contact bad"),
        (EventKind.RATED, {}, "the customer rated the contact not yet"),
        (EventKind.CORRECTION, {}, "no correction"),
    ],
)
def test_a_note_is_taken_and_the_ticket_left_alone(kind: EventKind, other: dict[str, Any], because: str) -> None:
    """The ticket is looked at once and not touched; the outcome says what was seen."""
    desk, book = DeskWithOneTicket(a_ticket(**other)), Book()
    attendant(desk, book).attend(an_event(kind))
    assert (desk.asked, book.the().plan.because) == (["load"], because)


@pytest.mark.parametrize(("note", "named"), [("ticket.merged", "ticket.merged"), ("", "an unknown kind of event")])
def test_an_unknown_kind_is_named(note: str, named: str) -> None:
    """Nothing is asked of Zendesk for an event that we do not know."""
    desk, book = DeskWithOneTicket(a_ticket()), Book()
    attendant(desk, book).attend(an_event(EventKind.UNKNOWN, note=note))
    assert (desk.asked, book.the().plan.because) == ([], f"nothing to do for {named}")


def test_a_persons_correction_is_written_down() -> None:
    """Only fields that we wrote and that differ now count; an emptied one does as well."""
    now: dict[Field, str | None] = {
        Field.SENTIMENT: "attune_sentiment_neutral",
        Field.CHARGE: "attune_charge_mild",
        Field.URGENCY: None,
    }
    wrote = {"sentiment": "attune_sentiment_neutral", "charge": "attune_charge_calm", "urgency": "attune_urgency_low"}
    desk, book = DeskWithOneTicket(a_ticket(fields=now)), Book(written_before=wrote)
    attendant(desk, book).attend(an_event(EventKind.CORRECTION))
    assert book.corrections == [
        (Field.CHARGE, "attune_charge_calm", "attune_charge_mild"),
        (Field.URGENCY, "attune_urgency_low", ""),
    ]
    assert book.the().plan.because.startswith("corrected by a person: charge: calm → mild, urgency: low → nothing")
    assert desk.written == []


# --- catching up -----------------------------------------------------------------------------------------------------


@dataclass
class Export:
    """The account's export: what changed, and the next cursor; or a failure."""

    rows: tuple[tuple[int, str], ...] = ()
    failure: AttuneError | None = None
    asked_from: list[str] = field(default_factory=list)
    people: tuple[int, ...] = ()

    def look(self) -> str:
        return ""

    def left(self, cursor: str, now: datetime) -> tuple[tuple[int, ...], str]:
        self.asked_from.append(cursor)
        if self.failure:
            raise self.failure
        return self.people, f"{cursor}+"

    def changed(self, cursor: str, now: datetime) -> tuple[tuple[tuple[int, str], ...], str]:
        self.asked_from.append(cursor)
        if self.failure:
            raise self.failure
        return self.rows, f"{cursor}+"


def test_what_was_missed_is_enqueued_under_its_version() -> None:
    """A ticket that stands as we left it is not missed; another is enqueued, the same version under the same id."""
    seen, missed = "2026-03-02T09:00:00Z", "2026-03-02T09:10:00Z"
    export, book = Export(rows=((1, seen), (2, missed))), Book(stamps={1: seen, 2: seen})
    found: list[TicketEvent] = []
    for _ in range(2):
        worker.catch_up(export, book, NOW, found.append)
    assert [(event.ticket_id, event.delivery_id) for event in found] == [(2, f"catch-up-2-{missed}")] * 2
    assert found[0].happened_at == datetime(2026, 3, 2, 9, 10, tzinfo=UTC)
    assert export.asked_from == ["", "+"]


@pytest.mark.parametrize(
    "failure", [Refused("403"), TryLater("429"), NotUnderstood("after_cursor is missing in the export's answer")]
)
def test_a_failing_export_moves_nothing(failure: AttuneError) -> None:
    """The cursor stays, so that the next look begins where this one did, and the worker goes on."""
    export, book = Export(failure=failure), Book(kept={"export cursor": "c"})
    found: list[TicketEvent] = []
    assert worker.catch_up(export, book, NOW, found.append) == 0
    assert found == []
    assert book.kept == {"export cursor": "c"}


def test_the_cursor_moves_only_when_the_queue_has_taken_everything() -> None:
    """Where the queue cannot take an event, the same stretch is looked at again."""

    def full(_event: TicketEvent) -> None:
        raise ConnectionError("the queue is away")

    book = Book(kept={"export cursor": "c"})
    with pytest.raises(ConnectionError):
        worker.catch_up(Export(rows=((2, "2026-03-02T09:10:00Z"),)), book, NOW, full)
    assert book.kept == {"export cursor": "c"}


def test_deleted_people_are_followed_once_an_hour() -> None:
    """Each is one event, whatever the hour brings; in between nobody is asked."""
    export, book = Export(people=(7, 9)), Book()
    found: list[TicketEvent] = []
    for minutes in (0, 30, 61):
        worker.follow_people(export, book, NOW + timedelta(minutes=minutes), found.append)
    assert export.asked_from == ["", "+"]
    assert [(event.kind, event.note, event.delivery_id) for event in found[:2]] == [
        (EventKind.PERSON_GONE, "7", "person-gone-7"),
        (EventKind.PERSON_GONE, "9", "person-gone-9"),
    ]
    assert {event.delivery_id for event in found[2:]} == {"person-gone-7", "person-gone-9"}


def test_people_whom_nobody_may_list_stop_nothing() -> None:
    """Without an admin's right the worker goes on, and asks again at its next round."""
    export, book = Export(failure=Refused("403")), Book()
    assert worker.follow_people(export, book, NOW, list[TicketEvent]().append) == 0
    assert book.kept == {}


def test_an_event_is_the_same_after_the_queue() -> None:
    """What is stored is plain text, and gives the event back."""
    event = an_event(EventKind.UNKNOWN, note="ticket.merged")
    stored = worker.event_values(event)
    assert worker.event_from(stored) == event
    assert all(isinstance(value, str | int) for value in stored.values())
