"""Knows the troubles a desk can be told to make: slow, failing and lost answers, and late, doubled or lost deliveries.
It must not know how requests are answered or webhooks sent; it only says what should go wrong next."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """All switches and their resting positions. Rates go from 0 to 1; times are seconds."""

    api_latency_s: float = 0.0
    """Every API request waits so long before it is looked at."""
    api_error_rate: float = 0.0
    """Share of API requests that fail with `api_error_status` and change nothing."""
    api_error_status: int = 500
    api_error_retry_after_s: int | None = None
    """What a failing answer's Retry-After says; None leaves it out."""
    api_error_text: str = ""
    """What a failing answer says as plain text, as some of Zendesk's do; empty for JSON."""
    api_drop_answer_rate: float = 0.0
    """Share of API requests that are carried out, but whose answer is replaced by a 504: the caller cannot know."""
    only_paths: str = ""
    """The API faults touch only paths that begin with this."""
    only_methods: str = ""
    """The API faults touch only these methods, with spaces between; empty for all."""
    delivery_duplicate_rate: float = 0.0
    """Share of deliveries that go out twice."""
    delivery_duplicate_same_id: bool = True
    """Whether the second one bears the same invocation id (a resend) or its own (the action ran twice)."""
    delivery_delay_s: float = 0.0
    """Every delivery starts so much later."""
    delivery_shuffle: bool = False
    """Deliveries start up to `delivery_shuffle_s` later by chance, so that they overtake each other."""
    delivery_shuffle_s: float = 2.0
    delivery_drop_rate: float = 0.0
    """Share of deliveries that never go out."""
    seed: int = 0
    """The same seed and the same order of requests give the same troubles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultAnswer:
    """The answer to give instead of the real one; plain text where it has any."""

    status: int
    body: dict[str, str]
    headers: dict[str, str]
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFault:
    """What happens to one delivery: how often it goes out (0 is lost), and after how many seconds each time."""

    delays_s: tuple[float, ...] = (0.0,)
    same_id: bool = True


class Faults:
    """The switches of one desk. Safe to use from many threads."""

    def __init__(self, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._lock = threading.Lock()
        self._switches = Switches()
        self._random = random.Random(self._switches.seed)

    def set(self, switches: Mapping[str, Any]) -> None:
        """Turn the named switches, leave the others; the randomness starts anew from the seed.

        Raises ValueError for unknown names, wrong types and numbers out of range; then nothing has changed.
        """
        unknown = set(switches) - {one.name for one in fields(Switches)}
        if unknown:
            raise ValueError(f"unknown faults: {', '.join(sorted(unknown))}")
        for name, value in switches.items():
            _check(name, value)
        with self._lock:
            self._switches = replace(self._switches, **switches)
            self._random = random.Random(self._switches.seed)

    def clear(self) -> None:
        """Turn everything back to rest."""
        with self._lock:
            self._switches = Switches()
            self._random = random.Random(self._switches.seed)

    def as_dict(self) -> dict[str, Any]:
        """Give every switch as `set` takes it."""
        return asdict(self._switches)

    def before_request(self, method: str, path: str) -> FaultAnswer | None:
        """Wait as told, then give the error to answer with, or None when the request may be carried out."""
        at = self._switches
        if not _touches(at, method, path):
            return None
        if at.api_latency_s:
            self._sleep(at.api_latency_s)
        if not self._happens(at.api_error_rate):
            return None
        headers = {} if at.api_error_retry_after_s is None else {"Retry-After": str(at.api_error_retry_after_s)}
        body = {"error": "SandboxFault"}
        return FaultAnswer(status=at.api_error_status, body=body, headers=headers, text=at.api_error_text)

    def after_request(self, method: str, path: str) -> FaultAnswer | None:
        """Give the 504 that hides a request which was carried out, or None when its own answer may go."""
        at = self._switches
        if not _touches(at, method, path) or not self._happens(at.api_drop_answer_rate):
            return None
        return FaultAnswer(status=504, body={"error": "SandboxFault"}, headers={})

    def on_delivery(self) -> DeliveryFault:
        """Say what happens to the next delivery."""
        at = self._switches
        if self._happens(at.delivery_drop_rate):
            return DeliveryFault(delays_s=())
        times = 2 if self._happens(at.delivery_duplicate_rate) else 1
        with self._lock:
            extra = [
                self._random.uniform(0, at.delivery_shuffle_s) if at.delivery_shuffle else 0.0 for _ in range(times)
            ]
        return DeliveryFault(
            delays_s=tuple(at.delivery_delay_s + one for one in extra), same_id=at.delivery_duplicate_same_id
        )

    def _happens(self, rate: float) -> bool:
        if rate <= 0:
            return False
        with self._lock:
            return self._random.random() < rate


def _touches(at: Switches, method: str, path: str) -> bool:
    methods = at.only_methods.upper().split()
    return path.startswith(at.only_paths) and (not methods or method.upper() in methods)


def _check(name: str, value: Any) -> None:
    rest = getattr(Switches(), name)
    if name == "api_error_retry_after_s" and value is None:
        return
    if isinstance(rest, bool | str):
        fitting = type(value) is type(rest)
    else:
        kinds = (int, float) if isinstance(rest, float) else (int,)
        fitting = type(value) in kinds and value >= 0 and not (name.endswith("_rate") and value > 1)
    if not fitting:
        raise ValueError(f"{name} cannot be {value!r}")
    if name == "api_error_status" and not 400 <= value <= 599:
        raise ValueError(f"{name} must be from 400 to 599, not {value!r}")
