"""The archive, on SQLite and PostgreSQL alike: what can be undone, whose it is, what is too old, what failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration.model import (
    Action,
    AddTags,
    Applied,
    AskForReview,
    Change,
    Choice,
    Echo,
    EventKind,
    Field,
    Intent,
    MacroRef,
    Mover,
    Outcome,
    Plan,
    Priority,
    Release,
    Reply,
    Route,
    Rung,
    Schedule,
    SetFields,
    SetPriority,
    SetStatus,
    Status,
    TicketEvent,
    Worded,
)
from integration.store import Store, migrate
from tests.insights import made
from tests.test_store import event, outcome

DAY = timedelta(days=1)
DUE = datetime(2026, 11, 23, 9, tzinfo=UTC)
PLAN = Plan(
    actions=(
        SetFields(values={Field.CHARGE: "attune_charge_charged", Field.MARKER: "5"}, because="read"),
        AddTags(tags=frozenset({"attune_senior", "vip"}), drop=frozenset({"attune_unsure"}), because="charged"),
        AskForReview(because="not sure"),
        Route(group_id=77, because="charged"),
        SetPriority(priority=Priority.HIGH, because="charged"),
        Reply(macro=MacroRef(key="answer/x", id=1, title="X"), text="words", because="calm"),
    ),
    because="charged",
)
BEFORE = {
    "tags": ["attune_charge_calm", "vip"],
    "fields": {"charge": "attune_charge_calm", "marker": None},
    "group_id": None,
    "assignee_id": None,
    "priority": None,
    "status": "open",
}
AFTER = {
    # `big` came from a rule of the desk's own, in the same update
    "tags": ["attune_charge_charged", "attune_senior", "attune_unsure", "big", "vip"],
    "fields": {"charge": "attune_charge_charged", "marker": "5"},
    "group_id": 77,
    "assignee_id": None,
    "priority": "high",
    "status": "pending",
    "updated_at": "2026-03-02T09:30:02Z",
}
CHANGES = {
    Change(name="status", before="open", after="pending"),
    Change(name="priority", before=None, after="high"),
    Change(name="group_id", before=None, after=77),
    Change(name="fields.charge", before="attune_charge_calm", after="attune_charge_charged"),
}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty, migrated store."""
    migrate(database_url)
    found = Store(database_url)
    yield found
    found.close()


def written(delivery: str, now: datetime, after: dict[str, Any] = AFTER, ticket: int = 42, **other: Any) -> Outcome:
    """An outcome that wrote everything that can be written."""
    applied = Applied(audit_id=1, comment_id=2, before=BEFORE, after=after)
    return replace(outcome(delivery, now, ticket=ticket), plan=PLAN, applied=applied, **other)


def failed(
    delivery: str, now: datetime, because: str = "not possible: Zendesk answered 401", ticket: int = 42
) -> Outcome:
    """An outcome that is a failure."""
    plan = Plan(actions=(), because=because, silence=(because,))
    return Outcome(event=event(delivery, now, ticket), plan=plan, at=now)


@pytest.mark.parametrize("after", [AFTER, {}], ids=["answered", "answer lost"])
def test_a_write_is_what_it_changed(store: Store, now: datetime, after: dict[str, Any]) -> None:
    """Values, and our tags only; the same where the answer was lost, since the journal knows what was sent."""
    store.record(written("a", now, after))
    (found,) = store.archive.writes()
    assert set(found.changes) == CHANGES
    assert found.added == {"attune_charge_charged", "attune_senior", "attune_unsure"}
    assert found.dropped == {"attune_charge_calm"}
    assert (found.delivery_id, found.ticket_id, found.said) == ("a", 42, "reply")
    assert found.at == now + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("actions", "changes"),
    [
        ([SetStatus(status=Status.SOLVED, because="")], {("status", "solved")}),
        ([Release(because="")], {("assignee_id", None)}),
        ([Route(group_id=77, assignee_id=9, because=""), Release(because="")], {("group_id", 77), ("assignee_id", 9)}),
        ([Schedule(due_at=DUE, because="")], {("type", "task"), ("due_at", DUE.isoformat())}),
    ],
)
def test_a_lost_answer_leaves_a_write_that_can_be_undone(
    store: Store, now: datetime, actions: list[Action], changes: set[tuple[str, object]]
) -> None:
    """Confirmed without Zendesk's answer, status, assignee and task count as they were sent."""
    before = {**BEFORE, "assignee_id": 900, "status": "pending", "type": None, "due_at": None}
    applied = Applied(audit_id=None, comment_id=None, before=before, after={})
    plan = Plan(actions=tuple(actions), because="lost")
    store.intend(replace(outcome("a", now), plan=plan, applied=applied))
    assert store.confirm("a", now)
    (found,) = store.archive.writes()
    assert {(one.name, one.after) for one in found.changes} == changes


def test_an_undone_press_is_remembered(store: Store, now: datetime) -> None:
    """What was written about no message, as a press of a button is, counts as undone on its ticket."""
    store.record(written("press", now, message_id=None))
    store.archive.mark_undone(["press"], now)
    assert store.archive.undone(42) == {0}


def test_a_booked_time_is_free_again(store: Store, now: datetime) -> None:
    """Once given back, its only place may be booked by somebody else."""
    store.book(42, DUE, 1, "en", now)
    assert store.book(43, DUE, 1, "en", now) is None
    store.archive.free(42)
    assert store.booking(42) is None
    assert store.book(43, DUE, 1, "en", now) is not None


def test_only_finished_writes_are_undone_and_only_once(store: Store, now: datetime) -> None:
    """What is intended, changed nothing, or was undone is no longer in the journal's list."""
    store.intend(written("intended", now))
    store.record(
        replace(written("nothing", now), plan=Plan(actions=(), because="done before"), reading=None, applied=None)
    )
    store.record(written("a", now))
    store.record(written("b", now + DAY, ticket=43))
    archive = store.archive
    assert [one.delivery_id for one in archive.writes()] == ["a", "b"]
    assert [one.delivery_id for one in archive.writes(since=now + DAY)] == ["b"]
    assert [one.delivery_id for one in archive.writes(ticket_id=42)] == ["a"]
    archive.mark_undone(["a"], now + DAY, "2026-03-03T09:30:00Z")
    assert [one.delivery_id for one in archive.writes()] == ["b"]
    assert (archive.undone(42), archive.undone(43)) == ({5}, frozenset())
    assert store.last_stamp(42) == "2026-03-03T09:30:00Z"
    assert store.standing(42) == {}
    assert store.standing(43)[Field.CHARGE] == "attune_charge_charged"


def test_a_persons_share_is_found_and_goes(store: Store, now: datetime) -> None:
    """Outcomes that name them, and those of their tickets that name nobody; what names others stays."""
    store.record(written("mine", now))
    store.record(failed("nameless", now, ticket=44))
    store.record(failed("nameless elsewhere", now, ticket=50))
    store.record(replace(written("theirs", now, ticket=44), requester_id=10))
    store.correct(event("c", now), 5, Field.CHARGE, "a", "b")
    archive = store.archive
    held = archive.held(9, [44])
    assert (held.outcomes, held.corrections, set(held.deliveries)) == (2, 1, {"mine", "nameless"})
    archive.forget(held)
    assert archive.held(9, [44]).outcomes == 0
    assert store.corrections(42) == ()
    assert [row["delivery_id"] for row in store.outcomes(44)] == ["theirs"]
    assert len(store.outcomes(50)) == 1


def test_blanked_outcomes_keep_what_the_undo_needs(store: Store, now: datetime) -> None:
    """Evidence, feelings and reasons go; scores and the journal stay, and a second time changes nothing."""
    store.record(written("a", now))
    archive = store.archive
    assert archive.blank([42], "blacked out") == 1
    (row,) = store.outcomes(42)
    assert (row["reading"]["evidence"], row["reading"]["emotions"]) == ([], {})
    assert {action["because"] for action in row["plan"]["actions"]} == {""}
    assert (row["because"], row["plan"]["silence"], row["charge"]) == ("blacked out", [], "mild")
    assert set(archive.writes()[0].changes) == CHANGES
    assert archive.blank([42], "blacked out") == 0


def test_what_is_too_old_goes(store: Store, now: datetime) -> None:
    """Rows older than the bound go, younger ones stay, corrections too."""
    store.record(written("old", now - 200 * DAY))
    store.record(written("new", now - 10 * DAY))
    store.correct(event("c", now - 200 * DAY), 5, Field.CHARGE, "a", "b")
    store.correct(event("d", now), 5, Field.CHARGE, "a", "b")
    assert store.archive.prune(now - 180 * DAY, now) == 2
    assert [row["delivery_id"] for row in store.outcomes(42)] == ["new"]
    assert [row["delivery_id"] for row in store.corrections(42)] == ["d"]
    assert store.archive.kept() == (1, now - 10 * DAY + timedelta(seconds=2))


def test_a_deleted_ticket_goes_when_zendesk_erases_it(store: Store, now: datetime) -> None:
    """Thirty days after its deletion its rows go, unless it was brought back and attended to since."""
    for ticket in (42, 43):
        store.record(written(f"a{ticket}", now, ticket=ticket))
    archive = store.archive
    archive.gone([42, 43], now)
    store.record(written("brought back", now + DAY, ticket=43))
    assert archive.prune(now - 180 * DAY, now + 29 * DAY) == 0
    assert archive.prune(now - 180 * DAY, now + 31 * DAY) == 1
    assert (len(store.outcomes(42)), len(store.outcomes(43))) == (0, 2)


def test_what_was_deleted_for_good_goes_at_once(store: Store, now: datetime) -> None:
    """Outcomes and corrections of the ticket go, others stay."""
    store.record(written("a", now))
    store.record(written("b", now, ticket=43))
    store.correct(event("c", now), 5, Field.CHARGE, "a", "b")
    assert store.archive.erase([42]) == 1
    assert (store.outcomes(42), store.corrections(42), len(store.outcomes(43))) == ((), (), 1)


def test_an_empty_archive_says_so(store: Store, now: datetime) -> None:
    """Nothing is kept, nothing failed, nothing can be undone, and nothing is removed."""
    archive = store.archive
    assert (archive.kept(), archive.writes(), archive.failed(["x"])) == ((0, None), (), ())
    assert (archive.blank([], "x"), archive.gone([], now), archive.erase([]), archive.prune(now, now)) == (0, 0, 0, 0)


def test_failures_that_nothing_made_good(store: Store, now: datetime) -> None:
    """The newest failure of a ticket and kind counts; one after which the ticket was attended to does not."""
    beginnings = ("not possible: ", "a fault of Attune's own: ")
    store.record(failed("first", now))
    store.record(failed("second", now + DAY, "a fault of Attune's own: KeyError"))
    store.record(failed("made good", now, ticket=43))
    store.record(written("good", now + DAY, ticket=43))
    store.record(failed("no failure", now, "corrected by a person: 100 % sure", ticket=44))
    found = store.archive.failed(beginnings)
    assert [one.event.delivery_id for one in found] == ["second"]
    assert (found[0].event.kind, found[0].event.happened_at) == (EventKind.CUSTOMER_MESSAGE, now + DAY)
    assert store.archive.failed(beginnings, since=now + 2 * DAY) == ()
    one = store.archive.event("first")
    assert one is not None
    assert one.because == "not possible: Zendesk answered 401"
    assert store.archive.event("unheard of") is None


def a_deletion(delivery: str, user: int, now: datetime, because: str) -> Outcome:
    """What came of the event of a deleted user."""
    gone = TicketEvent(delivery_id=delivery, ticket_id=0, kind=EventKind.PERSON_GONE, happened_at=now, note=str(user))
    return Outcome(event=gone, plan=Plan(actions=(), because=because), at=now)


def test_a_failed_event_comes_back_whole(store: Store, now: datetime) -> None:
    """What was chosen, and which user is gone, are known to the replay."""
    pressed = failed("way", now)
    store.record(replace(pressed, event=replace(pressed.event, kind=EventKind.WAY_OUT, choice=Choice.PERSON)))
    store.record(a_deletion("gone", 77, now, "not possible: x"))
    found = {one.event.delivery_id: one.event for one in store.archive.failed(["not possible: "])}
    assert (found["way"].kind, found["way"].choice) == (EventKind.WAY_OUT, Choice.PERSON)
    assert (found["gone"].kind, found["gone"].note) == (EventKind.PERSON_GONE, "77")
    one = store.archive.event("way")
    assert one is not None
    assert one.event.choice is Choice.PERSON


def test_one_deleted_user_does_not_make_good_another(store: Store, now: datetime) -> None:
    """A failure stays in the list until that very user's rows went; then it is gone with them."""
    store.record(a_deletion("first", 77, now, "not possible: x"))
    store.record(a_deletion("second", 78, now + DAY, "not possible: x"))
    store.record(a_deletion("other", 79, now + 2 * DAY, "a user was deleted"))
    archive = store.archive
    assert [one.event.note for one in archive.failed(["not possible: "])] == ["77", "78"]
    held = archive.held(77)
    assert (held.outcomes, set(held.tickets)) == (1, set())
    archive.forget(held)
    assert [one.event.note for one in archive.failed(["not possible: "])] == ["78"]


def beside(store: Store, now: datetime, ticket: int, delivery: str) -> None:
    """A booked time, a wish for a person and an echo on a ticket."""
    store.book(ticket, now, 2, "en", now)
    store.wish(ticket, now)
    worded = Worded(delivery_id=delivery, message_id=5, intent=Intent.ORDER_STATUS, sent=True)
    store.autonomy.came_back(worded, ticket, Echo.GRAVE, f"of {ticket}", now)


def left_beside(store: Store, now: datetime, ticket: int) -> tuple[bool, bool]:
    """Whether a booked time, with its wish, and an echo of the ticket are still there."""
    grave = store.autonomy.figures(Intent.ORDER_STATUS, now - DAY).grave
    assert store.wished(ticket) is (store.booking(ticket) is not None)
    return store.booking(ticket) is not None, f"of {ticket}" in grave


@pytest.mark.parametrize("how", ["forget", "erase"])
def test_booked_times_and_echoes_go_with_the_rest(store: Store, now: datetime, how: str) -> None:
    """Whoever is forgotten, and what was deleted for good, leaves neither; a neighbour's stay."""
    store.record(written("mine", now))
    store.record(replace(written("theirs", now, ticket=43), requester_id=10))
    for ticket, delivery in ((42, "mine"), (43, "theirs")):
        beside(store, now, ticket, delivery)
    held = store.archive.held(9)
    assert (held.bookings, held.echoes, held.wishes) == (1, 1, 1)
    if how == "forget":
        store.archive.forget(held)
    else:
        store.archive.erase([42])
    assert left_beside(store, now, 42) == (False, False)
    assert left_beside(store, now, 43) == (True, True)


@pytest.mark.parametrize("how", ["forget", "erase", "erased in Zendesk", "old"])
def test_a_move_of_the_ladder_forgets_its_ticket(store: Store, now: datetime, how: str) -> None:
    """The rung stands on the move, so the move stays; what goes is the ticket that brought it about."""
    store.record(written("mine", now))
    fall = {"by": Mover.LADDER, "because": "a grave word", "now": now, "after": None}
    assert store.autonomy.move(Intent.ORDER_STATUS, Rung.SEND, Rung.DRAFT, ticket_id=42, **fall)
    assert store.autonomy.move(Intent.HOW_TO, Rung.SEND, Rung.DRAFT, ticket_id=43, **fall)
    if how == "forget":
        store.archive.forget(store.archive.held(9))
    elif how == "erase":
        store.archive.erase([42])
    elif how == "old":
        store.archive.prune(now + DAY, now + DAY)
    else:
        store.archive.gone([42], now)
        store.archive.prune(now - DAY, now + 31 * DAY)
    left = {one.intent: one.ticket_id for one in store.audit.moves(10)}
    assert left == {Intent.ORDER_STATUS: None, Intent.HOW_TO: None if how == "old" else 43}


def test_a_course_loses_its_reasons_too(store: Store, now: datetime) -> None:
    """Why no reply was sent goes with the words that were blacked out or deleted, wherever it is kept."""
    for ticket in (42, 43):
        store.insight.put(made.course(ticket_id=ticket, held=("somebody died",)))
    store.archive.blank([42], "words were blacked out")
    assert [store.insight.course(ticket).held for ticket in (42, 43)] == [(), ("somebody died",)]


def test_old_booked_times_and_echoes_go(store: Store, now: datetime) -> None:
    """Those older than the bound, and those of tickets that Zendesk has erased; others stay."""
    for ticket, age in ((42, 200 * DAY), (43, 0 * DAY), (44, 0 * DAY)):
        store.record(written(f"a{ticket}", now, ticket=ticket))
        beside(store, now - age, ticket, f"a{ticket}")
    store.correct(event("c", now, 44), 5, Field.CHARGE, "a", "b")
    store.archive.gone([44], now)
    later = now + 31 * DAY
    assert store.archive.prune(later - 180 * DAY, later) == 3 + 5
    assert [left_beside(store, now - 200 * DAY, ticket) for ticket in (42, 43, 44)] == [
        (False, False),
        (True, True),
        (False, False),
    ]
    assert store.corrections(44) == ()


def test_deliveries_are_found_by_their_ending(store: Store, now: datetime) -> None:
    """Signs that SQL reads as any letter stand for themselves."""
    for delivery in ("replay-1-a_b", "replay-1-axb", "a_b"):
        store.record(failed(delivery, now))
    assert store.archive.named("-a_b") == {"replay-1-a_b"}


def test_more_ids_than_one_query_takes(store: Store, now: datetime) -> None:
    """Many ids are taken in portions."""
    store.record(written("a", now, ticket=39_999))
    assert store.archive.erase(range(40_000)) == 1
