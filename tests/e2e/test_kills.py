"""Worker and web process killed without warning while tickets are in their hands: each ticket is written once.

Real processes, as the `Procfile` starts them; the sandbox runs here, so that what it was told can be looked at.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests

from integration import assembly, cli
from integration.cli import launch
from integration.zendesk.tickets import SETTLED_AFTER
from sandbox.app import running
from sandbox.settings import SandboxSettings
from tests.conftest import free_port
from tests.e2e.conftest import Stage, Web
from tests.e2e.staging import CALM, CHARGED, acted, audits, reinstalled, weather

# The export holds back its newest seconds so that none of them is given out half; Zendesk holds back a minute.
EXPORT_DELAY_S = 2
CATCH_UP_EVERY_S = 2
# Tickets of the random round, and the seconds over which they come.
MANY = 20
WRITTEN_WITHIN_S = 8.0


@dataclass
class Works:
    """The stage with real processes."""

    stage: Stage
    crew: launch.Crew
    port: int

    def start(self, name: str) -> None:
        """Start `web`, or a worker under its name, and wait until it answers."""
        if name == "web":
            self.crew.start("web", launch.gunicorn())
            self.crew.wait_for("web", lambda: launch.answers(f"http://127.0.0.1:{self.port}/health"))
            return
        self.crew.start(name, [*launch.worker(), "--name", name, "--catch-up-every", str(CATCH_UP_EVERY_S)])

    def kill(self, name: str) -> None:
        """End a process and its children at once, as a power cut does."""
        child = self.crew.children[name]
        assert child.poll() is None, f"{name} had ended by itself"
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def restart(self, name: str) -> None:
        """The same process again, a moment later."""
        self.kill(name)
        self.start(name)

    def all_up(self) -> None:
        """Start again what an earlier test left dead, and wait until all is well."""
        for name in ("web", "worker"):
            if name not in self.crew.children or self.crew.children[name].poll() is not None:
                self.start(name)
        self.crew.wait_for("worker", lambda: launch.well(f"http://127.0.0.1:{self.port}/health"))

    def intended(self, ticket_id: int) -> bool:
        """Whether a write to the ticket was begun and not finished, as the journal has it."""
        return any(one["state"] == "intended" for one in self.stage.parts.store.outcomes(ticket_id))

    def under_way(self, ticket_id: int) -> None:
        """Wait until the write is on its way to a slow desk: the journal's row stands a few milliseconds before it.

        Earlier rows are of tries that waited for the ticket to settle, and sent nothing.
        """
        changed = datetime.fromisoformat(self.stage.ticket(ticket_id)["updated_at"]).replace(tzinfo=None)

        def sends() -> bool:
            rows = self.stage.parts.store.outcomes(ticket_id)
            settled = [one for one in rows if one["at"].replace(tzinfo=None) >= changed + SETTLED_AFTER]
            return any(one["state"] == "intended" for one in settled)

        self.stage.until(sends, "the intent")
        time.sleep(0.3)

    def written_once(self, ticket_id: int) -> None:
        """Wait until nothing is under way; the desk's log and our own both know exactly one write."""
        self.stage.until(
            lambda: bool(acted(self.stage, ticket_id)) and not self.intended(ticket_id),
            f"the outcome of ticket {ticket_id}",
        )
        assert len(audits(self.stage, ticket_id)) == len(acted(self.stage, ticket_id)) == 1
        assert len(self.stage.ours(self.stage.ticket(ticket_id))) == 1


@pytest.fixture(scope="module")
def works(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Works]:
    """Attune installed in a fresh desk, its web process and one worker running."""
    folder, port = tmp_path_factory.mktemp("works"), free_port()
    settings = SandboxSettings(db_path=folder / "desk.sqlite", export_delay_s=EXPORT_DELAY_S)
    with running(settings) as served, pytest.MonkeyPatch.context() as env:
        environ = {
            "ZENDESK_URL": served.url,
            "ZENDESK_CLIENT_ID": "attune",
            "ZENDESK_CLIENT_SECRET": "attune-sandbox-secret",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": module_database_url,
            "SECRET_KEY": "k" * 32,
            "PORT": str(port),
        }
        for name, value in environ.items():
            env.setenv(name, value)
        plenty = {"account": 2500, "tickets_update": 2500, "incremental": 1000}
        assert requests.put(f"{served.url}/sandbox/limits", json=plenty, timeout=10).ok
        app = cli.application()
        stage = Stage(served=served, app=app, parts=app.extensions["attune"], environ=environ, web=Web(app, port))
        stage.parts.migrate()
        reinstalled(stage)
        assert stage.flask("rules", "default_rung=send", "rungs.order_status=send", "replies_per_hour=1000")[0] == 0
        found = Works(stage, launch.Crew(dict(os.environ), assembly.ROOT, folder), port)
        try:
            yield found
        finally:
            found.crew.leave()
            stage.parts.close()
        assert "Traceback" not in (folder / "worker.log").read_text()


@pytest.fixture(autouse=True)
def _all_up(works: Works) -> None:
    """Each test begins with everything running."""
    works.all_up()


def test_killed_while_it_reads(works: Works) -> None:
    """Before anything was written, the ticket is simply read again."""
    with weather(works.stage, api_latency_s=1.0, only_methods="GET"):
        ticket_id = works.stage.write(CALM)
        time.sleep(0.8)
        assert not works.stage.parts.store.outcomes(ticket_id)
        works.kill("worker")
    works.start("worker")
    works.written_once(ticket_id)


def test_killed_while_the_write_is_under_way(works: Works) -> None:
    """Zendesk carries out what nobody waits for any more; the marker tells the next worker that it is done."""
    with weather(works.stage, api_latency_s=1.5, only_methods="PUT"):
        ticket_id = works.stage.write(CHARGED)
        works.under_way(ticket_id)
        works.kill("worker")
        assert audits(works.stage, ticket_id) == []
        works.stage.until(lambda: bool(audits(works.stage, ticket_id)), "the write of the dead")
    works.start("worker")
    works.written_once(ticket_id)


def test_killed_before_the_write_arrives(works: Works) -> None:
    """What was intended and never arrived is not taken for done: it is decided and written anew."""
    with weather(works.stage, api_latency_s=1.0, api_error_rate=1.0, only_methods="PUT"):
        ticket_id = works.stage.write(CHARGED)
        works.under_way(ticket_id)
        works.kill("worker")
    time.sleep(1.2)  # until the desk has refused what the dead one sent
    assert audits(works.stage, ticket_id) == []
    works.start("worker")
    works.written_once(ticket_id)


def test_killed_after_a_lost_answer(works: Works) -> None:
    """The write was done, its answer lost, and then the worker too: one write, and its outcome says so."""
    with weather(works.stage, api_drop_answer_rate=1.0, only_methods="PUT"):
        ticket_id = works.stage.write(CALM)
        works.stage.until(lambda: bool(audits(works.stage, ticket_id)), "the write")
        works.kill("worker")
    works.start("worker")
    works.written_once(ticket_id)
    assert works.stage.outcomes(ticket_id)[0]["replied"]


def test_another_worker_takes_over_from_a_dead_one(works: Works) -> None:
    """A worker that never comes back leaves nothing behind: who is alive takes its tickets up."""
    with weather(works.stage, api_latency_s=1.0, only_methods="PUT"):
        ticket_id = works.stage.write(CHARGED)
        works.under_way(ticket_id)
        works.kill("worker")
    long_ago = works.stage.parts.attendant.clock() - timedelta(minutes=5)
    works.stage.parts.store.beat("worker", long_ago, "")  # rather than wait until its silence is long enough
    works.start("heir")
    try:
        works.written_once(ticket_id)
    finally:
        works.kill("heir")


def test_whatever_is_killed_every_ticket_is_written_once(works: Works) -> None:
    """Worker and web process are killed again and again while tickets come; none is lost, none is written twice."""
    dice, tickets = random.Random(7), list[int]()

    def customers() -> None:
        for number in range(MANY):
            tickets.append(works.stage.write(CHARGED if number % 3 == 0 else CALM))
            time.sleep(WRITTEN_WITHIN_S / MANY)

    writing = threading.Thread(target=customers)
    with weather(works.stage, api_latency_s=0.1, only_paths="/api/v2/tickets"):
        writing.start()
        try:
            while writing.is_alive():
                time.sleep(dice.uniform(0.2, 1.5))
                works.restart(dice.choice(["worker", "worker", "web"]))
        finally:
            writing.join()
    assert len(tickets) == MANY
    for ticket_id in tickets:
        works.written_once(ticket_id)


def test_logs_hold_no_words(works: Works, tmp_path: Path) -> None:
    """After all this, neither process has written down what a customer said."""
    for log in works.crew.logs.glob("*.log"):
        assert "furious" not in log.read_text()
        assert "48213" not in log.read_text()
