"""What a worker does afterwards: replays, removals, tidying and undoing, each with the part that it needs alone."""

# ruff: noqa: ARG002 - stand-ins take everything that the real ones are asked with

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import worker
from integration.model import Change, EventKind, Field, Refused, Reply, Rules, Status, Ticket, TryLater, Undoing
from integration.worker import Removals, Undoer, retention
from integration.worker.replay import LONGEST_DELIVERY
from tests.policy.test_undo import a_ticket, a_write
from tests.test_worker import NOW, Book, DeskWithOneTicket, an_event, attendant, said

DAY = timedelta(days=1)


# --- replay ----------------------------------------------------------------------------------------------------------


def test_a_replay_names_the_old_delivery() -> None:
    """The same event under a new name, numbered after those that have an outcome; of the first, never of a replay."""
    event = an_event(delivery="d-1")
    first = worker.again(event, {"d-1"})
    assert first == replace(event, delivery_id="replay-1-d-1")
    assert worker.again(first, {"d-1", "replay-1-d-1"}).delivery_id == "replay-2-d-1"
    assert worker.again(event, {"replay-9-d-1", "replay-12-d-2", "replay-x-d-1"}).delivery_id == "replay-10-d-1"


@given(st.text(min_size=1, max_size=LONGEST_DELIVERY), st.integers(1, 5))
def test_a_replay_fits_the_table_and_is_never_an_earlier_one(delivery: str, times: int) -> None:
    """Whatever the sender called it, each replay fits and, short of the longest names, is new."""
    known = {delivery}
    event = an_event(delivery=delivery)
    for _ in range(times):
        event = worker.again(event, known)
        assert len(event.delivery_id) <= LONGEST_DELIVERY
        if len(delivery) <= LONGEST_DELIVERY - len("replay-9-"):
            assert event.delivery_id not in known
        known.add(event.delivery_id)


def test_what_the_attendant_records_as_failed_is_known_as_failed() -> None:
    """A refusal, a fault of ours and giving up are failures; what went well is none."""
    refused, faulty = DeskWithOneTicket(a_worker_ticket()), DeskWithOneTicket(a_worker_ticket())
    refused.troubles.append(("load", Refused("no")))
    faulty.troubles.append(("load", KeyError("x")))
    book = Book()
    attendant(refused, book).attend(an_event(delivery="refused"))
    attendant(faulty, book).attend(an_event(delivery="faulty"))
    attendant(faulty, book).give_up(an_event(delivery="given up"), "429")
    attendant(faulty, book).attend(an_event(delivery="well"))
    failed = {name for name, (_, outcome) in book.outcomes.items() if worker.is_failure(outcome.plan.because)}
    assert failed == {"refused", "faulty", "given up"}


def a_worker_ticket(*messages: Any) -> Ticket:
    """A customer's calm question."""
    from tests.test_worker import a_ticket as worker_ticket

    return worker_ticket(*messages)


# --- undone tickets, and words that were taken away -------------------------------------------------------------------


@dataclass
class Books:
    """The archive as removals and undoing see it; notes what it is asked."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def blank(self, ticket_ids: Iterable[int], because: str) -> int:
        self.asked.append(("blank", *ticket_ids))
        return 2

    def gone(self, ticket_ids: Iterable[int], now: datetime) -> int:
        self.asked.append(("gone", *ticket_ids, now))
        return 3

    def erase(self, ticket_ids: Iterable[int]) -> int:
        self.asked.append(("erase", *ticket_ids))
        return 4

    def held(self, requester_id: int, ticket_ids: Iterable[int] = ()) -> Any:
        return SimpleNamespace(requester=requester_id, outcomes=5, corrections=6)

    def forget(self, held: Any) -> None:
        self.asked.append(("forget", held.requester))

    def mark_undone(self, delivery_ids: Collection[str], now: datetime, stamp: str = "") -> None:
        self.asked.append(("undone", *delivery_ids, now, stamp))

    def free(self, ticket_id: int) -> None:
        self.asked.append(("freed", ticket_id))


@pytest.mark.parametrize(
    ("kind", "note", "asked", "because"),
    [
        (EventKind.REDACTED, "", [("blank", 42)], "words were blacked out: 2 readings lost their reasons"),
        (EventKind.GONE, "", [("gone", 42, NOW)], "the ticket was deleted or merged away: 3 readings"),
        (EventKind.ERASED, "", [("erase", 42)], "the ticket was deleted for good: 4 outcomes went"),
        (EventKind.PERSON_GONE, "77", [("forget", 77)], "a user was deleted: 5 outcomes and 6 corrections went"),
        (EventKind.PERSON_GONE, "", [], "nothing to remove"),
        (EventKind.PERSON_GONE, "²", [], "nothing to remove"),
    ],
)
def test_what_zendesk_removed_goes_here_too(kind: EventKind, note: str, asked: list[Any], because: str) -> None:
    """Each removal is followed without asking Zendesk for the ticket, and its outcome says what went."""
    desk, book, books = DeskWithOneTicket(a_worker_ticket()), Book(), Books()
    follower = replace(attendant(desk, book), removals=Removals(archive=books, clock=lambda: NOW))
    assert follower.attend(an_event(kind, note=note)) is None
    assert (books.asked, desk.asked) == (asked, [])
    assert book.the().plan.because.startswith(because)


@pytest.mark.parametrize(("text", "asked"), [("My card is ▇▇▇▇", [("blank", 42)]), ("My card is lost", [])])
def test_blacked_out_words_are_seen_without_an_event(text: str, asked: list[Any]) -> None:
    """A ticket that shows the black signs loses its earlier reasons at the next look."""
    desk, books = DeskWithOneTicket(a_worker_ticket(said(5, text))), Books()
    follower = replace(attendant(desk, Book()), removals=Removals(archive=books, clock=lambda: NOW))
    follower.attend(an_event())
    assert books.asked == asked


def test_an_undone_message_is_not_written_again() -> None:
    """Even where no marker field says so, the journal does."""
    desk, book = DeskWithOneTicket(a_worker_ticket(said(5, "Where is my order?"))), Book()
    replace(attendant(desk, book), undone=lambda _ticket: {5}).attend(an_event())
    assert desk.written == []
    assert book.the().plan.because == "this message was already attended to"


def test_after_an_undo_no_machine_speaks_on_the_ticket() -> None:
    """A newer calm question is marked and left to people, with the reason."""
    desk, book = DeskWithOneTicket(a_worker_ticket()), Book()
    replace(attendant(desk, book), undone=lambda _ticket: {4}).attend(an_event())
    assert "what Attune did on this ticket was undone: it stays with people" in book.the().plan.silence
    assert not any(isinstance(action, Reply) for action in book.the().plan.actions)


# --- retention -------------------------------------------------------------------------------------------------------


@dataclass
class Queue:
    """A queue with so many old finished events."""

    old: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)

    def list_workflows(self, **wanted: Any) -> list[Any]:
        self.asked.append(wanted)
        return [SimpleNamespace(workflow_id=str(number)) for number in range(min(self.old, wanted["limit"]))]

    def delete_workflows(self, workflow_ids: list[str]) -> None:
        self.old -= len(workflow_ids)


@dataclass
class Shelf:
    """An archive that only ages."""

    pruned: list[tuple[datetime, datetime]] = field(default_factory=list)

    def prune(self, before: datetime, now: datetime) -> int:
        self.pruned.append((before, now))
        return 1


def test_the_house_is_tidied_once_a_day() -> None:
    """At first, and then not before a day has passed."""
    shelf, book, queue = Shelf(), Book(), Queue(old=3)
    done = [retention.tidy(shelf, book, queue, NOW + hours) for hours in (0 * DAY, DAY / 2, DAY)]
    assert done == [True, False, True]
    assert shelf.pruned == [(NOW - 180 * DAY, NOW), (NOW - 179 * DAY, NOW + DAY)]
    assert queue.old == 0


@pytest.mark.parametrize(("keep_days", "queue_days"), [(180, 7), (7, 7)])
def test_the_rules_say_how_long(keep_days: int, queue_days: int) -> None:
    """Our own rows by the rule; the queue's finished events a week at most."""
    shelf, queue = Shelf(), Queue()
    retention.tidy(shelf, Book(ruled=Rules(keep_days=keep_days)), queue, NOW)
    assert shelf.pruned == [(NOW - keep_days * DAY, NOW)]
    assert queue.asked[0]["end_time"] == (NOW - queue_days * DAY).isoformat()
    assert "PENDING" not in queue.asked[0]["status"]
    assert "ENQUEUED" not in queue.asked[0]["status"]


def test_a_large_queue_is_tidied_in_rounds() -> None:
    """One round takes its portions and says that it is not through, so that the next minute goes on."""
    book, queue = Book(), Queue(old=retention.PORTION * retention.PORTIONS + 1)
    assert retention.tidy(Shelf(), book, queue, NOW)
    assert (queue.old, retention.TIDIED in book.kept) == (1, False)
    assert retention.tidy(Shelf(), book, queue, NOW)
    assert (queue.old, retention.TIDIED in book.kept) == (0, True)


# --- undoing ---------------------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """One ticket to be put back, with troubles in turn."""

    ticket: Ticket | None = field(default_factory=a_ticket)
    troubles: list[Exception] = field(default_factory=list)
    left: tuple[str, ...] = ()
    put: list[Undoing] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def look(self, ticket_id: int) -> Ticket | None:
        assert ticket_id == 42
        return self.ticket

    def put_back(self, undoing: Undoing, ticket: Ticket) -> tuple[str, tuple[str, ...]]:
        assert ticket is self.ticket
        if self.troubles:
            raise self.troubles.pop(0)
        self.put.append(undoing)
        return "stamp", self.left

    def undoer(self, books: Books) -> Undoer:
        return Undoer(restorer=self, journal=books, self_id=lambda: 900, clock=lambda: NOW, wait=self.waited.append)


def test_undone_is_noted_with_the_version_afterwards() -> None:
    """All writes of the ticket are marked together, and what Zendesk did not set back is said."""
    bench, books = Bench(left=("priority",)), Books()
    found = bench.undoer(books).undo([a_write(0), a_write(1, changes=(), added=frozenset())])
    assert books.asked == [("undone", "d-0", "d-1", NOW, "stamp")]
    assert found.done
    assert found.undoing.kept == ("priority: Zendesk did not set it back",)


@pytest.mark.parametrize(
    ("left", "freed"), [((), [("freed", 42)]), (("due_at",), [])], ids=["put back", "not put back"]
)
def test_a_booked_time_is_given_back_with_the_ticket(left: tuple[str, ...], freed: list[object]) -> None:
    """Once the ticket is no longer due then, and only if Zendesk took that, the time is free for others."""
    booked = a_write(changes=(Change(name="due_at", before=None, after=NOW.isoformat()),), added=frozenset())
    bench, books = Bench(a_ticket(type="task", due_at=NOW), left=left), Books()
    bench.undoer(books).undo([booked])
    assert books.asked == [("undone", "d-0", NOW, "stamp"), *freed]


def test_a_plan_touches_nothing() -> None:
    """The dry run looks, and neither writes nor notes."""
    bench, books = Bench(), Books()
    assert bench.undoer(books).plan([a_write()]).undoing.changes_something
    assert (bench.put, books.asked) == ([], [])


def test_nothing_to_put_back_is_undone_without_a_write() -> None:
    """Where people put everything back by hand, it is noted and not looked at again."""
    put_back_by_hand = a_ticket(
        status=Status.OPEN, priority=None, group_id=None, tags=frozenset({"vip"}), fields={Field.CHARGE: None}
    )
    bench, books = Bench(put_back_by_hand), Books()
    assert bench.undoer(books).undo([a_write()]).done
    assert (bench.put, books.asked) == ([], [("undone", "d-0", NOW, "")])


@pytest.mark.parametrize("bench", [Bench(ticket=None), Bench(troubles=[Refused("422")])], ids=["gone", "refused"])
def test_what_cannot_be_put_back_is_not_noted_as_undone(bench: Bench) -> None:
    """The reason is given, and a later run may try again."""
    books = Books()
    found = bench.undoer(books).undo([a_write()])
    assert (found.done, books.asked, bool(found.undoing.stop)) == (False, [], True)


def test_a_pause_is_waited_for() -> None:
    """Conflicts and limits are tried again after the time that they name, at most a minute."""
    troubles: list[Exception] = [TryLater("409", timedelta(0)), TryLater("429", timedelta(minutes=5))]
    bench = Bench(troubles=troubles)
    assert bench.undoer(Books()).undo([a_write()]).done
    assert bench.waited == [0.0, 60.0]


def test_patience_ends() -> None:
    """Where Zendesk cannot be had for long, the ticket is left as it was and the failure is told."""
    bench, books = Bench(troubles=[TryLater("500")] * 50), Books()
    with pytest.raises(TryLater):
        bench.undoer(books).undo([a_write()])
    assert (bench.put, books.asked) == ([], [])


def test_writes_are_sorted_by_ticket() -> None:
    """Each ticket once, with its writes in order."""
    writes = [a_write(0), replace(a_write(1), ticket_id=7), a_write(2)]
    found = worker.by_ticket(writes)
    assert {ticket: [one.delivery_id for one in some] for ticket, some in found.items()} == {
        42: ["d-0", "d-2"],
        7: ["d-1"],
    }
