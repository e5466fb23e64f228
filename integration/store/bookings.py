"""The wishes for a person and the booked times, each place of a time given once, whoever asks at the same moment.

It must not know which times exist or when people are there: the caller says what may be booked, and how often.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from integration.model import Booking
from integration.store.tables import booking, wish


def booked(engine: sa.Engine, ticket_id: int) -> Booking | None:
    """What this ticket's customer has booked, or None."""
    with engine.begin() as db:
        row = db.execute(sa.select(booking).where(booking.c.ticket_id == ticket_id)).mappings().first()
    if row is None:
        return None
    return Booking(ticket_id=ticket_id, slot=_utc(row["slot"]), language=row["language"], changes=row["changes"])


def wished(engine: sa.Engine, ticket_id: int) -> bool:
    """Whether this ticket's customer asked for a person on our page, now or at a time."""
    asked = sa.exists().where(wish.c.ticket_id == ticket_id) | sa.exists().where(booking.c.ticket_id == ticket_id)
    with engine.begin() as db:
        return bool(db.execute(sa.select(asked)).scalar_one())


def note_wish(engine: sa.Engine, ticket_id: int, now: datetime) -> None:
    """Write down that this ticket's customer asks for a person; the first time stays."""
    with contextlib.suppress(IntegrityError), engine.begin() as db:
        db.execute(sa.insert(wish).values(ticket_id=ticket_id, at=now.astimezone(UTC)))


def taken(engine: sa.Engine, first: datetime, but_for: int) -> Mapping[datetime, int]:
    """How many have booked each time from `first` on, the ticket `but_for` left out."""
    query = (
        sa.select(booking.c.slot, sa.func.count().label("many"))
        .where(booking.c.slot >= first.astimezone(UTC), booking.c.ticket_id != but_for)
        .group_by(booking.c.slot)
    )
    with engine.begin() as db:
        return {_utc(row.slot): int(row.many) for row in db.execute(query)}


def book(
    engine: sa.Engine, ticket_id: int, slot: datetime, places: int, language: str, now: datetime
) -> Booking | None:
    """Book a time, giving back what the ticket had before; None where every one of its places is taken."""
    standing = booked(engine, ticket_id)
    if standing and standing.slot == slot:
        return standing
    for place in range(places):
        try:
            _take(engine, ticket_id, slot.astimezone(UTC), place, language, now)
        except IntegrityError:  # somebody has this place: the database says so, not a look beforehand
            continue
        return booked(engine, ticket_id)
    return None


def _take(engine: sa.Engine, ticket_id: int, slot: datetime, place: int, language: str, now: datetime) -> None:
    values = {"slot": slot, "place": place, "language": language, "made_at": now.astimezone(UTC)}
    with engine.begin() as db:
        moved = db.execute(
            sa.update(booking).where(booking.c.ticket_id == ticket_id).values(**values, changes=booking.c.changes + 1)
        )
        if not moved.rowcount:
            db.execute(sa.insert(booking).values(ticket_id=ticket_id, changes=0, **values))


def _utc(moment: datetime) -> datetime:
    """SQLite gives times back without their zone."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
