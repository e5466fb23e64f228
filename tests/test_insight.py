"""The courses on SQLite and PostgreSQL alike: kept, found, replaced, forgotten; and the worker that writes them."""

# ruff: noqa: ARG002 - stand-ins take everything that the real ones are asked with

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings

from integration.model import (
    Charge,
    Choice,
    Course,
    Echo,
    EventKind,
    Field,
    Group,
    Intent,
    Label,
    Outcome,
    Plan,
    Reply,
    Route,
    Sentiment,
    SetStatus,
    Status,
    TicketEvent,
    TryLater,
    Who,
    Worded,
)
from integration.store import Store, migrate
from integration.store.tables import metadata
from integration.worker import Attendant, Courses
from tests.insights.made import BEGAN, UNTIL, course, courses, felt
from tests.test_store import SECRET_WORDS, outcome
from tests.test_worker import AGENT, CALM, CHARGED, DESK, NOW, DeskWithOneTicket, a_ticket, said

DAY = timedelta(days=1)
WHOLE = course(
    7,
    first_reply_at=BEGAN + DAY,
    first_person_at=BEGAN + DAY,
    solved_at=BEGAN + DAY,
    solved=True,
    worst=Charge.CHARGED,
    group=Group.ANSWERED,
    last=felt(9, Sentiment.POSITIVE, Charge.MILD),
    held=("the feeling is charged", "a team member has written"),
    corrected=frozenset({Label.CHARGE, Label.ANSWER}),
    judged=frozenset({Label.CHARGE, Label.ANSWER, Label.INTENT}),
    assignee_id=3,
    promises_open=2,
    next_due=BEGAN + 2 * DAY,
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty, migrated store."""
    migrate(database_url)
    found = Store(database_url)
    yield found
    found.close()


# --- rows ------------------------------------------------------------------------------------------------------------


def test_the_migrations_make_these_tables(store: Store, database_url: str) -> None:
    """What the migrations built is what the tables say, column by column and index by index."""
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "attune_version"})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("one", [WHOLE, course(8, first=None, last=None, worst=None, intent=None)])
def test_a_course_comes_back_as_it_was(store: Store, one: Course) -> None:
    """Every field, with and without all that may be missing."""
    store.insight.put(one)
    assert store.insight.course(one.ticket_id) == one
    assert store.insight.course(99) is None


def test_a_newer_look_replaces_an_older_one(store: Store) -> None:
    """And never the other way round, however late the older one is written."""
    store.insight.put(replace(WHOLE, reopens=2, seen_at=BEGAN + DAY))
    store.insight.put(replace(WHOLE, reopens=1))
    assert store.insight.courses(BEGAN, UNTIL)[0].reopens == 2
    store.insight.put(replace(WHOLE, reopens=3, seen_at=BEGAN + DAY))
    assert [one.reopens for one in store.insight.courses(BEGAN, UNTIL)] == [3]


def test_a_period_is_half_open(store: Store) -> None:
    """By the customer's first message, whatever its zone."""
    for number, when in enumerate((BEGAN, BEGAN + DAY, BEGAN + 2 * DAY)):
        store.insight.put(course(number, asked_at=when))
    assert [one.ticket_id for one in store.insight.courses(BEGAN, BEGAN + 2 * DAY)] == [0, 1]


def test_what_is_open_now(store: Store) -> None:
    """Charged and in somebody's hands, or promised something; however old, and never solved."""
    hot = felt(1, Sentiment.NEGATIVE, Charge.CHARGED)
    those = {
        1: course(1, last=hot, assignee_id=3),
        2: course(2, last=hot),
        3: course(3, promises_open=1, asked_at=BEGAN - 99 * DAY),
        4: course(4, promises_open=1, solved=True),
        5: course(5, assignee_id=3),
    }
    for one in those.values():
        store.insight.put(one)
    assert {one.ticket_id for one in store.insight.open_now()} == {1, 3}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(those=courses())
def test_any_course_can_be_kept(store: Store, those: tuple[Course, ...]) -> None:
    """Whatever was counted comes back as it was."""
    for one in those:
        store.insight.put(one)
        assert store.insight.course(one.ticket_id) == one


# --- the trail -------------------------------------------------------------------------------------------------------


def test_the_trail_of_a_ticket(store: Store, now: datetime) -> None:
    """Finished outcomes, corrections of known labels, what came back, what was counted before; nothing of others."""
    store.record(outcome("a", now, reply=True))
    store.record(outcome("elsewhere", now, ticket=43))
    store.intend(outcome("never sent", now, reply=True))
    event = TicketEvent(delivery_id="c", ticket_id=42, kind=EventKind.CORRECTION, happened_at=now)
    store.correct(event, 5, Field.CHARGE, "attune_charge_mild", "attune_charge_calm")
    store.correct(event, 5, Field.MARKER, "5", "6")
    worded = Worded(delivery_id="a", message_id=5, intent=Intent.ORDER_STATUS, sent=True)
    store.autonomy.came_back(worded, 42, Echo.WAY_OUT, "asked for a person", now)
    store.insight.put(course(42, reopens=2))
    trail = store.insight.trail(42)
    (one,) = trail.moments
    assert (one.delivery_id, one.replied, one.intent, one.language) == ("a", True, Intent.ORDER_STATUS, "en")
    assert one.felt is not None
    assert (one.felt.sentiment, one.felt.polarity, one.felt.charge) == (Sentiment.NEGATIVE, -0.4, Charge.MILD)
    (said,) = trail.corrected
    assert (said.label, said.message_id, said.was, said.is_now, said.at) == (Label.CHARGE, 5, "mild", "calm", now)
    assert (trail.came_back, trail.reopens) == (True, 2)


def test_what_is_about_to_be_written_down_counts_once(store: Store, now: datetime) -> None:
    """The newest outcome is part of the trail before it is stored, and what is stored counts above it."""
    assert [one.delivery_id for one in store.insight.trail(42, outcome("a", now)).moments] == ["a"]
    store.record(outcome("a", now, reply=True))
    (one,) = store.insight.trail(42, outcome("a", now)).moments
    assert one.replied


def test_what_a_plan_did_is_seen(store: Store, now: datetime) -> None:
    """Handing over, solving, a choice; and what was only planned was not done."""
    plan = Plan(
        actions=(Route(group_id=7, because="charged"), SetStatus(status=Status.SOLVED, because="said so")),
        because="x",
        silence=("the feeling is charged",),
    )
    pressed = replace(outcome("a", now).event, kind=EventKind.WAY_OUT, choice=Choice.SOLVED)
    did = replace(outcome("a", now), plan=plan, event=pressed)
    store.record(did)
    (one,) = store.insight.trail(42).moments
    assert (one.routed, one.solved, one.choice, one.silence) == (True, True, Choice.SOLVED, ("the feeling is charged",))
    (planned,) = store.insight.trail(43, replace(did, applied=None)).moments
    assert (planned.routed, planned.solved) == (False, False)


# --- forgetting ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["forget", "erase", "prune", "gone"])
def test_courses_go_with_the_rest(store: Store, now: datetime, how: str) -> None:
    """With their person, with a ticket deleted for good, with their age, with a deletion long ago; neighbours stay."""
    old = now - 200 * DAY if how == "prune" else now
    store.record(outcome("mine", old))
    store.insight.put(course(42, requester_id=9, seen_at=old))
    store.insight.put(course(43, requester_id=10, seen_at=now))
    archive = store.archive
    if how == "forget":
        held = archive.held(9)
        assert (held.courses, held.tickets) == (1, {42})
        archive.forget(held)
    elif how == "erase":
        archive.erase([42])
    elif how == "prune":
        archive.prune(now - 180 * DAY, now)
    else:
        archive.gone([42], now)
        archive.prune(now - 180 * DAY, now + 31 * DAY)
    assert store.insight.course(42) is None
    assert store.insight.course(43) is not None


def test_a_course_without_outcomes_is_found_by_its_person(store: Store) -> None:
    """Also where the outcomes went before it."""
    store.insight.put(course(42, requester_id=9))
    assert store.archive.held(9).courses == 1


def test_undo_leaves_the_course(store: Store, now: datetime) -> None:
    """What was written is taken back on the ticket; how the ticket went stays as it was."""
    store.record(outcome("a", now, reply=True))
    store.insight.put(WHOLE)
    store.archive.mark_undone(["a"], now)
    assert store.insight.course(7) == WHOLE


# --- the worker ------------------------------------------------------------------------------------------------------


def attendant(desk: DeskWithOneTicket, store: Store) -> Attendant:
    """The product, with its courses."""
    return Attendant(zendesk=desk, memory=store, desk=lambda: DESK, clock=lambda: NOW, courses=Courses(store.insight))


def event(delivery: str, kind: EventKind = EventKind.CUSTOMER_MESSAGE, **other: Any) -> TicketEvent:
    return TicketEvent(delivery_id=delivery, ticket_id=42, kind=kind, **({"happened_at": NOW} | other))


def kept(store: Store) -> Course:
    """The one ticket's course."""
    found = store.insight.course(42)
    assert found is not None
    return found


def test_every_event_writes_the_course_anew(store: Store) -> None:
    """Answered, solved, rated, come back: after each, the course says so, and the reply counts at once."""
    store.change_rules({"rungs.order_status": "send"}, NOW)
    desk = DeskWithOneTicket(a_ticket(said(5, CALM)))
    product = attendant(desk, store)
    assert product.attend(event("first")) is None
    assert any(isinstance(one, Reply) for one in desk.written[-1].actions)
    assert (kept(store).group, kept(store).our_replies, kept(store).first_reply_at) == (Group.ANSWERED, 1, NOW)
    assert kept(store).intent is Intent.ORDER_STATUS
    desk.ticket = replace(desk.ticket, status=Status.SOLVED)
    assert product.attend(event("second", EventKind.CLOSED)) is None
    assert (kept(store).solved, kept(store).solved_at) == (True, NOW)
    desk.ticket = replace(desk.ticket, satisfaction="bad")
    assert product.attend(event("third", EventKind.RATED)) is None
    assert kept(store).rating == "bad"
    later = replace(said(80, "I want to talk to a real person please."), at=NOW + timedelta(hours=1))
    desk.ticket = replace(desk.ticket, status=Status.OPEN, messages=(*desk.ticket.messages, later))
    assert product.attend(event("fourth")) is None
    assert (kept(store).solved, kept(store).reopens, kept(store).wanted_person) == (False, 1, True)


def test_a_charged_ticket_and_a_correction(store: Store) -> None:
    """It is routed, says why no reply was sent, and a person's word on the charge is kept with it."""
    desk = DeskWithOneTicket(a_ticket(said(5, CHARGED)))
    product = attendant(desk, store)
    assert product.attend(event("first")) is None
    assert (kept(store).group, kept(store).worst) == (Group.ROUTED, Charge.CHARGED)
    assert "the feeling is charged" in kept(store).held
    desk.ticket = replace(
        desk.ticket,
        fields={**desk.ticket.fields, Field.CHARGE: "attune_charge_mild"},
        messages=(*desk.ticket.messages, said(9, "We will call you tomorrow.", Who.AGENT)),
        assignee_id=AGENT,
    )
    assert product.attend(event("second", EventKind.CORRECTION)) is None
    found = kept(store)
    assert (found.corrected, found.touched, found.assignee_id) == ({Label.CHARGE}, True, AGENT)
    assert found.last is not None
    assert found.last.charge is Charge.MILD
    assert found.promises_open == 1


@pytest.mark.parametrize(
    ("asks", "times"),
    [("Could you tell me your order number, please?", 1), ("Order 48213 leaves our house tomorrow.", 0)],
)
def test_asking_for_what_was_given_is_counted(store: Store, asks: str, times: int) -> None:
    """An agent who asks for the order number that stands in the first message has made the customer repeat it."""
    desk = DeskWithOneTicket(a_ticket(said(5, CALM), said(6, asks, Who.AGENT)))
    assert attendant(desk, store).attend(event("first", EventKind.CLOSED)) is None
    assert kept(store).asked_again == times


def test_no_words_are_kept(store: Store, database_url: str) -> None:
    """Nothing of what the customer or the agent wrote is found in the row."""
    words = f"{CALM} {SECRET_WORDS}"
    desk = DeskWithOneTicket(a_ticket(said(5, words), said(6, "We will call Mr Zuckmayer tomorrow.", Who.AGENT)))
    assert attendant(desk, store).attend(event("first")) is None
    row = repr(kept(store))
    assert not [word for word in ("Zuckmayer", "husband", "48213", "tracking", "ada@") if word in row]


class BrokenBook:
    """A book that fails as it is told."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    def trail(self, ticket_id: int, newest: Outcome | None = None) -> Any:
        raise self._failure

    def put(self, one: Course) -> None:
        raise self._failure


def test_a_fault_in_counting_does_not_stop_the_event(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """The event gets its outcome; the log names the kind of fault, and none of its words."""
    desk = DeskWithOneTicket(a_ticket())
    product = replace(attendant(desk, store), courses=Courses(BrokenBook(ValueError(SECRET_WORDS))))
    with caplog.at_level(logging.ERROR):
        assert product.attend(event("first")) is None
    assert store.finished("first")
    assert "its course was not counted: ValueError" in caplog.text
    assert SECRET_WORDS not in caplog.text


def test_a_database_that_is_away_brings_the_event_back(store: Store) -> None:
    """The outcome is not written without the course: the event comes again, and then both are there."""
    desk = DeskWithOneTicket(a_ticket())
    away = replace(attendant(desk, store), courses=Courses(BrokenBook(TryLater("database: away", DAY))))
    assert away.attend(event("first")) is not None
    assert not store.finished("first")
    assert attendant(desk, store).attend(event("first")) is None
    assert store.finished("first")
    assert kept(store).worst is not None


def test_without_a_ticket_there_is_no_course(store: Store) -> None:
    """A deleted user, an unknown kind: nothing was loaded, nothing is counted."""
    desk = DeskWithOneTicket(a_ticket())
    assert attendant(desk, store).attend(event("first", EventKind.UNKNOWN)) is None
    assert store.insight.courses(BEGAN - 999 * DAY, UNTIL) == ()
