"""The dashboard on a fresh database, empty or lively."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration import assembly
from tests.dashboard.staging import House, crowds, seed


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A dashboard on a fresh database of either kind, nobody signed in."""
    found = House(database_url, tmp_path)
    found.parts.migrate()
    yield found
    found.parts.close()


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A dashboard after four weeks of work, an admin signed in; for tests that only look."""
    folder = tmp_path_factory.mktemp("lively")
    found = House(f"sqlite:///{folder / 'attune.sqlite'}", folder, crowds=crowds())
    found.parts.migrate()
    seed(found.store, assembly.now())
    found.sign_in()
    yield found
    found.parts.close()
