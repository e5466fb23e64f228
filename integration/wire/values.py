"""Knows how to take loosely what Zendesk writes loosely: ids as text, empty text for nothing, times of many lengths.

It must not know which key a value came from, other than to name it in a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from integration.model import NotUnderstood

Json = dict[str, Any]


def number(value: object, name: str) -> int:
    """A whole number that must be there; raises NotUnderstood naming it."""
    found = maybe_number(value)
    if found is None:
        raise NotUnderstood(f"{name} is missing or is not a number")
    return found


def maybe_number(value: object) -> int | None:
    """A whole number, written as a number or as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    text = value.strip() if isinstance(value, str) else ""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None


def text(value: object) -> str:
    """Text, or empty text for null and for things that are no text."""
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def word(value: object) -> str:
    """One lower-case word of a closed list; the events write `OPEN` where the REST API writes `open`."""
    return text(value).strip().lower()


def flag(value: object, default: bool) -> bool:
    """A boolean, written as such or as text."""
    if isinstance(value, str):
        value = {"true": True, "1": True, "false": False, "0": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else default


def words(value: object) -> tuple[str, ...]:
    """Tags, written as a list or as one text with spaces between."""
    parts = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(part for part in parts if isinstance(part, str) and part)


def mapping(value: object) -> Json:
    """An object, or an empty one for null and for things that are no object."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> Iterator[Json]:
    """The objects of a list; what is not an object is passed over."""
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def moment(value: object) -> datetime | None:
    """An aware time in UTC from ISO 8601 of any precision (events carry nine digits), or None."""
    try:
        found = datetime.fromisoformat(text(value).strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
