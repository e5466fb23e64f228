"""A way out in the worker: loaded fresh, written once whatever is lost, and never with a bot's answer beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from integration import worker
from integration.model import (
    AddTags,
    Applied,
    Booking,
    Choice,
    EventKind,
    Field,
    Note,
    Outcome,
    Plan,
    Reading,
    Reply,
    Rules,
    Rung,
    SetFields,
    SetStatus,
    Status,
    Ticket,
    TicketEvent,
    TryLater,
    Who,
)
from tests import test_worker as usual
from tests.test_worker import CHARGED, NOW, a_ticket, said


@dataclass
class Desk(usual.DeskWithOneTicket):
    """The usual desk, which also keeps tags and status as a desk does."""

    def apply(self, plan: Plan, ticket: Ticket) -> Applied:  # noqa: ARG002 - as the real one is asked
        self._due("apply")
        self.written.append(plan)
        for action in plan.actions:
            if isinstance(action, AddTags):
                self.ticket = replace(self.ticket, tags=(self.ticket.tags - action.drop) | action.tags)
            if isinstance(action, SetFields):
                self.ticket = replace(self.ticket, fields={**self.ticket.fields, **action.values})
            if isinstance(action, SetStatus):
                self.ticket = replace(self.ticket, status=action.status)
            if isinstance(action, Note | Reply):
                ours = said(50 + len(self.written), action.text, Who.BOT, public=isinstance(action, Reply))
                self.ticket = replace(self.ticket, messages=(*self.ticket.messages, ours))
        if self.lose_answer:
            self.lose_answer = False
            raise TryLater("Zendesk did not answer in time")
        return Applied(audit_id=9, comment_id=51, before={}, after={"updated_at": self.ticket.stamp})


@dataclass
class Book(usual.Book):
    """The usual memory, with a booking."""

    booked: Booking | None = None

    def booking(self, ticket_id: int) -> Booking | None:
        assert ticket_id == 42
        return self.booked


def answered(*more: Any, **changes: Any) -> Desk:
    """A desk whose ticket was answered by itself, before `more` was written."""
    messages = (said(5, usual.CALM), said(6, "This is an automatic reply.", Who.BOT), *more)
    return Desk(a_ticket(*messages, status=Status.PENDING, **changes))


def chosen(choice: Choice | None = Choice.PERSON, delivery: str = "way-1") -> TicketEvent:
    at = NOW - timedelta(seconds=3)
    return TicketEvent(delivery_id=delivery, ticket_id=42, kind=EventKind.WAY_OUT, happened_at=at, choice=choice)


def attend(desk: Desk, book: Book, event: TicketEvent) -> TryLater | None:
    return usual.attendant(desk, book).attend(event)


def outcome(book: Book, delivery: str = "way-1") -> Outcome:
    return book.the(delivery)


def test_a_choice_is_one_update_and_one_outcome() -> None:
    """The ticket is loaded and written once, with its story for the person; no macro, and no message counts as read."""
    desk, book = answered(), Book()
    assert attend(desk, book, chosen()) is None
    assert desk.asked == ["load", "recall", "apply"]
    assert desk.ticket.status is Status.OPEN
    assert "attune_wants_person" in desk.ticket.tags
    assert outcome(book).applied is not None
    assert outcome(book).message_id is None


@pytest.mark.parametrize("more", [(), (said(7, CHARGED),)])
def test_a_lost_answer_is_not_written_twice(more: tuple[Any, ...]) -> None:
    """Where the write was done and nobody heard of it, the next try sees it, and the journal's row is the outcome."""
    desk, book = answered(*more), Book()
    desk.lose_answer = True
    assert isinstance(attend(desk, book, chosen()), TryLater)
    assert attend(desk, book, chosen()) is None
    assert len(desk.written) == 1
    assert outcome(book).plan == desk.written[0]


def test_the_ticket_moved_meanwhile() -> None:
    """A conflict is tried again with the ticket as it is then."""
    desk, book = answered(), Book()
    desk.troubles = [("apply", TryLater("409"))]
    assert isinstance(attend(desk, book, chosen()), TryLater)
    assert attend(desk, book, chosen()) is None
    assert len(desk.written) == 1


@pytest.mark.parametrize("choice", list(Choice))
def test_an_unread_question_gets_no_bot(choice: Choice) -> None:
    """A routine question that nobody had read is marked beside the choice, and not answered: its customer chose."""
    desk = answered(said(7, "And where is my order 48214? Thanks, Ada"))
    book = Book(booked=Booking(ticket_id=42, slot=NOW, language="en", changes=0))
    attend(desk, book, chosen(choice))
    (plan,) = desk.written
    assert not any(isinstance(action, Reply) for action in plan.actions)
    assert desk.ticket.fields[Field.MARKER] == "7"
    assert desk.ticket.status is not Status.SOLVED
    attend(desk, book, usual.an_event(delivery="late"))
    assert len(desk.written) == 1
    assert book.the("late").plan.because == "this message was already attended to"


def test_a_later_message_finds_the_bot_silent() -> None:
    """After the choice no message of this ticket is answered by itself."""
    desk, book = answered(), Book()
    attend(desk, book, chosen())
    desk.ticket = replace(desk.ticket, messages=(*desk.ticket.messages, said(60, usual.CALM)))
    attend(desk, book, usual.an_event(delivery="later"))
    assert not any(isinstance(action, Reply) for plan in desk.written for action in plan.actions)
    assert "the customer asked for a person earlier" in book.the("later").plan.silence


def test_a_message_ahead_of_the_press_gets_no_bot() -> None:
    """The page has promised silence: a question that waits in the queue is not answered, and the press still counts."""
    desk, book = answered(said(7, "And where is my order 48214? Thanks, Ada")), Book(asked_for_person=True)
    attend(desk, book, usual.an_event())
    attend(desk, book, chosen())
    assert not any(isinstance(action, Reply) for plan in desk.written for action in plan.actions)
    assert "the customer asked for a person earlier" in book.the("d-1").plan.silence
    assert "attune_wants_person" in desk.ticket.tags


def test_pressed_right_before_sending() -> None:
    """A press while the answer is being prepared holds it back; the next try leaves the ticket to people."""
    desk, book = Desk(a_ticket()), Book()

    def pressed(*_: Any) -> str:
        book.asked_for_person = True
        return ""

    whole = replace(usual.attendant(desk, book), link=pressed)
    assert isinstance(whole.attend(usual.an_event()), TryLater)
    assert whole.attend(usual.an_event()) is None
    assert not any(isinstance(action, Reply) for plan in desk.written for action in plan.actions)


@pytest.mark.parametrize("choice", [Choice.PERSON, Choice.TIME])
def test_the_story_goes_along_once(choice: Choice) -> None:
    """The page promises that nothing has to be explained again: the note tells it, a second one does not."""
    desk = answered()
    book = Book(booked=Booking(ticket_id=42, slot=NOW, language="en", changes=0))
    attend(desk, book, chosen(choice))
    other = Choice.PERSON if choice is Choice.TIME else Choice.TIME
    attend(desk, book, chosen(other, "way-2"))
    first, second = [action.text for plan in desk.written for action in plan.actions if isinstance(action, Note)]
    assert "48213" in first
    assert "Wants: to know where an order is." in first
    assert "48213" not in second


def test_solved_at_the_customers_word_needs_no_story() -> None:
    """Nobody takes over, so nothing is recalled or read."""
    desk, book = answered(), Book()
    attend(desk, book, chosen(Choice.SOLVED))
    assert desk.asked == ["load", "apply"]
    assert desk.ticket.status is Status.SOLVED


@pytest.mark.parametrize(
    ("text", "rung"),
    [(CHARGED, Rung.OBSERVE), ("My father died last week and you keep sending him bills", Rung.OBSERVE)],
)
def test_an_unread_message_that_is_only_observed_keeps_the_ticket_open(text: str, rung: Rung) -> None:
    """Also where nothing may be done with it, a message that nobody read is not closed away."""
    desk = answered(said(7, text))
    desk.ticket = replace(desk.ticket, status=Status.OPEN)
    attend(desk, Book(ruled=Rules(default_rung=rung, rungs={})), chosen(Choice.SOLVED))
    assert desk.ticket.status is Status.OPEN


def test_the_same_question_after_thanks_gets_no_second_answer() -> None:
    """Answer, thanks, the same question: the answer did not help, and a person sees it."""
    desk, book = Desk(a_ticket()), Book()
    attend(desk, book, usual.an_event())
    for number, text in ((60, "Thanks!"), (62, usual.CALM)):
        messages = (*desk.ticket.messages, said(number, text))
        desk.ticket = replace(desk.ticket, messages=messages, status=Status.OPEN)
        attend(desk, book, usual.an_event(delivery=f"d-{number}"))
    assert sum(isinstance(action, Reply) for plan in desk.written for action in plan.actions) == 1
    assert "the same question came back after our answer" in book.the("d-62").plan.silence


@dataclass
class Ears:
    """What the ladder is told, by ticket; each falls once."""

    told: list[str] = field(default_factory=list)

    def left(self, _ticket_id: int) -> tuple[str, ...]:
        self.told.append("left")
        return ("a way out",)

    def heard(self, _ticket: Ticket, reading: Reading) -> tuple[str, ...]:
        self.told.append(f"heard {reading.text}")
        return ("a fall",)


@pytest.mark.parametrize("choice", list(Choice))
def test_the_ladder_hears_of_it(choice: Choice) -> None:
    """Only who wants a person took the way to one; a message read beside the choice is heard, with its falls."""
    book = Book(booked=Booking(ticket_id=42, slot=NOW, language="en", changes=0))
    ears: Any = Ears()
    whole = replace(usual.attendant(answered(said(7, CHARGED)), book), ladder=ears)
    whole.attend(chosen(choice))
    left = [] if choice is Choice.SOLVED else ["left"]
    assert ears.told == [*left, f"heard {CHARGED}"]
    assert outcome(book).notes == (*(["a way out"] if left else []), "a fall")


def test_nothing_was_chosen() -> None:
    """An event without a choice is an outcome, and nothing is asked or written."""
    desk, book = answered(), Book()
    attend(desk, book, chosen(None))
    assert (desk.asked, outcome(book).plan.because) == ([], "nothing was chosen")


def test_the_reply_carries_the_link() -> None:
    """A reply is given the address for this ticket and language; where there is none it goes out as before."""
    for link in ("https://attune.example/person/x", ""):
        desk, book = Desk(a_ticket()), Book()
        whole = replace(usual.attendant(desk, book), link=lambda *_, link=link: link)
        whole.attend(usual.an_event())
        (reply,) = [action for action in desk.written[0].actions if isinstance(action, Reply)]
        assert reply.link == link
        assert (link in reply.text) if link else ("person/" not in reply.text)


def test_the_queue_keeps_the_choice() -> None:
    """An event comes out of the queue as it went in; one that an older version stored has no choice."""
    event = chosen(Choice.TIME)
    stored = worker.event_values(event)
    assert worker.event_from(stored) == event
    del stored["choice"]
    assert worker.event_from(stored).choice is None
