"""The whole product on loopback: a sandbox desk, the web process on a real socket, a worker in a thread, all installed.

It must not reach into a part: tests write as customers and agents do, and look at what stands in the desk.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from integration import assembly, cli
from integration.assembly import Assembly
from sandbox.app import Running, running
from sandbox.settings import SandboxSettings
from tests.conftest import free_port

# Long enough for a loaded machine, short enough to fail a lost ticket soon.
PATIENCE_S = 40.0


class Web:
    """The web process's application on a real socket, which may be closed and opened again."""

    def __init__(self, app: Flask, port: int) -> None:
        self._app, self._port = app, port

    def start(self) -> None:
        """Take calls."""
        self._server = make_server("127.0.0.1", self._port, self._app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Refuse all calls, as a process does that is gone."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass
class Stage:
    """Everything running, and the few things that a test does with it."""

    served: Running
    app: Flask
    parts: Assembly
    environ: Mapping[str, str]
    web: Web
    senior_email: str = "bea@sandbox.example"
    people: list[str] = field(default_factory=list)

    @property
    def desk(self) -> str:
        """The sandbox's address."""
        return self.served.url

    def control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Use the sandbox's control plane."""
        answer = requests.request(method, f"{self.desk}/sandbox/{path}", json=body, timeout=20)
        assert answer.ok, answer.text
        return dict(answer.json())

    def write(self, body: str, *, subject: str = "", channel: str = "email", name: str = "", **more: Any) -> int:
        """A customer writes a new ticket; gives back its id. Each customer is a new one unless named."""
        name = name or f"Casey Customer {len(self.people)}"
        self.people.append(name)
        requester = {"name": name, "email": f"{name.lower().replace(' ', '.')}@customer.example"}
        written = self.control(
            "POST", "tickets", requester=requester, channel=channel, subject=subject, body=body, **more
        )
        return int(written["ticket"]["id"])

    def reply(self, ticket_id: int, body: str, author: str = "customer", **more: Any) -> None:
        """Somebody writes on a ticket."""
        self.control("POST", f"tickets/{ticket_id}/reply", body=body, author=author, **more)

    def ticket(self, ticket_id: int) -> dict[str, Any]:
        """The ticket as an agent sees it, with `comments`, `fields` by name, and `group` by name."""
        shown = dict(self.ask(f"tickets/{ticket_id}")["ticket"])
        comments = self.ask(f"tickets/{ticket_id}/comments")["comments"]
        names = {one["id"]: one["title"] for one in self.ask("ticket_fields")["ticket_fields"]}
        fields = {names.get(one["id"], "?"): one["value"] for one in shown["custom_fields"]}
        group = self.ask(f"groups/{shown['group_id']}")["group"]["name"] if shown["group_id"] else None
        return {**shown, "comments": comments, "fields": fields, "group": group}

    def ask(self, path: str) -> dict[str, Any]:
        """Read from the desk's API as Attune's user."""
        return self.parts.session.ask("GET", f"/api/v2/{path}")

    def ours(self, ticket: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The comments that Attune wrote."""
        me = self.parts.desk().self_id
        return [one for one in ticket["comments"] if one["author_id"] == me]

    def settled(self, ticket_id: int, outcomes: int = 1) -> dict[str, Any]:
        """Wait until so many outcomes of the ticket are recorded, and give the ticket."""
        self.until(lambda: len(self.outcomes(ticket_id)) >= outcomes, f"{outcomes} outcomes of ticket {ticket_id}")
        return self.ticket(ticket_id)

    def outcomes(self, ticket_id: int) -> list[Mapping[str, Any]]:
        """The finished outcomes of a ticket, oldest first."""
        return [one for one in self.parts.store.outcomes(ticket_id) if one["state"] == "done"]

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            time.sleep(0.05)

    def flask(self, *words: str) -> tuple[int, str]:
        """Run a command; gives its exit code and all that it said."""
        found = self.app.test_cli_runner().invoke(args=list(words))
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found.exit_code, found.output


@pytest.fixture(scope="module")
def stage(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Attune installed in a fresh desk, sending for every intent, on either database."""
    folder = tmp_path_factory.mktemp("stage")
    port = free_port()
    with (
        running(SandboxSettings(db_path=folder / "desk.sqlite", export_delay_s=0)) as served,
        pytest.MonkeyPatch.context() as env,
    ):
        environ = {
            "ZENDESK_URL": served.url,
            "ZENDESK_CLIENT_ID": "attune",
            "ZENDESK_CLIENT_SECRET": "attune-sandbox-secret",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": module_database_url,
            "SECRET_KEY": "k" * 32,
        }
        for name, value in environ.items():
            env.setenv(name, value)
        requests.put(f"{served.url}/sandbox/limits", json={"account": 2500, "tickets_update": 2500}, timeout=10)
        app = cli.application()
        parts: Assembly = app.extensions["attune"]
        stage = Stage(served=served, app=app, parts=parts, environ=environ, web=Web(app, port))
        parts.migrate()
        with _worker(parts):
            stage.web.start()
            _installed(stage)
            yield stage
            stage.web.stop()
        parts.close()


def _installed(stage: Stage) -> None:
    facts = str(Path(assembly.ROOT) / "sandbox" / "facts.toml")
    for words in (
        ("install", "--yes", "--facts", facts, "--senior-member", stage.senior_email),
        ("rules", "default_rung=send", "rungs.order_status=send", "replies_per_hour=1000"),
    ):
        code, said = stage.flask(*words)
        assert code == 0, said


class _worker:  # noqa: N801 - the same
    """A worker in a thread."""

    def __init__(self, parts: Assembly) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=parts.work, args=("test-worker", self._stop), daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(40)
        assert not self._thread.is_alive()
