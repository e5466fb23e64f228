"""Courses, moments and tickets for the figures' tests: one of each that is plain, and strategies for all of them.

It must not know what the figures make of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
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
        "asked_again": None,
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


def courses() -> st.SearchStrategy[tuple[Course, ...]]:
    """Any number of tickets, in any state: drawn by their number and a seed, since drawing each field takes seconds."""
    return st.builds(_some, st.integers(0, 25), st.integers(0, 2**32))


def _some(many: int, seed: int) -> tuple[Course, ...]:
    chance = Random(seed)
    return tuple(_any(number, chance) for number in range(1, many + 1))


def _any(number: int, chance: Random) -> Course:
    def time() -> datetime:
        return BEGAN + chance.randint(-10, 60 * 24 * 30) * MINUTE

    def maybe(value: Any) -> Any:
        return chance.choice([None, value])

    def mood() -> Felt | None:
        sentiment, charge = chance.choice(list(Sentiment)), chance.choice(list(Charge))
        return maybe(felt(chance.randint(1, 3), sentiment, charge, chance.randint(0, 99)))

    def some(those: Sequence[Any], most: int) -> list[Any]:
        return chance.sample(those, chance.randint(0, most))

    names = ("reopens", "customer_messages", "agent_messages", "our_replies", "promises_open")
    flags = ("solved", "wanted_person", "way_out", "touched", "drafted")
    times = ("first_reply_at", "first_person_at", "solved_at", "next_due")
    return course(
        number,
        **{name: chance.randint(0, 4) for name in names},
        **{name: chance.random() < 0.5 for name in flags},
        **{name: maybe(time()) for name in times},
        asked_at=time(),
        asked_again=maybe(chance.randint(0, 4)),
        rating=chance.choice(["", "good", "bad"]),
        first=mood(),
        last=mood(),
        group=chance.choice(list(Group)),
        assignee_id=maybe(chance.randint(1, 3)),
        held=tuple(some([f"reason {n}" for n in range(15)], 3)),
        corrected=frozenset(some(list(Label), 3)),
        judged=frozenset(some(list(Label), 5)),
    )
