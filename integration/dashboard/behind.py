"""What stands behind the dashboard, and the few nouns that only it draws.

It must not know where any of it comes from: the assembly hands it over, each piece asked anew for a request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from integration.model import Done, Hand, Intent, Panel, Rules, Rung, Step, Visit, Wanted


class Visits(Protocol):
    """Who is signed in."""

    def open(self, name: str, until: datetime, now: datetime, *, may_switch: bool) -> None: ...
    def standing(self, name: str, now: datetime) -> Visit | None: ...
    def close(self, name: str) -> None: ...
    def burn(self, nonce: str, until: datetime, now: datetime) -> bool: ...
    def tried(self, place: str, now: datetime) -> int: ...
    def forgive(self, place: str) -> None: ...


class Audit(Protocol):
    """What was done; a page of it and how many there are."""

    def events(
        self, wanted: Wanted, failures: tuple[str, ...], first: int, many: int
    ) -> tuple[tuple[Mapping[str, Any], ...], int]: ...
    def event(self, delivery_id: str) -> Mapping[str, Any] | None: ...
    def story(self, ticket_id: int) -> tuple[Mapping[str, Any], ...]: ...
    def moves(self, many: int) -> tuple[Step, ...]: ...
    def done(self, wanted: Wanted, first: int, many: int) -> tuple[tuple[Done, ...], int]: ...


class Memory(Protocol):
    """What the dashboard asks of the store."""

    @property
    def visits(self) -> Visits: ...
    @property
    def audit(self) -> Audit: ...
    def rules(self) -> Rules: ...
    def change_rules(
        self, changes: Mapping[str, Any], now: datetime | None = None, because: str = "", by: Hand = Hand.FLASK
    ) -> Rules: ...
    def corrections(self, ticket_id: int) -> tuple[Mapping[str, Any], ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the house and how it is."""

    name: str
    level: str  # "ok", "warning" or "problem"
    said: str
    to_do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What Zendesk's last answer said of the calls that are left; None where it said nothing."""

    seen_at: datetime
    remaining: int | None  # of `limit` a minute, over the whole account
    limit: int | None
    updates_remaining: int | None  # ticket updates
    updates_limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Whether all is well here."""

    parts: tuple[Part, ...]
    waiting: int | None = None  # events in the queue; None where it cannot be looked at
    oldest: datetime | None = None  # since when the first of them waits
    failed: int = 0  # events of the last day that nothing made good
    paused_until: datetime | None = None  # Zendesk asked for a pause
    budget: Budget | None = None
    examined_at: datetime | None = None  # when `flask doctor` last looked
    findings: tuple[Part, ...] = ()  # what it found then


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """How often something happened, with the interval that holds the true share in 95 of 100 cases."""

    name: str
    count: int
    of: int
    low: float  # 0…1
    high: float
    bound: float | None = None  # 0…1: above this an intent falls


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """One intent on the ladder."""

    intent: Intent
    rung: Rung
    ceiling: Rung  # no rung above it, by the pack
    last: Step | None
    sent: int
    drafted: int
    ratios: tuple[Ratio, ...]
    to_climb: str
    earned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """One person in one group, and what they carry."""

    id: int
    name: str
    carries: int
    cap: int
    last_hour: int
    at_work: bool | None  # None: the account does not tell
    why_not: str  # why nobody asks them now; empty where they are asked
    until: datetime | None  # the end of their pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """One group that is asked, for what, and its people."""

    id: int
    name: str
    cares: tuple[str, ...]
    people: tuple[Colleague, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What was put into the queue again."""

    deliveries: tuple[str, ...]
    left: int = 0  # failures whose tickets are not there any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What stands behind the dashboard."""

    key: Callable[[], bytes]
    password: Callable[[], str]
    memory: Callable[[], Memory]
    clock: Callable[[], datetime]
    desk: Callable[[], str]  # Zendesk's address for agents, without a trailing slash; empty where none is known
    secure: Callable[[], bool]  # whether browsers reach us by https
    failures: tuple[str, ...]  # how the reasons of failed outcomes begin
    house: Callable[[], House]
    ladder: Callable[[], tuple[Footing, ...]]
    rung_refused: Callable[[Intent, Rung], str]  # why an intent may not stand there; empty where it may
    panel: Callable[[datetime, datetime], Panel]  # of the tickets that began in since ≤ t < until
    team: Callable[[], tuple[tuple[Crowd, ...], tuple[str, ...]]]  # and what is to be said of it
    failed: Callable[[], Iterable[Mapping[str, Any]]]  # events that failed and that nothing made good
    replay: Callable[[str], Replayed]  # one delivery, or every failed one for ""; raises Refused
