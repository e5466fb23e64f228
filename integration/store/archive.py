"""What was written down, looked at as a whole: what can be undone, whose it is, what is too old, what failed.

It must not know Zendesk or the queue, nor decide which of it is to go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from integration.model import Choice, EventKind, TicketEvent, Written
from integration.store.journal import aware, written
from integration.store.tables import booking, correction, course, echo, outcome, step, switch, wish

# Ids in one query: PostgreSQL takes 65,535 values, SQLite 32,766; this is far below both.
IDS_AT_ONCE = 500
# Zendesk erases a deleted ticket by itself after 30 days; until then it can be brought back.
# https://support.zendesk.com/hc/en-us/articles/4408835049114
RESTORABLE = timedelta(days=30)
# What is kept about a ticket beside its outcomes, and by which of its times it grows old.
_BESIDE = {
    correction: correction.c.at,
    booking: booking.c.slot,
    echo: echo.c.at,
    wish: wish.c.at,
    course: course.c.seen_at,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is held of one person, in counts, and under which deliveries."""

    outcomes: int
    corrections: int
    bookings: int
    echoes: int  # what came back after answers, for the ladder
    wishes: int  # for a person, made on our page
    courses: int  # tickets of which it is kept how they went
    tickets: frozenset[int]
    deliveries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An event whose outcome was a failure."""

    event: TicketEvent
    because: str
    at: datetime


class Archive:
    """The same database as the store's; safe to share between threads. Raises TryLater as the store does."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    # --- undo ---

    def writes(self, *, since: datetime | None = None, ticket_id: int | None = None) -> tuple[Written, ...]:
        """The finished writes that were not undone yet, oldest first."""
        where = (outcome.c.state == "done") & outcome.c.applied.is_not(None) & outcome.c.undone_at.is_(None)
        if since is not None:
            where &= outcome.c.at >= since.astimezone(UTC)
        if ticket_id is not None:
            where &= outcome.c.ticket_id == ticket_id
        columns = (outcome.c.delivery_id, outcome.c.ticket_id, outcome.c.at, outcome.c.plan, outcome.c.applied)
        with self._engine.begin() as db:
            found = db.execute(sa.select(*columns).where(where).order_by(outcome.c.at, outcome.c.delivery_id))
            return tuple(written(dict(row)) for row in found.mappings())

    def mark_undone(self, delivery_ids: Collection[str], now: datetime, stamp: str = "") -> None:
        """Note that these writes were undone, and the ticket's version afterwards, so that nobody takes it for news."""
        values: dict[str, Any] = {"undone_at": now.astimezone(UTC)} | ({"stamp": stamp} if stamp else {})
        with self._engine.begin() as db:
            for some in _portions(delivery_ids):
                db.execute(sa.update(outcome).where(outcome.c.delivery_id.in_(some)).values(values))

    def undone(self, ticket_id: int) -> frozenset[int]:
        """The messages of one ticket for which what we wrote was undone; no machine speaks on such a ticket again.

        A write that was about no message, such as a press of a button, gives 0.
        """
        where = (outcome.c.ticket_id == ticket_id) & outcome.c.undone_at.is_not(None)
        with self._engine.begin() as db:
            found = db.execute(sa.select(outcome.c.message_id).where(where)).scalars()
            return frozenset(message or 0 for message in found)

    def free(self, ticket_id: int) -> None:
        """Give a booked time back: the ticket is no longer due then."""
        with self._engine.begin() as db:
            db.execute(sa.delete(booking).where(booking.c.ticket_id == ticket_id))

    # --- one person ---

    def held(self, requester_id: int, ticket_ids: Iterable[int] = ()) -> Held:
        """What is held of a person: their outcomes, and those of their tickets that do not say whose they are."""
        with self._engine.begin() as db:
            deleted = (outcome.c.kind == EventKind.PERSON_GONE.value) & (outcome.c.note == str(requester_id))
            mine = _rows(db, (outcome.c.requester_id == requester_id) | deleted)
            tickets = {row.ticket_id for row in mine if row.ticket_id} | set(ticket_ids)
            tickets |= set(
                db.execute(sa.select(course.c.ticket_id).where(course.c.requester_id == requester_id)).scalars()
            )
            for some in _portions(tickets):
                mine += _rows(db, outcome.c.ticket_id.in_(some) & outcome.c.requester_id.is_(None))
            counts = dict.fromkeys(_BESIDE, 0)
            for some in _portions(tickets):
                for table in _BESIDE:
                    query = sa.select(sa.func.count()).select_from(table).where(table.c.ticket_id.in_(some))
                    counts[table] += db.execute(query).scalar_one()
        return Held(
            outcomes=len(mine),
            corrections=counts[correction],
            bookings=counts[booking],
            echoes=counts[echo],
            wishes=counts[wish],
            courses=counts[course],
            tickets=frozenset(tickets),
            deliveries=tuple(row.delivery_id for row in mine),
        )

    def forget(self, held: Held) -> None:
        """Remove what is held of a person, in one transaction."""
        with self._engine.begin() as db:
            for some in _portions(held.deliveries):
                db.execute(sa.delete(outcome).where(outcome.c.delivery_id.in_(some)))
            for tickets in _portions(held.tickets):
                _remove_beside(db, tickets)

    # --- what Zendesk's people took away ---

    def blank(self, ticket_ids: Iterable[int], because: str) -> int:
        """Take out of these tickets' outcomes why they were read as they were; gives back how many were changed.

        Scores, tags and what stood before stay: nothing in them says which words were there, and the undo needs them.
        """
        changed = 0
        with self._engine.begin() as db:
            for some in _portions(ticket_ids):
                where = outcome.c.ticket_id.in_(some) & outcome.c.reading.is_not(None)
                columns = (outcome.c.delivery_id, outcome.c.reading, outcome.c.plan)
                for row in db.execute(sa.select(*columns).where(where)).all():
                    fresh = _blanked(row.reading, row.plan, because)
                    if fresh["reading"] != row.reading:
                        db.execute(sa.update(outcome).where(outcome.c.delivery_id == row.delivery_id).values(fresh))
                        changed += 1
                db.execute(sa.update(course).where(course.c.ticket_id.in_(some)).values(held=[]))
        return changed

    def gone(self, ticket_ids: Iterable[int], now: datetime) -> int:
        """Blank the outcomes of deleted tickets, and note since when they are gone; gives back how many."""
        ids = list(ticket_ids)
        changed = self.blank(ids, "the ticket was deleted in Zendesk")
        with self._engine.begin() as db:
            for some in _portions(ids):
                where = outcome.c.ticket_id.in_(some) & outcome.c.gone_at.is_(None)
                db.execute(sa.update(outcome).where(where).values(gone_at=now.astimezone(UTC)))
        return changed

    def erase(self, ticket_ids: Iterable[int]) -> int:
        """Remove everything about tickets that are deleted for good; gives back how many outcomes went."""
        went = 0
        with self._engine.begin() as db:
            for some in _portions(ticket_ids):
                _remove_beside(db, some)
                went += db.execute(sa.delete(outcome).where(outcome.c.ticket_id.in_(some))).rowcount
        return went

    # --- retention ---

    def prune(self, before: datetime, now: datetime) -> int:
        """Remove what is older than `before`, and what is about tickets gone for so long that Zendesk erased them.

        A ticket that was brought back has a newer outcome, and keeps its rows. Gives back how many rows went.
        """
        rows, oldest, later = 0, before.astimezone(UTC), outcome.alias()
        seen_again = sa.exists().where((later.c.ticket_id == outcome.c.ticket_id) & later.c.gone_at.is_(None))
        erased = (outcome.c.gone_at < now.astimezone(UTC) - RESTORABLE) & ~seen_again
        gone = sa.select(outcome.c.ticket_id).where(erased)
        with self._engine.begin() as db:
            for table, age in _BESIDE.items():
                went = db.execute(sa.delete(table).where((age < oldest) | table.c.ticket_id.in_(gone))).rowcount
                rows += int(went)
            db.execute(sa.update(step).where((step.c.at < oldest) | step.c.ticket_id.in_(gone)).values(ticket_id=None))
            rows += int(db.execute(sa.delete(switch).where(switch.c.at < oldest)).rowcount)
            return rows + int(db.execute(sa.delete(outcome).where((outcome.c.at < oldest) | erased)).rowcount)

    def kept(self) -> tuple[int, datetime | None]:
        """How many outcomes are kept, and since when."""
        with self._engine.begin() as db:
            count, oldest = db.execute(sa.select(sa.func.count(), sa.func.min(outcome.c.at))).one()
            return int(count), aware(oldest) if oldest else None

    # --- failures ---

    def failed(self, beginnings: Iterable[str], since: datetime | None = None) -> tuple[Failed, ...]:
        """The newest failure of each ticket and kind after which nothing of that kind went well, oldest first.

        A failure is an outcome whose reason begins with one of `beginnings`.
        """
        is_failure = sa.or_(*(outcome.c.because.startswith(words, autoescape=True) for words in beginnings))
        later = outcome.alias()
        superseded = sa.exists().where(
            (later.c.ticket_id == outcome.c.ticket_id)
            & (later.c.kind == outcome.c.kind)
            & (later.c.note == outcome.c.note)  # the deletion of one user does not make good that of another
            & (later.c.state == "done")
            & (later.c.at > outcome.c.at)
        )
        where = is_failure & (outcome.c.state == "done") & ~superseded
        if since is not None:
            where &= outcome.c.at >= since.astimezone(UTC)
        return self._failures(where)

    def event(self, delivery_id: str) -> Failed | None:
        """One finished event with the reason of its outcome, or None where there is none of that name."""
        found = self._failures((outcome.c.delivery_id == delivery_id) & (outcome.c.state == "done"))
        return found[0] if found else None

    def named(self, ending: str) -> frozenset[str]:
        """The deliveries whose id ends so."""
        with self._engine.begin() as db:
            where = outcome.c.delivery_id.endswith(ending, autoescape=True)
            return frozenset(db.execute(sa.select(outcome.c.delivery_id).where(where)).scalars())

    def _failures(self, where: sa.ColumnElement[bool]) -> tuple[Failed, ...]:
        columns = (outcome.c.delivery_id, outcome.c.ticket_id, outcome.c.kind, outcome.c.happened_at, outcome.c.because)
        query = sa.select(*columns, outcome.c.at, outcome.c.choice, outcome.c.note).where(where).order_by(outcome.c.at)
        with self._engine.begin() as db:
            return tuple(
                Failed(
                    event=TicketEvent(
                        delivery_id=row.delivery_id,
                        ticket_id=row.ticket_id,
                        kind=EventKind(row.kind),
                        happened_at=aware(row.happened_at),
                        choice=Choice(row.choice) if row.choice else None,
                        note=row.note,
                    ),
                    because=row.because,
                    at=aware(row.at),
                )
                for row in db.execute(query)
            )


def _remove_beside(db: sa.Connection, ticket_ids: list[int]) -> None:
    """The ladder's moves stay, since its rungs stand on them, but no longer say which ticket brought them about."""
    for table in _BESIDE:
        db.execute(sa.delete(table).where(table.c.ticket_id.in_(ticket_ids)))
    db.execute(sa.update(step).where(step.c.ticket_id.in_(ticket_ids)).values(ticket_id=None))


def _rows(db: sa.Connection, where: sa.ColumnElement[bool]) -> list[Any]:
    return list(db.execute(sa.select(outcome.c.delivery_id, outcome.c.ticket_id).where(where)))


def _blanked(reading: Mapping[str, Any], plan: Mapping[str, Any], because: str) -> dict[str, Any]:
    """Without evidence, feelings and reasons; what was done stays."""
    actions = [{**action, "because": ""} for action in plan["actions"]]
    return {
        "reading": {**reading, "evidence": [], "emotions": {}},
        "plan": {**plan, "because": because, "silence": [], "actions": actions},
        "because": because,
    }


def _portions(ids: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(list(ids))
    while some := list(islice(left, IDS_AT_ONCE)):
        yield some
