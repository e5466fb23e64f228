"""Zendesk's JSON ⇄ our nouns: the only place that knows Zendesk's field names.

It must not reach out: no network, clock, logging or environment, only values in and values out.
"""

from integration.wire.answers import answer, switched_off
from integration.wire.changes import applied, lesser, update
from integration.wire.conversation import authors, days_open, history, requester_id, ticket
from integration.wire.events import event
from integration.wire.export import unsolved
from integration.wire.options import REVIEW_TAG, option, option_tags, value_of
from integration.wire.values import moment

__all__ = [
    "REVIEW_TAG",
    "answer",
    "applied",
    "authors",
    "days_open",
    "event",
    "history",
    "lesser",
    "moment",
    "option",
    "option_tags",
    "requester_id",
    "switched_off",
    "ticket",
    "unsolved",
    "update",
    "value_of",
]
