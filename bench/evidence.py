"""Measures whether the quoted evidence is what the reading rests on: every charged message is read again without it.

It must not know how the evidence was found. Use: python -m bench.evidence FILE...
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from integration import analysis, jsonl
from integration.analysis.telling import HALF, Span, without
from integration.model import Charge, History, Reading, Ticket


def main() -> None:
    """Read the files, take the quotes away, print how many readings fall."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("files", nargs="+", type=Path)
    files = arguments.parse_args().files
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    charged = fell = quoted = length = 0
    for row in rows:
        ticket, history = jsonl.ticket(row)
        reading = analysis.read(ticket, history)
        if reading.charge is not Charge.CHARGED:
            continue
        charged += 1
        spans = {(e.start, e.end) for e in reading.evidence if e.end > e.start}
        quoted += len(_covered(spans))
        length += len(reading.text)
        fell += _falls(ticket, history, reading, [Span(*span) for span in sorted(spans)])
    print(f"{charged} charged readings; without what is quoted {fell} ({fell / max(1, charged):.1%}) change or halve")
    print(f"quoted are {quoted / max(1, length):.0%} of their characters")


def _falls(ticket: Ticket, history: History, reading: Reading, spans: list[Span]) -> bool:
    newest = ticket.newest
    if newest is None:
        return False
    rest = without(reading.text, spans)
    messages = tuple(replace(m, text=rest) if m.id == newest.id else m for m in ticket.messages)
    again = analysis.read(replace(ticket, subject="", messages=messages), history)
    return again.charge is not Charge.CHARGED or again.charge_score <= HALF * reading.charge_score


def _covered(spans: set[tuple[int, int]]) -> set[int]:
    return {position for start, end in spans for position in range(start, end)}


if __name__ == "__main__":
    main()
