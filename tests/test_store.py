"""The store, on SQLite and PostgreSQL alike: one outcome per delivery, and never a customer's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from integration.model import (
    Applied,
    Charge,
    Emotion,
    EventKind,
    Evidence,
    Field,
    Intent,
    MacroRef,
    Note,
    Outcome,
    Owned,
    Plan,
    Reading,
    Reply,
    Route,
    Rung,
    Sentiment,
    SetFields,
    Signal,
    TicketEvent,
    TryLater,
    Urgency,
)
from integration.store import Store, migrate

SECRET_WORDS = "my late husband's account"
MACRO = MacroRef(key="answer/order_status", id=7, title="Attune::Answers::Order status")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty, migrated store."""
    migrate(database_url)
    found = Store(database_url)
    yield found
    found.close()


def event(delivery: str, now: datetime, ticket: int = 42) -> TicketEvent:
    """A customer's message on a ticket."""
    return TicketEvent(delivery_id=delivery, ticket_id=ticket, kind=EventKind.CUSTOMER_MESSAGE, happened_at=now)


def outcome(delivery: str, now: datetime, *, reply: bool = False, message_id: int = 5, ticket: int = 42) -> Outcome:
    """An outcome with a reading, whose every text holds the customer's words."""
    reading = Reading(
        sentiment=Sentiment.NEGATIVE,
        polarity=-0.4,
        charge=Charge.MILD,
        charge_score=0.5,
        emotions={Emotion.SADNESS: 0.6},
        urgency=Urgency.NORMAL,
        intent=Intent.ORDER_STATUS,
        language="en",
        confidence={"charge": 0.8},
        evidence=(
            Evidence(signal=Signal.FEELING, quote=SECRET_WORDS, start=0, end=25, weight=0.6, reason="a sad phrase"),
        ),
        text=SECRET_WORDS,
    )
    said = (
        Reply(macro=MACRO, text=SECRET_WORDS, because="routine")
        if reply
        else Note(text=SECRET_WORDS, because="worth knowing")
    )
    values = {Field.CHARGE: "attune_charge_mild", Field.MARKER: str(message_id)}
    return Outcome(
        event=event(delivery, now, ticket),
        plan=Plan(actions=(SetFields(values=values, because="read"), said), because="routine and calm"),
        at=now + timedelta(seconds=2),
        reading=reading,
        applied=Applied(
            audit_id=1,
            comment_id=2,
            before={"tags": ("vip",), "group_id": None},
            after={"updated_at": "2026-03-02T09:30:02Z"},
        ),
        message_id=message_id,
        requester_id=9,
    )


def test_migrating_twice_changes_nothing(store: Store, database_url: str, now: datetime) -> None:
    """A second migration keeps what the first database holds."""
    store.record(outcome("a", now))
    migrate(database_url)
    assert store.finished("a")


def test_a_database_without_tables_is_said_to_be_so(tmp_path: object) -> None:
    """Before `flask migrate`, the store says that the database is not ready, as something that may pass."""
    with pytest.raises(TryLater, match="database"):
        Store(f"sqlite:///{tmp_path}/empty.sqlite").check()


def test_one_outcome_per_delivery(store: Store, now: datetime) -> None:
    """Recording the same delivery again keeps the first finished outcome."""
    store.record(outcome("a", now))
    store.record(replace(outcome("a", now), plan=Plan(actions=(), because="later")))
    rows = store.outcomes(42)
    assert [row["because"] for row in rows] == ["routine and calm"]


def test_no_customer_words_are_stored(store: Store, now: datetime) -> None:
    """Nothing of a text, a quote, a note or a reply is found in the stored row."""
    store.record(outcome("a", now, reply=True))
    assert SECRET_WORDS not in json.dumps(store.outcomes(42), default=str)


def test_the_link_of_a_reply_is_not_stored(store: Store, now: datetime) -> None:
    """Whoever reads our database cannot speak for a customer on the page that the link opens."""
    link = "https://attune.example/person/1.2.3.en.x"
    reply = Reply(macro=MACRO, text=f"Open: {link}", because="routine", link=link)
    store.record(replace(outcome("a", now), plan=Plan(actions=(reply,), because="routine")))
    assert link not in json.dumps(store.outcomes(42), default=str)


def test_an_intended_write_is_confirmed(store: Store, now: datetime) -> None:
    """What was intended before a crash becomes an outcome when its write is seen on the ticket, once."""
    store.intend(outcome("a", now, reply=True))
    assert not store.finished("a")
    assert store.confirm("a", now)
    assert store.finished("a")
    assert not store.confirm("a", now)


def test_another_deliverys_write_is_not_claimed(store: Store, now: datetime) -> None:
    """When a doubled delivery wrote first, the intended one does not count the same write again."""
    store.intend(outcome("a", now))
    store.record(outcome("b", now))
    assert not store.confirm("a", now)


def test_a_delivery_that_wrote_nothing_takes_nothing_away(store: Store, now: datetime) -> None:
    """A doubled delivery that only saw the message attended to does not keep the write from being confirmed."""
    store.intend(outcome("a", now, reply=True))
    store.record(replace(outcome("b", now), plan=Plan(actions=(), because="attended to"), applied=None))
    assert store.confirm("a", now)
    assert [row["delivery_id"] for row in store.outcomes(42) if row["applied"]] == ["a"]


def test_a_database_that_goes_away_comes_back_later(database_url: str) -> None:
    """Whatever is asked before the tables stand is TryLater, with the way to make them and no word of the address."""
    early = Store(database_url)
    for ask in (early.rules, lambda: early.finished("a"), lambda: early.set("name", "value"), early.check):
        with pytest.raises(TryLater, match="run `flask migrate`") as caught:
            ask()
        assert "127.0.0.1" not in str(caught.value)
    migrate(database_url)
    early.set("name", "value")
    assert early.get("name") == "value"
    early.close()


def test_replies_are_counted_over_the_desk(store: Store, now: datetime) -> None:
    """Replies count from when they are intended, so that two workers cannot both be the last one allowed."""
    store.intend(outcome("a", now, reply=True, ticket=1))
    store.record(outcome("b", now, reply=True, ticket=2))
    store.record(outcome("c", now, reply=False, ticket=3))
    assert store.replies_since(now) == 2
    assert store.replies_since(now + timedelta(hours=1)) == 0


def test_what_was_written_last_is_known(store: Store, now: datetime) -> None:
    """The fields and the stamp of our last write come back, by ticket."""
    store.record(outcome("a", now))
    assert store.standing(42)[Field.CHARGE] == "attune_charge_mild"
    assert store.last_stamp(42) == "2026-03-02T09:30:02Z"
    assert store.standing(43) == {}
    assert store.sentiments([42, 43]) == {42: Sentiment.NEGATIVE}


def test_corrections_are_kept(store: Store, now: datetime) -> None:
    """A correction keeps what was written and what a person made of it."""
    store.correct(event("x", now), 5, Field.CHARGE, "attune_charge_mild", "attune_charge_charged")
    (row,) = store.corrections(42)
    assert (row["field"], row["was"], row["is_now"]) == ("charge", "attune_charge_mild", "attune_charge_charged")


def test_the_ledger(store: Store) -> None:
    """What install wrote down comes back in the order of its keys; writing it anew replaces it."""
    first = Owned(key="group/senior", kind="group", zendesk_id="21", made_by_us=True, definition="x", title="Senior")
    store.put(first)
    store.put(Owned(key="field/charge", kind="ticket_field", zendesk_id="11", made_by_us=True, definition="x"))
    store.put(replace(first, made_by_us=False))
    assert [(row.key, row.made_by_us) for row in store.rows()] == [("field/charge", True), ("group/senior", False)]
    store.remove("group/senior")
    assert [row.key for row in store.rows()] == ["field/charge"]


def test_rules_are_changed_and_checked(store: Store) -> None:
    """A rule that an admin sets comes back; one that cannot be is refused by name and changes nothing."""
    store.change_rules({"default_rung": "send", "rungs": {"thanks": "observe"}, "share_percent": 10})
    assert store.rules().rung(Intent.ORDER_STATUS) is Rung.SEND
    assert store.rules().rung(Intent.THANKS) is Rung.OBSERVE
    for wrong in ({"no_such": 1}, {"default_rung": "fly"}, {"rungs": {"x": "send"}}, {"sending": "yes"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            store.change_rules(wrong)
    assert store.rules().share_percent == 10


def test_the_pause_is_shared_and_never_shortened(store: Store, database_url: str, now: datetime) -> None:
    """What one process learns of a limit, another one knows; an earlier end does not shorten it."""
    store.pause.set(now + timedelta(seconds=30))
    store.pause.set(now + timedelta(seconds=10))
    other = Store(database_url)
    assert other.pause.until() == now + timedelta(seconds=30)
    other.close()


def test_the_dead_are_told_from_the_living(store: Store, now: datetime) -> None:
    """A worker that was not seen lately is not among the living."""
    store.beat("old", now - timedelta(minutes=5), "")
    store.beat("new", now, "Zendesk answered 500")
    assert store.alive(now - timedelta(seconds=30)) == {"new": "Zendesk answered 500"}
    store.bury(now - timedelta(minutes=1))
    assert set(store.alive(now - timedelta(hours=1))) == {"new"}


def given_to(assignee: int, delivery: str, at: datetime, *, kept: int | None, ticket: int = 42) -> Outcome:
    """An outcome that names a person, of whom Zendesk then says whether they have the ticket."""
    plain = outcome(delivery, at, ticket=ticket)
    plan = replace(plain.plan, actions=(Route(group_id=3, assignee_id=assignee, because="charged"),))
    applied = Applied(audit_id=1, comment_id=None, before={"assignee_id": None}, after={"assignee_id": kept})
    return replace(plain, plan=plan, applied=applied, at=at)


def test_who_was_given_what_lately(store: Store, now: datetime) -> None:
    """What is about to be given counts, what was given counts, what Zendesk refused or is long ago does not."""
    store.record(given_to(11, "old", now - timedelta(hours=10), kept=11))
    store.record(given_to(11, "given", now - timedelta(minutes=5), kept=11, ticket=1))
    store.record(given_to(12, "refused", now - timedelta(minutes=4), kept=None, ticket=2))
    store.intend(given_to(13, "on its way", now, kept=None, ticket=3))
    assert store.assigned(now - timedelta(hours=9)) == ((11, 1, now - timedelta(minutes=5)), (13, 3, now))


def test_groups_are_kept_by_what_they_are_for(store: Store) -> None:
    """Kinds and languages with the ids of groups; anything else is refused by name."""
    store.change_rules({"groups_for": {"fraud": "12000000003", "language:de": 7}, "vip_tags": ["gold"]})
    assert store.rules().groups_for == {"fraud": 12_000_000_003, "language:de": 7}
    assert store.rules().vip_tags == {"gold"}
    assert store.rules().assign is False
    for wrong in ({"gossip": 1}, {"language:": 1}, {"fraud": "Fraud team"}, {"fraud": 0}, "fraud"):
        with pytest.raises(ValueError, match="groups_for"):
            store.change_rules({"groups_for": wrong})
