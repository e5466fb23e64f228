"""Writes the notes of twenty threads of the corpus as pages for people to judge, and the index with the verdicts.

It must not choose by what comes out. Use: python -m bench.examples THREADS.jsonl docs/examples
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import textwrap
import tomllib
from collections import Counter
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
# What a reader said of each note, with a print of the page that was read: one that has changed since is unjudged.
JUDGED = Path(__file__).parent / "tickets" / "judged.toml"
PRINT_LETTERS = 8
VERDICTS = ("good", "partly", "wrong")
_UNJUDGED = "not judged since it changed"
_WRITERS = {"customer": "Customer", "agent": "Agent", "bot": "Bot"}


def main() -> None:
    """Read the rows, write one page each and an index with what a reader said of each note."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("threads", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    rows = [json.loads(line) for line in asked.threads.read_text(encoding="utf-8").splitlines()]
    asked.folder.mkdir(parents=True, exist_ok=True)
    judged = tomllib.loads(JUDGED.read_text(encoding="utf-8"))
    index: list[str] = []
    verdicts: Counter[str] = Counter()
    for place, row in enumerate(rows, start=1):
        name = f"{place:02d}-{re.sub(r'[^a-z0-9]+', '-', row['id'].casefold())}.md"
        text = page(row)
        (asked.folder / name).write_text(text, encoding="utf-8")
        verdict, why = _judged(judged.get(row["id"], {}), text)
        verdicts[verdict] += 1
        title = (row["subject"] or textwrap.shorten(row["body"], 40, placeholder=" …")).replace("|", "/")
        index.append(f"| [{title}]({name}) | {verdict} | {why} |")
    totals = ", ".join(f"{verdicts[one]} {one}" for one in (*VERDICTS, _UNJUDGED) if verdicts[one])
    lines = [
        *INTRODUCTION,
        f"**Of {len(rows)} notes: {totals}.**",
        "",
        "| thread | verdict | why |",
        "|---|---|---|",
        *index,
    ]
    (asked.folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


INTRODUCTION = (
    "# Twenty threads and the note that each gets",
    "",
    "Made by `python -m bench.examples`; the threads are written for this project and carry no times, so every message",
    "stands on 1 January. Each page holds the conversation, the note as an agent sees it, and what must not be asked",
    "again.",
    "",
    "Each note was read as an agent with little time reads, by a reader who then had seven classes of fault mended and",
    "read all of them again; agents at work have not judged them yet. *Good*: nothing is invented or asked again, what",
    "matters most is there, “Start with” and the macros are right for this person. *Partly*: one of these falls short.",
    "*Wrong*: it would lead the agent astray. The verdicts stand in `bench/tickets/judged.toml`; a note that changed",
    "since it was read is shown as not judged.",
    "",
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


def _judged(said: dict[str, str], text: str) -> tuple[str, str]:
    """The verdict on a page and why, or that nobody has read it as it is now; the print is what to enter."""
    printed = hashlib.sha256(text.encode()).hexdigest()[:PRINT_LETTERS]
    if said.get("read") != printed:
        return _UNJUDGED, f"its print is `{printed}`"
    return said["verdict"], said["why"]


def _quoted(text: str) -> list[str]:
    return [f"> {line}  " if line.strip() else ">" for line in text.splitlines()]


def _not_again(made: Briefing) -> list[str]:
    return ["## Not to be asked again", "", ", ".join(made.do_not_ask) + "."] if made.do_not_ask else []


if __name__ == "__main__":
    main()
