"""`flask read` and `flask explain`: how a text or a ticket is read, why, and what the policy makes of it.

It must not read or decide by itself: it calls the product's reader and policy and draws what they gave.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

import click
from rich.panel import Panel
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from integration import analysis, jsonl, policy
from integration.cli.console import REFUSED, WRONG_INPUT, err, out, parts, plain_failures
from integration.model import Correction, NotUnderstood, Plan, Reading, Ticket
from integration.policy import corrected

# Colours by how much a label asks for; every label is also written out, so nothing hangs on the colour alone.
COLOURS: Mapping[str, str] = {
    "very_negative": "red",
    "negative": "yellow",
    "positive": "green",
    "very_positive": "green",
    "charged": "red",
    "mild": "yellow",
    "critical": "red",
    "high": "yellow",
}


@click.command()
@click.argument("text", nargs=-1)
@click.option("--jsonl", "as_jsonl", is_flag=True, help="Tickets as JSON lines in, readings as JSON lines out.")
@plain_failures
def read(text: tuple[str, ...], as_jsonl: bool) -> None:
    """Read TEXT, or what comes in, and show how it was understood."""
    if as_jsonl:
        sys.exit(WRONG_INPUT if _read_lines(sys.stdin) else 0)
    body = " ".join(text) or sys.stdin.read()
    ticket, history = jsonl.ticket({"id": "-", "body": body})
    reading = analysis.read(ticket, history)
    out.print(_picture(reading))
    out.print(_verdict(policy.may_answer(ticket, reading, history)))


@click.command()
@click.argument("ticket_id", type=int)
@plain_failures
def explain(ticket_id: int) -> None:
    """Show how ticket TICKET_ID reads now, why, what Attune would do, and what it did."""
    attendant = parts().attendant
    ticket = attendant.zendesk.load(ticket_id)
    if ticket.newest is None:
        out.print(f"Ticket {ticket_id} holds no public message of its customer, so there is nothing to read.")
        sys.exit(REFUSED)
    history, reading, plan = attendant.consider(ticket)
    out.print(_picture(reading))
    out.print(_verdict(policy.may_answer(ticket, reading, history)))
    if said := parts().store.judgements.corrections(ticket_id):
        out.print(_corrected(said))
    out.print(_plan(plan, ticket))
    out.print(_done(parts().store.outcomes(ticket_id)))


def _read_lines(lines: Iterable[str]) -> int:
    """Read every line that can be read, name the others, and give back how many those are."""
    unread = 0
    analysis.load()  # so that `ms` is reading alone
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Reading", total=None)
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                sys.stdout.write(json.dumps(_read_line(line), ensure_ascii=False) + "\n")
                sys.stdout.flush()
            except NotUnderstood as error:
                unread += 1
                err.print(f"line {number}: {error}", markup=False, highlight=False)
            progress.advance(task)
    return unread


def _read_line(line: str) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise NotUnderstood(f"not JSON: {error.msg} at character {error.pos}") from error
    ticket, history = jsonl.ticket(row)
    reading = analysis.read(ticket, history)
    allowed = not policy.may_answer(ticket, reading, history)
    return jsonl.line(row.get("id"), reading, allowed, round((time.perf_counter() - began) * 1000, 2))


def _picture(reading: Reading) -> Panel:
    table = Table.grid(padding=(0, 2))
    for name, value in (
        ("sentiment", f"{reading.sentiment} ({reading.polarity:+.2f})"),
        ("charge", f"{reading.charge} ({reading.charge_score:.2f})"),
        ("emotions", ", ".join(f"{e} {s:.2f}" for e, s in reading.emotions.items()) or "none"),
        ("urgency", str(reading.urgency)),
        ("intent", str(reading.intent)),
        ("language", reading.language),
    ):
        sure = reading.confidence.get(name)
        colour = COLOURS.get(value.split(" ")[0], "")
        table.add_row(name, Text(value, style=colour), f"{sure:.0%} sure" if sure is not None else "")
    if not reading.readable:
        table.add_row("unreadable", reading.why_unreadable, "")
    reasons = Table.grid(padding=(0, 2))
    for evidence in sorted(reading.evidence, key=lambda e: -e.weight):
        reasons.add_row(str(evidence.signal), f"{evidence.weight:.2f}", Text(evidence.quote or "-"), evidence.reason)
    body = Table.grid()
    for part in (_highlighted(reading), Text(), table, Text(), reasons):
        body.add_row(part)
    return Panel(body, title="Reading")


def _highlighted(reading: Reading) -> Text:
    text = Text(reading.text[:2000])
    for evidence in reading.evidence:
        text.stylize("bold underline", evidence.start, evidence.end)
    return text


def _verdict(reasons: tuple[str, ...]) -> Text:
    if not reasons:
        return Text("The words alone would allow a bot's answer.", style="green")
    return Text("A bot must not answer this: " + "; ".join(reasons) + ".", style="yellow")


def _corrected(said: Iterable[Correction]) -> Panel:
    table = Table("when", "message", "corrected", "where", box=None)
    for one in said:
        words, where = corrected.in_words(one.label, one.was, one.is_now), corrected.WHERE[one.source]
        table.add_row(one.at.isoformat(" ", "seconds"), str(one.message_id or "-"), Text(words), where)
    return Panel(table, title="What people put right: the last word on each label is what the app shows")


def _plan(plan: Plan, ticket: Ticket) -> Panel:
    table = Table.grid(padding=(0, 2))
    for action in plan.actions:
        table.add_row(type(action).__name__, Text(action.because))
    for reason in plan.silence:
        table.add_row("no reply", Text(reason))
    for macro in plan.macros:
        table.add_row("macro", Text(macro.title))
    table.add_row("because", Text(plan.because))
    return Panel(table, title=f"What Attune would do with ticket {ticket.id} now")


def _done(outcomes: Iterable[Mapping[str, Any]]) -> Panel:
    table = Table("when", "event", "because", "done", box=None)
    for row in outcomes:
        actions = ", ".join(action["action"] for action in row["plan"]["actions"]) or "nothing"
        undone = "" if row["undone_at"] is None else ", undone since"
        table.add_row(row["at"].isoformat(" ", "seconds"), row["kind"], Text(row["because"]), actions + undone)
    return Panel(table, title="What Attune did")


COMMANDS = (read, explain)
