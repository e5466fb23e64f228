"""The charts: every value has its place and its words, whatever is drawn, and no text is taken for markup."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.dashboard.charts import LABELS, PLOT_END, WIDTH, Bar, Range, Stack, Tick, bars, columns, ranges, stacks
from tests.dashboard.staging import HOSTILE

SHARES = tuple(Tick(at=share / 100, said=f"{share} %") for share in (0, 50, 100))
TIMES = (Tick(at=1, said="1 s"), Tick(at=3600, said="1 h"), Tick(at=86_400, said="1 d"))
SVG = "{http://www.w3.org/2000/svg}"
_words = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=40)
_shares = st.floats(0, 1)


def drawn(chart: str) -> ElementTree.Element:
    """The chart as the XML that it must be."""
    return ElementTree.fromstring(chart)


def words(chart: str) -> list[str]:
    """Every text of the chart."""
    return ["".join(one.itertext()) for one in drawn(chart).iter(f"{SVG}text")]


@given(st.lists(st.tuples(_words, _shares, _shares, _shares), min_size=1, max_size=9))
def test_a_point_stands_in_the_plot(rows: list[tuple[str, float, float, float]]) -> None:
    """Whatever the values, points and intervals stay in the plot, and each row has its words."""
    given_rows = [
        Range(label=label, series=number % 3, said="x of y", value=value, low=min(low, value), high=max(high, value))
        for number, (label, value, low, high) in enumerate(rows)
    ]
    chart = ranges(given_rows, SHARES, "test")
    for circle in drawn(chart).iter(f"{SVG}circle"):
        assert LABELS <= float(circle.attrib["cx"]) <= PLOT_END
    assert words(chart).count("x of y") == len(rows)


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_time_stands_where_it_belongs(one: float, other: float) -> None:
    """By tens, the longer of two times stands right of the shorter or at the same place, even beyond the axis."""
    chart = ranges(
        [Range(label=str(at), series=0, said="", value=at, low=at, high=at) for at in sorted((one, other))],
        TIMES,
        "test",
        by_tens=True,
    )
    places = [float(circle.attrib["cx"]) for circle in drawn(chart).iter(f"{SVG}circle")]
    assert places == sorted(places)


def test_too_few_have_no_point() -> None:
    """A value that is not told is said in words and drawn nowhere."""
    chart = ranges([Range(label="all others", series=2, said="too few (3)")], SHARES, "test")
    assert "too few (3)" in words(chart)
    assert not list(drawn(chart).iter(f"{SVG}circle")) + list(drawn(chart).iter(f"{SVG}path"))[len(SHARES) :]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=200))
def test_areas_fill_what_they_should(parts: list[tuple[int, int, int]]) -> None:
    """Stacks are all of one length, columns never reach over the top, and a year of days still fits."""
    rows = [Stack(label=str(number), parts=one) for number, one in enumerate(parts)]
    for chart in (stacks(rows[:9], ("a", "b", "c"), "moods"), columns(rows, ("a", "b", "c"), "days")):
        for box in drawn(chart).iter(f"{SVG}rect"):
            assert float(box.attrib["x"]) + float(box.attrib["width"]) <= WIDTH + 1
            assert float(box.attrib["y"]) >= 0


def test_each_series_is_told_apart_without_colour() -> None:
    """Points differ by shape, areas by pattern."""
    points = ranges([Range(label="", series=n, said="", value=0.5) for n in range(3)], SHARES, "test")
    kinds = [one.tag.removeprefix(SVG) for one in drawn(points).iter() if one.get("class", "").startswith("fill-")]
    assert kinds == ["circle", "rect", "path"]
    areas = drawn(columns([Stack(label="1", parts=(5, 5, 5))], ("a", "b", "c"), "days"))
    fills = {one.attrib["fill"] for one in areas.iter(f"{SVG}rect") if "fill" in one.attrib}
    assert len(fills) == 2
    assert all(fill.startswith("url(#days-") for fill in fills)


@pytest.mark.parametrize(
    "chart",
    [
        bars([Bar(label=HOSTILE, value=3, said=HOSTILE)], "test"),
        ranges([Range(label=HOSTILE, series=0, said=HOSTILE, head=HOSTILE)], SHARES, "test"),
        stacks([Stack(label=HOSTILE, parts=(1, 2, 3))], (HOSTILE, "b", "c"), "test"),
        columns([Stack(label=HOSTILE, parts=(1, 2, 3))], (HOSTILE, "b", "c"), "test"),
    ],
    ids=["bars", "ranges", "stacks", "columns"],
)
def test_hostile_words_are_words(chart: str) -> None:
    """Markup in a name or reason is drawn as text: no element of another kind, no style, no script, no address."""
    assert HOSTILE in words(chart)
    for one in drawn(chart).iter():
        assert one.tag.removeprefix(SVG) in {"svg", "defs", "pattern", "rect", "text", "path", "circle", "g"}
        assert not {"style", "href", "onload", "onclick"} & set(one.attrib)


def test_a_bar_ends_at_its_cap() -> None:
    """Loads are drawn against the cap, so that half a load is half a bar."""
    boxes = list(drawn(bars([Bar(label="a", value=3, said="3 of 6")], "test", 6)).iter(f"{SVG}rect"))
    assert float(boxes[0].attrib["width"]) == (WIDTH - 120) / 2
