"""The store's one class: each method is one question or one fact, in one transaction.

It must not hold a customer's words: `rows.py` strips them before anything is written here.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from integration.model import (
    ROUTINE_INTENTS,
    Booking,
    Field,
    Hand,
    Intent,
    Mover,
    Outcome,
    Owned,
    Rules,
    Rung,
    Sentiment,
    Step,
    TicketEvent,
    lower,
)
from integration.store import bookings, rows
from integration.store.archive import Archive
from integration.store.audit import Audit
from integration.store.autonomy import Autonomy
from integration.store.engine import open_engine
from integration.store.insight import Insight
from integration.store.journal import aware
from integration.store.judgements import Judgements
from integration.store.pause import SharedPause
from integration.store.tables import correction, keep, outcome, resource, worker
from integration.store.visits import Visits

# How a change of one intent's rung is named, as in `rungs.order_status`.
_ONE_RUNG = "rungs."


class Store:
    """What Attune remembers; safe to share between threads.

    Every method raises TryLater where the database cannot be reached or lacks its tables.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine = open_engine(url)

    # --- the ledger of install ---

    def rows(self) -> tuple[Owned, ...]:
        """Everything that install answers for."""
        with self._engine.begin() as db:
            found = db.execute(sa.select(resource).order_by(resource.c.key)).mappings()
            return tuple(Owned(**row) for row in found)

    def put(self, owned: Owned) -> None:
        """Write one resource down, or write it anew."""
        values = {column.name: getattr(owned, column.name) for column in resource.c}
        self._upsert(resource, values, ["key"])

    def remove(self, key: str) -> None:
        """Forget one resource."""
        with self._engine.begin() as db:
            db.execute(sa.delete(resource).where(resource.c.key == key))

    # --- outcomes ---

    def intend(self, intended: Outcome) -> None:
        """Write down what is about to be done, and what stands there now: the journal ahead of the write."""
        self._write_outcome(intended, "intended")

    def record(self, done: Outcome) -> None:
        """Write down what was done; a finished outcome of the same delivery is never overwritten."""
        self._write_outcome(done, "done")

    def confirm(self, delivery_id: str, now: datetime) -> bool:
        """Finish an intended outcome whose write is seen on the ticket; False where it was not this one's write."""
        other = outcome.alias()
        same_message = (other.c.ticket_id == outcome.c.ticket_id) & (other.c.message_id == outcome.c.message_id)
        written_by_another = sa.exists().where(same_message, other.c.state == "done", other.c.applied.is_not(None))
        with self._engine.begin() as db:
            found = db.execute(
                sa.update(outcome)
                .where(outcome.c.delivery_id == delivery_id)
                .where(outcome.c.state == "intended")
                .where(~written_by_another)
                .values(state="done", at=now)
            )
            return bool(found.rowcount)

    def intended_message(self, delivery_id: str) -> int | None:
        """The message that a write of this delivery was meant for, where it is not known whether it was done."""
        with self._engine.begin() as db:
            where = (outcome.c.delivery_id == delivery_id) & (outcome.c.state == "intended")
            return db.execute(sa.select(outcome.c.message_id).where(where)).scalar_one_or_none()

    def finished(self, delivery_id: str) -> bool:
        """Whether this delivery has its outcome."""
        with self._engine.begin() as db:
            where = (outcome.c.delivery_id == delivery_id) & (outcome.c.state == "done")
            return db.execute(sa.select(outcome.c.delivery_id).where(where)).first() is not None

    def outcomes(self, ticket_id: int) -> tuple[Mapping[str, Any], ...]:
        """Every outcome of one ticket, oldest first."""
        with self._engine.begin() as db:
            query = sa.select(outcome).where(outcome.c.ticket_id == ticket_id).order_by(outcome.c.at)
            return tuple(dict(row) for row in db.execute(query).mappings())

    def last_stamp(self, ticket_id: int) -> str:
        """The version stamp of the ticket after our last write; empty where there is none."""
        return self._newest(outcome.c.stamp, (outcome.c.ticket_id == ticket_id) & (outcome.c.stamp != "")) or ""

    def replies_since(self, since: datetime) -> int:
        """Automated public replies sent or intended since then, over the whole desk."""
        with self._engine.begin() as db:
            where = outcome.c.replied & (outcome.c.at >= since)
            return int(db.execute(sa.select(sa.func.count()).select_from(outcome).where(where)).scalar_one())

    def assigned(self, since: datetime) -> tuple[tuple[int, int, datetime], ...]:
        """The tickets that we gave to a person since then, as (assignee, ticket, when); oldest first."""
        with self._engine.begin() as db:
            query = (
                sa.select(outcome.c.assignee_id, outcome.c.ticket_id, outcome.c.at)
                .where(outcome.c.assignee_id.is_not(None) & (outcome.c.at >= since))
                .order_by(outcome.c.at)
            )
            return tuple((row.assignee_id, row.ticket_id, aware(row.at)) for row in db.execute(query))

    def last_answered(self) -> tuple[int, int] | None:
        """Ticket and message of the newest automated reply, or None."""
        where = outcome.c.replied & (outcome.c.state == "done") & outcome.c.message_id.is_not(None)
        with self._engine.begin() as db:
            query = sa.select(outcome.c.ticket_id, outcome.c.message_id).where(where)
            row = db.execute(query.order_by(outcome.c.at.desc()).limit(1)).first()
        return (int(row.ticket_id), int(row.message_id)) if row else None

    def sentiments(self, ticket_ids: Iterable[int]) -> Mapping[int, Sentiment]:
        """How earlier tickets were last read, as people put it right."""
        return self.judgements.sentiments(ticket_ids)

    def standing(self, ticket_id: int) -> Mapping[str, str]:
        """What is known to stand in our fields, by Field; empty where we never wrote."""
        return self.judgements.standing(ticket_id)

    def correct(self, event: TicketEvent, message_id: int | None, field: Field, was: str, is_now: str) -> None:
        """Write down that a person changed one of our fields."""
        self.judgements.correct(event, message_id, field, was, is_now)

    def corrections(self, ticket_id: int) -> tuple[Mapping[str, Any], ...]:
        """Every correction on one ticket, oldest first."""
        with self._engine.begin() as db:
            query = sa.select(correction).where(correction.c.ticket_id == ticket_id).order_by(correction.c.at)
            return tuple(dict(row) for row in db.execute(query).mappings())

    # --- wishes for a person, and booked times ---

    def wish(self, ticket_id: int, now: datetime) -> None:
        """Write down that a customer asks for a person on our page, ahead of all that follows from it."""
        bookings.note_wish(self._engine, ticket_id, now)

    def wished(self, ticket_id: int) -> bool:
        """Whether a customer asked for a person or booked a time on our page."""
        return bookings.wished(self._engine, ticket_id)

    def booking(self, ticket_id: int) -> Booking | None:
        """The time that this ticket's customer booked, or None."""
        return bookings.booked(self._engine, ticket_id)

    def taken(self, first: datetime, but_for: int) -> Mapping[datetime, int]:
        """How many have booked each time from `first` on, the ticket `but_for` left out."""
        return bookings.taken(self._engine, first, but_for)

    def book(self, ticket_id: int, slot: datetime, places: int, language: str, now: datetime) -> Booking | None:
        """Book a time for a ticket, giving back what it had; None where all its places are taken."""
        return bookings.book(self._engine, ticket_id, slot, places, language, now)

    # --- small values ---

    def rules(self) -> Rules:
        """The rules that hold: as the admin set them, over the defaults, and under what the ladder took back."""
        return _fallen(rows.rules(json.loads(self.get("rules") or "{}")), self.autonomy.steps())

    def change_rules(
        self, changes: Mapping[str, Any], now: datetime | None = None, because: str = "", by: Hand = Hand.FLASK
    ) -> Rules:
        """Change some rules; raises ValueError naming the first one that cannot be so.

        `rungs` is the whole mapping, `rungs.INTENT` one of them. Naming an intent so is the admin's word on it, which
        holds after a fall as well.
        """
        standing = json.loads(self.get("rules") or "{}")
        single = {name.removeprefix(_ONE_RUNG): value for name, value in changes.items() if name.startswith(_ONE_RUNG)}
        merged = {**standing, **{name: value for name, value in changes.items() if not name.startswith(_ONE_RUNG)}}
        if single:
            default = {intent.value: rung.value for intent, rung in Rules().rungs.items()}
            merged["rungs"] = {**merged.get("rungs", default), **single}
        checked = rows.rules(merged)
        was = self.rules()
        self.set("rules", json.dumps(merged))
        named = frozenset(map(Intent, (*single, *changes.get("rungs", ()))))
        said = because or f"by a change of {', '.join(changes)}"
        at = now or datetime.now(UTC)
        self._write_moves(was, checked, named, at, said)
        stands = self.rules()
        for name, before, after in rows.turned(was, stands):
            self.audit.switched(by, name, before, after, because, at)
        return stands

    @property
    def autonomy(self) -> Autonomy:
        """The ladder's memory."""
        return Autonomy(self._engine)

    @property
    def insight(self) -> Insight:
        """How tickets went."""
        return Insight(self._engine)

    def get(self, name: str) -> str | None:
        """One small value, or None."""
        with self._engine.begin() as db:
            return db.execute(sa.select(keep.c.value).where(keep.c.name == name)).scalar_one_or_none()

    def set(self, name: str, value: str) -> None:
        """Keep one small value."""
        self._upsert(keep, {"name": name, "value": value}, ["name"])

    @property
    def archive(self) -> Archive:
        """What was written down, looked at as a whole: undo, forgetting, retention, failures."""
        return Archive(self._engine)

    @property
    def audit(self) -> Audit:
        """Who did what and when, as an admin looks at it afterwards."""
        return Audit(self._engine)

    @property
    def visits(self) -> Visits:
        """Who is signed in to the dashboard."""
        return Visits(self._engine)

    @property
    def judgements(self) -> Judgements:
        """How tickets were read, and what people put right."""
        return Judgements(self._engine)

    @property
    def pause(self) -> SharedPause:
        """The pause that all workers share."""
        return SharedPause(self)

    # --- workers ---

    def beat(self, name: str, now: datetime, zendesk: str) -> None:
        """Say that a worker is alive, and what its last look at Zendesk said (empty: well)."""
        self._upsert(worker, {"name": name, "seen_at": now, "zendesk": zendesk}, ["name"])

    def alive(self, since: datetime) -> Mapping[str, str]:
        """The workers seen since then, each with what its last look at Zendesk said."""
        with self._engine.begin() as db:
            found = db.execute(sa.select(worker).where(worker.c.seen_at >= since)).mappings()
            return {row["name"]: row["zendesk"] for row in found}

    def bury(self, before: datetime) -> None:
        """Forget the workers that were last seen before then."""
        with self._engine.begin() as db:
            db.execute(sa.delete(worker).where(worker.c.seen_at < before))

    def check(self) -> None:
        """Raise TryLater where the database cannot be used, as every method does."""
        self.get("rules")

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    # --- inside ---

    def _write_moves(self, was: Rules, is_now: Rules, named: frozenset[Intent], now: datetime, because: str) -> None:
        """The admin's moves: every intent that is named, and those that follow the default where that changed.

        What the ladder took back stays so until it is named.
        """
        steps = self.autonomy.steps()
        held = {intent for intent, last in steps.items() if last.by is Mover.LADDER}
        moved = {intent for intent in ROUTINE_INTENTS - held if was.rung(intent) is not is_now.rung(intent)}
        for intent in sorted(moved | named):
            before, after = was.rung(intent), is_now.rung(intent)
            if before is not after or intent in held:
                last = steps.get(intent)
                self.autonomy.move(intent, before, after, by=Mover.ADMIN, because=because, now=now, after=last)

    def _write_outcome(self, what: Outcome, state: str) -> None:
        values = rows.outcome_values(what, state)
        insert = self._insert(outcome).values(values)
        fresh = {name: insert.excluded[name] for name in values if name != "delivery_id"}
        with self._engine.begin() as db:
            db.execute(
                insert.on_conflict_do_update(
                    index_elements=["delivery_id"], set_=fresh, where=outcome.c.state != "done"
                )
            )

    def _newest(self, column: sa.Column[Any], where: sa.ColumnElement[bool]) -> Any:
        with self._engine.begin() as db:
            query = sa.select(column).where(where).order_by(outcome.c.at.desc()).limit(1)
            return db.execute(query).scalar_one_or_none()

    def _upsert(self, table: sa.Table, values: Mapping[str, Any], keys: list[str]) -> None:
        insert = self._insert(table).values(dict(values))
        fresh = {name: insert.excluded[name] for name in values if name not in keys}
        with self._engine.begin() as db:
            db.execute(insert.on_conflict_do_update(index_elements=keys, set_=fresh))

    def _insert(self, table: sa.Table) -> Any:
        """The dialect's own insert: both databases know ON CONFLICT, each under its own name."""
        return (sqlite if self._engine.dialect.name == "sqlite" else postgresql).insert(table)


def _fallen(rules: Rules, steps: Mapping[Intent, Step]) -> Rules:
    """The rules with every intent that the ladder moved last no higher than it was moved to."""
    held = {intent: last.is_now for intent, last in steps.items() if last.by is Mover.LADDER}
    stand = {intent: rules.rungs.get(intent, rules.default_rung) for intent in held}
    rungs: dict[Intent, Rung] = {intent: lower(rung, held[intent]) for intent, rung in stand.items()}
    return dataclasses.replace(rules, rungs={**rules.rungs, **rungs}) if rungs else rules
