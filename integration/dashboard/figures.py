"""The figures: speed beside feeling beside effort, for each group apart, each with what it was counted from.

It must not count, nor put several figures into one: the panel is handed over whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from integration.dashboard import guard, words
from integration.dashboard.behind import Behind
from integration.dashboard.charts import Bar, Range, Stack, Tick, bars, columns, ranges, stacks
from integration.dashboard.tables import Shown, Table, saved
from integration.model import Group, GroupFigures, NotUnderstood, Panel, Sentiment, Share, Spread, Unit

# Periods that can be chosen, in days; the first comes unasked: four whole weeks, so that every weekday counts alike.
PERIODS = (28, 7, 90, 180, 365)
GROUPS = {Group.ANSWERED: "answered by Attune", Group.ROUTED: "brought to people", Group.OTHER: "all others"}
MOODS = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_TIMES = (Tick(at=1, said="1 s"), Tick(at=_MINUTE, said="1 min"), Tick(at=_HOUR, said="1 h"), Tick(at=_DAY, said="1 d"))
_LONG = (*_TIMES, Tick(at=30 * _DAY, said="30 d"))
_SHARES = tuple(Tick(at=share / 100, said=f"{share} %") for share in (0, 25, 50, 75, 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the page: what it says and cannot say, its chart, and the table behind it."""

    title: str
    text: str
    table: Table
    chart: Markup | None = None  # None where nothing was counted, or the table says it all
    open: bool = False  # the table shows at once


def add(dashboard: Blueprint, behind: Behind) -> None:
    """The routes of the figures."""

    @dashboard.get("/figures")
    def figures() -> Response:
        return guard.looking(behind, _shown)

    @dashboard.get("/figures/<name>.csv")
    def figures_file(name: str) -> Response:
        return guard.looking(behind, lambda room: _file(room, name))


def _shown(room: guard.Room) -> Response:
    days = _days()
    panel = _panel(room, days)
    return guard.page(
        "figures.html",
        panel=panel,
        days=days,
        periods=sorted(PERIODS),
        groups=[(GROUPS[one.group], one) for one in panel.groups],
        sections=sections(panel),
        file=lambda table: url_for("dashboard.figures_file", name=table.name, days=days),
    )


def _file(room: guard.Room, name: str) -> Response:
    tables = {one.table.name: one.table for one in sections(_panel(room, _days()))}
    if name not in tables:
        return guard.said("No such table", f"There are {', '.join(tables)}.", 404)
    return saved(tables[name])


def sections(panel: Panel) -> tuple[Section, ...]:
    """Every part of the page, in its order."""
    parts = (_over_time, _speed, _feeling, _mood, _effort, _afterwards, _held, _labels, _load, _promises)
    return tuple(part(panel) for part in parts)


def _panel(room: guard.Room, days: int) -> Panel:
    return room.behind.panel(room.now - timedelta(days=days), room.now)


def _days() -> int:
    given = request.args.get("days", str(PERIODS[0]))
    if given not in {str(days) for days in PERIODS}:
        raise NotUnderstood(f"days: choose one of {', '.join(map(str, sorted(PERIODS)))}")
    return int(given)


# --- the parts of the page -------------------------------------------------------------------------------------------


def _over_time(panel: Panel) -> Section:
    rows = [Stack(label=f"{day.day:%d %b}", parts=tuple(day.tickets[group] for group in GROUPS)) for day in panel.days]
    table = Table(
        name="days",
        caption="Tickets by the day on which they began",
        heads=("day", *GROUPS.values()),
        rows=tuple((f"{day.day:%Y-%m-%d}", *(day.tickets[group] for group in GROUPS)) for day in panel.days),
    )
    chart = columns(rows, tuple(GROUPS.values()), "days") if panel.tickets else None
    text = "Answered: Attune replied. Brought to people: charged, or handed over, and no reply of Attune's."
    return Section(title="Tickets", text=text, table=table, chart=chart)


def _speed(panel: Panel) -> Section:
    measures: tuple[tuple[str, Callable[[GroupFigures], Spread]], ...] = (
        ("first reply", lambda one: one.first_reply),
        ("first reply by a person", lambda one: one.first_person),
        ("resolution, of those solved", lambda one: one.resolution),
    )
    text = (
        "The middle ticket of each group, and where the true middle lies in 95 of 100 cases. Each step of the axis is "
        "many times the one before. The groups are different tickets, so that a gap between them is not Attune's doing."
    )
    return _spreads(panel, "speed", "Speed", text, measures, _LONG, by_tens=True)


def _effort(panel: Panel) -> Section:
    measures: tuple[tuple[str, Callable[[GroupFigures], Spread]], ...] = (
        ("messages a customer wrote until it was solved", lambda one: one.effort),
    )
    ticks = tuple(Tick(at=at, said=str(at)) for at in (0, 2, 4, 6, 8, 10))
    text = "How often a customer had to write. Fewer is less effort, where the matter was really solved."
    return _spreads(panel, "effort", "Effort", text, measures, ticks)


def _feeling(panel: Panel) -> Section:
    measures: tuple[tuple[str, Callable[[GroupFigures], Share]], ...] = (
        ("good ratings, of those rated", lambda one: one.good_ratings),
        ("feels better at the end than at the start", lambda one: one.better),
        ("feels worse at the end than at the start", lambda one: one.worse),
    )
    text = "Ratings come from the few who rate. Sentiment is as read, of tickets with two read messages at least."
    return _shares(panel, "feeling", "Feeling", text, measures)


def _afterwards(panel: Panel) -> Section:
    measures: tuple[tuple[str, Callable[[GroupFigures], Share]], ...] = (
        ("reopened, of those ever solved", lambda one: one.reopened),
        ("took a way out after our reply", lambda one: one.ways_out),
        ("asked for a person", lambda one: one.wanted_person),
        ("was asked by an agent for a fact given before", lambda one: one.had_to_repeat),
    )
    text = "What an answer that was quick but no help looks like. Lower is better in every line."
    return _shares(panel, "afterwards", "What came after", text, measures)


def _mood(panel: Panel) -> Section:
    rows = []
    for one in panel.groups:
        for side, ends in (("start", False), ("end", True)):
            parts = tuple(sum(t.n for t in one.turns if (t.end if ends else t.start) is mood) for mood in MOODS)
            rows.append(Stack(label=f"{GROUPS[one.group]}, {side}", parts=parts))
    lines = tuple((GROUPS[one.group], str(t.start), str(t.end), t.n) for one in panel.groups for t in one.turns)
    table = Table(
        name="mood",
        caption="Sentiment of the first message and of the last",
        heads=("group", "at the start", "at the end", "tickets"),
        rows=lines,
    )
    chart = stacks(rows, tuple(map(str, MOODS)), "mood") if any(line[3] for line in lines) else None
    text = "Of tickets with at least two messages that were read. The table says who went from where to where."
    return Section(title="Sentiment at the start and at the end", text=text, table=table, chart=chart)


def _held(panel: Panel) -> Section:
    table = Table(
        name="held-back",
        caption="Reasons for which no automated reply was sent",
        heads=("reason", "tickets"),
        rows=tuple((one.reason, one.tickets) for one in panel.held_back),
    )
    rows = [Bar(label=one.reason, value=one.tickets, said=str(one.tickets)) for one in panel.held_back]
    text = f"On {panel.held_back_tickets} tickets no reply of Attune's went out. A ticket may have several reasons."
    return Section(title="Replies held back", text=text, table=table, chart=bars(rows, "held") if rows else None)


def _labels(panel: Panel) -> Section:
    table = Table(
        name="labels",
        caption="Labels that people let stand, of the tickets they touched",
        heads=("label", "stood", "from", "to", "of", "corrected", "spoken about", "shown"),
        rows=tuple(
            (one.label.value, *_share_cells(one.stood), one.stood.n, one.corrected, one.said_so, one.shown)
            for one in panel.accuracy
        ),
    )
    rows = [_share_row(one.label.value, 0, one.stood) for one in panel.accuracy]
    text = (
        "An upper bound of how often a label is right: who does not look corrects nothing. It says nothing about "
        "tickets that nobody touched."
    )
    chart = ranges(rows, _SHARES, "labels") if any(one.stood.n for one in panel.accuracy) else None
    return Section(title="Corrections", text=text, table=table, chart=chart)


def _load(panel: Panel) -> Section:
    table = Table(
        name="load",
        caption="Charged tickets that people carry now",
        heads=("person", "charged tickets", "cap"),
        rows=tuple((one.name, one.charged, one.cap) for one in panel.load),
    )
    most = max((one.cap for one in panel.load), default=0)
    rows = [
        Bar(
            label=one.name,
            value=one.charged,
            said=f"{one.charged} of {one.cap}{', no more' if one.full else ''}",
            full=one.full,
        )
        for one in panel.load
    ]
    text = "As of now, by name. There to look after people, not to rank them."
    return Section(title="Load", text=text, table=table, chart=bars(rows, "load", most) if rows else None)


def _promises(panel: Panel) -> Section:
    table = Table(
        name="promises",
        caption="Tickets with promises that are open",
        heads=("ticket", "promises", "due", "state", "held by"),
        rows=tuple(
            (
                *(one.ticket_id, one.promises, words.when(one.due) if one.due else "no time named"),
                *("overdue" if one.overdue else "open", _person(panel, one.assignee_id)),
            )
            for one in panel.owed
        ),
    )
    text = "As of now, the earliest due first. The words of a promise stand in the ticket and in the app beside it."
    return Section(title="Open promises", text=text, table=table, open=True)


def _person(panel: Panel, agent_id: int | None) -> str:
    return "nobody" if agent_id is None else panel.names.get(agent_id, f"person {agent_id}")


# --- of one kind -----------------------------------------------------------------------------------------------------


def _spreads(
    panel: Panel,
    name: str,
    title: str,
    text: str,
    measures: tuple[tuple[str, Callable[[GroupFigures], Spread]], ...],
    ticks: tuple[Tick, ...],
    *,
    by_tens: bool = False,
) -> Section:
    found = [(measure, place, group, of(group)) for measure, of in measures for place, group in enumerate(panel.groups)]
    rows = [
        Range(
            head=measure if place == 0 else "",
            label=GROUPS[group.group],
            series=place,
            said=_spread_said(spread),
            value=spread.median,
            low=spread.low,
            high=spread.high,
        )
        for measure, place, group, spread in found
    ]
    table = Table(
        name=name,
        caption=title,
        heads=("figure", "group", "middle", "from", "to", "tickets"),
        rows=tuple((measure, GROUPS[group.group], *_spread_cells(of), of.n) for measure, _place, group, of in found),
    )
    drawn = any(spread.n for *_, spread in found)
    return Section(
        title=title, text=text, table=table, chart=ranges(rows, ticks, name, by_tens=by_tens) if drawn else None
    )


def _shares(
    panel: Panel,
    name: str,
    title: str,
    text: str,
    measures: tuple[tuple[str, Callable[[GroupFigures], Share]], ...],
) -> Section:
    found = [(measure, place, group, of(group)) for measure, of in measures for place, group in enumerate(panel.groups)]
    rows = [
        _share_row(GROUPS[group.group], place, share, measure if place == 0 else "")
        for measure, place, group, share in found
    ]
    table = Table(
        name=name,
        caption=title,
        heads=("figure", "group", "share", "from", "to", "count", "of"),
        rows=tuple(
            (measure, GROUPS[group.group], *_share_cells(share), share.k, share.n)
            for measure, _place, group, share in found
        ),
    )
    chart = ranges(rows, _SHARES, name) if any(share.n for *_, share in found) else None
    return Section(title=title, text=text, table=table, chart=chart)


def _share_row(label: str, series: int, share: Share, head: str = "") -> Range:
    if share.value is None:
        return Range(label=label, series=series, head=head, said=_few(share.n))
    said = f"{words.percent(share.value)}, of {share.n}"
    return Range(label=label, series=series, head=head, said=said, value=share.value, low=share.low, high=share.high)


def _share_cells(share: Share) -> tuple[Shown, Shown, Shown]:
    if share.value is None:
        return (Shown(None, _few(share.n)), Shown(None, ""), Shown(None, ""))
    low, value, high = (Shown(round(one, 4), words.percent(one)) for one in (share.low, share.value, share.high))
    return value, low, high


def _spread_said(spread: Spread) -> str:
    if spread.median is None:
        return _few(spread.n)
    return f"{_middle(spread.median, spread)}, of {spread.n}"


def _spread_cells(spread: Spread) -> tuple[Shown, ...]:
    values = (spread.median, spread.low, spread.high)
    return tuple(Shown(value, "–" if value is None else _middle(value, spread)) for value in values)


def _middle(value: float, spread: Spread) -> str:
    return words.span(value) if spread.unit is Unit.SECONDS else f"{value:g}"


def _few(n: int) -> str:
    return f"too few ({n})" if n else "none"
