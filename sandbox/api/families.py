"""Knows which families of resources the REST API has, one file for each.
It must not know how documents are stored: that is `sandbox.state`."""

from sandbox.api import (
    account,
    apps,
    audits,
    bulk,
    comments,
    control,
    groups,
    incremental,
    macros,
    oauth,
    organizations,
    ratings,
    search,
    ticket_fields,
    tickets,
    triggers,
    users,
    views,
    webhooks,
)

BLUEPRINTS = tuple(
    family.blueprint
    for family in (
        account,
        apps,
        audits,
        bulk,
        comments,
        control,
        groups,
        incremental,
        macros,
        oauth,
        organizations,
        ratings,
        search,
        ticket_fields,
        tickets,
        triggers,
        users,
        views,
        webhooks,
    )
)

PUBLIC = frozenset({"account.articles_search"})
"""Endpoints that answer without a token."""
