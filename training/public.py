"""Reads the public data sets that teach the network real words; they are trained on and never copied.

It must not write any of their text anywhere. Sources and licences stand in the model card.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from pathlib import Path

Row = tuple[str, list[float]]
# Tasks by name: the number of outputs, and how they are judged.
TASKS = {
    "goemotions": (28, "free"),
    "rating": (1, "number"),
    "xed": (8, "free"),
    "banking": (77, "one"),
    "clinc": (151, "one"),
}
_GO = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
    "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief",
    "joy", "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness",
    "surprise", "neutral",
)  # fmt: skip


def read(folder: Path, most: dict[str, int], seed: int = 1) -> dict[str, list[Row]]:
    """The rows of every task, at most `most[task]` of each, drawn with `seed`."""
    readers: dict[str, Callable[[Path], Iterator[Row]]] = {
        "goemotions": _goemotions, "rating": _ratings, "xed": _xed, "banking": _banking, "clinc": _clinc
    }  # fmt: skip
    found = {}
    for task, reader in readers.items():
        rows = list(reader(folder))
        random.Random(seed).shuffle(rows)
        found[task] = rows[: most.get(task, len(rows))]
    return found


def _table(file: Path, delimiter: str = ",") -> Iterator[list[str]]:
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        yield from csv.reader(
            lines, delimiter=delimiter, quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
        )


def _goemotions(folder: Path) -> Iterator[Row]:
    for text, names in list(_table(folder / "goemotions" / "train.csv"))[1:]:
        held = set(names.split("|"))
        yield text, [float(name in held) for name in _GO]


def _ratings(folder: Path) -> Iterator[Row]:
    for name in ("tweets", "amazonReviewSnippets"):
        for text, rating in list(_table(folder / "vader" / f"{name}.csv"))[1:]:
            yield text, [float(rating) / 4]
    for name in ("amazon", "yelp"):
        for text, good in _table(folder / "uci" / f"{name}.tsv", "\t"):
            if good in {"0", "1"}:
                yield text, [0.6 if good == "1" else -0.6]


def _xed(folder: Path) -> Iterator[Row]:
    for text, numbers in _table(folder / "xed" / "en-annotated.tsv", "\t"):
        held = {int(n) for n in numbers.split(",")}
        yield text, [float(i in held) for i in range(1, 9)]


def _intents(file: Path) -> Iterator[tuple[str, str]]:
    yield from ((text, label) for text, label in list(_table(file))[1:])


def _one_of(file: Path, count: int) -> Iterator[Row]:
    rows = list(_intents(file))
    names = sorted({label for _, label in rows})
    for text, label in rows:
        targets = [0.0] * count
        targets[names.index(label)] = 1.0
        yield text, targets


def _banking(folder: Path) -> Iterator[Row]:
    yield from _one_of(folder / "banking77" / "train.csv", 77)


def _clinc(folder: Path) -> Iterator[Row]:
    yield from _one_of(folder / "clinc150" / "train.csv", 151)
