"""Loads the tables in `lists`, once, into values that can be searched.

It must not know what a cue does to a reading; it knows how a row is written and refuses one written wrongly.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from integration.analysis.phrases import Phrases
from integration.model import Charge, Emotion, Intent, Signal, Urgency

ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cue:
    """What a phrase says: one `[[cue]]` of a table."""

    signal: Signal
    weight: float  # 0...1: how surely the phrase means what the reason says
    reason: str  # plain words
    language: str
    intent: Intent | None = None  # what the message is then about
    polarity: float = 0.0  # -1...1: how the customer then feels
    emotions: Mapping[Emotion, float]
    charge: Charge | None = None  # the reading may not fall below it
    urgency: Urgency | None = None  # the reading may not fall below it


@dataclass(frozen=True, slots=True)
class CueRow:
    """One phrase of a cue; a hint means the cue only about half the time, and is not sure."""

    cue: Cue
    sure: bool


@dataclass(frozen=True, slots=True)
class CueTable:
    """All cues: those found by their phrases, and the phrases around them that take one back."""

    phrases: Phrases[CueRow]
    unless: Phrases[Cue]


@cache
def cues() -> CueTable:
    """Every cue table, in every language; a cue says which language it is for."""
    rows: list[tuple[dict[str, Any], str]] = []
    for name in ("protection", "quiet_danger", "requests", "deadlines", "feelings", "other_languages"):
        table = _table(name)
        rows += [(row, row.get("language", table.get("language", ENGLISH))) for row in table["cue"]]
    return table_of(rows)


def table_of(rows: Iterable[tuple[Mapping[str, Any], str]]) -> CueTable:
    """Cues as they are written in a table, each with its language, ready to be searched."""
    phrases: list[tuple[str, CueRow]] = []
    unless: list[tuple[str, Cue]] = []
    for row, language in rows:
        cue = _cue(row, language)
        phrases += [(phrase, CueRow(cue, True)) for phrase in row["phrases"]]
        phrases += [(phrase, CueRow(cue, False)) for phrase in row.get("hints", ())]
        unless += [(phrase, cue) for phrase in row.get("unless", ())]
    return CueTable(Phrases(phrases, classes()), Phrases(unless, classes()))


@cache
def stop_words() -> Mapping[str, frozenset[str]]:
    """The most frequent small words of each language, as they are compared."""
    return {code: frozenset(listed.split()) for code, listed in _table("languages")["stop_words"].items()}


@cache
def classes() -> Mapping[str, Sequence[str]]:
    """The classes of words that a phrase may name with "@"."""
    return dict(_table("words")["classes"])


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("lists").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


_CUE_KEYS = frozenset(
    {
        "signal",
        "weight",
        "reason",
        "phrases",
        "hints",
        "unless",
        "language",
        "intent",
        "polarity",
        "emotions",
        "at_least",
    }
)


def _cue(row: Mapping[str, Any], language: str) -> Cue:
    if unknown := row.keys() - _CUE_KEYS:
        raise ValueError(f"a cue has no key {', '.join(sorted(unknown))}: {row['reason']}")
    at_least = row.get("at_least", {})
    return Cue(
        signal=Signal(row["signal"]),
        weight=float(row["weight"]),
        reason=row["reason"],
        language=language,
        intent=Intent(row["intent"]) if "intent" in row else None,
        polarity=float(row.get("polarity", 0.0)),
        emotions={Emotion(name): float(strength) for name, strength in row.get("emotions", {}).items()},
        charge=Charge(at_least["charge"]) if "charge" in at_least else None,
        urgency=Urgency(at_least["urgency"]) if "urgency" in at_least else None,
    )
