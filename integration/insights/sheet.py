"""The panel as one flat sheet: a line per figure, each with what it was counted from; and that sheet as CSV.

It must not leave a figure out, nor put in a value that the panel does not give.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from integration.content import spreadsheet
from integration.model import Group, GroupFigures, Panel, Share, Spread

TOO_FEW = "too few"
COLUMNS = ("section", "group", "figure", "value", "low", "high", "unit", "k", "n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure; what does not apply is empty."""

    section: str
    figure: str
    group: str = ""
    value: str = ""  # a number, `too few`, or a word
    low: str = ""
    high: str = ""
    unit: str = ""
    k: str = ""
    n: str = ""


def sheet(panel: Panel) -> tuple[Line, ...]:
    """Every figure of the panel, in the order of the page."""
    period = Line(section="period", figure=f"{panel.since.isoformat()} to {panel.until.isoformat()}", unit="time")
    groups = [line for figures in panel.groups for line in _group(figures)]
    return (period, _count("tickets", "all", panel.tickets), *groups, *_over_all(panel))


def as_csv(panel: Panel) -> str:
    """The sheet as CSV with a head line, as spreadsheets read it."""
    return spreadsheet.as_csv(COLUMNS, ([getattr(line, name) for name in COLUMNS] for line in sheet(panel)))


def _group(figures: GroupFigures) -> Iterator[Line]:
    group = figures.group
    yield _count("tickets", "tickets", figures.tickets, group)
    yield _count("tickets", "solved", figures.solved, group)
    yield _spread("speed", "first reply", figures.first_reply, group)
    yield _spread("speed", "first reply by a person", figures.first_person, group)
    yield _spread("speed", "resolution", figures.resolution, group)
    yield _share("feeling", "good ratings", figures.good_ratings, group)
    yield _spread("effort", "messages until solved", figures.effort, group)
    yield _share("feeling", "better at the end", figures.better, group)
    yield _share("feeling", "worse at the end", figures.worse, group)
    for turn in figures.turns:
        yield _count("feeling", f"{turn.start} to {turn.end}", turn.n, group)
    yield _share("after", "reopened", figures.reopened, group)
    yield _count("after", "reopens", figures.reopens, group)
    yield _share("after", "way out used", figures.ways_out, group)
    yield _share("after", "asked for a person", figures.wanted_person, group)
    yield _share("effort", "had to repeat", figures.had_to_repeat, group)


def _over_all(panel: Panel) -> Iterator[Line]:
    yield _count("held back", "tickets without a reply of ours", panel.held_back_tickets)
    for reason in panel.held_back:
        yield _count("held back", reason.reason, reason.tickets)
    for one in panel.accuracy:
        yield _share("labels", f"{one.label} stood", one.stood)
        yield _count("labels", f"{one.label} corrected", one.corrected)
        yield _count("labels", f"{one.label} spoken about", one.said_so)
        yield _count("labels", f"{one.label} shown", one.shown)
    for place in panel.standing:
        yield Line(section="autonomy", figure=place.intent, value=place.rung, unit="rung", n=str(place.figures.sent))
    for load in panel.load:
        yield Line(section="load", figure=load.name, value=str(load.charged), unit="charged tickets", n=str(load.cap))
    for owed in panel.owed:
        due = owed.due.isoformat() if owed.due else "no time named"
        late = "overdue" if owed.overdue else "open"
        yield Line(section="promises", figure=f"ticket {owed.ticket_id}", value=late, high=due, n=str(owed.promises))
    for day in panel.days:
        for group, tickets in day.tickets.items():
            yield _count("days", day.day.isoformat(), tickets, group)


def _count(section: str, figure: str, number: int, group: Group | str = "") -> Line:
    return Line(section=section, group=group, figure=figure, value=str(number), unit="tickets")


def _share(section: str, figure: str, share: Share, group: Group | str = "") -> Line:
    few = share.value is None
    low, high = ("", "") if few else (f"{share.low:.3f}", f"{share.high:.3f}")
    value = TOO_FEW if share.value is None else f"{share.value:.3f}"
    return Line(
        section=section,
        group=group,
        figure=figure,
        value=value,
        low=low,
        high=high,
        unit="share",
        k=str(share.k),
        n=str(share.n),
    )


def _spread(section: str, figure: str, spread: Spread, group: Group | str = "") -> Line:
    return Line(
        section=section,
        group=group,
        figure=figure,
        value=TOO_FEW if spread.median is None else f"{spread.median:.1f}",
        low="" if spread.low is None else f"{spread.low:.0f}",
        high="" if spread.high is None else f"{spread.high:.0f}",
        unit=spread.unit,
        n=str(spread.n),
    )
