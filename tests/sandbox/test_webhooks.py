"""Deliveries over real sockets to a small receiver that answers what a test tells it to.
They know the recorded headers and the documented retry rules; waits run faster by the courier's `speed`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sandbox.breaker import Breaker
from sandbox.faults import Faults
from sandbox.signing import TEST_SECRET, outgoing, signature
from sandbox.state import State
from sandbox.webhooks import Courier, DeliverySettings

FAST = DeliverySettings(speed=500.0, timeout_s=5.0, account_id=4242)
SECRET = "c2VjcmV0IG9mIGEgdGVzdA=="
# (status, headers, seconds before the answer)
Answer = tuple[int, dict[str, str], float]
OK: Answer = (200, {}, 0.0)


@dataclass
class Request:
    """One request as the receiver read it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A web server that keeps what it gets and answers from a list, then with the last of it."""

    server: ThreadingHTTPServer
    got: list[Request] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=lambda: [OK])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/zendesk/events"

    def answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            there.got.append(Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, headers, wait_s = there.answer()
            time.sleep(wait_s)
            self.send_response(status)
            for name, value in {"Content-Length": "2", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the names http.server calls

        def log_message(self, format: str, *args: object) -> None:
            """Stay quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that gave up is what the timeout tests are about."""

    there = Receiver(Server(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=there.server.serve_forever, args=(0.01,))
    thread.start()
    yield there
    there.server.shutdown()
    thread.join()
    there.server.server_close()


@pytest.fixture
def state() -> Iterator[State]:
    """An empty desk in memory."""
    made = State(":memory:")
    yield made
    made.close()


Start = Callable[..., Courier]


@pytest.fixture
def start(state: State) -> Iterator[Start]:
    """Make a courier with some settings changed, and start it; all are stopped at the end."""
    running: list[Courier] = []

    def started(faults: Faults | None = None, **changes: Any) -> Courier:
        running.append(Courier(state, replace(FAST, **changes), faults or Faults()))
        running[-1].start()
        return running[-1]

    yield started
    for courier in running:
        courier.stop()


@pytest.fixture
def webhook(state: State, receiver: Receiver) -> dict[str, Any]:
    """An active webhook that points at the receiver."""
    return state.put(
        "webhook",
        {
            "name": "Attune", "endpoint": receiver.url, "http_method": "POST", "request_format": "json",
            "status": "active", "subscriptions": ["conditional_ticket_events"],
            "signing_secret": {"algorithm": "SHA256", "secret": SECRET},
        },
    )  # fmt: skip


def settled(courier: Courier, state: State) -> list[str]:
    """Wait for the deliveries to end and give how each ended."""
    assert courier.wait_idle(20)
    return [one["status"] for one in state.list("invocation")]


def attempts(state: State) -> list[str]:
    return [one["status"] for one in state.list("attempt")]


@pytest.mark.parametrize(
    ("secret", "timestamp", "body", "wanted"),
    [
        (
            TEST_SECRET, "1531420618", b'{"event_type": "foo.bar","data": {"key": "value"}}',
            "qtmu3iClLKujnujOBkwe7yjI34o5CzsLD04Uy4LbE2A=",
        ),
    ],
)  # fmt: skip
def test_signature_vector(secret: str, timestamp: str, body: bytes, wanted: str) -> None:
    """Signatures are those that an independent receiver was tested with."""
    assert signature(secret, timestamp, body) == wanted


def test_request_on_the_wire(start: Start, state: State, receiver: Receiver, webhook: dict[str, Any]) -> None:
    """A delivery bears the recorded headers, its body untouched, and a signature over timestamp and body."""
    courier = start()
    courier.send(webhook, '{"ticket_id": "42", "word": "grüße"}')
    assert settled(courier, state) == ["success"]
    (request,) = receiver.got
    assert (request.method, request.path) == ("POST", "/zendesk/events")
    assert request.body == '{"ticket_id": "42", "word": "grüße"}'.encode()
    assert request.headers["user-agent"] == "Zendesk Webhook"
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.headers["x-zendesk-account-id"] == "4242"
    assert request.headers["x-zendesk-webhook-id"] == webhook["id"]
    assert request.headers["x-zendesk-webhook-invocation-id"] == state.list("invocation")[0]["id"]
    stamp = request.headers["x-zendesk-webhook-signature-timestamp"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp)
    digest = hmac.new(SECRET.encode(), stamp.encode() + request.body, hashlib.sha256).digest()
    assert request.headers["x-zendesk-webhook-signature"] == base64.b64encode(digest).decode()


def test_what_is_kept_of_a_delivery(start: Start, state: State, webhook: dict[str, Any]) -> None:
    """The invocation and its attempt have the members of the published schema, and say what happened."""
    courier = start()
    courier.send(webhook, "{}")
    assert settled(courier, state) == ["success"]
    (invocation,), (attempt,) = state.list("invocation"), state.list("attempt")
    assert {key for key in invocation if not key.startswith("_")} == {
        "id", "webhook_id", "status", "created_at", "latest_completed_at", "event_type", "attempts_count",
    }  # fmt: skip
    assert (invocation["webhook_id"], invocation["attempts_count"]) == (webhook["id"], 1)
    assert (attempt["invocation_id"], attempt["response_code"], attempt["response_body"]) == (
        invocation["id"],
        200,
        "ok",
    )
    assert attempt["response_headers"]["Content-Length"] == "2"


@pytest.mark.parametrize(
    ("answers", "ended", "tried"),
    [
        ([(204, {}, 0)], "success", ["success"]),
        ([(500, {}, 0)], "server error", ["server error"]),
        ([(401, {}, 0)], "client error", ["client error"]),
        ([(302, {"Location": "/elsewhere"}, 0)], "failed", ["failed"]),
        ([(409, {}, 0), OK], "success", ["client error", "success"]),
        ([(409, {}, 0)], "client error", ["client error"] * 4),
        ([(503, {}, 0)], "server error", ["server error"]),
        ([(503, {"Retry-After": "59"}, 0), OK], "success", ["server error", "success"]),
        ([(503, {"Retry-After": "60"}, 0), OK], "server error", ["server error"]),
        ([(429, {"Retry-After": "5"}, 0), OK], "success", ["client error", "success"]),
        ([(429, {}, 0)], "throttled", ["client error"]),
        ([(503, {"Retry-After": "1"}, 0)], "server error", ["server error"] * 6),
        ([(409, {}, 0), (503, {"Retry-After": "1"}, 0), OK], "success", ["client error", "server error", "success"]),
    ],
)
def test_retry_rules(
    start: Start, state: State, receiver: Receiver, webhook: dict[str, Any], answers: list[Answer], ended: str,
    tried: list[str],
) -> None:  # fmt: skip
    """Only 409, and 429 and 503 with a short Retry-After, are sent again; every try bears the same invocation id."""
    receiver.answers = answers
    courier = start()
    courier.send(webhook, "{}")
    assert settled(courier, state) == [ended]
    assert attempts(state) == tried
    assert len({one.headers["x-zendesk-webhook-invocation-id"] for one in receiver.got}) == 1
    assert len(receiver.got) == len(tried) == state.list("invocation")[0]["attempts_count"]


def test_timeout_is_tried_five_times_more(
    start: Start, state: State, receiver: Receiver, webhook: dict[str, Any]
) -> None:
    """A receiver that never answers in time gets the same invocation six times, and all six attempts are kept."""
    receiver.answers = [(200, {}, 0.3)]
    courier = start(timeout_s=0.05)
    courier.send(webhook, "{}")
    assert settled(courier, state) == ["timeout"]
    assert attempts(state) == ["timeout"] * 6
    assert {one["error_message"] for one in state.list("attempt")} == {"timeout"}


def test_nobody_listening(start: Start, state: State, receiver: Receiver, webhook: dict[str, Any]) -> None:
    """A refused connection ends the delivery as failed; nothing says that Zendesk tries again."""
    state.put("webhook", {**webhook, "endpoint": "http://127.0.0.1:9/zendesk/events"})
    courier = start()
    courier.send(webhook, "{}")
    assert settled(courier, state) == ["failed"]
    assert attempts(state) == ["failed"]


def test_retry_waits_as_long_as_it_is_told(
    start: Start, state: State, receiver: Receiver, webhook: dict[str, Any]
) -> None:
    """The second try comes no sooner than Retry-After, counted on the courier's own clock."""
    receiver.answers = [(503, {"Retry-After": "3"}, 0), OK]
    courier = start(speed=10.0)
    began = time.monotonic()
    courier.send(webhook, "{}")
    assert settled(courier, state) == ["success"]
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    ("authentication", "headers", "path"),
    [
        ({"type": "basic_auth", "data": {"username": "u", "password": "p"}}, {"authorization": "Basic dTpw"}, ""),
        ({"type": "bearer_token", "data": {"token": "t0"}}, {"authorization": "Bearer t0"}, ""),
        (
            {"type": "api_key", "data": {"name": "X-Key", "value": "v"}, "add_position": "header"}, {"x-key": "v"}, "",
        ),
        ({"type": "api_key", "data": {"name": "key", "value": "v w"}, "add_position": "query_string"}, {}, "?key=v+w"),
    ],
)  # fmt: skip
def test_authentication(
    start: Start, state: State, receiver: Receiver, webhook: dict[str, Any], authentication: dict[str, Any],
    headers: dict[str, str], path: str,
) -> None:  # fmt: skip
    """Each kind of authentication reaches the receiver where it belongs, beside the custom headers."""
    state.put("webhook", {**webhook, "authentication": authentication, "custom_headers": {"X-Brand": "one"}})
    courier = start()
    courier.send(webhook, "{}")
    assert settled(courier, state) == ["success"]
    (request,) = receiver.got
    assert headers.items() <= request.headers.items()
    assert request.headers["x-brand"] == "one"
    assert request.path == "/zendesk/events" + path


def test_get_has_no_body_and_signs_the_timestamp_alone() -> None:
    """A webhook that fetches sends nothing, so that nothing but the timestamp is signed."""
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    hook = {"id": "W", "endpoint": "http://127.0.0.1/", "http_method": "GET", "signing_secret": {"secret": SECRET}}
    request = outgoing(hook, "ignored", invocation_id="I", account_id=1, now=now)
    assert request.body == b""
    assert request.headers["X-Zendesk-Webhook-Signature"] == signature(SECRET, "2026-01-02T03:04:05Z", b"")


def test_custom_headers_cannot_pose_as_zendesk() -> None:
    """A custom header never replaces one of the signature's."""
    hook = {"id": "W", "endpoint": "http://127.0.0.1/", "custom_headers": {"X-Zendesk-Webhook-Signature": "forged"}}
    request = outgoing(hook, "{}", invocation_id="I", account_id=1, now=datetime(2026, 1, 2, tzinfo=UTC))
    assert request.headers["X-Zendesk-Webhook-Signature"] != "forged"


def test_what_was_not_delivered_survives_a_restart(
    start: Start, state: State, receiver: Receiver, webhook: dict[str, Any]
) -> None:
    """What a stopped courier accepted, the next one over the same state delivers under the same ids, once each."""
    asleep = Courier(state, FAST, Faults())
    for number in range(5):
        asleep.send(webhook, str(number))
    asleep.stop()
    accepted = {one["id"] for one in state.find("invocation", status="accepted")}
    assert (len(accepted), receiver.got) == (5, [])
    courier = start()
    assert settled(courier, state) == ["success"] * 5
    assert sorted(one.body for one in receiver.got) == [b"0", b"1", b"2", b"3", b"4"]
    assert {one.headers["x-zendesk-webhook-invocation-id"] for one in receiver.got} == accepted


def test_stop_lets_the_attempt_on_the_wire_end(
    start: Start, state: State, receiver: Receiver, webhook: dict[str, Any]
) -> None:
    """Stopping waits for the answer that is on its way and records it."""
    receiver.answers = [(200, {}, 0.2)]
    courier = start()
    courier.send(webhook, "{}")
    while not receiver.got:
        time.sleep(0.005)
    courier.stop()
    assert [one["status"] for one in state.list("invocation")] == ["success"]


@pytest.mark.parametrize(
    ("switches", "requests", "ids", "ended"),
    [
        ({"delivery_duplicate_rate": 1.0}, 2, 1, {"success"}),
        ({"delivery_duplicate_rate": 1.0, "delivery_duplicate_same_id": False}, 2, 2, {"success"}),
        ({"delivery_drop_rate": 1.0}, 0, 0, {"failed"}),
    ],
)
def test_delivery_faults(
    start: Start, state: State, receiver: Receiver, webhook: dict[str, Any], switches: dict[str, Any], requests: int,
    ids: int, ended: set[str],
) -> None:  # fmt: skip
    """The switches double a delivery, under one id or two, or lose it."""
    faults = Faults()
    faults.set(switches)
    courier = start(faults)
    courier.send(webhook, "{}")
    assert set(settled(courier, state)) == ended
    assert len(receiver.got) == requests
    assert len({one.headers["x-zendesk-webhook-invocation-id"] for one in receiver.got}) == ids


def test_shuffled_deliveries_arrive_out_of_order(
    start: Start, state: State, receiver: Receiver, webhook: dict[str, Any]
) -> None:
    """With shuffling on, everything arrives, but not in the order it was sent."""
    faults = Faults()
    faults.set({"delivery_shuffle": True, "delivery_shuffle_s": 100.0})
    courier = start(faults)
    for number in range(20):
        courier.send(webhook, f"{number:02d}")
    assert set(settled(courier, state)) == {"success"}
    bodies = [one.body for one in receiver.got]
    assert len(bodies) == 20
    assert bodies != sorted(bodies)


def test_inactive_webhook_gets_nothing(start: Start, state: State, receiver: Receiver, webhook: dict[str, Any]) -> None:
    """A webhook that is off is not invoked, and one turned off meanwhile is not delivered to."""
    asleep = Courier(state, FAST, Faults())
    asleep.send({**webhook, "status": "inactive"}, "never")
    asleep.send(webhook, "accepted before")
    state.put("webhook", {**webhook, "status": "inactive"})
    assert settled(start(), state) == ["failed"]
    assert receiver.got == []


def test_breaker_on_the_wire(start: Start, state: State, receiver: Receiver, webhook: dict[str, Any]) -> None:
    """After enough failures deliveries are dropped as broken circuit without a request; later a probe closes it."""
    receiver.answers = [(500, {}, 0)]
    courier = start(breaker_least=10, breaker_open_s=100.0, workers=1)
    for _ in range(15):
        courier.send(webhook, "{}")
    assert settled(courier, state) == ["server error"] * 10 + ["circuit broken"] * 5
    assert len(receiver.got) == 10
    receiver.answers = [OK]
    time.sleep(100.0 / FAST.speed + 0.05)
    courier.send(webhook, "{}")
    assert settled(courier, state)[-1] == "success"


@pytest.mark.parametrize(
    ("failed", "good", "opens"),
    [(70, 30, True), (69, 31, False), (99, 0, False), (100, 0, True), (1001, 9000, True), (1000, 9000, False)],
)
def test_breaker_opens(failed: int, good: int, opens: bool) -> None:
    """The breaker opens at 70 % of at least a hundred requests, or above a thousand failures."""
    breaker = Breaker(window_s=300, least=100, share=0.7, failures=1000, open_s=5)
    for _ in range(good):
        breaker.count(1.0, failed=False)
    for _ in range(failed):
        breaker.count(1.0, failed=True)
    assert breaker.lets_through(1.0) is not opens


def test_breaker_forgets_and_probes() -> None:
    """Failures older than five minutes do not count; an open breaker lets one probe through at a time."""
    breaker = Breaker(window_s=300, least=2, share=0.7, failures=1000, open_s=5)
    breaker.count(0.0, failed=True)
    breaker.count(301.0, failed=True)
    assert breaker.lets_through(301.0)
    breaker.count(302.0, failed=True)
    assert not breaker.lets_through(306.9)
    assert breaker.lets_through(307.0)
    assert not breaker.lets_through(307.0)
    breaker.count(307.0, failed=True)
    assert not breaker.lets_through(311.9)
    assert breaker.lets_through(312.0)
    breaker.count(312.0, failed=False)
    assert breaker.lets_through(312.0)


def test_trial_accounts_are_throttled(start: Start, state: State, receiver: Receiver, webhook: dict[str, Any]) -> None:
    """Invocations beyond the cap of a minute are recorded as throttled and never sent."""
    courier = start(invocations_per_minute=3, speed=1.0)
    for _ in range(5):
        courier.send(webhook, "{}")
    assert sorted(settled(courier, state)) == ["success"] * 3 + ["throttled"] * 2
    assert len(receiver.got) == 3


def test_too_large_a_body_is_not_sent(start: Start, state: State, receiver: Receiver, webhook: dict[str, Any]) -> None:
    """A body above 256 KB is not delivered."""
    courier = start()
    courier.send(webhook, "x" * (256 * 1024 + 1))
    assert settled(courier, state) == ["failed"]
    assert receiver.got == []


def test_log_reaches_back_seven_days(state: State, webhook: dict[str, Any]) -> None:
    """Invocations older than a week are gone after a start, with their attempts; newer ones stay."""
    for name, days in (("old", 8), ("new", 6)):
        made = f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
        state.put("invocation", {"id": name, "webhook_id": webhook["id"], "status": "success", "created_at": made})
        state.put("attempt", {"id": f"{name}-1", "invocation_id": name})
    courier = Courier(state, FAST, Faults())
    courier.start()
    courier.stop()
    assert [one["id"] for one in state.list("invocation")] == ["new"]
    assert [one["id"] for one in state.list("attempt")] == ["new-1"]


def test_test_of_a_webhook_not_saved_yet(state: State, receiver: Receiver) -> None:
    """A test before saving is sent at once, signed with the published test secret, and leaves nothing behind."""
    receiver.answers = [(401, {}, 0)]
    told = Courier(state, FAST, Faults()).test({}, {"endpoint": receiver.url, "payload": {"a": 1}})
    assert told == {
        "test": {"status": "failed", "message": "client error", "response_code": 401, "response_body": "ok"}
    }
    (request,) = receiver.got
    assert request.body == b'{"a": 1}'
    stamp = request.headers["x-zendesk-webhook-signature-timestamp"]
    assert request.headers["x-zendesk-webhook-signature"] == signature(TEST_SECRET, stamp, request.body)
    assert state.list("invocation") == []


def test_test_of_a_saved_webhook(state: State, receiver: Receiver, webhook: dict[str, Any]) -> None:
    """A test of a saved webhook is signed with its own secret, and the request's own values go first."""
    told = Courier(state, FAST, Faults()).test(webhook, {"endpoint": receiver.url + "?tried", "http_method": None})
    assert told["test"]["status"] == "success"
    (request,) = receiver.got
    assert request.path == "/zendesk/events?tried"
    stamp = request.headers["x-zendesk-webhook-signature-timestamp"]
    assert request.headers["x-zendesk-webhook-signature"] == signature(SECRET, stamp, request.body)


def test_test_without_an_answer(state: State) -> None:
    """A test that reaches nobody says so and has no response code."""
    told = Courier(state, FAST, Faults()).test({}, {"endpoint": "http://127.0.0.1:9/"})
    assert told == {"test": {"status": "failed", "message": "ConnectionError"}}


def test_an_unforeseen_failure_does_not_end_the_pool(
    start: Start, state: State, receiver: Receiver, webhook: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A stored webhook that makes no sense fails its own delivery, and the next ones go out."""
    broken = state.put("webhook", {**webhook, "id": "broken", "request_format": "yaml"})
    courier = start(workers=1)
    courier.send(broken, "{}")
    courier.send(webhook, "{}")
    assert settled(courier, state) == ["failed", "success"]
    assert "ended unforeseen" in caplog.text
