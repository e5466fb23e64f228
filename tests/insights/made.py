"""Courses, moments and tickets for the figures' tests: one of each that is plain, and strategies for all of them.

It must not know what the figures make of them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from integration.model import (
    Charge,
    Course,
    EventKind,
    Felt,
    Group,
    Intent,
    Label,
    Message,
    Moment,
    Requester,
    Sentiment,
    Status,
    Ticket,
    Who,
)

BEGAN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UNTIL = BEGAN + timedelta(days=28)
CUSTOMER, AGENT, ME = 2, 3, 1


def felt(
    message_id: int = 1, sentiment: Sentiment = Sentiment.NEUTRAL, charge: Charge = Charge.CALM, minute: int = 1
) -> Felt:
    """One message's mood."""
    return Felt(message_id=message_id, at=BEGAN + minute * MINUTE, sentiment=sentiment, polarity=0.0, charge=charge)


def moment(number: int = 1, minute: int = 1, **other: Any) -> Moment:
    """An outcome, `minute` minutes after the beginning."""
    at = BEGAN + minute * MINUTE
    given: dict[str, Any] = {
        "delivery_id": f"d{number}",
        "kind": EventKind.CUSTOMER_MESSAGE,
        "happened_at": at,
        "at": at,
    }
    return Moment(**given | other)


def heard(message_id: int, minute: int, **other: Any) -> Moment:
    """A customer's message that was read."""
    how = {name: other.pop(name) for name in ("sentiment", "charge") if name in other}
    read = felt(message_id, minute=minute, **how)
    given: dict[str, Any] = {"message_id": message_id, "felt": read, "intent": Intent.ORDER_STATUS, "language": "en"}
    return moment(message_id, minute, **given | other)


def closed(number: int, minute: int) -> Moment:
    """The desk told that the ticket was solved."""
    return moment(number, minute, kind=EventKind.CLOSED)


def said(number: int, who: Who = Who.CUSTOMER, minute: int | None = None, *, public: bool = True) -> Message:
    """A comment, as many minutes after the beginning as its number says, or as named; a bot is ourselves."""
    at = BEGAN + (number if minute is None else minute) * MINUTE
    author = {Who.CUSTOMER: CUSTOMER, Who.AGENT: AGENT}.get(who, ME)
    return Message(id=number, who=who, text="words", at=at, public=public, author_id=author, ours=who is Who.BOT)


def ticket(*messages: Message, **other: Any) -> Ticket:
    """An e-mail ticket of one customer."""
    given: dict[str, Any] = {
        "id": 42,
        "subject": "",
        "requester": Requester(id=CUSTOMER),
        "channel": "email",
        "status": Status.OPEN,
        "priority": None,
        "tags": frozenset(),
        "group_id": None,
        "assignee_id": None,
        "messages": messages or (said(1),),
        "stamp": "",
        "created_at": BEGAN,
    }
    return Ticket(**given | other)


def course(ticket_id: int = 1, **other: Any) -> Course:
    """A ticket of one message that nobody answered."""
    given: dict[str, Any] = {
        "ticket_id": ticket_id,
        "requester_id": CUSTOMER,
        "channel": "email",
        "language": "en",
        "intent": Intent.ORDER_STATUS,
        "created_at": BEGAN,
        "asked_at": BEGAN,
        "seen_at": BEGAN,
        "first_reply_at": None,
        "first_person_at": None,
        "solved_at": None,
        "solved": False,
        "reopens": 0,
        "customer_messages": 1,
        "agent_messages": 0,
        "our_replies": 0,
        "asked_again": 0,
        "wanted_person": False,
        "way_out": False,
        "rating": "",
        "first": felt(),
        "last": felt(),
        "worst": Charge.CALM,
        "group": Group.OTHER,
        "assignee_id": None,
        "touched": False,
        "drafted": False,
        "held": (),
        "corrected": frozenset(),
        "judged": frozenset(),
        "promises_open": 0,
        "next_due": None,
    }
    return Course(**given | other)


_times = st.integers(-10, 60 * 24 * 30).map(lambda minutes: BEGAN + minutes * MINUTE)
_maybe = st.none() | _times
_counts = st.integers(0, 4)
_felts = st.none() | st.builds(
    felt, st.integers(1, 3), st.sampled_from(Sentiment), st.sampled_from(Charge), st.integers(0, 99)
)
_labels = st.frozensets(st.sampled_from(Label))


@st.composite
def courses(draw: st.DrawFn) -> tuple[Course, ...]:
    """Any number of tickets, in any state."""
    many = draw(st.integers(0, 25))
    return tuple(draw(_course(number)) for number in range(1, many + 1))


def _course(number: int) -> st.SearchStrategy[Course]:
    return st.builds(
        course,
        st.just(number),
        asked_at=_times,
        first_reply_at=_maybe,
        first_person_at=_maybe,
        solved_at=_maybe,
        solved=st.booleans(),
        reopens=_counts,
        customer_messages=_counts,
        agent_messages=_counts,
        our_replies=_counts,
        asked_again=_counts,
        wanted_person=st.booleans(),
        way_out=st.booleans(),
        rating=st.sampled_from(["", "good", "bad"]),
        first=_felts,
        last=_felts,
        group=st.sampled_from(Group),
        assignee_id=st.none() | st.integers(1, 3),
        touched=st.booleans(),
        drafted=st.booleans(),
        held=st.lists(st.sampled_from([f"reason {n}" for n in range(15)]), max_size=3).map(tuple),
        corrected=_labels,
        judged=_labels,
        promises_open=_counts,
        next_due=_maybe,
    )
