"""A sandbox account with nothing of ours in it, a session on it and a ledger; a database and commands run on it.

It must not know what install makes there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from integration import assembly, cli, settings
from integration.cli import console
from integration.model import Owned
from integration.store import migrate
from integration.zendesk import ReadyToken, Session
from sandbox.app import Running, running
from sandbox.settings import SandboxSettings

Command = Callable[..., tuple[int, str]]

TOKEN = "ready-for-tests"
KINDS = ("webhook", "trigger", "trigger_category", "ticket_field", "group", "group_membership", "view", "macro")


class MemoryLedger:
    """A ledger that forgets at the end; a write may be made to fail, as a crash would."""

    def __init__(self) -> None:
        self._rows: dict[str, Owned] = {}
        self.puts_left: int | None = None  # None: as many as you like

    def rows(self) -> tuple[Owned, ...]:
        """Everything written down."""
        return tuple(self._rows.values())

    def put(self, owned: Owned, /) -> None:
        """Write one thing down, or crash."""
        if self.puts_left == 0:
            raise CrashError
        if self.puts_left is not None:
            self.puts_left -= 1
        self._rows[owned.key] = owned

    def remove(self, key: str, /) -> None:
        """Forget one thing."""
        self._rows.pop(key, None)

    def row(self, key: str) -> Owned:
        """One thing written down."""
        return self._rows[key]


class CrashError(Exception):
    """The process dies here."""


@dataclass(frozen=True, slots=True)
class Account:
    """One sandbox account and our place in it."""

    served: Running
    session: Session
    ledger: MemoryLedger

    def things(self, kind: str) -> list[dict[str, Any]]:
        """Everything of one kind, as the sandbox keeps it; a deleted group keeps its document."""
        return [thing for thing in self.served.desk.state.list(kind) if not thing.get("deleted")]

    def thing(self, key: str) -> dict[str, Any]:
        """The thing that the ledger keeps under `key`."""
        row = self.ledger.row(key)
        found = self.served.desk.state.get(row.kind, row.zendesk_id)
        assert found is not None
        return found

    def edit(self, key: str, **changes: Any) -> None:
        """Change a thing as an admin would."""
        self.served.desk.state.put(self.ledger.row(key).kind, {**self.thing(key), **changes})

    def delete(self, key: str) -> None:
        """Delete a thing as an admin would."""
        row = self.ledger.row(key)
        self.served.desk.state.delete(row.kind, row.zendesk_id)

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Everything of every kind that install may touch."""
        return {kind: self.things(kind) for kind in KINDS}

    def ids(self) -> dict[str, list[object]]:
        """What stands, by id."""
        return {kind: [thing["id"] for thing in things] for kind, things in self.everything().items()}


@contextmanager
def _account() -> Iterator[Account]:
    with running(SandboxSettings(db_path=":memory:", ready_token=TOKEN)) as served:
        session = Session(served.url, ReadyToken(token=TOKEN))
        yield Account(served, session, MemoryLedger())
        session.close()


@pytest.fixture
def account() -> Iterator[Account]:
    """A fresh account."""
    with _account() as fresh:
        yield fresh


@pytest.fixture
def database(tmp_path: Path) -> str:
    """An empty, migrated database."""
    url = f"sqlite:///{tmp_path / 'attune.sqlite'}"
    migrate(url)
    return url


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: str) -> Command:
    """Run a command on that database; gives exit code and words."""
    monkeypatch.setattr(assembly, "ROOT", tmp_path)  # no `.env` of the developer's
    for stream in (console.out, console.err):
        monkeypatch.setattr(stream, "width", 300)
    for name in settings.NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", database)

    def run(*words: str) -> tuple[int, str]:
        app = cli.application()
        found = app.test_cli_runner().invoke(args=list(words))
        app.extensions["attune"].close()
        return found.exit_code, found.output

    return run
