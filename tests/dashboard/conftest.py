"""The dashboard on a fresh database, empty or lively."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration import assembly
from tests.dashboard.staging import House, crowds, seed


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with empty databases, migrated once for all tests."""
    folder = tmp_path_factory.mktemp("migrated")
    found = House(f"sqlite:///{folder / 'attune.sqlite'}", folder)
    found.parts.migrate()
    found.parts.close()
    return folder


@pytest.fixture
def house(migrated: Path, tmp_path: Path) -> Iterator[House]:
    """A dashboard on a fresh database, nobody signed in. What depends on the database is tested with the store."""
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    found = House(f"sqlite:///{tmp_path / 'attune.sqlite'}", tmp_path)
    yield found
    found.parts.close()


@pytest.fixture(scope="module")
def lively(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A dashboard after four weeks of work, an admin signed in; for tests that only look."""
    folder = tmp_path_factory.mktemp("lively")
    shutil.copytree(migrated, folder, dirs_exist_ok=True)
    found = House(f"sqlite:///{folder / 'attune.sqlite'}", folder, crowds=crowds())
    seed(found.store, assembly.now())
    found.sign_in()
    yield found
    found.parts.close()
