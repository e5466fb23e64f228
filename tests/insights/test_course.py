"""How one ticket went: each field from the conversation and the trail, corrections, reopens, doubled events."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import insights
from integration.model import (
    Charge,
    Choice,
    Correction,
    Course,
    EventKind,
    Group,
    Intent,
    Kept,
    Label,
    Message,
    Moment,
    Promise,
    Sentiment,
    Status,
    Ticket,
    Trail,
    Who,
)
from tests.insights.made import BEGAN, MINUTE, closed, heard, moment, said, ticket

NOW = BEGAN + timedelta(days=1)


def went(these: Ticket, *moments: Moment, **trail: object) -> Course:
    """The course of a ticket with this trail."""
    return insights.course(these, Trail(moments=moments, **trail), now=NOW)  # type: ignore[arg-type]


def corrected(label: Label, was: str, is_now: str, message_id: int | None = 1, minute: int = 5) -> Correction:
    """A person's word on one label."""
    return Correction(
        delivery_id=f"said-{minute}",
        ticket_id=1,
        label=label,
        message_id=message_id,
        was=was,
        is_now=is_now,
        at=BEGAN + minute * MINUTE,
    )


def test_a_ticket_that_nobody_answered() -> None:
    """Without answers and readings there are no times, no mood and no group but `other`."""
    found = went(ticket(said(1)))
    assert (found.first_reply_at, found.first_person_at, found.solved_at) == (None, None, None)
    assert (found.first, found.worst, found.intent, found.group) == (None, None, None, Group.OTHER)
    assert (found.customer_messages, found.agent_messages, found.our_replies) == (1, 0, 0)
    assert found.asked_at == BEGAN + MINUTE


def test_who_answered_first() -> None:
    """The first public word of anybody and that of a person are told apart; notes and other customers' are neither."""
    found = went(
        ticket(said(1), said(2, Who.AGENT, public=False), said(3, Who.BOT), said(4), said(5, Who.AGENT)),
        heard(1, 2, replied=True),
    )
    assert (found.first_reply_at, found.first_person_at) == (BEGAN + 2 * MINUTE, BEGAN + 5 * MINUTE)
    assert (found.customer_messages, found.agent_messages, found.our_replies) == (2, 1, 1)
    assert (found.group, found.touched) == (Group.ANSWERED, True)


def test_a_reply_counts_before_it_is_seen_on_the_ticket() -> None:
    """The reply that was just written is not in the ticket as it was loaded, and counts all the same, once."""
    found = went(ticket(said(1)), heard(1, 2, replied=True))
    assert (found.first_reply_at, found.our_replies) == (BEGAN + 2 * MINUTE, 1)
    assert went(ticket(said(1), said(2, Who.BOT)), heard(1, 2, replied=True)).our_replies == 1


def test_a_call_that_an_agent_wrote_down_is_no_reply() -> None:
    """What an agent says before the customer's first word answers nothing."""
    found = went(ticket(said(1, Who.AGENT), said(2)))
    assert (found.first_reply_at, found.asked_at) == (None, BEGAN + 2 * MINUTE)


GROUPS = [
    ((heard(1, 2),), Group.OTHER),
    ((heard(1, 2, charge=Charge.MILD),), Group.OTHER),
    ((heard(1, 2, charge=Charge.CHARGED),), Group.ROUTED),
    ((heard(1, 2, routed=True),), Group.ROUTED),
    ((heard(1, 2, replied=True),), Group.ANSWERED),
    ((heard(1, 2, replied=True), heard(3, 4, charge=Charge.CHARGED, routed=True)), Group.ANSWERED),
]


@pytest.mark.parametrize(("moments", "group"), GROUPS)
def test_the_group(moments: tuple[Moment, ...], group: Group) -> None:
    """Our reply makes a ticket answered; else charge or our handing over makes it routed."""
    assert went(ticket(said(1), said(3)), *moments).group is group


S, C, O = Status.SOLVED, Who.CUSTOMER, Status.OPEN  # noqa: E741 - as short as the table
THANKS = heard(5, 5, intent=Intent.THANKS)
REOPENS: list[tuple[str, tuple[Message, ...], tuple[Moment, ...], Status, int | None, int]] = [
    ("open", (said(1),), (), O, None, 0),
    ("solved, as told", (said(1),), (closed(1, 3),), S, 3, 0),
    ("solved, and nobody told when", (said(1),), (), S, None, 0),
    ("came back with a message", (said(1), said(5)), (closed(1, 3),), O, None, 1),
    ("came back and was solved again", (said(1), said(5)), (closed(1, 3), closed(2, 7)), S, 7, 1),
    ("came back twice", (said(1), said(5), said(9)), (closed(1, 3), closed(2, 7), closed(3, 11)), S, 11, 2),
    ("a person opened it again", (said(1),), (closed(1, 3),), O, None, 1),
    ("told twice", (said(1),), (closed(1, 3), closed(2, 3)), S, 3, 0),
    (
        "merely thanked, and solved again by us",
        (said(1), said(5)),
        (closed(1, 3), replace(THANKS, solved=True)),
        S,
        5,
        0,
    ),
    ("thanked, and stayed open", (said(1), said(5)), (closed(1, 3), THANKS), O, None, 1),
    ("wrote in the same second, just before", (said(1), said(3)), (closed(1, 3),), S, 3, 0),
    ("closed for good", (said(1),), (closed(1, 3),), Status.CLOSED, 3, 0),
    ("closed for good, as told days later", (said(1),), (closed(1, 3), closed(2, 9)), Status.CLOSED, 3, 0),
    ("opened and solved again, unseen", (said(1),), (closed(1, 3), closed(2, 9)), S, 9, 0),
    ("solved by us at the customer's word", (said(1),), (moment(2, 4, solved=True),), S, 4, 0),
]


@pytest.mark.parametrize(("name", "messages", "moments", "status", "solved", "reopens"), REOPENS)
def test_solved_and_come_back(
    name: str,
    messages: tuple[Message, ...],
    moments: tuple[Moment, ...],
    status: Status,
    solved: int | None,
    reopens: int,
) -> None:
    """When it was solved, and how often it came back, in every order of things."""
    found = went(ticket(*messages, status=status), *moments)
    assert found.solved_at == (None if solved is None else BEGAN + solved * MINUTE), name
    assert (found.reopens, found.solved) == (reopens, status is not O), name


def test_what_was_counted_before_is_not_forgotten() -> None:
    """A return that only an earlier look could see stays counted."""
    assert went(ticket(status=S), closed(1, 3), closed(2, 9), reopens=1).reopens == 1


def test_mood_from_first_to_last() -> None:
    """The first and the last message that were read, whatever the order in which they were attended to."""
    late = heard(4, 9, sentiment=Sentiment.POSITIVE)
    early = heard(1, 12, sentiment=Sentiment.NEGATIVE, charge=Charge.CHARGED)
    found = went(ticket(said(1), said(4)), late, early)
    assert found.first is not None
    assert found.last is not None
    assert (found.first.sentiment, found.last.sentiment) == (Sentiment.NEGATIVE, Sentiment.POSITIVE)
    assert found.worst is Charge.CHARGED


def test_who_wrote_before_the_reading_has_not_let_it_stand() -> None:
    """A label is judged by those who could see it: an agent's earlier answer says nothing about it."""
    read = heard(3, 4)
    assert not went(ticket(said(1), said(2, Who.AGENT), said(3)), read).touched
    assert went(ticket(said(1), said(2, Who.AGENT), said(3), said(5, Who.AGENT, public=False)), read).touched


def test_a_persons_word_counts_above_ours() -> None:
    """A corrected charge and sentiment take the place of what was read, as tag or as plain word."""
    found = went(
        ticket(),
        heard(1, 2, charge=Charge.CHARGED),
        corrected=(
            corrected(Label.CHARGE, "charged", "calm"),
            corrected(Label.SENTIMENT, "neutral", "very_negative"),
        ),
    )
    assert found.last is not None
    assert (found.last.charge, found.worst, found.group) == (Charge.CALM, Charge.CALM, Group.OTHER)
    assert (found.last.sentiment, found.last.polarity) == (Sentiment.VERY_NEGATIVE, -0.8)
    assert found.corrected == {Label.CHARGE, Label.SENTIMENT}
    assert found.touched


def test_a_field_that_was_emptied_changes_no_mood() -> None:
    """An empty field says that the label was wrong, and not what is right."""
    found = went(ticket(), heard(1, 2, charge=Charge.MILD), corrected=(corrected(Label.CHARGE, "mild", ""),))
    assert found.worst is Charge.MILD
    assert found.corrected == {Label.CHARGE}


VERDICTS = [
    ([("charge", "calm", "charged")], True),
    ([("charge", "calm", "charged"), ("charge", "charged", "calm")], False),
    ([("charge", "calm", "charged"), ("charge", "calm", "mild")], True),
    ([("answer", "", "should_not")], True),
    ([("answer", "", "was_fine")], False),
    ([("answer", "", "should_not"), ("answer", "should_not", "was_fine")], False),
]


@pytest.mark.parametrize(("steps", "wrong"), VERDICTS)
def test_the_last_word_counts(steps: list[tuple[str, str, str]], wrong: bool) -> None:
    """What was changed and changed back was spoken about, and was not wrong."""
    found = went(ticket(), heard(1, 2), corrected=tuple(corrected(Label(a), b, c) for a, b, c in steps))
    assert found.judged == {Label(steps[0][0])}
    assert (found.corrected == found.judged) is wrong


def test_the_way_out() -> None:
    """It counts after a reply of ours, by the link or in words; asking for a person alone is kept apart."""
    pressed = moment(8, 6, kind=EventKind.WAY_OUT, choice=Choice.PERSON)
    assert went(ticket(), heard(1, 2, replied=True), pressed).way_out
    assert went(ticket(), heard(1, 2, replied=True), came_back=True).way_out
    assert not went(ticket(), heard(1, 2, replied=True), replace(pressed, choice=Choice.SOLVED)).way_out
    asked = went(ticket(), heard(1, 2, wants_person=True))
    assert (asked.wanted_person, asked.way_out) == (True, False)


def test_why_no_reply_was_sent() -> None:
    """The reasons are those of the newest message that was read, and none where that one was answered."""
    held = heard(1, 2, silence=("the feeling is charged",))
    assert went(ticket(), held).held == ("the feeling is charged",)
    assert went(ticket(said(1), said(3)), held, heard(3, 4, replied=True)).held == ()
    assert went(ticket(), held, moment(9, 9, kind=EventKind.RATED)).held == ("the feeling is charged",)


@pytest.mark.parametrize(("given_as", "kept_as"), [("good", "good"), ("bad", "bad"), ("offered", ""), ("", "")])
def test_the_rating(given_as: str, kept_as: str) -> None:
    """An offered rating is none."""
    assert went(ticket(satisfaction=given_as)).rating == kept_as


def test_open_promises() -> None:
    """Only what is still open counts, and the earliest that names a time is next."""

    def promise(kept: Kept, days: int | None) -> Promise:
        due = BEGAN + timedelta(days=days) if days else None
        return Promise(who=Who.AGENT, text="", message_id=2, at=BEGAN, due=due, kept=kept, why="")

    these = (promise(Kept.OPEN, None), promise(Kept.OPEN, 3), promise(Kept.OPEN, 2), promise(Kept.NO, 1))
    found = insights.course(ticket(), Trail(), these, now=NOW)
    assert (found.promises_open, found.next_due) == (3, BEGAN + timedelta(days=2))


@given(st.integers(0, 2**32))
def test_the_order_of_events_does_not_matter(seed: int) -> None:
    """Late, disordered and doubled outcomes lead to the same course."""
    moments = [heard(1, 2, replied=True), closed(2, 4), heard(5, 5, wants_person=True), closed(6, 8)]
    straight = went(ticket(said(1), said(5), status=S), *moments)
    shuffled = moments + moments[:2]
    Random(seed).shuffle(shuffled)
    these = list({one.delivery_id: one for one in shuffled}.values())  # a delivery has one outcome
    assert went(ticket(said(1), said(5), status=S), *these) == straight
