"""What was done, by whom and when, as an admin looks at it afterwards: searched, in pages, the newest first.

It must not judge or change an outcome: it finds and reads, and writes nothing but what an admin switched.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from integration.model import Deed, Done, Hand, Mover, Step, Wanted
from integration.store.autonomy import step_from
from integration.store.journal import aware, written
from integration.store.tables import correction, outcome, step, switch

# Characters that the table holds of a value.
LONGEST_VALUE = 300
# What a list of events needs; the reading and the write itself are shown of one event or ticket only.
_LISTED = (
    *(outcome.c.delivery_id, outcome.c.ticket_id, outcome.c.kind, outcome.c.state, outcome.c.happened_at),
    *(outcome.c.at, outcome.c.because, outcome.c.replied, outcome.c.drafted, outcome.c.sentiment, outcome.c.charge),
    *(outcome.c.urgency, outcome.c.intent, outcome.c.seconds, outcome.c.plan, outcome.c.undone_at, outcome.c.choice),
)
_NOTHING = sa.literal("")


class Audit:
    """The same database as the store's; safe to share between threads. Raises TryLater as the store does."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    # --- events ---

    def events(
        self, wanted: Wanted, failures: tuple[str, ...], first: int, many: int
    ) -> tuple[tuple[Mapping[str, Any], ...], int]:
        """A page of outcomes, newest first, and how many there are; `failures` are beginnings of a failure's reason."""
        where = _events(wanted, failures)
        query = sa.select(*_LISTED).where(where).order_by(outcome.c.at.desc(), outcome.c.delivery_id)
        with self._engine.begin() as db:
            rows = db.execute(query.offset(first).limit(many)).mappings()
            found = tuple(_with_zones(row) for row in rows)
            count = db.execute(sa.select(sa.func.count()).select_from(outcome).where(where)).scalar_one()
        return found, int(count)

    def event(self, delivery_id: str) -> Mapping[str, Any] | None:
        """One outcome whole, with `written` as the journal reads its write (or None); None where there is none."""
        found = self._whole(outcome.c.delivery_id == delivery_id)
        return found[0] if found else None

    def story(self, ticket_id: int) -> tuple[Mapping[str, Any], ...]:
        """Every outcome of one ticket, oldest first, each as `event` gives it."""
        return self._whole(outcome.c.ticket_id == ticket_id)

    # --- switches, and everything together ---

    def switched(self, by: Hand, what: str, was: str, is_now: str, because: str, now: datetime) -> None:
        """Write down that somebody turned something."""
        values = {"by": by.value, "what": what, "was": was[:LONGEST_VALUE], "is_now": is_now[:LONGEST_VALUE]}
        with self._engine.begin() as db:
            db.execute(sa.insert(switch).values(at=now.astimezone(UTC), because=because, **values))

    def moves(self, many: int) -> tuple[Step, ...]:
        """The last moves of intents on the ladder, newest first."""
        with self._engine.begin() as db:
            query = sa.select(step).order_by(step.c.id.desc()).limit(many)
            return tuple(step_from(row) for row in db.execute(query).mappings())

    def done(self, wanted: Wanted, first: int, many: int) -> tuple[tuple[Done, ...], int]:
        """A page of the audit log, newest first, and how many lines it has."""
        everything = sa.union_all(*_ledgers()).subquery()
        where = _lines(wanted, everything.c)
        query = sa.select(everything).where(where).order_by(everything.c.at.desc(), everything.c.delivery_id)
        with self._engine.begin() as db:
            rows = list(db.execute(query.offset(first).limit(many)).mappings())
            count = db.execute(sa.select(sa.func.count()).select_from(everything).where(where)).scalar_one()
            writes = [row["delivery_id"] for row in rows if row["deed"] == Deed.WRITE.value]
            changed = {row["delivery_id"]: row for row in _writes(db, writes)}
        return tuple(_done(row, changed) for row in rows), int(count)

    def _whole(self, where: sa.ColumnElement[bool]) -> tuple[Mapping[str, Any], ...]:
        with self._engine.begin() as db:
            rows = db.execute(sa.select(outcome).where(where).order_by(outcome.c.at)).mappings()
            return tuple(_with_zones(row) | {"written": written(dict(row)) if row["applied"] else None} for row in rows)


# --- what is searched for ---------------------------------------------------------------------------------------------


def _events(wanted: Wanted, failures: tuple[str, ...]) -> sa.ColumnElement[bool]:
    failed = sa.or_(*(outcome.c.because.startswith(words, autoescape=True) for words in failures))
    states = {
        "failed": failed & (outcome.c.state == "done"),
        "undone": outcome.c.undone_at.is_not(None),
        "replied": outcome.c.replied,
        "drafted": outcome.c.drafted,
    }
    kinds = [outcome.c.kind == wanted.kind] if wanted.kind else []
    state = states.get(wanted.state, outcome.c.state == wanted.state)
    return sa.and_(sa.true(), *kinds, *([state] if wanted.state else []), *_common(wanted, outcome.c))


def _lines(wanted: Wanted, line: Any) -> sa.ColumnElement[bool]:
    by = [line.by == wanted.by.value] if wanted.by else []
    deed = [line.deed == wanted.deed.value] if wanted.deed else []
    return sa.and_(sa.true(), *by, *deed, *_common(wanted, line))


def _common(wanted: Wanted, line: Any) -> list[sa.ColumnElement[bool]]:
    """What both lists are searched by; words are words, whatever signs they hold."""
    found: list[sa.ColumnElement[bool]] = []
    if wanted.ticket_id is not None:
        found.append(line.ticket_id == wanted.ticket_id)
    if wanted.delivery_id:
        found.append(line.delivery_id == wanted.delivery_id)
    if wanted.words:
        found.append(line.because.icontains(wanted.words, autoescape=True))
    if wanted.since:
        found.append(line.at >= wanted.since.astimezone(UTC))
    if wanted.until:
        found.append(line.at < wanted.until.astimezone(UTC))
    return found


def _ledgers() -> tuple[sa.Select[Any], ...]:
    """The five places where deeds stand, as lines of one shape."""
    by_ladder = step.c.by == Mover.LADDER.value
    return (
        _line(outcome, Hand.ATTUNE, Deed.WRITE, outcome.c.kind, because=outcome.c.because).where(
            outcome.c.applied.is_not(None), outcome.c.state == "done"
        ),
        _line(outcome, Hand.FLASK, Deed.UNDO, outcome.c.kind, at=outcome.c.undone_at).where(
            outcome.c.undone_at.is_not(None)
        ),
        _line(
            correction, Hand.PERSON, Deed.CORRECTION, correction.c.field, was=correction.c.was, now=correction.c.is_now
        ),
        _line(
            switch,
            switch.c.by,
            Deed.SWITCH,
            switch.c.what,
            because=switch.c.because,
            was=switch.c.was,
            now=switch.c.is_now,
        ),
        _line(
            step, Hand.LADDER, Deed.FALL, step.c.intent, because=step.c.because, was=step.c.was, now=step.c.is_now
        ).where(by_ladder),
    )


def _line(
    table: sa.Table,
    by: Any,
    deed: Deed,
    what: Any,
    *,
    at: Any = None,
    because: Any = _NOTHING,
    was: Any = _NOTHING,
    now: Any = _NOTHING,
) -> sa.Select[Any]:
    ticket = table.c.ticket_id if "ticket_id" in table.c else sa.cast(sa.null(), sa.BigInteger)
    delivery = table.c.delivery_id if "delivery_id" in table.c else _NOTHING
    return sa.select(
        (table.c.at if at is None else at).label("at"),
        (sa.literal(by.value) if isinstance(by, Hand) else by).label("by"),
        sa.literal(deed.value).label("deed"),
        what.label("what"),
        because.label("because"),
        was.label("was"),
        now.label("is_now"),
        ticket.label("ticket_id"),
        delivery.label("delivery_id"),
    )


def _writes(db: sa.Connection, delivery_ids: list[str]) -> list[Mapping[str, Any]]:
    columns = (outcome.c.delivery_id, outcome.c.ticket_id, outcome.c.at, outcome.c.plan, outcome.c.applied)
    return [
        dict(row) for row in db.execute(sa.select(*columns).where(outcome.c.delivery_id.in_(delivery_ids))).mappings()
    ]


def _done(row: Mapping[Any, Any], changed: Mapping[str, Mapping[str, Any]]) -> Done:
    of = written(changed[row["delivery_id"]]) if row["deed"] == Deed.WRITE.value else None
    return Done(
        at=aware(row["at"]),
        by=Hand(row["by"]),
        deed=Deed(row["deed"]),
        what=row["what"],
        because=row["because"],
        was=row["was"],
        is_now=row["is_now"],
        ticket_id=row["ticket_id"],
        delivery_id=row["delivery_id"],
        changes=of.changes if of else (),
        added=of.added if of else frozenset(),
        dropped=of.dropped if of else frozenset(),
        said=of.said if of else "",
    )


def _with_zones(row: Mapping[Any, Any]) -> dict[str, Any]:
    """SQLite forgets that all of ours are UTC."""
    return {name: aware(value) if isinstance(value, datetime) else value for name, value in row.items()}
