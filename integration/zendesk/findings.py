"""What a check of `flask doctor` may look at, and how it says what it found.

It must not look at anything itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from integration.model import Owned
from integration.zendesk.session import Session
from integration.zendesk.standing import API, PATHS, Thing


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"  # Attune works, and something should be looked at
    PROBLEM = "problem"  # Attune does not do its work


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    check: str  # one word or two, such as "clock"
    level: Level
    what: str  # what was found, in plain words
    what_to_do: str = ""  # empty where nothing needs doing


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that the checks may look at."""

    session: Session
    rows: tuple[Owned, ...]  # what install answers for
    public_url: str
    stored_secret: str  # the webhook secret that deliveries are checked with; empty where there is none
    clock: Callable[[], datetime]  # aware, UTC
    shared_value: str = ""  # what the app's calls are checked with; empty where the app is not installed

    def row(self, key: str) -> Owned | None:
        """What the ledger says of one thing."""
        return next((row for row in self.rows if row.key == key), None)

    def of(self, kind: str) -> tuple[Owned, ...]:
        """What the ledger says of one kind of thing."""
        return tuple(row for row in self.rows if row.kind == kind)

    def things(self, kind: str) -> Mapping[str, Thing]:
        """Everything of one kind that stands in the account, by id."""
        return {str(thing.get("id")): thing for thing in self.session.each(f"{API}/{PATHS[kind]}", PATHS[kind])}


Check = Callable[[Case], Iterable[Finding]]


def ok(check: str, what: str) -> Finding:
    """A finding that needs nothing."""
    return Finding(check=check, level=Level.OK, what=what)


def warning(check: str, what: str, what_to_do: str) -> Finding:
    """A finding that should be looked at."""
    return Finding(check=check, level=Level.WARNING, what=what, what_to_do=what_to_do)


def problem(check: str, what: str, what_to_do: str) -> Finding:
    """A finding that keeps Attune from its work."""
    return Finding(check=check, level=Level.PROBLEM, what=what, what_to_do=what_to_do)
