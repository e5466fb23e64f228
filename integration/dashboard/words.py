"""How the dashboard says what is stored: labels, kinds, deeds and times in plain words.

It must not judge, nor mark anything as safe for HTML: the templates escape whatever comes from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from integration.model import Field

KINDS: Mapping[str, str] = {
    "customer_message": "customer's message",
    "correction": "label corrected",
    "closed": "solved or closed",
    "rated": "rated",
    "way_out": "asked for a person on our page",
    "redacted": "words blacked out",
    "gone": "deleted or merged",
    "erased": "deleted for good",
    "person_gone": "a user was deleted",
    "unknown": "of a kind not known",
}
STATES: Mapping[str, str] = {
    "done": "finished",
    "intended": "begun, not known to be finished",
    "failed": "failed",
    "replied": "with an automated reply",
    "drafted": "with a draft",
    "undone": "undone since",
}
BY: Mapping[str, str] = {
    "attune": "Attune",
    "ladder": "Attune's ladder",
    "dashboard": "an admin, here",
    "flask": "an admin, by a command",
    "person": "a person in Zendesk",
}
DEEDS: Mapping[str, str] = {
    "write": "wrote on a ticket",
    "switch": "turned a switch",
    "fall": "took an intent back",
    "correction": "corrected a label",
    "undo": "undid a write",
}
_ACTIONS: Mapping[str, str] = {
    "SetFields": "labels",
    "AddTags": "tags",
    "Note": "internal note",
    "AskForReview": "a person is asked to look",
    "Release": "taken off our own name",
}


def plain(word: object) -> str:
    """A stored word for people: `very_negative` as very negative."""
    return str(word or "").replace("_", " ")


def kind(word: str) -> str:
    """The kind of an event."""
    return KINDS.get(word, plain(word))


def action(stored: Mapping[str, Any], *, drafted: bool = False) -> str:
    """One stored action in a few words."""
    match stored["action"]:
        case "Reply":
            return f"reply to the customer, by {_title(stored)}"
        case "Note" if drafted:
            return "internal note with a draft answer"
        case "SetFields":
            shown = {name: value for name, value in stored["values"].items() if name != Field.MARKER}
            return "labels: " + ", ".join(f"{name} {_value(value)}" for name, value in shown.items())
        case "AddTags":
            return "tags: " + " ".join([*stored["tags"], *(f"−{tag}" for tag in stored.get("drop") or ())])
        case "Route":
            person = f", to person {stored['assignee_id']}" if stored.get("assignee_id") else ""
            return f"handed to group {stored['group_id']}{person}"
        case "SetPriority":
            return f"priority {stored['priority']}"
        case "SetStatus":
            return f"status {stored['status']}"
        case "Schedule":
            return f"due at {stored['due_at']}"
        case name:
            return _ACTIONS.get(name, plain(name))


def upshot(row: Mapping[str, Any], failures: tuple[str, ...]) -> tuple[str, str]:
    """What came of an event, in one or two words, and the tone in which they are shown."""
    actions = {one["action"] for one in row["plan"]["actions"]}
    choices = (
        (row["because"].startswith(failures), "failed", "bad"),
        (row["state"] == "intended", "begun", "warn"),
        (row["undone_at"] is not None, "undone", "quiet"),
        (row["replied"], "answered", "good"),
        ("Route" in actions, "brought to people", "care"),
        (row["drafted"], "drafted", "note"),
        ("Note" in actions, "noted", "note"),
        (bool(actions), "labelled", "quiet"),
    )
    return next(((word, tone) for holds, word, tone in choices if holds), ("nothing to do", "quiet"))


def value(given: object) -> str:
    """A value that stood or stands on a ticket."""
    if given is None or given in ("", []):
        return "empty"
    if isinstance(given, list | tuple):
        return " ".join(map(str, given))
    return _value(given)


def when(at: datetime) -> str:
    """A moment, in UTC."""
    return f"{at:%Y-%m-%d %H:%M}"


def span(seconds: float | None) -> str:
    """A length of time as people say it: 4 s, 3 min, 2 h 10 min, 3 d 4 h."""
    if seconds is None:
        return "–"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, left = divmod(hours, 24)
    return f"{days} d {left} h" if left else f"{days} d"


def ago(at: datetime, now: datetime) -> str:
    """How long ago something was, roughly."""
    return " ".join(span(max(now - at, timedelta(0)).total_seconds()).split()[:2]) + " ago"


def percent(share: float) -> str:
    """A share of 0…1."""
    return f"{share:.0%}".replace("%", " %")


def listed(words: Iterable[object]) -> str:
    """Several words as one line."""
    return ", ".join(plain(word) for word in words)


def _title(stored: Mapping[str, Any]) -> str:
    macro = stored.get("macro")
    return f"the macro {macro['title']}" if isinstance(macro, Mapping) else "a macro"


def _value(given: object) -> str:
    """Option values of our fields carry the field's name in front; people need the word alone."""
    text = str(given)
    for field in ("sentiment", "charge", "urgency"):
        text = text.removeprefix(f"attune_{field}_")
    return plain(text)
