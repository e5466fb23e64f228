"""Zendesk's JSON ⇄ our nouns: the only place that knows Zendesk's field names.

It must not reach out: no network, clock, logging or environment, only values in and values out.
"""

from integration.wire.answers import answer, plain_text, switched_off
from integration.wire.articles import help_centers, public_articles
from integration.wire.audits import merely_reopened
from integration.wire.changes import applied, lesser, update
from integration.wire.conversation import authors, days_open, history, requester_id, status, ticket
from integration.wire.events import event
from integration.wire.export import gone, left, unsolved
from integration.wire.options import REVIEW_TAG, option, option_tags, value_of
from integration.wire.restoring import not_restored, restoring, restoring_less, version
from integration.wire.team import (
    agents,
    availability,
    groups,
    held,
    members,
    omnichannel,
    organization,
    private_groups,
    staff,
)
from integration.wire.values import moment

__all__ = [
    "REVIEW_TAG",
    "agents",
    "answer",
    "applied",
    "authors",
    "availability",
    "days_open",
    "event",
    "gone",
    "groups",
    "held",
    "help_centers",
    "history",
    "left",
    "lesser",
    "members",
    "merely_reopened",
    "moment",
    "not_restored",
    "omnichannel",
    "option",
    "option_tags",
    "organization",
    "plain_text",
    "private_groups",
    "public_articles",
    "requester_id",
    "restoring",
    "restoring_less",
    "staff",
    "status",
    "switched_off",
    "ticket",
    "unsolved",
    "update",
    "value_of",
    "version",
]
