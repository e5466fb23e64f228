"""Plays sample tickets into a desk as their customers, and shows what becomes of each, as an agent would see it.

It must not look anywhere but at the desk: what is shown is what stands on the tickets.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

# Between two tickets, in seconds: a busy hour of a small desk, made short.
BETWEEN_TICKETS_S = 0.25
# Between two looks at the tickets, in seconds: two calls a second stay well under any plan's limit.
BETWEEN_LOOKS_S = 0.5
# How long the last ticket may take before we stop looking, in seconds.
PATIENCE_S = 120.0
TIMEOUT_S = 20.0
SHOW_MANY = 100
# Columns of a table that goes into a file, where there is no terminal to ask.
WIDTH_OF_A_FILE = 150

COLOURS = {"charged": "red", "critical": "red", "high": "yellow", "mild": "yellow", "negative": "yellow"}
DONE = {
    "attune_answered": ("answered", "green"),
    "attune_senior": ("to senior people", "red"),
    "attune_drafted": ("draft for an agent", "cyan"),
    "attune_wants_person": ("asks for a person", "cyan"),
}


@dataclass(slots=True)
class Played:
    """One ticket as it goes."""

    words: str
    id: int = 0
    sent_at: float = 0.0
    seconds: float | None = None
    tags: frozenset[str] = field(default_factory=frozenset)
    status: str = ""
    comments: int = 0


def play(url: str, tickets: Path, client: tuple[str, str]) -> int:
    """Play every ticket of the file, and look until each is attended to; gives back an exit code."""
    rows = [json.loads(line) for line in tickets.read_text("utf-8").splitlines() if line.strip()]
    desk = _Desk(url, client)
    played: list[Played] = []
    # Where nobody watches a screen, the finished table is printed once.
    with Live(_table(played), console=_console(), refresh_per_second=4, transient=False) as live:
        for row in rows:
            played.append(desk.write(row))
            desk.look(played[-30:])
            live.update(_table(played))
            time.sleep(BETWEEN_TICKETS_S)
        give_up = time.monotonic() + PATIENCE_S
        while any(one.seconds is None for one in played) and time.monotonic() < give_up:
            desk.look([one for one in played if one.seconds is None])
            live.update(_table(played))
            time.sleep(BETWEEN_LOOKS_S)
        desk.look(played)
        live.update(_table(played))
    _sum_up(played)
    return 0 if all(one.seconds is not None for one in played) else 1


class _Desk:
    """The two things done at the desk: write as a customer, look as an agent."""

    def __init__(self, url: str, client: tuple[str, str]) -> None:
        self._url = url
        self._session = requests.Session()
        answer = self._session.post(
            f"{url}/oauth/tokens",
            json={
                "grant_type": "client_credentials",
                "client_id": client[0] or "attune",
                "client_secret": client[1] or "attune-sandbox-secret",
                "scope": "read",
            },
            timeout=TIMEOUT_S,
        )
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def write(self, row: Mapping[str, Any]) -> Played:
        """Write one ticket as its customer."""
        body = {name: row[name] for name in ("requester", "channel", "subject", "body", "thread")}
        answer = self._session.post(f"{self._url}/sandbox/tickets", json=body, timeout=TIMEOUT_S)
        answer.raise_for_status()
        words = " ".join(f"{row['subject']} {row['body']}".split())
        return Played(words=words, id=int(answer.json()["ticket"]["id"]), sent_at=time.monotonic())

    def look(self, played: Iterable[Played]) -> None:
        """See what stands on the tickets now."""
        wanted = {one.id: one for one in played}
        for start in range(0, len(wanted), SHOW_MANY):
            ids = list(wanted)[start : start + SHOW_MANY]
            answer = self._session.get(
                f"{self._url}/api/v2/tickets/show_many",
                params={"ids": ",".join(map(str, ids)), "include": "comment_count"},
                timeout=TIMEOUT_S,
            )
            if answer.status_code == requests.codes.too_many_requests:
                time.sleep(float(answer.headers.get("Retry-After", "1")))
                return
            answer.raise_for_status()
            for ticket in answer.json()["tickets"]:
                _see(wanted[int(ticket["id"])], ticket)


def _see(one: Played, ticket: Mapping[str, Any]) -> None:
    one.tags = frozenset(ticket["tags"])
    one.status = ticket["status"]
    one.comments = int(ticket.get("comment_count") or 0)
    if one.seconds is None and _label(one, "charge"):
        one.seconds = time.monotonic() - one.sent_at


def _label(one: Played, name: str) -> str:
    prefix = f"attune_{name}_"
    return next((tag.removeprefix(prefix) for tag in sorted(one.tags) if tag.startswith(prefix)), "")


def _done(one: Played) -> Text:
    if one.seconds is None:
        return Text("waiting", style="dim")
    words = [Text(word, style=colour) for tag, (word, colour) in DONE.items() if tag in one.tags]
    return Text(", ").join(words) if words else Text("tagged, left to people", style="dim")


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH_OF_A_FILE)


def _table(played: list[Played]) -> Table:
    table = Table(box=None)
    for name in ("ticket", "what came in", "feeling", "charge", "urgency", "intent", "done", "s"):
        table.add_column(name, no_wrap=True)
    for one in played:
        labels = [_label(one, name) for name in ("sentiment", "charge", "urgency", "intent")]
        table.add_row(
            str(one.id),
            Text(one.words[:46]),
            *(Text(label.replace("_", " "), style=COLOURS.get(label, "")) for label in labels),
            _done(one),
            f"{one.seconds:.1f}" if one.seconds is not None else "",
        )
    return table


def _sum_up(played: list[Played]) -> None:
    console = _console()
    counts: dict[str, int] = {}
    for one in played:
        counts[_done(one).plain] = counts.get(_done(one).plain, 0) + 1
    console.print(f"{len(played)} tickets: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    waiting = [str(one.id) for one in played if one.seconds is None]
    if waiting:
        console.print(f"[red]not attended to within {PATIENCE_S:.0f} s: {', '.join(waiting)}[/red]")
