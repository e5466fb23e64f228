"""The doors: what each kind of caller gets, and that only what was accepted stands in the queue."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from integration import assembly
from integration.model import Refused, TryLater
from integration.settings import PUBLIC_TEST_SECRET

SECRET = "the-webhooks-own-secret"
BODY = json.dumps({"ticket_id": "42", "kind": "customer_message", "happened_at": "2026-03-02T09:30:00Z"}).encode()


class Door:
    """The web application on a database of its own, and what stands in its queue."""

    def __init__(self, url: str, secret: str = SECRET) -> None:
        environ = {"DATABASE_URL": url, "SECRET_KEY": "k" * 32, "ZENDESK_WEBHOOK_SECRET": secret}
        self.app = assembly.create_app(environ)
        self.parts: assembly.Assembly = self.app.extensions["attune"]
        self.client: FlaskClient = self.app.test_client()

    def knock(self, body: bytes = BODY, secret: str = SECRET, **headers: str) -> TestResponse:
        """Deliver as Zendesk does."""
        return self.client.post("/zendesk/events", data=body, headers=signed(body, secret) | headers)

    @property
    def queued(self) -> list[str]:
        """The delivery ids in the queue."""
        return [flow.workflow_id for flow in self.parts._queue.list_workflows()]


def signed(body: bytes, secret: str, at: datetime | None = None, invocation: str = "01J-1") -> dict[str, str]:
    """Zendesk's headers: base64 of HMAC-SHA256 over timestamp and body, keyed with the secret's text."""
    stamp = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
        "X-Zendesk-Webhook-Invocation-Id": invocation,
        "Content-Type": "application/json; charset=utf-8",
    }


@pytest.fixture
def door(database_url: str) -> Iterator[Door]:
    """A migrated, installed Attune."""
    found = Door(database_url)
    found.parts.migrate()
    yield found
    found.parts.close()


def test_an_accepted_event_is_queued_once(door: Door) -> None:
    """A delivery and its repetition are both accepted, and stand in the queue once."""
    assert door.knock().status_code == 202
    assert door.knock().status_code == 202
    assert door.queued == ["01J-1"]


UNTRUSTED: dict[str, dict[str, Any]] = {
    "another secret": {"secret": "not-the-secret"},
    "the public test secret": {"secret": PUBLIC_TEST_SECRET},
    "a stale time": {"at": timedelta(minutes=-6)},
    "a time to come": {"at": timedelta(minutes=6)},
}


@pytest.mark.parametrize("case", UNTRUSTED)
def test_a_caller_who_is_not_trusted(door: Door, case: str) -> None:
    """Whoever cannot sign now gets 401, and nothing is stored."""
    values = UNTRUSTED[case]
    at = datetime.now(UTC) + values.get("at", timedelta(0))
    answer = door.client.post("/zendesk/events", data=BODY, headers=signed(BODY, values.get("secret", SECRET), at))
    assert (answer.status_code, answer.get_json()["error"]) == (401, "NotTrusted")
    assert door.queued == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Zendesk-Webhook-Signature": "§§§", "X-Zendesk-Webhook-Signature-Timestamp": "2026-03-02T09:30:00Z"},
        {"X-Zendesk-Webhook-Signature": "AAAA", "X-Zendesk-Webhook-Signature-Timestamp": "yesterday"},
        {"X-Zendesk-Webhook-Signature": "AAAA", "X-Zendesk-Webhook-Signature-Timestamp": "99999-99-99T99:99:99Z"},
    ],
)
def test_a_malformed_signature(door: Door, headers: dict[str, str]) -> None:
    """Missing or garbled headers are 401, never an error of ours."""
    assert door.client.post("/zendesk/events", data=BODY, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b"not json", "JSON"),
        (b"[]", "object"),
        (b'{"kind": "customer_message"}', "ticket_id"),
        (b'{"ticket_id": "abc", "kind": "customer_message"}', "ticket_id"),
        (b'{"ticket_id": "42"}', "kind"),
        (b"[" * 100_000, "JSON"),
        (b"", "JSON"),
    ],
)
def test_a_body_that_is_not_understood(door: Door, body: bytes, names: str) -> None:
    """A trusted caller whose body cannot be understood gets 400 and the name of what is wrong."""
    answer = door.knock(body)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "NotUnderstood")
    assert names in answer.get_json()["description"]
    assert door.queued == []


def test_a_huge_body(door: Door) -> None:
    """More than Zendesk ever sends is refused before anything is computed."""
    assert door.knock(b"x" * (256 * 1024 + 1)).status_code == 413


def test_an_unknown_kind_is_accepted(door: Door) -> None:
    """A kind that we do not know is taken and later recorded as such: Zendesk adds kinds."""
    assert door.knock(b'{"ticket_id": "42", "kind": "something_new"}').status_code == 202
    assert door.queued == ["01J-1"]


def test_no_queue_no_promise(tmp_path: Path) -> None:
    """Where the queue cannot take the event, Zendesk is asked to come again within a minute."""
    door = Door(f"sqlite:///{tmp_path / 'never-migrated.sqlite'}")
    answer = door.knock()
    assert answer.status_code == 503
    assert 5 <= int(answer.headers["Retry-After"]) < 60


def test_no_secret_no_entry(database_url: str) -> None:
    """Before install there is no secret: even an empty or public one opens nothing, and Zendesk is asked to wait."""
    door = Door(database_url, secret="")
    door.parts.migrate()
    for secret in ("", PUBLIC_TEST_SECRET):
        answer = door.knock(secret=secret)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    door.parts.keep_webhook_secret(SECRET)
    assert door.knock().status_code == 202
    door.parts.close()


def test_the_stored_secret_is_sealed(door: Door) -> None:
    """Nobody reads the webhook's secret out of the database, and another key does not open it."""
    door.parts.keep_webhook_secret(SECRET)
    assert SECRET not in (door.parts.store.get(assembly.WEBHOOK_SECRET) or "")
    with pytest.raises(TryLater, match="SECRET_KEY"):
        assembly.Seal("another" * 8).open(door.parts.store.get(assembly.WEBHOOK_SECRET) or "")


def test_a_generated_key_is_one_and_whole(tmp_path: Path) -> None:
    """Processes that start at the same moment get the same key, never an empty one, and leave nothing else behind."""
    ready = threading.Barrier(8)

    def key() -> bytes:
        ready.wait()
        return assembly.generated_key(tmp_path).encode()

    with ThreadPoolExecutor(8) as threads:
        found = {one.result() for one in [threads.submit(key) for _ in range(8)]}
    assert [len(one) for one in found] == [64]
    assert [one.name for one in tmp_path.iterdir()] == ["secret-key"]
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_an_empty_key_seals_nothing(tmp_path: Path) -> None:
    """A key file that a full disk or a crash left empty is refused, since anybody could guess it."""
    (tmp_path / "secret-key").touch()
    with pytest.raises(Refused, match="empty"):
        assembly.generated_key(tmp_path)


def test_health_names_what_is_not_well(door: Door) -> None:
    """Without a worker /health is 503 and says so; with one whose Zendesk answers, all is well."""
    answer = door.client.get("/health")
    assert answer.status_code == 503
    assert "flask worker" in answer.get_json()["worker"]
    door.parts.store.beat("w", datetime.now(UTC), "")
    assert door.client.get("/health").get_json() == {
        "status": "well",
        "web": "well",
        "database": "well",
        "worker": "well",
        "zendesk": "well",
    }
    door.parts.store.beat("w", datetime.now(UTC), "Zendesk answered 401")
    answer = door.client.get("/health")
    assert (answer.status_code, answer.get_json()["zendesk"]) == (503, "Zendesk answered 401")


def test_other_methods_and_places(door: Door) -> None:
    """The door opens for POST only, and nothing else is served."""
    assert door.client.get("/zendesk/events").status_code == 405
    assert door.client.get("/").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nowhere"),
        ("GET", "/zendesk/events"),
        ("POST", "/zendesk/events"),
        ("GET", "/health"),
        ("PUT", "/dashboard/sign-in"),
        ("DELETE", "/sidebar/tickets/1"),
        ("GET", "/sidebar/nowhere"),
    ],
)
def test_every_answer_is_hardened(door: Door, method: str, path: str) -> None:
    """Errors before any door among them: nothing can be framed, sniffed or kept."""
    headers = door.client.open(path, method=method).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_fault_of_ours_repeats_nothing(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """The log says what kind of fault it is and where; neither it nor the caller is told an exception's own words."""

    def view() -> str:
        raise ValueError("my card is 4111 1111 1111 1111")

    door.app.add_url_rule("/broken", view_func=view)
    answer = door.client.get("/broken")
    assert (answer.status_code, answer.get_json()["error"]) == (500, "Fault")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ValueError at view:" in caplog.text
    assert "4111" not in answer.text + caplog.text
