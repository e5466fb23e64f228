"""Reads by when something was promised: “by Friday”, “within 3 days”, “tomorrow”, “by 6pm”, “on 12 March”.

It must not judge whether it was kept; a sentence and the time it was written in, a moment out.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_WORDS = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10},
    **{"a": 1, "an": 1, "the": 1, "half an": 1, "twelve": 12, "fourteen": 14, "twenty": 20},
}
_AMOUNT = r"\d{1,3}|half an|an?|the|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|twenty"
_SPAN = re.compile(
    rf"\b({_AMOUNT})(?:\s?(?:-|–|to|or)\s?({_AMOUNT}))?\s?(working\s|business\s)?(minute|min|hour|hr|day|week|month)s?\b",
    re.IGNORECASE,
)
_UNITS = {
    **{"minute": timedelta(minutes=1), "min": timedelta(minutes=1), "hour": timedelta(hours=1)},
    **{"hr": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1), "month": timedelta(days=31)},
}
# Five working days are a week: each counts 7/5 of a day, rounded up so that nothing is called late too early.
_WORKING = 7 / 5
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(r"\b(next\s)?(mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)
_TODAY = re.compile(r"\b(?:today|tonight|this\s(?:morning|afternoon|evening))\b", re.IGNORECASE)
_TOMORROW = re.compile(r"\btomorrow\b", re.IGNORECASE)
_CLOCK = re.compile(r"\bby\s(\d{1,2})(?::(\d{2}))?\s?([ap])m\b", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = "|".join(_MONTHS)
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?({_NAMED})[a-z]{{0,6}}\b|\b({_NAMED})[a-z]{{0,6}}\s(\d{{1,2}})\b",
    re.IGNORECASE,
)
_NOON = 12


def due(sentence: str, at: datetime) -> datetime | None:
    """The last moment at which what `sentence`, written at `at`, promises is in time; None where none is named."""
    if hit := _DATE.search(sentence):
        return _on(hit, at)
    if hit := _WEEKDAY.search(sentence):
        ahead = (_WEEKDAYS.index(hit[2][:3].casefold()) - at.weekday()) % 7
        return _end(at + timedelta(days=ahead + (7 if hit[1] and not ahead else 0)))
    if _TOMORROW.search(sentence):
        return _end(at + timedelta(days=1))
    if hit := _SPAN.search(sentence):
        return _after(hit, at)
    if hit := _CLOCK.search(sentence):
        hour = int(hit[1]) % _NOON + (_NOON if hit[3].casefold() == "p" else 0)
        return at.replace(hour=hour, minute=min(59, int(hit[2] or 0)), second=0, microsecond=0)
    return _end(at) if _TODAY.search(sentence) else None


def _after(hit: re.Match[str], at: datetime) -> datetime:
    amount = (hit[2] or hit[1]).casefold()
    number = int(amount) if amount.isdigit() else _WORDS[amount]
    unit = hit[4].casefold()
    span = number * _UNITS[unit] * (_WORKING if hit[3] else 1)
    return at + span if unit in ("minute", "min", "hour", "hr") else _end(at + span)


def _on(hit: re.Match[str], at: datetime) -> datetime | None:
    number, month = int(hit[1] or hit[4]), _MONTHS.index((hit[2] or hit[3])[:3].casefold()) + 1
    lately = timedelta(days=31)  # a date further back than this is meant for next year
    for year in (at.year, at.year + 1):
        try:
            named = _end(at.replace(year=year, month=month, day=number))
        except ValueError:
            return None
        if named > at - lately:
            return named
    return None


def _end(moment: datetime) -> datetime:
    return moment.replace(hour=23, minute=59, second=59, microsecond=0)
