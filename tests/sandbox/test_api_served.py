"""A served desk: over real sockets, with many callers at once, and after a restart.

It must not wait for anything longer than it takes.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.app import running
from sandbox.settings import SandboxSettings
from sandbox.state import State
from tests.sandbox.caller import READY


def session() -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    made.headers["Authorization"] = f"Bearer {READY}"
    return made


@pytest.fixture
def on_disk(settings: SandboxSettings, tmp_path: Path) -> SandboxSettings:
    """A desk in a file of its own."""
    return replace(settings, db_path=tmp_path / "desk.db")


def make(caller: requests.Session, url: str, number: int = 0) -> Any:
    body = {"ticket": {"subject": f"No {number}", "comment": {"body": "Hello"}}}
    answer = caller.post(f"{url}/api/v2/tickets.json", json=body, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()["ticket"]


def test_a_restart_keeps_everything(on_disk: SandboxSettings) -> None:
    """Tickets, tokens and counters are there after a restart, and links name the new address."""
    client = {"client_id": on_disk.client_id, "client_secret": on_disk.client_secret, "scope": "read write"}
    with running(on_disk) as first, session() as caller:
        ticket = make(caller, first.url)
        grant = caller.post(
            f"{first.url}/oauth/tokens", json={"grant_type": "client_credentials", **client}, timeout=30
        )
    with running(on_disk) as second, session() as caller:
        caller.headers["Authorization"] = f"Bearer {grant.json()['access_token']}"
        shown = caller.get(f"{second.url}/api/v2/tickets/{ticket['id']}", timeout=30).json()["ticket"]
        assert shown["updated_at"] == ticket["updated_at"]
        assert shown["url"].startswith(second.url)
        assert make(caller, second.url)["id"] == ticket["id"] + 1


def test_many_callers_at_once_lose_nothing(on_disk: SandboxSettings) -> None:
    """Eight callers make tickets at once: every one is there, ids are not used twice, and it is quick enough."""
    with running(replace(on_disk, requests_per_minute=100_000)) as desk:

        def some(_: int) -> list[int]:
            with session() as caller:
                return [make(caller, desk.url, number)["id"] for number in range(25)]

        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            made = [id for ids in pool.map(some, range(8)) for id in ids]
        assert len(set(made)) == 200
        assert time.monotonic() - began < 20  # ten a second on a busy machine; it does many more on an idle one
        with session() as caller:
            count = caller.get(f"{desk.url}/api/v2/tickets/count", timeout=30).json()["count"]["value"]
        assert count == 200


def test_a_refusal_arrives_though_nobody_wanted_the_body(settings: SandboxSettings) -> None:
    """A large body sent to a path that does not exist is read, so that the caller gets the 404 and no reset."""
    with running(settings) as desk, session() as caller:
        for _ in range(3):
            refused = caller.post(f"{desk.url}/api/v2/nothing", json={"x": "y" * 500_000}, timeout=30)
            assert refused.status_code == 404


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    """What a failed transaction wrote, nested ones included, is not there; ids it took may be given again."""
    state = State(tmp_path / "state.db")
    state.put("ticket", {"requester_id": 1, "subject": "kept"})

    def fail() -> None:
        with state.transaction():
            state.put("ticket", {"requester_id": 1, "subject": "lost"})
            with state.transaction():
                state.put("ticket", {"requester_id": 1, "subject": "lost too"})
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fail()
    assert [ticket["subject"] for ticket in state.find("ticket", requester_id=1)] == ["kept"]
    assert state.find("ticket", requester_id=1, subject="lost") == []
    state.close()


def test_reset_brings_the_fresh_desk_back(settings: SandboxSettings) -> None:
    """After a reset there are no tickets, and the seeded people are there once."""
    with running(settings) as desk, session() as caller:
        make(caller, desk.url)
        users = caller.get(f"{desk.url}/api/v2/users", timeout=30).json()["count"]
        assert caller.post(f"{desk.url}/sandbox/reset", timeout=30).status_code == 200
        assert caller.get(f"{desk.url}/api/v2/tickets", timeout=30).json()["count"] == 0
        assert caller.get(f"{desk.url}/api/v2/users", timeout=30).json()["count"] == users
