"""Rows of labelled tickets (JSON Lines, shared with the labellers' rules) into our nouns, and readings into rows.

It must not read or decide; the labels of a row are never looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from integration.model import History, Message, NotUnderstood, Reading, Requester, Status, Ticket, Who

# A row knows no times, so its messages stand on an artificial line, a minute apart: same row, same ticket.
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
_STEP = timedelta(minutes=1)
_AUTHORS = {"customer": Who.CUSTOMER, "agent": Who.AGENT, "bot": Who.BOT}
_REQUESTER = 1


def ticket(row: object) -> tuple[Ticket, History]:
    """The ticket and history of one row; only `body` is needed. Raises NotUnderstood naming the field."""
    if not isinstance(row, Mapping):
        raise NotUnderstood("the line is not a JSON object")
    if not isinstance(row.get("body"), str):
        raise NotUnderstood("body: a text is needed")
    messages = (*_thread(row.get("thread")),)
    newest = _message(len(messages) + 1, Who.CUSTOMER, row["body"])
    read = Ticket(
        id=_ticket_id(row.get("id")),
        subject=_text(row, "subject"),
        requester=Requester(id=_REQUESTER),
        channel=_text(row, "channel") or "web",
        status=Status.OPEN,
        priority=None,
        tags=frozenset(),
        group_id=None,
        assignee_id=None,
        messages=(*messages, newest),
        stamp="",
        created_at=_BEGINNING,
    )
    return read, _history(row.get("history"))


def line(row_id: object, reading: Reading, bot_may_answer: bool, ms: float) -> dict[str, Any]:
    """What `flask read --jsonl` writes for one row; `ms` is how long it took, in milliseconds."""
    return {
        "id": row_id,
        "sentiment": str(reading.sentiment),
        "charge": str(reading.charge),
        "emotions": [str(emotion) for emotion in reading.emotions],
        "urgency": str(reading.urgency),
        "intent": str(reading.intent),
        "bot_may_answer": bot_may_answer,
        "language": reading.language,
        "confidence": dict(reading.confidence),
        "evidence": [
            {
                "signal": str(e.signal),
                "quote": e.quote,
                "start": e.start,
                "end": e.end,
                "weight": e.weight,
                "reason": e.reason,
            }
            for e in reading.evidence
        ],
        "ms": ms,
    }


def _ticket_id(value: object) -> int:
    """A number as it is; the names that labellers give are no ticket ids, and 0 says so."""
    if isinstance(value, bool) or not (value is None or isinstance(value, str | int)):
        raise NotUnderstood("id: a text or a whole number is needed")
    return value if isinstance(value, int) else 0


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotUnderstood(f"{name}: a text is needed")
    return value


def _thread(value: object) -> list[Message]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise NotUnderstood("thread: a list is needed")
    return [_earlier(position, entry) for position, entry in enumerate(value)]


def _earlier(position: int, entry: object) -> Message:
    if not isinstance(entry, Mapping):
        raise NotUnderstood(f"thread[{position}]: an object is needed")
    author, body = entry.get("author"), entry.get("body")
    if not isinstance(author, str) or author not in _AUTHORS:
        raise NotUnderstood(f"thread[{position}].author: one of {', '.join(_AUTHORS)} is needed")
    if not isinstance(body, str):
        raise NotUnderstood(f"thread[{position}].body: a text is needed")
    return _message(position + 1, _AUTHORS[author], body)


def _message(number: int, who: Who, text: str) -> Message:
    return Message(id=number, who=who, text=text, at=_BEGINNING + number * _STEP, public=True)


def _history(value: object) -> History:
    if value is None:
        return History()
    if not isinstance(value, Mapping):
        raise NotUnderstood("history: an object is needed")
    return History(
        tickets_90d=_count(value, "tickets_90d"),
        reopens=_count(value, "reopens"),
        bad_ratings=_count(value, "bad_ratings"),
        days_open=_count(value, "days_open"),
    )


def _count(history: Mapping[str, Any], name: str) -> int | None:
    value = history.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NotUnderstood(f"history.{name}: a whole number of at least 0 is needed")
    return value
