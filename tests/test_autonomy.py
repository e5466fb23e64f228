"""The ladder at work: what comes back after our answers is counted once, and takes back at once what was not earned.

Store, reading and policy are the real ones; the desk is a small stand-in with one ticket.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from integration.model import (
    AddTags,
    Applied,
    Echo,
    EventKind,
    Field,
    Intent,
    Message,
    Mover,
    Note,
    Outcome,
    Plan,
    Refused,
    Reply,
    Rules,
    Rung,
    SetFields,
    Status,
    TicketEvent,
    TryLater,
    Who,
)
from integration.store import Store, migrate
from integration.worker import Attendant, Ladder
from tests.strategies import reading as a_reading
from tests.test_worker import CALM, DESK, MACRO, NOW, DeskWithOneTicket, a_ticket, said

GAS = "Thank you. There is a smell of gas in the flat since this morning and my head hurts, what shall I do?"
PERSON = "I want to talk to a real person please."
ORDER = Intent.ORDER_STATUS


@dataclass
class Clock:
    """A clock that a test turns."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty, migrated store where order status is sent."""
    migrate(database_url)
    found = Store(database_url)
    found.change_rules({"rungs.order_status": "send"}, NOW - timedelta(days=40), "for the tests")
    yield found
    found.close()


def keeps(store: Store, number: int, *, at: datetime = NOW, draft: bool = False, intent: Intent = ORDER) -> None:
    """A ticket of this number was answered, or an answer to it drafted."""
    event = TicketEvent(delivery_id=f"s-{number}", ticket_id=number, kind=EventKind.CUSTOMER_MESSAGE, happened_at=at)
    tags = frozenset({"attune_drafted"} if draft else {"attune_answered"})
    words = Note(text="…", because="…") if draft else Reply(macro=MACRO, text="…", because="…")
    plan = Plan(actions=(words, AddTags(tags=tags, because="…")), because="…")
    store.record(Outcome(event=event, plan=plan, at=at, reading=a_reading(intent=intent), message_id=5))


def climbing(store: Store, desk: DeskWithOneTicket, clock: Clock | None = None) -> Attendant:
    """The product with its ladder."""
    when = clock or Clock()
    ladder = Ladder(zendesk=desk, book=store.autonomy, keep=store, clock=when)
    return Attendant(
        zendesk=desk, memory=store, desk=lambda: DESK, clock=when, ladder=ladder, judgements=store.judgements
    )


def event(delivery: str, kind: EventKind = EventKind.CUSTOMER_MESSAGE) -> TicketEvent:
    return TicketEvent(delivery_id=delivery, ticket_id=42, kind=kind, happened_at=NOW)


def answered(desk: DeskWithOneTicket, attendant: Attendant) -> None:
    """The desk's ticket gets its automated reply."""
    assert attendant.attend(event("first")) is None
    assert any(isinstance(one, Reply) for one in desk.written[-1].actions)


def says(desk: DeskWithOneTicket, text: str, number: int = 60, who: Who = Who.CUSTOMER, **changes: Any) -> None:
    """Somebody writes on the ticket."""
    desk.ticket = replace(desk.ticket, messages=(*desk.ticket.messages, said(number, text, who)), **changes)


def ladder_of(attendant: Attendant) -> Ladder:
    assert attendant.ladder is not None
    return attendant.ladder


# --- falls -----------------------------------------------------------------------------------------------------------


def test_danger_after_our_answer_takes_sending_back_at_once(store: Store) -> None:
    """The intent is on draft before that very message is decided; outcome and moves say why, in our own words."""
    desk = DeskWithOneTicket(a_ticket())
    attendant = climbing(store, desk)
    answered(desk, attendant)
    says(desk, GAS)
    assert attendant.attend(event("second")) is None
    assert store.rules().rung(ORDER) is Rung.DRAFT
    fall = store.autonomy.steps()[ORDER]
    assert (fall.was, fall.is_now, fall.by, fall.ticket_id) == (Rung.SEND, Rung.DRAFT, Mover.LADDER, 42)
    assert fall.because == "the customer was in danger after an automatic answer"
    notes = store.outcomes(42)[-1]["notes"]
    assert notes == [f"order_status fell from send to draft: {fall.because}"]


def test_one_who_asks_for_a_person_is_counted_and_demotes_nothing(store: Store) -> None:
    """One way out is one way out, however often the event comes."""
    desk = DeskWithOneTicket(a_ticket())
    attendant = climbing(store, desk)
    answered(desk, attendant)
    says(desk, PERSON)
    for delivery in ("second", "third"):
        assert attendant.attend(event(delivery)) is None
    assert store.autonomy.figures(ORDER, NOW).ways_out == 1
    assert store.rules().rung(ORDER) is Rung.SEND


def test_a_link_to_a_person_counts_like_the_word(store: Store) -> None:
    """Who takes the way out without writing is counted as well; without a reply of ours there is nothing to count."""
    desk = DeskWithOneTicket(a_ticket())
    attendant = climbing(store, desk)
    ladder_of(attendant).left(42)
    assert store.autonomy.figures(ORDER, NOW).ways_out == 0
    answered(desk, attendant)
    ladder_of(attendant).left(42)
    assert store.autonomy.figures(ORDER, NOW).ways_out == 1


@pytest.mark.parametrize("what", [Echo.WAY_OUT, Echo.REOPEN, Echo.CORRECTION])
def test_too_many_take_sending_back(store: Store, what: Echo) -> None:
    """Where the figures pass their bound the intent falls, with the numbers; the same figures do not fall twice."""
    ladder = ladder_of(climbing(store, DeskWithOneTicket(a_ticket())))
    for number in range(1, 21):
        keeps(store, number)
    for number in range(1, 11):
        sent = store.autonomy.last_sent(number)
        assert sent is not None
        assert store.autonomy.came_back(sent, number, what, "…", NOW)
        assert not store.autonomy.came_back(sent, number, what, "…", NOW)
    (fell,) = ladder.judge(ORDER)
    assert "10 of 20 (50%" in fell
    assert ladder.judge(ORDER) == ()
    assert store.rules().rung(ORDER) is Rung.DRAFT


def test_bad_ratings_take_sending_back(store: Store) -> None:
    """Four bad ones are too few to judge; with a fifth rating they are judged, even where that one is good."""
    desk = DeskWithOneTicket(a_ticket())
    attendant = climbing(store, desk)
    answered(desk, attendant)
    for number in range(1, 31):
        keeps(store, number)
    for number in range(1, 5):
        sent = store.autonomy.last_sent(number)
        assert sent is not None
        store.autonomy.came_back(sent, number, Echo.RATING, "bad", NOW)
    desk.ticket = replace(desk.ticket, satisfaction="good", status=Status.SOLVED)
    assert attendant.attend(event("r-1", EventKind.RATED)) is None
    assert store.rules().rung(ORDER) is Rung.DRAFT
    figures = store.autonomy.figures(ORDER, NOW - timedelta(days=1))
    assert (figures.rated_bad, figures.rated_good) == (4, 1)
    assert "bad ratings: 4 of 5" in store.autonomy.steps()[ORDER].because


def test_a_rating_changes_with_the_customers_mind(store: Store) -> None:
    """The last rating takes the place of the first."""
    keeps(store, 1)
    sent = store.autonomy.last_sent(1)
    assert sent is not None
    assert store.autonomy.came_back(sent, 1, Echo.RATING, "bad", NOW)
    assert store.autonomy.came_back(sent, 1, Echo.RATING, "good", NOW)
    assert not store.autonomy.came_back(sent, 1, Echo.RATING, "good", NOW)
    figures = store.autonomy.figures(ORDER, NOW)
    assert (figures.rated_good, figures.rated_bad) == (1, 0)


def test_a_rating_of_a_persons_work_is_not_ours(store: Store) -> None:
    """Where an agent answered too, nobody knows whom the customer rated."""
    desk = DeskWithOneTicket(a_ticket())
    attendant = climbing(store, desk)
    answered(desk, attendant)
    says(desk, "I sent it anew.", 70, Who.AGENT, satisfaction="bad")
    attendant.attend(event("r-1", EventKind.RATED))
    assert store.autonomy.figures(ORDER, NOW).rated_bad == 0


@pytest.mark.parametrize(
    ("text", "reopens"), [("It still says nothing about my parcel from Leeds.", 1), ("Thanks a lot, all good now!", 0)]
)
def test_a_solved_ticket_that_comes_back(store: Store, text: str, reopens: int) -> None:
    """Counts as reopened; a thank-you does not."""
    desk = DeskWithOneTicket(a_ticket())
    attendant = climbing(store, desk)
    answered(desk, attendant)
    desk.ticket = replace(desk.ticket, status=Status.SOLVED)
    attendant.attend(event("solved", EventKind.CLOSED))
    says(desk, text, status=Status.OPEN)
    attendant.attend(event("second"))
    assert store.autonomy.figures(ORDER, NOW).reopens == reopens


@pytest.mark.parametrize(("is_now", "rung"), [("attune_charge_charged", Rung.DRAFT), ("attune_charge_mild", Rung.SEND)])
def test_a_correction_of_what_we_answered(store: Store, is_now: str, rung: Rung) -> None:
    """A person who says it was charged takes sending back at once; a lesser correction is counted."""
    desk = DeskWithOneTicket(a_ticket())
    attendant = climbing(store, desk)
    answered(desk, attendant)
    desk.ticket = replace(desk.ticket, fields={**desk.ticket.fields, Field.CHARGE: is_now})
    attendant.attend(event("c-1", EventKind.CORRECTION))
    assert store.rules().rung(ORDER) is rung
    if rung is Rung.SEND:
        assert store.autonomy.figures(ORDER, NOW).corrections == 1


def test_a_correction_of_a_later_message_is_not_held_against_the_answer(store: Store) -> None:
    """The customer wrote again and a person corrects how that was read: our answer has no part in it."""
    desk = DeskWithOneTicket(a_ticket())
    attendant = climbing(store, desk)
    answered(desk, attendant)
    keeps_later(store)
    desk.ticket = replace(desk.ticket, fields={**desk.ticket.fields, Field.CHARGE: "attune_charge_charged"})
    attendant.attend(event("c-1", EventKind.CORRECTION))
    assert store.corrections(42)
    assert store.rules().rung(ORDER) is Rung.SEND


def keeps_later(store: Store) -> None:
    """A later message of the ticket was read, and left to people."""
    at = NOW + timedelta(minutes=5)
    plan = Plan(
        actions=(SetFields(values={Field.CHARGE: "attune_charge_mild"}, because="…"),), because="…", silence=("…",)
    )
    store.record(Outcome(event=event("second"), plan=plan, at=at, reading=a_reading(), message_id=61))


# --- after a fall ----------------------------------------------------------------------------------------------------


def test_an_admins_word_lifts_a_fall_and_counts_anew(store: Store) -> None:
    """After it the old figures are no reason to fall again; a change of the default lifts nothing."""
    ladder = ladder_of(climbing(store, DeskWithOneTicket(a_ticket())))
    for number in range(1, 21):
        keeps(store, number, at=NOW - timedelta(hours=2))
        sent = store.autonomy.last_sent(number)
        assert sent is not None
        store.autonomy.came_back(sent, number, Echo.WAY_OUT, "…", NOW - timedelta(hours=1))
    assert ladder.judge(ORDER)
    assert store.change_rules({"default_rung": "send"}, NOW).rung(ORDER) is Rung.DRAFT
    assert store.change_rules({"rungs.how_to": "send"}, NOW).rung(ORDER) is Rung.DRAFT
    assert store.change_rules({"rungs.order_status": "send"}, NOW, "the macro was mended").rung(ORDER) is Rung.SEND
    assert ladder.judge(ORDER) == ()
    last = store.autonomy.steps()[ORDER]
    assert (last.by, last.because, last.was) == (Mover.ADMIN, "the macro was mended", Rung.DRAFT)


def test_an_admin_may_lower_what_fell(store: Store) -> None:
    """The lower of the two holds, whoever said it."""
    ladder = ladder_of(climbing(store, DeskWithOneTicket(a_ticket())))
    keeps(store, 1)
    sent = store.autonomy.last_sent(1)
    assert sent is not None
    store.autonomy.came_back(sent, 1, Echo.GRAVE, "danger", NOW)
    assert ladder.judge(ORDER)
    assert store.change_rules({"rungs": {"order_status": "tag"}}, NOW).rung(ORDER) is Rung.TAG


def test_two_workers_write_one_fall(store: Store) -> None:
    """Both saw the same last move; only one of them moves."""
    last = store.autonomy.steps()[ORDER]
    words: dict[str, Any] = {"by": Mover.LADDER, "because": "…", "now": NOW, "after": last}
    assert store.autonomy.move(ORDER, Rung.SEND, Rung.DRAFT, **words)
    assert not store.autonomy.move(ORDER, Rung.SEND, Rung.DRAFT, **words)


def test_once_an_hour_every_intent_is_judged(store: Store) -> None:
    """Also without any event; within the hour nothing is judged twice."""
    clock = Clock(NOW + timedelta(minutes=1))
    ladder = ladder_of(climbing(store, DeskWithOneTicket(a_ticket()), clock))
    ladder.round()
    keeps(store, 1)
    sent = store.autonomy.last_sent(1)
    assert sent is not None
    store.autonomy.came_back(sent, 1, Echo.GRAVE, "danger", NOW)
    ladder.round()
    assert store.rules().rung(ORDER) is Rung.SEND
    clock.now += timedelta(hours=1)
    ladder.round()
    assert store.rules().rung(ORDER) is Rung.DRAFT


def test_what_is_older_than_the_window_is_forgotten(store: Store) -> None:
    """Answers and what came of them count together, by the answer's day; drafts are counted beside."""
    keeps(store, 1, at=NOW - timedelta(days=30))
    keeps(store, 2, at=NOW - timedelta(days=2))
    keeps(store, 3, at=NOW - timedelta(days=2), draft=True)
    keeps(store, 4, intent=Intent.HOW_TO)
    for number in (1, 2, 3):
        worded = store.autonomy.answer_to(number, 5)
        assert worded is not None
        store.autonomy.came_back(worded, number, Echo.CORRECTION, "…", NOW)
    figures = store.autonomy.figures(ORDER, NOW - timedelta(days=28))
    assert (figures.sent, figures.drafted, figures.corrections, figures.drafts_corrected) == (1, 1, 1, 1)


# --- telling ---------------------------------------------------------------------------------------------------------


class Noting(DeskWithOneTicket):
    """A desk that also takes a note which comes without fields."""

    def apply(self, plan: Plan, ticket: Any) -> Applied:
        if len(plan.actions) > 1:
            return super().apply(plan, ticket)
        self._due("apply")
        (note,) = plan.actions
        assert isinstance(note, Note)
        self.written.append(plan)
        mine = Message(id=900 + len(self.written), who=Who.BOT, text=note.text, at=NOW, public=False, ours=True)
        self.ticket = replace(self.ticket, messages=(*self.ticket.messages, mine))
        return Applied(audit_id=10, comment_id=mine.id, before={}, after={"updated_at": self.ticket.stamp})


def fallen(store: Store) -> tuple[Noting, Ladder]:
    """A ticket whose customer was in danger after our answer, attended to; its stamp is a minute old."""
    desk, clock = Noting(a_ticket()), Clock()
    attendant = climbing(store, desk, clock)
    answered(desk, attendant)
    says(desk, GAS)
    assert attendant.attend(event("second")) is None
    clock.now = NOW + timedelta(minutes=1)
    return desk, ladder_of(attendant)


def test_the_ticket_is_told_once(store: Store) -> None:
    """One internal note per fall, however often it is the time to tell, without a word of the customer's."""
    desk, ladder = fallen(store)
    assert [ladder.tell(), ladder.tell()] == [1, 0]
    (note,) = desk.written[-1].actions
    assert isinstance(note, Note)
    assert 'no longer sends answers by itself for "order status"' in note.text
    assert "was in danger after an automatic answer" in note.text
    assert "gas" not in note.text
    assert len(note.text.split()) < 80


@pytest.mark.parametrize(
    ("trouble", "told_later"),
    [(TryLater("409"), 1), (Refused("Zendesk answered 404"), 0)],
)
def test_a_note_that_fails(store: Store, trouble: Exception, told_later: int) -> None:
    """What may work later is tried again, what never will is left; the fall stands either way."""
    desk, ladder = fallen(store)
    desk.troubles.append(("apply", trouble))
    assert [ladder.tell(), ladder.tell()] == [0, told_later]
    assert store.rules().rung(ORDER) is Rung.DRAFT


def test_a_note_never_hides_a_waiting_customer(store: Store) -> None:
    """A message that was not attended to yet would look attended to below a note of ours: the note waits."""
    desk, ladder = fallen(store)
    says(desk, "Hello? Is anybody there?", 990)
    assert ladder.tell() == 0
    desk.ticket = replace(desk.ticket, fields={**desk.ticket.fields, Field.MARKER: "990"})  # now it was attended to
    assert ladder.tell() == 1


def test_a_note_whose_answer_was_lost_is_not_written_again(store: Store) -> None:
    """It stands on the ticket with the number of its move."""
    _, ladder = fallen(store)
    ladder.tell()
    store.autonomy.release(store.autonomy.steps()[ORDER].id)
    assert ladder.tell() == 0


@pytest.mark.parametrize("changes", [{"status": Status.CLOSED}, {"tags": frozenset({"attune_skip"})}])
def test_some_tickets_are_left_alone(store: Store, changes: dict[str, Any]) -> None:
    """Closed ones cannot be written on, and others are not ours to touch."""
    desk, ladder = fallen(store)
    desk.ticket = replace(desk.ticket, **changes)
    assert ladder.tell() == 0


# --- the one switch --------------------------------------------------------------------------------------------------


class StoppingDesk(DeskWithOneTicket):
    """While the answer is prepared, an admin stops everything."""

    def prepare(self, ticket: Any, macro: Any) -> Any:
        answer = super().prepare(ticket, macro)
        self.stopping()
        return answer

    stopping: Any = staticmethod(lambda: None)


@pytest.mark.parametrize("change", [{"sending": False}, {"rungs.order_status": "draft"}])
def test_what_is_stopped_while_it_is_decided_is_not_sent(store: Store, change: dict[str, Any]) -> None:
    """The switch is asked once more right before sending; the next try drafts instead."""
    desk = StoppingDesk(a_ticket())
    attendant = climbing(store, desk)
    desk.stopping = lambda: store.change_rules(change, NOW)
    later = attendant.attend(event("first"))
    assert isinstance(later, TryLater)
    assert desk.written == []
    assert attendant.attend(event("first")) is None
    (plan,) = desk.written
    assert not any(isinstance(action, Reply) for action in plan.actions)
    assert any(isinstance(action, Note) for action in plan.actions)


def test_a_fresh_store_begins_low(database_url: str) -> None:
    """Tag everywhere, draft for one intent, nothing moved yet."""
    migrate(database_url)
    fresh = Store(database_url)
    assert fresh.rules() == Rules()
    assert {intent for intent in Intent if fresh.rules().rung(intent) is not Rung.TAG} == {ORDER}
    assert fresh.rules().rung(ORDER) is Rung.DRAFT
    assert fresh.autonomy.steps() == {}
    fresh.close()


def test_the_customers_words_stay_out(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the ladder's tables nor the log hold them."""
    fallen(store)
    text = repr(store.autonomy.steps()) + repr(store.autonomy.figures(ORDER, NOW - timedelta(days=1))) + caplog.text
    assert "gas" not in text
    assert CALM not in text
