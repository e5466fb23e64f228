"""Measures how fast and how heavy the reader is, beside TextBlob and VADER on the same tickets in the same run.

It must not judge quality; bench/reading.py does. Use: python -m bench.speed FILE
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

# Words of the tickets that a single reading is timed on; the aim speaks of 60.
SHORTEST, LONGEST = 50, 70
# Readings that are timed of each reader, and tickets that are read as in a backfill.
TIMES, BACKFILL, CORES = 100, 400, 2
MODEL = Path(__file__).parent.parent / "integration" / "analysis" / "model"
out = Console(width=120)
Milliseconds = Sequence[float]


def main() -> None:
    """Read the file, time the three readers in turns, print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", type=Path)
    rows = [json.loads(line) for line in arguments.parse_args().file.read_text(encoding="utf-8").splitlines()]
    table = Table("figure", "value", "aim")
    for name, value, aim in [*_load(), *_single(rows), *_backfill(rows), *_weight()]:
        table.add_row(name, value, aim)
    out.print(table)


def _load() -> list[tuple[str, str, str]]:
    """In a process of its own: from nothing to ready, and how much memory that keeps."""
    code = (
        "import time; t = time.perf_counter()\n"
        "from integration import analysis; analysis.load()\n"
        "print(time.perf_counter() - t)\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmRSS')))"
    )
    ran = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    seconds, kilobytes = zip(*(map(float, one.stdout.split()) for one in ran), strict=True)
    return [
        ("import and load", f"{min(seconds):.2f} s", "2 s"),
        ("resident memory when loaded", f"{max(kilobytes) / 1024:.0f} MB", "350 MB"),
    ]


def _single(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str, str]]:
    chosen = [row for row in rows if SHORTEST <= len(f"{row['subject']} {row['body']}".split()) <= LONGEST]
    readers = {"reader": _reader(), "TextBlob": _textblob(), "VADER": _vader()}
    took: dict[str, list[float]] = {name: [] for name in readers}
    for number in range(TIMES):
        row = chosen[number % len(chosen)]
        for name, reader in readers.items():  # in turns, so that what else the machine does falls on all of them
            began = time.perf_counter()
            reader(row)
            took[name].append((time.perf_counter() - began) * 1000)
    found = []
    for name, times in took.items():
        p50, p95 = sorted(times)[TIMES // 2], sorted(times)[int(TIMES * 0.95)]
        aim = "p50 20, p95 60 ms" if name == "reader" else ""
        found.append((f"{name}, a ticket of about 60 words", f"p50 {p50:.1f} ms, p95 {p95:.1f} ms", aim))
    return found


def _backfill(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str, str]]:
    reader = _reader()
    work = [rows[i % len(rows)] for i in range(BACKFILL)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(reader, work))
    return [(f"backfill on {CORES} threads", f"{BACKFILL / (time.perf_counter() - began):.0f} tickets/s", "60")]


def _weight() -> list[tuple[str, str, str]]:
    weight = sum(file.stat().st_size for file in MODEL.iterdir())
    return [("trained files", f"{weight / 1e6:.1f} MB", "80 MB")]


def _reader() -> Callable[[dict[str, Any]], object]:
    from integration import analysis, jsonl

    analysis.load()
    return lambda row: analysis.read(*jsonl.ticket(row))


def _textblob() -> Callable[[dict[str, Any]], object]:
    from textblob import TextBlob

    return lambda row: TextBlob(f"{row['subject']}\n{row['body']}").sentiment


def _vader() -> Callable[[dict[str, Any]], object]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda row: analyzer.polarity_scores(f"{row['subject']}\n{row['body']}")


if __name__ == "__main__":
    main()
