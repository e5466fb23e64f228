"""How either database is opened and brought up to date, and what its troubles mean to whoever waits for it.

It must not know what is stored.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError

from integration.model import TryLater

# Writers wait this long for each other on SQLite before they fail, in milliseconds; a write here takes a few.
BUSY_TIMEOUT_MS = 10_000
# What a database that cannot be used is given before the next try: restarts of a server take some seconds.
DATABASE_WAIT = timedelta(seconds=10)
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_UNDEFINED_TABLE = "42P01"


def migrate(url: str) -> None:
    """Bring the tables up to date; running it again changes nothing."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = open_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def write_ahead(url: str) -> None:
    """Let readers of an SQLite file not wait for its writers; kept in the file, and nothing on other databases.

    On the queue's file it takes an enqueue from 14 ms to 1 ms. https://www.sqlite.org/wal.html
    """
    engine = open_engine(url)
    engine.connect().close()  # connecting sets it
    engine.dispose()


def open_engine(url: str) -> sa.Engine:
    """An engine for an SQLite file or a PostgreSQL server; whatever ails the database comes out as TryLater."""
    engine = _plain_engine(url)
    sa.event.listen(engine, "handle_error", _as_try_later)
    return engine


def _plain_engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True)
    try:
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TryLater("database: its folder cannot be made", DATABASE_WAIT) from error
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    sa.event.listen(engine, "connect", _sqlite_manners)
    return engine


def _as_try_later(context: sa.ExceptionContext) -> None:
    """A database that is away, locked, full, damaged or without tables may be well later; a fault of ours stays one.

    The text goes to whoever knocks at the door, so what the database itself said (its address, say) is only the cause.
    """
    error = context.sqlalchemy_exception
    lacks_tables = "no such table" in str(context.original_exception) or _state(context) == _UNDEFINED_TABLE
    away = isinstance(error, OperationalError | InterfaceError | InternalError) or type(error) is DatabaseError
    if context.is_pre_ping or not (away or lacks_tables):
        return
    why = "its tables are missing: run `flask migrate`" if lacks_tables else type(error).__name__
    raise TryLater(f"database: {why}", DATABASE_WAIT) from context.original_exception


def _state(context: sa.ExceptionContext) -> str:
    return str(getattr(context.original_exception, "sqlstate", ""))


def _sqlite_manners(connection: Any, _record: object) -> None:
    """Readers do not wait for a writer, and a commit is one append. https://www.sqlite.org/wal.html"""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
