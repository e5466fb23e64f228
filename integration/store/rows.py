"""Nouns into rows and back; the place where a customer's words are left out.

It must not run a query or know which database it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from integration.model import (
    Action,
    Applied,
    Intent,
    Note,
    Outcome,
    Plan,
    Reading,
    Reply,
    Rules,
    Rung,
    SetFields,
)


def outcome_values(what: Outcome, state: str) -> dict[str, Any]:
    """One row of the outcome table; quotes, notes and replies go as lengths, their words stay in Zendesk."""
    reading, event = what.reading, what.event
    return {
        "delivery_id": event.delivery_id,
        "ticket_id": event.ticket_id,
        "kind": event.kind.value,
        "state": state,
        "happened_at": event.happened_at.astimezone(UTC),
        "at": what.at.astimezone(UTC),
        "message_id": what.message_id,
        "requester_id": what.requester_id,
        "because": what.plan.because,
        "replied": any(isinstance(action, Reply) for action in what.plan.actions),
        "sentiment": reading.sentiment.value if reading else None,
        "charge": reading.charge.value if reading else None,
        "urgency": reading.urgency.value if reading else None,
        "intent": reading.intent.value if reading else None,
        "seconds": (what.at - event.happened_at).total_seconds(),
        "reading": reading_values(reading) if reading else None,
        "plan": plan_values(what.plan),
        "applied": applied_values(what.applied) if what.applied else None,
        "notes": list(what.notes),
        "stamp": str(what.applied.after.get("updated_at", "")) if what.applied else "",
    }


def reading_values(reading: Reading) -> dict[str, Any]:
    """A reading without its text: evidence keeps offsets and reasons, not quotes."""
    values = dataclasses.asdict(reading)
    del values["text"]
    for evidence in values["evidence"]:
        del evidence["quote"]
    return values


def plan_values(plan: Plan) -> dict[str, Any]:
    """A plan with the words of its comments left out."""
    return {
        "because": plan.because,
        "silence": list(plan.silence),
        "macros": [dataclasses.asdict(macro) for macro in plan.macros],
        "actions": [_action_values(action) for action in plan.actions],
    }


def applied_values(applied: Applied) -> dict[str, Any]:
    """What a write did, and what stood there before."""
    values = dataclasses.asdict(applied)
    for side in ("before", "after"):
        values[side] = {name: _plain(value) for name, value in values[side].items()}
    return values


def written_fields(plan: Mapping[str, Any]) -> dict[str, str]:
    """The field values that a stored plan put on the ticket, by Field."""
    for action in plan["actions"]:
        if action["action"] == SetFields.__name__:
            return dict(action["values"])
    return {}


def rules(changes: Mapping[str, Any]) -> Rules:
    """Rules from stored changes over the defaults; raises ValueError naming what cannot be so."""
    known = {field.name: field for field in dataclasses.fields(Rules)}
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known:
            raise ValueError(f"{name}: no such rule; there are {', '.join(known)}")
        values[name] = _rule(name, value, getattr(Rules(), name))
    return Rules(**values)


# The numbers that a rule may have, first and last.
_RANGES: Mapping[str, tuple[float, float]] = {
    "share_percent": (0, 100),
    "replies_per_ticket": (0, 10),
    "replies_per_hour": (0, 100_000),
    "confidence_floor": (0.0, 1.0),
    "oldest_answered_hours": (0, 240),
}


def _rule(name: str, value: Any, default: Any) -> Any:
    try:
        if name == "rungs":
            return {Intent(intent): Rung(rung) for intent, rung in _by_intent(value).items()}
        if isinstance(default, frozenset):
            return frozenset(str(item) for item in value)
        if isinstance(default, bool):
            if value not in (True, False):
                raise ValueError("write true or false")
            return value
        return _in_range(name, type(default)(value))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from error


def _by_intent(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("write rungs.INTENT=RUNG")
    return value


def _in_range(name: str, value: Any) -> Any:
    """The value; raises ValueError for a number beyond its rule's range, and for one that is no number at all."""
    if name not in _RANGES:
        return value
    first, last = _RANGES[name]
    if not first <= value <= last:
        raise ValueError(f"write a number from {first} to {last}")
    return value


def _action_values(action: Action) -> dict[str, Any]:
    values = {name: _plain(value) for name, value in dataclasses.asdict(action).items()}
    if isinstance(action, Reply | Note):
        values["characters"] = len(action.text)
        del values["text"]
    return {"action": type(action).__name__, **values}


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
