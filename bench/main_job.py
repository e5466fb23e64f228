"""Plays a labelled file through the whole product (sandbox, web, worker) and prints what came of it.

It must not look inside a part: it writes as customers do, and then reads the desk, the outcomes and the calls counted.

    python bench/main_job.py tickets.jsonl [--database postgresql://…] [--kills 10] [--every 0.2]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from integration.cli import launch  # noqa: E402 - the project's folder has to be on the path first
from integration.store import Store  # noqa: E402 - the same

PATIENCE_S = 400.0  # a delivery that no webhook brought is caught by the export one to two minutes late
LOOK_EVERY_S = 0.25


class Stage:
    """Everything running, on ports of its own."""

    def __init__(self, folder: Path, database: str, real_limits: bool) -> None:
        self.real_limits = real_limits
        self.desk, self.web = f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"
        self.environ = {
            **os.environ,
            "ZENDESK_URL": self.desk,
            "ZENDESK_CLIENT_ID": "attune",
            "ZENDESK_CLIENT_SECRET": "attune-sandbox-secret",
            "PUBLIC_URL": self.web,
            "PORT": self.web.rsplit(":", 1)[1],
            "DATABASE_URL": database,
            "SECRET_KEY": secrets.token_hex(32),
        }
        self.crew = launch.Crew(self.environ, ROOT, folder / "log")
        self.folder = folder

    def start(self) -> None:
        """Start every process, and install."""
        port = self.desk.rsplit(":", 1)[1]
        self.crew.start(
            "sandbox", launch.sandbox("serve", "--port", port, "--database", str(self.folder / "desk.sqlite"))
        )
        self.crew.wait_for("sandbox", lambda: launch.answers(self.desk))
        # The High Volume add-on's numbers: the bench measures Attune, not how long a full budget makes it wait.
        requests.put(f"{self.desk}/sandbox/limits", json={"account": 2500, "tickets_update": 2500}, timeout=10)
        self.flask("migrate")
        self.start_web()
        self.start_worker()
        self.flask("install", "--yes", "--facts", "sandbox/facts.toml")
        self.flask("rules", "default_rung=send", "rungs.order_status=send", "replies_per_hour=1000")
        self.crew.wait_for("worker", lambda: launch.well(f"{self.web}/health"))

    def flask(self, *words: str) -> None:
        """Run one command to its end."""
        launch.run(
            [sys.executable, "-m", "flask", *words], self.environ, ROOT, launch.Console(file=sys.stderr, quiet=True)
        )

    def start_web(self) -> None:
        """Start gunicorn."""
        self.crew.start("web", launch.gunicorn())
        self.crew.wait_for("web", lambda: launch.answers(f"{self.web}/health"))

    def start_worker(self) -> None:
        """Start the worker, under the name that it keeps."""
        self.crew.start("worker", [*launch.worker(), "--name", "bench"])

    def kill(self, name: str) -> None:
        """kill -9, and start again."""
        child = self.crew.children[name]
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        time.sleep(random.uniform(0.0, 1.0))
        self.start_web() if name == "web" else self.start_worker()


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Watch:
    """Looks at the desk until every ticket carries its reading, and notes when."""

    def __init__(self, desk: str) -> None:
        self._desk = desk
        token = requests.post(
            f"{desk}/oauth/tokens",
            json={
                "grant_type": "client_credentials",
                "client_id": "attune",
                "client_secret": "attune-sandbox-secret",
                "scope": "read",
                "expires_in": 7200,
            },
            timeout=10,
        ).json()["access_token"]
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"
        self.written: dict[int, float] = {}
        self.seen: dict[int, float] = {}
        self.made: dict[int, dict[str, Any]] = {}  # as the desk said right after making them
        self.calls = 0  # ours, to be left out of the product's

    def look(self) -> None:
        """One look at all tickets that still wait."""
        waiting = [ticket for ticket in list(self.written) if ticket not in self.seen]
        for start in range(0, len(waiting), 100):
            ids = ",".join(map(str, waiting[start : start + 100]))
            self.calls += 1
            answer = self._session.get(f"{self._desk}/api/v2/tickets/show_many", params={"ids": ids}, timeout=20)
            for ticket in answer.json().get("tickets", []):
                if any(tag.startswith(("attune_charge_", "attune_unsure")) for tag in ticket["tags"]):
                    self.seen.setdefault(ticket["id"], time.monotonic())

    def ticket(self, ticket_id: int) -> dict[str, Any]:
        """One ticket with its audits."""
        shown = self._read(f"tickets/{ticket_id}")["ticket"]
        return {**shown, "audits": self._read(f"tickets/{ticket_id}/audits")["audits"]}

    def _read(self, path: str) -> dict[str, Any]:
        """Read from the desk; where the minute's calls are used up, when it says."""
        while True:
            self.calls += 1
            answer = self._session.get(f"{self._desk}/api/v2/{path}", timeout=20)
            if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                return dict(answer.json())
            time.sleep(float(answer.headers.get("Retry-After", "5")))

    def me(self) -> int:
        """The integration's own user."""
        return int(self._read("users/me")["user"]["id"])


def write(desk: str, rows: Iterable[dict[str, Any]], watch: Watch, every_s: float) -> dict[int, dict[str, Any]]:
    """Write every ticket as its customer; gives back the rows by ticket id."""
    made = {}
    for number, row in enumerate(rows):
        body = {
            "requester": {"name": f"Customer {number}", "email": f"customer.{number}@example.com"},
            **{name: row.get(name) for name in ("channel", "subject", "body", "thread")},
        }
        began = time.monotonic()
        whole = requests.post(f"{desk}/sandbox/tickets", json=body, timeout=30).json()["ticket"]
        ticket = whole["id"]
        watch.made[ticket] = whole
        watch.written[ticket] = began
        made[ticket] = row
        time.sleep(every_s)
    return made


def disturb(stage: Stage, kills: int, over_s: float, quiet: threading.Event, done: list[str]) -> None:
    """Kill the worker or the web process at random moments."""
    for _ in range(kills):
        if quiet.wait(random.uniform(0.4, 1.6) * over_s / max(1, kills)):
            return
        name = random.choice(["worker", "web"])
        done.append(name)
        stage.kill(name)


def main() -> int:
    """Run, and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tickets", type=Path)
    parser.add_argument("--database", default="")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--every", type=float, default=0.2)
    parser.add_argument("--real-limits", action="store_true", help="keep the limits of a paid plan")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--undo", action="store_true", help="take everything back at the end, and compare")
    given = parser.parse_args()
    random.seed(given.seed)
    rows = [json.loads(line) for line in given.tickets.read_text("utf-8").splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as place:
        stage = Stage(Path(place), given.database or f"sqlite:///{place}/attune.sqlite", given.real_limits)
        try:
            stage.start()
            failed, made, watch = report(stage, rows, given.kills, given.every)
            why(stage, made)
            return undo(stage, watch) or failed if given.undo else failed
        finally:
            stage.crew.leave()


def report(
    stage: Stage, rows: list[dict[str, Any]], kills: int, every_s: float
) -> tuple[int, dict[int, dict[str, Any]], Watch]:
    """Play, wait, count; first comes 1 where anything was lost or done twice."""
    watch = Watch(stage.desk)
    before = requests.get(f"{stage.desk}/sandbox/calls", timeout=10).json()["calls"]
    killed: list[str] = []
    quiet = threading.Event()
    trouble = threading.Thread(target=disturb, args=(stage, kills, len(rows) * (every_s + 0.05), quiet, killed))
    trouble.start()
    looking = threading.Event()
    eyes = threading.Thread(target=keep_looking, args=(watch, looking))
    eyes.start()
    made = write(stage.desk, rows, watch, every_s)
    trouble.join()
    deadline = time.monotonic() + PATIENCE_S
    while len(watch.seen) < len(made) and time.monotonic() < deadline:
        time.sleep(0.5)
    time.sleep(5)  # what was doubled would show now
    looking.set()
    eyes.join()
    calls = requests.get(f"{stage.desk}/sandbox/calls", timeout=10).json()["calls"]
    return print_figures(stage, made, watch, before, calls, killed), made, watch


def why(stage: Stage, made: dict[int, dict[str, Any]]) -> None:
    """Of the routine tickets: how many were answered, drafted, left, and the first reason for each silence."""
    store = Store(stage.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
    did, reasons = Counter[str](), Counter[str]()
    for ticket_id, row in made.items():
        acted = [one for one in store.outcomes(ticket_id) if one["plan"]["actions"]]
        if not row.get("bot_may_answer") or not acted:
            continue
        last = acted[-1]
        did["answered" if last["replied"] else "drafted" if last["drafted"] else "left"] += 1
        reasons.update(last["plan"]["silence"][:1])
    store.close()
    print(f"routine tickets              {dict(did)}")
    for reason, count in reasons.most_common():
        print(f"  {count:4}  {reason}")


TOUCHED = ("tags", "custom_fields", "group_id", "assignee_id", "priority", "status", "type", "due_at")


def undo(stage: Stage, watch: Watch) -> int:
    """Take everything back; 1 where a ticket is not as it was made, the marker field left aside."""
    ids = set(watch.made)
    stage.flask("undo", "--all", "--yes")
    differ = [ticket_id for ticket_id in ids if state(watch.ticket(ticket_id)) != state(watch.made[ticket_id])]
    print(f"undone: {len(ids) - len(differ)} of {len(ids)} tickets are as they were made; others {differ or 'none'}")
    return 1 if differ else 0


def state(ticket: dict[str, Any]) -> str:
    """What Attune may touch on a ticket, as bytes to compare; the marker stays by design, so numbers are left out."""
    kept = {name: ticket.get(name) for name in TOUCHED}
    fields = kept["custom_fields"] or []
    kept["custom_fields"] = [one for one in fields if not str(one["value"] or "").isdigit() and one["value"]]
    return json.dumps(kept, sort_keys=True)


def keep_looking(watch: Watch, stop: threading.Event) -> None:
    """Look at the desk until told to stop."""
    while not stop.wait(LOOK_EVERY_S):
        watch.look()


@dataclass(slots=True)
class Tally:
    """What was counted over all tickets."""

    writes: Counter[int] = field(default_factory=Counter)
    replies: Counter[int] = field(default_factory=Counter)
    attended: Counter[int] = field(default_factory=Counter)
    did: Counter[str] = field(default_factory=Counter)
    outcomes: int = 0
    unfinished: int = 0
    severe_answered: list[Any] = field(default_factory=list)

    def add(self, row: dict[str, Any], ticket: dict[str, Any], me: int, outcomes: list[Any]) -> None:
        """Count one ticket: what stands in the desk, and what our own table says of it."""
        ours = [audit for audit in ticket["audits"] if audit["author_id"] == me]
        said = [event for audit in ours for event in audit["events"] if event["type"] == "Comment" and event["public"]]
        self.writes[len(ours)] += 1
        self.replies[len(said)] += 1
        self.outcomes += len(outcomes)
        self.unfinished += sum(1 for one in outcomes if one["state"] != "done")
        self.attended[sum(1 for one in outcomes if one["plan"]["actions"] and one["state"] == "done")] += 1
        self.did["answered" if said else "senior" if "attune_senior" in ticket["tags"] else "tagged"] += 1
        if said and (row.get("charge") == "charged" or row.get("urgency") in {"high", "critical"}):
            self.severe_answered.append(row.get("id"))


def print_figures(
    stage: Stage,
    made: dict[int, dict[str, Any]],
    watch: Watch,
    before: dict[str, int],
    calls: dict[str, int],
    killed: list[str],
) -> int:
    """The table; gives the exit code: 1 where anything was lost, doubled, unfinished, or answered that must not be."""
    me, store = watch.me(), Store(stage.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
    tally = Tally()
    for ticket_id, row in made.items():
        tally.add(row, watch.ticket(ticket_id), me, list(store.outcomes(ticket_id)))
    store.close()
    print(f"tickets                      {len(made)}")
    print(f"killed                       {dict(Counter(killed)) or 'nothing'}")
    print(f"carry their reading          {len(watch.seen)}")
    print(f"ticket updates by Attune     {dict(tally.writes)}   (updates: tickets)")
    print(f"public replies by Attune     {dict(tally.replies)}   (replies: tickets)")
    print(f"outcomes that acted          {dict(tally.attended)}   (outcomes: tickets); rows in all {tally.outcomes}")
    print(f"outcomes not finished        {tally.unfinished}")
    print(f"done                         {dict(tally.did)}")
    print(f"severe ones answered         {tally.severe_answered or 'none'}")
    print_waits(sorted(seen - watch.written[ticket] for ticket, seen in watch.seen.items()))
    print_calls(Counter(calls) - Counter(before), watch.calls, len(made))
    lost = len(made) - len(watch.seen)
    doubled = sum(count for number, count in tally.writes.items() if number > 1)
    print(f"lost {lost}, written twice {doubled}")
    return 1 if lost or doubled or tally.unfinished or tally.severe_answered else 0


def print_waits(waits: list[float]) -> None:
    """From a customer's message to its tags."""
    if waits:
        p95 = waits[min(len(waits) - 1, int(len(waits) * 0.95))]
        middle = statistics.median(waits)
        print(f"message to tags, seconds     p50 {middle:.2f}  p95 {p95:.2f}  longest {waits[-1]:.2f}")


def print_calls(calls: Counter[str], ours: int, tickets: int) -> None:
    """What one ticket costs of Zendesk's budget; the watching script's own calls are left out."""
    calls["GET /api/v2/tickets/show_many"] -= ours
    print("API calls per ticket:")
    for name, count in sorted(calls.items(), key=lambda item: -item[1]):
        if count > 0 and not name.startswith(("GET /api/v2/tickets/show_many", "GET /sandbox", "POST /sandbox")):
            print(f"  {count / tickets:6.2f}  {name}")


if __name__ == "__main__":
    sys.exit(main())
