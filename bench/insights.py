"""Measures how long the figures take with 1,000, 10,000 and 100,000 tickets in the database, and how that grows.

It must not judge what the figures say. Use: python -m bench.insights [DATABASE_URL]
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from integration import insights
from integration.model import Charge, Course, Felt, Group, Intent, Label, Sentiment
from integration.store import Store, migrate
from integration.store.insight import _values
from integration.store.tables import course as table

SIZES = (1_000, 10_000, 100_000)
# The tickets are spread over a year; the page shows four weeks unless asked for more.
YEAR, MONTH = timedelta(days=365), timedelta(days=28)
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
# Times that each measurement is taken; the shortest counts, for other work on the machine can only add.
TIMES = 5
# Rows in one insert.
PORTION = 5_000
REASONS = [f"reason {number}" for number in range(20)]


def main() -> None:
    """Fill databases of three sizes, and print for each what the page takes, beside the size before."""
    console = Console(width=120)
    shown = Table(
        "tickets", "in four weeks", "read four weeks", "count them", "read what is open", "a whole year", "ratio"
    )
    before = 0.0
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'bench.sqlite'}"
            store = _filled(url, size)
            row, total = _measured(store, size)
            shown.add_row(*row, f"{total / before:.1f}x" if before else "")
            before = total
            store.close()
    console.print(shown)
    console.print("The ratio is of the year's figures to those of the row above: ten is linear.")


def _measured(store: Store, size: int) -> tuple[list[str], float]:
    book = store.insight
    month, year = (UNTIL - MONTH, UNTIL), (UNTIL - YEAR, UNTIL)
    rows, open_now = book.courses(*month), book.open_now()

    def count(period: tuple[datetime, datetime]) -> Callable[[], object]:
        return lambda: insights.panel(rows, open_now, since=period[0], until=period[1], now=UNTIL)

    whole = _shortest(lambda: insights.panel(book.courses(*year), open_now, since=year[0], until=year[1], now=UNTIL))
    found = (_shortest(lambda: book.courses(*month)), _shortest(count(month)), _shortest(book.open_now), whole)
    return [f"{size:,}", f"{len(rows):,}", *(f"{seconds * 1000:,.0f} ms" for seconds in found)], whole


def _shortest(work: Callable[[], object]) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def _filled(url: str, size: int) -> Store:
    migrate(url)
    chance = random.Random(size)
    engine = sa.create_engine(url)
    with engine.begin() as db:
        db.execute(sa.delete(table))
        for start in range(1, size + 1, PORTION):
            numbers = range(start, min(start + PORTION, size + 1))
            db.execute(sa.insert(table), [_values(_any(number, chance)) for number in numbers])
    engine.dispose()
    return Store(url)


def _any(number: int, chance: random.Random) -> Course:
    """A ticket as they come: one in twenty is open, one in eight charged, one in fifty is promised something."""
    asked = UNTIL - chance.random() * YEAR
    charged = chance.random() < 0.125
    times: dict[str, Any] = {
        name: asked + chance.random() * timedelta(days=2) for name in ("reply", "person", "solved")
    }
    solved, promised = chance.random() < 0.95, chance.random() < 0.02
    return Course(
        ticket_id=number,
        requester_id=chance.randrange(_people(number)),
        channel="email",
        language="en",
        intent=chance.choice(list(Intent)),
        created_at=asked,
        asked_at=asked,
        seen_at=UNTIL,
        first_reply_at=times["reply"],
        first_person_at=times["person"],
        solved_at=times["solved"] if solved else None,
        solved=solved,
        reopens=int(chance.random() < 0.1),
        customer_messages=chance.randint(1, 6),
        agent_messages=chance.randint(0, 4),
        our_replies=int(not charged and chance.random() < 0.5),
        asked_again=None,
        wanted_person=chance.random() < 0.05,
        way_out=chance.random() < 0.05,
        rating=chance.choice(["", "", "good", "bad"]),
        first=_mood(1, asked, charged, chance),
        last=_mood(chance.randint(1, 3), asked, charged, chance),
        worst=Charge.CHARGED if charged else Charge.CALM,
        group=chance.choice(list(Group)),
        assignee_id=chance.randint(1, 30),
        touched=chance.random() < 0.7,
        drafted=False,
        held=tuple(chance.sample(REASONS, 2)),
        corrected=frozenset({Label.CHARGE}) if chance.random() < 0.05 else frozenset(),
        judged=frozenset(),
        promises_open=int(promised),
        next_due=asked + timedelta(days=3) if promised else None,
    )


def _people(number: int) -> int:
    """How many customers wrote so many tickets: about one for every three."""
    return number // 3 + 1


def _mood(message_id: int, at: datetime, charged: bool, chance: random.Random) -> Felt:
    charge = Charge.CHARGED if charged else Charge.CALM
    return Felt(message_id=message_id, at=at, sentiment=chance.choice(list(Sentiment)), polarity=0.0, charge=charge)


if __name__ == "__main__":
    main()
