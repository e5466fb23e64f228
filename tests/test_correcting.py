"""What the worker makes of a correction: the field once, the ladder once, and no answer to whom people spoke up for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from integration.model import (
    Correction,
    EventKind,
    Field,
    Label,
    Reply,
    Rung,
    Sentiment,
    SetFields,
    Source,
    Status,
    TicketEvent,
    TryLater,
)
from integration.policy import corrected
from integration.store import Store, migrate
from integration.worker import Attendant, Courses, Ladder
from tests.test_autonomy import ORDER, Clock, answered, event, keeps, says
from tests.test_worker import DESK, NOW, DeskWithOneTicket, a_ticket

CHARGED, MILD = "attune_charge_charged", "attune_charge_mild"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store of either kind in which orders are answered by themselves."""
    migrate(database_url)
    found = Store(database_url)
    found.change_rules({f"rungs.{ORDER}": "send"}, NOW)
    yield found
    found.close()


def attending(store: Store, desk: DeskWithOneTicket, clock: Clock | None = None) -> Attendant:
    """An attendant who hears what people put right."""
    return Attendant(
        zendesk=desk,
        memory=store,
        desk=lambda: DESK,
        clock=clock or Clock(),
        ladder=Ladder(zendesk=desk, book=store.autonomy, keep=store, clock=lambda: NOW),
        judgements=store.judgements,
    )


def press(
    store: Store, label: str, is_now: str, was: str = "calm", message_id: int = 5, at: datetime = NOW, by: int = 3
) -> TicketEvent:
    """What an agent's press leaves: the kept correction, and its event."""
    said = Correction(
        delivery_id="",
        ticket_id=42,
        message_id=message_id,
        label=Label(label),
        was=was,
        is_now=is_now,
        at=at,
        by=by,
        source=Source.SIDEBAR,
    )
    kept = store.judgements.press(said)
    return TicketEvent(delivery_id=kept.delivery_id, ticket_id=42, kind=EventKind.CORRECTION, happened_at=at)


def begun(store: Store, **changes: Any) -> tuple[DeskWithOneTicket, Attendant]:
    """A calm ticket that was answered by itself."""
    desk = DeskWithOneTicket(a_ticket(**changes))
    attendant = attending(store, desk)
    answered(desk, attendant)
    return desk, attendant


def rows(store: Store) -> list[tuple[str, str, str]]:
    """The corrections that are kept."""
    return [(one["field"], one["source"], one["is_now"]) for one in store.corrections(42)]


def test_a_press_goes_into_the_field_once(store: Store) -> None:
    """One write that holds nothing but the field, journalled like every other; the event again writes nothing."""
    desk, attendant = begun(store)
    pressed = press(store, "charge", "mild")
    for _ in range(2):
        assert attendant.attend(pressed) is None
    assert [one.values for one in desk.written[1].actions if isinstance(one, SetFields)] == [{Field.CHARGE: MILD}]
    assert len(desk.written) == 2
    row = store.outcomes(42)[-1]
    assert (row["delivery_id"], row["applied"]["audit_id"], row["message_id"]) == (pressed.delivery_id, 9, None)
    assert "charge: calm → mild" in row["because"]


def test_the_field_event_that_follows_is_no_second_correction(store: Store) -> None:
    """Zendesk may tell of the change that we made: nothing is counted, and nothing is written in answer."""
    desk, clock = DeskWithOneTicket(a_ticket()), Clock()
    attendant = attending(store, desk, clock)
    answered(desk, attendant)
    clock.now += timedelta(seconds=1)
    attendant.attend(press(store, "charge", "mild"))
    clock.now += timedelta(seconds=1)
    attendant.attend(event("echo", EventKind.CORRECTION))
    assert store.outcomes(42)[-1]["because"] == "no correction"
    assert rows(store) == [("charge", "sidebar", MILD)]
    assert len(desk.written) == 2
    desk.ticket = replace(desk.ticket, fields={**desk.ticket.fields, Field.CHARGE: CHARGED})
    attendant.attend(event("by hand", EventKind.CORRECTION))
    attendant.attend(event("by hand once more", EventKind.CORRECTION))
    assert sorted(rows(store)) == [("charge", "field", CHARGED), ("charge", "sidebar", MILD)]


def test_a_field_event_that_overtakes_the_press(store: Store) -> None:
    """Until a press is carried out the field still holds our own word, which is nobody's correction."""
    desk, attendant = begun(store)
    pressed = press(store, "charge", "mild")
    attendant.attend(event("another field", EventKind.CORRECTION))
    assert rows(store) == [("charge", "sidebar", MILD)]
    attendant.attend(pressed)
    assert desk.ticket.fields[Field.CHARGE] == MILD


def test_an_answer_that_nobody_heard(store: Store) -> None:
    """Where the write was done and its answer lost, the second try writes nothing and the journal can undo it."""
    desk, attendant = begun(store)
    desk.lose_answer = True
    pressed = press(store, "charge", "mild")
    assert isinstance(attendant.attend(pressed), TryLater)
    assert attendant.attend(pressed) is None
    assert len(desk.written) == 2
    (write,) = [one for one in store.archive.writes(ticket_id=42) if one.delivery_id == pressed.delivery_id]
    assert [(one.name, one.after) for one in write.changes] == [("fields.charge", MILD)]


@pytest.mark.parametrize("changes", [{"status": Status.CLOSED}, {"tags": frozenset({"attune_skip"})}])
def test_a_ticket_that_may_not_be_touched(store: Store, changes: dict[str, Any]) -> None:
    """Closed or left alone: the word is kept and counted, the field stays."""
    desk, attendant = begun(store)
    desk.ticket = replace(desk.ticket, **changes)
    attendant.attend(press(store, "charge", "mild"))
    assert len(desk.written) == 1
    assert store.autonomy.figures(ORDER, NOW).corrections == 1


@pytest.mark.parametrize(
    ("label", "value", "counts", "rung"),
    [
        ("charge", "mild", 1, Rung.SEND),
        ("intent", "refund_status", 1, Rung.SEND),
        ("answer", "should_not", 1, Rung.SEND),
        ("answer", "was_fine", 0, Rung.SEND),
        ("charge", "charged", 0, Rung.DRAFT),  # grave: the rung falls at once, and its figures begin anew
        ("urgency", "critical", 0, Rung.DRAFT),
    ],
)
def test_what_counts_against_the_answer(store: Store, label: str, value: str, counts: int, rung: Rung) -> None:
    """A press is counted exactly as a change of the field is: once, and a grave one takes sending back at once."""
    _desk, attendant = begun(store)
    for _ in range(2):
        attendant.attend(press(store, label, value))
    assert store.rules().rung(ORDER) is rung
    if rung is Rung.SEND:
        assert store.autonomy.figures(ORDER, NOW).corrections == counts


def test_a_wrong_answer_to_somebody_in_need_is_grave(store: Store) -> None:
    """“Should not have been answered” about what a person called charged takes sending back at once."""
    keeps(store, 900)
    _desk, attendant = begun(store)
    press(store, "charge", "charged")  # said, and not carried out yet
    attendant.attend(press(store, "answer", "should_not", was=""))
    assert store.rules().rung(ORDER) is Rung.DRAFT


@pytest.mark.parametrize(("label", "value"), [("charge", "charged"), ("urgency", "high"), ("answer", "should_not")])
def test_no_bot_speaks_again(store: Store, label: str, value: str) -> None:
    """After a person's word the next message, calm as it is, is left to people, and read as no less than they said."""
    desk, attendant = begun(store)
    store.change_rules({f"rungs.{ORDER}": "send"}, NOW)
    attendant.attend(press(store, label, value))
    says(desk, "And where is my other order, 48999? Thanks, Ada", 70)
    attendant.attend(event("second"))
    row = store.outcomes(42)[-1]
    assert "a person corrected how this ticket was read" in row["plan"]["silence"]
    assert sum(isinstance(one, Reply) for plan in desk.written for one in plan.actions) == 1
    if label != "answer":
        assert row[label] == value


def test_a_change_of_the_field_by_hand_silences_as_well(store: Store) -> None:
    """It makes no difference where a person says so."""
    desk, attendant = begun(store)
    desk.ticket = replace(desk.ticket, fields={**desk.ticket.fields, Field.URGENCY: "attune_urgency_high"})
    attendant.attend(event("by hand", EventKind.CORRECTION))
    desk.ticket = replace(desk.ticket, fields={**desk.ticket.fields, Field.URGENCY: "attune_urgency_low"})
    says(desk, "And where is my other order, 48999? Thanks, Ada", 70)
    attendant.attend(event("second"))
    assert "a person corrected how this ticket was read" in store.outcomes(42)[-1]["plan"]["silence"]


def test_a_word_down_lowers_nothing(store: Store) -> None:
    """A person who says “calm” is heard and counted, and an angry message after it is read as angry as it is."""
    desk, attendant = begun(store)
    attendant.attend(press(store, "urgency", "low", was="normal"))
    says(desk, "I am absolutely FURIOUS, this is the third time I write! Unacceptable!", 70)
    attendant.attend(event("second"))
    assert store.outcomes(42)[-1]["charge"] == "charged"


def test_said_while_the_answer_was_being_made(store: Store) -> None:
    """Asked once more right before sending: a press in between holds the answer back."""
    desk = DeskWithOneTicket(a_ticket())
    attendant = attending(store, desk)
    prepare = desk.prepare

    def pressed_meanwhile(*given: Any) -> Any:
        press(store, "charge", "charged")
        return prepare(*given)

    desk.prepare = pressed_meanwhile  # type: ignore[method-assign]
    later = attendant.attend(event("first"))
    assert isinstance(later, TryLater)
    assert "put the reading right meanwhile" in str(later)
    attendant.attend(event("first"))
    assert not any(isinstance(one, Reply) for plan in desk.written for one in plan.actions)


# --- one truth, whatever the order ------------------------------------------------------------------------------------


def told(store: Store) -> tuple[str, bool]:
    """The charge of the newest reading as people put it right, and whether the course counts it wrong."""
    said = store.judgements.corrections(42)
    read = store.judgements.readings(42)[-1]
    course = store.insight.course(42)
    assert course is not None
    shown = corrected.shown(read.reading, [one for one in said if one.message_id == read.message_id])
    assert course.last is not None
    assert course.last.charge is shown.charge
    return shown.charge.value, Label.CHARGE in course.corrected


def by_hand(desk: DeskWithOneTicket, value: str) -> None:
    """Somebody changes our field in the desk."""
    desk.ticket = replace(desk.ticket, fields={**desk.ticket.fields, Field.CHARGE: value})


# What agents do one after the other: a press in the app, or a change of the field by hand; what stands at the end.
DOINGS = [
    (["press mild"], "mild", True),
    (["hand charged"], "charged", True),
    (["press mild", "hand mild"], "mild", True),
    (["hand mild", "press mild"], "mild", True),
    (["press mild", "hand charged"], "charged", True),
    (["hand charged", "press mild"], "mild", True),
    (["press mild", "press mild"], "mild", True),
    (["press mild", "press calm"], "calm", False),
    (["hand mild", "hand calm"], "calm", False),
    (["press mild", "hand calm"], "calm", False),
    (["hand mild", "press calm", "press charged"], "charged", True),
]


@pytest.mark.parametrize("doubled", [False, True])
@pytest.mark.parametrize(("doings", "word", "wrong"), DOINGS)
def test_field_app_and_figures_say_the_same(
    store: Store, doings: list[str], word: str, wrong: bool, doubled: bool
) -> None:
    """By hand or by a press, once or back again, by one agent or two: one last word, and it stands in the field."""
    desk, clock = DeskWithOneTicket(a_ticket()), Clock()
    attendant = replace(attending(store, desk, clock), courses=Courses(store.insight))
    answered(desk, attendant)
    for number, doing in enumerate(doings):
        how, value = doing.split()
        clock.now += timedelta(seconds=1)
        if how == "press":
            happened = press(store, "charge", value, at=clock.now, by=number)
        else:
            by_hand(desk, f"attune_charge_{value}")
            happened = replace(event(f"hand-{number}", EventKind.CORRECTION), happened_at=clock.now)
        for _ in range(1 + doubled):
            clock.now += timedelta(seconds=1)
            assert attendant.attend(happened) is None
    assert told(store) == (word, wrong)
    assert desk.ticket.fields[Field.CHARGE] == f"attune_charge_{word}"
    assert store.standing(42)[Field.CHARGE] == f"attune_charge_{word}"
    assert store.autonomy.figures(ORDER, NOW).corrections <= 1


def test_presses_that_are_carried_out_in_another_order(store: Store) -> None:
    """The first press is taken up after the second: the field holds the last word, and so does everything else."""
    desk, clock = DeskWithOneTicket(a_ticket()), Clock()
    attendant = replace(attending(store, desk, clock), courses=Courses(store.insight))
    answered(desk, attendant)
    first = press(store, "charge", "mild", at=NOW)
    second = press(store, "charge", "charged", at=NOW + timedelta(seconds=1), by=4)
    for one in (second, first):
        clock.now += timedelta(seconds=1)
        attendant.attend(one)
    assert desk.ticket.fields[Field.CHARGE] == CHARGED
    attendant.attend(event("another field", EventKind.CORRECTION))
    assert len(rows(store)) == 2
    assert told(store) == ("charged", True)


def test_a_hand_in_the_field_while_the_worker_was_down(store: Store) -> None:
    """Somebody raised the field by hand after a press that waited: their word stays, is heard, and silences the bot."""
    desk, clock = DeskWithOneTicket(a_ticket()), Clock()
    attendant = replace(attending(store, desk, clock), courses=Courses(store.insight))
    answered(desk, attendant)
    waiting = press(store, "charge", "mild", at=NOW)
    by_hand(desk, CHARGED)
    raised = replace(event("by hand", EventKind.CORRECTION), happened_at=NOW + timedelta(seconds=5))
    for one in (waiting, raised):
        clock.now += timedelta(seconds=9)
        attendant.attend(one)
    assert desk.ticket.fields[Field.CHARGE] == CHARGED
    assert told(store) == ("charged", True)
    assert corrected.for_people(store.judgements.corrections(42))


def test_a_press_about_an_older_message(store: Store) -> None:
    """A newer message was read before the press was taken up: the field, the ladder and the reading are left alone."""
    desk, clock = DeskWithOneTicket(a_ticket()), Clock()
    attendant = replace(attending(store, desk, clock), courses=Courses(store.insight))
    answered(desk, attendant)
    clock.now += timedelta(seconds=1)
    says(desk, "I am absolutely FURIOUS, this is the third time I write! Unacceptable!", 70)
    attendant.attend(replace(event("second"), happened_at=clock.now))
    late = press(store, "charge", "mild", at=NOW)
    clock.now += timedelta(seconds=1)
    attendant.attend(late)
    assert desk.ticket.fields[Field.CHARGE] == CHARGED
    assert told(store)[0] == "charged"
    attendant.attend(event("another field", EventKind.CORRECTION))
    assert rows(store) == [("charge", "sidebar", MILD)]


def test_a_hand_in_the_field_before_the_newest_message_is_read(store: Store) -> None:
    """What stands in the field is the last reading, so that is what the hand put right; the next reading is free."""
    desk, clock = DeskWithOneTicket(a_ticket()), Clock()
    attendant = replace(attending(store, desk, clock), courses=Courses(store.insight))
    answered(desk, attendant)
    says(desk, "And where is my other order, 48999? Thanks, Ada", 70)
    by_hand(desk, MILD)
    attendant.attend(event("by hand", EventKind.CORRECTION))
    (said,) = store.judgements.corrections(42)
    assert said.message_id == store.judgements.readings(42)[-1].message_id != 70
    assert store.outcomes(42)[-1]["because"] == "corrected by a person: charge: calm → mild"
    clock.now += timedelta(seconds=1)
    attendant.attend(event("by hand, told twice", EventKind.CORRECTION))
    assert len(rows(store)) == 1


def test_a_hand_in_the_field_after_a_message_that_wrote_none(store: Store) -> None:
    """Where the newest message is only observed, the fields still show the one before, and a hand there is heard."""
    desk, clock = DeskWithOneTicket(a_ticket()), Clock()
    attendant = attending(store, desk, clock)
    answered(desk, attendant)
    clock.now += timedelta(seconds=1)
    store.change_rules({"default_rung": "observe", f"rungs.{ORDER}": "observe"}, clock.now)
    says(desk, "And where is my other order, 48999? Thanks, Ada", 70)
    attendant.attend(event("second"))
    by_hand(desk, CHARGED)
    clock.now += timedelta(seconds=1)
    attendant.attend(event("by hand", EventKind.CORRECTION))
    assert [one.is_now for one in store.judgements.corrections(42)] == ["charged"]


def test_the_same_word_once_more_after_an_undo(store: Store) -> None:
    """What was undone may be said again: it is written again, and heard as the same word."""
    desk, clock = DeskWithOneTicket(a_ticket()), Clock()
    attendant = replace(attending(store, desk, clock), courses=Courses(store.insight))
    answered(desk, attendant)
    clock.now += timedelta(seconds=1)
    once = press(store, "charge", "mild", at=clock.now)
    attendant.attend(once)
    store.archive.mark_undone([once.delivery_id], clock.now)
    by_hand(desk, "attune_charge_calm")  # as the undo leaves it
    attendant.attend(event("after the undo", EventKind.CORRECTION))
    assert rows(store) == [("charge", "sidebar", MILD)]
    clock.now += timedelta(seconds=1)
    again = press(store, "charge", "mild", at=clock.now)
    assert again.delivery_id != once.delivery_id
    attendant.attend(again)
    assert desk.ticket.fields[Field.CHARGE] == MILD
    assert told(store) == ("mild", True)


def test_a_field_of_a_ticket_that_was_never_read(store: Store) -> None:
    """Nothing of ours stands there, so there is nothing to put right."""
    desk = DeskWithOneTicket(a_ticket(fields={Field.CHARGE: CHARGED}))
    attending(store, desk).attend(event("by hand", EventKind.CORRECTION))
    assert (rows(store), store.outcomes(42)[-1]["because"]) == ([], "no correction")


def test_other_tickets_see_what_people_put_right(store: Store) -> None:
    """How an earlier ticket felt is told as people said, not as it was read."""
    _desk, attendant = begun(store)
    attendant.attend(press(store, "sentiment", "very_negative", was="neutral"))
    assert store.sentiments([42, 43]) == {42: Sentiment.VERY_NEGATIVE}


@pytest.mark.parametrize("before_the_write", [True, False])
def test_a_worker_killed_in_the_middle_of_a_press(store: Store, before_the_write: bool) -> None:
    """Killed right before or right after the write: the next worker ends with one write and one word of truth."""
    desk, clock = DeskWithOneTicket(a_ticket()), Clock()
    attendant = replace(attending(store, desk, clock), courses=Courses(store.insight))
    answered(desk, attendant)
    pressed = press(store, "charge", "mild")
    apply = desk.apply

    def killed(*given: Any) -> Any:
        if not before_the_write:
            apply(*given)
        raise KeyboardInterrupt

    desk.apply = killed  # type: ignore[method-assign]
    clock.now += timedelta(seconds=1)
    with pytest.raises(KeyboardInterrupt):
        attendant.attend(pressed)
    desk.apply = apply  # type: ignore[method-assign]
    for one in (event("another field", EventKind.CORRECTION), pressed, pressed):
        clock.now += timedelta(seconds=1)
        assert attendant.attend(one) is None
    assert desk.ticket.fields[Field.CHARGE] == MILD
    assert len(desk.written) == 2
    assert told(store) == ("mild", True)
    assert store.standing(42)[Field.CHARGE] == MILD
    assert store.autonomy.figures(ORDER, NOW).corrections == 1
