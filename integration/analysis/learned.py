"""Judges a message by the weights of its words, learned from our own labelled corpus by `training/weights.py`.

It must not be the last word: cues set floors under what it says. It goes, with its table, when a better reader comes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from integration.analysis.phrases import Word
from integration.model import Charge, Emotion, Intent, Sentiment, Urgency

# What is judged, in the order of the columns: of each group exactly one holds, of the emotions any number.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "person": ("needed",),
    "sentiment": tuple(Sentiment),
    "charge": tuple(Charge),
    "urgency": tuple(Urgency),
    "intent": tuple(Intent),
    "emotions": tuple(Emotion),
}
COLUMNS: tuple[tuple[str, str], ...] = tuple((group, label) for group, labels in GROUPS.items() for label in labels)
# The groups of which any number may hold.
FREE = frozenset({"person", "emotions"})
NUMBER = "#"  # every number is the same word: amounts and dates of the corpus must not be learned by heart
_MOST_TURNS = 4
# Logits: beyond this a probability no longer changes in any digit that counts.
_FAR = 30.0
# The table holds whole hundredths.
UNIT = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What is weighed: the newest words, what the customer wrote before, and our last answer."""

    newest: Sequence[Word]
    earlier: Sequence[Sequence[Word]]  # the customer's, oldest first
    answer: Sequence[Word]  # ours, empty where there is none
    turns: int  # how often the customer spoke before


def judge(conversation: Conversation) -> dict[str, dict[str, float]]:
    """The probability (0...1) of every label of every group."""
    table = _table()
    rows = [table[mark] for mark in sorted(marks(conversation)) if mark in table]
    return probabilities(table[""], rows)


def telling(conversation: Conversation, intent: str) -> tuple[Word, Word, float] | None:
    """The word or pair of neighbours of the newest words that speaks most for `intent`: first, last, and its weight."""
    table, column = _table(), COLUMNS.index(("intent", intent))
    best: tuple[Word, Word, float] | None = None
    spoken = conversation.newest
    for first, last in [*((w, w) for w in spoken), *pairwise(spoken)]:
        mark = _plain(first) if first is last else f"{_plain(first)} {_plain(last)}"
        weight = table[mark].get(column, 0.0) if mark in table else 0.0
        if weight > (best[2] if best else 0.0):
            best = (first, last, weight)
    return best


def marks(conversation: Conversation) -> set[str]:
    """Words, pairs of neighbours, the length in steps of doubling, and the conversation so far."""
    spoken = [_plain(word) for word in conversation.newest]
    found = {*spoken, *(f"{a} {b}" for a, b in pairwise(spoken))}
    found.add(f"<length {int(math.log2(len(spoken) + 1))}>")
    if conversation.turns or conversation.answer:
        found.add(f"<turns {min(_MOST_TURNS, conversation.turns)}>")
        found |= {f"^{_plain(word)}" for words in conversation.earlier for word in words}
        found |= {f"~{_plain(word)}" for word in conversation.answer}
    return found


def probabilities(base: Mapping[int, float], rows: Sequence[Mapping[int, float]]) -> dict[str, dict[str, float]]:
    """The probabilities for the rows of the marks found; levelled so that long letters are no surer than chats."""
    level = 1.0 / math.sqrt(len(rows) + 1)
    sums = dict.fromkeys(range(len(COLUMNS)), 0.0)
    for row in rows:
        for column, weight in row.items():
            sums[column] += weight
    logits = [base.get(column, 0.0) + level * total for column, total in sums.items()]
    judged: dict[str, dict[str, float]] = {}
    start = 0
    for group, labels in GROUPS.items():
        part = logits[start : start + len(labels)]
        judged[group] = dict(zip(labels, logistic(part) if group in FREE else softmax(part), strict=True))
        start += len(labels)
    return judged


def logistic(logits: Iterable[float]) -> list[float]:
    """Each logit as a probability of its own."""
    return [1.0 / (1.0 + math.exp(-max(-_FAR, min(_FAR, logit)))) for logit in logits]


def softmax(logits: Sequence[float]) -> list[float]:
    """The logits as probabilities that share 1."""
    highest = max(logits)
    powers = [math.exp(max(-_FAR, logit - highest)) for logit in logits]
    total = sum(powers)
    return [power / total for power in powers]


def _plain(word: Word) -> str:
    return NUMBER if word.text[0].isdigit() else word.text


@cache
def _table() -> Mapping[str, Mapping[int, float]]:
    """The learned weights by mark and column; the empty mark holds the base."""
    text = files(__package__).joinpath("lists").joinpath("weights.tsv").read_text(encoding="utf-8")
    table: dict[str, dict[int, float]] = {}
    for line in text.splitlines():
        if line.startswith("//"):
            continue
        mark, _, cells = line.partition("\t")
        pairs = (cell.split(":") for cell in cells.split())
        table[mark] = {int(column): int(weight) * UNIT for column, weight in pairs}
    return table
