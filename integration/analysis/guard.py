"""Looks for the words that one line of business must not leave to a bot, and raises the reading where they stand.

It must not lower anything: what comes out keeps a bot at least as silent as what went in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from integration import content
from integration.analysis import cues, tables
from integration.analysis.clean import clean
from integration.analysis.finding import Finding
from integration.analysis.phrases import words
from integration.model import PROTECTIVE_SIGNALS, ROUTINE_INTENTS, Charge, Intent, Reading, Signal, Ticket, Urgency, Who

# Earlier messages of the customer that are looked at, and characters of each: as many as the reader looks at.
_EARLIER, _EARLIER_LENGTH = 10, 2_000


def guard(reading: Reading, ticket: Ticket, pack: str) -> Reading:
    """The reading, raised by what the pack's cues find in the newest message and in the customer's earlier ones.

    Without a pack, and where nothing is found, it is the reading itself. Raises KeyError for an unknown pack.
    """
    if not pack:
        return reading
    table = _table(pack)
    now = cues.find(words(reading.text), reading.language, table)
    found = [*now, *_earlier(ticket, reading.language, table)]
    return _raised(reading, now, found) if found else reading


@cache
def _table(pack: str) -> tables.CueTable:
    rows = content.pack(pack).cues
    for row in rows:
        _must_protect(row)
    return tables.table_of((row, str(row.get("language", tables.ENGLISH))) for row in rows)


def _must_protect(row: Mapping[str, Any]) -> None:
    """Raises ValueError for a cue that would not keep a bot silent by itself, surely and whatever stands around it."""
    signal, intent = Signal(row["signal"]), row.get("intent")
    protects = signal in PROTECTIVE_SIGNALS or (intent is not None and intent not in ROUTINE_INTENTS)
    if not protects or signal is Signal.MACHINE or intent in ROUTINE_INTENTS or {"hints", "unless"} & row.keys():
        raise ValueError(f"a cue of a pack must keep a bot silent: {row['reason']}")


def _earlier(ticket: Ticket, language: str, table: tables.CueTable) -> list[Finding]:
    """What stood in earlier messages: facts of the history, so without a place in what is read now."""
    newest = ticket.newest
    before = ticket.before(newest) if newest else ()
    own = [m for m in before if m.who is Who.CUSTOMER and m.public][-_EARLIER:]
    said = [one for m in own for one in cues.find(words(clean("", m.text[:_EARLIER_LENGTH]).text), language, table)]
    once = {one.reason: one for one in said}
    return [
        replace(one, start=0, end=0, reason=f"Earlier in this conversation: {reason[:1].lower()}{reason[1:]}")
        for reason, one in once.items()
    ]


def _raised(reading: Reading, now: Sequence[Finding], found: Sequence[Finding]) -> Reading:
    """Evidence is added, charge and urgency rise to the floors of what is said now, a routine intent gives way."""
    intents = [f.intent for f in found if f.intent is not None and f.intent not in ROUTINE_INTENTS]
    gives_way = reading.intent in ROUTINE_INTENTS or reading.intent is Intent.OTHER
    intent = intents[0] if intents and gives_way else reading.intent
    charges = [reading.charge, *(f.charge for f in now if f.charge)]
    urgencies = [reading.urgency, *(f.urgency for f in now if f.urgency)]
    return replace(
        reading,
        intent=intent,
        charge=max(charges, key=list(Charge).index),
        urgency=max(urgencies, key=list(Urgency).index),
        evidence=(*reading.evidence, *(f.evidence(reading.text) for f in found)),
    )
