"""Rows of labelled tickets into our nouns, and readings into rows.

It must not test how anything is read.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from integration import analysis, jsonl
from integration.model import History, NotUnderstood, Who


def test_a_row_becomes_a_ticket() -> None:
    """Subject, channel, thread, body and history arrive, in order, the body last and public."""
    row = {
        "id": "d001",
        "channel": "chat",
        "subject": "Order",
        "body": "newest",
        "thread": [
            {"author": "customer", "body": "a"},
            {"author": "agent", "body": "b"},
            {"author": "bot", "body": "c"},
        ],
        "history": {"tickets_90d": 2, "reopens": 0},
    }
    ticket, history = jsonl.ticket(row)
    assert (ticket.subject, ticket.channel) == ("Order", "chat")
    assert [(m.who, m.text) for m in ticket.messages] == [
        (Who.CUSTOMER, "a"),
        (Who.AGENT, "b"),
        (Who.BOT, "c"),
        (Who.CUSTOMER, "newest"),
    ]
    assert ticket.newest is ticket.messages[-1]
    assert [m.at for m in ticket.messages] == sorted({m.at for m in ticket.messages})
    assert history == History(tickets_90d=2, reopens=0)


def test_only_the_body_is_needed() -> None:
    """Every other key may be missing or null."""
    bare = jsonl.ticket({"body": "x"})
    nulls = dict.fromkeys(("id", "subject", "channel", "thread", "history"))
    assert jsonl.ticket({"body": "x", **nulls}) == bare
    assert bare[1] == History()


def test_labels_are_not_looked_at() -> None:
    """A row reads the same with its labels and without."""
    labels = {"charge": "charged", "intent": "fraud_or_security", "bot_may_answer": False, "why": "x"}
    assert jsonl.ticket({"body": "x", **labels}) == jsonl.ticket({"body": "x"})


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ([], "JSON object"),
        ({}, "body"),
        ({"body": 3}, "body"),
        ({"body": "x", "subject": 3}, "subject"),
        ({"body": "x", "channel": []}, "channel"),
        ({"body": "x", "id": 1.5}, "id"),
        ({"body": "x", "thread": {}}, "thread"),
        ({"body": "x", "thread": ["a"]}, r"thread\[0\]"),
        ({"body": "x", "thread": [{"author": "boss", "body": "a"}]}, r"thread\[0\].author"),
        ({"body": "x", "thread": [{"author": "bot"}]}, r"thread\[0\].body"),
        ({"body": "x", "history": []}, "history"),
        ({"body": "x", "history": {"reopens": "2"}}, "history.reopens"),
        ({"body": "x", "history": {"days_open": -1}}, "history.days_open"),
        ({"body": "x", "history": {"bad_ratings": True}}, "history.bad_ratings"),
    ],
)
def test_a_bad_row_names_its_field(row: Any, field: str) -> None:
    """What cannot be understood says which field is at fault."""
    with pytest.raises(NotUnderstood, match=field):
        jsonl.ticket(row)


def test_a_line_holds_every_key() -> None:
    """The line that is written has the fixed keys, and is JSON."""
    ticket, history = jsonl.ticket({"id": "d001", "body": "Where is my order? I am worried"})
    line = jsonl.line("d001", analysis.read(ticket, history), False, 1.5)
    assert list(json.loads(json.dumps(line))) == [
        "id",
        "sentiment",
        "charge",
        "emotions",
        "urgency",
        "intent",
        "bot_may_answer",
        "language",
        "confidence",
        "evidence",
        "ms",
    ]
    assert set(line["evidence"][0]) == {"signal", "quote", "start", "end", "weight", "reason"}
    assert (line["id"], line["bot_may_answer"], line["ms"]) == ("d001", False, 1.5)
