"""Writes the notes of twenty threads of the corpus as one readable page, for people to judge.

It must not choose by what comes out. Use: python -m bench.examples THREADS.jsonl docs/examples
"""

from __future__ import annotations

import argparse
import json
import re
import textwrap
from pathlib import Path
from typing import Any

from integration import analysis, content, jsonl
from integration.model import Briefing, Desk, MacroRef
from integration.policy import fitting, note
from integration.policy.briefing import brief

MACROS = tuple(
    MacroRef(key=text.key, id=place, title=text.title)
    for place, text in enumerate((*content.answers(), *content.empathy()), start=1)
)
_WRITERS = {"customer": "Customer", "agent": "Agent", "bot": "Bot"}


def main() -> None:
    """Read the rows, write one page each and an index."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("threads", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    rows = [json.loads(line) for line in asked.threads.read_text(encoding="utf-8").splitlines()]
    asked.folder.mkdir(parents=True, exist_ok=True)
    index = ["# Twenty threads and the note that each gets", "", *INTRODUCTION, ""]
    for place, row in enumerate(rows, start=1):
        name = f"{place:02d}-{re.sub(r'[^a-z0-9]+', '-', row['id'].casefold())}.md"
        (asked.folder / name).write_text(page(row), encoding="utf-8")
        index.append(f"- [{row['subject'] or textwrap.shorten(row['body'], 40, placeholder=' …')}]({name})")
    (asked.folder / "README.md").write_text("\n".join(index) + "\n", encoding="utf-8")


INTRODUCTION = (
    "Made by `python -m bench.examples`; the threads are written for this project and carry no times, so every message",
    "stands on 1 January. Each page holds the conversation, the note as an agent sees it, and what must not be asked",
    "again.",
)


def page(row: dict[str, Any]) -> str:
    """One thread: the conversation, the note, and what must not be asked again."""
    ticket, history = jsonl.ticket(row)
    reading = analysis.read(ticket, history)
    made = brief(ticket, reading, history, fitting(reading, Desk(self_id=0, macros=MACROS)))
    text = note.of(made, ticket, reading, history, person=False)
    lines = [f"# {row['subject'] or '(no subject)'}", "", f"Channel: {row['channel']}.", "", "## The conversation", ""]
    for said in [*row["thread"], {"author": "customer", "body": row["body"]}]:
        lines += [f"**{_WRITERS[said['author']]}**", "", *_quoted(said["body"]), ""]
    lines += [f"## The note ({note.count(text)} words)", "", *_quoted(text), "", *_not_again(made)]
    return "\n".join(lines).rstrip() + "\n"


def _quoted(text: str) -> list[str]:
    return [f"> {line}  " if line.strip() else ">" for line in text.splitlines()]


def _not_again(made: Briefing) -> list[str]:
    return ["## Not to be asked again", "", ", ".join(made.do_not_ask) + "."] if made.do_not_ask else []


if __name__ == "__main__":
    main()
