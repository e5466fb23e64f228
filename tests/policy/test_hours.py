"""Business hours: what an admin may write, open or closed, when people are back, and which times are free."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.model import Rules
from integration.policy import hours

WEEK = "Mon-Fri 09:00-12:00, 13:00-17:00; Sat 10:00-14:00"
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def rules(**changes: object) -> Rules:
    plain: dict[str, object] = {"business_hours": WEEK, "time_zone": "Europe/Berlin", "callbacks_per_slot": 1}
    return Rules(**{**plain, **changes})  # type: ignore[arg-type] # the table's own values


@pytest.mark.parametrize(
    ("at", "is_open", "back"),
    [
        ("2026-03-02T08:59", False, "2026-03-02T09:00"),  # a Monday
        ("2026-03-02T09:00", True, None),
        ("2026-03-02T12:00", False, "2026-03-02T13:00"),
        ("2026-03-02T16:59", True, None),
        ("2026-03-02T17:00", False, "2026-03-03T09:00"),
        ("2026-03-06T18:00", False, "2026-03-07T10:00"),
        ("2026-03-07T15:00", False, "2026-03-09T09:00"),
        ("2026-03-28T14:00", False, "2026-03-30T09:00"),  # the clock goes forward in between
        ("2026-10-24T14:00", False, "2026-10-26T09:00"),  # and back
    ],
)
def test_open_and_back(at: str, is_open: bool, back: str | None) -> None:
    """People are there from the first minute of a span to the one before its end, by the desk's own clock."""
    assert hours.is_open(rules(), berlin(at)) is is_open
    assert hours.back_at(rules(), berlin(at)) == (berlin(back) if back else None)


def test_a_holiday_is_closed_all_day() -> None:
    """On a holiday nobody is back before the next working day."""
    closed = rules(holidays=frozenset({"2026-03-03"}))
    assert hours.is_open(closed, berlin("2026-03-03T10:00")) is False
    assert hours.back_at(closed, berlin("2026-03-02T18:00")) == berlin("2026-03-04T09:00")


@pytest.mark.parametrize(
    "unknown", [{"business_hours": ""}, {"time_zone": "Mars/Crater"}, {"business_hours": "x"}, {"holidays": {"x"}}]
)
def test_what_is_not_known_promises_nothing(unknown: dict[str, object]) -> None:
    """Without hours that can be understood nothing is open, back or free."""
    known = rules(**unknown)
    now = berlin("2026-03-02T10:00")
    assert (hours.is_open(known, now), hours.back_at(known, now)) == (None, None)
    assert hours.free_slots(known, now, {}) == ()


def test_every_day_a_holiday() -> None:
    """A desk that opens on no day of a year is back at no time, and the search for one ends."""
    days = frozenset((datetime(2026, 3, 1) + timedelta(days=n)).date().isoformat() for n in range(400))  # noqa: DTZ001 - a day
    assert hours.back_at(rules(holidays=days), berlin("2026-03-02T10:00")) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("9-5", "write days and times"),
        ("Mon-Fri 9-17", "09:00-17:00"),
        ("Mon-Fri 17:00-09:00", "ends before it begins"),
        ("Mon 09:00-25:00", "no such time"),
        ("Mon 09:70-10:00", "no such time"),
        ("Foo 09:00-10:00", "no day"),
        ("Mon 09:00-12:00, 11:00-13:00", "overlap"),
        ("Mon 09:00-12:00; Mon-Wed 10:00-11:00", "overlap"),
    ],
)
def test_what_cannot_be_meant_is_named(text: str, says: str) -> None:
    """Hours that cannot be understood are refused with what to write."""
    with pytest.raises(ValueError, match=says):
        hours.week_of(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mon-Fri 09:00-17:00", {0, 1, 2, 3, 4}),
        ("monday - friday 9:00 - 17:00", {0, 1, 2, 3, 4}),
        ("Sat-Mon 00:00-24:00", {5, 6, 0}),
        ("Wed 09:00-10:00;", {2}),
        ("", set()),
    ],
)
def test_days_as_people_write_them(text: str, days: set[int]) -> None:
    """Long and short names, any case, and weeks that turn over Sunday are understood."""
    assert set(hours.week_of(text)) == days


def test_slots_keep_notice_capacity_and_horizon() -> None:
    """The first free time leaves notice, a full one is left out, and none lies beyond the days ahead."""
    now = berlin("2026-03-02T10:10")
    first = hours.free_slots(rules(callback_days_ahead=1), now, {})
    assert first[0] == berlin("2026-03-02T11:00")
    assert first[-1] == berlin("2026-03-03T10:00")
    fewer = hours.free_slots(rules(callback_days_ahead=1), now, {first[0]: 1})
    assert fewer == first[1:]
    assert hours.free_slots(rules(callback_days_ahead=1, callbacks_per_slot=2), now, {first[0]: 1}) == first
    assert hours.free_slots(rules(callbacks_per_slot=0), now, {}) == ()


_clock = st.integers(min_value=0, max_value=24 * 60)
_spans = st.tuples(_clock, _clock).filter(lambda span: span[0] < span[1])


def _written(span: tuple[int, int]) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)


@settings(deadline=None)  # some examples have hundreds of slots
@given(
    span=_spans,
    zone=st.sampled_from(ZONES),
    now=st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the strategy adds the zone
    minutes=st.integers(min_value=15, max_value=240),
    ahead=st.integers(min_value=1, max_value=10),
)
def test_every_slot_lies_in_open_hours(
    span: tuple[int, int], zone: str, now: datetime, minutes: int, ahead: int
) -> None:
    """Whatever the zone, its clock changes and the hours: slots are in order, apart, open throughout, and to come."""
    known = rules(
        business_hours=f"Mon-Sun {_written(span)}", time_zone=zone, callback_minutes=minutes, callback_days_ahead=ahead
    )
    slots = hours.free_slots(known, now, {})
    length = timedelta(minutes=minutes)
    assert list(slots) == sorted(set(slots))
    assert all(second - first >= length for first, second in pairwise(slots))
    for slot in slots:
        assert now + hours.LEAST_NOTICE <= slot <= now + timedelta(days=ahead)
        assert hours.is_open(known, slot)
        assert hours.is_open(known, slot + length - timedelta(microseconds=1))


@given(
    span=_spans,
    zone=st.sampled_from(ZONES),
    now=st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the same
)
def test_back_is_the_first_open_moment(span: tuple[int, int], zone: str, now: datetime) -> None:
    """People are back at a moment to come at which they are there, and not a moment before it."""
    known = rules(business_hours=f"Mon-Sun {_written(span)}", time_zone=zone)
    back = hours.back_at(known, now)
    assert (back is None) is bool(hours.is_open(known, now))
    if back:
        assert back > now
        assert hours.is_open(known, back)
        assert not hours.is_open(known, back - timedelta(microseconds=1))
