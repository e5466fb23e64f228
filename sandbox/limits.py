"""Knows Zendesk's rate limits: how much of each is left, what the headers say of it and how a refusal looks.
It must not know what a request does; it counts by endpoint name, user and ticket, and takes its clock from outside."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Requests per minute and account. https://developer.zendesk.com/api-reference/introduction/rate-limits/
PLANS: dict[str, int] = {
    "team": 200,
    "growth": 400,
    "professional": 400,
    "enterprise": 700,
    "enterprise_plus": 2500,
    "high_volume": 2500,
    "sandbox": 400,
    "trial": 200,
}
# Ticket updates per minute and account where it differs from the usual 100.
# https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-ticket
_UPDATES_BY_PLAN = {"sandbox": 20, "trial": 20, "high_volume": 300}
_EXPORTS_BY_PLAN = {"high_volume": 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One limit: `total` takes in `window_s` seconds for each key made of the parts named in `per`."""

    name: str
    endpoint: str
    total: int
    window_s: int
    per: tuple[str, ...] = ()
    header: str = ""


# The limits beside the plan's own. An empty `endpoint` counts every request. Sources: the "Rate limits" page for the
# account, and the reference page of each endpoint for the rest (tickets, incremental exports, search, views, fields).
_RULES: tuple[Rule, ...] = (
    Rule(name="account", endpoint="", total=PLANS["professional"], window_s=60),
    Rule(name="tickets_update", endpoint="tickets_update", total=100, window_s=60, header="tickets-update"),
    Rule(
        name="per_ticket_updates", endpoint="tickets_update", total=30, window_s=600, per=("user", "ticket"),
        header="per-ticket-updates",
    ),
    Rule(name="tickets_index", endpoint="tickets_index", total=100, window_s=60, header="tickets-index"),
    Rule(name="incremental", endpoint="incremental", total=10, window_s=60, header="incremental-exports"),
    Rule(name="incremental_sample", endpoint="incremental_sample", total=10, window_s=1200),
    Rule(name="search_export", endpoint="search_export", total=100, window_s=60, header="search-export"),
    Rule(name="views_execute", endpoint="views_execute", total=5, window_s=60, per=("user", "ticket")),
    Rule(name="views_count_many", endpoint="views_count_many", total=6, window_s=300, per=("user",)),
    Rule(name="field_options_write", endpoint="field_options_write", total=100, window_s=60),
    Rule(name="callback_requests", endpoint="callback_requests", total=30, window_s=600),
)  # fmt: skip

# Both shapes of a refusal occur in life; a client must read neither.
_JSON_BODY = json.dumps({"error": "APIRateLimitExceeded", "description": "Too many requests: wait and try again"})
_TEXT_BODY = "Number of allowed API requests per minute exceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a request is told: headers for the answer and, when it is refused, the whole 429.

    `retry_after` is None for a request that may go on, else whole seconds.
    """

    headers: dict[str, str]
    retry_after: int | None = None
    body: str = ""
    content_type: str = ""


@dataclass(slots=True)
class _Window:
    started: float
    taken: int = 0


@dataclass(slots=True)
class _Numbers:
    totals: dict[str, int] = field(default_factory=dict)
    plain_text_every: int = 0


class Limits:
    """The counters of one account. Safe to use from many threads; numbers may change while it runs."""

    def __init__(self, plan: str = "professional", *, now: Callable[[], float] = time.monotonic, **totals: int) -> None:
        """Start with a plan's numbers, some replaced by name (`account=…, tickets_update=…`).

        `now` gives seconds on any steady clock. Raises ValueError for a plan or a name that does not exist.
        """
        if plan not in PLANS:
            raise ValueError(f"plan must be one of {', '.join(PLANS)}, not {plan!r}")
        self.plan = plan
        self._now = now
        self._lock = threading.Lock()
        self._windows: dict[tuple[object, ...], _Window] = {}
        self._refused = 0
        self._numbers = _Numbers({rule.name: rule.total for rule in _RULES})
        self.set({"account": PLANS[plan]})
        self.set({"tickets_update": _UPDATES_BY_PLAN.get(plan, 100), "incremental": _EXPORTS_BY_PLAN.get(plan, 10)})
        self.set(totals)

    def set(self, numbers: Mapping[str, Any]) -> None:
        """Change limits by name; `plain_text_every` = n makes each n-th refusal plain text, 0 none.

        Raises ValueError for unknown names and for numbers below zero; then nothing has changed.
        """
        unknown = set(numbers) - set(self._numbers.totals) - {"plain_text_every"}
        if unknown:
            raise ValueError(f"unknown limits: {', '.join(sorted(unknown))}")
        if any(not isinstance(value, int) or isinstance(value, bool) or value < 0 for value in numbers.values()):
            raise ValueError("limits are whole numbers from zero")
        with self._lock:
            for name, value in numbers.items():
                if name == "plain_text_every":
                    self._numbers.plain_text_every = value
                else:
                    self._numbers.totals[name] = value

    def as_dict(self) -> dict[str, int]:
        """Give all numbers as `set` takes them."""
        with self._lock:
            return {**self._numbers.totals, "plain_text_every": self._numbers.plain_text_every}

    def reset(self) -> None:
        """Forget what was taken; the numbers stay."""
        with self._lock:
            self._windows.clear()
            self._refused = 0

    def take(self, endpoint: str = "", user_id: int | None = None, ticket_id: int | None = None) -> Verdict:
        """Count one request and say whether it may go on. A refused request takes nothing.

        `endpoint` is a rule's endpoint name or "" for all others; `ticket_id` is the view's id for `views_execute`.
        """
        who = {"user": user_id, "ticket": ticket_id}
        with self._lock:
            now = self._now()
            self._forget_old(now)
            rules = [rule for rule in _RULES if rule.endpoint in ("", endpoint)]
            windows = [self._window(rule, who, now) for rule in rules]
            full = [
                math.ceil(window.started + rule.window_s - now)
                for rule, window in zip(rules, windows, strict=True)
                if window.taken >= self._numbers.totals[rule.name]
            ]
            if not full:
                for window in windows:
                    window.taken += 1
            headers = self._headers(rules, windows, now)
            return self._refusal(headers, max(1, *full)) if full else Verdict(headers=headers)

    def _window(self, rule: Rule, who: Mapping[str, int | None], now: float) -> _Window:
        key = (rule.name, *(who[part] for part in rule.per))
        window = self._windows.get(key)
        if window is None or now >= window.started + rule.window_s:
            window = self._windows[key] = _Window(now)
        return window

    def _forget_old(self, now: float) -> None:
        """Windows per ticket would pile up for ever; the longest rule lasts twenty minutes."""
        if len(self._windows) > _MAX_WINDOWS:
            longest = max(rule.window_s for rule in _RULES)
            self._windows = {key: one for key, one in self._windows.items() if now < one.started + longest}

    def _headers(self, rules: list[Rule], windows: list[_Window], now: float) -> dict[str, str]:
        headers: dict[str, str] = {}
        for rule, window in zip(rules, windows, strict=True):
            total = self._numbers.totals[rule.name]
            left = max(0, total - window.taken)
            resets = max(0, math.ceil(window.started + rule.window_s - now))
            if rule.name == "account":
                headers |= _account_headers(total, left, resets)
            elif rule.header:
                headers[f"Zendesk-RateLimit-{rule.header}"] = f"total={total}; remaining={left}; resets={resets}"
        return headers

    def _refusal(self, headers: dict[str, str], retry_after: int) -> Verdict:
        self._refused += 1
        every = self._numbers.plain_text_every
        plain = bool(every) and self._refused % every == 0
        return Verdict(
            headers=headers | {"Retry-After": str(retry_after)},
            retry_after=retry_after,
            body=_TEXT_BODY if plain else _JSON_BODY,
            content_type="text/plain; charset=utf-8" if plain else "application/json; charset=utf-8",
        )


_MAX_WINDOWS = 10_000  # windows; beyond it the ended ones are swept out (our choice: a few megabytes)


def _account_headers(total: int, left: int, resets: int) -> dict[str, str]:
    return {
        "X-Rate-Limit": str(total),
        "X-Rate-Limit-Remaining": str(left),
        "ratelimit-limit": str(total),
        "ratelimit-remaining": str(left),
        "ratelimit-reset": str(resets),
    }
