"""Measures whether the same content reads the same in other voices: formal, informal, learner's, dialect, another name.

It must not know the labels beyond charge, urgency and the bot's leave. Use: python -m bench.fairness [FILE]
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.reading import read
from integration.model import Charge, Urgency

GROUPS = Path(__file__).parent.parent / "tests" / "cases" / "fairness.jsonl"
PLAIN = "plain"
LEVELS = {"charge": [str(level) for level in Charge], "urgency": [str(level) for level in Urgency]}
out = Console(width=120)


def main() -> None:
    """Read every voice of every group, print how each differs from the plain one."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", nargs="?", type=Path, default=GROUPS)
    rows = [json.loads(line) for line in arguments.parse_args().file.read_text(encoding="utf-8").splitlines()]
    voices: dict[str, list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]] = defaultdict(list)
    readings = {row["id"]: read(row) for row in rows}
    for row in rows:
        plain = readings[f"{row['group']}-{PLAIN}"]
        voices[row["voice"]].append((row, readings[row["id"]], plain))
    table = Table("voice", "texts", title="the same content in other voices")
    for name in ("charge as plain", "urgency as plain", "charge right", "urgency right", "charge drift", "bot let in"):
        table.add_column(name)
    for voice, listed in voices.items():
        table.add_row(voice, str(len(listed)), *_row(listed))
    out.print(table)
    out.print("drift: mean step of the charge against the plain text; below 0 it is heard as calmer than it is")


def _row(listed: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]) -> list[str]:
    count = len(listed)
    charges = LEVELS["charge"]
    same = [sum(got[name] == plain[name] for _, got, plain in listed) / count for name in LEVELS]
    right = [sum(got[name] == row[name] for row, got, _ in listed) / count for name in LEVELS]
    drift = sum(charges.index(got["charge"]) - charges.index(plain["charge"]) for _, got, plain in listed) / count
    wrongly = sum(got["bot_may_answer"] and not row["bot_may_answer"] for row, got, _ in listed)
    rightly = sum(got["bot_may_answer"] and row["bot_may_answer"] for row, got, _ in listed)
    may = sum(row["bot_may_answer"] for row, _, _ in listed)
    return [*(f"{s:.0%}" for s in (*same, *right)), f"{drift:+.2f}", f"{rightly} of {may}, {wrongly} wrongly"]


if __name__ == "__main__":
    main()
