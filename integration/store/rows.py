"""Nouns into rows and back; the place where a customer's words are left out.

It must not run a query or know which database it is.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from integration import content
from integration.model import (
    LANGUAGE_CARE,
    Action,
    AddTags,
    Applied,
    Care,
    Intent,
    Note,
    Outcome,
    Plan,
    Reading,
    Reply,
    Route,
    Rules,
    Rung,
    SetFields,
)

# The tag that goes with a draft answer; the policy's name of it, which a store may not ask.
DRAFTED_TAG = "attune_drafted"


def outcome_values(what: Outcome, state: str) -> dict[str, Any]:
    """One row of the outcome table; quotes, notes and replies go as lengths, their words stay in Zendesk."""
    reading, event = what.reading, what.event
    return {
        "delivery_id": event.delivery_id,
        "ticket_id": event.ticket_id,
        "kind": event.kind.value,
        "choice": event.choice.value if event.choice else None,
        "note": event.note,
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
        "assignee_id": _assignee(what, state),
        "drafted": drafted(what.plan),
    }


def _assignee(what: Outcome, state: str) -> int | None:
    """Whom the ticket was given to: as planned before the write, as Zendesk answered after it."""
    named = next((action.assignee_id for action in what.plan.actions if isinstance(action, Route)), None)
    if state == "intended" or named is None:
        return named
    return named if what.applied is not None and what.applied.after.get("assignee_id") == named else None


def drafted(plan: Plan) -> bool:
    """Whether the plan writes a draft answer; a draft that stood there before is not written anew."""
    tagged = any(isinstance(action, AddTags) and DRAFTED_TAG in action.tags for action in plan.actions)
    return tagged and any(isinstance(action, Note) for action in plan.actions)


def reading_values(reading: Reading) -> dict[str, Any]:
    """A reading without its text: evidence keeps offsets and reasons, not quotes, and the text how long it was."""
    values = dataclasses.asdict(reading)
    values["characters"] = len(values.pop("text"))
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
    if pack := values.get("pack"):
        values["ceilings"] = content.pack(pack).ceilings
    return Rules(**values)


def turned(was: Rules, is_now: Rules) -> tuple[tuple[str, str, str], ...]:
    """What differs between two sets of rules, as (name, before, after); a rung that was set is a name of its own."""
    before, after = _by_name(was), _by_name(is_now)
    before |= {f"rungs.{intent}": was.rung(intent).value for intent in is_now.rungs}
    return tuple((name, before[name], after[name]) for name in after if before[name] != after[name])


def _by_name(rules: Rules) -> dict[str, str]:
    plain = {field.name: getattr(rules, field.name) for field in dataclasses.fields(rules)}
    del plain["rungs"], plain["ceilings"]  # by intent below; and what follows from the pack
    shown = {name: str(_plain(value)) for name, value in plain.items()}
    return shown | {f"rungs.{intent}": rules.rung(intent).value for intent in rules.rungs}


# The numbers that a rule may have, first and last.
_RANGES: Mapping[str, tuple[float, float]] = {
    "share_percent": (0, 100),
    "replies_per_ticket": (0, 10),
    "replies_per_hour": (0, 100_000),
    "confidence_floor": (0.0, 1.0),
    "oldest_answered_hours": (0, 240),
    "help_articles": (0, 5),
    "charged_per_person": (1, 100),
    "pause_after_charged": (0, 100),
    "pause_minutes": (0, 480),
    "callback_minutes": (5, 240),
    "callbacks_per_slot": (0, 100),
    "callback_days_ahead": (1, 30),
    "keep_days": (7, 3650),  # less than a week would take the undo away from those who come back from holiday
    "ways_out_percent": (0, 100),
    "reopens_percent": (0, 100),
    "bad_ratings_percent": (0, 100),
    "corrections_percent": (0, 100),
    "least_replies": (1, 10_000),
    "least_ratings": (1, 10_000),
    "window_days": (1, 365),
    "earned_replies": (1, 10_000),
}


def _rule(name: str, value: Any, default: Any) -> Any:
    try:
        if name == "rungs":
            return {Intent(intent): Rung(rung) for intent, rung in _by_intent(value).items()}
        if name == "groups_for":
            if not isinstance(value, Mapping):
                raise ValueError("write groups_for.fraud=GROUP_ID")
            return {_care(care): _group(group) for care, group in value.items()}
        if name == "ceilings":
            raise ValueError("they follow from the pack; write pack=NAME")
        if name == "pack":
            return _pack(str(value))
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


_LANGUAGE = re.compile(re.escape(LANGUAGE_CARE) + "[a-z]{2,3}")


def _care(name: str) -> str:
    if name in set(Care) or _LANGUAGE.fullmatch(name):
        return name
    raise ValueError(f"no group for {name}; there are {', '.join(Care)}, and {LANGUAGE_CARE}de for a language")


def _group(value: Any) -> int:
    if not str(value).isdigit() or int(value) < 1:
        raise ValueError("write a group's id, as `flask team` shows it")
    return int(value)


def _pack(name: str) -> str:
    if name and name not in content.PACKS:
        raise ValueError(f"there is no pack {name}; there are {', '.join(content.PACKS)}, and nothing for none")
    return name


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
        values.pop("link", None)  # who has it may speak for the customer
    return {"action": type(action).__name__, **values}


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
