"""How tickets were read, as it was kept, and what people said of it: corrections, by hand in a field or by a press.

It must not judge a correction, nor hold a word of a customer: labels, scores, ids and offsets only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from integration.model import (
    Charge,
    Correction,
    Emotion,
    Evidence,
    Field,
    Intent,
    Label,
    Reading,
    Refused,
    Sentiment,
    Signal,
    Source,
    StoredReading,
    TicketEvent,
    Urgency,
)
from integration.store import rows
from integration.store.journal import aware
from integration.store.tables import correction, outcome
from integration.wire import option, value_of

# How the ids of presses begin, and how many presses one label of one message takes: nobody changes their mind more
# often, and each is a row here and a write in Zendesk.
PRESSED, MOST_PRESSES = "sidebar", 100
# What is later than something by as little as can be told apart.
_JUST_AFTER = timedelta(microseconds=1)


class Judgements:
    """The same database as the store's; safe to share between threads. Raises TryLater as the store does."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def readings(self, ticket_id: int) -> tuple[StoredReading, ...]:
        """How the customer's messages of one ticket were read, the last reading of each, oldest first."""
        where = (outcome.c.ticket_id == ticket_id) & (outcome.c.state == "done") & outcome.c.reading.is_not(None)
        where &= outcome.c.message_id.is_not(None)
        with self._engine.begin() as db:
            rows = db.execute(sa.select(outcome).where(where).order_by(outcome.c.at)).mappings()
            last = {row["message_id"]: _read(row) for row in rows}
        return tuple(last[message] for message in sorted(last, key=lambda one: (last[one].at, one)))

    def corrections(self, ticket_id: int) -> tuple[Correction, ...]:
        """What people put right on one ticket, oldest first."""
        query = sa.select(correction).where(correction.c.ticket_id == ticket_id)
        return self._found(query)

    def pressed(self, delivery_id: str) -> tuple[Correction, ...]:
        """The correction that one press in the sidebar made, to be carried out; nothing for any other delivery."""
        pressed = (correction.c.delivery_id == delivery_id) & (correction.c.source == Source.SIDEBAR.value)
        return self._found(sa.select(correction).where(pressed))

    def sentiments(self, ticket_ids: Iterable[int]) -> Mapping[int, Sentiment]:
        """How tickets were last read, a person's last word on that reading in its place."""
        ids = list(ticket_ids)
        known = outcome.c.ticket_id.in_(ids) & outcome.c.sentiment.is_not(None)
        query = sa.select(outcome.c.ticket_id, outcome.c.message_id, outcome.c.sentiment).where(known)
        put_right = (correction.c.field == Label.SENTIMENT.value) & correction.c.ticket_id.in_(ids)
        with self._engine.begin() as db:
            last = {row.ticket_id: row for row in db.execute(query.order_by(outcome.c.at))}
        said = {
            (one.ticket_id, one.message_id): one.is_now for one in self._found(sa.select(correction).where(put_right))
        }
        words = {number: said.get((number, row.message_id)) or row.sentiment for number, row in last.items()}
        return {number: Sentiment(word) for number, word in words.items()}

    def standing(self, ticket_id: int) -> Mapping[str, str]:
        """What is known to stand in our fields, by Field, as the desk writes it; empty where we never wrote.

        As we wrote it, or as a person left it, whichever came last. What was undone stands there no more.
        """
        done = (outcome.c.ticket_id == ticket_id) & (outcome.c.state == "done") & outcome.c.undone_at.is_(None)
        columns = (outcome.c.delivery_id, outcome.c.plan)
        by_hand = (correction.c.ticket_id == ticket_id) & (correction.c.source == Source.FIELD.value)
        with self._engine.begin() as db:
            found = list(db.execute(sa.select(*columns).where(done).order_by(outcome.c.at)))
            left = [
                (row.delivery_id, row.field, row.is_now) for row in db.execute(sa.select(correction).where(by_hand))
            ]
        stands: dict[str, str] = {}
        for row in found:
            stands |= {name: word for name, word in rows.written_fields(row.plan).items() if name != Field.MARKER}
            stands |= {name: word for delivery, name, word in left if delivery == row.delivery_id}
        return stands

    def correct(self, event: TicketEvent, message_id: int | None, field: Field, was: str, is_now: str) -> None:
        """Write down that a person changed one of our fields, `was` and `is_now` as the desk writes them.

        It comes after the presses that were carried out before it was heard of: it stands in the field now. The desk's
        own time of it has whole seconds only.
        """
        place = (correction.c.ticket_id == event.ticket_id) & (correction.c.field == field.value)
        place &= (correction.c.delivery_id != event.delivery_id) & (outcome.c.state == "done")
        before = sa.select(sa.func.max(correction.c.at)).join(
            outcome, outcome.c.delivery_id == correction.c.delivery_id
        )
        values = {
            "delivery_id": event.delivery_id,
            "field": field.value,
            "ticket_id": event.ticket_id,
            "message_id": message_id,
            "was": was,
            "is_now": is_now,
        }
        with self._engine.begin() as db:
            last = db.execute(before.where(place)).scalar_one_or_none()
            at = event.happened_at.astimezone(UTC)
            insert = self._insert(correction).values(**values, at=max(at, aware(last) + _JUST_AFTER) if last else at)
            fresh = {name: insert.excluded[name] for name in ("message_id", "was", "is_now", "at")}
            db.execute(insert.on_conflict_do_update(index_elements=["delivery_id", "field"], set_=fresh))

    def press(self, said: Correction) -> Correction:
        """Keep a press in the sidebar, numbered; where the same word stands already, that one is given back.

        What was undone meanwhile stands no more, and may be said again. Two presses at the same moment want the same
        number, and the database gives it to one of them. Raises Refused for more than MOST_PRESSES.
        """
        for _ in range(MOST_PRESSES):
            before = [one for one in self.corrections(said.ticket_id) if _same_place(one, said)]
            if before and before[-1].is_now == said.is_now and not self._undone(before[-1]):
                return before[-1]
            if _presses(before) > MOST_PRESSES:
                break
            numbered = replace(
                said,
                delivery_id=f"{PRESSED}-{said.ticket_id}-{said.message_id}-{said.label}-{_presses(before)}",
                was=(before[-1].is_now if before else "") or said.was,
            )
            try:
                with self._engine.begin() as db:
                    db.execute(sa.insert(correction).values(_values(numbered)))
            except IntegrityError:  # somebody was quicker: look again what stands now
                continue
            return numbered
        raise Refused(f"the {said.label} was corrected {MOST_PRESSES} times here: change it on the ticket")

    def _undone(self, said: Correction) -> bool:
        where = (outcome.c.delivery_id == said.delivery_id) & outcome.c.undone_at.is_not(None)
        with self._engine.begin() as db:
            return db.execute(sa.select(outcome.c.delivery_id).where(where)).first() is not None

    def _insert(self, table: sa.Table) -> Any:
        return (sqlite if self._engine.dialect.name == "sqlite" else postgresql).insert(table)

    def _found(self, query: sa.Select[Any]) -> tuple[Correction, ...]:
        with self._engine.begin() as db:
            rows = db.execute(query.order_by(correction.c.at, correction.c.delivery_id)).mappings()
            return tuple(correction_from(row) for row in rows)


def _same_place(one: Correction, other: Correction) -> bool:
    return (one.message_id, one.label) == (other.message_id, other.label)


def _presses(before: list[Correction]) -> int:
    return sum(one.source is Source.SIDEBAR for one in before) + 1


def _values(said: Correction) -> dict[str, Any]:
    """The row of a correction; words of our fields stand there as the desk writes them."""
    return {
        "delivery_id": said.delivery_id,
        "field": said.label.value,
        "ticket_id": said.ticket_id,
        "message_id": said.message_id,
        "was": _written(said.label, said.was),
        "is_now": _written(said.label, said.is_now),
        "at": said.at,
        "by": said.by,
        "source": said.source.value,
    }


def correction_from(row: Mapping[Any, Any]) -> Correction:
    """One row of the table as a noun, in our own words."""
    label = Label(row["field"])
    return Correction(
        delivery_id=row["delivery_id"],
        ticket_id=row["ticket_id"],
        message_id=row["message_id"],
        label=label,
        was=_word(label, row["was"]),
        is_now=_word(label, row["is_now"]),
        at=aware(row["at"]),
        by=row["by"],
        source=Source(row["source"]),
    )


def _written(label: Label, word: str) -> str:
    return option(Field(label.value), word) if word and label.value in set(Field) else word


def _word(label: Label, written: str) -> str:
    return (value_of(Field(label.value), written) or "") if label.value in set(Field) else written


def _read(row: Mapping[Any, Any]) -> StoredReading:
    applied = row["applied"] or {}
    return StoredReading(
        delivery_id=row["delivery_id"],
        message_id=row["message_id"],
        at=aware(row["at"]),
        reading=reading(row["reading"]),
        characters=row["reading"].get("characters"),
        replied=bool(row["replied"]),
        drafted=bool(row["drafted"]),
        comment_id=applied.get("comment_id"),
        silence=tuple(row["plan"].get("silence") or ()),
    )


def reading(kept: Mapping[str, Any]) -> Reading:
    """The reading that `rows.reading_values` took apart; what it left out, the words, is empty."""
    return Reading(
        **{name: kept[name] for name in ("polarity", "charge_score", "language", "readable", "why_unreadable")},
        sentiment=Sentiment(kept["sentiment"]),
        charge=Charge(kept["charge"]),
        urgency=Urgency(kept["urgency"]),
        intent=Intent(kept["intent"]),
        emotions={Emotion(name): strength for name, strength in kept["emotions"].items()},
        confidence=dict(kept["confidence"]),
        evidence=tuple(
            Evidence(
                signal=Signal(one["signal"]),
                quote="",
                start=one["start"],
                end=one["end"],
                weight=one["weight"],
                reason=one["reason"],
            )
            for one in kept["evidence"]
        ),
    )
