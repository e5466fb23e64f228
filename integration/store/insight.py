"""How tickets went, as rows: what is written down of one ticket, its course, and the courses of a period.

It must not count a figure, nor hold a customer's words: labels, times, ids, and our own reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from integration.model import (
    Charge,
    Choice,
    Course,
    Echo,
    EventKind,
    Felt,
    Group,
    Intent,
    Label,
    Moment,
    Outcome,
    Sentiment,
    Signal,
    Status,
    Trail,
)
from integration.store import rows
from integration.store.journal import aware
from integration.store.judgements import correction_from
from integration.store.tables import correction, course, echo, outcome

_TIMES = ("created_at", "asked_at", "seen_at", "first_reply_at", "first_person_at", "solved_at", "next_due")
# Columns that hold what the noun holds, word for word.
_PLAIN = (
    *("ticket_id", "requester_id", "channel", "language", "solved", "reopens", "customer_messages", "agent_messages"),
    *("our_replies", "asked_again", "wanted_person", "way_out", "rating", "assignee_id", "touched", "drafted"),
    "promises_open",
)


class Insight:
    """What the figures ask of the database; a method is one transaction. Raises TryLater as the store does."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    # --- one ticket ---

    def trail(self, ticket_id: int, newest: Outcome | None = None) -> Trail:
        """What is written down of a ticket, and `newest`, which is about to be."""
        with self._engine.begin() as db:
            where = (outcome.c.ticket_id == ticket_id) & (outcome.c.state == "done")
            found = {row["delivery_id"]: _moment(row) for row in db.execute(sa.select(outcome).where(where)).mappings()}
            said = sa.select(correction).where(correction.c.ticket_id == ticket_id)
            found_said = db.execute(said.order_by(correction.c.at, correction.c.delivery_id)).mappings()
            corrected = tuple(correction_from(row) for row in found_said if row["field"] in set(Label))
            back = (echo.c.ticket_id == ticket_id) & (echo.c.kind == Echo.WAY_OUT.value)
            came_back = db.execute(sa.select(echo.c.kind).where(back).limit(1)).first() is not None
            reopens = db.execute(
                sa.select(course.c.reopens).where(course.c.ticket_id == ticket_id)
            ).scalar_one_or_none()
        if newest is not None:
            found.setdefault(newest.event.delivery_id, _moment(rows.outcome_values(newest, "done")))
        return Trail(moments=tuple(found.values()), corrected=corrected, came_back=came_back, reopens=reopens or 0)

    def put(self, one: Course) -> None:
        """Write a ticket's course down in place of the one before; an older look never replaces a newer one."""
        insert = (sqlite if self._engine.dialect.name == "sqlite" else postgresql).insert(course).values(_values(one))
        fresh = {column.name: insert.excluded[column.name] for column in course.c if column.name != "ticket_id"}
        with self._engine.begin() as db:
            newer = course.c.seen_at <= insert.excluded.seen_at
            db.execute(insert.on_conflict_do_update(index_elements=["ticket_id"], set_=fresh, where=newer))

    def course(self, ticket_id: int) -> Course | None:
        """The course of one ticket, or None where Attune never saw it."""
        return next(iter(self._those(course.c.ticket_id == ticket_id)), None)

    # --- all of them ---

    def courses(self, since: datetime, until: datetime) -> tuple[Course, ...]:
        """The tickets that began in since ≤ t < until, oldest first."""
        began = (course.c.asked_at >= since.astimezone(UTC)) & (course.c.asked_at < until.astimezone(UTC))
        return self._those(began)

    def open_now(self) -> tuple[Course, ...]:
        """The unsolved tickets that somebody carries as charged, or on which something is promised."""
        charged = (course.c.last_charge == Charge.CHARGED.value) & course.c.assignee_id.is_not(None)
        return self._those(sa.not_(course.c.solved) & (charged | (course.c.promises_open > 0)))

    def _those(self, where: sa.ColumnElement[bool]) -> tuple[Course, ...]:
        query = sa.select(course).where(where).order_by(course.c.asked_at, course.c.ticket_id)
        with self._engine.begin() as db:
            return tuple(_course(row) for row in db.execute(query).mappings())


# --- rows into nouns -------------------------------------------------------------------------------------------------


def _moment(row: Mapping[Any, Any]) -> Moment:
    reading, applied = row["reading"], row["applied"] is not None
    actions = row["plan"]["actions"] if applied else []
    return Moment(
        delivery_id=row["delivery_id"],
        kind=EventKind(row["kind"]),
        happened_at=aware(row["happened_at"]),
        at=aware(row["at"]),
        message_id=row["message_id"],
        felt=_read(row) if reading and reading["readable"] else None,
        intent=Intent(row["intent"]) if row["intent"] else None,
        language=reading["language"] if reading else "",
        wants_person=bool(reading) and _wants_person(reading),
        choice=Choice(row["choice"]) if row["choice"] else None,
        replied=bool(row["replied"]) and applied,
        drafted=bool(row["drafted"]),
        routed=any(action["action"] == "Route" for action in actions),
        solved=any(a["action"] == "SetStatus" and a["status"] == Status.SOLVED.value for a in actions),
        silence=tuple(row["plan"]["silence"]) if reading else (),
    )


def _read(row: Mapping[Any, Any]) -> Felt:
    return Felt(
        message_id=row["message_id"],
        at=aware(row["at"]),
        sentiment=Sentiment(row["sentiment"]),
        polarity=float(row["reading"]["polarity"]),
        charge=Charge(row["charge"]),
    )


def _wants_person(reading: Mapping[str, Any]) -> bool:
    signals = {one["signal"] for one in reading["evidence"]}
    return reading["intent"] == Intent.WANTS_HUMAN.value or Signal.WANTS_PERSON.value in signals


def _values(one: Course) -> dict[str, Any]:
    times = {name: getattr(one, name) for name in _TIMES}
    return {
        **{name: getattr(one, name) for name in _PLAIN},
        **{name: time.astimezone(UTC) if time else None for name, time in times.items()},
        "intent": one.intent.value if one.intent else None,
        "worst": one.worst.value if one.worst else None,
        "kept_by": one.group.value,
        "held": list(one.held),
        "corrected": _joined(one.corrected),
        "judged": _joined(one.judged),
        **_felt_values("first", one.first),
        **_felt_values("last", one.last),
    }


def _felt_values(name: str, felt: Felt | None) -> dict[str, Any]:
    return {
        f"{name}_message_id": felt.message_id if felt else None,
        f"{name}_at": felt.at.astimezone(UTC) if felt else None,
        f"{name}_sentiment": felt.sentiment.value if felt else None,
        f"{name}_polarity": felt.polarity if felt else None,
        f"{name}_charge": felt.charge.value if felt else None,
    }


def _course(row: Mapping[Any, Any]) -> Course:
    plain: dict[str, Any] = {name: row[name] for name in _PLAIN}
    times: dict[str, Any] = {name: aware(row[name]) if row[name] else None for name in _TIMES}
    return Course(
        **plain,
        **times,
        intent=Intent(row["intent"]) if row["intent"] else None,
        worst=Charge(row["worst"]) if row["worst"] else None,
        group=Group(row["kept_by"]),
        held=tuple(row["held"]),
        corrected=_parted(row["corrected"]),
        judged=_parted(row["judged"]),
        first=_felt(row, "first"),
        last=_felt(row, "last"),
    )


def _felt(row: Mapping[Any, Any], name: str) -> Felt | None:
    if row[f"{name}_sentiment"] is None:
        return None
    return Felt(
        message_id=row[f"{name}_message_id"],
        at=aware(row[f"{name}_at"]),
        sentiment=Sentiment(row[f"{name}_sentiment"]),
        polarity=row[f"{name}_polarity"],
        charge=Charge(row[f"{name}_charge"]),
    )


def _joined(labels: Iterable[Label]) -> str:
    return ",".join(sorted(labels))


@cache  # of five labels there are 32 sets; a month has thousands of rows
def _parted(stored: str) -> frozenset[Label]:
    return frozenset(Label(word) for word in stored.split(",") if word)
