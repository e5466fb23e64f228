"""Finds the words that a judgement rests on: those that spoke most for it, checked by reading again without them.

It must not judge anything itself: it asks the encoder, and quotes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from integration.analysis.encoder import COLUMNS, Judged, Word
from integration.analysis.finding import Finding
from integration.model import Charge, Emotion, Intent, Signal

# A judgement rests on words without which its score falls to this share.
HALF = 0.5
# Words that a quote holds at most at first; where they are not enough, whole clauses are quoted.
_LONGEST_QUOTE = 8
# Clauses end at these marks, at a line's end, and before a word that turns the matter.
_CLAUSE = re.compile(r"(?<=[.!?;\n…])\s+|,\s+(?=(?:and|but|so|because|which|yet|then)\b)|\s+[–—-]\s+", re.I)


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of the cleaned text."""

    start: int
    end: int


def for_intent(text: str, judged: Judged, intent: Intent) -> list[Finding]:
    """The few words that speak most for the request."""
    column = COLUMNS.index(("intent", str(intent)))
    others = [i for i, (group, _) in enumerate(COLUMNS) if group == "intent" and i != column]
    speaks = [word.parts[column] - sum(word.parts[i] for i in others) / len(others) for word in judged.words]
    best = _windows(text, _clauses(text, judged.words, speaks))[:1]
    return [_finding(Signal.INTENT, span, 0.5, f"Speaks for the request: {intent.replace('_', ' ')}") for span in best]


def for_charge(
    text: str, judged: Judged, charge: Charge, emotion: Emotion | None, again: Callable[[str], Judged]
) -> list[Finding]:
    """The words from which the feeling was read, fewest first; `again` reads a text without them.

    Where even whole clauses do not carry it alone, the weightiest are quoted: the feeling then lies in the whole.
    Only a charged reading is checked so, since it brings a person in; a mild one quotes what spoke most.
    """
    if charge is Charge.CALM:
        return []
    clauses = _clauses(text, judged.words, [_heat(word) for word in judged.words])
    weightiest = _by_weight(clauses)
    goal = HALF * _hot(judged, charge)
    chosen: Sequence[Span] = ()
    for spans in (_windows(text, clauses)[:2], weightiest[:1], weightiest[:2], weightiest[:4]):
        if not spans or list(spans) == list(chosen):
            continue
        chosen = spans
        if charge is not Charge.CHARGED or _hot(again(without(text, spans)), charge) <= goal:
            break
    reason = f"Here {emotion} shows" if emotion else "Here the feeling shows"
    return [_finding(Signal.FEELING, span, 0.7, reason) for span in chosen]


def without(text: str, spans: Sequence[Span]) -> str:
    """`text` with the spans taken out."""
    kept, end = [], 0
    for span in sorted(spans, key=lambda s: s.start):
        kept.append(text[end : max(end, span.start)])
        end = max(end, span.end)
    return "".join([*kept, text[end:]])


_CALM, _MILD, _CHARGED = (COLUMNS.index(("charge", str(charge))) for charge in Charge)


def _heat(word: Word) -> float:
    return word.parts[_CHARGED] + 0.5 * word.parts[_MILD] - 1.5 * word.parts[_CALM]


def _hot(judged: Judged, charge: Charge) -> float:
    """Probability of `charge` or worse."""
    of = judged.shares["charge"]
    return of[Charge.CHARGED] + (of[Charge.MILD] if charge is Charge.MILD else 0.0)


_Spoken = Sequence[tuple[Word, float]]


def _clauses(text: str, words: Sequence[Word], speaks: Sequence[float]) -> list[tuple[Span, _Spoken]]:
    """The clauses in which a word stands, each with its words and how much they speak for it."""
    starts = [0, *(match.end() for match in _CLAUSE.finditer(text))]
    ends = [*(match.start() for match in _CLAUSE.finditer(text)), len(text)]
    inside: dict[int, list[tuple[Word, float]]] = {}
    for word, speak in zip(words, speaks, strict=True):
        inside.setdefault(bisect_right(starts, word.start) - 1, []).append((word, speak))
    return [(Span(starts[i], ends[i]), spoken) for i, spoken in sorted(inside.items())]


def _by_weight(clauses: Sequence[tuple[Span, _Spoken]]) -> list[Span]:
    """The clauses that speak for it, the weightiest first."""
    weighed = [(sum(speak for _, speak in spoken), clause) for clause, spoken in clauses]
    return [clause for weight, clause in sorted(weighed, key=lambda one: (-one[0], one[1].start)) if weight > 0]


def _windows(text: str, clauses: Sequence[tuple[Span, _Spoken]]) -> list[Span]:
    """In each clause the run of neighbouring words that speaks most for it, the weightiest first."""
    found = [window for _, spoken in clauses if (window := _window(text, spoken))]
    return [_whole_words(text, span) for _, span in sorted(found, key=lambda one: (-one[0], one[1].start))]


def _window(text: str, spoken: _Spoken) -> tuple[float, Span] | None:
    best: tuple[float, Span] | None = None
    for first in (i for i, (_, speak) in enumerate(spoken) if speak > 0):
        total = 0.0
        for last in range(first, min(len(spoken), first + 2 * _LONGEST_QUOTE)):
            total += spoken[last][1]
            span = Span(spoken[first][0].start, spoken[last][0].end)
            if total > (best[0] if best else 0.0) and text[span.start : span.end].count(" ") < _LONGEST_QUOTE:
                best = (total, span)
    return best


# Characters that a quote is widened by at each end, at most, to begin and end with whole words.
_WIDER = 40


def _whole_words(text: str, span: Span) -> Span:
    start, end = span.start, min(span.end, len(text))
    while span.start - start < _WIDER and start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end - span.end < _WIDER and end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return Span(start, end)


def _finding(signal: Signal, span: Span, weight: float, reason: str) -> Finding:
    return Finding(signal=signal, weight=weight, reason=reason, start=span.start, end=span.end)
