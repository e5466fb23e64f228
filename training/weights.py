"""Learns the table `integration/analysis/lists/weights.tsv` from labelled tickets.

It must not see the development set, nor the history figures, which in the corpus give the answer away.
Use: python -m training.weights CORPUS_FILE... --second SECOND_LABELS_FILE   (about two minutes, no library needed)
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from integration import jsonl
from integration.analysis.learned import COLUMNS, FREE, GROUPS, UNIT, logistic, marks, softmax
from integration.analysis.reader import conversation

TARGET = Path(__file__).parent.parent / "integration" / "analysis" / "lists" / "weights.tsv"
# Tickets in which a mark must stand to be learned: rarer ones are the corpus's own stories.
SEEN = 5
# Weights nearer to nothing than this (hundredths) are left out of the file; it quarters the file and moves no figure.
FAINT = 25
ROUNDS = 8
STEP = 3.0  # of the first round; later rounds step shorter
SHRINK = 0.001  # weight decay of each step, of a weight of 1
# The groups of one content in several Englishes carry a mark in the subject, which must not be learned.
_GROUP = re.compile(r"\s*#g\d+\s*$")
_SIZES = [len(labels) for labels in GROUPS.values()]
_SPANS = {group: slice(sum(_SIZES[:i]), sum(_SIZES[: i + 1])) for i, group in enumerate(GROUPS)}

Example = tuple[list[str], list[float]]


def main() -> None:
    """Read the corpus, learn, write the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("files", nargs="+", type=Path)
    arguments.add_argument("--second", type=Path, help="a second reader's labels of the same tickets")
    chosen = arguments.parse_args()
    second = {row["id"]: row for row in _rows([chosen.second])} if chosen.second else {}
    examples = [_example(row, second.get(row["id"], row)) for row in _rows(chosen.files)]
    weights, base = learn(examples)
    _write(weights, base, len(examples))
    print(
        f"{len(examples)} tickets, {len(weights)} marks, written to {TARGET.name}: {TARGET.stat().st_size // 1024} KiB"
    )


def learn(examples: Sequence[Example]) -> tuple[dict[str, list[float]], list[float]]:
    """The weights of every mark and the base, by stochastic steps in an order fixed by a seed."""
    seen = Counter(mark for listed, _ in examples for mark in listed)
    kept = [([mark for mark in listed if seen[mark] >= SEEN], target) for listed, target in examples]
    kept = [(listed, target) for listed, target in kept if listed]
    weights = {mark: [0.0] * len(COLUMNS) for mark in sorted(seen) if seen[mark] >= SEEN}
    base = _base(examples)
    order = random.Random(1)
    for number in range(ROUNDS):
        step = STEP / (1 + number / 2)
        order.shuffle(kept)
        for listed, target in kept:
            rows = [weights[mark] for mark in listed]
            level = 1.0 / math.sqrt(len(rows) + 1)
            logits = [b + level * sum(column) for b, column in zip(base, zip(*rows, strict=True), strict=True)]
            missed = [step * (t - p) for t, p in zip(target, _judged(logits), strict=True)]
            base = [b + 0.05 * m for b, m in zip(base, missed, strict=True)]
            stay = 1.0 - step * SHRINK
            change = [level * m for m in missed]
            for mark, row in zip(listed, rows, strict=True):
                weights[mark] = [stay * w + c for w, c in zip(row, change, strict=True)]
    return weights, base


def _judged(logits: list[float]) -> list[float]:
    judged: list[float] = []
    for group, span in _SPANS.items():
        judged += logistic(logits[span]) if group in FREE else softmax(logits[span])
    return judged


def _base(examples: Sequence[Example]) -> list[float]:
    """Where nothing is known, the labels are as frequent as in the corpus."""
    shares = [max(1e-4, sum(target[i] for _, target in examples) / len(examples)) for i in range(len(COLUMNS))]
    return [
        math.log(s / (1 - s)) if group in FREE else math.log(s) for s, (group, _) in zip(shares, COLUMNS, strict=True)
    ]


def _rows(files: Iterable[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def _example(row: dict[str, Any], second: dict[str, Any]) -> Example:
    """One ticket's marks, and its labels: 0, 1, or between where the two readers differ."""
    ticket, _ = jsonl.ticket({**row, "subject": _GROUP.sub("", row["subject"])})
    first, other = _labels(row), _labels(second)
    return sorted(marks(conversation(ticket))), [(a + b) / 2 for a, b in zip(first, other, strict=True)]


def _labels(row: dict[str, Any]) -> list[float]:
    held = {("person", "needed")} if not row["bot_may_answer"] else set()
    held |= {(group, row[group]) for group in ("sentiment", "charge", "urgency", "intent")}
    held |= {("emotions", emotion) for emotion in row["emotions"]}
    return [float((group, str(label)) in held) for group, label in COLUMNS]


def _write(weights: dict[str, list[float]], base: list[float], tickets: int) -> None:
    lines = [f"// Learned by training/weights.py from {tickets} tickets of our own corpus. Not to be edited by hand."]
    for mark, row in [("", base), *sorted(weights.items())]:
        cells = [(i, round(weight / UNIT)) for i, weight in enumerate(row)]
        listed = " ".join(f"{i}:{weight}" for i, weight in cells if abs(weight) >= FAINT or not mark)
        if listed:
            lines.append(f"{mark}\t{listed}")
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
