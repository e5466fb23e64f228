"""The tables of Attune's own database, on SQLite and PostgreSQL alike.

It must not hold a customer's words: scores, ids, offsets and reasons only; texts stay in Zendesk.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

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
    Column("assignee_id", BigInteger),  # whom we gave it to
    Column("undone_at", DateTime(timezone=True)),  # when this write was undone
    Column("gone_at", DateTime(timezone=True)),  # when we learned that the ticket was deleted
    Column("choice", String(20)),  # of a way out
    Column("note", Text, nullable=False, default="", server_default=""),  # of the event, such as a deleted user's id
    Index("outcome_ticket", "ticket_id", "at"),
    Index("outcome_requester", "requester_id", "at"),
    Index("outcome_replied", "replied", "at"),
    Column("drafted", Boolean, nullable=False, default=False, server_default=false()),  # the note holds a draft answer
    Index("outcome_at", "at"),  # retention goes by age
    Index("outcome_intent", "intent", "at"),
    Index("outcome_assignee", "assignee_id", "at"),
)

# A person changed one of our fields, or said in the sidebar what is wrong. A press in the sidebar is numbered in its
# `delivery_id`, so that pressing twice is one row.
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
    Column("by", BigInteger),  # the agent, where it is known
    Column("source", String(10), nullable=False, default="field", server_default="field"),
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

# Times booked with a person: one per ticket; `place` counts up to the capacity, so that none is given twice.
booking = Table(
    "booking",
    metadata,
    Column("ticket_id", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", DateTime(timezone=True), nullable=False),
    Column("place", Integer, nullable=False),
    Column("language", String(8), nullable=False),
    Column("changes", Integer, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("slot", "place", name="booking_place"),
)

# On these tickets a customer asked for a person on our page: from that moment on, before anything stands in Zendesk.
wish = Table(
    "wish",
    metadata,
    Column("ticket_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

# What came back after an answer of ours: each answer once under each name.
echo = Table(
    "echo",
    metadata,
    Column("delivery_id", String(200), primary_key=True),  # of the outcome that holds the answer
    Column("kind", String(20), primary_key=True),
    Column("ticket_id", BigInteger, nullable=False),
    Column("intent", String(40), nullable=False),  # of the answer
    Column("word", String(200), nullable=False),  # ours, never the customer's
    Column("at", DateTime(timezone=True), nullable=False),
    Index("echo_intent", "intent", "at"),
)

# Every move of an intent on the ladder. Each follows one other, so that two workers cannot both write the same fall.
step = Table(
    "step",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("intent", String(40), nullable=False),
    Column("follows", Integer, nullable=False),  # the move before; 0 for the first
    Column("was", String(20), nullable=False),
    Column("is_now", String(20), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("because", Text, nullable=False),
    Column("by", String(20), nullable=False),
    Column("ticket_id", BigInteger),  # where one ticket brought it about
    Column("told_at", DateTime(timezone=True)),  # when that ticket got its note
    UniqueConstraint("intent", "follows", name="step_follows"),
)

# Everything that an admin switched: what stood there and what stands there now.
switch = Table(
    "switch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("by", String(20), nullable=False),
    Column("what", String(200), nullable=False),
    Column("was", String(300), nullable=False),
    Column("is_now", String(300), nullable=False),
    Column("because", Text, nullable=False),
)

# Who is signed in to the dashboard, by a digest of the name in their cookie: signing out removes the row.
visit = Table(
    "visit",
    metadata,
    Column("mark", String(64), primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("may_switch", Boolean, nullable=False),
)

# Links that open the dashboard once: what stands here was used.
spent = Table(
    "spent",
    metadata,
    Column("nonce", String(64), primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
)

# Tries of the admin password, by a keyed digest of the address: an address itself is nobody's business.
attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("place", String(64), nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
)

# How each ticket went: one row per ticket, written anew whenever it is loaded; counts, times and labels only.
course = Table(
    "course",
    metadata,
    Column("ticket_id", BigInteger, primary_key=True, autoincrement=False),
    Column("requester_id", BigInteger, nullable=False),
    Column("channel", String(40), nullable=False),
    Column("language", String(8), nullable=False),
    Column("intent", String(40)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("first_reply_at", DateTime(timezone=True)),
    Column("first_person_at", DateTime(timezone=True)),
    Column("solved_at", DateTime(timezone=True)),
    Column("solved", Boolean, nullable=False),
    Column("reopens", Integer, nullable=False),
    Column("customer_messages", Integer, nullable=False),
    Column("agent_messages", Integer, nullable=False),
    Column("our_replies", Integer, nullable=False),
    Column("asked_again", Integer),  # null where nobody counts it
    Column("wanted_person", Boolean, nullable=False),
    Column("way_out", Boolean, nullable=False),
    Column("rating", String(8), nullable=False),
    Column("first_message_id", BigInteger),
    Column("first_at", DateTime(timezone=True)),
    Column("first_sentiment", String(20)),
    Column("first_polarity", Float),
    Column("first_charge", String(20)),
    Column("last_message_id", BigInteger),
    Column("last_at", DateTime(timezone=True)),
    Column("last_sentiment", String(20)),
    Column("last_polarity", Float),
    Column("last_charge", String(20)),
    Column("worst", String(20)),
    Column("kept_by", String(20), nullable=False),  # the group; GROUP is a word of SQL's own
    Column("assignee_id", BigInteger),
    Column("touched", Boolean, nullable=False),
    Column("drafted", Boolean, nullable=False),
    Column("held", JSON, nullable=False),  # our own reasons
    Column("corrected", String(80), nullable=False),  # labels, by comma
    Column("judged", String(80), nullable=False),
    Column("promises_open", Integer, nullable=False),
    Column("next_due", DateTime(timezone=True)),
    Index("course_asked", "asked_at"),
    Index("course_requester", "requester_id"),
    Index("course_seen", "seen_at"),  # retention goes by age
    Index("course_open", "solved", "promises_open"),
    Index("course_carried", "solved", "last_charge"),
)
