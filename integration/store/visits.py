"""Who is signed in to the dashboard, which links were used, and how often a password was tried from one place.

It must not know a password, a name or an address: digests only, and what has run out goes with the next entry.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from integration.model import Visit
from integration.store.journal import aware
from integration.store.tables import attempt, spent, visit

# Tries of a password are counted over this time.
TRIES_WITHIN = timedelta(minutes=1)


class Visits:
    """The same database as the store's; safe to share between threads. Raises TryLater as the store does."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def open(self, name: str, until: datetime, now: datetime, *, may_switch: bool) -> None:
        """Let somebody in until then, under the name that their cookie holds."""
        values = {"mark": _mark(name), "until": until.astimezone(UTC), "may_switch": may_switch}
        with self._engine.begin() as db:
            db.execute(sa.delete(visit).where(visit.c.until < now.astimezone(UTC)))
            db.execute(sa.insert(visit).values(values))

    def standing(self, name: str, now: datetime) -> Visit | None:
        """The visit of this name, or None where it has ended or never was."""
        with self._engine.begin() as db:
            row = db.execute(sa.select(visit).where(visit.c.mark == _mark(name))).mappings().first()
        if row is None or aware(row["until"]) <= now:
            return None
        return Visit(until=aware(row["until"]), may_switch=bool(row["may_switch"]))

    def close(self, name: str) -> None:
        """End a visit: its cookie opens nothing any more."""
        with self._engine.begin() as db:
            db.execute(sa.delete(visit).where(visit.c.mark == _mark(name)))

    def burn(self, nonce: str, until: datetime, now: datetime) -> bool:
        """Use up a link that may be used until then; False where somebody has."""
        statement = self._insert(spent).values(nonce=_mark(nonce), until=until.astimezone(UTC))
        with self._engine.begin() as db:
            db.execute(sa.delete(spent).where(spent.c.until < now.astimezone(UTC)))
            burnt = statement.on_conflict_do_nothing(index_elements=["nonce"]).returning(spent.c.nonce)
            return db.execute(burnt).first() is not None

    def tried(self, place: str, now: datetime) -> int:
        """Write a try down and give back how many this place has made within TRIES_WITHIN, this one included.

        It is written before it is counted, so that tries at the same moment see each other.
        """
        since = now.astimezone(UTC) - TRIES_WITHIN
        with self._engine.begin() as db:
            db.execute(sa.delete(attempt).where(attempt.c.at <= since))
            db.execute(sa.insert(attempt).values(place=place, at=now.astimezone(UTC)))
        with self._engine.begin() as db:
            where = (attempt.c.place == place) & (attempt.c.at > since)
            return int(db.execute(sa.select(sa.func.count()).select_from(attempt).where(where)).scalar_one())

    def forgive(self, place: str) -> None:
        """Forget the tries of a place from which the right password came."""
        with self._engine.begin() as db:
            db.execute(sa.delete(attempt).where(attempt.c.place == place))

    def _insert(self, table: sa.Table) -> Any:
        return (sqlite if self._engine.dialect.name == "sqlite" else postgresql).insert(table)


def _mark(name: str) -> str:
    """A digest of a random name: whoever reads the database cannot walk in with it."""
    return hashlib.sha256(name.encode()).hexdigest()
