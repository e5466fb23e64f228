"""All courses together: figures counted by hand, and what holds for any tickets at all."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from math import comb
from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import insights
from integration.insights import share, spread
from integration.model import (
    LEAST,
    Charge,
    Course,
    Figures,
    Group,
    GroupFigures,
    Intent,
    Label,
    Panel,
    Rung,
    Sentiment,
    Share,
    Spread,
    Standing,
    Unit,
    median_interval,
)
from tests.insights.made import BEGAN, MINUTE, UNTIL, course, courses, felt

NEGATIVE, NEUTRAL, POSITIVE = Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE


def drawn(*these: Course, **other: object) -> Panel:
    """The panel of four weeks."""
    given_to: dict[str, object] = {"since": BEGAN, "until": UNTIL, "now": UNTIL, "open_now": these} | other
    return insights.panel(these, **given_to)  # type: ignore[arg-type]


def of(panel: Panel, group: Group) -> GroupFigures:
    """The figures of one group."""
    return next(one for one in panel.groups if one.group is group)


def test_nothing_gives_zeros() -> None:
    """A new installation has figures of nothing, every day of the period, and no exception."""
    panel = drawn()
    assert (panel.tickets, panel.held_back, panel.load, panel.owed) == (0, (), (), ())
    assert [one.group for one in panel.groups] == list(Group)
    assert all(one.first_reply == Spread(n=0, median=None, low=None, high=None) for one in panel.groups)
    assert all(one.good_ratings == Share(k=0, n=0, low=0.0, high=1.0) for one in panel.groups)
    assert [one.label for one in panel.accuracy] == list(Label)
    assert len(panel.days) == 29  # from half past nine to half past nine: both ends have a part
    assert drawn(since=UNTIL, until=BEGAN).days == ()


def test_the_period_is_half_open() -> None:
    """A ticket of the first moment counts, one of the last does not."""
    at = {"first": BEGAN, "last": UNTIL, "before": BEGAN - MINUTE}
    panel = drawn(*(course(number, asked_at=when) for number, when in enumerate(at.values())))
    assert panel.tickets == 1


def test_times_are_counted_by_group() -> None:
    """Medians from the customer's first message, each group for itself, only of what happened."""
    answered = [
        course(
            n,
            group=Group.ANSWERED,
            our_replies=1,
            first_reply_at=BEGAN + n * MINUTE,
            solved=True,
            solved_at=BEGAN + 10 * n * MINUTE,
            customer_messages=n,
        )
        for n in range(1, 8)
    ]
    other = [course(n, first_person_at=BEGAN + n * MINUTE, first_reply_at=BEGAN + n * MINUTE) for n in range(11, 15)]
    panel = drawn(*answered, *other)
    figures = of(panel, Group.ANSWERED)
    assert figures.first_reply == Spread(n=7, median=240.0, low=60.0, high=420.0)
    assert figures.resolution.median == 2400.0
    assert figures.effort == Spread(n=7, median=4.0, low=1, high=7, unit=Unit.MESSAGES)
    assert (figures.tickets, figures.solved, figures.first_person.n) == (7, 7, 0)
    few = of(panel, Group.OTHER).first_person
    assert (few.n, few.median, few.too_few) == (4, None, True)


def test_shares_are_of_those_that_can_have_them() -> None:
    """Ratings are of the rated, reopens of those ever solved, ways out of the answered."""
    rated = [course(n, rating="good" if n % 3 else "bad", group=Group.ANSWERED, our_replies=1) for n in range(1, 7)]
    left = [course(n, group=Group.ANSWERED, our_replies=1, way_out=True, reopens=n - 6) for n in range(7, 9)]
    figures = of(drawn(*rated, *left), Group.ANSWERED)
    assert (figures.good_ratings.k, figures.good_ratings.n) == (4, 6)
    assert (figures.ways_out.k, figures.ways_out.n) == (2, 8)
    assert (figures.reopened.k, figures.reopened.n, figures.reopens) == (2, 2, 3)


def test_asking_again_is_a_share_of_what_is_counted() -> None:
    """Where nobody counts, nothing is claimed; a ticket without a person's word cannot have been asked again."""
    those = [course(n, agent_messages=1, asked_again=n % 2) for n in range(1, 6)]
    those += [course(6, agent_messages=1), course(7, asked_again=0)]
    found = of(drawn(*those), Group.OTHER).had_to_repeat
    assert (found.k, found.n) == (3, 5)


def test_moods_turn() -> None:
    """Only tickets with two messages read have a course of mood; very good and good are one in the matrix."""
    sad_to_glad = course(1, first=felt(1, NEGATIVE), last=felt(4, Sentiment.VERY_POSITIVE))
    worse = course(2, first=felt(1, NEGATIVE), last=felt(4, Sentiment.VERY_NEGATIVE))
    once = course(3, first=felt(1, NEGATIVE), last=felt(1, NEGATIVE))
    unread = course(4, first=None, last=None)
    figures = of(drawn(sad_to_glad, worse, once, unread), Group.OTHER)
    assert {(one.start, one.end): one.n for one in figures.turns if one.n} == {
        (NEGATIVE, POSITIVE): 1,
        (NEGATIVE, NEGATIVE): 1,
    }
    assert len(figures.turns) == 9
    assert (figures.better.k, figures.worse.k, figures.better.n) == (1, 1, 2)


def test_reasons_are_counted_in_tickets() -> None:
    """The most frequent first, twelve at most, and an answered ticket is not among them."""
    held = [course(n, held=("charged", f"reason {n:02}")) for n in range(1, 20)]
    answered = course(40, held=("charged",), our_replies=1, group=Group.ANSWERED)
    panel = drawn(*held, answered)
    assert (panel.held_back[0].reason, panel.held_back[0].tickets) == ("charged", 19)
    assert [one.reason for one in panel.held_back[1:]] == [f"reason {n:02}" for n in range(1, 12)]
    assert panel.held_back_tickets == 19


def test_labels_are_judged_on_tickets_that_people_touched() -> None:
    """Nobody looked at the others, so they say nothing; an answer's label needs an answer."""
    touched = [course(n, touched=True) for n in range(1, 6)]
    wrong = course(6, touched=True, corrected=frozenset({Label.CHARGE}), judged=frozenset({Label.CHARGE}))
    panel = drawn(*touched, wrong, course(7), course(8, touched=True, drafted=True, judged=frozenset({Label.ANSWER})))
    charge = next(one for one in panel.accuracy if one.label is Label.CHARGE)
    assert (charge.stood.k, charge.stood.n, charge.corrected, charge.said_so, charge.shown) == (6, 7, 1, 1, 8)
    answer = next(one for one in panel.accuracy if one.label is Label.ANSWER)
    assert (answer.stood.n, answer.said_so, answer.shown) == (1, 1, 1)


def test_load_is_by_name_and_never_by_figures() -> None:
    """Everybody named is there, also with nothing; who is full is said; solved and calm tickets are no load."""
    hot = felt(1, NEGATIVE, Charge.CHARGED)
    those = [course(n, assignee_id=7, last=hot) for n in (1, 2)]
    those += [course(3, assignee_id=7, last=hot, solved=True), course(4, assignee_id=8), course(5, last=hot)]
    panel = drawn(*those, names={8: "Ada", 7: "bo"}, cap=2)
    assert [(one.name, one.charged, one.full) for one in panel.load] == [("Ada", 0, False), ("bo", 2, True)]
    assert [(one.name, one.charged) for one in drawn(*those, cap=2).load] == [("agent 7", 2)]
    desk = drawn(*those, names={7: "bo"}, carried={7: 1}, cap=2)
    assert [(one.name, one.charged) for one in desk.load] == [("bo", 1)]


def test_promises_are_of_now() -> None:
    """The earliest due first, those without a time last, solved tickets not at all."""
    soon, past = UNTIL + timedelta(hours=1), UNTIL - timedelta(hours=1)
    those = [
        course(1, promises_open=1),
        course(2, promises_open=2, next_due=soon),
        course(3, promises_open=1, next_due=past, asked_at=BEGAN - timedelta(days=90)),
        course(4, promises_open=1, solved=True),
    ]
    owed = drawn(*those).owed
    assert [(one.ticket_id, one.overdue) for one in owed] == [(3, True), (2, False), (1, False)]


def test_days_are_whole() -> None:
    """Every day of the period is there, with every group."""
    panel = drawn(course(1, group=Group.ROUTED, asked_at=BEGAN + timedelta(days=2)))
    assert {day.day.isoformat(): day.all for day in panel.days if day.all} == {"2026-03-04": 1}
    assert panel.days[2].tickets == {Group.ANSWERED: 0, Group.ROUTED: 1, Group.OTHER: 0}


@given(courses(), st.integers(0, 2**32))
def test_the_order_of_tickets_does_not_matter(those: tuple[Course, ...], seed: int) -> None:
    """However the rows come, the panel is the same."""
    shuffled = list(those)
    Random(seed).shuffle(shuffled)
    assert drawn(*those) == drawn(*shuffled)


@given(courses())
def test_every_figure_is_possible(those: tuple[Course, ...]) -> None:
    """Shares lie in 0…1 within their interval, medians within theirs, and too few never gives a value."""
    panel = drawn(*those)
    assert sum(one.tickets for one in panel.groups) == panel.tickets == sum(day.all for day in panel.days)
    for figures in panel.groups:
        assert sum(turn.n for turn in figures.turns) == figures.better.n >= figures.better.k + figures.worse.k
        for one in (getattr(figures, name) for name in GroupFigures.__dataclass_fields__):
            if isinstance(one, Share):
                assert 0 <= one.low <= one.high <= 1
                assert (one.value is None) is (one.n < LEAST)
                assert one.value is None or one.low <= one.value <= one.high
            if isinstance(one, Spread):
                assert (one.median is None) is (one.n < LEAST)
                assert one.low is None or one.high is None or one.median is None or one.low <= one.median <= one.high
                assert one.median is None or one.median >= 0


@given(st.lists(st.floats(0, 1e6), min_size=5, max_size=150))
def test_a_spread_is_the_median(values: list[float]) -> None:
    """The middle of the values, between two of them; five give no interval, six do."""
    found = spread(values)
    assert found.median == pytest.approx(median(values))
    assert (found.low is None) is (len(values) == 5)
    assert found.low is None or {found.low, found.high} <= set(values)


@pytest.mark.parametrize("n", [*range(6, 130), 1000])
def test_the_interval_of_the_median_holds_it_in_95_of_100_cases(n: int) -> None:
    """Counted with the binomial distribution: never less, and no wider than it must be where it is counted exactly."""
    found = median_interval(range(1, n + 1))
    assert found is not None
    place = int(found[0])
    assert found[1] == n + 1 - place

    def outside(places: int) -> float:
        return 2 * sum(comb(n, k) for k in range(places)) / 2**n

    assert outside(place) <= (0.05 if n <= 100 else 0.0525)
    assert outside(place + 1) > 0.05


def test_few_are_said_to_be_few() -> None:
    """Four of four say nothing; five of five do, with an interval that admits doubt."""
    assert share(4, 4).value is None
    assert (share(5, 5).value, share(5, 5).high) == (1.0, 1.0)
    assert share(5, 5).low == pytest.approx(0.566, abs=0.001)


def test_the_sheet_holds_every_figure() -> None:
    """One line per figure; too few is said, and a name cannot become a formula."""
    hot = felt(1, NEGATIVE, Charge.CHARGED)
    those = [course(n, assignee_id=7, last=hot, rating="good", held=("charged",)) for n in range(1, 6)]
    standing = [Standing(intent=Intent.ORDER_STATUS, rung=Rung.DRAFT, figures=Figures(sent=3))]
    text = insights.as_csv(drawn(*those, names={7: "=cmd()"}, cap=6, standing=standing))
    rows = list(csv.DictReader(StringIO(text)))
    by = {(row["section"], row["group"], row["figure"]): row for row in rows}
    good = by["feeling", "other", "good ratings"]
    assert (good["value"], good["k"], good["n"]) == ("1.000", "5", "5")
    assert by["speed", "other", "first reply"]["value"] == insights.TOO_FEW
    assert by["held back", "", "charged"]["value"] == "5"
    assert by["load", "", "'=cmd()"]["value"] == "5"
    assert by["autonomy", "", "order_status"]["value"] == "draft"
    assert len(by) == len(rows)
