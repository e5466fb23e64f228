"""One stored outcome read as a write that can be undone: what it changed, and which tags it put there or took off.

It must not run a query, nor know what stands on the ticket now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from integration.model import (
    AddTags,
    AskForReview,
    Change,
    Field,
    Note,
    Priority,
    Release,
    Reply,
    Route,
    Schedule,
    SetFields,
    SetPriority,
    SetStatus,
    Status,
    Written,
)
from integration.wire import REVIEW_TAG

_PRIORITIES = [priority.value for priority in Priority]
_CANNOT_PEND = frozenset({Status.CLOSED.value, Status.DELETED.value, Status.PENDING.value})


def written(row: Mapping[str, Any]) -> Written:
    """The write of one finished outcome; `row` has delivery_id, ticket_id, at, plan and applied.

    A write whose answer was lost has no record of what stood after it: then what it was sent to do counts.
    """
    before, after = dict(row["applied"]["before"]), dict(row["applied"]["after"])
    plan = list(row["plan"]["actions"])
    if not set(after) - {"updated_at"}:
        after = _as_sent(plan, before)
    stood, stands = set(before.get("tags") or ()), set(after.get("tags") or ())
    return Written(
        delivery_id=row["delivery_id"],
        ticket_id=row["ticket_id"],
        at=aware(row["at"]),
        changes=(*_scalars(before, after), *_fields(before, after)),
        added=frozenset((stands - stood) & _ours(plan)),
        dropped=frozenset((stood - stands) & _dropped(plan, stood)),
        said=next((_SAID[one["action"]] for one in plan if one["action"] in _SAID), ""),
    )


def aware(at: datetime) -> datetime:
    """A stored time with its zone: SQLite forgets that all of ours are UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


_SAID = {Reply.__name__: "reply", Note.__name__: "note"}


def _scalars(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    names = (name for name in before if name in after and name not in {"tags", "fields"})
    return (Change(name=name, before=before[name], after=after[name]) for name in names if before[name] != after[name])


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    """Our fields; the marker is left out: it is what keeps the same message from being attended to again."""
    stood, stands = before.get("fields") or {}, after.get("fields") or {}
    names = (name for name in stands if name in stood and name != Field.MARKER.value)
    return (
        Change(name=f"fields.{name}", before=stood[name], after=stands[name])
        for name in names
        if stood[name] != stands[name]
    )


def _ours(plan: Iterable[Mapping[str, Any]]) -> set[str]:
    """The tags that the plan wanted there; what other rules of the desk added in the same update is not ours."""
    tags: set[str] = set()
    for action in plan:
        if action["action"] == AddTags.__name__:
            tags |= set(action["tags"])
        if action["action"] == SetFields.__name__:
            tags |= {value for name, value in action["values"].items() if name != Field.MARKER.value}
        if action["action"] == AskForReview.__name__:
            tags.add(REVIEW_TAG)
    return tags


def _dropped(plan: Iterable[Mapping[str, Any]], stood: set[str]) -> set[str]:
    """The tags that the plan took off, those of a field's earlier option included."""
    tags: set[str] = set()
    for action in plan:
        if action["action"] == AddTags.__name__:
            tags |= set(action["drop"])
        if action["action"] == SetFields.__name__:
            tags |= {tag for tag in stood for name in action["values"] if tag.startswith(f"attune_{name}_")}
    return tags & stood


def _as_sent(plan: list[Mapping[str, Any]], before: Mapping[str, Any]) -> dict[str, Any]:
    """What stood after a write whose answer nobody heard, as far as the plan tells."""
    stood = set(before.get("tags") or ())
    after: dict[str, Any] = {"tags": sorted((stood - _dropped(plan, stood)) | _ours(plan)), "fields": {}}
    for action in plan:
        match action["action"]:
            case SetFields.__name__:
                after["fields"] |= action["values"]
            case Route.__name__:
                after["group_id"] = action["group_id"]
                after |= {"assignee_id": action["assignee_id"]} if action.get("assignee_id") else {}
            case Release.__name__:
                after.setdefault("assignee_id", None)
            case Schedule.__name__:
                after |= {"type": "task", "due_at": action["due_at"]}
            case SetStatus.__name__:
                after.setdefault("status", action["status"])
            case SetPriority.__name__ if _higher(action["priority"], before.get("priority")):
                after["priority"] = action["priority"]
            case Reply.__name__ if before.get("status") not in _CANNOT_PEND:
                after["status"] = Status.PENDING.value
    return after


def _higher(wanted: str, stood: str | None) -> bool:
    return stood is None or _PRIORITIES.index(wanted) > _PRIORITIES.index(stood)
