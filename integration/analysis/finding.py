"""One thing a reader found in a message or its history: the evidence, and what it says about the reading.

It must not know how findings are weighed against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from integration.model import Charge, Emotion, Evidence, Intent, Signal, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A reason of a reading; `start` and `end` are characters of the cleaned text, equal for a fact of the history."""

    signal: Signal
    weight: float  # 0...1
    reason: str  # plain words
    start: int = 0
    end: int = 0
    polarity: float = 0.0  # -1...1: how the customer then feels
    emotions: Mapping[Emotion, float] = field(default_factory=dict)
    intent: Intent | None = None  # what the message is then about
    charge: Charge | None = None  # the reading may not fall below it
    urgency: Urgency | None = None  # the reading may not fall below it
    hint: bool = False  # a phrase that means its signal only about half the time

    def evidence(self, text: str) -> Evidence:
        """The finding as the evidence of a reading of `text`."""
        return Evidence(
            signal=self.signal,
            quote=text[self.start : self.end],
            start=self.start,
            end=self.end,
            weight=round(self.weight, 3),
            reason=self.reason,
        )
