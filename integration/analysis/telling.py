"""Finds the words that a judgement rests on: those that spoke most for it, checked by reading again without them.

It must not judge anything itself: it asks the encoder, and quotes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from integration.analysis import scoring
from integration.analysis.encoder import COLUMNS, Judged, Word
from integration.analysis.finding import Finding
from integration.model import Charge, Emotion, Intent, Signal

# A judgement rests on words without which its score falls to this share.
HALF = 0.5
# Words that a quote of a request or of a mild feeling holds at most.
_LONGEST_QUOTE = 8
# Clauses end at these marks, at a line's end, and before a word that turns the matter.
_CLAUSE = re.compile(r"(?<=[.!?;\n…])\s+|,\s+(?=(?:and|but|so|because|which|yet|then)\b)|\s+[–—-]\s+", re.I)

# The columns of the intents.
_FIRST_INTENT = COLUMNS.index(("intent", str(next(iter(Intent)))))
_INTENTS = slice(_FIRST_INTENT, _FIRST_INTENT + len(Intent))


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of the cleaned text."""

    start: int
    end: int


def for_intent(text: str, judged: Judged, intent: Intent) -> list[Finding]:
    """The few words that speak most for the request."""
    column = COLUMNS.index(("intent", str(intent)))
    speaks = [word.parts[column] - sum(word.parts[_INTENTS]) / len(Intent) for word in judged.words]
    best = _windows(text, _clauses(text, judged.words, speaks))[:1]
    return [_finding(Signal.INTENT, span, 0.5, f"Speaks for the request: {intent.replace('_', ' ')}") for span in best]


def for_charge(
    text: str,
    judged: Judged,
    charge: Charge,
    emotion: Emotion | None,
    again: Callable[[str], Judged],
    beside: Sequence[Span] = (),
) -> list[Finding]:
    """The words from which the feeling was read; `again` reads a text without them, `beside` is quoted anyway.

    A charged reading brings a person in, so it is checked: the words that spoke most are taken out, what is left is
    read again, until the feeling is gone or is seen to lie in the whole. A mild one quotes what spoke most.
    """
    if charge is Charge.CALM:
        return []
    reason = f"Here {emotion} shows" if emotion else "Here the feeling shows"
    if charge is Charge.MILD:
        clauses = _clauses(text, judged.words, [_heat(word) for word in judged.words])
        return [_finding(Signal.FEELING, span, _HEAVIEST, reason) for span in _windows(text, clauses)[:2]]
    heat = _carrying(text, judged, again, beside)
    hottest = max(heat.values(), default=0.0)
    return [
        _finding(Signal.FEELING, span, max(_LIGHTEST, _HEAVIEST * warmth / hottest), reason)
        for span, warmth in heat.items()
        if warmth > 0
    ]


# Weights (0...1) of the quoted words: the hottest, and what is quoted at all.
_HEAVIEST, _LIGHTEST = 0.7, 0.2
# Share of the words that is taken out before what is left is read again, and how often that is done: on the charged
# tickets of the development and unseen sets a third changes 87 of 100 readings, a quarter 84.
_TAKEN, _ROUNDS = 0.33, 5
# Pieces of words that are read again for it in all: a long letter is looked at fewer times.
_AGAIN = 1_200
# Words between two hot ones that are quoted with them: a quote is to be read.
_GAP = 1
# Letters and digits that a run of words has at least: “I” or “so” alone tells an agent nothing.
_LETTERS = 4
# Code points beyond this may be emoji; punctuation lies below.
_EMOJI = 0x2300


def _carrying(text: str, judged: Judged, again: Callable[[str], Judged], beside: Sequence[Span]) -> dict[Span, float]:
    """The runs of words without which the feeling is gone, in order, and how hot each is."""
    goal = HALF * scoring.charged(judged)
    heat: dict[Span, float] = {}
    words: Sequence[tuple[float, Span]] = [(_heat(word), Span(word.start, word.end)) for word in judged.words]
    for _ in range(min(_ROUNDS, max(1, _AGAIN // max(1, len(words))))):
        hottest = sorted(words, key=lambda one: (-one[0], one[1].start))[: max(3, int(_TAKEN * len(words)))]
        heat |= {_whole_words(text, span): warmth for warmth, span in hottest if warmth > 0}
        runs = _joined(text, heat)
        taken = [*runs, *beside]
        rest = without(text, taken)
        if not rest.strip():
            break
        left = again(rest)
        if scoring.charged(left) <= goal:
            break
        places = _places(len(text), taken)
        words = [
            (_heat(word), Span(places[word.start], places[word.end - 1] + 1))
            for word in left.words
            if word.end <= len(places)
        ]
    return _joined(text, heat)


def _joined(text: str, heat: Mapping[Span, float]) -> dict[Span, float]:
    """Neighbours as one run: what stands between two hot words is quoted with them where it is short."""
    runs: list[tuple[Span, float]] = []
    for span, warmth in sorted(heat.items(), key=lambda one: (one[0].start, one[0].end)):
        if runs and _near(text, runs[-1][0], span):
            last, before = runs.pop()
            runs.append((Span(last.start, max(last.end, span.end)), before + warmth))
        else:
            runs.append((span, warmth))
    trimmed = ((_trimmed(text, span), warmth) for span, warmth in runs)
    return {span: warmth for span, warmth in trimmed if _telling(text[span.start : span.end])}


def _telling(run: str) -> bool:
    letters = sum(map(str.isalnum, run))
    return letters >= _LETTERS or (not letters and any(ord(sign) > _EMOJI for sign in run))


def _near(text: str, first: Span, second: Span) -> bool:
    between = text[first.end : second.start]
    return second.start <= first.end or (between.count(" ") <= _GAP + 1 and "\n" not in between)


def _trimmed(text: str, span: Span) -> Span:
    """The run without the full stops and commas around it; what is only signs, an emoji say, stays."""
    told = [place for place in range(span.start, span.end) if text[place].isalnum() or ord(text[place]) > _EMOJI]
    return Span(told[0], told[-1] + 1) if told else span


def _places(length: int, taken: Sequence[Span]) -> list[int]:
    """Where each character stood that is left when `taken` is gone."""
    gone = {place for span in taken for place in range(span.start, span.end)}
    return [place for place in range(length) if place not in gone]


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


_Spoken = Sequence[tuple[Word, float]]


def _clauses(text: str, words: Sequence[Word], speaks: Sequence[float]) -> list[tuple[Span, _Spoken]]:
    """The clauses in which a word stands, each with its words and how much they speak for it."""
    starts = [0, *(match.end() for match in _CLAUSE.finditer(text))]
    ends = [*(match.start() for match in _CLAUSE.finditer(text)), len(text)]
    inside: dict[int, list[tuple[Word, float]]] = {}
    for word, speak in zip(words, speaks, strict=True):
        inside.setdefault(bisect_right(starts, word.start) - 1, []).append((word, speak))
    return [(Span(starts[i], ends[i]), spoken) for i, spoken in sorted(inside.items())]


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
    while span.start - start < _WIDER and start > 0 and _in_word(text[start - 1]) and _in_word(text[start]):
        start -= 1
    while end - span.end < _WIDER and end < len(text) and _in_word(text[end]) and _in_word(text[end - 1]):
        end += 1
    return Span(start, end)


def _in_word(character: str) -> bool:
    return character.isalnum() or character in "'’"


def _finding(signal: Signal, span: Span, weight: float, reason: str) -> Finding:
    return Finding(signal=signal, weight=weight, reason=reason, start=span.start, end=span.end)
