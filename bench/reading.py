"""Measures the reader on labelled tickets: how close to the labels, and what a bot would have been let near.

It must not tune anything: it only reads rows and prints figures. Use: python -m bench.reading FILE... [--show KIND]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from integration import analysis, jsonl, policy
from integration.model import ROUTINE_INTENTS, Charge, Emotion, Intent, Sentiment, Urgency

# Kinds of which one let through does harm; the rest of what a bot must not answer is merely clumsy.
GRAVE = (
    frozenset(Intent)
    - ROUTINE_INTENTS
    - {Intent.FEATURE_REQUEST, Intent.SALES_LEAD, Intent.PRAISE, Intent.SPAM, Intent.OTHER}
)


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
    chosen = arguments.parse_args()
    rows = [json.loads(line) for file in chosen.files for line in file.read_text(encoding="utf-8").splitlines()]
    read = [_read(row) for row in rows]
    _figures(rows, read)
    if chosen.show:
        _show(chosen.show, rows, read)


def _read(row: dict[str, Any]) -> dict[str, Any]:
    ticket, history = jsonl.ticket(row)
    began = time.perf_counter()
    reading = analysis.read(ticket, history)
    reasons = policy.may_answer(ticket, reading, history)
    line = jsonl.line(row["id"], reading, not reasons, (time.perf_counter() - began) * 1000)
    return {**line, "reasons": reasons}


def _figures(rows: Sequence[dict[str, Any]], read: Sequence[dict[str, Any]]) -> None:
    pairs = list(zip(rows, read, strict=True))
    for name, labels in (("sentiment", Sentiment), ("charge", Charge), ("urgency", Urgency)):
        score = macro_f1([(row[name], got[name]) for row, got in pairs], [str(label) for label in labels])
        print(f"{name + ' macro-F1':32} {score:.3f}")
    print(f"{'intent accuracy':32} {sum(row['intent'] == got['intent'] for row, got in pairs) / len(pairs):.3f}")
    print(f"{'emotions micro-F1':32} {_micro_f1(pairs):.3f}")
    routine = [got for row, got in pairs if row["bot_may_answer"]]
    through = sum(got["bot_may_answer"] for got in routine)
    print(f"{'routine let through':32} {through} of {len(routine)} ({through / max(1, len(routine)):.1%})")
    grave = [got for row, got in pairs if severe(row)]
    print(f"{'severe let through':32} {sum(got['bot_may_answer'] for got in grave)} of {len(grave)}")
    others = [got for row, got in pairs if not row["bot_may_answer"] and not severe(row)]
    print(f"{'other not for a bot, let through':32} {sum(got['bot_may_answer'] for got in others)} of {len(others)}")
    took = sorted(got["ms"] for got in read)
    p50, p95, most = statistics.median(took), took[int(len(took) * 0.95)], took[-1]
    print(f"{'milliseconds p50 / p95 / most':32} {p50:.1f} / {p95:.1f} / {most:.1f}")


def macro_f1(pairs: Sequence[tuple[str, str]], labels: Iterable[str]) -> float:
    """The mean F1 over the labels that occur among the true ones."""
    scores = []
    for label in labels:
        true, got = [t == label for t, _ in pairs], [g == label for _, g in pairs]
        if any(true):
            hits = sum(t and g for t, g in zip(true, got, strict=True))
            scores.append(2 * hits / (sum(true) + sum(got)))
    return statistics.fmean(scores) if scores else 0.0


def _micro_f1(pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> float:
    known = {str(emotion) for emotion in Emotion}
    hits = sum(len(set(row["emotions"]) & set(got["emotions"])) for row, got in pairs)
    total = sum(len(set(row["emotions"]) & known) + len(got["emotions"]) for row, got in pairs)
    return 2 * hits / total if total else 0.0


def _show(kind: str, rows: Sequence[dict[str, Any]], read: Sequence[dict[str, Any]]) -> None:
    for row, got in zip(rows, read, strict=True):
        let, grave, may = got["bot_may_answer"], severe(row), row["bot_may_answer"]
        if {"severe": let and grave, "other": let and not may and not grave, "held": may and not let}[kind]:
            labels = " ".join(f"{row[name]}/{got[name]}" for name in ("charge", "urgency", "intent"))
            print(f"\n{row['id']} {labels} thread {len(row['thread'])}\n  {row['subject']} | {row['body'][:400]!r}")
            print(f"  {'; '.join(got['reasons'])} {got['confidence']}")


if __name__ == "__main__":
    main()
