"""The tables of Attune's own database, on SQLite and PostgreSQL alike.

It must not hold a customer's words: scores, ids, offsets and reasons only; texts stay in Zendesk.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Float, Index, MetaData, String, Table, Text

metadata = MetaData()

# What install answers for in the account: the ledger that uninstall reads.
resource = Table(
    "resource",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("zendesk_id", String(80), nullable=False),
    Column("made_by_us", Boolean, nullable=False),
    Column("definition", String(80), nullable=False),
    Column("title", String(300), nullable=False, default=""),
)

# Exactly one row per event taken from the queue. `state` is `intended` from just before the write until it is known.
outcome = Table(
    "outcome",
    metadata,
    Column("delivery_id", String(200), primary_key=True),
    Column("ticket_id", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("message_id", BigInteger),
    Column("requester_id", BigInteger),
    Column("because", Text, nullable=False, default=""),
    Column("replied", Boolean, nullable=False, default=False),
    Column("sentiment", String(20)),
    Column("charge", String(20)),
    Column("urgency", String(20)),
    Column("intent", String(40)),
    Column("seconds", Float),  # from the customer's message to the outcome
    Column("reading", JSON(none_as_null=True)),  # else nothing would be the JSON text `null`, which is something
    Column("plan", JSON, nullable=False),
    Column("applied", JSON(none_as_null=True)),
    Column("notes", JSON, nullable=False),
    Column("stamp", String(40), nullable=False, default=""),  # the ticket's version after our write
    Index("outcome_ticket", "ticket_id", "at"),
    Index("outcome_requester", "requester_id", "at"),
    Index("outcome_replied", "replied", "at"),
)

# A person changed one of our fields.
correction = Table(
    "correction",
    metadata,
    Column("delivery_id", String(200), primary_key=True),
    Column("field", String(20), primary_key=True),
    Column("ticket_id", BigInteger, nullable=False, index=True),
    Column("message_id", BigInteger),
    Column("was", String(80), nullable=False),
    Column("is_now", String(80), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

# Small values: rules, the sealed webhook secret, the pause, the export cursor.
keep = Table("keep", metadata, Column("name", String(80), primary_key=True), Column("value", Text, nullable=False))

# Who works: a worker whose row is old is dead, and its events are taken over.
worker = Table(
    "worker",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("zendesk", String(300), nullable=False, default=""),  # what the last look at Zendesk said
)
