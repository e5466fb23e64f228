"""Measures briefing and note against labelled threads: what they carry of what was said, and what they invent.

It must not know how anything is found. Use: python -m bench.context [--set NAME] [--misses] [--dev FILE]
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integration import analysis, jsonl
from integration.model import Briefing, Desk, FactKind, Ticket
from integration.policy import fitting, note
from integration.policy.briefing import brief
from integration.policy.masking import masked
from integration.policy.spoken import plain

CASES = Path(__file__).parent.parent / "tests" / "cases" / "context.jsonl"
GROUPS = ("facts", "tried", "promised")
_SHORTENED = (FactKind.EMAIL, FactKind.PHONE)  # shown in part only, and never word for word


@dataclass(frozen=True, slots=True)
class Measured:
    """One labelled thread: which labels were missed where, and what stands in the briefing that nobody said."""

    labelled: dict[str, int]
    missed: dict[str, list[str]]  # by group: not in the briefing
    missed_in_note: dict[str, list[str]]
    invented: list[str]
    items: int
    words: int


def cases(dev: Path | None) -> list[dict[str, Any]]:
    """The labelled rows that can be read: those of the development file only where it is there."""
    rows = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    beside = dev.read_text(encoding="utf-8").splitlines() if dev and dev.exists() else []
    known = {row["id"]: row for row in map(json.loads, beside)}
    found = [row | {"ticket": row.get("ticket") or known.get(row["id"])} for row in rows]
    return [row for row in found if row["ticket"]]


def measure(row: dict[str, Any], *, with_note: bool = True) -> Measured:
    """Briefing and note of one row against its labels."""
    ticket, history = jsonl.ticket(row["ticket"])
    reading = analysis.read(ticket, history)
    made = brief(ticket, reading, history, fitting(reading, Desk(self_id=0)))
    text = note.of(made, ticket, reading, history, person=False) if with_note else ""
    carried = {
        "facts": [one.text for one in made.facts],
        "tried": [one.text for one in made.tried],
        "promised": [one.text for one in made.promises],
    }
    earlier = [one.text for one in (*made.began, made.answered) if one]
    everything = [*(one for group in GROUPS for one in carried[group]), *earlier]
    missed = {group: [s for s in row[group] if not _in(s, carried[group], everything, group)] for group in GROUPS}
    in_note = {group: [s for s in row[group] if _flat(s) not in _flat(text)] for group in GROUPS}
    return Measured(
        {group: len(row[group]) for group in GROUPS},
        missed,
        in_note,
        invented(made, ticket),
        len(everything),
        note.count(text),
    )


def invented(made: Briefing, ticket: Ticket) -> list[str]:
    """What the briefing says that stands, masked, in no message and not in the subject."""
    said = [_flat(masked(plain(text))) for text in (ticket.subject, *(m.text for m in ticket.messages))]
    facts = [one.text for one in made.facts if one.kind not in _SHORTENED]
    told = [one.text.strip("… ") for one in (*made.tried, *made.promises, *made.began, made.answered) if one]
    moods = [made.feels.words.strip("… ")] if made.feels.words else []
    return [one for one in (*facts, *told, *moods) if not any(_flat(one) in text for text in said)]


def _in(label: str, carried: list[str], everything: list[str], group: str) -> bool:
    """A fact or try counts wherever the briefing says it; a promise only as one."""
    return any(_flat(label) in _flat(one) for one in (carried if group == "promised" else everything))


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def main() -> None:
    """Read the cases; print recall by set and group for briefing and note, and every invention."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", default="", help="only the threads of this set")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--dev", type=Path, default=Path("tickets-dev.jsonl"))
    asked = parser.parse_args()
    totals: dict[str, Counter[str]] = {}
    for row in cases(asked.dev):
        if asked.set and row["set"] != asked.set:
            continue
        found = measure(row)
        _add(totals.setdefault(row["set"], Counter()), found)
        if found.invented or (asked.misses and any((*found.missed.values(), *found.missed_in_note.values()))):
            print(row["id"], "briefing", found.missed, "note", found.missed_in_note, "invented", found.invented)
    for name, total in totals.items():
        _tell(name, total)


def _add(total: Counter[str], found: Measured) -> None:
    total["threads"] += 1
    total["items"] += found.items
    total["invented"] += len(found.invented)
    total["longest"] = max(total["longest"], found.words)
    for group in GROUPS:
        total[group] += found.labelled[group]
        total[f"missed {group}"] += len(found.missed[group])
        total[f"missed {group} in note"] += len(found.missed_in_note[group])


def _tell(name: str, total: Counter[str]) -> None:
    counted = f"{total['threads']} threads, {total['items']} items, {total['invented']} invented"
    print(f"{name}: {counted}, longest note {total['longest']} words")
    for group in GROUPS:
        all_ = max(1, total[group])
        shown = (
            f"{where} {1 - total[f'missed {group}{tail}'] / all_:.1%}"
            for where, tail in (("briefing", ""), ("note", " in note"))
        )
        print(f"  {group}: {total[group]} labelled; {', '.join(shown)}")


if __name__ == "__main__":
    main()
