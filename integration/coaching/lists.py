"""The phrases of coaching.toml, compiled once for each language.

It must not know what they mean together: a finder asks for the ones it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from integration import content

_DONE_THAT = "done_that"
Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """What accuses, in the conversation's language and in English."""

    frames: Patterns
    aside: Patterns
    things: tuple[tuple[str, re.Pattern[str]], ...]  # what is asked for, and how
    tried_frames: Patterns
    tried_all: Patterns
    blame: Patterns
    sympathy: Patterns
    patience: Patterns
    apology: Patterns
    jargon: Patterns
    explained: Patterns
    promise: Patterns
    vague: Patterns
    not_vague: Patterns
    cheer: Patterns
    cold: Patterns


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuses:
    """What excuses, in all languages."""

    time: re.Pattern[str]
    deadline: re.Pattern[str]
    condition: re.Pattern[str]
    done: re.Pattern[str]
    awaited: re.Pattern[str]
    reason: re.Pattern[str]
    doubt: re.Pattern[str]
    no_need: re.Pattern[str]
    other: re.Pattern[str]
    other_after: re.Pattern[str]
    knowingly: re.Pattern[str]
    not_blame: re.Pattern[str]
    courtesy: re.Pattern[str]
    event: re.Pattern[str]
    owned: re.Pattern[str]
    general: re.Pattern[str]


def lists(language: str) -> Lists:
    """The lists for a language code; English alone where there are none for it."""
    return _lists(content.spoken(language))


@cache
def excuses() -> Excuses:
    """What excuses."""
    said = content.coaching()
    patterns = {name: compiled(pattern) for name, pattern in said["excuse"].items()}
    event = said["event"]
    return Excuses(
        event=compiled(event["named"]), owned=compiled(event["owned"]), general=compiled(event["general"]), **patterns
    )


@cache
def given() -> Mapping[str, tuple[str, re.Pattern[str]]]:
    """Which fact is which thing: the fact's kind, and a pattern of its text."""
    return {thing: (kind, compiled(pattern)) for thing, (kind, pattern) in content.coaching()["given"].items()}


@cache
def beside() -> Mapping[str, re.Pattern[str]]:
    """What must stand near a bare number, or near a day, for it to be this thing."""
    return {thing: compiled(pattern) for thing, pattern in content.coaching()["beside"].items()}


@cache
def remedies() -> Patterns:
    """Things that can be tried."""
    return tuple(compiled(pattern) for name, pattern in content.coaching()["remedy"].items() if name != _DONE_THAT)


@cache
def done_that() -> re.Pattern[str]:
    """Says that something was tried without saying what."""
    return compiled(content.coaching()["remedy"][_DONE_THAT])


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the file: lines are joined, case does not matter."""
    return re.compile(pattern.replace("\n", ""), re.IGNORECASE)


@cache
def _lists(language: str) -> Lists:
    said = content.coaching()
    both = [said[one] for one in dict.fromkeys((language, content.ENGLISH))]
    names = [name for name in Lists.__dataclass_fields__ if name != "things"]
    return Lists(
        things=tuple((thing, compiled(pattern)) for one in both for thing, pattern in one["things"].items()),
        **{name: tuple(compiled(pattern) for one in both for pattern in _several(one[name])) for name in names},
    )


def _several(entry: str | Iterable[str]) -> Iterable[str]:
    return (entry,) if isinstance(entry, str) else entry
