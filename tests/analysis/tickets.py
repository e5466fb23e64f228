"""Tickets for the readers, made from the few words that a test is about.

It must not know how anything is read.
"""

from __future__ import annotations

from integration import analysis, jsonl
from integration.model import Reading


def read(body: str, subject: str = "", **row: object) -> Reading:
    """The reading of a ticket with these words."""
    ticket, history = jsonl.ticket({"body": body, "subject": subject, **row})
    return analysis.read(ticket, history)
