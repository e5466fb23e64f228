"""Measures the reader on labelled tickets: how close to the labels, and what a bot would have been let near.

It must not tune anything: it only reads rows and prints figures. Use: python -m bench.reading FILE... [--show KIND]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from integration import analysis, jsonl, policy
from integration.model import ROUTINE_INTENTS, Charge, Emotion, Intent, Sentiment, Urgency

# Kinds of which one let through does harm; the rest of what a bot must not answer is merely clumsy.
GRAVE = (
    frozenset(Intent)
    - ROUTINE_INTENTS
    - {Intent.FEATURE_REQUEST, Intent.SALES_LEAD, Intent.PRAISE, Intent.SPAM, Intent.OTHER}
)
# Draws with replacement for the interval of a figure, and the shares of them between which it lies.
DRAWS, LOW, HIGH = 500, 0.025, 0.975
ORDERED: dict[str, list[str]] = {
    "charge": [str(label) for label in Charge],
    "urgency": [str(label) for label in Urgency],
    "sentiment": [str(label) for label in Sentiment],
}
Pair = tuple[dict[str, Any], dict[str, Any]]
out = Console(width=120)


def severe(row: dict[str, Any]) -> bool:
    """Labelled charged, or of high or critical urgency, or kept from a bot with an intent out of `GRAVE`."""
    return (
        row["charge"] == "charged"
        or row["urgency"] in {"high", "critical"}
        or (not row["bot_may_answer"] and row["intent"] in GRAVE)
    )


def main() -> None:
    """Read the files, print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("files", nargs="+", type=Path)
    arguments.add_argument("--show", choices=("severe", "other", "held"), help="print the tickets of one kind of error")
    arguments.add_argument("--labels", action="store_true", help="print the figures of every label")
    arguments.add_argument("--languages", action="store_true", help="print the figures of every language")
    chosen = arguments.parse_args()
    rows = [json.loads(line) for file in chosen.files for line in file.read_text(encoding="utf-8").splitlines()]
    analysis.load()
    pairs = [(row, read(row)) for row in rows]
    _figures(pairs)
    if chosen.labels:
        _labels(pairs)
    if chosen.languages:
        _languages(pairs)
    if chosen.show:
        _show(chosen.show, pairs)


def read(row: dict[str, Any]) -> dict[str, Any]:
    """One row as `flask read --jsonl` reads it, with the reasons against a bot's answer."""
    ticket, history = jsonl.ticket(row)
    began = time.perf_counter()
    reading = analysis.read(ticket, history)
    reasons = policy.may_answer(ticket, reading, history)
    line = jsonl.line(row.get("id"), reading, not reasons, (time.perf_counter() - began) * 1000)
    return {**line, "charge_score": reading.charge_score, "reasons": reasons}


def macro_f1(pairs: Sequence[tuple[str, str]], labels: Iterable[str]) -> float:
    """The mean F1 over the labels that occur among the true ones."""
    scores = [_f1(pairs, label) for label in labels if any(true == label for true, _ in pairs)]
    return statistics.fmean(scores) if scores else 0.0


def _f1(pairs: Sequence[tuple[str, str]], label: str) -> float:
    hits = sum(true == got == label for true, got in pairs)
    return 2 * hits / max(1, sum((true == label) + (got == label) for true, got in pairs))


def _ordered(name: str) -> Callable[[Sequence[Pair]], float]:
    return lambda pairs: macro_f1([(row[name], got[name]) for row, got in pairs], ORDERED[name])


def _intents(pairs: Sequence[Pair]) -> float:
    return sum(row["intent"] == got["intent"] for row, got in pairs) / max(1, len(pairs))


def _emotions(pairs: Sequence[Pair]) -> float:
    known = {str(emotion) for emotion in Emotion}
    hits = sum(len(set(row["emotions"]) & set(got["emotions"])) for row, got in pairs)
    total = sum(len(set(row["emotions"]) & known) + len(got["emotions"]) for row, got in pairs)
    return 2 * hits / total if total else 0.0


FIGURES: dict[str, Callable[[Sequence[Pair]], float]] = {
    "charge macro-F1": _ordered("charge"),
    "urgency macro-F1": _ordered("urgency"),
    "sentiment macro-F1": _ordered("sentiment"),
    "intent accuracy": _intents,
    "emotions micro-F1": _emotions,
}


def _figures(pairs: Sequence[Pair]) -> None:
    table = Table("figure", "value", "95 % interval", title=f"{len(pairs)} tickets")
    for name, figure in FIGURES.items():
        low, high = interval(pairs, figure)
        table.add_row(name, f"{figure(pairs):.3f}", f"{low:.3f} to {high:.3f}")
    groups = {
        "routine let through": [got for row, got in pairs if row["bot_may_answer"]],
        "severe let through": [got for row, got in pairs if severe(row)],
        "other not for a bot, let through": [g for row, g in pairs if not row["bot_may_answer"] and not severe(row)],
    }
    for name, listed in groups.items():
        through = sum(got["bot_may_answer"] for got in listed)
        table.add_row(name, f"{through} of {len(listed)}", f"{through / max(1, len(listed)):.1%}")
    took = sorted(got["ms"] for _, got in pairs)
    table.add_row("ms p50 / p95 / most", f"{statistics.median(took):.1f} / {_at(took, 0.95):.1f} / {took[-1]:.1f}", "")
    out.print(table)


def interval(pairs: Sequence[Pair], figure: Callable[[Sequence[Pair]], float]) -> tuple[float, float]:
    """Between what 19 of 20 samples of this size would lie: percentiles of a bootstrap."""
    draw = random.Random(1)
    drawn = sorted(figure(draw.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
    return _at(drawn, LOW), _at(drawn, HIGH)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _labels(pairs: Sequence[Pair]) -> None:
    table = Table("group", "label", "tickets", "precision", "recall", "F1", title="by label")
    for group in (*ORDERED, "intent"):
        labels = ORDERED.get(group) or sorted({row[group] for row, _ in pairs})
        for label in labels:
            _row(table, group, label, [({row[group]}, {got[group]}) for row, got in pairs])
    for emotion in Emotion:
        _row(table, "emotions", str(emotion), [(set(row["emotions"]), set(got["emotions"])) for row, got in pairs])
    out.print(table)


def _row(table: Table, group: str, label: str, pairs: Sequence[tuple[set[str], set[str]]]) -> None:
    true, got = sum(label in t for t, _ in pairs), sum(label in g for _, g in pairs)
    hits = sum(label in t and label in g for t, g in pairs)
    shares = (hits / max(1, got), hits / max(1, true), 2 * hits / max(1, true + got))
    table.add_row(group, label, str(true), *(f"{share:.2f}" for share in shares))


def _languages(pairs: Sequence[Pair]) -> None:
    """By the language that the reader names: it is what a figure could be hung on."""
    spoken: dict[str, list[Pair]] = defaultdict(list)
    for row, got in pairs:
        spoken[got["language"]].append((row, got))
    table = Table("language", "tickets", *FIGURES, title="by language")
    for language, listed in sorted(spoken.items(), key=lambda entry: -len(entry[1])):
        table.add_row(language, str(len(listed)), *(f"{figure(listed):.2f}" for figure in FIGURES.values()))
    out.print(table)


def _show(kind: str, pairs: Sequence[Pair]) -> None:
    for row, got in pairs:
        let, grave, may = got["bot_may_answer"], severe(row), row["bot_may_answer"]
        if {"severe": let and grave, "other": let and not may and not grave, "held": may and not let}[kind]:
            labels = " ".join(f"{row[name]}/{got[name]}" for name in ("charge", "urgency", "intent"))
            print(f"\n{row['id']} {labels} thread {len(row['thread'])}\n  {row['subject']} | {row['body'][:400]!r}")
            print(f"  {'; '.join(got['reasons'])} {got['confidence']}")


if __name__ == "__main__":
    main()
