"""What the store keeps for the dashboard, on SQLite and PostgreSQL alike: visits, links, tries, events, the log."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from integration.model import Deed, EventKind, Field, Hand, Intent, Mover, Rung, TicketEvent, Wanted
from integration.store import Store, migrate
from tests.dashboard.staging import STORIES, failed, outcome

FAILURES = ("not possible: ", "a fault of Attune's own: ", "gave up after ")


@pytest.fixture(scope="module")
def shared(module_database_url: str) -> Iterator[Store]:
    """A migrated database for this module."""
    migrate(module_database_url)
    found = Store(module_database_url)
    yield found
    found.close()


@pytest.fixture
def store(shared: Store) -> Iterator[Store]:
    """The same, emptied of what the dashboard reads."""
    from integration.store import tables

    with shared._engine.begin() as db:
        for name in ("outcome", "correction", "switch", "step", "visit", "spent", "attempt", "keep"):
            db.execute(tables.metadata.tables[name].delete())
    return shared


def test_a_visit_stands_until_it_ends(store: Store, now: datetime) -> None:
    """A visit is found by its name until its hour, with what it may do; ended, or another name, it is not."""
    store.visits.open("mine", now + timedelta(hours=8), now, may_switch=True)
    store.visits.open("theirs", now + timedelta(hours=8), now, may_switch=False)
    found = store.visits.standing("mine", now)
    assert found is not None
    assert (found.may_switch, found.until) == (True, now + timedelta(hours=8))
    assert store.visits.standing("mine", now + timedelta(hours=8)) is None
    assert store.visits.standing("nobody", now) is None
    store.visits.close("mine")
    assert store.visits.standing("mine", now) is None
    assert store.visits.standing("theirs", now) is not None


def test_a_link_is_burnt_once_however_many_race(store: Store, now: datetime) -> None:
    """Of many presses at the same moment exactly one gets in; later its row goes, since the link is too old by then."""
    until = now + timedelta(minutes=2)
    with ThreadPoolExecutor(8) as pool:
        burnt = list(pool.map(lambda _: store.visits.burn("nonce", until, now), range(16)))
    assert sum(burnt) == 1
    assert store.visits.burn("another", until, now)


def test_tries_at_the_same_moment_see_each_other(store: Store, now: datetime) -> None:
    """However many guess at once, each count holds the others' tries; a minute later they are forgotten."""
    with ThreadPoolExecutor(8) as pool:
        counts = sorted(pool.map(lambda _: store.visits.tried("here", now), range(12)))
    assert counts[-1] == 12
    assert sum(count <= 5 for count in counts) <= 5
    assert store.visits.tried("elsewhere", now) == 1
    assert store.visits.tried("here", now + timedelta(seconds=61)) == 1
    store.visits.forgive("here")
    assert store.visits.tried("here", now + timedelta(seconds=61)) == 1


WORDS = ("routine and calm", "100% \\ _ ' OR 1=1 --")


@pytest.mark.parametrize(
    "words",
    ["' OR 1=1 --", "%", "_", "\\", "'; DROP TABLE outcome; --", '"', "100%", "ROUTINE", "é" * 200, "a_d", "100_"],
)
def test_a_search_is_words(store: Store, now: datetime, words: str) -> None:
    """Signs that mean something to SQL are looked for as they are, in whatever case."""
    for number, because in enumerate(WORDS):
        store.record(outcome(number, now, STORIES[5], because=because))
    fits = [because for because in WORDS if words.casefold() in because.casefold()]
    for found, count in (
        store.audit.events(Wanted(words=words), FAILURES, 0, 10),
        store.audit.done(Wanted(words=words, deed=Deed.WRITE), 0, 10),
    ):
        assert count == len(fits)
        assert sorted(_because(row) for row in found) == sorted(fits)


def _because(row: object) -> str:
    return row["because"] if isinstance(row, dict) else row.because  # type: ignore[attr-defined]


def test_events_are_found_by_everything(store: Store, now: datetime) -> None:
    """Ticket, delivery, kind, state and days each narrow the search, newest first, in pages."""
    for number in range(5):
        store.record(outcome(number, now - timedelta(days=number), STORIES[0 if number else 4]))
    store.record(failed(1, now - timedelta(hours=1), "not possible: Zendesk answered 422"))
    store.intend(outcome(8, now, STORIES[5]))
    store.archive.mark_undone(["01J000003"], now)

    def ids(first: int = 0, many: int = 10, **wanted: object) -> list[str]:
        rows, count = store.audit.events(Wanted(**wanted), FAILURES, first, many)  # type: ignore[arg-type]
        assert count >= len(rows)
        return [row["delivery_id"] for row in rows]

    everything = ids()
    assert len(everything) == 7
    assert ids(first=2, many=3) == everything[2:5]
    assert ids(ticket_id=103) == ["01J000003"]
    assert ids(delivery_id="01J000002") == ["01J000002"]
    assert ids(kind="closed") == []
    assert ids(state="failed") == ["failed-1"]
    assert ids(state="intended") == ["01J000008"]
    assert ids(state="undone") == ["01J000003"]
    assert ids(state="drafted") == ["01J000000"]
    assert ids(state="replied") == ["01J000001", "01J000002", "01J000003", "01J000004"]
    assert ids(since=now - timedelta(hours=47), until=now - timedelta(hours=2)) == ["01J000001"]


def test_one_event_comes_whole(store: Store, now: datetime) -> None:
    """One event brings its reading, plan and what its write changed; one that is not there brings nothing."""
    store.record(outcome(1, now, STORIES[2]))
    found = store.audit.event("01J000001")
    assert found is not None
    assert found["reading"]["charge"] == "charged"
    assert found["at"].tzinfo is not None
    changes = {change.name: (change.before, change.after) for change in found["written"].changes}
    assert changes["priority"] == (None, "high")
    assert store.audit.event("01J") is None
    assert [row["delivery_id"] for row in store.audit.story(101)] == ["01J000001"]


def test_the_log_holds_every_deed(store: Store, now: datetime) -> None:
    """Writes, switches, falls, corrections and undone writes stand in one order of time, each with who did it."""
    store.record(outcome(1, now, STORIES[2]))
    correction = TicketEvent(delivery_id="c", ticket_id=101, kind=EventKind.CORRECTION, happened_at=now)
    store.correct(correction, 7, Field.CHARGE, "attune_charge_charged", "attune_charge_mild")
    store.change_rules({"sending": False}, now + timedelta(minutes=1), "a fire", Hand.DASHBOARD)
    store.change_rules({"rungs.how_to": "draft"}, now + timedelta(minutes=2), "by hand")
    fall = {"by": Mover.LADDER, "because": "bad", "now": now + timedelta(minutes=3)}
    last = store.autonomy.steps()[Intent.HOW_TO]
    assert store.autonomy.move(Intent.HOW_TO, Rung.SEND, Rung.DRAFT, after=last, **fall)  # type: ignore[arg-type]
    store.archive.mark_undone(["01J000001"], now + timedelta(minutes=4))
    lines, count = store.audit.done(Wanted(), 0, 10)
    assert count == 6
    said = [(line.deed, line.by, line.what, line.was, line.is_now) for line in lines]
    assert said[:4] == [
        (Deed.UNDO, Hand.FLASK, "customer_message", "", ""),
        (Deed.FALL, Hand.LADDER, "how_to", "send", "draft"),
        (Deed.SWITCH, Hand.FLASK, "rungs.how_to", "tag", "draft"),
        (Deed.SWITCH, Hand.DASHBOARD, "sending", "True", "False"),
    ]
    assert {line[0] for line in said[4:]} == {Deed.WRITE, Deed.CORRECTION}
    write = next(line for line in lines if line.deed is Deed.WRITE)
    assert "group_id" in {change.name for change in write.changes}
    assert write.said == "note"
    assert [line.deed for line in store.audit.done(Wanted(by=Hand.DASHBOARD), 0, 10)[0]] == [Deed.SWITCH]
    assert store.audit.done(Wanted(ticket_id=101), 0, 10)[1] == 3
    assert [line.what for line in store.audit.done(Wanted(), 2, 1)[0]] == ["rungs.how_to"]


def test_a_switch_that_changes_nothing_is_no_line(store: Store, now: datetime) -> None:
    """What stood so before is not written down again; a change of the default names itself, not every intent."""
    store.change_rules({"sending": True}, now)
    assert store.audit.done(Wanted(), 0, 10)[1] == 0
    store.change_rules({"default_rung": "draft"}, now)
    assert [line.what for line in store.audit.done(Wanted(), 0, 10)[0]] == ["default_rung"]


def test_switches_grow_old_with_the_rest(store: Store, now: datetime) -> None:
    """What is older than the rules keep goes from the log too."""
    store.change_rules({"sending": False}, now - timedelta(days=200))
    store.change_rules({"sending": True}, now)
    store.archive.prune(now - timedelta(days=180), now)
    assert [line.is_now for line in store.audit.done(Wanted(), 0, 10)[0]] == ["True"]


def test_an_intended_write_is_no_deed_yet(store: Store, now: datetime) -> None:
    """What is not known to be written does not stand in the log as done."""
    store.intend(outcome(1, now, STORIES[2]))
    assert store.audit.done(Wanted(), 0, 10)[1] == 0
