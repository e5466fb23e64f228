"""When people are there: open or closed, when they are back, and which times are free to book.

It must not know the clock, who has booked, or how a moment is told: rules and `now` in, moments in UTC out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integration.model import Rules

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A call booked for the next minutes would be missed by whoever should make it; our choice.
LEAST_NOTICE = timedelta(minutes=30)
# Holidays may close a desk for long, but one that opens on no day of a year is never open.
LONGEST_LOOK_AHEAD_DAYS = 366
_DAY_MINUTES = 24 * 60
_PART = re.compile(r"(?P<first>[a-z]{3})[a-z]*(?:\s*-\s*(?P<last>[a-z]{3})[a-z]*)?\s+(?P<spans>[0-9: ,-]+)")
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})")

Span = tuple[int, int]  # minutes of the day, first and end


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The hours of a week in their own time zone."""

    week: Mapping[int, tuple[Span, ...]]  # by weekday, Monday is 0
    zone: ZoneInfo
    holidays: frozenset[date]

    def openings(self, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
        """From when to when (UTC) people are there on each of these days, in order."""
        for number in range(days):
            day = first + timedelta(days=number)
            for start, end in () if day in self.holidays else self.week.get(day.weekday(), ()):
                opening = (self._moment(day, start), self._moment(day, end))
                if opening[0] < opening[1]:  # a span that the clock jumps over in spring is no opening
                    yield opening

    def _moment(self, day: date, minute: int) -> datetime:
        midnight = datetime.combine(day + timedelta(days=minute // _DAY_MINUTES), time(), self.zone)
        return midnight.replace(hour=minute % _DAY_MINUTES // 60, minute=minute % 60).astimezone(UTC)


def hours(rules: Rules) -> Hours | None:
    """The hours of these rules, or None where none are told or they cannot be understood: nothing is promised then."""
    try:
        week = week_of(rules.business_hours)
        zone, holidays = zone_of(rules.time_zone), days_of(rules.holidays)
    except ValueError:
        return None
    return Hours(week=week, zone=zone, holidays=holidays) if week else None


def zone_or_utc(rules: Rules) -> ZoneInfo:
    """The desk's time zone, UTC where its name is none."""
    try:
        return zone_of(rules.time_zone)
    except ValueError:
        return ZoneInfo("UTC")


def is_open(rules: Rules, at: datetime) -> bool | None:
    """Whether people are there; None where the hours are not known."""
    known = hours(rules)
    if known is None:
        return None
    return any(start <= at < end for start, end in known.openings(_day(known, at, -1), 2))


def back_at(rules: Rules, now: datetime) -> datetime | None:
    """When people are back (UTC); None while they are there, and where the hours are not known."""
    known = hours(rules)
    if known is None or is_open(rules, now):
        return None
    openings = known.openings(_day(known, now), LONGEST_LOOK_AHEAD_DAYS)
    return next((start for start, _ in openings if start > now), None)


def free_slots(rules: Rules, now: datetime, taken: Mapping[datetime, int]) -> tuple[datetime, ...]:
    """The times (UTC) that may still be booked, in order; `taken` says how many have booked each."""
    known = hours(rules)
    if known is None or rules.callbacks_per_slot < 1:
        return ()
    length = timedelta(minutes=rules.callback_minutes)
    first, last = now + LEAST_NOTICE, now + timedelta(days=rules.callback_days_ahead)
    return tuple(
        slot
        for start, end in known.openings(_day(known, now, -1), rules.callback_days_ahead + 3)
        for slot in _steps(start, end, length)
        if first <= slot <= last and taken.get(slot, 0) < rules.callbacks_per_slot
    )


# --- what an admin writes --------------------------------------------------------------------------------------------


def week_of(text: str) -> dict[int, tuple[Span, ...]]:
    """Business hours as written, such as "Mon-Fri 09:00-12:00, 13:00-17:00; Sat 10:00-14:00"; empty for none.

    Raises ValueError saying what is not understood.
    """
    week: dict[int, tuple[Span, ...]] = {}
    for part in filter(None, (part.strip().lower() for part in text.split(";"))):
        found = _PART.fullmatch(part)
        if found is None:
            raise ValueError(f"“{part}”: write days and times, such as Mon-Fri 09:00-17:00; Sat 10:00-14:00")
        spans = tuple(_span(span.strip()) for span in found["spans"].split(","))
        for day in _weekdays(found["first"], found["last"] or found["first"]):
            week[day] = _in_order((*week.get(day, ()), *spans))
    return week


def zone_of(name: str) -> ZoneInfo:
    """The time zone of an IANA name. Raises ValueError for one that there is not."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone “{name}”: write a name such as Europe/Berlin or America/New_York") from None


def day_of(text: str) -> date:
    """A day written as 2026-12-25. Raises ValueError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text}” is no day: write it as 2026-12-25") from None


def days_of(texts: Iterable[str]) -> frozenset[date]:
    """Days written as 2026-12-25. Raises ValueError for the first that is none."""
    return frozenset(map(day_of, texts))


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text}”: write times as 09:00-17:00")
    first_hour, first_minute, last_hour, last_minute = map(int, found.groups())
    first, end = first_hour * 60 + first_minute, last_hour * 60 + last_minute
    if max(first_minute, last_minute) > 59 or end > _DAY_MINUTES:
        raise ValueError(f"“{text}”: no such time; a day ends at 24:00")
    if first >= end:
        raise ValueError(f"“{text}”: it ends before it begins; write a night as two parts, to 24:00 and from 00:00")
    return first, end


def _weekdays(first: str, last: str) -> list[int]:
    for day in (first, last):
        if day not in DAYS:
            raise ValueError(f"“{day}” is no day: write {', '.join(day.title() for day in DAYS)}")
    start = DAYS.index(first)
    return [(start + step) % 7 for step in range((DAYS.index(last) - start) % 7 + 1)]


def _in_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    ordered = tuple(sorted(spans))
    if any(second[0] < first[1] for first, second in pairwise(ordered)):
        raise ValueError("two times of one day overlap")
    return ordered


# --- helpers ---------------------------------------------------------------------------------------------------------


def _day(known: Hours, at: datetime, days: int = 0) -> date:
    return at.astimezone(known.zone).date() + timedelta(days=days)


def _steps(start: datetime, end: datetime, length: timedelta) -> Iterator[datetime]:
    while start + length <= end:
        yield start
        start += length
