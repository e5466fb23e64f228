"""The dashboard's charts as SVG: intervals, bars, stacks and columns, each readable in black and white.

It must not count, nor know what a figure is about; the colours are the style sheet's, the shapes and patterns are here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log10

import drawsvg as draw
from markupsafe import Markup

# In units of the drawing, which are pixels where there is room; the style sheet scrolls it where there is less.
WIDTH, LABELS, PLOT_END = 720, 190, 500
SIZE, ROW, AXIS = 13, 24, 22
# A part of a bar narrower than this holds no number.
LEAST_FOR_NUMBER = 26
# More columns than this would be hair lines: days are then taken together by the week.
MOST_COLUMNS = 62
# How a series looks beside its colour: a shape for points, a pattern for areas.
SHAPES = ("circle", "square", "triangle")
PATTERNS = ("plain", "lines", "dots")
# The first of the second three colours, for a chart whose series are others than the groups.
OTHERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """One value with its interval; without a value, why there is none."""

    label: str
    series: int  # 0, 1 or 2
    said: str  # the value in words, as it stands beside the row
    value: float | None = None
    low: float | None = None
    high: float | None = None
    head: str = ""  # begins a new measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One amount."""

    label: str
    value: float
    said: str
    full: bool = False  # at its cap


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Parts of one whole, in the order of the series."""

    label: str
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on the axis."""

    at: float
    said: str


def ranges(rows: Sequence[Range], ticks: Sequence[Tick], name: str, *, by_tens: bool = False) -> Markup:
    """Points with their intervals, on a common axis; `by_tens` where values differ by orders of magnitude."""
    height = AXIS + sum(ROW * (2 if row.head else 1) for row in rows)
    sheet, place = _sheet(height, name), _axis(ticks, by_tens=by_tens)
    for tick in ticks:
        x = place(tick.at)
        sheet.append(draw.Line(x, AXIS - 4, x, height, class_="grid"))
        sheet.append(_words(tick.said, x, AXIS - 9, "quiet", "middle"))
    top = AXIS
    for row in rows:
        if row.head:
            sheet.append(_words(row.head, 0, top + 17, "head"))
            top += ROW
        _range(sheet, row, top + ROW / 2, place)
        top += ROW
    return _drawn(sheet)


def bars(rows: Sequence[Bar], name: str, most: float = 0) -> Markup:
    """Amounts as bars, each with its words above and its number at its end."""
    step = 2 * ROW - 6
    sheet, top = _sheet(max(1, len(rows)) * step, name), 0.0
    largest = max([most, *(row.value for row in rows)], default=0) or 1
    for row in rows:
        length = (WIDTH - 120) * min(row.value / largest, 1)
        sheet.append(_words(row.label, 0, top + 15, "words"))
        sheet.append(draw.Rectangle(0, top + 21, max(length, 1), 12, class_="bar-full" if row.full else "bar-plain"))
        sheet.append(_words(row.said, max(length, 1) + 8, top + 32, "words"))
        top += step
    return _drawn(sheet)


def stacks(rows: Sequence[Stack], series: Sequence[str], name: str) -> Markup:
    """Wholes of equal length with their parts, numbers inside where there is room; in colours of their own."""
    sheet = _sheet(AXIS + ROW * len(rows), name)
    fills = _legend(sheet, series, LABELS, OTHERS)
    top = float(AXIS)
    for row in rows:
        whole, left = sum(row.parts), float(LABELS)
        sheet.append(_words(row.label, 0, top + 16, "words"))
        for number, part in enumerate(row.parts if whole else ()):
            width = (WIDTH - LABELS) * part / whole
            _area(sheet, left, top + 3, width, ROW - 6, number + OTHERS, fills)
            if width >= LEAST_FOR_NUMBER:
                _number_inside(sheet, part, left + width / 2, top)
            left += width
        if not whole:
            sheet.append(_words("too few", LABELS, top + 16, "quiet"))
        top += ROW
    return _drawn(sheet)


def columns(rows: Sequence[Stack], series: Sequence[str], name: str) -> Markup:
    """Amounts over time, the series stacked; the label of the first, the last and some between."""
    tall, base = 120, AXIS + 130
    sheet = _sheet(base + 20, name)
    fills = _legend(sheet, series, 44)
    rows = _together(rows)
    largest = _round_up(max((sum(row.parts) for row in rows), default=0))
    for share in (0, 0.5, 1):
        y = base - tall * share
        sheet.append(draw.Line(40, y, WIDTH, y, class_="grid"))
        sheet.append(_words(f"{largest * share:g}", 32, y + 4, "quiet", "end"))
    step = (WIDTH - 44) / max(1, len(rows))
    every = max(1, ceil(len(rows) / 7))
    for place, row in enumerate(rows):
        x, y = 44 + place * step, float(base)
        for number, part in enumerate(row.parts):
            height = tall * part / largest
            y -= height
            _area(sheet, x, y, max(step - 2, 1), height, number, fills)
        if place % every == 0:
            sheet.append(_words(row.label, x, base + 16, "quiet"))
    return _drawn(sheet)


# --- the pieces ------------------------------------------------------------------------------------------------------


def _sheet(height: float, name: str) -> draw.Drawing:
    return draw.Drawing(WIDTH, height, id_prefix=f"{name}-", class_="chart", aria_hidden="true", focusable="false")


def _drawn(sheet: draw.Drawing) -> Markup:
    """As a part of a page. Every text in it went through the library, which escapes it; attributes are ours alone."""
    return Markup(sheet.as_svg(header=""))  # noqa: S704 - said above


def _words(text: str, x: float, y: float, kind: str, anchor: str = "start") -> draw.Text:
    return draw.Text(text, SIZE, round(x, 1), round(y, 1), class_=f"t-{kind}", text_anchor=anchor)


def _axis(ticks: Sequence[Tick], *, by_tens: bool):  # type: ignore[no-untyped-def] # a function of one number
    first, last = ticks[0].at, ticks[-1].at

    def place(value: float) -> float:
        inside = min(max(value, first), last)
        share = log10(inside / first) / log10(last / first) if by_tens else (inside - first) / (last - first)
        return round(LABELS + 10 + share * (PLOT_END - LABELS - 20), 1)

    return place


def _range(sheet: draw.Drawing, row: Range, middle: float, place) -> None:  # type: ignore[no-untyped-def] # as above
    sheet.append(_words(row.label, 14, middle + 5, "words"))
    sheet.append(_words(row.said, PLOT_END + 14, middle + 5, "words" if row.value is not None else "quiet"))
    if row.value is None:
        return
    if row.low is not None and row.high is not None:
        low, high = place(row.low), place(row.high)
        sheet.append(draw.Line(low, middle, high, middle, class_=f"stroke-{row.series}", stroke_width=2))
        for end in (low, high):
            sheet.append(draw.Line(end, middle - 4, end, middle + 4, class_=f"stroke-{row.series}", stroke_width=2))
    _point(sheet, place(row.value), middle, row.series)


def _point(sheet: draw.Drawing, x: float, y: float, series: int) -> None:
    kind = f"fill-{series}"
    match SHAPES[series]:
        case "circle":
            sheet.append(draw.Circle(x, y, 6, class_=kind))
        case "square":
            sheet.append(draw.Rectangle(x - 5.5, y - 5.5, 11, 11, class_=kind))
        case _:
            sheet.append(draw.Lines(x, y - 7, x + 7, y + 6, x - 7, y + 6, close=True, class_=kind))


def _area(
    sheet: draw.Drawing,
    x: float,
    y: float,
    width: float,
    height: float,
    series: int,
    fills: Sequence[draw.Pattern | None],
) -> None:
    """A part of a bar: its colour, and over it the pattern that tells it apart without colour."""
    if width <= 0 or height <= 0:
        return
    place = (round(x, 1), round(y, 1), round(width, 1), round(height, 1))
    sheet.append(draw.Rectangle(*place, class_=f"area-{series}"))
    if (pattern := fills[series % len(fills)]) is not None:
        sheet.append(draw.Rectangle(*place, fill=pattern))


def _number_inside(sheet: draw.Drawing, number: int, middle: float, top: float) -> None:
    """On a plate of its own, so that no pattern runs through it."""
    width = 8 * len(str(number)) + 8
    sheet.append(draw.Rectangle(round(middle - width / 2, 1), top + 4, width, ROW - 8, rx=3, class_="plate"))
    sheet.append(_words(str(number), middle, top + 16.5, "words", "middle"))


def _legend(sheet: draw.Drawing, series: Sequence[str], left: float, first: int = 0) -> tuple[draw.Pattern | None, ...]:
    fills, x = tuple(_pattern(kind) for kind in PATTERNS), left
    for number, word in enumerate(series):
        _area(sheet, x, 2, 14, 14, number + first, fills)
        sheet.append(_words(word, x + 20, 14, "words"))
        x += 40 + 7.5 * len(word)
    return fills


def _pattern(kind: str) -> draw.Pattern | None:
    if kind == "plain":
        return None
    pattern = draw.Pattern(6, 6, patternUnits="userSpaceOnUse")
    if kind == "lines":
        pattern.append(draw.Line(0, 6, 6, 0, class_="ink", stroke_width=1.5))
    else:
        pattern.append(draw.Circle(3, 3, 1.3, class_="dot"))
    return pattern


def _together(rows: Sequence[Stack]) -> Sequence[Stack]:
    if len(rows) <= MOST_COLUMNS:
        return rows
    weeks = [rows[first : first + 7] for first in range(0, len(rows), 7)]
    return [Stack(label=week[0].label, parts=_sums(row.parts for row in week)) for week in weeks]


def _sums(parts: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sum(of) for of in zip(*parts, strict=True))


def _round_up(most: int) -> int:
    """The next number that halves well: 2, 4, 10, 20, 40, 100 …"""
    steps = [base * 10**power for power in range(7) for base in (2, 4, 10)]
    return next((step for _before, step in pairwise([0, *steps]) if step >= most), most)
