"""Knows how Zendesk writes a ticket, its comments, its people and its past, and reads them into our nouns.

It must not judge what was written, nor fetch what is missing: it says whose entries are needed and reads the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from integration.model import (
    Desk,
    Field,
    History,
    Message,
    NotUnderstood,
    PastTicket,
    Priority,
    Requester,
    Sentiment,
    Status,
    Ticket,
    Who,
)
from integration.wire import values
from integration.wire.channels import is_messaging, spoken
from integration.wire.options import value_of
from integration.wire.values import Json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# LABELS.md counts the tickets of 90 days.
_HISTORY_WINDOW = timedelta(days=90)
_RATINGS = ("good", "bad", "offered")
_MACHINE_CHANNELS = frozenset({"rule", "system", "merge"})
# Tickets that others read as well, or that carry on another one; under `via` as its channel or its source's `rel`.
# https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/
_SHARED_VIA = frozenset({"ticket_sharing", "side_conversation", "closed_ticket", "follow_up", "merge"})
_MERGED_TAG = "closed_by_merge"
_BOT_TAG = "bot"


def ticket(row: Json, comments: Iterable[Json], users: Mapping[int, Json], desk: Desk) -> Ticket:
    """Read a ticket with its whole conversation. Raises NotUnderstood naming the field that is missing.

    `row` is the `ticket` of Show Ticket, `comments` those of List Comments in any order, `users` the users by id.
    https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
    """
    whose = requester_id(row)
    raw_channel = _channel(row)
    comments = list(comments)
    return Ticket(
        id=values.number(row.get("id"), "ticket.id"),
        subject=values.text(row.get("subject")),
        requester=_requester(whose, users.get(whose, {}), row),
        channel=spoken(raw_channel),
        status=_status(row),
        priority=_priority(row),
        tags=frozenset(values.words(row.get("tags"))),
        group_id=values.maybe_number(row.get("group_id")),
        assignee_id=values.maybe_number(row.get("assignee_id")),
        messages=_messages(comments, whose, users, desk),
        stamp=values.text(row.get("updated_at")),
        created_at=values.moment(row.get("created_at")) or _EPOCH,
        fields=our_fields(row, desk),
        from_messaging=values.flag(row.get("from_messaging_channel"), default=False) or is_messaging(raw_channel),
        has_ccs=_has_ccs(row),
        shared=_shared(row, comments),
        satisfaction=_satisfaction(row),
        given=_given(row, desk),
        type=values.word(row.get("type")),
        due_at=values.moment(row.get("due_at")),
    )


def status(row: Json) -> Status:
    """How the ticket stands. Raises NotUnderstood."""
    return _status(row)


def requester_id(row: Json) -> int:
    """Whose ticket it is. Raises NotUnderstood."""
    return values.number(row.get("requester_id"), "ticket.requester_id")


def authors(comments: Iterable[Json]) -> frozenset[int]:
    """The ids of the people who wrote the comments; ids of machines (zero and below) are left out."""
    ids = (values.maybe_number(comment.get("author_id")) for comment in comments)
    return frozenset(id_ for id_ in ids if id_ is not None and id_ > 0)


def our_fields(row: Json, desk: Desk) -> dict[Field, str | None]:
    """What stands in our fields, options as the desk writes them; a field that the ticket does not show is left out."""
    shown = row.get("custom_fields") if isinstance(row.get("custom_fields"), list) else row.get("fields")
    by_id = {values.maybe_number(one.get("id")): one.get("value") for one in values.objects(shown)}
    return {field: values.text(by_id[id_]).strip() or None for field, id_ in desk.fields.items() if id_ in by_id}


def _given(row: Json, desk: Desk) -> dict[int, str]:
    """What stands in custom fields that are not ours; lists and empty ones are left out."""
    ours = set(desk.fields.values())
    by_id = {values.maybe_number(one.get("id")): one.get("value") for one in values.objects(row.get("custom_fields"))}
    plain = {id_: values.text(value).strip() for id_, value in by_id.items() if not isinstance(value, bool)}
    return {id_: value for id_, value in plain.items() if id_ is not None and id_ not in ours and value}


def history(rows: Iterable[Json], now_ticket: Ticket, desk: Desk, now: datetime) -> History:
    """What the requester's tickets (`rows`, in any order, this one among them or not) say of them.

    Reopens are known only where the rows carry their metric set, as sideloaded by `include=metric_sets`.
    """
    known = [row for row in rows if values.maybe_number(row.get("id")) is not None]
    others = [row for row in known if values.maybe_number(row.get("id")) != now_ticket.id]
    past = sorted((_past(row, desk) for row in others), key=lambda one: (one.created_at, one.id), reverse=True)
    begun = [now_ticket.created_at, *(one.created_at for one in past)]
    reopens = [found for row in known if (found := _reopens(row)) is not None]
    return History(
        tickets_90d=sum(1 for at in begun if now - at <= _HISTORY_WINDOW),
        reopens=sum(reopens) if reopens else None,
        bad_ratings=sum(1 for row in others if _satisfaction(row) == "bad") + (now_ticket.satisfaction == "bad"),
        days_open=days_open(now_ticket, now),
        recent=tuple(past),
    )


def days_open(now_ticket: Ticket, now: datetime) -> int | None:
    """Whole days since the ticket was made; None where its birth is not known."""
    return None if now_ticket.created_at == _EPOCH else max((now - now_ticket.created_at).days, 0)


def _channel(row: Json) -> str:
    return values.word(values.mapping(row.get("via")).get("channel"))


def _requester(whose: int, user: Json, row: Json) -> Requester:
    return Requester(
        id=whose,
        name=values.text(user.get("name")),
        email=values.text(user.get("email")),
        locale=values.text(user.get("locale")),
        tags=frozenset(values.words(user.get("tags"))),
        # A deleted user stays on their tickets, inactive: mail does not reach them either.
        suspended=values.flag(user.get("suspended"), default=False)
        or not values.flag(user.get("active"), default=True),
        organization_id=values.maybe_number(row.get("organization_id") or user.get("organization_id")),
    )


def _status(row: Json) -> Status:
    name = values.word(row.get("status"))
    if name not in set(Status):
        raise NotUnderstood("ticket.status is missing or unknown")
    return Status(name)


def _priority(row: Json) -> Priority | None:
    name = values.word(row.get("priority"))
    return Priority(name) if name in set(Priority) else None


def _has_ccs(row: Json) -> bool:
    """`collaborator_ids` counts followers too, and speaks only where an account has no e-mail CCs."""
    ids = row.get("email_cc_ids")
    return bool(ids if isinstance(ids, list) else row.get("collaborator_ids"))


def _shared(row: Json, comments: Iterable[Json]) -> bool:
    rel = values.word(values.mapping(values.mapping(row.get("via")).get("source")).get("rel"))
    return bool(
        row.get("sharing_agreement_ids")
        or {_channel(row), rel} & _SHARED_VIA
        or _MERGED_TAG in values.words(row.get("tags"))
        or any(_channel(comment) == "merge" for comment in comments)
    )


def _satisfaction(row: Json) -> str:
    rating = row.get("satisfaction_rating")
    score = values.word(rating.get("score") if isinstance(rating, dict) else rating)
    return next((known for known in _RATINGS if score.startswith(known)), "")


def _messages(comments: Iterable[Json], whose: int, users: Mapping[int, Json], desk: Desk) -> tuple[Message, ...]:
    """Oldest first; the ids break ties, since several comments may share a second."""
    read = (_message(comment, whose, users, desk) for comment in comments)
    return tuple(sorted(read, key=lambda message: (message.at, message.id)))


def _message(comment: Json, whose: int, users: Mapping[int, Json], desk: Desk) -> Message:
    author_id = values.maybe_number(comment.get("author_id"))
    return Message(
        id=values.number(comment.get("id"), "comment.id"),
        who=_who(author_id, comment, whose, users, desk),
        text=_text(comment),
        at=values.moment(comment.get("created_at")) or _EPOCH,
        # Without a word on it, public: that silences us rather than lets us answer over a person.
        public=values.flag(comment.get("public"), default=True),
        author_id=author_id,
        ours=author_id == desk.self_id,
    )


def _text(comment: Json) -> str:
    """The text without markup; HTML only where there is nothing else."""
    forms = (values.text(comment.get(key)) for key in ("plain_body", "body", "html_body"))
    return next((form for form in forms if form.strip()), "")


def _who(author_id: int | None, comment: Json, whose: int, users: Mapping[int, Json], desk: Desk) -> Who:
    """Whoever is neither requester nor machine counts as an agent: staff, who has left, a partner, somebody in copy.

    Taken for the customer or for a rule, any of them would be talked over by a bot.
    """
    user = users.get(author_id, {}) if author_id is not None else {}
    if author_id == desk.self_id or (author_id is not None and author_id <= 0) or _BOT_TAG in _tags(user):
        return Who.BOT
    if author_id == whose:
        return Who.CUSTOMER  # also where the requester is staff: agents try things out on tickets of their own
    if _channel(comment) in _MACHINE_CHANNELS:
        return Who.SYSTEM
    return Who.AGENT


def _tags(user: Json) -> tuple[str, ...]:
    return tuple(tag.lower() for tag in values.words(user.get("tags")))


def _past(row: Json, desk: Desk) -> PastTicket:
    felt = value_of(Field.SENTIMENT, our_fields(row, desk).get(Field.SENTIMENT))
    status = values.word(row.get("status"))
    return PastTicket(
        id=values.number(row.get("id"), "ticket.id"),
        subject=values.text(row.get("subject")),
        status=Status(status) if status in set(Status) else Status.CLOSED,
        created_at=values.moment(row.get("created_at")) or _EPOCH,
        sentiment=Sentiment(felt) if felt in set(Sentiment) else None,
        assignee_id=values.maybe_number(row.get("assignee_id")),
        satisfaction=_satisfaction(row),
    )


def _reopens(row: Json) -> int | None:
    return values.maybe_number(values.mapping(row.get("metric_set")).get("reopens"))
