"""Splits a message into what it asks, and says from the reading of each part what has to be answered.

It must not read a text itself: whoever asks brings the readings of the parts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from integration import content
from integration.model import PROTECTIVE_SIGNALS, ROUTINE_INTENTS, Charge, Intent, Reading, Signal
from integration.policy.case import URGENT

# A reply that answers more is a page that nobody reads, and a person should write it. Our choice.
MOST_ANSWERED = 3
# Confidence of a part's intent from which it counts as a question of its own: from half on it is the likeliest by far,
# and a part that says too little (“can you check?”) is below. Measured on tests/cases/questions.jsonl.
CLEAR = 0.5
# How-to is what a part reads as that only asks on (“is it done by telephone?”), so it must be surer. On development
# tickets such parts lay at 0.95 and below, on our thirty messages questions of their own at 0.97 and above.
CLEAR_HOW_TO = 0.97
# Parts that are looked at: each costs a reading, and a message with more asks is for a person anyway.
MOST_PARTS = 6
# Words under which a part asks nothing that could be told from the rest: “Any news?”, “Can you help?”. Our choice.
FEWEST_WORDS = 4

_SENTENCE = re.compile(r"[^.!?;\n]*(?:\.(?=\w)[^.!?;\n]*)*[.!?;]*", re.UNICODE)
_JOINT = re.compile(
    r"(?:,\s*)?\b(?:and|also|plus|but|oder|und|y|et|e)\s+(?:also\s+|then\s+)?"
    r"(?=(?:how|where|when|what|which|who|can|could|may|do|does|is|are|will|would|wie|wo|wann|kann|dónde|cómo|où|comment)\b)",
    re.IGNORECASE,
)


def _any_of(name: str) -> str:
    return "(?:" + "|".join(content.asking()["asks"][name]) + ")"


_REQUEST = re.compile(rf"\b{_any_of('request')}\b", re.IGNORECASE)
_ADDED = re.compile(rf"^\W*{_any_of('added')}\b", re.IGNORECASE)
_CLOSING = re.compile(rf"^\W*{_any_of('closing')}(?!\w)", re.IGNORECASE)
# “How do I do that?” asks how what was said before is done.
_REFERS = re.compile(r"\b(?:that|this|it|so|them|those)\b", re.IGNORECASE)
SHORT_WORDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a message asks: the intents to answer in their order, or why no bot can answer all of it."""

    intents: tuple[Intent, ...]
    unfit: str = ""


SEVERAL = "asks for several things, not all of which we can answer"


def asks(text: str) -> tuple[str, ...]:
    """The parts of a cleaned message that ask something, in order, without what closes a letter or says too little."""
    pieces = (piece for sentence in _SENTENCE.findall(text) for piece in _JOINT.split(sentence))
    found = (piece.strip(" \t-–*•,;:") for piece in pieces)
    return tuple(dict.fromkeys(piece for piece in found if _is_ask(piece)))


def asked(whole: Reading, parts: Sequence[Reading]) -> Asked:
    """What has to be answered, by the reading of the whole message and those of its asks, in their order.

    A part that says too little to be read belongs to the whole's question. All that is clearly asked must be routine
    and be what the whole was read as among others: else it is for a person.
    """
    if len(parts) < 2:
        return Asked(intents=(whole.intent,))
    if len(parts) > MOST_PARTS or any(_needs_a_person(part) for part in parts):
        return Asked(intents=(whole.intent,), unfit=SEVERAL)
    clear = tuple(dict.fromkeys(part.intent for part in parts if _is_clear(part)))
    others = set(clear) - {whole.intent}
    if not others:
        return Asked(intents=(whole.intent,))
    if whole.intent not in clear or not others <= ROUTINE_INTENTS or len(clear) > MOST_ANSWERED:
        return Asked(intents=(whole.intent,), unfit=SEVERAL)
    return Asked(intents=clear)


def _is_ask(piece: str) -> bool:
    plain = piece.replace("'", "’")
    if len(piece.split()) < FEWEST_WORDS or _CLOSING.match(plain):
        return False
    return piece.endswith("?") or bool(_REQUEST.search(plain) or _ADDED.match(plain))


def _is_clear(part: Reading) -> bool:
    quiet = {Intent.THANKS, Intent.OTHER, Intent.PRAISE}
    if part.intent is Intent.HOW_TO and len(part.text.split()) <= SHORT_WORDS and _REFERS.search(part.text):
        return False
    least = CLEAR_HOW_TO if part.intent is Intent.HOW_TO else CLEAR
    return part.readable and part.intent not in quiet and part.confidence.get("intent", 0.0) >= least


def _needs_a_person(part: Reading) -> bool:
    found = (part.signals & PROTECTIVE_SIGNALS) - {Signal.MACHINE}
    return part.charge is Charge.CHARGED or part.urgency in URGENT or bool(found)
