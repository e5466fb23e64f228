"""The ladder's memory: what came back after our answers, and every move of an intent from rung to rung.

It must not judge any figure: it counts and keeps, and a customer's words never come here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from integration.model import Echo, Figures, Intent, Mover, Rung, Step, Worded
from integration.store.tables import echo, outcome, step

# How a rating stands in the table.
GOOD, BAD = "good", "bad"


class Autonomy:
    """What the ladder asks and tells; a method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    # --- what came back ---

    def last_sent(self, ticket_id: int) -> Worded | None:
        """Our newest reply on a ticket."""
        return self._worded((outcome.c.ticket_id == ticket_id) & outcome.c.replied)

    def answer_to(self, ticket_id: int, message_id: int) -> Worded | None:
        """Our newest reply to one message, or draft of one; None where there is none."""
        to = (outcome.c.ticket_id == ticket_id) & (outcome.c.message_id == message_id)
        return self._worded(to & (outcome.c.replied | outcome.c.drafted))

    def solved_since(self, worded: Worded, ticket_id: int) -> bool:
        """Whether the ticket was solved after this reply, as far as we were told."""
        sent_at = sa.select(outcome.c.at).where(outcome.c.delivery_id == worded.delivery_id).scalar_subquery()
        where = (outcome.c.ticket_id == ticket_id) & (outcome.c.kind == "closed") & (outcome.c.at >= sent_at)
        with self._engine.begin() as db:
            return db.execute(sa.select(outcome.c.delivery_id).where(where).limit(1)).first() is not None

    def came_back(self, worded: Worded, ticket_id: int, what: Echo, word: str, now: datetime) -> bool:
        """Write down what came back after an answer, once under each name; False where it stood so before.

        A rating takes the place of an earlier one: customers may change their minds.
        """
        values = {
            "delivery_id": worded.delivery_id,
            "kind": what.value,
            "ticket_id": ticket_id,
            "intent": worded.intent.value,
            "word": word,
            "at": now.astimezone(UTC),
        }
        insert = self._insert(echo).values(values)
        keys = ["delivery_id", "kind"]
        statement = insert.on_conflict_do_nothing(index_elements=keys)
        if what is Echo.RATING:
            fresh = {"word": insert.excluded.word, "at": insert.excluded.at}
            statement = insert.on_conflict_do_update(index_elements=keys, set_=fresh, where=echo.c.word != word)
        with self._engine.begin() as db:
            return db.execute(statement.returning(echo.c.kind)).first() is not None

    def figures(self, intent: Intent, since: datetime) -> Figures:
        """What came of the answers to one intent since then; what came back is counted with the answer it follows."""
        since = since.astimezone(UTC)
        ours = (outcome.c.intent == intent.value) & (outcome.c.state == "done") & (outcome.c.at >= since)
        answers = sa.select(sa.func.count().filter(outcome.c.replied), sa.func.count().filter(outcome.c.drafted)).where(
            ours
        )
        back = (
            sa.select(echo.c.kind, echo.c.word, outcome.c.replied, sa.func.count())
            .join(outcome, outcome.c.delivery_id == echo.c.delivery_id)
            .where(ours)
            .group_by(echo.c.kind, echo.c.word, outcome.c.replied)
        )
        grave = (
            sa.select(echo.c.word)
            .where((echo.c.intent == intent.value) & (echo.c.kind == Echo.GRAVE.value) & (echo.c.at >= since))
            .order_by(echo.c.at)
        )
        with self._engine.begin() as db:
            sent, drafted = db.execute(answers).one()
            rows = [(Echo(kind), word, bool(replied), int(many)) for kind, word, replied, many in db.execute(back)]
            words = tuple(db.execute(grave).scalars())
        return _figures(int(sent), int(drafted), rows, words)

    # --- moves ---

    def steps(self) -> Mapping[Intent, Step]:
        """The last move of every intent that was ever moved."""
        newest = sa.select(sa.func.max(step.c.id)).group_by(step.c.intent)
        with self._engine.begin() as db:
            found = db.execute(sa.select(step).where(step.c.id.in_(newest))).mappings()
            return {Intent(row["intent"]): step_from(row) for row in found}

    def move(
        self,
        intent: Intent,
        was: Rung,
        is_now: Rung,
        *,
        by: Mover,
        because: str,
        now: datetime,
        ticket_id: int | None = None,
        after: Step | None = None,
    ) -> bool:
        """Write a move down, once after the move that it follows; False where somebody else has moved meanwhile."""
        values = {
            "intent": intent.value,
            "follows": after.id if after else 0,
            "was": was.value,
            "is_now": is_now.value,
            "at": now.astimezone(UTC),
            "because": because,
            "by": by.value,
            "ticket_id": ticket_id,
        }
        statement = self._insert(step).values(values).on_conflict_do_nothing(index_elements=["intent", "follows"])
        with self._engine.begin() as db:  # what came back is asked for: PostgreSQL's driver counts no inserted rows
            return db.execute(statement.returning(step.c.id)).first() is not None

    def untold(self, since: datetime) -> tuple[Step, ...]:
        """The falls since then whose ticket does not say so yet, oldest first."""
        where = step.c.told_at.is_(None) & step.c.ticket_id.is_not(None) & (step.c.at >= since.astimezone(UTC))
        with self._engine.begin() as db:
            return tuple(
                step_from(row) for row in db.execute(sa.select(step).where(where).order_by(step.c.id)).mappings()
            )

    def claim(self, number: int, now: datetime) -> bool:
        """Take it on oneself to tell of a fall; False where somebody has."""
        statement = sa.update(step).where(step.c.id == number, step.c.told_at.is_(None))
        with self._engine.begin() as db:
            return bool(db.execute(statement.values(told_at=now.astimezone(UTC))).rowcount)

    def release(self, number: int) -> None:
        """Give a claim back: nothing was told."""
        with self._engine.begin() as db:
            db.execute(sa.update(step).where(step.c.id == number).values(told_at=None))

    # --- inside ---

    def _worded(self, where: sa.ColumnElement[bool]) -> Worded | None:
        columns = (outcome.c.delivery_id, outcome.c.message_id, outcome.c.intent, outcome.c.replied)
        known = where & (outcome.c.state == "done") & outcome.c.intent.is_not(None)
        with self._engine.begin() as db:
            row = db.execute(sa.select(*columns).where(known).order_by(outcome.c.at.desc()).limit(1)).first()
        if row is None:
            return None
        return Worded(
            delivery_id=row.delivery_id, message_id=row.message_id, intent=Intent(row.intent), sent=bool(row.replied)
        )

    def _insert(self, table: sa.Table) -> Any:
        return (sqlite if self._engine.dialect.name == "sqlite" else postgresql).insert(table)


def _figures(sent: int, drafted: int, rows: list[tuple[Echo, str, bool, int]], grave: tuple[str, ...]) -> Figures:
    def count(what: Echo, *, replied: bool = True, word: str = "") -> int:
        return sum(n for kind, said, sort, n in rows if kind is what and sort is replied and word in ("", said))

    return Figures(
        sent=sent,
        drafted=drafted,
        ways_out=count(Echo.WAY_OUT),
        reopens=count(Echo.REOPEN),
        rated_good=count(Echo.RATING, word=GOOD),
        rated_bad=count(Echo.RATING, word=BAD),
        corrections=count(Echo.CORRECTION),
        drafts_corrected=count(Echo.CORRECTION, replied=False),
        grave=grave,
    )


def step_from(row: Mapping[Any, Any]) -> Step:
    """One row of the table as a move."""
    return Step(
        id=row["id"],
        intent=Intent(row["intent"]),
        was=Rung(row["was"]),
        is_now=Rung(row["is_now"]),
        at=row["at"] if row["at"].tzinfo else row["at"].replace(tzinfo=UTC),
        because=row["because"],
        by=Mover(row["by"]),
        ticket_id=row["ticket_id"],
    )
