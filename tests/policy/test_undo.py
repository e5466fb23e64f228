"""What is put back: everything that still is as we wrote it, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import policy
from integration.model import Change, Field, Priority, Requester, Status, Ticket, Written
from integration.policy import WANTS_PERSON

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ME = 900


def a_ticket(**other: Any) -> Ticket:
    """An open ticket with a reading of ours on it."""
    given: dict[str, Any] = {
        "id": 42,
        "subject": "",
        "requester": Requester(id=2),
        "channel": "email",
        "status": Status.PENDING,
        "priority": Priority.HIGH,
        "tags": frozenset({"vip", "attune_charge_charged", "attune_senior"}),
        "group_id": 77,
        "assignee_id": None,
        "messages": (),
        "stamp": "s",
        "created_at": START,
        "fields": {Field.CHARGE: "attune_charge_charged", Field.MARKER: "5"},
    }
    return Ticket(**given | other)


def a_write(place: int = 0, **other: Any) -> Written:
    """The write that made that ticket what it is."""
    given: dict[str, Any] = {
        "delivery_id": f"d-{place}",
        "ticket_id": 42,
        "at": START + timedelta(minutes=place),
        "changes": (
            Change(name="status", before="open", after="pending"),
            Change(name="priority", before=None, after="high"),
            Change(name="group_id", before=None, after=77),
            Change(name="fields.charge", before=None, after="attune_charge_charged"),
        ),
        "added": frozenset({"attune_charge_charged", "attune_senior"}),
    }
    return Written(**given | other)


def test_all_goes_back_but_the_marker() -> None:
    """Where nobody changed anything, every value and tag of ours goes; the marker stays."""
    found = policy.undo([a_write()], a_ticket(), ME)
    assert found.values == {"status": "open", "priority": None, "group_id": None, "fields.charge": None}
    assert (found.tags, found.off, found.kept) == (
        {"vip"},
        {"attune_charge_charged", "attune_senior"},
        (),
    )


@pytest.mark.parametrize(
    ("now", "kept"),
    [
        ({"priority": Priority.LOW}, "priority: kept, because somebody changed it to low"),
        ({"status": Status.SOLVED}, "status: kept, because somebody changed it to solved"),
        ({"group_id": 5}, "group: kept, because somebody changed it to 5"),
        ({"assignee_id": 9}, "group: kept, because somebody has taken the ticket there"),
        (
            {"fields": {Field.CHARGE: "attune_charge_mild"}},
            "charge: kept, because somebody changed it to attune_charge_mild",
        ),
    ],
    ids=["priority", "status", "group", "assignee", "field"],
)
def test_what_somebody_changed_is_kept_and_said(now: dict[str, Any], kept: str) -> None:
    """One value that a person set stays, with the reason; the others go back all the same."""
    found = policy.undo([a_write()], a_ticket(**now), ME)
    assert found.kept == (kept,)
    assert len(found.values) == 3


def test_who_put_it_back_by_hand_needs_no_word() -> None:
    """A value that stands as before our write is neither written nor complained of."""
    found = policy.undo([a_write()], a_ticket(priority=None, tags=frozenset({"vip", "attune_charge_charged"})), ME)
    assert "priority" not in found.values
    assert found.kept == ()


def test_an_option_goes_with_its_field() -> None:
    """A reading that a person corrected keeps its tag, and an earlier option that we replaced does not come back."""
    write = a_write(dropped=frozenset({"attune_charge_calm"}))
    tags = frozenset({"attune_charge_mild", "attune_senior"})
    found = policy.undo([write], a_ticket(fields={Field.CHARGE: "attune_charge_mild"}, tags=tags), ME)
    assert found.tags == {"attune_charge_mild"}


def test_without_our_fields_the_tags_go_all_the_same() -> None:
    """After the fields were deleted only their tags are left, and they go."""
    found = policy.undo([a_write()], a_ticket(fields={}), ME)
    assert found.tags == {"vip"}
    assert found.kept == ("charge: stays: it is no longer there, or only a person can put it back",)


@pytest.mark.parametrize("status", [Status.CLOSED, Status.DELETED])
def test_what_cannot_be_changed_is_not_tried(status: Status) -> None:
    """A closed or deleted ticket stops everything, in words."""
    found = policy.undo([a_write()], a_ticket(status=status), ME)
    assert (found.changes_something, str(status) in found.stop) == (False, True)


@pytest.mark.parametrize("waited", ["pending", "hold", "solved"])
def test_whoever_asked_for_a_person_is_not_sent_back_to_wait(waited: str) -> None:
    """The tag of a way out goes, and the ticket stays open for people."""
    press = a_write(changes=(Change(name="status", before=waited, after="open"),), added=frozenset({WANTS_PERSON}))
    found = policy.undo([press], a_ticket(status=Status.OPEN, tags=frozenset({WANTS_PERSON})), ME)
    assert (dict(found.values), found.off) == ({}, {WANTS_PERSON})
    assert found.kept == ("status: kept, because the customer asked for a person",)


def test_nothing_is_given_back_to_our_own_name() -> None:
    """A ticket that was taken off our name stays off it, and it is said."""
    release = a_write(changes=(Change(name="assignee_id", before=ME, after=None),), added=frozenset())
    found = policy.undo([release], a_ticket(), ME)
    assert not found.changes_something
    assert found.kept == ("assignee: stays empty, because nobody looks under Attune's own name",)


@pytest.mark.parametrize("told", [True, False], ids=["answered", "answer lost"])
def test_what_solving_brought_goes(told: bool) -> None:
    """Solving gave the ticket to us, whether we were told so or not; the undo takes it off our name."""
    solved = Change(name="status", before="pending", after="solved")
    given = (Change(name="assignee_id", before=None, after=ME), Change(name="group_id", before=None, after=77))
    solving = a_write(changes=(solved, *given) if told else (solved,), added=frozenset())
    found = policy.undo([solving], a_ticket(status=Status.SOLVED, assignee_id=ME), ME)
    assert found.values == {"status": "pending", "assignee_id": None, **({"group_id": None} if told else {})}


BOOKED = (Change(name="type", before=None, after="task"), Change(name="due_at", before=None, after=START.isoformat()))


@pytest.mark.parametrize(
    ("due_at", "values", "kept"),
    [
        (START, {"type": None, "due_at": None}, ()),
        (
            START + timedelta(hours=1),
            {},
            (
                "due time: kept, because somebody changed it to 2026-03-02T10:30:00+00:00",
                "type: kept, because the due time stays",
            ),
        ),
    ],
    ids=["as booked", "moved by a person"],
)
def test_a_booked_time_is_taken_back(due_at: datetime, values: dict[str, object], kept: tuple[str, ...]) -> None:
    """The ticket is no task any more; a time that a person set stays, and with it the task."""
    write = a_write(changes=BOOKED, added=frozenset())
    found = policy.undo([write], a_ticket(type="task", due_at=due_at), ME)
    assert (dict(found.values), found.kept) == (values, kept)


@pytest.mark.parametrize(
    ("said", "remarks"),
    [
        ([""], ()),
        (["reply"], ("1 public reply stays: the customer has it",)),
        (["note", "reply", "note"], ("1 public reply stays: the customer has it", "2 internal notes stay")),
    ],
)
def test_comments_cannot_be_unsent(said: Sequence[str], remarks: tuple[str, ...]) -> None:
    """What stays for good is counted."""
    assert policy.remarks([a_write(place, said=one) for place, one in enumerate(said)]) == remarks


# --- whatever the order of our writes and of people's changes ---------------------------------------------------------

TAGS = ("vip", "blue", "attune_senior", "attune_protected", "attune_unsure")
VALUES: dict[str, tuple[object, ...]] = {
    "status": ("open", "pending", "hold"),
    "priority": (None, "low", "high"),
    "group_id": (None, 7, 77),
}


@dataclass
class Played:
    """A ticket's life as a play: who changed what, and what stood at first."""

    now: dict[str, object] = field(default_factory=lambda: {"status": "open", "priority": None, "group_id": None})
    tags: set[str] = field(default_factory=set)
    writes: list[Written] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)  # by people
    last_by: dict[str, str] = field(default_factory=dict)

    def ours(self, values: dict[str, object], added: set[str], dropped: set[str]) -> None:
        """We write, and the journal keeps it."""
        changes = tuple(
            Change(name=name, before=self.now[name], after=value)
            for name, value in values.items()
            if self.now[name] != value
        )
        put, off = frozenset(added - self.tags), frozenset((dropped - added) & self.tags)
        self.writes.append(a_write(len(self.writes), changes=changes, added=put, dropped=off))
        self.now |= {change.name: change.after for change in changes}
        self.last_by |= {change.name: "us" for change in changes}
        self.tags = (self.tags | put) - off

    def theirs(self, values: dict[str, object], added: set[str], dropped: set[str]) -> None:
        """A person changes the ticket."""
        for name, value in values.items():
            if self.now[name] != value:
                self.now[name] = value
                self.touched.add(name)
                self.last_by[name] = "them"
        self.touched |= (added - self.tags) | (dropped & self.tags)
        self.tags = (self.tags - dropped) | added

    def ticket(self) -> Ticket:
        """As it stands now."""
        priority = self.now["priority"]
        return replace(
            a_ticket(fields={}, tags=frozenset(self.tags), group_id=self.now["group_id"]),
            status=Status(str(self.now["status"])),
            priority=Priority(str(priority)) if priority else None,
        )


some_values = st.fixed_dictionaries({}, optional={name: st.sampled_from(of) for name, of in VALUES.items()})
some_tags = st.sets(st.sampled_from(TAGS))
scenes = st.lists(st.tuples(st.booleans(), some_values, some_tags, some_tags), max_size=8)


@given(some_tags, scenes)
def test_what_only_we_touched_goes_back_and_what_people_set_last_stays(
    first_tags: set[str], scenes: list[tuple[bool, dict[str, object], set[str], set[str]]]
) -> None:
    """Values and tags that no person touched are as at first; a value that a person set last is as they set it."""
    played = Played(tags=set(first_tags))
    first = dict(played.now)
    for by_us, values, added, dropped in scenes:
        (played.ours if by_us else played.theirs)(values, added, dropped)
    found = policy.undo(played.writes, played.ticket(), ME)
    after = played.now | dict(found.values)
    tags = played.tags if found.tags is None else set(found.tags)
    for name in VALUES:
        if name not in played.touched:
            assert after[name] == first[name]
        elif played.last_by.get(name) == "them" and not _ours_again(played, name):
            assert after[name] == played.now[name]
    assert (tags ^ first_tags) <= played.touched
    again = policy.undo(played.writes, replace(played.ticket(), tags=frozenset(tags)), ME)
    assert (again.tags or frozenset(tags)) == tags


def _ours_again(played: Played, name: str) -> bool:
    """Whether a person set by hand exactly what we had written before: then nobody can tell it from ours."""
    return any(change.name == name and change.after == played.now[name] for w in played.writes for change in w.changes)
