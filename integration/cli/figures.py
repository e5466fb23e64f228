"""`flask figures`: how tickets went, speed beside feeling, each figure with what it was counted from.

It must not count: the figures are those of `insights`, the same that the dashboard draws.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import click
from rich.table import Table
from rich.text import Text

from integration import insights
from integration.assembly import now
from integration.cli.console import out, parts, plain_failures
from integration.model import GroupFigures, Panel, Share, Spread, Unit

_AGO = re.compile(r"(\d{1,4})\s*([dw])")
_DAYS = {"d": 1, "w": 7}
# Longer periods would reach behind what may be kept at all: ten years.
MOST_DAYS = 3650
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@click.command()
@click.option("--since", default="28d", show_default=True, metavar="DAYS", help="How far back: 7d, 4w or 2026-03-01.")
@click.option("--csv", "as_csv", is_flag=True, help="One line per figure, for a spreadsheet.")
@plain_failures
def figures(since: str, as_csv: bool) -> None:
    """Show how the tickets of a period went: speed beside feeling, never one number."""
    until = now()
    panel = parts().panel(_began(since, until), until)
    if as_csv:
        click.echo(insights.as_csv(panel), nl=False)
        return
    out.print(f"{panel.tickets} tickets began since {panel.since:%Y-%m-%d %H:%M} UTC.", highlight=False)
    for table in (_groups(panel), _moods(panel), _held(panel), _labels(panel), _load(panel), _promises(panel)):
        if table.row_count:
            out.print(Text(f"\n{table.caption}", style="bold"))  # a title would be wrapped to the table's width
            table.caption = None
            out.print(table)
    out.print(
        "\nIn brackets: where the true value lies in 95 of 100 cases. What each figure can and cannot say: "
        "docs/figures.md",
        markup=False,
    )


def _began(given: str, until: datetime) -> datetime:
    """When the period begins; raises click.BadParameter for what is no period."""
    ago = _AGO.fullmatch(given.strip().lower())
    days = int(ago.group(1)) * _DAYS[ago.group(2)] if ago else None
    if days is not None and 1 <= days <= MOST_DAYS:
        return until - timedelta(days=days)
    if days is None and (found := _moment(given.strip())) is not None and found < until:
        return found
    raise click.BadParameter(
        f"{given} is no period: write 7d, 4w (at most {MOST_DAYS} days) or a past day such as 2026-03-01",
        param_hint="--since",
    )


def _moment(given: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _table(title: str, *columns: str) -> Table:
    return Table(*columns, box=None, caption=title)


def _groups(panel: Panel) -> Table:
    """One row per figure, one column per group."""
    lines: tuple[tuple[str, Callable[[GroupFigures], str]], ...] = (
        ("tickets", lambda one: str(one.tickets)),
        ("of these solved", lambda one: str(one.solved)),
        ("first reply", lambda one: _spread(one.first_reply)),
        ("first reply by a person", lambda one: _spread(one.first_person)),
        ("resolution", lambda one: _spread(one.resolution)),
        ("good ratings", lambda one: _share(one.good_ratings)),
        ("messages a customer wrote until solved", lambda one: _spread(one.effort)),
        ("feels better at the end", lambda one: _share(one.better)),
        ("feels worse at the end", lambda one: _share(one.worse)),
        ("reopened", lambda one: _share(one.reopened)),
        ("took a way out after our reply", lambda one: _share(one.ways_out)),
        ("asked for a person", lambda one: _share(one.wanted_person)),
        ("was asked for a fact again", lambda one: _share(one.had_to_repeat)),
    )
    table = _table("Speed, feeling and effort", "", *(one.group for one in panel.groups))
    for name, said in lines:
        table.add_row(name, *(said(one) for one in panel.groups))
    return table


def _moods(panel: Panel) -> Table:
    table = _table("Sentiment at the first message → at the last", "", *(one.group for one in panel.groups))
    for place, turn in enumerate(panel.groups[0].turns):
        if any(one.turns[place].n for one in panel.groups):
            table.add_row(f"{turn.start} → {turn.end}", *(str(one.turns[place].n) for one in panel.groups))
    return table


def _held(panel: Panel) -> Table:
    table = _table(f"Why {panel.held_back_tickets} tickets got no reply of ours", "tickets", "reason")
    for one in panel.held_back:
        table.add_row(str(one.tickets), Text(one.reason))
    return table


def _labels(panel: Panel) -> Table:
    table = _table("Labels that people let stand, of the tickets they touched", "label", "stood", "corrected", "shown")
    for one in panel.accuracy:
        table.add_row(one.label, _share(one.stood), str(one.corrected), str(one.shown))
    return table


def _load(panel: Panel) -> Table:
    table = _table("Charged tickets that people carry now, by name", "person", "charged", "at most")
    for one in panel.load:
        table.add_row(Text(one.name), f"{one.charged}{' (full)' if one.full else ''}", str(one.cap))
    return table


def _promises(panel: Panel) -> Table:
    table = _table("Open promises", "ticket", "promises", "due", "")
    for one in panel.owed:
        due = f"{one.due:%Y-%m-%d %H:%M}" if one.due else "no time named"
        table.add_row(str(one.ticket_id), str(one.promises), due, "overdue" if one.overdue else "")
    return table


def _share(share: Share) -> str:
    if share.value is None:
        return _few(share.n)
    return f"{share.value:.0%} [{share.low:.0%}–{share.high:.0%}] of {share.n}"


def _spread(spread: Spread) -> str:
    if spread.median is None:
        return _few(spread.n)
    say = _long if spread.unit is Unit.SECONDS else _number
    between = f" [{say(spread.low)}–{say(spread.high)}]" if spread.low is not None and spread.high is not None else ""
    return f"{say(spread.median)}{between} over {spread.n}"


def _few(n: int) -> str:
    return f"{insights.TOO_FEW} ({n})" if n else "-"


def _number(value: float) -> str:
    return f"{value:g}"


def _long(seconds: float) -> str:
    for unit, word in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit:
            return f"{seconds / unit:.1f} {word}"
    return f"{seconds:.0f} s"


COMMANDS: Iterable[click.Command] = (figures,)
