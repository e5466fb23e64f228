"""Knows how tickets, comments and people of Zendesk are read, the tidy ones and the odd ones.

It must not fetch anything: JSON in, nouns out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import wire
from integration.model import Desk, Field, NotUnderstood, Priority, Sentiment, Status, Ticket, Who

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SELF, CUSTOMER, AGENT, ADMIN, FRIEND, ROBOT = 900, 11_000_000_001, 11_000_000_002, 11_000_000_003, 11_000_000_004, 5
DESK = Desk(self_id=SELF, fields={Field.SENTIMENT: 14_000_000_001, Field.MARKER: 14_000_000_004})
USERS: dict[int, dict[str, Any]] = {
    CUSTOMER: {
        "id": CUSTOMER,
        "name": "Ada",
        "email": "ada@example.com",
        "locale": "en-GB",
        "role": "end-user",
        "tags": ["vip"],
    },
    AGENT: {"id": AGENT, "role": "agent"},
    ADMIN: {"id": ADMIN, "role": "admin"},
    FRIEND: {"id": FRIEND, "role": "end-user"},
    ROBOT: {"id": ROBOT, "role": "agent", "tags": ["Bot"]},
    SELF: {"id": SELF, "role": "admin"},
}


def row(**changes: object) -> dict[str, Any]:
    return {
        "id": 42,
        "subject": "Where is my parcel?",
        "requester_id": CUSTOMER,
        "via": {"channel": "email", "source": {}},
        "status": "open",
        "priority": None,
        "tags": ["one", "two"],
        "group_id": 12,
        "assignee_id": None,
        "updated_at": "2026-11-21T11:59:00Z",
        "created_at": "2026-11-20T10:00:00Z",
        "custom_fields": [
            {"id": 14_000_000_001, "value": "attune_sentiment_very_negative"},
            {"id": 14_000_000_004, "value": "7"},
            {"id": 99, "value": "foreign"},
        ],
    } | changes


def comment(**changes: object) -> dict[str, Any]:
    return {
        "id": 7,
        "author_id": CUSTOMER,
        "plain_body": "plain",
        "body": "body",
        "html_body": "<p>html</p>",
        "public": True,
        "created_at": "2026-11-21T11:00:00Z",
        "via": {"channel": "email"},
    } | changes


def read(changes: dict[str, Any] | None = None, comments: list[dict[str, Any]] | None = None) -> Ticket:
    return wire.ticket(row(**(changes or {})), comments if comments is not None else [comment()], USERS, DESK)


def test_tidy_ticket_is_read_whole():
    """Every part of an ordinary ticket arrives under our own word for it."""
    ticket = read()
    assert (ticket.id, ticket.subject, ticket.channel, ticket.status) == (42, "Where is my parcel?", "email", "open")
    assert (ticket.requester.name, ticket.requester.email, ticket.requester.locale) == (
        "Ada",
        "ada@example.com",
        "en-GB",
    )
    assert ticket.requester.tags == {"vip"}
    assert ticket.tags == {"one", "two"}
    assert (ticket.group_id, ticket.assignee_id, ticket.priority) == (12, None, None)
    assert ticket.stamp == "2026-11-21T11:59:00Z"
    assert ticket.fields == {Field.SENTIMENT: "attune_sentiment_very_negative", Field.MARKER: "7"}
    assert [message.text for message in ticket.messages] == ["plain"]
    assert ticket.newest is ticket.messages[0]


def test_loose_ticket_is_read_alike():
    """Ids as text, upper-case words, tags in one text and null values are taken as they are meant."""
    ticket = read(
        {
            "id": "42",
            "requester_id": str(CUSTOMER),
            "status": "OPEN",
            "priority": "URGENT",
            "tags": "one two",
            "group_id": "12",
            "assignee_id": "",
            "subject": None,
            "via": None,
            "custom_fields": None,
            "satisfaction_rating": None,
        },
        [comment(id="7", author_id=str(CUSTOMER), public="true")],
    )
    assert (ticket.id, ticket.status, ticket.priority) == (42, Status.OPEN, Priority.URGENT)
    assert (ticket.tags, ticket.group_id, ticket.assignee_id) == ({"one", "two"}, 12, None)
    assert (ticket.subject, ticket.channel, ticket.fields, ticket.satisfaction) == ("", "", {}, "")
    assert ticket.messages[0].who is Who.CUSTOMER


@pytest.mark.parametrize(
    ("author", "channel", "who"),
    [
        (SELF, "api", Who.BOT),
        (ROBOT, "api", Who.BOT),
        (-1, "rule", Who.BOT),
        (0, "email", Who.BOT),
        (CUSTOMER, "email", Who.CUSTOMER),
        (CUSTOMER, "rule", Who.CUSTOMER),
        (FRIEND, "email", Who.AGENT),
        (AGENT, "web", Who.AGENT),
        (ADMIN, "web", Who.AGENT),
        (AGENT, "rule", Who.SYSTEM),
        (AGENT, "merge", Who.SYSTEM),
        (AGENT, "batch", Who.AGENT),
        (777, "web", Who.AGENT),
        (777, "rule", Who.SYSTEM),
        (None, "web", Who.AGENT),
    ],
)
def test_who_wrote_it(author: int | None, channel: str, who: Who):
    """The requester, machines and rules are told by id, tag and channel; everybody else is a person who has written."""
    message = read(comments=[comment(author_id=author, via={"channel": channel})]).messages[0]
    assert (message.who, message.ours) == (who, author == SELF)


@pytest.mark.parametrize("public", [True, False])
def test_words_of_somebody_in_copy_are_not_the_customers(public: bool):
    """A person in copy has written, but the message to be read stays the requester's own."""
    ticket = read(comments=[comment(), comment(id=8, author_id=FRIEND, public=public)])
    assert [message.who for message in ticket.messages] == [Who.CUSTOMER, Who.AGENT]
    assert ticket.newest is ticket.messages[0]


@pytest.mark.parametrize(
    ("changes", "via", "shared"),
    [
        ({}, "email", False),
        ({"sharing_agreement_ids": [], "via": {"channel": "web", "source": {"rel": None}}}, "email", False),
        ({"sharing_agreement_ids": [5]}, "email", True),
        ({"via": {"channel": "ticket_sharing"}}, "email", True),
        ({"via": {"channel": "side_conversation"}}, "email", True),
        ({"via": {"channel": "closed_ticket"}}, "email", True),
        ({"via": {"channel": "email", "source": {"rel": "follow_up"}}}, "email", True),
        ({"tags": ["closed_by_merge"]}, "email", True),
        ({}, "merge", True),
    ],
)
def test_tickets_of_more_than_one_desk_or_ticket_are_seen(changes: dict[str, Any], via: str, shared: bool):
    """Shared tickets, side conversations, follow-ups and merged tickets are marked as such."""
    assert read(changes, [comment(), comment(id=8, via={"channel": via})]).shared is shared


def test_requester_on_the_staff_is_a_customer():
    """An agent who tries things out on a ticket of their own is read as its customer."""
    ticket = read({"requester_id": AGENT}, [comment(author_id=AGENT), comment(id=8, author_id=ADMIN)])
    assert [message.who for message in ticket.messages] == [Who.CUSTOMER, Who.AGENT]


def test_our_own_ticket_is_still_ours():
    """A comment of our own is ours, even on a ticket that we are the requester of."""
    message = read({"requester_id": SELF}, [comment(author_id=SELF)]).messages[0]
    assert (message.who, message.ours) == (Who.BOT, True)


def test_comments_are_put_in_order():
    """The oldest comes first, whatever order they come in; comments of the same second go by their ids."""
    same = "2026-11-21T11:00:00Z"
    late = comment(id=3, created_at="2026-11-21T11:00:01Z")
    ticket = read(comments=[late, comment(id=9, created_at=same), comment(id=8, created_at=same)])
    assert [message.id for message in ticket.messages] == [8, 9, 3]


@pytest.mark.parametrize(
    ("forms", "text"),
    [
        ({}, "plain"),
        ({"plain_body": None}, "body"),
        ({"plain_body": "  ", "body": ""}, "<p>html</p>"),
        ({"plain_body": None, "body": None, "html_body": None}, ""),
    ],
)
def test_text_comes_without_markup_where_it_can(forms: dict[str, Any], text: str):
    """The plain text is read first, and HTML only where there is nothing else."""
    assert read(comments=[comment(**forms)]).messages[0].text == text


@pytest.mark.parametrize(("public", "read_as"), [(False, False), ("false", False), (True, True), (None, True)])
def test_comment_without_a_word_on_it_is_public(public: object, read_as: bool):
    """Taken for public, an unclear comment of a person's keeps us silent."""
    assert read(comments=[comment(public=public)]).messages[0].public is read_as


@pytest.mark.parametrize(
    ("theirs", "ours", "messaging"),
    [
        ("email", "email", False),
        ("mail", "email", False),
        ("Mail", "email", False),
        ("web", "web", False),
        ("web_form", "web", False),
        ("web_service", "api", False),
        ("api", "api", False),
        ("mobile_sdk", "mobile", False),
        ("chat_transcript", "chat", False),
        ("native_messaging", "native_messaging", True),
        ("whatsapp", "native_messaging", True),
        ("instagram_dm", "native_messaging", True),
        ("sunshine_conversations_something_new", "native_messaging", True),
        ("sms", "sms", False),
        ("phone_call_inbound", "voice", False),
        ("voicemail", "voice", False),
        ("twitter", "twitter", False),
        ("facebook", "facebook", False),
        ("side_conversation", "side_conversation", False),
        ("", "", False),
    ],
)
def test_channels_have_one_name(theirs: str, ours: str, messaging: bool):
    """Zendesk's many names for a channel become ours; a new one keeps its own, which allows nothing."""
    ticket = read({"via": {"channel": theirs}})
    assert (ticket.channel, ticket.from_messaging) == (ours, messaging)


def test_messaging_is_also_told_by_its_flag():
    """The ticket's own flag counts, whatever the channel's name."""
    assert read({"from_messaging_channel": True, "via": {"channel": "web"}}).from_messaging


@pytest.mark.parametrize(
    ("ids", "has_ccs"),
    [
        ({"email_cc_ids": [1]}, True),
        ({"email_cc_ids": [], "collaborator_ids": [1]}, False),
        ({"collaborator_ids": [1]}, True),
        ({"email_cc_ids": None, "collaborator_ids": None}, False),
        ({}, False),
    ],
)
def test_copies_are_seen(ids: dict[str, Any], has_ccs: bool):
    """People in copy are seen; followers, whom the old list also counts, are not copies where CCs are told apart."""
    assert read(ids).has_ccs is has_ccs


@pytest.mark.parametrize(
    ("rating", "said"),
    [
        ({"score": "good", "comment": "x"}, "good"),
        ({"score": "badwithcomment"}, "bad"),
        ({"score": "bad_with_comment"}, "bad"),
        ({"score": "offered"}, "offered"),
        ({"score": "unoffered"}, ""),
        ("good", "good"),
        (None, ""),
    ],
)
def test_ratings_are_read(rating: object, said: str):
    """Of a rating only good, bad and offered are known."""
    assert read({"satisfaction_rating": rating}).satisfaction == said


def test_suspended_requester_is_seen():
    """A requester whom the desk has suspended is marked so; one who is not listed has empty details."""
    users = {CUSTOMER: USERS[CUSTOMER] | {"suspended": True}}
    assert wire.ticket(row(), [], users, DESK).requester.suspended
    assert wire.ticket(row(), [], {}, DESK).requester.name == ""


@pytest.mark.parametrize("missing", ["id", "requester_id", "status"])
def test_what_a_ticket_cannot_do_without_is_named(missing: str):
    """A ticket without its id, requester or status is not understood, and the field is named."""
    with pytest.raises(NotUnderstood, match=missing):
        read({missing: None})


def test_authors_are_the_people():
    """Of the authors, machines with ids of zero and below need no looking up."""
    ids = [CUSTOMER, str(AGENT), -1, 0, None, CUSTOMER]
    assert wire.authors([comment(author_id=id_) for id_ in ids]) == {CUSTOMER, AGENT}


def past(id_: int, created: str, **changes: object) -> dict[str, Any]:
    return row(id=id_, created_at=created, status="closed", **changes)


def test_history_counts_what_the_desk_knows():
    """Tickets of 90 days, reopens, bad ratings and the days this one is open are counted over all tickets given."""
    rows = [
        past(1, "2026-01-01T00:00:00Z", satisfaction_rating={"score": "bad"}, metric_set={"reopens": 2}),
        past(2, "2026-11-01T00:00:00Z", metric_set={"reopens": "1"}, custom_fields=[]),
        row(metric_set={"reopens": 0}),
    ]
    history = wire.history(rows, read({"satisfaction_rating": {"score": "bad"}}), DESK, NOW)
    assert (history.tickets_90d, history.reopens, history.bad_ratings, history.days_open) == (2, 3, 2, 1)
    assert [(one.id, one.sentiment) for one in history.recent] == [(2, None), (1, Sentiment.VERY_NEGATIVE)]


def test_history_does_not_make_up_reopens():
    """Where no ticket carries its metrics, reopens are not known; the ticket at hand counts as one of its own."""
    history = wire.history([{"id": None}, past(2, "2026-11-01T00:00:00Z", subject=None)], read(), DESK, NOW)
    assert (history.reopens, history.tickets_90d) == (None, 2)
    assert wire.history([], read(), DESK, NOW).tickets_90d == 1


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
TICKET_KEYS = sorted([*row(), "fields", "email_cc_ids", "satisfaction_rating", "from_messaging_channel", "metric_set"])


@given(
    st.dictionaries(st.sampled_from(TICKET_KEYS), anything, max_size=4),
    st.dictionaries(st.text(), anything, max_size=2),
)
def test_odd_ticket_is_read_or_not_understood(changes: dict[str, Any], extra: dict[str, Any]):
    """Whatever stands in a ticket's or a comment's keys, it is read or NotUnderstood names a field."""
    try:
        ticket = read({**extra, **changes}, [comment(**{**extra, **changes, "id": 3})])
        wire.history([row(**changes), row(**{**changes, "id": 7})], ticket, DESK, NOW)
    except NotUnderstood:
        return
