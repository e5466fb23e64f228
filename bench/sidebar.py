"""Measures the sidebar's answers over HTTP on loopback: a glance, a draft and a correction, and what a glance asks for.

It must not look inside a part. Use: python -m bench.sidebar [--times 50] [--messages 20]
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import socket
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import requests
from werkzeug.serving import make_server

from integration import cli
from integration.assembly import ROOT, Assembly
from integration.model import EventKind, TicketEvent
from sandbox.app import Running, running
from sandbox.settings import SandboxSettings

# Our own bound for a glance on loopback, in milliseconds: an agent must not wait for it beside a ticket.
BOUND_MS = 150
CUSTOMER = (
    "My order 48213 from 3 November has STILL not come. You promised Friday! I am furious. Card 4111 1111 1111 1111."
)
PERSON = "I am sorry. Could you please send me your order number? We will look into it by Friday 13 November."


@contextmanager
def staged(folder: Path) -> Iterator[tuple[Running, Assembly, str]]:
    """A sandbox, Attune installed in it, and its web process's application on a real socket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with running(SandboxSettings(db_path=folder / "desk.sqlite", export_delay_s=0)) as desk:
        os.environ |= {
            "ZENDESK_URL": desk.url,
            "ZENDESK_CLIENT_ID": "attune",
            "ZENDESK_CLIENT_SECRET": "attune-sandbox-secret",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": f"sqlite:///{folder / 'attune.sqlite'}",
            "SECRET_KEY": secrets.token_hex(32),
        }
        requests.put(f"{desk.url}/sandbox/limits", json={"account": 2500, "tickets_update": 2500}, timeout=10)
        app = cli.application()
        parts: Assembly = app.extensions["attune"]
        server = make_server("127.0.0.1", port, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        parts.migrate()
        found = app.test_cli_runner().invoke(args=["install", "--yes", "--facts", str(ROOT / "sandbox" / "facts.toml")])
        if found.exit_code:
            raise SystemExit(found.output)
        try:
            yield desk, parts, f"http://127.0.0.1:{port}"
        finally:
            server.shutdown()
            parts.close()


def conversation(desk: Running, parts: Assembly, messages: int) -> int:
    """A ticket of so many messages, customer and agent in turn, of which each of the customer's was read."""
    body = {"requester": {"name": "Kim", "email": "kim@customer.example"}, "channel": "email", "subject": "My lamp"}
    made = requests.post(f"{desk.url}/sandbox/tickets", json=body | {"body": CUSTOMER}, timeout=20).json()
    number = int(made["ticket"]["id"])
    for place in range(messages):
        if place:
            said = {"body": PERSON if place % 2 else CUSTOMER, "author": "agent" if place % 2 else "customer"}
            requests.post(f"{desk.url}/sandbox/tickets/{number}/reply", json=said, timeout=20)
        if place % 2 == 0:
            attend(parts, number)
    return number


def attend(parts: Assembly, number: int) -> None:
    """What the worker does with one event, here and now."""
    event = TicketEvent(
        delivery_id=str(uuid.uuid4()),
        ticket_id=number,
        kind=EventKind.CUSTOMER_MESSAGE,
        happened_at=datetime.now(UTC),
    )
    while later := parts.attendant.attend(event):
        time.sleep(max(0.1, later.after.total_seconds()))


def timed(act: Callable[[], Any], times: int) -> list[float]:
    """How long each of so many runs took, in milliseconds, after one that does not count."""
    act()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append((time.perf_counter() - began) * 1000)
    return found


def main() -> None:
    """Print one line per address, the calls that a glance makes, and its ratio to loading the ticket alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--messages", type=int, default=20)
    asked = parser.parse_args()
    logging.disable(logging.INFO)  # a line for each call would be measured with it
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder)) as (desk, parts, web):
        secret = parts.keep_sidebar_secret(secrets.token_hex(32))
        number = conversation(desk, parts, asked.messages)
        (sam,) = desk.desk.state.find("user", email="sam@sandbox.example")
        with requests.Session() as app:
            claims = {"iss": desk.url, "aud": "attune", "sub": str(sam["id"]), "ticket": str(number)}

            def call(method: str, path: str = "", body: Any = None) -> None:
                token = jwt.encode({**claims, "exp": int(time.time()) + 120}, secret, algorithm="HS256")
                answer = app.request(
                    method,
                    f"{web}/sidebar/tickets/{number}{path}",
                    json=body,
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=20,
                )
                answer.raise_for_status()

            call("GET")
            before = parts.session.calls
            call("GET")
            calls = parts.session.calls - before
            alone = timed(lambda: parts.tickets.load(number), asked.times)
            glance = timed(lambda: call("GET"), asked.times)
            draft = timed(lambda: call("POST", "/draft", {"text": PERSON, "public": True}), asked.times)
            press = {"label": "charge", "value": "charged"}
            correction = timed(lambda: call("POST", "/corrections", press), asked.times)
    for name, found in (("load alone", alone), ("glance", glance), ("draft", draft), ("correction", correction)):
        slowest = sorted(found)[int(len(found) * 0.95) - 1]
        print(f"{name:<12} median {statistics.median(found):6.1f} ms   95 % within {slowest:6.1f} ms")
    ratio = statistics.median(glance) / statistics.median(alone)
    print(f"A glance makes {calls} calls to Zendesk and takes {ratio:.1f} times as long as loading the ticket alone.")
    well = statistics.median(glance) <= BOUND_MS
    print(f"The bound of {BOUND_MS} ms {'holds' if well else 'does not hold'}, with {asked.messages} messages.")


if __name__ == "__main__":
    main()
