"""What we wrote on a ticket + the ticket as it is now in, what is put back out: only what nobody changed since.

It must not touch the world, and it must not know Zendesk's field names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from integration.model import Change, Charge, Field, Sentiment, Status, Ticket, Undoing, Urgency, Written
from integration.policy import marks

_OPTIONS = {Field.SENTIMENT: Sentiment, Field.CHARGE: Charge, Field.URGENCY: Urgency}
_WORDS = {"group_id": "group", "assignee_id": "assignee", "due_at": "due time"}
# In these nobody looks at a ticket.
_WAITING = frozenset({Status.PENDING.value, Status.HOLD.value, Status.SOLVED.value})


def undo(writes: Iterable[Written], ticket: Ticket, self_id: int) -> Undoing:
    """How the ticket goes back to what stood there before these writes, newest first; `self_id` is our own user.

    A value goes back only where it still is what we wrote. The marker stays, so that the same message is not attended
    to again; comments stay, since they cannot be unsent.
    """
    if ticket.status in {Status.CLOSED, Status.DELETED}:
        return Undoing(ticket_id=ticket.id, stop=f"the ticket is {ticket.status} and cannot be changed any more")
    newest_first = sorted(writes, key=lambda one: (one.at, one.delivery_id), reverse=True)
    stands = _standing(ticket)
    after, kept = _values(newest_first, stands)
    _keep_open(newest_first, stands, after, kept)
    _keep_off_our_name(newest_first, self_id, stands, after, kept)
    _keep_group_of_a_person(stands, after, kept)
    _keep_task(stands, after, kept)
    tags = _tags(newest_first, ticket, after)
    return Undoing(
        ticket_id=ticket.id,
        values={name: value for name, value in after.items() if value != stands[name]},
        tags=tags if tags != ticket.tags else None,
        off=ticket.tags - tags,
        on=tags - ticket.tags,
        kept=tuple(f"{_word(name)}: {why}" for name, why in kept.items()),
    )


def remarks(writes: Iterable[Written]) -> tuple[str, ...]:
    """What no undo takes back: comments that people have or may have read."""
    said = [one.said for one in writes]
    replies, notes = said.count("reply"), said.count("note")
    found = (
        _count(replies, "public reply stays", "public replies stay") + ": the customer has it" if replies else "",
        _count(notes, "internal note stays", "internal notes stay") if notes else "",
    )
    return tuple(remark for remark in found if remark)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _standing(ticket: Ticket) -> dict[str, object]:
    return {
        "status": ticket.status.value,
        "priority": ticket.priority.value if ticket.priority else None,
        "group_id": ticket.group_id,
        "assignee_id": ticket.assignee_id,
        "type": ticket.type or None,
        "due_at": ticket.due_at.isoformat() if ticket.due_at else None,
        **{f"fields.{field.value}": value for field, value in ticket.fields.items() if field is not Field.MARKER},
    }


def _values(newest_first: Sequence[Written], stands: Mapping[str, object]) -> tuple[dict[str, object], dict[str, str]]:
    """Every value once our writes are taken back one by one, and why some are not."""
    after, kept = dict(stands), {}
    for change in (change for write in newest_first for change in write.changes):
        if change.name not in stands:
            kept[change.name] = "stays: it is no longer there, or only a person can put it back"
        elif after[change.name] == change.after:
            after[change.name] = change.before
        elif after[change.name] != change.before:
            kept.setdefault(change.name, _changed(change, stands))
    oldest = {change.name: change.before for write in newest_first for change in write.changes}
    stays = {name: why for name, why in kept.items() if after.get(name) == stands.get(name)}
    return after, {name: why for name, why in stays.items() if name not in stands or stands[name] != oldest[name]}


def _changed(change: Change, stands: Mapping[str, object]) -> str:
    now = stands[change.name]
    return f"kept, because somebody changed it to {'nothing' if now is None else now}"


def _keep_open(
    writes: Sequence[Written], stands: Mapping[str, object], after: dict[str, object], kept: dict[str, str]
) -> None:
    """Whoever asked for a person is not sent back to where nobody looks."""
    asked = any(marks.WANTS_PERSON in write.added for write in writes)
    if asked and after["status"] in _WAITING and after["status"] != stands["status"]:
        after["status"] = stands["status"]
        kept["status"] = "kept, because the customer asked for a person"


def _keep_off_our_name(
    writes: Sequence[Written],
    self_id: int,
    stands: Mapping[str, object],
    after: dict[str, object],
    kept: dict[str, str],
) -> None:
    """Nobody looks under our own name; who solves what is nobody's gets it, also where that answer was lost."""
    changes = [change for write in writes for change in write.changes]
    ours = any(one.name == "assignee_id" or (one.name, one.after) == ("status", Status.SOLVED.value) for one in changes)
    if not ours or after["assignee_id"] != self_id or after["status"] == Status.SOLVED.value:
        return
    after["assignee_id"] = None
    if stands["assignee_id"] is None:
        kept["assignee_id"] = "stays empty, because nobody looks under Attune's own name"


def _keep_task(stands: Mapping[str, object], after: dict[str, object], kept: dict[str, str]) -> None:
    """Only a task has a due time: taking the task away would take a time that somebody set."""
    if after["due_at"] is not None and stands["type"] == "task" and after["type"] != "task":
        after["type"] = "task"
        kept["type"] = "kept, because the due time stays"


def _keep_group_of_a_person(stands: Mapping[str, object], after: dict[str, object], kept: dict[str, str]) -> None:
    """Taking the group from under a person who has taken the ticket would take the ticket from them."""
    person, group = stands["assignee_id"], stands["group_id"]
    if person is not None and after["assignee_id"] == person and after["group_id"] != group:
        after["group_id"] = group
        kept["group_id"] = "kept, because somebody has taken the ticket there"


def _tags(newest_first: Sequence[Written], ticket: Ticket, after: Mapping[str, object]) -> frozenset[str]:
    """The tags without those that we added and with those that we took off; a field's tag goes with its field."""
    tags = set(ticket.tags)
    for write in newest_first:
        tags = (tags - write.added) | write.dropped
    for field, words in _OPTIONS.items():
        name = f"fields.{field.value}"
        if name in after:
            value = after[name]
            tags -= {marks.option(field, word) for word in words}
            tags |= {str(value)} if value else set()
    return frozenset(tags)


def _word(name: str) -> str:
    return _WORDS.get(name, name.removeprefix("fields."))
