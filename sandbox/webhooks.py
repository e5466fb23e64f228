"""Knows how webhooks are delivered: by whom, how often again, when not at all, and what is kept of each attempt.
It must not know why a webhook fires, nor what its body says."""

from __future__ import annotations

import heapq
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import requests

from sandbox.breaker import Breaker
from sandbox.faults import Faults
from sandbox.signing import Outgoing, outgoing

if TYPE_CHECKING:
    from sandbox.state import State

_log = logging.getLogger(__name__)

# The subscription of a webhook that triggers and automations may use.
FOR_TRIGGERS = "conditional_ticket_events"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """The numbers of delivery. Sources: https://developer.zendesk.com/documentation/webhooks/ and, where that is
    silent, restatements of it by others (retry counts, breaker) or our choice (waits, workers)."""

    timeout_s: float = 12.0
    timeout_retries: int = 5
    conflict_retries: int = 3
    """How often a delivery that was answered with 409 is sent again."""
    later_retries: int = 5
    """How often a 429 or 503 with a short Retry-After is sent again."""
    max_retry_after_s: int = 60
    """A Retry-After of this or more ends the delivery."""
    connection_retries: int = 0
    """How often a delivery that found nobody listening is sent again; nothing says that Zendesk does it at all."""
    retry_wait_s: float = 5.0
    """The wait before the first retry of a timeout or 409, doubled each time (our choice)."""
    breaker_window_s: float = 300.0
    breaker_least: int = 100
    breaker_share: float = 0.7
    breaker_failures: int = 1000
    breaker_open_s: float = 5.0
    invocations_per_minute: int | None = None
    """More invocations than this are throttled; 60 on a trial account, None for no cap."""
    max_body_bytes: int = 256 * 1024
    kept_days: int = 7
    """How far back the log of invocations reaches."""
    workers: int = 4
    """Threads that deliver, so that order is not kept, as in life."""
    account_id: int = 20_001_234
    speed: float = 1.0
    """Waits (not the timeout) are divided by this; the breaker's clock runs faster by as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What came of one attempt, and which retry counter it draws on ("" for an attempt that ends the delivery)."""

    status: str
    code: int | None = None
    body: str = ""
    headers: dict[str, str] | None = None
    error: str = ""
    duration_ms: int = 0
    again: str = ""
    wait_s: float | None = None


class Courier:
    """Delivers webhooks from a pool of threads; what is not delivered yet survives a restart.

    Invocations wait in the state with the status `accepted`. Every method may be called from any thread.
    """

    def __init__(
        self,
        state: State,
        settings: DeliverySettings,
        faults: Faults,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._state = state
        self._settings = settings
        self._faults = faults
        self._now = now
        self._ready = threading.Condition()
        self._queue: list[tuple[float, int, str]] = []
        self._pushed = 0
        self._busy = 0
        self._running = False
        self._threads: list[threading.Thread] = []
        self._breakers: dict[str, Breaker] = {}
        self._recent: deque[float] = deque()

    def start(self) -> None:
        """Take up what an earlier run left and begin to deliver; old log entries are dropped."""
        if self._running:
            return
        self._forget_old()
        self._running = True
        for invocation in self._state.find("invocation", status="accepted"):
            self._push(str(invocation["id"]), 0.0)
        self._threads = [
            threading.Thread(target=self._work, name=f"courier-{number}", daemon=True)
            for number in range(self._settings.workers)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the attempts that are on the wire and deliver no more; the rest waits for the next start."""
        with self._ready:
            self._running = False
            self._queue.clear()
            self._ready.notify_all()
        for thread in self._threads:
            thread.join(self._settings.timeout_s + 1)
        self._threads = []

    def send(self, webhook: Mapping[str, Any], body: str, event_type: str = FOR_TRIGGERS) -> None:
        """Accept one delivery and return at once. An inactive webhook gets none."""
        if webhook.get("status") != "active":
            return
        fault = self._faults.on_delivery()
        invocation = self._accepted(webhook, body, event_type)
        if invocation["status"] != "accepted":
            return
        if not fault.delays_s:
            self._finish(invocation["id"], "failed")
        for number, delay in enumerate(fault.delays_s):
            if number and not fault.same_id:
                invocation = self._accepted(webhook, body, event_type)
            self._push(invocation["id"], delay)

    def test(self, webhook: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
        """Send one test request now and give the answer of POST /api/v2/webhooks/test.

        `webhook` is the stored document, {} for one not saved yet; `request` is the body's `webhook` object, which goes
        before it and may hold a `payload`.
        """
        target = {**webhook, **{key: value for key, value in request.items() if value is not None}}
        target.setdefault("id", self._state.next_id("webhook"))
        payload = request.get("payload", {})
        body = payload if isinstance(payload, str) else json.dumps(payload)
        with _session() as session:
            answer = self._attempt(session, self._request(target, body, str(self._state.next_id("invocation"))))
        told: dict[str, Any] = {
            "status": "success" if answer.status == "success" else "failed",
            "message": answer.error or answer.status,
        }
        if answer.code is not None:
            told |= {"response_code": answer.code, "response_body": answer.body}
        return {"test": told}

    def pending(self) -> int:
        """Count deliveries that wait or are on the wire."""
        with self._ready:
            return len(self._queue) + self._busy

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is pending; False if that took longer than `timeout_s`."""
        with self._ready:
            return self._ready.wait_for(lambda: not self._queue and not self._busy, timeout_s)

    def _accepted(self, webhook: Mapping[str, Any], body: str, event_type: str) -> dict[str, Any]:
        status = "accepted"
        if len(body.encode()) > self._settings.max_body_bytes:
            status = "failed"
        elif self._throttled():
            status = "throttled"
        return self._state.put(
            "invocation",
            {
                "id": self._state.next_id("invocation"),
                "webhook_id": str(webhook["id"]),
                "status": status,
                "created_at": _iso(self._now()),
                "latest_completed_at": None if status == "accepted" else _iso(self._now()),
                "event_type": event_type,
                "attempts_count": 0,
                "_body": body,
                "_retries": {},
            },
        )

    def _throttled(self) -> bool:
        cap = self._settings.invocations_per_minute
        if cap is None:
            return False
        with self._ready:
            now = self._clock()
            while self._recent and self._recent[0] <= now - 60:
                self._recent.popleft()
            if len(self._recent) >= cap:
                return True
            self._recent.append(now)
            return False

    def _clock(self) -> float:
        return time.monotonic() * self._settings.speed

    def _push(self, invocation_id: str, wait_s: float) -> None:
        with self._ready:
            self._pushed += 1
            heapq.heappush(self._queue, (self._clock() + wait_s, self._pushed, invocation_id))
            self._ready.notify_all()  # workers and `wait_idle` share the condition

    def _work(self) -> None:
        with _session() as session:
            while (invocation_id := self._next()) is not None:
                try:
                    self._deliver(session, invocation_id)
                except Exception:  # the top of a worker: one poisoned delivery must not end the pool
                    _log.exception("delivery %s ended unforeseen", invocation_id)
                    self._finish(invocation_id, "failed")
                finally:
                    with self._ready:
                        self._busy -= 1
                        self._ready.notify_all()

    def _next(self) -> str | None:
        """Wait for the next delivery that is due; None when there is to be no more."""
        with self._ready:
            while self._running:
                wait = (self._queue[0][0] - self._clock()) / self._settings.speed if self._queue else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._queue)[2]
                self._ready.wait(wait)
            return None

    def _deliver(self, session: requests.Session, invocation_id: str) -> None:
        invocation = self._state.get("invocation", invocation_id)
        if invocation is None:
            return None
        webhook = self._state.get("webhook", invocation["webhook_id"])
        if webhook is None or webhook.get("status") != "active":
            return self._finish(invocation_id, "failed")
        request = self._request(webhook, str(invocation["_body"]), invocation_id)
        breaker = self._breaker(str(webhook["id"]))
        if not breaker.lets_through(self._clock()):
            return self._finish(invocation_id, "circuit broken")
        answer = self._attempt(session, request)
        breaker.count(self._clock(), failed=answer.status != "success")
        self._record(invocation_id, answer)
        wait = self._wait_before_retry(invocation_id, answer)
        if wait is None:
            return self._finish(invocation_id, "throttled" if answer.code == 429 else answer.status)
        return self._push(invocation_id, wait)

    def _breaker(self, webhook_id: str) -> Breaker:
        at = self._settings
        with self._ready:
            return self._breakers.setdefault(
                webhook_id,
                Breaker(
                    window_s=at.breaker_window_s, least=at.breaker_least, share=at.breaker_share,
                    failures=at.breaker_failures, open_s=at.breaker_open_s,
                ),
            )  # fmt: skip

    def _request(self, webhook: Mapping[str, Any], body: str, invocation_id: str) -> Outgoing:
        at = self._settings
        return outgoing(webhook, body, invocation_id=invocation_id, account_id=at.account_id, now=self._now())

    def _attempt(self, session: requests.Session, request: Outgoing) -> _Answer:
        began = time.monotonic()
        try:
            code, headers, text = _sent(session, request, self._settings.timeout_s)
        except requests.Timeout:
            return _Answer(status="timeout", error="timeout", duration_ms=_since(began), again="timeout")
        except requests.RequestException as trouble:
            error = type(trouble).__name__
            return _Answer(status="failed", error=error, duration_ms=_since(began), again="connection")
        again, wait = self._retry_for(code, headers)
        return _Answer(
            status=_status(code), code=code, body=text, headers=headers, duration_ms=_since(began), again=again,
            wait_s=wait,
        )  # fmt: skip

    def _retry_for(self, code: int, headers: Mapping[str, str]) -> tuple[str, float | None]:
        if code == 409:
            return "conflict", None
        after = headers.get("Retry-After", "")
        if code in (429, 503) and after.isdigit() and int(after) < self._settings.max_retry_after_s:
            return "later", float(after)
        return "", None

    def _wait_before_retry(self, invocation_id: str, answer: _Answer) -> float | None:
        """Draw one retry and give the seconds until it; None when this delivery has none left."""
        at = self._settings
        most = {
            "timeout": at.timeout_retries, "conflict": at.conflict_retries, "later": at.later_retries,
            "connection": at.connection_retries,
        }  # fmt: skip
        if not answer.again:
            return None
        with self._state.transaction():
            invocation = self._state.get("invocation", invocation_id)
            if invocation is None:
                return None
            drawn = int(invocation["_retries"].get(answer.again, 0))
            if drawn >= most[answer.again]:
                return None
            invocation["_retries"][answer.again] = drawn + 1
            self._state.put("invocation", invocation)
        return at.retry_wait_s * 2**drawn if answer.wait_s is None else answer.wait_s

    def _record(self, invocation_id: str, answer: _Answer) -> None:
        with self._state.transaction():
            attempt: dict[str, Any] = {
                "id": self._state.next_id("attempt"),
                "invocation_id": invocation_id,
                "status": answer.status,
                "created_at": _iso(self._now()),
                "duration_ms": answer.duration_ms,
            }
            if answer.code is None:
                attempt["error_message"] = answer.error
            else:
                attempt |= {
                    "response_code": answer.code,
                    "response_body": answer.body,
                    "response_headers": answer.headers or {},
                }
            self._state.put("attempt", attempt)
            if invocation := self._state.get("invocation", invocation_id):
                self._state.put("invocation", invocation | {"attempts_count": invocation["attempts_count"] + 1})

    def _finish(self, invocation_id: str, status: str) -> None:
        with self._state.transaction():
            if invocation := self._state.get("invocation", invocation_id):
                done = {"status": status, "latest_completed_at": _iso(self._now())}
                self._state.put("invocation", invocation | done)

    def _forget_old(self) -> None:
        oldest = _iso(self._now() - timedelta(days=self._settings.kept_days))
        for invocation in self._state.list("invocation"):
            if invocation["created_at"] < oldest and invocation["status"] != "accepted":
                for attempt in self._state.find("attempt", invocation_id=invocation["id"]):
                    self._state.delete("attempt", attempt["id"])
                self._state.delete("invocation", invocation["id"])


# How much of a receiver's answer is read and kept, in bytes (our choice; the API says that it may be cut).
_KEPT_ANSWER = 4096


def _session() -> requests.Session:
    """A session that takes no proxy or .netrc password from its surroundings."""
    session = requests.Session()
    session.trust_env = False
    return session


def _sent(session: requests.Session, request: Outgoing, timeout_s: float) -> tuple[int, dict[str, str], str]:
    """Send and give status, headers and the beginning of the body; redirects are answers, not followed."""
    with session.request(
        request.method, request.url, params=request.params, headers=request.headers, data=request.body or None,
        timeout=timeout_s, allow_redirects=False, stream=True,
    ) as response:  # fmt: skip
        text = next(response.iter_content(_KEPT_ANSWER), b"").decode(errors="replace")
        return response.status_code, dict(response.headers), text


def _status(code: int) -> str:
    if 200 <= code < 300:
        return "success"
    if 400 <= code < 500:
        return "client error"
    return "server error" if code >= 500 else "failed"


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
