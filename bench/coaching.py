"""Measures the wording help on what agents wrote in labelled threads: how many get advice, of which kind, on what.

It must not know how anything is found. Use: python -m bench.coaching FILE … [--show KIND] [--sample NUMBER]
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from integration import analysis, jsonl
from integration.coaching import advise
from integration.model import Advice, History, Message, Ticket, Who
from integration.policy.briefing import brief

# The sample that is read by eye is always the same one.
SEED = 7


@dataclass(frozen=True, slots=True)
class Seen:
    """One reply of an agent, what it answers, and the advice on it."""

    row: str
    answers: str
    charge: str
    reply: str
    advice: tuple[Advice, ...]


def replies(path: Path) -> Iterator[tuple[str, Ticket, Message]]:
    """Each agent's reply that answers a customer, with the ticket as it was before."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        ticket, _ = jsonl.ticket(row)
        for place, message in enumerate(ticket.messages):
            before = ticket.messages[:place]
            if message.who is Who.AGENT and any(one.who is Who.CUSTOMER for one in before):
                yield row["id"], replace(ticket, messages=before), message


def measured(row: str, ticket: Ticket, reply: Message) -> Seen:
    """The advice that the agent would have seen while writing `reply`."""
    reading = analysis.read(ticket, History())
    advice = advise(
        reply.text,
        public=True,
        charge=reading.charge,
        emotions=reading.emotions,
        briefing=brief(ticket, reading, History()),
        language=reading.language,
        agent_messages=tuple(one for one in ticket.messages if one.who is Who.AGENT),
        customer_messages=tuple(one for one in ticket.messages if one.who is Who.CUSTOMER),
    )
    newest = ticket.newest
    return Seen(row, newest.text if newest else "", str(reading.charge), reply.text, advice)


def main() -> None:
    """Read the threads; print how many replies get advice, by kind, and the ones that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--show", help="print every reply with advice of this kind, or of `any`")
    parser.add_argument("--sample", type=int, default=0, help="print so many pieces of advice, drawn once and for all")
    asked = parser.parse_args()
    seen = [measured(*one) for path in asked.files for one in replies(path)]
    advised = [one for one in seen if one.advice]
    kinds = Counter(str(advice.kind) for one in advised for advice in one.advice)
    shown = [one for one in advised if asked.show == "any" or any(a.kind == asked.show for a in one.advice)]
    drawn = random.Random(SEED).sample(advised, min(asked.sample, len(advised)))
    for one in (*shown, *drawn):
        _print(one)
    share = len(advised) / max(1, len(seen))
    print(f"{len(advised)} of {len(seen)} replies get advice ({share:.1%}), {sum(kinds.values())} pieces")
    for kind, count in kinds.most_common():
        print(f"  {kind}: {count}")


def _print(one: Seen) -> None:
    print(f"--- {one.row} ({one.charge})\n  customer: {one.answers[:300]}\n  agent: {one.reply[:400]}")
    for advice in one.advice:
        print(f"  -> {advice.kind}: “{advice.quote}” {advice.say}")


if __name__ == "__main__":
    main()
