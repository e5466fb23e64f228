"""The texts of the way to a person, in every language it speaks, and how a moment is told in them.

It must not know when people are there, nor what was chosen: a moment and a language in, words out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from integration.content.texts import ENGLISH, LANGUAGES

# Where the page stands under PUBLIC_URL; short, since mail programs break long addresses.
WAY_OUT_PATH = "/person/"


def way_out(language: str = ENGLISH) -> Mapping[str, Any]:
    """The texts of the page in one language, English where it is not spoken."""
    texts: Mapping[str, Any] = _texts()[spoken(language)]
    return texts


def way_out_notes() -> Mapping[str, str]:
    """What the internal notes say; agents read English, as in the other notes."""
    notes: Mapping[str, str] = _texts()["note"]
    return notes


def spoken(language: str) -> str:
    """The language of ours for a locale such as “pt-BR”; English for those that are not spoken."""
    first = language.replace("_", "-").split("-")[0].lower()
    return first if first in LANGUAGES else ENGLISH


def moment(at: datetime, zone: ZoneInfo, language: str = ENGLISH) -> str:
    """Such as “Monday, 2 March, 09:00 (Berlin time)”; `at` is aware."""
    said: str = way_out(language)["moment"]
    return said.format(date=day(at, zone, language), time=clock(at, zone), zone=zone_name(zone, language))


def day(at: datetime, zone: ZoneInfo, language: str = ENGLISH) -> str:
    """Such as “Monday, 2 March”."""
    texts, there = way_out(language), at.astimezone(zone)
    said: str = texts["date"]
    return said.format(weekday=texts["days"][there.weekday()], day=there.day, month=texts["months"][there.month - 1])


def slot(at: datetime, zone: ZoneInfo, language: str = ENGLISH) -> str:
    """Such as “09:00, Monday 2”: short enough for a list on a small phone, where each month's days have a heading."""
    texts, there = way_out(language), at.astimezone(zone)
    said: str = texts["slot"]
    return said.format(time=clock(at, zone), weekday=texts["days"][there.weekday()], day=there.day)


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Such as “09:00”."""
    return at.astimezone(zone).strftime("%H:%M")


def zone_name(zone: ZoneInfo, language: str = ENGLISH) -> str:
    """Such as “Berlin time”; the name itself where it names no city."""
    area, _, city = zone.key.rpartition("/")
    said: str = way_out(language)["zone"]
    return said.format(city=city.replace("_", " ")) if area and area != "Etc" else zone.key


@cache
def _texts() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("way_out.toml").read_text(encoding="utf-8"))
