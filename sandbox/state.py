"""Knows how the sandbox's documents are kept: one SQLite file, one row of JSON for each document, and id counters.
It must not know what a document means, except by which key its kind is looked up."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Doc = dict[str, Any]
Docs = list[Doc]  # named here, because `State.list` hides the builtin inside the class
Ids = Sequence[int | str]

# By what a kind is looked up often, so that `find` goes by an index and not through every document.
PARENT_KEY = {
    "app_installation": "app_id",
    "attempt": "invocation_id",
    "audit": "ticket_id",
    "comment": "ticket_id",
    "group_membership": "user_id",
    "invocation": "webhook_id",
    "satisfaction_rating": "ticket_id",
    "ticket": "requester_id",
    "token": "user_id",
    "user": "email",
}

# First ids. Each kind has a range of its own and (tickets aside) lies beyond 32 bits, as on a real account:
# an id given to the wrong endpoint, or kept in a narrow column, then shows at once.
FIRST_ID = {
    "ticket": 1,
    "user": 11_000_000_001,
    "group": 12_000_000_001,
    "group_membership": 13_000_000_001,
    "ticket_field": 14_000_000_001,
    "option": 14_500_000_001,
    "macro": 15_000_000_001,
    "trigger": 16_000_000_001,
    "view": 17_000_000_001,
    "comment": 21_000_000_001,
    "audit": 22_000_000_001,
    "event": 23_000_000_001,
    "satisfaction_rating": 24_000_000_001,
    "article": 25_000_000_001,
    "brand": 26_000_000_001,
    "organization": 27_000_000_001,
    "app": 800_001,
    "app_installation": 900_001,
    "upload": 700_001,
}
FIRST_ID_ELSE = 1_001

_ULID_KINDS = frozenset({"webhook", "invocation", "attempt"})
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, parent TEXT, stamp INTEGER,
    doc TEXT NOT NULL, UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS document_parent ON document (kind, parent);
CREATE INDEX IF NOT EXISTS document_stamp ON document (kind, stamp);
CREATE TABLE IF NOT EXISTS counter (kind TEXT PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS file (name TEXT PRIMARY KEY, bytes BLOB NOT NULL);
"""


class State:
    """All documents of one desk. Every method may be called from any thread.

    One connection and one lock serve the whole process: a statement takes microseconds, and nobody ever meets
    SQLite's "database is locked". Documents are copies: changing one changes nothing until it is `put`.
    """

    def __init__(self, path: Path | str) -> None:
        """Open (or make) the file at `path`; `:memory:` keeps nothing."""
        if str(path) != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # WAL with synchronous=NORMAL survives a killed process; only a power cut may lose the last commits.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else in between. May be nested: the outermost one commits."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def get(self, kind: str, id: object) -> Doc | None:
        """The document, or None."""
        rows = self._rows("SELECT doc FROM document WHERE kind = ? AND id = ?", (kind, str(id)))
        return rows[0] if rows else None

    def list(self, kind: str) -> Docs:
        """All documents of a kind, oldest first."""
        return self._rows("SELECT doc FROM document WHERE kind = ? ORDER BY seq", (kind,))

    def find(self, kind: str, **equals: object) -> Docs:
        """The documents whose top-level keys have these values, oldest first. Fast for the kind's `PARENT_KEY`."""
        sql = "SELECT doc FROM document WHERE kind = ?"
        values: tuple[object, ...] = (kind,)
        for key, value in equals.items():
            if key == PARENT_KEY.get(kind):
                sql, values = sql + " AND parent IS ?", (*values, _parent(value))
            else:
                sql, values = sql + f" AND json_extract(doc, '$.{key}') IS ?", (*values, _scalar(value))
        return self._rows(sql + " ORDER BY seq", values)

    def many(self, kind: str, ids: Ids) -> Docs:
        """The documents with these ids, in the order asked for; unknown ids are left out."""
        marks = ",".join("?" * len(ids))
        rows = self._rows(f"SELECT doc FROM document WHERE kind = ? AND id IN ({marks})", (kind, *map(str, ids)))
        by_id = {str(row["id"]): row for row in rows}
        return [by_id[str(id)] for id in dict.fromkeys(ids) if str(id) in by_id]

    def since(self, kind: str, stamp: int, until: int, limit: int, after_id: int = 0) -> Docs:
        """Documents by rising `generated_timestamp` (epoch seconds), then id, that follow (`stamp`, `after_id`)."""
        return self._rows(
            "SELECT doc FROM document WHERE kind = ? AND stamp <= ? AND (stamp > ? OR (stamp = ? AND"
            " CAST(id AS INTEGER) > ?)) ORDER BY stamp, CAST(id AS INTEGER) LIMIT ?",
            (kind, until, stamp, stamp, after_id, limit),
        )

    def count(self, kind: str) -> int:
        """How many documents of a kind there are."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM document WHERE kind = ?", (kind,)).fetchone()[0])

    def put(self, kind: str, doc: Doc) -> Doc:
        """Store the document under its `id`; one without an id gets the next one. Returns what was stored."""
        with self.transaction():
            if doc.get("id") is None:
                doc = {**doc, "id": self.next_id(kind)}
            key = PARENT_KEY.get(kind)
            self._db.execute(
                "INSERT INTO document (kind, id, parent, stamp, doc) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id)"
                " DO UPDATE SET parent = excluded.parent, stamp = excluded.stamp, doc = excluded.doc",
                (
                    kind,
                    str(doc["id"]),
                    _parent(doc.get(key)) if key else None,
                    doc.get("generated_timestamp"),
                    json.dumps(doc, ensure_ascii=False, separators=(",", ":")),
                ),
            )
        return doc

    def delete(self, kind: str, id: object) -> None:
        """Remove the document; one that is not there is no error."""
        with self.transaction():
            self._db.execute("DELETE FROM document WHERE kind = ? AND id = ?", (kind, str(id)))

    def next_id(self, kind: str) -> Any:
        """A new id: a number from the kind's own range, or text for kinds that Zendesk numbers by text."""
        if kind in _ULID_KINDS:
            return _ulid()
        if kind == "job_status":
            return secrets.token_hex(16)
        with self.transaction():
            row = self._db.execute("SELECT next FROM counter WHERE kind = ?", (kind,)).fetchone()
            number = int(row[0]) if row else FIRST_ID.get(kind, FIRST_ID_ELSE)
            self._db.execute(
                "INSERT INTO counter (kind, next) VALUES (?, ?) ON CONFLICT (kind) DO UPDATE SET next = excluded.next",
                (kind, number + 1),
            )
        return str(number) if kind == "trigger_category" else number

    def put_file(self, name: str, content: bytes) -> None:
        """Keep bytes (an uploaded app) under a name."""
        with self.transaction():
            self._db.execute("INSERT OR REPLACE INTO file (name, bytes) VALUES (?, ?)", (name, content))

    def get_file(self, name: str) -> bytes | None:
        """The bytes kept under this name, or None."""
        with self._lock:
            row = self._db.execute("SELECT bytes FROM file WHERE name = ?", (name,)).fetchone()
        return bytes(row[0]) if row else None

    def clear(self) -> None:
        """Forget every document, counter and file."""
        with self.transaction():
            for table in ("document", "counter", "file"):
                self._db.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        """Close the file; nothing may be asked afterwards."""
        with self._lock:
            self._db.close()

    def _rows(self, sql: str, values: tuple[object, ...]) -> Docs:
        with self._lock:
            found = self._db.execute(sql, values).fetchall()
        return [json.loads(row[0]) for row in found]


def _parent(value: object) -> str | None:
    return None if value is None else str(value)


def _scalar(value: object) -> Any:
    return int(value) if isinstance(value, bool) else value


def _ulid() -> str:
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
