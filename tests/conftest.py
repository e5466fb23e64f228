"""What every test may ask for: databases of both kinds, free ports, a moment in time.

It must not know any part of the product beyond what it starts.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


# A property that takes long on a busy machine is not wrong; how long the suite takes is looked at as a whole.
settings.register_profile("attune", deadline=None)
settings.load_profile("attune")


@pytest.fixture
def now() -> datetime:
    """A Monday morning."""
    return NOW


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, run as an ordinary user on a free loopback port."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server program here: `apt-get install postgresql` brings one")
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="attune-postgres-"))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    port, place = free_port(), str(folder / "data")
    setup = [str(programs / "initdb"), "-D", place, "-U", "attune", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(setup, check=True, user=user, capture_output=True, cwd=folder)
    options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-p", str(port)]
    server = subprocess.Popen(
        [str(programs / "postgres"), "-D", place, *options],
        user=user,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"postgresql://attune@127.0.0.1:{port}"
    _wait_for_server(f"{address}/postgres")
    yield address
    server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: it does not wait for clients to leave
    server.wait(20)
    shutil.rmtree(folder, ignore_errors=True)


BOTH_DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH_DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database for one test, once of each kind."""
    return _fresh_database(request, tmp_path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Both databases, but for modules that say ONE_DATABASE: what a page shows, say, is the same on either."""
    if "module_database_url" in metafunc.fixturenames:
        kinds = ["sqlite"] if getattr(metafunc.module, "ONE_DATABASE", False) else BOTH_DATABASES
        metafunc.parametrize("module_database_url", kinds, indirect=True, scope="module")


@pytest.fixture(scope="module")
def module_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A fresh database for a module's tests, once of each kind."""
    return _fresh_database(request, tmp_path_factory.mktemp("database"))


def _fresh_database(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'attune.sqlite'}"
    import psycopg

    server = request.getfixturevalue("postgres_server")
    name = f"t{time.monotonic_ns()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}".replace("postgresql://", "postgresql+psycopg://")


def _postgres_programs() -> Path | None:
    """The folder with initdb and postgres: on the path, or where Debian keeps them."""
    found = [Path(place).parent for place in [shutil.which("initdb")] if place]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "postgres").exists() and (folder / "initdb").exists()), None)


def _wait_for_server(address: str, within_s: float = 60.0) -> None:
    """Wait until the server takes a connection: it listens a while before it does."""
    import psycopg

    deadline = time.monotonic() + within_s
    while True:
        try:
            psycopg.connect(address, connect_timeout=5).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, f"no PostgreSQL answers after {within_s} s"
            time.sleep(0.1)
        else:
            return
